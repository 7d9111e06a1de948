package aggregate

import (
	"encoding/binary"
	"fmt"

	"github.com/google/uuid"
)

// changedHistory emits what has changed of an agent's history since the last checkpoint.
func (s *snapshot) changedHistory(a *agent) {
	h := &a.history
	if h.baseUnsaved {
		s.history(a)
	}
	s.agentFacts(a, h.unsavedFrom)
	h.unsaved, h.baseUnsaved, h.unsavedFrom = false, false, never
}

func (s *snapshot) wholeHistory(a *agent) {
	s.history(a)
	s.agentFacts(a, 0)
}

func (s *snapshot) history(a *agent) {
	h := &a.history
	s.org = a.org.id
	s.reset(entityVersion)
	s.int(h.from)
	s.agentFact(&h.base.status)
	s.agentFact(&h.base.availability)
	s.int(h.base.segment)
	s.int(h.base.wrapUp)
	s.int(int64(len(h.silences)))
	for _, p := range h.silences {
		s.int(p.from)
		s.int(p.to)
	}
	s.int(int64(len(h.kept)))
	for _, p := range h.kept {
		s.int(int64(p.kind))
		s.int(p.from)
		s.int(p.to)
		s.id(a.org.queueID(p.queue))
	}
	s.put(EntityAgentHistory, a.id[:])
}

func (s *snapshot) agentFact(f *agentFact) {
	s.int(f.at)
	s.id(f.id)
	s.int(f.start)
	s.int(f.end)
	s.int(int64(f.kind))
	s.int(int64(f.bits))
}

// agentFacts emits the facts of a quarter of an hour and later ones.
func (s *snapshot) agentFacts(a *agent, from int64) {
	facts := a.history.facts
	n := 0
	for n < len(facts) && micros(facts[n].at) < from {
		n++
	}
	for facts = facts[n:]; len(facts) > 0; facts = facts[n:] {
		quarter := quarterOf(micros(facts[0].at))
		for n = 1; n < len(facts) && quarterOf(micros(facts[n].at)) == quarter; n++ {
		}
		s.org = a.org.id
		s.reset(entityVersion)
		s.int(int64(n))
		for i := range facts[:n] {
			s.agentFact(&facts[i])
		}
		s.put(EntityAgentFacts, a.factsKey(s.key[:0], quarter))
	}
}

func (a *agent) factsKey(b []byte, quarter int64) []byte {
	b = append(b, a.id[:]...)
	return binary.BigEndian.AppendUint64(b, uint64(quarter))
}

func (o *org) restoreHistory(d *decoder, key []byte) error {
	id, err := idOf(key)
	if err != nil {
		return err
	}
	a := o.agent(id)
	h := &a.history
	if h.from = d.int(); h.from%intervalUs != 0 {
		return fmt.Errorf("a history that begins at %d µs, within a quarter of an hour", h.from)
	}
	for _, f := range [...]*agentFact{&h.base.status, &h.base.availability} {
		if err := d.agentFact(f); err != nil {
			return err
		}
	}
	a.wakeFor(&h.base.status)
	a.wakeFor(&h.base.availability)
	h.base.segment, h.base.wrapUp = d.int(), d.int()
	for range d.count(2) {
		a.addSilence(silence{d.int(), d.int()})
	}
	before := cap(h.kept)
	for range d.count(19) {
		p := span{kind: spanKind(d.int()), from: d.int(), to: d.int(), agent: a.index + 1}
		if p.kind > spanHandled || p.to < p.from {
			return fmt.Errorf("a span of kind %d from %d to %d", p.kind, p.from, p.to)
		}
		if id := d.id(); id != uuid.Nil {
			p.queue = o.queue(id).index + 1
		}
		h.kept = append(h.kept, p)
	}
	o.c.historyBytes += int64(cap(h.kept)-before) * spanBytes
	return nil
}

// wakeFor sets the timers at which a fact begins or ceases to hold.
func (a *agent) wakeFor(f *agentFact) {
	if f.at != 0 {
		a.wakeAt(f.start)
		a.wakeAt(f.end)
	}
}

func (d *decoder) agentFact(f *agentFact) error {
	*f = agentFact{at: d.int(), id: d.id(), start: d.int(), end: d.int(), kind: agentFactKind(d.int()), bits: uint8(d.int())}
	switch {
	case f.kind >= numAgentFacts:
		return fmt.Errorf("a fact of an agent of unknown kind %d", f.kind)
	case f.kind == factFetch && f.bits >= NumFetches, f.kind == factAvailability && f.bits > availabilityAway:
		return fmt.Errorf("a fact of an agent of kind %d that says %d", f.kind, f.bits)
	}
	return nil
}

func (o *org) restoreAgentFacts(d *decoder, key []byte) error {
	if len(key) != 24 {
		return fmt.Errorf("a key of %d bytes, want 24", len(key))
	}
	a := o.agent(uuid.UUID(key[:16]))
	for range d.count(21) {
		var f agentFact
		if err := d.agentFact(&f); err != nil {
			return err
		}
		if d.err != nil {
			return d.err
		}
		a.remember(f)
		a.wakeFor(&f)
	}
	return nil
}
