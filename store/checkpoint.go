package store

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"

	"ringside/aggregate"
	"ringside/ingest"
)

// CheckpointFormat is the format of checkpoints that this binary writes and reads (docs/CHECKPOINTS.md).
const CheckpointFormat = 2

// Errors of LoadCheckpoint. After any of them the core that was being restored is to be thrown away.
var (
	ErrCheckpointFormat  = errors.New("the checkpoint is in a format that this version of Ringside does not know")
	ErrCheckpointCorrupt = errors.New("the checkpoint's rows are not those of its manifest")
)

// Manifest makes the rows of a checkpoint valid. It is written after them.
type Manifest struct {
	Group     string
	Partition int32
	Epoch     uint32
	Sequence  uint64
	Positions []ingest.Position    // the next record of each topic: the state holds all before
	TopicIDs  map[string]uuid.UUID // of the topics that the positions are of, where they have ids
	Format    uint16
	Chain     []Segment // the rows that make up the state, by ascending epoch
	Rows      uint64    // in the chain
	Bytes     uint64    // of their keys and data
	Checksum  uint64    // wrapping sum of their hashes
	WrittenAt time.Time
}

// Segment is the part of a checkpoint that one owner of the partition wrote: of its epoch, the rows of Generation and
// later ones, up to and with Sequence. What a former owner that wakes up writes beyond is not in it.
type Segment struct {
	Epoch      uint32
	Generation uint32
	Sequence   uint64
}

// Checkpoint is what Save adds to the state saved so far.
type Checkpoint struct {
	Sequence  uint64
	Positions []ingest.Position
	TopicIDs  map[string]uuid.UUID // by topic, of those that have one
	// Entities that changed, tombstones of those that went, and unchanged ones that are written again: of one key the last
	// counts.
	Entities []aggregate.Entity
	// CycleDone says that everything that was held when the generation began, and still is, has been in Entities since. It
	// stays true for the generation.
	CycleDone bool
}

// Checkpoints writes the checkpoints of one partition in one epoch. One goroutine uses it.
type Checkpoints struct {
	w         *Writer
	group     string
	partition int32
	epoch     uint32

	chain   chain
	last    uint64      // sequence of the last acknowledged manifest
	failed  *failedSave // that must be repeated
	dropped uint32      // the first own generation that was needed when Drop last succeeded
}

type failedSave struct {
	sequence uint64
	totals   totals
}

// Checkpoints returns the writer of a partition's checkpoints in an epoch that is greater than all before. adopted is the
// manifest that the state was restored from, nil where there was none and the state is empty.
func (w *Writer) Checkpoints(group string, partition int32, epoch uint32, adopted *Manifest) *Checkpoints {
	c := &Checkpoints{w: w, group: group, partition: partition, epoch: epoch}
	if adopted != nil {
		if adopted.Epoch >= epoch || adopted.Group != group || adopted.Partition != partition {
			panic(fmt.Sprintf("BUG: the checkpoint of group %s, partition %d, epoch %d is adopted by group %s, partition %d, epoch %d",
				adopted.Group, adopted.Partition, adopted.Epoch, group, partition, epoch))
		}
		c.chain.adopted = slices.Clone(adopted.Chain)
		c.chain.before = totals{adopted.Rows, adopted.Bytes, adopted.Checksum}
	}
	return c
}

// NewGeneration tells whether the next Save begins a generation: then the cursor through the state must begin anew.
func (c *Checkpoints) NewGeneration() bool { return c.chain.ended() }

// LongChain tells that the partition has changed its owner so often, each time before a cycle was done, that the next
// Save should hold everything, with CycleDone: a chain of hundreds of segments is slow to read.
func (c *Checkpoints) LongChain() bool { return len(c.chain.adopted) >= longChain }

// Save writes the rows, then the manifest; until the manifest is acknowledged the previous checkpoint stays valid. Failures
// of ClickHouse are retried until ctx ends. A checkpoint whose Save failed must be saved again, the same one under the same
// sequence, before any other: its rows may be there, and the repeat replaces them by themselves. Sequences rise.
func (c *Checkpoints) Save(ctx context.Context, p Checkpoint) error {
	begin := time.Now()
	next := c.chain.next()
	rows := newCheckpointWrite(c, next.generation(), &p)
	c.check(p.Sequence, rows.totals)
	c.failed = &failedSave{p.Sequence, rows.totals} // until it has not
	if err := rows.write(ctx); err != nil {
		return err
	}
	next.add(rows.totals, p.CycleDone)
	sums := next.totals()
	m := Manifest{Group: c.group, Partition: c.partition, Epoch: c.epoch, Sequence: p.Sequence, Positions: p.Positions, TopicIDs: p.TopicIDs,
		Format: CheckpointFormat, Chain: next.segments(c.epoch, p.Sequence), Rows: sums.rows, Bytes: sums.bytes, Checksum: sums.hashes,
		WrittenAt: time.Now()}
	if err := c.w.saveManifest(ctx, m); err != nil {
		return err
	}
	c.w.metrics.checkpointed(rows.totals, c.NewGeneration(), time.Since(begin))
	c.chain, c.last, c.failed = next, p.Sequence, nil
	return nil
}

// check panics where the order of saving would make rows valid that are not counted, or the other way round.
func (c *Checkpoints) check(sequence uint64, t totals) {
	switch {
	case sequence <= c.last:
		panic(fmt.Sprintf("BUG: checkpoint %d follows checkpoint %d", sequence, c.last))
	case c.failed != nil && *c.failed != failedSave{sequence, t}:
		panic(fmt.Sprintf("BUG: checkpoint %d of %d rows follows checkpoint %d of %d rows, which failed and was not repeated",
			sequence, t.rows, c.failed.sequence, c.failed.totals.rows))
	}
}
