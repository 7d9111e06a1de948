package engine

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"time"

	"github.com/cenkalti/backoff/v5"

	"ringside/aggregate"
	"ringside/ingest/kafka"
	"ringside/store"
)

// sweepEvery is how often rows of former owners are looked for after the first two times, in case one wakes up late.
const sweepEvery = 5 * time.Minute

// sweepsNeeded is how many sweeps it takes until former owners are done with: the second comes when the group has given up
// whoever was stalled at the first.
const sweepsNeeded = 2

// sweepRetry is the pause after one that failed.
const sweepRetry = 5 * time.Second

// takeOver makes the pipeline from the last checkpoint, waiting while the store is away, and returns where to begin. It
// announces the new epoch before anything is written under it.
func (w *worker) takeOver(ctx context.Context) (map[string]kafka.Place, error) {
	begin := time.Now()
	e := w.engine
	w.saver = saver{group: e.Config.Kafka.Group, partition: w.number, writer: e.writer, metrics: e.Metrics, ahead: e.habits.markAhead}
	settings := *e.Settings
	settings.Limits.Bytes /= int64(max(e.consumer.Partitions(), 1))
	w.limits = &settings.Limits
	again := backoff.NewExponentialBackOff()
	again.InitialInterval = e.habits.restore
	restored, err := backoff.Retry(ctx, func() (*restoredState, error) {
		r, err := restoreState(ctx, e.Store.DB, &w.saver, &settings)
		if errors.Is(err, store.ErrCheckpointFormat) || errors.Is(err, store.ErrCheckpointCorrupt) {
			return nil, backoff.Permanent(err)
		}
		if err != nil && ctx.Err() == nil {
			w.log.Error("restore", "error", err)
		}
		return r, err
	}, backoff.WithBackOff(again), backoff.WithMaxElapsedTime(0))
	if err != nil {
		return nil, fmt.Errorf("restore partition %d: %w", w.number, err)
	}
	v := &versions{epoch: max(restored.epoch+1, uint32(max(w.source.GenerationID(), 0)))}
	if err := w.adopt(restored, v, &settings); err != nil {
		return nil, err
	}
	if err := w.announce(ctx, restored); err != nil {
		return nil, fmt.Errorf("take over partition %d: %w", w.number, err)
	}
	e.Metrics.restore.UpdateDuration(begin)
	w.log.Info("restored", "epoch", v.epoch, "entities", restored.entities, "took", time.Since(begin).Round(time.Millisecond))
	return restored.places(), nil
}

func (w *worker) adopt(restored *restoredState, v *versions, settings *aggregate.Settings) error {
	e := w.engine
	w.mu.Lock()
	defer w.mu.Unlock()
	w.pipeline = newPipeline(w.number, settings, e.writer, e.Metrics, v, int(e.Config.Kafka.MaxMessageBytes), e.places)
	if err := w.pipeline.protect(e.privacy); err != nil {
		return err
	}
	w.pipeline.adopt(restored.core, restored.positions)
	maps.Copy(w.pipeline.topicIDs, restored.topicIDs)
	w.pipeline.core.Track()
	w.pipeline.observer = e.Observer
	w.silentTo = restored.mark
	w.saver.checkpoints = e.writer.Checkpoints(w.saver.group, w.number, v.epoch, restored.manifest)
	w.ranges = rangesOf(restored.manifest, v.epoch)
	return nil
}

// announce makes the epoch known, so that whoever comes next takes a greater one. And it saves what was adopted as a
// checkpoint of the new epoch: a manifest that a former owner had under way must not be restored by whoever comes next,
// since this one's rows may hold what that state has let go. The first owner of all saves its empty state.
func (w *worker) announce(ctx context.Context, restored *restoredState) error {
	w.mu.Lock()
	version := w.pipeline.versions.next()
	w.saver.captureAdopted(w.pipeline)
	w.mu.Unlock()
	if err := w.awaitGroup(ctx); err != nil {
		return err
	}
	w.marking.Lock()
	defer w.marking.Unlock()
	if err := w.saver.saveMark(ctx, version, restored.mark); err != nil {
		return err
	}
	return w.saver.save(ctx)
}

// awaitGroup waits until this process may write, or ctx ends: one that has stalled while it restored may have lost the
// partition, and would announce itself over the present owner.
func (w *worker) awaitGroup(ctx context.Context) error {
	for w.engine.mayWrite() != nil {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(w.engine.habits.restore):
		}
	}
	return nil
}

// rangesOf returns the versions of rows that former owners have written after the checkpoint that their successor
// adopted.
func rangesOf(m *store.Manifest, epoch uint32) (ranges []store.VersionRange) {
	if m == nil {
		return nil
	}
	for i, s := range m.Chain {
		next := epoch
		if i+1 < len(m.Chain) {
			next = m.Chain[i+1].Epoch
		}
		ranges = append(ranges, store.VersionRange{After: store.Version(s.Epoch, s.Sequence), Before: store.Version(next, 0)})
	}
	return ranges
}

// sweepRegularly removes what former owners have left: once the silence is over, once the group has given up whoever was
// stalled then, and now and then, for one that wakes up even later and had an insert under way.
func (w *worker) sweepRegularly(ctx context.Context) {
	if len(w.ranges) == 0 {
		return
	}
	wait := func(d time.Duration) bool {
		select {
		case <-ctx.Done():
			return false
		case <-time.After(d):
			return true
		}
	}
	for w.stillSilent() {
		if !wait(tickEvery) {
			return
		}
	}
	for pause := w.engine.Config.Kafka.SessionTimeout.Std(); ; pause = sweepEvery {
		for err := w.sweep(ctx); err != nil; err = w.sweep(ctx) {
			if ctx.Err() == nil {
				w.log.Error("look for rows of former owners", "error", err)
			}
			if !wait(sweepRetry) {
				return
			}
		}
		if !wait(pause) {
			return
		}
	}
}

func (w *worker) stillSilent() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.silent()
}

// sweep removes the rows of former owners that this one has not written anew. Everything it holds, it has: a restored core
// drains all of it, and what it has let go since was in that. The tombstones' version is older than any row that is
// drained from now on, so that they cannot hit one that comes meanwhile.
func (w *worker) sweep(ctx context.Context) error {
	e := w.engine
	if err := e.mayWrite(); err != nil {
		return err
	}
	w.mu.Lock()
	version := w.pipeline.versions.next()
	w.pipeline.Drain(aggregate.DrainAll)
	w.mu.Unlock()
	if err := e.writer.Flush(ctx); err != nil {
		return err
	}
	removed := 0
	err := e.Store.DB.Leftovers(ctx, w.number, w.ranges, func(rows *aggregate.Rows) error {
		removed += rows.Len()
		e.writer.Add(w.number, version, rows)
		return nil
	})
	if err != nil {
		return err
	}
	if err := e.writer.Flush(ctx); err != nil {
		return err
	}
	w.sweeps.Add(1)
	e.Metrics.sweeps.Inc()
	e.Metrics.swept.Add(removed)
	if removed == 0 {
		return nil
	}
	w.log.Info("removed rows that a former owner had written beyond its checkpoint and that are no more", "rows", removed)
	return nil
}
