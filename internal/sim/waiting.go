package sim

import (
	"slices"

	"ringside/aggregate"
	"ringside/ingest"
)

// accept takes the caller into the queue. What is out of the ordinary in the wait is drawn here; such a caller is kept
// out of the line until it has happened, so that it happens even when agents are free.
func (s *Sim) accept(v *Visit) {
	s.tell(v, ingest.QueueCallInArrived)
	v.accepted, v.arrived = true, s.micros()
	if v.queue.cfg.NoHours || v.queue.cfg.Hours == nil {
		v.queue.openness = append(v.queue.openness, opennessChange{s.micros(), true})
	}
	s.changed(v)
	r := &s.cfg.Rates
	d := s.between(.5, 12)
	for _, f := range []struct {
		rate float64
		do   func(*Visit)
	}{
		{r.PromptAfter, s.promptWhileWaiting},
		{r.ClosedAfter, func(v *Visit) { s.closeOn(v, aggregate.Overflowed) }},
		{r.Overflow, s.overflowAway},
		{r.OverflowImplicit, s.overflowSilently},
		{r.OverflowAgain, s.overflowAndBack},
		{r.QueueTransfer, s.queueTransfer},
		{r.QueueTransferCancelled, s.queueTransferCancelled},
		{r.QueueTransferPending, s.queueTransferPending},
		{r.RejectLocal, func(v *Visit) { s.giveUp(v, "local") }},
		{r.CallbackAsked, s.askCallback},
		{r.CallbackThenAnswered, func(v *Visit) { s.createCallback(v, 1); s.in(s.between(.1, 2), func() { s.wait(v) }) }},
		{r.CallbackAfterOverflow, s.callbackAfterOverflow},
		{r.GhostWaiting, s.vanish},
	} {
		if s.chance(f.rate) {
			s.in(d, func() { f.do(v) })
			return
		}
	}
	if s.chance(r.ProgressOverflow) {
		s.in(s.between(.2, 3), func() {
			if v.ended == 0 && !v.vanished {
				s.progress(v)
			}
		})
	}
	s.wait(v)
}

// wait puts the caller in line, with a patience from now on.
func (s *Sim) wait(v *Visit) {
	if p := v.queue.cfg.Patience; p > 0 {
		s.in(s.exponential(p), func() {
			if !v.vanished && (v.answered == 0 && v.ended == 0 || v.overflowed()) {
				s.giveUp(v, s.remote())
			}
		})
	}
	v.queuedAt = int64(s.now)
	s.line(v)
}

// overflowed reports whether the visit stands as overflowed though the caller is still in line.
func (v *Visit) overflowed() bool { return len(v.gaps) > 0 && v.gaps[len(v.gaps)-1].to == running }

// line offers the caller to an agent, or lets him wait for one.
func (s *Sim) line(v *Visit) {
	q := v.queue
	i, _ := slices.BinarySearchFunc(q.line, v.queuedAt, func(w *Visit, at int64) int {
		if w.queuedAt <= at {
			return -1
		}
		return 1
	})
	q.line = slices.Insert(q.line, i, v)
	s.dispatch(q)
}

func (q *queue) unline(v *Visit) {
	if i := slices.Index(q.line, v); i >= 0 {
		q.line = slices.Delete(q.line, i, i+1)
	}
}

// giveUp lets a caller who waits, or whose offer rings, hang up or be cut off.
func (s *Sim) giveUp(v *Visit, reason string) {
	v.queue.unline(v)
	if v.overflowed() { // the visit has ended already; only the call ends
		v.gaps = v.gaps[:len(v.gaps)-1]
		v.step++
		s.disconnect(v, reason)
		s.cancelAll(v)
		return
	}
	outcome := aggregate.Abandoned
	switch {
	case v.askedFor:
		outcome = aggregate.CallbackRequested
	case !v.accepted && reason == "local", v.accepted && reason == "local":
		outcome = aggregate.Rejected
	case !v.accepted:
		outcome = aggregate.LeftEarly
	}
	late := outcome == aggregate.Abandoned && v.back == nil && s.chance(s.cfg.Rates.CallbackFromAbandoned)
	before := late && s.chance(.5)
	if before { // an overflown call's callback may even be made before the hang-up is told
		s.createCallback(v, 2)
	}
	v.reason, v.tech = reason, "normal_clearing"
	s.finish(v, outcome, aggregate.TransferNone)
	s.disconnect(v, reason)
	s.cancelAll(v)
	if late && !before {
		typ := 1 + s.rng.IntN(2)
		s.under++
		s.in(s.between(.05, 3), func() { s.createCallback(v, typ); s.done() })
	}
}

// promptWhileWaiting plays a mandatory prompt to an accepted caller: nobody can be offered to him meanwhile.
func (s *Sim) promptWhileWaiting(v *Visit) {
	r := &s.cfg.Rates
	s.blockingPrompt(v)
	v.stands = append(v.stands, span{s.micros(), running})
	d := s.promptLength(s.chance(r.PromptLong))
	if s.chance(r.PromptHangUp) {
		s.in(d*s.rng.Float64(), func() { s.giveUp(v, s.remote()) })
		return
	}
	restart := !s.chance(r.PromptNoRestart)
	s.in(d, func() {
		if restart {
			s.tell(v, ingest.QueueCallInArrived)
			v.standUp(s.micros())
		}
		s.wait(v)
	})
}

// standUp ends a prompt.
func (v *Visit) standUp(at int64) {
	if n := len(v.stands); n > 0 && v.stands[n-1].to == running {
		v.stands[n-1].to = at
	}
}

// finish ends a visit now.
func (s *Sim) finish(v *Visit, outcome aggregate.Outcome, transfer aggregate.Transfer) {
	at := s.micros()
	v.ended, v.closed, v.outcome, v.transfer = at, at, outcome, transfer
	v.step++
	v.standUp(at)
	for _, parts := range [][]part{v.offers, v.segments} {
		for i := range parts {
			parts[i].to = min(parts[i].to, at)
		}
	}
	for i := range v.holds {
		v.holds[i].to = min(v.holds[i].to, at)
	}
	s.changed(v)
	if s.cfg.Observe != nil {
		s.cfg.Observe(v)
	}
}

// disconnect tells that the caller's leg is gone, and ends the call.
func (s *Sim) disconnect(v *Visit, reason string) {
	m := about(v, ingest.QueueCallInDisconnected)
	m.reason, m.tech = reason, "normal_clearing"
	s.callerLeg(&m)
	s.fact(&m)
	s.done()
}

// callerLeg names the caller's leg in a Disconnected, or none, or one never heard of.
func (s *Sim) callerLeg(m *message) {
	switch {
	case s.chance(s.cfg.Rates.LegAbsent):
		m.noLeg = true
	case s.chance(s.cfg.Rates.LegUnknown):
		m.leg = "unheard" + s.newLeg()
	}
}

// vanish lets a caller go without a word. Silence decides hours later.
func (s *Sim) vanish(v *Visit) {
	s.done()
	v.vanished = true
	v.step++
	s.awaitSilence(v)
}

// awaitSilence ends the record of a caller who has gone once the call has been silent for long enough. Others may still
// have things to tell of it, such as an earlier agent's wrap-up.
func (s *Sim) awaitSilence(v *Visit) {
	age := int64(maxAgeUnanswered)
	if v.answered != 0 {
		age = maxAgeAnswered
	}
	last := v.call.last
	s.plans.add(ingest.FromMicros(last+age)+ingest.TicksPerMicrosecond, func() {
		switch {
		case v.call.last != last:
			s.awaitSilence(v)
		case v.answered != 0:
			s.finish(v, aggregate.Answered, aggregate.TransferNone)
			v.flags |= aggregate.FlagEndUnknown
		default:
			s.finish(v, aggregate.Lost, aggregate.TransferNone)
			v.endLost(last)
		}
	})
}

// endLost dates a lost visit back to its last fact. Its offers keep their ends: until silence had decided, it rang.
func (v *Visit) endLost(last int64) {
	v.ended = last
	v.standUp(last)
	for i := range v.stands {
		v.stands[i].to = min(v.stands[i].to, last)
	}
}
