package aggregate

import (
	"github.com/google/uuid"
)

// call is one held call: its facts, and what the visits folded from them add to windows and queues.
type call struct {
	id     uuid.UUID
	org    *org
	facts  []fact
	visits []visit
	crew   []presence // agents in its stays
	spans  []span     // of agents

	gen      uint32
	woken    int64 // the earliest timer set, ticks; never if none
	released int64 // the earliest release timer set, ticks
	due      int64 // ticks of the horizon after which nothing can change the call any more
	orphans  int32
	dirty    bool // in dirtyCalls
	changed  bool // in changedCalls
	drained  bool // its rows, as of the last drain, are out
	unsaved  bool // its facts have changed since the last checkpoint
}

// presence is an agent's part in a stay.
type presence struct {
	at    int64  // µs; when a segment of the agent last began or ended
	agent uint32 // index
	queue uint32 // index + 1
	kind  presenceKind
}

type presenceKind uint8

const (
	presentBefore presenceKind = iota // not any more
	presentTalking
	presentHolding
	presentRinging
)

// callSlab holds calls in pages, so that they neither move nor are garbage one by one.
type callSlab struct {
	pages [][]call
	free  []uint32
	next  uint32
}

const callsPerPage = 1024

func (s *callSlab) at(ref uint32) *call { return &s.pages[ref/callsPerPage][ref%callsPerPage] }

func (s *callSlab) take() uint32 {
	if n := len(s.free); n > 0 {
		ref := s.free[n-1]
		s.free = s.free[:n-1]
		return ref
	}
	if int(s.next) == len(s.pages)*callsPerPage {
		s.pages = append(s.pages, make([]call, callsPerPage))
	}
	s.next++
	return s.next - 1
}

// factClasses are the capacities of fact slices: multiples of factStep, which is what a short call needs.
const (
	factStep    = 4
	factClasses = 12
)

func (c *Core) factSlice(n int) []fact {
	class := (n - 1) / factStep
	if class >= factClasses {
		return make([]fact, 0, n+n/2)
	}
	pool := c.factPool[class]
	if k := len(pool); k > 0 {
		c.factPool[class] = pool[:k-1]
		return pool[k-1]
	}
	return make([]fact, 0, (class+1)*factStep)
}

func (c *Core) recycle(f []fact) {
	if n := cap(f); n > 0 && n%factStep == 0 && n <= factClasses*factStep {
		c.factPool[n/factStep-1] = append(c.factPool[n/factStep-1], f[:0])
	}
}

// callOf finds or creates a held call.
func (c *Core) callOf(o *org, id uuid.UUID) callRef {
	if ref, ok := o.calls[id]; ok {
		return callRef{ref, c.calls.at(ref).gen}
	}
	ref := c.calls.take()
	call := c.calls.at(ref)
	call.id, call.org, call.woken, call.released, call.due = id, o, never, never, 0
	o.calls[id] = ref
	c.sizes.Calls++
	return callRef{ref, call.gen}
}

// held returns the call of a reference, or nil if it was let go.
func (c *Core) held(r callRef) *call {
	if call := c.calls.at(r.ref); call.gen == r.gen && call.org != nil {
		return call
	}
	return nil
}

// addFact inserts a fact in its place; most come at the end.
func (c *Core) addFact(ref callRef, f *fact) {
	call := c.calls.at(ref.ref)
	if i := f.agentIx(); i >= 0 {
		call.org.agents[i].inCall(call, ref)
	}
	if n := c.set.Limits.FactsPerCall; n > 0 && len(call.facts) >= n {
		c.dropFact(call, f)
		return
	}
	if len(call.facts) == cap(call.facts) {
		grown := append(c.factSlice(len(call.facts)+1), call.facts...)
		c.recycle(call.facts)
		call.facts = grown
	}
	s := append(call.facts, fact{})
	i := len(s) - 1
	for i > 0 && f.before(&s[i-1]) {
		s[i] = s[i-1]
		i--
	}
	s[i] = *f
	call.facts = s
	c.sizes.Facts++
	c.changes.call(call, ref)
	c.markCall(ref)
}

// dropFact refuses a fact beyond the limit of a call: an orphan at once.
func (c *Core) dropFact(call *call, f *fact) {
	o := call.org
	o.account.Accepted--
	o.account.Orphan++
	c.pending.Orphans = append(c.pending.Orphans, c.orphanRow(call, f))
	c.releaseTexts(f)
}

func (c *Core) markCall(ref callRef) {
	call := c.calls.at(ref.ref)
	if !call.dirty {
		call.dirty = true
		c.dirtyCalls = append(c.dirtyCalls, ref)
	}
}

func (c *Core) releaseTexts(f *fact) {
	for i := range f.internedTexts() {
		c.texts.release(f.text[i])
	}
}

// endWrapUp tells a call that the call event at ticks follows the agent's wrap-up that started at start.
func (c *Core) endWrapUp(r callRef, a *agent, start, at int64) {
	call := c.held(r)
	if call == nil {
		return
	}
	for i := range call.facts {
		f := &call.facts[i]
		if f.kind() == kindWrapUpStarted && f.agentIx() == int(a.index) && f.at == start {
			f.setNext(at)
			c.changes.call(call, r)
			c.markCall(r)
		}
	}
}

// wakeCall refolds a call that the running clock may have changed.
func (c *Core) wakeCall(e timer) {
	r := callRef{e.ref, e.gen}
	call := c.held(r)
	if call == nil || call.woken != e.due {
		return
	}
	call.woken = never
	c.markCall(r)
}

// releaseIfDue lets a call go once the horizon has passed everything that could change it.
func (c *Core) releaseIfDue(e timer) {
	r := callRef{e.ref, e.gen}
	call := c.held(r)
	if call == nil || call.released != e.due {
		return
	}
	call.released = never
	if call.dirty {
		c.settleCall(r)
	}
	if int64(call.org.horizon) <= call.due {
		c.releaseAt(r, call)
		return
	}
	c.release(r, call)
}

func (c *Core) releaseAt(r callRef, call *call) {
	if call.due < call.released {
		call.released = call.due
		call.org.releases.push(timer{due: call.due, ref: r.ref, gen: r.gen, kind: timerCall})
	}
}

// release freezes a call's part in its windows and forgets it.
func (c *Core) release(r callRef, call *call) {
	o := call.org
	c.changes.org(o)
	c.changes.idGone(o, EntityCall, call.id)
	if call.changed {
		c.emitCall(call, &c.pending)
	}
	c.fold.fold(o, call.facts)
	for _, i := range c.fold.orphans {
		c.pending.Orphans = append(c.pending.Orphans, c.orphanRow(call, &call.facts[i]))
	}
	o.account.Accepted -= int64(call.orphans)
	o.account.Orphan += int64(call.orphans)
	o.orphans -= int64(call.orphans)
	for i := range call.visits {
		v := &call.visits[i]
		if v.day != nil {
			v.day.freeze(v)
			v.interval.freeze(v)
		}
		c.countOpen(v, -1)
	}
	for _, p := range call.crew {
		a := o.agents[p.agent]
		a.lastSegment = max(a.lastSegment, p.at)
		c.changes.agent(a)
	}
	c.present(call, nil)
	for i := range call.facts {
		if ix := call.facts[i].agentIx(); ix >= 0 {
			o.agents[ix].leaveCall(call, r)
		}
		c.releaseTexts(&call.facts[i])
	}
	c.sizes.Facts -= int64(len(call.facts))
	c.recycle(call.facts)
	delete(o.calls, call.id)
	gen, visits, crew, spans := call.gen+1, call.visits[:0], call.crew[:0], call.spans[:0]
	*call = callZero
	call.gen, call.visits, call.crew, call.spans = gen, visits, crew, spans
	c.calls.free = append(c.calls.free, r.ref)
	c.sizes.Calls--
}

var callZero call

func (c *Core) countOpen(v *visit, n int64) {
	if v.bits&visitOpen != 0 && v.direction == Inbound {
		c.sizes.OpenVisits += n
	}
}

// bytes estimates the held memory (TestEstimateOfMemory).
func (c *Core) bytes() int64 {
	const (
		perOrganization, perQueue, perAgent, perMember, perChannel = 700, 730, 1300, 90, 130
		perCallback, perTimer, perList                             = 250, 24, 200
		perCall, perFact, perWindow, perText, perID                = 404, 62, 900, 80, 16
	)
	return int64(len(c.orgList))*perOrganization + c.sizes.Queues*perQueue + c.sizes.Agents*perAgent + c.sizes.Members*perMember +
		c.sizes.Callbacks*perCallback + c.callbackBytes + c.callbackTimers*perTimer + c.sizes.CallLists*perList +
		c.sizes.Calls*perCall + c.sizes.Facts*perFact + c.sizes.Windows*perWindow +
		int64(len(c.texts.index))*perText + c.texts.bytes + c.idSlots*perID + c.historyBytes + c.pendingBytes + c.changeBytes + int64(c.agentChannels)*perChannel + c.changes.bytes()
}
