package plan

import (
	"testing"
	"time"

	"ringside/grafana-plugin/pkg/model"
)

func TestDatesOfARange(t *testing.T) {
	now := time.Date(2026, 11, 21, 21, 16, 0, 0, time.UTC)
	for _, test := range []struct {
		name, zone, dateZone string
		from, to             time.Time
		first, last          string
	}{
		{"a past day in the dashboard's zone", "", "Europe/Helsinki", now.Add(-48 * time.Hour), now.Add(-24 * time.Hour), "2026-11-19", "2026-11-20"},
		{"up to now, where it is tomorrow in Sydney", "", "Europe/Helsinki", now.Add(-24 * time.Hour), now.Add(-time.Second), "2026-11-20", "2026-11-22"},
		{"up to now in UTC", "", "", now.Add(-24 * time.Hour), now, "2026-11-20", "2026-11-22"},
		{"beyond now, no day that nobody has begun", "", "", now.Add(-time.Hour), now.Add(240 * time.Hour), "2026-11-21", "2026-11-22"},
		{"days of one zone", "Europe/Helsinki", "Europe/Helsinki", now.Add(-24 * time.Hour), now, "2026-11-20", "2026-11-21"},
		{"midnight is the next day's", "UTC", "UTC", now.Truncate(day).Add(-day), now.Truncate(day), "2026-11-20", "2026-11-20"},
	} {
		t.Run(test.name, func(t *testing.T) {
			p := &planner{query: &model.Query{Zone: test.zone, DateZone: test.dateZone}, Range: Range{From: test.from, To: test.to, Now: now}}
			first, last := p.dates()
			if f, l := first.Format(time.DateOnly), last.Format(time.DateOnly); f != test.first || l != test.last {
				t.Errorf("%s to %s, wanted %s to %s", f, l, test.first, test.last)
			}
		})
	}
}
