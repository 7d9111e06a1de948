package recompute

import (
	"context"
	"fmt"
	"strings"

	"github.com/google/uuid"

	"ringside/internal/engine"
	"ringside/store"
)

// openTarget opens the database that the result goes into: the store's own, or that of a what-if, made where need be.
func (r *Recompute) openTarget(ctx context.Context) error {
	r.target = r.db
	if r.WhatIf == nil {
		return nil
	}
	if r.Into == r.db.Database() {
		return fmt.Errorf("%s is the engine's own database: choose another one for --into", r.Into)
	}
	db, err := r.store.OpenDatabase(ctx, r.Into)
	if err != nil {
		return err
	}
	r.target = db
	return r.checkInto(ctx, db)
}

// checkInto migrates the database of a what-if. One that an engine fills is none.
func (r *Recompute) checkInto(ctx context.Context, db *store.DB) error {
	if err := db.Migrate(ctx); err != nil {
		return err
	}
	owners, err := db.Organizations(ctx)
	if err != nil {
		return err
	}
	for _, partition := range owners {
		if partition != engine.NoPartition {
			return fmt.Errorf("database %s is filled by an engine: choose another one for --into", r.Into)
		}
	}
	return nil
}

// describe adds the names of queues and agents, and the organization, to the database of a what-if.
func (r *Recompute) describe(ctx context.Context, into *store.DB) error {
	for _, table := range []string{"queues_versions", "agents_versions"} {
		columns, err := r.columnsOf(ctx, into, table)
		if err != nil {
			return err
		}
		list := strings.Join(columns, ", ")
		if err := r.exec(ctx, fmt.Sprintf("INSERT INTO %s (%[2]s, kafka_partition, version, is_deleted) SELECT %[2]s, %[3]d, %[4]d, 0 FROM %[5]s FINAL",
			in(into, table), list, engine.NoPartition, r.version(), r.scratch.table(table))); err != nil {
			return err
		}
	}
	writer, err := engine.NewWriter(into, r.Config, engine.NewMetrics())
	if err != nil {
		return err
	}
	writer.AddOrganization(engine.NoPartition, r.version(), r.Organization, r.From.Micros())
	return writer.Flush(ctx)
}

// Figures are sums of a queue over the dates of a what-if, and the percentages and means that follow. Nil is "nothing to
// divide by".
type Figures struct {
	Total, Answered, Abandoned int64
	// The service level in percent, by variant: see docs/METRICS.md, section 4.
	IgnoreShortAbandons, AllOffered, AnsweredOnly, ShortAbandonsMet *float64
	MeanWait                                                        *float64 // seconds
}

// Comparison is what was and what would have been of one queue.
type Comparison struct {
	Queue     uuid.UUID
	Name      string
	Was, Were Figures
}

// Compare returns the queues by name. It comes after Run of a what-if.
func (r *Recompute) Compare(ctx context.Context) ([]Comparison, error) {
	const figures = `sum(inbound_total_calls) AS total, sum(inbound_answered_calls) AS answered, sum(inbound_abandoned_calls) AS abandoned,
    100 * sumIf(level_met, threshold_us > 0) / nullIf(sumIf(level_answered + level_abandoned - level_short_abandons + level_failed, threshold_us > 0), 0) AS ignore_short_abandons,
    100 * sumIf(level_met, threshold_us > 0) / nullIf(sumIf(level_answered + level_abandoned + level_failed, threshold_us > 0), 0) AS all_offered,
    100 * sumIf(level_met, threshold_us > 0) / nullIf(sumIf(level_answered, threshold_us > 0), 0) AS answered_only,
    100 * sumIf(level_met + level_short_abandons, threshold_us > 0) / nullIf(sumIf(level_answered + level_abandoned + level_failed, threshold_us > 0), 0) AS short_abandons_met,
    sum(inbound_wait_sum_us) / nullIf(sum(inbound_wait_count), 0) / 1e6 AS mean_wait`
	side := func(database string) string {
		return "(SELECT queue_id, argMax(queue_name, queue_date) AS name, " + figures + " FROM `" + database + "`.queue_daily_call_metrics_versions" +
			" FINAL WHERE organization_id = {organization:UUID} AND queue_date >= {first:Date} AND queue_date <= {last:Date} GROUP BY queue_id)"
	}
	var list []string
	for _, s := range []string{"was", "were"} {
		for _, f := range []string{"total", "answered", "abandoned", "ignore_short_abandons", "all_offered", "answered_only", "short_abandons_met", "mean_wait"} {
			list = append(list, s+"."+f)
		}
	}
	rows, err := r.db.Conn().Query(ctx, "SELECT greatest(were.queue_id, was.queue_id) AS id, if(were.name != '', were.name, was.name) AS queue, "+
		strings.Join(list, ", ")+" FROM "+side(r.db.Database())+" AS was FULL OUTER JOIN "+side(r.Into)+" AS were ON was.queue_id = were.queue_id ORDER BY queue, id",
		r.ranged()...)
	if err != nil {
		return nil, fmt.Errorf("compare: %w", err)
	}
	defer rows.Close()
	var out []Comparison
	for rows.Next() {
		var c Comparison
		fields := []any{&c.Queue, &c.Name}
		for _, f := range []*Figures{&c.Was, &c.Were} {
			fields = append(fields, &f.Total, &f.Answered, &f.Abandoned, &f.IgnoreShortAbandons, &f.AllOffered, &f.AnsweredOnly, &f.ShortAbandonsMet, &f.MeanWait)
		}
		if err := rows.Scan(fields...); err != nil {
			return nil, fmt.Errorf("compare: %w", err)
		}
		out = append(out, c)
	}
	return out, rows.Err()
}
