package query

import "time"

// Board asks for the state of each queue now, with its figures of today (in the queue's zone) and the live service
// level: the stored sums, with each open visit that waits longer than T at now added to the denominator, so that a
// wallboard never looks better than the day will end. Columns: those of queue_status_now, then the ones named below.
func Board(f Filter, now time.Time) Statement {
	b := &builder{}
	b.param("now", instant(now))
	b.write(`SELECT
    s.organization_id AS organization_id,
    s.queue_id AS queue_id,
    s.queue_name AS queue_name,
    s.observed_at AS observed_at,
    s.nbr_of_providers AS nbr_of_providers,
    s.nbr_of_requesters AS nbr_of_requesters,
    s.nbr_of_serving_agents_estimate AS nbr_of_serving_agents_estimate,
    s.nbr_of_allocated AS nbr_of_allocated,
    s.nbr_of_connected AS nbr_of_connected,
    s.nbr_of_queuing_requesters AS nbr_of_queuing_requesters,
    s.nbr_of_not_served_requesters AS nbr_of_not_served_requesters,
    s.nbr_of_agents_long_term_away AS nbr_of_agents_long_term_away,
    s.nbr_of_agents_short_term_away AS nbr_of_agents_short_term_away,
    s.nbr_of_agents_immediately_free AS nbr_of_agents_immediately_free,
    s.nbr_of_agents_checked_in_queue AS nbr_of_agents_checked_in_queue,
    s.nbr_of_agents_on_wrap_up AS nbr_of_agents_on_wrap_up,
    s.nbr_of_agents_on_fetch_mode AS nbr_of_agents_on_fetch_mode,
    toInt64(if(isNull(s.longest_wait_since), 0, greatest(0, intDiv(
        toUnixTimestamp64Micro({now:DateTime64(6, 'UTC')}) - toUnixTimestamp64Micro(assumeNotNull(s.longest_wait_since)), 1000000)))) AS max_wait_time,
    s.open_status AS open_status,
    s.stale_agents AS stale_agents,
    d.inbound_total_calls AS inbound_total_calls,
    d.inbound_answered_calls AS inbound_answered_calls,
    d.inbound_abandoned_calls AS inbound_abandoned_calls,
    d.inbound_avg_wait_time_sec AS inbound_avg_wait_time_sec,
    d.inbound_asa_sec AS inbound_asa_sec,
    d.inbound_aht_sec AS inbound_aht_sec,
    d.inbound_max_wait_sec AS inbound_max_wait_sec,
    d.inbound_wait_p95_sec AS inbound_wait_p95_sec,
    d.service_level_threshold_sec AS service_level_threshold_sec,
    d.service_level_target AS service_level_target,
    toInt64(if(isNull(d.service_level_threshold_sec), 0,
        arrayCount(x -> x > assumeNotNull(d.service_level_threshold_sec), w.waits))) AS waiting_beyond_threshold,
    if(isNull(d.service_level_threshold_sec), NULL,
        100 * d.level_met / nullIf(d.level_answered + d.level_abandoned - d.level_short_abandons + d.level_failed + waiting_beyond_threshold, 0)) AS service_level_ignore_short_abandons,
    if(isNull(d.service_level_threshold_sec), NULL,
        100 * d.level_met / nullIf(d.level_answered + d.level_abandoned + d.level_failed + waiting_beyond_threshold, 0)) AS service_level_all_offered,
    if(isNull(d.service_level_threshold_sec), NULL,
        100 * d.level_met / nullIf(d.level_answered, 0)) AS service_level_answered_only,
    if(isNull(d.service_level_threshold_sec), NULL,
        100 * (d.level_met + d.level_short_abandons) / nullIf(d.level_answered + d.level_abandoned + d.level_failed + waiting_beyond_threshold, 0)) AS service_level_short_abandons_met
FROM (SELECT * FROM queue_status_now WHERE `).where(f).write(`) AS s
LEFT JOIN (
    SELECT * FROM queue_daily_call_metrics
    WHERE queue_date BETWEEN toDate({now:DateTime64(6, 'UTC')}) - 1 AND toDate({now:DateTime64(6, 'UTC')}) + 1
      AND queue_date = toDate(formatDateTime({now:DateTime64(6, 'UTC')}, '%F', if(time_zone = '', 'UTC', time_zone)))
      AND `).where(f).write(`) AS d ON d.organization_id = s.organization_id AND d.queue_id = s.queue_id
LEFT JOIN (
    SELECT organization_id, queue_id,
        groupArray((toUnixTimestamp64Micro({now:DateTime64(6, 'UTC')}) - toUnixTimestamp64Micro(assumeNotNull(arrived_at))) / 1e6) AS waits
    FROM calls
    WHERE call_date >= toDate({now:DateTime64(6, 'UTC')}) - 1 AND outcome = 'open' AND direction = 'inbound' AND isNotNull(arrived_at)
      AND `).where(f).write(`
    GROUP BY organization_id, queue_id) AS w ON w.organization_id = s.organization_id AND w.queue_id = s.queue_id
ORDER BY s.queue_name, s.organization_id, s.queue_id`)
	return b.statement()
}
