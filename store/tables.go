package store

import (
	"context"
	"time"

	"github.com/google/uuid"

	"ringside/aggregate"
	"ringside/ingest"
)

// tables are all tables a Writer fills.
type tables struct {
	calls          *table[callKey, aggregate.CallRow]
	queueStatus    *table[stateKey, aggregate.QueueStatusRow]
	queueStatusNow *table[pairKey, aggregate.QueueStatusRow]
	daily          *table[dailyKey, aggregate.DailyRow]
	intervals      *table[stateKey, aggregate.IntervalRow]
	agentIntervals *table[agentIntervalKey, aggregate.AgentIntervalRow]
	agentStatus    *table[stateKey, aggregate.AgentStatusRow]
	agentStatusNow *table[pairKey, aggregate.AgentStatusRow]
	callbacks      *table[dailyKey, aggregate.CallbackRow]
	callLists      *table[stateKey, aggregate.CallbackListRow]
	callListsNow   *table[pairKey, aggregate.CallbackListRow]
	queues         *table[pairKey, aggregate.QueueRow]
	agents         *table[pairKey, aggregate.AgentRow]
	queueChanges   *table[noKey, aggregate.QueueChangeRow]
	attachments    *table[noKey, aggregate.AttachmentRow]
	names          *table[nameKey, aggregate.NameRow]
	listDim        *table[pairKey, aggregate.CallListRow]
	accounting     *table[accountKey, accountRow]
	organizations  *table[uuid.UUID, organizationRow]
	events         *table[noKey, eventRow]
	late           *table[noKey, lateRow]
	rejects        *table[noKey, rejectRow]

	all []flusher // rejects last: others refuse rows into it
}

// flusher is a table, whatever its rows are.
type flusher interface {
	tableSet() aggregate.TableSet
	pendingRows() int
	flush(context.Context, *Writer) error
	forget(partition int32, upTo uint64)
}

// Keys are the sorting keys of the tables.
type (
	pairKey  struct{ organization, id uuid.UUID }
	stateKey struct {
		organization, id uuid.UUID
		at               int64
	}
	dailyKey struct { // the id is a queue's or a callback's
		organization, id uuid.UUID
		date             int32
	}
	callKey struct {
		organization, call, queue uuid.UUID
		date                      int32
		direction                 aggregate.Direction
		visit                     uint16
	}
	accountKey struct {
		organization uuid.UUID
		partition    int32
	}
	noKey struct{}
)

func newTables(total *backlog) tables {
	t := tables{
		calls:          newTable(callsSpec(), total),
		queueStatus:    newTable(queueStatusSpec(), total),
		queueStatusNow: newTable(queueStatusNowSpec(), total),
		daily:          newTable(dailySpec(), total),
		intervals:      newTable(intervalSpec(), total),
		agentIntervals: newTable(agentIntervalSpec(), total),
		agentStatus:    newTable(agentStatusSpec(), total),
		agentStatusNow: newTable(agentStatusNowSpec(), total),
		callbacks:      newTable(callbacksSpec(), total),
		callLists:      newTable(callListSpec(), total),
		callListsNow:   newTable(callListNowSpec(), total),
		queues:         newTable(queuesSpec(), total),
		agents:         newTable(agentsSpec(), total),
		queueChanges:   newTable(queueChangesSpec(), total),
		attachments:    newTable(attachmentsSpec(), total),
		names:          newTable(namesSpec(), total),
		listDim:        newTable(callListsSpec(), total),
		accounting:     newTable(accountingSpec(), total),
		organizations:  newTable(organizationsSpec(), total),
		events:         newTable(eventsSpec(), total),
		late:           newTable(lateSpec(), total),
		rejects:        newTable(rejectsSpec(), total),
	}
	t.all = []flusher{t.queueStatusNow, t.agentStatusNow, t.callListsNow, t.calls, t.daily, t.callbacks, t.intervals, t.agentIntervals,
		t.queueStatus, t.agentStatus, t.callLists, t.queues, t.agents, t.queueChanges, t.attachments, t.names, t.listDim, t.accounting,
		t.organizations, t.events, t.late, t.rejects}
	return t
}

// longest returns the number of pending rows of the fullest table in set.
func (t *tables) longest(set aggregate.TableSet) int {
	n := 0
	for _, f := range t.all {
		if f.tableSet()&set != 0 {
			n = max(n, f.pendingRows())
		}
	}
	return n
}

// weekOf numbers the weeks as ClickHouse's toMonday does; the argument is µs since the Unix epoch, a Thursday.
func weekOf(us int64) int64 { return (clampMicros(us)/microsPerDay + 3) / 7 }

// monthOf numbers the months; the argument is days since the Unix epoch.
func monthOf(days int64) int64 {
	y, m, _ := time.Unix(days*secondsPerDay, 0).UTC().Date()
	return int64(y)*12 + int64(m)
}

func monthOfMicros(us int64) int64 { return monthOf(clampMicros(us) / microsPerDay) }

func queueStatusSpec() tableSpec[stateKey, aggregate.QueueStatusRow] {
	type R = aggregate.QueueStatusRow
	return tableSpec[stateKey, R]{
		name: "queue_status_versions", set: aggregate.DrainHistory, history: true,
		key:          func(r *R) stateKey { return stateKey{r.OrganizationID, r.QueueID, r.ObservedAt} },
		chunk:        func(r *R) int64 { return weekOf(r.ObservedAt) },
		organization: func(r *R) uuid.UUID { return r.OrganizationID },
		deleted:      func(r *R) bool { return r.Deleted },
		keep: func(dst, src *R) {
			*dst = *src
			dst.WaitingSince = nil // the history has the longest wait only
		},
		columns: append(queueStatusColumns(), ownerCols[R]()...),
	}
}

func queueStatusNowSpec() tableSpec[pairKey, aggregate.QueueStatusRow] {
	type R = aggregate.QueueStatusRow
	return tableSpec[pairKey, R]{
		name: "queue_status_now_versions", set: aggregate.DrainNow,
		key:          func(r *R) pairKey { return pairKey{r.OrganizationID, r.QueueID} },
		organization: func(r *R) uuid.UUID { return r.OrganizationID },
		deleted:      func(r *R) bool { return r.Deleted },
		size:         func(r *R) int { return 8 * len(r.WaitingSince) },
		keep: func(dst, src *R) {
			waiting := append(dst.WaitingSince[:0], src.WaitingSince...)
			*dst = *src
			dst.WaitingSince = waiting
		},
		columns: append(append(queueStatusColumns(), waitingSinceCol()), ownerCols[R]()...),
	}
}

func queueStatusColumns() []columnOf[aggregate.QueueStatusRow] {
	type R = aggregate.QueueStatusRow
	return []columnOf[R]{
		idCol("organization_id", func(r *R) uuid.UUID { return r.OrganizationID }),
		idCol("queue_id", func(r *R) uuid.UUID { return r.QueueID }),
		instantCol("observed_at", func(r *R) int64 { return r.ObservedAt }),
		textCol("queue_name", func(r *R) string { return r.QueueName }),
		int32Col("nbr_of_providers", func(r *R) int32 { return r.NbrOfProviders }),
		int32Col("nbr_of_requesters", func(r *R) int32 { return r.NbrOfRequesters }),
		int32Col("nbr_of_serving_agents_estimate", func(r *R) int32 { return r.NbrOfServingAgentsEstimate }),
		int32Col("nbr_of_allocated", func(r *R) int32 { return r.NbrOfAllocated }),
		int32Col("nbr_of_connected", func(r *R) int32 { return r.NbrOfConnected }),
		int32Col("nbr_of_queuing_requesters", func(r *R) int32 { return r.NbrOfQueuingRequesters }),
		int32Col("nbr_of_not_served_requesters", func(r *R) int32 { return r.NbrOfNotServedRequesters }),
		int32Col("nbr_of_agents_long_term_away", func(r *R) int32 { return r.NbrOfAgentsLongTermAway }),
		int32Col("nbr_of_agents_short_term_away", func(r *R) int32 { return r.NbrOfAgentsShortTermAway }),
		int32Col("nbr_of_agents_immediately_free", func(r *R) int32 { return r.NbrOfAgentsImmediatelyFree }),
		int32Col("nbr_of_agents_checked_in_queue", func(r *R) int32 { return r.NbrOfAgentsCheckedInQueue }),
		int32Col("nbr_of_agents_on_wrap_up", func(r *R) int32 { return r.NbrOfAgentsOnWrapUp }),
		int32Col("nbr_of_agents_on_fetch_mode", func(r *R) int32 { return r.NbrOfAgentsOnFetchMode }),
		instantCol("longest_wait_since", func(r *R) int64 { return r.LongestWaitSince }),
		col("open_status", "UInt8", func(e *entry[R]) uint8 { return uint8(e.row.OpenStatus) }),
		int32Col("stale_agents", func(r *R) int32 { return r.StaleAgents }),
	}
}

func waitingSinceCol() columnOf[aggregate.QueueStatusRow] {
	return col("waiting_since", "Array(DateTime64(6, 'UTC'))", func(e *entry[aggregate.QueueStatusRow]) []time.Time {
		waiting := make([]time.Time, len(e.row.WaitingSince))
		for i, us := range e.row.WaitingSince {
			waiting[i] = time.UnixMicro(clampMicros(us)).UTC()
		}
		return waiting
	})
}

func agentStatusSpec() tableSpec[stateKey, aggregate.AgentStatusRow] {
	type R = aggregate.AgentStatusRow
	return tableSpec[stateKey, R]{
		name: "agent_status_versions", set: aggregate.DrainHistory, history: true,
		key:          func(r *R) stateKey { return stateKey{r.OrganizationID, r.AgentID, r.ObservedAt} },
		chunk:        func(r *R) int64 { return weekOf(r.ObservedAt) },
		organization: func(r *R) uuid.UUID { return r.OrganizationID },
		deleted:      func(r *R) bool { return r.Deleted },
		columns:      agentStatusColumns(),
	}
}

func agentStatusNowSpec() tableSpec[pairKey, aggregate.AgentStatusRow] {
	type R = aggregate.AgentStatusRow
	return tableSpec[pairKey, R]{
		name: "agent_status_now_versions", set: aggregate.DrainNow,
		key:          func(r *R) pairKey { return pairKey{r.OrganizationID, r.AgentID} },
		organization: func(r *R) uuid.UUID { return r.OrganizationID },
		deleted:      func(r *R) bool { return r.Deleted },
		columns:      agentStatusColumns(),
	}
}

func agentStatusColumns() []columnOf[aggregate.AgentStatusRow] {
	type R = aggregate.AgentStatusRow
	return append([]columnOf[R]{
		idCol("organization_id", func(r *R) uuid.UUID { return r.OrganizationID }),
		idCol("agent_id", func(r *R) uuid.UUID { return r.AgentID }),
		instantCol("observed_at", func(r *R) int64 { return r.ObservedAt }),
		textCol("agent_name", func(r *R) string { return r.AgentName }),
		enumCol("state", aggregate.AgentAvailable, func(r *R) aggregate.AgentState { return r.State }),
		instantCol("state_since", func(r *R) int64 { return r.StateSince }),
		idCol("queue_id", func(r *R) uuid.UUID { return r.QueueID }),
		textCol("availability", func(r *R) string { return r.Availability }),
		boolCol("serving", func(r *R) bool { return r.Serving }),
		boolCol("fetch_mode", func(r *R) bool { return r.FetchMode }),
		boolCol("stale", func(r *R) bool { return r.Stale }),
		boolCol("stuck", func(r *R) bool { return r.Stuck }),
		boolCol("immediately_free", func(r *R) bool { return r.ImmediatelyFree }),
		textCol("availability_reason", func(r *R) string { return r.AvailabilityReason }),
		channelsCol("channel_states", func(c *aggregate.ChannelState) string { return c.State }),
		channelsCol("channel_reasons", func(c *aggregate.ChannelState) string { return c.Reason }),
	}, ownerCols[R]()...)
}

// organizationRow remembers where an organization's events are.
type organizationRow struct {
	id     uuid.UUID
	seenAt int64
}

func organizationsSpec() tableSpec[uuid.UUID, organizationRow] {
	type R = organizationRow
	return tableSpec[uuid.UUID, R]{
		name: "organizations_versions", set: aggregate.DrainHistory,
		key:          func(r *R) uuid.UUID { return r.id },
		organization: func(r *R) uuid.UUID { return r.id },
		columns: append([]columnOf[R]{
			idCol("organization_id", func(r *R) uuid.UUID { return r.id }),
			instantCol("seen_at", func(r *R) int64 { return r.seenAt }),
		}, ownerCols[R]()...),
	}
}

// orphanRow is an orphan as a row of late_events.
func orphanRow(o *aggregate.OrphanRow) lateRow {
	return lateRow{organization: o.OrganizationID, happenedAt: clampMicros(o.HappenedAt), id: o.EventID, reason: "orphan",
		typeName: ingest.Type(o.Type).String(), call: o.CallID, queue: o.QueueID, deleted: o.Deleted}
}
