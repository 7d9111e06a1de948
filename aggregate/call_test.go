package aggregate_test

import (
	"encoding/binary"
	"testing"

	"github.com/google/uuid"

	"ringside/aggregate"
	"ringside/ingest"
)

// A call takes as many facts as memory.facts_per_call says; those beyond are orphans at once.
func TestFactsPerCallAreLimited(t *testing.T) {
	set := aggregate.DefaultSettings()
	set.Limits.FactsPerCall = 5
	core, rows := aggregate.New(set), newTable()
	for i := range 8 {
		e := ingest.Event{Type: ingest.QueueCallInHoldStart, OrganizationID: uuid.UUID{1}, CallID: uuid.UUID{2}, QueueID: uuid.UUID{3},
			Timestamp: ingest.Time(1_772_442_000+i) * ingest.TicksPerSecond}
		binary.BigEndian.PutUint64(e.ID[8:], uint64(i+1))
		if i == 0 {
			e.Type = ingest.QueueCallInArrived
		}
		if got := core.Apply(&e); got != aggregate.Accepted {
			t.Fatalf("fact %d: %v", i, got)
		}
	}
	rows.drain(core)
	for _, a := range rows.account {
		if a.Received != 8 || a.Accepted != 5 || a.Orphan != 3 {
			t.Errorf("received %d, accepted %d, orphans %d, want 8, 5, 3", a.Received, a.Accepted, a.Orphan)
		}
	}
	if got := core.Sizes().Facts; got != 5 || len(rows.orphans) != 3 || len(rows.account) != 1 {
		t.Errorf("%d facts held, %d rows of orphans, %d accounts", got, len(rows.orphans), len(rows.account))
	}
}
