package sim

import (
	"math"

	"ringside/aggregate"
	"ringside/ingest"
)

// hangUp ends a conversation.
func (s *Sim) hangUp(v *Visit) {
	reason, typ := s.remote(), ingest.QueueCallInDisconnected
	if s.chance(.35) {
		reason = "local"
	}
	if s.chance(s.cfg.Rates.UserSideEnd) {
		typ = ingest.UserCallInDisconnected
	}
	m := about(v, typ)
	m.reason, m.tech = reason, "normal_clearing"
	if typ == ingest.UserCallInDisconnected {
		m.user = v.handling
	}
	s.callerLeg(&m)
	s.fact(&m)
	v.reason, v.tech = reason, m.tech
	s.finish(v, aggregate.Answered, aggregate.TransferNone)
	s.done()
	s.release(v, v.handling, v.wrapping)
	s.besides(v)
}

// endByWrapUp leaves the Disconnected out: the agent's wrap-up tells that the conversation is over.
func (s *Sim) endByWrapUp(v *Visit) {
	s.finish(v, aggregate.Answered, aggregate.TransferNone)
	s.done()
	s.startWrap(v, s.newWrap(v, v.handling), true)
}

// reenter puts the caller back into the same queue: another visit.
func (s *Sim) reenter(v *Visit) {
	s.finish(v, aggregate.Answered, aggregate.TransferUser)
	s.rest(v.handling, s.between(.5, 3))
	s.enter(v.call, v.queue)
}

type destination uint8

const (
	toQueue destination = iota
	toUser
	toNumber
)

// transferAway lets the agent pass the caller on.
func (s *Sim) transferAway(v *Visit, to destination, consulted bool) {
	r := &s.cfg.Rates
	target, next := "+358207007777", func() { s.in(s.exponential(90), func() { s.disconnect(v, s.remote()) }) }
	var q *queue
	var a *agent
	switch to {
	case toQueue:
		if q = s.another(v.call); q == nil {
			s.hangUp(v)
			return
		}
		target, next = q.text, func() { s.enter(v.call, q) }
	case toUser:
		if a = v.call.org.idleAgent(v.handling); a == nil {
			s.hangUp(v)
			return
		}
		s.engage(a, nil) // the colleague is asked first
		target, next = a.text, func() { s.directIn(v.call, a) }
	}
	v.target = target
	if to != toNumber && s.chance(r.TransferSilent) {
		v.target = ""
		s.passOn(v, next)
		return
	}
	userSide := !consulted && s.chance(r.TransferUserSide)
	s.agentTransfer(v, userSide, false, target)
	s.in(s.between(.5, 6), func() {
		switch {
		case to != toNumber && s.chance(r.TransferPending):
			s.passOn(v, next)
		case to != toNumber && s.chance(r.TransferLate):
			s.passOn(v, next)
			s.in(s.between(.05, 4.9), func() { s.agentTransfer(v, false, true, target) })
		default:
			s.agentTransfer(v, userSide, true, target)
			s.finish(v, aggregate.Answered, aggregate.TransferUser)
			s.release(v, v.handling, v.wrapping)
			s.in(s.between(.002, .5), next)
		}
	})
}

// passOn ends the visit by the first event of the next place.
func (s *Sim) passOn(v *Visit, next func()) {
	s.finish(v, aggregate.Answered, aggregate.TransferUser)
	next()
	s.release(v, v.handling, v.wrapping)
}

// agentTransfer tells the start of a transfer, or that it is connected.
func (s *Sim) agentTransfer(v *Visit, userSide, connected bool, target string) {
	typ := ingest.QueueCallInTransferStarted
	switch {
	case userSide && connected:
		typ = ingest.UserCallInTransferConnected
	case userSide:
		typ = ingest.UserCallInTransferStarted
	case connected:
		typ = ingest.QueueCallInTransferConnected
	}
	m := about(v, typ)
	m.target = target
	if userSide {
		m.user = v.handling
	}
	s.fact(&m)
}

// release frees an agent whose part in the visit is over, with or without wrap-up.
func (s *Sim) release(v *Visit, a *agent, wrapUp bool) {
	if v.queue != nil && v.queue.cfg.Exponential {
		s.leave(a)
		s.lookForWork(a)
		return
	}
	if !wrapUp || s.chance(.05) {
		s.rest(a, s.between(.5, 3))
		return
	}
	w := s.newWrap(v, a)
	noStart := s.chance(s.cfg.Rates.WrapUpNoStarted)
	s.in(s.between(.02, .09), func() { s.startWrap(v, w, !noStart) })
}

func (s *Sim) newWrap(v *Visit, a *agent) *wrap {
	w := &wrap{agent: a, length: running, max: int64(v.queue.cfg.MaxWrap) * 1_000_000}
	v.wraps = append(v.wraps, w)
	a.wrapFrom = s.now
	a.wrapUntil = s.now + seconds(float64(v.queue.cfg.MaxWrap)+1)
	s.leave(a)
	s.under++
	s.changed(v)
	return w
}

// startWrap begins the wrap-up now. How long it counts follows from what is told of it.
func (s *Sim) startWrap(v *Visit, w *wrap, told bool) {
	q, a := v.queue.cfg, w.agent
	length, reason := s.exponential(q.WrapUp), "manual"
	if length >= float64(q.MaxWrap) {
		length, reason = float64(q.MaxWrap), "timer"
	}
	silent := told && !a.fetch && s.chance(s.cfg.Rates.WrapUpNoTerminated)
	if told {
		s.tellWrap(v, a, ingest.UserWrapUpStarted, 0, "")
	}
	w.from = s.micros()
	if silent {
		v.quiet, a.openWrap = true, w
		s.plans.add(s.now+seconds(float64(q.MaxWrap)), func() { a.closeWrap(w, w.max); s.changed(v) })
	}
	s.in(length, func() {
		s.done()
		if !silent {
			elapsed := int(math.Round(length))
			s.tellWrap(v, a, ingest.UserWrapUpTerminated, elapsed, reason)
			w.length = s.micros() - w.from
			if !told {
				w.length, w.end = int64(elapsed)*1_000_000, s.micros()
			}
		}
		s.changed(v)
		a.wrapFrom, a.wrapUntil = 0, 0
		s.rest(a, s.between(.02, .3))
	})
}

func (s *Sim) tellWrap(v *Visit, a *agent, typ ingest.Type, elapsed int, reason string) {
	m := about(v, typ)
	m.user, m.number, m.reason = a, elapsed, reason
	if typ != ingest.UserWrapUpTerminated {
		m.number = v.queue.cfg.MaxWrap
	}
	s.fact(&m)
}

// endWrap closes a wrap-up whose end is never told, at the agent's next call event.
func (a *agent) endWrap(s *Sim, at int64) {
	if w := a.openWrap; w != nil && at > w.from {
		a.closeWrap(w, min(w.max, at-w.from))
	}
}

func (a *agent) closeWrap(w *wrap, length int64) {
	if w.length == running {
		w.length = length
	}
	if a.openWrap == w {
		a.openWrap = nil
	}
}

// besides sends what a centre tells after a call and no figure depends on.
func (s *Sim) besides(v *Visit) {
	if s.cfg.Mute || v.quiet || v.handling.openWrap != nil || s.noise.Float64() >= s.cfg.Rates.Noise {
		return
	}
	types := []ingest.Type{ingest.QueueCallInRecording, ingest.QueueCallTranscribed, ingest.QueueUserCallInRecordingConverted}
	m := about(v, types[s.noise.IntN(len(types))])
	m.user, m.reason, m.value, m.number = v.handling, "servicequeue", "IncomingQueueCall", 1000+s.noise.IntN(300_000)
	m.at = s.now + seconds(.001)
	s.send(&m)
}
