package aggregate

import (
	"slices"

	"ringside/ingest"
)

// settleCall folds a call and puts the difference into windows and queues: what it added before is taken back, what it
// adds now is added.
func (c *Core) settleCall(ref callRef) {
	call := c.held(ref)
	if call == nil || !call.dirty {
		return
	}
	call.dirty = false
	o := call.org
	f := &c.fold
	f.fold(o, call.facts)

	c.retire(call, len(f.stays))
	var date int32
	if len(f.stays) > 0 {
		date = utcDate(f.stays[0].begun)
	}
	for i := range f.stays {
		v := o.visitOf(&f.stays[i], date)
		if i < len(call.visits) {
			c.replace(call, &call.visits[i], &v)
			continue
		}
		call.visits = append(call.visits, v)
		c.enterWindows(&call.visits[i])
	}
	c.setSpans(call)
	c.present(call, f.stays)
	if n := int32(len(f.orphans)); n != call.orphans {
		o.orphans += int64(n - call.orphans)
		call.orphans = n
		o.markAccount()
	}
	c.schedule(ref, call)
	if !call.changed {
		call.changed = true
		c.changedCalls = append(c.changedCalls, ref)
	}
}

// visitOf reduces a stay and finds its windows.
func (o *org) visitOf(s *stay, date int32) visit {
	rules := &noRules
	var q *queue
	if s.queue != 0 {
		q = o.queues[s.queue-1]
		rules = q.rulesAt(s.begun)
	}
	v := visitOf(s, rules)
	v.date = date
	if q != nil && (s.direction == Inbound || s.direction == Outbound) {
		v.day, v.interval = o.windowsOf(q, s.begun)
	}
	return v
}

var noRules QueueRules

// replace exchanges a visit's contribution; nothing is done where it is the same.
func (c *Core) replace(call *call, old, v *visit) {
	if *old == *v {
		return
	}
	if !old.sameKey(v) {
		c.tombstone(call, old)
	}
	c.leaveWindows(old)
	*old = *v
	c.enterWindows(old)
}

// retire takes back the visits beyond the first n.
func (c *Core) retire(call *call, n int) {
	for i := n; i < len(call.visits); i++ {
		c.tombstone(call, &call.visits[i])
		c.leaveWindows(&call.visits[i])
	}
	if n < len(call.visits) {
		call.visits = call.visits[:n]
	}
}

func (v *visit) sameKey(w *visit) bool {
	return v.date == w.date && v.queue == w.queue && v.direction == w.direction && v.ordinal == w.ordinal
}

// tombstone removes the row of a visit that is no more, if it is out. A row of the same key in the same drain follows
// it and wins.
func (c *Core) tombstone(call *call, v *visit) {
	if !call.drained {
		return
	}
	c.pending.Calls = append(c.pending.Calls, CallRow{Deleted: true, OrganizationID: call.org.id, CallDate: v.date,
		CallID: call.id, QueueID: call.org.queueID(v.queue), Visit: v.ordinal, Direction: v.direction})
}

func (c *Core) enterWindows(v *visit) {
	c.countOpen(v, 1)
	if v.day == nil {
		return
	}
	o := v.day.queue.org
	v.day.add(v)
	v.interval.add(v)
	o.markWindow(v.day)
	o.markWindow(v.interval)
	v.day.queue.setStatus(v, 1)
}

func (c *Core) leaveWindows(v *visit) {
	c.countOpen(v, -1)
	if v.day == nil {
		return
	}
	o := v.day.queue.org
	v.day.takeBack(v)
	v.interval.takeBack(v)
	o.markWindow(v.day)
	o.markWindow(v.interval)
	v.day.queue.setStatus(v, -1)
}

// present sets the part that agents have in the call's stays.
func (c *Core) present(call *call, stays []stay) {
	o := call.org
	before := append(c.crewBefore[:0], call.crew...)
	c.crewBefore = before
	call.crew = call.crew[:0]
	for i := range stays {
		s := &stays[i]
		for _, a := range s.agents {
			if a.agent == 0 {
				continue
			}
			k := presentBefore
			if g := s.segmentOf(a.agent); g != nil && g.held {
				k = presentHolding
			} else if g != nil {
				k = presentTalking
			}
			call.crew = append(call.crew, presence{a.at, a.agent - 1, s.queue, k})
		}
		for _, a := range s.offered {
			if a != 0 {
				call.crew = append(call.crew, presence{0, a - 1, s.queue, presentRinging})
			}
		}
	}
	if slices.Equal(before, call.crew) {
		return
	}
	for _, p := range before {
		o.agents[p.agent].join(p, -1)
	}
	for _, p := range call.crew {
		o.agents[p.agent].join(p, 1)
	}
	for _, p := range before {
		o.agents[p.agent].refresh()
	}
	for _, p := range call.crew {
		o.agents[p.agent].refresh()
	}
}

// join adds (n = 1) or takes back (n = −1) the agent's part in a stay.
func (a *agent) join(p presence, n int32) {
	if p.kind == presentRinging {
		a.ringing += n
	} else if n > 0 {
		a.segments.add(p.at)
	} else {
		a.segments.remove(p.at)
	}
	if p.kind == presentTalking || p.kind == presentHolding {
		a.talking += n
		if p.kind == presentHolding {
			a.held += n
		}
		if p.queue != 0 {
			a.org.queues[p.queue-1].serve(a, n)
		}
	}
}

// schedule sets the timers at which silence ends the call, and at which it can be let go.
func (c *Core) schedule(ref callRef, call *call) {
	o, f := call.org, &c.fold
	if f.wake < call.woken {
		call.woken = f.wake
		o.timers.push(timer{due: f.wake, ref: ref.ref, gen: ref.gen, kind: timerCall})
	}
	var last int64
	if n := len(call.facts); n > 0 {
		last = call.facts[n-1].at
	}
	lateness := ticksOf(c.set.Lateness)
	switch {
	case len(f.stays) == 0:
		call.due = last + lateness
	case f.ended:
		call.due = f.endAt + ticksOf(c.set.Linger) + lateness
	default:
		call.due = f.last + f.maxAge() + lateness
	}
	call.due = max(call.due, last+lateness)
	c.releaseAt(ref, call)
}

func (o *org) queueID(queue uint32) (id [16]byte) {
	if queue == 0 {
		return id
	}
	return o.queues[queue-1].id
}

// Now returns an organization's running clock; see METRICS.md, section 1.
func (c *Core) Now(organization [16]byte) ingest.Time {
	if o, ok := c.orgs[organization]; ok {
		return ingest.Time(o.now)
	}
	return ingest.Unset
}
