package query

import "time"

// lookLately is how far back the last known status is looked for first: in busy queues there is one.
const lookLately = time.Hour

// StatusHistory asks for the status of queues in force at the end of each step: columns time, queue_status' figures,
// max_wait_time as it was at that instant, stale_agents, queues. Steps end at multiples of the step since 1970 UTC, so that
// a range that moves on keeps its points; the ends in (from, to] are given. A status holds until the next one; the first may
// be up to seven days older than the range. Nothing is given beyond the present: now, or the organization's last event if
// that lies ahead, or more than an hour behind (a replay, a stopped engine). A queue that was deleted ends then, unless
// somebody still waits or talks in it.
//
// By group, a queue counts in the groups that it had at that instant. Counts are added, the longest wait is the greatest,
// open_status as in [BoardBy].
//
// A step of less than a second is one second; where the range has more than 11,000 of them, they are made coarser.
func StatusHistory(f Filter, g GroupBy, from, to time.Time, step time.Duration) Statement {
	step = max(step.Round(time.Second), time.Second)
	if n := to.Sub(from); n/step > maxSteps {
		step = (n/maxSteps + time.Second - 1).Truncate(time.Second)
	}
	// The last multiple of the step at or before from.
	first := time.Unix(from.Unix()-from.Unix()%int64(step/time.Second), 0)
	b := &builder{}
	b.instants(from, to).param("since", instant(from.Add(-observedFor))).param("lately", instant(from.Add(-lookLately))).param("first", instant(first)).param("step_us", step.Microseconds())
	b.write(`SELECT`).named(g, "time").write(`
    r.time AS time,
    count() AS queues,`).write(statusSums).write(`
    max(r.observed_at) AS observed_at
FROM (`).statusSteps(f, g).write(`
) AS r`).membersThen(f, g)
	if g == ByGroup {
		b.write(`
WHERE r.time >= member.valid_from AND r.time < member.until`)
	}
	return b.groupedBy(g.with("r.time")).orderBy("time, queue_name, group_name, organization_id, queue_id, group_id")
}

// statusSteps writes the status of each queue at the end of each step: what is in force from the step of a row, the last of
// those in which it was observed, to before the step of the next row.
func (b *builder) statusSteps(f Filter, g GroupBy) *builder {
	return b.write(`
    SELECT
        s.organization_id AS organization_id, s.queue_id AS queue_id,
        fromUnixTimestamp64Micro(toUnixTimestamp64Micro({first:DateTime64(6, 'UTC')}) + k * {step_us:Int64}, 'UTC') AS time,
        row.1 AS queue_name, row.2 AS observed_at, nullIf(row.3, -1) AS nbr_of_providers, nullIf(row.4, -1) AS nbr_of_requesters,
        nullIf(row.5, -1) AS nbr_of_serving_agents_estimate, nullIf(row.6, -1) AS nbr_of_allocated, nullIf(row.7, -1) AS nbr_of_connected,
        nullIf(row.8, -1) AS nbr_of_queuing_requesters, nullIf(row.9, -1) AS nbr_of_not_served_requesters, nullIf(row.10, -1) AS nbr_of_agents_long_term_away,
        nullIf(row.11, -1) AS nbr_of_agents_short_term_away, nullIf(row.12, -1) AS nbr_of_agents_immediately_free, nullIf(row.13, -1) AS nbr_of_agents_checked_in_queue,
        nullIf(row.14, -1) AS nbr_of_agents_on_wrap_up, nullIf(row.15, -1) AS nbr_of_agents_on_fetch_mode,
        if(row.9 < 0, NULL, if(toUnixTimestamp64Micro(row.16) = 0, 0,
           greatest(0, intDiv(toUnixTimestamp64Micro(time) - toUnixTimestamp64Micro(row.16), 1000000)))) AS max_wait_time,
        row.17 AS open_status, row.18 AS stale_agents
    FROM (
        SELECT organization_id, queue_id, row, range(toUInt64(step), toUInt64(greatest(step, least(last_step + 1, next_step)))) AS steps
        FROM (
            SELECT organization_id, queue_id, step, row,
                leadInFrame(step, 1, toInt64(9000000000)) OVER (PARTITION BY organization_id, queue_id ORDER BY step ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING) AS next_step
            FROM (
                SELECT organization_id, queue_id,
                    greatest(1, intDiv(toUnixTimestamp64Micro(observed_at) - toUnixTimestamp64Micro({first:DateTime64(6, 'UTC')}) + {step_us:Int64} - 1, {step_us:Int64})) AS step,
                    argMax((queue_name, observed_at, nbr_of_providers, nbr_of_requesters,
                        nbr_of_serving_agents_estimate, nbr_of_allocated, nbr_of_connected,
                        nbr_of_queuing_requesters, nbr_of_not_served_requesters, nbr_of_agents_long_term_away,
                        nbr_of_agents_short_term_away, nbr_of_agents_immediately_free, nbr_of_agents_checked_in_queue,
                        nbr_of_agents_on_wrap_up, nbr_of_agents_on_fetch_mode, longest_wait_since, open_status, stale_agents), (observed_at, version)) AS row
                FROM (`).statusRows(f, g).write(`
                )
                GROUP BY organization_id, queue_id, step
            )
        ) AS changes
        INNER JOIN (
            SELECT organization_id, intDiv(toUnixTimestamp64Micro(least(present, {to:DateTime64(6, 'UTC')})) - toUnixTimestamp64Micro({first:DateTime64(6, 'UTC')}), {step_us:Int64}) AS last_step
            FROM (
                SELECT organization_id, max(horizon) AS last_event_at,
                    if(last_event_at < now64(6, 'UTC') - INTERVAL 1 HOUR, last_event_at, greatest(last_event_at, now64(6, 'UTC'))) AS present
                FROM accounting_versions FINAL
                WHERE `).organizations(f).write(`
                GROUP BY organization_id
            )
        ) AS account USING (organization_id)
    ) AS s
    ARRAY JOIN steps AS k
    LEFT JOIN (
        SELECT organization_id, queue_id, changed_at AS gone_at FROM queues_versions FINAL WHERE deleted AND `).organizations(f).write(`
    ) AS gone ON gone.organization_id = s.organization_id AND gone.queue_id = s.queue_id
    WHERE toUnixTimestamp64Micro(gone_at) = 0 OR time < gone_at OR nbr_of_requesters > 0`)
}

// statusRows writes the rows of the range, and of each queue the last one before it. Histories know no tombstones, so that the
// versions of a row need not be merged, which would cost more than reading them: the latest version is chosen with the latest
// row. The last row before the range is found by the key alone, of most queues within the hour.
func (b *builder) statusRows(f Filter, g GroupBy) *builder {
	const lately = `observed_at > {lately:DateTime64(6, 'UTC')} AND observed_at <= {from:DateTime64(6, 'UTC')} AND `
	b.write(`
                    SELECT `+statusColumns+` FROM queue_status_versions
                    WHERE observed_at > {from:DateTime64(6, 'UTC')} AND observed_at <= {to:DateTime64(6, 'UTC')} AND `).ofQueues(f, g)
	b.write(`
                    UNION ALL
                    SELECT `+statusColumns+` FROM queue_status_versions
                    WHERE observed_at > {since:DateTime64(6, 'UTC')} AND observed_at <= {from:DateTime64(6, 'UTC')} AND `).ofQueues(f, g)
	b.write(` AND (organization_id, queue_id, observed_at) IN (
                        SELECT organization_id, queue_id, max(observed_at) FROM queue_status_versions
                        WHERE `+lately).ofQueues(f, g)
	b.write(`
                        GROUP BY organization_id, queue_id
                        UNION ALL
                        SELECT organization_id, queue_id, max(observed_at) FROM queue_status_versions
                        WHERE observed_at > {since:DateTime64(6, 'UTC')} AND observed_at <= {lately:DateTime64(6, 'UTC')} AND `).ofQueues(f, g)
	b.write(` AND (organization_id, queue_id) NOT IN (
                            SELECT organization_id, queue_id FROM queue_status_versions WHERE `+lately).ofQueues(f, g)
	return b.write(`)
                        GROUP BY organization_id, queue_id
                    )`)
}

const statusColumns = `organization_id, queue_id, observed_at, queue_name, nbr_of_providers, nbr_of_requesters, nbr_of_serving_agents_estimate,
                        nbr_of_allocated, nbr_of_connected, nbr_of_queuing_requesters, nbr_of_not_served_requesters, nbr_of_agents_long_term_away,
                        nbr_of_agents_short_term_away, nbr_of_agents_immediately_free, nbr_of_agents_checked_in_queue, nbr_of_agents_on_wrap_up,
                        nbr_of_agents_on_fetch_mode, longest_wait_since, open_status, stale_agents, version`
