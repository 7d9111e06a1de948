package engine

import (
	"bytes"
	"maps"
	"testing"

	"ringside/aggregate"
	"ringside/ingest"
	"ringside/store"
)

func TestMarksCoverWhatIsWritten(t *testing.T) {
	p, _ := testPipeline(3, aggregate.DefaultSettings(), newPlaces(nil))
	s := saver{ahead: markAhead}
	if _, _, needed := s.nextMark(p); needed {
		t.Error("nothing is taken in, and yet a mark is needed")
	}
	var last uint64
	for i, c := range []struct {
		queue, user int64
		needed      bool
	}{
		{10, 0, true},
		{10, 0, false},
		{10 + markAhead, 0, false}, // up to where the mark reaches
		{11 + markAhead, 0, true},
		{11 + markAhead, 5, true}, // a topic that the mark does not name
		{12 + markAhead, 6, false},
	} {
		p.positions["q"] = c.queue
		if c.user > 0 {
			p.positions["u"] = c.user
		}
		positions, version, needed := s.nextMark(p)
		if needed != c.needed {
			t.Errorf("step %d: needed %v, want %v", i, needed, c.needed)
			continue
		}
		if !needed {
			continue
		}
		for topic, at := range p.positions {
			if positions[topic] < at {
				t.Errorf("step %d: the mark of %s is %d, the position %d", i, topic, positions[topic], at)
			}
		}
		if version <= last {
			t.Errorf("step %d: version %d follows %d", i, version, last)
		}
		s.marked, last = positions, version // as if it were saved
	}
}

// testSaver saves nowhere; its pipeline tracks what changes.
func testSaver(p *Pipeline) *saver {
	p.core.Track()
	var w *store.Writer
	return &saver{group: "g", partition: 3, metrics: NewMetrics(), checkpoints: w.Checkpoints("g", 3, 1, nil)}
}

func (s *saver) mustCapture(t *testing.T, p *Pipeline) *capturedState {
	t.Helper()
	p.Drain(aggregate.DrainAll)
	if err := s.capture(p); err != nil {
		t.Fatal(err)
	}
	state := s.unsaved
	s.unsaved = nil // as if it were saved
	return state
}

func TestChangedSinceTheLastCheckpoint(t *testing.T) {
	p, _ := testPipeline(3, aggregate.DefaultSettings(), newPlaces(nil))
	s := testSaver(p)
	if s.changed(p) {
		t.Error("changed before anything was taken in")
	}
	if _, err := p.Process(testBatch(3, 0, testEvent(1, 1)), 0); err != nil {
		t.Fatal(err)
	}
	if !s.changed(p) {
		t.Error("an event does not count as a change")
	}
	s.mustCapture(t, p)
	if s.changed(p) {
		t.Error("changed right after a checkpoint")
	}
}

// What is captured must not change while it is being written and the core goes on.
func TestCaptureIsACopyOfWhatHasChanged(t *testing.T) {
	p, _ := testPipeline(3, aggregate.DefaultSettings(), newPlaces(nil))
	s := testSaver(p)
	batch := func(first, organizations int) *ingest.Batch {
		b := &ingest.Batch{Topic: "queue-events", NextOffset: int64(first + 200)}
		for i := range 200 {
			b.Records = append(b.Records, ingest.Record{Offset: int64(first + i), Value: []byte(testEvent(byte(i%organizations), first+i)), Source: ingest.SourceEnreach})
		}
		return b
	}
	process := func(b *ingest.Batch) {
		if _, err := p.Process(b, 0); err != nil {
			t.Fatal(err)
		}
	}
	process(batch(0, 200))
	first := s.mustCapture(t, p)
	if len(first.entities) < 200 || !first.done {
		t.Fatalf("%d entities of 200 organizations, done %v", len(first.entities), first.done)
	}
	copied := make([]aggregate.Entity, len(first.entities))
	for i, e := range first.entities {
		e.Key, e.Data = bytes.Clone(e.Key), bytes.Clone(e.Data)
		copied[i] = e
	}
	process(batch(1000, 2))
	second := s.mustCapture(t, p)
	for i, e := range first.entities {
		if !bytes.Equal(e.Key, copied[i].Key) || !bytes.Equal(e.Data, copied[i].Data) {
			t.Fatalf("entity %d has changed since it was captured", i)
		}
	}
	if first.sequence >= second.sequence || first.positions["queue-events"] != 200 || second.positions["queue-events"] != 1200 {
		t.Errorf("sequences %d, %d; positions %v, %v", first.sequence, second.sequence, first.positions, second.positions)
	}
	if second.changed == 0 || second.changed > first.changed/3 {
		t.Errorf("2 of 200 organizations were busy: %d bytes have changed, at first %d", second.changed, first.changed)
	}
}

func TestPositionsThereAndBack(t *testing.T) {
	want := map[string]int64{"queue-events": 7, "user-events": 0, "callback-events": 1 << 40}
	list := positionList(5, want)
	for i, p := range list {
		if p.Partition != 5 || i > 0 && list[i-1].Topic >= p.Topic {
			t.Errorf("position %d of %v", i, list)
		}
	}
	if got := positionMap(list); !maps.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

// A pipeline that goes on with a restored core counts what it takes in itself, and nothing of before.
func TestCountsGoOnFromARestoredCore(t *testing.T) {
	first, _ := testPipeline(3, aggregate.DefaultSettings(), newPlaces(nil))
	if _, err := first.Process(testBatch(3, 0, testEvent(1, 1), testEvent(1, 2)), 0); err != nil {
		t.Fatal(err)
	}
	second, _ := testPipeline(3, aggregate.DefaultSettings(), newPlaces(nil))
	second.adopt(first.core, first.positions)
	if _, err := second.Process(testBatch(3, 2, testEvent(1, 2), testEvent(1, 3)), 0); err != nil {
		t.Fatal(err)
	}
	second.Drain(aggregate.DrainAll)
	if got, want := second.Counts(), (Counts{Received: 2, Accepted: 1, Duplicate: 1}); got != want {
		t.Errorf("counts %s, want %s", got, want)
	}
	for _, a := range second.accounts {
		if want := (Counts{Received: 4, Accepted: 3, Duplicate: 1}); a != want {
			t.Errorf("the account is %s, want %s", a, want)
		}
	}
}

// Rows of the predecessor may stand for positions far beyond: a successor's first mark, saved before it has come so far,
// must not hide that from whoever comes next.
func TestMarkIsNeverShortOfThePredecessors(t *testing.T) {
	p, _ := testPipeline(3, aggregate.DefaultSettings(), newPlaces(nil))
	s := saver{ahead: 10, marked: map[string]int64{"q": 1000, "u": 5, "gone": 7}}
	p.positions["q"], p.positions["u"] = 20, 6
	got, _, needed := s.nextMark(p)
	if want := map[string]int64{"q": 1000, "u": 16, "gone": 7}; !needed || !maps.Equal(got, want) {
		t.Errorf("needed: %v, %v, want %v", needed, got, want)
	}
}
