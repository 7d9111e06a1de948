package store

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/google/uuid"

	"ringside/aggregate"
	"ringside/ingest"
)

// rowsOf has one row of every table that Leftovers looks in, with keys made of n.
func rowsOf(organization uuid.UUID, n int) *aggregate.Rows {
	c := call(n, aggregate.Answered)
	c.OrganizationID = organization
	c.Direction, c.Visit = aggregate.Direction(n%4), uint16(n%7+1)
	at := monday.UnixMicro() + int64(n)*1_000_003
	return &aggregate.Rows{
		Calls:          []aggregate.CallRow{c},
		Daily:          []aggregate.DailyRow{{OrganizationID: organization, QueueID: id(n), QueueDate: day(monday) + int32(n%400)}},
		Intervals:      []aggregate.IntervalRow{{OrganizationID: organization, QueueID: id(n), IntervalStart: at, QueueDate: day(monday)}},
		AgentIntervals: []aggregate.AgentIntervalRow{{OrganizationID: organization, AgentID: id(n), QueueID: id(n % 2), IntervalStart: at}},
		QueueStatus:    []aggregate.QueueStatusRow{{OrganizationID: organization, QueueID: id(n), ObservedAt: at}},
		Agents:         []aggregate.AgentStatusRow{{OrganizationID: organization, AgentID: id(n), ObservedAt: at}},
		Callbacks:      []aggregate.CallbackRow{{OrganizationID: organization, CallbackID: id(n), CallbackDate: day(monday) + int32(n%400)}},
		CallLists:      []aggregate.CallbackListRow{{OrganizationID: organization, CallListID: id(n), ObservedAt: at}},
		Orphans:        []aggregate.OrphanRow{{OrganizationID: organization, EventID: id(n), HappenedAt: at, CallID: id(n)}},
	}
}

// deleted turns rows into tombstones.
func deleted(r *aggregate.Rows) *aggregate.Rows {
	r.Calls[0].Deleted, r.Daily[0].Deleted, r.Intervals[0].Deleted = true, true, true
	r.AgentIntervals[0].Deleted = true
	r.QueueStatus[0].Deleted, r.Agents[0].Deleted, r.Orphans[0].Deleted = true, true, true
	r.Callbacks[0].Deleted, r.CallLists[0].Deleted = true, true
	return r
}

var sweptViews = []string{"calls", "queue_daily_call_metrics", "queue_interval_metrics", "agent_interval_metrics_versions FINAL", "queue_status_now",
	"agent_status_now", "callbacks", "callback_list_status_now", "late_events"}

func TestLeftovers(t *testing.T) {
	db := openMigrated(t)
	w := newTestWriter(db)
	ours, theirs := id(1), id(2)
	w.AddOrganization(3, 1, ours, 0)
	w.AddOrganization(4, 1, theirs, 0)
	write := func(epoch uint32, sequence uint64, rows *aggregate.Rows) {
		t.Helper()
		w.Add(3, Version(epoch, sequence), rows)
		flush(t, w)
	}
	// The predecessor of epoch 1 saved its last checkpoint at 10.
	for n := range 6 {
		write(1, 5, rowsOf(ours, n))
	}
	write(1, 10, rowsOf(ours, 1))
	write(1, 11, rowsOf(ours, 2)) // corrected since: to be looked at
	write(1, 12, rowsOf(ours, 3)) // corrected since, and again by the new owner
	write(1, 13, deleted(rowsOf(ours, 4)))
	write(1, 14, rowsOf(ours, 100))
	write(1, 15, rowsOf(ours, 101))
	write(1, 16, rowsOf(ours, 102))
	w.Add(4, Version(1, 17), rowsOf(theirs, 103)) // another partition's
	late := ingest.Event{ID: id(7), OrganizationID: ours, Timestamp: ingest.FromGo(monday)}
	w.AddLate(3, "enreach", &late, nil)
	flush(t, w)
	write(2, 1, rowsOf(ours, 3))
	write(2, 2, rowsOf(ours, 101))
	write(2, 3, deleted(rowsOf(ours, 102)))

	before := map[string]uint64{}
	for _, view := range sweptViews {
		before[view] = countOf(t, db, view)
	}
	histories := countOf(t, db, "queue_status") + countOf(t, db, "agent_status") + countOf(t, db, "callback_list_status")
	var found []string
	ranges := []VersionRange{{Version(1, 10), Version(2, 0)}}
	sweep := func() {
		t.Helper()
		found = nil
		err := db.Leftovers(t.Context(), 3, ranges, func(rows *aggregate.Rows) error {
			for _, r := range rows.Calls {
				found = append(found, fmt.Sprintf("call %v %d %v %d %v", r.CallID, r.CallDate, r.Direction, r.Visit, r.Deleted))
			}
			w.Add(3, Version(2, 9), rows)
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		flush(t, w)
	}
	sweep()
	for _, n := range []int{2, 100} {
		c := rowsOf(ours, n).Calls[0]
		want := fmt.Sprintf("call %v %d %v %d true", c.CallID, c.CallDate, c.Direction, c.Visit)
		contains(t, "calls", strings.Join(found, "\n"), want)
	}
	equal(t, "calls left over", len(found), 2)
	for _, view := range sweptViews {
		equal(t, view, countOf(t, db, view), before[view]-2)
	}
	equal(t, "late events", countOf(t, db, "late_events WHERE reason = 'late'"), 1)
	equal(t, "rows of the histories", countOf(t, db, "queue_status")+countOf(t, db, "agent_status")+countOf(t, db, "callback_list_status"), histories)
	equal(t, "queues now", fmt.Sprint(scan[uuid.UUID](t, db, "SELECT queue_id FROM queue_status_now WHERE organization_id = '"+ours.String()+"' ORDER BY queue_id")),
		fmt.Sprint([]uuid.UUID{id(0), id(1), id(3), id(5), id(101)}))

	sweep()
	equal(t, "left over after the sweep", len(found), 0)

	// Two owners on, epoch 2 has left rows behind the checkpoint that its successor adopted, and only those.
	write(2, 20, rowsOf(ours, 200))
	write(2, 31, rowsOf(ours, 201))
	write(1, 18, rowsOf(ours, 202))
	write(4, 1, rowsOf(ours, 203))
	ranges = append(ranges, VersionRange{Version(2, 30), Version(4, 0)})
	sweep()
	var want []string
	for _, n := range []int{201, 202} {
		c := rowsOf(ours, n).Calls[0]
		want = append(want, fmt.Sprintf("call %v %d %v %d true", c.CallID, c.CallDate, c.Direction, c.Visit))
	}
	slices.Sort(found)
	equal(t, "left over by two owners", strings.Join(found, "\n"), strings.Join(want, "\n"))
}

func TestLeftoversComeInBatches(t *testing.T) {
	db := openMigrated(t)
	w := newTestWriter(db)
	w.AddOrganization(3, 1, id(1), 0)
	for n := range leftoverBatch + 500 {
		w.Add(3, Version(1, 2), &aggregate.Rows{Agents: rowsOf(id(1), n).Agents, QueueStatus: rowsOf(id(1), n).QueueStatus})
	}
	flush(t, w)
	seen := map[uuid.UUID]int{}
	err := db.Leftovers(t.Context(), 3, []VersionRange{{0, Version(2, 0)}}, func(rows *aggregate.Rows) error {
		if rows.Len() == 0 || rows.Len() > leftoverBatch {
			t.Errorf("a batch of %d", rows.Len())
		}
		for _, r := range rows.QueueStatus {
			seen[r.QueueID]++
		}
		for _, r := range rows.Agents {
			seen[r.AgentID]++
		}
		return nil
	})
	if err != nil || len(seen) != leftoverBatch+500 {
		t.Errorf("%d keys, %v", len(seen), err)
	}
	for key, n := range seen {
		if n != 2 {
			t.Fatalf("%v came %d times", key, n)
		}
	}
	boom := errors.New("boom")
	if err := db.Leftovers(t.Context(), 3, []VersionRange{{0, Version(2, 0)}}, func(*aggregate.Rows) error { return boom }); !errors.Is(err, boom) {
		t.Errorf("got %v", err)
	}
	if err := db.Leftovers(t.Context(), 5, []VersionRange{{0, Version(2, 0)}}, func(*aggregate.Rows) error { return boom }); err != nil {
		t.Errorf("a partition without rows: %v", err)
	}
}

var granules = regexp.MustCompile(`Granules: (\d+)/(\d+)`)

// The sweep must not read the history, neither of the partition's own organizations nor of others.
func TestLeftoversReadLittle(t *testing.T) {
	db := openMigrated(t)
	w := newTestWriter(db)
	w.AddOrganization(3, 1, id(1), 0)
	w.AddOrganization(4, 1, id(2), 0)
	// 100,000 calls of each organization: the other partition's are newer by their versions, which says nothing.
	for partition, organization := range map[int]int{3: 1, 4: 2} {
		exec(t, db, fmt.Sprintf(`INSERT INTO calls_versions (organization_id, call_date, call_id, queue_id, direction, visit, kafka_partition, version)
SELECT toUUID('%s'), toDate('2026-03-02') + number %% 20, generateUUIDv4(), toUUID('%s'), 'inbound', 1, %d, %d FROM numbers(100000)`,
			id(organization), id(5), partition, Version(1, uint64(partition-3)*1000)))
	}
	exec(t, db, "OPTIMIZE TABLE calls_versions FINAL")
	w.Add(3, Version(1, 11), &aggregate.Rows{Calls: rowsOf(id(1), 1).Calls})
	flush(t, w)
	plan := strings.Join(explained(t, db, leftoverTables[0].query(), 3, Version(1, 10), Version(2, 0)), "\n")
	all := granules.FindAllStringSubmatch(plan, -1)
	if len(all) == 0 || len(all[0][2]) < 2 {
		t.Fatalf("no granules, or too few for a test:\n%s", plan)
	}
	if read := all[len(all)-1][1]; read != "1" {
		t.Errorf("%s granules are read for one row:\n%s", read, plan)
	}
	if !strings.Contains(plan, "version_range") || !strings.Contains(plan, "PrimaryKey") {
		t.Errorf("the indexes are not used:\n%s", plan)
	}
}

func explained(t *testing.T, db *DB, sql string, partition int32, after, before uint64) []string {
	t.Helper()
	var lines []struct {
		Explain string `ch:"explain"`
	}
	err := db.Conn().Select(t.Context(), &lines, "SELECT explain FROM (EXPLAIN indexes = 1 "+sql+")",
		clickhouse.Named("partition", partition), clickhouse.Named("oldest", after), clickhouse.Named("after", []uint64{after}), clickhouse.Named("before", []uint64{before}))
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, l := range lines {
		out = append(out, l.Explain)
	}
	return out
}
