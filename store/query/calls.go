package query

import (
	"time"

	"github.com/google/uuid"
)

// MaxCalls is the greatest number of rows that Calls returns.
const MaxCalls = MaxRows

// CallsFilter narrows a drill-down.
type CallsFilter struct {
	Filter
	Outcomes   []string // names of outcomes; empty: all
	Directions []string // inbound, outbound, callback, direct; empty: all
	Limit      int      // 0 or more than MaxCalls: MaxCalls
}

// Calls asks for the visits and calls begun in [from, to), latest first.
func Calls(f CallsFilter, from, to time.Time) Statement {
	b := &builder{}
	// A visit begins at or after its call's first fact, whose date is in the key; a call lives two days at the most.
	b.write(`SELECT * FROM calls
WHERE begun_at >= {from:DateTime64(6, 'UTC')} AND begun_at < {to:DateTime64(6, 'UTC')}
  AND call_date BETWEEN toDate({from:DateTime64(6, 'UTC')}) - 2 AND toDate({to:DateTime64(6, 'UTC')})
  AND `).instants(from, to).where(f.Filter)
	if len(f.Outcomes) > 0 {
		b.write(` AND toString(outcome) IN {outcomes:Array(String)}`).param("outcomes", f.Outcomes)
	}
	if len(f.Directions) > 0 {
		b.write(` AND toString(direction) IN {directions:Array(String)}`).param("directions", f.Directions)
	}
	if len(f.Agents) > 0 {
		b.write(` AND hasAny(agent_ids, {agents:Array(UUID)})`).param("agents", texts(f.Agents))
	}
	return b.write(`
ORDER BY begun_at DESC, call_id, queue_id, visit`).limit(f.Limit, MaxCalls).statement()
}

// CallParts asks for all rows of `calls` of one call, whatever the queue, in order of their begin. Of the filter the
// organizations count alone: a call is shown whole.
func CallParts(f Filter, call uuid.UUID) Statement {
	b := &builder{}
	return b.write("SELECT * FROM calls WHERE call_id = {call:UUID} AND ").param("call", call.String()).organizations(f).write(`
ORDER BY begun_at, direction, queue_id, visit`).limit(0, MaxCalls).statement()
}

// CallEvents asks for the events of one call, in order, each with its body as far as bodies are kept. The column `reason` is
// that of `late_events`, "" of an event that came in time and counts. Of the filter the organizations count alone.
//
// Events are sorted by time: those around the call's rows are looked through, without their bodies, and besides those that
// `late_events` knows, which may be of any time.
func CallEvents(f Filter, call uuid.UUID, limit int) Statement {
	b := &builder{}
	return b.write(`WITH
    (SELECT (min(begun_at) - INTERVAL 1 HOUR, max(greatest(begun_at, answered_at, ended_at)) + INTERVAL 13 HOUR)
     FROM calls_versions FINAL WHERE call_id = {call:UUID} AND `).param("call", call.String()).organizations(f).write(`) AS life
SELECT
    organization_id,
    happened_at,
    event_id,
    nullIf(max(received), toDateTime64(0, 6, 'UTC')) AS received_at,
    max(from_source) AS source,
    max(event_type) AS type,
    nullIf(max(queue), toUUID('00000000-0000-0000-0000-000000000000')) AS queue_id,
    nullIf(max(user), toUUID('00000000-0000-0000-0000-000000000000')) AS user_id,
    max(late_reason) AS reason,
    max(text) AS body
FROM (
    SELECT organization_id, happened_at, event_id, received_at AS received, toString(source) AS from_source, toString(type) AS event_type,
        queue_id AS queue, user_id AS user, '' AS late_reason, body AS text
    FROM events_versions FINAL
    WHERE (happened_at, event_id) IN (
        SELECT happened_at, event_id FROM events_versions WHERE call_id = {call:UUID} AND happened_at BETWEEN life.1 AND life.2 AND `).organizations(f).write(`
        UNION ALL
        SELECT happened_at, event_id FROM late_events_versions WHERE call_id = {call:UUID} AND `).organizations(f).write(`)
      AND call_id = {call:UUID} AND `).organizations(f).write(`
    UNION ALL
    SELECT organization_id, happened_at, event_id, received_at, toString(source), toString(type),
        queue_id, toUUID('00000000-0000-0000-0000-000000000000'), toString(reason), body
    FROM late_events_versions FINAL
    WHERE call_id = {call:UUID} AND `).organizations(f).write(`)
GROUP BY organization_id, happened_at, event_id
ORDER BY happened_at, event_id`).limit(limit, MaxRows).statement()
}
