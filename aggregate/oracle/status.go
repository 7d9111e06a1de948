package oracle

import (
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"ringside/aggregate"
	"ringside/ingest"
)

// status computes QueueStatus of every known queue at the running clock (section 5).
func (o *orgFold) status() {
	agents := o.agents()
	for _, queue := range o.queues() {
		row := aggregate.QueueStatusRow{OrganizationID: o.id, QueueID: queue, QueueName: o.queueName(queue),
			ObservedAt: o.now.Micros(), OpenStatus: o.openStatus(queue)}
		serving := o.countCalls(queue, &row)
		o.countAgents(queue, agents, serving, &row)
		o.hide(queue, &row)
		o.result.Rows.QueueStatus = append(o.result.Rows.QueueStatus, row)
	}
}

// hide: what a queue's source does not tell is unknown, not zero.
func (o *orgFold) hide(queue uuid.UUID, row *aggregate.QueueStatusRow) {
	view := ingest.ViewWhole
	for _, f := range o.all {
		if f.ev.QueueID == queue {
			view = max(view, f.ev.View)
		}
	}
	if view == ingest.ViewWhole {
		return
	}
	seen := *row
	*row = aggregate.QueueStatusRow{OrganizationID: seen.OrganizationID, QueueID: queue, QueueName: seen.QueueName, ObservedAt: seen.ObservedAt,
		OpenStatus: seen.OpenStatus, StaleAgents: seen.StaleAgents, NbrOfAllocated: seen.NbrOfAllocated, NbrOfConnected: seen.NbrOfConnected,
		NbrOfProviders: aggregate.Null, NbrOfRequesters: aggregate.Null, NbrOfServingAgentsEstimate: aggregate.Null,
		NbrOfQueuingRequesters: aggregate.Null, NbrOfNotServedRequesters: aggregate.Null, NbrOfAgentsLongTermAway: aggregate.Null,
		NbrOfAgentsShortTermAway: aggregate.Null, NbrOfAgentsImmediatelyFree: aggregate.Null, NbrOfAgentsCheckedInQueue: aggregate.Null,
		NbrOfAgentsOnWrapUp: aggregate.Null, NbrOfAgentsOnFetchMode: aggregate.Null}
	if view == ingest.ViewFinished {
		row.NbrOfAllocated, row.NbrOfConnected = aggregate.Null, aggregate.Null
	}
}

func (o *orgFold) queues() (queues []uuid.UUID) {
	for _, f := range o.all {
		if q := f.ev.QueueID; q != uuid.Nil && !slices.Contains(queues, q) {
			queues = append(queues, q)
		}
	}
	return queues
}

// countCalls fills the figures of open visits and returns the agents connected to the queue's calls.
func (o *orgFold) countCalls(queue uuid.UUID, row *aggregate.QueueStatusRow) (serving []uuid.UUID) {
	for _, c := range o.calls {
		for _, v := range c.rows {
			if v.queue != queue || !v.open() {
				continue
			}
			for _, user := range v.connectedNow() {
				if !slices.Contains(serving, user) {
					serving = append(serving, user)
				}
			}
			if v.dir != aggregate.Inbound {
				continue
			}
			switch {
			case v.answered != 0:
				row.NbrOfConnected++
			case !v.accepted:
				continue
			case v.ringing():
				row.NbrOfAllocated++
			default:
				row.NbrOfQueuingRequesters++
			}
			// Reading: an incomplete visit, whose wait is NULL, is shown waiting from its acceptance.
			if v.answered == 0 {
				// "stored as the instant it runs from". Reading: a prompt that runs counts in full at once, so that the
				// instant does not move while it is played.
				since := v.acceptedAt + length(union(v.prompts, v.acceptedAt, forever))
				if row.LongestWaitSince == 0 || since < row.LongestWaitSince {
					row.LongestWaitSince = since
				}
				if v.flags&aggregate.FlagIncomplete == 0 {
					row.WaitingSince = append(row.WaitingSince, since)
				}
			}
		}
	}
	slices.Sort(row.WaitingSince)
	if len(row.WaitingSince) > aggregate.MaxWaitingSince {
		row.WaitingSince = row.WaitingSince[:aggregate.MaxWaitingSince]
	}
	row.NbrOfNotServedRequesters = row.NbrOfQueuingRequesters + row.NbrOfAllocated
	row.NbrOfRequesters = row.NbrOfNotServedRequesters + row.NbrOfConnected
	return serving
}

// countAgents fills the figures of the agents attached to the queue.
func (o *orgFold) countAgents(queue uuid.UUID, agents map[uuid.UUID]*agent, serving []uuid.UUID, row *aggregate.QueueStatusRow) {
	var free, freeInFetch int32
	for _, user := range o.checkedIn(queue, agents) {
		a := agents[user]
		row.NbrOfAgentsCheckedInQueue++
		long := a.known && (!a.status.Available || !a.status.Schedule || a.status.ServiceTerminals == 0)
		short := !long && (a.talking || a.wrapUp || a.status.ParkedCalls > 0)
		if long {
			row.NbrOfAgentsLongTermAway++
		}
		if short {
			row.NbrOfAgentsShortTermAway++
		}
		if a.wrapUp {
			row.NbrOfAgentsOnWrapUp++
		}
		if a.status.FetchMode {
			row.NbrOfAgentsOnFetchMode++
		}
		away := long || short
		if a.status.CanBeAllocatedTo && !a.status.FetchMode && !away {
			free++
		}
		if a.status.FetchMode && !away {
			freeInFetch++ // Reading: CanBeAllocatedTo is false in fetch mode, "no automatic allocation"
		}
		if o.now > a.lastEvent.Add(o.s.AgentStale) && !o.offWork(user, a) {
			row.StaleAgents++
		}
	}
	row.NbrOfAgentsImmediatelyFree = free
	row.NbrOfProviders = row.NbrOfAgentsCheckedInQueue - row.NbrOfAgentsLongTermAway
	row.NbrOfServingAgentsEstimate = int32(len(serving)) + free + freeInFetch
}

// offWork: "stale: no event of that user for agent.stale though not off work", by the last UserAvailability while it
// holds, else by UserStatus.
func (o *orgFold) offWork(user uuid.UUID, a *agent) bool {
	word := ""
	for _, f := range o.all {
		if f.ev.Type == ingest.UserAvailability && f.ev.UserID == user {
			word = ""
			if o.now >= f.ev.StartTime && (f.ev.EndTime == ingest.Unset || o.now < f.ev.EndTime) {
				word = string(f.ev.Availability)
			}
		}
	}
	if word == "" {
		return a.known && !a.status.Schedule
	}
	return strings.EqualFold(word, "OffWork")
}

// agent is what sections 5 and 7 know of a user.
type agent struct {
	status    ingest.UserState
	known     bool // a UserStatus has been seen
	talking   bool
	wrapUp    bool
	lastEvent ingest.Time
}

// agents folds the users: "where UserStatus and call facts disagree the later Timestamp wins".
func (o *orgFold) agents() map[uuid.UUID]*agent {
	agents := map[uuid.UUID]*agent{}
	get := func(user uuid.UUID) *agent {
		if agents[user] == nil {
			agents[user] = &agent{}
		}
		return agents[user]
	}
	statusAt := map[uuid.UUID]int64{}
	for _, f := range o.all {
		switch f.ev.Type {
		case ingest.UserStatus:
			a := get(f.ev.UserID)
			s := f.ev.Status
			a.status, a.known, a.talking = s, true, s.Talking
			// Reading: WrapUpEnd is when the wrap-up will end unless something else is heard.
			a.wrapUp = s.WrapUpStart != ingest.Unset && (s.WrapUpEnd == ingest.Unset || o.now < s.WrapUpEnd)
			statusAt[f.ev.UserID] = f.at()
		case ingest.QueueAttachedUsers:
			for _, u := range f.ev.AttachedUsers {
				get(u.UserID).lastEvent = f.ts // Reading: being listed says that the agent is there
			}
		}
		if f.ev.UserID != uuid.Nil {
			get(f.ev.UserID).lastEvent = f.ts
		}
	}
	for user, a := range agents {
		o.fromCalls(user, a, statusAt[user])
	}
	return agents
}

// fromCalls lets call facts later than the last UserStatus decide talking and wrap-up. Reading: a wrap-up is the
// agent's even if its call is not known.
func (o *orgFold) fromCalls(user uuid.UUID, a *agent, statusAt int64) {
	var changed int64
	talking := false
	for _, c := range o.calls {
		for _, v := range c.rows {
			for _, s := range v.segments {
				if s.user == user {
					talking = talking || s.to == 0
					changed = max(changed, s.from, s.to)
				}
			}
		}
	}
	if changed > statusAt {
		a.talking = talking
	}
	for _, f := range o.all {
		if f.ev.UserID != user || f.at() <= statusAt {
			continue
		}
		switch f.ev.Type {
		case ingest.UserWrapUpStarted:
			end := forever
			if next, ok := o.nextCallEvent(user, f.ts); ok {
				end = next
			}
			if longest := seconds(f.ev.MaxWrapUpDurationSec); longest != aggregate.Null {
				end = min(end, f.at()+longest)
			}
			a.wrapUp = end > o.now.Micros()
		case ingest.UserWrapUpTerminated:
			a.wrapUp = false
		}
	}
}

// checkedIn: "agents attached, active there, serving (UserStatus.Serving; true until a UserStatus is known)".
// "UserQueueAttached changes one user; QueueAttachedUsers replaces the list (null: no change)".
func (o *orgFold) checkedIn(queue uuid.UUID, agents map[uuid.UUID]*agent) (users []uuid.UUID) {
	active := map[uuid.UUID]bool{}
	for _, f := range o.others {
		if f.ev.QueueID != queue {
			continue
		}
		switch f.ev.Type {
		case ingest.UserQueueAttached:
			active[f.ev.UserID] = f.ev.Active && !f.ev.Deleted
		case ingest.QueueAttachedUsers:
			if f.ev.HasAttachedUsers {
				active = map[uuid.UUID]bool{}
				for _, u := range f.ev.AttachedUsers {
					active[u.UserID] = u.Active
				}
			}
		}
	}
	for user, isActive := range active {
		if a := agents[user]; isActive && (!a.known || a.status.Serving) {
			users = append(users, user)
		}
	}
	return users
}

// openStatus: "configured hours: Open 5, Closed 3. Else estimated: an Arrived after the last ScheduleClosed →
// OpenUncertain 6, the reverse → ClosedUncertain 4; nothing known → 0". The canonical event has no numbers, so
// NoActiveHandler is never seen.
func (o *orgFold) openStatus(queue uuid.UUID) int32 {
	if hours := o.rulesAt(queue, o.now.Micros()).Hours; hours != nil {
		local := o.now.Go().In(o.zoneAt(queue, o.now.Micros()).loc)
		if inHours(hours, local) {
			return 5
		}
		return 3
	}
	status := int32(0)
	facts := slices.Clone(o.all)
	sortFacts(facts)
	for _, f := range facts {
		if f.ev.QueueID != queue {
			continue
		}
		switch f.ev.Type {
		case ingest.QueueCallInArrived:
			status = 6
		case ingest.QueueCallInScheduleClosed:
			status = 4
		}
	}
	return status
}

func inHours(hours *aggregate.Hours, local time.Time) bool {
	minute := local.Hour()*60 + local.Minute()
	return slices.ContainsFunc(hours.Open[local.Weekday()], func(m aggregate.MinuteSpan) bool {
		return m.From <= minute && minute < m.To
	})
}
