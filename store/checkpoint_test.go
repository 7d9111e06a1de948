package store

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"

	"ringside/aggregate"
	"ringside/ingest"
)

type entityName struct {
	kind         uint8
	organization [16]byte
	key          string
}

// owner is a process that owns partition 3: it holds a state, changes it at random, and saves what changed.
type owner struct {
	tb       testing.TB
	r        *rand.Rand
	c        *Checkpoints
	sequence uint64

	state  map[entityName]string
	dirty  map[entityName]bool
	cursor []entityName // still to be written again in this generation
}

// newOwner adopts the last checkpoint, and checks that it is want.
func newOwner(tb testing.TB, w *Writer, epoch uint32, want map[entityName]string) *owner {
	tb.Helper()
	o := &owner{tb: tb, r: rand.New(rand.NewPCG(uint64(epoch), 7)), dirty: map[entityName]bool{}}
	got, m, _, err := load(tb, w.db, 3)
	if err != nil {
		tb.Fatal(err)
	}
	sameState(tb, got, want)
	o.state = got
	o.c = w.Checkpoints("g", 3, epoch, m)
	return o
}

// name makes the names of few keys, so that they go and come back; binary ones among them.
func (o *owner) name() entityName {
	return entityName{uint8(1 + o.r.IntN(9)), id(o.r.IntN(3)), fmt.Sprintf("k%d\x00", o.r.IntN(40))}
}

// change makes n random changes.
func (o *owner) change(n int) {
	for range n {
		name := o.name()
		o.dirty[name] = true
		if o.r.IntN(3) == 0 {
			delete(o.state, name)
			continue
		}
		data := make([]byte, o.r.IntN(200))
		for i := range data {
			data[i] = byte(o.r.Uint32())
		}
		o.state[name] = string(data)
	}
}

// changedAll counts everything as changed.
func (o *owner) changedAll() {
	for n := range o.state {
		o.dirty[n] = true
	}
}

func (o *owner) entity(n entityName) aggregate.Entity {
	e := aggregate.Entity{Kind: aggregate.EntityKind(n.kind), OrganizationID: n.organization, Key: []byte(n.key)}
	if data, held := o.state[n]; held {
		e.Data = []byte(data)
	} else {
		e.Deleted = true
	}
	return e
}

// checkpoint makes the next one: what changed, and rewrite more of the cursor's.
func (o *owner) checkpoint(rewrite int) Checkpoint {
	if o.c.NewGeneration() {
		o.cursor = slices.SortedFunc(maps.Keys(o.state), compareNames)
	}
	o.sequence += 1 + uint64(o.r.IntN(3))
	p := Checkpoint{Sequence: o.sequence, Positions: []ingest.Position{{Topic: "queue-events", Partition: 3, Offset: int64(o.sequence)},
		{Topic: "user-events", Partition: 3, Offset: 7}}, TopicIDs: map[string]uuid.UUID{"user-events": id(4)}}
	for _, n := range slices.SortedFunc(maps.Keys(o.dirty), compareNames) {
		p.Entities = append(p.Entities, o.entity(n))
	}
	clear(o.dirty)
	for ; rewrite > 0 && len(o.cursor) > 0; rewrite-- {
		if _, held := o.state[o.cursor[0]]; held {
			p.Entities = append(p.Entities, o.entity(o.cursor[0]))
		}
		o.cursor = o.cursor[1:]
	}
	p.CycleDone = len(o.cursor) == 0
	return p
}

func (o *owner) save(rewrite int) {
	o.tb.Helper()
	if err := o.c.Save(o.tb.Context(), o.checkpoint(rewrite)); err != nil {
		o.tb.Fatal(err)
	}
}

func (o *owner) drop() {
	o.tb.Helper()
	if err := o.c.Drop(o.tb.Context()); err != nil {
		o.tb.Fatal(err)
	}
}

func compareNames(a, b entityName) int {
	return cmp.Or(cmp.Compare(a.kind, b.kind), slices.Compare(a.organization[:], b.organization[:]), cmp.Compare(a.key, b.key))
}

// load checks the order of what comes, too.
func load(tb testing.TB, db *DB, partition int32) (got map[entityName]string, m *Manifest, found bool, err error) {
	tb.Helper()
	got = map[entityName]string{}
	var last uint8
	m, found, err = db.LoadCheckpoint(tb.Context(), "g", partition, func(e aggregate.Entity) error {
		name := entityName{uint8(e.Kind), e.OrganizationID, string(e.Key)}
		if _, twice := got[name]; twice || name.kind < last || e.Deleted {
			tb.Errorf("%+v follows kind %d, twice %v", e, last, twice)
		}
		got[name], last = string(e.Data), name.kind
		return nil
	})
	return got, m, found, err
}

func sameState(tb testing.TB, got, want map[entityName]string) {
	tb.Helper()
	if !maps.Equal(got, want) {
		for n := range got {
			if _, held := want[n]; !held {
				tb.Errorf("%v is back, or of nowhere", n)
			}
		}
		tb.Fatalf("%d entities loaded, not the %d saved ones", len(got), len(want))
	}
}

func mustLoad(tb testing.TB, db *DB, want map[entityName]string) *Manifest {
	tb.Helper()
	got, m, found, err := load(tb, db, 3)
	if err != nil || !found {
		tb.Fatalf("found %v, %v", found, err)
	}
	sameState(tb, got, want)
	return m
}

func TestCheckpointRoundTrip(t *testing.T) {
	db := openMigrated(t)
	w := newTestWriter(db)
	if _, _, found, err := load(t, db, 3); found || err != nil {
		t.Fatalf("before the first one: found %v, %v", found, err)
	}
	o := newOwner(t, w, 1, nil)
	for i := range checkpointRows + 500 { // more than one insert
		name := entityName{uint8(1 + i%9), id(i % 50), fmt.Sprint(i)}
		o.state[name], o.dirty[name] = strings.Repeat("x", i%50), true
	}
	big := entityName{9, id(1), "big"}
	o.state[big], o.dirty[big] = strings.Repeat("x", checkpointChunk+1), true
	o.save(0)
	m := mustLoad(t, db, o.state)
	equal(t, "positions", fmt.Sprint(m.Positions), fmt.Sprintf("[{queue-events 3 %d} {user-events 3 7}]", o.sequence))
	equal(t, "topic ids", fmt.Sprint(m.TopicIDs), fmt.Sprintf("map[user-events:%s]", id(4)))
	equal(t, "stored topic ids", one[string](t, db, "SELECT toString(topic_ids) FROM checkpoint_manifests"), fmt.Sprintf("['%s','%s']", uuid.Nil, id(4)))
	equal(t, "manifest", fmt.Sprint(m.Epoch, m.Sequence, m.Rows, m.Chain), fmt.Sprint(1, o.sequence, len(o.state), []Segment{{1, 1, o.sequence}}))

	// What is gone does not come back, and of a key that is there twice the last counts.
	delete(o.state, big)
	p := o.checkpoint(0)
	p.Entities = append(p.Entities, o.entity(big))
	first := entityName{1, id(0), "0"}
	o.state[first] = "old"
	p.Entities = append(p.Entities, o.entity(first))
	o.state[first] = "new"
	p.Entities = append(p.Entities, o.entity(first))
	if err := o.c.Save(t.Context(), p); err != nil {
		t.Fatal(err)
	}
	mustLoad(t, db, o.state)

	// A new owner begins below its predecessor's sequence.
	second := newOwner(t, w, 2, o.state)
	second.save(0)
	equal(t, "epoch", mustLoad(t, db, o.state).Epoch, 2)
	if _, _, found, err := load(t, db, 4); found || err != nil {
		t.Errorf("another partition: found %v, %v", found, err)
	}
}

// Nothing held at all is a state too.
func TestEmptyCheckpoint(t *testing.T) {
	db := openMigrated(t)
	w := newTestWriter(db)
	newOwner(t, w, 1, nil).save(0)
	mustLoad(t, db, map[entityName]string{})
	newOwner(t, w, 2, nil).save(0)
	equal(t, "epoch", mustLoad(t, db, map[entityName]string{}).Epoch, 2)
}

// Random changes under owners that come and go, with cycles that are done often, seldom and never; after each checkpoint
// the state is what was saved.
func TestChainsOverGenerationsAndEpochs(t *testing.T) {
	db := openMigrated(t)
	w := newTestWriter(db)
	state := map[entityName]string{}
	complete, adopted := false, false
	for epoch := uint32(1); epoch <= 6; epoch++ {
		o := newOwner(t, w, epoch, state)
		rewrite := []int{200, 3, 40}[epoch%3]
		for range []int{5, 40, 75}[epoch%3] {
			o.change(6)
			o.save(rewrite)
			if o.r.IntN(2) == 0 {
				o.drop()
			}
			complete = complete || len(o.c.chain.adopted) == 0 && epoch > 1
			adopted = adopted || len(o.c.chain.adopted) > 1
			if o.r.IntN(4) == 0 {
				mustLoad(t, db, o.state)
			}
		}
		state = o.state
	}
	mustLoad(t, db, state)
	if !complete || !adopted {
		t.Errorf("complete own generations: %v, chains of several owners: %v", complete, adopted)
	}
}

func TestSavingOutOfOrderPanics(t *testing.T) {
	db, w := openMigrated(t), (*Writer)(nil)
	w = newTestWriter(db)
	panics := func(what, want string, do func()) {
		t.Helper()
		defer func() { contains(t, what, fmt.Sprint(recover()), want) }()
		do()
	}
	o := newOwner(t, w, 5, nil)
	o.change(5)
	o.save(0)
	panics("the same sequence again", "BUG: checkpoint", func() { _ = o.c.Save(t.Context(), Checkpoint{Sequence: o.sequence}) })
	m := mustLoad(t, db, o.state)
	panics("adopted by the same epoch", "BUG: the checkpoint of group g", func() { w.Checkpoints("g", 3, 5, m) })
	panics("adopted by another partition", "BUG: the checkpoint of group g", func() { w.Checkpoints("g", 4, 6, m) })
	panics("a tombstone with data", "BUG: a tombstone", func() {
		_ = o.c.Save(t.Context(), Checkpoint{Sequence: 99, Entities: []aggregate.Entity{{Kind: 1, Deleted: true, Data: []byte("x")}}})
	})
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	o.change(3)
	p := o.checkpoint(0)
	if err := o.c.Save(ended, p); !errors.Is(err, context.Canceled) {
		t.Fatalf("got %v", err)
	}
	panics("another after one that failed", "was not repeated", func() { _ = o.c.Save(t.Context(), Checkpoint{Sequence: p.Sequence + 1}) })
	panics("another of its sequence", "was not repeated", func() { _ = o.c.Save(t.Context(), Checkpoint{Sequence: p.Sequence}) })
	if err := o.c.Save(t.Context(), p); err != nil {
		t.Fatal(err)
	}
	mustLoad(t, db, o.state)
}

func TestCheckpointSurvivesAnOutage(t *testing.T) {
	db, p := openThroughProxy(t)
	w := newTestWriter(db)
	o := newOwner(t, w, 1, nil)
	o.change(500)
	point := o.checkpoint(0)
	p.set(true, 0)
	done := make(chan error, 1)
	go func() { done <- o.c.Save(context.Background(), point) }()
	eventually(t, "an attempt fails", func() bool { return w.Trouble() != nil })
	p.set(false, 0)
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	mustLoad(t, db, o.state)
}
