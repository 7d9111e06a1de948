package aggregate

import (
	"cmp"
	"strings"
)

// Drain settles and appends to rows what has changed in the chosen tables since they were last drained.
func (c *Core) Drain(tables TableSet, rows *Rows) {
	c.Settle()
	if tables&DrainNow != 0 {
		for _, q := range c.dirtyQueues {
			q.statusDirty = false
			rows.QueueStatus = append(rows.QueueStatus, q.status())
		}
		c.dirtyQueues = c.dirtyQueues[:0]
		for _, a := range c.dirtyAgents {
			a.dirty = false
			rows.Agents = append(rows.Agents, a.row())
		}
		c.dirtyAgents = c.dirtyAgents[:0]
		for _, l := range c.dirtyLists {
			l.dirty = false
			rows.CallLists = append(rows.CallLists, l.row())
		}
		c.dirtyLists = c.dirtyLists[:0]
	}
	if tables&DrainFigures != 0 {
		c.drainFigures(rows)
	}
	if tables&DrainHistory != 0 {
		c.drainHistory(rows)
	}
}

func (c *Core) drainFigures(rows *Rows) {
	rows.Calls = append(rows.Calls, c.pending.Calls...)
	rows.Daily = append(rows.Daily, c.pending.Daily...)
	c.pending.Calls, c.pending.Daily = c.pending.Calls[:0], c.pending.Daily[:0]
	for _, ref := range c.changedCalls {
		if call := c.held(ref); call != nil && call.changed {
			call.changed = false
			c.emitCall(call, rows)
		}
	}
	c.changedCalls = c.changedCalls[:0]
	for _, w := range c.dirtyDays {
		if w.dirty {
			w.dirty = false
			rows.Daily = append(rows.Daily, w.daily())
		}
	}
	c.dirtyDays = c.dirtyDays[:0]
	rows.Callbacks = append(rows.Callbacks, c.pending.Callbacks...)
	clear(c.pending.Callbacks)
	c.pending.Callbacks = c.pending.Callbacks[:0]
	for _, ref := range c.changedCallbacks {
		if r := ref.get(); r.changed {
			r.changed = false
			c.emitCallback(ref.org, r, rows)
		}
	}
	clear(c.changedCallbacks)
	c.changedCallbacks = c.changedCallbacks[:0]
}

func (c *Core) drainHistory(rows *Rows) {
	for _, a := range c.dirtyTimelines {
		if a.history.dirty {
			a.drawTimeline()
		}
	}
	c.dirtyTimelines = c.dirtyTimelines[:0]
	rows.AgentIntervals = append(rows.AgentIntervals, c.pending.AgentIntervals...)
	c.pending.AgentIntervals = c.pending.AgentIntervals[:0]
	c.drainStructure(rows)
	rows.Intervals = append(rows.Intervals, c.pending.Intervals...)
	rows.Orphans = append(rows.Orphans, c.pending.Orphans...)
	c.pending.Intervals, c.pending.Orphans = c.pending.Intervals[:0], c.pending.Orphans[:0]
	for _, w := range c.dirtyIntervals {
		if w.dirty {
			w.dirty = false
			rows.Intervals = append(rows.Intervals, w.interval())
		}
	}
	c.dirtyIntervals = c.dirtyIntervals[:0]
	for _, q := range c.dirtyQueueDims {
		q.dimDirty = false
		rows.QueueDim = append(rows.QueueDim, q.dimension())
	}
	c.dirtyQueueDims = c.dirtyQueueDims[:0]
	for _, a := range c.dirtyAgentDims {
		a.dimDirty = false
		rows.AgentDim = append(rows.AgentDim, a.dimension())
	}
	c.dirtyAgentDims = c.dirtyAgentDims[:0]
	for _, o := range c.dirtyAccounts {
		o.accountDirty = false
		rows.Accounting = append(rows.Accounting, o.accounting())
	}
	c.dirtyAccounts = c.dirtyAccounts[:0]
}

// emitWindow puts the row of a window that is let go where the next Drain finds it.
func (c *Core) emitWindow(w *window) {
	w.dirty = false
	if w.kind == windowDay {
		c.pending.Daily = append(c.pending.Daily, w.daily())
	} else {
		c.pending.Intervals = append(c.pending.Intervals, w.interval())
	}
}

// accounting counts the orphans among the facts of held calls as they stand now.
func (o *org) accounting() AccountingRow {
	r := o.account
	r.Accepted -= o.orphans
	r.Orphan += o.orphans
	r.Horizon = o.horizon.Micros()
	return r
}

func (w *window) daily() DailyRow {
	q := w.queue
	// A row's attributes are those of one instant of its date, whatever the order in which visits and changes came.
	noon := w.key*usPerDay + usPerDay/2
	last := (w.key+1)*usPerDay - 1
	rules := q.rulesAt(noon)
	r := DailyRow{Deleted: w.empty(), OrganizationID: q.org.id, QueueDate: int32(w.key), QueueID: q.id, QueueName: q.names.at(last),
		TimeZone: q.zoneAt(noon).String(), Threshold: rules.Threshold.Microseconds(),
		ShortAbandon: rules.ShortAbandon.Microseconds(), Target: rules.Target, Sums: w.frozen.sums, WaitMax: w.max()}
	r.Sums.Add(&w.live.sums)
	r.Waits = appendMerged(nil, w.frozen.waits, w.live.waits)
	r.AnsweredWaits = appendMerged(nil, w.frozen.answered, w.live.answered)
	return r
}

func (w *window) interval() IntervalRow {
	q := w.queue
	last := w.key + intervalUs - 1
	zone := q.zoneAt(last)
	r := IntervalRow{Deleted: w.empty(), OrganizationID: q.org.id, IntervalStart: w.key, QueueID: q.id,
		QueueName: q.names.at(last), QueueDate: localDayOf(last, zone).date, TimeZone: zone.String(),
		Sums: w.frozen.sums, WaitMax: w.max()}
	r.Sums.Add(&w.live.sums)
	r.Waits = appendMerged(nil, w.frozen.waits, w.live.waits)
	r.AnsweredWaits = appendMerged(nil, w.frozen.answered, w.live.answered)
	return r
}

func (q *queue) dimension() QueueRow {
	r := QueueRow{OrganizationID: q.org.id, QueueID: q.id, QueueName: q.names.last(), TimeZone: q.fallback.String()}
	if n := len(q.changes); n > 0 {
		ch := &q.changes[n-1]
		r.Region, r.Groups, r.GroupNames, r.Deleted, r.ChangedAt = ch.region, ch.groups, ch.names, ch.deleted, micros(ch.at)
		if ch.zone != nil {
			r.TimeZone = ch.zone.String()
		}
	}
	return r
}

func (a *agent) dimension() AgentRow {
	r := AgentRow{OrganizationID: a.org.id, AgentID: a.id, AgentName: a.names.last()}
	if n := len(a.names); n > 0 {
		r.ChangedAt = micros(a.names[n-1].at)
	}
	for _, qi := range a.queues {
		q := a.org.queues[qi]
		if q.membershipOf(q.member(a)).attached {
			r.Queues = append(r.Queues, q.id)
		}
	}
	return r
}

// emitCall appends the rows of a call as it stands.
func (c *Core) emitCall(call *call, rows *Rows) {
	call.drained = true
	f := &c.fold
	f.fold(call.org, call.facts)
	if len(f.stays) == 0 {
		return
	}
	date := utcDate(f.stays[0].begun)
	for i := range f.stays {
		rows.Calls = append(rows.Calls, c.callRow(call, &f.stays[i], date))
	}
}

func (c *Core) callRow(call *call, s *stay, date int32) CallRow {
	o := call.org
	text := func(fact int32, i int) string {
		if fact == 0 {
			return ""
		}
		return c.texts.get(call.facts[fact-1].text[i])
	}
	r := CallRow{
		OrganizationID: o.id, CallDate: date, CallID: call.id, QueueID: o.queueID(s.queue), Visit: s.ordinal,
		Direction: s.direction, Channel: uint8(s.channel), BegunAt: s.begun, ArrivedAt: s.arrived, AnsweredAt: s.answered, EndedAt: s.ended,
		Outcome: s.outcome, Transfer: s.transfer, Offers: s.offers, Wait: s.waitValue(), Prompt: s.promptValue(),
		Ring: s.ring, WrapUp: s.wrap, EndReason: text(s.endFact, 0),
		TechReason: text(s.endFact, 1), TransferTarget: text(s.targetFact, 0), Priority: Null, Flags: s.flags,
	}
	if s.queue != 0 {
		r.QueueName = o.queues[s.queue-1].names.at(s.begun)
	}
	if s.callerFact != 0 {
		r.Caller = c.texts.get(call.facts[s.callerFact-1].callerText())
	}
	if s.open && len(s.offered) > 0 {
		r.Ring = Null
	}
	if s.wrapRunning {
		r.WrapUp = Null
	}
	r.Talk, r.Hold = s.talkValues()
	if agent := cmp.Or(s.agent, s.owner); agent != 0 {
		r.AgentID, r.AgentName = o.agents[agent-1].id, o.agents[agent-1].names.at(s.begun)
	}
	for _, a := range s.agents {
		if a.agent != 0 {
			r.AgentIDs = append(r.AgentIDs, o.agents[a.agent-1].id)
		}
	}
	if s.overflowFact != 0 {
		r.OverflowReason = text(s.overflowFact, 0)
		if call.facts[s.overflowFact-1].kind() == kindOverflow {
			r.OverflowType = text(s.overflowFact, 1)
		}
	}
	if s.callbackFact != 0 {
		i := 0
		if s.direction == CallbackCall {
			i = 1
		}
		copy(r.CallbackID[:], text(s.callbackFact, i))
	}
	if s.supervisor != 0 {
		r.SupervisedBy = o.agents[s.supervisor-1].id
	}
	if s.priorityFact != 0 {
		r.Priority = call.facts[s.priorityFact-1].num
	}
	if len(s.ivrFacts) > 0 {
		values := make([]string, len(s.ivrFacts))
		for i, n := range s.ivrFacts {
			values[i] = c.texts.get(call.facts[n].text[0])
		}
		r.IvrPath = strings.Join(values, "/")
	}
	return r
}

func (c *Core) orphanRow(call *call, f *fact) OrphanRow {
	r := OrphanRow{OrganizationID: call.org.id, EventID: f.id, CallID: call.id, HappenedAt: micros(f.at),
		Type: uint8(typeOf(f))}
	if q := f.queueIx(); q >= 0 {
		r.QueueID = call.org.queues[q].id
	}
	return r
}
