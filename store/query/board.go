package query

import "time"

// Board asks for the state of each queue at an instant, the present as a rule, with its figures of that day (in the
// queue's zone) and the live service level: the stored sums, with each open visit that waits longer than T at that
// instant added to the denominator, so that a wallboard never looks better than the day will end. Where an organization's
// events are more than an hour behind the instant (a replay, a stopped engine), waits run to its last event instead.
//
// A queue that was deleted is left out, unless somebody still waits or talks in it.
//
// It reads the tables behind the views, one row per queue of each: planning a query over the views, with all their
// columns, takes several times as long as reading what is needed here.
func Board(f Filter, at time.Time) Statement {
	b := &builder{}
	b.param("now", instant(at))
	b.write(presentAndOffered + `
    observed_at,`).write(knownFigures).write(longestWait).write(`
    open_status,
    stale_agents,
    inbound_total_calls,
    inbound_answered_calls,
    inbound_abandoned_calls,
    inbound_wait_sum_us / nullIf(inbound_wait_count, 0) / 1e6 AS inbound_avg_wait_time_sec,
    inbound_answered_wait_sum_us / nullIf(inbound_answered_wait_count, 0) / 1e6 AS inbound_asa_sec,
    inbound_handle_sum_us / nullIf(inbound_handle_count, 0) / 1e6 AS inbound_aht_sec,
    if(inbound_wait_count = 0 OR inbound_max_wait_us < 0, NULL, inbound_max_wait_us / 1e6) AS inbound_max_wait_sec,
    if(inbound_wait_count = 0 OR inbound_wait_p95_us < 0, NULL, inbound_wait_p95_us / 1e6) AS inbound_wait_p95_sec,`).liveLevel(f).write(`
LEFT JOIN (
    SELECT organization_id, queue_id, inbound_total_calls, inbound_answered_calls, inbound_abandoned_calls,
        inbound_wait_sum_us, inbound_wait_count, inbound_answered_wait_sum_us, inbound_answered_wait_count,
        inbound_handle_sum_us, inbound_handle_count, inbound_max_wait_us, inbound_wait_p95_us, threshold_us, target,
        level_met, level_answered, level_abandoned, level_short_abandons, level_failed
    FROM queue_daily_call_metrics_versions FINAL
    WHERE queue_date BETWEEN toDate({now:DateTime64(6, 'UTC')}) - 1 AND toDate({now:DateTime64(6, 'UTC')}) + 1
      AND queue_date = toDate(formatDateTime({now:DateTime64(6, 'UTC')}, '%F', if(time_zone = '', 'UTC', time_zone)))
      AND `).where(f).write(`) AS daily USING (organization_id, queue_id)
WHERE `).where(f).write(` AND (nbr_of_requesters > 0 OR (organization_id, queue_id) NOT IN (
    SELECT organization_id, queue_id FROM queues_versions FINAL WHERE deleted AND `).organizations(f).write(`))`)
	return b.orderBy("queue_name, organization_id, queue_id")
}
