package oracle

import (
	"strings"

	"github.com/google/uuid"

	"ringside/aggregate"
	"ringside/ingest"
)

const microsPerDay = 86_400_000_000

// wait: "allocatable time from Arrived to first connect or end; NULL if never accepted", NULL too for incomplete and
// lost visits, and as long as it has not ended. Of an outbound call: OutGoing to Connected.
func (v *visit) wait() int64 {
	if v.dir == aggregate.Outbound || v.dir == aggregate.CallbackCall {
		if v.answered == 0 {
			return aggregate.Null
		}
		return max(0, v.answered-v.begun)
	}
	stop := v.answered
	if stop == 0 || !v.open() && v.ended < stop {
		stop = v.ended // skewed clocks: "wait to the earlier"
	}
	if stop == 0 || !v.accepted || v.incomplete || v.how == bySilence && v.answered == 0 {
		return aggregate.Null
	}
	return max(0, stop-v.arrived-length(union(v.prompts, v.arrived, stop)))
}

// prompt: "begin to Arrived, and prompts after". Reading: 0 while no Arrived is known.
func (v *visit) promptTime() int64 {
	if v.arrived == 0 {
		return 0
	}
	before := v.arrived
	if !v.open() {
		before = min(before, v.ended)
	}
	stop := v.ended
	if v.answered != 0 {
		stop = v.answered
	}
	if stop == 0 {
		return max(0, before-v.begun) // what runs is not counted yet
	}
	return max(0, before-v.begun) + length(union(v.prompts, v.arrived, stop))
}

// ringTime is the union of the offers.
func (v *visit) ringTime() int64 {
	if v.open() && v.ringing() {
		return aggregate.Null
	}
	return length(union(v.offerSpans(), 0, forever))
}

// talkAndHold: talk is the "union of segments minus holds". Both are NULL while they can grow and where the end is
// unknown; 0 without an answer.
func (v *visit) talkAndHold() (talk, held int64) {
	if v.answered == 0 {
		return 0, 0
	}
	if v.open() || v.how == bySilence {
		return aggregate.Null, aggregate.Null
	}
	held = length(union(v.holdSpans(), 0, forever))
	return length(union(v.segmentSpans(), 0, forever)) - held, held
}

// wrapUp: "Started to Terminated; no Started: ElapsedTimeSec; no Terminated: to the agent's next call event, at most
// MaxWrapUpDurationSec". running tells whether one of them has not ended by now. Reading: the next call event is one
// by which the agent turns to a call; without it and without a maximum a wrap-up runs on.
func (o *orgFold) wrapUp(c *call, v *visit) (sum int64, running bool) {
	for _, w := range v.wraps {
		switch {
		case w.elapsed != aggregate.Null:
			sum += w.elapsed
		case w.to != 0:
			sum += w.to - w.from
		default:
			end := forever
			if next, ok := o.nextCallEvent(w.user, w.fromTs); ok {
				end = next
			}
			if w.max != aggregate.Null {
				end = min(end, w.from+w.max)
			}
			if end > o.now.Micros() {
				running = true
				continue
			}
			sum += end - w.from
		}
	}
	return sum, running
}

// handles tells whether an event of type t shows that its user has turned to a call.
func handles(t ingest.Type) bool {
	if isOut(t) || isUserCallIn(t) || t == ingest.UserCallOutGoing || t == ingest.QueueCallInUserAllocated || t == ingest.QueueCallInUserConnected {
		name := t.String()
		for _, turning := range []string{"UserAllocated", "UserConnected", "InComing", "Arrived", "OutGoing"} {
			if strings.HasSuffix(name, turning) {
				return true
			}
		}
	}
	return false
}

// nextCallEvent finds the first fact after ts of any call that names the user and shows that the agent has turned to it.
func (o *orgFold) nextCallEvent(user uuid.UUID, ts ingest.Time) (int64, bool) {
	best := ingest.OpenEnded
	for _, f := range o.all {
		if f.ev.UserID == user && f.ts > ts && f.ev.CallID != uuid.Nil && handles(f.ev.Type) {
			best = min(best, f.ts)
		}
	}
	return best.Micros(), best != ingest.OpenEnded
}

// row puts a visit into the shape of its table.
func (o *orgFold) row(c *call, v *visit) aggregate.CallRow {
	ended := v.ended
	if v.flags&aggregate.FlagEndUnknown != 0 {
		ended = 0 // "ended at its last fact" is said of the unanswered only
	}
	talk, held := v.talkAndHold()
	wrapUp, running := o.wrapUp(c, v)
	if running {
		wrapUp = aggregate.Null
	}
	r := aggregate.CallRow{
		OrganizationID: o.id, CallDate: int32(floorDiv(c.first.Micros(), microsPerDay)), CallID: c.id, QueueID: v.queue,
		Visit: v.ordinal, Direction: v.dir, Channel: uint8(v.channel), QueueName: v.queueName, BegunAt: v.begun,
		ArrivedAt: v.arrived, AnsweredAt: v.answered, EndedAt: ended, Outcome: v.outcome, Transfer: v.transfer,
		AgentID: v.lastAgent, AgentName: v.name, AgentIDs: v.agents, Offers: uint16(len(v.offers)), Wait: v.wait(),
		Prompt: v.promptTime(), Ring: v.ringTime(), Talk: talk, Hold: held, WrapUp: wrapUp, Caller: v.caller,
		CallbackID: v.callbackID, EndReason: v.endReason, TechReason: v.techReason, OverflowReason: v.overflowReason,
		OverflowType: v.overflowType, IvrPath: strings.Join(v.ivr, "/"), TransferTarget: v.transferTarget,
		SupervisedBy: v.supervisor, Priority: v.priority, Flags: v.flags,
	}
	return r
}

func floorDiv(a, b int64) int64 {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}
