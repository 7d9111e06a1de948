package store

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"ringside/store/query"
	"ringside/store/query/querytest"
)

// Every statement runs, whatever the filter, and in any zone.
func TestEveryStatementRuns(t *testing.T) {
	db := openMigrated(t)
	fillForDocs(t, db)
	ids := []uuid.UUID{id(1), id(2)}
	for name, f := range map[string]query.Filter{"all": {AllOrganizations: true}, "nothing": {},
		"narrow": {Organizations: ids, Queues: ids, Groups: ids, Agents: ids, CallLists: ids}} {
		for _, v := range []querytest.Values{
			{From: monday.AddDate(0, 0, -1), To: monday.AddDate(0, 0, 1), Step: time.Hour, ID: id(3), Text: "Europe/Helsinki"},
			{From: monday, To: monday.AddDate(0, 0, 7), Step: 24 * time.Hour, ID: id(4), Text: "America/New_York", Limit: 5},
		} {
			for function, s := range querytest.Every(f, v) {
				t.Run(fmt.Sprint(function, " of ", name, " by ", v.Step), func(t *testing.T) {
					var n uint64
					if err := db.Conn().QueryRow(t.Context(), "SELECT count() FROM ("+s.SQL+")", namedArgs(s)...).Scan(&n); err != nil {
						t.Fatalf("%v\n%s\n%v", err, s.SQL, s.Parameters)
					}
				})
			}
		}
	}
}

// keyOf are the columns of each table's sorting key that a statement has to use, or it would read more with every day that passes.
var keyOf = map[string][]string{"calls": {"organization_id", "call_date"}, "events": {"organization_id", "happened_at"}, "late_events": {"organization_id", "happened_at"},
	"queue_status": {"organization_id", "observed_at"}, "agent_status": {"organization_id", "observed_at"}, "callback_list_status": {"organization_id", "observed_at"},
	"queue_interval_metrics": {"organization_id", "interval_start"}, "queue_daily_call_metrics": {"organization_id", "queue_date"},
	"agent_interval_metrics": {"organization_id", "interval_start"}, "callbacks": {"organization_id", "callback_date"},
	"reconciliation": {"organization_id", "figure_date"}, "rejects": {"organization_id", "received_date"}, "wait_buckets": nil}

// No statement reads all of a table that grows.
func keysAreUsed(t *testing.T, d *simulatedDay) {
	queue, _ := d.aQueue()
	f := d.of()
	f.Queues = []uuid.UUID{queue}
	tables := 0
	for function, s := range querytest.Every(f, querytest.Values{From: d.begin, To: d.begin.Add(time.Hour), Step: time.Minute, ID: d.busiestCalls(1)[0], Text: "UTC"}) {
		if function == "Schema" {
			continue
		}
		for table, used := range keysUsed(t, d.db, s) {
			want, grows := keyOf[table]
			if !grows {
				want = []string{"organization_id"}
			}
			if function == "CallParts" || function == "CallEvents" && table != "events" { // the call's dates are what is looked for
				want = want[:1]
			}
			tables++
			for _, key := range want {
				if !slices.Contains(used, key) {
					t.Errorf("%s reads %s by %v, not by %s:\n%s", function, table, used, key, s.SQL)
				}
			}
		}
	}
	if tables < 60 {
		t.Errorf("only %d reads of tables were seen", tables)
	}
}

// keysUsed are the columns of the sorting key by which a statement reads each table, of several reads those of the worst.
func keysUsed(t *testing.T, db *DB, s query.Statement) map[string][]string {
	t.Helper()
	rows, err := db.Conn().Query(t.Context(), "SELECT explain FROM (EXPLAIN indexes = 1 "+s.SQL+")", namedArgs(s)...)
	if err != nil {
		t.Fatalf("%v\n%s", err, s.SQL)
	}
	defer rows.Close()
	used := map[string][]string{}
	table, section, keys := "", "", []string(nil)
	done := func() {
		if before, again := used[table]; table != "" && (!again || len(keys) < len(before)) {
			used[table] = keys
		}
	}
	for rows.Next() {
		var line string
		if err := rows.Scan(&line); err != nil {
			t.Fatal(err)
		}
		line = strings.TrimSpace(strings.TrimLeft(line, " │├└─"))
		switch name, read := strings.CutPrefix(line, "ReadFromMergeTree ("); {
		case read:
			done()
			_, name, _ = strings.Cut(strings.TrimSuffix(name, ")"), ".")
			table, section, keys = strings.TrimSuffix(name, "_versions"), "", []string{}
		case slices.Contains([]string{"Min-Max", "Partition", "PrimaryKey", "Skip"}, line):
			section = line
		case strings.HasPrefix(line, "Condition:"):
			section = ""
		case section == "PrimaryKey" && line != "Keys:":
			keys = append(keys, line)
		}
	}
	done()
	return used
}
