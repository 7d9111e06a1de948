package aggregate

import (
	"testing"
	"time"
)

// Quarters count from the local midnight, also where the offset from UTC is no whole number of quarters.
func TestIntervalsCountFromMidnight(t *testing.T) {
	loc := time.FixedZone("7 minutes and a half", 450)
	midnight := time.Date(2026, 3, 2, 0, 0, 0, 0, loc)
	day := localDayOf(midnight.Add(9*time.Hour).UnixMicro(), loc)
	for n := range 96 {
		start := midnight.Add(time.Duration(n) * 15 * time.Minute).UnixMicro()
		for _, us := range []int64{start, start + 1, start + intervalUs - 1} {
			if got := day.intervalStart(us); got != start {
				t.Errorf("quarter %d: %d µs into it, its start is %d µs off", n, us-start, got-start)
			}
		}
	}
}
