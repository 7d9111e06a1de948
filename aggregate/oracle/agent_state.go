package oracle

import (
	"cmp"
	"slices"
	"strings"

	"ringside/aggregate"
	"ringside/ingest"
)

func (s span) covers(t int64) bool { return s.from <= t && t < s.to }

func anyCovers(list []span, t int64) bool {
	return slices.ContainsFunc(list, func(s span) bool { return s.covers(t) })
}

// lastChange is when one of the spans last began or ended, up to t.
func lastChange(list []span, t int64) (last int64) {
	for _, s := range list {
		if s.from <= t {
			last = max(last, s.from)
		}
		if s.to <= t {
			last = max(last, s.to)
		}
	}
	return last
}

func lastFact(facts []fact, t int64) *fact {
	i, _ := slices.BinarySearchFunc(facts, t+1, func(f fact, t int64) int { return cmp.Compare(f.at(), t) })
	if i == 0 {
		return nil
	}
	return &facts[i-1]
}

// silentAt: nothing was heard for agent.stale. Reading: then nothing that was said before is known any more.
func (p *person) silentAt(t int64) bool {
	last := int64(-1) << 62
	for _, h := range p.heard {
		if h <= t {
			last = h
		}
	}
	return t >= last+p.staleAfter
}

func (p *person) servingAt(t int64) bool {
	f := lastFact(p.statuses, t)
	return f == nil || f.ev.Status.Serving
}

// stateAt: "the first that holds: talking, hold, ringing, wrap-up, off work, away (Busy, BRB, Away, DoNotDisturb),
// available; where UserStatus and call facts disagree the later Timestamp wins; UserAvailability holds from max(Timestamp,
// StartTime) to EndTime". Reading: hold is talking while a call is held; a UserStatus that says talking of an agent who is
// in no conversation and whose phone rings means that.
func (p *person) stateAt(t int64) aggregate.AgentState {
	var status *ingest.UserState
	var said int64
	if f := lastFact(p.statuses, t); f != nil && !p.silentAt(t) {
		status, said = &f.ev.Status, f.at()
	}
	conversation, ringing := anyCovers(p.segments, t), anyCovers(p.offers, t)
	talking, wrapUp := conversation, anyCovers(p.wraps, t)
	if status != nil && lastChange(p.segments, t) <= said {
		talking = status.Talking
	}
	if status != nil && lastChange(p.wraps, t) <= said {
		wrapUp = status.WrapUpStart != ingest.Unset && (status.WrapUpEnd == ingest.Unset || t < status.WrapUpEnd.Micros())
	}
	if talking && anyCovers(p.holds, t) {
		return aggregate.AgentHold
	}
	if talking && !(ringing && !conversation) {
		return aggregate.AgentTalking
	}
	if ringing {
		return aggregate.AgentRinging
	}
	if wrapUp {
		return aggregate.AgentWrapUp
	}
	switch word := p.availabilityAt(t); {
	case word == "offwork":
		return aggregate.AgentOffWork
	case word == "available":
		return aggregate.AgentAvailable
	case word != "":
		return aggregate.AgentAway
	}
	switch {
	case status == nil:
		return aggregate.AgentUnknown
	case !status.Schedule:
		return aggregate.AgentOffWork
	case !status.Available:
		return aggregate.AgentAway
	}
	return aggregate.AgentAvailable
}

// availabilityAt. Reading: only the last one can hold.
func (p *person) availabilityAt(t int64) string {
	f := lastFact(p.avails, t)
	if f == nil || p.silentAt(t) || t < f.ev.StartTime.Micros() || f.ev.EndTime != ingest.Unset && t >= f.ev.EndTime.Micros() {
		return ""
	}
	return strings.ToLower(string(f.ev.Availability))
}
