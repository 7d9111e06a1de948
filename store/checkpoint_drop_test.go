package store

import (
	"fmt"
	"testing"

	"ringside/aggregate"
)

const activeParts = "system.parts WHERE database = currentDatabase() AND table = 'checkpoints_versions' AND active"

// Hundreds of small checkpoints leave a few partitions, few parts and a small multiple of the state's rows.
func TestStoredCheckpointsStayFew(t *testing.T) {
	db := openMigrated(t)
	w := newTestWriter(db)
	o := newOwner(t, w, 1, nil)
	var partitions, parts, rows, written uint64
	for i := range 500 {
		o.change(4)
		p := o.checkpoint(20)
		written += uint64(len(p.Entities))
		if err := o.c.Save(t.Context(), p); err != nil {
			t.Fatal(err)
		}
		o.drop()
		if i%50 == 49 {
			partitions = max(partitions, one[uint64](t, db, "SELECT uniqExact(partition_id) FROM "+activeParts))
			parts = max(parts, one[uint64](t, db, "SELECT count() FROM "+activeParts))
			rows = max(rows, countOf(t, db, "checkpoints"))
			mustLoad(t, db, o.state)
		}
	}
	t.Logf("at most %d partitions, %d parts, %d rows for a state of %d; %d rows written", partitions, parts, rows, len(o.state), written)
	if partitions > 3 || parts > 60 || rows*4 > written {
		t.Errorf("%d partitions, %d parts, %d of %d rows", partitions, parts, rows, written)
	}
	equal(t, "manifests", countOf(t, db, "checkpoint_manifests"), 1)
	equal(t, "dropped", o.c.w.metrics.set.GetOrCreateCounter("ringside_store_checkpoint_generations_dropped_total").Get() >= 10, true)
}

// Drop leaves greater epochs and other partitions alone, and what the chain needs.
func TestDropKeepsWhatIsNeeded(t *testing.T) {
	db := openMigrated(t)
	w := newTestWriter(db)
	generations := func() string {
		return fmt.Sprint(scan[string](t, db, "SELECT DISTINCT concat(toString(kafka_partition), ':', toString(epoch), '.', toString(generation)) AS g FROM checkpoints ORDER BY g"))
	}
	other := w.Checkpoints("g", 4, 1, nil)
	o := newOwner(t, w, 1, nil)
	o.change(50)
	if err := other.Save(t.Context(), o.checkpoint(0)); err != nil {
		t.Fatal(err)
	}
	o.changedAll()
	o.drop() // before the first checkpoint there is nothing to drop
	o.change(50)
	o.save(0)
	for range 3 {
		o.change(5)
		o.save(1)
		o.drop()
	}
	equal(t, "one generation", generations(), "[3:1.1 4:1.1]")

	// A second owner whose cycle is not done needs the first one's rows.
	second := newOwner(t, w, 2, o.state)
	for range 3 {
		second.change(5)
		second.save(1)
		second.drop()
	}
	equal(t, "two epochs", generations(), "[3:1.1 3:2.1 4:1.1]")

	// A third one with another predecessor that never came to a manifest.
	exec(t, db, `INSERT INTO checkpoints_versions SELECT * REPLACE (toUInt32(3) AS epoch) FROM (SELECT * FROM checkpoints_versions WHERE epoch = 2)`)
	exec(t, db, `INSERT INTO checkpoints_versions SELECT * REPLACE (toUInt32(5) AS epoch) FROM (SELECT * FROM checkpoints_versions WHERE epoch = 2)`)
	third := newOwner(t, w, 4, second.state)
	third.save(1000)
	third.drop()
	equal(t, "only the own and greater ones", generations(), "[3:4.1 3:5.1 4:1.1]")
	mustLoad(t, db, third.state)

	// The next generation begins; the one before is needed until it is complete.
	for third.c.chain.generation() == 1 {
		third.save(0)
	}
	equal(t, "checkpoints of a generation", third.c.chain.own[0].checkpoints, generationCheckpoints)
	third.drop()
	equal(t, "the second begins", fmt.Sprint(third.c.chain.first(), len(third.c.chain.own)), "1 2")
	mustLoad(t, db, third.state)
	third.save(1000)
	third.drop()
	equal(t, "the second is complete", fmt.Sprint(third.c.chain.first(), len(third.c.chain.own)), "2 1")
	equal(t, "dropped", generations(), "[3:4.2 3:5.1 4:1.1]")
	mustLoad(t, db, third.state)

	// A former owner leaves to its successor what is old, from that one's first mark on.
	if err := w.SaveMark(t.Context(), "g", 3, Version(6, 1), nil); err != nil {
		t.Fatal(err)
	}
	for range generationCheckpoints {
		third.save(1000)
	}
	equal(t, "the third is complete", fmt.Sprint(third.c.chain.first(), len(third.c.chain.own)), "3 1")
	third.drop()
	equal(t, "dropped in spite of a mark", generations(), "[3:4.2 3:4.3 3:5.1 4:1.1]")
	fifth := newOwner(t, w, 6, third.state)
	fifth.save(1)
	third.c.dropped = 0
	third.drop()
	equal(t, "dropped in spite of a manifest", generations(), "[3:4.2 3:4.3 3:5.1 3:6.1 4:1.1]")
	fifth.save(1000)
	fifth.drop()
	equal(t, "dropped by the successor", generations(), "[3:6.1 4:1.1]")
}

// Owners that never finish a cycle leave a segment each, until one is asked for everything.
func TestChainIsBounded(t *testing.T) {
	db := openMigrated(t)
	w := newTestWriter(db)
	state := map[entityName]string{}
	for epoch := uint32(1); epoch <= longChain; epoch++ {
		m, err := db.loadManifest(t.Context(), "g", 3)
		if err != nil {
			t.Fatal(err)
		}
		c := w.Checkpoints("g", 3, epoch, m)
		equal(t, "long", c.LongChain(), false)
		e := aggregate.Entity{Kind: 1, OrganizationID: id(1), Key: fmt.Append(nil, epoch%40), Data: fmt.Append(nil, epoch)}
		if err := c.Save(t.Context(), Checkpoint{Sequence: 1, Entities: []aggregate.Entity{e}}); err != nil {
			t.Fatal(err)
		}
		state[entityName{1, id(1), string(e.Key)}] = string(e.Data)
	}
	o := newOwner(t, w, longChain+1, state)
	equal(t, "long", o.c.LongChain(), true)
	o.save(1000)
	equal(t, "segments", len(mustLoad(t, db, o.state).Chain), 1)
	equal(t, "long", o.c.LongChain(), false)
	o.drop()
	equal(t, "epochs", len(scan[uint32](t, db, "SELECT DISTINCT epoch FROM checkpoints")), 1)
	mustLoad(t, db, o.state)
}
