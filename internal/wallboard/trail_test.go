package wallboard

import (
	"slices"
	"testing"

	"ringside/aggregate"
)

func TestTrail(t *testing.T) {
	var r trail
	if got := r.values(); len(got) != 0 || r.lastValue() != 0 {
		t.Errorf("an empty trail has %v", got)
	}
	r.see(3)
	r.see(1)
	r.close(1000, 1) // the most in the slot, not what was last
	r.close(1001, 1) // nothing came: what held goes on
	r.see(7)
	r.see(0)
	r.close(1002, 0)
	if got := r.values(); !slices.Equal(got, []uint16{3, 1, 7}) || r.lastValue() != 7 {
		t.Errorf("trail %v", got)
	}
	r.close(1005, 2) // the process slept
	if got := r.values(); !slices.Equal(got, []uint16{3, 1, 7, 0, 2, 2}) {
		t.Errorf("trail %v", got)
	}
	for slot := uint64(1006); slot < 1300; slot++ {
		r.see(int32(slot))
		r.close(slot, -1)
	}
	got := r.values()
	if len(got) != trailLength || got[0] != 1300-trailLength || got[trailLength-1] != 1299 {
		t.Errorf("a full trail has %d samples, %d to %d", len(got), got[0], got[len(got)-1])
	}
	r.close(1_000_000, 70_000)
	if got := r.values(); len(got) != trailLength || got[0] != 0 || got[1] != 65_535 || got[trailLength-1] != 65_535 {
		t.Errorf("after a long sleep: %v", got)
	}
}

func TestSamplesAreTold(t *testing.T) {
	b := newBench()
	b.observe(0, aggregate.Rows{QueueStatus: []aggregate.QueueStatusRow{status(1, 1, "A", 4), status(1, 2, "B", 0)}})
	v := b.newView(selection{})
	v.snapshot()
	if kind, _ := v.next(); kind != "" {
		t.Errorf("without a change: %s", kind)
	}
	b.at = b.at.Add(trailEvery)
	b.keep(Status{})
	kind, m := v.next()
	if kind != kindTrail || len(m.Samples) != 1 || m.Samples[id('q', 1)] != 4 {
		t.Errorf("%s with %v", kind, m.Samples)
	}
	s := b.newView(selection{}).snapshot()
	if got := s.Trails[id('q', 1)]; !slices.Equal(got, []uint16{4}) {
		t.Errorf("the snapshot's trail is %v", got)
	}
	if got := s.Trails[id('q', 2)]; !slices.Equal(got, []uint16{0}) {
		t.Errorf("the trail of a queue where nobody waits is %v", got)
	}
}
