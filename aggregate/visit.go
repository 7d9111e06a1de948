package aggregate

// visit is what is kept of a folded stay: what it adds to windows and queues, so that exactly that can be taken back,
// and the key of its row.
type visit struct {
	day, interval *window // nil for direct and callback calls

	waitingSince int64 // µs; 0: not waiting
	wait         int64 // µs or Null, as talk and hold
	talk         int64
	hold         int64
	wrap         int64

	queue     uint32 // index + 1; 0: none
	date      int32  // UTC date of the call's first fact, days
	ordinal   uint16
	bits      visitBits
	direction Direction
	outcome   Outcome
	transfer  Transfer
}

type visitBits uint16

const (
	visitOpen visitBits = 1 << iota
	visitAccepted
	visitRinging
	visitIncomplete
	visitEndUnknown
	visitHandled // ended, and no wrap-up of it runs
	visitMet     // answered within T
	visitShort   // abandoned within S
	visitLevel   // a service level is configured
)

// visitOf reduces a stay; day, interval and date are the caller's to fill in.
func visitOf(s *stay, rules *QueueRules) visit {
	v := visit{queue: s.queue, ordinal: s.ordinal, direction: s.direction, outcome: s.outcome, transfer: s.transfer,
		wait: Null, talk: Null, hold: Null, waitingSince: s.waitingSince()}
	set := func(b visitBits, on bool) {
		if on {
			v.bits |= b
		}
	}
	set(visitOpen, s.open)
	set(visitAccepted, s.accepted != 0)
	set(visitRinging, s.open && len(s.offered) > 0)
	set(visitIncomplete, s.flags&FlagIncomplete != 0)
	set(visitEndUnknown, s.flags&FlagEndUnknown != 0)
	v.wait = s.waitValue()
	if s.talkKnown() {
		v.talk, v.hold, v.wrap = s.talk, s.hold, s.wrap
		set(visitHandled, !s.wrapRunning)
	}
	set(visitLevel, rules.Threshold > 0)
	set(visitMet, s.outcome == Answered && v.wait >= 0 && v.wait <= rules.Threshold.Microseconds())
	set(visitShort, s.outcome == Abandoned && v.wait >= 0 && v.wait <= rules.ShortAbandon.Microseconds())
	return v
}

// waitValue returns the wait, once it has ended and is no guess, else Null.
func (s *stay) waitValue() int64 {
	switch outgoing := s.direction == Outbound || s.direction == CallbackCall; {
	case outgoing && s.answered != 0:
		return s.answered - s.begun
	case outgoing, s.accepted == 0, s.waitless, s.open && s.answered == 0:
		return Null
	}
	return s.wait
}

// promptValue returns begin to Arrived, and the prompts after it once the wait has ended.
func (s *stay) promptValue() int64 {
	if s.open && s.answered == 0 {
		return s.prompt
	}
	return s.prompt + s.paused
}

// talkValues returns talk and hold: nothing without an answer, unknown while they can grow.
func (s *stay) talkValues() (talk, hold int64) {
	switch {
	case s.answered == 0:
		return 0, 0
	case !s.talkKnown():
		return Null, Null
	}
	return s.talk, s.hold
}

// talkKnown tells whether talk and hold are final.
func (s *stay) talkKnown() bool {
	return s.answered != 0 && !s.open && s.flags&FlagEndUnknown == 0
}

// count adds (n = 1) or takes back (n = −1) a visit.
func (s *Sums) count(v *visit, n int64) {
	switch v.direction {
	case Inbound:
		s.countInbound(v, n)
	case Outbound:
		s.countOutbound(v, n)
	}
}

func (s *Sums) countInbound(v *visit, n int64) {
	if v.bits&visitOpen == 0 || v.bits&visitAccepted != 0 {
		if v.outcome != PassedThrough {
			s.Total += n
		}
		s.Outcomes[v.outcome] += n
	}
	switch v.transfer {
	case TransferUser:
		s.UserTransfers += n
	case TransferQueue:
		s.QueueTransfers += n
	}
	if v.bits&visitShort != 0 {
		s.ShortAbandons += n
	}
	if v.wait >= 0 {
		s.WaitCount += n
		s.WaitSum += n * v.wait
		switch v.outcome {
		case Answered:
			s.AnsweredWaitCount += n
			s.AnsweredWaitSum += n * v.wait
		case Abandoned:
			s.AbandonedWaitCount += n
			s.AbandonedWaitSum += n * v.wait
		}
	}
	if v.talk >= 0 {
		s.TalkCount += n
		s.TalkSum += n * v.talk
		s.HoldSum += n * v.hold
		if v.bits&visitHandled != 0 {
			s.HandleCount += n
			s.HandleSum += n * (v.talk + v.hold + v.wrap)
			s.WrapUpSum += n * v.wrap
		}
	}
	s.countLevel(v, n)
}

// countLevel adds to met, n, a, b and f of METRICS.md, section 4.
func (s *Sums) countLevel(v *visit, n int64) {
	if v.bits&visitLevel == 0 || v.bits&visitIncomplete != 0 {
		return
	}
	switch v.outcome {
	case Answered:
		s.LevelAnswered += n
		if v.bits&visitMet != 0 {
			s.LevelMet += n
		}
	case Abandoned:
		s.LevelAbandoned += n
		if v.bits&visitShort != 0 {
			s.LevelShort += n
		}
	case Overflowed:
		s.LevelFailed += n
	case Rejected, Lost:
		if v.bits&visitAccepted != 0 {
			s.LevelFailed += n
		}
	}
}

func (s *Sums) countOutbound(v *visit, n int64) {
	s.OutboundTotal += n
	switch {
	case v.outcome == Answered:
		s.OutboundAnswered += n
	case v.bits&visitOpen == 0:
		s.OutboundRejected += n
	}
	if v.talk >= 0 {
		s.OutboundEnded += n
		s.OutboundTalkSum += n * v.talk
		s.OutboundWaitSum += n * v.wait
	}
}

// Add adds o to s.
func (s *Sums) Add(o *Sums) {
	a, b := s.fields(), o.fields()
	for i := range a {
		*a[i] += *b[i]
	}
	for i := range s.Outcomes {
		s.Outcomes[i] += o.Outcomes[i]
	}
}

// fields lists the sums in a fixed order, which checkpoints rely on: append, never reorder.
func (s *Sums) fields() [27]*int64 {
	return [...]*int64{&s.Total, &s.UserTransfers, &s.QueueTransfers, &s.ShortAbandons, &s.LevelMet, &s.LevelAnswered,
		&s.LevelAbandoned, &s.LevelShort, &s.LevelFailed, &s.WaitCount, &s.WaitSum, &s.AnsweredWaitCount,
		&s.AnsweredWaitSum, &s.AbandonedWaitCount, &s.AbandonedWaitSum, &s.TalkCount, &s.TalkSum, &s.HoldSum,
		&s.HandleCount, &s.HandleSum, &s.WrapUpSum, &s.OutboundTotal, &s.OutboundAnswered, &s.OutboundRejected,
		&s.OutboundEnded, &s.OutboundTalkSum, &s.OutboundWaitSum,
	}
}
