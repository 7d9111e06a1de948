package store

import (
	"context"
	"fmt"
	"strings"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/google/uuid"

	"ringside/aggregate"
)

// LoadCheckpoint hands the entities of the partition's last checkpoint to restore, by ascending kind, then organization
// and key, and returns its manifest; found is false where there is none. It verifies the format, the totals of the whole
// chain, and each row that it reads: only a nil error means that what restore was given is whole. Key and Data are valid
// during the call of restore.
func (db *DB) LoadCheckpoint(ctx context.Context, group string, partition int32, restore func(aggregate.Entity) error) (
	m *Manifest, found bool, err error) {
	m, err = db.loadManifest(ctx, group, partition)
	if err != nil || m == nil {
		return nil, false, err
	}
	if err := db.verifyTotals(ctx, m); err != nil {
		return nil, false, err
	}
	if err := db.loadRows(ctx, m, restore); err != nil {
		return nil, false, err
	}
	return m, true, nil
}

// condition selects the rows of the chain, repeated ones included. It is made of numbers and of the names that parameters
// gives values.
func (m *Manifest) condition() string {
	var b strings.Builder
	b.WriteString("kafka_group = {group:String} AND kafka_partition = {partition:Int32} AND (")
	for i, s := range m.Chain {
		if i > 0 {
			b.WriteString(" OR ")
		}
		fmt.Fprintf(&b, "(epoch = %d AND generation >= %d AND sequence <= %d)", s.Epoch, s.Generation, s.Sequence)
	}
	b.WriteString(")")
	return b.String()
}

func (m *Manifest) parameters() []any {
	return []any{clickhouse.Named("group", m.Group), clickhouse.Named("partition", m.Partition)}
}

// verifyTotals compares the chain with the manifest. A generation is a ClickHouse partition, so a row that was inserted
// twice is found without merging across them.
func (db *DB) verifyTotals(ctx context.Context, m *Manifest) error {
	var t totals
	err := db.conn.QueryRow(ctx, `SELECT count(), sum(length(key) + length(data)), sumWithOverflow(row_hash) FROM checkpoints_versions FINAL
WHERE `+m.condition()+` SETTINGS do_not_merge_across_partitions_select_final = 1`, m.parameters()...).
		Scan(&t.rows, &t.bytes, &t.hashes)
	if err != nil {
		return db.fail("verify checkpoint", err)
	}
	switch {
	case t.rows != m.Rows:
		return corrupt(m, fmt.Sprintf("%d rows of %d", t.rows, m.Rows))
	case t.bytes != m.Bytes:
		return corrupt(m, fmt.Sprintf("%d bytes of %d", t.bytes, m.Bytes))
	case t.hashes != m.Checksum:
		return corrupt(m, fmt.Sprintf("checksum %016x, not %016x", t.hashes, m.Checksum))
	}
	return nil
}

// loadRows reads the last row of each key. Tombstones come along, so that they are verified too: a damaged one would bring
// back what is gone. ClickHouse finds the last rows by their places, so that it sorts the state and not the chain, and
// sorts on disk what is more than 128 MiB. LIMIT BY takes one of a row that was inserted twice.
func (db *DB) loadRows(ctx context.Context, m *Manifest, restore func(aggregate.Entity) error) error {
	rows, err := db.conn.Query(ctx, `SELECT epoch, generation, sequence, row_number, kind, organization_id, key, data, is_deleted, row_hash
FROM checkpoints_versions
WHERE `+m.condition()+` AND (epoch, sequence, row_number) IN (
    SELECT max((epoch, sequence, row_number)) FROM checkpoints_versions WHERE `+m.condition()+` GROUP BY kind, organization_id, key)
ORDER BY kind, organization_id, key
LIMIT 1 BY kind, organization_id, key
SETTINGS max_threads = 1, max_bytes_before_external_sort = 134217728`, m.parameters()...)
	if err != nil {
		return db.fail("read checkpoint", err)
	}
	defer rows.Close()
	h := newRowHasher()
	for rows.Next() {
		var at place
		var kind, deleted uint8
		var organization uuid.UUID
		var key, data []byte
		var hash uint64
		err := rows.Scan(&at.epoch, &at.generation, &at.sequence, &at.number, &kind, &organization, &key, &data, &deleted, &hash)
		if err != nil {
			return db.fail("read checkpoint", err)
		}
		e := aggregate.Entity{Kind: aggregate.EntityKind(kind), OrganizationID: organization, Key: key, Data: data, Deleted: deleted != 0}
		if got := h.hash(at, &e); got != hash {
			return corrupt(m, fmt.Sprintf("row %d of epoch %d, sequence %d has hash %016x, not %016x", at.number, at.epoch, at.sequence, got, hash))
		}
		if e.Deleted {
			continue
		}
		if err := restore(e); err != nil {
			return fmt.Errorf("store: restore row %d of epoch %d, sequence %d of the checkpoint of partition %d: %w",
				at.number, at.epoch, at.sequence, m.Partition, err)
		}
	}
	if err := rows.Err(); err != nil {
		return db.fail("read checkpoint", err)
	}
	return nil
}
