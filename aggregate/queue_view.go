package aggregate

import "ringside/ingest"

// see notes how much the event's source sees of the queue.
func (q *queue) see(ev *ingest.Event) {
	if ev.View <= q.view {
		return
	}
	q.view = ev.View
	q.org.c.changes.queue(q)
	q.markStatus()
}

// narrow makes Null what a source with a view does not see: who waits before an agent is called, how long, and which agents
// serve the queue; where only finished calls are seen, all of the present.
func (r *QueueStatusRow) narrow(v ingest.View) {
	for _, unseen := range []*int32{&r.NbrOfQueuingRequesters, &r.NbrOfNotServedRequesters, &r.NbrOfRequesters,
		&r.NbrOfAgentsCheckedInQueue, &r.NbrOfAgentsLongTermAway, &r.NbrOfAgentsShortTermAway, &r.NbrOfAgentsOnWrapUp,
		&r.NbrOfAgentsOnFetchMode, &r.NbrOfAgentsImmediatelyFree, &r.NbrOfProviders, &r.NbrOfServingAgentsEstimate} {
		*unseen = Null
	}
	if v == ingest.ViewFinished {
		r.NbrOfAllocated, r.NbrOfConnected = Null, Null
	}
}
