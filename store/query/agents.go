package query

import "time"

// present is the instant `at` up to which what runs is counted: {now}, or, where the organization's last event is more than an
// hour before that (a replay, a stopped engine), that event. It needs observed_at and horizon.
const present = `greatest(observed_at, horizon) AS last_event_at,
    if(last_event_at < {now:DateTime64(6, 'UTC')} - INTERVAL 1 HOUR, last_event_at, {now:DateTime64(6, 'UTC')}) AS at`

// inState are the seconds since the state was first seen; NULL where that is not known.
const inState = `if(toUnixTimestamp64Micro(status.state_since) = 0, NULL,
        greatest(0, toUnixTimestamp64Micro(at) - toUnixTimestamp64Micro(status.state_since)) / 1e6) AS state_sec`

// ChannelsText is the column `channels` of `agent_status_now`: it says what an agent is on each channel, as in EMAIL: NOT_READY (100), VOICE: READY.
const ChannelsText = `arrayStringConcat(arraySort(arrayMap((channel, state) -> concat(channel, ': ', state,
        if(channel_reasons[channel] = '', '', concat(' (', channel_reasons[channel], ')'))), mapKeys(channel_states), mapValues(channel_states))), ', ') AS channels`

// Agents asks for the agents as they are at an instant, the present as a rule: the columns of `agent_status_now` (channels as one text), the name of the
// queue of the call at hand ("": none), and state_sec, how long the state has lasted. Where queues or groups are chosen, the
// agents attached to one of them now.
func Agents(f Filter, at time.Time) Statement {
	b := (&builder{}).param("now", instant(at))
	return b.write("WITH\n    " + present + `
SELECT
    organization_id,
    agent_id,
    agent_name,
    observed_at,
    state,
    nullIf(status.state_since, toDateTime64(0, 6, 'UTC')) AS state_since,
    ` + inState + `,
    nullIf(status.queue_id, toUUID('00000000-0000-0000-0000-000000000000')) AS queue_id,
    queue_name,
    availability,
    availability_reason,
    ` + ChannelsText + `,
    serving,
    fetch_mode,
    stale,
    stuck,
    immediately_free,
    last_event_at
FROM (SELECT * FROM agent_status_now_versions FINAL WHERE `).agents(f).write(`) AS status`).queueNames(f).accounts(f).write(`
ORDER BY agent_name, organization_id, agent_id`).statement()
}

// AgentStates asks for one row, always: how many agents there are, in each state, stale, stuck, serving and immediately free, and
// the longest that one of them has been in some of the states. A stale agent counts in the state last known, too.
func AgentStates(f Filter, at time.Time) Statement {
	b := (&builder{}).param("now", instant(at))
	return b.write(`SELECT
    count() AS agents,
    countIf(state = 'talking') AS talking,
    countIf(state = 'hold') AS hold,
    countIf(state = 'ringing') AS ringing,
    countIf(state = 'wrap_up') AS wrap_up,
    countIf(state = 'available') AS available,
    countIf(state = 'away') AS away,
    countIf(state = 'off_work') AS off_work,
    countIf(state = 'unknown') AS unknown,
    countIf(stale) AS stale,
    countIf(stuck) AS stuck,
    countIf(serving AND state NOT IN ('off_work', 'unknown')) AS serving,
    countIf(immediately_free) AS immediately_free,
    maxOrNullIf(state_sec, state = 'talking') AS longest_talking_sec,
    maxOrNullIf(state_sec, state = 'hold') AS longest_hold_sec,
    maxOrNullIf(state_sec, state = 'wrap_up') AS longest_wrap_up_sec,
    maxOrNullIf(state_sec, state = 'away') AS longest_away_sec,
    maxOrNullIf(state_sec, state = 'available') AS longest_available_sec
FROM (
    WITH ` + present + `
    SELECT state, stale, stuck, serving, immediately_free, ` + inState + `
    FROM (SELECT * FROM agent_status_now_versions FINAL WHERE `).agents(f).write(`) AS status`).accounts(f).write(`
)`).statement()
}

// agentSums are the figures of agents over rows of agent_interval_metrics_versions.
const agentSums = `
    sum(offers) AS offers,
    sum(offers_answered) AS offers_answered,
    sum(offers_declined) AS offers_declined,
    sum(offers_not_answered) AS offers_not_answered,
    100 * offers_answered / nullIf(offers_answered + offers_declined + offers_not_answered, 0) AS offers_answered_percentage,
    sum(offer_ring_sum_us) / 1e6 AS offer_ring_sum_sec,
    offer_ring_sum_sec / nullIf(offers_answered + offers_declined + offers_not_answered, 0) AS avg_ring_sec,
    sum(handled_calls) AS handled_calls,
    sum(handle_sum_us) / 1e6 AS handle_sum_sec,
    handle_sum_sec / nullIf(handled_calls, 0) AS aht_sec`

// onCalls are the times of agents in calls over rows of agent_interval_metrics_versions.
const onCalls = `
    sum(talking_us) / 1e6 AS talking_sec,
    sum(hold_us) / 1e6 AS hold_sec,
    sum(ringing_us) / 1e6 AS ringing_sec,
    sum(wrap_up_us) / 1e6 AS wrap_up_sec,`

// AgentIntervals asks for the figures of agents by step, for every step that overlaps [from, to), counted whole: the columns of
// `agent_interval_metrics` with `time`, the first instant of the step, in the place of interval_start, and
// offers_answered_percentage. Sums are added, means and percentages made anew. Steps are multiples of a quarter of an hour, counted
// from midnight in the zone ("": UTC), or of a day there, else rounded up to one. Where queues or groups are chosen: of the agents
// attached to one of them now, in all their calls.
func AgentIntervals(f Filter, from, to time.Time, step time.Duration, zone string) Statement {
	b := &builder{}
	within, begin := b.buckets(from, to, step, zone)
	return b.write(`SELECT
    ` + begin + ` AS time,
    organization_id,
    agent_id,
    argMax(agent_name, interval_start) AS agent_name,` + onCalls + `
    sum(off_work_us) / 1e6 AS off_work_sec,
    sum(away_us) / 1e6 AS away_sec,
    sum(available_us) / 1e6 AS available_sec,
    sum(unknown_us) / 1e6 AS unknown_sec,
    talking_sec + hold_sec + ringing_sec + wrap_up_sec + away_sec + available_sec AS logged_in_sec,
    sum(serving_us) / 1e6 AS serving_sec,
    100 * (talking_sec + hold_sec + wrap_up_sec) / nullIf(talking_sec + hold_sec + wrap_up_sec + available_sec, 0) AS occupancy_percentage,` + agentSums + `,
    sum(fetch_requests) AS fetch_requests,
    sum(fetch_allocated) AS fetch_allocated,
    sum(fetch_no_calls) AS fetch_no_calls,
    sum(fetch_unavailable) AS fetch_unavailable,
    sum(fetch_other) AS fetch_other
FROM agent_interval_metrics_versions FINAL
WHERE ` + within + `
  AND queue_id = toUUID('00000000-0000-0000-0000-000000000000') AND `).agents(f).write(`
GROUP BY time, organization_id, agent_id
ORDER BY time, agent_name, organization_id, agent_id`).statement()
}

// AgentQueues asks for the part of each agent in the calls of each queue, over the quarters of an hour that start in [from, to): the
// columns of `agent_queue_interval_metrics` without interval_start, and offers_answered_percentage.
func AgentQueues(f Filter, from, to time.Time) Statement {
	b := &builder{}
	b.write(`SELECT
    organization_id,
    agent_id,
    queue_id,
    argMax(agent_name, interval_start) AS agent_name,
    argMax(queue_name, interval_start) AS queue_name,`+onCalls+agentSums+`
FROM agent_interval_metrics_versions FINAL
WHERE interval_start >= {from:DateTime64(6, 'UTC')} AND interval_start < {to:DateTime64(6, 'UTC')}
  AND queue_id != toUUID('00000000-0000-0000-0000-000000000000') AND `).instants(from, to).where(f)
	if len(f.Agents) > 0 {
		b.write(" AND agent_id IN {agents:Array(UUID)}").param("agents", texts(f.Agents))
	}
	return b.write(`
GROUP BY organization_id, agent_id, queue_id
ORDER BY agent_name, queue_name, organization_id, agent_id, queue_id`).statement()
}
