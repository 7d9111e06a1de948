package aggregate

import (
	"testing"
	"time"
	_ "time/tzdata"
)

func TestLocalDay(t *testing.T) {
	tests := []struct {
		name, zone, at string
		date, start    string
		hours          float64
		interval       string
	}{
		{"plain day", "Europe/Helsinki", "2026-03-02T09:07:00Z", "2026-03-02", "2026-03-01T22:00:00Z", 24, "2026-03-02T09:00:00Z"},
		{"UTC date is another", "Europe/Helsinki", "2026-03-01T22:30:00Z", "2026-03-02", "2026-03-01T22:00:00Z", 24, "2026-03-01T22:30:00Z"},
		{"spring forward", "Europe/Helsinki", "2026-03-29T12:00:00Z", "2026-03-29", "2026-03-28T22:00:00Z", 23, "2026-03-29T12:00:00Z"},
		{"fall back", "Europe/Helsinki", "2026-10-25T12:00:00Z", "2026-10-25", "2026-10-24T21:00:00Z", 25, "2026-10-25T12:00:00Z"},
		{"quarter hours of offset", "Asia/Kathmandu", "2026-03-02T09:07:00Z", "2026-03-02", "2026-03-01T18:15:00Z", 24, "2026-03-02T09:00:00Z"},
		{"half an hour of summer", "Australia/Lord_Howe", "2026-04-05T03:00:00Z", "2026-04-05", "2026-04-04T13:00:00Z", 24.5, "2026-04-05T03:00:00Z"},
		{"midnight skipped", "America/Sao_Paulo", "2018-11-04T12:00:00Z", "2018-11-04", "2018-11-04T03:00:00Z", 23, "2018-11-04T12:00:00Z"},
		{"day before midnight is skipped", "America/Sao_Paulo", "2018-11-03T12:00:00Z", "2018-11-03", "2018-11-03T03:00:00Z", 24, "2018-11-03T12:00:00Z"},
		{"clocks back at midnight: the old day is longer", "America/Sao_Paulo", "2018-02-17T12:00:00Z", "2018-02-17", "2018-02-17T02:00:00Z", 25, "2018-02-17T12:00:00Z"},
		{"midnight shown twice: the first counts", "America/Havana", "2026-11-01T12:00:00Z", "2026-11-01", "2026-11-01T04:00:00Z", 25, "2026-11-01T12:00:00Z"},
	}
	for _, tc := range tests {
		t.Run(tc.name, func(t *testing.T) {
			loc, err := time.LoadLocation(tc.zone)
			if err != nil {
				t.Fatal(err)
			}
			at, err := time.Parse(time.RFC3339, tc.at)
			if err != nil {
				t.Fatal(err)
			}
			d := localDayOf(at.UnixMicro(), loc)
			show := func(us int64) string { return time.UnixMicro(us).UTC().Format(time.RFC3339) }
			if g := time.Unix(int64(d.date)*86400, 0).UTC().Format(time.DateOnly); g != tc.date {
				t.Errorf("date %s, want %s", g, tc.date)
			}
			if g := show(d.start); g != tc.start {
				t.Errorf("start %s, want %s", g, tc.start)
			}
			if g := float64(d.end-d.start) / 3600e6; g != tc.hours {
				t.Errorf("%v hours, want %v", g, tc.hours)
			}
			if g := show(d.intervalStart(at.UnixMicro())); g != tc.interval {
				t.Errorf("interval %s, want %s", g, tc.interval)
			}
		})
	}
}

// TestLocalDaysMeet walks through two years of every kind of zone: each day ends where the next begins, and every instant
// of it has its date.
func TestLocalDaysMeet(t *testing.T) {
	for _, zone := range []string{"UTC", "Europe/Helsinki", "America/Sao_Paulo", "America/Havana", "Australia/Lord_Howe",
		"Asia/Kathmandu", "Africa/Cairo", "Pacific/Apia", "Asia/Beirut", "America/Santiago"} {
		loc, err := time.LoadLocation(zone)
		if err != nil {
			t.Fatal(err)
		}
		us := time.Date(2017, 1, 1, 12, 0, 0, 0, time.UTC).UnixMicro()
		for range 730 {
			d := localDayOf(us, loc)
			for _, in := range []int64{d.start, d.start + 1, (d.start + d.end) / 2, d.end - 1} {
				y, m, dd := time.UnixMicro(in).In(loc).Date()
				if int32(time.Date(y, m, dd, 0, 0, 0, 0, time.UTC).Unix()/86400) != d.date {
					t.Fatalf("%s: %v is not on the day of date %d", zone, time.UnixMicro(in).In(loc), d.date)
				}
			}
			if next := localDayOf(d.end, loc); next.start != d.end {
				t.Fatalf("%s: day %d ends at %v, the next begins at %v", zone, d.date, time.UnixMicro(d.end).In(loc), time.UnixMicro(next.start).In(loc))
			}
			us = d.end + 1
		}
	}
}
