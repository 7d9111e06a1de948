package aggregate_test

import (
	"fmt"
	"testing"
	"time"

	"ringside/aggregate"
	"ringside/ingest"
	"ringside/ingest/vendors/enreach"
	"ringside/internal/sim"
)

// TestSimulatedDay holds a day in which every row of METRICS.md, section 2, happens many times to the truth of the
// simulation, which comes from its own record of what happened to each caller: in order, and shuffled within half an
// hour with every third event sent twice.
func TestSimulatedDay(t *testing.T) {
	for _, tc := range []struct {
		name  string
		rates sim.Rates
		seeds []uint64
	}{
		{"everything", sim.Everything(), []uint64{21, 22, 23, 24}},
		{"realistic", sim.Realistic(), []uint64{31, 32}},
	} {
		for _, seed := range tc.seeds {
			for _, shuffled := range []bool{false, true} {
				t.Run(fmt.Sprintf("%s seed %d shuffled %v", tc.name, seed, shuffled), func(t *testing.T) {
					t.Parallel()
					config := sim.DefaultConfig(seed)
					config.Rates, config.Settle = tc.rates, true
					s := sim.New(config)
					events := s.All()
					if shuffled {
						// The last event, half a day later, decides the calls that were never heard of again.
						last := len(events) - 1
						day := sim.Duplicate(sim.Shuffle(events[:last], 30*time.Minute, seed), 3)
						events = append(day, events[last])
					}
					rows := foldSimulated(t, aggregate.New(config.Settings()), events)
					diffs := s.Truth().Diff(rows)
					for _, d := range diffs[:min(len(diffs), 10)] {
						t.Error(d)
					}
					if len(diffs) > 0 {
						t.Errorf("%d differences from the truth of %d calls", len(diffs), len(s.Truth().Calls))
					}
				})
			}
		}
	}
}

// foldSimulated runs events through the core in batches and returns what a reader of the store sees at the end.
func foldSimulated(t *testing.T, core *aggregate.Core, events []sim.Event) *aggregate.Rows {
	t.Helper()
	var d enreach.Decoder
	var e ingest.Event
	seen := newTable()
	for i := range events {
		if err := d.Decode(events[i].JSON, &e); err != nil {
			t.Fatalf("%v: %s", err, events[i].JSON)
		}
		if r := core.Apply(&e); r != aggregate.Accepted && r != aggregate.Duplicate {
			t.Fatalf("event %d: %v: %s", i, r, events[i].JSON)
		}
		if i%997 == 0 {
			core.Settle()
		}
		if i%20_000 == 0 {
			seen.drain(core)
		}
	}
	seen.drain(core)
	return seen.all()
}
