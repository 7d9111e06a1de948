package oracle_test

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"
	_ "time/tzdata"

	"ringside/aggregate"
	"ringside/aggregate/oracle"
	"ringside/aggregate/scenario"
	"ringside/ingest"
)

var (
	seeds     = flag.Int("seeds", 300, "how many random runs to compare")
	firstSeed = flag.Uint64("first-seed", 1, "the first of them")
	only      = flag.String("only", "", "compare only this table: calls, daily, intervals, agents, status, callbacks, lists, orphans, accounting")
	without   = flag.String("without", "", "leave events of these types out, comma-separated")
	restarts  = flag.Bool("restarts", true, "restore the core from a checkpoint now and then")
	maxShown  = flag.Int("show", 3, "how many differing seeds to shrink and show")
)

// run is one way of giving events to the core.
type run struct {
	seed     uint64
	settings *aggregate.Settings
	live     bool // the wall clock is told
}

// difference feeds the core in the manner of the seed and returns the first difference from the oracle.
func (r run) difference(arrivals []*ingest.Event) (diff string) {
	defer func() {
		if p := recover(); p != nil {
			diff = fmt.Sprintf("panic: %v", p)
		}
	}()
	random := rand.New(rand.NewPCG(r.seed, 11))
	core := scenario.NewCore(r.settings)
	var wall ingest.Time
	for i, ev := range arrivals {
		if r.live && ev.Timestamp > wall {
			wall = ev.Timestamp
			core.Advance(wall)
		}
		core.Apply(ev)
		switch random.IntN(12) {
		case 0:
			core.Settle()
		case 1:
			core.Drain(aggregate.TableSet(random.IntN(8)))
		case 3:
			if *restarts && random.IntN(3) == 0 {
				core.Drain(aggregate.DrainAll)
				if err := core.Restart(r.settings); err != nil {
					return err.Error()
				}
			}
		case 2:
			if random.IntN(4) == 0 {
				want := oracle.Fold(arrivals[:i+1], r.settings, wall)
				if d := difference(oracle.WithoutOrphans(want.Rows), oracle.WithoutOrphans(core.Rows())); d != "" {
					return fmt.Sprintf("after %d events:\n%s", i+1, d)
				}
			}
		}
	}
	want := oracle.Fold(arrivals, r.settings, wall)
	if d := difference(oracle.WithoutOrphans(want.Rows), oracle.WithoutOrphans(core.Rows())); d != "" {
		return d
	}
	if len(arrivals) == 0 {
		return ""
	}
	// Long after, every call has been let go, and with it every orphan is known.
	flush := &ingest.Event{Type: ingest.UserSetting, ID: oracle.ID("event", "flush"), OrganizationID: arrivals[0].OrganizationID,
		Timestamp: latest(arrivals).Add(6 * time.Hour)}
	core.Apply(flush)
	want = oracle.Fold(append(arrivals[:len(arrivals):len(arrivals)], flush), r.settings, 0)
	if d := difference(want.Rows, core.Rows()); d != "" {
		return "after all calls were let go:\n" + d
	}
	return ""
}

func latest(events []*ingest.Event) (at ingest.Time) {
	for _, ev := range events {
		at = max(at, ev.Timestamp)
	}
	return at
}

func difference(want, got aggregate.Rows) string {
	if *only != "" {
		want, got = onlyTable(want), onlyTable(got)
	}
	return oracle.Diff(want, got)
}

func onlyTable(r aggregate.Rows) (out aggregate.Rows) {
	switch *only {
	case "calls":
		out.Calls = r.Calls
	case "daily":
		out.Daily = r.Daily
	case "intervals":
		out.Intervals = r.Intervals
	case "agents":
		out.AgentIntervals = r.AgentIntervals
	case "status":
		out.QueueStatus = r.QueueStatus
	case "callbacks":
		out.Callbacks = r.Callbacks
	case "lists":
		out.CallLists = r.CallLists
	case "orphans":
		out.Orphans = r.Orphans
	case "accounting":
		out.Accounting = r.Accounting
	}
	return out
}

// TestCoreAgainstOracle holds the core against the oracle on random runs of events in random orders of arrival.
func TestCoreAgainstOracle(t *testing.T) {
	failed, shown := 0, map[string]bool{}
	for i := range *seeds {
		seed := *firstSeed + uint64(i)
		r := run{seed: seed, settings: oracle.RandomSettings(), live: seed%3 == 0}
		r.settings.ExpiresToday = seed%7 == 0
		random := oracle.NewRandom(seed, r.settings)
		displacements := []time.Duration{0, time.Second, time.Minute, r.settings.Lateness * 3 / 4}
		events := slices.DeleteFunc(random.Events(), func(ev *ingest.Event) bool {
			return slices.Contains(strings.Split(*without, ","), ev.Type.String())
		})
		arrivals := random.Arrivals(events, displacements[seed%4], seed%5 != 0)
		if r.difference(arrivals) == "" {
			continue
		}
		failed++
		if len(shown) >= *maxShown {
			continue
		}
		least := oracle.Shrink(arrivals, func(fewer []*ingest.Event) bool { return r.difference(fewer) != "" })
		// One example of each kind of difference says more than a hundred of the same.
		if kind := kindOf(r.difference(least)); shown[kind] {
			continue
		} else {
			shown[kind] = true
		}
		t.Errorf("seed %d, live %v: oracle / core:\n%s\nevents:\n%s", seed, r.live, r.difference(least), oracle.Format(least))
	}
	if failed > 0 {
		t.Errorf("%d of %d seeds differ", failed, *seeds)
	}
}

// kindOf takes keys and numbers out of a difference: which fields of which tables differ.
func kindOf(diff string) string {
	var kinds []string
	for line := range strings.Lines(diff) {
		words := strings.Split(line, ": ")
		kind := words[0]
		if len(words) > 3 {
			kind += " " + words[len(words)-2]
		}
		if !slices.Contains(kinds, kind) {
			kinds = append(kinds, kind)
		}
	}
	return strings.Join(kinds, ", ")
}

// TestOrderIsIrrelevant holds the oracle to the promise that it checks in the core.
func TestOrderIsIrrelevant(t *testing.T) {
	settings := oracle.RandomSettings()
	for seed := range uint64(60) {
		random := oracle.NewRandom(seed, settings)
		events := random.Events()
		want := oracle.Fold(events, settings, 0).Rows
		got := oracle.Fold(random.Arrivals(events, settings.Lateness*3/4, false), settings, 0).Rows
		if d := oracle.Diff(want, got); d != "" {
			t.Fatalf("seed %d:\n%s", seed, d)
		}
	}
}
