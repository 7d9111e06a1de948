package query

// What visits and outbound calls come to one by one, for figures that no table has: by the end, by another threshold, of the
// last so long.

// callWaits are the columns, besides sums, of rows `r` of calls.
const callWaits = `
        maxIf(r.wait_us, r.timed) AS longest_us,
        if(countIf(r.timed) = 0, -1, longest_us) AS inbound_max_wait_us,
        quantileExactWeighted(0.5)(r.wait_us, toUInt64(r.timed)) AS inbound_wait_p50_us,
        quantileExactWeighted(0.9)(r.wait_us, toUInt64(r.timed)) AS inbound_wait_p90_us,
        quantileExactWeighted(0.95)(r.wait_us, toUInt64(r.timed)) AS inbound_wait_p95_us,
        quantileExactWeighted(0.99)(r.wait_us, toUInt64(r.timed)) AS inbound_wait_p99_us,
        arraySort(groupArrayIf(r.wait_us, r.timed)) AS waits_us`

// contributions are what a visit or call adds to the sums, given which of its instants count: `begun`, `waited`, of a visit
// the end of its wait, and `ended`; and its rules t_us, s_us.
const contributions = `
            toInt64(inbound AND begun AND (accepted OR outcome != 'open') AND outcome != 'passed_through') AS inbound_total_calls,
            toInt64(inbound AND begun AND accepted AND outcome = 'open') AS inbound_open_calls,
            toInt64(waited AND outcome = 'answered') AS inbound_answered_calls,
            toInt64(waited AND outcome = 'abandoned') AS inbound_abandoned_calls,
            toInt64(waited AND outcome = 'left_early') AS inbound_left_early_calls,
            toInt64(waited AND outcome = 'rejected') AS inbound_rejected_only_calls,
            toInt64(waited AND outcome = 'overflowed') AS inbound_overflowed_calls,
            toInt64(waited AND outcome = 'service_closed') AS inbound_service_closed_calls,
            toInt64(waited AND outcome = 'callback') AS inbound_callback_calls,
            toInt64(waited AND outcome = 'transferred') AS inbound_transferred_calls,
            toInt64(waited AND outcome = 'lost') AS inbound_lost_calls,
            toInt64(waited AND outcome = 'passed_through') AS inbound_passed_through_calls,
            toInt64(inbound AND ended AND transfer = 'user') AS inbound_user_transfers,
            toInt64(inbound AND ended AND transfer = 'queue') AS inbound_queue_transfers,
            toInt64(short) AS inbound_short_abandons,
            toInt64(level AND outcome = 'answered' AND timed AND wait_us <= t_us) AS level_met,
            toInt64(level AND outcome = 'answered') AS level_answered,
            toInt64(level AND outcome = 'abandoned') AS level_abandoned,
            toInt64(level AND short) AS level_short_abandons,
            toInt64(level AND (outcome = 'overflowed' OR accepted AND outcome IN ('rejected', 'lost'))) AS level_failed,
            toInt64(timed) AS inbound_wait_count,
            if(timed, wait_us, 0) AS inbound_wait_sum_us,
            toInt64(timed AND outcome = 'answered') AS inbound_answered_wait_count,
            if(timed AND outcome = 'answered', wait_us, 0) AS inbound_answered_wait_sum_us,
            toInt64(timed AND outcome = 'abandoned') AS inbound_abandoned_wait_count,
            if(timed AND outcome = 'abandoned', wait_us, 0) AS inbound_abandoned_wait_sum_us,
            toInt64(inbound AND talked) AS inbound_talk_count,
            if(inbound AND talked, talk_us, 0) AS inbound_talk_sum_us,
            if(inbound AND talked, hold_us, 0) AS inbound_hold_sum_us,
            toInt64(inbound AND talked AND wrap_up_us >= 0) AS inbound_handle_count,
            if(inbound_handle_count = 1, talk_us + hold_us + wrap_up_us, 0) AS inbound_handle_sum_us,
            if(inbound_handle_count = 1, wrap_up_us, 0) AS inbound_wrap_up_sum_us,
            toInt64(outbound AND begun) AS outbound_total_calls,
            toInt64(outbound AND connected) AS outbound_answered_calls,
            toInt64(outbound AND ended AND outcome NOT IN ('open', 'answered')) AS outbound_rejected_calls,
            toInt64(outbound AND talked) AS outbound_ended_calls,
            if(outbound AND talked, talk_us, 0) AS outbound_talk_sum_us,
            if(outbound AND talked, wait_us, 0) AS outbound_wait_sum_us`

// nature says what a visit or call is, whenever it counts.
const nature = `
            direction = 'inbound' AS inbound,
            direction = 'outbound' AS outbound,
            bitTest(flag_bits, 1) AS incomplete,
            toUnixTimestamp64Micro(arrived_at) != 0 OR incomplete AS accepted,
            waited AND outcome != 'open' AND wait_us >= 0 AS timed,
            ended AND outcome = 'answered' AND talk_us >= 0 AS talked,
            timed AND outcome = 'abandoned' AND wait_us <= s_us AS short,
            waited AND t_us > 0 AND NOT incomplete AS level`

// callColumns are those of calls_versions that are looked at.
const callColumns = `organization_id, queue_id, queue_name, direction, outcome, transfer, flag_bits, begun_at, arrived_at, answered_at, ended_at,
                wait_us, talk_us, hold_us, wrap_up_us`

// callRows writes a row for each visit and outbound call that counts in the range, by its begin or its end, as rows of
// quarters of an hour are: with the quarter in which it counts, the step or date of that, and what it adds to the sums.
func (b *builder) callRows(f Filter, g GroupBy, o *SeriesOptions, l layout) *builder {
	at := "begun_at"
	if o.ByEnd {
		at = "ended_at"
	}
	rules := "threshold_us AS t_us, short_abandon_us AS s_us,"
	if o.Threshold > 0 {
		rules = "{threshold_us:Int64} AS t_us, if(short_abandon_us = threshold_us, {threshold_us:Int64}, short_abandon_us) AS s_us,"
	}
	b.write(`
            SELECT organization_id, queue_id, queue_name, interval_start, `).write(stepOf(o, l)).write(`
            wait_us, timed, `+contributions+`
            FROM (
                SELECT * EXCEPT (date), date AS queue_date, `).write(quarterOf(o)).write(` AS interval_start,
                true AS begun, inbound AS waited, true AS ended, outcome = 'answered' AS connected, `).write(rules).write(nature).write(`
                FROM (
                    SELECT calls.*, threshold_us, short_abandon_us, zone_then, toUnixTimestamp64Micro(`).write(at).write(`) AS at_us
                    FROM (
                        SELECT `+callColumns+` FROM calls_versions FINAL
                        PREWHERE call_date BETWEEN toDate({since:DateTime64(6, 'UTC')}) - 2 AND toDate({until:DateTime64(6, 'UTC')})
                          AND direction IN ('inbound', 'outbound') AND `).ofQueues(f, g).write(`
                        WHERE `).write(readRange(l, at)).write(`
                    ) AS calls
                    ASOF LEFT JOIN (`).rulesOfDays(f, g, o).write(`
                    ) AS rules ON rules.organization_id = calls.organization_id AND rules.queue_id = calls.queue_id
                        AND toUnixTimestamp64Micro(calls.begun_at) >= rules.begins_us
                ) AS v
                ASOF LEFT JOIN (`).localDays(func() { b.zonesOf(f, g, o) }).write(`
                ) AS local_day ON local_day.time_zone = v.zone_then AND v.at_us >= local_day.start_us
            ) AS i`)
	return b.write(stepRange(o, l))
}

// quarterOf is the quarter of an hour in which an instant lies, counted from the begin of the local day.
func quarterOf(o *SeriesOptions) string {
	if o.Zone == "" {
		return "fromUnixTimestamp64Micro(start_us + intDiv(at_us - start_us, 900000000) * 900000000, 'UTC')"
	}
	return "toInt64(toUnixTimestamp(toStartOfDay(fromUnixTimestamp64Micro(at_us, 'UTC'), {zone:String}))) * 1000000 AS begin_us, " +
		"fromUnixTimestamp64Micro(begin_us + intDiv(at_us - begin_us, 900000000) * 900000000, 'UTC')"
}

// rulesOfDays writes the rules of each queue and local day, with the instant from which they hold.
func (b *builder) rulesOfDays(f Filter, g GroupBy, o *SeriesOptions) *builder {
	return b.write(`
                        SELECT organization_id, queue_id, threshold_us, short_abandon_us, d.time_zone AS zone_then, local_day.start_us AS begins_us
                        FROM (
                            SELECT organization_id, queue_id, queue_date, time_zone, threshold_us, short_abandon_us
                            FROM queue_daily_call_metrics_versions FINAL
                            PREWHERE queue_date BETWEEN {first_date:Date} AND {last_date:Date} AND `).ofQueues(f, g).write(`
                        ) AS d
                        INNER JOIN (`).localDays(func() { b.zonesOf(f, g, o) }).write(`
                        ) AS local_day ON local_day.time_zone = d.time_zone AND local_day.date = d.queue_date`)
}
