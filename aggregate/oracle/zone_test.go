package oracle

import (
	"testing"
	"time"
)

// TestQuarterOf checks days that do not begin at 0:00 or have other than 24 hours.
func TestQuarterOf(t *testing.T) {
	for _, test := range []struct{ zone, at, midnight, quarter string }{
		{"UTC", "2026-03-02T09:20:00Z", "2026-03-02T00:00:00Z", "2026-03-02T09:15:00Z"},
		{"Asia/Kathmandu", "2026-03-02T18:29:59Z", "2026-03-02T18:15:00Z", "2026-03-02T18:15:00Z"},
		// In Beirut the clocks go from 0:00 to 1:00: the day begins at 1:00 local time.
		{"Asia/Beirut", "2026-03-28T22:20:00Z", "2026-03-28T22:00:00Z", "2026-03-28T22:15:00Z"},
		// In Havana 0:00–1:00 comes twice: the day has begun the first time.
		{"America/Havana", "2026-11-01T05:20:00Z", "2026-11-01T04:00:00Z", "2026-11-01T05:15:00Z"},
		// Half an hour back at 2:00 on Lord Howe: quarters stay aligned with midnight.
		{"Australia/Lord_Howe", "2026-04-04T15:10:00Z", "2026-04-04T13:00:00Z", "2026-04-04T15:00:00Z"},
	} {
		t.Run(test.zone, func(t *testing.T) {
			loc, err := time.LoadLocation(test.zone)
			if err != nil {
				t.Fatal(err)
			}
			at, err := time.Parse(time.RFC3339, test.at)
			if err != nil {
				t.Fatal(err)
			}
			z := localZone{test.zone, loc}
			show := func(us int64) string { return time.UnixMicro(us).UTC().Format(time.RFC3339) }
			if got := show(z.midnightOf(at.UnixMicro())); got != test.midnight {
				t.Errorf("midnight: got %s, want %s", got, test.midnight)
			}
			if got := show(z.quarterOf(at.UnixMicro())); got != test.quarter {
				t.Errorf("quarter: got %s, want %s", got, test.quarter)
			}
		})
	}
}
