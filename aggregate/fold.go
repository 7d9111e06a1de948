package aggregate

import (
	"strings"

	"ringside/ingest"
)

// folder turns the sorted facts of one call into its stays, by the table of METRICS.md, section 2. It is reused from
// call to call and keeps nothing but capacity.
type folder struct {
	set   *Settings
	texts *texts

	facts   []fact
	i       int // the fact at hand
	stays   []stay
	cur     int // the open stay, or −1
	ended   bool
	endAt   int64 // ticks
	last    int64 // ticks of the last fact that was no orphan
	wake    int64 // ticks at which the running clock alone changes the outcome
	orphans []int32

	callerLeg     uint32
	legs          []knownLeg
	absorbed      []int32 // facts used up ahead of their turn
	callbacks     []callbackMark
	callbackTypes []callbackMark
	lastConnected int // index of the last connect, −1: none
	endedBy       int // index of the Disconnected that ended the call, −1: none
}

type knownLeg struct {
	leg, agent uint32 // agent 0: a supervisor's
}

type callbackMark struct {
	stay, fact int32
	id         uint32 // text
	typeID     int32
}

func micros(ticks int64) int64 { return ingest.Time(ticks).Micros() }

// fold computes f.stays as known at the running clock now (ticks).
func (f *folder) fold(facts []fact, now int64) {
	f.facts, f.cur, f.ended, f.endAt, f.last, f.wake = facts, -1, false, 0, 0, never
	f.stays, f.orphans, f.legs, f.absorbed = f.stays[:0], f.orphans[:0], f.legs[:0], f.absorbed[:0]
	f.callbacks, f.callbackTypes = f.callbacks[:0], f.callbackTypes[:0]
	f.callerLeg, f.lastConnected, f.endedBy = 0, -1, -1
	for f.i = range facts {
		f.step(&facts[f.i])
	}
	f.finish(now)
}

func (f *folder) step(ft *fact) {
	if ft.annotates() {
		f.annotate(ft)
		return
	}
	for _, i := range f.absorbed {
		if int(i) == f.i {
			f.last = ft.at
			return
		}
	}
	if len(f.stays) > 0 && f.outlived(ft.at) {
		f.orphans = append(f.orphans, int32(f.i))
		return
	}
	var known bool
	switch ft.place() {
	case inQueue:
		known = f.queueFact(ft)
	case withUser:
		known = f.userFact(ft)
	default:
		known = f.outboundFact(ft)
	}
	if !known {
		f.orphans = append(f.orphans, int32(f.i))
		return
	}
	f.last = ft.at
}

// outlived tells whether a fact at ticks comes too long after the call's end or last sign of life, and ends the call
// where silence has done so.
func (f *folder) outlived(at int64) bool {
	if f.ended {
		return at > f.endAt+ticksOf(f.set.Linger)
	}
	if at-f.last <= f.maxAge() {
		return false
	}
	f.fallSilent()
	return true
}

func (f *folder) maxAge() int64 {
	if f.stays[len(f.stays)-1].answered != 0 {
		return ticksOf(f.set.MaxAgeAnswered)
	}
	return ticksOf(f.set.MaxAgeUnanswered)
}

// fallSilent ends a call that was never heard of again ("ghost call").
func (f *folder) fallSilent() {
	if f.cur >= 0 {
		s := &f.stays[f.cur]
		if s.answered != 0 {
			s.open = false
			s.flags |= FlagEndUnknown
			s.segments, s.offered = s.segments[:0], s.offered[:0]
		} else {
			s.end(f.last, micros(f.last), Lost)
			s.waitless = true
		}
		f.cur = -1
	}
	f.ended, f.endAt = true, f.last
}

func (f *folder) annotate(ft *fact) {
	switch ft.kind() {
	case kindSupervision:
		if ft.leg != 0 {
			f.legs = append(f.legs, knownLeg{leg: ft.leg})
		}
		if f.cur >= 0 {
			s := &f.stays[f.cur]
			s.supervisor = ft.user >> 8
			s.flags |= FlagSupervised
		}
	case kindCallbackChanged:
		if ft.num != Null {
			f.callbackTypes = append(f.callbackTypes, callbackMark{id: ft.text[0], typeID: ft.num})
		}
	}
}

// enter brings the call to a place, continuing the stay that is open there.
func (f *folder) enter(ft *fact, queue uint32, direction Direction) *stay {
	t := micros(ft.at)
	if f.cur >= 0 {
		s := &f.stays[f.cur]
		if s.queue == queue && s.direction == direction {
			again := ft.kind() == kindInComing || ft.kind() == kindArrived
			if s.answered == 0 || !again || direction != Inbound {
				return s
			}
			s.end(ft.at, t, Answered)
			s.transfer = TransferUser
		} else {
			s.endImplicitly(ft.at, t)
		}
		f.cur = -1
	}
	ordinal := uint16(1)
	for i := range f.stays {
		if f.stays[i].queue == queue && f.stays[i].direction == direction {
			ordinal++
		}
	}
	if len(f.stays) < cap(f.stays) {
		f.stays = f.stays[:len(f.stays)+1]
	} else {
		f.stays = append(f.stays, stay{})
	}
	f.cur = len(f.stays) - 1
	f.ended = false
	s := &f.stays[f.cur]
	s.reset()
	s.queue, s.direction, s.ordinal, s.open = queue, direction, ordinal, true
	s.begun, s.clock = t, t
	if f.callerLeg == 0 {
		f.callerLeg = ft.leg
	}
	return s
}

func isOpening(k kind) bool {
	switch k {
	case kindInComing, kindArrived, kindClosed, kindAllocated, kindConnected:
		return true
	}
	return false
}

// lastIn returns the call's last stay in a queue, in the direction given.
func (f *folder) lastIn(queue uint32, direction Direction) *stay {
	for i := len(f.stays) - 1; i >= 0; i-- {
		if s := &f.stays[i]; s.queue == queue && s.direction == direction {
			return s
		}
	}
	return nil
}

// queueFact applies a QueueCallIn… or wrap-up event; false: it belongs to no visit.
func (f *folder) queueFact(ft *fact) bool {
	k, q, t := ft.kind(), ft.queue>>8, micros(ft.at)
	if isOpening(k) {
		f.openingFact(ft, f.enter(ft, q, Inbound), t)
		return true
	}
	if k == kindWrapUpStarted || k == kindWrapUpTerminated || k == kindWrapUpEnabled {
		return f.wrapUpFact(ft)
	}
	if k == kindDisconnected {
		return f.disconnect(ft)
	}
	s := f.lastIn(q, Inbound)
	if s == nil {
		return false
	}
	agent := ft.user >> 8
	switch k {
	case kindIvr:
		s.ivrFacts = append(s.ivrFacts, int32(f.i))
	case kindRouting:
		if ft.num != Null {
			s.priorityFact = int32(f.i) + 1
		}
	case kindCallbackCreated:
		f.callbackCreated(ft, s)
	case kindOverflow:
		f.overflow(ft, s)
	case kindTransferConnected:
		f.transferConnected(ft, s)
	}
	if !s.open {
		return true
	}
	switch k {
	case kindPrompt:
		f.prompt(ft, s, t)
	case kindCancelled:
		s.cancelOffer(t, agent)
	case kindHoldStart, kindHoldEnd:
		s.setHold(t, agent, k == kindHoldStart)
	case kindTransferStarted:
		f.transferStarted(ft, s)
	case kindTransferCancelled:
		s.pending = false
	}
	return true
}

func (f *folder) openingFact(ft *fact, s *stay, t int64) {
	agent := ft.user >> 8
	if ft.skewed() {
		s.flags |= FlagClockSkew
	}
	if s.callerFact == 0 && ft.text[0] != 0 && ft.kind() != kindClosed {
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
	case kindClosed:
		if s.answered != 0 {
			return
		}
		s.overflowFact = int32(f.i) + 1
		if s.accepted != 0 {
			s.end(ft.at, t, Overflowed)
		} else {
			s.end(ft.at, t, ServiceClosed)
		}
		f.cur = -1
	}
}

func (f *folder) connect(ft *fact, s *stay, t int64) {
	agent := ft.user >> 8
	if len(s.segments) > 0 && s.segmentOf(agent) == nil {
		s.flags |= FlagConsulted
	}
	s.connect(t, agent)
	f.lastConnected = f.i
	f.knowLeg(ft, agent)
}

func (f *folder) knowLeg(ft *fact, agent uint32) {
	if l := ft.agentLeg(); l != 0 {
		f.legs = append(f.legs, knownLeg{l, agent})
	}
}

func (f *folder) prompt(ft *fact, s *stay, t int64) {
	if !strings.EqualFold(f.texts.get(ft.text[0]), "MandatoryEnter") {
		return
	}
	s.advance(t)
	s.pauseUntil = max(s.pauseUntil, t+f.set.PromptMax.Microseconds())
}

func (f *folder) transferStarted(ft *fact, s *stay) {
	s.pending, s.pendingAgent = true, len(s.segments) > 0
	s.targetFact = int32(f.i) + 1
}

func (f *folder) transferConnected(ft *fact, s *stay) {
	switch {
	case s.open:
		s.endTransferred(ft.at, micros(ft.at))
		f.cur = -1
	case f.withinGrace(ft, s):
		s.decideTransfer()
		s.implicit = false
	default:
		return
	}
	if ft.text[0] != 0 {
		s.targetFact = int32(f.i) + 1
	}
}

// withinGrace tells whether an explicit end comes soon enough after an implicit one to decide how it ended.
func (f *folder) withinGrace(ft *fact, s *stay) bool {
	return s.implicit && ft.at-s.endTicks <= ticksOf(f.set.EndGrace)
}

func (f *folder) overflow(ft *fact, s *stay) {
	if s.answered != 0 || !s.open && !f.withinGrace(ft, s) {
		return
	}
	s.overflowFact = int32(f.i) + 1
	reason, typ := f.texts.get(ft.text[0]), f.texts.get(ft.text[1])
	if s.accepted != 0 {
		if matchesAny(f.set.OverflowProgress, typ) || s.open && f.goesOnIn(s.queue) {
			return
		}
	} else if !matchesAny(f.set.OverflowRejecting, reason) {
		return
	}
	if s.open {
		s.end(ft.at, micros(ft.at), Overflowed)
		f.cur = -1
		return
	}
	s.outcome, s.transfer, s.implicit = Overflowed, TransferNone, false
}

// goesOnIn tells whether the call's next opening event is an allocation or a connect in the same queue.
func (f *folder) goesOnIn(queue uint32) bool {
	for i := f.i + 1; i < len(f.facts); i++ {
		n := &f.facts[i]
		if n.place() == inQueue && isOpening(n.kind()) {
			return n.queue>>8 == queue && (n.kind() == kindAllocated || n.kind() == kindConnected)
		}
	}
	return false
}

// matchesAny compares without regard to case; a pattern may end in '*'.
func matchesAny(patterns []string, s string) bool {
	for _, p := range patterns {
		if n := len(p) - 1; n >= 0 && p[n] == '*' {
			if len(s) >= n && strings.EqualFold(p[:n], s[:n]) {
				return true
			}
		} else if strings.EqualFold(p, s) {
			return true
		}
	}
	return false
}

func (f *folder) callbackCreated(ft *fact, s *stay) {
	s.callbackFact = int32(f.i) + 1
	at := int32(-1)
	for i := range f.stays {
		if &f.stays[i] == s {
			at = int32(i)
		}
	}
	waiting := s.open && s.answered == 0
	overflowed := !s.open && s.outcome == Overflowed && !f.queuedAfter(int(at))
	if waiting || overflowed {
		f.callbacks = append(f.callbacks, callbackMark{stay: at, fact: int32(f.i), id: ft.text[0]})
	}
}

func (f *folder) queuedAfter(at int) bool {
	for i := at + 1; i < len(f.stays); i++ {
		if f.stays[i].direction == Inbound {
			return true
		}
	}
	return false
}
