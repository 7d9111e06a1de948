package aggregate

import (
	"bytes"
	"slices"
	"strings"

	"github.com/google/uuid"

	"ringside/ingest"
)

// history is what an agent's timeline follows from since an instant before which nothing can change any more: what was
// said of the agent, and the agent's parts in calls. Those of held calls are with the calls.
type history struct {
	from int64 // µs, the begin of a quarter of an hour; 0: the agent is not known yet
	base historyBase

	facts    []agentFact // by (at, id)
	kept     []span      // of calls that were let go
	silences []silence   // of agent.stale and more, between two events
	calls    []callRef   // held calls that name the agent
	rows     []agentRowKey

	// What holds at a later quarter of an hour, from which the timeline is drawn if nothing has changed before it.
	mid         historyBase
	midAt       int64 // µs; none if it is not after from
	changedFrom int64 // µs; never: nothing but the clock has changed anything since the timeline was last drawn

	dirty    bool  // in dirtyTimelines
	boundary int64 // µs; end of the quarter at which the running clock wakes the agent, 0: none
	thawed   int64 // ticks; the horizon at which freeze is tried again, 0: none

	unsaved     bool  // in the list of changes
	baseUnsaved bool  // all but facts has changed since the last checkpoint
	unsavedFrom int64 // µs; the facts of this quarter or later ones have; never: none
}

// historyBase is what holds at from.
type historyBase struct {
	status, availability agentFact
	segment, wrapUp      int64 // µs at which one last began or ended; 0: none
}

// agentFact is an event that says something of an agent, but of no call.
type agentFact struct {
	at         int64 // ticks
	id         uuid.UUID
	start, end int64 // ticks; an availability's, and the end of a status's wrap-up; 0: none
	kind       agentFactKind
	bits       uint8
}

type agentFactKind uint8

const (
	factStatus agentFactKind = iota
	factAvailability
	factFetch
	numAgentFacts
)

// The bits of a UserStatus.
const (
	statusTalking = 1 << iota
	statusAvailable
	statusSchedule
	statusServing
	statusWrapUp
)

// What an availability says, in bits.
const (
	availabilityNone = iota
	availabilityAvailable
	availabilityOffWork
	availabilityAway
)

// What a fetch request or its answer says, in bits: an index of AgentSums.Fetches.
const (
	FetchRequests = iota
	FetchAllocated
	FetchNoCalls
	FetchUnavailable
	FetchOther // an answer that the vendor's document does not name
	NumFetches
)

// silence is a time in which nothing was heard of an agent for so long that nothing is known any more, ticks.
type silence struct{ from, to int64 }

// Sizes in memory, for Sizes.
const (
	spanBytes      = 32
	agentFactBytes = 48
	silenceBytes   = 16
	callRefBytes   = 8
	agentRowBytes  = 16
)

// quarterOf returns the begin of the quarter of an hour of UTC in which us lies.
func quarterOf(us int64) int64 {
	q := us / intervalUs
	if us%intervalUs < 0 {
		q--
	}
	return q * intervalUs
}

// begin sets the beginning of the history of an agent that is new: no event is accepted that is older.
func (a *agent) begin() {
	h := &a.history
	h.from = quarterOf(micros(int64(a.org.horizon) - ticksOf(a.org.c.set.Lateness)))
	h.unsavedFrom, h.changedFrom = never, never
	a.org.c.changes.history(a)
}

// remember puts a fact into its place; most come at the end.
func (a *agent) remember(f agentFact) {
	h, c := &a.history, a.org.c
	i := len(h.facts)
	for i > 0 && (h.facts[i-1].at > f.at || h.facts[i-1].at == f.at && bytes.Compare(h.facts[i-1].id[:], f.id[:]) > 0) {
		i--
	}
	before := cap(h.facts)
	h.facts = append(h.facts, agentFact{})
	c.historyBytes += int64(cap(h.facts)-before) * agentFactBytes
	copy(h.facts[i+1:], h.facts[i:])
	h.facts[i] = f
	c.changes.agentFact(a, quarterOf(micros(f.at)))
	a.markTimeline(micros(f.at))
}

func statusFact(st *ingest.UserState, at int64, id uuid.UUID) agentFact {
	f := agentFact{at: at, id: id, kind: factStatus, end: int64(st.WrapUpEnd)}
	for i, on := range [...]bool{st.Talking, st.Available, st.Schedule, st.Serving, st.WrapUpStart != ingest.Unset} {
		if on {
			f.bits |= 1 << i
		}
	}
	return f
}

func availabilityFact(v availability, at int64, id uuid.UUID) agentFact {
	f := agentFact{at: at, id: id, kind: factAvailability, start: max(at, v.start), end: v.end}
	switch {
	case v.name == "":
		f.bits = availabilityNone
	case strings.EqualFold(v.name, "Available"):
		f.bits = availabilityAvailable
	case strings.EqualFold(v.name, "OffWork"):
		f.bits = availabilityOffWork
	default:
		f.bits = availabilityAway
	}
	return f
}

// fetchFact is of a UserCallAllocationRequest or …Response.
func fetchFact(ev *ingest.Event, at int64) agentFact {
	f := agentFact{at: at, id: ev.ID, kind: factFetch, bits: FetchOther}
	if ev.Type == ingest.UserCallAllocationRequest {
		f.bits = FetchRequests
		return f
	}
	for i, answer := range [...]string{"allocated", "nocalls", "agentunavailable"} {
		if strings.EqualFold(string(ev.AllocationType), answer) {
			f.bits = FetchAllocated + uint8(i)
		}
	}
	return f
}

// silent notes what an event at ticks says of the time before and after it, while lastEvent is still the one before.
func (a *agent) silent(at int64) {
	h, c := &a.history, a.org.c
	stale := ticksOf(c.set.AgentStale)
	if at > a.lastEvent {
		since := a.lastEvent + stale
		if a.lastEvent == 0 {
			since = h.from * 10
		}
		if at > since {
			a.addSilence(silence{since, at})
		} else if a.org.now >= since {
			a.markTimeline(micros(since)) // the silence that runs begins later
		}
		return
	}
	for i := 0; i < len(h.silences); i++ {
		s := h.silences[i]
		if at <= s.from-stale || at >= s.to {
			continue
		}
		h.silences = append(h.silences[:i], h.silences[i+1:]...)
		if at > s.from {
			a.addSilence(silence{s.from, at})
		}
		if at+stale < s.to {
			a.addSilence(silence{at + stale, s.to})
		}
		c.changes.history(a)
		a.markTimeline(micros(s.from))
		return
	}
}

func (a *agent) addSilence(s silence) {
	h := &a.history
	before := cap(h.silences)
	h.silences = append(h.silences, s)
	slices.SortFunc(h.silences, func(s, t silence) int { return int(min(max(s.from-t.from, -1), 1)) })
	a.org.c.historyBytes += int64(cap(h.silences)-before) * silenceBytes
	a.org.c.changes.history(a)
	a.markTimeline(micros(s.from))
}

// inCall notes that a fact of a held call names the agent.
func (a *agent) inCall(call *call, ref callRef) {
	for i := range call.facts {
		if call.facts[i].agentIx() == int(a.index) {
			return
		}
	}
	h := &a.history
	before := cap(h.calls)
	h.calls = append(h.calls, ref)
	a.org.c.historyBytes += int64(cap(h.calls)-before) * callRefBytes
}

// leaveCall takes over the agent's spans of a call that is let go.
func (a *agent) leaveCall(call *call, ref callRef) {
	h, c := &a.history, a.org.c
	i := slices.Index(h.calls, ref)
	if i < 0 {
		return // another fact of the call named the agent
	}
	h.calls[i] = h.calls[len(h.calls)-1]
	h.calls = h.calls[:len(h.calls)-1]
	before := cap(h.kept)
	for _, p := range call.spans {
		if p.agent == a.index+1 && !p.settled(h.from) {
			h.kept = append(h.kept, p)
		}
	}
	c.historyBytes += int64(cap(h.kept)-before) * spanBytes
	c.changes.history(a)
	a.thaw()
}

// settled tells whether a span has nothing to do with an instant and what is after it.
func (p *span) settled(us int64) bool {
	return p.from < us && (p.to < us || p.kind == spanHandled)
}

// markTimeline lists the agent for the next drain of histories. Nothing has changed before from, µs; never: only the clock
// has moved.
func (a *agent) markTimeline(from int64) {
	h := &a.history
	h.changedFrom = min(h.changedFrom, from)
	if !h.dirty {
		h.dirty = true
		a.org.c.dirtyTimelines = append(a.org.c.dirtyTimelines, a)
	}
}
