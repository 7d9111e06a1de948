package store

import (
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"ringside/aggregate"
	"ringside/ingest"
	"ringside/store/query"
)

var sqlBlock = regexp.MustCompile("(?s)```sql\n(.*?)```")

// Every query of the documentation runs, and those that have something to show do: the database is filled for them.
func TestDocumentedQueries(t *testing.T) {
	db := openMigrated(t)
	fillForDocs(t, db)
	// These show what must not be, or look for what the sample lacks.
	empty := map[string]bool{"Does a day add up?": true}
	for _, file := range []string{"../docs/SQL.md", "../docs/CHECKPOINTS.md"} {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		blocks := sqlBlock.FindAllSubmatchIndex(text, -1)
		if len(blocks) == 0 {
			t.Errorf("%s: no queries", file)
		}
		for i, b := range blocks {
			sql := strings.TrimSuffix(strings.TrimSpace(string(text[b[2]:b[3]])), ";")
			before := strings.Split(strings.TrimSpace(string(text[:b[0]])), "\n")
			title := before[len(before)-1]
			t.Run(fmt.Sprintf("%s %d", file[8:], i), func(t *testing.T) {
				n := one[uint64](t, db, "SELECT count() FROM ("+sql+")")
				wantEmpty := false
				for prefix := range empty {
					wantEmpty = wantEmpty || strings.HasPrefix(title, prefix)
				}
				if (n == 0) != wantEmpty {
					t.Errorf("%s: %d rows", title, n)
				}
			})
		}
	}
}

func fillForDocs(t *testing.T, db *DB) {
	t.Helper()
	w := newTestWriter(db)
	daily := dailyRow()
	interval := aggregate.IntervalRow{OrganizationID: id(1), IntervalStart: monday.UnixMicro(), QueueID: id(2), QueueName: "Sales", QueueDate: day(monday),
		TimeZone: "Europe/Helsinki", Sums: daily.Sums, WaitMax: 60e6, Waits: histogramOf([]int64{1e6, 40e6, 60e6})}
	gone, back := call(3, aggregate.Abandoned), call(4, aggregate.Answered)
	gone.Caller, gone.EndedAt, gone.Wait = "+358", monday.Add(20e9).UnixMicro(), 15e6
	back.Caller, back.BegunAt, back.AgentID, back.AgentName = "+358", monday.Add(600e9).UnixMicro(), id(7), "ann"
	request := aggregate.CallbackRow{OrganizationID: id(1), CallbackDate: day(monday), CallbackID: id(60), Known: true, CallListID: id(61),
		TypeID: 2, QueueID: gone.QueueID, CallID: gone.CallID, LastAttemptTypeID: 1, CreatedAt: gone.EndedAt, ModifiedAt: gone.EndedAt,
		DueDate: gone.EndedAt + 3600e6, FirstAttemptAt: gone.EndedAt + 600e6, AnsweredAt: gone.EndedAt + 600e6, ClosedAt: gone.EndedAt + 900e6,
		IsClosed: true, Attempts: []aggregate.AttemptCount{{TypeID: 1, Count: 1}}}
	open := request
	open.CallbackID, open.CallID, open.IsClosed, open.ClosedAt, open.AnsweredAt = id(62), id(63), false, 0, 0
	w.Add(0, 1, &aggregate.Rows{
		Callbacks: []aggregate.CallbackRow{request, open},
		CallLists: []aggregate.CallbackListRow{{OrganizationID: id(1), CallListID: id(61), ObservedAt: monday.UnixMicro(), TotalOpenRequests: 1,
			TotalFreeForAllocation: 1, TotalOverDueDate: 1}},
		Calls: []aggregate.CallRow{gone, back}, Daily: []aggregate.DailyRow{daily}, Intervals: []aggregate.IntervalRow{interval},
		QueueStatus: []aggregate.QueueStatusRow{{OrganizationID: id(1), QueueID: id(2), QueueName: "Sales", ObservedAt: monday.UnixMicro(),
			NbrOfQueuingRequesters: 1, LongestWaitSince: monday.UnixMicro(), WaitingSince: []int64{monday.UnixMicro()}}},
		Agents: []aggregate.AgentStatusRow{{OrganizationID: id(1), AgentID: id(7), AgentName: "ann", ObservedAt: monday.UnixMicro(), StateSince: monday.UnixMicro()}},
		AgentIntervals: []aggregate.AgentIntervalRow{
			{OrganizationID: id(1), IntervalStart: monday.UnixMicro(), AgentID: id(7), AgentName: "ann", Sums: agentSums()},
			{OrganizationID: id(1), IntervalStart: monday.UnixMicro(), AgentID: id(7), QueueID: id(2), AgentName: "ann", QueueName: "Sales", Sums: agentSums()},
		},
		Accounting: []aggregate.AccountingRow{{OrganizationID: id(1), Received: 3, Accepted: 3, Horizon: monday.Add(time.Minute).UnixMicro()}},
		Orphans:    []aggregate.OrphanRow{{OrganizationID: id(1), EventID: id(52), HappenedAt: monday.UnixMicro()}},
		QueueDim:   []aggregate.QueueRow{{OrganizationID: id(1), QueueID: id(2), QueueName: "Sales", Groups: []uuid.UUID{id(8)}, GroupNames: []string{"All"}, ChangedAt: monday.UnixMicro()}},
		QueueChanges: []aggregate.QueueChangeRow{{OrganizationID: id(1), QueueID: id(2), QueueName: "Sales", ChangedAt: monday.AddDate(0, 0, -3).UnixMicro(), EventID: id(53),
			Groups: []uuid.UUID{id(8)}, GroupNames: []string{"All"}}},
		Attachments: []aggregate.AttachmentRow{{OrganizationID: id(1), QueueID: id(2), ChangedAt: monday.UnixMicro(), EventID: id(54), Agents: []uuid.UUID{id(7)}, Attached: []bool{true}, Active: []bool{true}}},
		Names:       []aggregate.NameRow{{OrganizationID: id(1), Kind: aggregate.NameOfAgent, ID: id(7), Name: "ann", Date: day(monday), SeenAt: monday.UnixMicro()}},
	})
	w.AddEvent(0, "enreach", &ingest.Event{Type: ingest.QueueCallInArrived, ID: id(50), OrganizationID: id(1), CallID: id(3), Timestamp: ingest.FromGo(monday)}, []byte("{}"))
	w.AddReject(ingest.Reject{Reason: ingest.RejectMalformed, Source: "enreach"})
	flush(t, w)
	published, shown := 3., 2.
	reconciled := []ReconciledFigure{{OrganizationID: id(1), Date: day(monday), Kind: "QueueStatus", EntityID: id(2), Field: "NbrOfConnected",
		PublishedAt: monday.UnixMicro(), Published: &published, Recomputed: &published, ShownThen: &shown}}
	if err := db.WriteReconciliation(t.Context(), -1, monday, reconciled); err != nil {
		t.Fatal(err)
	}
	points := w.Checkpoints("ringside", 0, 1, nil)
	err := points.Save(t.Context(), Checkpoint{Sequence: 1, Positions: []ingest.Position{{Topic: "t", Offset: 5}},
		Entities: []aggregate.Entity{{Kind: aggregate.EntityOrganization, OrganizationID: id(1), Data: []byte("x")}}})
	if err != nil {
		t.Fatal(err)
	}
}

// Filters on organization and date reach the sorting key through the views, or every query would read everything.
func TestViewsUseTheKey(t *testing.T) {
	db := openMigrated(t)
	fillForDocs(t, db)
	f := query.Filter{Organizations: []uuid.UUID{id(1)}}
	for name, c := range map[string]struct {
		s    query.Statement
		keys []string
	}{
		"calls":               {query.Calls(query.CallsFilter{Filter: f}, monday, monday.AddDate(0, 0, 1)), []string{"organization_id", "call_date"}},
		"board":               {query.Board(f, monday), []string{"organization_id"}},
		"now":                 {query.Statement{SQL: "SELECT * FROM queue_status_now WHERE organization_id = '" + id(1).String() + "'"}, []string{"organization_id"}},
		"daily":               {query.Daily(f, monday, monday), []string{"organization_id", "queue_date"}},
		"intervals":           {query.Intervals(f, monday, monday.AddDate(0, 0, 1)), []string{"organization_id", "interval_start"}},
		"days of groups":      {query.GroupDaily(f, monday, monday), []string{"organization_id", "queue_date"}},
		"intervals of groups": {query.GroupIntervals(f, monday, monday.AddDate(0, 0, 1)), []string{"organization_id", "interval_start"}},
	} {
		rows, err := db.Conn().Query(t.Context(), "SELECT explain FROM (EXPLAIN indexes = 1 "+c.s.SQL+")", namedArgs(c.s)...)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		var plan strings.Builder
		for rows.Next() {
			var line string
			if err := rows.Scan(&line); err != nil {
				t.Fatal(err)
			}
			plan.WriteString(strings.TrimLeft(line, " ") + "\n")
		}
		rows.Close()
		_, primary, ok := strings.Cut(plan.String(), "PrimaryKey\n")
		primary, _, _ = strings.Cut(primary, "Condition:")
		for _, key := range c.keys {
			if !ok || !strings.Contains(primary, key) {
				t.Errorf("%s does not use %s of the key:\n%s", name, key, plan.String())
			}
		}
	}
}
