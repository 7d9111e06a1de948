package scenario

import (
	"strconv"
	"time"

	"ringside/aggregate"
)

// sumsCells are the columns that daily and interval rows share.
var sumsCells = map[string]func(s *aggregate.Sums, longest int64) string{
	"total":           func(s *aggregate.Sums, _ int64) string { return number64(s.Total) },
	"user_transfers":  func(s *aggregate.Sums, _ int64) string { return number64(s.UserTransfers) },
	"queue_transfers": func(s *aggregate.Sums, _ int64) string { return number64(s.QueueTransfers) },
	"short":           func(s *aggregate.Sums, _ int64) string { return number64(s.ShortAbandons) },
	"met":             func(s *aggregate.Sums, _ int64) string { return number64(s.LevelMet) },
	"n":               func(s *aggregate.Sums, _ int64) string { return number64(s.LevelAnswered) },
	"a":               func(s *aggregate.Sums, _ int64) string { return number64(s.LevelAbandoned) },
	"b":               func(s *aggregate.Sums, _ int64) string { return number64(s.LevelShort) },
	"f":               func(s *aggregate.Sums, _ int64) string { return number64(s.LevelFailed) },
	"waits":           func(s *aggregate.Sums, _ int64) string { return number64(s.WaitCount) },
	"wait_sum":        func(s *aggregate.Sums, _ int64) string { return duration(s.WaitSum) },
	"wait_max":        func(_ *aggregate.Sums, longest int64) string { return duration(longest) },
	"answered_waits":  func(s *aggregate.Sums, _ int64) string { return number64(s.AnsweredWaitCount) },
	"answered_sum":    func(s *aggregate.Sums, _ int64) string { return duration(s.AnsweredWaitSum) },
	"abandoned_waits": func(s *aggregate.Sums, _ int64) string { return number64(s.AbandonedWaitCount) },
	"abandoned_sum":   func(s *aggregate.Sums, _ int64) string { return duration(s.AbandonedWaitSum) },
	"talks":           func(s *aggregate.Sums, _ int64) string { return number64(s.TalkCount) },
	"talk_sum":        func(s *aggregate.Sums, _ int64) string { return duration(s.TalkSum) },
	"hold_sum":        func(s *aggregate.Sums, _ int64) string { return duration(s.HoldSum) },
	"handles":         func(s *aggregate.Sums, _ int64) string { return number64(s.HandleCount) },
	"handle_sum":      func(s *aggregate.Sums, _ int64) string { return duration(s.HandleSum) },
	"wrap_sum":        func(s *aggregate.Sums, _ int64) string { return duration(s.WrapUpSum) },
	"out_total":       func(s *aggregate.Sums, _ int64) string { return number64(s.OutboundTotal) },
	"out_answered":    func(s *aggregate.Sums, _ int64) string { return number64(s.OutboundAnswered) },
	"out_rejected":    func(s *aggregate.Sums, _ int64) string { return number64(s.OutboundRejected) },
	"out_ended":       func(s *aggregate.Sums, _ int64) string { return number64(s.OutboundEnded) },
	"out_talk":        func(s *aggregate.Sums, _ int64) string { return duration(s.OutboundTalkSum) },
	"out_wait":        func(s *aggregate.Sums, _ int64) string { return duration(s.OutboundWaitSum) },

	// METRICS.md, section 4, word by word.
	"ignore_short_abandons": func(s *aggregate.Sums, _ int64) string {
		return percent(s.LevelMet, s.LevelAnswered+s.LevelAbandoned-s.LevelShort+s.LevelFailed)
	},
	"all_offered": func(s *aggregate.Sums, _ int64) string {
		return percent(s.LevelMet, s.LevelAnswered+s.LevelAbandoned+s.LevelFailed)
	},
	"answered_only": func(s *aggregate.Sums, _ int64) string { return percent(s.LevelMet, s.LevelAnswered) },
	"short_abandons_met": func(s *aggregate.Sums, _ int64) string {
		return percent(s.LevelMet+s.LevelShort, s.LevelAnswered+s.LevelAbandoned+s.LevelFailed)
	},
}

// addOutcomeCells adds a column for each outcome.
func addOutcomeCells() {
	for o := range aggregate.NumOutcomes {
		name := o.String()
		if o == aggregate.Answered {
			name = "answered_calls" // those still talking included
		}
		sumsCells[name] = func(s *aggregate.Sums, _ int64) string { return number64(s.Outcomes[o]) }
	}
}

// percent prints one decimal; "No denominator: NULL".
func percent(part, whole int64) string {
	if whole == 0 {
		return "-"
	}
	return strconv.FormatFloat(100*float64(part)/float64(whole), 'f', 1, 64)
}

func dailyKind() *tableKind {
	k := &tableKind{columns: "date queue total", count: func(r *aggregate.Rows) int { return len(r.Daily) },
		cells: map[string]func(printer, *aggregate.Rows, int) string{
			"org":   func(p printer, r *aggregate.Rows, i int) string { return p.names.name(r.Daily[i].OrganizationID) },
			"date":  func(p printer, r *aggregate.Rows, i int) string { return date(r.Daily[i].QueueDate) },
			"queue": func(p printer, r *aggregate.Rows, i int) string { return p.names.name(r.Daily[i].QueueID) },
			"zone":  func(p printer, r *aggregate.Rows, i int) string { return text(r.Daily[i].TimeZone) },
			"t":     func(p printer, r *aggregate.Rows, i int) string { return duration(r.Daily[i].Threshold) },
			"s":     func(p printer, r *aggregate.Rows, i int) string { return duration(r.Daily[i].ShortAbandon) },
			"target": func(p printer, r *aggregate.Rows, i int) string {
				return strconv.FormatFloat(r.Daily[i].Target, 'f', -1, 64)
			},
			"histogram": func(p printer, r *aggregate.Rows, i int) string { return counted(r.Daily[i].Waits) },
		}}
	for name, f := range sumsCells {
		k.cells[name] = func(_ printer, r *aggregate.Rows, i int) string { return f(&r.Daily[i].Sums, r.Daily[i].WaitMax) }
	}
	return k
}

// counted prints how many waits a histogram holds.
func counted(h []aggregate.HistogramBucket) string {
	var n int64
	for _, b := range h {
		n += b.Count
	}
	return number64(n)
}

func intervalsKind() *tableKind {
	k := &tableKind{columns: "start date queue total", count: func(r *aggregate.Rows) int { return len(r.Intervals) },
		cells: map[string]func(printer, *aggregate.Rows, int) string{
			"start": func(p printer, r *aggregate.Rows, i int) string {
				return time.UnixMicro(r.Intervals[i].IntervalStart).UTC().Format(time.RFC3339)
			},
			"date":  func(p printer, r *aggregate.Rows, i int) string { return date(r.Intervals[i].QueueDate) },
			"queue": func(p printer, r *aggregate.Rows, i int) string { return p.names.name(r.Intervals[i].QueueID) },
			"zone":  func(p printer, r *aggregate.Rows, i int) string { return text(r.Intervals[i].TimeZone) },
		}}
	for name, f := range sumsCells {
		k.cells[name] = func(_ printer, r *aggregate.Rows, i int) string {
			return f(&r.Intervals[i].Sums, r.Intervals[i].WaitMax)
		}
	}
	return k
}
