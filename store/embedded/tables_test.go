package embedded_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
)

const wideRows = 200_000

// A batch of real size arrives whole, with every compression.
func TestLargeInsertAndStreamingSelect(t *testing.T) {
	for name, compression := range compressions {
		t.Run(name, func(t *testing.T) {
			conn := fresh(t, compression)
			exec(t, conn, `CREATE TABLE t (n UInt64, id UUID, queue LowCardinality(String), at DateTime64(6, 'UTC'), note Nullable(String))
				ENGINE = MergeTree ORDER BY n`)
			numbers, ids := make([]uint64, wideRows), make([]uuid.UUID, wideRows)
			queues, times, notes := make([]string, wideRows), make([]time.Time, wideRows), make([]*string, wideRows)
			start := time.Date(2026, 11, 21, 0, 0, 0, 0, time.UTC)
			for i := range numbers {
				numbers[i], ids[i] = uint64(i), uuid.NewSHA1(uuid.Nil, fmt.Append(nil, i))
				queues[i], times[i] = fmt.Sprintf("queue %d", i%300), start.Add(time.Duration(i)*time.Millisecond)
				if i%3 == 0 {
					notes[i] = &queues[i]
				}
			}
			batch, err := conn.PrepareBatch(t.Context(), "INSERT INTO t")
			if err != nil {
				t.Fatal(err)
			}
			for i, column := range []any{numbers, ids, queues, times, notes} {
				if err := batch.Column(i).Append(column); err != nil {
					t.Fatal(err)
				}
			}
			if err := batch.Send(); err != nil {
				t.Fatal(err)
			}
			rows, err := conn.Query(t.Context(), "SELECT * FROM t ORDER BY n")
			if err != nil {
				t.Fatal(err)
			}
			i := 0
			for ; rows.Next(); i++ {
				var n uint64
				var id uuid.UUID
				var queue string
				var at time.Time
				var note *string
				if err := rows.Scan(&n, &id, &queue, &at, &note); err != nil {
					t.Fatal(err)
				}
				if n != uint64(i) || id != ids[i] || queue != queues[i] || !at.Equal(times[i]) || !equal(note, notes[i]) {
					t.Fatalf("row %d: %v %v %v %v %v", i, n, id, queue, at, note)
				}
			}
			if rows.Err() != nil || i != wideRows {
				t.Errorf("%d rows: %v", i, rows.Err())
			}
		})
	}
}

// A million rows stream, and a reader that stops early leaves the engine free.
func TestMillionRows(t *testing.T) {
	conn := fresh(t, compressions["lz4"])
	rows, err := conn.Query(t.Context(), "SELECT number, toString(number) FROM numbers(1000000)")
	if err != nil {
		t.Fatal(err)
	}
	var sum, n uint64
	for rows.Next() {
		var v uint64
		var s string
		if err := rows.Scan(&v, &s); err != nil {
			t.Fatal(err)
		}
		if s != fmt.Sprint(v) {
			t.Fatalf("%d is %q", v, s)
		}
		sum += v
		n++
	}
	if rows.Err() != nil || n != 1_000_000 || sum != n*(n-1)/2 {
		t.Errorf("%d rows, sum %d: %v", n, sum, rows.Err())
	}
}

// What the schema rests on: one current row per key, tombstones, views that
// run with their caller's rights, TTL, skip indexes, projections.
func TestTableFeatures(t *testing.T) {
	conn := fresh(t)
	exec(t, conn, `CREATE TABLE v (k UInt64, day Date, s String, version UInt64, is_deleted UInt8, INDEX iv version TYPE minmax)
		ENGINE = ReplacingMergeTree(version, is_deleted) PARTITION BY toYYYYMM(day) ORDER BY (day, k)
		TTL day + INTERVAL 1 YEAR SETTINGS ttl_only_drop_parts = 1`)
	exec(t, conn, "CREATE VIEW current SQL SECURITY INVOKER AS SELECT k, s FROM v FINAL WHERE is_deleted = 0")
	exec(t, conn, `INSERT INTO v VALUES (1, today(), 'old', 1, 0), (2, today(), 'two', 1, 0), (3, today(), 'three', 1, 0)`)
	exec(t, conn, `INSERT INTO v VALUES (1, today(), 'new', 2, 0), (2, today(), '', 2, 1)`)
	exec(t, conn, `INSERT INTO v VALUES (1, today(), 'late', 1, 0)`)
	if got := scalar[string](t, conn, "SELECT arrayStringConcat(arraySort(groupArray(concat(toString(k), s))), ',') FROM current"); got != "1new,3three" {
		t.Errorf("current rows: %s", got)
	}
	if sql := scalar[string](t, conn, "SHOW CREATE VIEW current"); !strings.Contains(sql, "SQL SECURITY INVOKER") {
		t.Errorf("the view is %s", sql)
	}
	exec(t, conn, `INSERT INTO v VALUES (9, today() - 800, 'expired', 1, 0)`)
	exec(t, conn, "OPTIMIZE TABLE v FINAL")
	if n := scalar[uint64](t, conn, "SELECT count() FROM v WHERE s = 'expired'"); n != 0 {
		t.Errorf("%d expired rows after the merge", n)
	}
}

// Date and time functions work in UTC wherever the machine is.
func TestTimeZone(t *testing.T) {
	conn := fresh(t)
	if zone := scalar[string](t, conn, "SELECT timezone()"); zone != "UTC" {
		t.Errorf("the time zone is %s", zone)
	}
	if got := scalar[string](t, conn, "SELECT toString(toDateTime64(1800000000, 6, 'Europe/Prague'))"); got != "2027-01-15 09:00:00.000000" {
		t.Errorf("in Prague it is %s", got)
	}
}
