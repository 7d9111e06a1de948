package oracle

import (
	"slices"
	"strings"

	"github.com/google/uuid"

	"ringside/aggregate"
	"ringside/ingest"
)

// ofQueue handles the facts of a queue that never open a visit: "All other types apply to the call's last visit in their
// QueueId and never open one; with none there, they are an orphan."
func (c *call) ofQueue(i int, f fact) bool {
	v := c.lastRow(f.ev.QueueID, aggregate.Inbound)
	if v == nil {
		return false
	}
	v.note(f)
	at := f.at()
	switch f.ev.Type {
	case ingest.QueueCallInDisconnected:
		c.disconnected(f)
	case ingest.QueueCallInOverflow:
		c.overflow(i, f, v)
	case ingest.QueueCallInTransferConnected:
		c.transferConnected(f, v)
	case ingest.QueueCallInCallbackCreated:
		c.callbackCreated(i, f, v)
	case ingest.QueueCallInIvrSelection:
		v.ivr = append(v.ivr, string(f.ev.EnteredValue))
	case ingest.QueueCallInSmartRoutingResult:
		if f.ev.Priority.Valid {
			v.priority = f.ev.Priority.Value
		}
	}
	if !v.open() {
		return true
	}
	switch f.ev.Type {
	case ingest.QueueCallBlockingPromptStarted:
		// "Reason MandatoryEnter" only
		if string(f.ev.Reason) == "MandatoryEnter" {
			v.prompt(at, c.s.PromptMax.Microseconds())
		}
	case ingest.QueueCallInUserCancelled:
		v.cancelOffer(at, f.ev)
	case ingest.QueueCallInHoldStart:
		v.holdStart(at, f.ev.UserID)
	case ingest.QueueCallInHoldEnd:
		v.holdEnd(at, f.ev.UserID)
	case ingest.QueueCallInTransferStarted:
		v.transferStarted(f.ev)
	case ingest.QueueCallInTransferCancelled:
		v.transferCancelled()
	}
	return true
}

// transferConnected of the queue ends its visit, or decides one that was left within the grace.
func (c *call) transferConnected(f fact, v *visit) {
	switch {
	case v.open():
		outcome, transfer := v.transferResult(v.connectedNow())
		v.noteTarget(f)
		c.close(v, f, outcome, transfer)
	case c.inGrace(v, f):
		v.decided = true
		v.noteTarget(f)
		v.outcome, v.transfer = v.transferResult(v.connectedAtEnd)
	}
}

func (v *visit) noteTarget(f fact) {
	if len(f.ev.TransferTarget) > 0 {
		v.transferTarget = string(f.ev.TransferTarget)
	}
}

// disconnected: "whose LegId is the caller's, absent or unknown: ends the call. On another agent's or a supervisor's leg:
// ends that segment, or nothing." Reading: it ends the place where the call is, whichever visited queue it names.
func (c *call) disconnected(f fact) {
	v := c.place
	if leg := f.ev.LegID; len(leg) > 0 && !c.callersLeg(leg) {
		if v != nil {
			user := c.otherLegs[string(leg)]
			v.endSegment(f.at(), func(s segment) bool { return s.user == user })
		}
		return
	}
	c.hangUp(f)
}

// hangUp ends the place where the call is, and the call.
func (c *call) hangUp(f fact) {
	if v := c.place; v != nil {
		v.hungUpLocally = string(f.ev.Reason) == "local"
		v.endReason, v.techReason = string(f.ev.Reason), string(f.ev.TechReason)
		v.end(f.ts, byDisconnect, v.hungUp(), aggregate.TransferNone)
		v.note(f)
		c.place = nil
	}
	if !c.ended {
		c.ended, c.endedTs = true, f.ts
	}
	c.disconnect = true
}

// overflow: the row "Overflow, unanswered" of the table, clause by clause.
func (c *call) overflow(i int, f fact, v *visit) {
	graced := !v.open() && c.inGrace(v, f)
	if !v.open() && !graced {
		return
	}
	if v.answered != 0 {
		// "Answered: no effect"; of a source that does not tell of the caller, unless nobody is connected or offered the
		// call, and nothing of the visit follows
		offered := slices.ContainsFunc(v.offers, func(o offer) bool { return o.to == 0 })
		if f.ev.View != ingest.ViewWhole && v.open() && len(v.connectedNow()) == 0 && !offered && !c.follows(i, v) {
			c.close(v, f, aggregate.Answered, aggregate.TransferNone)
			v.left = true
		}
		return
	}
	if v.accepted {
		if matches(c.s.OverflowProgress, f.ev.OverflowType) || c.goesOn(i, f.ev.QueueID) {
			return
		}
	} else if !slices.Contains(c.s.OverflowRejecting, string(f.ev.OverflowReason)) {
		return // "Not accepted: progress"
	}
	v.overflowReason, v.overflowType = string(f.ev.OverflowReason), string(f.ev.OverflowType)
	if graced {
		v.decided = true
		v.outcome, v.transfer = aggregate.Overflowed, aggregate.TransferNone
		return
	}
	c.close(v, f, aggregate.Overflowed, aggregate.TransferNone)
}

func matches(patterns []string, text []byte) bool {
	return slices.ContainsFunc(patterns, func(p string) bool {
		if prefix, prefixed := strings.CutSuffix(p, "*"); prefixed {
			return strings.HasPrefix(string(text), prefix)
		}
		return p == string(text)
	})
}

// goesOn: "the call's next opening event is UserAllocated or UserConnected in the same queue". What has become an orphan
// by then is no event of the call.
func (c *call) goesOn(i int, queue uuid.UUID) bool {
	deadline := c.facts[i].ts.Add(c.s.MaxAgeUnanswered)
	disconnected := false
	for _, f := range c.facts[i+1:] {
		if f.ts > deadline {
			return false
		}
		switch f.ev.Type {
		case ingest.QueueCallInUserAllocated, ingest.QueueCallInUserConnected:
			return f.ev.QueueID == queue
		case ingest.QueueCallInComing, ingest.QueueCallInArrived, ingest.QueueCallInScheduleClosed:
			return false
		case ingest.QueueCallInDisconnected, ingest.UserCallInDisconnected:
			if !disconnected && (len(f.ev.LegID) == 0 || c.callersLeg(f.ev.LegID)) {
				disconnected, deadline = true, f.ts.Add(c.s.Linger)
			}
		}
		if !disconnected {
			deadline = f.ts.Add(c.s.MaxAgeUnanswered)
		}
	}
	return false
}

// callbackCreated sets callback_id and leaves the outcome to judgeCallbacks.
func (c *call) callbackCreated(i int, f fact, v *visit) {
	v.callbackID = f.ev.CallBackID
	v.callbacks = append(v.callbacks, callbackCreated{index: i, id: f.ev.CallBackID, wasOpen: v.open(),
		wasOverflowed: v.outcome == aggregate.Overflowed, disconnected: c.disconnect})
}

// judgeCallbacks: "if the call is never answered after it, it is stamped before the call's Disconnected, and
// CallbackChanged.TypeId is 1 or unknown: outcome callback (on an overflowed visit too, while the call is in no later
// queue)". Reading: an answered visit stays answered; of the visits that had ended before, only overflowed ones change;
// a visit that the call left for a later queue never does.
func (c *call) judgeCallbacks(typeOf func(callback uuid.UUID) ingest.OptInt) {
	for n, v := range c.rows {
		later := slices.ContainsFunc(c.rows[n+1:], func(w *visit) bool { return w.dir == aggregate.Inbound })
		for _, cb := range v.callbacks {
			answered := slices.ContainsFunc(c.answeredBy, func(i int) bool { return i > cb.index })
			kind := typeOf(cb.id)
			if v.open() || v.answered != 0 || answered || later || cb.disconnected || kind.Valid && kind.Value != 1 {
				continue
			}
			if cb.wasOpen || cb.wasOverflowed {
				v.outcome = aggregate.CallbackRequested
			}
		}
	}
}

// wrapUp: matched by call, user and queue. Started "of the last connected agent: ends that segment, and the visit if
// nothing of it follows"; of a source that does not tell of the caller, also of one beside whom nobody is connected.
func (c *call) wrapUp(i int, f fact) bool {
	if c.lastRow(f.ev.QueueID, aggregate.Inbound, aggregate.Outbound) == nil {
		return false
	}
	// Reading: a wrap-up is of the last visit of that queue in which the agent was connected.
	n := len(c.rows) - 1
	for n >= 0 && !(c.rows[n].queue == f.ev.QueueID && slices.Contains(c.rows[n].agents, f.ev.UserID)) {
		n--
	}
	if n < 0 {
		return true
	}
	v := c.rows[n]
	v.note(f)
	switch f.ev.Type {
	case ingest.UserWrapUpTerminated:
		v.wrapUpTerminated(f)
	case ingest.UserWrapUpStarted:
		v.wrapUpStarted(f)
		if v.open() && v.answered != 0 && (f.ev.UserID == v.lastAgent || f.ev.View != ingest.ViewWhole) {
			v.endSegment(f.at(), func(s segment) bool { return s.user == f.ev.UserID })
			last := f.ev.UserID == v.lastAgent || len(v.connectedNow()) == 0
			if last && !c.follows(i, v) {
				c.close(v, f, aggregate.Answered, aggregate.TransferNone)
				v.left = f.ev.View != ingest.ViewWhole
			}
		}
	}
	return true
}

// follows tells whether a later fact is of visit v, which is open at fact i. Reading: facts that name its queue, and
// facts that name none while the call has not gone elsewhere; not wrap-ups or what opens another visit.
func (c *call) follows(i int, v *visit) bool {
	moved, last := false, c.facts[i].ts
	for _, f := range c.facts[i+1:] {
		if f.ts > last.Add(c.s.MaxAgeAnswered) {
			return false
		}
		last = f.ts
		switch t := f.ev.Type; t {
		case ingest.UserWrapUpEnabled, ingest.UserWrapUpStarted, ingest.UserWrapUpTerminated, ingest.UserCallInCallbackCreated:
		case ingest.QueueCallInComing, ingest.QueueCallInArrived:
			if f.ev.QueueID == v.queue {
				return false
			}
			moved = true
		case ingest.QueueCallInUserAllocated, ingest.QueueCallInUserConnected, ingest.QueueCallInScheduleClosed:
			if f.ev.QueueID == v.queue && v.dir == aggregate.Inbound {
				return !moved
			}
			moved = true
		case ingest.UserCallInComing, ingest.UserCallInArrived, ingest.QueueUserCallOutGoing, ingest.CallbackUserCallOutGoing:
			moved = true
		default:
			ofQueue := f.ev.QueueID == v.queue && !isUserCallIn(t) && isOut(t) == (v.dir == aggregate.Outbound)
			if byUser := t == ingest.UserCallInTransferStarted || t == ingest.UserCallInTransferCancelled ||
				t == ingest.UserCallInTransferConnected; byUser && !slices.Contains(v.agents, f.ev.UserID) {
				continue // somebody else's
			}
			endsCall := t == ingest.QueueCallInDisconnected && c.lastRow(f.ev.QueueID, aggregate.Inbound) != nil &&
				(f.ev.View == ingest.ViewWhole || len(f.ev.LegID) == 0 || c.callersLeg(f.ev.LegID))
			if ofQueue || !moved && (isUserCallIn(t) || endsCall) {
				return true
			}
		}
	}
	return false
}

// supervised marks the visit that a supervisor listened to: the last one in that queue that had begun by then. Reading:
// not being in the list of ranks, it is no fact of the call: no sign of life, and never an orphan.
func (c *call) supervised(f fact) {
	for i := len(c.rows) - 1; i >= 0; i-- {
		if v := c.rows[i]; v.queue == f.ev.QueueID && v.begunTs <= f.ts {
			v.supervisor = f.ev.SupervisorUserID
			v.flags |= aggregate.FlagSupervised
			return
		}
	}
}
