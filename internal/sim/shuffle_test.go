package sim

import (
	"slices"
	"testing"
	"time"

	"ringside/ingest"
)

func TestShuffleStaysWithinItsBound(t *testing.T) {
	_, events := everything()
	for _, within := range []time.Duration{0, time.Second, 5 * time.Minute, 45 * time.Minute} {
		got := Shuffle(events, within, 1)
		if d := Displacement(got); d > within || within > 0 && d < within/2 {
			t.Errorf("within %v: the most belated event is %v late", within, d)
		}
		if within == 0 && digest(got) != digest(events) {
			t.Error("a shuffle within nothing moved something")
		}
		if digest(got) != digest(Shuffle(events, within, 1)) {
			t.Error("the same seed shuffled differently")
		}
		if within > 0 && digest(got) == digest(Shuffle(events, within, 2)) {
			t.Error("another seed shuffled alike")
		}
		ids := map[[16]byte]int{}
		for i := range got {
			ids[got[i].ID]++
			ids[events[i].ID]--
		}
		for id, n := range ids {
			if n != 0 {
				t.Fatalf("event %v: %+d", id, n)
			}
		}
	}
}

func TestDuplicate(t *testing.T) {
	_, events := everything()
	for _, every := range []int{1, 3, 50} {
		got := Duplicate(events, every)
		ids := map[[16]byte]int{}
		for i := range got {
			ids[got[i].ID]++
		}
		repeated := 0
		for _, n := range ids {
			repeated += n - 1
		}
		if len(ids) != len(events) || repeated != len(got)-len(events) || repeated < len(events)/every {
			t.Errorf("every %d: %d ids of %d, %d repeated", every, len(ids), len(events), repeated)
		}
	}
}

func TestDelayMovesOnlyWhatMatches(t *testing.T) {
	_, events := everything()
	match := func(ev *Event) bool { return ev.Type == ingest.QueueChanged }
	got := Delay(events, 20*time.Minute, match)
	if len(got) != len(events) || Displacement(got) < 19*time.Minute || Displacement(got) > 20*time.Minute {
		t.Fatalf("%d events, displaced by %v", len(got), Displacement(got))
	}
	rest := func(in []Event) []Event {
		return slices.DeleteFunc(slices.Clone(in), func(e Event) bool { return match(&e) })
	}
	if digest(rest(got)) != digest(rest(events)) {
		t.Error("others moved too")
	}
}

func TestBatchesHoldEverything(t *testing.T) {
	_, events := everything()
	var joined []Event
	sizes := map[int]bool{}
	for _, b := range Batches(events, 500, 1) {
		if len(b) == 0 || len(b) > 500 {
			t.Fatalf("a batch of %d", len(b))
		}
		sizes[len(b)] = true
		joined = append(joined, b...)
	}
	if digest(joined) != digest(events) || len(sizes) < 100 {
		t.Errorf("%d events in batches of %d sizes", len(joined), len(sizes))
	}
}
