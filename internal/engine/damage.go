package engine

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"ringside/store"
)

// damageEvery is how often damaged parts are looked for. ClickHouse finds them at its start, or when it merges.
const damageEvery = time.Minute

// watchDamage looks for damaged parts of the store until ctx ends: what it has acknowledged and lost, nobody else tells.
func (e *Engine) watchDamage(ctx context.Context) {
	w := damageWatch{log: e.Log, metrics: e.Metrics, said: map[string]uint64{}}
	t := time.NewTicker(damageEvery)
	defer t.Stop()
	for {
		found, err := e.Store.DB.Damaged(ctx)
		if ctx.Err() != nil {
			return
		}
		w.look(found, err)
		select {
		case <-ctx.Done():
			return
		case <-t.C:
		}
	}
}

// damageWatch publishes damaged parts, and logs those that were not there before. It is for one goroutine.
type damageWatch struct {
	log     *slog.Logger
	metrics *Metrics
	said    map[string]uint64 // parts by table
	blind   bool
}

func (w *damageWatch) look(found []store.Damage, err error) {
	if err != nil {
		if !w.blind {
			w.log.Info("cannot look for damaged parts of the store; it is tried again", "error", err)
		}
		w.blind = true
		return
	}
	w.blind = false
	now := make(map[string]uint64, len(found))
	for _, d := range found {
		now[d.Table] = d.Parts
		if d.Parts > w.said[d.Table] {
			w.log.Error(`ClickHouse has set damaged parts aside: rows that were stored may be missing. What to do: docs/OPERATIONS.md, "Damaged parts"`,
				"table", d.Table, "parts", d.Parts)
		}
	}
	for table := range w.said {
		if _, still := now[table]; !still {
			w.metrics.damagedParts(table, 0)
		}
	}
	for table, n := range now {
		w.metrics.damagedParts(table, n)
	}
	w.said = now
}

// damagedParts publishes how many parts of a table are damaged.
func (m *Metrics) damagedParts(table string, n uint64) {
	m.set.GetOrCreateGauge(fmt.Sprintf("ringside_store_damaged_parts{table=%q}", table), nil).Set(float64(n))
}
