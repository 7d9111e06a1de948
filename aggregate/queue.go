package aggregate

import (
	"bytes"
	"time"

	"github.com/google/uuid"

	"ringside/ingest"
)

// queue is one service queue: its configuration over time, its windows and its figures of now.
type queue struct {
	id    uuid.UUID
	org   *org
	index uint32
	names names
	seen  sightings

	changes []queueChange // by (at, id); the first may be older than all held calls
	list    stamped[[]attachment]
	members []member // by agent index
	numbers stamped[int32]
	view    ingest.View // the narrowest of its sources

	lastArrived, lastClosed int64 // ticks

	days      []*window // by date
	intervals []*window // by start
	today     struct {
		localDay
		zone *time.Location
	}

	queuing, allocated, connected int32
	waiting                       instants // since when queuing and allocated visits wait that count for the service level
	waitingIncomplete             instants // likewise of those that do not
	agents                        agentFigures
	serving                       []serving // agents connected to its calls

	statusDirty, dimDirty   bool
	unsaved, membersUnsaved bool
	refold                  bool           // its held visits are to be attributed anew
	defaults                QueueRules     // while no QueueChanged has told the groups
	fallback                *time.Location // of those rules
}

// stamped is a value that the latest event decides, by (Timestamp, Id).
type stamped[T any] struct {
	value T
	at    int64
	id    uuid.UUID
}

func (s *stamped[T]) set(v T, at int64, id uuid.UUID) bool {
	if !s.yields(at, id) {
		return false
	}
	s.value, s.at, s.id = v, at, id
	return true
}

func (s *stamped[T]) yields(at int64, id uuid.UUID) bool {
	return at > s.at || at == s.at && bytes.Compare(id[:], s.id[:]) >= 0
}

// queueChange is what a QueueChanged says, from its Timestamp on.
type queueChange struct {
	at      int64
	id      uuid.UUID
	region  string
	zone    *time.Location // nil: the region is not known
	groups  []uuid.UUID
	names   []string
	deleted bool
	rules   QueueRules
}

// bytes estimates what a change holds.
func (ch *queueChange) bytes() int64 {
	const perChange, perGroup = 240, 48
	return perChange + int64(len(ch.groups))*perGroup
}

type attachment struct {
	agent  uint32 // index
	active bool
}

// changeAt returns the last QueueChanged at or before us, or nil.
func (q *queue) changeAt(us int64) *queueChange {
	for i := len(q.changes) - 1; i >= 0; i-- {
		if micros(q.changes[i].at) <= us {
			return &q.changes[i]
		}
	}
	return nil
}

func (q *queue) zoneAt(us int64) *time.Location {
	if ch := q.changeAt(us); ch != nil && ch.zone != nil {
		return ch.zone
	}
	return q.fallback
}

func (q *queue) rulesAt(us int64) *QueueRules {
	if ch := q.changeAt(us); ch != nil {
		return &ch.rules
	}
	return &q.defaults
}

// change takes in a QueueChanged and returns whether held visits may have to be attributed anew.
func (q *queue) change(ev *ingest.Event, at int64) bool {
	o := q.org
	ch := queueChange{at: at, id: ev.ID, region: string(ev.Region), deleted: ev.Deleted}
	for i := range ev.QueueGroups {
		ch.groups = append(ch.groups, ev.QueueGroups[i].ID)
		ch.names = append(ch.names, string(ev.QueueGroups[i].Name))
	}
	if ch.region != "" {
		if loc, ok := o.c.set.Zone(ch.region); ok {
			ch.zone = loc
		} else {
			o.c.warnings.UnknownRegions++
		}
	}
	ch.rules = o.c.set.Rules(o.id, q.id, ch.groups)
	i := len(q.changes)
	for i > 0 && (q.changes[i-1].at > at || q.changes[i-1].at == at && bytes.Compare(q.changes[i-1].id[:], ev.ID[:]) > 0) {
		i--
	}
	q.changes = append(q.changes, queueChange{})
	copy(q.changes[i+1:], q.changes[i:])
	q.changes[i] = ch
	o.c.changeBytes += ch.bytes()
	q.noteChange(&ch, ev.QueueName)
	zone, rules := q.fallback, q.defaults
	if i > 0 {
		rules = q.changes[i-1].rules
		if q.changes[i-1].zone != nil {
			zone = q.changes[i-1].zone
		}
	}
	moved := ch.zone != nil && ch.zone != zone || ch.zone == nil && zone != q.fallback ||
		ch.rules.Threshold != rules.Threshold || ch.rules.ShortAbandon != rules.ShortAbandon
	q.pruneChanges()
	o.c.changes.queue(q)
	q.today.zone = nil
	q.markDim()
	q.markStatus()
	return moved
}

func (o *org) fallbackZone(q *queue) *time.Location {
	return o.configuredZone(q.defaults.Zone)
}

func (o *org) configuredZone(name string) *time.Location {
	if name != "" {
		if loc, ok := o.c.set.Zone(name); ok {
			return loc
		}
		o.c.warnings.UnknownRegions++
	}
	return time.UTC
}

// zone is the organization's own, for what belongs to no queue.
func (o *org) zone() *time.Location {
	if o.ownZone == nil {
		o.ownZone = o.configuredZone(o.c.set.Rules(o.id, uuid.Nil, nil).Zone)
	}
	return o.ownZone
}

// pruneChanges forgets changes that no held visit can have begun under, and no held window has its attributes of: all but
// the last that is older.
func (q *queue) pruneChanges() {
	oldest := q.org.oldestBegin()
	if len(q.days) > 0 {
		oldest = min(oldest, q.days[0].key*usPerDay*10)
	}
	if len(q.intervals) > 0 {
		oldest = min(oldest, q.intervals[0].key*10)
	}
	for len(q.changes) > 8 && q.changes[1].at < oldest {
		q.org.c.changeBytes -= q.changes[0].bytes()
		q.changes = append(q.changes[:0], q.changes[1:]...)
	}
}

// setStatus adds (n = 1) or takes back (n = −1) a visit in the figures of now.
func (q *queue) setStatus(v *visit, n int32) {
	if v.direction != Inbound || v.bits&visitOpen == 0 || v.bits&visitAccepted == 0 {
		return
	}
	switch {
	case v.outcome == Answered:
		q.connected += n
	case v.bits&visitRinging != 0:
		q.allocated += n
	default:
		q.queuing += n
	}
	if v.waitingSince != 0 {
		waiting := &q.waiting
		if v.bits&visitIncomplete != 0 {
			waiting = &q.waitingIncomplete
		}
		if n > 0 {
			waiting.add(v.waitingSince)
		} else {
			waiting.remove(v.waitingSince)
		}
	}
	q.markStatus()
}

// serving counts the open segments of an agent in the queue's calls.
type serving struct {
	agent uint32
	n     int32
}

func (q *queue) serve(a *agent, n int32) {
	q.markStatus()
	for i := range q.serving {
		s := &q.serving[i]
		if s.agent != a.index {
			continue
		}
		if s.n += n; s.n == 0 {
			q.serving = append(q.serving[:i], q.serving[i+1:]...)
		}
		return
	}
	q.serving = append(q.serving, serving{a.index, n})
}

func (q *queue) markStatus() {
	if !q.statusDirty {
		q.statusDirty = true
		q.org.c.dirtyQueues = append(q.org.c.dirtyQueues, q)
	}
}

func (q *queue) markDim() {
	if !q.dimDirty {
		q.dimDirty = true
		q.org.c.dirtyQueueDims = append(q.org.c.dirtyQueueDims, q)
	}
}

// status returns the queue's figures as of the running clock.
func (q *queue) status() QueueStatusRow {
	a := &q.agents
	r := QueueStatusRow{
		OrganizationID: q.org.id, QueueID: q.id, QueueName: q.names.last(), ObservedAt: micros(q.org.now),
		NbrOfQueuingRequesters: q.queuing, NbrOfAllocated: q.allocated, NbrOfConnected: q.connected,
		NbrOfNotServedRequesters:   q.queuing + q.allocated,
		NbrOfRequesters:            q.queuing + q.allocated + q.connected,
		NbrOfAgentsCheckedInQueue:  a.checkedIn,
		NbrOfAgentsLongTermAway:    a.longAway,
		NbrOfAgentsShortTermAway:   a.shortAway,
		NbrOfAgentsOnWrapUp:        a.wrapUp,
		NbrOfAgentsOnFetchMode:     a.fetchMode,
		NbrOfAgentsImmediatelyFree: a.free,
		NbrOfProviders:             a.checkedIn - a.longAway,
		NbrOfServingAgentsEstimate: int32(len(q.serving)) + a.free + a.freeInFetchMode,
		StaleAgents:                a.stale,
		OpenStatus:                 q.openStatus(),
	}
	if q.view != ingest.ViewWhole {
		r.narrow(q.view)
		return r
	}
	r.WaitingSince = q.waiting.list(MaxWaitingSince)
	r.LongestWaitSince = q.waiting.first()
	if since := q.waitingIncomplete.first(); since != 0 && (r.LongestWaitSince == 0 || since < r.LongestWaitSince) {
		r.LongestWaitSince = since
	}
	return r
}

// The vendor's OpenStatus values that are used.
const (
	openNA              = 0
	openNoActiveHandler = 1
	openClosed          = 3
	openClosedUncertain = 4
	openOpen            = 5
	openOpenUncertain   = 6
)

func (q *queue) openStatus() int32 {
	us := micros(q.org.now)
	if h := q.rulesAt(us).Hours; h != nil {
		if h.openAt(time.UnixMicro(us).In(q.zoneAt(us))) {
			return openOpen
		}
		return openClosed
	}
	switch {
	case q.numbers.at != 0 && q.numbers.value == 0:
		return openNoActiveHandler
	case q.lastArrived == 0 && q.lastClosed == 0:
		return openNA
	case q.lastArrived >= q.lastClosed:
		return openOpenUncertain
	}
	return openClosedUncertain
}

func (h *Hours) openAt(t time.Time) bool {
	m := t.Hour()*60 + t.Minute()
	for _, s := range h.Open[t.Weekday()] {
		if s.From <= m && m < s.To {
			return true
		}
	}
	return false
}

// nextHoursChange returns the next instant, ticks, at which opening hours may change, or never.
func (q *queue) nextHoursChange() int64 {
	us := micros(q.org.now)
	h := q.rulesAt(us).Hours
	if h == nil {
		return never
	}
	t := time.UnixMicro(us).In(q.zoneAt(us))
	m := t.Hour()*60 + t.Minute()
	next := 24 * 60
	for _, s := range h.Open[t.Weekday()] {
		for _, b := range [2]int{s.From, s.To} {
			if b > m && b < next {
				next = b
			}
		}
	}
	return (us/minUs+int64(next-m))*minUs*10 - 1
}
