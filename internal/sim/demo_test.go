package sim

import (
	"testing"
	"time"

	"ringside/ingest"
)

// At every hour of a Sunday and a Monday several queues of the demo are talking to callers.
func TestDemoIsNeverQuiet(t *testing.T) {
	c := DemoConfig(1)
	c.Start = time.Date(2026, 9, 13, 0, 0, 0, 0, c.Start.Location())
	c.End, c.Settle, c.Mute = time.Time{}, false, true
	s := New(c)
	begin := ingest.FromGo(c.Start)
	for hour := 2; hour < 48; hour++ {
		busy, calls := 0, 0
		const looks = 6
		for look := range looks {
			s.Until(begin.Add(time.Duration(hour)*time.Hour+time.Duration(look)*10*time.Minute), nil)
			for _, q := range s.centres[0].queues {
				open := 0
				for _, v := range q.open {
					if v.ended == 0 && v.arrived != 0 {
						open++
					}
				}
				calls += open
				if open > 0 {
					busy++
				}
			}
		}
		if busy < 3*looks {
			t.Errorf("hour %d: %.1f queues with callers, %.1f callers", hour, float64(busy)/looks, float64(calls)/looks)
		}
	}
}

func TestDemoNamesAreDistinct(t *testing.T) {
	o := DemoConfig(1).Organizations[0]
	seen := map[string]bool{}
	for _, a := range o.Agents {
		if seen[a.Name] || seen[a.Number] {
			t.Errorf("agent %s or number %s is there twice", a.Name, a.Number)
		}
		seen[a.Name], seen[a.Number] = true, true
	}
	for _, q := range o.Queues {
		if seen[q.Name] {
			t.Errorf("queue %s is there twice", q.Name)
		}
		seen[q.Name] = true
	}
}
