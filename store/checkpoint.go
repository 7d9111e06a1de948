package store

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/cespare/xxhash/v2"
	"github.com/google/uuid"

	"ringside/aggregate"
	"ringside/ingest"
)

// CheckpointFormat is the format of checkpoints that this binary writes and reads (docs/CHECKPOINTS.md).
const CheckpointFormat = 1

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
	Positions []ingest.Position // the next record of each topic: the state holds all before
	Format    uint16
	Rows      uint64
	Bytes     uint64 // of keys and data
	Checksum  uint64
	WrittenAt time.Time
}

// SaveCheckpoint writes the whole state of a partition: the rows that snapshot emits, then the manifest, then it drops
// the checkpoints before the previous one. Until the manifest is acknowledged the previous checkpoint stays valid.
// Failures of ClickHouse are retried until ctx ends; an error of snapshot is returned. (epoch, sequence) must be greater
// than those of every earlier checkpoint of the partition.
func (w *Writer) SaveCheckpoint(ctx context.Context, group string, partition int32, epoch uint32, sequence uint64,
	positions []ingest.Position, snapshot func(emit func(aggregate.Entity) error) error) error {
	begin := time.Now()
	s := newCheckpointSaver(ctx, w, group, partition, epoch, sequence)
	if err := snapshot(s.add); err != nil {
		return fmt.Errorf("store: checkpoint of partition %d: %w", partition, err)
	}
	if err := s.send(); err != nil {
		return err
	}
	m := s.manifest(positions)
	if err := w.saveManifest(ctx, m); err != nil {
		return err
	}
	w.metrics.checkpointed(m, time.Since(begin))
	if err := w.dropCheckpointsBefore(ctx, m); err != nil {
		// They take room but do no harm, and the next checkpoint tries again.
		w.metrics.cleanupFailed()
	}
	return nil
}

// checkpointRow is one entity; key and data point into the saver's chunk.
type checkpointRow struct {
	number       uint64
	kind         uint8
	organization uuid.UUID
	key, data    []byte
}

type checkpointSaver struct {
	ctx       context.Context
	w         *Writer
	group     string
	partition int32
	epoch     uint32
	sequence  uint64

	table  *table[noKey, checkpointRow]
	rows   []entry[checkpointRow]
	chunk  []byte // memory of the pending rows' keys and data
	count  uint64
	bytes  uint64
	digest checkpointDigest
}

const (
	checkpointChunk = 8 << 20 // bytes of keys and data in one insert
	checkpointRows  = 32 << 10
)

func newCheckpointSaver(ctx context.Context, w *Writer, group string, partition int32, epoch uint32, sequence uint64) *checkpointSaver {
	return &checkpointSaver{
		ctx: ctx, w: w, group: group, partition: partition, epoch: epoch, sequence: sequence,
		table:  newTable(checkpointSpec(group, epoch, sequence), &backlog{}),
		digest: newCheckpointDigest(),
	}
}

func (s *checkpointSaver) add(e aggregate.Entity) error {
	need := len(e.Key) + len(e.Data)
	if len(s.rows) > 0 && (len(s.rows) >= checkpointRows || len(s.chunk)+need > cap(s.chunk)) {
		if err := s.send(); err != nil {
			return err
		}
	}
	if need > cap(s.chunk) {
		s.chunk = make([]byte, 0, max(need, checkpointChunk))
	}
	s.digest.add(e.Kind, e.OrganizationID, e.Key, e.Data)
	row := checkpointRow{number: s.count, kind: uint8(e.Kind), organization: e.OrganizationID}
	row.key = s.copy(e.Key)
	row.data = s.copy(e.Data)
	s.rows = append(s.rows, entry[checkpointRow]{row: row, version: Version(s.epoch, s.sequence), partition: s.partition})
	s.count++
	s.bytes += uint64(need)
	return nil
}

func (s *checkpointSaver) copy(b []byte) []byte {
	begin := len(s.chunk)
	s.chunk = append(s.chunk, b...)
	return s.chunk[begin:len(s.chunk):len(s.chunk)]
}

func (s *checkpointSaver) send() error {
	if len(s.rows) == 0 {
		return nil
	}
	if err := s.table.insertRetrying(s.ctx, s.w, s.rows); err != nil {
		return s.w.db.fail(fmt.Sprintf("checkpoint of partition %d", s.partition), err)
	}
	s.rows, s.chunk = s.rows[:0], s.chunk[:0]
	return nil
}

func (s *checkpointSaver) manifest(positions []ingest.Position) Manifest {
	return Manifest{Group: s.group, Partition: s.partition, Epoch: s.epoch, Sequence: s.sequence, Positions: positions,
		Format: CheckpointFormat, Rows: s.count, Bytes: s.bytes, Checksum: s.digest.sum(), WrittenAt: time.Now()}
}

// checkpointDigest is XXH64 over the rows in order.
type checkpointDigest struct {
	d      *xxhash.Digest
	header [1 + 16 + 8]byte
}

func newCheckpointDigest() checkpointDigest { return checkpointDigest{d: xxhash.New()} }

func (c *checkpointDigest) add(kind aggregate.EntityKind, organization [16]byte, key, data []byte) {
	c.header[0] = byte(kind)
	copy(c.header[1:17], organization[:])
	binary.LittleEndian.PutUint32(c.header[17:], uint32(len(key)))
	binary.LittleEndian.PutUint32(c.header[21:], uint32(len(data)))
	c.d.Write(c.header[:])
	c.d.Write(key)
	c.d.Write(data)
}

func (c *checkpointDigest) sum() uint64 { return c.d.Sum64() }

// LoadCheckpoint hands the entities of the partition's last complete checkpoint to restore, in the order they were
// saved, and returns its manifest; found is false where there is none. It verifies format, row count and checksum:
// only a nil error means that what restore was given is whole. Key and Data are valid during the call of restore.
func (db *DB) LoadCheckpoint(ctx context.Context, group string, partition int32, restore func(aggregate.Entity) error) (
	m Manifest, found bool, err error) {
	m, found, err = db.loadManifest(ctx, group, partition)
	if err != nil || !found {
		return m, false, err
	}
	if m.Format != CheckpointFormat {
		return m, true, fmt.Errorf("store: checkpoint of group %s, partition %d: format %d, this version writes %d: %w",
			group, partition, m.Format, CheckpointFormat, ErrCheckpointFormat)
	}
	rows, err := db.conn.Query(ctx, `SELECT row_number, kind, organization_id, key, data FROM checkpoints_versions
WHERE kafka_group = {group:String} AND kafka_partition = {partition:Int32} AND epoch = {epoch:UInt32} AND sequence = {sequence:UInt64}
ORDER BY row_number`,
		clickhouse.Named("group", group), clickhouse.Named("partition", partition),
		clickhouse.Named("epoch", m.Epoch), clickhouse.Named("sequence", m.Sequence))
	if err != nil {
		return m, true, db.fail("read checkpoint", err)
	}
	defer rows.Close()
	digest := newCheckpointDigest()
	var count uint64
	for rows.Next() {
		var number uint64
		var kind uint8
		var organization uuid.UUID
		var key, data []byte
		if err := rows.Scan(&number, &kind, &organization, &key, &data); err != nil {
			return m, true, db.fail("read checkpoint", err)
		}
		if number+1 == count {
			continue // an insert that was acknowledged late and therefore repeated
		}
		if number != count {
			return m, true, corrupt(m, fmt.Sprintf("row %d follows %d rows", number, count))
		}
		count++
		e := aggregate.Entity{Kind: aggregate.EntityKind(kind), OrganizationID: organization, Key: key, Data: data}
		digest.add(e.Kind, e.OrganizationID, e.Key, e.Data)
		if err := restore(e); err != nil {
			return m, true, fmt.Errorf("store: restore row %d of the checkpoint of partition %d: %w", number, partition, err)
		}
	}
	if err := rows.Err(); err != nil {
		return m, true, db.fail("read checkpoint", err)
	}
	if count != m.Rows {
		return m, true, corrupt(m, fmt.Sprintf("%d rows of %d", count, m.Rows))
	}
	if sum := digest.sum(); sum != m.Checksum {
		return m, true, corrupt(m, fmt.Sprintf("checksum %016x, not %016x", sum, m.Checksum))
	}
	return m, true, nil
}

func corrupt(m Manifest, what string) error {
	return fmt.Errorf("store: checkpoint of group %s, partition %d, epoch %d, sequence %d: %s: %w",
		m.Group, m.Partition, m.Epoch, m.Sequence, what, ErrCheckpointCorrupt)
}
