package query

import "time"

// MaxTimeline is the greatest number of rows that AgentTimeline returns.
const MaxTimeline = 100_000

// AgentTimeline asks for the changes of agents' states in [from, to), in order of time, each agent's first row being the state in
// force at from: the last seen in the week before it, unknown where there is none. A stale agent is unknown. Where an
// organization's last event is more than an hour before to (a replay, a stopped engine), its agents are unknown from then on.
// Agents of whom nothing was seen in that time have no rows. Where queues or groups are chosen: the agents attached to one of them
// now. There are as many rows as the limit only if there may be more, of later changes.
func AgentTimeline(f Filter, from, to time.Time, limit int) Statement {
	b := (&builder{}).instants(from, to).param("since", instant(from.Add(-observedFor)))
	return b.write(`SELECT time, organization_id, agent_id, agent_name, state
FROM (
    SELECT time, organization_id, agent_id, state, lagInFrame(state, 1, '') OVER (PARTITION BY organization_id, agent_id ORDER BY time
        ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING) AS state_before
    FROM (`).timelineEnds(f).write(`
        UNION ALL
        SELECT observed_at, organization_id, agent_id, `+shownState+`
        FROM agent_status_versions FINAL
        WHERE observed_at > {from:DateTime64(6, 'UTC')} AND observed_at < {to:DateTime64(6, 'UTC')} AND `).agents(f).write(`
    )
) AS changes
LEFT JOIN (
    SELECT organization_id, agent_id, agent_name FROM agents_versions FINAL
    WHERE `).organizations(f).write(`) AS agent USING (organization_id, agent_id)
WHERE state != state_before
ORDER BY time, agent_name, organization_id, agent_id`).limit(limit, MaxTimeline).statement()
}

// shownState is what a timeline shows of an observation.
const shownState = `if(stale, 'unknown', toString(state))`

// timelineEnds writes each agent's state in force at from, and that it is unknown after the last event of an organization that
// stands still.
func (b *builder) timelineEnds(f Filter) *builder {
	return b.write(`
        SELECT end.1 AS time, organization_id, agent_id, end.2 AS state
        FROM (
            SELECT organization_id, agent_id, last_seen AS observed_at, ` + until + ` AS ends_at,
                if(told = 0 OR ends_at < {from:DateTime64(6, 'UTC')}, 'unknown', last_state) AS first_state,
                arrayConcat([({from:DateTime64(6, 'UTC')}, first_state)], if(ends_at >= {from:DateTime64(6, 'UTC')} AND ends_at < {to:DateTime64(6, 'UTC')},
                    [(ends_at + INTERVAL 1 MICROSECOND, 'unknown')], [])) AS ends
            FROM (
                SELECT organization_id, agent_id, max(observed_at) AS last_seen, countIf(observed_at <= {from:DateTime64(6, 'UTC')}) AS told,
                    argMaxIf(` + shownState + `, observed_at, observed_at <= {from:DateTime64(6, 'UTC')}) AS last_state
                FROM agent_status_versions FINAL
                WHERE observed_at >= {since:DateTime64(6, 'UTC')} AND observed_at < {to:DateTime64(6, 'UTC')} AND `).agents(f).write(`
                GROUP BY organization_id, agent_id
            ) AS agents`).accounts(f).write(`
        )
        ARRAY JOIN ends AS end`)
}
