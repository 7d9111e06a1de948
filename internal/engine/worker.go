package engine

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"ringside/aggregate"
	"ringside/ingest"
	"ringside/ingest/kafka"
	"ringside/store"
)

const (
	// retryFull is how often a record is tried again that met a full core or writer.
	retryFull   = 200 * time.Millisecond
	fullLogging = 30 * time.Second
)

// source is the part of a *kafka.Partition that a worker needs.
type source interface {
	Number() int32
	GenerationID() int32
	Start(ctx context.Context, places map[string]kafka.Place) error
	Next(ctx context.Context) (*ingest.Batch, error)
	Lag() []kafka.Lag
	Commit(offsets map[string]int64) error
}

// worker owns one partition number for one generation of the group.
type worker struct {
	number int32
	engine *Engine
	log    *slog.Logger
	saver  saver

	mu       sync.Mutex // guards the pipeline
	pipeline *Pipeline
	marking  sync.Mutex // held while a mark is saved; taken before mu
	gone     bool       // the number is another's: a tick that met this worker in its list just before does nothing
	silence
	ranges []store.VersionRange // where predecessors may have left rows
	limits *aggregate.Limits    // of the core
	sweeps atomic.Int32         // that were done

	source   source
	restored atomic.Bool
	full     atomic.Bool
	received atomic.Int64 // Time of the receipt of the last record, while behind; 0 at the end of the log
}

func (e *Engine) newWorker(s source) *worker {
	return &worker{number: s.Number(), engine: e, source: s, log: e.Log.With("partition", s.Number())}
}

// own runs a worker from assignment to hand-over.
func (e *Engine) own(ctx context.Context, p *kafka.Partition) error {
	w := e.newWorker(p)
	e.register(w)
	defer e.unregister(w)
	err := w.begin(ctx)
	if err != nil {
		if ctx.Err() != nil {
			return nil
		}
		return err
	}
	beside, stop := context.WithCancel(ctx)
	var loops sync.WaitGroup
	loops.Go(func() { w.saveRegularly(beside) })
	loops.Go(func() { w.sweepRegularly(beside) })
	err = w.consume(ctx)
	stop()
	loops.Wait()
	if err == nil || ctx.Err() != nil {
		w.handOver(ctx)
		return nil
	}
	return err
}

// begin restores the state and begins to fetch.
func (w *worker) begin(ctx context.Context) error {
	places, err := w.takeOver(ctx)
	if err != nil {
		return err
	}
	if err := w.source.Start(ctx, places); err != nil {
		return err
	}
	w.restored.Store(true)
	return nil
}

// consume takes in batches until ctx ends.
func (w *worker) consume(ctx context.Context) error {
	for {
		if err := w.awaitWriter(ctx); err != nil {
			return nil
		}
		b, err := w.source.Next(ctx)
		if err != nil {
			if ctx.Err() != nil {
				return nil
			}
			return err
		}
		err = w.process(ctx, b)
		b.Release()
		if err != nil {
			return err
		}
	}
}

// awaitWriter stops fetching while the backlog of rows is at its limit.
func (w *worker) awaitWriter(ctx context.Context) error {
	for w.engine.writer.Full() {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(retryFull):
		}
	}
	return ctx.Err()
}

// process takes in one batch. At the memory limit it waits where it is: nothing is forgotten in silence.
func (w *worker) process(ctx context.Context, b *ingest.Batch) error {
	var logged time.Time
	for at := 0; ; {
		n, err := w.take(b, at)
		if err == nil {
			return nil
		}
		if !errors.Is(err, ErrFull) {
			return err
		}
		at = n
		if time.Since(logged) >= fullLogging {
			logged = time.Now()
			w.log.Error("the partition is paused: its state has reached the memory limit; raise memory.limit",
				"topic", b.Topic, "offset", b.Records[at].Offset)
		}
		select {
		case <-ctx.Done():
			return nil // the rest is read again by the next owner
		case <-time.After(retryFull):
		}
	}
}

func (w *worker) take(b *ingest.Batch, from int) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.pipeline.watching = w.silentTo == nil
	n, err := w.pipeline.Process(b, from)
	w.full.Store(errors.Is(err, ErrFull))
	w.pipeline.Settle()
	if last := len(b.Records) - 1; b.NextOffset < b.HighWatermark && last >= 0 {
		w.received.Store(int64(b.Records[last].ReceivedAt))
	} else {
		w.received.Store(0)
	}
	return n, err
}

// tick moves the core's clock and hands out the rows that are due.
func (w *worker) tick(now ingest.Time, due aggregate.TableSet) {
	if !w.restored.Load() {
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.gone {
		return
	}
	w.pipeline.core.Advance(now)
	if due == 0 {
		return
	}
	w.engine.Metrics.partition(w.number, partitionMetrics{w.pipeline.core.Sizes(), w.full.Load(), w.sweeps.Load()})
	if !w.silent() {
		w.pipeline.Drain(due)
	}
}

// behind is how long ago the record was received that is being worked on; 0 at the end of the log.
func (w *worker) behind(now time.Time) time.Duration {
	if at := ingest.Time(w.received.Load()); at != ingest.Unset {
		return max(now.Sub(at.Go()), 0)
	}
	return 0
}

// leave ends what is drained, published and shown to the observer.
func (w *worker) leave() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.gone = true
	if w.pipeline != nil {
		w.pipeline.observer = nil
		// Whoever owns the number next begins at the last checkpoint, and everything that was written until then.
		w.pipeline.sink.Forget(w.number, w.pipeline.versions.next())
	}
}

func (w *worker) ready() error {
	switch {
	case !w.restored.Load():
		return errors.New("its state is being restored")
	case w.full.Load():
		return errors.New("paused at the memory limit: raise memory.limit")
	}
	return nil
}
