package engine

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/google/uuid"

	"ringside/aggregate"
	"ringside/ingest"
	"ringside/ingest/kafka"
	"ringside/store"
)

// markAhead is how many records of a topic a flush mark covers beyond the position, so that not every flush needs one.
// A mark that is too far ahead costs a successor a moment's silence, one that is too short would let figures go back.
const markAhead = 20_000

// saver makes a pipeline's state durable under a group and partition number.
type saver struct {
	group     string
	partition int32
	writer    *store.Writer
	metrics   *Metrics
	ahead     int64 // see markAhead

	checkpoints *store.Checkpoints
	marked      map[string]int64 // the last mark that is saved; guarded by the worker's marking
	saved       map[string]int64 // positions of the last checkpoint; guarded by its mu
	// unsaved is what was captured last, while its save has not succeeded: it is to be saved before anything else is captured.
	unsaved      *capturedState
	acknowledged time.Time // when the last save was
	// unswept has the manifests name the checkpoints of former owners, even when they are needed no more: whoever comes next
	// looks for rows that were written after those, too.
	unswept bool
}

// nextMark returns the mark that the present positions need, if the last one does not cover them.
func (s *saver) nextMark(p *Pipeline) (positions map[string]int64, version uint64, needed bool) {
	for topic, offset := range p.positions {
		needed = needed || offset > s.marked[topic]
	}
	if !needed {
		return nil, 0, false
	}
	positions = make(map[string]int64, len(p.positions))
	maps.Copy(positions, s.marked) // a predecessor's mark may be further on
	for topic, offset := range p.positions {
		positions[topic] = max(positions[topic], offset+s.ahead)
	}
	return positions, p.versions.next(), true
}

func (s *saver) saveMark(ctx context.Context, version uint64, positions map[string]int64) error {
	if err := s.writer.SaveMark(ctx, s.group, s.partition, version, positionList(s.partition, positions)); err != nil {
		return err
	}
	s.marked = positions
	return nil
}

// changed tells whether anything has been taken in since the last checkpoint.
func (s *saver) changed(p *Pipeline) bool { return !maps.Equal(s.saved, p.positions) }

// capturedState is what a checkpoint adds to those before it, copied out so that the core can go on.
type capturedState struct {
	sequence  uint64
	positions map[string]int64
	topicIDs  map[string]uuid.UUID
	entities  []aggregate.Entity
	done      bool // see store.Checkpoint.CycleDone
	changed   int  // bytes
	arena     []byte
}

func newCapture(p *Pipeline) *capturedState {
	p.versions.next()
	return &capturedState{sequence: p.versions.sequence, positions: maps.Clone(p.positions), topicIDs: maps.Clone(p.topicIDs)}
}

// add copies an entity.
func (s *capturedState) add(e aggregate.Entity) error {
	e.Key, e.Data = s.keep(e.Key), s.keep(e.Data)
	s.entities = append(s.entities, e)
	return nil
}

const captureChunk = 1 << 20

func (s *capturedState) keep(b []byte) []byte {
	if len(s.arena)+len(b) > cap(s.arena) {
		s.arena = make([]byte, 0, max(captureChunk, len(b)))
	}
	begin := len(s.arena)
	s.arena = append(s.arena, b...)
	return s.arena[begin:len(s.arena):len(s.arena)]
}

// capture copies what has changed. The caller holds the pipeline, and has drained it.
func (s *saver) capture(p *Pipeline) error {
	if s.unsaved != nil {
		panic("BUG: a checkpoint is captured before the last one was saved")
	}
	state := newCapture(p)
	all := s.checkpoints.LongChain()
	if all || s.checkpoints.NewGeneration() {
		p.core.BeginCycle()
	}
	for {
		changed, done, err := p.core.Changes(state.add)
		if err != nil {
			return fmt.Errorf("checkpoint: %w", err)
		}
		state.changed, state.done = state.changed+changed, done && (all || !s.unswept)
		if done || !all {
			break
		}
	}
	s.unsaved, s.saved = state, state.positions
	return nil
}

// captureAdopted begins the chain of an epoch with a checkpoint that adds nothing to what was adopted.
func (s *saver) captureAdopted(p *Pipeline) {
	p.core.BeginCycle()
	state := newCapture(p)
	s.unsaved, s.saved = state, state.positions
}

// captureAll copies the whole state, of a core that does not track its changes, for the first checkpoint of an epoch.
func (s *saver) captureAll(p *Pipeline) error {
	state := newCapture(p)
	state.done = true
	if err := p.core.Snapshot(state.add); err != nil {
		return fmt.Errorf("checkpoint: %w", err)
	}
	s.unsaved, s.saved = state, state.positions
	return nil
}

// save writes what was captured: its rows, then the manifest that makes them valid.
func (s *saver) save(ctx context.Context) error {
	begin, state := time.Now(), s.unsaved
	err := s.checkpoints.Save(ctx, store.Checkpoint{Sequence: state.sequence, Positions: positionList(s.partition, state.positions),
		TopicIDs: state.topicIDs, Entities: state.entities, CycleDone: state.done})
	if err != nil {
		return err
	}
	s.acknowledged, s.unsaved = time.Now(), nil
	s.metrics.checkpoint(begin, state.changed)
	return nil
}

// dropOld drops what no successor can need, once the group's coordinator has confirmed, since the last save, that the
// partition is still this process's.
func (s *saver) dropOld(ctx context.Context, heard time.Time) error {
	if s.acknowledged.IsZero() || !heard.After(s.acknowledged) {
		return nil
	}
	return s.checkpoints.Drop(ctx)
}

// restoredState is what a checkpoint gives back.
type restoredState struct {
	core      *aggregate.Core
	epoch     uint32 // the greatest that has written anything; 0: none
	positions map[string]int64
	topicIDs  map[string]uuid.UUID
	mark      map[string]int64 // positions that rows in the store may cover
	manifest  *store.Manifest  // nil: none was found, the core is empty
	entities  int
}

// restoreState reads the last checkpoint into a new core; without one the core is empty.
func restoreState(ctx context.Context, db *store.DB, s *saver, settings *aggregate.Settings) (*restoredState, error) {
	r := &restoredState{core: aggregate.New(settings)}
	var err error
	// First of all: whoever stalls here, while others take over, must not wake up to an epoch greater than theirs.
	if r.epoch, err = greatestEpoch(ctx, db); err != nil {
		return nil, err
	}
	manifest, found, err := db.LoadCheckpoint(ctx, s.group, s.partition, func(e aggregate.Entity) error {
		r.entities++
		return r.core.Restore(e)
	})
	if err != nil {
		return nil, err
	}
	if found {
		if manifest.Epoch > r.epoch {
			return nil, fmt.Errorf("restore: another process has taken the partition over meanwhile, as epoch %d", manifest.Epoch)
		}
		r.manifest = manifest
		if err := r.core.FinishRestore(); err != nil {
			return nil, fmt.Errorf("restore: %w", err)
		}
		r.positions, r.topicIDs = positionMap(manifest.Positions), manifest.TopicIDs
	}
	mark, marked, err := db.LoadMark(ctx, s.group, s.partition)
	if err != nil {
		return nil, err
	}
	if marked {
		r.mark = positionMap(mark.Positions)
	}
	return r, nil
}

// places are where to go on in each topic.
func (r *restoredState) places() map[string]kafka.Place {
	places := make(map[string]kafka.Place, len(r.positions))
	for topic, offset := range r.positions {
		places[topic] = kafka.Place{Offset: offset, TopicID: r.topicIDs[topic]}
	}
	return places
}

// greatestEpoch returns the greatest epoch that anyone has announced, so that the next one is greater than all: an
// organization may come from a replay, or from another group. Marks count too, for owners that left before their first
// checkpoint.
func greatestEpoch(ctx context.Context, db *store.DB) (uint32, error) {
	var epoch uint32
	var version uint64
	err := db.Conn().QueryRow(ctx, "SELECT (SELECT max(epoch) FROM checkpoint_manifests), (SELECT max(version) FROM flush_marks)").
		Scan(&epoch, &version)
	if err != nil {
		return 0, fmt.Errorf("read the greatest epoch: %w", err)
	}
	marked, _ := store.SplitVersion(version)
	return max(epoch, marked), nil
}

func positionList(partition int32, positions map[string]int64) []ingest.Position {
	list := make([]ingest.Position, 0, len(positions))
	for _, topic := range slices.Sorted(maps.Keys(positions)) {
		list = append(list, ingest.Position{Topic: topic, Partition: partition, Offset: positions[topic]})
	}
	return list
}

func positionMap(list []ingest.Position) map[string]int64 {
	positions := make(map[string]int64, len(list))
	for _, p := range list {
		positions[p.Topic] = p.Offset
	}
	return positions
}
