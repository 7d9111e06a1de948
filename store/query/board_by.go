package query

import "time"

// BoardBy asks for what [Board] does, by queue, by queue group of now, or over all queues: counts are added (an agent who
// serves two queues counts in both), the longest wait is the greatest, means, percentages and percentiles are made anew from
// sums and merged histograms. open_status is that of the queue that is open, if one is: 5 before 6, 4, 3, 1 and 0. Thresholds
// and targets are NULL where the queues differ. observed_at is that of the latest.
//
// Columns: those of [Board], and group_id, group_name, queues (how many), level_met, level_answered, level_abandoned,
// level_short_abandons, level_failed, short_abandon_threshold_sec. There is a row for each queue that was ever seen and is
// not deleted; for each group with a queue; and always one in total, zeros where there is no queue.
func BoardBy(f Filter, g GroupBy, at time.Time) Statement {
	b := &builder{}
	b.param("now", instant(at))
	b.write(`WITH
    level_answered + level_abandoned + level_failed + waiting_beyond_threshold AS offered
SELECT
    organization_id, queue_id, queue_name, group_id, group_name, queues, observed_at,`).write(statusFigures).write(`
    max_wait_time,
    open_status,
    stale_agents,
    inbound_total_calls,
    inbound_answered_calls,
    inbound_abandoned_calls,
    inbound_wait_sum_us / nullIf(inbound_wait_count, 0) / 1e6 AS inbound_avg_wait_time_sec,
    inbound_answered_wait_sum_us / nullIf(inbound_answered_wait_count, 0) / 1e6 AS inbound_asa_sec,
    inbound_handle_sum_us / nullIf(inbound_handle_count, 0) / 1e6 AS inbound_aht_sec,
    if(inbound_wait_count = 0 OR inbound_max_wait_us < 0, NULL, inbound_max_wait_us / 1e6) AS inbound_max_wait_sec,
    if(inbound_wait_count = 0 OR inbound_wait_p95_us < 0, NULL, inbound_wait_p95_us / 1e6) AS inbound_wait_p95_sec,`).write(rulesOfRow).write(liveLevels).write(`
    level_met, level_answered, level_abandoned, level_short_abandons, level_failed
FROM (`)
	if g == ByQueue {
		b.boardQueues(f, g)
	} else {
		b.boardTogether(f, g)
	}
	return b.write(`
)`).orderBy("queue_name, group_name, organization_id, queue_id, group_id")
}

// statusFigures are the vendor's figures of a queue now that add up.
const statusFigures = `
    nbr_of_providers,
    nbr_of_requesters,
    nbr_of_serving_agents_estimate,
    nbr_of_allocated,
    nbr_of_connected,
    nbr_of_queuing_requesters,
    nbr_of_not_served_requesters,
    nbr_of_agents_long_term_away,
    nbr_of_agents_short_term_away,
    nbr_of_agents_immediately_free,
    nbr_of_agents_checked_in_queue,
    nbr_of_agents_on_wrap_up,
    nbr_of_agents_on_fetch_mode,`

// knownFigures reads them from a table: what the queue's sources do not tell is -1 there, and NULL from here on.
const knownFigures = `
    nullIf(nbr_of_providers, -1) AS nbr_of_providers,
    nullIf(nbr_of_requesters, -1) AS nbr_of_requesters,
    nullIf(nbr_of_serving_agents_estimate, -1) AS nbr_of_serving_agents_estimate,
    nullIf(nbr_of_allocated, -1) AS nbr_of_allocated,
    nullIf(nbr_of_connected, -1) AS nbr_of_connected,
    nullIf(nbr_of_queuing_requesters, -1) AS nbr_of_queuing_requesters,
    nullIf(nbr_of_not_served_requesters, -1) AS nbr_of_not_served_requesters,
    nullIf(nbr_of_agents_long_term_away, -1) AS nbr_of_agents_long_term_away,
    nullIf(nbr_of_agents_short_term_away, -1) AS nbr_of_agents_short_term_away,
    nullIf(nbr_of_agents_immediately_free, -1) AS nbr_of_agents_immediately_free,
    nullIf(nbr_of_agents_checked_in_queue, -1) AS nbr_of_agents_checked_in_queue,
    nullIf(nbr_of_agents_on_wrap_up, -1) AS nbr_of_agents_on_wrap_up,
    nullIf(nbr_of_agents_on_fetch_mode, -1) AS nbr_of_agents_on_fetch_mode,`

// longestWait is how long the longest wait of a row has run at the instant `at`.
const longestWait = `
    if(ifNull(nbr_of_not_served_requesters, -1) < 0, NULL, if(toUnixTimestamp64Micro(longest_wait_since) = 0, 0,
       greatest(0, intDiv(toUnixTimestamp64Micro(at) - toUnixTimestamp64Micro(longest_wait_since), 1000000)))) AS max_wait_time,`

// statusSums adds them up over rows `r`: NULL where no queue tells, 0 where there is no queue.
const statusSums = `
    if(count() = 0, 0, sum(r.nbr_of_providers)) AS nbr_of_providers,
    if(count() = 0, 0, sum(r.nbr_of_requesters)) AS nbr_of_requesters,
    if(count() = 0, 0, sum(r.nbr_of_serving_agents_estimate)) AS nbr_of_serving_agents_estimate,
    if(count() = 0, 0, sum(r.nbr_of_allocated)) AS nbr_of_allocated,
    if(count() = 0, 0, sum(r.nbr_of_connected)) AS nbr_of_connected,
    if(count() = 0, 0, sum(r.nbr_of_queuing_requesters)) AS nbr_of_queuing_requesters,
    if(count() = 0, 0, sum(r.nbr_of_not_served_requesters)) AS nbr_of_not_served_requesters,
    if(count() = 0, 0, sum(r.nbr_of_agents_long_term_away)) AS nbr_of_agents_long_term_away,
    if(count() = 0, 0, sum(r.nbr_of_agents_short_term_away)) AS nbr_of_agents_short_term_away,
    if(count() = 0, 0, sum(r.nbr_of_agents_immediately_free)) AS nbr_of_agents_immediately_free,
    if(count() = 0, 0, sum(r.nbr_of_agents_checked_in_queue)) AS nbr_of_agents_checked_in_queue,
    if(count() = 0, 0, sum(r.nbr_of_agents_on_wrap_up)) AS nbr_of_agents_on_wrap_up,
    if(count() = 0, 0, sum(r.nbr_of_agents_on_fetch_mode)) AS nbr_of_agents_on_fetch_mode,
    if(count() = 0, 0, max(r.max_wait_time)) AS max_wait_time,
    arrayFirst(s -> has(groupUniqArray(r.open_status), s), [5, 6, 4, 3, 1, 0]) AS open_status,
    sum(r.stale_agents) AS stale_agents,`

// liveLevels are the variants of the service level over `offered`, which counts those who wait too long.
const liveLevels = `
    waiting_beyond_threshold,
    100 * level_met / nullIf(offered - level_short_abandons, 0) AS service_level_ignore_short_abandons,
    100 * level_met / nullIf(offered, 0) AS service_level_all_offered,
    100 * level_met / nullIf(level_answered, 0) AS service_level_answered_only,
    100 * (level_met + level_short_abandons) / nullIf(offered, 0) AS service_level_short_abandons_met,`

// boardQueues writes what is known of each queue: its status at the instant, its day's sums, its rules.
func (b *builder) boardQueues(f Filter, g GroupBy) *builder {
	return b.write(`
    WITH
        greatest(observed_at, horizon) AS last_event_at,
        if(last_event_at < {now:DateTime64(6, 'UTC')} - INTERVAL 1 HOUR, last_event_at, {now:DateTime64(6, 'UTC')}) AS at
    SELECT
        organization_id, queue_id, queue_name, `+nilUUID+` AS group_id, '' AS group_name, 1 AS queues, observed_at,`).write(knownFigures).write(longestWait).write(`
        open_status, stale_agents, `).write(boardDaily).write(`, inbound_wait_p95_us, inbound_wait_histogram,
        nullIf(threshold_us, 0) AS min_threshold_us, min_threshold_us AS max_threshold_us,
        if(threshold_us = 0, NULL, short_abandon_us) AS min_short_us, min_short_us AS max_short_us,
        if(threshold_us = 0, NULL, target) AS min_target, min_target AS max_target,
        if(threshold_us = 0, 0, toInt64(arrayCount(since -> since < at - toIntervalMicrosecond(threshold_us), waiting_since))) AS waiting_beyond_threshold
    FROM queue_status_now_versions AS status FINAL
    LEFT JOIN (
        SELECT organization_id, max(horizon) AS horizon FROM accounting_versions FINAL
        WHERE `).organizations(f).write(` GROUP BY organization_id) AS account USING (organization_id)
    LEFT JOIN (
        SELECT organization_id, queue_id, `).write(boardDaily).write(`, inbound_wait_p95_us, inbound_wait_histogram, threshold_us, short_abandon_us, target
        FROM queue_daily_call_metrics_versions FINAL
        WHERE queue_date BETWEEN toDate({now:DateTime64(6, 'UTC')}) - 1 AND toDate({now:DateTime64(6, 'UTC')}) + 1
          AND queue_date = toDate(formatDateTime({now:DateTime64(6, 'UTC')}, '%F', if(time_zone = '', 'UTC', time_zone)))
          AND `).ofQueues(f, g).write(`) AS daily USING (organization_id, queue_id)
    WHERE `).ofQueues(f, g).write(` AND (nbr_of_requesters > 0 OR (organization_id, queue_id) NOT IN (
        SELECT organization_id, queue_id FROM queues_versions FINAL WHERE deleted AND `).organizations(f).write(`))`)
}

const boardDaily = `inbound_total_calls, inbound_answered_calls, inbound_abandoned_calls,
        inbound_wait_sum_us, inbound_wait_count, inbound_answered_wait_sum_us, inbound_answered_wait_count,
        inbound_handle_sum_us, inbound_handle_count, inbound_max_wait_us,
        level_met, level_answered, level_abandoned, level_short_abandons, level_failed`

// boardTogether adds the queues up.
func (b *builder) boardTogether(f Filter, g GroupBy) *builder {
	b.write(`
    WITH`).write(waitOf).write(`
    SELECT * EXCEPT (inbound_wait_histogram), if(all_waits = 0, -1, wait_of(95)) AS inbound_wait_p95_us
    FROM (
    SELECT`).named(g, "observed_at").write(`
    count() AS queues,
    max(r.observed_at) AS observed_at,`).write(statusSums).write(`
    sum(r.inbound_total_calls) AS inbound_total_calls,
    sum(r.inbound_answered_calls) AS inbound_answered_calls,
    sum(r.inbound_abandoned_calls) AS inbound_abandoned_calls,
    sum(r.inbound_wait_sum_us) AS inbound_wait_sum_us,
    sum(r.inbound_wait_count) AS inbound_wait_count,
    sum(r.inbound_answered_wait_sum_us) AS inbound_answered_wait_sum_us,
    sum(r.inbound_answered_wait_count) AS inbound_answered_wait_count,
    sum(r.inbound_handle_sum_us) AS inbound_handle_sum_us,
    sum(r.inbound_handle_count) AS inbound_handle_count,
    max(r.inbound_max_wait_us) AS inbound_max_wait_us,
    sum(r.level_met) AS level_met,
    sum(r.level_answered) AS level_answered,
    sum(r.level_abandoned) AS level_abandoned,
    sum(r.level_short_abandons) AS level_short_abandons,
    sum(r.level_failed) AS level_failed,
    sum(r.waiting_beyond_threshold) AS waiting_beyond_threshold,
    min(r.min_threshold_us) AS min_threshold_us, max(r.max_threshold_us) AS max_threshold_us,
    min(r.min_short_us) AS min_short_us, max(r.max_short_us) AS max_short_us,
    min(r.min_target) AS min_target, max(r.max_target) AS max_target,
    sumMap(r.inbound_wait_histogram) AS inbound_wait_histogram
    FROM (`).boardQueues(f, g).write(`
    ) AS r`).membersNow(f, g)
	return b.groupedBy(g.keys()).write(`
    )`)
}
