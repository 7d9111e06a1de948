package store

import (
	"context"
	"fmt"
	"slices"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"ringside/aggregate"
)

// leftoverBatch is how many tombstones emit is given at once, at most.
const leftoverBatch = 10_000

// leftoverTable says how keys of a table become tombstones.
type leftoverTable struct {
	name   string
	key    string // the sorting key
	fields string // the same, as add scans them
	where  string // one more condition
	add    func(driver.Rows, *aggregate.Rows) error
}

// VersionRange are the versions strictly between two.
type VersionRange struct{ After, Before uint64 }

// Leftovers hands emit, as tombstones, the keys whose newest version lies in one of the ranges, in rows of a Kafka
// partition: what former owners wrote after the checkpoint that their successor adopted, and the present one, whose
// versions are beyond all ranges, has not written again. The tables are calls, the daily and interval figures, those of
// agents, callbacks, the _now tables and the orphans of late_events; keys that are gone already are left out. The rows that emit is given are used again
// when it returns.
//
// Only granules of the partition's organizations that hold a version beyond the first range's beginning are read, and the
// keys in them are gathered with bounded memory.
func (db *DB) Leftovers(ctx context.Context, partition int32, ranges []VersionRange, emit func(*aggregate.Rows) error) error {
	if len(ranges) == 0 {
		return nil
	}
	var after, before []uint64
	for _, r := range ranges {
		after, before = append(after, r.After), append(before, r.Before)
	}
	parameters := []any{clickhouse.Named("partition", partition), clickhouse.Named("oldest", slices.Min(after)),
		clickhouse.Named("after", after), clickhouse.Named("before", before)}
	var rows aggregate.Rows
	for i := range leftoverTables {
		if err := db.leftoversOf(ctx, &leftoverTables[i], parameters, &rows, emit); err != nil {
			return err
		}
	}
	if rows.Len() == 0 {
		return nil
	}
	return emit(&rows)
}

func (db *DB) leftoversOf(ctx context.Context, t *leftoverTable, parameters []any,
	rows *aggregate.Rows, emit func(*aggregate.Rows) error) error {
	found, err := db.conn.Query(ctx, t.query(), parameters...)
	if err != nil {
		return db.fail("look for leftovers in "+t.name, err)
	}
	defer found.Close()
	for found.Next() {
		if err := t.add(found, rows); err != nil {
			return db.fail("look for leftovers in "+t.name, err)
		}
		if rows.Len() < leftoverBatch {
			continue
		}
		if err := emit(rows); err != nil {
			return err
		}
		rows.Reset()
	}
	if err := found.Err(); err != nil {
		return db.fail("look for leftovers in "+t.name, err)
	}
	return nil
}

// query does without FINAL, which would read whole parts: the newest version of a key that has any beyond the oldest is
// among those. A row that was repaired since is not the partition's. The organizations bring in the sorting key, since the
// versions of other partitions say nothing of this one's.
func (t *leftoverTable) query() string {
	return fmt.Sprintf(`WITH max(version) AS newest SELECT %[3]s FROM %[1]s
WHERE organization_id IN (SELECT organization_id FROM organizations WHERE kafka_partition = {partition:Int32})
AND version > {oldest:UInt64} AND %[4]s
GROUP BY %[2]s
HAVING arrayExists((a, b) -> newest > a AND newest < b, {after:Array(UInt64)}, {before:Array(UInt64)})
	AND argMax(kafka_partition, version) = {partition:Int32} AND argMax(is_deleted, version) = 0
SETTINGS max_bytes_before_external_group_by = 268435456`, t.name, t.key, t.fields, t.where)
}

var leftoverTables = []leftoverTable{
	{"calls_versions", "organization_id, call_date, call_id, queue_id, direction, visit",
		"organization_id, toInt32(call_date), call_id, queue_id, toUInt8(direction), visit", "true", addLeftoverCall},
	{"queue_daily_call_metrics_versions", "organization_id, queue_date, queue_id",
		"organization_id, toInt32(queue_date), queue_id", "true", addLeftoverDay},
	{"queue_interval_metrics_versions", "organization_id, interval_start, queue_id",
		"organization_id, toUnixTimestamp64Micro(interval_start), queue_id", "true", addLeftoverInterval},
	{"agent_interval_metrics_versions", "organization_id, interval_start, agent_id, queue_id",
		"organization_id, toUnixTimestamp64Micro(interval_start), agent_id, queue_id", "true", addLeftoverAgentInterval},
	{"queue_status_now_versions", "organization_id, queue_id", "organization_id, queue_id", "true", addLeftoverQueue},
	{"agent_status_now_versions", "organization_id, agent_id", "organization_id, agent_id", "true", addLeftoverAgent},
	{"callback_list_status_now_versions", "organization_id, call_list_id", "organization_id, call_list_id", "true", addLeftoverList},
	{"callbacks_versions", "organization_id, callback_date, callback_id", "organization_id, toInt32(callback_date), callback_id", "true",
		addLeftoverCallback},
	{"late_events_versions", "organization_id, happened_at, event_id",
		"organization_id, toUnixTimestamp64Micro(happened_at), event_id", "reason = 'orphan'", addLeftoverOrphan},
}

func addLeftoverCall(found driver.Rows, to *aggregate.Rows) error {
	row, direction := aggregate.CallRow{Deleted: true}, uint8(0)
	if err := found.Scan(&row.OrganizationID, &row.CallDate, &row.CallID, &row.QueueID, &direction, &row.Visit); err != nil {
		return err
	}
	row.Direction = aggregate.Direction(direction)
	to.Calls = append(to.Calls, row)
	return nil
}

func addLeftoverDay(found driver.Rows, to *aggregate.Rows) error {
	row := aggregate.DailyRow{Deleted: true}
	err := found.Scan(&row.OrganizationID, &row.QueueDate, &row.QueueID)
	to.Daily = append(to.Daily, row)
	return err
}

func addLeftoverInterval(found driver.Rows, to *aggregate.Rows) error {
	row := aggregate.IntervalRow{Deleted: true}
	err := found.Scan(&row.OrganizationID, &row.IntervalStart, &row.QueueID)
	to.Intervals = append(to.Intervals, row)
	return err
}

func addLeftoverAgentInterval(found driver.Rows, to *aggregate.Rows) error {
	row := aggregate.AgentIntervalRow{Deleted: true}
	err := found.Scan(&row.OrganizationID, &row.IntervalStart, &row.AgentID, &row.QueueID)
	to.AgentIntervals = append(to.AgentIntervals, row)
	return err
}

func addLeftoverQueue(found driver.Rows, to *aggregate.Rows) error {
	row := aggregate.QueueStatusRow{Deleted: true}
	err := found.Scan(&row.OrganizationID, &row.QueueID)
	to.QueueStatus = append(to.QueueStatus, row)
	return err
}

func addLeftoverAgent(found driver.Rows, to *aggregate.Rows) error {
	row := aggregate.AgentStatusRow{Deleted: true}
	err := found.Scan(&row.OrganizationID, &row.AgentID)
	to.Agents = append(to.Agents, row)
	return err
}

func addLeftoverOrphan(found driver.Rows, to *aggregate.Rows) error {
	row := aggregate.OrphanRow{Deleted: true}
	err := found.Scan(&row.OrganizationID, &row.HappenedAt, &row.EventID)
	to.Orphans = append(to.Orphans, row)
	return err
}

func addLeftoverList(found driver.Rows, to *aggregate.Rows) error {
	row := aggregate.CallbackListRow{Deleted: true}
	err := found.Scan(&row.OrganizationID, &row.CallListID)
	to.CallLists = append(to.CallLists, row)
	return err
}

func addLeftoverCallback(found driver.Rows, to *aggregate.Rows) error {
	row := aggregate.CallbackRow{Deleted: true}
	err := found.Scan(&row.OrganizationID, &row.CallbackDate, &row.CallbackID)
	to.Callbacks = append(to.Callbacks, row)
	return err
}
