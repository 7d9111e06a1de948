package wallboard

import (
	"math"
	"time"
)

const (
	trailEvery  = 15 * time.Second
	trailLength = 120 // half an hour
)

// trail is how many callers waited in each quarter of a minute of the last half hour, the most at any time in it: a
// sample alone would miss the peaks.
type trail struct {
	samples [trailLength]uint16 // a ring; slot s is at s modulo the length
	slot    uint64              // the last closed one; 0: none yet
	n       int
	peak    uint16 // of the slot that is open
}

// slotOf numbers the quarters of a minute; the one that an instant is in is not closed yet.
func slotOf(t time.Time) uint64 { return uint64(t.UnixNano()) / uint64(trailEvery) }

// see notes a figure of the open slot.
func (t *trail) see(waiting int32) { t.peak = max(t.peak, clamp(waiting)) }

func clamp(v int32) uint16 { return uint16(min(max(v, 0), math.MaxUint16)) }

// close ends the slots before slot; waiting is what holds at its beginning.
func (t *trail) close(slot uint64, waiting int32) {
	begin := t.slot + 1
	if t.slot == 0 {
		begin = slot // the first sample
	}
	begin = max(begin, slot-min(slot, trailLength-1))
	for s := begin; s <= slot; s++ {
		t.samples[s%trailLength] = t.peak
		t.n = min(t.n+1, trailLength)
		t.peak = clamp(waiting)
	}
	t.slot = slot
}

// values returns the samples, oldest first.
func (t *trail) values() []uint16 {
	out := make([]uint16, 0, t.n)
	for s := t.slot + 1 - uint64(t.n); s <= t.slot && t.n > 0; s++ {
		out = append(out, t.samples[s%trailLength])
	}
	return out
}

// lastValue is the newest sample, 0 if there is none.
func (t *trail) lastValue() uint16 {
	if t.n == 0 {
		return 0
	}
	return t.samples[t.slot%trailLength]
}
