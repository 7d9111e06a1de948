package aggregate_test

import (
	"fmt"
	"testing"
	"time"

	"ringside/aggregate"
	"ringside/ingest"
)

// A list that changes is in the next checkpoint, and only then.
func TestListsAreSaved(t *testing.T) {
	set := aggregate.DefaultSettings()
	f, saved := &feeder{tb: t, core: aggregate.New(set), at: boundsStart}, &log{tb: t}
	f.core.Track()
	status := func(list int, auto float64) {
		e := ingest.Event{Type: ingest.CallbackListStatus, CallListID: number('l', list)}
		e.Published.Figures[ingest.ListIsAutoAllocate] = auto
		f.must(e)
		f.at = f.at.Add(time.Minute)
	}
	for step, change := range []func(){
		func() { status(1, 1) },
		func() { status(2, 0) },
		func() { status(1, 0) },
		func() {
			f.must(ingest.Event{Type: ingest.CallbackChanged, CallListID: number('l', 2), CallBackID: number('b', 1)})
		},
		func() {},
	} {
		change()
		f.core.Drain(aggregate.DrainAll, &aggregate.Rows{})
		saved.save(f.core, step == 0)
		restored := aggregate.New(set)
		for _, e := range saved.live() {
			if err := restored.Restore(e); err != nil {
				t.Fatal(err)
			}
		}
		if err := restored.FinishRestore(); err != nil {
			t.Fatal(err)
		}
		var want, got aggregate.Rows
		f.core.Current(&want)
		restored.Current(&got)
		if fmt.Sprint(got.ListDim) != fmt.Sprint(want.ListDim) || len(want.ListDim) == 0 {
			t.Errorf("step %d: restored %+v, held %+v", step, got.ListDim, want.ListDim)
		}
	}
}

// A day of one organization that renames nothing hands out few names: one for each of its queues, agents and UTC dates.
func TestNamesAreHandedOutOnceADate(t *testing.T) {
	f := &feeder{tb: t, core: aggregate.New(aggregate.DefaultSettings()), at: boundsStart}
	names := 0
	rows := &aggregate.Rows{}
	for range 3 * 24 * 60 {
		f.must(ingest.Event{Type: ingest.UserStatus, UserID: number('u', f.n%10), UserName: []byte("ann"), QueueID: number('q', f.n%4), QueueName: []byte("Sales")})
		f.at = f.at.Add(time.Minute)
		f.core.Drain(aggregate.DrainAll, rows)
		names += len(rows.Names)
		rows.Reset()
	}
	if want := 4 * (10 + 4); names != want { // the days touch four dates
		t.Errorf("%d names, want %d", names, want)
	}
}
