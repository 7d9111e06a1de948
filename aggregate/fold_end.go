package aggregate

import (
	"strings"
	"time"
)

func ticksOf(d time.Duration) int64 { return int64(d / 100) }

// disconnect applies a QueueCallInDisconnected or UserCallInDisconnected.
func (f *folder) disconnect(ft *fact) bool {
	if len(f.stays) == 0 || ft.place() == inQueue && f.lastIn(ft.queue>>8, Inbound) == nil {
		return false
	}
	if ft.leg != 0 && ft.leg != f.callerLeg {
		for _, l := range f.legs {
			if l.leg != ft.leg {
				continue
			}
			if l.agent != 0 && f.cur >= 0 {
				f.stays[f.cur].endSegment(micros(ft.at), l.agent)
			}
			return true
		}
	}
	if f.ended {
		return true
	}
	if f.cur >= 0 {
		s := &f.stays[f.cur]
		f.absorbSkewed(ft, s)
		s.endFact = int32(f.i) + 1
		s.end(ft.at, micros(ft.at), f.endOutcome(ft, s))
		f.cur = -1
	}
	f.ended, f.endAt, f.endedBy = true, ft.at, f.i
	return true
}

func (f *folder) endOutcome(ft *fact, s *stay) Outcome {
	local := strings.EqualFold(f.texts.get(ft.text[0]), "local")
	switch {
	case s.direction == Outbound || s.direction == CallbackCall || local:
		return Rejected
	case s.accepted != 0:
		return Abandoned
	}
	return LeftEarly
}

// absorbSkewed takes in an Arrived or UserConnected of the visit's queue that a skewed clock stamped shortly after the
// Disconnected: it happened before it.
func (f *folder) absorbSkewed(ft *fact, s *stay) {
	if s.direction != Inbound {
		return
	}
	for i := f.i + 1; i < len(f.facts); i++ {
		n := &f.facts[i]
		if n.at > ft.at+ticksOf(f.set.SkewGrace) {
			return
		}
		if n.place() != inQueue || !isOpening(n.kind()) {
			continue
		}
		if n.queue>>8 != s.queue || n.kind() != kindArrived && n.kind() != kindConnected {
			return
		}
		t := micros(ft.at)
		s.flags |= FlagClockSkew
		s.accept(t, n.kind() == kindArrived)
		if n.kind() == kindConnected {
			s.connect(t, n.user>>8)
			f.lastConnected = i
			f.knowLeg(n, n.user>>8)
		}
		f.absorbed = append(f.absorbed, int32(i))
	}
}

// userFact applies a UserCallIn… event: a call that is directly with a user, or something that happens to the visit that
// is open.
func (f *folder) userFact(ft *fact) bool {
	k, t, agent := ft.kind(), micros(ft.at), ft.user>>8
	direct := f.cur >= 0 && f.stays[f.cur].direction == Direct
	switch k {
	case kindInComing, kindArrived:
		f.directFact(ft, f.enterDirect(ft), t)
		return true
	case kindAllocated, kindConnected:
		if k == kindConnected && !direct && f.cur >= 0 {
			f.knowLeg(ft, agent)
		}
		if direct || f.cur < 0 {
			f.directFact(ft, f.enterDirect(ft), t)
		}
		return true
	case kindDisconnected:
		return f.disconnect(ft)
	}
	if f.cur < 0 {
		if k == kindTransferConnected {
			f.lateUserTransfer(ft)
		}
		return len(f.stays) > 0
	}
	s := &f.stays[f.cur]
	switch k {
	case kindHoldStart, kindHoldEnd:
		s.setHold(t, agent, k == kindHoldStart)
	case kindTransferStarted:
		if s.segmentOf(agent) != nil {
			f.transferStarted(ft, s)
		}
	case kindTransferCancelled:
		if s.served(agent) {
			s.pending = false
		}
	case kindTransferConnected:
		if s.segmentOf(agent) != nil || direct {
			f.transferConnected(ft, s)
		} else {
			f.lateUserTransfer(ft)
		}
	case kindCancelled:
		if direct {
			s.cancelOffer(t, agent)
		}
	case kindOverflow:
		if direct && s.answered == 0 {
			s.overflowFact = int32(f.i) + 1
			s.end(ft.at, t, Overflowed)
			f.cur = -1
		}
	}
	return true
}

// lateUserTransfer lets a UserCallInTransferConnected decide an implicit end that came shortly before it.
func (f *folder) lateUserTransfer(ft *fact) {
	for i := len(f.stays) - 1; i >= 0; i-- {
		s := &f.stays[i]
		if s.agent == ft.user>>8 && s.agent != 0 && f.withinGrace(ft, s) {
			s.transfer, s.implicit = TransferUser, false
			return
		}
	}
}

func (f *folder) enterDirect(ft *fact) *stay {
	if f.cur >= 0 {
		s := &f.stays[f.cur]
		if s.direction == Direct && (s.agent == ft.user>>8 || s.agent == 0) {
			return s
		}
		s.endImplicitly(ft.at, micros(ft.at))
		f.cur = -1
	}
	s := f.enter(ft, 0, Direct)
	s.agent = ft.user >> 8
	return s
}

func (f *folder) directFact(ft *fact, s *stay, t int64) {
	agent := ft.user >> 8
	if s.callerFact == 0 && ft.text[0] != 0 {
		s.callerFact = int32(f.i) + 1
	}
	switch ft.kind() {
	case kindArrived:
		s.accept(t, true)
	case kindAllocated:
		s.accept(t, false)
		s.offer(t, agent)
	case kindConnected:
		s.accept(t, false)
		f.connect(ft, s, t)
	}
}

// outboundFact applies a QueueUserCallOut… or CallbackUserCallOut… event.
func (f *folder) outboundFact(ft *fact) bool {
	k, t, agent := ft.kind(), micros(ft.at), ft.user>>8
	direction, queue := Outbound, ft.queue>>8
	if ft.place() == callback {
		direction, queue = CallbackCall, 0
	}
	if k == kindInComing {
		s := f.enter(ft, queue, direction)
		s.agent = agent
		s.callerFact = int32(f.i) + 1
		if s.accepted == 0 {
			s.accept(t, true)
		}
		if direction == CallbackCall {
			s.callbackFact = int32(f.i) + 1
		}
		return true
	}
	s := f.lastIn(queue, direction)
	if s == nil {
		return false
	}
	if !s.open {
		return true
	}
	switch k {
	case kindConnected:
		f.connect(ft, s, t)
	case kindHoldStart, kindHoldEnd:
		s.setHold(t, agent, k == kindHoldStart)
	case kindDisconnected:
		s.endFact = int32(f.i) + 1
		s.end(ft.at, t, Rejected)
		f.cur = -1
		f.ended, f.endAt, f.endedBy = true, ft.at, f.i
	}
	return true
}

// wrapUpFact applies a UserWrapUp… event to the visit in which that user served.
func (f *folder) wrapUpFact(ft *fact) bool {
	q, agent, t := ft.queue>>8, ft.user>>8, micros(ft.at)
	var s *stay
	known := false
	for i := len(f.stays) - 1; i >= 0 && s == nil; i-- {
		if c := &f.stays[i]; c.queue == q && (c.direction == Inbound || c.direction == Outbound) {
			known = true
			if c.served(agent) {
				s = c
			}
		}
	}
	if s == nil {
		return known
	}
	switch ft.kind() {
	case kindWrapUpStarted:
		if s.segmentOf(agent) != nil {
			s.endSegment(t, agent)
		}
		if s.open && agent == s.agent && !f.followed(s) {
			s.end(ft.at, t, Answered)
			f.cur = -1
		}
		if s.findWrap(agent) == nil {
			s.wraps = append(s.wraps, wrapUp{agent: agent, start: t, max: ft.num, next: ft.next()})
		}
	case kindWrapUpTerminated:
		if w := s.findWrap(agent); w != nil {
			w.closed = true
			s.wrap += t - w.start
		} else if ft.num > 0 && !s.wrapped(agent) {
			s.wrap += int64(ft.num) * 1e6
			s.wraps = append(s.wraps, wrapUp{agent: agent, start: t, closed: true})
		}
	}
	return true
}

func (s *stay) wrapped(agent uint32) bool {
	for i := range s.wraps {
		if s.wraps[i].agent == agent {
			return true
		}
	}
	return false
}

// followed tells whether anything of the visit comes after the fact at hand.
func (f *folder) followed(s *stay) bool {
	for i := f.i + 1; i < len(f.facts); i++ {
		n := &f.facts[i]
		k := n.kind()
		switch {
		case k >= kindWrapUpEnabled || k == kindCallbackCreated:
		case k == kindDisconnected:
			return true
		case n.place() == inQueue && n.queue>>8 == s.queue:
			return k != kindInComing && k != kindArrived
		case n.place() == withUser && (k == kindInComing || k == kindArrived), n.place() == inQueue && isOpening(k):
			return false
		case n.place() == withUser && s.served(n.user>>8):
			return true
		}
	}
	return false
}

// finish applies what is known only when all facts are in.
func (f *folder) finish(now int64) {
	if len(f.stays) == 0 {
		return
	}
	if !f.ended {
		if silence := f.last + f.maxAge(); now > silence {
			f.fallSilent()
		} else {
			f.wake = silence
		}
	}
	for _, m := range f.callbacks {
		s := &f.stays[m.stay]
		if s.open || s.answered != 0 || f.lastConnected > int(m.fact) || f.endedBy >= 0 && int(m.fact) > f.endedBy ||
			!f.explicitCallback(m.id) {
			continue
		}
		s.outcome = CallbackRequested
		s.transfer = TransferNone
	}
	for i := range f.stays {
		f.settleWrapUps(&f.stays[i], now)
	}
}

// explicitCallback tells whether a callback was requested by the caller, as far as its record is known.
func (f *folder) explicitCallback(id uint32) bool {
	for i := len(f.callbackTypes) - 1; i >= 0; i-- {
		if f.callbackTypes[i].id == id {
			return f.callbackTypes[i].typeID == 1
		}
	}
	return true
}

// settleWrapUps closes wrap-ups whose end was never told: at the agent's next call event, or when their time is up.
func (f *folder) settleWrapUps(s *stay, now int64) {
	for i := range s.wraps {
		w := &s.wraps[i]
		if w.closed {
			continue
		}
		limit := w.start + f.set.MaxAgeAnswered.Microseconds()
		if w.max > 0 {
			limit = w.start + int64(w.max)*1e6
		}
		end := limit
		if w.next != 0 {
			end = min(limit, micros(w.next))
		}
		if w.next == 0 && now <= limit*10 {
			s.wrapRunning = true
			f.wake = min(f.wake, limit*10)
			continue
		}
		s.wrap += end - w.start
	}
}
