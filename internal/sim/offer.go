package sim

import (
	"slices"

	"ringside/aggregate"
	"ringside/ingest"
)

// dispatch offers callers in line to free agents for as long as there are both.
func (s *Sim) dispatch(q *queue) {
	for len(q.line) > 0 {
		a := q.freeAgent(nil)
		if a == nil {
			return
		}
		v := q.line[0]
		q.line = slices.Delete(q.line, 0, 1)
		s.offer(v, a)
	}
}

// freeAgent returns the one who has been idle longest and is not except.
func (q *queue) freeAgent(except *agent) (best *agent) {
	for _, m := range q.members {
		a := m.agent
		if a == except || !m.attached || !m.active || a.fetch || !a.ready() {
			continue
		}
		if best == nil || a.idleSince < best.idleSince {
			best = a
		}
	}
	return best
}

// lookForWork gives a free agent the caller who has waited longest in any of the agent's queues.
func (s *Sim) lookForWork(a *agent) {
	if !a.ready() || a.fetch {
		return
	}
	if v := a.longestWaiting(); v != nil {
		v.queue.unline(v)
		s.offer(v, a)
	}
}

func (a *agent) longestWaiting() (best *Visit) {
	for _, q := range a.queues {
		if len(q.line) == 0 || !q.has(a) {
			continue
		}
		if v := q.line[0]; best == nil || v.queuedAt < best.queuedAt {
			best = v
		}
	}
	return best
}

// has tells whether a takes calls of q.
func (q *queue) has(a *agent) bool {
	for _, m := range q.members {
		if m.agent == a {
			return m.attached && m.active
		}
	}
	return false
}

// offer lets a's phone ring, and sometimes another one with it.
func (s *Sim) offer(v *Visit, a *agent) {
	r := &s.cfg.Rates
	v.step++
	v.untold = s.chance(r.MissingAllocated)
	v.engaged = append(v.engaged[:0], a)
	s.engage(a, v.queue)
	if b := v.queue.freeAgent(a); b != nil && !v.untold && s.chance(r.DoubleOffer) {
		v.engaged = append(v.engaged, b)
		s.engage(b, v.queue)
	}
	if !v.untold {
		for _, b := range v.engaged {
			s.allocate(v, b)
		}
	}
	if v.queue.cfg.Exponential {
		s.connect(v, a)
		return
	}
	step, ring := v.step, .5+s.exponential(4)
	switch {
	case !v.untold && !v.askedFor && s.chance(r.GhostRinging):
		s.in(ring, func() {
			if v.step == step {
				s.vanish(v)
				s.freeAll(v)
			}
		})
	case !v.untold && s.chance(r.RingNoAnswer):
		s.ringOut(v, step)
	default:
		s.in(ring, func() {
			if v.step == step {
				s.answer(v)
			}
		})
	}
}

func (s *Sim) allocate(v *Visit, a *agent) {
	m := about(v, ingest.QueueCallInUserAllocated)
	m.user = a
	s.fact(&m)
	s.allocatable(v)
	v.offered++
	v.offers = append(v.offers, part{a, span{s.micros(), running}})
	s.changed(v)
}

// allocatable is what UserAllocated and UserConnected say of a visit: it is accepted, the prompt is over, and an
// overflow before has not ended it.
func (s *Sim) allocatable(v *Visit) {
	if !v.accepted {
		v.accepted, v.incomplete = true, true
		v.flags |= aggregate.FlagIncomplete
	}
	v.standUp(s.micros())
	if v.overflowed() {
		s.goOn(v)
	}
}

// ringOut lets the phones ring for nothing; the caller goes back to the head of the line.
func (s *Sim) ringOut(v *Visit, step int) {
	d, reason := s.between(12, 25), "remote"
	if s.chance(s.cfg.Rates.Decline) {
		d, reason = s.between(1, 8), "local"
	}
	s.in(d, func() {
		if v.step != step {
			return
		}
		v.step++
		for _, a := range v.engaged {
			s.cancelOffer(v, a, reason)
			s.rest(a, s.between(2, 10))
		}
		v.engaged = v.engaged[:0]
		s.in(s.between(.05, .4), func() {
			if v.ended == 0 {
				s.line(v)
			}
		})
	})
}

// cancelOffer tells that a's phone has stopped ringing.
func (s *Sim) cancelOffer(v *Visit, a *agent, reason string) {
	m := about(v, ingest.QueueCallInUserCancelled)
	m.user, m.reason, m.detail = a, reason, "NoAnswer"
	if reason == "local" {
		m.detail = "UserActivelyDeclined"
	}
	s.fact(&m)
	at := s.micros()
	for i := range v.offers {
		if v.offers[i].agent == a {
			if reason == "local" && v.offers[i].to > at {
				v.declined = append(v.declined, part{a, span{v.offers[i].from, at}})
			}
			v.offers[i].to = min(v.offers[i].to, at)
		}
	}
	s.changed(v)
}

// cancelAll stops every phone that still rings for a caller who has gone.
func (s *Sim) cancelAll(v *Visit) {
	agents := slices.Clone(v.engaged)
	v.engaged = v.engaged[:0]
	for _, a := range agents {
		s.in(s.between(.003, .03), func() {
			if !v.untold {
				s.cancelOffer(v, a, "remote")
			}
			s.rest(a, s.between(.05, .5))
		})
	}
}

// freeAll frees the agents without a word about the call.
func (s *Sim) freeAll(v *Visit) {
	for _, a := range v.engaged {
		s.rest(a, s.between(.5, 3))
	}
	v.engaged = v.engaged[:0]
}

// answer connects the first of the agents whose phones ring; the others' stop at the same instant.
func (s *Sim) answer(v *Visit) {
	winner := v.engaged[s.rng.IntN(len(v.engaged))]
	for _, a := range v.engaged {
		if a != winner {
			s.cancelOffer(v, a, "remote")
			s.rest(a, s.between(.05, .5))
		}
	}
	v.engaged = v.engaged[:0]
	if v.accepted && !v.overflowed() && s.chance(s.cfg.Rates.SkewConnected) {
		s.connectTooLate(v, winner)
		return
	}
	s.connect(v, winner)
}

// connectTooLate stamps the UserConnected after the Disconnected.
func (s *Sim) connectTooLate(v *Visit, a *agent) {
	outcome := aggregate.Abandoned
	if v.askedFor {
		outcome = aggregate.CallbackRequested
	}
	v.reason, v.tech = "remote", "normal_clearing"
	s.finish(v, outcome, aggregate.TransferNone)
	s.disconnect(v, "remote")
	s.in(s.between(.05, 1.95), func() {
		s.tellConnected(v, a)
		v.answered, v.outcome = s.micros(), aggregate.Answered
		v.segments = append(v.segments, part{a, span{v.answered, v.answered}})
		v.flags |= aggregate.FlagClockSkew
		s.changed(v)
		s.rest(a, s.between(.05, .5))
	})
}

func (s *Sim) tellConnected(v *Visit, a *agent) {
	m := about(v, ingest.QueueCallInUserConnected)
	m.user, m.agLeg = a, a.leg(v.call)
	s.fact(&m)
}

// connect begins the conversation.
func (s *Sim) connect(v *Visit, a *agent) {
	v.step++
	s.tellConnected(v, a)
	s.allocatable(v)
	at := s.micros()
	v.answered, v.outcome, v.handling = at, aggregate.Answered, a
	for i := range v.offers {
		v.offers[i].to = min(v.offers[i].to, at)
	}
	v.engaged = v.engaged[:0]
	v.segments = append(v.segments, part{a, span{at, running}})
	s.changed(v)
	s.talk(v)
}
