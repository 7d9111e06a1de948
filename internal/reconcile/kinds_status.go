package reconcile

import (
	"ringside/aggregate"
	"ringside/ingest"
)

// statusFields are the figures of QueueStatus: docs/METRICS.md, section 5.
var statusFields = []field{
	now("NbrOfProviders", ingest.StatusNbrOfProviders, nil, func(r *aggregate.QueueStatusRow) int32 { return r.NbrOfProviders }),
	now("NbrOfRequesters", ingest.StatusNbrOfRequesters, requesting, func(r *aggregate.QueueStatusRow) int32 { return r.NbrOfRequesters }),
	now("NbrOfServingAgentsEstimate", ingest.StatusNbrOfServingAgentsEstimate, connected,
		func(r *aggregate.QueueStatusRow) int32 { return r.NbrOfServingAgentsEstimate }),
	now("NbrOfAllocated", ingest.StatusNbrOfAllocated, allocated, func(r *aggregate.QueueStatusRow) int32 { return r.NbrOfAllocated }),
	now("NbrOfConnected", ingest.StatusNbrOfConnected, connected, func(r *aggregate.QueueStatusRow) int32 { return r.NbrOfConnected }),
	now("NbrOfQueuingRequesters", ingest.StatusNbrOfQueuingRequesters, queuing,
		func(r *aggregate.QueueStatusRow) int32 { return r.NbrOfQueuingRequesters }),
	now("NbrOfNotServedRequesters", ingest.StatusNbrOfNotServedRequesters, notServed,
		func(r *aggregate.QueueStatusRow) int32 { return r.NbrOfNotServedRequesters }),
	now("NbrOfAgentsLongTermAway", ingest.StatusNbrOfAgentsLongTermAway, nil,
		func(r *aggregate.QueueStatusRow) int32 { return r.NbrOfAgentsLongTermAway }),
	now("NbrOfAgentsShortTermAway", ingest.StatusNbrOfAgentsShortTermAway, nil,
		func(r *aggregate.QueueStatusRow) int32 { return r.NbrOfAgentsShortTermAway }),
	now("NbrOfAgentsImmediatelyFree", ingest.StatusNbrOfAgentsImmediatelyFree, nil,
		func(r *aggregate.QueueStatusRow) int32 { return r.NbrOfAgentsImmediatelyFree }),
	now("NbrOfAgentsCheckedInQueue", ingest.StatusNbrOfAgentsCheckedInQueue, nil,
		func(r *aggregate.QueueStatusRow) int32 { return r.NbrOfAgentsCheckedInQueue }),
	now("NbrOfAgentsOnWrapUp", ingest.StatusNbrOfAgentsOnWrapUp, nil, func(r *aggregate.QueueStatusRow) int32 { return r.NbrOfAgentsOnWrapUp }),
	now("NbrOfAgentsOnFetchMode", ingest.StatusNbrOfAgentsOnFetchMode, nil,
		func(r *aggregate.QueueStatusRow) int32 { return r.NbrOfAgentsOnFetchMode }),
	{name: "MaxWaitTime", index: ingest.StatusMaxWaitTime, of: longestWait, grows: true, in: notServed},
	now("OpenStatus", ingest.StatusOpenStatus, nil, func(r *aggregate.QueueStatusRow) int32 { return r.OpenStatus }),
}

// now makes a field of a column of the queue's status.
func now(name string, index int, in func(*aggregate.CallRow) (bool, int64), column func(*aggregate.QueueStatusRow) int32) field {
	return field{name: name, index: index, in: in, of: func(s *state, _ int64) (float64, bool) {
		if s.status == nil {
			return 0, true
		}
		return float64(column(s.status)), true
	}}
}

// longestWait is in seconds, 0 where nobody waits.
func longestWait(s *state, at int64) (float64, bool) {
	if s.status == nil || s.status.LongestWaitSince == 0 {
		return 0, true
	}
	wait := max(0, at-s.status.LongestWaitSince)
	if at < s.standingUntil {
		wait = max(wait, s.standing)
	}
	return float64(wait) / 1e6, true
}

// stand finds out whether the longest wait stands still. A prompt moves the instant from which it runs ahead when it
// begins: where nobody has left, that is why the instant is later than before.
func (s *state) stand(before *state) {
	if s.status == nil || before.status == nil || s.status.LongestWaitSince == 0 || before.status.LongestWaitSince == 0 {
		return
	}
	switch moved := s.status.LongestWaitSince - before.status.LongestWaitSince; {
	case moved > 0 && s.status.NbrOfNotServedRequesters >= before.status.NbrOfNotServedRequesters:
		wait, _ := longestWait(before, s.from)
		s.standing, s.standingUntil = int64(wait*1e6), s.from+moved
	case moved == 0:
		s.standing, s.standingUntil = before.standing, before.standingUntil
	}
}

// The calls behind the figures of now are open visits.

func openVisit(r *aggregate.CallRow) bool {
	return r.Direction == aggregate.Inbound && r.EndedAt == 0 && (r.Outcome == aggregate.OutcomeOpen || r.Outcome == aggregate.Answered) && accepted(r)
}

func requesting(r *aggregate.CallRow) (bool, int64) { return openVisit(r), 0 }
func connected(r *aggregate.CallRow) (bool, int64)  { return openVisit(r) && r.AnsweredAt != 0, 0 }
func notServed(r *aggregate.CallRow) (bool, int64)  { return openVisit(r) && r.AnsweredAt == 0, 0 }

// A ring time is NULL while it runs.
func allocated(r *aggregate.CallRow) (bool, int64) {
	return openVisit(r) && r.AnsweredAt == 0 && r.Ring == aggregate.Null, 0
}

func queuing(r *aggregate.CallRow) (bool, int64) {
	return openVisit(r) && r.AnsweredAt == 0 && r.Ring != aggregate.Null, 0
}
