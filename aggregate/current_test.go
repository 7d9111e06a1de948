package aggregate_test

import (
	"maps"
	"reflect"
	"slices"
	"testing"

	"github.com/google/uuid"

	"ringside/aggregate"
	"ringside/ingest"
	"ringside/ingest/vendors/enreach"
	"ringside/internal/sim"
)

// What Current gives must be what a reader who saw every Drain knows, and must leave the next Drain as it is.
func TestCurrentIsWhatWasDrained(t *testing.T) {
	config := sim.DefaultConfig(5)
	s, core := sim.New(config), aggregate.New(config.Settings())
	var d enreach.Decoder
	var e ingest.Event
	for range 20_000 {
		event, more := s.Next()
		if !more {
			break
		}
		if err := d.Decode(event.JSON, &e); err != nil {
			t.Fatal(err)
		}
		core.Apply(&e)
	}
	var current, again, drained aggregate.Rows
	core.Current(&current)
	core.Current(&again)
	if !reflect.DeepEqual(current, again) {
		t.Error("asked twice, Current answers differently")
	}
	core.Drain(aggregate.DrainAll, &drained)
	if len(drained.QueueStatus) == 0 || len(drained.Agents) == 0 || len(drained.Daily) == 0 {
		t.Fatal("Current has taken rows from the Drain that follows")
	}
	if len(current.Calls)+len(current.Intervals)+len(current.Orphans) > 0 {
		t.Error("Current gives calls, intervals or orphans")
	}
	subset(t, current.QueueStatus, drained.QueueStatus)
	subset(t, current.Agents, drained.Agents)
	subset(t, current.QueueDim, drained.QueueDim)
	subset(t, current.AgentDim, drained.AgentDim)
	subset(t, current.CallLists, drained.CallLists)
	subset(t, current.Accounting, drained.Accounting)
	last := map[uuid.UUID]aggregate.DailyRow{}
	for _, r := range drained.Daily {
		if r.QueueDate >= last[r.QueueID].QueueDate {
			last[r.QueueID] = r
		}
	}
	subset(t, current.Daily, slices.Collect(maps.Values(last)))
	organization := current.QueueStatus[0].OrganizationID
	clock := core.Clock(organization)
	if clock.Horizon != core.Horizon(organization).Micros() || clock.Now < clock.Horizon {
		t.Errorf("clock %+v with horizon %d", clock, core.Horizon(organization).Micros())
	}
	if other := core.Clock([16]byte{1}); other != (aggregate.Clock{}) {
		t.Errorf("an unknown organization has the clock %+v", other)
	}
}

func subset[T any](t *testing.T, rows, of []T) {
	t.Helper()
	for i := range of {
		if !slices.ContainsFunc(rows, func(row T) bool { return reflect.DeepEqual(row, of[i]) }) {
			t.Errorf("not current: %+v", of[i])
		}
	}
}
