package sim

import (
	"time"

	"github.com/google/uuid"

	"ringside/aggregate"
	"ringside/ingest"
)

// Status is the expected QueueStatus of one queue at one instant, by what the messages stamped up to it say.
type Status struct {
	aggregate.QueueStatusRow
	MaxWaitTime int64 // whole seconds
}

// Figures returns the 15 figures in the order of the vendor's document, as in ingest.Published.
func (s *Status) Figures() [15]int64 {
	return [15]int64{int64(s.NbrOfProviders), int64(s.NbrOfRequesters), int64(s.NbrOfServingAgentsEstimate),
		int64(s.NbrOfAllocated), int64(s.NbrOfConnected), int64(s.NbrOfQueuingRequesters), int64(s.NbrOfNotServedRequesters),
		int64(s.NbrOfAgentsLongTermAway), int64(s.NbrOfAgentsShortTermAway), int64(s.NbrOfAgentsImmediatelyFree),
		int64(s.NbrOfAgentsCheckedInQueue), int64(s.NbrOfAgentsOnWrapUp), int64(s.NbrOfAgentsOnFetchMode), s.MaxWaitTime,
		int64(s.OpenStatus)}
}

// StatusAt returns the expected status of every queue at t, which must not lie after Now. Config.Forget must not be set.
func (s *Sim) StatusAt(t ingest.Time) (rows []Status) {
	for _, o := range s.centres {
		for _, q := range o.queues {
			rows = append(rows, q.status(t, q.visits))
		}
	}
	return rows
}

// status counts the queue's callers and agents at t; visits holds at least those that were open then.
func (q *queue) status(t ingest.Time, visits []*Visit) (st Status) {
	us := t.Micros()
	st.OrganizationID, st.QueueID, st.QueueName, st.ObservedAt = q.org.id, q.id, q.plainName, us
	longest := int64(-1)
	connected := map[*agent]bool{}
	for _, v := range visits {
		if !v.open(us) {
			continue
		}
		for _, p := range v.segments { // of the queue's calls out too: they serve it
			if p.from <= us && us < p.to {
				connected[p.agent] = true
			}
		}
		switch {
		case v.direction != aggregate.Inbound:
			continue
		case v.answered != 0 && v.answered <= us:
			st.NbrOfConnected++
			continue
		case v.rings(us):
			st.NbrOfAllocated++
		case v.arrived != 0 && v.arrived <= us:
			st.NbrOfQueuingRequesters++
		default:
			continue // not accepted yet
		}
		if v.arrived != 0 {
			longest = max(longest, v.elapsed(us))
		}
	}
	st.NbrOfNotServedRequesters = st.NbrOfQueuingRequesters + st.NbrOfAllocated
	st.NbrOfRequesters = st.NbrOfNotServedRequesters + st.NbrOfConnected
	if longest >= 0 {
		st.MaxWaitTime, st.LongestWaitSince = longest/1_000_000, us-longest
	}
	free := q.countAgents(t, &st)
	st.NbrOfServingAgentsEstimate = int32(len(connected)) + free
	st.OpenStatus = q.openStatus(us)
	return st
}

// rings reports whether an offer of the visit is open at t.
func (v *Visit) rings(t int64) bool {
	for _, p := range v.offers {
		if p.from <= t && t < p.to {
			return true
		}
	}
	return false
}

// countAgents fills in the figures about agents and returns how many are free, in fetch mode or not.
func (q *queue) countAgents(t ingest.Time, st *Status) (free int32) {
	for _, m := range q.members {
		a := m.agent
		if !q.activeAt(m, t) {
			continue
		}
		u := a.stateAt(t)
		if !u.Serving {
			continue
		}
		st.NbrOfAgentsCheckedInQueue++
		wrapping := u.WrapUpStart != ingest.Unset
		if wrapping {
			st.NbrOfAgentsOnWrapUp++
		}
		if u.FetchMode {
			st.NbrOfAgentsOnFetchMode++
		}
		switch {
		case !u.Available || !u.Schedule || u.ServiceTerminals == 0:
			st.NbrOfAgentsLongTermAway++
		case u.Talking || wrapping || u.ParkedCalls > 0:
			st.NbrOfAgentsShortTermAway++
		case u.CanBeAllocatedTo:
			free++
			if !u.FetchMode {
				st.NbrOfAgentsImmediatelyFree++
			}
		}
	}
	st.NbrOfProviders = st.NbrOfAgentsCheckedInQueue - st.NbrOfAgentsLongTermAway
	return free
}

// activeAt reports whether m was attached and active in the queue at t.
func (q *queue) activeAt(m *member, t ingest.Time) bool {
	active := false
	for _, c := range q.roster {
		if c.agent == m.agent && c.at <= t {
			active = c.attached && c.active
		}
	}
	return active
}

// openStatus is what the configured hours say, or what callers met last.
func (q *queue) openStatus(us int64) int32 {
	if h := q.cfg.Hours; h != nil && !q.cfg.NoHours {
		if openAt(h, time.UnixMicro(us).In(q.zoneAt(us).loc)) {
			return 5
		}
		return 3
	}
	status := int32(0)
	for _, o := range q.openness {
		if o.at > us {
			break
		}
		status = 4
		if o.open {
			status = 6
		}
	}
	return status
}

// openAt tells whether the local time lies within the hours.
func openAt(h *aggregate.Hours, local time.Time) bool {
	minute := local.Hour()*60 + local.Minute()
	for _, s := range h.Open[local.Weekday()] {
		if s.From <= minute && minute < s.To {
			return true
		}
	}
	return false
}

// QueueIDs returns the ids of an organization's queues in the order of the Config.
func (s *Sim) QueueIDs(organization int) (ids []uuid.UUID) {
	for _, q := range s.centres[organization].queues {
		ids = append(ids, q.id)
	}
	return ids
}
