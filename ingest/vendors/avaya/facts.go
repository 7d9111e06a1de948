package avaya

import "ringside/ingest"

// phase is where a card is in its life.
type phase uint8

const (
	unknownPhase phase = iota
	alerting
	active
	held
	afterWork     // the agent writes up what was said
	endedAlerting // it was never the agent's
	ended         // after active or held
	endedAfterWork
	numPhases
)

// phaseOf returns the phase of a card that stands in the given state, or stood when it ended. The vendor has no state for
// cards that have ended.
func phaseOf(state []byte, hasEnded bool) phase {
	p := unknownPhase
	switch string(state) {
	case "ALERTING", "INITIATED":
		p = alerting
	case "ACTIVE":
		p = active
	case "HELD":
		p = held
	case "ACW", "AFTER_CONTACT_WORK", "AFTER_CALL_WORK":
		p = afterWork
	}
	if !hasEnded {
		return p
	}
	switch p {
	case alerting:
		return endedAlerting
	case afterWork:
		return endedAfterWork
	}
	return ended
}

// The facts of a card in each phase. They are such that a phase told twice changes nothing:
//
//   - HELD connects too, and ACTIVE ends a hold, so that one missed event does no lasting harm.
//   - An offer that ends unanswered overflows: whether another agent is offered the contact, so that the visit goes on, or
//     not, is known from what follows.
//   - An agent's part ends with the agent's leg, which leaves the visit to other agents who are connected, and a wrap-up
//     of no length, which ends the visit if nothing of it follows.
var (
	queueIn = [numPhases][]ingest.Type{
		alerting:       {ingest.QueueCallInUserAllocated},
		active:         {ingest.QueueCallInUserConnected, ingest.QueueCallInHoldEnd},
		held:           {ingest.QueueCallInUserConnected, ingest.QueueCallInHoldStart},
		afterWork:      {ingest.UserWrapUpStarted},
		endedAlerting:  {ingest.QueueCallInUserCancelled, ingest.QueueCallInOverflow},
		ended:          {ingest.QueueCallInDisconnected, ingest.UserWrapUpStarted, ingest.UserWrapUpTerminated},
		endedAfterWork: {ingest.UserWrapUpStarted, ingest.UserWrapUpTerminated},
	}
	userIn = [numPhases][]ingest.Type{
		alerting:       {ingest.UserCallInArrived, ingest.UserCallInUserAllocated},
		active:         {ingest.UserCallInUserConnected, ingest.UserCallInHoldEnd},
		held:           {ingest.UserCallInUserConnected, ingest.UserCallInHoldStart},
		afterWork:      {ingest.UserCallInDisconnected},
		endedAlerting:  {ingest.UserCallInUserCancelled, ingest.UserCallInOverflow},
		ended:          {ingest.UserCallInDisconnected},
		endedAfterWork: {ingest.UserCallInDisconnected},
	}
	queueOut = [numPhases][]ingest.Type{
		alerting:       {ingest.QueueUserCallOutGoing},
		active:         {ingest.QueueUserCallOutConnected, ingest.QueueUserCallOutHoldEnd},
		held:           {ingest.QueueUserCallOutConnected, ingest.QueueUserCallOutHoldStart},
		afterWork:      {ingest.QueueUserCallOutDisconnected, ingest.UserWrapUpStarted},
		endedAlerting:  {ingest.QueueUserCallOutDisconnected},
		ended:          {ingest.QueueUserCallOutDisconnected},
		endedAfterWork: {ingest.UserWrapUpTerminated},
	}
	userOut = [numPhases][]ingest.Type{
		alerting:       {ingest.UserCallOutGoing},
		active:         {ingest.UserCallOutConnected, ingest.UserCallOutHoldEnd},
		held:           {ingest.UserCallOutConnected, ingest.UserCallOutHoldStart},
		afterWork:      {ingest.UserCallOutDisconnected},
		endedAlerting:  {ingest.UserCallOutDisconnected},
		ended:          {ingest.UserCallOutDisconnected},
		endedAfterWork: {ingest.UserCallOutDisconnected},
	}
)

// facts returns the types of the events that the card tells of.
func (c *card) facts(inQueue, hasEnded bool) []ingest.Type {
	p := phaseOf(c.state, hasEnded)
	switch {
	case inQueue && c.outgoing():
		return queueOut[p]
	case inQueue:
		return queueIn[p]
	case c.outgoing():
		return userOut[p]
	}
	return userIn[p]
}
