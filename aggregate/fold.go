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
	org   *org

	facts   []fact
	i       int // the fact at hand
	stays   []stay
	cur     int   // the open stay, or −1
	ended   bool  // by a Disconnected that nothing reopened, or by silence
	endAt   int64 // ticks
	last    int64 // ticks of the last fact that was no orphan
	wake    int64 // ticks at which the running clock alone changes the outcome
	orphans []int32

	callerLegs    []uint32
	legs          []knownLeg
	callbacks     []callbackMark
	lastConnected int  // index of the last connect, −1: none
	disconnected  bool // a Disconnected has ended the call at some time
}

// knownLeg is the leg of an agent or a supervisor.
type knownLeg struct{ leg, agent uint32 }

// callbackMark is a CallbackCreated that may decide a visit's outcome.
type callbackMark struct {
	stay, fact int32
	id         uint32 // text
}

func micros(ticks int64) int64 { return ingest.Time(ticks).Micros() }

// fold computes f.stays as known at the organization's running clock.
func (f *folder) fold(o *org, facts []fact) {
	f.org, f.facts, f.cur, f.ended, f.endAt, f.last, f.wake = o, facts, -1, false, 0, 0, never
	f.stays, f.orphans, f.legs, f.callerLegs = f.stays[:0], f.orphans[:0], f.legs[:0], f.callerLegs[:0]
	f.callbacks, f.lastConnected, f.disconnected = f.callbacks[:0], -1, false
	for f.i = range facts {
		f.step(&facts[f.i])
	}
	f.finish(o.now)
}

func (f *folder) step(ft *fact) {
	if ft.kind() == kindSupervision {
		f.supervised(ft)
		return
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
	f.learnLegs(ft)
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
		s.end(f.last, micros(f.last), Lost)
		if s.answered != 0 {
			s.ended = 0
			s.flags |= FlagEndUnknown
		} else {
			s.waitless = true
		}
		f.cur = -1
	}
	f.ended, f.endAt = true, f.last
}

// supervised marks the visit that a supervisor listens to. It is no sign of life of the call, and no orphan.
func (f *folder) supervised(ft *fact) {
	if ft.leg != 0 {
		f.legs = append(f.legs, knownLeg{ft.leg, ft.user >> 8})
	}
	for i := len(f.stays) - 1; i >= 0; i-- {
		if s := &f.stays[i]; s.queue == ft.queue>>8 {
			s.supervisor = ft.user >> 8
			s.flags |= FlagSupervised
			return
		}
	}
}

// learnLegs remembers whose legs are whose: an agent's is named by the connect, the caller's by what brings the call in.
func (f *folder) learnLegs(ft *fact) {
	switch k, p := ft.kind(), ft.place(); {
	case k == kindConnected && ft.agentLeg() != 0:
		f.legs = append(f.legs, knownLeg{ft.agentLeg(), ft.user >> 8})
	case ft.leg != 0 && (k == kindInComing || k == kindArrived) && (p == inQueue || p == withUser):
		f.callerLegs = append(f.callerLegs, ft.leg)
	}
}

// otherLeg tells whether a leg is known to be an agent's or a supervisor's, and whose.
func (f *folder) otherLeg(leg uint32) (agent uint32, other bool) {
	if leg == 0 {
		return 0, false
	}
	for _, l := range f.callerLegs {
		if l == leg {
			return 0, false
		}
	}
	for i := len(f.legs) - 1; i >= 0; i-- {
		if f.legs[i].leg == leg {
			return f.legs[i].agent, true
		}
	}
	return 0, false
}

// enter brings the call to a place, continuing the stay that is open there.
func (f *folder) enter(ft *fact, queue uint32, direction Direction) *stay {
	t := micros(ft.at)
	if f.cur >= 0 {
		s := &f.stays[f.cur]
		here := s.queue == queue && s.direction == direction && (direction != Direct || s.owner == ft.user>>8)
		again := s.answered != 0 && (ft.kind() == kindInComing || ft.kind() == kindArrived)
		switch {
		case here && (!again || direction == Direct):
			return s
		case here && direction == Inbound:
			s.end(ft.at, t, Answered)
			s.transfer = TransferUser
		default:
			s.endImplicitly(ft.at, t)
		}
		f.cur = -1
	}
	if n := len(f.stays); n > 0 && f.stays[n-1].left {
		f.stays[n-1].transfer = TransferUser // the caller is still there: whoever left has passed the call on
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
	s.begun, s.clock, s.channel = t, t, ft.channel()
	if direction != Inbound {
		s.owner = ft.user >> 8
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
		if s := f.lastIn(q, Inbound); s == nil || !f.afterTheEnd(ft, s) {
			f.openingFact(ft, f.enter(ft, q, Inbound), t)
		}
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
	s.note(ft)
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
		s.cancelOffer(t, agent, f.declined(ft))
	case kindHoldStart, kindHoldEnd:
		s.setHold(t, agent, k == kindHoldStart)
	case kindTransferStarted:
		f.transferStarted(ft, s)
	case kindTransferCancelled:
		s.pending, s.targetFact = false, 0
	}
	return true
}

// note keeps what any fact tells of the stay besides its effect.
func (s *stay) note(ft *fact) {
	if ft.skewed() {
		s.flags |= FlagClockSkew
	}
}

func (f *folder) openingFact(ft *fact, s *stay, t int64) {
	agent := ft.user >> 8
	f.noteCaller(ft, s)
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
		s.end(ft.at, t, s.closedOutcome())
		f.cur = -1
	}
}

func (s *stay) closedOutcome() Outcome {
	if s.accepted != 0 {
		return Overflowed
	}
	return ServiceClosed
}

// noteCaller takes the caller's number from the first fact that has one.
func (f *folder) noteCaller(ft *fact, s *stay) {
	s.note(ft)
	if s.callerFact == 0 && ft.callerText() != 0 {
		s.callerFact = int32(f.i) + 1
	}
}

func (f *folder) connect(ft *fact, s *stay, t int64) {
	s.connect(t, ft.user>>8)
	f.lastConnected = f.i
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
	if s.answered != 0 {
		// Where nobody tells of the caller, an offer that came to nothing after all agents had left is the end, unless
		// something of the visit follows.
		if ft.ofCard() && s.open && len(s.segments) == 0 && len(s.offered) == 0 {
			f.endUnlessFollowed(ft, s)
		}
		return
	}
	if !s.open && !f.withinGrace(ft, s) {
		return
	}
	reason, typ := f.texts.get(ft.text[0]), f.texts.get(ft.text[1])
	if s.accepted != 0 {
		if matchesAny(f.set.OverflowProgress, typ) || f.goesOnIn(s.queue) {
			return
		}
	} else if !matchesAny(f.set.OverflowRejecting, reason) {
		return
	}
	s.overflowFact = int32(f.i) + 1
	if s.open {
		s.end(ft.at, micros(ft.at), Overflowed)
		f.cur = -1
		return
	}
	s.outcome, s.transfer, s.implicit = Overflowed, TransferNone, false
}

// goesOnIn tells whether the call's next opening event is an allocation or a connect in the same queue. What comes too
// late to be of the call is no event of it.
func (f *folder) goesOnIn(queue uint32) bool {
	deadline, disconnected := f.facts[f.i].at+ticksOf(f.set.MaxAgeUnanswered), false
	for i := f.i + 1; i < len(f.facts); i++ {
		n := &f.facts[i]
		if n.kind() == kindSupervision {
			continue
		}
		if n.at > deadline {
			return false
		}
		if n.place() == inQueue && isOpening(n.kind()) {
			return n.queue>>8 == queue && (n.kind() == kindAllocated || n.kind() == kindConnected)
		}
		if n.kind() == kindDisconnected && (n.place() == inQueue || n.place() == withUser) && !disconnected {
			if _, other := f.otherLeg(n.leg); !other {
				disconnected, deadline = true, n.at+ticksOf(f.set.Linger)
			}
		}
		if !disconnected {
			deadline = n.at + ticksOf(f.set.MaxAgeUnanswered)
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

// callbackCreated sets the visit's callback, and leaves it to finish whether that is its outcome.
func (f *folder) callbackCreated(ft *fact, s *stay) {
	s.callbackFact = int32(f.i) + 1
	if f.disconnected || !s.open && s.outcome != Overflowed {
		return
	}
	for i := range f.stays {
		if &f.stays[i] == s {
			f.callbacks = append(f.callbacks, callbackMark{stay: int32(i), fact: int32(f.i), id: ft.text[0]})
		}
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
