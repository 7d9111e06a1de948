package store

import (
	"github.com/google/uuid"

	"ringside/aggregate"
	"ringside/ingest"
)

// eventRow is one row of events.
type eventRow struct {
	organization, id, call, queue, user, callback, callList uuid.UUID
	happenedAt, receivedAt                                  int64
	source, typeName                                        string
	body                                                    []byte
	part                                                    int
}

// longBody is the capacity beyond which a body's memory is not kept for the next.
const longBody = 4096

func keepBody(dst, src []byte) []byte {
	if cap(dst) > longBody {
		dst = nil
	}
	return append(dst[:0], src...)
}

// Copies of an event are dropped by the table, not in memory: a map of every event would cost more than it saves.
func eventsSpec() tableSpec[noKey, eventRow] {
	type R = eventRow
	return tableSpec[noKey, R]{
		name: "events_versions", set: aggregate.DrainHistory,
		chunk:        func(r *R) int64 { return weekOf(r.happenedAt) },
		organization: func(r *R) uuid.UUID { return r.organization },
		size:         func(r *R) int { return len(r.body) },
		keep: func(dst, src *R) {
			body := keepBody(dst.body, src.body)
			*dst = *src
			dst.body = body
		},
		columns: append([]columnOf[R]{
			idCol("organization_id", func(r *R) uuid.UUID { return r.organization }),
			instantCol("happened_at", func(r *R) int64 { return r.happenedAt }),
			idCol("event_id", func(r *R) uuid.UUID { return r.id }),
			instantCol("received_at", func(r *R) int64 { return r.receivedAt }),
			textCol("source", func(r *R) string { return r.source }),
			textCol("type", func(r *R) string { return r.typeName }),
			idCol("call_id", func(r *R) uuid.UUID { return r.call }),
			idCol("queue_id", func(r *R) uuid.UUID { return r.queue }),
			idCol("user_id", func(r *R) uuid.UUID { return r.user }),
			idCol("callback_id", func(r *R) uuid.UUID { return r.callback }),
			idCol("call_list_id", func(r *R) uuid.UUID { return r.callList }),
			bytesCol("body", func(r *R) *[]byte { return &r.body }),
			uint8Col("part", func(r *R) uint8 { return uint8(r.part) }),
		}, ownerCols[R]()...),
	}
}

// lateRow is one row of late_events.
type lateRow struct {
	organization, id, call, queue uuid.UUID
	happenedAt, receivedAt        int64
	reason, source, typeName      string
	body                          []byte
	part                          int
	deleted                       bool
}

func lateSpec() tableSpec[noKey, lateRow] {
	type R = lateRow
	return tableSpec[noKey, R]{
		name: "late_events_versions", set: aggregate.DrainHistory,
		chunk:        func(r *R) int64 { return monthOfMicros(r.happenedAt) },
		organization: func(r *R) uuid.UUID { return r.organization },
		deleted:      func(r *R) bool { return r.deleted },
		size:         func(r *R) int { return len(r.body) },
		keep: func(dst, src *R) {
			body := keepBody(dst.body, src.body)
			*dst = *src
			dst.body = body
		},
		columns: append([]columnOf[R]{
			idCol("organization_id", func(r *R) uuid.UUID { return r.organization }),
			instantCol("happened_at", func(r *R) int64 { return r.happenedAt }),
			idCol("event_id", func(r *R) uuid.UUID { return r.id }),
			textCol("reason", func(r *R) string { return r.reason }),
			instantCol("received_at", func(r *R) int64 { return r.receivedAt }),
			textCol("source", func(r *R) string { return r.source }),
			textCol("type", func(r *R) string { return r.typeName }),
			idCol("call_id", func(r *R) uuid.UUID { return r.call }),
			idCol("queue_id", func(r *R) uuid.UUID { return r.queue }),
			bytesCol("body", func(r *R) *[]byte { return &r.body }),
			uint8Col("part", func(r *R) uint8 { return uint8(r.part) }),
		}, ownerCols[R]()...),
	}
}

// rejectRow is one row of rejects.
type rejectRow struct {
	organization, event    uuid.UUID
	position               ingest.Position
	receivedAt             int64
	source, reason, detail string
	body                   []byte
}

func (r *rejectRow) receivedDay() int64 { return clampMicros(r.receivedAt) / microsPerDay }

func rejectsSpec() tableSpec[noKey, rejectRow] {
	type R = rejectRow
	return tableSpec[noKey, R]{
		name: "rejects_versions", set: aggregate.DrainHistory,
		chunk:        func(r *R) int64 { return monthOf(r.receivedDay()) },
		organization: func(r *R) uuid.UUID { return r.organization },
		size:         func(r *R) int { return len(r.body) + len(r.detail) },
		keep: func(dst, src *R) {
			body := keepBody(dst.body, src.body)
			*dst = *src
			dst.body = body
		},
		columns: append([]columnOf[R]{
			idCol("organization_id", func(r *R) uuid.UUID { return r.organization }),
			dateCol("received_date", func(r *R) int32 { return int32(r.receivedDay()) }),
			textCol("topic", func(r *R) string { return r.position.Topic }),
			int64Col("kafka_offset", func(r *R) int64 { return r.position.Offset }),
			idCol("event_id", func(r *R) uuid.UUID { return r.event }),
			textCol("source", func(r *R) string { return r.source }),
			textCol("reason", func(r *R) string { return r.reason }),
			textCol("detail", func(r *R) string { return r.detail }),
			instantCol("received_at", func(r *R) int64 { return r.receivedAt }),
			bytesCol("body", func(r *R) *[]byte { return &r.body }),
		}, ownerCols[R]()...),
	}
}

// accountRow is the account of an organization in one partition.
type accountRow struct {
	aggregate.AccountingRow
	partition int32
}

func accountingSpec() tableSpec[accountKey, accountRow] {
	type R = accountRow
	return tableSpec[accountKey, R]{
		name: "accounting_versions", set: aggregate.DrainHistory,
		key:          func(r *R) accountKey { return accountKey{r.OrganizationID, r.partition} },
		organization: func(r *R) uuid.UUID { return r.OrganizationID },
		columns: append([]columnOf[R]{
			idCol("organization_id", func(r *R) uuid.UUID { return r.OrganizationID }),
			int64Col("received", func(r *R) int64 { return r.Received }),
			int64Col("accepted", func(r *R) int64 { return r.Accepted }),
			int64Col("duplicate", func(r *R) int64 { return r.Duplicate }),
			int64Col("late", func(r *R) int64 { return r.Late }),
			int64Col("rejected", func(r *R) int64 { return r.Rejected }),
			int64Col("orphan", func(r *R) int64 { return r.Orphan }),
			instantCol("horizon", func(r *R) int64 { return r.Horizon }),
		}, ownerCols[R]()...),
	}
}

// queuesSpec: a deleted queue keeps its row, so that history keeps its name; it is no tombstone.
func queuesSpec() tableSpec[pairKey, aggregate.QueueRow] {
	type R = aggregate.QueueRow
	return tableSpec[pairKey, R]{
		name: "queues_versions", set: aggregate.DrainHistory,
		key:          func(r *R) pairKey { return pairKey{r.OrganizationID, r.QueueID} },
		organization: func(r *R) uuid.UUID { return r.OrganizationID },
		keep: func(dst, src *R) {
			groups, names := append(dst.Groups[:0], src.Groups...), append(dst.GroupNames[:0], src.GroupNames...)
			*dst = *src
			dst.Groups, dst.GroupNames = groups, names
		},
		columns: append([]columnOf[R]{
			idCol("organization_id", func(r *R) uuid.UUID { return r.OrganizationID }),
			idCol("queue_id", func(r *R) uuid.UUID { return r.QueueID }),
			textCol("queue_name", func(r *R) string { return r.QueueName }),
			textCol("time_zone", func(r *R) string { return r.TimeZone }),
			textCol("region", func(r *R) string { return r.Region }),
			col("group_ids", "Array(UUID)", func(e *entry[R]) []uuid.UUID { return e.row.Groups }),
			col("group_names", "Array(String)", func(e *entry[R]) []string { return e.row.GroupNames }),
			boolCol("deleted", func(r *R) bool { return r.Deleted }),
			instantCol("changed_at", func(r *R) int64 { return r.ChangedAt }),
		}, ownerCols[R]()...),
	}
}

func agentsSpec() tableSpec[pairKey, aggregate.AgentRow] {
	type R = aggregate.AgentRow
	return tableSpec[pairKey, R]{
		name: "agents_versions", set: aggregate.DrainHistory,
		key:          func(r *R) pairKey { return pairKey{r.OrganizationID, r.AgentID} },
		organization: func(r *R) uuid.UUID { return r.OrganizationID },
		keep: func(dst, src *R) {
			queues := append(dst.Queues[:0], src.Queues...)
			*dst = *src
			dst.Queues = queues
		},
		columns: append([]columnOf[R]{
			idCol("organization_id", func(r *R) uuid.UUID { return r.OrganizationID }),
			idCol("agent_id", func(r *R) uuid.UUID { return r.AgentID }),
			textCol("agent_name", func(r *R) string { return r.AgentName }),
			col("queue_ids", "Array(UUID)", func(e *entry[R]) []uuid.UUID { return e.row.Queues }),
			instantCol("changed_at", func(r *R) int64 { return r.ChangedAt }),
		}, ownerCols[R]()...),
	}
}
