package aggregate_test

import (
	"bytes"
	"cmp"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"ringside/aggregate"
	"ringside/ingest"
)

// snapshot copies the entities of a core in the order in which Restore wants them.
func snapshot(tb testing.TB, c *aggregate.Core) (all []aggregate.Entity) {
	tb.Helper()
	err := c.Snapshot(func(e aggregate.Entity) error {
		e.Key, e.Data = bytes.Clone(e.Key), bytes.Clone(e.Data)
		all = append(all, e)
		return nil
	})
	if err != nil {
		tb.Fatal(err)
	}
	slices.SortFunc(all, func(a, b aggregate.Entity) int {
		return cmp.Or(cmp.Compare(a.Kind, b.Kind), bytes.Compare(a.OrganizationID[:], b.OrganizationID[:]), bytes.Compare(a.Key, b.Key))
	})
	return all
}

func restore(tb testing.TB, set *aggregate.Settings, all []aggregate.Entity) *aggregate.Core {
	tb.Helper()
	c := aggregate.New(set)
	for _, e := range all {
		if err := c.Restore(e); err != nil {
			tb.Fatal(err)
		}
	}
	if err := c.FinishRestore(); err != nil {
		tb.Fatal(err)
	}
	return c
}

// TestRestartsDoNotShow runs the bank's month, shuffled by up to half an hour and every third event sent twice, through a
// core that is replaced by its own checkpoint now and then.
func TestRestartsDoNotShow(t *testing.T) {
	set := aggregate.DefaultSettings()
	set.Zone = ianaZone
	var events []ingest.Event
	forEachBankEvent(t, func(e *ingest.Event) { events = append(events, cloneEvent(e)) })
	plain, plainRows := aggregate.New(set), newTable()
	for i := range events {
		plain.Apply(&events[i])
	}
	plainRows.drain(plain)

	r := rand.New(rand.NewPCG(11, 12))
	order := shuffled(r, events, 30*60*ingest.TicksPerSecond)
	core, rows := aggregate.New(set), newTable()
	for n, i := range order {
		if got := core.Apply(&events[i]); got != aggregate.Accepted {
			t.Fatalf("event %d: %v", n, got)
		}
		if j := order[max(0, n-r.IntN(200))]; n%3 == 0 && events[j].Timestamp > core.Horizon(events[j].OrganizationID)-45*60*ingest.TicksPerSecond {
			if got := core.Apply(&events[j]); got != aggregate.Duplicate {
				t.Fatalf("copy of event %d: %v", n, got)
			}
		}
		if r.IntN(500) == 0 {
			core.Settle()
		}
		if r.IntN(20_000) == 0 {
			rows.drain(core)
			all := snapshot(t, core)
			core = restore(t, set, all)
			if again := snapshot(t, core); !slices.EqualFunc(all, again, sameEntity) {
				t.Fatal("a restored core has another checkpoint than the one it came from")
			}
		}
	}
	rows.drain(core)
	rows.compare(t, plainRows)
	checkBankFigures(t, rows)
}

func sameEntity(a, b aggregate.Entity) bool {
	return a.Kind == b.Kind && bytes.Equal(a.Key, b.Key) && bytes.Equal(a.Data, b.Data)
}

// shuffled returns an order of events in which each comes at most within ticks late.
func shuffled(r *rand.Rand, events []ingest.Event, within int64) []int {
	order, key := make([]int, len(events)), make([]int64, len(events))
	for i := range events {
		order[i], key[i] = i, int64(events[i].Timestamp)+r.Int64N(within)
	}
	slices.SortStableFunc(order, func(a, b int) int {
		if key[a] < key[b] {
			return -1
		} else if key[a] > key[b] {
			return 1
		}
		return 0
	})
	return order
}

func cloneEvent(e *ingest.Event) ingest.Event {
	c := *e
	for _, b := range []*[]byte{&c.TypeName, &c.LegID, &c.AgentLegID, &c.QueueName, &c.UserName, &c.CallerNumber, &c.TargetNumber,
		&c.Reason, &c.TechReason, &c.DetailedReason, &c.OverflowReason, &c.OverflowType, &c.EnteredValue, &c.TransferTarget,
		&c.SupervisorLegID, &c.Availability, &c.AllocationType, &c.Region} {
		*b = bytes.Clone(*b)
	}
	c.AttachedUsers = slices.Clone(c.AttachedUsers)
	c.QueueGroups = slices.Clone(c.QueueGroups)
	return c
}

func TestUnknownCheckpointsAreRefused(t *testing.T) {
	set := aggregate.DefaultSettings()
	for _, tc := range []struct {
		name, want string
		entity     aggregate.Entity
	}{
		{"newer format", "reads format", aggregate.Entity{Kind: aggregate.EntityCall, Data: []byte{99}}},
		{"no data", "reads format", aggregate.Entity{Kind: aggregate.EntityCall}},
		{"unknown kind", "unknown kind 200", aggregate.Entity{Kind: 200, Data: []byte{3}}},
		{"cut short", "cut short", aggregate.Entity{Kind: aggregate.EntityOrganization, Data: []byte{3, 2}}},
		{"too long", "left over", aggregate.Entity{Kind: aggregate.EntityIDs, Data: []byte{3, 0, 0, 7}}},
		{"bad key", "want 16", aggregate.Entity{Kind: aggregate.EntityQueue, Key: []byte{1}, Data: []byte{3}}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			err := aggregate.New(set).Restore(tc.entity)
			if err == nil || !strings.Contains(err.Error(), tc.want) {
				t.Fatalf("err = %v, want %q", err, tc.want)
			}
		})
	}
}
