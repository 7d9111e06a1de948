package engine

import (
	"context"
	"time"

	"ringside/aggregate"
)

// mark saves the positions that the rows to be flushed cover. Flushes of several tables may ask at once: each goes on when
// the mark is there.
func (w *worker) mark(ctx context.Context) error {
	if !w.restored.Load() {
		return nil
	}
	w.marking.Lock()
	defer w.marking.Unlock()
	w.mu.Lock()
	positions, version, needed := w.saver.nextMark(w.pipeline)
	w.mu.Unlock()
	if !needed {
		return nil
	}
	return w.saver.saveMark(ctx, version, positions)
}

// saveRegularly saves a checkpoint every interval.
func (w *worker) saveRegularly(ctx context.Context) {
	t := time.NewTicker(w.engine.Config.Store.Checkpoint.Interval.Std())
	defer t.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-t.C:
		}
		if err := w.saver.dropOld(ctx, w.engine.consumer.LastHeartbeat()); err != nil && ctx.Err() == nil {
			w.log.Warn("checkpoint", "error", err) // they take room, and the next one tries again
		}
		if err := w.checkpoint(ctx); err != nil && ctx.Err() == nil {
			w.log.Error("checkpoint", "error", err)
		}
	}
}

// checkpoint makes the state durable: rows, after their mark, checkpoint, manifest, and Kafka's commit last. What an
// earlier one has captured and could not save goes first.
func (w *worker) checkpoint(ctx context.Context) error {
	if err := w.engine.mayWrite(); err != nil {
		return err
	}
	captured, err := w.capture()
	if err != nil || !captured {
		return err
	}
	if err := w.engine.writer.Flush(ctx); err != nil {
		return err
	}
	positions := w.saver.unsaved.positions
	if err := w.saver.save(ctx); err != nil {
		return err
	}
	if err := w.source.Commit(positions); err != nil {
		w.log.Debug("commit for lag tools", "error", err) // positions live in the checkpoint
	}
	return nil
}

// capture tells whether there is something to save.
func (w *worker) capture() (bool, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.saver.unsaved != nil {
		return true, nil
	}
	if w.silent() || !w.saver.changed(w.pipeline) {
		return false, nil
	}
	w.pipeline.Drain(aggregate.DrainAll)
	w.saver.unswept = len(w.ranges) > 0 && w.sweeps.Load() < sweepsNeeded
	return true, w.saver.capture(w.pipeline)
}

// handOver flushes and saves what the successor begins with.
func (w *worker) handOver(ctx context.Context) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), w.engine.habits.handOver)
	defer cancel()
	for again := true; again; {
		again = w.saver.unsaved != nil // from before the end; what has come since is to be saved too
		if err := w.checkpoint(ctx); err != nil {
			w.log.Error("the state could not be saved at the end; the next owner reads again from the last checkpoint", "error", err)
			return
		}
	}
}
