package sim

import (
	"strconv"

	"github.com/google/uuid"

	"ringside/aggregate"
	"ringside/ingest"
)

// callList is a callback list at work.
type callList struct {
	cfg       *CallList
	org       *centre
	id        uuid.UUID
	text      string
	items     []*callback // neither closed nor expired
	published ListFigures
	toldAt    ingest.Time // of the figures published last; 0: none
	requests  []*callback // all of them, but with Config.Forget
}

// callback is one request and its handling.
type callback struct {
	id       uuid.UUID
	text     string
	list     *callList
	typ      int // 1 explicit request, 2 overflown call, 3 by hand
	queue    *queue
	callID   uuid.UUID
	callText string
	contact  string
	name     string

	created, modified, due, expiry, notBefore ingest.Time
	assigned, lastUser                        *agent
	closed                                    bool
	classified                                bool
	attempts                                  []attempt
	class                                     uuid.UUID

	first, last ingest.Time // the stamps of its messages
	calls       []*Visit    // out
}

// attempt is one try to reach the contact.
type attempt struct {
	id       uuid.UUID
	user     *agent
	at       ingest.Time
	typ      int
	callText string
}

func newCallList(s *Sim, o *centre, i int) *callList {
	l := &callList{cfg: &o.cfg.CallLists[i], org: o, id: deriveID(s.cfg.Seed, kindList, o.index, i)}
	l.text = l.id.String()
	return l
}

func (s *Sim) newCallback(l *callList, typ int) *callback {
	cb := &callback{id: makeID(s.rng.Uint64(), s.rng.Uint64()), list: l, typ: typ, created: s.now}
	cb.text = cb.id.String()
	cb.due, cb.expiry = s.now+seconds(4*3600), s.now+seconds(s.between(10, 72)*3600)
	if s.chance(.3) {
		cb.notBefore = s.now + seconds(s.between(.1, 3)*3600)
	}
	l.items = append(l.items, cb)
	if !s.cfg.Forget {
		l.requests = append(l.requests, cb)
	}
	return cb
}

// createCallback makes a request from a call: the visit's, whether it is still waiting or not.
func (s *Sim) createCallback(v *Visit, typ int) {
	o := v.call.org
	if len(o.lists) == 0 || v.back != nil {
		return
	}
	cb := s.newCallback(o.lists[v.queue.index%len(o.lists)], typ)
	cb.queue, cb.callID, cb.callText, cb.contact = v.queue, v.call.id, v.call.text, v.call.from
	v.back = cb
	v.askedFor = typ == 1 && v.ended == 0
	m := about(v, ingest.QueueCallInCallbackCreated)
	m.back, m.list = cb, cb.list
	s.fact(&m)
	cb.told(m.at)
	s.changed(v)
	s.in(s.between(.02, .8), func() { s.change(cb, true) })
	s.work(cb)
}

// nextByHand lets people put entries on the list themselves.
func (s *Sim) nextByHand(l *callList) {
	s.hourly(s.cfg.Rates.CallbackByHand, func() {
		cb := s.newCallback(l, 3)
		cb.contact, cb.name = callerNumber(s.noise.Uint64()), `Åsa \"Kontakt\"`
		s.change(cb, true)
		s.work(cb)
	})
}

// change sends the callback's present record.
func (s *Sim) change(cb *callback, created bool) {
	cb.modified = s.now
	cb.told(s.now)
	if cb.closed {
		cb.list.drop(cb)
	}
	if s.cfg.Mute {
		return
	}
	s.send(&message{typ: ingest.CallbackChanged, org: cb.list.org, list: cb.list, body: func(b []byte) []byte {
		return s.w.callbackChanged(b, cb, created)
	}})
}

// told notes that a message spoke of the callback.
func (cb *callback) told(at ingest.Time) {
	if cb.first == 0 {
		cb.first = at
	}
	cb.last = max(cb.last, at)
}

func (l *callList) drop(cb *callback) {
	for i, x := range l.items {
		if x == cb {
			l.items = append(l.items[:i], l.items[i+1:]...)
			return
		}
	}
}

// work plans the handling: somebody takes the request, tries, and closes it or tries again later.
func (s *Sim) work(cb *callback) {
	wait := s.exponential(1500) + 60
	if cb.notBefore != 0 {
		wait = max(wait, float64(cb.notBefore-s.now)/ingest.TicksPerSecond+1)
	}
	if at := s.now + seconds(wait); at >= cb.expiry || at >= s.end {
		return // nobody gets to it
	}
	s.in(wait, func() {
		a := s.callbackAgent(cb.list.org)
		if a == nil {
			s.work(cb)
			return
		}
		cb.assigned = a
		s.change(cb, false)
		s.in(s.between(1, 20), func() { s.tryCallback(cb, a) })
	})
}

func (s *Sim) callbackAgent(o *centre) *agent {
	for _, a := range o.agents {
		if a.cfg.Callback && a.ready() {
			return a
		}
	}
	return nil
}

// tryCallback calls the contact.
func (s *Sim) tryCallback(cb *callback, a *agent) {
	if !a.ready() {
		cb.assigned = nil
		s.change(cb, false)
		s.work(cb)
		return
	}
	v := s.outboundCallback(cb, a)
	if !s.cfg.Forget {
		cb.calls = append(cb.calls, v)
	}
	s.in(60, func() { s.afterAttempt(cb, v, a) })
}

func (s *Sim) outboundCallback(cb *callback, a *agent) *Visit {
	return s.outbound(a, callbackOut, aggregate.CallbackCall, nil, cb)
}

// afterAttempt writes the attempt down once the call is over.
func (s *Sim) afterAttempt(cb *callback, v *Visit, a *agent) {
	if v.ended == 0 {
		s.in(30, func() { s.afterAttempt(cb, v, a) })
		return
	}
	reached := v.answered != 0
	typ := 2
	if reached {
		typ = 1
	}
	cb.attempts = append(cb.attempts, attempt{makeID(s.rng.Uint64(), s.rng.Uint64()), a, s.now, typ, v.call.text})
	cb.lastUser, cb.assigned = a, nil
	if cb.closed = reached || len(cb.attempts) >= 3; cb.closed {
		cb.classified, cb.class = true, deriveID(s.cfg.Seed, kindList, cb.list.org.index, 900+len(cb.attempts))
	} else {
		cb.notBefore = s.now + seconds(s.between(600, 5400))
	}
	s.change(cb, false)
	if !cb.closed {
		s.work(cb)
	}
}

// ListFigures are the figures of a CallbackListStatus.
type ListFigures struct {
	IsAutoAllocate                                                   bool
	TotalOpenRequests, TotalFreeForAllocation, TotalAssigned         int
	TotalHidingNotBefore, NextHourRevealedNotBefore                  int
	TotalOverDueDate, NextHourOverDueDate                            int
	TotalActiveAgents, TotalAutoAllocateAgents                       int
	TotalServingAgents, TotalServingAutoAllocateAgents, ExpiresIn24h int
}

// count adds a callback as it stands at an instant, if it is open and was published.
func (f *ListFigures) count(cb *callback, at, expires ingest.Time) {
	const hour = 3600 * ingest.TicksPerSecond
	if cb.modified == 0 || cb.closed || cb.expiry <= at {
		return
	}
	f.TotalOpenRequests++
	hiding := cb.notBefore > at
	count(&f.TotalAssigned, cb.assigned != nil)
	count(&f.TotalHidingNotBefore, hiding)
	count(&f.TotalFreeForAllocation, cb.assigned == nil && !hiding)
	count(&f.NextHourRevealedNotBefore, hiding && cb.notBefore <= at+hour)
	count(&f.TotalOverDueDate, cb.due <= at)
	count(&f.NextHourOverDueDate, cb.due > at && cb.due <= at+hour)
	count(&f.ExpiresIn24h, cb.expiry <= expires)
}

// figures counts the list now.
func (s *Sim) figures(l *callList) (f ListFigures) {
	const hour = 3600 * ingest.TicksPerSecond
	f.IsAutoAllocate = l.cfg.AutoAllocate
	expires := s.now + 24*hour
	if s.cfg.Vendor.ExpiresToday {
		expires = s.now - s.now%(24*hour) + 24*hour
	}
	kept := l.items[:0]
	for _, cb := range l.items {
		if cb.expiry > s.now {
			kept = append(kept, cb)
			f.count(cb, s.now, expires)
		}
	}
	l.items = kept
	for _, a := range l.org.agents {
		if !a.cfg.Callback {
			continue
		}
		f.TotalActiveAgents++
		count(&f.TotalServingAgents, a.serving)
		count(&f.TotalAutoAllocateAgents, a.serving)
		count(&f.TotalServingAutoAllocateAgents, a.serving && l.cfg.AutoAllocate)
	}
	return f
}

func count(n *int, yes bool) {
	if yes {
		*n++
	}
}

func appendPair(b []byte, key string, n int) []byte {
	b = append(b, `,"`...)
	b = append(b, key...)
	b = append(b, `":`...)
	return strconv.AppendInt(b, int64(n), 10)
}
