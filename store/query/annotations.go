package query

import "time"

// Openings asks when queues opened and closed in [from, to): each change of open_status between open (5, 6), closed (3, 4) and without an
// active handler (1). What becomes known first (from 0) is no change, nor is an estimate that becomes certain. The status before from
// is looked for in the week before it.
func Openings(f Filter, from, to time.Time) Statement {
	b := (&builder{}).instants(from, to).param("since", instant(from.Add(-observedFor)))
	return b.write(`SELECT
    time,
    organization_id,
    queue_id,
    queue_name,
    status_before AS from_status,
    status AS to_status,
    multiIf(kind = 2, 'opened', kind = 1, 'closed', 'no active handler') AS event,
    concat(if(queue_name = '', toString(queue_id), queue_name), if(kind = 0, ' has ', ' '), event, if(status IN (4, 6), ' (estimated)', '')) AS text,
    [if(kind = 0, 'no_active_handler', event)] AS tags
FROM (
    SELECT time, organization_id, queue_id, status, `+openness("status")+` AS kind,
        lagInFrame(status, 1, 0) OVER (PARTITION BY organization_id, queue_id ORDER BY time ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING) AS status_before
    FROM (
        SELECT max(observed_at) AS time, organization_id, queue_id, argMax(open_status, observed_at) AS status
        FROM queue_status_versions FINAL
        WHERE observed_at >= {since:DateTime64(6, 'UTC')} AND observed_at < {from:DateTime64(6, 'UTC')} AND open_status != 0 AND `).where(f).write(`
        GROUP BY organization_id, queue_id
        UNION ALL
        SELECT observed_at AS time, organization_id, queue_id, open_status AS status
        FROM queue_status_versions FINAL
        WHERE observed_at >= {from:DateTime64(6, 'UTC')} AND observed_at < {to:DateTime64(6, 'UTC')} AND open_status != 0 AND `).where(f).write(`
    )
) AS change`).queueNames(f).write(`
WHERE time >= {from:DateTime64(6, 'UTC')} AND status_before != 0 AND kind != `+openness("status_before")+`
ORDER BY time, queue_name, organization_id, queue_id`).limit(0, MaxRows).statement()
}

// openness tells apart open (2), closed (1) and without an active handler (0). The column is a constant of this package.
func openness(status string) string {
	return "multiIf(" + status + " IN (5, 6), 2, " + status + " IN (3, 4), 1, 0)"
}

// MissedLevels asks for the times in which queues with a configured service level missed their target: the quarters of an hour that start
// in [from, to) and in which somebody called, adjacent ones made one of. The percentage is in the given variant
// (ignore_short_abandons where it is none of the four), of all calls of that time.
func MissedLevels(f Filter, from, to time.Time, variant string) Statement {
	b := (&builder{}).instants(from, to).param("variant", variant)
	return b.write(`SELECT
    min(interval_start) AS time,
    max(interval_start) + INTERVAL 15 MINUTE AS time_end,
    organization_id,
    queue_id,
    argMax(queue_name, interval_start) AS queue_name,
    100 * sum(met) / sum(calls) AS percentage,
    argMax(target, interval_start) AS service_level_target,
    argMax(threshold_us, interval_start) / 1e6 AS service_level_threshold_sec,
    sum(met) AS met_calls,
    sum(calls) AS counted_calls,
    concat(if(queue_name = '', toString(queue_id), queue_name), ': ', toString(round(percentage, 1)), ' % within ', toString(service_level_threshold_sec),
        ' s, target ', toString(service_level_target), ' %') AS text,
    ['service_level_missed'] AS tags
FROM (
    SELECT *, sum(begins) OVER (PARTITION BY organization_id, queue_id ORDER BY interval_start ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS run
    FROM (
        SELECT *, interval_start != lagInFrame(interval_start) OVER (PARTITION BY organization_id, queue_id ORDER BY interval_start
            ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING) + INTERVAL 15 MINUTE AS begins
        FROM (
            SELECT organization_id, queue_id, queue_name, interval_start, threshold_us, target,
                level_met + if({variant:String} = 'short_abandons_met', level_short_abandons, 0) AS met,
                multiIf({variant:String} = 'answered_only', level_answered,
                    {variant:String} IN ('all_offered', 'short_abandons_met'), level_answered + level_abandoned + level_failed,
                    level_answered + level_abandoned - level_short_abandons + level_failed) AS calls
            FROM (
                SELECT organization_id, queue_id, queue_name, interval_start, queue_date, level_met, level_answered, level_abandoned, level_short_abandons, level_failed
                FROM queue_interval_metrics_versions FINAL
                WHERE interval_start >= {from:DateTime64(6, 'UTC')} AND interval_start < {to:DateTime64(6, 'UTC')} AND `).where(f).write(`
            ) AS quarter
            INNER JOIN (
                SELECT organization_id, queue_id, queue_date, threshold_us, target
                FROM queue_daily_call_metrics_versions FINAL
                WHERE queue_date BETWEEN toDate({from:DateTime64(6, 'UTC')}) - 1 AND toDate({to:DateTime64(6, 'UTC')}) + 1 AND threshold_us > 0 AND `).where(f).write(`
            ) AS rules USING (organization_id, queue_id, queue_date)
            WHERE calls > 0 AND 100 * met / calls < target
        )
    )
)
GROUP BY organization_id, queue_id, run
ORDER BY time, queue_name, organization_id, queue_id`).limit(0, MaxRows).statement()
}
