package aggregate

import (
	"github.com/google/uuid"

	"ringside/ingest"
)

// callList is a list of callback requests, of which the vendor tells an id and no name. It is never let go: there are as
// many as somebody has set up.
type callList struct {
	id             uuid.UUID
	org            *org
	first, last    int64          // ticks of the events that name it
	auto           stamped[int32] // IsAutoAllocate of the vendor's last CallbackListStatus; Null: not told
	dirty, unsaved bool
}

// CallListRow is one row of `callback_lists`. Key: organization, ListID.
type CallListRow struct {
	OrganizationID uuid.UUID
	ListID         uuid.UUID
	FirstSeen      int64 // µs; the first and the last event that names the list
	LastSeen       int64
	AutoAllocate   int32 // 1, 0, or Null: no CallbackListStatus has told
}

func (o *org) callList(id uuid.UUID) *callList {
	if i, ok := o.listIx[id]; ok {
		return o.lists[i]
	}
	l := &callList{id: id, org: o, auto: stamped[int32]{value: Null}}
	if o.listIx == nil {
		o.listIx = map[uuid.UUID]uint32{}
	}
	o.listIx[id] = uint32(len(o.lists))
	o.lists = append(o.lists, l)
	o.c.sizes.CallLists++
	return l
}

// noteList takes in that an event names a list.
func (o *org) noteList(ev *ingest.Event, at int64) {
	l := o.callList(ev.CallListID)
	changed := l.first == 0 || at < l.first || at > l.last
	if l.first == 0 || at < l.first {
		l.first = at
	}
	l.last = max(l.last, at)
	if p := &ev.Published; ev.Type == ingest.CallbackListStatus && !p.Null[ingest.ListIsAutoAllocate] {
		var auto int32
		if p.Figures[ingest.ListIsAutoAllocate] != 0 {
			auto = 1
		}
		changed = l.auto.set(auto, at, ev.ID) || changed
	}
	if changed {
		l.mark()
		o.c.changes.list(l)
	}
}

func (l *callList) mark() {
	if !l.dirty {
		l.dirty = true
		l.org.c.dirtyLists = append(l.org.c.dirtyLists, l)
	}
}

func (l *callList) row() CallListRow {
	return CallListRow{OrganizationID: l.org.id, ListID: l.id, FirstSeen: micros(l.first), LastSeen: micros(l.last), AutoAllocate: l.auto.value}
}

func (s *snapshot) callList(l *callList) {
	s.org = l.org.id
	s.reset(entityVersion)
	s.int(l.first)
	s.int(l.last)
	stamp(&s.encoder, &l.auto)
	s.int(int64(l.auto.value))
	s.put(EntityCallList, l.id[:])
}

func (o *org) restoreCallList(d *decoder, key []byte) error {
	id, err := idOf(key)
	if err != nil {
		return err
	}
	l := o.callList(id)
	l.first, l.last = d.int(), d.int()
	unstamp(d, &l.auto)
	l.auto.value = int32(d.int())
	l.mark()
	return nil
}
