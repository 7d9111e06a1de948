package reconcile

import (
	"ringside/aggregate"
	"ringside/ingest"
)

// dailyFields are the figures of QueueDailyCallMetrics: docs/METRICS.md, section 3.
var dailyFields = []field{
	{name: "InboundTotalCalls", index: ingest.DailyInboundTotalCalls, of: count(func(d *day) int64 { return d.Total }), in: counted,
		otherwise: []alternative{{totalWithPassedThrough, count(func(d *day) int64 { return d.Total + d.Outcomes[aggregate.PassedThrough] }), countedOrPassed}}},
	{name: "InboundServiceClosedCalls", index: ingest.DailyInboundServiceClosedCalls, of: outcomes(aggregate.ServiceClosed),
		in: ended(aggregate.ServiceClosed)},
	{name: "InboundAnsweredCalls", index: ingest.DailyInboundAnsweredCalls, of: outcomes(aggregate.Answered), in: ended(aggregate.Answered)},
	{name: "InboundRejectedCalls", index: ingest.DailyInboundRejectedCalls, of: outcomes(aggregate.Overflowed, aggregate.Rejected),
		in: ended(aggregate.Overflowed, aggregate.Rejected), otherwise: []alternative{
			{rejectedWithAbandoned, outcomes(aggregate.Overflowed, aggregate.Rejected, aggregate.Abandoned),
				ended(aggregate.Overflowed, aggregate.Rejected, aggregate.Abandoned)}}},
	{name: "InboundUserTransfers", index: ingest.DailyInboundUserTransfers, of: count(func(d *day) int64 { return d.UserTransfers }),
		in: transferred(aggregate.TransferUser)},
	{name: "InboundQueueTransfers", index: ingest.DailyInboundQueueTransfers, of: count(func(d *day) int64 { return d.QueueTransfers }),
		in: transferred(aggregate.TransferQueue)},
	{name: "InboundAvgWaitTimeSec", index: ingest.DailyInboundAvgWaitTimeSec, mean: true, in: waited,
		of: mean(func(d *day) (int64, int64) { return d.WaitSum, d.WaitCount })},
	{name: "InboundAvgTalkTimeSec", index: ingest.DailyInboundAvgTalkTimeSec, mean: true, in: talked,
		of:        mean(func(d *day) (int64, int64) { return d.TalkSum, d.TalkCount }),
		otherwise: []alternative{{talkWithHold, mean(func(d *day) (int64, int64) { return d.TalkSum + d.HoldSum, d.TalkCount }), nil}}},
	{name: "InboundAvgHoldTimeSec", index: ingest.DailyInboundAvgHoldTimeSec, mean: true, in: held,
		of: mean(func(d *day) (int64, int64) { return d.HoldSum, d.TalkCount })},
	{name: "InboundServiceLevelPercentage", index: ingest.DailyInboundServiceLevelPercentage, mean: true, in: level,
		of: percentage(func(d *day) (int64, int64) {
			return d.LevelMet, d.LevelAnswered + d.LevelAbandoned - d.LevelShort + d.LevelFailed
		}),
		otherwise: []alternative{
			{levelAllOffered, percentage(func(d *day) (int64, int64) { return d.LevelMet, d.LevelAnswered + d.LevelAbandoned + d.LevelFailed }), nil},
			{levelAnsweredOnly, percentage(func(d *day) (int64, int64) { return d.LevelMet, d.LevelAnswered }), nil},
			{levelShortAbandonsMet, percentage(func(d *day) (int64, int64) {
				return d.LevelMet + d.LevelShort, d.LevelAnswered + d.LevelAbandoned + d.LevelFailed
			}), nil},
		}},
	{name: "OutboundTotalCalls", index: ingest.DailyOutboundTotalCalls, in: outbound(func(*aggregate.CallRow) bool { return true }),
		of: count(func(d *day) int64 { return d.OutboundTotal })},
	{name: "OutboundAnsweredCalls", index: ingest.DailyOutboundAnsweredCalls, in: outbound(reached),
		of: count(func(d *day) int64 { return d.OutboundAnswered })},
	{name: "OutboundRejectedCalls", index: ingest.DailyOutboundRejectedCalls,
		in: outbound(func(r *aggregate.CallRow) bool { return !reached(r) && r.EndedAt != 0 }),
		of: count(func(d *day) int64 { return d.OutboundRejected })},
	{name: "OutboundAvgTalkTimeSec", index: ingest.DailyOutboundAvgTalkTimeSec, mean: true, in: outboundTalk,
		of:        mean(func(d *day) (int64, int64) { return d.OutboundTalkSum, d.OutboundEnded }),
		otherwise: []alternative{{talkWithHold, mean(func(d *day) (int64, int64) { return d.OutboundTalkSum + d.outboundHold, d.OutboundEnded }), nil}}},
	{name: "OutboundAvgWaitTime", index: ingest.DailyOutboundAvgWaitTime, mean: true, in: outboundWait,
		of: mean(func(d *day) (int64, int64) { return d.OutboundWaitSum, d.OutboundEnded })},
}

// noDay is a day without calls.
var noDay day

func dayOf(s *state) *day {
	if s.daily == nil {
		return &noDay
	}
	return s.daily
}

func count(of func(*day) int64) figure {
	return func(s *state, _ int64) (float64, bool) { return float64(of(dayOf(s))), true }
}

func outcomes(of ...aggregate.Outcome) figure {
	return count(func(d *day) (n int64) {
		for _, o := range of {
			n += d.Outcomes[o]
		}
		return n
	})
}

// mean is in seconds; of returns the sum in µs and the count.
func mean(of func(*day) (int64, int64)) figure {
	return func(s *state, _ int64) (float64, bool) {
		sum, n := of(dayOf(s))
		if n == 0 {
			return 0, false
		}
		return float64(sum) / float64(n) / 1e6, true
	}
}

func percentage(of func(*day) (int64, int64)) figure {
	return func(s *state, _ int64) (float64, bool) {
		d := dayOf(s)
		part, n := of(d)
		if n == 0 || d.threshold == 0 {
			return 0, false
		}
		return 100 * float64(part) / float64(n), true
	}
}

// How a call counts for a day, as a row of `calls` tells.

func accepted(r *aggregate.CallRow) bool {
	return r.ArrivedAt != 0 || r.Flags&aggregate.FlagIncomplete != 0
}

func counted(r *aggregate.CallRow) (bool, int64) {
	return r.Direction == aggregate.Inbound && r.Outcome != aggregate.PassedThrough && (r.Outcome != aggregate.OutcomeOpen || accepted(r)), 0
}

func countedOrPassed(r *aggregate.CallRow) (bool, int64) {
	in, _ := counted(r)
	return in || r.Direction == aggregate.Inbound && r.Outcome == aggregate.PassedThrough, 0
}

func ended(as ...aggregate.Outcome) func(*aggregate.CallRow) (bool, int64) {
	return func(r *aggregate.CallRow) (bool, int64) {
		for _, o := range as {
			if r.Direction == aggregate.Inbound && r.Outcome == o {
				return true, 0
			}
		}
		return false, 0
	}
}

func transferred(by aggregate.Transfer) func(*aggregate.CallRow) (bool, int64) {
	return func(r *aggregate.CallRow) (bool, int64) {
		return r.Direction == aggregate.Inbound && r.Transfer == by, 0
	}
}

func waited(r *aggregate.CallRow) (bool, int64) {
	return r.Direction == aggregate.Inbound && r.Wait != aggregate.Null, r.Wait
}

func talked(r *aggregate.CallRow) (bool, int64) {
	return r.Direction == aggregate.Inbound && r.AnsweredAt != 0 && r.Talk != aggregate.Null, r.Talk
}

func held(r *aggregate.CallRow) (bool, int64) {
	in, _ := talked(r)
	return in, r.Hold
}

// level tells whether a visit is in any of the sums of the service level.
func level(r *aggregate.CallRow) (bool, int64) {
	if r.Direction != aggregate.Inbound || r.Flags&aggregate.FlagIncomplete != 0 {
		return false, 0
	}
	switch r.Outcome {
	case aggregate.Answered, aggregate.Abandoned, aggregate.Overflowed:
		return true, r.Wait
	case aggregate.Rejected, aggregate.Lost:
		return accepted(r), r.Wait
	}
	return false, 0
}

func outbound(in func(*aggregate.CallRow) bool) func(*aggregate.CallRow) (bool, int64) {
	return func(r *aggregate.CallRow) (bool, int64) { return r.Direction == aggregate.Outbound && in(r), 0 }
}

func reached(r *aggregate.CallRow) bool { return r.Outcome == aggregate.Answered }

func outboundTalk(r *aggregate.CallRow) (bool, int64) {
	return r.Direction == aggregate.Outbound && r.AnsweredAt != 0 && r.Talk != aggregate.Null, r.Talk
}

func outboundWait(r *aggregate.CallRow) (bool, int64) {
	in, _ := outboundTalk(r)
	return in, r.Wait
}
