package store

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"

	"ringside/aggregate"
	"ringside/store/schema"
)

var update = flag.Bool("update", false, "rewrite golden files")

func TestMigrateTwice(t *testing.T) {
	db := openMigrated(t)
	before := scan[string](t, db, "SELECT name || create_table_query FROM system.tables WHERE database = currentDatabase() ORDER BY name")
	if err := db.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	after := scan[string](t, db, "SELECT name || create_table_query FROM system.tables WHERE database = currentDatabase() ORDER BY name")
	equal(t, "tables", strings.Join(after, "\n"), strings.Join(before, "\n"))
	equal(t, "recorded migrations", countOf(t, db, "schema_migrations FINAL"), uint64(len(schema.All())))
}

// A migration may be cut off after any statement: the next start repeats it.
func TestMigrateAfterPartialMigration(t *testing.T) {
	db := openMigrated(t)
	exec(t, db, "TRUNCATE TABLE schema_migrations")
	if err := db.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	equal(t, "buckets", countOf(t, db, "wait_buckets"), 3710)
}

func TestMigrateRefuses(t *testing.T) {
	all := schema.All()
	changed := append([]schema.Migration(nil), all...)
	changed[1].Statements = []string{"SELECT 1"}
	for name, c := range map[string]struct {
		known []schema.Migration
		want  error
		text  string
	}{
		"changed": {changed, ErrMigrationChanged, all[1].Name},
		"newer":   {all[:len(all)-1], ErrSchemaNewer, all[len(all)-1].Name},
	} {
		t.Run(name, func(t *testing.T) {
			db := openMigrated(t)
			migrations = func() []schema.Migration { return c.known }
			defer func() { migrations = schema.All }()
			err := db.Migrate(t.Context())
			if !errors.Is(err, c.want) || !strings.Contains(fmt.Sprint(err), c.text) {
				t.Errorf("got %v, want %v naming %s", err, c.want, c.text)
			}
		})
	}
}

// The contract of columns: analysts' queries rest on the names and types of the views.
func TestGoldenColumns(t *testing.T) {
	db := openMigrated(t)
	got := strings.Join(scan[string](t, db, `SELECT table || '.' || name || ' ' || type FROM system.columns
WHERE database = currentDatabase() AND table NOT LIKE '%\\_versions' ORDER BY table, position`), "\n") + "\n"
	const file = "testdata/columns.golden"
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("columns differ from %s (-update rewrites it):\n%s", file, lineDiff(string(want), got))
	}
}

func lineDiff(want, got string) string {
	have := map[string]bool{}
	for line := range strings.Lines(got) {
		have[line] = true
	}
	var b strings.Builder
	for line := range strings.Lines(want) {
		if !have[line] {
			b.WriteString("- " + line)
		}
		delete(have, line)
	}
	for line := range strings.Lines(got) {
		if have[line] {
			b.WriteString("+ " + line)
		}
	}
	return b.String()
}

// Every physical table has a view of one current row per key, run with the rights of who asks, and a partition made of
// its sorting key, so that versions of a key always meet.
func TestTablesKeepTheRules(t *testing.T) {
	db := openMigrated(t)
	tables := scan[string](t, db, "SELECT name FROM system.tables WHERE database = currentDatabase() AND name LIKE '%\\\\_versions' ORDER BY name")
	if len(tables) < 15 {
		t.Fatalf("only %d tables", len(tables))
	}
	for _, table := range tables {
		where := " FROM system.tables WHERE database = currentDatabase() AND name = '"
		view := one[string](t, db, "SELECT create_table_query"+where+plainName(table)+"'")
		contains(t, plainName(table), view, "SQL SECURITY INVOKER")
		contains(t, plainName(table), strings.ReplaceAll(view, " AS a FINAL", " FINAL"), table+" FINAL")
		key := one[string](t, db, "SELECT sorting_key"+where+table+"'")
		partition := one[string](t, db, "SELECT partition_key"+where+table+"'")
		for _, word := range strings.FieldsFunc(partition, func(r rune) bool { return strings.ContainsRune("(), ", r) }) {
			if !strings.HasPrefix(word, "to") && !strings.Contains(key, word) {
				t.Errorf("%s: partition %s uses %s, which is not in the key %s", table, partition, word, key)
			}
		}
		switch {
		case strings.HasPrefix(key, "organization_id"), strings.HasPrefix(key, "kafka_group"), key == "bucket":
		default:
			t.Errorf("%s: key %s does not begin with organization_id", table, key)
		}
	}
}

func TestEnumsFollowTheCore(t *testing.T) {
	db := openMigrated(t)
	enum := func(table, column string, names []string) {
		t.Helper()
		var parts []string
		for i, n := range names {
			parts = append(parts, fmt.Sprintf("'%s' = %d", n, i))
		}
		got := one[string](t, db, fmt.Sprintf("SELECT type FROM system.columns WHERE database = currentDatabase() AND table = '%s' AND name = '%s'", table, column))
		equal(t, table+"."+column, got, "Enum8("+strings.Join(parts, ", ")+")")
	}
	var outcomes, directions, transfers, states []string
	for o := range aggregate.NumOutcomes {
		outcomes = append(outcomes, o.String())
	}
	for d := aggregate.Inbound; d <= aggregate.Direct; d++ {
		directions = append(directions, d.String())
	}
	for x := aggregate.TransferNone; x <= aggregate.TransferQueue; x++ {
		transfers = append(transfers, x.String())
	}
	for s := aggregate.AgentUnknown; s <= aggregate.AgentAvailable; s++ {
		states = append(states, s.String())
	}
	enum("calls", "outcome", outcomes)
	enum("calls", "direction", directions)
	enum("calls", "transfer", transfers)
	enum("agent_status", "state", states)
	enum("agent_status_now", "state", states)
}

func TestWaitBucketsFollowTheCore(t *testing.T) {
	db := openMigrated(t)
	rows, err := db.Conn().Query(t.Context(), "SELECT bucket, from_us, to_us, value_us FROM wait_buckets_versions FINAL ORDER BY bucket")
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	n := uint16(0)
	for ; rows.Next(); n++ {
		var bucket uint16
		var from, to, value int64
		if err := rows.Scan(&bucket, &from, &to, &value); err != nil {
			t.Fatal(err)
		}
		lo, hi := aggregate.BucketBounds(n)
		if bucket != n || from != lo || to != hi || value != aggregate.BucketValue(n) {
			t.Fatalf("bucket %d: [%d, %d) %d, want %d: [%d, %d) %d", bucket, from, to, value, n, lo, hi, aggregate.BucketValue(n))
		}
	}
	equal(t, "buckets", n, 3710)
}
