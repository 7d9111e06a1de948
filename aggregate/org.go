package aggregate

import (
	"github.com/google/uuid"

	"ringside/ingest"
)

// org is one organization: nothing in it depends on any other.
type org struct {
	c       *Core
	id      uuid.UUID
	index   uint32
	horizon ingest.Time // the greatest event time received
	now     int64       // the running clock, ticks: the horizon, or wall time once events are within a minute of it
	live    bool

	ids     seenIDs
	calls   map[uuid.UUID]uint32
	queueIx map[uuid.UUID]uint32
	queues  []*queue
	agentIx map[uuid.UUID]uint32
	agents  []*agent

	timers        timers // woken by the running clock
	releases      timers // woken by the horizon
	windows       []*window
	freeWindows   []uint32
	callbackIx    map[uuid.UUID]uint32
	callbacks     []callbackRecord
	freeCallbacks []uint32
	listIx        map[uuid.UUID]uint32
	lists         []*callList

	account      AccountingRow
	accountDirty bool
	unsaved      bool
	newIDs       []seenID // since the last checkpoint
	orphans      int64    // among the facts of held calls, as they stand
}

func (c *Core) org(id uuid.UUID) *org {
	if c.lastOrg != nil && c.lastOrg.id == id {
		return c.lastOrg
	}
	o, ok := c.orgs[id]
	if !ok {
		o = &org{c: c, id: id, index: uint32(len(c.orgList)), calls: map[uuid.UUID]uint32{}, queueIx: map[uuid.UUID]uint32{},
			agentIx: map[uuid.UUID]uint32{}}
		o.account.OrganizationID = id
		o.ids.total = &c.idSlots
		c.orgs[id] = o
		c.orgList = append(c.orgList, o)
	}
	c.lastOrg = o
	return o
}

func (o *org) queue(id uuid.UUID) *queue {
	if i, ok := o.queueIx[id]; ok {
		return o.queues[i]
	}
	if len(o.queues) >= maxIndex-1 {
		panic("BUG: more queues in one organization than a fact can name")
	}
	q := &queue{id: id, org: o, index: uint32(len(o.queues))}
	q.defaults = o.c.set.Rules(o.id, id, nil)
	q.fallback = o.fallbackZone(q)
	o.queueIx[id] = q.index
	o.queues = append(o.queues, q)
	o.c.sizes.Queues++
	o.c.changes.queue(q)
	q.markDim()
	if at := q.nextHoursChange(); at != never {
		o.timers.push(timer{due: at, ref: q.index, kind: timerQueue})
	}
	return q
}

func (o *org) agent(id uuid.UUID) *agent {
	if i, ok := o.agentIx[id]; ok {
		return o.agents[i]
	}
	if len(o.agents) >= maxIndex-1 {
		panic("BUG: more agents in one organization than a fact can name")
	}
	a := &agent{id: id, org: o, index: uint32(len(o.agents))}
	o.agentIx[id] = a.index
	o.agents = append(o.agents, a)
	o.c.sizes.Agents++
	o.c.changes.agent(a)
	a.markDim()
	return a
}

func (o *org) addWindow(w *window) uint32 {
	o.c.sizes.Windows++
	if n := len(o.freeWindows); n > 0 {
		i := o.freeWindows[n-1]
		o.freeWindows = o.freeWindows[:n-1]
		o.windows[i] = w
		return i
	}
	o.windows = append(o.windows, w)
	return uint32(len(o.windows) - 1)
}

// observe moves the horizon and the running clock for an event stamped at.
func (o *org) observe(at ingest.Time) {
	if at > o.horizon {
		o.horizon = at
		o.ids.forget(at - ingest.Time(ticksOf(o.c.set.Lateness)))
	}
	o.runClock()
}

// runClock sets the running clock: wall time once the organization's events are within a minute of it, else the horizon.
func (o *org) runClock() {
	const minute = 60 * ingest.TicksPerSecond
	wall := o.c.wall
	if wall != 0 && !o.live && wall-o.horizon <= minute && o.horizon-wall <= minute {
		o.live = true
		o.c.liveOrgs = append(o.c.liveOrgs, o)
	}
	now := int64(o.horizon)
	if o.live {
		now = max(now, int64(wall))
	}
	o.now = max(o.now, now)
}

func (o *org) markAccount() {
	o.c.changes.org(o)
	if !o.accountDirty {
		o.accountDirty = true
		o.c.dirtyAccounts = append(o.c.dirtyAccounts, o)
	}
}

// wake looks at what the clocks have reached since the last time.
func (o *org) wake() {
	for {
		e, ok := o.timers.pop(o.now)
		if !ok {
			break
		}
		switch e.kind {
		case timerCall:
			o.c.wakeCall(e)
		case timerAgent:
			o.agents[e.ref].wake()
		case timerQueue:
			q := o.queues[e.ref]
			q.markStatus()
			o.timers.push(timer{due: max(q.nextHoursChange(), o.now), ref: e.ref, kind: timerQueue})
		}
	}
	for {
		e, ok := o.releases.pop(int64(o.horizon))
		if !ok {
			return
		}
		switch e.kind {
		case timerCall:
			o.c.releaseIfDue(e)
		case timerWindow:
			o.releaseWindow(e.ref)
		case timerCallback:
			o.releaseCallback(e.ref)
		}
	}
}

// releaseWindow lets a window go that nothing can change any more; its row is in the store, or on its way there.
func (o *org) releaseWindow(ref uint32) {
	w := o.windows[ref]
	due := w.end*10 + ticksOf(o.c.set.Lateness)
	if w.refs > 0 || due >= int64(o.horizon) {
		// Held calls are let go within hours; look again when the next hour of events has passed.
		due = max(due, int64(o.horizon)+3600*ingest.TicksPerSecond)
		o.releases.push(timer{due: due, ref: ref, kind: timerWindow})
		return
	}
	if w.dirty {
		o.c.emitWindow(w)
	}
	list := &w.queue.days
	if w.kind == windowInterval {
		list = &w.queue.intervals
	}
	for i, x := range *list {
		if x == w {
			*list = append((*list)[:i], (*list)[i+1:]...)
			break
		}
	}
	o.c.changes.windowGone(w)
	o.windows[ref] = nil
	o.freeWindows = append(o.freeWindows, ref)
	o.c.sizes.Windows--
}
