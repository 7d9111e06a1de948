package engine

import (
	"fmt"
	"math"
	"testing"
	"time"

	"github.com/google/uuid"

	"ringside/aggregate"
	"ringside/store/query"
)

func (w *queryWorld) testRolling(t *testing.T) {
	now := w.end
	for g := query.ByQueue; g <= query.InTotal; g++ {
		for _, threshold := range []time.Duration{0, 25 * time.Second} {
			since, until := now.Add(-50*time.Hour).UnixMicro(), now.UnixMicro()
			within := func(us int64) bool { return us > since && us <= until }
			want := map[string]*reckoning{}
			each := func(queue uuid.UUID, add func(*reckoning)) {
				for _, owner := range owners(g, queue, w.groupsNow(queue)) {
					if want[owner] == nil {
						want[owner] = newReckoning()
					}
					add(want[owner])
				}
			}
			rules := func(queue uuid.UUID) (threshold2, short int64, target float64) {
				latest := int32(-1)
				for key, d := range w.days {
					if key.queue == queue && key.date > latest && key.date <= int32(until/86400e6)+1 {
						latest, threshold2, short, target = key.date, d.Threshold, d.ShortAbandon, d.Target
					}
				}
				if threshold2 == 0 {
					target = 0
				}
				if threshold > 0 {
					if short == threshold2 {
						short = threshold.Microseconds()
					}
					threshold2 = threshold.Microseconds()
				}
				return threshold2, short, target
			}
			for queue, s := range w.latestStatus() {
				t2, short, target := rules(queue)
				each(queue, func(y *reckoning) {
					y.rule(t2, short, target, threshold > 0)
					y.beyond += beyond(s, t2, w.end.UnixMicro(), until)
				})
			}
			for i := range w.calls {
				c := &w.calls[i]
				if c.Direction > aggregate.Outbound {
					continue
				}
				t2, short, _ := rules(c.QueueID)
				waitEnd := c.EndedAt
				if c.Outcome == aggregate.Answered {
					waitEnd = c.AnsweredAt
				}
				n := counting{within(c.BegunAt), within(waitEnd), within(c.EndedAt), within(c.AnsweredAt)}
				each(c.QueueID, func(y *reckoning) { y.add(c, n, t2, short) })
			}
			rows := w.ask(t, query.RollingBy(w.filter, g, 50*time.Hour, now, threshold))
			if len(rows) != len(want) {
				t.Errorf("%d rows, want %d", len(rows), len(want))
			}
			for _, r := range rows {
				want[r.owner()].compare(t, fmt.Sprint(r["queue_name"], r["group_name"]), r, 1e-9)
			}
		}
	}
}

func (w *queryWorld) latestStatus() map[uuid.UUID]*aggregate.QueueStatusRow {
	out := map[uuid.UUID]*aggregate.QueueStatusRow{}
	for i := range w.status {
		out[w.status[i].QueueID] = &w.status[i]
	}
	return out
}

// beyond counts who waits longer than a threshold at an instant.
func beyond(s *aggregate.QueueStatusRow, threshold, lastEvent, at int64) (n int64) {
	if lastEvent < at-3600e6 {
		at = lastEvent
	}
	for _, since := range s.WaitingSince {
		if threshold > 0 && since < at-threshold {
			n++
		}
	}
	return n
}

// addStatus are the figures of a status that add up, by column.
func addStatus(sums map[string]float64, s *aggregate.QueueStatusRow, at int64) {
	for column, n := range map[string]int32{"nbr_of_providers": s.NbrOfProviders, "nbr_of_requesters": s.NbrOfRequesters,
		"nbr_of_serving_agents_estimate": s.NbrOfServingAgentsEstimate, "nbr_of_allocated": s.NbrOfAllocated, "nbr_of_connected": s.NbrOfConnected,
		"nbr_of_queuing_requesters": s.NbrOfQueuingRequesters, "nbr_of_not_served_requesters": s.NbrOfNotServedRequesters,
		"nbr_of_agents_long_term_away": s.NbrOfAgentsLongTermAway, "nbr_of_agents_short_term_away": s.NbrOfAgentsShortTermAway,
		"nbr_of_agents_immediately_free": s.NbrOfAgentsImmediatelyFree, "nbr_of_agents_checked_in_queue": s.NbrOfAgentsCheckedInQueue,
		"nbr_of_agents_on_wrap_up": s.NbrOfAgentsOnWrapUp, "nbr_of_agents_on_fetch_mode": s.NbrOfAgentsOnFetchMode, "stale_agents": s.StaleAgents} {
		sums[column] += float64(n)
	}
	sums["queues"]++
	if s.LongestWaitSince != 0 {
		sums["max_wait_time"] = max(sums["max_wait_time"], float64((at-s.LongestWaitSince)/1e6))
	} else {
		sums["max_wait_time"] += 0
	}
	rank := map[float64]int{5: 6, 6: 5, 4: 4, 3: 3, 1: 2, 0: 1}
	if old, known := sums["open_status"]; !known || rank[float64(s.OpenStatus)] > rank[old] {
		sums["open_status"] = float64(s.OpenStatus)
	}
}

func compareStatus(t *testing.T, r record, want map[string]float64) {
	t.Helper()
	for column, n := range want {
		if got, ok := r.number(t, column); !ok || got != n {
			t.Errorf("%v %v %v: %s is %v, want %v", r["time"], r["queue_name"], r["group_name"], column, r[column], n)
		}
	}
}

// The figures of now are those of the last rows; of a group and in total they are made of its queues'.
func (w *queryWorld) testBoard(t *testing.T) {
	at := w.end
	for g := query.ByQueue; g <= query.InTotal; g++ {
		status, tallies := map[string]map[string]float64{}, map[string]*reckoning{}
		for queue, s := range w.latestStatus() {
			day, today := w.days[dayKey{queue, dateIn(t, at.UnixMicro(), w.zoneOf(queue))}]
			for _, owner := range owners(g, queue, w.groupsNow(queue)) {
				if status[owner] == nil {
					status[owner], tallies[owner] = map[string]float64{}, newReckoning()
				}
				addStatus(status[owner], s, at.UnixMicro())
				y := tallies[owner]
				if !today {
					continue
				}
				if day.Threshold > 0 {
					y.rule(day.Threshold, day.ShortAbandon, day.Target, false)
				}
				y.beyond += beyond(s, day.Threshold, at.UnixMicro(), at.UnixMicro())
				for i := range w.calls {
					if c := &w.calls[i]; c.QueueID == queue && dateIn(t, c.BegunAt, day.TimeZone) == day.QueueDate {
						y.add(c, counting{true, true, true, true}, day.Threshold, day.ShortAbandon)
					}
				}
			}
		}
		rows := w.ask(t, query.BoardBy(w.filter, g, at))
		if len(rows) != len(status) {
			t.Errorf("%d rows, want %d", len(rows), len(status))
		}
		for _, r := range rows {
			compareStatus(t, r, status[r.owner()])
			tallies[r.owner()].compareBoard(t, r)
		}
	}
	rows := w.ask(t, query.BoardBy(query.Filter{Organizations: []uuid.UUID{uuid.New()}}, query.InTotal, at))
	if len(rows) != 1 {
		t.Fatalf("in total of nothing: %d rows", len(rows))
	}
	compareStatus(t, rows[0], map[string]float64{"queues": 0, "nbr_of_requesters": 0, "max_wait_time": 0, "open_status": 0, "inbound_total_calls": 0})
}

// zoneOf is the zone of a queue, which has none but one.
func (w *queryWorld) zoneOf(queue uuid.UUID) string {
	for key, d := range w.days {
		if key.queue == queue {
			return d.TimeZone
		}
	}
	return "UTC"
}

func (y *reckoning) compareBoard(t *testing.T, r record) {
	t.Helper()
	n := func(column string) float64 { return float64(y.sums[column]) }
	offered := n("level_answered") + n("level_abandoned") + n("level_failed") + float64(y.beyond)
	for column, want := range map[string]float64{
		"inbound_total_calls": n("inbound_total_calls"), "inbound_answered_calls": n("inbound_answered_calls"),
		"inbound_abandoned_calls":   n("inbound_abandoned_calls"),
		"inbound_avg_wait_time_sec": ratio(n("inbound_wait_sum_sec")/1e6, n("inbound_wait_count")),
		"inbound_asa_sec":           ratio(n("inbound_answered_wait_sum_sec")/1e6, n("inbound_answered_wait_count")),
		"inbound_aht_sec":           ratio(n("inbound_handle_sum_sec")/1e6, n("inbound_handle_count")),
		"level_met":                 n("level_met"), "level_answered": n("level_answered"), "level_abandoned": n("level_abandoned"),
		"level_short_abandons": n("level_short_abandons"), "level_failed": n("level_failed"), "waiting_beyond_threshold": float64(y.beyond),
		"service_level_ignore_short_abandons": ratio(100*n("level_met"), offered-n("level_short_abandons")),
		"service_level_all_offered":           ratio(100*n("level_met"), offered),
		"service_level_answered_only":         ratio(100*n("level_met"), n("level_answered")),
		"service_level_short_abandons_met":    ratio(100*(n("level_met")+n("level_short_abandons")), offered),
		"service_level_threshold_sec":         onlyOf(y.thresholds) / 1e6, "service_level_target": onlyOf(y.targets),
	} {
		if got, known := r.number(t, column); !same(got, known, want, 1e-9) {
			t.Errorf("%v %v: %s is %v, want %v", r["queue_name"], r["group_name"], column, r[column], want)
		}
	}
	if got, known := r.number(t, "inbound_wait_p95_sec"); !same(got, known, y.percentile(95), .008) {
		t.Errorf("%v %v: P95 is %v, want %v", r["queue_name"], r["group_name"], r["inbound_wait_p95_sec"], y.percentile(95))
	}
}

// What held at the end of a step is the last row of before it, however old.
func (w *queryWorld) testHistory(t *testing.T) {
	first := time.UnixMicro(w.status[0].ObservedAt)
	for _, c := range []struct {
		from, to time.Time
		step     time.Duration
	}{
		{first.Add(-time.Hour), first.Add(20 * time.Hour), 7 * time.Minute},
		{first.Add(30 * time.Hour), first.Add(31 * time.Hour), 11 * time.Second},
		{w.end.Add(-40 * time.Hour), w.end.Add(5 * time.Hour), time.Hour},
	} {
		for g := query.ByQueue; g <= query.InTotal; g++ {
			want, points := map[stepKey]map[string]float64{}, 0
			for at := c.from.Truncate(time.Second); !at.After(c.to) && !at.After(w.end); at = at.Add(time.Second) {
				if at.Unix()%int64(c.step/time.Second) != 0 || !at.After(c.from) {
					continue
				}
				points++
				latest := map[uuid.UUID]*aggregate.QueueStatusRow{}
				for i := range w.status {
					if s := &w.status[i]; s.ObservedAt <= at.UnixMicro() {
						latest[s.QueueID] = s
					}
				}
				for queue, s := range latest {
					for _, owner := range owners(g, queue, w.groupsThen(queue, at.UnixMicro())) {
						key := stepKey{at.UnixMicro(), owner}
						if want[key] == nil {
							want[key] = map[string]float64{}
						}
						addStatus(want[key], s, at.UnixMicro())
					}
				}
			}
			rows := w.ask(t, query.StatusHistory(w.filter, g, c.from, c.to, c.step))
			if len(rows) != len(want) || points < 10 {
				t.Errorf("%v by %d: %d rows, want %d of %d points", c, g, len(rows), len(want), points)
			}
			for _, r := range rows {
				if sums := want[stepKey{r.at(), r.owner()}]; sums == nil {
					t.Errorf("%v %v should not be there", r["time"], r["queue_name"])
				} else {
					compareStatus(t, r, sums)
				}
			}
		}
	}
	coarse := w.ask(t, query.StatusHistory(w.filter, query.InTotal, w.end.Add(-24*time.Hour), w.end, time.Second))
	if n := len(coarse); n > 11_000 || float64(n) < math.Floor(86400/8)-1 {
		t.Errorf("a day by the second has %d points", n)
	}
}
