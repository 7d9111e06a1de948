package aggregate_test

import (
	"testing"
	"time"

	"ringside/aggregate"
	"ringside/ingest"
)

// changed makes a CallbackChanged at an instant.
func changed(callback, event int, at ingest.Time, closed bool) *ingest.Event {
	return &ingest.Event{Type: ingest.CallbackChanged, ID: number('e', event), OrganizationID: number('o', 0), Timestamp: at,
		CallBackID: number('b', callback), CallListID: number('l', 0), Callback: ingest.Callback{Modified: at, IsClosed: closed}}
}

// A callback of which an earlier event comes late has its row under another date, and none under the one before.
func TestCallbackRowMoves(t *testing.T) {
	core, rows := aggregate.New(aggregate.DefaultSettings()), newTable()
	midnight := ingest.FromGo(time.Date(2025, 3, 5, 0, 0, 0, 0, time.UTC))
	apply := func(e *ingest.Event) {
		t.Helper()
		if r := core.Apply(e); r != aggregate.Accepted {
			t.Fatal(r)
		}
		rows.drain(core)
	}
	dates := func() (all []int32) {
		for _, r := range rows.callbacks {
			all = append(all, r.CallbackDate)
		}
		return all
	}
	apply(changed(1, 1, midnight.Add(time.Minute), false))
	if got := dates(); len(got) != 1 || got[0] != 20152 {
		t.Fatalf("the dates are %v", got)
	}
	core = restore(t, aggregate.DefaultSettings(), snapshot(t, core))
	apply(changed(1, 2, midnight.Add(-time.Minute), false))
	if got := dates(); len(got) != 1 || got[0] != 20151 {
		t.Errorf("the dates are %v, want the one before", got)
	}
}

// Callbacks that are over are let go with a row that stays, and an open one is not, however long nothing is heard of it.
func TestCallbacksAreLetGo(t *testing.T) {
	set := aggregate.DefaultSettings()
	core, rows := aggregate.New(set), newTable()
	start := ingest.FromGo(time.Date(2025, 3, 4, 9, 0, 0, 0, time.UTC))
	const callbacks = 1000
	for i := range callbacks {
		expired := changed(i, i, start.Add(time.Duration(i)*time.Second), i%2 == 0)
		if i%4 == 1 {
			expired.Callback.ExpiryDate = start.Add(5 * time.Hour)
		}
		if r := core.Apply(expired); r != aggregate.Accepted {
			t.Fatal(r)
		}
	}
	heard := func(n int, at ingest.Time) {
		e := &ingest.Event{Type: ingest.UserSetting, ID: number('s', n), OrganizationID: number('o', 0), Timestamp: at}
		if r := core.Apply(e); r != aggregate.Accepted {
			t.Fatal(r)
		}
		core.Settle()
	}
	heard(1, start.Add(set.CallbackLinger+set.Lateness)) // no row was drained before
	if got := core.Sizes().Callbacks; got != callbacks {
		t.Errorf("%d callbacks are held, none can be let go yet", got)
	}
	heard(2, start.Add(callbacks*time.Second+set.CallbackLinger+set.Lateness))
	if got := core.Sizes().Callbacks; got != callbacks/2 {
		t.Errorf("%d callbacks are held, want those that are not closed", got)
	}
	heard(3, start.Add(5*time.Hour+set.CallbackLinger+set.Lateness+time.Second))
	if got := core.Sizes().Callbacks; got != callbacks/4 {
		t.Errorf("%d callbacks are held, want those that are open", got)
	}
	heard(4, start.Add(1000*time.Hour))
	if got := core.Sizes().Callbacks; got != callbacks/4 {
		t.Errorf("%d callbacks are held, want those that are open", got)
	}
	rows.drain(core)
	if len(rows.callbacks) != callbacks {
		t.Errorf("%d callbacks have a row", len(rows.callbacks))
	}
	for _, l := range rows.lists {
		if l.TotalOpenRequests != callbacks/4 {
			t.Errorf("%d are open", l.TotalOpenRequests)
		}
	}
}
