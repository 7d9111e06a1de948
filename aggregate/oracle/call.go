package oracle

import (
	"time"

	"github.com/google/uuid"

	"ringside/aggregate"
	"ringside/ingest"
)

// call folds the facts of one CallId (METRICS.md, section 2).
type call struct {
	s           *aggregate.Settings
	id          uuid.UUID
	facts       []fact // in the order of section 1
	supervision []fact
	rows        []*visit
	place       *visit      // where the call is: its open visit, outbound call or direct call
	first, last ingest.Time // of the facts that are not orphans
	ended       bool        // by a Disconnected that nothing reopened
	endedTs     ingest.Time
	disconnect  bool // a Disconnected has ended the call at some time
	silent      bool // let go without an end
	orphans     []fact
	answeredBy  []int                // indexes of the facts that connected somebody
	otherLegs   map[string]uuid.UUID // of agents and supervisors
	callerLegs  map[string]bool
}

// fold interprets the call's facts in order, then lets the clock judge what is still open.
func fold(s *aggregate.Settings, id uuid.UUID, facts, supervision []fact, now ingest.Time) *call {
	c := &call{s: s, id: id, facts: facts, supervision: supervision}
	sortFacts(c.facts)
	c.otherLegs, c.callerLegs = map[string]uuid.UUID{}, map[string]bool{}
	for i, f := range c.facts {
		// Reading: a call that has not been anywhere yet is not open, and falls silent only later.
		if len(c.rows) > 0 && f.ts > c.deadline() {
			// "A fact more than that after an open call's last fact, or more than call.linger after the end of an ended
			// one, is an orphan" — and so is everything behind it, since the call is over.
			c.orphans = append(c.orphans, c.facts[i:]...)
			break
		}
		for _, g := range c.supervision {
			if g.ts <= f.ts && len(g.ev.SupervisorLegID) > 0 {
				c.otherLegs[string(g.ev.SupervisorLegID)] = g.ev.SupervisorUserID
			}
		}
		if !c.apply(i, f) {
			// Reading: an orphan is no fact of the call, so it is no sign of life either.
			c.orphans = append(c.orphans, f)
			continue
		}
		if !isOut(f.ev.Type) || c.place != nil {
			c.learnLegs(f)
		}
		if c.first == 0 {
			c.first = f.ts
		}
		c.last = f.ts
	}
	for _, f := range supervision {
		c.supervised(f)
	}
	if now > c.deadline() {
		c.fallSilent()
	}
	return c
}

// deadline is the last instant at which another fact still belongs to the call. Reading: "ended" is a call that a
// Disconnected has ended; a call between two places is open. It is answered if the place it is at, else the last one,
// was answered.
func (c *call) deadline() ingest.Time {
	if c.ended {
		return c.endedTs.Add(c.s.Linger)
	}
	return c.last.Add(c.maxAge())
}

func (c *call) maxAge() time.Duration {
	if n := len(c.rows); n > 0 && c.rows[n-1].answered != 0 {
		return c.s.MaxAgeAnswered
	}
	return c.s.MaxAgeUnanswered
}

// fallSilent: "unanswered lost, ended at its last fact, wait NULL; answered stays answered, end_unknown".
func (c *call) fallSilent() {
	c.silent = true
	v := c.place
	if v == nil {
		return
	}
	if v.answered != 0 {
		v.end(c.last, bySilence, aggregate.Answered, aggregate.TransferNone)
		v.flags |= aggregate.FlagEndUnknown
	} else {
		v.end(c.last, bySilence, aggregate.Lost, aggregate.TransferNone)
	}
	c.place = nil
}

// learnLegs collects whose legs are whose. A leg is "unknown" as long as nothing has named it as an agent's or a
// supervisor's.
func (c *call) learnLegs(f fact) {
	if leg := f.ev.AgentLegID; len(leg) > 0 {
		c.otherLegs[string(leg)] = f.ev.UserID
	}
	switch f.ev.Type {
	case ingest.QueueCallInComing, ingest.QueueCallInArrived, ingest.UserCallInComing, ingest.UserCallInArrived:
		c.callerLegs[string(f.ev.LegID)] = true
	}
}

func (c *call) callersLeg(leg []byte) bool {
	_, known := c.otherLegs[string(leg)]
	return c.callerLegs[string(leg)] || !known
}

// lastRow returns the call's last row in queue of one of the directions.
func (c *call) lastRow(queue uuid.UUID, dirs ...aggregate.Direction) *visit {
	for i := len(c.rows) - 1; i >= 0; i-- {
		for _, d := range dirs {
			if v := c.rows[i]; v.dir == d && v.queue == queue {
				return v
			}
		}
	}
	return nil
}

// begin opens a row at f: "Begin = the visit's first event".
func (c *call) begin(f fact, dir aggregate.Direction, queue uuid.UUID) *visit {
	v := &visit{dir: dir, queue: queue, ordinal: 1, begun: f.at(), begunTs: f.ts, channel: f.ev.Channel, priority: aggregate.Null}
	// "The call turns up at another place after all agents had left: transfer user"
	if n := len(c.rows); n > 0 && c.rows[n-1].left {
		c.rows[n-1].transfer = aggregate.TransferUser
	}
	if before := c.lastRow(queue, dir); before != nil {
		v.ordinal = before.ordinal + 1
	}
	c.rows = append(c.rows, v)
	c.place, c.ended = v, false
	return v
}

// leave ends the place the call is at, because f shows it elsewhere.
func (c *call) leave(f fact) {
	if c.place != nil {
		c.place.endImplicitly(f.ts)
		c.place = nil
	}
}

// close ends v explicitly.
func (c *call) close(v *visit, f fact, outcome aggregate.Outcome, transfer aggregate.Transfer) {
	v.end(f.ts, byItself, outcome, transfer)
	if c.place == v {
		c.place = nil
	}
}

// inGrace: "An explicit end of the earlier visit stamped up to 5 s later decides outcome and transfer; the time stays."
func (c *call) inGrace(v *visit, f fact) bool {
	return v.how == implicitly && !v.decided && f.ts <= v.endedTs.Add(c.s.EndGrace)
}

// apply interprets one fact and returns whether it belongs anywhere.
func (c *call) apply(i int, f fact) bool {
	switch f.ev.Type {
	case ingest.QueueCallInComing, ingest.QueueCallInArrived, ingest.QueueCallInScheduleClosed,
		ingest.QueueCallInUserAllocated, ingest.QueueCallInUserConnected:
		c.opening(i, f)
		return true
	case ingest.QueueUserCallOutGoing, ingest.QueueUserCallOutConnected, ingest.QueueUserCallOutDisconnected,
		ingest.QueueUserCallOutHoldStart, ingest.QueueUserCallOutHoldEnd:
		return c.out(i, f, aggregate.Outbound, f.ev.QueueID)
	case ingest.CallbackUserCallOutGoing, ingest.CallbackUserCallOutConnected, ingest.CallbackUserCallOutDisconnected,
		ingest.CallbackUserCallOutHoldStart, ingest.CallbackUserCallOutHoldEnd:
		return c.out(i, f, aggregate.CallbackCall, uuid.Nil)
	case ingest.UserWrapUpEnabled, ingest.UserWrapUpStarted, ingest.UserWrapUpTerminated:
		return c.wrapUp(i, f)
	}
	if isUserCallIn(f.ev.Type) {
		return c.user(i, f)
	}
	return c.ofQueue(i, f)
}

// opening handles the opening events of a queue.
func (c *call) opening(i int, f fact) {
	queue, t := f.ev.QueueID, f.ev.Type
	if t == ingest.QueueCallInUserConnected {
		c.answeredBy = append(c.answeredBy, i)
	}
	before := c.lastRow(queue, aggregate.Inbound)
	if before != nil && c.skewed(before, f) {
		return
	}
	// Reading: a ScheduleClosed within the grace is the explicit end of the visit that was left, not a new one.
	if before != nil && t == ingest.QueueCallInScheduleClosed && c.inGrace(before, f) && before.answered == 0 {
		before.decided = true
		before.outcome, before.transfer = closedOutcome(before), aggregate.TransferNone
		before.note(f)
		return
	}
	v := c.place
	if v != nil && v.dir == aggregate.Inbound && v.queue == queue {
		// "InComing or Arrived after a connect ends it (transfer user) and opens the next ordinal"
		if v.answered != 0 && (t == ingest.QueueCallInComing || t == ingest.QueueCallInArrived) {
			c.close(v, f, aggregate.Answered, aggregate.TransferUser)
			v = c.begin(f, aggregate.Inbound, queue)
		}
	} else {
		c.leave(f)
		v = c.begin(f, aggregate.Inbound, queue)
	}
	v.note(f)
	switch t {
	case ingest.QueueCallInArrived:
		v.arrive(f.at())
	case ingest.QueueCallInUserAllocated:
		v.allocate(f.at(), f.ev.UserID)
	case ingest.QueueCallInUserConnected:
		v.connect(f.at(), f.ev)
	case ingest.QueueCallInScheduleClosed:
		// "ends it: not accepted service_closed; accepted, unanswered overflowed; answered: no effect"
		if v.answered == 0 {
			c.close(v, f, closedOutcome(v), aggregate.TransferNone)
		}
	}
}

func closedOutcome(v *visit) aggregate.Outcome {
	if v.accepted {
		return aggregate.Overflowed
	}
	return aggregate.ServiceClosed
}

// skewed: "Arrived or UserConnected stamped up to 2 s after the Disconnected belongs to the visit (wait to the earlier,
// talk 0, clock_skew)".
func (c *call) skewed(v *visit, f fact) bool {
	if f.ev.Type != ingest.QueueCallInArrived && f.ev.Type != ingest.QueueCallInUserConnected {
		return false
	}
	if v.how != byDisconnect || f.ts > v.endedTs.Add(c.s.SkewGrace) {
		return false
	}
	v.note(f)
	v.flags |= aggregate.FlagClockSkew
	at := min(f.at(), v.ended) // "wait to the earlier"
	if f.ev.Type == ingest.QueueCallInArrived {
		v.arrive(at)
	} else {
		v.connect(at, f.ev)
		v.endSegment(at, func(segment) bool { return true }) // talk 0
	}
	v.outcome = v.hungUp()
	return true
}

// note keeps what a fact tells of the visit besides its effect.
func (v *visit) note(f fact) {
	if f.clamped {
		v.flags |= aggregate.FlagClockSkew // "takes that as its time, flagged"
	}
	if v.caller == "" {
		v.caller = string(f.ev.CallerNumber)
	}
	if len(f.ev.QueueName) > 0 {
		v.queueName = string(f.ev.QueueName)
	}
}
