package aggregate_test

import (
	"testing"

	"github.com/google/uuid"

	"ringside/aggregate"
	"ringside/ingest"
	"ringside/ingest/vendors/enreach"
	"ringside/internal/sim"
)

// FuzzRestore gives the reader of checkpoints whatever bytes: it takes them or says what is wrong, and what it has taken
// can be gone on with.
func FuzzRestore(f *testing.F) {
	config := sim.DefaultConfig(3)
	config.Rates, config.Scale = sim.Everything(), .02
	core := aggregate.New(config.Settings())
	var d enreach.Decoder
	var e ingest.Event
	events := sim.New(config).All()
	for i := range events[:len(events)*2/3] {
		if err := d.Decode(events[i].JSON, &e); err != nil {
			f.Fatal(err)
		}
		core.Apply(&e)
	}
	core.Drain(aggregate.DrainAll, &aggregate.Rows{})
	kinds := map[aggregate.EntityKind]int{}
	for _, e := range snapshot(f, core) {
		if kinds[e.Kind]++; kinds[e.Kind] < 20 {
			f.Add(uint8(e.Kind), e.Key, e.Data)
		}
	}
	organization := uuid.MustParse("11111111-0000-4000-8000-000000000001")
	set := config.Settings()
	f.Fuzz(func(t *testing.T, kind uint8, key, data []byte) {
		core := aggregate.New(set)
		if core.Restore(aggregate.Entity{Kind: aggregate.EntityKind(kind), OrganizationID: organization, Key: key, Data: data}) != nil {
			return
		}
		if err := core.FinishRestore(); err != nil {
			return
		}
		core.Apply(&ingest.Event{Type: ingest.QueueCallInArrived, OrganizationID: organization, ID: uuid.Max, QueueID: uuid.Max, CallID: uuid.Max,
			Timestamp: boundsStart})
		core.Advance(boundsStart)
		core.Drain(aggregate.DrainAll, &aggregate.Rows{})
		if err := core.Snapshot(func(aggregate.Entity) error { return nil }); err != nil {
			t.Fatal(err)
		}
	})
}
