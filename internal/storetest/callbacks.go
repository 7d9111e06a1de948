package storetest

import (
	"cmp"
	"slices"
	"strconv"

	"github.com/google/uuid"

	"ringside/aggregate"
)

const callbacksSelect = `SELECT *, toInt32(c.callback_date) AS date, ifNull(toUnixTimestamp64Micro(c.created_at), 0) AS created,
	ifNull(toUnixTimestamp64Micro(c.modified), 0) AS changed, ifNull(toUnixTimestamp64Micro(c.due_date), 0) AS due,
	ifNull(toUnixTimestamp64Micro(c.expiry_date), 0) AS expiry, ifNull(toUnixTimestamp64Micro(c.not_before), 0) AS hidden_until,
	ifNull(toUnixTimestamp64Micro(c.first_attempt_at), 0) AS first_attempt, ifNull(toUnixTimestamp64Micro(c.last_attempt_timestamp), 0) AS last_attempt,
	ifNull(toUnixTimestamp64Micro(c.answered_at), 0) AS answered, ifNull(toUnixTimestamp64Micro(c.closed_at), 0) AS closed,
	toUnixTimestamp64Micro(c.last_event_at) AS last_event FROM callbacks AS c`

// callbackOfView is one row of the view callbacks.
type callbackOfView struct {
	Organization   uuid.UUID        `json:"organization_id"`
	Date           int32            `json:"date"`
	Callback       uuid.UUID        `json:"callback_id"`
	Status         string           `json:"status"`
	List           *uuid.UUID       `json:"call_list_id"`
	Type           *int32           `json:"type_id"`
	Queue          *uuid.UUID       `json:"queue_id"`
	Call           *uuid.UUID       `json:"call_id"`
	Assigned       *uuid.UUID       `json:"assigned_user_id"`
	AttemptUser    *uuid.UUID       `json:"last_attempt_user_id"`
	Modifier       *uuid.UUID       `json:"last_modified_user_id"`
	AttemptType    *int32           `json:"last_attempt_type_id"`
	Classification *uuid.UUID       `json:"classification_id"`
	IsClosed       bool             `json:"is_closed"`
	Created        int64            `json:"created"`
	Changed        int64            `json:"changed"`
	Due            int64            `json:"due"`
	Expiry         int64            `json:"expiry"`
	HiddenUntil    int64            `json:"hidden_until"`
	FirstAttempt   int64            `json:"first_attempt"`
	LastAttempt    int64            `json:"last_attempt"`
	Answered       int64            `json:"answered"`
	Closed         int64            `json:"closed"`
	LastEvent      int64            `json:"last_event"`
	Attempts       map[string]int32 `json:"attempts_by_type"`
	CallsOut       int32            `json:"calls_out"`
}

func (c *callbackOfView) row() aggregate.CallbackRow {
	r := aggregate.CallbackRow{OrganizationID: c.Organization, CallbackDate: c.Date, CallbackID: c.Callback, Known: c.Status != "unknown",
		CallListID: orNil(c.List), TypeID: orNull(c.Type), QueueID: orNil(c.Queue), CallID: orNil(c.Call), AssignedUserID: orNil(c.Assigned),
		LastAttemptUserID: orNil(c.AttemptUser), LastModifiedUserID: orNil(c.Modifier), ClassificationID: orNil(c.Classification),
		LastAttemptTypeID: orNull(c.AttemptType), IsClosed: c.IsClosed, CreatedAt: c.Created, ModifiedAt: c.Changed, DueDate: c.Due,
		ExpiryDate: c.Expiry, NotBefore: c.HiddenUntil, FirstAttemptAt: c.FirstAttempt, LastAttemptAt: c.LastAttempt, AnsweredAt: c.Answered,
		ClosedAt: c.Closed, LastEventAt: c.LastEvent, CallsOut: c.CallsOut}
	for name, n := range c.Attempts {
		typeID, _ := strconv.ParseInt(name, 10, 32) // the key of a Map(Int32, …)
		r.Attempts = append(r.Attempts, aggregate.AttemptCount{TypeID: int32(typeID), Count: n})
	}
	slices.SortFunc(r.Attempts, func(a, b aggregate.AttemptCount) int { return cmp.Compare(a.TypeID, b.TypeID) })
	return r
}

func orNull(n *int32) int32 {
	if n == nil {
		return aggregate.Null
	}
	return *n
}

// listOfView is one row of the view callback_list_status_now.
type listOfView struct {
	Organization       uuid.UUID `json:"organization_id"`
	List               uuid.UUID `json:"call_list_id"`
	Observed           int64     `json:"observed"`
	Open               int32     `json:"total_open_requests"`
	Free               int32     `json:"total_free_for_allocation"`
	Assigned           int32     `json:"total_assigned"`
	Hiding             int32     `json:"total_hiding_not_before"`
	Revealed           int32     `json:"next_hour_revealed_not_before"`
	Overdue            int32     `json:"total_over_due_date"`
	DueSoon            int32     `json:"next_hour_over_due_date"`
	Expiring           int32     `json:"expires_in_24h"`
	Serving            int32     `json:"total_serving_agents"`
	Published          int64     `json:"published"`
	AutoAllocate       *bool     `json:"is_auto_allocate"`
	Active             *int32    `json:"total_active_agents"`
	AutoAllocateAgents *int32    `json:"total_auto_allocate_agents"`
	ServingAuto        *int32    `json:"total_serving_auto_allocate_agents"`
}

func (l *listOfView) row() aggregate.CallbackListRow {
	r := aggregate.CallbackListRow{OrganizationID: l.Organization, CallListID: l.List, ObservedAt: l.Observed, TotalOpenRequests: l.Open,
		TotalFreeForAllocation: l.Free, TotalAssigned: l.Assigned, TotalHidingNotBefore: l.Hiding, NextHourRevealedNotBefore: l.Revealed,
		TotalOverDueDate: l.Overdue, NextHourOverDueDate: l.DueSoon, ExpiresIn24h: l.Expiring, TotalServingAgents: l.Serving,
		PublishedAt: l.Published, IsAutoAllocate: aggregate.Null, TotalActiveAgents: orNull(l.Active),
		TotalAutoAllocateAgents: orNull(l.AutoAllocateAgents), TotalServingAutoAllocateAgents: orNull(l.ServingAuto)}
	if l.AutoAllocate != nil {
		r.IsAutoAllocate = 0
		if *l.AutoAllocate {
			r.IsAutoAllocate = 1
		}
	}
	return r
}
