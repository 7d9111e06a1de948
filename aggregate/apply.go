package aggregate

import (
	"time"

	"github.com/google/uuid"

	"ringside/ingest"
)

const day = 24 * time.Hour

// apply routes an accepted event to what it tells about: a call, a user, a queue.
func (o *org) apply(ev *ingest.Event, at ingest.Time, skewed bool) {
	var q *queue
	var a *agent
	if ev.QueueID != uuid.Nil {
		q = o.queue(ev.QueueID)
		q.noteName(ev, int64(at))
		q.see(ev)
	}
	if ev.CallListID != uuid.Nil {
		o.noteList(ev, int64(at))
	}
	if ev.UserID != uuid.Nil {
		a = o.agent(ev.UserID)
		a.note(ev, int64(at))
		a.noteChannels(ev, int64(at))
	}
	if m := factKinds[ev.Type]; m.kind != notAFact && ev.CallID != uuid.Nil {
		o.applyFact(ev, m.kind, m.place, at, skewed, q, a)
	}
	o.noteCallback(ev, int64(at))
	switch ev.Type {
	case ingest.UserCallOutGoing:
		if a != nil {
			a.acted(int64(at))
		}
	case ingest.QueueChanged:
		if q != nil {
			if q.change(ev, int64(at)) {
				o.refoldQueue(q)
			}
		}
	case ingest.QueueAttachedUsers:
		if q != nil && ev.HasAttachedUsers {
			list := make([]attachment, len(ev.AttachedUsers))
			for i, u := range ev.AttachedUsers {
				listed := o.agent(u.UserID)
				listed.heard(int64(at))
				list[i] = attachment{listed.index, u.Active}
			}
			q.noteAttachedList(ev.AttachedUsers, int64(at), ev.ID)
			q.attachList(list, int64(at), ev.ID)
		}
	case ingest.UserQueueAttached:
		if q != nil && a != nil {
			ms := membership{!ev.Deleted, ev.Active}
			q.noteAttached(a, ms, int64(at), ev.ID)
			q.attach(a, ms, int64(at), ev.ID)
		}
	case ingest.UserStatus:
		if a == nil {
			break
		}
		a.remember(statusFact(&ev.Status, int64(at), ev.ID))
		a.wakeAt(int64(ev.Status.WrapUpEnd))
		if served := a.status.value.ServingCallback; a.status.set(ev.Status, int64(at), ev.ID) {
			o.serveCallbacks(served, ev.Status.ServingCallback)
			a.refresh()
		}
	case ingest.UserAvailability:
		if a != nil {
			v := availability{o.c.words.word(ev.Availability), int64(ev.StartTime), int64(ev.EndTime), o.c.words.word(ev.AvailabilityReason)}
			if ev.EndTime == ingest.Unset {
				v.end = int64(ingest.OpenEnded)
			}
			a.remember(availabilityFact(v, int64(at), ev.ID))
			a.wakeAt(v.start)
			a.wakeAt(v.end)
			if a.availability.set(v, int64(at), ev.ID) {
				a.refresh()
			}
		}
	case ingest.UserCallAllocationRequest, ingest.UserCallAllocationResponse:
		if a != nil {
			a.remember(fetchFact(ev, int64(at)))
		}
	}
}

// words interns the few words of a closed vocabulary that live as long as the Core does.
type words map[string]string

// maxWords bounds words against a vendor that invents them.
const maxWords = 4096

func (w words) word(b []byte) string {
	if s, ok := w[string(b)]; ok {
		return s
	}
	s := string(b)
	if len(w) < maxWords {
		w[s] = s
	}
	return s
}

// noteName takes the queue's name from the latest event that carries one.
func (q *queue) noteName(ev *ingest.Event, at int64) {
	if ev.Type == ingest.QueueChanged && ev.Numbers.Valid {
		if q.numbers.set(ev.Numbers.Value, at, ev.ID) {
			q.org.c.changes.queue(q)
			q.markStatus()
		}
	}
	if len(ev.QueueName) > 0 {
		q.org.noteSighting(&q.seen, NameOfQueue, q.id, ev.QueueName, at)
	}
	if len(ev.QueueName) > 0 && q.names.note(ev.QueueName, at, ev.ID, q.org.c.words) {
		q.names.prune(q.org.oldestBegin())
		q.org.c.changes.queue(q)
		q.markDim()
		q.markStatus()
		if len(q.names) > 1 {
			q.org.refoldQueue(q)
		}
	}
}

// note takes the agent's name, and that there is life in the agent.
func (a *agent) note(ev *ingest.Event, at int64) {
	if len(ev.UserName) > 0 {
		a.org.noteSighting(&a.seen, NameOfAgent, a.id, ev.UserName, at)
	}
	if len(ev.UserName) > 0 && a.names.note(ev.UserName, at, ev.ID, a.org.c.words) {
		a.names.prune(a.org.oldestBegin())
		a.org.c.changes.agent(a)
		a.markDim()
		a.markTimeline(0)
	}
	a.heard(at)
}

// heard remembers a sign of life.
func (a *agent) heard(at int64) {
	a.silent(at)
	if at <= a.lastEvent {
		return
	}
	a.lastEvent = at
	a.org.c.changes.agent(a)
	if a.silence == 0 {
		a.watch()
	}
	if a.stale || a.unheard() {
		a.refresh()
	}
}

// wakeAt has the agent looked at again when the running clock has reached an instant; false: it has already.
func (a *agent) wakeAt(ticks int64) bool {
	if ticks <= a.org.now || ticks >= never {
		return false
	}
	a.org.timers.push(timer{due: ticks - 1, ref: a.index, kind: timerAgent})
	return true
}

// watch has the agent looked at again when nothing has been heard for too long.
func (a *agent) watch() {
	at := a.lastEvent + ticksOf(a.org.c.set.AgentStale) + 1
	if a.wakeAt(at) {
		a.silence = at
	}
}

// unheard tells whether nothing has been heard of the agent for too long.
func (a *agent) unheard() bool {
	return a.lastEvent != 0 && a.org.now > a.lastEvent+ticksOf(a.org.c.set.AgentStale)
}

// startWrapUp has the agent in wrap-up until its next call event, or for the longest it may last.
func (a *agent) startWrapUp(f *fact, next int64) {
	until := never
	if next != 0 {
		until = next
	}
	if f.num != Null {
		until = min(until, f.at+int64(f.num)*ingest.TicksPerSecond)
	}
	if a.wrapUp.set(wrapState{true, until}, f.at, f.id) {
		a.wakeAt(until)
		a.refresh()
	}
}

// wake is what an agent's timer does: nothing heard for too long, or an availability or a wrap-up that begins or ends.
func (a *agent) wake(at int64) {
	if at == a.silence-1 {
		a.silence = 0
		a.watch()
	}
	a.refresh()
	a.markTimeline(never)
}

// applyFact adds a fact to its call.
func (o *org) applyFact(ev *ingest.Event, k kind, p place, at ingest.Time, skewed bool, q *queue, a *agent) {
	c := o.c
	f := fact{at: int64(at), id: ev.ID, leg: hashLeg(ev.LegID), num: Null, user: uint32(p), queue: uint32(k)}
	if skewed {
		f.user |= factSkew
	}
	f.user |= uint32(min(ev.Channel, ingest.ChannelOther)) << factChannel
	if ev.View != ingest.ViewWhole {
		f.user |= factCard
	}
	if ev.Type == ingest.UserCallInUserOverflow {
		f.user |= factUserOverflow
	}
	if q != nil {
		f.queue |= (q.index + 1) << 8
		q.noteOpen(k, p, int64(at))
	}
	if a != nil {
		f.user |= (a.index + 1) << 8
	}
	switch k {
	case kindInComing, kindArrived, kindAllocated:
		f.text[0] = c.texts.intern(ev.CallerNumber)
		if p == callback {
			f.text[1] = c.texts.intern(ev.CallBackID[:])
		}
	case kindConnected:
		f.text[0] = c.texts.intern(ev.CallerNumber)
		f.text[1] = hashLeg(ev.AgentLegID)
	case kindPrompt, kindCancelled:
		f.text[0] = c.texts.intern(ev.Reason)
	case kindIvr:
		f.text[0] = c.texts.intern(ev.EnteredValue)
	case kindRouting:
		f.num = optional(ev.Priority)
	case kindClosed:
		f.text[0], f.text[1] = c.texts.intern(ev.OverflowReason), c.texts.intern(ev.CallerNumber)
	case kindTransferStarted, kindTransferConnected:
		f.text[0] = c.texts.intern(ev.TransferTarget)
	case kindOverflow:
		f.text[0], f.text[1] = c.texts.intern(ev.OverflowReason), c.texts.intern(ev.OverflowType)
	case kindDisconnected:
		f.text[0], f.text[1] = c.texts.intern(ev.Reason), c.texts.intern(ev.TechReason)
	case kindCallbackCreated:
		f.text[0] = c.texts.intern(ev.CallBackID[:])
	case kindWrapUpEnabled, kindWrapUpStarted:
		f.num = optional(ev.MaxWrapUpDurationSec)
	case kindWrapUpTerminated:
		f.num = optional(ev.ElapsedTimeSec)
	case kindSupervision:
		f.leg = hashLeg(ev.SupervisorLegID)
		if ev.SupervisorUserID != uuid.Nil {
			f.user = f.user&0xFF | (o.agent(ev.SupervisorUserID).index+1)<<8
		}
	}
	ref := c.callOf(o, ev.CallID)
	switch {
	case k == kindCallbackCreated && ev.CallBackID != uuid.Nil:
		o.callbacks.at(o.callbackOf(ev.CallBackID, int64(at))).call = ref
	case a == nil:
	case k == kindWrapUpStarted:
		next := a.nextAct(int64(at))
		f.setNext(next)
		a.addWrapUp(agentWrap{ref, int64(at), next})
		a.startWrapUp(&f, next)
	case k == kindWrapUpTerminated:
		if a.wrapUp.set(wrapState{}, int64(at), ev.ID) {
			a.refresh()
		}
	case k == kindInComing || k == kindArrived || k == kindAllocated || k == kindConnected && p != outbound && p != callback:
		a.acted(int64(at))
	}
	c.addFact(ref, &f)
}

func optional(v ingest.OptInt) int32 {
	if !v.Valid {
		return Null
	}
	return v.Value
}

// noteOpen remembers what tells whether the queue is open.
func (q *queue) noteOpen(k kind, p place, at int64) {
	if p != inQueue {
		return
	}
	was := q.openStatus()
	switch k {
	case kindArrived:
		q.lastArrived = max(q.lastArrived, at)
	case kindClosed:
		q.lastClosed = max(q.lastClosed, at)
	default:
		return
	}
	q.org.c.changes.queue(q)
	if q.openStatus() != was {
		q.markStatus()
	}
}

// refoldQueue has every held visit of a queue attributed anew at the next Settle: its zone, its rules or its name may
// have changed for the past.
func (o *org) refoldQueue(q *queue) {
	if q.refold {
		return
	}
	q.refold = true
	o.c.refolds = append(o.c.refolds, q)
	for _, w := range q.days {
		o.markWindow(w)
	}
	for _, w := range q.intervals {
		o.markWindow(w)
	}
}

// refoldQueues marks the calls with visits in queues that are to be attributed anew. It looks at every held call, once
// for all queues of a batch, which happens when somebody renames or moves a queue.
func (c *Core) refoldQueues() {
	for ref := uint32(0); ref < c.calls.next; ref++ {
		call := c.calls.at(ref)
		for i := range call.visits {
			if q := call.visits[i].queue; q != 0 && call.org.queues[q-1].refold {
				c.markCall(callRef{ref, call.gen})
				break
			}
		}
	}
	for _, q := range c.refolds {
		q.refold = false
	}
	c.refolds = c.refolds[:0]
}

// oldestBegin returns an instant, ticks, before which no visit of a held call began.
func (o *org) oldestBegin() int64 {
	set := o.c.set
	return int64(o.horizon) - 2*ticksOf(set.MaxAgeAnswered+set.Linger+set.Lateness)
}
