package recompute

import (
	"context"
	"fmt"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/google/uuid"

	"ringside/aggregate"
	"ringside/ingest"
	"ringside/internal/engine"
	"ringside/internal/history"
)

// held says what the engine that owns the organization can still write, as of its last checkpoint: what is final there
// stays final, since whoever goes on does so from that checkpoint or a later one.
type held struct {
	aggregate.Held
	set *aggregate.Settings
	to  history.Date // as asked for
}

// last is the last date that is not held.
func (h *held) last() history.Date { return history.Date(h.Date) - 1 }

// findHeld reads the checkpoint of the partition that the organization belongs to. Where several groups have one, each
// may go on some day.
func (r *Recompute) findHeld(ctx context.Context) error {
	places, err := r.db.Organizations(ctx)
	if err != nil {
		return err
	}
	partition, known := places[r.Organization]
	if !known {
		return fmt.Errorf("organization %s is not in this store; it has those of `ringside sql 'SELECT organization_id FROM organizations'`",
			r.Organization)
	}
	if partition == engine.NoPartition || r.WhatIf != nil { // a what-if writes nothing that an engine could write
		return nil
	}
	groups, err := r.groups(ctx, partition)
	if err != nil {
		return err
	}
	set, err := r.Config.Settings()
	if err != nil {
		return err
	}
	for _, group := range groups {
		h, found, err := r.heldBy(ctx, set, group, partition)
		if err != nil {
			return err
		}
		if found && (r.held == nil || h.Date < r.held.Date) {
			r.held = &held{h, set, r.To}
		}
	}
	if r.held == nil {
		return fmt.Errorf("the engine of organization %s has not saved its state yet, so that nobody knows what it still holds: "+
			"try again in a minute, or start the engine if it is stopped", r.Organization)
	}
	return nil
}

func (r *Recompute) groups(ctx context.Context, partition int32) (groups []string, err error) {
	rows, err := r.db.Conn().Query(ctx, "SELECT kafka_group FROM checkpoint_manifests WHERE kafka_partition = {partition:Int32}",
		clickhouse.Named("partition", partition))
	if err != nil {
		return nil, fmt.Errorf("read checkpoints: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var group string
		if err := rows.Scan(&group); err != nil {
			return nil, fmt.Errorf("read checkpoints: %w", err)
		}
		groups = append(groups, group)
	}
	return groups, rows.Err()
}

// heldBy restores what is needed of a checkpoint to know what is held.
func (r *Recompute) heldBy(ctx context.Context, set *aggregate.Settings, group string, partition int32) (aggregate.Held, bool, error) {
	core := aggregate.New(set)
	_, found, err := r.db.LoadCheckpoint(ctx, group, partition, func(e aggregate.Entity) error {
		if e.OrganizationID != r.Organization && e.OrganizationID != uuid.Nil {
			return nil
		}
		return core.Restore(e)
	})
	if err != nil || !found {
		return aggregate.Held{}, false, err
	}
	h, known := core.Held(r.Organization)
	return h, known, nil
}

// LeftAlone says which dates a running engine still holds, and from when on they can be repaired; "" if there are none.
func (r *Recompute) LeftAlone() string {
	h := r.held
	if h == nil || h.to <= h.last() {
		return ""
	}
	first := max(r.From, history.Date(h.Date))
	dates := first.String()
	if h.to > first {
		dates = fmt.Sprintf("%s to %s", first, h.to)
	}
	// Windows are looked at every hour; calls go once nothing can follow them.
	free := ingest.FromMicros((first + 1).Micros() + 12*time.Hour.Microseconds()).Add(h.set.Lateness + max(h.set.Linger, time.Hour))
	const layout = "2006-01-02 15:04"
	return fmt.Sprintf("%s: its events have come to %s UTC; %s can be repaired once they have passed %s UTC, and no call of that day is still on",
		dates, h.Horizon.Go().Format(layout), first, free.Go().Format(layout))
}
