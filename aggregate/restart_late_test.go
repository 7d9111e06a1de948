package aggregate_test

import (
	"testing"
	"time"

	"github.com/google/uuid"

	"ringside/aggregate"
	"ringside/ingest"
)

// restarted applies events to a core, writes its rows, and goes on with a core restored from its checkpoint.
func restarted(t *testing.T, events []ingest.Event) (*aggregate.Core, *table) {
	t.Helper()
	set := aggregate.DefaultSettings()
	core, rows := aggregate.New(set), newTable()
	for i := range events {
		if got := core.Apply(&events[i]); got != aggregate.Accepted {
			t.Fatalf("event %d: %v", i, got)
		}
	}
	rows.drain(core)
	core = restore(t, set, snapshot(t, core))
	rows.drain(core) // a restored core says once more what it holds; what comes later is news
	return core, rows
}

// outcomes of the visits of call 1, by ordinal.
func outcomes(rows *table) map[uint16]aggregate.Outcome {
	out := map[uint16]aggregate.Outcome{}
	for _, r := range rows.calls {
		out[r.Visit] = r.Outcome
	}
	return out
}

// The type of a callback may come after a restart: the call that it was made of is found.
func TestLateTypeOfACallbackAfterARestart(t *testing.T) {
	created := ofQueue(1, ingest.QueueCallInCallbackCreated, 1, 50*time.Second, "Help")
	created.CallBackID = uuid.UUID{9}
	core, rows := restarted(t, []ingest.Event{
		ofQueue(0, ingest.QueueCallInArrived, 1, 0, "Help"), created,
		ofQueue(2, ingest.QueueCallInDisconnected, 1, 60*time.Second, "Help"),
	})
	if got := outcomes(rows); got[1] != aggregate.CallbackRequested {
		t.Fatalf("before: %v", got)
	}
	changed := ingest.Event{Type: ingest.CallbackChanged, ID: uuid.UUID{8}, OrganizationID: created.OrganizationID, CallBackID: created.CallBackID,
		Timestamp: created.Timestamp.Add(time.Minute)}
	changed.Callback.TypeID = ingest.OptInt{Value: 2, Valid: true}
	core.Apply(&changed)
	rows.drain(core)
	if got := outcomes(rows); got[1] != aggregate.Abandoned || len(got) != 1 {
		t.Errorf("a callback that was not the caller's wish: %v", got)
	}
	for _, r := range rows.daily {
		if r.Sums.Outcomes[aggregate.Abandoned] != 1 || r.Sums.Outcomes[aggregate.CallbackRequested] != 0 {
			t.Errorf("the day: %+v", r.Sums)
		}
	}
}

// Of two changes of a callback the one with the later Modified counts, also if the other comes after a restart.
func TestOlderTypeOfACallbackAfterARestart(t *testing.T) {
	created := ofQueue(1, ingest.QueueCallInCallbackCreated, 1, 50*time.Second, "Help")
	created.CallBackID = uuid.UUID{9}
	changed := func(id byte, typeID int32, modified time.Duration) ingest.Event {
		e := ingest.Event{Type: ingest.CallbackChanged, ID: uuid.UUID{id}, OrganizationID: created.OrganizationID, CallBackID: created.CallBackID,
			Timestamp: created.Timestamp.Add(time.Minute * time.Duration(id))}
		e.Callback.TypeID, e.Callback.Modified = ingest.OptInt{Value: typeID, Valid: true}, created.Timestamp.Add(modified)
		return e
	}
	core, rows := restarted(t, []ingest.Event{
		ofQueue(0, ingest.QueueCallInArrived, 1, 0, "Help"), created, changed(10, 2, time.Hour),
		ofQueue(2, ingest.QueueCallInDisconnected, 1, 60*time.Second, "Help"),
	})
	older := changed(11, 1, time.Minute)
	core.Apply(&older)
	rows.drain(core)
	if got := outcomes(rows); got[1] != aggregate.Abandoned || len(got) != 1 {
		t.Errorf("an older change has made it the caller's wish: %v", got)
	}
}

// A fact of the past may take a visit away whose row an owner before wrote: the row goes.
func TestVisitThatIsNoMoreAfterARestart(t *testing.T) {
	core, rows := restarted(t, []ingest.Event{
		ofQueue(0, ingest.QueueCallInArrived, 1, 0, "Help"),
		ofQueue(1, ingest.QueueCallInOverflow, 1, 10*time.Second, "Help"),
		ofQueue(2, ingest.QueueCallInArrived, 1, 20*time.Second, "Help"),
	})
	if got := outcomes(rows); got[1] != aggregate.Overflowed || got[2] != aggregate.OutcomeOpen || len(got) != 2 {
		t.Fatalf("before: %v", got)
	}
	allocated := ofQueue(3, ingest.QueueCallInUserAllocated, 1, 15*time.Second, "Help")
	allocated.UserID = uuid.UUID{7}
	core.Apply(&allocated)
	rows.drain(core)
	if got := outcomes(rows); got[1] != aggregate.OutcomeOpen || len(got) != 1 {
		t.Errorf("after an offer that makes the overflow a progress: %v", got)
	}
}
