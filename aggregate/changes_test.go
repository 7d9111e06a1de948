package aggregate_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"

	"ringside/aggregate"
	"ringside/ingest"
	"ringside/ingest/vendors/enreach"
	"ringside/internal/sim"
)

// log keeps checkpoints as a store does: rows by generation, of which a later one replaces an earlier one of its key.
type log struct {
	tb          testing.TB
	generations []map[string]aggregate.Entity
	changed     int // bytes of the last checkpoint that had changed, and in all
	written     int
	wraps       int
}

func keyOf(e aggregate.Entity) string {
	return fmt.Sprintf("%03d%s%s", e.Kind, e.OrganizationID, e.Key)
}

// save takes a checkpoint and drops the generations that a cycle has made superfluous.
func (l *log) save(c *aggregate.Core, begin bool) {
	l.tb.Helper()
	if begin || len(l.generations) == 0 {
		l.generations = append(l.generations, map[string]aggregate.Entity{})
		c.BeginCycle()
	}
	last := l.generations[len(l.generations)-1]
	l.written = 0
	changed, done, err := c.Changes(func(e aggregate.Entity) error {
		e.Key, e.Data = bytes.Clone(e.Key), bytes.Clone(e.Data)
		l.written += len(e.Key) + len(e.Data)
		last[keyOf(e)] = e
		return nil
	})
	if err != nil {
		l.tb.Fatal(err)
	}
	l.changed = changed
	if done && len(l.generations) > 1 {
		l.generations = l.generations[len(l.generations)-1:]
		l.wraps++
	}
}

// live returns what a restore reads.
func (l *log) live() (all []aggregate.Entity) {
	latest := map[string]aggregate.Entity{}
	for _, g := range l.generations {
		for k, e := range g {
			latest[k] = e
		}
	}
	keys := make([]string, 0, len(latest))
	for k := range latest {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	for _, k := range keys {
		if !latest[k].Deleted {
			all = append(all, latest[k])
		}
	}
	return all
}

// TestChangesAreTheState runs simulated days, shuffled, with a clock that now and then runs, through a core that saves
// what has changed at random moments. What was saved must always be the whole state, and a core restored from it must
// go on as if nothing had happened.
func TestChangesAreTheState(t *testing.T) {
	for seed := range uint64(6) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			r := rand.New(rand.NewPCG(seed, 77))
			config := sim.DefaultConfig(600 + seed)
			config.Rates, config.Scale = sim.Everything(), .3
			config.Organizations = append(config.Organizations, sim.NordicCare())
			s := sim.New(config)
			events := s.All()
			last := len(events) - len(config.Organizations)
			events = append(sim.Duplicate(sim.Shuffle(events[:last], 30*time.Minute, seed), 3), events[last:]...)

			core, rows, saved := aggregate.New(config.Settings()), newTable(), &log{tb: t}
			core.Track()
			var d enreach.Decoder
			var e ingest.Event
			restarts := 0
			for i := range events {
				if err := d.Decode(events[i].JSON, &e); err != nil {
					t.Fatal(err)
				}
				core.Apply(&e)
				if seed%2 == 1 && r.IntN(300) == 0 {
					core.Advance(core.Horizon(e.OrganizationID).Add(time.Duration(r.IntN(30)) * time.Second))
				}
				if r.IntN(400) == 0 {
					core.Settle()
				}
				if r.IntN(700) > 0 {
					continue
				}
				rows.drain(core)
				saved.save(core, r.IntN(30) == 0)
				if r.IntN(4) > 0 {
					continue
				}
				again := restore(t, config.Settings(), saved.live())
				if at := difference(snapshot(t, core), snapshot(t, again)); at != "" {
					t.Fatalf("after %d events: %s", i, at)
				}
				if r.IntN(3) == 0 {
					core = again
					core.Track()
					saved.generations = append(saved.generations, map[string]aggregate.Entity{})
					restarts++
				}
			}
			rows.drain(core)
			for _, line := range s.Truth().Diff(rows.all()) {
				t.Error(line)
			}
			if restarts == 0 || saved.wraps == 0 {
				t.Errorf("%d restarts, %d generations dropped: nothing was tried", restarts, saved.wraps)
			}
		})
	}
}

// difference names the first entity in which two snapshots differ.
func difference(a, b []aggregate.Entity) string {
	for i := range max(len(a), len(b)) {
		switch {
		case i >= len(a):
			return fmt.Sprintf("the restored core has more: kind %d", b[i].Kind)
		case i >= len(b):
			return fmt.Sprintf("the restored core lacks kind %d, key %x", a[i].Kind, a[i].Key)
		case !sameEntity(a[i], b[i]):
			return fmt.Sprintf("kind %d, key %x: %x; restored kind %d, key %x: %x", a[i].Kind, a[i].Key, a[i].Data, b[i].Kind, b[i].Key, b[i].Data)
		}
	}
	return ""
}

// TestCheckpointCostFollowsChanges: of many organizations a few are busy, and a checkpoint costs what these cost.
func TestCheckpointCostFollowsChanges(t *testing.T) {
	const organizations, busy = 20_000, 20
	core := aggregate.New(aggregate.DefaultSettings())
	core.Track()
	event := func(organization, call int, at ingest.Time) {
		id := func(of byte, n int) (u uuid.UUID) {
			return uuid.NewSHA1(uuid.Nil, fmt.Appendf(nil, "%c %d %d", of, organization, n))
		}
		e := ingest.Event{Type: ingest.QueueCallInArrived, ID: id('e', call), OrganizationID: id('o', 0), QueueID: id('q', 0),
			CallID: id('c', call), Timestamp: at}
		if got := core.Apply(&e); got != aggregate.Accepted {
			t.Fatal(got)
		}
	}
	start := ingest.FromGo(time.Date(2025, 3, 4, 9, 0, 0, 0, time.UTC))
	saved, rows := &log{tb: t}, &aggregate.Rows{}
	save := func() {
		core.Drain(aggregate.DrainAll, rows)
		rows.Reset()
		saved.save(core, false)
	}
	for o := range organizations {
		event(o, 0, start)
	}
	save()
	all := saved.changed
	for n := 1; n <= 3; n++ {
		for o := range busy {
			event(o, n, start.Add(time.Duration(n)*time.Second))
		}
		save()
		if limit := all / organizations * busy * 3; saved.changed > limit {
			t.Errorf("%d of %d organizations were busy: %d bytes changed of %d", busy, organizations, saved.changed, all)
		}
		if saved.written > 3*saved.changed+100<<10 {
			t.Errorf("%d bytes changed and %d were written", saved.changed, saved.written)
		}
	}
}
