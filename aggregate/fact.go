package aggregate

import (
	"bytes"

	"github.com/google/uuid"

	"ringside/ingest"
)

// kind is what a fact says. The order is the rank of METRICS.md, section 1: it decides between facts of one instant.
type kind uint8

const (
	kindInComing kind = iota // of a queue or user; OutGoing of an outbound or callback call
	kindPrompt
	kindIvr
	kindRouting
	kindClosed
	kindArrived
	kindAllocated
	kindCancelled
	kindConnected
	kindHoldStart
	kindHoldEnd
	kindTransferStarted
	kindTransferCancelled
	kindTransferConnected
	kindCallbackCreated
	kindOverflow
	kindDisconnected
	kindWrapUpEnabled
	kindWrapUpStarted
	kindWrapUpTerminated
	kindSupervision // not ranked: never an orphan, no sign of life
	numKinds
	notAFact = kind(255)
)

// place is where a fact says the call is.
type place uint8

const (
	inQueue place = iota
	withUser
	outbound
	callback
)

// fact is what one event says of its call, packed: a call's facts are most of the memory that is held.
type fact struct {
	at    int64     // ticks
	id    uuid.UUID // of the event
	leg   uint32    // hash of LegId, 0: none
	num   int32     // seconds, priority, type id; Null: none
	text  [2]uint32 // interned, see textsOf; or packed, see next and agentLeg
	queue uint32    // index of the queue + 1 << 8 | kind; 0: none
	user  uint32    // index of the agent + 1 << 8 | place and flags; 0: none
}

const (
	factPlace        = 3       // mask of place
	factSkew         = 1 << 2  // stamped ahead of its receipt
	factUserOverflow = 1 << 3  // a UserCallInUserOverflow, which says the same as a UserCallInOverflow
	factCard         = 1 << 4  // of a source that tells of agents' parts of calls only
	factChannel      = 5       // shift of the channel, two bits
	maxIndex         = 1 << 24 // exclusive limit of queue and agent indexes
)

func (f *fact) kind() kind   { return kind(f.queue) }
func (f *fact) place() place { return place(f.user & factPlace) }
func (f *fact) queueIx() int { return int(f.queue>>8) - 1 }
func (f *fact) agentIx() int { return int(f.user>>8) - 1 }
func (f *fact) skewed() bool { return f.user&factSkew != 0 }
func (f *fact) ofCard() bool { return f.user&factCard != 0 }

func (f *fact) channel() ingest.Channel { return ingest.Channel(f.user >> factChannel & 3) }

// agentLeg returns the hash of a UserConnected's AgentLegId, which has no use for its second text.
func (f *fact) agentLeg() uint32 { return f.text[1] }

// callerText returns the interned caller's number, 0 if the fact has none.
func (f *fact) callerText() uint32 {
	switch f.kind() {
	case kindInComing, kindArrived, kindAllocated, kindConnected:
		return f.text[0]
	case kindClosed:
		return f.text[1]
	}
	return 0
}

// next is, for a WrapUpStarted, the agent's next call event in ticks (0: none yet): it may belong to another call, so it
// cannot be found by folding this one.
func (f *fact) next() int64 { return int64(f.text[0])<<32 | int64(f.text[1]) }

func (f *fact) setNext(t int64) { f.text = [2]uint32{uint32(t >> 32), uint32(t)} }

// before orders the facts of a call by (Timestamp, rank, Id).
func (f *fact) before(g *fact) bool {
	if f.at != g.at {
		return f.at < g.at
	}
	if f.kind() != g.kind() {
		return f.kind() < g.kind()
	}
	return bytes.Compare(f.id[:], g.id[:]) < 0
}

// internedTexts returns how many of text are interned strings.
func (f *fact) internedTexts() int {
	switch f.kind() {
	case kindWrapUpStarted:
		return 0
	case kindConnected:
		return 1
	}
	return 2
}

// factKinds tells which event types are facts of a call, and of which kind and place. Recordings, transcripts, settings
// and allocation requests are history only.
var factKinds = func() (m [ingest.NumTypes]struct {
	kind  kind
	place place
}) {
	for i := range m {
		m[i].kind = notAFact
	}
	set := func(p place, kinds map[ingest.Type]kind) {
		for t, k := range kinds { //ringside:unordered fills a table
			m[t].kind, m[t].place = k, p
		}
	}
	set(inQueue, map[ingest.Type]kind{
		ingest.QueueCallInComing:              kindInComing,
		ingest.QueueCallBlockingPromptStarted: kindPrompt,
		ingest.QueueCallInIvrSelection:        kindIvr,
		ingest.QueueCallInSmartRoutingResult:  kindRouting,
		ingest.QueueCallInScheduleClosed:      kindClosed,
		ingest.QueueCallInArrived:             kindArrived,
		ingest.QueueCallInUserAllocated:       kindAllocated,
		ingest.QueueCallInUserCancelled:       kindCancelled,
		ingest.QueueCallInUserConnected:       kindConnected,
		ingest.QueueCallInHoldStart:           kindHoldStart,
		ingest.QueueCallInHoldEnd:             kindHoldEnd,
		ingest.QueueCallInTransferStarted:     kindTransferStarted,
		ingest.QueueCallInTransferCancelled:   kindTransferCancelled,
		ingest.QueueCallInTransferConnected:   kindTransferConnected,
		ingest.QueueCallInCallbackCreated:     kindCallbackCreated,
		ingest.QueueCallInOverflow:            kindOverflow,
		ingest.QueueCallInDisconnected:        kindDisconnected,
		ingest.UserWrapUpEnabled:              kindWrapUpEnabled,
		ingest.UserWrapUpStarted:              kindWrapUpStarted,
		ingest.UserWrapUpTerminated:           kindWrapUpTerminated,
		ingest.UserSupervisionStatus:          kindSupervision,
	})
	set(withUser, map[ingest.Type]kind{
		ingest.UserCallInComing:              kindInComing,
		ingest.UserCallBlockingPromptStarted: kindPrompt,
		ingest.UserCallInArrived:             kindArrived,
		ingest.UserCallInUserAllocated:       kindAllocated,
		ingest.UserCallInUserCancelled:       kindCancelled,
		ingest.UserCallInUserConnected:       kindConnected,
		ingest.UserCallInHoldStart:           kindHoldStart,
		ingest.UserCallInHoldEnd:             kindHoldEnd,
		ingest.UserCallInTransferStarted:     kindTransferStarted,
		ingest.UserCallInTransferCancelled:   kindTransferCancelled,
		ingest.UserCallInTransferConnected:   kindTransferConnected,
		ingest.UserCallInCallbackCreated:     kindCallbackCreated,
		ingest.UserCallInOverflow:            kindOverflow,
		ingest.UserCallInUserOverflow:        kindOverflow,
		ingest.UserCallInDisconnected:        kindDisconnected,
	})
	set(outbound, map[ingest.Type]kind{
		ingest.QueueUserCallOutGoing:        kindInComing,
		ingest.QueueUserCallOutConnected:    kindConnected,
		ingest.QueueUserCallOutHoldStart:    kindHoldStart,
		ingest.QueueUserCallOutHoldEnd:      kindHoldEnd,
		ingest.QueueUserCallOutDisconnected: kindDisconnected,
	})
	set(callback, map[ingest.Type]kind{
		ingest.CallbackUserCallOutGoing:        kindInComing,
		ingest.CallbackUserCallOutConnected:    kindConnected,
		ingest.CallbackUserCallOutHoldStart:    kindHoldStart,
		ingest.CallbackUserCallOutHoldEnd:      kindHoldEnd,
		ingest.CallbackUserCallOutDisconnected: kindDisconnected,
	})
	return m
}()

// hashLeg reduces a LegId to 32 bits (FNV-1a). Legs are compared within one call only, which has a handful of them.
func hashLeg(leg []byte) uint32 {
	if len(leg) == 0 {
		return 0
	}
	h := uint32(2166136261)
	for _, b := range leg {
		h = (h ^ uint32(b)) * 16777619
	}
	return max(h, 1)
}

// typeOf returns the event type of a fact.
func typeOf(f *fact) ingest.Type {
	t, ok := knownType(f)
	if !ok {
		panic("BUG: a fact of no event type")
	}
	return t
}

func knownType(f *fact) (ingest.Type, bool) {
	if f.user&factUserOverflow != 0 {
		return ingest.UserCallInUserOverflow, true
	}
	k, p := f.kind(), f.place()
	for t := ingest.Type(0); t < ingest.NumTypes; t++ {
		if factKinds[t].kind == k && factKinds[t].place == p {
			return t, true
		}
	}
	return 0, false
}
