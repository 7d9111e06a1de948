package store

import (
	"fmt"
	"testing"
)

func TestChain(t *testing.T) {
	one := totals{1, 10, 1 << 63}
	large := totals{1, generationBytes, 1}
	type step struct {
		n    int // times
		t    totals
		done bool
		want string // segments and totals afterwards
	}
	for name, c := range map[string]struct {
		adopted []Segment
		before  totals
		steps   []step
	}{
		"a state that is empty at first": {nil, totals{}, []step{
			{1, one, false, "[{5 1 9}] {1 10 9223372036854775808}"},
			{1, one, false, "[{5 1 9}] {2 20 0}"}, // hashes wrap
			{40, one, false, "[{5 1 9}] {42 420 0}"},
			{1, one, true, "[{5 1 9}] {43 430 9223372036854775808}"}, // done and 32 checkpoints: the next begins a generation
			{1, one, false, "[{5 1 9}] {44 440 0}"},
			{1, one, true, "[{5 2 9}] {2 20 0}"},
		}},
		"a small state waits for 32 checkpoints": {nil, totals{}, []step{
			{generationCheckpoints, one, true, "[{5 1 9}] {32 320 0}"},
			{1, one, false, "[{5 1 9}] {33 330 9223372036854775808}"},
			{1, one, true, "[{5 2 9}] {2 20 0}"},
		}},
		"a large one does not": {nil, totals{}, []step{
			{1, large, true, "[{5 1 9}] {1 67108864 1}"},
			{1, large, true, "[{5 2 9}] {1 67108864 1}"},
			{1, large, false, "[{5 2 9}] {2 134217728 2}"},
			{1, one, false, "[{5 2 9}] {3 134217738 9223372036854775810}"},
			{1, one, true, "[{5 3 9}] {3 67108884 1}"},
		}},
		"what was adopted is needed until the cycle is done": {[]Segment{{2, 7, 100}, {4, 1, 3}}, totals{100, 1000, 5}, []step{
			{1, one, false, "[{2 7 100} {4 1 3} {5 1 9}] {101 1010 9223372036854775813}"},
			{60, one, false, "[{2 7 100} {4 1 3} {5 1 9}] {161 1610 9223372036854775813}"},
			{1, one, true, "[{5 1 9}] {62 620 0}"},
			{1, one, false, "[{5 1 9}] {63 630 9223372036854775808}"},
		}},
		"done once is done": {[]Segment{{4, 1, 3}}, totals{100, 1000, 5}, []step{
			{1, one, true, "[{5 1 9}] {1 10 9223372036854775808}"},
			{generationCheckpoints - 1, one, false, "[{5 1 9}] {32 320 0}"},
			{1, one, true, "[{5 2 9}] {1 10 9223372036854775808}"},
		}},
	} {
		t.Run(name, func(t *testing.T) {
			now := chain{adopted: c.adopted, before: c.before}
			for i, s := range c.steps {
				for range s.n {
					before := fmt.Sprint(now)
					next := now.next()
					next.add(s.t, s.done)
					if after := fmt.Sprint(now); after != before {
						t.Fatalf("step %d changes the chain that a failed checkpoint needs: %s, %s", i, before, after)
					}
					now = next
				}
				equal(t, fmt.Sprintf("step %d", i), fmt.Sprint(now.segments(5, 9), now.totals()), s.want)
			}
		})
	}
}
