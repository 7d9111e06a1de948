package aggregate

// A callback may be closed, let go and heard of again: each life is a row of its own. Which events are of one life follows
// from their stamps alone, see callbackRun.parts, and so does when a life can be let go.

// life is one life of a callback: some of its runs, merged. It is valid until the next is asked for.
type life struct {
	*callbackRun
	runs int // how many it is made of
}

// life returns the life that begins with the run at i.
func (c *Core) life(r *callbackRequest, i int) life {
	l, linger := life{&r.runs[i], 1}, c.callbackLinger()
	for i+l.runs < len(r.runs) && !l.parts(&r.runs[i+l.runs], linger) {
		if l.runs == 1 {
			merged := &c.mergedRun
			closings := append(merged.closings[:0], l.closings...)
			*merged = *l.callbackRun
			merged.closings = closings
			l.callbackRun = merged
		}
		l.merge(&r.runs[i+l.runs], nil)
		l.runs++
	}
	return l
}

func (l *life) date() int32 { return utcDate(micros(l.first)) }

// settleCallbacks brings what the callbacks add to their lists up to date.
func (c *Core) settleCallbacks() {
	for _, ref := range c.dirtyCallbacks {
		if r := ref.get(); r.dirty {
			r.dirty = false
			ref.org.settleCallback(ref.index)
		}
	}
	clear(c.dirtyCallbacks)
	c.dirtyCallbacks = c.dirtyCallbacks[:0]
}

func (o *org) settleCallback(i uint32) {
	c, r := o.c, o.callbacks.at(i)
	var dates [8]int32
	now, n := dates[:0], 0
	var l life
	for ; n < len(r.runs); n += l.runs {
		l = c.life(r, n)
		if date := l.date(); len(now) == 0 || now[len(now)-1] != date {
			now = append(now, date)
		}
	}
	o.dateCallback(r, now)
	o.weigh(i, l.callbackRun)
	o.scheduleRelease(i)
	c.countCallback(r)
	if !r.changed && len(r.runs) > 0 {
		r.changed = true
		c.changedCallbacks = append(c.changedCallbacks, callbackRef{o, i})
	}
}

// dateCallback sets the dates of the callback's rows; a row that is out, and is no more, is removed.
func (o *org) dateCallback(r *callbackRequest, dates []int32) {
	if r.drained {
		for _, date := range r.dates {
			if !hasDate(dates, date) {
				o.c.pending.Callbacks = append(o.c.pending.Callbacks, CallbackRow{Deleted: true, OrganizationID: o.id,
					CallbackDate: date, CallbackID: r.id})
			}
		}
	}
	r.dates = append(r.dates[:0], dates...)
}

func hasDate(dates []int32, date int32) bool {
	for _, d := range dates {
		if d == date {
			return true
		}
	}
	return false
}

// weigh exchanges what the callback adds to its list, by its last life as it stands now, and has it weighed again when
// time alone changes that. l is nil if there is none.
func (o *org) weigh(i uint32, l *callbackRun) {
	r := o.callbacks.at(i)
	var share listShare
	next := never
	if l != nil {
		share, next = o.shareOf(l)
	}
	if share != r.share {
		o.shiftShare(r.share, -1)
		o.shiftShare(share, 1)
		r.share = share
	}
	if next < r.woken {
		r.woken = next
		o.c.callbackTimers++
		o.timers.push(timer{due: next - 1, ref: i, gen: r.gen, kind: timerCallback})
	}
}

// wakeCallback weighs a callback again that has reached an instant of its own.
func (o *org) wakeCallback(e timer) {
	o.c.callbackTimers--
	r := o.callbacks.at(e.ref)
	if r.gen != e.gen || r.woken != e.due+1 {
		return
	}
	r.woken = never
	o.c.wokenCallbacks++
	if l := o.lastLife(r); l != nil {
		o.weigh(e.ref, l)
	}
}

func (o *org) lastLife(r *callbackRequest) *callbackRun {
	var l life
	for n := 0; n < len(r.runs); n += l.runs {
		l = o.c.life(r, n)
	}
	return l.callbackRun
}

// scheduleRelease has the horizon wake the callback when its first life can be let go; without any, when no held call can
// ask for its kind.
func (o *org) scheduleRelease(i uint32) {
	r := o.callbacks.at(i)
	due := r.kind.due
	if len(r.runs) > 0 {
		due = o.c.releaseDue(o.c.life(r, 0))
	}
	if due < r.released {
		r.released = due
		o.c.callbackTimers++
		o.releases.push(timer{due: due, ref: i, gen: r.gen, kind: timerCallback})
	}
}

// releaseDue is the horizon after which no event can change a life any more: what comes later is late, or of the next.
func (c *Core) releaseDue(l life) int64 {
	end := l.end()
	if end == never {
		return never
	}
	return end + c.callbackLinger() + ticksOf(c.set.Lateness)
}

// releaseCallback lets go of the lives that are over for good, and of the callback when nothing needs it.
func (o *org) releaseCallback(e timer) {
	c, r := o.c, o.callbacks.at(e.ref)
	c.callbackTimers--
	if r.gen != e.gen || r.released != e.due {
		return
	}
	r.released = never
	if r.dirty {
		r.dirty = false
		o.settleCallback(e.ref)
	}
	gone := 0
	for gone < len(r.runs) {
		l := c.life(r, gone)
		if c.releaseDue(l) >= int64(o.horizon) {
			break
		}
		if r.changed {
			c.pending.Callbacks = append(c.pending.Callbacks, o.callbackRow(r, l.callbackRun))
		}
		gone += l.runs
	}
	if gone > 0 {
		for k := range gone {
			r.runs[k].release(&c.texts)
		}
		r.runs = append(r.runs[:0], r.runs[gone:]...)
		r.dates = r.dates[:0] // what was let go keeps its rows
		for n := 0; n < len(r.runs); {
			l := c.life(r, n)
			r.dates = append(r.dates, l.date())
			n += l.runs
		}
		c.changes.callback(o, e.ref)
		o.weigh(e.ref, o.lastLife(r))
	}
	// Not before its turn, however far the horizon has come: calls that ask for the kind are let go in between.
	if len(r.runs) > 0 || r.kind.due > e.due {
		o.scheduleRelease(e.ref)
		c.countCallback(r)
		return
	}
	o.dropCallback(e.ref)
}

func (o *org) dropCallback(i uint32) {
	c, r := o.c, o.callbacks.at(i)
	c.changes.idGone(o, EntityCallback, r.id)
	delete(o.callbacks.index, r.id)
	c.callbackBytes -= r.counted
	*r = callbackRequest{gen: r.gen + 1, runs: r.runs[:0], dates: r.dates[:0]}
	o.callbacks.free = append(o.callbacks.free, i)
	c.sizes.Callbacks--
}

// countCallback keeps the estimate of what the lists of callbacks hold.
func (c *Core) countCallback(r *callbackRequest) {
	const perRun, perClosing, perAttempt = 420, 32, 8
	bytes := int64(cap(r.runs))*perRun + int64(cap(r.dates))*4
	for i := range r.runs {
		bytes += int64(cap(r.runs[i].closings))*perClosing + int64(cap(r.runs[i].record.attempts))*perAttempt
	}
	c.callbackBytes += bytes - r.counted
	r.counted = bytes
}

// emitCallback appends the rows of a callback as it stands.
func (c *Core) emitCallback(o *org, r *callbackRequest, rows *Rows) {
	r.drained = true
	for n := 0; n < len(r.runs); {
		l := c.life(r, n)
		rows.Callbacks = append(rows.Callbacks, o.callbackRow(r, l.callbackRun))
		n += l.runs
	}
}

func (o *org) callbackRow(r *callbackRequest, l *callbackRun) CallbackRow {
	rec, from, text := &l.record, &l.origin, o.c.texts.get
	row := CallbackRow{OrganizationID: o.id, CallbackDate: utcDate(micros(l.first)), CallbackID: r.id, CallListID: from.list,
		TypeID: Null, QueueID: from.queue, CallID: from.call, ContactNumber: text(from.number), CreatedAt: micros(l.created),
		LastAttemptTypeID: Null, FirstAttemptAt: micros(l.attempted), LastAttemptAt: micros(l.called), AnsweredAt: micros(l.answered),
		ClosedAt: micros(l.closedAt()), CallsOut: l.calls, LastEventAt: micros(l.last)}
	if rec.at != 0 {
		row.fromRecord(rec, text)
	}
	if len(row.Attempts) == 0 && l.calls > 0 {
		row.Attempts = []AttemptCount{{TypeID: Null, Count: l.calls}}
	}
	return row
}

// fromRecord takes over what the latest CallbackChanged says; what it leaves open stays.
func (row *CallbackRow) fromRecord(rec *callbackRecord, text func(uint32) string) {
	or := func(to *[16]byte, id [16]byte) {
		if id != [16]byte{} {
			*to = id
		}
	}
	or((*[16]byte)(&row.CallListID), rec.list)
	or((*[16]byte)(&row.QueueID), rec.queue)
	or((*[16]byte)(&row.CallID), rec.call)
	if number := text(rec.number); number != "" {
		row.ContactNumber = number
	}
	if rec.created != 0 {
		row.CreatedAt = micros(rec.created)
	}
	row.LastAttemptAt = max(row.LastAttemptAt, micros(rec.attempted))
	row.Known, row.TypeID, row.IsClosed = true, rec.typeID, rec.closed
	row.ModifiedAt, row.DueDate, row.ExpiryDate, row.NotBefore = micros(rec.instant()), micros(rec.due), micros(rec.expiry), micros(rec.notBefore)
	row.AssignedUserID, row.LastAttemptUserID, row.LastModifiedUserID = rec.assigned, rec.attemptUser, rec.modifier
	row.LastAttemptTypeID, row.ClassificationID = rec.attemptType, rec.class
	row.ContactName, row.ChannelIn, row.CalculatedPriority = text(rec.name), text(rec.channel), text(rec.priority)
	row.Attempts = append([]AttemptCount(nil), rec.attempts...)
}
