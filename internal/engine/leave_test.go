package engine

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"ringside/aggregate"
	"ringside/ingest"
	"ringside/ingest/kafka"
)

// The clock's loop holds a list of the workers while one of them hands over. Its turn comes when the partition is
// another process's: it must neither write any more nor bring back what /metrics had forgotten.
func TestWorkerThatHasLeftPublishesNothing(t *testing.T) {
	p, out := testPipeline(2, aggregate.DefaultSettings(), newPlaces(nil))
	e := &Engine{Options: Options{Metrics: NewMetrics()}, workers: map[int32]*worker{}}
	w := &worker{number: 2, engine: e, pipeline: p}
	w.restored.Store(true)
	e.register(w)
	now := ingest.FromGo(time.Now())
	if _, err := w.take(testBatch(2, 10, testEvent(1, 1)), 0); err != nil {
		t.Fatal(err)
	}
	w.tick(now, aggregate.DrainAll)
	e.Metrics.setLags([]kafka.Lag{{Topic: "queue-events", Partition: 2, HighWatermark: 9}, {Topic: "queue-events", Partition: 3}})
	text := func() string {
		var b bytes.Buffer
		e.Metrics.Write(&b)
		return b.String()
	}
	if s := text(); !strings.Contains(s, "ringside_partitions_owned 1\n") || !strings.Contains(s, `partition="2"} 9`) || len(out.rows.Accounting) != 1 {
		t.Fatalf("before: %d accounts, %s", len(out.rows.Accounting), s)
	}
	listed := e.owned()
	if _, err := w.take(testBatch(2, 11, testEvent(1, 2)), 0); err != nil {
		t.Fatal(err)
	}
	e.unregister(w)
	for _, w := range listed {
		w.tick(now, aggregate.DrainAll)
	}
	if s := text(); !strings.Contains(s, "ringside_partitions_owned 0\n") || strings.Contains(s, `partition="2"`) || !strings.Contains(s, `partition="3"`) {
		t.Errorf("after: %s", s)
	}
	if n := len(out.rows.Accounting); n != 1 {
		t.Errorf("%d accounts: rows were drained after the hand-over", n)
	}
}
