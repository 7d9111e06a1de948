package kafka

import (
	"math"
	"time"
)

const (
	// holdUp is how long a topic that sends nothing, though it is not at its end, may hold up the others.
	holdUp = 5 * time.Second
	// waivedStep is how often the others are let go on while it sends nothing: more often would be a record at a time.
	waivedStep = time.Second
)

// waiver is how far the other topics of a partition may go on while one sends nothing, though it is not at its end. Were
// they free at once, a process that catches up on hours would have left the topic's events behind as late before its
// broker is back. So they go on as fast as the clock, as they would if they were not behind, and freely only after twice
// the Pace: three Paces are then between them and the topic.
type waiver struct {
	since time.Time // of the hold-up; zero while there is none
	from  int64     // record time that was next then, ms
}

// bound returns the record time up to which the others may go on, or how long to wait before asking again; next is the
// record time of what they deliver next.
func (w *waiver) bound(now time.Time, next int64, pace time.Duration) (bound int64, wait time.Duration) {
	if w.since.IsZero() {
		w.since, w.from = now, next
	}
	waited := now.Sub(w.since)
	if waited < holdUp {
		return 0, holdUp - waited
	}
	left := 2*pace - waited
	if left <= 0 {
		return math.MaxInt64, 0
	}
	if bound = addTime(w.from, waited); next > bound {
		return 0, min(waivedStep, left)
	}
	return bound, 0
}
