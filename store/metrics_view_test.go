package store

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"ringside/aggregate"
)

// histogramOf counts waits, in µs, as the core does.
func histogramOf(waits []int64) []aggregate.HistogramBucket {
	counts := map[uint16]int64{}
	for _, w := range waits {
		counts[aggregate.BucketOf(w)]++
	}
	var out []aggregate.HistogramBucket
	for b, n := range counts {
		out = append(out, aggregate.HistogramBucket{Bucket: b, Count: n})
	}
	slices.SortFunc(out, func(a, b aggregate.HistogramBucket) int { return int(a.Bucket) - int(b.Bucket) })
	return out
}

func nearestRank(waits []int64, p float64) int64 {
	s := slices.Sorted(slices.Values(waits))
	return s[max(0, int(math.Ceil(p/100*float64(len(s))))-1)]
}

// dailyRow has 100 offered, 70 met, 10 short abandons, 20 answered late: the check of the service levels.
func dailyRow() aggregate.DailyRow {
	d := aggregate.DailyRow{OrganizationID: id(1), QueueDate: day(monday), QueueID: id(2), QueueName: "Sales", TimeZone: "Europe/Helsinki",
		Threshold: 20e6, ShortAbandon: 20e6, Target: 80, WaitMax: 60_500_000}
	s := &d.Sums
	s.Total = 100
	s.Outcomes[aggregate.Answered], s.Outcomes[aggregate.Abandoned] = 90, 10
	s.ShortAbandons = 10
	s.LevelMet, s.LevelAnswered, s.LevelAbandoned, s.LevelShort = 70, 90, 10, 10
	s.WaitCount, s.WaitSum = 100, 1500e6
	s.AnsweredWaitCount, s.AnsweredWaitSum = 90, 900e6
	s.AbandonedWaitCount, s.AbandonedWaitSum = 10, 50e6
	s.TalkCount, s.TalkSum, s.HoldSum = 80, 8000e6, 400e6
	s.HandleCount, s.HandleSum, s.WrapUpSum = 50, 6000e6, 700e6
	s.OutboundTotal, s.OutboundAnswered, s.OutboundRejected = 5, 4, 1
	s.OutboundEnded, s.OutboundTalkSum, s.OutboundWaitSum = 4, 240e6, 20e6
	return d
}

func TestDailyView(t *testing.T) {
	db := openMigrated(t)
	w := newTestWriter(db)
	full := dailyRow()
	empty := aggregate.DailyRow{OrganizationID: id(1), QueueDate: day(monday), QueueID: id(3), Threshold: 20e6, Target: 80, WaitMax: aggregate.Null}
	unset := dailyRow()
	unset.QueueID, unset.Threshold = id(4), 0
	var outcomes aggregate.DailyRow
	outcomes.OrganizationID, outcomes.QueueDate, outcomes.QueueID = id(1), day(monday), id(5)
	for o := range aggregate.NumOutcomes {
		outcomes.Sums.Outcomes[o] = int64(1) << o
	}
	w.Add(0, 1, &aggregate.Rows{Daily: []aggregate.DailyRow{full, empty, unset, outcomes}})
	flush(t, w)
	get := func(queue int, columns string) string {
		return one[string](t, db, "SELECT toString(tuple("+columns+")) FROM queue_daily_call_metrics WHERE queue_id = '"+id(queue).String()+"'")
	}
	means := `inbound_avg_wait_time_sec, inbound_avg_talk_time_sec, inbound_avg_hold_time_sec, inbound_asa_sec, inbound_aht_sec,
inbound_avg_abandon_wait_sec, inbound_max_wait_sec, outbound_avg_talk_time_sec, outbound_avg_wait_time`
	levels := `round(inbound_service_level_percentage, 1), round(service_level_ignore_short_abandons, 1), round(service_level_all_offered, 1),
round(service_level_answered_only, 1), round(service_level_short_abandons_met, 1)`
	for _, c := range []struct {
		what, got, want string
	}{
		{"means", get(2, means), "(15,100,5,10,120,5,60.5,60,5)"},
		{"levels", get(2, levels), "(77.8,77.8,70,77.8,80)"},
		{"counts", get(2, "inbound_total_calls, inbound_answered_calls, inbound_short_abandons, outbound_total_calls, outbound_answered_calls, outbound_rejected_calls"), "(100,90,10,5,4,1)"},
		{"thresholds", get(2, "service_level_threshold_sec, short_abandon_threshold_sec, service_level_target"), "(20,20,80)"},
		{"means of nothing", get(3, means), "(NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL)"},
		{"levels of nothing", get(3, levels), "(NULL,NULL,NULL,NULL,NULL)"},
		{"percentiles of nothing", get(3, "inbound_wait_p50_sec, inbound_wait_p99_sec, inbound_total_calls"), "(NULL,NULL,0)"},
		{"levels not configured", get(4, levels+", service_level_target"), "(NULL,NULL,NULL,NULL,NULL,NULL)"},
		{"outcomes", get(5, `inbound_open_calls, inbound_answered_calls, inbound_abandoned_calls, inbound_left_early_calls, inbound_rejected_only_calls,
inbound_overflowed_calls, inbound_service_closed_calls, inbound_callback_calls, inbound_transferred_calls, inbound_lost_calls, inbound_passed_through_calls,
inbound_rejected_calls`), "(1,2,4,8,16,32,64,128,256,512,1024,48)"},
	} {
		equal(t, c.what, c.got, c.want)
	}
}

// Stored percentiles, and those merged by SQL from intervals, are within 1 % of the exact ones.
func TestPercentiles(t *testing.T) {
	db := openMigrated(t)
	w := newTestWriter(db)
	r := rand.New(rand.NewPCG(7, 7))
	daily := dailyRow()
	var all []int64
	var rows aggregate.Rows
	for i := range 8 {
		var waits []int64
		for range 500 {
			waits = append(waits, int64(r.ExpFloat64()*float64(i+1)*9e6))
		}
		all = append(all, waits...)
		start := monday.Add(time.Duration(i) * 15 * time.Minute)
		rows.Intervals = append(rows.Intervals, aggregate.IntervalRow{OrganizationID: id(1), IntervalStart: start.UnixMicro(), QueueID: id(2 + i%2),
			QueueDate: day(monday), Waits: histogramOf(waits), WaitMax: slices.Max(waits)})
	}
	daily.Waits = histogramOf(all)
	rows.Daily = []aggregate.DailyRow{daily}
	w.Add(0, 1, &rows)
	flush(t, w)
	got := struct{ P50, P90, P95, P99 float64 }{}
	if err := db.Conn().QueryRow(t.Context(), "SELECT inbound_wait_p50_sec, inbound_wait_p90_sec, inbound_wait_p95_sec, inbound_wait_p99_sec FROM queue_daily_call_metrics").
		Scan(&got.P50, &got.P90, &got.P95, &got.P99); err != nil {
		t.Fatal(err)
	}
	merged := readPercentiles(t, db)
	equal(t, "waits", merged.Waits, uint64(len(all)))
	for _, c := range []struct{ p, stored, merged float64 }{{50, got.P50, merged.P50}, {90, got.P90, merged.P90}, {95, got.P95, merged.P95}, {99, got.P99, merged.P99}} {
		exact := float64(nearestRank(all, c.p)) / 1e6
		for kind, v := range map[string]float64{"stored": c.stored, "merged": c.merged} {
			if math.Abs(v-exact) > exact/100 {
				t.Errorf("%s P%v = %v, exactly %v", kind, c.p, v, exact)
			}
		}
		equal(t, fmt.Sprintf("P%v by both ways", c.p), c.stored, c.merged)
	}
	equal(t, "histogram", one[uint64](t, db, "SELECT arraySum(mapValues(inbound_wait_histogram)) FROM queue_daily_call_metrics"), uint64(len(all)))
}

func TestMaxWaitTime(t *testing.T) {
	db := openMigrated(t)
	w := newTestWriter(db)
	now := time.Now()
	type hours = time.Duration
	const h = time.Hour
	for i, c := range []struct {
		what                    string
		observed, horizon, wait hours // before now; horizon 0: no account yet
		history, now            int64
		moves                   bool // the wait runs to the present
	}{
		{"nobody waits", h / 2, h / 2, 0, 0, 0, false},
		{"the present", h / 2, h / 2, h/2 + 90*time.Second + 700*time.Millisecond, 90, 1890, true},
		{"a quiet queue of a busy organization", 3 * h, time.Second, 3*h + 90*time.Second, 90, 3*3600 + 90, true},
		{"no account yet", time.Second, 0, 11 * time.Second, 10, 11, true},
		{"a replay", 1000 * h, 999 * h, 1001 * h, 3600, 2 * 3600, false},
		{"a replay without account", 1000 * h, 0, 1001 * h, 3600, 3600, false},
		{"a prompt is playing", time.Second, time.Second, -h, 0, 0, false},
		{"a prompt at the end of a replay", 1000 * h, 1000 * h, 999 * h, 0, 0, false},
	} {
		rows := aggregate.Rows{QueueStatus: []aggregate.QueueStatusRow{{OrganizationID: id(i), QueueID: id(1), ObservedAt: now.Add(-c.observed).UnixMicro()}}}
		if c.wait != 0 {
			rows.QueueStatus[0].LongestWaitSince = now.Add(-c.wait).UnixMicro()
			rows.QueueStatus[0].WaitingSince = []int64{now.Add(-c.wait).UnixMicro(), now.UnixMicro()}
		}
		if c.horizon != 0 {
			rows.Accounting = []aggregate.AccountingRow{{OrganizationID: id(i), Horizon: now.Add(-c.horizon).UnixMicro()}}
		}
		w.Add(0, 1, &rows)
		flush(t, w)
		where := " WHERE organization_id = '" + id(i).String() + "'"
		equal(t, c.what+", history", one[int64](t, db, "SELECT max_wait_time FROM queue_status"+where), c.history)
		got := one[int64](t, db, "SELECT max_wait_time FROM queue_status_now"+where)
		late := int64(0)
		if c.moves {
			late = int64(time.Since(now)/time.Second) + 1
		}
		if got < c.now || got > c.now+late {
			t.Errorf("%s: %d now, want %d", c.what, got, c.now)
		}
		equal(t, c.what+", waits", one[uint64](t, db, "SELECT length(waiting_since) FROM queue_status_now"+where), uint64(len(rows.QueueStatus[0].WaitingSince)))
	}
}
