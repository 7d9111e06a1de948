package store

import (
	"github.com/ClickHouse/clickhouse-go/v2/lib/column"
	"github.com/google/uuid"

	"ringside/aggregate"
)

func callbacksSpec() tableSpec[dailyKey, aggregate.CallbackRow] {
	type R = aggregate.CallbackRow
	return tableSpec[dailyKey, R]{
		name: "callbacks_versions", set: aggregate.DrainFigures,
		key:          func(r *R) dailyKey { return dailyKey{r.OrganizationID, r.CallbackID, r.CallbackDate} },
		chunk:        func(r *R) int64 { return monthOf(int64(r.CallbackDate)) },
		organization: func(r *R) uuid.UUID { return r.OrganizationID },
		deleted:      func(r *R) bool { return r.Deleted },
		size: func(r *R) int {
			return len(r.ContactNumber) + len(r.ContactName) + len(r.ChannelIn) + len(r.CalculatedPriority) + 8*len(r.Attempts)
		},
		keep: func(dst, src *R) {
			attempts := append(dst.Attempts[:0], src.Attempts...)
			*dst = *src
			dst.Attempts = attempts
		},
		columns: callbackColumns(),
	}
}

func callbackColumns() []columnOf[aggregate.CallbackRow] {
	type R = aggregate.CallbackRow
	return append([]columnOf[R]{
		idCol("organization_id", func(r *R) uuid.UUID { return r.OrganizationID }),
		dateCol("callback_date", func(r *R) int32 { return r.CallbackDate }),
		idCol("callback_id", func(r *R) uuid.UUID { return r.CallbackID }),
		boolCol("known", func(r *R) bool { return r.Known }),
		idCol("call_list_id", func(r *R) uuid.UUID { return r.CallListID }),
		int32Col("type_id", func(r *R) int32 { return r.TypeID }),
		idCol("queue_id", func(r *R) uuid.UUID { return r.QueueID }),
		idCol("call_id", func(r *R) uuid.UUID { return r.CallID }),
		textCol("contact_number", func(r *R) string { return r.ContactNumber }),
		textCol("contact_name", func(r *R) string { return r.ContactName }),
		textCol("channel_in", func(r *R) string { return r.ChannelIn }),
		textCol("calculated_priority", func(r *R) string { return r.CalculatedPriority }),
		idCol("assigned_user_id", func(r *R) uuid.UUID { return r.AssignedUserID }),
		idCol("last_attempt_user_id", func(r *R) uuid.UUID { return r.LastAttemptUserID }),
		idCol("last_modified_user_id", func(r *R) uuid.UUID { return r.LastModifiedUserID }),
		int32Col("last_attempt_type_id", func(r *R) int32 { return r.LastAttemptTypeID }),
		idCol("classification_id", func(r *R) uuid.UUID { return r.ClassificationID }),
		boolCol("is_closed", func(r *R) bool { return r.IsClosed }),
		instantCol("created_at", func(r *R) int64 { return r.CreatedAt }),
		instantCol("modified", func(r *R) int64 { return r.ModifiedAt }),
		instantCol("due_date", func(r *R) int64 { return r.DueDate }),
		instantCol("expiry_date", func(r *R) int64 { return r.ExpiryDate }),
		instantCol("not_before", func(r *R) int64 { return r.NotBefore }),
		instantCol("first_attempt_at", func(r *R) int64 { return r.FirstAttemptAt }),
		instantCol("last_attempt_timestamp", func(r *R) int64 { return r.LastAttemptAt }),
		instantCol("answered_at", func(r *R) int64 { return r.AnsweredAt }),
		instantCol("closed_at", func(r *R) int64 { return r.ClosedAt }),
		instantCol("last_event_at", func(r *R) int64 { return r.LastEventAt }),
		col("attempts_by_type", "Map(Int32, UInt32)", func(e *entry[R]) attemptMap { return e.row.Attempts }),
		int32Col("calls_out", func(r *R) int32 { return r.CallsOut }),
	}, ownerCols[R]()...)
}

// attemptMap shows the attempts by type to the driver as a map without building one.
type attemptMap []aggregate.AttemptCount

// Put is part of the driver's interface and not used in inserts.
func (attemptMap) Put(any, any) { panic("BUG: attempts are only written") }

// Iterator implements the driver's interface of maps.
func (m attemptMap) Iterator() column.MapIterator { return &attemptIterator{m, -1} }

type attemptIterator struct {
	m attemptMap
	i int
}

func (it *attemptIterator) Next() bool { it.i++; return it.i < len(it.m) }
func (it *attemptIterator) Key() any   { return it.m[it.i].TypeID }
func (it *attemptIterator) Value() any { return uint32(it.m[it.i].Count) }

func callListSpec() tableSpec[stateKey, aggregate.CallbackListRow] {
	type R = aggregate.CallbackListRow
	return tableSpec[stateKey, R]{
		name: "callback_list_status_versions", set: aggregate.DrainHistory, history: true,
		key:          func(r *R) stateKey { return stateKey{r.OrganizationID, r.CallListID, r.ObservedAt} },
		chunk:        func(r *R) int64 { return weekOf(r.ObservedAt) },
		organization: func(r *R) uuid.UUID { return r.OrganizationID },
		deleted:      func(r *R) bool { return r.Deleted },
		columns:      callListColumns(),
	}
}

func callListNowSpec() tableSpec[pairKey, aggregate.CallbackListRow] {
	type R = aggregate.CallbackListRow
	return tableSpec[pairKey, R]{
		name: "callback_list_status_now_versions", set: aggregate.DrainNow,
		key:          func(r *R) pairKey { return pairKey{r.OrganizationID, r.CallListID} },
		organization: func(r *R) uuid.UUID { return r.OrganizationID },
		deleted:      func(r *R) bool { return r.Deleted },
		columns:      callListColumns(),
	}
}

func callListColumns() []columnOf[aggregate.CallbackListRow] {
	type R = aggregate.CallbackListRow
	return append([]columnOf[R]{
		idCol("organization_id", func(r *R) uuid.UUID { return r.OrganizationID }),
		idCol("call_list_id", func(r *R) uuid.UUID { return r.CallListID }),
		instantCol("observed_at", func(r *R) int64 { return r.ObservedAt }),
		int32Col("total_open_requests", func(r *R) int32 { return r.TotalOpenRequests }),
		int32Col("total_free_for_allocation", func(r *R) int32 { return r.TotalFreeForAllocation }),
		int32Col("total_assigned", func(r *R) int32 { return r.TotalAssigned }),
		int32Col("total_hiding_not_before", func(r *R) int32 { return r.TotalHidingNotBefore }),
		int32Col("next_hour_revealed_not_before", func(r *R) int32 { return r.NextHourRevealedNotBefore }),
		int32Col("total_over_due_date", func(r *R) int32 { return r.TotalOverDueDate }),
		int32Col("next_hour_over_due_date", func(r *R) int32 { return r.NextHourOverDueDate }),
		int32Col("expires_in_24h", func(r *R) int32 { return r.ExpiresIn24h }),
		int32Col("total_serving_agents", func(r *R) int32 { return r.TotalServingAgents }),
		instantCol("published_at", func(r *R) int64 { return r.PublishedAt }),
		int32Col("is_auto_allocate", func(r *R) int32 { return r.IsAutoAllocate }),
		int32Col("total_active_agents", func(r *R) int32 { return r.TotalActiveAgents }),
		int32Col("total_auto_allocate_agents", func(r *R) int32 { return r.TotalAutoAllocateAgents }),
		int32Col("total_serving_auto_allocate_agents", func(r *R) int32 { return r.TotalServingAutoAllocateAgents }),
	}, ownerCols[R]()...)
}
