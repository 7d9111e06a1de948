package sim

import (
	"cmp"
	"slices"
	"time"

	"github.com/google/uuid"

	"ringside/aggregate"
)

// Truth is what must come out of the events given so far.
type Truth struct {
	Calls     []Call
	Daily     []Window       // by organization, queue, date
	Intervals []Window       // by organization, queue, start
	Agents    []AgentQuarter // by organization, start, agent, queue; those that are over
	Orphans   []Orphan
	Callbacks []aggregate.CallbackRow // without texts
	Lists     []List
	Emitted   map[uuid.UUID]int64 // events per organization, orphans included
	// Structure is what queues were called and which groups they were in, and who was attached to them, from when to when, a
	// line each, sorted; see PeriodLine and AttachmentLine.
	Structure []string

	over map[uuid.UUID]int64 // µs, per organization: Agents has what began before
}

// Call is one expected row of `calls`. For rows in which not every field is defined by METRICS.md, Row says 0 and the
// fields below say which.
type Call struct {
	Row      aggregate.CallRow
	Settled  bool // nothing more can happen to it
	AnyEnd   bool // EndedAt, Talk, Hold and WrapUp are not defined: the end was never told
	AnySkew  bool // ArrivedAt, AnsweredAt and Prompt are not defined: a message was stamped after the end
	Informal bool // a direct call: only key, begin, answer and, if answered, end and agent are defined
	// Queued tells that the row counts in queue windows.
	Queued bool
}

// Window is the expectation of one queue and day, or quarter of an hour.
type Window struct {
	Organization  uuid.UUID
	Queue         uuid.UUID
	Date          int32 // local, days since 1970-01-01
	Start         int64 // µs: the interval's, or 0 for a day
	Sums          aggregate.Sums
	Waits         []int64 // µs, ascending: ended waits of accepted visits
	AnsweredWaits []int64
}

// Truth returns the expectation at Now.
func (s *Sim) Truth() *Truth {
	t := &Truth{Orphans: slices.Clone(s.orphans), Emitted: map[uuid.UUID]int64{}, over: map[uuid.UUID]int64{}}
	days, intervals := map[windowKey]*Window{}, map[windowKey]*Window{}
	for _, o := range s.centres {
		t.Emitted[o.id] = o.emitted
	}
	for _, v := range s.visits {
		t.Calls = append(t.Calls, Call{
			Row: v.Row(), Settled: v.complete(), AnyEnd: v.flags&aggregate.FlagEndUnknown != 0,
			AnySkew:  v.flags&aggregate.FlagClockSkew != 0,
			Informal: v.direction == aggregate.Direct, Queued: v.queue != nil,
		})
		if v.queue == nil {
			continue
		}
		day, start := v.window()
		key := windowKey{v.call.org.id, v.queue.id, day, 0}
		v.addTo(windowOf(days, key))
		key.start = start
		v.addTo(windowOf(intervals, key))
	}
	t.Daily, t.Intervals = sorted(days), sorted(intervals)
	s.callbackTruth(t)
	t.Agents = s.agentQuarters()
	for _, o := range s.centres {
		t.over[o.id] = o.last / quarterHour * quarterHour
	}
	t.Structure = s.structure()
	return t
}

type windowKey struct {
	org, queue uuid.UUID
	date       int32
	start      int64
}

func windowOf(m map[windowKey]*Window, k windowKey) *Window {
	w := m[k]
	if w == nil {
		w = &Window{Organization: k.org, Queue: k.queue, Date: k.date, Start: k.start}
		m[k] = w
	}
	return w
}

// sorted drops windows in which nothing counts, which need no row.
func sorted(m map[windowKey]*Window) (out []Window) {
	for _, w := range m {
		if w.Sums == (aggregate.Sums{}) {
			continue
		}
		slices.Sort(w.Waits)
		slices.Sort(w.AnsweredWaits)
		out = append(out, *w)
	}
	slices.SortFunc(out, func(a, b Window) int {
		return cmp.Or(slices.Compare(a.Organization[:], b.Organization[:]), slices.Compare(a.Queue[:], b.Queue[:]),
			cmp.Compare(a.Date, b.Date), cmp.Compare(a.Start, b.Start))
	})
	return out
}

// window returns the local date of the visit's begin and the start of its quarter of an hour, which is counted from the
// local midnight by the clock that runs on through changes of the zone's offset.
func (v *Visit) window() (date int32, start int64) {
	local := time.UnixMicro(v.begun).In(v.queue.zoneAt(v.begun).loc)
	y, m, d := local.Date()
	midnight := time.Date(y, m, d, 0, 0, 0, 0, local.Location()).UnixMicro()
	const quarter = 15 * 60 * 1_000_000
	date = int32(time.Date(y, m, d, 0, 0, 0, 0, time.UTC).Unix() / 86400)
	return date, midnight + (v.begun-midnight)/quarter*quarter
}

// addTo counts the visit in a window.
func (v *Visit) addTo(w *Window) {
	sums := v.sums()
	add(&w.Sums, &sums, 1)
	if sums.WaitCount == 1 {
		w.Waits = append(w.Waits, sums.WaitSum)
	}
	if sums.AnsweredWaitCount == 1 {
		w.AnsweredWaits = append(w.AnsweredWaits, sums.AnsweredWaitSum)
	}
}

// sums is what one record adds to its windows.
func (v *Visit) sums() (s aggregate.Sums) {
	switch v.direction {
	case aggregate.Outbound:
		v.outboundSums(&s)
	case aggregate.Inbound:
		v.inboundSums(&s)
	}
	return s
}

func (v *Visit) outboundSums(s *aggregate.Sums) {
	s.OutboundTotal = 1
	switch {
	case v.answered != 0:
		s.OutboundAnswered = 1
		if v.ended != 0 {
			s.OutboundEnded, s.OutboundTalkSum, s.OutboundWaitSum = 1, v.talk(), v.answered-v.begun
		}
	case v.ended != 0:
		s.OutboundRejected = 1
	}
}

func (v *Visit) inboundSums(s *aggregate.Sums) {
	if v.outcome == aggregate.OutcomeOpen && !v.accepted {
		return
	}
	s.Outcomes[v.outcome] = 1
	if v.outcome != aggregate.PassedThrough {
		s.Total = 1
	}
	switch v.transfer {
	case aggregate.TransferUser:
		s.UserTransfers = 1
	case aggregate.TransferQueue:
		s.QueueTransfers = 1
	}
	wait := v.wait()
	if v.accepted && wait != aggregate.Null {
		s.WaitCount, s.WaitSum = 1, wait
		switch v.outcome {
		case aggregate.Answered:
			s.AnsweredWaitCount, s.AnsweredWaitSum = 1, wait
		case aggregate.Abandoned:
			s.AbandonedWaitCount, s.AbandonedWaitSum = 1, wait
			if wait <= v.queue.cfg.short().Microseconds() {
				s.ShortAbandons = 1
			}
		}
	}
	v.levelSums(s, wait)
	if v.outcome != aggregate.Answered || v.ended == 0 || v.flags&aggregate.FlagEndUnknown != 0 {
		return
	}
	talk, hold := v.talk(), v.hold()
	wrapUp, over := v.wrapUp()
	s.TalkCount, s.TalkSum, s.HoldSum, s.WrapUpSum = 1, talk, hold, wrapUp
	if over {
		s.HandleCount, s.HandleSum = 1, talk+hold+wrapUp
	}
}

// levelSums counts the visit for the service level: section 4 of METRICS.md.
func (v *Visit) levelSums(s *aggregate.Sums, wait int64) {
	threshold := v.queue.cfg.Threshold.Microseconds()
	if threshold == 0 || v.incomplete {
		return
	}
	switch v.outcome {
	case aggregate.Answered:
		s.LevelAnswered = 1
		if wait <= threshold {
			s.LevelMet = 1
		}
	case aggregate.Abandoned:
		s.LevelAbandoned, s.LevelShort = 1, s.ShortAbandons
	case aggregate.Overflowed:
		s.LevelFailed = 1
	case aggregate.Rejected, aggregate.Lost:
		if v.accepted {
			s.LevelFailed = 1
		}
	}
}

// add adds sign times the figures of b to those of a.
func add(a, b *aggregate.Sums, sign int64) {
	for i := range a.Outcomes {
		a.Outcomes[i] += sign * b.Outcomes[i]
	}
	for i, p := range figuresOf(a) {
		*p += sign * *figuresOf(b)[i]
	}
}

func figuresOf(s *aggregate.Sums) [27]*int64 {
	return [27]*int64{&s.Total, &s.UserTransfers, &s.QueueTransfers, &s.ShortAbandons, &s.LevelMet, &s.LevelAnswered,
		&s.LevelAbandoned, &s.LevelShort, &s.LevelFailed, &s.WaitCount, &s.WaitSum, &s.AnsweredWaitCount, &s.AnsweredWaitSum,
		&s.AbandonedWaitCount, &s.AbandonedWaitSum, &s.TalkCount, &s.TalkSum, &s.HoldSum, &s.HandleCount, &s.HandleSum,
		&s.WrapUpSum, &s.OutboundTotal, &s.OutboundAnswered, &s.OutboundRejected, &s.OutboundEnded, &s.OutboundTalkSum,
		&s.OutboundWaitSum}
}
