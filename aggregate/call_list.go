package aggregate

import (
	"github.com/google/uuid"

	"ringside/ingest"
)

// callList is a callback list: what its open callbacks come to now, and what only the vendor knows of its agents.
type callList struct {
	id        uuid.UUID
	org       *org
	index     uint32
	counts    [numShares]int32
	published stamped[publishedList]

	first, last int64 // ticks of the events that name it

	dirty, dimDirty, unsaved bool
}

// publishedList has the figures of a CallbackListStatus that follow from no other event. Null: not told.
type publishedList struct {
	autoAllocate                                                int32 // 1, 0
	activeAgents, autoAllocateAgents, servingAutoAllocateAgents int32
}

// listShare is what a callback adds to a list: 1 for each bit.
type listShare struct {
	list uint32 // index + 1
	bits shareBits
}

type shareBits uint8

// The bits; each has a count in the list.
const (
	shareOpen = iota
	shareAssigned
	shareHiding
	shareFree
	shareRevealed // hidden, but not in an hour
	shareOverdue
	shareDueSoon  // due within the hour
	shareExpiring // within a day, or today
	numShares
)

func (o *org) callList(id uuid.UUID) *callList {
	if i, ok := o.listIx[id]; ok {
		return o.lists[i]
	}
	l := &callList{id: id, org: o, index: uint32(len(o.lists)), published: stamped[publishedList]{
		value: publishedList{Null, Null, Null, Null}}}
	if o.listIx == nil {
		o.listIx = map[uuid.UUID]uint32{}
	}
	o.listIx[id] = l.index
	o.lists = append(o.lists, l)
	o.c.sizes.CallLists++
	o.c.changes.callList(l)
	l.mark()
	return l
}

func (l *callList) mark() {
	if !l.dirty {
		l.dirty = true
		l.org.c.dirtyLists = append(l.org.c.dirtyLists, l)
	}
}

// publish takes in a CallbackListStatus.
func (l *callList) publish(p *ingest.Published, at int64, id uuid.UUID) {
	figure := func(i int) int32 {
		if p.Null[i] {
			return Null
		}
		return int32(p.Figures[i])
	}
	if l.published.set(publishedList{figure(ingest.ListIsAutoAllocate), figure(ingest.ListTotalActiveAgents),
		figure(ingest.ListTotalAutoAllocateAgents), figure(ingest.ListTotalServingAutoAllocateAgents)}, at, id) {
		l.org.c.changes.callList(l)
		l.mark()
		l.markDim()
	}
}

// serveCallbacks counts the agents who serve callback lists: those of the organization serve all of them.
func (o *org) serveCallbacks(was, is bool) {
	if was == is {
		return
	}
	if is {
		o.servingCallbacks++
	} else {
		o.servingCallbacks--
	}
	for _, l := range o.lists {
		l.mark()
	}
}

// shareOf returns what the life of a callback adds to its list now, and the next instant, ticks, at which that changes.
func (o *org) shareOf(a *callbackRun) (s listShare, next int64) {
	rec, now, next := &a.record, o.now, never
	list := rec.list
	if list == uuid.Nil {
		list = a.origin.list
	}
	if list == uuid.Nil {
		return s, next
	}
	s.list = o.callList(list).index + 1
	if rec.at == 0 || rec.closed || rec.expiry != 0 && rec.expiry <= now {
		return s, next
	}
	const hour = 3600 * ingest.TicksPerSecond
	set := func(bit int, on bool) {
		if on {
			s.bits |= 1 << bit
		}
	}
	// passed tells whether an instant has come; one that has not is to be looked at again.
	passed := func(at int64) bool {
		if at <= now {
			return true
		}
		next = min(next, at)
		return false
	}
	hiding := rec.notBefore != 0 && !passed(rec.notBefore)
	assigned := rec.assigned != uuid.Nil
	set(shareOpen, true)
	set(shareAssigned, assigned)
	set(shareHiding, hiding)
	set(shareFree, !assigned && !hiding)
	set(shareRevealed, hiding && passed(rec.notBefore-hour))
	if rec.due != 0 {
		overdue := passed(rec.due)
		set(shareOverdue, overdue)
		set(shareDueSoon, !overdue && passed(rec.due-hour))
	}
	if rec.expiry != 0 {
		passed(rec.expiry)
		set(shareExpiring, passed(o.expiresFrom(rec.expiry)))
	}
	return s, min(next, never)
}

// expiresFrom is the instant from which a callback counts as expiring.
func (o *org) expiresFrom(expiry int64) int64 {
	const ticksPerDay = 24 * 3600 * ingest.TicksPerSecond
	if !o.c.set.ExpiresToday || expiry >= never {
		return expiry - ticksPerDay
	}
	// What expires at midnight expires on the day that ends then.
	return localDayOf(micros(expiry-1), o.zone()).start * 10
}

func (o *org) shiftShare(s listShare, n int32) {
	if s.list == 0 {
		return
	}
	l := o.lists[s.list-1]
	if s.bits == 0 {
		return
	}
	for bit := range l.counts {
		if s.bits&(1<<bit) != 0 {
			l.counts[bit] += n
		}
	}
	l.mark()
}

func (l *callList) row() CallbackListRow {
	n, p := &l.counts, &l.published.value
	return CallbackListRow{OrganizationID: l.org.id, CallListID: l.id, ObservedAt: micros(l.org.now),
		TotalOpenRequests: n[shareOpen], TotalFreeForAllocation: n[shareFree], TotalAssigned: n[shareAssigned],
		TotalHidingNotBefore: n[shareHiding], NextHourRevealedNotBefore: n[shareRevealed], TotalOverDueDate: n[shareOverdue],
		NextHourOverDueDate: n[shareDueSoon], ExpiresIn24h: n[shareExpiring], TotalServingAgents: l.org.servingCallbacks,
		IsAutoAllocate: p.autoAllocate, TotalActiveAgents: p.activeAgents, TotalAutoAllocateAgents: p.autoAllocateAgents,
		TotalServingAutoAllocateAgents: p.servingAutoAllocateAgents, PublishedAt: micros(l.published.at)}
}
