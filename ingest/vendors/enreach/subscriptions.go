package enreach

import "ringside/ingest"

// Subscription is an event type to be subscribed to, and what it is good for.
type Subscription struct {
	Type ingest.Type
	Buys string // what is known by it; several types that are of use only together have the same
}

const (
	buysWaits     = "calls that wait, answered and abandoned calls, waiting times, service levels"
	buysOffers    = "which agents were offered a call, ring times, unanswered offers"
	buysHold      = "hold times"
	buysTransfers = "transfers, apart from abandoned and answered calls; the way of a call through queues"
	buysOverflow  = "calls that overflow to another queue or are turned away, apart from abandoned ones"
	buysPrompts   = "announcements that a caller has to hear, which do not count as waiting"
	buysClosed    = "calls that come while the service is closed; the open status"
	buysMenus     = "what callers chose, and where routing sent them"
	buysCallbacks = "callbacks that callers ask for instead of waiting, and what became of them"
	buysOutbound  = "calls that agents make for a queue, and that they are busy with"
	buysReturned  = "attempts to call back, and who was reached"
	buysDirect    = "calls past the queues: an agent is not free while in one"
	buysWrapUp    = "wrap-up times, and agents who are not free yet"
	buysAgents    = "agents who are free, busy, away, off work; occupancy"
	buysMembers   = "which agents serve which queues"
	buysStructure = "queues' names, groups, zones, and that one is deleted"
	buysOwn       = "Enreach's own figures, which ringside reconcile compares with Ringside's"
)

// Subscriptions lists every event type that Ringside makes something of, in the order of the vendor's document. The others
// (recordings, transcripts, settings) would be kept in the table events, and be of no other use.
var Subscriptions = []Subscription{
	{ingest.UserAvailability, buysAgents},
	{ingest.UserCallAllocationRequest, buysAgents},
	{ingest.UserCallAllocationResponse, buysAgents},
	{ingest.UserCallBlockingPromptStarted, buysDirect},
	{ingest.UserCallInArrived, buysDirect},
	{ingest.UserCallInCallbackCreated, buysCallbacks},
	{ingest.UserCallInComing, buysDirect},
	{ingest.UserCallInDisconnected, buysDirect},
	{ingest.UserCallInHoldEnd, buysHold},
	{ingest.UserCallInHoldStart, buysHold},
	{ingest.UserCallInOverflow, buysOverflow},
	{ingest.UserCallInTransferCancelled, buysTransfers},
	{ingest.UserCallInTransferConnected, buysTransfers},
	{ingest.UserCallInTransferStarted, buysTransfers},
	{ingest.UserCallInUserAllocated, buysDirect},
	{ingest.UserCallInUserCancelled, buysDirect},
	{ingest.UserCallInUserConnected, buysDirect},
	{ingest.UserCallInUserOverflow, buysOverflow},
	{ingest.UserCallOutGoing, buysWrapUp},
	{ingest.UserQueueAttached, buysMembers},
	{ingest.UserStatus, buysAgents},
	{ingest.UserSupervisionStatus, buysDirect},
	{ingest.UserWrapUpEnabled, buysWrapUp},
	{ingest.UserWrapUpStarted, buysWrapUp},
	{ingest.UserWrapUpTerminated, buysWrapUp},
	{ingest.QueueAttachedUsers, buysMembers},
	{ingest.QueueCallBlockingPromptStarted, buysPrompts},
	{ingest.QueueCallInArrived, buysWaits},
	{ingest.QueueCallInCallbackCreated, buysCallbacks},
	{ingest.QueueCallInComing, buysWaits},
	{ingest.QueueCallInDisconnected, buysWaits},
	{ingest.QueueCallInHoldEnd, buysHold},
	{ingest.QueueCallInHoldStart, buysHold},
	{ingest.QueueCallInIvrSelection, buysMenus},
	{ingest.QueueCallInOverflow, buysOverflow},
	{ingest.QueueCallInScheduleClosed, buysClosed},
	{ingest.QueueCallInSmartRoutingResult, buysMenus},
	{ingest.QueueCallInTransferCancelled, buysTransfers},
	{ingest.QueueCallInTransferConnected, buysTransfers},
	{ingest.QueueCallInTransferStarted, buysTransfers},
	{ingest.QueueCallInUserAllocated, buysOffers},
	{ingest.QueueCallInUserCancelled, buysOffers},
	{ingest.QueueCallInUserConnected, buysWaits},
	{ingest.QueueChanged, buysStructure},
	{ingest.QueueDailyCallMetrics, buysOwn},
	{ingest.QueueStatus, buysOwn},
	{ingest.QueueUserCallOutConnected, buysOutbound},
	{ingest.QueueUserCallOutDisconnected, buysOutbound},
	{ingest.QueueUserCallOutGoing, buysOutbound},
	{ingest.QueueUserCallOutHoldEnd, buysOutbound},
	{ingest.QueueUserCallOutHoldStart, buysOutbound},
	{ingest.CallbackChanged, buysCallbacks},
	{ingest.CallbackListStatus, buysCallbacks},
	{ingest.CallbackUserCallOutConnected, buysReturned},
	{ingest.CallbackUserCallOutDisconnected, buysReturned},
	{ingest.CallbackUserCallOutGoing, buysReturned},
	{ingest.CallbackUserCallOutHoldEnd, buysReturned},
	{ingest.CallbackUserCallOutHoldStart, buysReturned},
}
