package store

import (
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"ringside/aggregate"
	"ringside/store/query"
)

type percentiles struct {
	Waits uint64  `ch:"waits"`
	P50   float64 `ch:"p50_sec"`
	P90   float64 `ch:"p90_sec"`
	P95   float64 `ch:"p95_sec"`
	P99   float64 `ch:"p99_sec"`
}

func readPercentiles(tb testing.TB, db *DB) percentiles {
	tb.Helper()
	var got []percentiles
	f := query.Filter{Organizations: []uuid.UUID{id(1)}}
	if err := db.Select(tb.Context(), &got, query.WaitPercentiles(f, monday, monday.Add(24*time.Hour))); err != nil {
		tb.Fatal(err)
	}
	if len(got) != 1 {
		tb.Fatalf("%d rows", len(got))
	}
	return got[0]
}

// boardRows: 100 offered today of which 70 met. Callers wait 25 s, exactly 20 s (which is T), 5 s, and one still hears a
// prompt; a visit without Arrived waits longest.
func boardRows(now time.Time, zone string, date int32) *aggregate.Rows {
	d := dailyRow()
	d.TimeZone, d.QueueDate = zone, date
	yesterday := d
	yesterday.QueueDate, yesterday.Sums = date-1, aggregate.Sums{Total: 1}
	ago := func(d time.Duration) int64 { return now.Add(-d).UnixMicro() }
	return &aggregate.Rows{
		QueueStatus: []aggregate.QueueStatusRow{
			{OrganizationID: id(1), QueueID: id(2), QueueName: "Sales", ObservedAt: now.UnixMicro(), NbrOfQueuingRequesters: 5, OpenStatus: 5,
				LongestWaitSince: ago(90 * time.Second),
				WaitingSince:     []int64{ago(25 * time.Second), ago(20 * time.Second), ago(5 * time.Second), ago(-10 * time.Second)}},
			{OrganizationID: id(1), QueueID: id(3), QueueName: "Quiet", ObservedAt: now.UnixMicro()},
			{OrganizationID: id(1), QueueID: id(4), QueueName: "Prompt", ObservedAt: now.UnixMicro(), LongestWaitSince: ago(-10 * time.Second),
				WaitingSince: []int64{ago(-10 * time.Second)}},
			{OrganizationID: id(9), QueueID: id(2), QueueName: "Foreign", ObservedAt: now.UnixMicro()},
		},
		Daily: []aggregate.DailyRow{d, yesterday},
		// Two owners of one organization: a replay and an engine.
		Accounting: []aggregate.AccountingRow{{OrganizationID: id(1), Horizon: now.UnixMicro()}},
	}
}

func TestQueueBoard(t *testing.T) {
	for name, c := range map[string]struct {
		now  time.Time
		zone string
		date int32
	}{
		"UTC":                    {monday, "UTC", day(monday)},
		"tomorrow east":          {time.Date(2026, 3, 2, 20, 0, 0, 0, time.UTC), "Asia/Tokyo", day(monday) + 1},
		"yesterday west":         {time.Date(2026, 3, 2, 2, 0, 0, 0, time.UTC), "America/New_York", day(monday) - 1},
		"no zone known is UTC's": {monday, "", day(monday)},
	} {
		t.Run(name, func(t *testing.T) {
			db := openMigrated(t)
			w := newTestWriter(db)
			rows := boardRows(c.now, c.zone, c.date)
			w.Add(0, 1, rows)
			w.Add(-1, 1, &aggregate.Rows{Accounting: []aggregate.AccountingRow{{OrganizationID: id(1), Horizon: 1}}})
			flush(t, w)
			board := readBoard(t, db, c.now)
			prompt, quiet, sales := board[0], board[1], board[2]
			equal(t, "a wait that has not begun", *prompt.MaxWaitTime, 0)
			if quiet.LevelAllOffered != nil || quiet.InboundAHTSec != nil || *quiet.MaxWaitTime != 0 || quiet.InboundTotalCalls != 0 {
				t.Errorf("a queue without a day: %+v", quiet)
			}
			equal(t, "longest wait", *sales.MaxWaitTime, 90)
			equal(t, "open status", sales.OpenStatus, 5)
			equal(t, "calls today", sales.InboundTotalCalls, 100)
			equal(t, "waiting beyond T", sales.WaitingBeyondThreshold, 1)
			for _, l := range []struct {
				what string
				got  *float64
				want float64
			}{
				{"ignore_short_abandons", sales.LevelIgnoreShortAbandons, 100 * 70. / 91},
				{"all_offered", sales.LevelAllOffered, 100 * 70. / 101},
				{"answered_only", sales.LevelAnsweredOnly, 100 * 70. / 90},
				{"short_abandons_met", sales.LevelShortAbandonsMet, 100 * 80. / 101},
				{"longest wait today", sales.InboundMaxWaitSec, 60.5},
				{"nothing today", quiet.InboundMaxWaitSec, -1},
			} {
				if l.want < 0 != (l.got == nil) || l.got != nil && *l.got != l.want {
					t.Errorf("%s: %v, want %v", l.what, l.got, l.want)
				}
			}
		})
	}
}

func readBoard(t *testing.T, db *DB, at time.Time) []BoardRow {
	t.Helper()
	rows, err := db.ReadQueueBoard(t.Context(), query.Filter{Organizations: []uuid.UUID{id(1)}}, at)
	if err != nil {
		t.Fatal(err)
	}
	if len(rows) != 3 || rows[0].QueueName != "Prompt" || rows[1].QueueName != "Quiet" || rows[2].QueueName != "Sales" {
		t.Fatalf("rows: %+v", rows)
	}
	return rows
}

// Waits run to the instant that is asked for, unless the organization's events are more than an hour behind it.
func TestBoardOfAReplayStandsStill(t *testing.T) {
	db := openMigrated(t)
	w := newTestWriter(db)
	w.Add(0, 1, boardRows(monday, "UTC", day(monday)))
	flush(t, w)
	for _, c := range []struct {
		after   time.Duration
		longest int64
		beyond  int64
	}{
		{0, 90, 1},
		{10 * time.Second, 100, 2},
		{time.Hour, 90 + 3600, 4},
		{time.Hour + time.Second, 90, 1},
		{10 * time.Hour, 90, 1},
	} {
		sales := readBoard(t, db, monday.Add(c.after))[2]
		equal(t, "longest wait after "+c.after.String(), *sales.MaxWaitTime, c.longest)
		equal(t, "waiting beyond T after "+c.after.String(), sales.WaitingBeyondThreshold, c.beyond)
	}
}

func TestQueriesSeeTheirFilterOnly(t *testing.T) {
	db := openMigrated(t)
	w := newTestWriter(db)
	for _, organization := range []int{1, 9} {
		for _, queue := range []int{2, 3} {
			d := dailyRow()
			d.OrganizationID, d.QueueID = id(organization), id(queue)
			c := call(organization*10+queue, aggregate.Answered)
			c.OrganizationID, c.QueueID = id(organization), id(queue)
			w.Add(0, 1, &aggregate.Rows{Calls: []aggregate.CallRow{c}, Daily: []aggregate.DailyRow{d},
				Intervals: []aggregate.IntervalRow{{OrganizationID: id(organization), QueueID: id(queue), IntervalStart: monday.UnixMicro(), WaitMax: -1}}})
		}
	}
	flush(t, w)
	to := monday.Add(time.Hour)
	statements := func(f query.Filter) map[string]query.Statement {
		return map[string]query.Statement{
			"daily": query.Daily(f, monday, to), "intervals": query.Intervals(f, monday, to),
			"calls":            query.Calls(query.CallsFilter{Filter: f}, monday, to),
			"calls by outcome": query.Calls(query.CallsFilter{Filter: f, Outcomes: []string{"answered", "it's"}, Directions: []string{"inbound"}}, monday, to),
		}
	}
	for name, c := range map[string]struct {
		filter query.Filter
		want   uint64
	}{
		"none":            {query.Filter{}, 0},
		"organization":    {query.Filter{Organizations: []uuid.UUID{id(1)}}, 2},
		"queue":           {query.Filter{Organizations: []uuid.UUID{id(1)}, Queues: []uuid.UUID{id(2)}}, 1},
		"everybody":       {query.Filter{AllOrganizations: true}, 4},
		"everybody queue": {query.Filter{AllOrganizations: true, Queues: []uuid.UUID{id(2)}}, 2},
	} {
		for what, s := range statements(c.filter) {
			var n uint64
			sql := "SELECT count() FROM (" + s.SQL + ")"
			if err := db.Conn().QueryRow(t.Context(), sql, namedArgs(s)...).Scan(&n); err != nil {
				t.Fatalf("%s of %s: %v", what, name, err)
			}
			equal(t, what+" of "+name, n, c.want)
		}
	}
	s := query.Calls(query.CallsFilter{Filter: query.Filter{AllOrganizations: true}, Outcomes: []string{"lost"}}, monday, to)
	var calls []struct {
		CallID uuid.UUID `ch:"call_id"`
	}
	s.SQL = strings.Replace(s.SQL, "SELECT *", "SELECT call_id", 1)
	if err := db.Select(t.Context(), &calls, s); err != nil || len(calls) != 0 {
		t.Errorf("lost calls: %v, %v", calls, err)
	}
}
