package store

import (
	"github.com/google/uuid"

	"ringside/aggregate"
)

// The history of names, groups and attachments: rows of single events, which the table itself tells apart, put together by
// the views.

// nameKey is the sorting key of seen_names.
type nameKey struct {
	organization, id uuid.UUID
	kind             aggregate.NameKind
	date             int32
	name             string
	at               int64
}

func queueChangesSpec() tableSpec[noKey, aggregate.QueueChangeRow] {
	type R = aggregate.QueueChangeRow
	return tableSpec[noKey, R]{
		name: "queue_changes_versions", set: aggregate.DrainHistory,
		organization: func(r *R) uuid.UUID { return r.OrganizationID },
		size:         func(r *R) int { return 48 * len(r.Groups) },
		keep: func(dst, src *R) {
			groups, names := append(dst.Groups[:0], src.Groups...), append(dst.GroupNames[:0], src.GroupNames...)
			*dst = *src
			dst.Groups, dst.GroupNames = groups, names
		},
		columns: append([]columnOf[R]{
			idCol("organization_id", func(r *R) uuid.UUID { return r.OrganizationID }),
			idCol("queue_id", func(r *R) uuid.UUID { return r.QueueID }),
			instantCol("changed_at", func(r *R) int64 { return r.ChangedAt }),
			col("tick", "UInt8", func(e *entry[R]) uint8 { return e.row.Tick }),
			idCol("event_id", func(r *R) uuid.UUID { return r.EventID }),
			textCol("queue_name", func(r *R) string { return r.QueueName }),
			textCol("region", func(r *R) string { return r.Region }),
			textCol("time_zone", func(r *R) string { return r.TimeZone }),
			col("group_ids", "Array(UUID)", func(e *entry[R]) []uuid.UUID { return e.row.Groups }),
			col("group_names", "Array(String)", func(e *entry[R]) []string { return e.row.GroupNames }),
			boolCol("deleted", func(r *R) bool { return r.Deleted }),
		}, ownerCols[R]()...),
	}
}

func attachmentsSpec() tableSpec[noKey, aggregate.AttachmentRow] {
	type R = aggregate.AttachmentRow
	return tableSpec[noKey, R]{
		name: "queue_attachments_versions", set: aggregate.DrainHistory,
		organization: func(r *R) uuid.UUID { return r.OrganizationID },
		size:         func(r *R) int { return 18 * len(r.Agents) },
		keep: func(dst, src *R) {
			agents, attached, active := append(dst.Agents[:0], src.Agents...), append(dst.Attached[:0], src.Attached...), append(dst.Active[:0], src.Active...)
			*dst = *src
			dst.Agents, dst.Attached, dst.Active = agents, attached, active
		},
		columns: append([]columnOf[R]{
			idCol("organization_id", func(r *R) uuid.UUID { return r.OrganizationID }),
			idCol("queue_id", func(r *R) uuid.UUID { return r.QueueID }),
			instantCol("changed_at", func(r *R) int64 { return r.ChangedAt }),
			col("tick", "UInt8", func(e *entry[R]) uint8 { return e.row.Tick }),
			idCol("event_id", func(r *R) uuid.UUID { return r.EventID }),
			boolCol("whole_list", func(r *R) bool { return r.Whole }),
			col("agent_ids", "Array(UUID)", func(e *entry[R]) []uuid.UUID { return e.row.Agents }),
			col("attached", "Array(Bool)", func(e *entry[R]) []bool { return e.row.Attached }),
			col("active", "Array(Bool)", func(e *entry[R]) []bool { return e.row.Active }),
		}, ownerCols[R]()...),
	}
}

func namesSpec() tableSpec[nameKey, aggregate.NameRow] {
	type R = aggregate.NameRow
	return tableSpec[nameKey, R]{
		name: "seen_names_versions", set: aggregate.DrainHistory,
		key:          func(r *R) nameKey { return nameKey{r.OrganizationID, r.ID, r.Kind, r.Date, r.Name, r.SeenAt} },
		organization: func(r *R) uuid.UUID { return r.OrganizationID },
		columns: append([]columnOf[R]{
			idCol("organization_id", func(r *R) uuid.UUID { return r.OrganizationID }),
			enumCol("kind", aggregate.NameOfAgent, func(r *R) aggregate.NameKind { return r.Kind }),
			idCol("id", func(r *R) uuid.UUID { return r.ID }),
			dateCol("seen_date", func(r *R) int32 { return r.Date }),
			textCol("name", func(r *R) string { return r.Name }),
			instantCol("seen_at", func(r *R) int64 { return r.SeenAt }),
		}, ownerCols[R]()...),
	}
}

func callListsSpec() tableSpec[pairKey, aggregate.CallListRow] {
	type R = aggregate.CallListRow
	return tableSpec[pairKey, R]{
		name: "callback_lists_versions", set: aggregate.DrainHistory,
		key:          func(r *R) pairKey { return pairKey{r.OrganizationID, r.ListID} },
		organization: func(r *R) uuid.UUID { return r.OrganizationID },
		columns: append([]columnOf[R]{
			idCol("organization_id", func(r *R) uuid.UUID { return r.OrganizationID }),
			idCol("list_id", func(r *R) uuid.UUID { return r.ListID }),
			instantCol("first_seen_at", func(r *R) int64 { return r.FirstSeen }),
			instantCol("last_seen_at", func(r *R) int64 { return r.LastSeen }),
			col("auto_allocate", "Int8", func(e *entry[R]) int8 { return int8(e.row.AutoAllocate) }),
		}, ownerCols[R]()...),
	}
}
