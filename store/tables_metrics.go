package store

import (
	"github.com/google/uuid"

	"ringside/aggregate"
)

func dailySpec() tableSpec[dailyKey, aggregate.DailyRow] {
	type R = aggregate.DailyRow
	columns := []columnOf[R]{
		idCol("organization_id", func(r *R) uuid.UUID { return r.OrganizationID }),
		dateCol("queue_date", func(r *R) int32 { return r.QueueDate }),
		idCol("queue_id", func(r *R) uuid.UUID { return r.QueueID }),
		textCol("queue_name", func(r *R) string { return r.QueueName }),
		textCol("time_zone", func(r *R) string { return r.TimeZone }),
		int64Col("threshold_us", func(r *R) int64 { return r.Threshold }),
		int64Col("short_abandon_us", func(r *R) int64 { return r.ShortAbandon }),
		floatCol("target", func(r *R) float64 { return r.Target }),
		int64Col("inbound_max_wait_us", func(r *R) int64 { return r.WaitMax }),
		percentileCol("inbound_wait_p50_us", 50),
		percentileCol("inbound_wait_p90_us", 90),
		percentileCol("inbound_wait_p95_us", 95),
		percentileCol("inbound_wait_p99_us", 99),
		histogramCol("inbound_wait_histogram", func(r *R) []aggregate.HistogramBucket { return r.Waits }),
		histogramCol("inbound_answered_wait_histogram", func(r *R) []aggregate.HistogramBucket { return r.AnsweredWaits }),
	}
	columns = append(columns, sumsColumns(func(r *R) *aggregate.Sums { return &r.Sums })...)
	return tableSpec[dailyKey, R]{
		name: "queue_daily_call_metrics_versions", set: aggregate.DrainFigures,
		key:          func(r *R) dailyKey { return dailyKey{r.OrganizationID, r.QueueID, r.QueueDate} },
		chunk:        func(r *R) int64 { return monthOf(int64(r.QueueDate)) },
		organization: func(r *R) uuid.UUID { return r.OrganizationID },
		deleted:      func(r *R) bool { return r.Deleted },
		size:         func(r *R) int { return 256 + 16*(len(r.Waits)+len(r.AnsweredWaits)) },
		keep: func(dst, src *R) {
			waits, answered := append(dst.Waits[:0], src.Waits...), append(dst.AnsweredWaits[:0], src.AnsweredWaits...)
			*dst = *src
			dst.Waits, dst.AnsweredWaits = waits, answered
		},
		columns: append(columns, ownerCols[R]()...),
	}
}

func percentileCol(name string, p float64) columnOf[aggregate.DailyRow] {
	return int64Col(name, func(r *aggregate.DailyRow) int64 { return aggregate.Percentile(r.Waits, p) })
}

func intervalSpec() tableSpec[stateKey, aggregate.IntervalRow] {
	type R = aggregate.IntervalRow
	columns := []columnOf[R]{
		idCol("organization_id", func(r *R) uuid.UUID { return r.OrganizationID }),
		instantCol("interval_start", func(r *R) int64 { return r.IntervalStart }),
		idCol("queue_id", func(r *R) uuid.UUID { return r.QueueID }),
		textCol("queue_name", func(r *R) string { return r.QueueName }),
		dateCol("queue_date", func(r *R) int32 { return r.QueueDate }),
		textCol("time_zone", func(r *R) string { return r.TimeZone }),
		int64Col("inbound_max_wait_us", func(r *R) int64 { return r.WaitMax }),
		histogramCol("inbound_wait_histogram", func(r *R) []aggregate.HistogramBucket { return r.Waits }),
		histogramCol("inbound_answered_wait_histogram", func(r *R) []aggregate.HistogramBucket { return r.AnsweredWaits }),
	}
	columns = append(columns, sumsColumns(func(r *R) *aggregate.Sums { return &r.Sums })...)
	return tableSpec[stateKey, R]{
		name: "queue_interval_metrics_versions", set: aggregate.DrainHistory,
		key:          func(r *R) stateKey { return stateKey{r.OrganizationID, r.QueueID, r.IntervalStart} },
		chunk:        func(r *R) int64 { return monthOfMicros(r.IntervalStart) },
		organization: func(r *R) uuid.UUID { return r.OrganizationID },
		deleted:      func(r *R) bool { return r.Deleted },
		size:         func(r *R) int { return 256 + 16*(len(r.Waits)+len(r.AnsweredWaits)) },
		keep: func(dst, src *R) {
			waits, answered := append(dst.Waits[:0], src.Waits...), append(dst.AnsweredWaits[:0], src.AnsweredWaits...)
			*dst = *src
			dst.Waits, dst.AnsweredWaits = waits, answered
		},
		columns: append(columns, ownerCols[R]()...),
	}
}

// outcomeColumns name the count of each outcome. The vendor's "rejected" is overflowed + rejected, so that the outcome
// alone needs a name of its own.
var outcomeColumns = [aggregate.NumOutcomes]string{
	aggregate.OutcomeOpen:       "inbound_open_calls",
	aggregate.Answered:          "inbound_answered_calls",
	aggregate.Abandoned:         "inbound_abandoned_calls",
	aggregate.LeftEarly:         "inbound_left_early_calls",
	aggregate.Rejected:          "inbound_rejected_only_calls",
	aggregate.Overflowed:        "inbound_overflowed_calls",
	aggregate.ServiceClosed:     "inbound_service_closed_calls",
	aggregate.CallbackRequested: "inbound_callback_calls",
	aggregate.Transferred:       "inbound_transferred_calls",
	aggregate.Lost:              "inbound_lost_calls",
	aggregate.PassedThrough:     "inbound_passed_through_calls",
}

func sumsColumns[R any](sums func(*R) *aggregate.Sums) []columnOf[R] {
	var columns []columnOf[R]
	add := func(name string, get func(*aggregate.Sums) int64) {
		columns = append(columns, int64Col(name, func(r *R) int64 { return get(sums(r)) }))
	}
	type S = *aggregate.Sums
	add("inbound_total_calls", func(s S) int64 { return s.Total })
	for outcome, name := range outcomeColumns {
		add(name, func(s S) int64 { return s.Outcomes[outcome] })
	}
	add("inbound_user_transfers", func(s S) int64 { return s.UserTransfers })
	add("inbound_queue_transfers", func(s S) int64 { return s.QueueTransfers })
	add("inbound_short_abandons", func(s S) int64 { return s.ShortAbandons })
	add("level_met", func(s S) int64 { return s.LevelMet })
	add("level_answered", func(s S) int64 { return s.LevelAnswered })
	add("level_abandoned", func(s S) int64 { return s.LevelAbandoned })
	add("level_short_abandons", func(s S) int64 { return s.LevelShort })
	add("level_failed", func(s S) int64 { return s.LevelFailed })
	add("inbound_wait_count", func(s S) int64 { return s.WaitCount })
	add("inbound_wait_sum_us", func(s S) int64 { return s.WaitSum })
	add("inbound_answered_wait_count", func(s S) int64 { return s.AnsweredWaitCount })
	add("inbound_answered_wait_sum_us", func(s S) int64 { return s.AnsweredWaitSum })
	add("inbound_abandoned_wait_count", func(s S) int64 { return s.AbandonedWaitCount })
	add("inbound_abandoned_wait_sum_us", func(s S) int64 { return s.AbandonedWaitSum })
	add("inbound_talk_count", func(s S) int64 { return s.TalkCount })
	add("inbound_talk_sum_us", func(s S) int64 { return s.TalkSum })
	add("inbound_hold_sum_us", func(s S) int64 { return s.HoldSum })
	add("inbound_handle_count", func(s S) int64 { return s.HandleCount })
	add("inbound_handle_sum_us", func(s S) int64 { return s.HandleSum })
	add("inbound_wrap_up_sum_us", func(s S) int64 { return s.WrapUpSum })
	add("outbound_total_calls", func(s S) int64 { return s.OutboundTotal })
	add("outbound_answered_calls", func(s S) int64 { return s.OutboundAnswered })
	add("outbound_rejected_calls", func(s S) int64 { return s.OutboundRejected })
	add("outbound_ended_calls", func(s S) int64 { return s.OutboundEnded })
	add("outbound_talk_sum_us", func(s S) int64 { return s.OutboundTalkSum })
	add("outbound_wait_sum_us", func(s S) int64 { return s.OutboundWaitSum })
	return columns
}
