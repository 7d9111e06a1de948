package store

import (
	"fmt"
	"testing"

	"ringside/aggregate"
)

// agentSums has a value of its own in each figure.
func agentSums() (s aggregate.AgentSums) {
	for i := range s.States {
		s.States[i] = int64(i+1) * 10e6
	}
	s.Serving, s.Offers, s.Answered, s.Declined, s.NotAnswered, s.RingSum = 150e6, 9, 5, 1, 2, 40e6
	s.Handled, s.HandleSum = 4, 500e6
	for i := range s.Fetches {
		s.Fetches[i] = int64(i + 21)
	}
	return s
}

// The views of agents show seconds, means and occupancy; the agent's own figures and those of queues apart.
func TestAgentIntervalViews(t *testing.T) {
	db := openMigrated(t)
	w := newTestWriter(db)
	row := aggregate.AgentIntervalRow{OrganizationID: id(1), IntervalStart: monday.UnixMicro(), AgentID: id(7), AgentName: "ann", Sums: agentSums()}
	queue, nothing := row, row
	queue.QueueID, queue.QueueName = id(2), "Sales"
	nothing.AgentID, nothing.Sums = id(8), aggregate.AgentSums{Offers: 1}
	w.Add(0, 1, &aggregate.Rows{AgentIntervals: []aggregate.AgentIntervalRow{row, queue, nothing}})
	flush(t, w)

	own := one[string](t, db, "SELECT toString(tuple(* EXCEPT (organization_id, agent_id, interval_start))) FROM agent_interval_metrics WHERE agent_id = '"+id(7).String()+"'")
	equal(t, "own figures", own, "('ann',20,30,40,50,60,70,80,10,290,150,"+fmt.Sprint(100*100./180)+",9,5,1,2,40,5,4,500,125,21,22,23,24,25)")
	ofQueue := one[string](t, db, "SELECT toString(tuple(* EXCEPT (organization_id, agent_id, queue_id, interval_start))) FROM agent_queue_interval_metrics")
	equal(t, "figures of a queue", ofQueue, "('ann','Sales',20,30,40,50,9,5,1,2,40,5,4,500,125)")
	equal(t, "rows without a denominator", countOf(t, db, "agent_interval_metrics WHERE isNull(occupancy_percentage) AND isNull(avg_ring_sec) AND isNull(aht_sec)"), 1)
	equal(t, "own rows", countOf(t, db, "agent_interval_metrics"), 2)

	gone := queue
	gone.Deleted = true
	w.Add(0, 2, &aggregate.Rows{AgentIntervals: []aggregate.AgentIntervalRow{gone}})
	flush(t, w)
	equal(t, "figures of a queue after a tombstone", countOf(t, db, "agent_queue_interval_metrics"), 0)
}
