package sim

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/google/uuid"

	"ringside/aggregate"
	"ringside/ingest"
)

// List is the expectation of one callback list.
type List struct {
	Organization, List uuid.UUID
	callbacks          []callback
	serving            int32 // agents
	published          ListFigures
	publishedAt        ingest.Time
}

// callbackTruth fills in what is expected of callbacks and their lists.
func (s *Sim) callbackTruth(t *Truth) {
	for _, o := range s.centres {
		serving := int32(0)
		for _, a := range o.agents {
			if n := len(a.history); n > 0 && a.history[n-1].ServingCallback {
				serving++
			}
		}
		for _, l := range o.lists {
			if len(l.requests) == 0 && l.toldAt == 0 {
				continue
			}
			list := List{Organization: o.id, List: l.id, serving: serving, published: l.published, publishedAt: l.toldAt}
			for _, cb := range l.requests {
				t.Callbacks = append(t.Callbacks, cb.row())
				list.callbacks = append(list.callbacks, *cb)
			}
			t.Lists = append(t.Lists, list)
		}
	}
}

// row is the expected row of the callback.
func (cb *callback) row() aggregate.CallbackRow {
	r := aggregate.CallbackRow{OrganizationID: cb.list.org.id, CallbackDate: int32(cb.first.Micros() / 86_400_000_000), CallbackID: cb.id,
		Known: cb.modified != 0, CallListID: cb.list.id, TypeID: aggregate.Null, CallID: cb.callID, LastAttemptTypeID: aggregate.Null,
		CreatedAt: cb.created.Micros(), LastEventAt: cb.last.Micros(), CallsOut: int32(len(cb.calls))}
	if cb.queue != nil {
		r.QueueID = cb.queue.id
	}
	for _, v := range cb.calls {
		if r.AnsweredAt == 0 {
			r.AnsweredAt = v.answered
		}
		if r.FirstAttemptAt == 0 {
			r.FirstAttemptAt = v.begun
		}
		r.LastAttemptAt = max(r.LastAttemptAt, v.begun)
	}
	if !r.Known {
		return r
	}
	r.TypeID, r.IsClosed, r.ModifiedAt = int32(cb.typ), cb.closed, cb.modified.Micros()
	r.DueDate, r.ExpiryDate, r.NotBefore = cb.due.Micros(), cb.expiry.Micros(), cb.notBefore.Micros()
	r.AssignedUserID, r.LastAttemptUserID, r.LastModifiedUserID = agentID(cb.assigned), agentID(cb.lastUser), agentID(cb.lastUser)
	if cb.closed {
		r.ClosedAt = cb.modified.Micros()
	}
	if cb.classified {
		r.ClassificationID = cb.class
	}
	counts := map[int32]int32{}
	for _, a := range cb.attempts {
		counts[int32(a.typ)]++
		r.LastAttemptTypeID, r.LastAttemptAt = int32(a.typ), max(r.LastAttemptAt, a.at.Micros())
	}
	for typ, n := range counts {
		r.Attempts = append(r.Attempts, aggregate.AttemptCount{TypeID: typ, Count: n})
	}
	slices.SortFunc(r.Attempts, func(a, b aggregate.AttemptCount) int { return cmp.Compare(a.TypeID, b.TypeID) })
	if len(r.Attempts) == 0 && len(cb.calls) > 0 {
		r.Attempts = []aggregate.AttemptCount{{TypeID: aggregate.Null, Count: int32(len(cb.calls))}}
	}
	return r
}

func agentID(a *agent) uuid.UUID {
	if a == nil {
		return uuid.Nil
	}
	return a.id
}

// At returns the row that is expected of the list at t, if nothing was heard between t and the truth.
func (l *List) At(t ingest.Time) aggregate.CallbackListRow {
	var f ListFigures
	const day = 24 * 3600 * ingest.TicksPerSecond
	for i := range l.callbacks {
		f.count(&l.callbacks[i], t, t+day)
	}
	r := aggregate.CallbackListRow{OrganizationID: l.Organization, CallListID: l.List, ObservedAt: t.Micros(),
		TotalOpenRequests: int32(f.TotalOpenRequests), TotalFreeForAllocation: int32(f.TotalFreeForAllocation),
		TotalAssigned: int32(f.TotalAssigned), TotalHidingNotBefore: int32(f.TotalHidingNotBefore),
		NextHourRevealedNotBefore: int32(f.NextHourRevealedNotBefore), TotalOverDueDate: int32(f.TotalOverDueDate),
		NextHourOverDueDate: int32(f.NextHourOverDueDate), ExpiresIn24h: int32(f.ExpiresIn24h), TotalServingAgents: l.serving,
		IsAutoAllocate: aggregate.Null, TotalActiveAgents: aggregate.Null, TotalAutoAllocateAgents: aggregate.Null,
		TotalServingAutoAllocateAgents: aggregate.Null}
	if l.publishedAt == 0 {
		return r
	}
	p := &l.published
	r.PublishedAt, r.IsAutoAllocate = l.publishedAt.Micros(), 0
	if p.IsAutoAllocate {
		r.IsAutoAllocate = 1
	}
	r.TotalActiveAgents, r.TotalAutoAllocateAgents = int32(p.TotalActiveAgents), int32(p.TotalAutoAllocateAgents)
	r.TotalServingAutoAllocateAgents = int32(p.TotalServingAutoAllocateAgents)
	return r
}

// callbacks compares everything but texts.
func (d *differ) callbacks(t *Truth, rows []aggregate.CallbackRow) {
	got := map[uuid.UUID]string{}
	show := func(r aggregate.CallbackRow) string {
		r.ContactNumber, r.ContactName, r.ChannelIn, r.CalculatedPriority = "", "", "", ""
		return fmt.Sprintf("%+v", r)
	}
	for _, r := range rows {
		if r.Deleted {
			delete(got, r.CallbackID)
		} else {
			got[r.CallbackID] = show(r)
		}
	}
	for i := range t.Callbacks {
		want := show(t.Callbacks[i])
		if id := t.Callbacks[i].CallbackID; got[id] != want {
			d.say("callback %v:\n got %s\nwant %s", id, got[id], want)
		}
		delete(got, t.Callbacks[i].CallbackID)
	}
	for _, r := range got {
		d.say("callback not expected: %s", r)
	}
}

// lists compares the figures as of the organization's last event, or of a later instant at which a row was made; accounts
// tell when the last event was.
func (d *differ) lists(t *Truth, rows []aggregate.CallbackListRow, accounts []aggregate.AccountingRow) {
	horizons := map[uuid.UUID]int64{}
	for i := range accounts {
		horizons[accounts[i].OrganizationID] = accounts[i].Horizon
	}
	got := map[uuid.UUID]aggregate.CallbackListRow{}
	for _, r := range rows {
		got[r.CallListID] = r
	}
	for i := range t.Lists {
		l := &t.Lists[i]
		horizon := horizons[l.Organization]
		if horizon == 0 {
			continue
		}
		row, found := got[l.List]
		delete(got, l.List)
		want := l.At(ingest.Time(10 * max(row.ObservedAt, horizon)))
		want.ObservedAt = row.ObservedAt
		if !found || row != want {
			d.say("list %v:\n got %+v\nwant %+v", l.List, row, want)
		}
	}
	for id := range got {
		if horizons[got[id].OrganizationID] != 0 {
			d.say("list %v: not expected", id)
		}
	}
}
