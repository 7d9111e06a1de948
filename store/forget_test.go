package store

import (
	"testing"

	"github.com/google/uuid"

	"ringside/aggregate"
	"ringside/ingest"
)

// Figures of an owner that has left are dropped; those of others, and what has no versions, are written.
func TestForget(t *testing.T) {
	db := openMigrated(t)
	w := newTestWriter(db)
	add := func(partition int32, version uint64, n int) {
		c := call(n, aggregate.Answered)
		c.AgentIDs = []uuid.UUID{id(100 + n)}
		w.Add(partition, version, &aggregate.Rows{Calls: []aggregate.CallRow{c}})
	}
	add(1, 5, 1)
	add(2, 5, 2)
	add(1, 9, 3) // of the next owner, in the same process
	add(1, 6, 4)
	add(2, 7, 5)
	w.AddOrganization(1, 5, id(1), 0)
	w.AddReject(ingest.Reject{Position: ingest.Position{Topic: "t", Partition: 1, Offset: 7}, Reason: ingest.RejectMalformed})
	w.AddEvent(1, "enreach", &ingest.Event{ID: id(50), OrganizationID: id(1), Timestamp: ingest.FromGo(monday)}, nil)
	w.Forget(1, 6)
	add(2, 8, 2) // the index is right still
	add(1, 10, 1)
	flush(t, w)
	equal(t, "calls", one[string](t, db, "SELECT toString(arraySort(groupArray((toString(call_id), version, toString(agent_ids[1]))))) FROM calls_versions"),
		"[('"+id(1).String()+"',10,'"+id(101).String()+"'),('"+id(2).String()+"',8,'"+id(102).String()+"'),('"+
			id(3).String()+"',9,'"+id(103).String()+"'),('"+id(5).String()+"',7,'"+id(105).String()+"')]")
	for _, table := range []string{"organizations", "rejects", "events"} {
		equal(t, table, countOf(t, db, table), 1)
	}
}
