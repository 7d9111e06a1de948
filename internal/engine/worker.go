package engine

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/cenkalti/backoff/v5"

	"ringside/aggregate"
	"ringside/ingest"
	"ringside/ingest/kafka"
	"ringside/store"
)

const (
	// retryFull is how often a record is tried again that met a full core or writer.
	retryFull   = 200 * time.Millisecond
	fullLogging = 30 * time.Second
	silentMost  = 5 * time.Second
)

// worker owns one partition number for one generation of the group.
type worker struct {
	number int32
	engine *Engine
	log    *slog.Logger
	saver  saver

	mu       sync.Mutex // guards the pipeline
	pipeline *Pipeline
	// silentTo are the positions of the predecessor's flush mark: up to them it has written rows that must not go back.
	silentTo    map[string]int64
	silentUntil time.Time        // at the latest, if the end of the log does not become known
	stood       map[string]int64 // where each topic stood when it was last looked at

	source   *kafka.Partition
	restored atomic.Bool
	full     atomic.Bool
	received atomic.Int64 // Time of the receipt of the last record, while behind; 0 at the end of the log
}

// own runs a worker from assignment to hand-over.
func (e *Engine) own(ctx context.Context, p *kafka.Partition) error {
	w := &worker{number: p.Number(), engine: e, source: p, log: e.Log.With("partition", p.Number())}
	e.register(w)
	defer e.unregister(w)
	positions, err := w.restore(ctx, p)
	if err != nil {
		if ctx.Err() != nil {
			return nil
		}
		return err
	}
	if err := p.Start(ctx, positions); err != nil {
		return err
	}
	w.restored.Store(true)
	checkpoints, stop := context.WithCancel(ctx)
	var saving sync.WaitGroup
	saving.Go(func() { w.saveRegularly(checkpoints, p) })
	err = w.consume(ctx, p)
	stop()
	saving.Wait()
	if err == nil || ctx.Err() != nil {
		return w.handOver(ctx, p)
	}
	return err
}

// restore makes the pipeline from the last checkpoint, waiting while the store is away, and returns where to begin.
func (w *worker) restore(ctx context.Context, p *kafka.Partition) (map[string]int64, error) {
	begin := time.Now()
	e := w.engine
	w.saver = saver{group: e.Config.Kafka.Group, partition: w.number, writer: e.writer, metrics: e.Metrics}
	settings := *e.Settings
	settings.Limits.Bytes /= int64(max(e.consumer.Partitions(), 1))
	restored, err := backoff.Retry(ctx, func() (*restoredState, error) {
		r, err := restoreState(ctx, e.Store.DB, &w.saver, &settings)
		if errors.Is(err, store.ErrCheckpointFormat) || errors.Is(err, store.ErrCheckpointCorrupt) {
			return nil, backoff.Permanent(err)
		}
		if err != nil && ctx.Err() == nil {
			w.log.Error("restore", "error", err)
		}
		return r, err
	}, backoff.WithMaxElapsedTime(0))
	if err != nil {
		return nil, fmt.Errorf("restore partition %d: %w", w.number, err)
	}
	v := &versions{epoch: max(restored.epoch+1, uint32(max(p.GenerationID(), 0)))}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.pipeline = newPipeline(w.number, &settings, e.writer, e.Metrics, v, int(e.Config.Kafka.MaxMessageBytes), e.places)
	if err := w.pipeline.protect(e.privacy); err != nil {
		return nil, err
	}
	w.pipeline.adopt(restored.core, restored.positions)
	w.pipeline.observer = e.Observer
	w.silentTo, w.silentUntil = restored.mark, time.Now().Add(silentMost)
	e.Metrics.restore.UpdateDuration(begin)
	w.log.Info("restored", "epoch", v.epoch, "entities", restored.entities, "took", time.Since(begin).Round(time.Millisecond))
	return restored.positions, nil
}

// consume takes in batches until ctx ends.
func (w *worker) consume(ctx context.Context, p *kafka.Partition) error {
	for {
		if err := w.awaitWriter(ctx); err != nil {
			return nil
		}
		b, err := p.Next(ctx)
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
			w.full.Store(false)
			return nil
		}
		if !errors.Is(err, ErrFull) {
			return err
		}
		at = n
		w.full.Store(true)
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
	n, err := w.pipeline.Process(b, from)
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
	w.pipeline.core.Advance(now)
	if due == 0 {
		return
	}
	w.engine.Metrics.partition(w.number, w.pipeline.core.Sizes(), w.full.Load())
	if !w.silent() {
		w.pipeline.Drain(due)
	}
}

// silent tells whether the predecessor may have written rows of later positions than ours. Its mark may lie beyond the
// end of the log: there the silence ends too. The caller holds mu.
func (w *worker) silent() bool {
	if w.silentTo == nil {
		return false
	}
	if waiting := w.aheadOf(w.source.Lag(), time.Now()); waiting {
		return true
	}
	w.silentTo, w.stood = nil, nil
	return false
}

// aheadOf tells whether any topic is still before the predecessor's mark and has something to read.
func (w *worker) aheadOf(lags []kafka.Lag, now time.Time) (waiting bool) {
	if w.stood == nil {
		w.stood = map[string]int64{}
	}
	for _, l := range lags {
		stood, looked := w.stood[l.Topic]
		w.stood[l.Topic] = l.Position
		if w.pipeline.positions[l.Topic] >= w.silentTo[l.Topic] {
			continue
		}
		endKnown := l.HighWatermark > 0 || now.After(w.silentUntil)
		// Retention may have removed what came before the end: then nothing is ever taken in up to there. A position that
		// has not moved since the last look has no batch on its way from the topic to the pipeline.
		atEnd := l.Records() == 0 && looked && stood == l.Position && !w.full.Load()
		waiting = waiting || !endKnown || !atEnd
	}
	return waiting
}

// behind is how long ago the record was received that is being worked on; 0 at the end of the log.
func (w *worker) behind(now time.Time) time.Duration {
	if at := ingest.Time(w.received.Load()); at != ingest.Unset {
		return max(now.Sub(at.Go()), 0)
	}
	return 0
}

// hide ends what the observer is shown.
func (w *worker) hide() {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.pipeline != nil {
		w.pipeline.observer = nil
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

// mark saves the positions that the rows to be flushed cover.
func (w *worker) mark(ctx context.Context) error {
	if !w.restored.Load() {
		return nil
	}
	w.mu.Lock()
	positions, version, needed := w.saver.nextMark(w.pipeline)
	w.mu.Unlock()
	if !needed {
		return nil
	}
	return w.saver.saveMark(ctx, version, positions)
}

// saveRegularly saves a checkpoint every interval.
func (w *worker) saveRegularly(ctx context.Context, p *kafka.Partition) {
	t := time.NewTicker(w.engine.Config.Store.Checkpoint.Interval.Std())
	defer t.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-t.C:
		}
		if err := w.checkpoint(ctx, p); err != nil && ctx.Err() == nil {
			w.log.Error("checkpoint", "error", err)
		}
	}
}

// checkpoint makes the state durable: mark, rows, checkpoint, manifest, and Kafka's commit last, in this order.
func (w *worker) checkpoint(ctx context.Context, p *kafka.Partition) error {
	w.mu.Lock()
	if w.silent() || !w.saver.changed(w.pipeline) {
		w.mu.Unlock()
		return nil
	}
	w.pipeline.Drain(aggregate.DrainAll)
	state, err := w.saver.capture(w.pipeline)
	w.mu.Unlock()
	if err != nil {
		return err
	}
	if err := w.mark(ctx); err != nil {
		return err
	}
	if err := w.engine.writer.Flush(ctx); err != nil {
		return err
	}
	if err := w.saver.save(ctx, state); err != nil {
		return err
	}
	if err := p.Commit(state.positions); err != nil {
		w.log.Debug("commit for lag tools", "error", err) // positions live in the checkpoint
	}
	return nil
}

// handOver flushes and saves what the successor begins with.
func (w *worker) handOver(ctx context.Context, p *kafka.Partition) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), handOver)
	defer cancel()
	if err := w.checkpoint(ctx, p); err != nil {
		w.log.Error("the state could not be saved at the end; the next owner reads again from the last checkpoint", "error", err)
	}
	return nil
}
