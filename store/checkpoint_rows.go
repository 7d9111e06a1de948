package store

import (
	"context"
	"encoding/binary"
	"fmt"

	"github.com/cespare/xxhash/v2"
	"github.com/google/uuid"

	"ringside/aggregate"
)

// checkpointRow is one entity in the log.
type checkpointRow struct {
	number uint64
	entity *aggregate.Entity
	hash   uint64
}

// place is where in the log a row is.
type place struct {
	epoch, generation uint32
	sequence, number  uint64
}

// rowHasher computes row hashes (docs/CHECKPOINTS.md).
type rowHasher struct {
	digest *xxhash.Digest
	header [50]byte
}

func newRowHasher() *rowHasher { return &rowHasher{digest: xxhash.New()} }

func (h *rowHasher) hash(at place, e *aggregate.Entity) uint64 {
	b := h.header[:0]
	b = append(b, byte(e.Kind))
	b = append(b, e.OrganizationID[:]...)
	deleted := byte(0)
	if e.Deleted {
		deleted = 1
	}
	b = append(b, deleted)
	b = binary.LittleEndian.AppendUint32(b, at.epoch)
	b = binary.LittleEndian.AppendUint32(b, at.generation)
	b = binary.LittleEndian.AppendUint64(b, at.sequence)
	b = binary.LittleEndian.AppendUint64(b, at.number)
	b = binary.LittleEndian.AppendUint32(b, uint32(len(e.Key)))
	b = binary.LittleEndian.AppendUint32(b, uint32(len(e.Data)))
	h.digest.Reset()
	h.digest.Write(b)
	h.digest.Write(e.Key)
	h.digest.Write(e.Data)
	return h.digest.Sum64()
}

const (
	checkpointChunk = 8 << 20 // bytes of keys and data in one insert
	checkpointRows  = 32 << 10
)

// checkpointWrite are the rows of one checkpoint.
type checkpointWrite struct {
	c          *Checkpoints
	generation uint32
	sequence   uint64
	entities   []aggregate.Entity
	hashes     []uint64
	totals     totals
}

func newCheckpointWrite(c *Checkpoints, generation uint32, p *Checkpoint) *checkpointWrite {
	r := &checkpointWrite{c: c, generation: generation, sequence: p.Sequence, entities: p.Entities, hashes: make([]uint64, len(p.Entities))}
	h := newRowHasher()
	for i := range r.entities {
		e := &r.entities[i]
		if e.Deleted && len(e.Data) > 0 {
			panic(fmt.Sprintf("BUG: a tombstone of kind %d has data", e.Kind))
		}
		r.hashes[i] = h.hash(place{c.epoch, generation, p.Sequence, uint64(i)}, e)
		r.totals = r.totals.plus(totals{1, uint64(len(e.Key) + len(e.Data)), r.hashes[i]})
	}
	return r
}

// write inserts the rows, a chunk at a time. A repeat makes the same chunks.
func (r *checkpointWrite) write(ctx context.Context) error {
	t := newTable(checkpointSpec(r.c.group, r.c.epoch, r.generation, r.sequence), &backlog{})
	version := Version(r.c.epoch, r.sequence)
	var rows []entry[checkpointRow]
	bytes := 0
	send := func() error {
		if len(rows) == 0 {
			return nil
		}
		if err := t.insertRetrying(ctx, r.c.w, rows); err != nil {
			return r.c.w.db.fail(fmt.Sprintf("checkpoint of partition %d", r.c.partition), err)
		}
		rows, bytes = rows[:0], 0
		return nil
	}
	for i := range r.entities {
		e := &r.entities[i]
		need := len(e.Key) + len(e.Data)
		if len(rows) >= checkpointRows || bytes+need > checkpointChunk {
			if err := send(); err != nil {
				return err
			}
		}
		bytes += need
		rows = append(rows, entry[checkpointRow]{row: checkpointRow{uint64(i), e, r.hashes[i]}, version: version,
			partition: r.c.partition, deleted: e.Deleted})
	}
	return send()
}

func checkpointSpec(group string, epoch, generation uint32, sequence uint64) tableSpec[noKey, checkpointRow] {
	type R = checkpointRow
	return tableSpec[noKey, R]{
		name: "checkpoints_versions",
		columns: append([]columnOf[R]{
			textCol("kafka_group", func(*R) string { return group }),
			col("epoch", "UInt32", func(*entry[R]) uint32 { return epoch }),
			col("generation", "UInt32", func(*entry[R]) uint32 { return generation }),
			col("sequence", "UInt64", func(*entry[R]) uint64 { return sequence }),
			col("row_number", "UInt64", func(e *entry[R]) uint64 { return e.row.number }),
			col("kind", "UInt8", func(e *entry[R]) uint8 { return uint8(e.row.entity.Kind) }),
			idCol("organization_id", func(r *R) uuid.UUID { return r.entity.OrganizationID }),
			bytesCol("key", func(r *R) *[]byte { return &r.entity.Key }),
			bytesCol("data", func(r *R) *[]byte { return &r.entity.Data }),
			col("row_hash", "UInt64", func(e *entry[R]) uint64 { return e.row.hash }),
		}, ownerCols[R]()...),
	}
}
