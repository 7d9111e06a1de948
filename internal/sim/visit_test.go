package sim

import (
	"testing"

	"ringside/aggregate"
)

func TestWaitAndPrompt(t *testing.T) {
	const sec = 1_000_000
	for _, tc := range []struct {
		name         string
		v            Visit
		wait, prompt int64
	}{
		{"plain", Visit{begun: 10 * sec, arrived: 12 * sec, answered: 20 * sec}, 8 * sec, 2 * sec},
		{"never accepted", Visit{begun: 10 * sec, ended: 20 * sec}, aggregate.Null, 0},
		{"still waiting", Visit{begun: 10 * sec, arrived: 12 * sec}, aggregate.Null, 2 * sec},
		{"prompt in the wait", Visit{begun: 0, arrived: 1 * sec, stands: []span{{3 * sec, 8 * sec}}, answered: 10 * sec}, 4 * sec, 6 * sec},
		{"prompt beyond its limit", Visit{begun: 1, arrived: 1, stands: []span{{10 * sec, 70 * sec}}, ended: 90*sec + 1}, 60 * sec, 30 * sec},
		{"prompt to the end", Visit{begun: 1, arrived: 1, stands: []span{{10*sec + 1, running}}, ended: 15*sec + 1}, 10 * sec, 5 * sec},
		{"connected after the end", Visit{begun: 1, arrived: 1, ended: 5*sec + 1, answered: 6 * sec}, 5 * sec, 0},
		{"lost", Visit{begun: 1, arrived: 2, ended: 9, outcome: aggregate.Lost}, aggregate.Null, 1},
	} {
		if got := tc.v.wait(); got != tc.wait {
			t.Errorf("%s: wait %d, want %d", tc.name, got, tc.wait)
		}
		if got := tc.v.prompt(); got != tc.prompt {
			t.Errorf("%s: prompt %d, want %d", tc.name, got, tc.prompt)
		}
	}
}

func TestCoveredIsTheUnion(t *testing.T) {
	for _, tc := range []struct {
		spans []span
		end   int64
		want  int64
	}{
		{nil, 10, 0},
		{[]span{{1, 4}, {6, 8}}, 10, 5},
		{[]span{{6, 8}, {1, 7}}, 10, 7},
		{[]span{{1, running}, {2, 3}}, 10, 9},
		{[]span{{1, 4}, {1, 4}}, 3, 2},
		{[]span{{12, 14}}, 10, 0},
	} {
		if got := covered(tc.spans, tc.end); got != tc.want {
			t.Errorf("%v to %d: %d, want %d", tc.spans, tc.end, got, tc.want)
		}
	}
}

func TestTalkIsSegmentsMinusHolds(t *testing.T) {
	a, b := &agent{}, &agent{}
	v := Visit{answered: 10, ended: 100, segments: []part{{a, span{10, 60}}, {b, span{40, running}}}, holds: []span{{20, 30}, {90, running}}}
	if v.hold() != 20 || v.talk() != 70 {
		t.Errorf("hold %d, talk %d", v.hold(), v.talk())
	}
}
