package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"regexp"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/google/uuid"

	"ringside/ingest"
)

func checkpointSpec(group string, epoch uint32, sequence uint64) tableSpec[noKey, checkpointRow] {
	type R = checkpointRow
	return tableSpec[noKey, R]{
		name: "checkpoints_versions",
		columns: append([]columnOf[R]{
			textCol("kafka_group", func(*R) string { return group }),
			col("epoch", "UInt32", func(*entry[R]) uint32 { return epoch }),
			col("sequence", "UInt64", func(*entry[R]) uint64 { return sequence }),
			col("row_number", "UInt64", func(e *entry[R]) uint64 { return e.row.number }),
			col("kind", "UInt8", func(e *entry[R]) uint8 { return e.row.kind }),
			idCol("organization_id", func(r *R) uuid.UUID { return r.organization }),
			bytesCol("key", func(r *R) *[]byte { return &r.key }),
			bytesCol("data", func(r *R) *[]byte { return &r.data }),
		}, ownerCols[R]()...),
	}
}

func manifestSpec() tableSpec[noKey, Manifest] {
	type R = Manifest
	return tableSpec[noKey, R]{
		name: "checkpoint_manifests_versions",
		columns: append([]columnOf[R]{
			textCol("kafka_group", func(m *R) string { return m.Group }),
			col("epoch", "UInt32", func(e *entry[R]) uint32 { return e.row.Epoch }),
			col("sequence", "UInt64", func(e *entry[R]) uint64 { return e.row.Sequence }),
			// The first checkpoint of the chain that makes up the state; each is whole so far.
			col("base_sequence", "UInt64", func(e *entry[R]) uint64 { return e.row.Sequence }),
			col("format", "UInt16", func(e *entry[R]) uint16 { return e.row.Format }),
			col("row_count", "UInt64", func(e *entry[R]) uint64 { return e.row.Rows }),
			col("byte_count", "UInt64", func(e *entry[R]) uint64 { return e.row.Bytes }),
			col("checksum", "UInt64", func(e *entry[R]) uint64 { return e.row.Checksum }),
			col("topics", "Array(String)", func(e *entry[R]) []string { return topicsOf(e.row.Positions) }),
			col("offsets", "Array(Int64)", func(e *entry[R]) []int64 { return offsetsOf(e.row.Positions) }),
			instantCol("written_at", func(m *R) int64 { return m.WrittenAt.UnixMicro() }),
		}, ownerCols[R]()...),
	}
}

// Mark is a flush mark: rows written since the last checkpoint cover records up to these positions at most.
type Mark struct {
	Group     string
	Partition int32
	Version   uint64
	Positions []ingest.Position
	WrittenAt time.Time
}

func markSpec() tableSpec[noKey, Mark] {
	type R = Mark
	return tableSpec[noKey, R]{
		name: "flush_marks_versions",
		columns: append([]columnOf[R]{
			textCol("kafka_group", func(m *R) string { return m.Group }),
			col("topics", "Array(String)", func(e *entry[R]) []string { return topicsOf(e.row.Positions) }),
			col("offsets", "Array(Int64)", func(e *entry[R]) []int64 { return offsetsOf(e.row.Positions) }),
			instantCol("written_at", func(m *R) int64 { return m.WrittenAt.UnixMicro() }),
		}, ownerCols[R]()...),
	}
}

func topicsOf(positions []ingest.Position) []string {
	out := make([]string, len(positions))
	for i, p := range positions {
		out[i] = p.Topic
	}
	return out
}

func offsetsOf(positions []ingest.Position) []int64 {
	out := make([]int64, len(positions))
	for i, p := range positions {
		out[i] = p.Offset
	}
	return out
}

func positionsOf(topics []string, offsets []int64, partition int32) ([]ingest.Position, error) {
	if len(topics) != len(offsets) {
		return nil, fmt.Errorf("%d topics and %d offsets", len(topics), len(offsets))
	}
	out := make([]ingest.Position, len(topics))
	for i := range topics {
		out[i] = ingest.Position{Topic: topics[i], Partition: partition, Offset: offsets[i]}
	}
	return out, nil
}

// SaveMark writes the positions that the rows of the next flush will cover. It comes before them: a successor stays
// silent up to the mark, so that nobody sees figures go back. It is retried until ctx ends.
func (w *Writer) SaveMark(ctx context.Context, group string, partition int32, version uint64, positions []ingest.Position) error {
	m := Mark{Group: group, Partition: partition, Version: version, Positions: positions, WrittenAt: time.Now()}
	rows := []entry[Mark]{{row: m, version: version, partition: partition}}
	if err := newTable(markSpec(), &backlog{}).insertRetrying(ctx, w, rows); err != nil {
		return w.db.fail(fmt.Sprintf("flush mark of partition %d", partition), err)
	}
	return nil
}

// LoadMark returns the last flush mark of a partition; found is false where there is none.
func (db *DB) LoadMark(ctx context.Context, group string, partition int32) (m Mark, found bool, err error) {
	m = Mark{Group: group, Partition: partition}
	var topics []string
	var offsets []int64
	err = db.conn.QueryRow(ctx, `SELECT topics, offsets, written_at, version FROM flush_marks
WHERE kafka_group = {group:String} AND kafka_partition = {partition:Int32}`,
		clickhouse.Named("group", group), clickhouse.Named("partition", partition)).Scan(&topics, &offsets, &m.WrittenAt, &m.Version)
	if errors.Is(err, sql.ErrNoRows) {
		return m, false, nil
	}
	if err == nil {
		m.Positions, err = positionsOf(topics, offsets, partition)
	}
	if err != nil {
		return m, false, db.fail("read flush mark", err)
	}
	return m, true, nil
}

func (w *Writer) saveManifest(ctx context.Context, m Manifest) error {
	rows := []entry[Manifest]{{row: m, version: Version(m.Epoch, m.Sequence), partition: m.Partition}}
	if err := newTable(manifestSpec(), &backlog{}).insertRetrying(ctx, w, rows); err != nil {
		return w.db.fail(fmt.Sprintf("manifest of partition %d", m.Partition), err)
	}
	return nil
}

func (db *DB) loadManifest(ctx context.Context, group string, partition int32) (m Manifest, found bool, err error) {
	m = Manifest{Group: group, Partition: partition}
	var topics []string
	var offsets []int64
	err = db.conn.QueryRow(ctx, `SELECT epoch, sequence, format, row_count, byte_count, checksum, topics, offsets, written_at
FROM checkpoint_manifests WHERE kafka_group = {group:String} AND kafka_partition = {partition:Int32}`,
		clickhouse.Named("group", group), clickhouse.Named("partition", partition)).
		Scan(&m.Epoch, &m.Sequence, &m.Format, &m.Rows, &m.Bytes, &m.Checksum, &topics, &offsets, &m.WrittenAt)
	if errors.Is(err, sql.ErrNoRows) {
		return m, false, nil
	}
	if err == nil {
		m.Positions, err = positionsOf(topics, offsets, partition)
	}
	if err != nil {
		return m, false, db.fail("read checkpoint manifest", err)
	}
	return m, true, nil
}

var partitionID = regexp.MustCompile(`^[0-9a-f]{32}$`)

// dropCheckpointsBefore drops the rows of all checkpoints of the partition older than m but the newest of them, which a
// successor may be reading just now. Each is a ClickHouse partition of its own, so that this costs no rewriting.
func (w *Writer) dropCheckpointsBefore(ctx context.Context, m Manifest) error {
	rows, err := w.db.conn.Query(ctx, `SELECT DISTINCT _partition_id, epoch, sequence FROM checkpoints_versions
WHERE kafka_group = {group:String} AND kafka_partition = {partition:Int32} AND (epoch, sequence) < ({epoch:UInt32}, {sequence:UInt64})
ORDER BY epoch DESC, sequence DESC`,
		clickhouse.Named("group", m.Group), clickhouse.Named("partition", m.Partition),
		clickhouse.Named("epoch", m.Epoch), clickhouse.Named("sequence", m.Sequence))
	if err != nil {
		return w.db.fail("list old checkpoints", err)
	}
	defer rows.Close()
	var ids []string
	for rows.Next() {
		var id string
		var epoch uint32
		var sequence uint64
		if err := rows.Scan(&id, &epoch, &sequence); err != nil {
			return w.db.fail("list old checkpoints", err)
		}
		ids = append(ids, id)
	}
	if err := rows.Err(); err != nil {
		return w.db.fail("list old checkpoints", err)
	}
	for _, id := range ids[min(1, len(ids)):] {
		if !partitionID.MatchString(id) {
			return fmt.Errorf("store: partition id %q of checkpoints", id)
		}
		if err := w.db.conn.Exec(ctx, "ALTER TABLE checkpoints_versions DROP PARTITION ID '"+id+"'"); err != nil {
			return w.db.fail("drop an old checkpoint", err)
		}
	}
	return nil
}
