// Package reconcile compares the figures that the vendor has published of an organization and date with what its events
// give: docs/METRICS.md, section 8. The events go through a core in order of time; at each published figure's instant the
// core's figures are looked at. Where they differ, the other readings of docs/METRICS.md are tried, one at a time, and the
// calls are looked for by which the rest differs.
package reconcile

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/google/uuid"

	"ringside/aggregate"
	"ringside/internal/config"
	"ringside/internal/engine"
	"ringside/internal/history"
	"ringside/store"
)

// tolerance is how long before it is published a figure may have held: the vendor looks at its figures every 15 s.
const tolerance = 15 * int64(time.Second/time.Microsecond)

// Options say what to compare.
type Options struct {
	Config       *config.Config
	Organization uuid.UUID    // nil, for [Organizations] only: all
	Date         history.Date // the queue's local date, of a day's figures QueueDate
	Kinds        []string     // as KindNames has them; none: all
	Queues       []uuid.UUID  // none: all queues and lists

	// Progress, if set, is told what is being done, of how many events, and how to ask how many have been read. It returns
	// what is to be called at the end.
	Progress func(what string, total int64, read func() int64) (finish func())
	Log      *slog.Logger
}

// Reconcile is one run.
type Reconcile struct {
	Options
	store    *engine.Store
	db       *store.DB
	settings *aggregate.Settings
	reader   *history.Reader
	run      time.Time

	chosen  []int // indexes of kinds that are compared
	survey  survey
	span    history.Span // what is read
	begin   int64        // from when on the core is followed event by event, µs
	horizon int64        // figures published later than this are not final yet, µs
	read    atomic.Int64
}

// Open opens the store. The caller calls Close.
func Open(ctx context.Context, o Options) (*Reconcile, error) {
	r := &Reconcile{Options: o, run: time.Now()}
	var err error
	if r.settings, err = o.Config.Settings(); err != nil {
		return nil, err
	}
	if r.chosen, err = chosenKinds(o.Kinds); err != nil {
		return nil, err
	}
	if r.store, err = engine.OpenStore(ctx, o.Config, engine.StoreRead, o.Log); err != nil {
		return nil, err
	}
	r.db = r.store.DB
	if err = r.checkTable(ctx); err != nil {
		return nil, errors.Join(err, r.Close())
	}
	return r, nil
}

// Close closes the store.
func (r *Reconcile) Close() error { return r.store.Close() }

// Organizations returns those of which figures were published on the date or around it.
func (r *Reconcile) Organizations(ctx context.Context) (ids []uuid.UUID, err error) {
	from, to := r.surveyed()
	rows, err := r.db.Conn().Query(ctx, "SELECT DISTINCT organization_id FROM events_versions WHERE type IN {types:Array(String)} AND happened_at >= "+
		history.MicrosText("from")+" AND happened_at < "+history.MicrosText("to")+" ORDER BY organization_id",
		clickhouse.Named("types", r.types()), clickhouse.Named("from", from), clickhouse.Named("to", to))
	if err != nil {
		return nil, fmt.Errorf("read events: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var id uuid.UUID
		if err := rows.Scan(&id); err != nil {
			return nil, fmt.Errorf("read events: %w", err)
		}
		ids = append(ids, id)
	}
	return ids, rows.Err()
}

// Run compares the figures of one organization, and writes the table.
func (r *Reconcile) Run(ctx context.Context, organization uuid.UUID) (*Result, error) {
	r.Organization = organization
	r.reader = &history.Reader{DB: r.db, Organization: organization, Settings: r.settings,
		Late: "`" + r.db.Database() + "`.late_events_versions FINAL"}
	result, err := r.reconcile(ctx)
	if err != nil && ctx.Err() != nil {
		err = errors.New("interrupted: run it again; what was written is written again")
	}
	return result, err
}

func (r *Reconcile) reconcile(ctx context.Context) (*Result, error) {
	if err := r.find(ctx); err != nil {
		return nil, err
	}
	base, err := r.pass(ctx, nil)
	if err != nil {
		return nil, err
	}
	others, err := r.tryOthers(ctx, base)
	if err != nil {
		return nil, err
	}
	result := r.conclude(base, others)
	return result, base.sink.finish(ctx, result.explanations(base, others))
}

// tryOthers reads the events again under each reading that needs it, where differences are left that no other explains.
func (r *Reconcile) tryOthers(ctx context.Context, base *pass) (others []*pass, err error) {
	for _, other := range otherReadings {
		if !base.unexplained(other.fields, others) {
			continue
		}
		readings, err := other.variants(ctx, r)
		if err != nil {
			return nil, err
		}
		for i := range readings {
			p, err := r.pass(ctx, &readings[i])
			if err != nil {
				return nil, err
			}
			others = append(others, p)
		}
	}
	return others, nil
}

// checkTable makes sure that the store has what is written.
func (r *Reconcile) checkTable(ctx context.Context) error {
	var n uint64
	err := r.db.Conn().QueryRow(ctx, "SELECT count() FROM system.tables WHERE database = {database:String} AND name = 'reconciliation_versions'",
		clickhouse.Named("database", r.db.Database())).Scan(&n)
	if err != nil {
		return fmt.Errorf("look for the table reconciliation: %w", err)
	}
	if n == 0 {
		return fmt.Errorf("%s has no table reconciliation: run `ringside migrate`", r.db.Database())
	}
	return nil
}
