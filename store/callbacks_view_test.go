package store

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"ringside/aggregate"
)

// callbackAt makes an open callback in which the instants lie so many seconds from now; 0: none.
func callbackAt(n int, now time.Time, notBefore, due, expiry int) aggregate.CallbackRow {
	at := func(seconds int) int64 {
		if seconds == 0 {
			return 0
		}
		return now.Add(time.Duration(seconds) * time.Second).UnixMicro()
	}
	return aggregate.CallbackRow{OrganizationID: id(1), CallbackDate: day(now), CallbackID: id(n), Known: true, TypeID: aggregate.Null,
		LastAttemptTypeID: aggregate.Null, NotBefore: at(notBefore), DueDate: at(due), ExpiryDate: at(expiry)}
}

// What depends on time is computed when it is asked: by the present, or by the last event where that is long ago.
func TestCallbackStatusFollowsTheClock(t *testing.T) {
	for name, now := range map[string]time.Time{"live": time.Now().UTC().Truncate(time.Microsecond), "replayed": monday} {
		t.Run(name, func(t *testing.T) {
			db := openMigrated(t)
			w := newTestWriter(db)
			closed, assigned, unknown := callbackAt(1, now, 0, -60, -60), callbackAt(5, now, 900, -60, 900), callbackAt(8, now, 0, 0, 0)
			closed.IsClosed, assigned.AssignedUserID, unknown.Known = true, id(9), false
			w.Add(0, 1, &aggregate.Rows{Callbacks: []aggregate.CallbackRow{closed, callbackAt(2, now, 0, -60, -60), callbackAt(3, now, 900, 900, 1800),
				callbackAt(4, now, -60, -60, 900), assigned, callbackAt(6, now, 0, 900, 0), callbackAt(7, now, -60, 0, 0), unknown},
				Accounting: []aggregate.AccountingRow{{OrganizationID: id(1), Horizon: now.UnixMicro()}}})
			flush(t, w)
			got := scan[string](t, db, "SELECT concat(status, if(is_overdue, ' overdue', '')) FROM callbacks ORDER BY callback_id")
			want := "closed, expired, hiding, free overdue, assigned overdue, free, free, unknown"
			equal(t, "status", strings.Join(got, ", "), want)
		})
	}
}

func TestCallbackColumns(t *testing.T) {
	db := openMigrated(t)
	w := newTestWriter(db)
	us := monday.UnixMicro()
	w.Add(3, 1, &aggregate.Rows{
		Callbacks: []aggregate.CallbackRow{{OrganizationID: id(1), CallbackDate: day(monday), CallbackID: id(2), Known: true, CallListID: id(3),
			TypeID: 2, QueueID: id(4), CallID: id(5), ContactNumber: "h_1", ContactName: "Ann", ChannelIn: "Sales", CalculatedPriority: "high",
			AssignedUserID: id(6), LastAttemptUserID: id(7), LastModifiedUserID: id(8), LastAttemptTypeID: 4, ClassificationID: id(9), IsClosed: true,
			CreatedAt: us, ModifiedAt: us + 1e6, DueDate: us + 2e6, ExpiryDate: us + 3e6, NotBefore: us + 4e6, FirstAttemptAt: us + 5e6,
			LastAttemptAt: us + 6e6, AnsweredAt: us + 7e6, ClosedAt: us + 8e6, LastEventAt: us + 9e6,
			Attempts: []aggregate.AttemptCount{{TypeID: aggregate.Null, Count: 1}, {TypeID: 3, Count: 2}}, CallsOut: 4}},
		CallLists: []aggregate.CallbackListRow{
			{OrganizationID: id(1), CallListID: id(3), ObservedAt: us, TotalOpenRequests: 1, TotalFreeForAllocation: 2, TotalAssigned: 3,
				TotalHidingNotBefore: 4, NextHourRevealedNotBefore: 5, TotalOverDueDate: 6, NextHourOverDueDate: 7, ExpiresIn24h: 8,
				TotalServingAgents: 9, PublishedAt: us, IsAutoAllocate: 1, TotalActiveAgents: 10, TotalAutoAllocateAgents: 11, TotalServingAutoAllocateAgents: 12},
			{OrganizationID: id(1), CallListID: id(4), ObservedAt: us, IsAutoAllocate: aggregate.Null, TotalActiveAgents: aggregate.Null,
				TotalAutoAllocateAgents: aggregate.Null, TotalServingAutoAllocateAgents: aggregate.Null}},
	})
	flush(t, w)
	q := func(n int) string { return "'" + id(n).String() + "'" }
	at := func(s int) string { return "'2026-03-02 08:00:0" + fmt.Sprint(s) + ".000000'" }
	equal(t, "callbacks", one[string](t, db, "SELECT toString(tuple(* EXCEPT as_of)) FROM callbacks"), "("+strings.Join([]string{q(1), "'2026-03-02'", q(2),
		q(3), "'closed'", "false", "2", q(4), q(5), "'h_1'", "'Ann'", "'Sales'", "'high'", q(6), q(7), q(8), "4", q(9), "true", at(0), at(1), at(2), at(3),
		at(4), at(5), at(6), at(7), at(8), at(9), "3", "{-1:1,3:2}", "4", "false", "5", "8"}, ",")+")")
	for _, table := range []string{"callback_list_status", "callback_list_status_now"} {
		equal(t, table, strings.Join(scan[string](t, db, "SELECT toString(tuple(*)) FROM "+table+" ORDER BY call_list_id"), " "),
			"("+q(1)+","+q(3)+","+at(0)+",1,2,3,4,5,6,7,8,9,"+at(0)+",true,10,11,12) ("+q(1)+","+q(4)+","+at(0)+",0,0,0,0,0,0,0,0,0,NULL,NULL,NULL,NULL,NULL)")
	}
}

func TestRecoveredCalls(t *testing.T) {
	db := openMigrated(t)
	w := newTestWriter(db)
	us := monday.UnixMicro()
	var rows aggregate.Rows
	for n, outcome := range []aggregate.Outcome{aggregate.Abandoned, aggregate.Abandoned, aggregate.Answered, aggregate.Overflowed, aggregate.Abandoned} {
		c := call(10+n, outcome)
		c.EndedAt = us
		rows.Calls = append(rows.Calls, c)
		rows.Callbacks = append(rows.Callbacks, aggregate.CallbackRow{OrganizationID: c.OrganizationID, CallbackDate: day(monday), CallbackID: id(20 + n),
			Known: true, CallID: c.CallID, QueueID: c.QueueID, AnsweredAt: us + int64(n+1)*60e6})
	}
	rows.Callbacks[1].AnsweredAt = 0      // tried, and never reached
	rows.Callbacks[4].QueueID = id(99)    // of another queue's visit
	rows.Calls[3].CallbackID = id(20 + 3) // as its CallbackCreated said
	other := rows.Callbacks[3]
	other.CallbackID = id(30) // of another visit to the queue
	rows.Callbacks = append(rows.Callbacks, other)
	w.Add(0, 1, &rows)
	flush(t, w)
	equal(t, "recovered", strings.Join(scan[string](t, db, "SELECT concat(toString(callback_id), ' ', outcome, ' ', toString(time_to_recover_sec)) FROM recovered_calls ORDER BY callback_id"), ", "),
		fmt.Sprintf("%v abandoned 60, %v overflowed 240", id(20), id(20+3)))
}
