package oracle

import (
	"cmp"
	"slices"

	"github.com/google/uuid"

	"ringside/aggregate"
)

// waits are those of a daily or interval row before they are put into buckets.
type waits struct{ all, answered []int64 } // µs

type dayKey struct {
	date  int32
	queue uuid.UUID
}

type intervalKey struct {
	start int64
	queue uuid.UUID
}

// windows sums the visits and outbound calls by local day and by quarter of an hour of their begin (section 3).
func (o *orgFold) windows() {
	days, quarters := map[dayKey]*aggregate.DailyRow{}, map[intervalKey]*aggregate.IntervalRow{}
	dayWaits, quarterWaits := map[dayKey]*waits{}, map[intervalKey]*waits{}
	for _, c := range o.calls {
		for _, v := range c.rows {
			if v.dir != aggregate.Inbound && v.dir != aggregate.Outbound {
				continue // callback calls are outside QueueDailyCallMetrics, direct calls are agents' figures only
			}
			zone := o.zoneAt(v.queue, v.begun)
			rules := o.rulesAt(v.queue, v.begun)
			date, start := zone.dateOf(v.begun), zone.quarterOf(v.begun)
			dk, ik := dayKey{date, v.queue}, intervalKey{start, v.queue}
			if days[dk] == nil {
				noon := o.rulesAt(v.queue, int64(date)*microsPerDay+microsPerDay/2) // "threshold and target are those at its noon UTC"
				days[dk] = &aggregate.DailyRow{OrganizationID: o.id, QueueDate: date, QueueID: v.queue,
					QueueName: o.queueName(v.queue), TimeZone: zone.name, Threshold: noon.Threshold.Microseconds(),
					ShortAbandon: noon.ShortAbandon.Microseconds(), Target: noon.Target, WaitMax: aggregate.Null}
				dayWaits[dk] = &waits{}
			}
			if quarters[ik] == nil {
				at := o.zoneAt(v.queue, start+microsPerQuarter-1) // Reading: a row's attributes are those of its last instant
				quarters[ik] = &aggregate.IntervalRow{OrganizationID: o.id, IntervalStart: start, QueueID: v.queue,
					QueueName: o.queueName(v.queue), QueueDate: at.dateOf(start + microsPerQuarter - 1), TimeZone: at.name, WaitMax: aggregate.Null}
				quarterWaits[ik] = &waits{}
			}
			o.add(c, v, rules, &days[dk].Sums, dayWaits[dk])
			o.add(c, v, rules, &quarters[ik].Sums, quarterWaits[ik])
		}
	}
	for key, row := range days {
		w := dayWaits[key]
		row.WaitMax, row.Waits, row.AnsweredWaits = w.finish()
		o.result.Rows.Daily = append(o.result.Rows.Daily, *row)
	}
	for key, row := range quarters {
		w := quarterWaits[key]
		row.WaitMax, row.Waits, row.AnsweredWaits = w.finish()
		o.result.Rows.Intervals = append(o.result.Rows.Intervals, *row)
	}
}

// add adds one visit or outbound call to a window.
func (o *orgFold) add(c *call, v *visit, rules aggregate.QueueRules, s *aggregate.Sums, w *waits) {
	if v.dir == aggregate.Outbound {
		o.addOutbound(v, s)
		return
	}
	if !v.accepted && v.open() {
		return // "visits accepted or ended"
	}
	s.Outcomes[v.outcome]++
	if v.outcome == aggregate.PassedThrough {
		return // "passed_through excepted"
	}
	s.Total++
	switch v.transfer {
	case aggregate.TransferUser:
		s.UserTransfers++
	case aggregate.TransferQueue:
		s.QueueTransfers++
	}
	wait := v.wait()
	if wait != aggregate.Null {
		s.WaitCount++
		s.WaitSum += wait
		w.all = append(w.all, wait)
		switch v.outcome {
		case aggregate.Answered:
			s.AnsweredWaitCount++
			s.AnsweredWaitSum += wait
			w.answered = append(w.answered, wait)
		case aggregate.Abandoned:
			s.AbandonedWaitCount++
			s.AbandonedWaitSum += wait
			if wait <= rules.ShortAbandon.Microseconds() {
				s.ShortAbandons++
			}
		}
	}
	addLevel(v, wait, rules, s)
	if v.answered != 0 && !v.open() && v.how != bySilence {
		talk, held := v.talkAndHold()
		s.TalkCount++
		s.TalkSum += talk
		s.HoldSum += held
		if wrapUp, running := o.wrapUp(c, v); !running {
			s.HandleCount++
			s.HandleSum += talk + held + wrapUp
			s.WrapUpSum += wrapUp
		}
	}
}

// addLevel counts the visit for section 4: met, n, a, b, f. "T = 0: not configured": nothing is counted then.
func addLevel(v *visit, wait int64, rules aggregate.QueueRules, s *aggregate.Sums) {
	if v.incomplete || rules.Threshold == 0 {
		return
	}
	switch v.outcome {
	case aggregate.Answered:
		s.LevelAnswered++
		if wait <= rules.Threshold.Microseconds() {
			s.LevelMet++
		}
	case aggregate.Abandoned:
		s.LevelAbandoned++
		if wait <= rules.ShortAbandon.Microseconds() {
			s.LevelShort++
		}
	case aggregate.Overflowed: // "before Arrived too"
		s.LevelFailed++
	case aggregate.Rejected, aggregate.Lost: // "after acceptance"
		if v.accepted {
			s.LevelFailed++
		}
	}
}

// addOutbound: "begun / connected / ended unconnected; means over answered calls that have ended".
func (o *orgFold) addOutbound(v *visit, s *aggregate.Sums) {
	s.OutboundTotal++
	switch {
	case v.answered != 0:
		s.OutboundAnswered++
		if !v.open() && v.how != bySilence {
			talk, _ := v.talkAndHold()
			s.OutboundEnded++
			s.OutboundTalkSum += talk
			s.OutboundWaitSum += v.wait()
		}
	case !v.open():
		s.OutboundRejected++
	}
}

// finish sorts the waits and counts them in the core's buckets: the oracle has no opinion on the buckets' bounds.
func (w *waits) finish() (longest int64, all, answered []aggregate.HistogramBucket) {
	slices.Sort(w.all)
	slices.Sort(w.answered)
	longest = aggregate.Null
	if n := len(w.all); n > 0 {
		longest = w.all[n-1]
	}
	return longest, buckets(w.all), buckets(w.answered)
}

func buckets(waits []int64) []aggregate.HistogramBucket {
	counts := map[uint16]int64{}
	for _, w := range waits {
		counts[aggregate.BucketOf(w)]++
	}
	var out []aggregate.HistogramBucket
	for b, n := range counts {
		out = append(out, aggregate.HistogramBucket{Bucket: b, Count: n})
	}
	slices.SortFunc(out, func(a, b aggregate.HistogramBucket) int { return cmp.Compare(a.Bucket, b.Bucket) })
	return out
}
