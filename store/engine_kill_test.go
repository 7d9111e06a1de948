package store

import (
	"os"
	"syscall"
	"testing"
	"time"

	"ringside/aggregate"
	"ringside/store/embedded/embeddedtest"
)

// The engine is killed in the middle of the writing, again and again, and comes back by itself: every row is there once.
func TestWriterSurvivesKillsOfTheEngine(t *testing.T) {
	engine := embeddedtest.Start(t)
	db := openEmpty(t, engine.URL())
	if err := db.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	w := newTestWriter(db, func(o *WriterOptions) { o.BlockRows = 50; o.InsertTimeout = 10 * time.Second })
	const flushes, each, kills = 12, 400, 3
	killed := make(chan error, kills)
	go func() {
		for i := range kills {
			restarts := uint64(i)
			for engine.Restarts() < restarts {
				time.Sleep(time.Millisecond)
			}
			time.Sleep(time.Duration(5+40*i) * time.Millisecond) // somewhere in the writing
			p, err := os.FindProcess(engine.PID())
			if err == nil {
				err = p.Signal(syscall.SIGKILL)
			}
			killed <- err
		}
	}()
	written := 0
	for f := 0; f < flushes || len(killed) < kills; f++ {
		for i := range each {
			w.Add(0, uint64(f+1), &aggregate.Rows{Calls: []aggregate.CallRow{call(f*each+i, aggregate.Answered)}})
		}
		flush(t, w)
		written += each
	}
	for range kills {
		if err := <-killed; err != nil {
			t.Fatal(err)
		}
	}
	eventually(t, "the engine is back", func() bool { return engine.Restarts() >= kills })
	flush(t, w)
	equal(t, "calls", countOf(t, db, "calls"), uint64(written))
	equal(t, "distinct calls", one[uint64](t, db, "SELECT uniqExact(call_id) FROM calls"), uint64(written))
	if engine.Restarts() < kills {
		t.Errorf("%d restarts, want %d", engine.Restarts(), kills)
	}
}
