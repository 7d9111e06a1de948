package aggregate

import (
	"fmt"

	"github.com/google/uuid"
)

func (s *snapshot) callback(o *org, r *callbackRequest) {
	texts := &o.c.texts
	s.org = o.id
	s.reset(entityVersion)
	k := &r.kind
	s.ints(int64(k.typeID), k.modified, k.at, k.due)
	s.id(k.id)
	s.int(int64(len(r.runs)))
	for i := range r.runs {
		a := &r.runs[i]
		s.ints(a.first, a.last, a.created, a.attempted, a.called, a.answered, int64(a.calls))
		s.changeKey(&a.reopened)
		s.int(int64(len(a.closings)))
		for j := range a.closings {
			s.changeKey(&a.closings[j])
		}
		f := &a.origin
		s.int(f.at)
		s.ids4(f.id, f.list, f.queue, f.call)
		s.bools(f.out)
		s.str(texts.get(f.number))
		s.callbackRecord(&a.record, texts)
	}
	s.put(EntityCallback, r.id[:])
}

func (s *snapshot) callbackRecord(r *callbackRecord, texts *texts) {
	s.changeKey(&r.changeKey)
	if r.at == 0 {
		return
	}
	s.ids4(r.list, r.queue, r.call, r.assigned)
	for _, id := range [...]uuid.UUID{r.attemptUser, r.modifier, r.class} {
		s.id(id)
	}
	s.ints(r.created, r.due, r.expiry, r.notBefore, r.attempted, int64(r.typeID), int64(r.attemptType))
	s.bools(r.closed)
	for _, t := range [...]uint32{r.number, r.name, r.channel, r.priority} {
		s.str(texts.get(t))
	}
	s.int(int64(len(r.attempts)))
	for _, n := range r.attempts {
		s.ints(int64(n.TypeID), int64(n.Count))
	}
}

func (s *snapshot) callList(l *callList) {
	s.org = l.org.id
	s.reset(entityVersion)
	s.ints(l.first, l.last)
	stamp(&s.encoder, &l.published)
	p := &l.published.value
	s.ints(int64(p.autoAllocate), int64(p.activeAgents), int64(p.autoAllocateAgents), int64(p.servingAutoAllocateAgents))
	s.put(EntityCallList, l.id[:])
}

func (e *encoder) ints(v ...int64) {
	for _, n := range v {
		e.int(n)
	}
}

func (e *encoder) ids4(a, b, c, d uuid.UUID) {
	e.id(a)
	e.id(b)
	e.id(c)
	e.id(d)
}

func (e *encoder) changeKey(k *changeKey) {
	e.int(k.modified)
	e.int(k.at)
	e.id(k.id)
}

func (o *org) restoreCallback(d *decoder, key []byte) error {
	id, err := idOf(key)
	if err != nil {
		return err
	}
	r := o.callbacks.at(o.callbackOf(id, 0))
	if len(r.runs) > 0 {
		return fmt.Errorf("callback %s is there twice", id)
	}
	r.drained = true
	k := &r.kind
	k.typeID, k.modified, k.at, k.due = int32(d.int()), d.int(), d.int(), d.int()
	k.id = d.id()
	for range d.count(100) {
		r.runs = append(r.runs, o.restoreRun(d))
	}
	return nil
}

func (o *org) restoreRun(d *decoder) callbackRun {
	texts := &o.c.texts
	a := callbackRun{first: d.int(), last: d.int(), created: d.int(), attempted: d.int(), called: d.int(), answered: d.int(),
		calls: int32(d.int()), reopened: d.changeKey()}
	for range d.count(18) {
		a.closings = append(a.closings, d.changeKey())
	}
	f := &a.origin
	f.at = d.int()
	f.id, f.list, f.queue, f.call = d.id(), d.id(), d.id(), d.id()
	d.bools(&f.out)
	f.number = d.text(texts)
	r := &a.record
	if r.changeKey = d.changeKey(); r.at == 0 {
		return a
	}
	r.list, r.queue, r.call, r.assigned = d.id(), d.id(), d.id(), d.id()
	r.attemptUser, r.modifier, r.class = d.id(), d.id(), d.id()
	r.created, r.due, r.expiry, r.notBefore, r.attempted = d.int(), d.int(), d.int(), d.int(), d.int()
	r.typeID, r.attemptType = int32(d.int()), int32(d.int())
	d.bools(&r.closed)
	r.number, r.name, r.channel, r.priority = d.text(texts), d.text(texts), d.text(texts), d.text(texts)
	for range d.count(2) {
		r.attempts = append(r.attempts, AttemptCount{int32(d.int()), int32(d.int())})
	}
	return a
}

func (d *decoder) changeKey() changeKey { return changeKey{d.int(), d.int(), d.id()} }

func (d *decoder) text(texts *texts) uint32 { return texts.intern(d.take(int(d.int()))) }

func (o *org) restoreCallList(d *decoder, key []byte) error {
	id, err := idOf(key)
	if err != nil {
		return err
	}
	l := o.callList(id)
	l.first, l.last = d.int(), d.int()
	l.markDim()
	unstamp(d, &l.published)
	p := &l.published.value
	p.autoAllocate, p.activeAgents, p.autoAllocateAgents, p.servingAutoAllocateAgents = int32(d.int()), int32(d.int()), int32(d.int()), int32(d.int())
	return nil
}
