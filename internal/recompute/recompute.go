// Package recompute computes days of an organization anew from the events that the store keeps, late ones included, and
// repairs the rows that differ; or writes what other rules would have given into another database.
//
// Everything is computed into a scratch database first, through the same core and writer as live events. Then the rows
// are compared with those of the target, and only those that differ are written, under an epoch of their own. So a run
// that is interrupted has changed nothing, or some of the rows that the next run would change too; and a run that
// follows a whole one changes nothing.
package recompute

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/google/uuid"

	"ringside/aggregate"
	"ringside/internal/config"
	"ringside/internal/engine"
	"ringside/internal/history"
	"ringside/store"
)

// Options say what to compute anew.
type Options struct {
	Config       *config.Config
	Organization uuid.UUID
	From, To     history.Date // both included: of calls the UTC date, of figures the queue's local date

	// ApplyRules allows a repair to change thresholds, targets and time zones of days.
	ApplyRules bool

	// WhatIf has the rules of a what-if, nil for a repair; its result goes into the database Into.
	WhatIf *config.Config
	Into   string

	Log *slog.Logger
}

// Changes counts rows.
type Changes struct{ Changed, Added, Removed int64 }

func (c *Changes) add(d Changes) {
	c.Changed += d.Changed
	c.Added += d.Added
	c.Removed += d.Removed
}

// Result is what a run did.
type Result struct {
	From, To history.Date // what was computed: To may be earlier than asked for, see [Recompute.LeftAlone]
	Events   int64        // read in and around the dates, late ones included
	Repaired int64        // late events that count from now on
	Calls    Changes      // rows of calls
	Figures  Changes      // rows of days and intervals
}

// String is the line that the command ends with.
func (r Result) String() string {
	return fmt.Sprintf("from=%s to=%s events=%d late_repaired=%d calls_changed=%d calls_added=%d calls_removed=%d "+
		"figures_changed=%d figures_added=%d figures_removed=%d", r.From, r.To, r.Events, r.Repaired,
		r.Calls.Changed, r.Calls.Added, r.Calls.Removed, r.Figures.Changed, r.Figures.Added, r.Figures.Removed)
}

// Recompute is one run.
type Recompute struct {
	Options
	store    *engine.Store
	db       *store.DB
	target   *store.DB // where the result goes: db, or the database of a what-if
	unlock   func()
	settings *aggregate.Settings
	rules    *config.Config

	held    *held // nil: nobody holds anything of the organization
	reader  *history.Reader
	span    history.Span
	scratch *scratch
	epoch   uint32
	total   int64
	read    atomic.Int64
}

// Open opens the store, finds out what may be repaired and what has to be read, and checks that it is there. The caller
// calls Close.
func Open(ctx context.Context, o Options) (r *Recompute, err error) {
	r = &Recompute{Options: o, rules: o.Config, unlock: func() {}}
	if o.WhatIf != nil {
		r.rules = o.WhatIf
	}
	if r.settings, err = r.rules.Settings(); err != nil {
		return nil, err
	}
	if r.store, err = engine.OpenStore(ctx, o.Config, engine.StoreRead, o.Log); err != nil {
		return nil, err
	}
	r.db = r.store.DB
	r.reader = &history.Reader{DB: r.db, Organization: o.Organization, Settings: r.settings}
	defer func() {
		if err != nil && ctx.Err() != nil {
			err = errors.New("interrupted: nothing was changed")
		}
		if err != nil {
			err = errors.Join(err, r.Close())
		}
	}()
	if r.unlock, err = engine.LockStore(o.Config); err != nil {
		r.unlock = func() {}
		return r, err
	}
	return r, r.prepare(ctx)
}

func (r *Recompute) prepare(ctx context.Context) error {
	if err := r.findHeld(ctx); err != nil {
		return err
	}
	if r.held != nil {
		if last := r.held.last(); r.From > last {
			return fmt.Errorf("nothing was changed: the engine still holds %s", r.LeftAlone())
		}
		r.To = min(r.To, r.held.last())
	}
	if err := r.openTarget(ctx); err != nil {
		return err
	}
	if err := r.dropLeftovers(ctx); err != nil {
		return err
	}
	var err error
	if r.scratch, err = r.newScratch(ctx); err != nil {
		return err
	}
	if err := r.copyLate(ctx); err != nil {
		return err
	}
	r.reader.Late, r.reader.LateCopies = r.scratch.table("late_input"), r.scratch.table("late_copies")
	// A day more on either side, for calls that a late event moves to another date.
	if r.span, err = r.reader.Around(ctx, (r.From-1).Micros()-history.Easternmost, (r.To+2).Micros()+history.Westernmost); err != nil {
		return err
	}
	if err := r.findCopies(ctx); err != nil {
		return err
	}
	return r.checkEvents(ctx)
}

// Events returns how many events are to be read, EventsRead how many have been.
func (r *Recompute) Events() int64     { return r.total }
func (r *Recompute) EventsRead() int64 { return r.read.Load() }

// Run computes, and repairs or fills the other database.
func (r *Recompute) Run(ctx context.Context) (Result, error) {
	result := Result{From: r.From, To: r.To}
	err := r.run(ctx, &result)
	result.Events = r.read.Load()
	if err != nil && ctx.Err() != nil {
		err = errors.New("interrupted: run it again to go on; what was repaired stays")
	}
	return result, err
}

func (r *Recompute) run(ctx context.Context, result *Result) error {
	if err := r.compute(ctx); err != nil {
		return err
	}
	target, tables := r.target, r.tables()
	for i := range tables {
		if err := tables[i].find(ctx, r, target); err != nil {
			return err
		}
	}
	if err := r.checkRules(ctx); err != nil {
		return err
	}
	writer, err := engine.NewWriter(target, r.Config, engine.NewMetrics())
	if err != nil {
		return err
	}
	// The epoch is announced before its first row: whoever owns the organization later writes later versions.
	if r.epoch, err = engine.AnnounceEpoch(ctx, target, writer, engine.RecomputeGroup); err != nil {
		return err
	}
	for i := range tables {
		changes, err := tables[i].write(ctx, r, target)
		if tables[i].name == "calls" {
			result.Calls.add(changes)
		} else {
			result.Figures.add(changes)
		}
		if err != nil {
			return err
		}
	}
	if r.WhatIf != nil {
		return r.describe(ctx, target)
	}
	if result.Repaired, err = r.markLate(ctx); err != nil {
		return err
	}
	return r.correctAccounts(ctx)
}

func (r *Recompute) version() uint64 { return store.Version(r.epoch, 2) }

// Close drops the scratch database and closes the store.
func (r *Recompute) Close() error {
	var errs []error
	if r.scratch != nil {
		// Also after an interruption, but not for ever: what stays is dropped by the next run.
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		errs = append(errs, r.scratch.drop(ctx, r.db))
		r.scratch = nil
	}
	if r.target != nil && r.target != r.db {
		errs = append(errs, r.target.Close())
		r.target = nil
	}
	if r.store != nil {
		errs = append(errs, r.store.Close())
		r.store = nil
	}
	r.unlock()
	r.unlock = func() {}
	return errors.Join(errs...)
}
