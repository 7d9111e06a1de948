package brightpattern

import "ringside/ingest"

// way is what an interaction is to the agent.
type way uint8

const (
	queueIn   way = iota // a visit of the service's queue
	queueOut             // made for a service
	directIn             // with the agent alone
	directOut            // the agent's own
)

// originations are all of the documentation, and whether the agent began such an interaction. Those that the system
// (auto) or a colleague (help, conference) began came to the agent.
var originations = map[string]bool{
	"dialpad": true, "dialpad-search": true, "directory": true, "recent": true, "favorites": true, "workitem": true,
	"interaction": true, "contact-profile": true, "integration-api": true,
	"help": false, "conference": false, "auto": false,
}

// wayOf decides by callDirection; by the origination where there is none, which is so for all but voice.
func (r *record) wayOf() way {
	out := string(r.direction) == "outbound" || len(r.direction) == 0 && originations[string(r.origination)]
	switch inQueue := len(r.service) > 0; {
	case out && inQueue:
		return queueOut
	case out:
		return directOut
	case inQueue:
		return queueIn
	}
	return directIn
}

// reach is how far the interaction came.
type reach uint8

const (
	answered reach = iota
	inWrapUp       // answered, and the agent writes up
	offered        // the agent did not take it
	notYet         // it never got as far as an agent
)

// states are all states of the documentation. A record is of an interaction that has ended at this desktop: one whose
// state tells nothing was answered.
var states = map[string]reach{
	"completed": answered, "delivered": answered, "hold": answered, "unknown": answered, "": answered,
	"wrap_up": inWrapUp, "wrap_up_hold": inWrapUp,
	"delivery_pending": offered,
	"queued":           notYet, "ivr": notYet,
}

// step is one fact of a record.
type step struct {
	typ     ingest.Type
	at      ingest.Time
	ofAgent bool          // the end of the agent's leg, not of the call
	longest ingest.OptInt // of a wrap-up
}

const maxSteps = 8

// The facts of records that meet in one call are brought in order within one instant, by tenths of a microsecond, which
// no figure has: an end comes before another agent's begin, and an end with a disposition before one without, so that
// its text is shown.
const (
	afterDisposition = 1
	afterEnds        = 2
)

// visit returns the facts of the record.
func (d *Decoder) visit() []step {
	r := &d.record
	steps := d.steps[:0]
	add := func(typ ingest.Type, at ingest.Time) { steps = append(steps, step{typ: typ, at: at}) }
	begin, end := r.start+afterEnds, r.end
	if len(r.disposition) == 0 {
		end += afterDisposition
	}
	how := states[string(r.state)]
	switch r.way {
	case queueIn:
		steps = r.queueVisit(steps, how, begin, end)
	case queueOut:
		add(ingest.QueueUserCallOutGoing, begin)
		if how == answered || how == inWrapUp {
			add(ingest.QueueUserCallOutConnected, begin)
		}
		add(ingest.QueueUserCallOutDisconnected, end)
	case directIn:
		switch how {
		case notYet:
			add(ingest.UserCallInComing, begin)
		case offered:
			add(ingest.UserCallInUserAllocated, begin)
		default:
			add(ingest.UserCallInUserConnected, begin)
		}
		add(ingest.UserCallInDisconnected, end)
	case directOut:
		add(ingest.UserCallOutGoing, begin)
		if how == answered || how == inWrapUp {
			add(ingest.UserCallOutConnected, begin)
		}
		add(ingest.UserCallOutDisconnected, end)
	}
	if r.way == queueIn || r.way == queueOut {
		switch {
		case how == inWrapUp:
			add(ingest.UserWrapUpStarted, end)
		case how == answered && !r.others:
			// Ends a wrap-up that an earlier record of this interaction has begun, if any.
			add(ingest.UserWrapUpTerminated, max(r.seen, end))
		}
	}
	return steps
}

// queueVisit are the facts of an agent's part in a visit.
func (r *record) queueVisit(steps []step, how reach, begin, end ingest.Time) []step {
	add := func(typ ingest.Type, at ingest.Time) { steps = append(steps, step{typ: typ, at: at}) }
	switch how {
	case notYet:
		add(ingest.QueueCallInComing, begin)
		add(ingest.QueueCallInDisconnected, end)
		return steps
	case offered:
		// What becomes of the interaction is known from what follows: the visit goes on if another agent is offered it.
		add(ingest.QueueCallInUserAllocated, begin)
		add(ingest.QueueCallInUserCancelled, end)
		add(ingest.QueueCallInOverflow, end)
		return steps
	}
	add(ingest.QueueCallInUserAllocated, begin)
	add(ingest.QueueCallInUserConnected, begin)
	if !r.others {
		add(ingest.QueueCallInDisconnected, end)
		return steps
	}
	// Another agent may go on with the call. The end of this agent's leg ends the segment; a wrap-up, which is of no length
	// unless the agent is in one, ends the visit if nothing of it follows.
	steps = append(steps, step{typ: ingest.QueueCallInDisconnected, at: end, ofAgent: true})
	if how == answered {
		steps = append(steps, step{typ: ingest.UserWrapUpStarted, at: end, longest: ingest.OptInt{Valid: true}})
	}
	return steps
}
