package query

import "strings"

// sumColumns are the columns of queue_daily_call_metrics_versions, queue_interval_metrics_versions, and of rows made from
// calls, that add up over queues and time.
var sumColumns = [...]string{
	"inbound_total_calls", "inbound_open_calls", "inbound_answered_calls", "inbound_abandoned_calls", "inbound_left_early_calls",
	"inbound_rejected_only_calls", "inbound_overflowed_calls", "inbound_service_closed_calls", "inbound_callback_calls",
	"inbound_transferred_calls", "inbound_lost_calls", "inbound_passed_through_calls", "inbound_user_transfers",
	"inbound_queue_transfers", "inbound_short_abandons",
	"level_met", "level_answered", "level_abandoned", "level_short_abandons", "level_failed",
	"inbound_wait_count", "inbound_wait_sum_us", "inbound_answered_wait_count", "inbound_answered_wait_sum_us",
	"inbound_abandoned_wait_count", "inbound_abandoned_wait_sum_us", "inbound_talk_count", "inbound_talk_sum_us",
	"inbound_hold_sum_us", "inbound_handle_count", "inbound_handle_sum_us", "inbound_wrap_up_sum_us",
	"outbound_total_calls", "outbound_answered_calls", "outbound_rejected_calls", "outbound_ended_calls",
	"outbound_talk_sum_us", "outbound_wait_sum_us",
}

// sums adds up the columns of rows `r`.
var sums = func() string {
	var b strings.Builder
	for _, c := range sumColumns {
		b.WriteString("\n    sum(r." + c + ") AS " + c + ",")
	}
	return b.String()
}()

// sumList names the columns.
var sumList = strings.Join(sumColumns[:], ", ")

// figures are the columns that a row of added-up columns comes to. It needs inbound_max_wait_us, -1: none;
// inbound_wait_p50_us … p99_us, read where there are waits; and the rules of the queues for which a service level is
// configured: min_threshold_us … max_target, NULL where there are none.
const figures = counts + means + levels + addends

const counts = `
    inbound_total_calls,
    inbound_service_closed_calls,
    inbound_answered_calls,
    inbound_overflowed_calls + inbound_rejected_only_calls AS inbound_rejected_calls,
    inbound_user_transfers,
    inbound_queue_transfers,
    outbound_total_calls,
    outbound_answered_calls,
    outbound_rejected_calls,
    inbound_open_calls,
    inbound_abandoned_calls,
    inbound_left_early_calls,
    inbound_rejected_only_calls,
    inbound_overflowed_calls,
    inbound_callback_calls,
    inbound_transferred_calls,
    inbound_lost_calls,
    inbound_passed_through_calls,
    inbound_short_abandons,`

const means = `
    inbound_wait_sum_us / nullIf(inbound_wait_count, 0) / 1e6 AS inbound_avg_wait_time_sec,
    inbound_talk_sum_us / nullIf(inbound_talk_count, 0) / 1e6 AS inbound_avg_talk_time_sec,
    inbound_hold_sum_us / nullIf(inbound_talk_count, 0) / 1e6 AS inbound_avg_hold_time_sec,
    outbound_talk_sum_us / nullIf(outbound_ended_calls, 0) / 1e6 AS outbound_avg_talk_time_sec,
    outbound_wait_sum_us / nullIf(outbound_ended_calls, 0) / 1e6 AS outbound_avg_wait_time,
    inbound_answered_wait_sum_us / nullIf(inbound_answered_wait_count, 0) / 1e6 AS inbound_asa_sec,
    if(inbound_wait_count = 0 OR inbound_max_wait_us < 0, NULL, inbound_max_wait_us / 1e6) AS inbound_max_wait_sec,
    if(inbound_wait_count = 0, NULL, inbound_wait_p50_us / 1e6) AS inbound_wait_p50_sec,
    if(inbound_wait_count = 0, NULL, inbound_wait_p90_us / 1e6) AS inbound_wait_p90_sec,
    if(inbound_wait_count = 0, NULL, inbound_wait_p95_us / 1e6) AS inbound_wait_p95_sec,
    if(inbound_wait_count = 0, NULL, inbound_wait_p99_us / 1e6) AS inbound_wait_p99_sec,
    inbound_handle_sum_us / nullIf(inbound_handle_count, 0) / 1e6 AS inbound_aht_sec,
    inbound_abandoned_wait_sum_us / nullIf(inbound_abandoned_wait_count, 0) / 1e6 AS inbound_avg_abandon_wait_sec,`

const addends = `
    level_met,
    level_answered,
    level_abandoned,
    level_short_abandons,
    level_failed,
    inbound_wait_count,
    inbound_wait_sum_us / 1e6 AS inbound_wait_sum_sec,
    inbound_answered_wait_count,
    inbound_answered_wait_sum_us / 1e6 AS inbound_answered_wait_sum_sec,
    inbound_abandoned_wait_count,
    inbound_abandoned_wait_sum_us / 1e6 AS inbound_abandoned_wait_sum_sec,
    inbound_talk_count,
    inbound_talk_sum_us / 1e6 AS inbound_talk_sum_sec,
    inbound_hold_sum_us / 1e6 AS inbound_hold_sum_sec,
    inbound_handle_count,
    inbound_handle_sum_us / 1e6 AS inbound_handle_sum_sec,
    inbound_wrap_up_sum_us / 1e6 AS inbound_wrap_up_sum_sec,
    outbound_ended_calls,
    outbound_talk_sum_us / 1e6 AS outbound_talk_sum_sec,
    outbound_wait_sum_us / 1e6 AS outbound_wait_sum_sec`

// levels are the rules, where all queues of the row have the same, and the service level in its four variants. The sums of a
// queue without a service level are 0.
const levels = rulesOfRow + `
    100 * level_met / nullIf(level_answered + level_abandoned - level_short_abandons + level_failed, 0) AS inbound_service_level_percentage,
    100 * level_met / nullIf(level_answered + level_abandoned - level_short_abandons + level_failed, 0) AS service_level_ignore_short_abandons,
    100 * level_met / nullIf(level_answered + level_abandoned + level_failed, 0) AS service_level_all_offered,
    100 * level_met / nullIf(level_answered, 0) AS service_level_answered_only,
    100 * (level_met + level_short_abandons) / nullIf(level_answered + level_abandoned + level_failed, 0) AS service_level_short_abandons_met,`

const rulesOfRow = `
    if(min_threshold_us = max_threshold_us, max_threshold_us / 1e6, NULL) AS service_level_threshold_sec,
    if(min_short_us = max_short_us, max_short_us / 1e6, NULL) AS short_abandon_threshold_sec,
    if(min_target = max_target, max_target, NULL) AS service_level_target,`

// ruleRange gathers the rules of rows `r` of days.
const ruleRange = `
    minOrNullIf(r.threshold_us, r.threshold_us > 0) AS min_threshold_us, maxOrNullIf(r.threshold_us, r.threshold_us > 0) AS max_threshold_us,
    minOrNullIf(r.short_abandon_us, r.threshold_us > 0) AS min_short_us, maxOrNullIf(r.short_abandon_us, r.threshold_us > 0) AS max_short_us,
    minOrNullIf(r.target, r.threshold_us > 0) AS min_target, maxOrNullIf(r.target, r.threshold_us > 0) AS max_target`

// ownShort is the threshold of short abandons beside a threshold of the query's own.
const ownShort = `if(r.short_abandon_us = r.threshold_us, {threshold_us:Int64}, r.short_abandon_us)`

// ownRuleRange is ruleRange where the query has a threshold of its own. Targets are those of the queues.
const ownRuleRange = `
    toNullable({threshold_us:Int64}) AS min_threshold_us, min_threshold_us AS max_threshold_us,
    minOrNull(` + ownShort + `) AS min_short_us, maxOrNull(` + ownShort + `) AS max_short_us,
    minOrNullIf(r.target, r.threshold_us > 0) AS min_target, maxOrNullIf(r.target, r.threshold_us > 0) AS max_target`

// waitOf is a function of a percentage: the nearest-rank percentile, in µs, of the merged histogram inbound_wait_histogram,
// as the middle of its bucket. The histogram must not be empty.
const waitOf = `
    mapKeys(inbound_wait_histogram) AS buckets,
    arrayCumSum(mapValues(inbound_wait_histogram)) AS running,
    arraySum(mapValues(inbound_wait_histogram)) AS all_waits,
    b -> if(b < 128, toInt64(b), bitShiftLeft(toInt64(64 + b % 64), intDiv(b, 64) - 1) + intDiv(bitShiftLeft(toInt64(1), greatest(intDiv(b, 64), 1) - 1), 2)) AS middle_of,
    p -> middle_of(buckets[arrayFirstIndex(c -> c >= greatest(1, ceil(p / 100 * all_waits)), running)]) AS wait_of`

// listedWaitOf is the same of the sorted array waits_us, exactly.
const listedWaitOf = `
    p -> waits_us[toUInt64(greatest(1, ceil(p / 100 * length(waits_us))))] AS wait_of`

// wellKnownPercentiles are the percentiles that figures needs. The function is written once: what ClickHouse has to analyze
// is most of what a query of few rows costs.
const wellKnownPercentiles = `
    arrayMap(p -> wait_of(p), [50, 90, 95, 99]) AS known,
    known[1] AS inbound_wait_p50_us, known[2] AS inbound_wait_p90_us, known[3] AS inbound_wait_p95_us, known[4] AS inbound_wait_p99_us`
