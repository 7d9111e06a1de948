package query

import "time"

// Rolling asks for the figures of the last so long up to now, one row for each queue: totals by the begin of a visit,
// outcomes, waits and service level by the instant at which its wait ended, transfers, talk, hold and handling time by its
// end (docs/METRICS.md, section 3). To the service level's denominator come the open visits that now wait longer than T, as
// in Board. A queue's rules are those of its last day. Sums and counts add up over queues; means, percentiles and percentages
// are NULL where there is nothing to divide by.
//
// It reads the calls of that time and of the two days before, in which a long call may have begun.
func Rolling(f Filter, last time.Duration, now time.Time) Statement {
	b := &builder{}
	b.param("now", instant(now)).param("since", instant(now.Add(-last)))
	return b.write(presentAndOffered + `
    calls.* EXCEPT (organization_id, queue_id),`).liveLevel(f).write(`
LEFT JOIN (`).rules(f).write(`) AS rules USING (organization_id, queue_id)
LEFT JOIN (`).rollingCalls(f).write(`) AS calls USING (organization_id, queue_id)
WHERE `).where(f).orderBy("queue_name, organization_id, queue_id")
}

// rules writes the rules of each queue on its last day within the time and three days before.
func (b *builder) rules(f Filter) *builder {
	return b.write(`
    SELECT organization_id, queue_id, argMax(threshold_us, queue_date) AS threshold_us,
        argMax(short_abandon_us, queue_date) AS short_abandon_us, argMax(target, queue_date) AS target
    FROM queue_daily_call_metrics_versions FINAL
    WHERE queue_date BETWEEN toDate({since:DateTime64(6, 'UTC')}) - 3 AND toDate({now:DateTime64(6, 'UTC')}) + 1 AND `).where(f).write(`
    GROUP BY organization_id, queue_id`)
}

// rollingCalls writes what the calls of (since, now] come to, by queue.
func (b *builder) rollingCalls(f Filter) *builder {
	return b.write(`
    SELECT
        organization_id,
        queue_id,
        countIf(inbound AND begun AND (accepted OR outcome != 'open') AND outcome != 'passed_through') AS inbound_total_calls,
        countIf(waited AND outcome = 'answered') AS inbound_answered_calls,
        countIf(waited AND outcome = 'abandoned') AS inbound_abandoned_calls,
        countIf(waited AND outcome = 'left_early') AS inbound_left_early_calls,
        countIf(waited AND outcome = 'rejected') AS inbound_rejected_only_calls,
        countIf(waited AND outcome = 'overflowed') AS inbound_overflowed_calls,
        inbound_overflowed_calls + inbound_rejected_only_calls AS inbound_rejected_calls,
        countIf(waited AND outcome = 'service_closed') AS inbound_service_closed_calls,
        countIf(waited AND outcome = 'callback') AS inbound_callback_calls,
        countIf(waited AND outcome = 'transferred') AS inbound_transferred_calls,
        countIf(waited AND outcome = 'lost') AS inbound_lost_calls,
        countIf(waited AND outcome = 'passed_through') AS inbound_passed_through_calls,
        countIf(waited AND short) AS inbound_short_abandons,
        countIf(inbound AND ended AND transfer = 'user') AS inbound_user_transfers,
        countIf(inbound AND ended AND transfer = 'queue') AS inbound_queue_transfers,
        countIf(timed) AS inbound_wait_count,
        sumIf(wait_us, timed) / 1e6 AS inbound_wait_sum_sec,
        avgOrNullIf(wait_us, timed) / 1e6 AS inbound_avg_wait_time_sec,
        avgOrNullIf(wait_us, timed AND outcome = 'answered') / 1e6 AS inbound_asa_sec,
        avgOrNullIf(wait_us, timed AND outcome = 'abandoned') / 1e6 AS inbound_avg_abandon_wait_sec,
        maxOrNullIf(wait_us, timed) / 1e6 AS inbound_max_wait_sec,
        if(inbound_wait_count = 0, NULL, quantileExactWeighted(0.5)(wait_us, toUInt64(timed)) / 1e6) AS inbound_wait_p50_sec,
        if(inbound_wait_count = 0, NULL, quantileExactWeighted(0.9)(wait_us, toUInt64(timed)) / 1e6) AS inbound_wait_p90_sec,
        if(inbound_wait_count = 0, NULL, quantileExactWeighted(0.95)(wait_us, toUInt64(timed)) / 1e6) AS inbound_wait_p95_sec,
        if(inbound_wait_count = 0, NULL, quantileExactWeighted(0.99)(wait_us, toUInt64(timed)) / 1e6) AS inbound_wait_p99_sec,
        countIf(inbound AND talked) AS inbound_talk_count,
        avgOrNullIf(talk_us, inbound AND talked) / 1e6 AS inbound_avg_talk_time_sec,
        avgOrNullIf(hold_us, inbound AND talked) / 1e6 AS inbound_avg_hold_time_sec,
        avgOrNullIf(talk_us + hold_us + wrap_up_us, inbound AND talked AND wrap_up_us >= 0) / 1e6 AS inbound_aht_sec,
        countIf(outbound AND begun) AS outbound_total_calls,
        countIf(outbound AND answered_at > {since:DateTime64(6, 'UTC')} AND answered_at <= {now:DateTime64(6, 'UTC')}) AS outbound_answered_calls,
        countIf(outbound AND ended AND outcome != 'answered') AS outbound_rejected_calls,
        avgOrNullIf(talk_us, outbound AND talked) / 1e6 AS outbound_avg_talk_time_sec,
        avgOrNullIf(wait_us, outbound AND talked) / 1e6 AS outbound_avg_wait_time,
        countIf(met) AS level_met,
        countIf(level AND outcome = 'answered') AS level_answered,
        countIf(level AND outcome = 'abandoned') AS level_abandoned,
        countIf(level AND short) AS level_short_abandons,
        countIf(level AND (outcome = 'overflowed' OR accepted AND outcome IN ('rejected', 'lost'))) AS level_failed
    FROM (
        SELECT organization_id, queue_id, outcome, transfer, wait_us, talk_us, hold_us, wrap_up_us, answered_at,
            direction = 'inbound' AS inbound,
            direction = 'outbound' AS outbound,
            begun_at > {since:DateTime64(6, 'UTC')} AND begun_at <= {now:DateTime64(6, 'UTC')} AS begun,
            ended_at > {since:DateTime64(6, 'UTC')} AND ended_at <= {now:DateTime64(6, 'UTC')} AS ended,
            if(outcome = 'answered', answered_at, ended_at) AS wait_ended_at,
            inbound AND wait_ended_at > {since:DateTime64(6, 'UTC')} AND wait_ended_at <= {now:DateTime64(6, 'UTC')} AS waited,
            bitTest(flag_bits, 1) AS incomplete,
            toUnixTimestamp64Micro(arrived_at) != 0 OR incomplete AS accepted,
            waited AND wait_us >= 0 AS timed,
            ended AND outcome = 'answered' AND talk_us >= 0 AS talked,
            timed AND outcome = 'abandoned' AND wait_us <= short_abandon_us AS short,
            waited AND threshold_us > 0 AND NOT incomplete AS level,
            level AND outcome = 'answered' AND wait_us <= threshold_us AS met
        FROM calls_versions FINAL
        LEFT JOIN (`).rules(f).write(`) AS rules USING (organization_id, queue_id)
        WHERE call_date BETWEEN toDate({since:DateTime64(6, 'UTC')}) - 2 AND toDate({now:DateTime64(6, 'UTC')})
          AND direction IN ('inbound', 'outbound') AND `).where(f).write(`
    )
    WHERE begun OR waited OR ended
    GROUP BY organization_id, queue_id`)
}
