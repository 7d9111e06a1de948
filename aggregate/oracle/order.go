package oracle

import (
	"bytes"
	"cmp"
	"slices"
	"strings"

	"ringside/ingest"
)

// ranks orders facts of equal time within a call (section 1): "InComing, BlockingPromptStarted, IvrSelection,
// SmartRoutingResult, ScheduleClosed, Arrived, UserAllocated, UserCancelled, UserConnected, HoldStart, HoldEnd,
// TransferStarted, TransferCancelled, TransferConnected, CallbackCreated, Overflow, Disconnected, WrapUp…; outbound and
// callback calls likewise". Reading: WrapUp… is Enabled, Started, Terminated in this order; a supervisor is no fact of the call.
var ranks = func() map[ingest.Type]int {
	ranks := map[ingest.Type]int{}
	for rank, types := range [][]ingest.Type{
		{ingest.QueueCallInComing, ingest.UserCallInComing, ingest.QueueUserCallOutGoing, ingest.CallbackUserCallOutGoing},
		{ingest.QueueCallBlockingPromptStarted, ingest.UserCallBlockingPromptStarted},
		{ingest.QueueCallInIvrSelection},
		{ingest.QueueCallInSmartRoutingResult},
		{ingest.QueueCallInScheduleClosed},
		{ingest.QueueCallInArrived, ingest.UserCallInArrived},
		{ingest.QueueCallInUserAllocated, ingest.UserCallInUserAllocated},
		{ingest.QueueCallInUserCancelled, ingest.UserCallInUserCancelled},
		{ingest.QueueCallInUserConnected, ingest.UserCallInUserConnected, ingest.QueueUserCallOutConnected,
			ingest.CallbackUserCallOutConnected},
		{ingest.QueueCallInHoldStart, ingest.UserCallInHoldStart, ingest.QueueUserCallOutHoldStart,
			ingest.CallbackUserCallOutHoldStart},
		{ingest.QueueCallInHoldEnd, ingest.UserCallInHoldEnd, ingest.QueueUserCallOutHoldEnd,
			ingest.CallbackUserCallOutHoldEnd},
		{ingest.QueueCallInTransferStarted, ingest.UserCallInTransferStarted},
		{ingest.QueueCallInTransferCancelled, ingest.UserCallInTransferCancelled},
		{ingest.QueueCallInTransferConnected, ingest.UserCallInTransferConnected},
		{ingest.QueueCallInCallbackCreated, ingest.UserCallInCallbackCreated},
		{ingest.QueueCallInOverflow, ingest.UserCallInOverflow, ingest.UserCallInUserOverflow},
		{ingest.QueueCallInDisconnected, ingest.UserCallInDisconnected, ingest.QueueUserCallOutDisconnected,
			ingest.CallbackUserCallOutDisconnected},
		{ingest.UserWrapUpEnabled},
		{ingest.UserWrapUpStarted},
		{ingest.UserWrapUpTerminated},
	} {
		for _, t := range types {
			ranks[t] = rank
		}
	}
	return ranks
}()

// isCallFact tells whether events of type t are folded into their call. Reading: recordings, transcripts and publicity
// are made after the fact and say nothing about where a call is; UserCallOut… is an agent's own call, which is in no
// table of calls; CallbackChanged has a life of its own (section 6) and is only consulted.
func isCallFact(t ingest.Type) bool {
	_, ranked := ranks[t]
	return ranked
}

// sortFacts puts the facts of a call into the order in which they are folded: (Timestamp, rank, Id).
func sortFacts(facts []fact) {
	slices.SortFunc(facts, func(a, b fact) int {
		return cmp.Or(cmp.Compare(a.ts, b.ts), cmp.Compare(ranks[a.ev.Type], ranks[b.ev.Type]),
			bytes.Compare(a.ev.ID[:], b.ev.ID[:]))
	})
}

// sortEvents orders events that are of no call: (Timestamp, Id).
func sortEvents(facts []fact) {
	slices.SortFunc(facts, func(a, b fact) int {
		return cmp.Or(cmp.Compare(a.ts, b.ts), bytes.Compare(a.ev.ID[:], b.ev.ID[:]))
	})
}

// isOut tells whether t is of an outbound queue call or a callback call.
func isOut(t ingest.Type) bool { return isCallFact(t) && strings.Contains(t.String(), "UserCallOut") }
