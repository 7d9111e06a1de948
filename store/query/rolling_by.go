package query

import "time"

// RollingBy asks for what [Rolling] does, by queue, queue group of now, or over all queues, with the columns of [Series]
// but for those of time, and waiting_beyond_threshold; the service level is live, as in [BoardBy]. A threshold other than 0
// takes the place of every queue's, see [SeriesOptions]; else a queue's rules are those of its last day.
//
// There is a row for each queue that was ever seen and is not deleted, or of which there is something to tell; for each
// group with a queue; and always one in total.
func RollingBy(f Filter, g GroupBy, last time.Duration, now time.Time, threshold time.Duration) Statement {
	b := &builder{}
	b.param("now", instant(now)).param("since", instant(now.Add(-last))).param("threshold_us", threshold.Microseconds())
	b.write(`WITH
    level_answered + level_abandoned + level_failed + waiting_beyond_threshold AS offered
SELECT
    organization_id, queue_id, queue_name, group_id, group_name, queues,`+counts+means+rulesOfRow+liveLevels+addends+`
FROM (
    WITH`+listedWaitOf+`
    SELECT * EXCEPT (waits_us),`+wellKnownPercentiles+`
    FROM (
    SELECT`).named(g, "observed_at").write(`
    count() AS queues, sum(r.waiting_beyond_threshold) AS waiting_beyond_threshold,`+sums+`
    max(r.inbound_max_wait_us) AS inbound_max_wait_us,
    min(r.min_threshold_us) AS min_threshold_us, max(r.max_threshold_us) AS max_threshold_us,
    min(r.min_short_us) AS min_short_us, max(r.max_short_us) AS max_short_us,
    min(r.min_target) AS min_target, max(r.max_target) AS max_target,
    arraySort(arrayFlatten(groupArray(r.waits_us))) AS waits_us
    FROM (`).rollingQueues(f, g, threshold).write(`
    ) AS r`).membersNow(f, g)
	return b.groupedBy(g.keys()).write(`
    )
)`).orderBy("queue_name, group_name, organization_id, queue_id, group_id")
}

// rollingQueues writes what the calls of (since, now] come to in each queue, its rules, and who waits too long in it.
func (b *builder) rollingQueues(f Filter, g GroupBy, threshold time.Duration) *builder {
	own := threshold > 0
	if g == ByGroup {
		f.Groups = nil
	}
	b.write(`
        WITH
            greatest(observed_at, horizon) AS last_event_at,
            if(last_event_at < {now:DateTime64(6, 'UTC')} - INTERVAL 1 HOUR, last_event_at, {now:DateTime64(6, 'UTC')}) AS at
        SELECT
            organization_id, queue_id, queue_name, observed_at, `+sumList+`, waits_us, if(inbound_wait_count = 0, -1, inbound_max_wait_us) AS inbound_max_wait_us,`).
		write(rollingRules(own)).write(`
            ifNull(min_threshold_us, 0) AS t_us,
            if(t_us = 0, 0, toInt64(arrayCount(since -> since < at - toIntervalMicrosecond(t_us), waiting_since))) AS waiting_beyond_threshold
        FROM queue_status_now_versions AS status FINAL
        LEFT JOIN (
            SELECT organization_id, max(horizon) AS horizon FROM accounting_versions FINAL
            WHERE `).organizations(f).write(` GROUP BY organization_id) AS account USING (organization_id)
        LEFT JOIN (`).rules(f).write(`) AS rules USING (organization_id, queue_id)
        LEFT JOIN (
            SELECT r.organization_id AS organization_id, r.queue_id AS queue_id,`+sums+`
            max(if(r.timed, r.wait_us, -1)) AS inbound_max_wait_us, arraySort(groupArrayIf(r.wait_us, r.timed)) AS waits_us, count() AS seen
            FROM (`).rollingRows(f, own).write(`
            ) AS r
            GROUP BY r.organization_id, r.queue_id
        ) AS calls USING (organization_id, queue_id)
        WHERE `).where(f).write(` AND (nbr_of_requesters > 0 OR seen > 0 OR (organization_id, queue_id) NOT IN (
            SELECT organization_id, queue_id FROM queues_versions FINAL WHERE deleted AND `).organizations(f).write(`))`)
	return b
}

// rollingRules are the rules of a queue, as a range of one.
func rollingRules(own bool) string {
	if own {
		return `
            toNullable({threshold_us:Int64}) AS min_threshold_us, min_threshold_us AS max_threshold_us,
            toNullable(if(short_abandon_us = threshold_us, {threshold_us:Int64}, short_abandon_us)) AS min_short_us, min_short_us AS max_short_us,
            if(threshold_us = 0, NULL, target) AS min_target, min_target AS max_target,`
	}
	return `
            nullIf(threshold_us, 0) AS min_threshold_us, min_threshold_us AS max_threshold_us,
            if(threshold_us = 0, NULL, short_abandon_us) AS min_short_us, min_short_us AS max_short_us,
            if(threshold_us = 0, NULL, target) AS min_target, min_target AS max_target,`
}

// rollingRows writes what each visit and call adds within (since, now].
func (b *builder) rollingRows(f Filter, own bool) *builder {
	rules := "threshold_us AS t_us, short_abandon_us AS s_us,"
	if own {
		rules = "{threshold_us:Int64} AS t_us, if(short_abandon_us = threshold_us, {threshold_us:Int64}, short_abandon_us) AS s_us,"
	}
	return b.write(`
            SELECT organization_id, queue_id, wait_us, timed, ` + contributions + `
            FROM (
                SELECT *,
                    begun_at > {since:DateTime64(6, 'UTC')} AND begun_at <= {now:DateTime64(6, 'UTC')} AS begun,
                    ended_at > {since:DateTime64(6, 'UTC')} AND ended_at <= {now:DateTime64(6, 'UTC')} AS ended,
                    if(outcome = 'answered', answered_at, ended_at) AS wait_ended_at,
                    direction = 'inbound' AND wait_ended_at > {since:DateTime64(6, 'UTC')} AND wait_ended_at <= {now:DateTime64(6, 'UTC')} AS waited,
                    answered_at > {since:DateTime64(6, 'UTC')} AND answered_at <= {now:DateTime64(6, 'UTC')} AS connected,
                    `).write(rules).write(nature).write(`
                FROM (
                    SELECT ` + callColumns + ` FROM calls_versions FINAL
                    PREWHERE call_date BETWEEN toDate({since:DateTime64(6, 'UTC')}) - 2 AND toDate({now:DateTime64(6, 'UTC')})
                      AND direction IN ('inbound', 'outbound') AND `).where(f).write(`
                ) AS calls
                LEFT JOIN (`).rules(f).write(`) AS rules USING (organization_id, queue_id)
                WHERE begun OR waited OR ended OR connected
            )`)
}
