package store

import (
	"testing"
	"time"

	"github.com/google/uuid"

	"ringside/aggregate"
	"ringside/store/query"
)

type rollingLevel struct {
	Queue    string   `ch:"queue_name"`
	Answered uint64   `ch:"inbound_answered_calls"`
	Beyond   int64    `ch:"waiting_beyond_threshold"`
	Level    *float64 `ch:"service_level_all_offered"`
	P90      *float64 `ch:"inbound_wait_p90_sec"`
}

// Whoever waits too long now is in the denominator; each call counts by the instant at which its wait ended; queues in which
// nothing has happened have a row.
func TestRollingCountsThoseWhoWait(t *testing.T) {
	db := openMigrated(t)
	w := newTestWriter(db)
	rows := boardRows(monday, "UTC", day(monday))
	for n, ago := range []time.Duration{time.Minute, 9 * time.Minute, 11 * time.Minute} {
		c := call(n, aggregate.Answered)
		c.BegunAt = monday.Add(-ago - 30*time.Second).UnixMicro()
		c.ArrivedAt, c.AnsweredAt, c.Wait = c.BegunAt, monday.Add(-ago).UnixMicro(), int64(10+n)*1e6
		rows.Calls = append(rows.Calls, c)
	}
	w.Add(0, 1, rows)
	flush(t, w)
	for last, want := range map[time.Duration]rollingLevel{
		30 * time.Minute: {Answered: 3, Level: number(75), P90: number(12)},
		10 * time.Minute: {Answered: 2, Level: number(200. / 3), P90: number(11)},
		10 * time.Second: {Answered: 0, Level: number(0)},
	} {
		s := query.Rolling(query.Filter{Organizations: []uuid.UUID{id(1)}}, last, monday)
		s.SQL = "SELECT queue_name, inbound_answered_calls, waiting_beyond_threshold, service_level_all_offered, inbound_wait_p90_sec FROM (" + s.SQL + ")"
		var got []rollingLevel
		if err := db.Select(t.Context(), &got, s); err != nil {
			t.Fatal(err)
		}
		if len(got) != 3 || got[1].Queue != "Quiet" || got[1].Level != nil || got[1].Answered != 0 || got[2].Queue != "Sales" {
			t.Fatalf("the last %s: %+v", last, got)
		}
		sales := got[2]
		equal(t, "answered in the last "+last.String(), sales.Answered, want.Answered)
		equal(t, "waiting beyond T", sales.Beyond, 1)
		if *sales.Level != *want.Level || (sales.P90 == nil) != (want.P90 == nil) || want.P90 != nil && *sales.P90 != *want.P90 {
			t.Errorf("the last %s: level %v, P90 %v, want %v, %v", last, *sales.Level, sales.P90, *want.Level, want.P90)
		}
	}
}

func number(v float64) *float64 { return &v }
