package engine

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"syscall"
	"time"

	"github.com/google/uuid"

	"ringside/aggregate"
	"ringside/ingest"
	"ringside/ingest/vendors"
	"ringside/internal/config"
	"ringside/internal/engine/recording"
	"ringside/store"
)

// replayGroup is the owner of what replays have put into a store: its state goes on from one replay to the next.
const replayGroup = "ringside.replay"

// interruptedWait is how long an interrupted replay waits for a store that takes nothing.
const interruptedWait = 5 * time.Second

// settleEvery is how many events of a replay are taken in between two folds of the calls that they change.
const settleEvery = 4096

// ReplayOptions say what to replay, and where to.
type ReplayOptions struct {
	Config *config.Config
	Files  []string // "-" is Stdin
	Stdin  io.Reader
	Source string
	Log    *slog.Logger
}

// Replay puts recorded events through a core into the store.
type Replay struct {
	ReplayOptions
	reader   *recording.Reader
	settings *aggregate.Settings

	db       *Store
	writer   *store.Writer
	pipeline *Pipeline
	saver    saver
	before   map[uuid.UUID]Counts // accounts of the core before
	pending  int                  // events since the last Settle
	stuck    bool                 // a read was left behind
}

// OpenReplay opens the files; the store is opened by Run.
func OpenReplay(o ReplayOptions) (*Replay, error) {
	settings, err := o.Config.Settings()
	if err != nil {
		return nil, err
	}
	if !vendors.Known(o.Source) {
		return nil, fmt.Errorf("replay: no decoder for source %q; there are: %s", o.Source, vendors.Names())
	}
	read := vendors.EventTime(o.Source)
	reader, err := recording.Open(recording.Options{Files: o.Files, Stdin: o.Stdin, Source: o.Source,
		Limit: int(o.Config.Kafka.MaxMessageBytes), Stamp: func(line []byte) ingest.Time {
			at, _ := read(line) // what cannot be decoded has no time; it becomes a reject later
			return at
		}})
	if err != nil {
		return nil, err
	}
	return &Replay{ReplayOptions: o, reader: reader, settings: settings}, nil
}

// Size returns the bytes to read, 0 if that is not known; BytesRead how many have been read.
func (r *Replay) Size() int64      { return r.reader.Size() }
func (r *Replay) BytesRead() int64 { return r.reader.BytesRead() }

// Run replays everything and returns the counts, which hold what was done also where there is an error. When ctx ends,
// what was taken in is written and saved before Run returns.
func (r *Replay) Run(ctx context.Context) (counts Counts, err error) {
	defer func() {
		if !r.stuck {
			err = errors.Join(err, r.reader.Close())
		}
	}()
	if r.Config.Store.Embedded {
		unlock, err := lockReplay(r.Config.DataDir)
		if err != nil {
			return counts, err
		}
		defer unlock()
	}
	if r.db, err = OpenStore(ctx, r.Config, StoreReplay, r.Log); err != nil {
		return counts, err
	}
	defer func() { err = errors.Join(err, r.db.Close()) }()
	metrics := NewMetrics()
	if r.writer, err = newWriter(r.db.DB, r.Config, metrics, nil); err != nil {
		return counts, err
	}
	finishing, stopWatch := r.watch(ctx)
	defer stopWatch()
	if err := r.prepare(ctx, metrics); err != nil {
		if ctx.Err() != nil && r.writer.Trouble() != nil {
			err = interrupted(r.writer.Trouble())
		}
		return counts, err
	}
	err = r.feed(ctx)
	errFinish := r.finish(finishing)
	counts = r.pipeline.Counts()
	switch {
	case ctx.Err() != nil && errFinish != nil:
		if trouble := r.writer.Trouble(); trouble != nil {
			errFinish = trouble
		}
		return counts, interrupted(errFinish)
	case ctx.Err() != nil:
		return counts, errors.New("interrupted: what was read is stored; replay the same files again to go on")
	case err != nil && errors.As(errFinish, new(*OwnedError)):
		return counts, err // it is the same error
	case err != nil || errFinish != nil:
		return counts, errors.Join(err, errFinish)
	}
	return counts, r.compareAccounts(counts)
}

func interrupted(trouble error) error {
	return fmt.Errorf("interrupted while the store did not take rows: replay the same files again: %w", trouble)
}

// watch says when the store does not take rows. The returned context is for finishing: it outlives ctx, and ends when
// waiting is in vain, because an embedded store has ended for good, or because the user has interrupted and the store
// takes nothing.
func (r *Replay) watch(ctx context.Context) (finishing context.Context, stop func()) {
	finishing, cancel := context.WithCancel(context.WithoutCancel(ctx))
	var watching sync.WaitGroup
	watching.Go(func() {
		said := troubleLog{log: r.Log}
		t := time.NewTicker(tickEvery)
		defer t.Stop()
		for {
			select {
			case <-finishing.Done():
				return
			case <-r.db.Ended():
				cancel()
				return
			case now := <-t.C:
				if lasted := said.look(now, r.writer.Trouble()); lasted > interruptedWait && ctx.Err() != nil {
					cancel()
					return
				}
			}
		}
	})
	return finishing, func() {
		cancel()
		watching.Wait()
	}
}

// prepare restores what the last replay into this store left.
func (r *Replay) prepare(ctx context.Context, metrics *Metrics) error {
	writer := r.writer
	protection, err := newProtection(r.Config)
	if err != nil {
		return err
	}
	writer.SetLag(time.Hour) // a replay is behind by nature: larger and rarer inserts
	stored, err := r.db.DB.Organizations(ctx)
	if err != nil {
		return err
	}
	r.saver = saver{group: replayGroup, partition: noPartition, writer: writer, metrics: metrics}
	restored, err := restoreState(ctx, r.db.DB, &r.saver, r.settings)
	if err != nil {
		return fmt.Errorf("the state of the replay before: %w", err)
	}
	v := &versions{epoch: restored.epoch + 1}
	r.saver.checkpoints = writer.Checkpoints(replayGroup, noPartition, v.epoch, restored.manifest)
	r.pipeline = newPipeline(noPartition, r.settings, writer, metrics, v, int(r.Config.Kafka.MaxMessageBytes), newPlaces(stored))
	r.pipeline.watching = true
	r.pipeline.adopt(restored.core, nil)
	r.before = maps.Clone(r.pipeline.accounts)
	if err := r.pipeline.protect(protection); err != nil {
		return err
	}
	r.pipeline.claimed = func(organization uuid.UUID) (bool, error) { return r.db.claimed(ctx, organization) }
	// The epoch is announced before its first row: a replay that follows a killed one must write later versions.
	return r.saver.saveMark(ctx, v.next(), r.pipeline.positions)
}

// checkOwners fails if an engine has begun to own one of the replay's organizations. It comes before each flush.
func (r *Replay) checkOwners(ctx context.Context) error {
	owners, err := r.db.DB.Organizations(ctx)
	if err != nil {
		return err
	}
	for organization := range r.pipeline.seen {
		if at, known := owners[organization]; known && at != noPartition {
			return &OwnedError{Organization: organization}
		}
	}
	return nil
}

// announceOrganizations notes the replay's organizations, in a fixed order. It comes last: while the replay runs, an
// engine's entry must not be covered by one of the replay's.
func (r *Replay) announceOrganizations() {
	for _, organization := range slices.SortedFunc(maps.Keys(r.pipeline.seen), func(a, b uuid.UUID) int { return bytes.Compare(a[:], b[:]) }) {
		r.writer.AddOrganization(noPartition, r.pipeline.versions.next(), organization, r.pipeline.seen[organization])
	}
}

// feed takes in all events.
func (r *Replay) feed(ctx context.Context) error {
	flushing, stop := context.WithCancel(ctx)
	var failed error
	flushers := newFlushers(flushing, func(ctx context.Context, tables aggregate.TableSet) {
		if err := r.writer.FlushTables(ctx, tables); err != nil && ctx.Err() == nil {
			r.Log.Error("flush", "error", err)
		}
	})
	defer flushers.wait()
	defer stop()
	next, finish := r.source(ctx)
	defer finish()
	for failed == nil && ctx.Err() == nil {
		b, err := next()
		if err == io.EOF || ctx.Err() != nil { // a wrapped EOF is a file that ends too early
			break
		}
		if err != nil {
			return fmt.Errorf("%w: what comes before it is stored; replace the file and replay it again, nothing is counted twice", err)
		}
		if at, err := r.pipeline.Process(b, 0); err != nil {
			return r.refused(b, at, err)
		}
		if r.pending += len(b.Records); r.pending >= settleEvery {
			r.pending = 0
			r.pipeline.Settle()
			due := r.writer.Due(time.Now())
			if due != 0 {
				if err := r.checkOwners(ctx); err != nil {
					return err
				}
				r.pipeline.Drain(due)
			}
			flushers.start(due)
			failed = r.awaitWriter(ctx, flushers)
		}
	}
	return failed
}

// source returns the reader's Next, for a pipe one that ctx ends.
func (r *Replay) source(ctx context.Context) (next func() (*ingest.Batch, error), finish func()) {
	if r.reader.Size() > 0 {
		return r.reader.Next, func() {}
	}
	i := newInterruptible(r.reader)
	return func() (*ingest.Batch, error) { return i.next(ctx) }, func() {
		r.stuck = i.stuck
		i.close()
	}
}

func (r *Replay) refused(b *ingest.Batch, at int, err error) error {
	if errors.Is(err, ErrFull) {
		err = fmt.Errorf("%w: raise memory.limit", err)
	}
	return fmt.Errorf("%s, line %d: %w", b.Topic, b.Records[at].Offset+1, err)
}

// awaitWriter waits while the backlog of rows is at its limit.
func (r *Replay) awaitWriter(ctx context.Context, f *flushers) error {
	for r.writer.Full() && ctx.Err() == nil {
		f.start(aggregate.DrainAll)
		select {
		case <-ctx.Done():
		case <-r.db.Ended():
			return fmt.Errorf("the embedded store has ended: %w", r.db.Err())
		case <-time.After(retryFull):
		}
	}
	return nil
}

// finish writes the rest and saves the state for the next replay.
func (r *Replay) finish(ctx context.Context) error {
	if err := r.checkOwners(ctx); err != nil {
		return err
	}
	r.pipeline.Drain(aggregate.DrainAll)
	r.announceOrganizations()
	if err := r.writer.Flush(ctx); err != nil {
		return err
	}
	if err := r.saver.captureAll(r.pipeline); err != nil {
		return err
	}
	return r.saver.save(ctx)
}

// compareAccounts checks the counts of this replay against the accounts of the core, which are kept elsewhere.
func (r *Replay) compareAccounts(counts Counts) error {
	var sum Counts
	for organization, after := range r.pipeline.accounts {
		sum = sum.plus(after.Minus(r.before[organization]))
	}
	if sum != counts {
		return fmt.Errorf("BUG: the accounts of the organizations (%s) are not those of the replay (%s)", sum, counts)
	}
	return nil
}

// lockReplay makes sure that one replay at a time goes on from the state that the last one has saved.
func lockReplay(dataDir string) (unlock func(), err error) {
	if err := os.MkdirAll(dataDir, 0o755); err != nil {
		return nil, fmt.Errorf("replay: %w", err)
	}
	f, err := os.OpenFile(filepath.Join(dataDir, "replay.lock"), os.O_CREATE|os.O_RDWR, 0o644)
	if err != nil {
		return nil, fmt.Errorf("replay: %w", err)
	}
	err = syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	if err == nil {
		return func() { _ = f.Close() }, nil
	}
	_ = f.Close()
	if errors.Is(err, syscall.EWOULDBLOCK) {
		return nil, fmt.Errorf("another replay into %s is running: wait for it, or choose another --data-dir", dataDir)
	}
	return nil, fmt.Errorf("replay: lock %s: %w", f.Name(), err)
}
