package storetest

import (
	"testing"

	"github.com/google/uuid"

	"ringside/aggregate"
)

// agentRows reads the views of agents by quarter of an hour.
func agentRows(tb testing.TB, q Query) (rows []aggregate.AgentIntervalRow) {
	tb.Helper()
	for _, view := range [...]string{"agent_interval_metrics", "agent_queue_interval_metrics"} {
		for _, r := range JSON[agentOfView](tb, q, "SELECT *, toUnixTimestamp64Micro(interval_start) AS start FROM "+view) {
			rows = append(rows, r.row())
		}
	}
	return rows
}

// agentOfView is one row of agent_interval_metrics or agent_queue_interval_metrics, which lacks some.
type agentOfView struct {
	Organization uuid.UUID `json:"organization_id"`
	Start        int64     `json:"start"`
	Agent        uuid.UUID `json:"agent_id"`
	Queue        uuid.UUID `json:"queue_id"`

	Talking   float64 `json:"talking_sec"`
	Hold      float64 `json:"hold_sec"`
	Ringing   float64 `json:"ringing_sec"`
	WrapUp    float64 `json:"wrap_up_sec"`
	OffWork   float64 `json:"off_work_sec"`
	Away      float64 `json:"away_sec"`
	Available float64 `json:"available_sec"`
	Unknown   float64 `json:"unknown_sec"`
	Serving   float64 `json:"serving_sec"`

	Offers      int64   `json:"offers"`
	Answered    int64   `json:"offers_answered"`
	Declined    int64   `json:"offers_declined"`
	NotAnswered int64   `json:"offers_not_answered"`
	Ring        float64 `json:"offer_ring_sum_sec"`
	Handled     int64   `json:"handled_calls"`
	Handle      float64 `json:"handle_sum_sec"`

	Requests    int64 `json:"fetch_requests"`
	Allocated   int64 `json:"fetch_allocated"`
	NoCalls     int64 `json:"fetch_no_calls"`
	Unavailable int64 `json:"fetch_unavailable"`
	Other       int64 `json:"fetch_other"`
}

func (a *agentOfView) row() aggregate.AgentIntervalRow {
	s := aggregate.AgentSums{Serving: micros(&a.Serving), Offers: a.Offers, Answered: a.Answered, Declined: a.Declined,
		NotAnswered: a.NotAnswered, RingSum: micros(&a.Ring), Handled: a.Handled, HandleSum: micros(&a.Handle)}
	for state, sec := range map[aggregate.AgentState]float64{aggregate.AgentUnknown: a.Unknown, aggregate.AgentTalking: a.Talking,
		aggregate.AgentHold: a.Hold, aggregate.AgentRinging: a.Ringing, aggregate.AgentWrapUp: a.WrapUp, aggregate.AgentOffWork: a.OffWork,
		aggregate.AgentAway: a.Away, aggregate.AgentAvailable: a.Available} {
		s.States[state] = micros(&sec)
	}
	s.Fetches = [aggregate.NumFetches]int64{aggregate.FetchRequests: a.Requests, aggregate.FetchAllocated: a.Allocated,
		aggregate.FetchNoCalls: a.NoCalls, aggregate.FetchUnavailable: a.Unavailable, aggregate.FetchOther: a.Other}
	return aggregate.AgentIntervalRow{OrganizationID: a.Organization, IntervalStart: a.Start, AgentID: a.Agent, QueueID: a.Queue, Sums: s}
}
