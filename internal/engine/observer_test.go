package engine

import (
	"testing"

	"github.com/google/uuid"

	"ringside/aggregate"
)

// watcher notes what an observer is shown.
type watcher struct {
	accounts  []int // accounts in each Observe
	horizon   int64
	forgotten []int32
}

func (w *watcher) Observe(_ int32, rows *aggregate.Rows, clock func(uuid.UUID) aggregate.Clock) {
	w.accounts = append(w.accounts, len(rows.Accounting))
	for i := range rows.Accounting {
		w.horizon = clock(rows.Accounting[i].OrganizationID).Horizon
	}
}

func (w *watcher) Forget(partition int32) { w.forgotten = append(w.forgotten, partition) }

// An observer that comes to a restored core is shown what is there already, then only what changes, and nothing once
// the partition is gone.
func TestObserverSeesThePresentThenChanges(t *testing.T) {
	p, c := testPipeline(3, aggregate.DefaultSettings(), newPlaces(nil))
	if _, err := p.Process(testBatch(3, 0, testEvent(1, 1), testEvent(2, 2)), 0); err != nil {
		t.Fatal(err)
	}
	p.Drain(aggregate.DrainAll) // before anyone watched
	w := &watcher{}
	e := &Engine{Options: Options{Observer: w, Metrics: NewMetrics()}, workers: map[int32]*worker{}}
	worker := &worker{number: 3, engine: e, pipeline: p}
	e.register(worker)
	p.observer = w
	p.Drain(aggregate.DrainNow)
	if _, err := p.Process(testBatch(3, 2, testEvent(2, 3)), 0); err != nil {
		t.Fatal(err)
	}
	p.Drain(aggregate.DrainAll)
	if len(w.accounts) != 2 || w.accounts[0] != 2 || w.accounts[1] != 1 || w.horizon == 0 {
		t.Errorf("the observer saw %v accounts, horizon %d", w.accounts, w.horizon)
	}
	if len(c.rows.Accounting) != 3 {
		t.Errorf("%d accounts reached the store, want the 3 that were drained", len(c.rows.Accounting))
	}
	e.unregister(worker)
	p.Drain(aggregate.DrainAll)
	if len(w.accounts) != 2 || len(w.forgotten) != 1 || w.forgotten[0] != 3 {
		t.Errorf("after the partition went it saw %v, and forgot %v", w.accounts, w.forgotten)
	}
}
