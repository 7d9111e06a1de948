package store

import (
	"github.com/google/uuid"

	"ringside/aggregate"
)

type agentIntervalKey struct {
	organization, agent, queue uuid.UUID
	start                      int64
}

// agentStateColumns name the time in each state.
var agentStateColumns = [aggregate.NumAgentStates]string{
	aggregate.AgentUnknown:   "unknown_us",
	aggregate.AgentTalking:   "talking_us",
	aggregate.AgentHold:      "hold_us",
	aggregate.AgentRinging:   "ringing_us",
	aggregate.AgentWrapUp:    "wrap_up_us",
	aggregate.AgentOffWork:   "off_work_us",
	aggregate.AgentAway:      "away_us",
	aggregate.AgentAvailable: "available_us",
}

// fetchColumns name the requests for a call, and the answers.
var fetchColumns = [aggregate.NumFetches]string{
	aggregate.FetchRequests:    "fetch_requests",
	aggregate.FetchAllocated:   "fetch_allocated",
	aggregate.FetchNoCalls:     "fetch_no_calls",
	aggregate.FetchUnavailable: "fetch_unavailable",
	aggregate.FetchOther:       "fetch_other",
}

func agentIntervalSpec() tableSpec[agentIntervalKey, aggregate.AgentIntervalRow] {
	type R = aggregate.AgentIntervalRow
	columns := []columnOf[R]{
		idCol("organization_id", func(r *R) uuid.UUID { return r.OrganizationID }),
		instantCol("interval_start", func(r *R) int64 { return r.IntervalStart }),
		idCol("agent_id", func(r *R) uuid.UUID { return r.AgentID }),
		idCol("queue_id", func(r *R) uuid.UUID { return r.QueueID }),
		textCol("agent_name", func(r *R) string { return r.AgentName }),
		textCol("queue_name", func(r *R) string { return r.QueueName }),
	}
	for state, name := range agentStateColumns {
		columns = append(columns, int64Col(name, func(r *R) int64 { return r.Sums.States[state] }))
	}
	columns = append(columns,
		int64Col("serving_us", func(r *R) int64 { return r.Sums.Serving }),
		int64Col("offers", func(r *R) int64 { return r.Sums.Offers }),
		int64Col("offers_answered", func(r *R) int64 { return r.Sums.Answered }),
		int64Col("offers_declined", func(r *R) int64 { return r.Sums.Declined }),
		int64Col("offers_not_answered", func(r *R) int64 { return r.Sums.NotAnswered }),
		int64Col("offer_ring_sum_us", func(r *R) int64 { return r.Sums.RingSum }),
		int64Col("handled_calls", func(r *R) int64 { return r.Sums.Handled }),
		int64Col("handle_sum_us", func(r *R) int64 { return r.Sums.HandleSum }))
	for i, name := range fetchColumns {
		columns = append(columns, int64Col(name, func(r *R) int64 { return r.Sums.Fetches[i] }))
	}
	return tableSpec[agentIntervalKey, R]{
		name: "agent_interval_metrics_versions", set: aggregate.DrainHistory,
		key: func(r *R) agentIntervalKey {
			return agentIntervalKey{r.OrganizationID, r.AgentID, r.QueueID, r.IntervalStart}
		},
		chunk:        func(r *R) int64 { return monthOfMicros(r.IntervalStart) },
		organization: func(r *R) uuid.UUID { return r.OrganizationID },
		deleted:      func(r *R) bool { return r.Deleted },
		columns:      append(columns, ownerCols[R]()...),
	}
}
