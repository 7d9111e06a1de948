package aggregate

import (
	"github.com/google/uuid"

	"ringside/ingest"
)

// CallListRow is one row of `callback_lists`. Key: organization, ListID.
type CallListRow struct {
	OrganizationID uuid.UUID
	ListID         uuid.UUID
	FirstSeen      int64 // µs; the first and the last event that names the list
	LastSeen       int64
	AutoAllocate   int32 // 1, 0, or Null: the vendor's last CallbackListStatus does not tell, or there is none
}

// noteList takes in that an event names a list. The vendor tells ids of lists, and no names.
func (o *org) noteList(ev *ingest.Event, at int64) {
	l := o.callList(ev.CallListID)
	if l.first == 0 || at < l.first || at > l.last {
		l.first, l.last = earliestOf(l.first, at), max(l.last, at)
		o.c.changes.callList(l)
		l.markDim()
	}
	if ev.Type == ingest.CallbackListStatus {
		l.publish(&ev.Published, at, ev.ID)
	}
}

func (l *callList) markDim() {
	if !l.dimDirty {
		l.dimDirty = true
		l.org.c.dirtyListDims = append(l.org.c.dirtyListDims, l)
	}
}

func (l *callList) dimension() CallListRow {
	return CallListRow{OrganizationID: l.org.id, ListID: l.id, FirstSeen: micros(l.first), LastSeen: micros(l.last),
		AutoAllocate: l.published.value.autoAllocate}
}
