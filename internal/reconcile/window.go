package reconcile

import (
	"math"

	"github.com/google/uuid"

	"ringside/internal/history"
)

// trackKey names what has figures of its own.
type trackKey struct {
	kind   int
	entity uuid.UUID
	date   history.Date // 0 where a kind is not dated
}

// track follows the figures of one entity: those of the last seconds, what calls have changed them, and by how much the
// published ones were off.
type track struct {
	states  []state    // ascending; the first has held since before what can still be compared
	changes []change   // the latest
	off     [][]offset // by field, then by reading, that of docs/METRICS.md first
}

// offset is by how much published figures are off, as far as it is known.
type offset struct {
	by float64
	at int64 // µs; when it was seen last: what has changed since may have changed it
}

// newTrack begins with nothing.
func newTrack(k *kind) *track {
	t := &track{states: []state{{}}, off: make([][]offset, len(k.fields))}
	for i := range t.off {
		t.off[i] = make([]offset, 1+len(k.fields[i].otherwise))
	}
	return t
}

// keep adds a state that holds from its instant on, and drops what is too old to be compared with. States that held for
// no time at all are kept too: something did hold then.
func (t *track) keep(s state) {
	s.stand(t.current())
	t.states = append(t.states, s)
	if len(t.states) >= 64 {
		t.forget(s.from - 2*tolerance)
	}
}

// forget drops what held only before an instant.
func (t *track) forget(before int64) {
	n := 0
	for n+1 < len(t.states) && t.states[n+1].from < before {
		n++
	}
	if n > 0 {
		t.states = append(t.states[:0], t.states[n:]...)
	}
}

// current is the last state.
func (t *track) current() *state { return &t.states[len(t.states)-1] }

// held tells whether a figure had a value, within what rounding allows, at any moment of [from, to].
func (t *track) held(f *field, of figure, published, rounding float64, from, to int64) bool {
	for i := range t.states {
		a, b := max(from, t.states[i].from), to
		if i+1 < len(t.states) {
			b = min(to, t.states[i+1].from)
		}
		if a <= b && matches(f, of, &t.states[i], published, rounding, a, b) {
			return true
		}
	}
	return false
}

// matches tells whether the figure of one state had a value at any moment of [from, to].
func matches(f *field, of figure, s *state, published, rounding float64, from, to int64) bool {
	high, _ := of(s, to)
	low := high
	if f.grows {
		low, _ = of(s, from)
		low = math.Floor(low) // whole seconds that have passed, or rounded ones
	}
	return published >= low-rounding && published <= high+rounding
}
