package aggregate

import (
	"cmp"
	"slices"
)

// timeline is the scratch memory in which agents' timelines are drawn, one after the other.
type timeline struct {
	from, now int64 // µs
	spans     []*span
	facts     []agentFact
	changes   []timelineChange
	pieces    []piece
	rows      []agentQuarter
	keys      []agentRowKey
	stands    standing
	mid       historyBase // what holds at midAt, from which it is drawn next time
	midAt     int64
}

// timelineChange is something that changes at an instant, µs.
type timelineChange struct {
	at    int64
	order int32
	what  changeKind
	n     int8       // of a span or a silence: 1 begins, −1 ends
	fact  *agentFact // of a fact
}

type changeKind uint8

const (
	changeStatus changeKind = iota
	changeAvailability
	changeSilence
	changeOffer
	changeTalk
	changeHold
	changeWrapUp
	changeNothing // a fact begins or ceases to hold
)

// piece is a time in which state and serving are the same.
type piece struct {
	from, to int64 // µs
	state    AgentState
	serving  bool
}

// standing is what is known of an agent at an instant.
type standing struct {
	status, availability              *agentFact // nil: none
	offers, segments, holds, wrapUps  int32
	silences                          int32
	segmentChanged, wrapUpChanged, at int64 // µs
}

// state returns the first state of METRICS.md, section 7, that holds.
func (s *standing) state() AgentState {
	status, known := s.status, s.status != nil && s.silences == 0
	talking, wrapUp := known && status.bits&statusTalking != 0, false
	if known && status.bits&statusWrapUp != 0 {
		wrapUp = status.end == 0 || s.at < micros(status.end)
	}
	var said int64
	if known {
		said = micros(status.at)
	}
	if !known || s.segmentChanged > said {
		talking = s.segments > 0
	}
	if !known || s.wrapUpChanged > said {
		wrapUp = s.wrapUps > 0
	}
	switch {
	case talking && s.holds > 0:
		return AgentHold
	case talking && (s.segments > 0 || s.offers == 0): // a UserStatus calls an agent talking whose phone rings
		return AgentTalking
	case s.offers > 0:
		return AgentRinging
	case wrapUp:
		return AgentWrapUp
	}
	switch said := s.saidAvailability(); {
	case said == availabilityOffWork, said == availabilityNone && known && status.bits&statusSchedule == 0:
		return AgentOffWork
	case said == availabilityAway, said == availabilityNone && known && status.bits&statusAvailable == 0:
		return AgentAway
	case said == availabilityAvailable, known:
		return AgentAvailable
	}
	return AgentUnknown
}

// saidAvailability returns what the last UserAvailability says, while it holds.
func (s *standing) saidAvailability() uint8 {
	f := s.availability
	if f == nil || s.silences > 0 || s.at < micros(f.start) || s.at >= micros(f.end) {
		return availabilityNone
	}
	return f.bits
}

// serving tells whether the agent serves queues, which is so until a UserStatus is known.
func (s *standing) serving() bool { return s.status == nil || s.status.bits&statusServing != 0 }

// gather collects everything that changes the agent's state up to the running clock: from the begin of its history, or
// from the middle if nothing has changed before that.
func (t *timeline) gather(a *agent) {
	h, o := &a.history, a.org
	base := &h.base
	t.from, t.now = h.from, micros(o.now)
	if h.midAt > h.from && h.changedFrom >= h.midAt {
		base, t.from = &h.mid, h.midAt
	}
	t.mid, t.midAt = *base, t.from
	if next := quarterOf(t.now) - intervalUs; next > t.from {
		t.midAt = next
	}
	t.changes, t.spans = t.changes[:0], t.spans[:0]
	t.stands = standing{segmentChanged: base.segment, wrapUpChanged: base.wrapUp}
	for i := range h.kept {
		t.addSpan(&h.kept[i])
	}
	for _, r := range h.calls {
		call := o.c.held(r)
		for i := range call.spans {
			if p := &call.spans[i]; p.agent == a.index+1 {
				t.addSpan(p)
			}
		}
	}
	if base.status.at != 0 {
		t.stands.status = &base.status
		t.mark(base.status.end)
	}
	if f := &base.availability; f.at != 0 {
		t.stands.availability = f
		t.mark(f.start)
		t.mark(f.end)
	}
	t.addFacts(h.facts)
	for _, s := range h.silences {
		t.addTime(micros(s.from), micros(s.to), changeSilence)
	}
	t.addTime(micros(a.lastEvent+ticksOf(o.c.set.AgentStale)), stillRuns, changeSilence)
	slices.SortFunc(t.changes, func(a, b timelineChange) int { return cmp.Or(cmp.Compare(a.at, b.at), cmp.Compare(a.order, b.order)) })
}

// addFacts adds the facts from t.from on.
func (t *timeline) addFacts(facts []agentFact) {
	n := len(facts)
	for n > 0 && micros(facts[n-1].at) >= t.from {
		n--
	}
	t.facts = facts[n:]
	for i := range t.facts {
		f := &t.facts[i]
		switch f.kind {
		case factStatus:
			t.add(timelineChange{at: micros(f.at), what: changeStatus, fact: f})
			t.mark(f.end)
		case factAvailability:
			t.add(timelineChange{at: micros(f.at), what: changeAvailability, fact: f})
			t.mark(f.start)
			t.mark(f.end)
		}
	}
}

// add keeps the order in which changes of one instant are added: facts stand in theirs.
func (t *timeline) add(ch timelineChange) {
	ch.order = int32(len(t.changes))
	t.changes = append(t.changes, ch)
}

func (t *timeline) addSpan(p *span) {
	if p.settled(t.from) {
		return
	}
	t.spans = append(t.spans, p)
	switch p.kind {
	case spanOffer, spanAnswered, spanDeclined, spanMissed:
		t.addTime(p.from, p.to, changeOffer)
	case spanTalk:
		t.addTime(p.from, p.to, changeTalk)
	case spanHold:
		t.addTime(p.from, p.to, changeHold)
	case spanWrapUp:
		t.addTime(p.from, p.to, changeWrapUp)
	}
}

func (t *timeline) addTime(from, to int64, what changeKind) {
	if to < t.from || from > t.now {
		return
	}
	if from < t.from {
		t.stands.count(what, 1)
	} else {
		t.add(timelineChange{at: from, what: what, n: 1})
	}
	if to <= t.now {
		t.add(timelineChange{at: to, what: what, n: -1})
	}
}

// mark notes an instant, ticks, at which a fact begins or ceases to hold.
func (t *timeline) mark(ticks int64) {
	if us := micros(ticks); ticks != 0 && us > t.from && us <= t.now {
		t.add(timelineChange{at: us, what: changeNothing})
	}
}

func (s *standing) count(what changeKind, n int8) {
	switch what {
	case changeOffer:
		s.offers += int32(n)
	case changeTalk:
		s.segments += int32(n)
	case changeHold:
		s.holds += int32(n)
	case changeWrapUp:
		s.wrapUps += int32(n)
	case changeSilence:
		s.silences += int32(n)
	}
}

func (s *standing) apply(ch *timelineChange) {
	switch ch.what {
	case changeStatus:
		s.status = ch.fact
	case changeAvailability:
		s.availability = ch.fact
	case changeTalk:
		s.segmentChanged = ch.at
	case changeWrapUp:
		s.wrapUpChanged = ch.at
	}
	s.count(ch.what, ch.n)
}

// cut makes pieces of the changes. The last ends at the running clock.
func (t *timeline) cut() {
	t.pieces = t.pieces[:0]
	s := &t.stands
	s.at = t.from
	passed := t.midAt == t.from
	for i := 0; ; {
		for i < len(t.changes) && t.changes[i].at <= s.at {
			if !passed && t.changes[i].at >= t.midAt {
				t.mid.take(s)
				passed = true
			}
			s.apply(&t.changes[i])
			i++
		}
		until := t.now
		if i < len(t.changes) {
			until = t.changes[i].at
		}
		p := piece{s.at, until, s.state(), s.serving()}
		if n := len(t.pieces); n > 0 && t.pieces[n-1].state == p.state && t.pieces[n-1].serving == p.serving {
			t.pieces[n-1].to = p.to
		} else {
			t.pieces = append(t.pieces, p)
		}
		if i == len(t.changes) {
			if !passed {
				t.mid.take(s)
			}
			return
		}
		s.at = until
	}
}

// told returns the instant up to which rows tell: the begin of the state that runs, or the last boundary of a quarter of
// an hour that has passed.
func (t *timeline) told() int64 {
	i := len(t.pieces) - 1
	for i > 0 && t.pieces[i-1].state == t.pieces[i].state {
		i--
	}
	return max(t.pieces[i].from, quarterOf(t.now))
}

// take keeps what holds, but for what spans tell.
func (b *historyBase) take(s *standing) {
	*b = historyBase{segment: s.segmentChanged, wrapUp: s.wrapUpChanged}
	if s.status != nil {
		b.status = *s.status
	}
	if s.availability != nil {
		b.availability = *s.availability
	}
}
