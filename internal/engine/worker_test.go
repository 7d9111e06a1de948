package engine

import (
	"context"
	"errors"
	"log/slog"
	"testing"
	"time"

	"github.com/google/uuid"

	"ringside/aggregate"
	"ringside/ingest"
	"ringside/ingest/kafka"
)

func testWorker(s *aggregate.Settings) *worker {
	p, _ := testPipeline(0, s, newPlaces(nil))
	return &worker{pipeline: p, engine: &Engine{}, log: slog.New(slog.DiscardHandler)}
}

func TestSilenceEndsAtTheMarkOrTheEndOfTheLog(t *testing.T) {
	type look struct {
		position, high int64 // of the topic
		taken          int64 // into the pipeline
		full           bool
		silent         bool
	}
	for name, looks := range map[string][]look{
		"up to the mark":                      {{100, 5000, 100, false, true}, {900, 5000, 900, false, true}, {1200, 5000, 1000, false, false}},
		"the mark is beyond the end":          {{500, 800, 500, false, true}, {800, 800, 800, false, true}, {800, 800, 800, false, false}},
		"a batch is still on its way":         {{800, 800, 500, false, true}, {800, 800, 800, false, false}},
		"paused at the end":                   {{800, 800, 500, true, true}, {800, 800, 500, true, true}, {800, 800, 800, false, false}},
		"everything was removed by retention": {{800, 800, 0, false, true}, {800, 800, 0, false, false}},
		"an empty topic":                      {{0, 0, 0, false, true}, {0, 0, 0, false, false}},
		"the broker is away":                  {{500, -1, 500, false, true}, {500, -1, 500, false, true}, {500, 500, 500, false, false}},
	} {
		w := testWorker(aggregate.DefaultSettings())
		w.silentTo = map[string]int64{"queue-events": 1000}
		for i, l := range looks {
			w.pipeline.positions["queue-events"] = l.taken
			w.full.Store(l.full)
			lags := []kafka.Lag{{Topic: "queue-events", Position: l.position, HighWatermark: l.high}}
			if got := w.aheadOf(lags); got != l.silent {
				t.Errorf("%s, look %d: silent %v, want %v", name, i, got, l.silent)
			}
		}
	}
}

// At the memory limit a worker waits at the record that does not fit, and goes on with it when there is room.
func TestWorkerWaitsForRoom(t *testing.T) {
	s := aggregate.DefaultSettings()
	s.Limits.Bytes = 1
	w := testWorker(s)
	done := make(chan error, 1)
	go func() {
		done <- w.process(t.Context(), testBatch(0, 10, testEvent(1, 1), testEvent(1, 2), testEvent(1, 3)))
	}()
	for !w.full.Load() {
		select {
		case err := <-done:
			t.Fatalf("ended at the limit: %v", err)
		case <-time.After(time.Millisecond):
		}
	}
	w.restored.Store(true)
	if w.ready() == nil {
		t.Error("a paused worker says that it is ready")
	}
	w.mu.Lock()
	s.Limits.Bytes = 0
	w.mu.Unlock()
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	if c := w.pipeline.Counts(); c.Accepted != 3 || w.pipeline.positions["queue-events"] != 13 || w.ready() != nil {
		t.Errorf("after there is room: %s, position %d, ready %v", c, w.pipeline.positions["queue-events"], w.ready())
	}
}

func TestWorkerThatIsToldToStopLeavesTheRest(t *testing.T) {
	s := aggregate.DefaultSettings()
	s.Limits.Bytes = 1
	w := testWorker(s)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- w.process(ctx, testBatch(0, 10, testEvent(1, 1), testEvent(1, 2), testEvent(1, 3))) }()
	for !w.full.Load() {
		time.Sleep(time.Millisecond)
	}
	cancel()
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	if at := w.pipeline.positions["queue-events"]; at >= 13 {
		t.Errorf("position %d covers records that were not taken in", at)
	}
}

func TestBehind(t *testing.T) {
	w := testWorker(aggregate.DefaultSettings())
	now := time.Date(2026, 3, 2, 10, 0, 0, 0, time.UTC)
	b := testBatch(0, 10, testEvent(1, 1), testEvent(1, 2))
	b.Records[1].ReceivedAt = ingest.FromGo(now.Add(-time.Minute))
	b.HighWatermark = 100
	if _, err := w.take(b, 0); err != nil {
		t.Fatal(err)
	}
	if got := w.behind(now); got != time.Minute {
		t.Errorf("88 records from the end, the last of a minute ago: %s behind", got)
	}
	b = testBatch(0, 12, testEvent(1, 3))
	b.HighWatermark = b.NextOffset
	if _, err := w.take(b, 0); err != nil {
		t.Fatal(err)
	}
	if got := w.behind(now); got != 0 {
		t.Errorf("at the end: %s behind", got)
	}
}

func TestOwnedErrorSaysWhatToDo(t *testing.T) {
	p, _ := testPipeline(noPartition, aggregate.DefaultSettings(), newPlaces(nil))
	asked := 0
	p.claimed = func(uuid.UUID) (bool, error) { asked++; return asked > 1, nil }
	if _, err := p.Process(testBatch(0, 0, testEvent(1, 1), testEvent(1, 2)), 0); err != nil || asked != 1 || len(p.seen) != 1 {
		t.Fatalf("an organization that nobody owns: %v, asked %d times, %d seen", err, asked, len(p.seen))
	}
	var owned *OwnedError
	if n, err := p.Process(testBatch(0, 2, testEvent(2, 3)), 0); !errors.As(err, &owned) || n != 0 || len(p.seen) != 1 {
		t.Errorf("an organization that an engine has just begun to own: %v at %d, %d seen", err, n, len(p.seen))
	}
}
