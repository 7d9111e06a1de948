package recompute

import (
	"context"
	"fmt"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"

	"ringside/ingest"
	"ringside/internal/history"
)

// checkEvents makes sure that what is to be read is whole: a repair from part of the events would spoil what is right.
func (r *Recompute) checkEvents(ctx context.Context) error {
	var n, empty uint64
	var first, last time.Time
	named := r.reader.Parameters(clickhouse.Named("from", r.span.From), clickhouse.Named("to", r.span.To))
	err := r.db.Conn().QueryRow(ctx, `SELECT count(), countIf(body = ''), minIf(happened_at, body = ''), maxIf(happened_at, body = '')
FROM `+r.main("events_versions")+" WHERE organization_id = {organization:UUID} AND happened_at >= "+history.MicrosText("from")+
		" AND happened_at < "+history.MicrosText("to"), named...).Scan(&n, &empty, &first, &last)
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
WHERE (call_id, begun) NOT IN (SELECT call_id, at FROM (`+r.reader.Facts("from", "to")+`))`,
			r.reader.Parameters(clickhouse.Named("date", d.String()), clickhouse.Named("from", d.Micros()),
				clickhouse.Named("to", (d+1).Micros()))...).Scan(&missing, &first, &last)
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
