package ingest

import (
	"testing"
	"time"
)

func TestMicrosRoundDown(t *testing.T) {
	for ticks, want := range map[Time]int64{0: 0, 9: 0, 10: 1, 19: 1, -1: -1, -10: -1, -11: -2} {
		if got := ticks.Micros(); got != want {
			t.Errorf("%d ticks are %d µs, want %d", ticks, got, want)
		}
	}
}

func TestGoThereAndBack(t *testing.T) {
	g := time.Date(2026, 3, 2, 9, 0, 0, 123_456_700, time.UTC)
	at := FromGo(g.Add(99 * time.Nanosecond))
	if want := FromGo(g); at != want || at.Micros() != g.UnixMicro() {
		t.Errorf("%d ticks, want %d; %d µs, want %d", at, want, at.Micros(), g.UnixMicro())
	}
	if got := at.Go(); !got.Equal(g.Truncate(time.Microsecond)) {
		t.Errorf("back: %s, want %s", got, g)
	}
	if got := at.Add(-time.Hour); got != at-3600*TicksPerSecond {
		t.Errorf("an hour before: %d, want %d", got, at-3600*TicksPerSecond)
	}
}
