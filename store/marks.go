package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"

	"ringside/ingest"
)

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
