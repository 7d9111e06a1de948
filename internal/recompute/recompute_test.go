package recompute

import (
	"testing"
	"time"
)

// What is dropped as a scratch database must be one: the name has the time at which it was made.
func TestScratchNames(t *testing.T) {
	if is, at := scratchTime("ringside_recompute_1700000000_0a1b2c3d"); !is || !at.Equal(time.Unix(1700000000, 0)) {
		t.Errorf("a scratch database of 1700000000: %v, %s", is, at)
	}
	for _, name := range []string{"ringside", "ringside_recompute_", "ringside_recompute_march", "ringside_recompute_1700000000_mine",
		"ringside_recompute_1700000000", "x_1700000000_0a1b2c3d"} {
		if is, _ := scratchTime(name); is {
			t.Errorf("%s is taken for a scratch database", name)
		}
	}
}

func TestResultLine(t *testing.T) {
	r := Result{From: 20514, To: 20515, Events: 7, Repaired: 1, Calls: Changes{1, 2, 3}, Figures: Changes{4, 5, 6}}
	const want = "from=2026-03-02 to=2026-03-03 events=7 late_repaired=1 calls_changed=1 calls_added=2 calls_removed=3 " +
		"figures_changed=4 figures_added=5 figures_removed=6"
	if got := r.String(); got != want {
		t.Errorf("%s\nwant %s", got, want)
	}
}
