package engine

import (
	"context"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"

	"ringside/store"
)

// benchVersions is how many versions the rows of the last day have, of which all but one are out of date: those of an
// engine at work are written again and again.
const benchVersions = 4

// fillBench writes queues, their state, days, and quarters of an hour: of a queue of some hundred calls a day. It counts days.
func fillBench(ctx context.Context, db *store.DB, l QueryLoad, done *atomic.Int64) error {
	insert := func(sql string, from, days, version int) error {
		err := db.Conn().Exec(ctx, sql, clickhouse.Named("organization", benchOrganization.String()), clickhouse.Named("queues", l.Queues),
			clickhouse.Named("quarters", l.Quarters), clickhouse.Named("from", benchStart.AddDate(0, 0, from).Format(time.DateOnly)),
			clickhouse.Named("days", days), clickhouse.Named("version", version),
			clickhouse.Named("now", benchNow(l).Format("2006-01-02 15:04:05")))
		if err != nil {
			return fmt.Errorf("bench: fill the store: %w", err)
		}
		return nil
	}
	for _, sql := range []string{fillQueues, fillChanges, fillStatus, fillAccount} {
		if err := insert(sql, 0, 1, 1); err != nil {
			return err
		}
	}
	const week = 7
	for from := 0; from < l.Days; from += week {
		days := min(week, l.Days-from)
		for _, sql := range []string{fillDays, fillIntervals} {
			if err := insert(sql, from, days, 1); err != nil {
				return err
			}
		}
		done.Add(int64(days))
	}
	if err := mergeBench(ctx, db, l); err != nil {
		return err
	}
	for version := 2; version <= benchVersions; version++ {
		for _, sql := range []string{fillStatus, fillDays, fillIntervals} {
			if err := insert(sql, l.Days-1, 1, version); err != nil {
				return err
			}
		}
	}
	return nil
}

// mergeBench merges the parts of each month into one, as those of past months are after a while.
func mergeBench(ctx context.Context, db *store.DB, l QueryLoad) error {
	last := benchStart.AddDate(0, 0, l.Days-1)
	for month := benchStart.AddDate(0, 0, 1-benchStart.Day()); !month.After(last); month = month.AddDate(0, 1, 0) {
		for _, table := range []string{"queue_daily_call_metrics_versions", "queue_interval_metrics_versions"} {
			sql := fmt.Sprintf("OPTIMIZE TABLE %s PARTITION ID '%s' FINAL", table, month.Format("200601"))
			if err := db.Conn().Exec(ctx, sql); err != nil {
				return fmt.Errorf("bench: merge the store: %w", err)
			}
		}
	}
	return nil
}

const benchQueueID = `toUUID(concat('00000000-0000-4000-8000-', leftPad(toString(1000 + q), 12, '0')))`

const fillQueues = `
INSERT INTO queues_versions (organization_id, queue_id, queue_name, time_zone, group_ids, group_names, changed_at, version)
SELECT {organization:UUID}, ` + benchQueueID + `, concat('Queue ', toString(q)), 'Europe/Helsinki', [toUUID('00000000-0000-4000-8000-000000000002')], ['All'],
    toDateTime64('2025-01-01 00:00:00', 6, 'UTC'), {version:UInt64}
FROM (SELECT number AS q FROM numbers({queues:UInt64}))`

const fillChanges = `
INSERT INTO queue_changes_versions (organization_id, queue_id, queue_name, time_zone, group_ids, group_names, changed_at, event_id, version)
SELECT {organization:UUID}, ` + benchQueueID + `, concat('Queue ', toString(q)), 'Europe/Helsinki', [toUUID('00000000-0000-4000-8000-000000000002')], ['All'],
    toDateTime64('2025-01-01 00:00:00', 6, 'UTC'), generateUUIDv4(), {version:UInt64}
FROM (SELECT number AS q FROM numbers({queues:UInt64}))`

const fillAccount = `
INSERT INTO accounting_versions (organization_id, horizon, version) SELECT {organization:UUID}, toDateTime64({now:String}, 6, 'UTC'), {version:UInt64}`

const fillStatus = `
INSERT INTO queue_status_now_versions (organization_id, queue_id, observed_at, queue_name, nbr_of_providers, nbr_of_requesters, nbr_of_connected,
    nbr_of_queuing_requesters, longest_wait_since, open_status, waiting_since, version)
SELECT {organization:UUID}, ` + benchQueueID + `, toDateTime64({now:String}, 6, 'UTC') AS at, concat('Queue ', toString(q)), 12, 9, 6, 3, at - 50, 5,
    [at - 50, at - 21, at - 5], {version:UInt64}
FROM (SELECT number AS q FROM numbers({queues:UInt64}))`

// benchFigures are the columns of a day or quarter of an hour with n calls; h is a number at random.
const benchFigures = `inbound_total_calls, inbound_answered_calls, inbound_abandoned_calls, inbound_short_abandons, level_met, level_answered, level_abandoned,
    level_short_abandons, inbound_wait_count, inbound_wait_sum_us, inbound_answered_wait_count, inbound_answered_wait_sum_us, inbound_abandoned_wait_count,
    inbound_abandoned_wait_sum_us, inbound_talk_count, inbound_talk_sum_us, inbound_hold_sum_us, inbound_handle_count, inbound_handle_sum_us,
    inbound_wrap_up_sum_us, outbound_total_calls, outbound_answered_calls, outbound_ended_calls, outbound_talk_sum_us, inbound_max_wait_us,
    inbound_wait_histogram, inbound_answered_wait_histogram, version`

const benchValues = `n, answered, n - answered, intDiv(n - answered, 2), answered - h % 3, answered, n - answered, intDiv(n - answered, 2),
    n, n * 14000000 + h % 1000000, answered, answered * 12000000 + h % 999983, n - answered, (n - answered) * 30000000 + h % 999979,
    answered, answered * 180000000 + h % 99999989, h % 9999991, answered, answered * 220000000 + h % 99999971, answered * 40000000 + h % 9999973,
    h % 4, h % 3, h % 3, h % 399999959, 60000000 + h % 9999943,
    mapFromArrays(arrayMap(i -> toUInt16(900 + h % 11 + i * 7), range(buckets)), arrayMap(i -> toUInt64(1 + (h + i) % 3), range(buckets))) AS waits, waits, {version:UInt64}`

const fillDays = `
INSERT INTO queue_daily_call_metrics_versions (organization_id, queue_date, queue_id, queue_name, time_zone, threshold_us, short_abandon_us, target,
    inbound_wait_p50_us, inbound_wait_p90_us, inbound_wait_p95_us, inbound_wait_p99_us, ` + benchFigures + `)
WITH 300 + h % 50 AS n, n - 20 - h % 9 AS answered, 60 AS buckets
SELECT {organization:UUID}, toDate({from:Date}) + d, ` + benchQueueID + `, concat('Queue ', toString(q)), 'Europe/Helsinki', 20000000, 20000000, 80,
    10000000, 30000000, 40000000, 55000000, ` + benchValues + `
FROM (
    SELECT number % {queues:UInt64} AS q, intDiv(number, {queues:UInt64}) AS d, toInt64(cityHash64(number, {from:String}) % 1000000007) AS h
    FROM numbers({queues:UInt64} * {days:UInt64})
)`

// The quarters begin at 08:00 in Helsinki's winter.
const fillIntervals = `
INSERT INTO queue_interval_metrics_versions (organization_id, interval_start, queue_id, queue_name, queue_date, time_zone, ` + benchFigures + `)
WITH 8 + h % 5 AS n, n - h % 3 AS answered, 8 AS buckets
SELECT {organization:UUID}, toDateTime64(toDate({from:Date}) + d, 6, 'UTC') + toIntervalMinute(360 + 15 * k), ` + benchQueueID + `, concat('Queue ', toString(q)),
    toDate({from:Date}) + d, 'Europe/Helsinki', ` + benchValues + `
FROM (
    SELECT number % {queues:UInt64} AS q, intDiv(number, {queues:UInt64}) % {quarters:UInt64} AS k, intDiv(number, {queues:UInt64} * {quarters:UInt64}) AS d,
        toInt64(cityHash64(number, {from:String}) % 1000000007) AS h
    FROM numbers({queues:UInt64} * {quarters:UInt64} * {days:UInt64})
)`
