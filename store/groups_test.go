package store

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"ringside/aggregate"
	"ringside/store/query"
)

// randomSums are sums of a queue's window with waits up to some minutes.
func randomSums(r *rand.Rand) (s aggregate.Sums, waits []int64) {
	for range 1 + r.IntN(30) {
		waits = append(waits, int64(r.IntN(300e6)))
	}
	s.Total, s.WaitCount = int64(len(waits)), int64(len(waits))
	for _, w := range waits {
		s.WaitSum += w
	}
	for _, p := range []*int64{&s.Outcomes[aggregate.Answered], &s.Outcomes[aggregate.Overflowed], &s.Outcomes[aggregate.Rejected], &s.LevelMet, &s.LevelAnswered, &s.LevelAbandoned,
		&s.LevelShort, &s.LevelFailed, &s.HandleCount, &s.HandleSum, &s.TalkCount, &s.TalkSum, &s.OutboundTotal} {
		*p = int64(r.IntN(40))
	}
	s.LevelAbandoned += s.LevelShort
	return s, waits
}

// expected is what a group's figures must be.
type expected struct {
	queues, total, rejected, met, denominator, handled int64
	waits                                              []int64
}

func (e *expected) add(s *aggregate.Sums, waits []int64) {
	e.queues++
	e.total += s.Total
	e.rejected += s.Outcomes[aggregate.Overflowed] + s.Outcomes[aggregate.Rejected]
	e.met += s.LevelMet
	e.denominator += s.LevelAnswered + s.LevelAbandoned - s.LevelShort + s.LevelFailed
	e.handled += s.HandleCount
	e.waits = append(e.waits, waits...)
}

func mean(waits []int64) float64 {
	var sum int64
	for _, w := range waits {
		sum += w
	}
	return float64(sum) / float64(len(waits)) / 1e6
}

// groupsOverTime has three queues in two groups, of which the second changes from one into the other at noon of day 3,
// and the third, in both, is deleted on day 5, which changes nothing in what it was.
func groupsOverTime(w *Writer) (at func(queue int, us int64) []int) {
	moved, deleted := monday.AddDate(0, 0, 3).Add(4*time.Hour).UnixMicro(), monday.AddDate(0, 0, 5).UnixMicro()
	change := func(queue int, us int64, gone bool, groups ...int) aggregate.QueueChangeRow {
		c := aggregate.QueueChangeRow{OrganizationID: id(9), QueueID: id(queue), ChangedAt: us, EventID: uuid.New(), QueueName: fmt.Sprint("queue ", queue), Deleted: gone}
		for _, g := range groups {
			c.Groups, c.GroupNames = append(c.Groups, id(100+g)), append(c.GroupNames, fmt.Sprint("group ", g))
		}
		return c
	}
	first := monday.AddDate(0, 0, -1).UnixMicro()
	w.Add(0, 1, &aggregate.Rows{QueueChanges: []aggregate.QueueChangeRow{change(1, first, false, 1, 1), change(2, first, false, 1), change(2, moved, false, 2),
		change(3, first, false, 1, 2), change(3, deleted, true, 1, 2)}})
	return func(queue int, us int64) []int {
		switch {
		case us < first || queue > 3:
			return nil
		case queue == 1 || queue == 2 && us < moved:
			return []int{1}
		case queue == 2:
			return []int{2}
		}
		return []int{1, 2}
	}
}

func TestGroupDaily(t *testing.T) {
	db := openMigrated(t)
	w := newTestWriter(db)
	groups := groupsOverTime(w)
	r := rand.New(rand.NewPCG(7, 8))
	want := map[string]*expected{}
	for d := -2; d < 7; d++ {
		for q := 1; q <= 4; q++ {
			sums, waits := randomSums(r)
			date := day(monday) + int32(d)
			row := aggregate.DailyRow{OrganizationID: id(9), QueueDate: date, QueueID: id(q), Threshold: int64(q%2+1) * 10e6, Target: 80, Sums: sums, Waits: histogramOf(waits), WaitMax: slices.Max(waits)}
			w.Add(0, 1, &aggregate.Rows{Daily: []aggregate.DailyRow{row}})
			for _, g := range groups(q, (int64(date)*24+12)*3600e6) {
				key := fmt.Sprint(date, " ", g)
				if want[key] == nil {
					want[key] = &expected{}
				}
				want[key].add(&sums, waits)
			}
		}
	}
	flush(t, w)
	got := groupRows(t, db, query.GroupDaily(query.Filter{Organizations: []uuid.UUID{id(9)}}, monday.AddDate(0, 0, -9), monday.AddDate(0, 0, 9)),
		"toString(toInt32(queue_date))", "inbound_wait_p95_sec", "inbound_service_level_percentage", "inbound_avg_wait_time_sec", "inbound_rejected_calls")
	compareGroups(t, got, want)
	equal(t, "thresholds", one[string](t, db, "SELECT toString(groupUniqArray((length(toString(group_id)), service_level_threshold_sec, service_level_target))) FROM queue_group_daily_call_metrics WHERE queues = 3"), "[(36,NULL,80)]")
}

func TestGroupIntervals(t *testing.T) {
	db := openMigrated(t)
	w := newTestWriter(db)
	groups := groupsOverTime(w)
	r := rand.New(rand.NewPCG(9, 10))
	want := map[string]*expected{}
	begin := monday.AddDate(0, 0, 3).Add(3 * time.Hour).UnixMicro()
	for i := range int64(8) {
		for q := 1; q <= 4; q++ {
			sums, waits := randomSums(r)
			start := begin + i*15*60e6
			row := aggregate.IntervalRow{OrganizationID: id(9), IntervalStart: start, QueueID: id(q), QueueDate: day(monday) + 3, Sums: sums, Waits: histogramOf(waits), WaitMax: slices.Max(waits)}
			w.Add(0, 1, &aggregate.Rows{Intervals: []aggregate.IntervalRow{row}})
			for _, g := range groups(q, start+15*60e6-1) {
				key := fmt.Sprint(start, " ", g)
				if want[key] == nil {
					want[key] = &expected{}
				}
				want[key].add(&sums, waits)
			}
		}
	}
	flush(t, w)
	got := groupRows(t, db, query.GroupIntervals(query.Filter{Organizations: []uuid.UUID{id(9)}}, monday, monday.AddDate(0, 0, 9)),
		"toString(toUnixTimestamp64Micro(interval_start))", "toFloat64(0)", "100 * level_met / nullIf(level_answered + level_abandoned - level_short_abandons + level_failed, 0)",
		"inbound_wait_sum_sec / inbound_wait_count", "inbound_overflowed_calls + inbound_rejected_only_calls")
	compareGroups(t, got, want)
}

type groupRow struct {
	Key      string   `ch:"key"`
	Group    string   `ch:"group"`
	Queues   uint64   `ch:"queues"`
	Total    int64    `ch:"total"`
	Rejected int64    `ch:"rejected"`
	Handled  int64    `ch:"handled"`
	Waits    uint64   `ch:"waits"`
	MaxWait  *float64 `ch:"max_wait"`
	Mean     *float64 `ch:"mean"`
	P95      *float64 `ch:"p95"`
	Level    *float64 `ch:"level"`
}

func groupRows(t *testing.T, db *DB, s query.Statement, key, p95, level, mean, rejected string) (rows []groupRow) {
	t.Helper()
	s.SQL = "SELECT " + key + " AS key, replaceOne(group_name, 'group ', '') AS group, queues, inbound_total_calls AS total, toInt64(" + rejected + ") AS rejected, " +
		"inbound_handle_count AS handled, toUInt64(arraySum(mapValues(inbound_wait_histogram))) AS waits, inbound_max_wait_sec AS max_wait, toNullable(toFloat64(" + mean + ")) AS mean, " +
		"toNullable(" + p95 + ") AS p95, " + level + " AS level FROM (" + s.SQL + ")"
	if err := db.Select(t.Context(), &rows, s); err != nil {
		t.Fatal(err)
	}
	return rows
}

func compareGroups(t *testing.T, got []groupRow, want map[string]*expected) {
	t.Helper()
	if len(got) != len(want) {
		t.Errorf("%d rows, want %d", len(got), len(want))
	}
	near := func(a *float64, b float64) bool { return a != nil && math.Abs(*a-b) < 1e-6 }
	for _, g := range got {
		e := want[g.Key+" "+g.Group]
		if e == nil {
			t.Errorf("unexpected: %+v", g)
			continue
		}
		if int64(g.Queues) != e.queues || g.Total != e.total || g.Rejected != e.rejected || g.Handled != e.handled || int(g.Waits) != len(e.waits) {
			t.Errorf("%s %s: got %+v, want %+v", g.Key, g.Group, g, e)
		}
		if !near(g.MaxWait, float64(slices.Max(e.waits))/1e6) || !near(g.Mean, mean(e.waits)) || !near(g.Level, 100*float64(e.met)/float64(e.denominator)) {
			t.Errorf("%s %s: longest wait %v, mean %v, level %v, want %+v", g.Key, g.Group, *g.MaxWait, *g.Mean, *g.Level, e)
		}
		if p := float64(aggregate.Percentile(histogramOf(e.waits), 95)) / 1e6; *g.P95 != 0 && !near(g.P95, p) {
			t.Errorf("%s %s: p95 %v, want %v", g.Key, g.Group, *g.P95, p)
		}
	}
}

// The percentile of a view is the one that the core makes of the same histogram, for every bucket there is.
func TestGroupPercentilesAreTheCores(t *testing.T) {
	db := openMigrated(t)
	w := newTestWriter(db)
	groupsOverTime(w)
	waits := []int64{0, 1, 63, 64, 127, 128, 129, 130, 191, 255, 256, 1000, 65_535, 1e6, 20_000_001, 3600e6, 86_400e6}
	for i, wait := range waits {
		h := histogramOf([]int64{wait})
		w.Add(0, 1, &aggregate.Rows{Daily: []aggregate.DailyRow{{OrganizationID: id(9), QueueDate: day(monday) + int32(i), QueueID: id(1), Waits: h, WaitMax: wait}}})
	}
	flush(t, w)
	got := scan[float64](t, db, "SELECT assumeNotNull(inbound_wait_p50_sec) FROM queue_group_daily_call_metrics WHERE organization_id = '"+id(9).String()+"' ORDER BY queue_date")
	for i, wait := range waits {
		if want := float64(aggregate.Percentile(histogramOf([]int64{wait}), 50)) / 1e6; i >= len(got) || got[i] != want {
			t.Fatalf("wait %d µs: got %v, want %v", wait, got, want)
		}
	}
}

// What belongs to a group now: of queues that are deleted nothing.
func TestQueueGroups(t *testing.T) {
	db := openMigrated(t)
	w := newTestWriter(db)
	queue := func(n int, deleted bool, groups ...int) aggregate.QueueRow {
		q := aggregate.QueueRow{OrganizationID: id(9), QueueID: id(n), Deleted: deleted, ChangedAt: monday.Add(time.Duration(n)).UnixMicro()}
		for _, g := range groups {
			q.Groups, q.GroupNames = append(q.Groups, id(100+g)), append(q.GroupNames, fmt.Sprint("group ", g))
		}
		return q
	}
	w.Add(0, 1, &aggregate.Rows{QueueDim: []aggregate.QueueRow{queue(1, false, 1), queue(2, false, 1, 2), queue(3, true, 2, 3)}})
	flush(t, w)
	got := strings.Join(scan[string](t, db, "SELECT concat(group_name, toString(arrayMap(q -> substring(toString(q), 36), queue_ids))) FROM queue_groups ORDER BY group_id"), " ")
	equal(t, "groups", got, "group 1['1','2'] group 2['2']")
}

// The board leaves deleted queues out, unless somebody waits or talks in them, and chooses by the groups of now; a group of
// another organization chooses nothing.
func TestBoardOfGroupsAndDeletedQueues(t *testing.T) {
	db := openMigrated(t)
	w := newTestWriter(db)
	rows := &aggregate.Rows{}
	for i, q := range []struct {
		name    string
		deleted bool
		waiting int32
		groups  []uuid.UUID
	}{
		{"a", false, 0, []uuid.UUID{id(101)}},
		{"b deleted", true, 0, []uuid.UUID{id(101)}},
		{"c deleted, busy", true, 2, []uuid.UUID{id(102)}},
		{"d", false, 1, []uuid.UUID{id(101), id(102)}},
		{"e", false, 0, nil},
	} {
		rows.QueueDim = append(rows.QueueDim, aggregate.QueueRow{OrganizationID: id(1), QueueID: id(10 + i), QueueName: q.name, Deleted: q.deleted, Groups: q.groups,
			GroupNames: make([]string, len(q.groups))})
		rows.QueueStatus = append(rows.QueueStatus, aggregate.QueueStatusRow{OrganizationID: id(1), QueueID: id(10 + i), QueueName: q.name, ObservedAt: monday.UnixMicro(),
			NbrOfQueuingRequesters: q.waiting, NbrOfRequesters: q.waiting})
	}
	rows.QueueDim = append(rows.QueueDim, aggregate.QueueRow{OrganizationID: id(2), QueueID: id(14), Groups: []uuid.UUID{id(103)}, GroupNames: []string{"theirs"}},
		aggregate.QueueRow{OrganizationID: id(2), QueueID: id(10), Deleted: true})
	w.Add(0, 1, rows)
	flush(t, w)
	for _, c := range []struct {
		groups, queues []uuid.UUID
		all            bool
		want           string
	}{
		{nil, nil, false, "a, c deleted, busy, d, e"},
		{[]uuid.UUID{id(101)}, nil, false, "a, d"},
		{[]uuid.UUID{id(102)}, nil, false, "d"},
		{[]uuid.UUID{id(101), id(102)}, []uuid.UUID{id(10), id(14)}, true, "a"},
		{[]uuid.UUID{id(103)}, nil, false, ""},
		{[]uuid.UUID{id(103)}, nil, true, ""},
	} {
		f := query.Filter{Organizations: []uuid.UUID{id(1)}, AllOrganizations: c.all, Groups: c.groups, Queues: c.queues}
		board, err := db.ReadQueueBoard(t.Context(), f, monday)
		if err != nil {
			t.Fatal(err)
		}
		var names []string
		for i := range board {
			names = append(names, board[i].QueueName)
		}
		equal(t, fmt.Sprint(c.groups, c.queues), strings.Join(names, ", "), c.want)
	}
}
