package sim

import (
	"encoding/json"
	"fmt"
	"math"
	"testing"
	"time"

	"ringside/aggregate"
	"ringside/ingest"
)

// What the vendor publishes from its running counts is what StatusAt works out from the records afterwards.
func TestPublishedStatusIsTheTruth(t *testing.T) {
	s, events := everything()
	checked, nonzero := 0, [15]int{}
	for i, ev := range events {
		if ev.Type != ingest.QueueStatus || i%7 != 0 {
			continue
		}
		var m map[string]any
		if err := json.Unmarshal(ev.JSON, &m); err != nil {
			t.Fatal(err)
		}
		for _, st := range s.StatusAt(ev.At) {
			if st.QueueID.String() != m["QueueId"] {
				continue
			}
			checked++
			for k, f := range st.Figures() {
				if float64(f) != m[statusNames[k]] {
					t.Fatalf("%v %s: published %v, StatusAt %d", ev.At.Go(), statusNames[k], m[statusNames[k]], f)
				}
				if f != 0 {
					nonzero[k]++
				}
			}
		}
	}
	atLeast(t, "published statuses", checked, 1000)
	for k, n := range nonzero {
		atLeast(t, "not zero: "+statusNames[k], n, 20)
	}
}

// The last QueueDailyCallMetrics of a day agrees with the truth, apart from ghost calls, which silence decides later.
func TestPublishedDaysAreTheTruth(t *testing.T) {
	for _, vendor := range []Vendor{{}, {CountPassedThrough: true}, {AbandonsRejected: true}, {TalkWithHold: true}, {Level: "all_offered"},
		{Level: "answered_only"}, {Level: "short_abandons_met"}, {LocalZone: "Europe/Helsinki"}} {
		r := Everything()
		r.GhostEntering, r.GhostWaiting, r.GhostRinging, r.GhostTalking = 0, 0, 0, 0
		c := morning(13, r)
		vendor.Every = 15 * time.Second
		c.Vendor = vendor
		s := New(c)
		last := map[string]map[string]any{}
		for _, ev := range s.All() {
			if ev.Type == ingest.QueueDailyCallMetrics {
				var m map[string]any
				if err := json.Unmarshal(ev.JSON, &m); err != nil {
					t.Fatal(err)
				}
				last[fmt.Sprint(m["QueueId"], m["QueueDate"])] = m
			}
		}
		outboundHold := map[string]int64{}
		for _, v := range s.visits {
			if v.direction == aggregate.Outbound && v.answered != 0 && v.ended != 0 {
				date, _ := v.window()
				outboundHold[fmt.Sprint(v.queue.id, date)] += v.hold()
			}
		}
		for _, w := range s.Truth().Daily {
			date := time.Unix(int64(w.Date)*86400, 0).UTC().Format(time.DateOnly)
			m := last[w.Queue.String()+date]
			if m == nil {
				t.Fatalf("nothing published for %v %s", w.Queue, date)
			}
			tally := tally{Sums: w.Sums, outboundHold: outboundHold[fmt.Sprint(w.Queue, w.Date)]}
			d := Daily{tally: tally, level: level(&w.Sums, vendor.Level), vendor: &vendor}
			for _, f := range d.figures() {
				tolerance := 1e-9
				if f.whole {
					tolerance = .5
				}
				if got := m[f.name].(float64); math.Abs(got-f.value) > tolerance {
					t.Errorf("%+v %s: published %v, truth %v", vendor, f.name, got, f.value)
				}
			}
		}
	}
}

// METRICS.md section 4: 100 offered, 70 met, 10 short abandons, 20 answered late.
func TestServiceLevelVariants(t *testing.T) {
	s := aggregate.Sums{LevelMet: 70, LevelAnswered: 90, LevelAbandoned: 10, LevelShort: 10}
	for variant, want := range map[string]float64{"": 77.8, "ignore_short_abandons": 77.8, "all_offered": 70, "answered_only": 77.8,
		"short_abandons_met": 80} {
		if got := level(&s, variant); math.Abs(got-want) > .05 {
			t.Errorf("%q: %v, want %v", variant, got, want)
		}
	}
	if got := level(&aggregate.Sums{}, ""); got != 0 {
		t.Errorf("nothing offered: %v", got)
	}
}
