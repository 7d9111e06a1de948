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
	}
	if ev.UserID != uuid.Nil {
		a = o.agent(ev.UserID)
		a.note(ev, int64(at))
	}
	if m := factKinds[ev.Type]; m.kind != notAFact && ev.CallID != uuid.Nil {
		o.applyFact(ev, m.kind, m.place, at, skewed, q, a)
	}
	switch ev.Type {
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
				list[i] = attachment{o.agent(u.UserID).index, u.Active}
			}
			q.attachList(list, int64(at), ev.ID)
		}
	case ingest.UserQueueAttached:
		if q != nil && a != nil {
			q.attach(a, membership{!ev.Deleted, ev.Active}, int64(at), ev.ID)
		}
	case ingest.UserStatus:
		if a != nil && a.status.set(ev.Status, int64(at), ev.ID) {
			a.refresh()
		}
	case ingest.UserAvailability:
		if a != nil {
			v := availability{o.c.words.word(ev.Availability), int64(ev.StartTime), int64(ev.EndTime)}
			if ev.EndTime == ingest.Unset {
				v.end = int64(ingest.OpenEnded)
			}
			if a.availability.set(v, int64(at), ev.ID) {
				a.refresh()
				for _, t := range [2]int64{v.start, v.end} {
					if t > o.now && t < never {
						o.timers.push(timer{due: t, ref: a.index, kind: timerAgent})
					}
				}
			}
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
			q.markStatus()
		}
	}
	if len(ev.QueueName) == 0 || !q.name.yields(at, ev.ID) {
		return
	}
	if q.name.value != string(ev.QueueName) {
		q.name.value = string(ev.QueueName)
		q.markDim()
		q.markStatus()
	}
	q.name.at, q.name.id = at, ev.ID
}

// note takes the agent's name, and that there is life in the agent.
func (a *agent) note(ev *ingest.Event, at int64) {
	if len(ev.UserName) > 0 && a.name.yields(at, ev.ID) {
		if a.name.value != string(ev.UserName) {
			a.name.value = string(ev.UserName)
			a.markDim()
		}
		a.name.at, a.name.id = at, ev.ID
	}
	if at <= a.lastEvent {
		return
	}
	if a.lastEvent == 0 || a.stale {
		a.org.timers.push(timer{due: at + ticksOf(a.org.c.set.AgentStale), ref: a.index, kind: timerAgent})
	}
	a.lastEvent = at
	if a.stale {
		a.stale = false
		a.refresh()
	}
}

// wake is what an agent's timer does: nothing heard for too long, or an availability that begins or ends.
func (a *agent) wake() {
	due := a.lastEvent + ticksOf(a.org.c.set.AgentStale)
	stale := a.org.now > due && a.currentState() != AgentOffWork
	if !stale && a.org.now <= due && !a.stale {
		a.org.timers.push(timer{due: due, ref: a.index, kind: timerAgent})
	}
	a.stale = stale
	a.refresh()
}

// applyFact adds a fact to its call.
func (o *org) applyFact(ev *ingest.Event, k kind, p place, at ingest.Time, skewed bool, q *queue, a *agent) {
	c := o.c
	f := fact{at: int64(at), id: ev.ID, leg: hashLeg(ev.LegID), num: Null, user: uint32(p), queue: uint32(k)}
	if skewed {
		f.user |= factSkew
	}
	if q != nil {
		f.queue |= (q.index + 1) << 8
		q.noteOpen(k, p, int64(at))
	}
	if a != nil {
		f.user |= (a.index + 1) << 8
		if int64(at) > a.lastCall {
			a.lastCall = int64(at)
		}
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
		f.text[0] = c.texts.intern(ev.OverflowReason)
	case kindTransferStarted, kindTransferConnected:
		f.text[0] = c.texts.intern(ev.TransferTarget)
	case kindOverflow:
		f.text[0], f.text[1] = c.texts.intern(ev.OverflowReason), c.texts.intern(ev.OverflowType)
	case kindDisconnected:
		f.text[0], f.text[1] = c.texts.intern(ev.Reason), c.texts.intern(ev.TechReason)
	case kindCallbackCreated, kindCallbackChanged:
		f.text[0] = c.texts.intern(ev.CallBackID[:])
		f.num = optional(ev.Callback.TypeID)
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
	if a != nil {
		switch k {
		case kindWrapUpStarted, kindWrapUpTerminated:
			if a.wrapUp.set(k == kindWrapUpStarted, int64(at), ev.ID) {
				a.refresh()
			}
			if k == kindWrapUpStarted {
				next := a.nextAct(int64(at))
				f.setNext(next)
				a.wraps = append(a.wraps, agentWrap{ref, int64(at), next})
			}
		case kindInComing, kindArrived, kindAllocated, kindConnected:
			a.acted(int64(at))
		}
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
	if q.openStatus() != was {
		q.markStatus()
	}
}

// refoldQueue has every held visit of a queue attributed anew: its zone or its rules may have changed for the past.
func (o *org) refoldQueue(q *queue) {
	if q.windowRefs() == 0 {
		return
	}
	for _, ref := range o.c.callsOf(o) {
		call := o.c.calls.at(ref.ref)
		for i := range call.visits {
			if call.visits[i].queue == q.index+1 {
				o.c.markCall(ref)
				break
			}
		}
	}
}

func (q *queue) windowRefs() int32 {
	var n int32
	for _, w := range q.days {
		n += w.refs
	}
	return n
}
