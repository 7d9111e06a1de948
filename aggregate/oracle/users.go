package oracle

import (
	"slices"

	"github.com/google/uuid"

	"ringside/aggregate"
	"ringside/ingest"
)

var userCallIn = map[ingest.Type]bool{
	ingest.UserCallBlockingPromptStarted: true, ingest.UserCallInArrived: true, ingest.UserCallInCallbackCreated: true,
	ingest.UserCallInComing: true, ingest.UserCallInDisconnected: true, ingest.UserCallInHoldEnd: true,
	ingest.UserCallInHoldStart: true, ingest.UserCallInOverflow: true, ingest.UserCallInTransferCancelled: true,
	ingest.UserCallInTransferConnected: true, ingest.UserCallInTransferStarted: true,
	ingest.UserCallInUserAllocated: true, ingest.UserCallInUserCancelled: true, ingest.UserCallInUserConnected: true,
	ingest.UserCallInUserOverflow: true,
}

func isUserCallIn(t ingest.Type) bool { return userCallIn[t] }

// user handles the facts of a call that name a user and no queue.
func (c *call) user(i int, f fact) bool {
	v := c.place
	switch t := f.ev.Type; t {
	case ingest.UserCallInComing, ingest.UserCallInArrived, ingest.UserCallInUserAllocated, ingest.UserCallInUserConnected:
		// "the call's first event at another place, UserCallInComing/Arrived included"; "UserCallIn… facts of a call while
		// no visit is open make a row of direction direct". Reading: those that would open a visit of a queue do; the
		// allocation and the connect of a user tell nothing of a visit that is open; each user is a place of its own.
		arriving := t == ingest.UserCallInComing || t == ingest.UserCallInArrived
		if v != nil && v.dir != aggregate.Direct && !arriving {
			return true
		}
		if v != nil && (v.dir != aggregate.Direct || v.user != f.ev.UserID) {
			c.leave(f)
		}
		c.direct(i, f)
		return true
	case ingest.UserCallInDisconnected:
		if len(c.rows) > 0 {
			c.disconnected(f)
		}
		return len(c.rows) > 0
	}
	return c.ofUser(i, f)
}

// direct opens or continues the direct call.
func (c *call) direct(i int, f fact) {
	v := c.place
	if v == nil {
		v = c.begin(f, aggregate.Direct, uuid.Nil)
		v.user = f.ev.UserID
	}
	v.note(f)
	switch f.ev.Type {
	case ingest.UserCallInArrived:
		v.arrive(f.at())
	case ingest.UserCallInUserAllocated:
		v.allocate(f.at(), f.ev.UserID)
	case ingest.UserCallInUserConnected:
		c.answeredBy = append(c.answeredBy, i)
		v.connect(f.at(), f.ev)
	}
}

// ofUser handles the UserCallIn… facts that open nothing: they are of the place where the call is. Without any row of
// the call they are orphans.
func (c *call) ofUser(i int, f fact) bool {
	if len(c.rows) == 0 {
		return false
	}
	at, v := f.at(), c.place
	switch f.ev.Type {
	case ingest.UserCallInTransferConnected:
		c.userTransferConnected(f)
		return true
	case ingest.UserCallInCallbackCreated:
		return true // Reading: it is made by the user the call is with; no visit knows of it
	}
	if v == nil {
		return true
	}
	v.note(f)
	switch f.ev.Type {
	case ingest.UserCallInHoldStart:
		v.holdStart(at, f.ev.UserID)
	case ingest.UserCallInHoldEnd:
		v.holdEnd(at, f.ev.UserID)
	case ingest.UserCallInTransferStarted, ingest.UserCallInTransferCancelled:
		// Reading: by the connected agent, as with UserCallInTransferConnected.
		if !v.connected(f.ev.UserID) {
			break
		}
		if f.ev.Type == ingest.UserCallInTransferStarted {
			v.transferStarted(f.ev)
		} else {
			v.transferCancelled()
		}
	}
	if v.dir != aggregate.Direct {
		return true
	}
	switch f.ev.Type {
	case ingest.UserCallInUserCancelled:
		v.cancelOffer(at, f.ev)
	case ingest.UserCallInOverflow, ingest.UserCallInUserOverflow:
		// Reading: a user's call that overflows is gone from the user, whatever its type and reason.
		if v.answered == 0 {
			c.close(v, f, aggregate.Overflowed, aggregate.TransferNone)
		}
	}
	return true
}

// userTransferConnected: "UserCallInTransferConnected whose UserId is the connected agent". It also decides a visit that
// this agent was connected in when the call left it, within the grace.
func (c *call) userTransferConnected(f fact) {
	if v := c.place; v != nil && (v.connected(f.ev.UserID) || v.dir == aggregate.Direct) {
		v.note(f)
		c.transferConnected(f, v)
		return
	}
	for i := len(c.rows) - 1; i >= 0; i-- {
		v := c.rows[i]
		if v.dir == aggregate.Inbound && c.inGrace(v, f) && slices.Contains(v.connectedAtEnd, f.ev.UserID) {
			v.note(f)
			c.transferConnected(f, v)
			return
		}
	}
}

// out handles outbound queue calls and callback calls: "QueueUserCallOutGoing begins, Connected answers, Disconnected
// ends". The others open nothing; without a row they are orphans.
func (c *call) out(i int, f fact, dir aggregate.Direction, queue uuid.UUID) bool {
	switch f.ev.Type {
	case ingest.QueueUserCallOutGoing, ingest.CallbackUserCallOutGoing:
		v := c.place
		if v == nil || v.dir != dir || v.queue != queue || v.answered != 0 {
			c.leave(f)
			v = c.begin(f, dir, queue)
		}
		v.note(f)
		if f.ev.CallBackID != uuid.Nil {
			v.callbackID = f.ev.CallBackID
		}
		return true
	}
	v := c.lastRow(queue, dir)
	if v == nil {
		return false
	}
	v.note(f)
	if !v.open() {
		return true
	}
	switch f.ev.Type {
	case ingest.QueueUserCallOutConnected, ingest.CallbackUserCallOutConnected:
		c.answeredBy = append(c.answeredBy, i)
		v.accepted = true
		v.connect(f.at(), f.ev)
	case ingest.QueueUserCallOutDisconnected, ingest.CallbackUserCallOutDisconnected:
		c.hangUp(f)
	case ingest.QueueUserCallOutHoldStart, ingest.CallbackUserCallOutHoldStart:
		v.holdStart(f.at(), f.ev.UserID)
	case ingest.QueueUserCallOutHoldEnd, ingest.CallbackUserCallOutHoldEnd:
		v.holdEnd(f.at(), f.ev.UserID)
	}
	return true
}
