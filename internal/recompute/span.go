package recompute

import (
	"context"
	"fmt"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"

	"ringside/ingest"
)

// span is what has to be read so that every call that touches the dates is whole, in µs since the Unix epoch.
type span struct {
	from, to int64 // events from, and before
}

// easternmost is how far ahead of UTC a local date can be, westernmost how far behind.
const (
	easternmost = 14 * int64(time.Hour/time.Microsecond)
	westernmost = 12 * int64(time.Hour/time.Microsecond)
)

// silence is the longest pause after which an event still belongs to a call.
func (r *Recompute) silence() int64 {
	s := r.settings
	return (max(s.MaxAgeAnswered, s.MaxAgeUnanswered) + s.Linger).Microseconds()
}

// lookAround is how far calls are followed at first; it grows where that does not suffice.
const lookAround = 7 * dayMicros

// findSpan widens the dates, a day on either side for calls that a late event moves to another date, to the calls that
// reach beyond them.
func (r *Recompute) findSpan(ctx context.Context) error {
	begin, end := (r.From-1).micros()-easternmost, (r.To+2).micros()+westernmost
	lead := r.silence() + r.settings.Lateness.Microseconds()
	history, newest, err := r.history(ctx)
	if err != nil {
		return err
	}
	first := begin
	for around := lookAround; ; around *= 4 {
		at, found, err := r.instant(ctx, "min", begin-around, begin, [][2]int64{{begin - r.silence(), begin}, {begin, begin + r.silence()}})
		if err != nil {
			return err
		}
		if found {
			first = at
		}
		if !found || at > begin-around+r.silence() || begin-around <= history {
			break
		}
	}
	last := end
	for around := lookAround; ; around *= 4 {
		at, found, err := r.instant(ctx, "max", end, end+around, [][2]int64{{end - r.silence(), end}})
		if err != nil {
			return err
		}
		if found {
			last = at
		}
		if !found || at < end+around-r.silence() || end+around >= newest {
			break
		}
	}
	r.span = span{first - lead, last + lead}
	return r.passEnd(ctx)
}

// passEnd extends the span to the first event after it, which takes the clock past everything that silence ends.
func (r *Recompute) passEnd(ctx context.Context) error {
	var at int64
	var n uint64
	err := r.db.Conn().QueryRow(ctx, "SELECT count(), toUnixTimestamp64Micro(min(happened_at)) FROM "+r.main("events_versions")+
		" WHERE organization_id = {organization:UUID} AND happened_at >= "+microsText("to"),
		r.parameters(clickhouse.Named("to", r.span.to))...).Scan(&n, &at)
	if err != nil {
		return fmt.Errorf("read events: %w", err)
	}
	if n > 0 {
		r.span.to = at + 1
	}
	return nil
}

// history returns the instants of the oldest and the newest event kept.
func (r *Recompute) history(ctx context.Context) (oldest, newest int64, err error) {
	err = r.db.Conn().QueryRow(ctx, `SELECT toUnixTimestamp64Micro(min(happened_at)), toUnixTimestamp64Micro(max(happened_at))
FROM `+r.main("events_versions")+" WHERE organization_id = {organization:UUID}", r.parameters()...).Scan(&oldest, &newest)
	if err != nil {
		return 0, 0, fmt.Errorf("read events: %w", err)
	}
	return oldest, newest, nil
}

// instant returns the first or last fact in [from, to) of the calls that have one in each of the spans.
func (r *Recompute) instant(ctx context.Context, function string, from, to int64, spans [][2]int64) (at int64, found bool, err error) {
	named := r.parameters(clickhouse.Named("from", from), clickhouse.Named("to", to))
	condition := ""
	for i, s := range spans {
		a, b := fmt.Sprintf("a%d", i), fmt.Sprintf("b%d", i)
		named = append(named, clickhouse.Named(a, s[0]), clickhouse.Named(b, s[1]))
		condition += fmt.Sprintf(" AND call_id IN (SELECT call_id FROM (%s) WHERE call_id != toUUID('00000000-0000-0000-0000-000000000000'))",
			r.facts(a, b))
	}
	var n uint64
	err = r.db.Conn().QueryRow(ctx, fmt.Sprintf("SELECT count(), %s(at) FROM (%s) WHERE 1%s", function, r.facts("from", "to"), condition),
		named...).Scan(&n, &at)
	if err != nil {
		return 0, false, fmt.Errorf("look for calls that reach beyond the dates: %w", err)
	}
	return at, n > 0, nil
}

// facts selects the instants and calls of events, late ones included, between two parameters.
func (r *Recompute) facts(from, to string) string {
	text := ""
	for i, table := range []string{r.main("events_versions"), r.scratch.table("late_input")} {
		if i > 0 {
			text += " UNION ALL "
		}
		// An event stamped ahead of its receipt, by a day at most, has happened at its receipt.
		text += fmt.Sprintf("SELECT toUnixTimestamp64Micro(%[1]s) AS at, call_id FROM %[2]s WHERE organization_id = {organization:UUID}"+
			" AND happened_at >= %[3]s AND happened_at < %[4]s + INTERVAL 1 DAY AND %[1]s >= %[3]s AND %[1]s < %[4]s",
			effective, table, microsText(from), microsText(to))
	}
	return text
}

// skewed tells the events that are taken to have happened at their receipt; effective is when any has happened.
const (
	skewed    = "(received_at > toDateTime64(0, 6, 'UTC') AND happened_at > received_at + toIntervalMicrosecond({skew:Int64}))"
	effective = "if(" + skewed + ", received_at, happened_at)"
)

// microsText is a parameter in µs as an instant.
func microsText(parameter string) string {
	return "fromUnixTimestamp64Micro({" + parameter + ":Int64}, 'UTC')"
}

// parameters are those of most statements.
func (r *Recompute) parameters(more ...any) []any {
	return append([]any{
		clickhouse.Named("organization", r.Organization.String()),
		clickhouse.Named("skew", r.settings.FutureSkew.Microseconds()),
	}, more...)
}

// checkEvents makes sure that what is to be read is whole: a repair from part of the events would spoil what is right.
func (r *Recompute) checkEvents(ctx context.Context) error {
	var n, empty uint64
	var first, last time.Time
	named := r.parameters(clickhouse.Named("from", r.span.from), clickhouse.Named("to", r.span.to))
	err := r.db.Conn().QueryRow(ctx, `SELECT count(), countIf(body = ''), minIf(happened_at, body = ''), maxIf(happened_at, body = '')
FROM `+r.main("events_versions")+" WHERE organization_id = {organization:UUID} AND happened_at >= "+microsText("from")+
		" AND happened_at < "+microsText("to"), named...).Scan(&n, &empty, &first, &last)
	if err != nil {
		return fmt.Errorf("read events: %w", err)
	}
	if empty > 0 {
		return fmt.Errorf("%d events of organization %s from %s to %s UTC are kept without their bodies: nothing was changed. "+
			"Dates can be recomputed if store.events was full on them and around them", empty, r.Organization,
			first.Format(time.DateTime), last.Format(time.DateTime))
	}
	r.total = int64(n)
	var late uint64
	if err := r.db.Conn().QueryRow(ctx, "SELECT count() FROM "+r.scratch.table("late_input")).Scan(&late); err != nil {
		return fmt.Errorf("read late events: %w", err)
	}
	r.total += int64(late)
	if r.WhatIf != nil {
		return r.checkCalls(ctx, "")
	}
	return r.checkCalls(ctx, ": nothing was changed")
}

// checkCalls looks for calls whose first event is not there: retention dropped it, or it was never kept.
func (r *Recompute) checkCalls(ctx context.Context, consequence string) error {
	for d := r.From; d <= r.To; d++ {
		var missing uint64
		var first, last int64
		err := r.db.Conn().QueryRow(ctx, `SELECT count(), min(begun), max(begun) FROM (
SELECT call_id, toUnixTimestamp64Micro(min(begun_at)) AS begun FROM `+r.main("calls_versions")+` FINAL
WHERE organization_id = {organization:UUID} AND call_date = {date:Date} GROUP BY call_id)
WHERE (call_id, begun) NOT IN (SELECT call_id, at FROM (`+r.facts("from", "to")+`))`,
			r.parameters(clickhouse.Named("date", d.String()), clickhouse.Named("from", d.micros()),
				clickhouse.Named("to", (d+1).micros()))...).Scan(&missing, &first, &last)
		if err != nil {
			return fmt.Errorf("look for the events of calls: %w", err)
		}
		if missing > 0 {
			return fmt.Errorf("the first events of %d calls of %s, begun from %s to %s UTC, are no longer kept, or never were (store.events, "+
				"store.retention.events_days)%s; choose dates of which all events are kept", missing, d,
				ingest.FromMicros(first).Go().Format(time.TimeOnly), ingest.FromMicros(last).Go().Format(time.TimeOnly), consequence)
		}
	}
	return nil
}
