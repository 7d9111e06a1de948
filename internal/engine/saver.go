package engine

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"ringside/aggregate"
	"ringside/ingest"
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

	marked map[string]int64 // the last mark; guarded by the worker's lock
	saved  map[string]int64 // positions of the last checkpoint; likewise
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
	for topic, offset := range p.positions {
		positions[topic] = offset + markAhead
	}
	s.marked = positions
	return positions, p.versions.next(), true
}

func (s *saver) saveMark(ctx context.Context, version uint64, positions map[string]int64) error {
	return s.writer.SaveMark(ctx, s.group, s.partition, version, positionList(s.partition, positions))
}

// changed tells whether anything has been taken in since the last checkpoint.
func (s *saver) changed(p *Pipeline) bool { return !maps.Equal(s.saved, p.positions) }

// capturedState is a core's state as of some positions, copied out so that the core can go on.
type capturedState struct {
	epoch     uint32
	sequence  uint64
	positions map[string]int64
	entities  []aggregate.Entity
}

// capture copies the state. The caller holds the pipeline.
func (s *saver) capture(p *Pipeline) (*capturedState, error) {
	p.versions.next()
	state := &capturedState{epoch: p.versions.epoch, sequence: p.versions.sequence, positions: maps.Clone(p.positions)}
	var arena []byte
	keep := func(b []byte) []byte {
		if len(arena)+len(b) > cap(arena) {
			arena = make([]byte, 0, max(1<<20, len(b)))
		}
		begin := len(arena)
		arena = append(arena, b...)
		return arena[begin:len(arena):len(arena)]
	}
	err := p.core.Snapshot(func(e aggregate.Entity) error {
		e.Key, e.Data = keep(e.Key), keep(e.Data)
		state.entities = append(state.entities, e)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("checkpoint: %w", err)
	}
	s.saved = state.positions
	return state, nil
}

// save writes a captured state: its rows, then the manifest that makes them valid.
func (s *saver) save(ctx context.Context, state *capturedState) error {
	begin := time.Now()
	err := s.writer.SaveCheckpoint(ctx, s.group, s.partition, state.epoch, state.sequence,
		positionList(s.partition, state.positions), func(emit func(aggregate.Entity) error) error {
			for _, e := range state.entities {
				if err := emit(e); err != nil {
					return err
				}
			}
			return nil
		})
	if err != nil {
		return err
	}
	s.metrics.saved.UpdateDuration(begin)
	return nil
}

// restoredState is what a checkpoint gives back.
type restoredState struct {
	core      *aggregate.Core
	epoch     uint32 // the greatest that has written anything; 0: none
	positions map[string]int64
	mark      map[string]int64 // positions that rows in the store may cover
	entities  int
}

// restoreState reads the last checkpoint into a new core; without one the core is empty.
func restoreState(ctx context.Context, db *store.DB, s *saver, settings *aggregate.Settings) (*restoredState, error) {
	r := &restoredState{core: aggregate.New(settings)}
	manifest, found, err := db.LoadCheckpoint(ctx, s.group, s.partition, func(e aggregate.Entity) error {
		r.entities++
		return r.core.Restore(e)
	})
	if err != nil {
		return nil, err
	}
	if found {
		if err := r.core.FinishRestore(); err != nil {
			return nil, fmt.Errorf("restore: %w", err)
		}
		r.positions = positionMap(manifest.Positions)
	}
	mark, marked, err := db.LoadMark(ctx, s.group, s.partition)
	if err != nil {
		return nil, err
	}
	if marked {
		r.mark = positionMap(mark.Positions)
	}
	r.epoch, err = greatestEpoch(ctx, db)
	return r, err
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
