package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/google/uuid"

	"ringside/ingest"
)

func manifestSpec() tableSpec[noKey, Manifest] {
	type R = Manifest
	return tableSpec[noKey, R]{
		name: "checkpoint_manifests_versions",
		columns: append([]columnOf[R]{
			textCol("kafka_group", func(m *R) string { return m.Group }),
			col("epoch", "UInt32", func(e *entry[R]) uint32 { return e.row.Epoch }),
			col("sequence", "UInt64", func(e *entry[R]) uint64 { return e.row.Sequence }),
			col("format", "UInt16", func(e *entry[R]) uint16 { return e.row.Format }),
			segmentCol("segment_epochs", "Array(UInt32)", func(s Segment) uint32 { return s.Epoch }),
			segmentCol("segment_generations", "Array(UInt32)", func(s Segment) uint32 { return s.Generation }),
			segmentCol("segment_sequences", "Array(UInt64)", func(s Segment) uint64 { return s.Sequence }),
			col("row_count", "UInt64", func(e *entry[R]) uint64 { return e.row.Rows }),
			col("byte_count", "UInt64", func(e *entry[R]) uint64 { return e.row.Bytes }),
			col("checksum", "UInt64", func(e *entry[R]) uint64 { return e.row.Checksum }),
			col("topics", "Array(String)", func(e *entry[R]) []string { return topicsOf(e.row.Positions) }),
			col("offsets", "Array(Int64)", func(e *entry[R]) []int64 { return offsetsOf(e.row.Positions) }),
			col("topic_ids", "Array(UUID)", func(e *entry[R]) []uuid.UUID { return topicIDsOf(e.row.Positions, e.row.TopicIDs) }),
			instantCol("written_at", func(m *R) int64 { return m.WrittenAt.UnixMicro() }),
		}, ownerCols[R]()...),
	}
}

func segmentCol[T any](name, wire string, get func(Segment) T) columnOf[Manifest] {
	return col(name, wire, func(e *entry[Manifest]) []T {
		out := make([]T, len(e.row.Chain))
		for i, s := range e.row.Chain {
			out[i] = get(s)
		}
		return out
	})
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

func topicIDsOf(positions []ingest.Position, ids map[string]uuid.UUID) []uuid.UUID {
	out := make([]uuid.UUID, len(positions))
	for i, p := range positions {
		out[i] = ids[p.Topic]
	}
	return out
}

// idsByTopic is topicIDsOf the other way round. Manifests that were written before topics had ids have none.
func idsByTopic(topics []string, ids []uuid.UUID) (map[string]uuid.UUID, error) {
	if len(ids) > 0 && len(ids) != len(topics) {
		return nil, fmt.Errorf("%d topics and %d ids of them", len(topics), len(ids))
	}
	by := map[string]uuid.UUID{}
	for i, id := range ids {
		if id != uuid.Nil {
			by[topics[i]] = id
		}
	}
	return by, nil
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

func (w *Writer) saveManifest(ctx context.Context, m Manifest) error {
	rows := []entry[Manifest]{{row: m, version: Version(m.Epoch, m.Sequence), partition: m.Partition}}
	if err := newTable(manifestSpec(), &backlog{}).insertRetrying(ctx, w, rows); err != nil {
		return w.db.fail(fmt.Sprintf("manifest of partition %d", m.Partition), err)
	}
	return nil
}

// loadManifest returns nil where there is none.
func (db *DB) loadManifest(ctx context.Context, group string, partition int32) (*Manifest, error) {
	m := &Manifest{Group: group, Partition: partition}
	var topics []string
	var offsets []int64
	var ids []uuid.UUID
	var epochs, generations []uint32
	var sequences []uint64
	err := db.conn.QueryRow(ctx, `SELECT epoch, sequence, format, segment_epochs, segment_generations, segment_sequences,
row_count, byte_count, checksum, topics, offsets, topic_ids, written_at
FROM checkpoint_manifests WHERE kafka_group = {group:String} AND kafka_partition = {partition:Int32}`,
		clickhouse.Named("group", group), clickhouse.Named("partition", partition)).
		Scan(&m.Epoch, &m.Sequence, &m.Format, &epochs, &generations, &sequences,
			&m.Rows, &m.Bytes, &m.Checksum, &topics, &offsets, &ids, &m.WrittenAt)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, db.fail("read checkpoint manifest", err)
	}
	if m.Format != CheckpointFormat {
		return nil, fmt.Errorf("store: checkpoint of group %s, partition %d: format %d, this version reads and writes %d: %w",
			group, partition, m.Format, CheckpointFormat, ErrCheckpointFormat)
	}
	if m.Positions, err = positionsOf(topics, offsets, partition); err != nil {
		return nil, corrupt(m, err.Error())
	}
	if m.TopicIDs, err = idsByTopic(topics, ids); err != nil {
		return nil, corrupt(m, err.Error())
	}
	if m.Chain, err = segmentsOf(epochs, generations, sequences); err != nil {
		return nil, corrupt(m, err.Error())
	}
	if last := m.Chain[len(m.Chain)-1]; last.Epoch != m.Epoch || last.Sequence != m.Sequence {
		return nil, corrupt(m, fmt.Sprintf("its last segment ends at epoch %d, sequence %d", last.Epoch, last.Sequence))
	}
	return m, nil
}

func segmentsOf(epochs, generations []uint32, sequences []uint64) ([]Segment, error) {
	if len(epochs) == 0 || len(epochs) != len(generations) || len(epochs) != len(sequences) {
		return nil, fmt.Errorf("segments of %d epochs, %d generations and %d sequences", len(epochs), len(generations), len(sequences))
	}
	out := make([]Segment, len(epochs))
	for i := range epochs {
		if i > 0 && epochs[i] <= epochs[i-1] {
			return nil, fmt.Errorf("a segment of epoch %d follows one of epoch %d", epochs[i], epochs[i-1])
		}
		out[i] = Segment{epochs[i], generations[i], sequences[i]}
	}
	return out, nil
}

func corrupt(m *Manifest, what string) error {
	return fmt.Errorf("store: checkpoint of group %s, partition %d, epoch %d, sequence %d: %s: %w",
		m.Group, m.Partition, m.Epoch, m.Sequence, what, ErrCheckpointCorrupt)
}
