package engine

import (
	"math"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"

	"ringside/aggregate"
)

// reckoning is what visits and calls come to, counted one by one from the rows of `calls` after docs/METRICS.md.
type reckoning struct {
	sums               map[string]int64 // by column; durations in µs
	waits              []int64
	thresholds, shorts map[int64]bool
	targets            map[float64]bool
	beyond             int64 // who waits too long now
}

func newReckoning() *reckoning {
	return &reckoning{sums: map[string]int64{}, thresholds: map[int64]bool{}, shorts: map[int64]bool{}, targets: map[float64]bool{}}
}

// counting says which instants of a visit or call count.
type counting struct{ begun, waited, ended, connected bool }

// add counts a visit or call under a threshold and one of short abandons.
func (y *reckoning) add(c *aggregate.CallRow, n counting, threshold, short int64) {
	if c.Direction == aggregate.Outbound {
		y.addOutbound(c, n)
		return
	}
	if c.Direction != aggregate.Inbound {
		return
	}
	s, incomplete := y.sums, c.Flags&aggregate.FlagIncomplete != 0
	accepted := c.ArrivedAt != 0 || incomplete
	if n.begun && c.Outcome != aggregate.PassedThrough && (accepted || c.Outcome != aggregate.OutcomeOpen) {
		s["inbound_total_calls"]++
	}
	if n.begun && c.Outcome == aggregate.OutcomeOpen && accepted {
		s["inbound_open_calls"]++
	}
	if n.ended {
		switch c.Transfer {
		case aggregate.TransferUser:
			s["inbound_user_transfers"]++
		case aggregate.TransferQueue:
			s["inbound_queue_transfers"]++
		}
		if c.Outcome == aggregate.Answered && c.Talk >= 0 {
			s["inbound_talk_count"]++
			s["inbound_talk_sum_sec"] += c.Talk
			s["inbound_hold_sum_sec"] += c.Hold
			if c.WrapUp >= 0 {
				s["inbound_handle_count"]++
				s["inbound_handle_sum_sec"] += c.Talk + c.Hold + c.WrapUp
				s["inbound_wrap_up_sum_sec"] += c.WrapUp
			}
		}
	}
	if n.waited {
		y.addWait(c, threshold, short, accepted, incomplete)
	}
}

var outcomeColumns = map[aggregate.Outcome]string{aggregate.Answered: "inbound_answered_calls", aggregate.Abandoned: "inbound_abandoned_calls",
	aggregate.LeftEarly: "inbound_left_early_calls", aggregate.Rejected: "inbound_rejected_only_calls", aggregate.Overflowed: "inbound_overflowed_calls",
	aggregate.ServiceClosed: "inbound_service_closed_calls", aggregate.CallbackRequested: "inbound_callback_calls",
	aggregate.Transferred: "inbound_transferred_calls", aggregate.Lost: "inbound_lost_calls", aggregate.PassedThrough: "inbound_passed_through_calls"}

func (y *reckoning) addWait(c *aggregate.CallRow, threshold, short int64, accepted, incomplete bool) {
	s := y.sums
	if column := outcomeColumns[c.Outcome]; column != "" {
		s[column]++
	}
	if c.Outcome == aggregate.Rejected || c.Outcome == aggregate.Overflowed {
		s["inbound_rejected_calls"]++
	}
	soon := c.Outcome == aggregate.Abandoned && c.Wait >= 0 && c.Wait <= short
	if soon {
		s["inbound_short_abandons"]++
	}
	if c.Wait >= 0 && c.Outcome != aggregate.OutcomeOpen {
		y.waits = append(y.waits, c.Wait)
		s["inbound_wait_count"]++
		s["inbound_wait_sum_sec"] += c.Wait
		switch c.Outcome {
		case aggregate.Answered:
			s["inbound_answered_wait_count"]++
			s["inbound_answered_wait_sum_sec"] += c.Wait
		case aggregate.Abandoned:
			s["inbound_abandoned_wait_count"]++
			s["inbound_abandoned_wait_sum_sec"] += c.Wait
		}
	}
	if threshold == 0 || incomplete {
		return
	}
	switch c.Outcome {
	case aggregate.Answered:
		s["level_answered"]++
		if c.Wait >= 0 && c.Wait <= threshold {
			s["level_met"]++
		}
	case aggregate.Abandoned:
		s["level_abandoned"]++
		if soon {
			s["level_short_abandons"]++
		}
	case aggregate.Overflowed:
		s["level_failed"]++
	case aggregate.Rejected, aggregate.Lost:
		if accepted {
			s["level_failed"]++
		}
	}
}

func (y *reckoning) addOutbound(c *aggregate.CallRow, n counting) {
	s := y.sums
	if n.begun {
		s["outbound_total_calls"]++
	}
	if n.connected && c.Outcome == aggregate.Answered {
		s["outbound_answered_calls"]++
	}
	if n.ended && c.Outcome != aggregate.Answered && c.Outcome != aggregate.OutcomeOpen {
		s["outbound_rejected_calls"]++
	}
	if n.ended && c.Outcome == aggregate.Answered && c.Talk >= 0 {
		s["outbound_ended_calls"]++
		s["outbound_talk_sum_sec"] += c.Talk
		s["outbound_wait_sum_sec"] += c.Wait
	}
}

// rule notes the rules of a queue that counts.
func (y *reckoning) rule(threshold, short int64, target float64, own bool) {
	if threshold > 0 || own {
		y.thresholds[threshold], y.shorts[short] = true, true
	}
	if target > 0 {
		y.targets[target] = true
	}
}

// countColumns are those that a reckoning counts.
var countColumns = []string{"inbound_total_calls", "inbound_open_calls", "inbound_answered_calls", "inbound_abandoned_calls", "inbound_left_early_calls",
	"inbound_rejected_only_calls", "inbound_overflowed_calls", "inbound_rejected_calls", "inbound_service_closed_calls", "inbound_callback_calls",
	"inbound_transferred_calls", "inbound_lost_calls", "inbound_passed_through_calls", "inbound_user_transfers", "inbound_queue_transfers",
	"inbound_short_abandons", "level_met", "level_answered", "level_abandoned", "level_short_abandons", "level_failed", "inbound_wait_count",
	"inbound_answered_wait_count", "inbound_abandoned_wait_count", "inbound_talk_count", "inbound_handle_count", "outbound_total_calls",
	"outbound_answered_calls", "outbound_rejected_calls", "outbound_ended_calls"}

var secondColumns = []string{"inbound_wait_sum_sec", "inbound_answered_wait_sum_sec", "inbound_abandoned_wait_sum_sec", "inbound_talk_sum_sec",
	"inbound_hold_sum_sec", "inbound_handle_sum_sec", "inbound_wrap_up_sum_sec", "outbound_talk_sum_sec", "outbound_wait_sum_sec"}

func ratio(a, b float64) float64 {
	if b == 0 {
		return math.NaN()
	}
	return a / b
}

// compare checks all columns of a row. Percentiles may be off by the tolerance.
func (y *reckoning) compare(t *testing.T, what string, r record, tolerance float64) {
	t.Helper()
	check := func(column string, want, tolerance float64) {
		t.Helper()
		if got, known := r.number(t, column); !same(got, known, want, tolerance) {
			t.Errorf("%s: %s is %v, want %v", what, column, r[column], want)
		}
	}
	n := func(column string) float64 { return float64(y.sums[column]) }
	for _, column := range countColumns {
		check(column, n(column), 0)
	}
	for _, column := range secondColumns {
		check(column, n(column)/1e6, 1e-9)
	}
	for column, of := range map[string][2]string{
		"inbound_avg_wait_time_sec": {"inbound_wait_sum_sec", "inbound_wait_count"}, "inbound_avg_talk_time_sec": {"inbound_talk_sum_sec", "inbound_talk_count"},
		"inbound_avg_hold_time_sec": {"inbound_hold_sum_sec", "inbound_talk_count"}, "inbound_asa_sec": {"inbound_answered_wait_sum_sec", "inbound_answered_wait_count"},
		"inbound_aht_sec":              {"inbound_handle_sum_sec", "inbound_handle_count"},
		"inbound_avg_abandon_wait_sec": {"inbound_abandoned_wait_sum_sec", "inbound_abandoned_wait_count"},
		"outbound_avg_talk_time_sec":   {"outbound_talk_sum_sec", "outbound_ended_calls"}, "outbound_avg_wait_time": {"outbound_wait_sum_sec", "outbound_ended_calls"},
	} {
		check(column, ratio(n(of[0])/1e6, n(of[1])), 1e-9)
	}
	offered := n("level_answered") + n("level_abandoned") + n("level_failed") + float64(y.beyond)
	check("service_level_ignore_short_abandons", ratio(100*n("level_met"), offered-n("level_short_abandons")), 1e-9)
	check("service_level_all_offered", ratio(100*n("level_met"), offered), 1e-9)
	check("service_level_answered_only", ratio(100*n("level_met"), n("level_answered")), 1e-9)
	check("service_level_short_abandons_met", ratio(100*(n("level_met")+n("level_short_abandons")), offered), 1e-9)
	check("service_level_threshold_sec", onlyOf(y.thresholds)/1e6, 1e-9)
	check("short_abandon_threshold_sec", onlyOf(y.shorts)/1e6, 1e-9)
	check("service_level_target", onlyOf(y.targets), 0)
	longest := math.NaN()
	if len(y.waits) > 0 {
		longest = float64(slices.Max(y.waits)) / 1e6
	}
	check("inbound_max_wait_sec", longest, 1e-9)
	for column, p := range map[string]float64{"inbound_wait_p50_sec": 50, "inbound_wait_p90_sec": 90, "inbound_wait_p95_sec": 95, "inbound_wait_p99_sec": 99} {
		check(column, y.percentile(p), tolerance)
	}
}

// percentile is nearest-rank, in seconds.
func (y *reckoning) percentile(p float64) float64 {
	if len(y.waits) == 0 {
		return math.NaN()
	}
	sorted := slices.Sorted(slices.Values(y.waits))
	return float64(sorted[max(1, int(math.Ceil(p/100*float64(len(sorted)))))-1]) / 1e6
}

// onlyOf returns the one value that all have, else NaN.
func onlyOf[N int64 | float64](values map[N]bool) float64 {
	if len(values) != 1 {
		return math.NaN()
	}
	for v := range values {
		return float64(v)
	}
	return 0
}

// rulesOf returns the rules and the zone of the local day on which a visit of a queue began.
func (w *queryWorld) rulesOf(t *testing.T, queue uuid.UUID, us int64) *aggregate.DailyRow {
	t.Helper()
	for _, off := range []int32{0, -1, 1} {
		d, ok := w.days[dayKey{queue, int32(us/86_400e6) + off}]
		if ok && dateIn(t, us, d.TimeZone) == d.QueueDate {
			return &d
		}
	}
	t.Fatalf("there is no day of the queue %v at %v", queue, time.UnixMicro(us).UTC())
	return nil
}

func location(t *testing.T, zone string) *time.Location {
	t.Helper()
	l, err := time.LoadLocation(zone)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// dateIn returns the date of a zone at an instant, in days since 1970.
func dateIn(t *testing.T, us int64, zone string) int32 {
	t.Helper()
	y, m, d := time.UnixMicro(us).In(location(t, zone)).Date()
	return int32(time.Date(y, m, d, 0, 0, 0, 0, time.UTC).Unix() / 86400)
}

// midnight returns the first instant of a date; none of the zones used here changes its clocks at midnight.
func midnight(t *testing.T, date int32, zone string) time.Time {
	t.Helper()
	y, m, d := time.Unix(int64(date)*86400, 0).UTC().Date()
	return time.Date(y, m, d, 0, 0, 0, 0, location(t, zone))
}
