package sim

import (
	"ringside/aggregate"
	"ringside/ingest"
)

// happening is something within a conversation: it begins, and is over a while later.
type happening struct{ begin, finish func() }

// talk draws how long the conversation is, what happens in it, one thing after the other, and how it ends.
func (s *Sim) talk(v *Visit) {
	q := v.queue.cfg
	if q.Exponential {
		s.in(s.exponential(q.Talk), func() { s.hangUp(v) })
		return
	}
	r := &s.cfg.Rates
	length := 5 + s.lognormal(max(5, q.Talk-5))
	reenters, wrapEnds := s.chance(r.Reentry), s.chance(r.WrapUpEnds)
	v.wrapping = q.WrapUp > 0 && !reenters
	if v.wrapping {
		s.in(s.between(.005, .03), func() { s.tellWrap(v, v.handling, ingest.UserWrapUpEnabled, 0, "") })
	}
	things, consulted := s.happenings(v)
	slot := length / float64(len(things)+1)
	for i, h := range things {
		from := slot * (float64(i) + s.between(.2, .5))
		s.in(from, h.begin)
		if h.finish != nil {
			s.in(from+slot*s.between(.1, .45), h.finish)
		}
	}
	s.in(length, func() {
		switch {
		case !v.call.orphaned && s.chance(r.GhostTalking): // does an orphan break the silence? Nothing says so
			s.vanish(v)
			s.rest(v.handling, s.between(.5, 3))
		case reenters:
			s.reenter(v)
		case s.chance(r.TransferQueue):
			s.transferAway(v, toQueue, consulted)
		case s.chance(r.TransferUser):
			s.transferAway(v, toUser, consulted)
		case s.chance(r.TransferExternal):
			s.transferAway(v, toNumber, consulted)
		case wrapEnds && v.wrapping && !consulted:
			s.endByWrapUp(v)
		default:
			s.hangUp(v)
		}
	})
}

// happenings draws what happens in a conversation. A hold that is never ended comes last.
func (s *Sim) happenings(v *Visit) (things []happening, consulted bool) {
	r := &s.cfg.Rates
	for range 2 {
		if s.chance(r.Hold) {
			things = append(things, s.holdOnce(v))
		}
	}
	if s.chance(r.HoldStray) {
		things = append(things, happening{begin: func() { s.tellHold(v, ingest.QueueCallInHoldEnd) }})
	}
	if s.chance(r.Supervise) {
		things = append(things, s.supervise(v))
	}
	if s.chance(r.TransferGivenUp) {
		things = append(things, s.giveUpTransfer(v))
	}
	if s.chance(r.NoEffect) {
		things = append(things, happening{begin: func() { s.noEffect(v) }})
	}
	if s.chance(r.Orphan) {
		things = append(things, happening{begin: func() { s.orphan(v.call) }})
	}
	if s.chance(r.Consult) {
		consulted = true
		things = append(things, s.consult(v))
	}
	if s.chance(r.HoldNoEnd) {
		h := s.holdOnce(v)
		things = append(things, happening{begin: h.begin})
	}
	return things, consulted
}

// holdOnce tells a hold by the queue's events, the user's, or both, the second a moment after the first.
func (s *Sim) holdOnce(v *Visit) happening {
	r := &s.cfg.Rates
	start, stop := ingest.QueueCallInHoldStart, ingest.QueueCallInHoldEnd
	both := s.chance(r.HoldBoth)
	if !both && s.chance(r.HoldUserSide) {
		start, stop = ingest.UserCallInHoldStart, ingest.UserCallInHoldEnd
	}
	lag := s.between(.001, .02)
	return happening{
		begin: func() {
			s.tellHold(v, start)
			v.holds = append(v.holds, span{s.micros(), running})
			if both {
				s.in(lag, func() { s.tellHold(v, ingest.UserCallInHoldStart) })
			}
		},
		finish: func() {
			s.tellHold(v, stop)
			if n := len(v.holds); n > 0 {
				v.holds[n-1].to = min(v.holds[n-1].to, s.micros())
			}
			if both {
				s.in(lag, func() { s.tellHold(v, ingest.UserCallInHoldEnd) })
			}
		},
	}
}

func (s *Sim) tellHold(v *Visit, typ ingest.Type) {
	m := about(v, typ)
	m.user = v.handling
	s.fact(&m)
}

// consult brings in another agent. Either that one leaves again, or takes over.
func (s *Sim) consult(v *Visit) happening {
	takeover := s.chance(s.cfg.Rates.ConsultTakeover)
	var first, second *agent
	return happening{
		begin: func() {
			first = v.handling
			if second = v.call.org.idleAgent(first); second == nil {
				return
			}
			s.engage(second, v.queue)
			s.tellConnected(v, second)
			v.segments = append(v.segments, part{second, span{s.micros(), running}})
			v.flags |= aggregate.FlagConsulted
			s.changed(v)
		},
		finish: func() {
			if second == nil {
				return
			}
			leaving := second
			if takeover {
				leaving, v.handling = first, second
			}
			s.legGone(v, leaving)
			s.release(v, leaving, takeover && v.wrapping)
		},
	}
}

// legGone tells that an agent's leg is disconnected while the call goes on.
func (s *Sim) legGone(v *Visit, a *agent) {
	typ := ingest.QueueCallInDisconnected
	if s.chance(s.cfg.Rates.UserSideEnd) {
		typ = ingest.UserCallInDisconnected
	}
	m := about(v, typ)
	m.user, m.leg, m.reason, m.tech = a, a.leg(v.call), "local", "normal_clearing"
	s.fact(&m)
	at := s.micros()
	for i := range v.segments {
		if v.segments[i].agent == a {
			v.segments[i].to = min(v.segments[i].to, at)
		}
	}
	s.changed(v)
}

// supervise lets a supervisor listen; the end of that leg means nothing to the call.
func (s *Sim) supervise(v *Visit) happening {
	boss := v.call.org.supervisors[s.rng.IntN(len(v.call.org.supervisors))]
	tell := func(state int) {
		m := about(v, ingest.UserSupervisionStatus)
		m.user, m.peer, m.agLeg, m.number = v.handling, boss, boss.leg(v.call), state
		s.fact(&m)
	}
	return happening{
		begin: func() {
			tell(1)
			v.supervisor = boss
			v.flags |= aggregate.FlagSupervised
		},
		finish: func() {
			m := about(v, ingest.QueueCallInDisconnected)
			m.leg, m.reason = boss.leg(v.call), "local"
			s.fact(&m)
			tell(0)
		},
	}
}

func (s *Sim) giveUpTransfer(v *Visit) happening {
	const target = "+358207009999"
	start, stop := ingest.QueueCallInTransferStarted, ingest.QueueCallInTransferCancelled
	if s.chance(s.cfg.Rates.TransferUserSide) {
		start, stop = ingest.UserCallInTransferStarted, ingest.UserCallInTransferCancelled
	}
	tell := func(typ ingest.Type) {
		m := about(v, typ)
		m.user, m.target, m.reason, m.detail = v.handling, target, "cancelled", "no answer"
		s.fact(&m)
	}
	return happening{
		begin:  func() { tell(start); v.target = target },
		finish: func() { tell(stop) },
	}
}

// noEffect sends what means nothing once a call is answered.
func (s *Sim) noEffect(v *Visit) {
	if s.chance(.5) {
		s.tellOverflow(v, "QueueFull", "QueueOverflowDefault")
		return
	}
	m := about(v, ingest.QueueCallInScheduleClosed)
	m.overReason = "ServiceClosed"
	s.fact(&m)
	v.queue.openness = append(v.queue.openness, opennessChange{s.micros(), false})
}

// Orphan is a fact that belongs to no visit.
type Orphan struct {
	Event Event // without JSON
	Call  [16]byte
}

// orphan sends a fact about a queue that the call is never in.
func (s *Sim) orphan(c *call) {
	q := s.another(c)
	if q == nil {
		return
	}
	c.stays = append(c.stays, stay{queue: q}) // and never will be
	c.orphaned = true
	types := []ingest.Type{ingest.QueueCallInIvrSelection, ingest.QueueCallInTransferStarted, ingest.QueueCallInOverflow}
	m := message{typ: types[s.rng.IntN(len(types))], org: c.org, call: c, queue: q, priority: aggregate.Null}
	m.entered, m.target, m.overReason, m.overType = "9", "+358207004444", "QueueFull", "QueueOverflowDefault"
	id := s.fact(&m)
	s.orphans = append(s.orphans, Orphan{Event{At: m.at, Type: m.typ, Topic: TopicQueue, Org: c.org.id, ID: id}, c.id})
}
