package aggregate

import (
	"strings"
	"time"
)

func ticksOf(d time.Duration) int64 { return int64(d / 100) }

// disconnect applies a QueueCallInDisconnected or UserCallInDisconnected.
func (f *folder) disconnect(ft *fact) bool {
	if len(f.stays) == 0 {
		return false
	}
	if ft.place() == inQueue {
		s := f.lastIn(ft.queue>>8, Inbound)
		if s == nil {
			return false
		}
		s.note(ft)
	}
	if agent, other := f.otherLeg(ft.leg); other {
		if f.cur >= 0 {
			f.stays[f.cur].endSegment(micros(ft.at), agent)
		}
		return true
	}
	f.hangUp(ft)
	return true
}

// hangUp ends the place where the call is, and the call.
func (f *folder) hangUp(ft *fact) {
	if f.cur >= 0 {
		s := &f.stays[f.cur]
		s.note(ft)
		s.endFact = int32(f.i) + 1
		s.hungUp, s.local = true, strings.EqualFold(f.texts.get(ft.text[0]), "local")
		s.end(ft.at, micros(ft.at), s.hungUpOutcome())
		f.cur = -1
	}
	if !f.ended {
		f.ended, f.endAt = true, ft.at
	}
	f.disconnected = true
}

// hungUpOutcome is the outcome of an unanswered stay that a Disconnected ends.
func (s *stay) hungUpOutcome() Outcome {
	switch {
	case s.direction == Outbound || s.direction == CallbackCall || s.local:
		return Rejected
	case s.accepted != 0:
		return Abandoned
	}
	return LeftEarly
}

// afterTheEnd takes in an opening event that belongs to a visit which has ended already: an Arrived or UserConnected that
// a skewed clock stamped shortly after the Disconnected, or a ScheduleClosed that decides an implicit end.
func (f *folder) afterTheEnd(ft *fact, s *stay) bool {
	switch k := ft.kind(); {
	case s.open:
		return false
	case k == kindClosed && s.answered == 0 && f.withinGrace(ft, s):
		f.noteCaller(ft, s)
		s.overflowFact = int32(f.i) + 1
		s.outcome, s.transfer, s.implicit = s.closedOutcome(), TransferNone, false
		return true
	case k != kindArrived && k != kindConnected, !s.hungUp, ft.at > s.endTicks+ticksOf(f.set.SkewGrace):
		return false
	case k == kindArrived:
		s.accept(s.ended, true)
	default:
		s.accept(s.ended, false)
		f.connect(ft, s, s.ended)
		s.segments = s.segments[:0]
		s.endSpans(spanTalk, s.ended, spanTalk)
		s.answerMissed(ft.user >> 8)
	}
	f.noteCaller(ft, s)
	s.flags |= FlagClockSkew
	if s.answered == 0 {
		s.outcome = s.hungUpOutcome()
	}
	return true
}

// userFact applies a UserCallIn… event: a call that is directly with a user, or something that happens to the visit that
// is open.
func (f *folder) userFact(ft *fact) bool {
	k := ft.kind()
	switch k {
	case kindInComing, kindArrived:
		f.directFact(ft, f.enter(ft, 0, Direct))
		return true
	case kindAllocated, kindConnected:
		if f.cur < 0 || f.stays[f.cur].direction == Direct {
			f.directFact(ft, f.enter(ft, 0, Direct))
		}
		return true
	case kindDisconnected:
		return f.disconnect(ft)
	case kindTransferConnected:
		f.userTransferred(ft)
		return len(f.stays) > 0
	}
	if f.cur < 0 || k == kindCallbackCreated {
		return len(f.stays) > 0
	}
	s := &f.stays[f.cur]
	s.note(ft)
	t, agent, direct := micros(ft.at), ft.user>>8, s.direction == Direct
	switch {
	case k == kindHoldStart || k == kindHoldEnd:
		s.setHold(t, agent, k == kindHoldStart)
	case k == kindTransferStarted && s.segmentOf(agent) != nil:
		f.transferStarted(ft, s)
	case k == kindTransferCancelled && s.segmentOf(agent) != nil:
		s.pending, s.targetFact = false, 0
	case k == kindCancelled && direct:
		s.cancelOffer(t, agent, f.declined(ft))
	case k == kindOverflow && direct && s.answered == 0:
		s.end(ft.at, t, Overflowed)
		f.cur = -1
	}
	return true
}

// userTransferred applies a UserCallInTransferConnected: it ends the stay in which that user is connected, or decides
// how one ended that the call left shortly before.
func (f *folder) userTransferred(ft *fact) {
	agent := ft.user >> 8
	if f.cur >= 0 {
		if s := &f.stays[f.cur]; s.direction == Direct || s.segmentOf(agent) != nil {
			s.note(ft)
			f.transferConnected(ft, s)
			return
		}
	}
	for i := len(f.stays) - 1; i >= 0; i-- {
		s := &f.stays[i]
		if s.direction != Inbound || s.open || !f.withinGrace(ft, s) {
			continue
		}
		for _, a := range s.atEnd {
			if a == agent {
				s.note(ft)
				f.transferConnected(ft, s)
				return
			}
		}
	}
}

func (f *folder) directFact(ft *fact, s *stay) {
	t := micros(ft.at)
	f.noteCaller(ft, s)
	switch ft.kind() {
	case kindArrived:
		s.accept(t, true)
	case kindAllocated:
		s.accept(t, false)
		s.offer(t, ft.user>>8)
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
		f.noteCaller(ft, s)
		if direction == CallbackCall && ft.text[1] != 0 {
			s.callbackFact = int32(f.i) + 1
		}
		return true
	}
	s := f.lastIn(queue, direction)
	if s == nil {
		return false
	}
	s.note(ft)
	if !s.open {
		return true
	}
	switch k {
	case kindConnected:
		if s.accepted == 0 {
			s.accepted = t
		}
		f.connect(ft, s, t)
	case kindHoldStart, kindHoldEnd:
		s.setHold(t, agent, k == kindHoldStart)
	case kindDisconnected:
		f.hangUp(ft)
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
			if c.served(agent) != nil {
				s = c
			}
		}
	}
	if s == nil {
		return known
	}
	s.note(ft)
	switch ft.kind() {
	case kindWrapUpStarted:
		if s.findWrap(agent) == nil {
			s.wraps = append(s.wraps, wrapUp{agent: agent, start: t, max: ft.num, next: ft.next()})
		}
		if s.open && s.answered != 0 && (agent == s.agent || s.alone(agent)) {
			s.endSegment(t, agent)
			f.endUnlessFollowed(ft, s)
		}
	case kindWrapUpTerminated:
		if w := s.findWrap(agent); w != nil {
			w.closed, w.end, w.length = true, t, t-w.start
			s.wrap += w.length
		} else if ft.num != Null && !s.wrapped(agent) {
			length := int64(ft.num) * 1e6
			s.wrap += length
			s.wraps = append(s.wraps, wrapUp{agent: agent, start: t, end: t, length: length, closed: true})
		}
	}
	return true
}

// endUnlessFollowed ends an answered visit that has no agent left, as far as the known facts go.
func (f *folder) endUnlessFollowed(ft *fact, s *stay) {
	if !f.followed(s) {
		s.end(ft.at, micros(ft.at), Answered)
		s.left = true
		f.cur = -1
	}
}

func (s *stay) wrapped(agent uint32) bool {
	for i := range s.wraps {
		if s.wraps[i].agent == agent {
			return true
		}
	}
	return false
}

// followed tells whether anything of the visit comes after the fact at hand: a fact that names its queue, or one that
// names none while the call has not gone elsewhere.
func (f *folder) followed(s *stay) bool {
	moved, last := false, f.facts[f.i].at
	for i := f.i + 1; i < len(f.facts); i++ {
		n := &f.facts[i]
		k, p, here := n.kind(), n.place(), n.queue>>8 == s.queue
		if k == kindSupervision {
			continue
		}
		if n.at > last+ticksOf(f.set.MaxAgeAnswered) {
			return false
		}
		last = n.at
		switch {
		case k >= kindWrapUpEnabled, k == kindCallbackCreated && p == withUser:
		case p == inQueue && (k == kindInComing || k == kindArrived):
			if here {
				return false
			}
			moved = true
		case p == inQueue && isOpening(k):
			if here && s.direction == Inbound {
				return !moved
			}
			moved = true
		case p == withUser && k == kindArrived, k == kindInComing:
			moved = true
		case p == withUser && k >= kindTransferStarted && k <= kindTransferConnected && s.served(n.user>>8) == nil:
		case p != withUser && here && (p != inQueue) == (s.direction == Outbound) && (p == inQueue || p == outbound):
			return true
		case !moved && (p == withUser || p == inQueue && k == kindDisconnected && f.lastIn(n.queue>>8, Inbound) != nil):
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
		if !s.open && s.answered == 0 && f.lastConnected <= int(m.fact) && !f.queuedAfter(int(m.stay)) && f.org.explicitCallback(f.texts.get(m.id)) {
			s.outcome = CallbackRequested
		}
	}
	for i := range f.stays {
		f.settleWrapUps(&f.stays[i], now)
	}
}

// settleWrapUps closes wrap-ups whose end was never told: at the agent's next call event, or when their time is up.
func (f *folder) settleWrapUps(s *stay, now int64) {
	for i := range s.wraps {
		w := &s.wraps[i]
		if w.closed {
			continue
		}
		end := never / 10
		if w.next != 0 {
			end = micros(w.next)
		}
		if w.max != Null {
			end = min(end, w.start+int64(w.max)*1e6)
		}
		w.end = min(end, f.lastWord())
		if now < w.end*10 {
			f.wake = min(f.wake, w.end*10-1)
			w.end = stillRuns
		}
		if now < end*10 {
			s.wrapRunning, w.running = true, true
			f.wake = min(f.wake, end*10-1)
			continue
		}
		w.length = end - w.start
		s.wrap += w.length
	}
}
