package recompute

import (
	"context"
	"fmt"
	"strings"

	"github.com/ClickHouse/clickhouse-go/v2"

	"ringside/internal/engine"
	"ringside/internal/history"
	"ringside/store"
)

// diffed is a table whose rows in the scratch database are compared with those of the target.
type diffed struct {
	name  string
	key   []string // after the organization
	day   string   // the UTC or local date by which it is gone through
	date  string   // the date by which a row is in the range
	whole string   // what moves as a whole: where one of its rows is in the range, all are; "": each row by itself

	values []string // columns of the row that are compared
	days   []dayOfDiff
}

type dayOfDiff struct {
	date    history.Date
	changes Changes
}

// tables returns those that are repaired.
func (r *Recompute) tables() []diffed {
	return []diffed{
		{name: "calls", key: []string{"call_date", "call_id", "queue_id", "direction", "visit"}, day: "call_date", date: "call_date", whole: "call_id"},
		{name: "queue_daily_call_metrics", key: []string{"queue_date", "queue_id"}, day: "queue_date", date: "queue_date"},
		{name: "queue_interval_metrics", key: []string{"interval_start", "queue_id"}, day: "toDate(interval_start)", date: "queue_date"},
		{name: "agent_interval_metrics", key: []string{"interval_start", "agent_id", "queue_id"}, day: "toDate(interval_start)", date: "toDate(interval_start)"},
	}
}

func (t *diffed) versions() string { return t.name + "_versions" }
func (t *diffed) diff() string     { return "diff_" + t.name }
func (t *diffed) keys() string     { return strings.Join(t.key, ", ") }

const (
	added = iota
	changed
	removed
)

// find fills the table of differences.
func (t *diffed) find(ctx context.Context, r *Recompute, target *store.DB) error {
	if err := t.columns(ctx, r, target); err != nil {
		return err
	}
	texts := make([]string, len(t.values))
	for i, column := range t.values {
		texts[i] = "toString(" + column + ")" // ClickHouse hashes no maps
	}
	side := func(n int, database string) string {
		return fmt.Sprintf(`SELECT %[1]s, %[2]s AS row_date, %[3]d AS side, sipHash128(%[4]s) AS row_hash FROM %[5]s FINAL
WHERE organization_id = {organization:UUID} AND %[6]s = {day:Date}%[7]s`, t.keys(), t.date, n, strings.Join(texts, ", "), database, t.day, t.pruned())
	}
	fresh, old := r.scratch.table(t.versions()), in(target, t.versions())
	if err := r.exec(ctx, fmt.Sprintf("CREATE TABLE %s ENGINE = MergeTree ORDER BY tuple() AS SELECT %s, toDate(0) AS row_day, toUInt8(0) AS kind FROM %s LIMIT 0",
		r.scratch.table(t.diff()), t.keys(), fresh)); err != nil {
		return err
	}
	for day := r.From - 1; day <= r.To+1; day++ {
		err := r.exec(ctx, fmt.Sprintf(`INSERT INTO %[1]s SELECT %[2]s, {day:Date} AS row_day, multiIf(max(side) = 0, %[6]d, min(side) = 1, %[7]d, %[8]d) AS kind
FROM (%[3]s UNION ALL %[4]s)
GROUP BY %[2]s
HAVING (count() = 1 OR uniqExact(row_hash) > 1) AND max(row_date) <= {free:Date} AND (countIf(row_date >= {first:Date} AND row_date <= {last:Date}) > 0%[5]s)`,
			r.scratch.table(t.diff()), t.keys(), side(0, fresh), side(1, old), t.neighbours(r, target, day), added, removed, changed),
			r.ranged(clickhouse.Named("day", day.String()))...)
		if err != nil {
			return err
		}
	}
	return t.count(ctx, r)
}

// pruned narrows the sorting key, where the day is a function of it only.
func (t *diffed) pruned() string {
	if t.day == t.key[0] {
		return ""
	}
	return " AND interval_start >= toDateTime64({day:Date}, 6, 'UTC') AND interval_start < toDateTime64({day:Date}, 6, 'UTC') + INTERVAL 1 DAY"
}

// neighbours adds the rows, on the dates around the range, of what has a row on its first or last date.
func (t *diffed) neighbours(r *Recompute, target *store.DB, day history.Date) string {
	if t.whole == "" || r.From <= day && day <= r.To {
		return ""
	}
	ids := func(table string) string {
		return fmt.Sprintf("SELECT %s FROM %s FINAL WHERE organization_id = {organization:UUID} AND %s IN ({first:Date}, {last:Date})", t.whole, table, t.date)
	}
	return fmt.Sprintf(" OR %s IN (%s UNION DISTINCT %s)", t.whole,
		ids(r.scratch.table(t.versions())), ids(in(target, t.versions())))
}

// ranged are the parameters of the dates: first and last of the range, and free, the last that may be written.
func (r *Recompute) ranged(more ...any) []any {
	free := r.To + 1
	if r.WhatIf != nil {
		free = r.To
	} else if r.held != nil {
		free = min(free, r.held.last())
	}
	return r.reader.Parameters(append(more, clickhouse.Named("first", r.From.String()), clickhouse.Named("last", r.To.String()),
		clickhouse.Named("free", free.String()))...)
}

// columns reads what a row is made of.
func (t *diffed) columns(ctx context.Context, r *Recompute, target *store.DB) error {
	columns, err := r.columnsOf(ctx, target, t.versions())
	if err != nil {
		return err
	}
	for _, column := range columns {
		if column != "organization_id" {
			t.values = append(t.values, column)
		}
	}
	return nil
}

// columnsOf returns the columns of a table but those that tell who wrote a row.
func (r *Recompute) columnsOf(ctx context.Context, db *store.DB, table string) (columns []string, err error) {
	rows, err := r.db.Conn().Query(ctx, `SELECT name FROM system.columns WHERE database = {database:String} AND table = {table:String}
AND name NOT IN ('kafka_partition', 'version', 'is_deleted') ORDER BY position`,
		clickhouse.Named("database", db.Database()), clickhouse.Named("table", table))
	if err != nil {
		return nil, fmt.Errorf("read the columns of %s: %w", table, err)
	}
	defer rows.Close()
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			return nil, fmt.Errorf("read the columns of %s: %w", table, err)
		}
		columns = append(columns, name)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("read the columns of %s: %w", table, err)
	}
	if len(columns) == 0 {
		return nil, fmt.Errorf("%s has no table %s: run `ringside migrate`", db.Database(), table)
	}
	return columns, nil
}

func (t *diffed) count(ctx context.Context, r *Recompute) error {
	rows, err := r.db.Conn().Query(ctx, fmt.Sprintf("SELECT toInt32(row_day), toInt64(countIf(kind = %d)), toInt64(countIf(kind = %d)), toInt64(countIf(kind = %d)) FROM %s GROUP BY row_day ORDER BY row_day",
		changed, added, removed, r.scratch.table(t.diff())))
	if err != nil {
		return fmt.Errorf("count what differs: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var date int32
		var d dayOfDiff
		if err := rows.Scan(&date, &d.changes.Changed, &d.changes.Added, &d.changes.Removed); err != nil {
			return fmt.Errorf("count what differs: %w", err)
		}
		d.date = history.Date(date)
		t.days = append(t.days, d)
	}
	return rows.Err()
}

// write puts the differences into the target: rows as computed, and tombstones of those that are no more.
func (t *diffed) write(ctx context.Context, r *Recompute, target *store.DB) (done Changes, err error) {
	columns := "organization_id, " + strings.Join(t.values, ", ")
	insert := func(from string, deleted int, kinds string, day history.Date) error {
		return r.exec(ctx, fmt.Sprintf(`INSERT INTO %[1]s (%[2]s, kafka_partition, version, is_deleted)
SELECT %[2]s, %[3]d, %[4]d, %[5]d FROM %[6]s FINAL
WHERE organization_id = {organization:UUID} AND %[7]s = {day:Date}%[8]s AND (%[9]s) IN (SELECT %[9]s FROM %[10]s WHERE row_day = {day:Date} AND kind IN (%[11]s))`,
			in(target, t.versions()), columns, engine.NoPartition, r.version(), deleted, from, t.day, t.pruned(), t.keys(),
			r.scratch.table(t.diff()), kinds), r.reader.Parameters(clickhouse.Named("day", day.String()))...)
	}
	for _, d := range t.days {
		if d.changes.Added+d.changes.Changed > 0 {
			if err := insert(r.scratch.table(t.versions()), 0, fmt.Sprintf("%d, %d", added, changed), d.date); err != nil {
				return done, err
			}
			done.Added, done.Changed = done.Added+d.changes.Added, done.Changed+d.changes.Changed
		}
		if d.changes.Removed > 0 {
			if err := insert(in(target, t.versions()), 1, fmt.Sprint(removed), d.date); err != nil {
				return done, err
			}
			done.Removed += d.changes.Removed
		}
	}
	return done, nil
}

// checkRules refuses a repair that would judge days by other rules than they were judged by.
func (r *Recompute) checkRules(ctx context.Context) error {
	if r.WhatIf != nil || r.ApplyRules {
		return nil
	}
	const rules = "time_zone || ', ' || toString(threshold_us / 1e6) || ' s, short abandons ' || toString(short_abandon_us / 1e6) || ' s, target ' || toString(target) || ' %'"
	side := func(table string) string {
		return "(SELECT queue_date, queue_id, queue_name, " + rules + " AS rules FROM " + table +
			" FINAL WHERE organization_id = {organization:UUID} AND queue_date >= {first:Date} AND queue_date <= {last:Date})"
	}
	var n uint64
	var queue, was, is string
	var date int32
	err := r.db.Conn().QueryRow(ctx, `SELECT count(), any(toInt32(old.queue_date)), any(old.queue_name), any(old.rules), any(fresh.rules)
FROM `+side(r.main("queue_daily_call_metrics_versions"))+` AS old INNER JOIN `+side(r.scratch.table("queue_daily_call_metrics_versions"))+` AS fresh
ON old.queue_date = fresh.queue_date AND old.queue_id = fresh.queue_id WHERE old.rules != fresh.rules`, r.ranged()...).Scan(&n, &date, &queue, &was, &is)
	if err != nil {
		return fmt.Errorf("compare the rules: %w", err)
	}
	if n == 0 {
		return nil
	}
	return fmt.Errorf("%d days of queues were computed under other rules (queue %q on %s: %s; now %s): nothing was changed. "+
		"Name the engine's configuration with --config, or let the present rules apply with --apply-rules", n, queue, history.Date(date), was, is)
}
