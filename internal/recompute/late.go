package recompute

import (
	"context"
	"fmt"
	"strings"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/google/uuid"

	"ringside/internal/engine"
	"ringside/internal/history"
)

// The reasons of rows of late_events. How an event arrived stays: `late…` are counted as late, the others were accepted.
const (
	lateRepaired   = "late_repaired"   // counts since a recompute
	lateOrphan     = "late_orphan"     // belongs to no visit
	lateCopy       = "late_copy"       // of an event that counts
	orphan         = "orphan"          // accepted, and belongs to no visit
	orphanRepaired = "orphan_repaired" // was an orphan until a late event was counted
	orphanFound    = "orphan_found"    // counted until a late event was
)

// copyLate copies the late events: what comes in while this runs is neither read nor marked.
func (r *Recompute) copyLate(ctx context.Context) error {
	return r.exec(ctx, "INSERT INTO "+r.scratch.table("late_input")+" SELECT * FROM "+r.main("late_events_versions")+
		" FINAL WHERE organization_id = {organization:UUID} AND startsWith(reason, 'late')", r.reader.Parameters()...)
}

// findCopies finds the late events of which an event with the same id was accepted: that one counts.
func (r *Recompute) findCopies(ctx context.Context) error {
	return r.exec(ctx, "INSERT INTO "+r.scratch.table("late_copies")+" SELECT DISTINCT event_id FROM "+r.main("events_versions")+
		" WHERE organization_id = {organization:UUID} AND happened_at >= "+history.MicrosText("from")+" - INTERVAL 1 DAY AND happened_at < "+history.MicrosText("to")+
		" + INTERVAL 1 DAY AND event_id IN (SELECT event_id FROM "+r.scratch.table("late_input")+")",
		r.reader.Parameters(clickhouse.Named("from", r.span.From), clickhouse.Named("to", r.span.To))...)
}

// addCopies adds late events that are copies of other late events.
func (r *Recompute) addCopies(ctx context.Context, ids []uuid.UUID) error {
	if len(ids) == 0 {
		return nil
	}
	batch, err := r.db.Conn().PrepareBatch(ctx, "INSERT INTO "+r.scratch.table("late_copies")+" (event_id)")
	if err != nil {
		return fmt.Errorf("note copies: %w", err)
	}
	for _, id := range ids {
		if err := batch.Append(id); err != nil {
			return fmt.Errorf("note copies: %w", err)
		}
	}
	if err := batch.Send(); err != nil {
		return fmt.Errorf("note copies: %w", err)
	}
	return nil
}

// markLate says in late_events what became of late events and orphans. It returns how many late events count from now on.
func (r *Recompute) markLate(ctx context.Context) (repaired int64, err error) {
	columns, err := r.columnsOf(ctx, r.db, "late_events_versions")
	if err != nil {
		return 0, err
	}
	orphans := "(SELECT event_id FROM " + r.scratch.table("late_events_versions") + " FINAL)"
	inDates := "organization_id = {organization:UUID} AND happened_at >= " + history.MicrosText("begin") + " AND happened_at < " + history.MicrosText("end")
	named := r.reader.Parameters(clickhouse.Named("begin", r.From.Micros()), clickhouse.Named("end", (r.To+1).Micros()))
	late := r.main("late_events_versions") + " FINAL WHERE " + inDates
	lateOnes := late + " AND startsWith(reason, 'late') AND event_id IN (SELECT event_id FROM " + r.scratch.table("late_input") + ")"
	becomes := fmt.Sprintf("multiIf(event_id IN %s, '%s', event_id IN (SELECT event_id FROM %s), '%s', '%s')", orphans, lateOrphan,
		r.scratch.table("late_copies"), lateCopy, lateRepaired)
	err = r.db.Conn().QueryRow(ctx, "SELECT toInt64(countIf(toString(reason) != '"+lateRepaired+"' AND "+becomes+" = '"+lateRepaired+"')) FROM "+lateOnes, named...).Scan(&repaired)
	if err != nil {
		return 0, fmt.Errorf("count late events: %w", err)
	}
	for _, mark := range []struct{ rows, becomes, deleted string }{
		{lateOnes, becomes, "0"},
		{late + " AND startsWith(reason, 'orphan')", fmt.Sprintf("multiIf(reason = '%[1]s', '%[1]s', event_id IN %[2]s, '%[3]s', '%[4]s')",
			orphanFound, orphans, orphan, orphanRepaired), fmt.Sprintf("reason = '%s' AND event_id NOT IN %s", orphanFound, orphans)},
		{r.scratch.table("late_events_versions") + " FINAL WHERE " + inDates + " AND event_id NOT IN (SELECT event_id FROM " +
			r.main("late_events_versions") + " FINAL WHERE organization_id = {organization:UUID} AND happened_at >= " + history.MicrosText("begin") +
			" - INTERVAL 1 DAY AND happened_at < " + history.MicrosText("end") + " + INTERVAL 1 DAY)", "'" + orphanFound + "'", "0"},
	} {
		selected := make([]string, len(columns))
		for i, column := range columns {
			selected[i] = column
			if column == "reason" {
				selected[i] = mark.becomes + " AS marked"
			}
		}
		err := r.exec(ctx, fmt.Sprintf("INSERT INTO %s (%s, kafka_partition, version, is_deleted) SELECT %s, %d, %d, %s AS gone FROM %s AND (toString(reason) != marked OR gone)",
			r.main("late_events_versions"), strings.Join(columns, ", "), strings.Join(selected, ", "), engine.NoPartition, r.version(), mark.deleted,
			mark.rows), named...)
		if err != nil {
			return 0, err
		}
	}
	return repaired, nil
}

// correctAccounts keeps the accounts true to the orphans. The engine's own counts stay as they are; beside them stands,
// for each month, what recomputing has changed. Its place is the month, as -202603, which is no partition: it outlives
// the events of the month, and running again writes it again.
func (r *Recompute) correctAccounts(ctx context.Context) error {
	return r.exec(ctx, `INSERT INTO `+r.main("accounting_versions")+` (organization_id, received, accepted, duplicate, late, rejected, orphan, horizon, kafka_partition, version, is_deleted)
SELECT {organization:UUID}, 0, -found, 0, 0, 0, found, toDateTime64(0, 6, 'UTC'), place, `+fmt.Sprint(r.version())+`, 0
FROM (
    SELECT -toInt32(toYYYYMM(happened_at)) AS place, toInt64(countIf(reason = '`+orphanFound+`')) - toInt64(countIf(reason = '`+orphanRepaired+`')) AS found
    FROM `+r.main("late_events_versions")+` FINAL
    WHERE organization_id = {organization:UUID} AND toYYYYMM(happened_at) >= {first:UInt32} AND toYYYYMM(happened_at) <= {last:UInt32}
    GROUP BY place
) AS now
LEFT JOIN (SELECT kafka_partition, orphan FROM `+r.main("accounting_versions")+` FINAL WHERE organization_id = {organization:UUID}) AS then ON then.kafka_partition = now.place
WHERE now.found != then.orphan`,
		r.reader.Parameters(clickhouse.Named("first", r.From.Month()), clickhouse.Named("last", r.To.Month()))...)
}
