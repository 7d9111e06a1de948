package query

import "time"

// listFigures are the figures of a callback list, as the tables have them.
const listFigures = `
    total_open_requests,
    total_free_for_allocation,
    total_assigned,
    total_hiding_not_before,
    next_hour_revealed_not_before,
    total_over_due_date,
    next_hour_over_due_date,
    expires_in_24h,
    total_serving_agents,
    nullIf(published_at, toDateTime64(0, 6, 'UTC')) AS published_at,
    if(is_auto_allocate < 0, NULL, is_auto_allocate = 1)::Nullable(Bool) AS is_auto_allocate,
    if(total_active_agents < 0, NULL, total_active_agents) AS total_active_agents,
    if(total_auto_allocate_agents < 0, NULL, total_auto_allocate_agents) AS total_auto_allocate_agents,
    if(total_serving_auto_allocate_agents < 0, NULL, total_serving_auto_allocate_agents) AS total_serving_auto_allocate_agents`

// lastOfStep are the same columns of `row`, the last observation of a step.
const lastOfStep = `
        row.1 AS observed_at, row.2 AS total_open_requests, row.3 AS total_free_for_allocation, row.4 AS total_assigned, row.5 AS total_hiding_not_before,
        row.6 AS next_hour_revealed_not_before, row.7 AS total_over_due_date, row.8 AS next_hour_over_due_date, row.9 AS expires_in_24h,
        row.10 AS total_serving_agents, nullIf(row.11, toDateTime64(0, 6, 'UTC')) AS published_at,
        if(row.12 < 0, NULL, row.12 = 1)::Nullable(Bool) AS is_auto_allocate, if(row.13 < 0, NULL, row.13) AS total_active_agents,
        if(row.14 < 0, NULL, row.14) AS total_auto_allocate_agents, if(row.15 < 0, NULL, row.15) AS total_serving_auto_allocate_agents`

// The vendor gives lists no name: the beginning of the id stands for it.
const listName = `substring(toString(call_list_id), 1, 8) AS call_list_name`

// CallbackLists asks for the callback lists as they are now: the columns of `callback_list_status_now`, and call_list_name (the
// beginning of the id), last_event_at (the last event of the organization), and published_age_sec, by how much the vendor's
// own last figures, of which those of agents are, are older than that; NULL where there are none.
func CallbackLists(f Filter) Statement {
	b := &builder{}
	return b.write(`SELECT
    organization_id,
    call_list_id,
    ` + listName + `,
    observed_at,` + listFigures + `,
    greatest(observed_at, horizon) AS last_event_at,
    if(isNull(published_at), NULL, greatest(0, toUnixTimestamp64Micro(last_event_at) - toUnixTimestamp64Micro(assumeNotNull(published_at))) / 1e6) AS published_age_sec
FROM callback_list_status_now_versions AS status FINAL`).accounts(f).write(`
WHERE `).lists(f).write(`
ORDER BY organization_id, call_list_id`).statement()
}

// CallbackListHistory asks for the figures of callback lists in force at each instant of (from, to] that is a multiple of the
// step (made longer where there would be more than 11,000): the last observation at or before it, up to a week before from.
// Nothing is shown of a list before its first observation, nor after the last event of an organization that stands still.
func CallbackListHistory(f Filter, from, to time.Time, step time.Duration) Statement {
	b := (&builder{}).grid(from, to, step)
	return b.write(`SELECT
    grid.time AS time,
    grid.organization_id AS organization_id,
    grid.call_list_id AS call_list_id,
    ` + listName + `,
    history.* EXCEPT (organization_id, call_list_id, step)
FROM (
    SELECT organization_id, call_list_id, n, fromUnixTimestamp64Micro(n * {step:Int64}, 'UTC') AS time
    FROM (
        SELECT organization_id, call_list_id, ` + until + ` AS until
        FROM callback_list_status_now_versions AS status FINAL`).accounts(f).write(`
        WHERE `).lists(f).write(`
    )
    ARRAY JOIN range({first:Int64}, {last:Int64} + 1) AS n
    WHERE time <= until
) AS grid
ASOF INNER JOIN (
    SELECT organization_id, call_list_id, step,` + lastOfStep + `
    FROM (
        SELECT organization_id, call_list_id, greatest({first:Int64}, intDiv(toUnixTimestamp64Micro(observed_at) + {step:Int64} - 1, {step:Int64})) AS step,
            argMax((observed_at, total_open_requests, total_free_for_allocation, total_assigned, total_hiding_not_before, next_hour_revealed_not_before,
                total_over_due_date, next_hour_over_due_date, expires_in_24h, total_serving_agents, published_at, is_auto_allocate, total_active_agents,
                total_auto_allocate_agents, total_serving_auto_allocate_agents), observed_at) AS row
        FROM callback_list_status_versions FINAL
        WHERE observed_at >= {since:DateTime64(6, 'UTC')} AND observed_at <= {to:DateTime64(6, 'UTC')} AND `).lists(f).write(`
        GROUP BY organization_id, call_list_id, step
    )
) AS history ON grid.organization_id = history.organization_id AND grid.call_list_id = history.call_list_id AND grid.n >= history.step
ORDER BY time, organization_id, call_list_id`).statement()
}

// requests writes the condition of f on callback requests: of the lists, and of the queues that they come from.
func (b *builder) requests(f Filter) *builder {
	b.where(f)
	if len(f.CallLists) > 0 {
		b.write(" AND call_list_id IN {call_lists:Array(UUID)}").param("call_lists", texts(f.CallLists))
	}
	return b
}

// Callbacks asks for single requests: those that were created, or of which the last event was, in [from, to), and those created
// before `to` that are open at the moment of asking (free, assigned or hiding). The overdue come first, then the open ones by
// due date, then the others, latest change first. Requests whose first event is more than a year before from are not looked for.
// Columns are those of `callbacks`, and queue_name, of the queue that the request came from.
func Callbacks(f Filter, from, to time.Time, limit int) Statement {
	b := &builder{}
	return b.write(`SELECT request.*, queue_name
FROM (
    SELECT * FROM callbacks
    WHERE callback_date BETWEEN toDate({from:DateTime64(6, 'UTC')}) - 366 AND toDate({to:DateTime64(6, 'UTC')}) + 1 AND `).instants(from, to).requests(f).write(`
      AND coalesce(created_at, last_event_at) < {to:DateTime64(6, 'UTC')}
      AND (status IN ('free', 'assigned', 'hiding') OR created_at >= {from:DateTime64(6, 'UTC')}
           OR last_event_at >= {from:DateTime64(6, 'UTC')} AND last_event_at < {to:DateTime64(6, 'UTC')})
) AS request`).queueNames(f).write(`
ORDER BY is_overdue DESC, status IN ('free', 'assigned', 'hiding') DESC, if(status IN ('free', 'assigned', 'hiding'), due_date, NULL) NULLS LAST, last_event_at DESC, callback_id`).limit(limit, MaxRows).statement()
}

// Recovered asks for the visits begun in [from, to) that ended without an answer, and whose callback was answered: the columns
// of `recovered_calls`, latest first.
func Recovered(f Filter, from, to time.Time, limit int) Statement {
	b := &builder{}
	return b.write("SELECT * FROM recovered_calls WHERE ").recovered(f, from, to).write(`
ORDER BY begun_at DESC, call_id, queue_id, visit, callback_id`).limit(limit, MaxRows).statement()
}

// recovered writes the condition on recovered calls begun in [from, to). A callback is made at its call or after it.
func (b *builder) recovered(f Filter, from, to time.Time) *builder {
	return b.write(`begun_at >= {from:DateTime64(6, 'UTC')} AND begun_at < {to:DateTime64(6, 'UTC')}
  AND call_date BETWEEN toDate({from:DateTime64(6, 'UTC')}) - 2 AND toDate({to:DateTime64(6, 'UTC')})
  AND callback_date >= toDate({from:DateTime64(6, 'UTC')}) - 2 AND `).instants(from, to).requests(f)
}

// CallbackOverview asks how well each callback list was worked: of the requests created in [from, to) how many there are, were
// answered, are closed, open and expired, the share of the closed ones with a due date that were closed by it, mean attempts,
// mean times from creation to the first attempt and to the close, and, recovered, how many of them reached a caller whose visit had
// ended without an answer. Known lists without requests have a row of zeros; requests of no list have the nil id.
func CallbackOverview(f Filter, from, to time.Time) Statement {
	b := &builder{}
	return b.write(`SELECT
    organization_id,
    list AS call_list_id,
    `+listName+`,
    countIf(requested) AS requests,
    countIf(requested AND isNotNull(answered_at)) AS answered,
    countIf(requested AND status = 'closed') AS closed,
    countIf(requested AND status IN ('free', 'assigned', 'hiding')) AS open,
    countIf(requested AND status = 'expired') AS expired,
    countIf(is_overdue) AS overdue,
    countIf(closed_within_due = true) AS closed_in_due,
    100 * closed_in_due / nullIf(countIf(isNotNull(closed_within_due)), 0) AS closed_in_due_percentage,
    100 * answered / nullIf(requests, 0) AS answered_percentage,
    avgOrNullIf(attempts, requested) AS avg_attempts,
    avgOrNull(time_to_first_attempt_sec) AS avg_time_to_first_attempt_sec,
    avgOrNull(time_to_close_sec) AS avg_time_to_close_sec,
    countIf(requested AND isNotNull(answered_at) AND (organization_id, callback_id) IN (
        SELECT organization_id, callback_id FROM recovered_calls WHERE `).recoveredAround(f, from, to).write(`)) AS recovered
FROM (
    SELECT true AS requested, organization_id, ifNull(call_list_id, toUUID('00000000-0000-0000-0000-000000000000')) AS list, callback_id, status, is_overdue,
        answered_at, closed_within_due, attempts, time_to_first_attempt_sec, time_to_close_sec
    FROM callbacks
    WHERE callback_date BETWEEN toDate({from:DateTime64(6, 'UTC')}) - 1 AND toDate({to:DateTime64(6, 'UTC')}) + 366
      AND coalesce(created_at, last_event_at) >= {from:DateTime64(6, 'UTC')} AND coalesce(created_at, last_event_at) < {to:DateTime64(6, 'UTC')} AND `).requests(f).write(`
    UNION ALL
    SELECT false, organization_id, list_id AS call_list_id, toUUID('00000000-0000-0000-0000-000000000000'), '', false, NULL, NULL, 0, NULL, NULL
    FROM callback_lists_versions FINAL
    WHERE `).lists(f).write(`
)
GROUP BY organization_id, list
ORDER BY organization_id, list`).statement()
}

// recoveredAround writes the condition on recovered calls whose callbacks may have been created in [from, to).
func (b *builder) recoveredAround(f Filter, from, to time.Time) *builder {
	return b.write(`call_date BETWEEN toDate({from:DateTime64(6, 'UTC')}) - 3 AND toDate({to:DateTime64(6, 'UTC')})
        AND callback_date BETWEEN toDate({from:DateTime64(6, 'UTC')}) - 1 AND toDate({to:DateTime64(6, 'UTC')}) + 366 AND `).instants(from, to).requests(f)
}
