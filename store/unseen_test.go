package store

import (
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"ringside/aggregate"
	"ringside/store/query"
)

// TestWhatIsNotToldIsNull stores a queue that is seen and one whose source tells of calls from the offer on only: what is
// not told is NULL wherever it is read, and sums are those of the queues that tell.
func TestWhatIsNotToldIsNull(t *testing.T) {
	db := openMigrated(t)
	w := newTestWriter(db)
	const null = aggregate.Null
	seen := aggregate.QueueStatusRow{OrganizationID: id(1), QueueID: id(2), QueueName: "Seen", ObservedAt: monday.UnixMicro(), NbrOfQueuingRequesters: 2,
		NbrOfNotServedRequesters: 2, NbrOfRequesters: 3, NbrOfConnected: 1, NbrOfProviders: 4, LongestWaitSince: monday.Add(-time.Minute).UnixMicro()}
	unseen := aggregate.QueueStatusRow{OrganizationID: id(1), QueueID: id(3), QueueName: "Unseen", ObservedAt: monday.UnixMicro(), NbrOfAllocated: 1, NbrOfConnected: 5,
		NbrOfQueuingRequesters: null, NbrOfNotServedRequesters: null, NbrOfRequesters: null, NbrOfProviders: null, NbrOfServingAgentsEstimate: null,
		NbrOfAgentsLongTermAway: null, NbrOfAgentsShortTermAway: null, NbrOfAgentsImmediatelyFree: null, NbrOfAgentsCheckedInQueue: null,
		NbrOfAgentsOnWrapUp: null, NbrOfAgentsOnFetchMode: null}
	w.Add(0, 1, &aggregate.Rows{QueueStatus: []aggregate.QueueStatusRow{seen, unseen},
		Accounting: []aggregate.AccountingRow{{OrganizationID: id(1), Horizon: monday.UnixMicro()}}})
	flush(t, w)

	const figures = "nbr_of_queuing_requesters, nbr_of_requesters, nbr_of_providers, nbr_of_agents_immediately_free, max_wait_time, nbr_of_allocated, nbr_of_connected"
	const wantUnseen = "(NULL,NULL,NULL,NULL,NULL,1,5)"
	f := query.Filter{Organizations: []uuid.UUID{id(1)}}
	read := func(table string) string {
		return strings.Join(scan[string](t, db, "SELECT toString(tuple("+figures+")) FROM "+table), " ")
	}
	equal(t, "queue_status", read("queue_status WHERE queue_name = 'Unseen'"), wantUnseen)
	equal(t, "queue_status_now", read("queue_status_now WHERE queue_name = 'Unseen'"), wantUnseen)
	equal(t, "queue_status, seen", read("queue_status WHERE queue_name = 'Seen'"), "(2,3,4,0,60,0,1)")

	board, err := db.ReadQueueBoard(t.Context(), f, monday)
	if err != nil || len(board) != 2 {
		t.Fatalf("%d rows, %v", len(board), err)
	}
	if q := board[1]; q.NbrOfQueuingRequesters != nil || q.NbrOfProviders != nil || q.MaxWaitTime != nil || *q.NbrOfConnected != 5 {
		t.Errorf("the board has %+v", q)
	}
	for _, c := range []struct {
		what      string
		statement query.Statement
		want      string
	}{
		{"board by queue", query.BoardBy(f, query.ByQueue, monday), "(2,3,4,0,60,0,1) " + wantUnseen},
		{"board in total", query.BoardBy(f, query.InTotal, monday), "(2,3,4,0,60,1,6)"},
		{"history", query.StatusHistory(f, query.ByQueue, monday.Add(-time.Second), monday, time.Second), "(2,3,4,0,60,0,1) " + wantUnseen},
		{"history in total", query.StatusHistory(f, query.InTotal, monday.Add(-time.Second), monday, time.Second), "(2,3,4,0,60,1,6)"},
	} {
		var rows []string
		s := c.statement
		s.SQL = "SELECT toString(tuple(" + figures + ")) AS text FROM (" + s.SQL + ")"
		var texts []struct {
			Text string `ch:"text"`
		}
		if err := db.Select(t.Context(), &texts, s); err != nil {
			t.Errorf("%s: %v", c.what, err)
			continue
		}
		for _, r := range texts {
			rows = append(rows, r.Text)
		}
		equal(t, c.what, strings.Join(rows, " "), c.want)
	}
}
