package oracle

import (
	"bytes"
	"cmp"
	"slices"
	"time"

	"github.com/google/uuid"

	"ringside/aggregate"
	"ringside/ingest"
)

// callbacks computes the rows of callbacks and of their lists (section 6).
func (o *orgFold) callbacks() {
	byID := map[uuid.UUID][]fact{}
	var ids []uuid.UUID
	lists := map[uuid.UUID]*aggregate.CallbackListRow{}
	for _, f := range o.all {
		if id := f.ev.CallListID; id != uuid.Nil && lists[id] == nil {
			lists[id] = o.listRow(id)
		}
		if id := f.ev.CallBackID; id != uuid.Nil && ofCallback(f.ev.Type) {
			if byID[id] == nil {
				ids = append(ids, id)
			}
			byID[id] = append(byID[id], f)
		}
	}
	for _, id := range ids {
		lives := o.lives(byID[id])
		rows := map[int32]aggregate.CallbackRow{}
		for _, l := range lives {
			row := o.callbackRow(id, l)
			rows[row.CallbackDate] = row // of two lives that begin on one date, the later
		}
		for _, row := range rows {
			o.result.Rows.Callbacks = append(o.result.Rows.Callbacks, row)
		}
		last := lives[len(lives)-1]
		if row := o.callbackRow(id, last); row.CallListID != uuid.Nil {
			o.count(last, lists[row.CallListID])
		}
	}
	for _, row := range lists {
		o.result.Rows.CallLists = append(o.result.Rows.CallLists, *row)
	}
}

// ofCallback tells whether events of type t are part of a callback's life. Reading: holds, recordings and transcripts say
// nothing of it.
func ofCallback(t ingest.Type) bool {
	switch t {
	case ingest.CallbackChanged, ingest.QueueCallInCallbackCreated, ingest.UserCallInCallbackCreated, ingest.CallbackUserCallOutGoing,
		ingest.CallbackUserCallOutConnected, ingest.CallbackUserCallOutDisconnected:
		return true
	}
	return false
}

// lives cuts the events of a callback, which are in order of time: "an event more than the linger after a callback was
// over begins it anew".
func (o *orgFold) lives(events []fact) (lives [][]fact) {
	from := 0
	for i := 1; i < len(events); i++ {
		if over, known := overAt(events[from:i]); known && events[i].ts > over.Add(o.s.CallbackLinger) {
			lives = append(lives, events[from:i])
			from = i
		}
	}
	return append(lives, events[from:])
}

// overAt is when the callback was over: closed with the last event, or expired. Without a CallbackChanged nothing says
// that it is open.
func overAt(events []fact) (at ingest.Time, known bool) {
	at = events[len(events)-1].ts
	changes := changesOf(events)
	if len(changes) == 0 {
		return at, true
	}
	record := &changes[len(changes)-1].ev.Callback
	if record.IsClosed {
		return at, true
	}
	return max(at, record.ExpiryDate), record.ExpiryDate != ingest.Unset && record.ExpiryDate != ingest.OpenEnded
}

// changesOf returns the CallbackChanged events in order of Modified, then Timestamp, then Id.
func changesOf(events []fact) (changes []fact) {
	for _, f := range events {
		if f.ev.Type == ingest.CallbackChanged {
			changes = append(changes, f)
		}
	}
	slices.SortFunc(changes, func(a, b fact) int {
		return cmp.Or(cmp.Compare(a.ev.Callback.Modified, b.ev.Callback.Modified), cmp.Compare(a.ts, b.ts),
			bytes.Compare(a.ev.ID[:], b.ev.ID[:]))
	})
	return changes
}

// modified is when a change was made. Reading: without Modified, when it was told.
func modified(f fact) ingest.Time {
	if f.ev.Callback.Modified == ingest.Unset {
		return f.ts
	}
	return f.ev.Callback.Modified
}

func (o *orgFold) callbackRow(id uuid.UUID, events []fact) aggregate.CallbackRow {
	row := aggregate.CallbackRow{OrganizationID: o.id, CallbackDate: int32(floorDiv(events[0].at(), microsPerDay)), CallbackID: id,
		TypeID: aggregate.Null, LastAttemptTypeID: aggregate.Null, LastEventAt: events[len(events)-1].at()}
	var created, attempts, called, answered []ingest.Time
	var out *ingest.Event
	var made *ingest.Event
	for _, f := range events {
		switch ev := f.ev; ev.Type {
		case ingest.CallbackChanged:
			attempts = append(attempts, ev.Callback.LastAttemptTimestamp)
			for _, a := range ev.Callback.Attempts {
				attempts = append(attempts, a.Timestamp)
			}
			continue
		case ingest.QueueCallInCallbackCreated, ingest.UserCallInCallbackCreated:
			if made == nil {
				made = ev
			}
			created = append(created, cmp.Or(ev.Callback.CreationTime, f.ts))
			continue
		case ingest.CallbackUserCallOutGoing:
			row.CallsOut++
			called, attempts = append(called, f.ts), append(attempts, f.ts)
		case ingest.CallbackUserCallOutConnected:
			answered = append(answered, f.ts)
		}
		if out == nil {
			out = f.ev
		}
	}
	row.CreatedAt, row.FirstAttemptAt, row.AnsweredAt = earliest(created), earliest(attempts), earliest(answered)
	if len(called) > 0 {
		row.LastAttemptAt = slices.Max(called).Micros()
	}
	switch {
	case made != nil:
		row.CallListID, row.QueueID, row.CallID, row.ContactNumber = made.CallListID, made.QueueID, made.CallID, string(made.Callback.ContactNumber)
	case out != nil:
		row.CallListID = out.CallListID
	}
	o.fillRecord(&row, changesOf(events))
	if len(row.Attempts) == 0 && row.CallsOut > 0 {
		row.Attempts = []aggregate.AttemptCount{{TypeID: aggregate.Null, Count: row.CallsOut}}
	}
	return row
}

// earliest of the times that are set, µs; 0 if none is.
func earliest(times []ingest.Time) int64 {
	var least ingest.Time
	for _, t := range times {
		if t != ingest.Unset && (least == 0 || t < least) {
			least = t
		}
	}
	return least.Micros()
}

func (o *orgFold) fillRecord(row *aggregate.CallbackRow, changes []fact) {
	if len(changes) == 0 {
		return
	}
	latest := changes[len(changes)-1]
	ev := latest.ev
	cb := &ev.Callback
	row.Known = true
	row.CallListID, row.QueueID, row.CallID = cmp2(ev.CallListID, row.CallListID), cmp2(ev.QueueID, row.QueueID), cmp2(ev.CallID, row.CallID)
	if len(cb.ContactNumber) > 0 {
		row.ContactNumber = string(cb.ContactNumber)
	}
	row.ContactName, row.ChannelIn, row.CalculatedPriority = string(cb.ContactName), string(cb.ChannelIn), string(cb.CalculatedPriority)
	if cb.TypeID.Valid {
		row.TypeID = cb.TypeID.Value
	}
	if cb.LastAttemptTypeID.Valid {
		row.LastAttemptTypeID = cb.LastAttemptTypeID.Value
	}
	if cb.CreationTime != ingest.Unset {
		row.CreatedAt = cb.CreationTime.Micros()
	}
	row.LastAttemptAt = max(row.LastAttemptAt, cb.LastAttemptTimestamp.Micros())
	row.ModifiedAt, row.DueDate, row.ExpiryDate, row.NotBefore = modified(latest).Micros(), cb.DueDate.Micros(), cb.ExpiryDate.Micros(), cb.NotBefore.Micros()
	row.AssignedUserID, row.LastAttemptUserID, row.LastModifiedUserID = cb.AssignedUserID, cb.LastAttemptUserID, cb.LastModifiedUserID
	row.ClassificationID, row.IsClosed = cb.ClassificationID, cb.IsClosed
	// "the least Modified of the closed ones after the last that was not closed"
	for i := len(changes) - 1; i >= 0 && changes[i].ev.Callback.IsClosed; i-- {
		row.ClosedAt = modified(changes[i]).Micros()
	}
	counts := map[int32]int32{}
	for _, a := range cb.Attempts {
		if a.TypeID.Valid {
			counts[a.TypeID.Value]++
		} else {
			counts[aggregate.Null]++
		}
	}
	for typeID, n := range counts {
		row.Attempts = append(row.Attempts, aggregate.AttemptCount{TypeID: typeID, Count: n})
	}
	slices.SortFunc(row.Attempts, func(a, b aggregate.AttemptCount) int { return cmp.Compare(a.TypeID, b.TypeID) })
}

func cmp2(a, b uuid.UUID) uuid.UUID {
	if a == uuid.Nil {
		return b
	}
	return a
}

// listRow is the list without its callbacks.
func (o *orgFold) listRow(id uuid.UUID) *aggregate.CallbackListRow {
	row := &aggregate.CallbackListRow{OrganizationID: o.id, CallListID: id, ObservedAt: o.now.Micros(), IsAutoAllocate: aggregate.Null,
		TotalActiveAgents: aggregate.Null, TotalAutoAllocateAgents: aggregate.Null, TotalServingAutoAllocateAgents: aggregate.Null}
	serving := map[uuid.UUID]bool{}
	for _, f := range o.all {
		switch {
		case f.ev.Type == ingest.UserStatus && f.ev.UserID != uuid.Nil:
			serving[f.ev.UserID] = f.ev.Status.ServingCallback
		case f.ev.Type == ingest.CallbackListStatus && f.ev.CallListID == id:
			figure := func(i int) int32 {
				if f.ev.Published.Null[i] {
					return aggregate.Null
				}
				return int32(f.ev.Published.Figures[i])
			}
			row.PublishedAt, row.IsAutoAllocate = f.at(), figure(ingest.ListIsAutoAllocate)
			row.TotalActiveAgents, row.TotalAutoAllocateAgents = figure(ingest.ListTotalActiveAgents), figure(ingest.ListTotalAutoAllocateAgents)
			row.TotalServingAutoAllocateAgents = figure(ingest.ListTotalServingAutoAllocateAgents)
		}
	}
	for _, serves := range serving {
		if serves {
			row.TotalServingAgents++
		}
	}
	return row
}

// count adds a callback to the figures of its list at the running clock.
func (o *orgFold) count(events []fact, list *aggregate.CallbackListRow) {
	changes := changesOf(events)
	if len(changes) == 0 {
		return
	}
	cb := &changes[len(changes)-1].ev.Callback
	set := func(t ingest.Time) bool { return t != ingest.Unset }
	expired := set(cb.ExpiryDate) && o.now >= cb.ExpiryDate
	if cb.IsClosed || expired {
		return
	}
	inAnHour := o.now.Add(time.Hour)
	hiding, assigned := set(cb.NotBefore) && cb.NotBefore > o.now, cb.AssignedUserID != uuid.Nil
	add := func(n *int32, yes bool) {
		if yes {
			*n++
		}
	}
	add(&list.TotalOpenRequests, true)
	add(&list.TotalAssigned, assigned)
	add(&list.TotalHidingNotBefore, hiding)
	add(&list.TotalFreeForAllocation, !hiding && !assigned)
	add(&list.NextHourRevealedNotBefore, hiding && cb.NotBefore <= inAnHour)
	add(&list.TotalOverDueDate, set(cb.DueDate) && o.now >= cb.DueDate)
	add(&list.NextHourOverDueDate, set(cb.DueDate) && o.now < cb.DueDate && cb.DueDate <= inAnHour)
	add(&list.ExpiresIn24h, set(cb.ExpiryDate) && cb.ExpiryDate <= o.expiring())
}

// expiring is the instant up to which an expiry counts in ExpiresIn24h: "the next 24 h (choice: the rest of the local
// day)", the midnight at its end included.
func (o *orgFold) expiring() ingest.Time {
	if !o.s.ExpiresToday {
		return o.now.Add(24 * time.Hour)
	}
	loc := time.UTC
	if zone, known := o.s.Zone(o.s.Rules(o.id, uuid.Nil, nil).Zone); known {
		loc = zone
	}
	// The first instant of a later date is the end of the day, wherever the clocks put it.
	now := o.now.Go().In(loc)
	y, m, d := now.Date()
	low, high := now, time.Date(y, m, d+2, 0, 0, 0, 0, loc)
	for high.Sub(low) > time.Microsecond {
		middle := low.Add(high.Sub(low) / 2)
		if my, mm, md := middle.Date(); my == y && mm == m && md == d {
			low = middle
		} else {
			high = middle
		}
	}
	return ingest.FromGo(high.Round(time.Second))
}
