package oracle

import (
	"slices"
	"strings"

	"github.com/google/uuid"

	"ringside/aggregate"
	"ringside/ingest"
)

// ending is what ended a visit.
type ending uint8

const (
	notEnded ending = iota
	byItself        // an explicit end: TransferConnected, ScheduleClosed, Overflow, UserWrapUpStarted, re-entry
	byDisconnect
	implicitly // the call went elsewhere
	bySilence
)

// visit is one row of `calls` in the making: a visit, an outbound or callback call, or a direct call of a user.
// Instants are microseconds, 0 = none.
type visit struct {
	dir     aggregate.Direction
	queue   uuid.UUID
	user    uuid.UUID // whom a direct call is with
	ordinal uint16
	channel ingest.Channel

	begun, arrived, answered, ended int64
	begunTs, endedTs                ingest.Time // with all their digits, for the grace periods
	accepted                        bool
	incomplete                      bool
	acceptedAt                      int64
	outcome                         aggregate.Outcome
	transfer                        aggregate.Transfer
	how                             ending
	decided                         bool // an explicit end within the grace has had its say
	hungUpLocally                   bool // by the Disconnected that ended it
	left                            bool // it ended because all agents had left

	prompts  []span // mandatory prompts after the acceptance
	offers   []offer
	segments []segment
	holds    []hold
	wraps    []wrap

	lastAgent       uuid.UUID
	agents          []uuid.UUID
	connectedAtEnd  []uuid.UUID // agents with a segment open when the visit ended
	pending         bool        // a transfer has been started and neither connected nor cancelled
	pendingByAgent  bool        // an agent was connected when it started
	callbackID      uuid.UUID
	callbacks       []callbackCreated
	supervisor      uuid.UUID
	flags           aggregate.Flags
	caller          string
	endReason       string
	techReason      string
	overflowReason  string
	overflowType    string
	ivr             []string
	transferTarget  string
	priority        int32
	queueName, name string // of the queue, of the last connected agent
}

// span is [from, to) in microseconds; to is 0 while it runs.
type span struct{ from, to int64 }

type offer struct {
	user uuid.UUID
	span
	answered, declined bool
}

type segment struct {
	user uuid.UUID
	span
}

type hold struct {
	user uuid.UUID
	span
}

// wrap is one wrap-up of an agent.
type wrap struct {
	user    uuid.UUID
	fromTs  ingest.Time
	from    int64
	to      int64 // by Terminated; 0: not seen
	elapsed int64 // of a Terminated without Started; else Null
	max     int64 // MaxWrapUpDurationSec; else Null
}

// callbackCreated is one CallbackCreated, judged when the whole call is known.
type callbackCreated struct {
	index         int // of the fact within the call
	id            uuid.UUID
	wasOpen       bool // the visit was open at that time
	disconnected  bool // the call had been disconnected before
	wasOverflowed bool
}

func (v *visit) open() bool { return v.how == notEnded }

// arrive: "accepted (offered): the wait clock starts"; a mandatory prompt stands until the next Arrived.
func (v *visit) arrive(at int64) {
	v.stopPrompt(at)
	if v.arrived == 0 {
		v.arrived = at
	}
	if !v.accepted {
		v.accepted, v.acceptedAt = true, at
	}
}

// prompt: "the wait clock stands still until the next Arrived, UserAllocated, UserConnected or the end, at most
// prompt.max". Before the acceptance there is no clock to stop, after the answer neither.
func (v *visit) prompt(at int64, maximum int64) {
	if !v.open() || !v.accepted || v.answered != 0 {
		return
	}
	v.prompts = append(v.prompts, span{at, at + maximum})
}

func (v *visit) stopPrompt(at int64) {
	for i := range v.prompts {
		v.prompts[i].to = min(v.prompts[i].to, max(at, v.prompts[i].from))
	}
}

// acceptWithoutArrived: "No Arrived before UserAllocated/UserConnected: accepted then, wait NULL, incomplete".
func (v *visit) acceptWithoutArrived(at int64) {
	if !v.accepted {
		v.accepted, v.acceptedAt, v.incomplete = true, at, true
		v.flags |= aggregate.FlagIncomplete
	}
}

// allocate: "an offer to that user begins". Reading: while an offer to that user is open, another is the same one.
func (v *visit) allocate(at int64, user uuid.UUID) {
	v.acceptWithoutArrived(at)
	v.stopPrompt(at)
	for _, o := range v.offers {
		if o.user == user && o.to == 0 {
			return
		}
	}
	v.offers = append(v.offers, offer{user: user, span: span{from: at}})
}

// endOffers: whoever connects, it rings nowhere any more.
func (v *visit) endOffers(at int64) {
	for i := range v.offers {
		if v.offers[i].to == 0 {
			v.offers[i].to = at
		}
	}
}

// cancelOffer: the offer to that user ends.
func (v *visit) cancelOffer(at int64, ev *ingest.Event) {
	for i := range v.offers {
		if o := &v.offers[i]; o.user == ev.UserID && o.to == 0 {
			o.to, o.declined = at, strings.EqualFold(string(ev.Reason), "local")
		}
	}
}

// connect: "answered (first one): wait ends; a segment of that agent begins; another agent's connect adds a segment".
func (v *visit) connect(at int64, ev *ingest.Event) {
	v.acceptWithoutArrived(at)
	v.stopPrompt(at)
	for i := range v.offers {
		// Reading: of an agent whose connect a skewed clock stamped after the end, the offer that ended then was answered.
		if o := &v.offers[i]; o.user == ev.UserID && (o.to == 0 || !v.open() && o.to == v.ended && !o.declined) {
			o.answered = true
		}
	}
	v.endOffers(at)
	if v.answered == 0 {
		v.answered, v.outcome = at, aggregate.Answered
	}
	v.lastAgent, v.name = ev.UserID, string(ev.UserName)
	if !slices.Contains(v.agents, ev.UserID) {
		v.agents = append(v.agents, ev.UserID)
		if len(v.agents) > 1 {
			v.flags |= aggregate.FlagConsulted
		}
	}
	if v.connected(ev.UserID) {
		return
	}
	v.segments = append(v.segments, segment{ev.UserID, span{from: at}})
}

func (v *visit) connected(user uuid.UUID) bool {
	return slices.Contains(v.connectedNow(), user)
}

func (v *visit) connectedNow() []uuid.UUID {
	var users []uuid.UUID
	for _, s := range v.segments {
		if s.to == 0 {
			users = append(users, s.user)
		}
	}
	return users
}

// endSegment ends the open segments that match, and with them a hold that nobody ended: "no HoldEnd: to the segment's
// end".
func (v *visit) endSegment(at int64, match func(segment) bool) {
	for i := range v.segments {
		if s := &v.segments[i]; s.to == 0 && match(*s) {
			s.to = at
			v.holdEnd(at, s.user)
		}
	}
}

// holdStart: "both reported: one". Reading: a hold is of the agent it names, of the last connected one if it names
// none; without a segment of that agent there is nothing to hold.
func (v *visit) holdStart(at int64, user uuid.UUID) {
	user = v.holder(user)
	if !v.connected(user) {
		return
	}
	for _, h := range v.holds {
		if h.user == user && h.to == 0 {
			return
		}
	}
	v.holds = append(v.holds, hold{user, span{from: at}})
}

// holdEnd: "no HoldStart: ignored".
func (v *visit) holdEnd(at int64, user uuid.UUID) {
	user = v.holder(user)
	for i := range v.holds {
		if h := &v.holds[i]; h.user == user && h.to == 0 {
			h.to = at
		}
	}
}

func (v *visit) holder(user uuid.UUID) uuid.UUID {
	if user == uuid.Nil {
		return v.lastAgent
	}
	return user
}

// transferStarted: "pending". "an agent was connected when it started" is remembered.
func (v *visit) transferStarted(ev *ingest.Event) {
	v.pending, v.pendingByAgent = true, len(v.connectedNow()) > 0
	v.transferTarget = string(ev.TransferTarget)
}

func (v *visit) transferCancelled() { v.pending, v.transferTarget = false, "" }

// transferResult: "transfer user if an agent was connected when it started, else queue with outcome transferred".
// Reading: an answered visit stays answered; without a TransferStarted it started when it connected.
func (v *visit) transferResult(connected []uuid.UUID) (aggregate.Outcome, aggregate.Transfer) {
	byAgent := len(connected) > 0
	if v.pending {
		byAgent = v.pendingByAgent
	}
	switch {
	case byAgent:
		return aggregate.Answered, aggregate.TransferUser
	case v.answered != 0:
		return aggregate.Answered, aggregate.TransferQueue
	}
	return aggregate.Transferred, aggregate.TransferQueue
}

// end closes whatever runs at ts.
func (v *visit) end(ts ingest.Time, how ending, outcome aggregate.Outcome, transfer aggregate.Transfer) {
	at := ts.Micros()
	v.connectedAtEnd = v.connectedNow()
	v.stopPrompt(at)
	v.endOffers(at)
	v.endSegment(at, func(segment) bool { return true })
	v.ended, v.endedTs, v.how, v.outcome, v.transfer = at, ts, how, outcome, transfer
}

// endImplicitly: "with a transfer pending as TransferConnected; answered: transfer user; accepted: overflowed; else
// passed_through (an IVR on the way)". An outbound call is ended with transfer user by whatever comes next.
func (v *visit) endImplicitly(ts ingest.Time) {
	outcome, transfer := aggregate.PassedThrough, aggregate.TransferNone
	switch {
	case v.dir == aggregate.Outbound || v.dir == aggregate.CallbackCall:
		outcome, transfer = v.unansweredOutbound(), aggregate.TransferUser
	case v.pending:
		outcome, transfer = v.transferResult(v.connectedNow())
	case v.answered != 0:
		outcome, transfer = aggregate.Answered, aggregate.TransferUser
	case v.accepted:
		outcome = aggregate.Overflowed
	}
	v.end(ts, implicitly, outcome, transfer)
}

func (v *visit) unansweredOutbound() aggregate.Outcome {
	if v.answered != 0 {
		return aggregate.Answered
	}
	return aggregate.Rejected
}

// hungUp is the outcome of a visit that a Disconnected ends: "Unanswered and accepted: abandoned if Reason is remote or
// unknown, rejected if local. Never accepted: left_early, rejected if local." Reading: an outbound call that ends
// unconnected is rejected, which is what OutboundRejected counts.
func (v *visit) hungUp() aggregate.Outcome {
	switch {
	case v.answered != 0:
		return aggregate.Answered
	case v.hungUpLocally || v.dir == aggregate.Outbound || v.dir == aggregate.CallbackCall:
		return aggregate.Rejected
	case v.accepted:
		return aggregate.Abandoned
	}
	return aggregate.LeftEarly
}

// wrapUpStarted and wrapUpTerminated keep the wrap-ups of the visit; see wrapUp for what they come to. Reading: a
// Terminated is "without Started" only if that agent had no wrap-up in this visit before.
func (v *visit) wrapUpStarted(f fact) {
	for _, w := range v.wraps {
		if w.user == f.ev.UserID && w.elapsed == aggregate.Null && w.to == 0 {
			return
		}
	}
	v.wraps = append(v.wraps, wrap{user: f.ev.UserID, fromTs: f.ts, from: f.at(), elapsed: aggregate.Null,
		max: seconds(f.ev.MaxWrapUpDurationSec)})
}

func (v *visit) wrapUpTerminated(f fact) {
	seen := false
	for i := range v.wraps {
		if w := &v.wraps[i]; w.user == f.ev.UserID {
			seen = true
			if w.elapsed == aggregate.Null && w.to == 0 {
				w.to = f.at()
			}
		}
	}
	if elapsed := seconds(f.ev.ElapsedTimeSec); !seen && elapsed != aggregate.Null {
		v.wraps = append(v.wraps, wrap{user: f.ev.UserID, fromTs: f.ts, from: f.at(), to: f.at(), elapsed: elapsed})
	}
}

func seconds(n ingest.OptInt) int64 {
	if !n.Valid {
		return aggregate.Null
	}
	return int64(n.Value) * 1e6
}
