package aggregate_test

import (
	"encoding/binary"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"

	"ringside/aggregate"
	"ringside/ingest"
)

func ofQueue(n int, t ingest.Type, call byte, at time.Duration, name string) ingest.Event {
	e := ingest.Event{Type: t, OrganizationID: uuid.UUID{1}, QueueID: uuid.UUID{3}, QueueName: []byte(name),
		Timestamp: ingest.Time(1_772_442_000 * ingest.TicksPerSecond).Add(at)}
	if call != 0 {
		e.CallID = uuid.UUID{2, call}
	}
	binary.BigEndian.PutUint64(e.ID[8:], uint64(n+1))
	return e
}

// A call has the name of its queue as it was when the visit began, in whatever order the names become known.
func TestNamesAreThoseOfTheBegin(t *testing.T) {
	events := []ingest.Event{
		ofQueue(0, ingest.QueueCallInArrived, 1, 0, "Help"),
		ofQueue(1, ingest.QueueCallInArrived, 2, 100*time.Second, "Service"),
		ofQueue(2, ingest.QueueCallInDisconnected, 1, 110*time.Second, "Service"),
		ofQueue(3, ingest.QueueChanged, 0, 200*time.Second, "Care"),
		ofQueue(4, ingest.QueueCallInDisconnected, 2, 300*time.Second, "Care"),
	}
	backwards := slices.Clone(events)
	slices.Reverse(backwards)
	for order, events := range map[string][]ingest.Event{"in order": events, "backwards": backwards} {
		core, rows := aggregate.New(aggregate.DefaultSettings()), newTable()
		for i := range events {
			core.Apply(&events[i])
			rows.drain(core)
		}
		got := map[uuid.UUID]string{}
		for _, r := range rows.calls {
			got[r.CallID] = r.QueueName
		}
		if got[uuid.UUID{2, 1}] != "Help" || got[uuid.UUID{2, 2}] != "Service" || len(rows.calls) != 2 {
			t.Errorf("%s: %v", order, got)
		}
	}
}

// An organization whose events are far from the wall clock runs on its own horizon: nothing of 2026 is lost in 2027. Once
// its events have come within a minute of the wall clock, it runs on that.
func TestOrganizationsRunOnTheirHorizonUntilTheyAreLive(t *testing.T) {
	arrived := ofQueue(0, ingest.QueueCallInArrived, 1, 0, "Help")
	for _, tc := range []struct {
		name    string
		wall    []time.Duration // after the event
		outcome aggregate.Outcome
	}{
		{"a replay", []time.Duration{365 * 24 * time.Hour, 366 * 24 * time.Hour}, aggregate.OutcomeOpen},
		{"more than a minute behind", []time.Duration{61 * time.Second, 24 * time.Hour}, aggregate.OutcomeOpen},
		{"live", []time.Duration{59 * time.Second, 24 * time.Hour}, aggregate.Lost},
		{"live, not yet silent", []time.Duration{59 * time.Second, 3 * time.Hour}, aggregate.OutcomeOpen},
	} {
		core, rows := aggregate.New(aggregate.DefaultSettings()), newTable()
		core.Advance(arrived.Timestamp.Add(tc.wall[0]))
		core.Apply(&arrived)
		core.Advance(arrived.Timestamp.Add(tc.wall[1]))
		rows.drain(core)
		for _, r := range rows.calls {
			if r.Outcome != tc.outcome {
				t.Errorf("%s: %s, want %s", tc.name, r.Outcome, tc.outcome)
			}
		}
		if len(rows.calls) != 1 {
			t.Errorf("%s: %d calls", tc.name, len(rows.calls))
		}
	}
}
