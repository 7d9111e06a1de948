package reconcile

import (
	"testing"

	"ringside/aggregate"
)

// at makes a state of a queue in which so many wait, the longest since an instant in s.
func at(from int64, waiting int32, since int64) state {
	return state{from: from * second, status: &aggregate.QueueStatusRow{NbrOfNotServedRequesters: waiting, LongestWaitSince: since * second}}
}

func fieldNamed(t *testing.T, fields []field, name string) *field {
	t.Helper()
	for i := range fields {
		if fields[i].name == name {
			return &fields[i]
		}
	}
	t.Fatalf("no field %s", name)
	return nil
}

// A figure agrees with what held at any moment of the 15 s before it, and with nothing else.
func TestFiguresOfTheLast15Seconds(t *testing.T) {
	f := fieldNamed(t, statusFields, "NbrOfNotServedRequesters")
	tr := newTrack(&kinds[statusKind])
	for _, s := range []state{at(1000, 1, 900), at(1010, 2, 900), at(1030, 3, 900), at(1030, 4, 900), at(1031, 5, 900)} {
		tr.keep(s)
	}
	for published, want := range map[float64]bool{0: false, 1: false, 2: true, 3: true, 4: true, 5: true, 6: false} {
		if got := tr.held(f, f.of, published, within(0, published), 1026*second, 1041*second); got != want {
			t.Errorf("published at 1041: %v agrees: %v, want %v", published, got, want)
		}
	}
	for published, want := range map[float64]bool{1: true, 2: true, 3: false} { // the first holds at 1010 still
		if got := tr.held(f, f.of, published, 0, 1010*second, 1025*second); got != want {
			t.Errorf("published at 1025: %v agrees: %v, want %v", published, got, want)
		}
	}
	tr.forget(1026 * second)
	if tr.states[0].from != 1010*second || !tr.held(f, f.of, 2, 0, 1026*second, 1041*second) {
		t.Errorf("the state that held at 1026 is forgotten: the first is of %d s", tr.states[0].from/second)
	}
	if nothing := newTrack(&kinds[dailyKind]); !nothing.held(&dailyFields[0], dailyFields[0].of, 0, 0, 0, second) {
		t.Error("nothing is not 0")
	}
}

// The longest wait runs on while its state stays, and stands still while a prompt plays.
func TestLongestWaitRunsAndStands(t *testing.T) {
	f := fieldNamed(t, statusFields, "MaxWaitTime")
	tr := newTrack(&kinds[statusKind])
	agrees := func(published float64, at int64, want bool) {
		t.Helper()
		if got := tr.held(f, f.of, published, within(0, published), (at-15)*second, at*second); got != want {
			t.Errorf("at %d: %v agrees: %v, want %v", at, published, got, want)
		}
	}
	tr.keep(at(100, 1, 100))
	for published, want := range map[float64]bool{4: false, 5: true, 12: true, 20: true, 21: false} {
		agrees(published, 120, want)
	}
	tr.keep(at(140, 1, 130)) // a prompt begins after 40 s, for 30 s at most
	agrees(40, 165, true)
	agrees(35, 165, false) // the row would show it
	agrees(41, 165, false)
	tr.keep(at(167, 1, 127)) // it ends after 27 s
	agrees(40, 170, true)
	agrees(43, 170, true)
	agrees(44, 170, false)
	tr.keep(at(180, 2, 127))
	tr.keep(at(185, 1, 175)) // the longest has left
	agrees(12, 204, false)
	agrees(25, 204, true)
	agrees(29, 204, true)
	agrees(58, 204, false)
	tr.keep(at(210, 0, 0))
	agrees(0, 211, true)
	if v, ok := f.value(f.of, tr.current(), 230*second); v != 0 || !ok {
		t.Errorf("nobody waits, yet %v s", v)
	}
}

// Figures are as exact as they are published.
func TestRounding(t *testing.T) {
	for v, want := range map[float64]int{3: 0, 3.5: 1, 3.25: 2, 100: 0, 1. / 3: 9, 0: 0} {
		if got := decimalsOf(v); got != want {
			t.Errorf("%v has %d decimals, want %d", v, got, want)
		}
	}
	mean := func(us, n int64) *state { return &state{daily: &day{Sums: aggregate.Sums{WaitSum: us, WaitCount: n}}} }
	f := fieldNamed(t, dailyFields, "InboundAvgWaitTimeSec")
	for _, tc := range []struct {
		published float64
		decimals  int
		us        int64
		want      bool
	}{
		{12, 0, 12_499_999, true}, {12, 0, 11_500_000, true}, {12, 0, 11_499_000, false}, {13, 0, 12_500_000, true},
		{12.3, 1, 12_349_000, true}, {12.3, 1, 12_351_000, false}, {12.345678, 6, 12_345_678, true}, {12.345678, 6, 12_345_680, false},
		{0, 1, 0, true},
	} {
		if got := matches(f, f.of, mean(tc.us, 1), tc.published, within(tc.decimals, tc.published), 0, 0); got != tc.want {
			t.Errorf("%v with %d decimals for %d µs: %v", tc.published, tc.decimals, tc.us, got)
		}
	}
	if _, ok := f.of(mean(0, 0), 0); ok || !matches(f, f.of, mean(0, 0), 0, 0, 0, 0) {
		t.Error("a mean of nothing is 0 for the vendor, and NULL here")
	}
}
