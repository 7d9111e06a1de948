package store

import (
	"context"
	"fmt"
	"regexp"

	"github.com/ClickHouse/clickhouse-go/v2"
)

var partitionID = regexp.MustCompile(`^[0-9a-f]{32}$`)

// Drop drops the rows that no manifest from the last acknowledged one on needs, of this epoch and earlier ones. It is only
// for a caller that knows that it still owned the partition after the last Save was acknowledged, as by a heartbeat that
// was sent after that and succeeded: a successor then has loaded that manifest or a later one. It does nothing once the
// partition has a manifest or flush mark of a greater epoch, whose owner sees to it. Each generation is a ClickHouse partition, so that
// nothing is rewritten; most calls find that no generation has gone out of use and send nothing.
func (c *Checkpoints) Drop(ctx context.Context) error {
	if c.last == 0 || len(c.chain.adopted) > 0 || c.dropped == c.chain.first() {
		return nil
	}
	if err := c.drop(ctx); err != nil {
		c.w.metrics.cleanupFailed()
		return fmt.Errorf("store: drop old checkpoints of partition %d: %w", c.partition, err)
	}
	c.dropped = c.chain.first()
	return nil
}

// drop sees a chain that is of the own epoch alone.
func (c *Checkpoints) drop(ctx context.Context) error {
	parameters := []any{clickhouse.Named("group", c.group), clickhouse.Named("partition", c.partition)}
	const where = " WHERE kafka_group = {group:String} AND kafka_partition = {partition:Int32}"
	db := c.w.db
	var manifest uint32
	var mark uint64
	err := db.conn.QueryRow(ctx, "SELECT (SELECT max(epoch) FROM checkpoint_manifests"+where+"), (SELECT max(version) FROM flush_marks"+where+")", parameters...).
		Scan(&manifest, &mark)
	if err != nil {
		return db.fail("look for a successor", err)
	}
	if marked, _ := SplitVersion(mark); manifest != c.epoch || marked > c.epoch {
		return nil
	}
	var old []struct {
		ID string `ch:"_partition_id"`
	}
	err = db.conn.Select(ctx, &old, fmt.Sprintf("SELECT DISTINCT _partition_id FROM checkpoints_versions%s AND (epoch, generation) < (%d, %d)",
		where, c.epoch, c.chain.first()), parameters...)
	if err != nil {
		return db.fail("list them", err)
	}
	for _, p := range old {
		if !partitionID.MatchString(p.ID) {
			return fmt.Errorf("ClickHouse names a partition %q", p.ID)
		}
		if err := db.conn.Exec(ctx, "ALTER TABLE checkpoints_versions DROP PARTITION ID '"+p.ID+"'"); err != nil {
			return db.fail("drop one", err)
		}
		c.w.metrics.generationDropped()
	}
	return nil
}
