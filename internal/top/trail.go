package top

import "strings"

// trailLength is how many samples of a queue's waiting callers are kept, one per sampling interval.
const trailLength = 24

// trail is a queue's waiting callers over the last minutes, oldest first.
type trail struct {
	samples [trailLength]int
	n       int
}

func (t *trail) add(waiting int) {
	if t.n == trailLength {
		copy(t.samples[:], t.samples[1:])
		t.n--
	}
	t.samples[t.n] = waiting
	t.n++
}

var bars = []rune("▁▂▃▄▅▆▇█")

// String draws the trail, newest at the right; the tallest bar is the greatest sample, and at least 4 callers, so that
// one caller does not look like a crowd.
func (t *trail) String() string {
	top := 4
	for _, v := range t.samples[:t.n] {
		top = max(top, v)
	}
	var b strings.Builder
	for range trailLength - t.n {
		b.WriteByte(' ')
	}
	for _, v := range t.samples[:t.n] {
		b.WriteRune(bars[v*(len(bars)-1)/top])
	}
	return b.String()
}
