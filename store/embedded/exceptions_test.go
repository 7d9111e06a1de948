package embedded_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
)

func codeOf(err error) int32 {
	var ex *clickhouse.Exception
	if errors.As(err, &ex) {
		return ex.Code
	}
	return 0
}

// ClickHouse's exceptions reach the driver with their code and text.
func TestExceptions(t *testing.T) {
	// The others differ in requests only.
	for _, name := range []string{"none", "lz4", "zstd"} {
		t.Run(name, func(t *testing.T) {
			conn := fresh(t, compressions[name])
			exec(t, conn, "CREATE TABLE t (d Date, n UInt64) ENGINE = MergeTree PARTITION BY d ORDER BY n")
			for _, c := range []struct {
				what, statement, text string
				settings              clickhouse.Settings
				code                  int32
			}{
				{what: "unknown table", statement: "SELECT * FROM nowhere", code: 60, text: "nowhere"},
				{what: "unknown database", statement: "SELECT * FROM nowhere.t", code: 81, text: "nowhere"},
				{what: "unknown column", statement: "SELECT nothing FROM t", code: 47, text: "nothing"},
				{what: "syntax", statement: "SELEC 1", code: 62, text: "SELEC"},
				{what: "open quote", statement: "SELECT 'a", code: 62},
				{what: "two statements", statement: "SELECT 1; SELECT 2", code: 62, text: "Multi-statements"},
				{what: "empty", statement: " ", code: 62, text: "Empty query"},
				{what: "type mismatch", statement: "SELECT CAST([1], 'Array(Array(UInt8))')", code: 53},
				{what: "memory limit", statement: "SELECT length(groupArray(toString(number))) FROM numbers(50000000)", settings: clickhouse.Settings{"max_memory_usage": 50 << 20}, code: 241},
				{what: "timeout", statement: "SELECT count() FROM numbers(1000000000000) WHERE sipHash64(number) = 1", settings: clickhouse.Settings{"max_execution_time": 1}, code: 159},
				{what: "partitions", statement: "INSERT INTO t SELECT toDate('2026-01-01') + number, number FROM numbers(200)", code: 252},
				{what: "read only", statement: "INSERT INTO t VALUES ('2026-01-01', 1)", settings: clickhouse.Settings{"readonly": 1}, code: 164},
				{what: "unknown setting", statement: "SELECT 1", settings: clickhouse.Settings{"no_such_setting": 1}, code: 115, text: "no_such_setting"},
				{what: "setting that is no name", statement: "SELECT 1", settings: clickhouse.Settings{"a = 1, readonly": 1}, code: 115},
				{what: "setting's value", statement: "SELECT 1", settings: clickhouse.Settings{"max_threads": "'; DROP TABLE t"}, code: 27},
				{what: "own error", statement: "SELECT throwIf(1, 'Code: 60. it''s mine')", code: 395, text: "it's mine"},
				{what: "a file", statement: "SELECT 1 INTO OUTFILE '/tmp/never'", code: 358},
				{what: "reading a file", statement: "SELECT * FROM file('/etc/hostname', 'LineAsString')", code: 497, text: "FILE"},
				{what: "reading a file as a table", statement: "SELECT * FROM default.`/etc/hostname`", code: 497},
				{what: "reading an address", statement: "SELECT * FROM url('http://127.0.0.1:1/', 'LineAsString')", code: 497, text: "URL"},
				{what: "infile", statement: "INSERT INTO t FROM INFILE '/etc/passwd' FORMAT CSV", code: 358},
				{what: "session", statement: "SELECT 1", settings: clickhouse.Settings{"session_id": "a"}, code: 48, text: "session"},
			} {
				t.Run(c.what, func(t *testing.T) {
					ctx := clickhouse.Context(t.Context(), clickhouse.WithSettings(c.settings))
					for way, err := range map[string]error{"Exec": conn.Exec(ctx, c.statement), "Query": queryAll(ctx, conn, c.statement)} {
						if codeOf(err) != c.code || !strings.Contains(err.Error(), c.text) {
							t.Errorf("%s: code %d, want %d and %q: %v", way, codeOf(err), c.code, c.text, err)
						}
					}
				})
			}
			if n := scalar[uint64](t, conn, "SELECT count() FROM t"); n != 0 {
				t.Errorf("refused statements left %d rows", n)
			}
		})
	}
}

func queryAll(ctx context.Context, conn driver.Conn, statement string) error {
	rows, err := conn.Query(ctx, statement)
	if err != nil {
		return err
	}
	for rows.Next() {
	}
	return errors.Join(rows.Err(), rows.Close())
}

// A native batch that ClickHouse refuses says why, whatever its size.
func TestBatchExceptions(t *testing.T) {
	for name, compression := range compressions {
		t.Run(name, func(t *testing.T) {
			conn := fresh(t, compression)
			exec(t, conn, "CREATE TABLE t (d Date, n UInt64, s String) ENGINE = MergeTree PARTITION BY d ORDER BY n")
			for what, c := range map[string]struct {
				rows     int
				settings clickhouse.Settings
				code     int32
			}{
				"partitions": {rows: 200, code: 252},
				"read only":  {rows: 100_000, settings: clickhouse.Settings{"readonly": 1}, code: 164},
				"memory":     {rows: 200_000, settings: clickhouse.Settings{"max_memory_usage": 10 << 20}, code: 241},
			} {
				ctx := clickhouse.Context(t.Context(), clickhouse.WithSettings(c.settings))
				batch, err := conn.PrepareBatch(ctx, "INSERT INTO t")
				if err != nil {
					t.Fatal(err)
				}
				day := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
				for i := range c.rows {
					if err := batch.Append(day.AddDate(0, 0, i%200), uint64(i), strings.Repeat("x", 100)); err != nil {
						t.Fatal(err)
					}
				}
				if err := batch.Send(); codeOf(err) != c.code {
					t.Errorf("%s: code %d, want %d: %v", what, codeOf(err), c.code, err)
				}
			}
			if n := scalar[uint64](t, conn, "SELECT count() FROM t"); n != 0 {
				t.Errorf("refused batches left %d rows", n)
			}
		})
	}
}

// An error after rows have been sent is still an exception with its code, and
// the rows before it were right.
func TestExceptionMidway(t *testing.T) {
	for name, compression := range compressions {
		t.Run(name, func(t *testing.T) {
			conn := fresh(t, compression)
			rows, err := conn.Query(t.Context(),
				"SELECT number, randomString(100) AS s, throwIf(number = 500000, 'midway') FROM numbers(1000000) SETTINGS max_block_size = 10000, max_threads = 1")
			if err != nil {
				t.Fatalf("the error came before any row: %v", err)
			}
			var n, last uint64
			for ; rows.Next(); n++ {
				var s string
				var zero uint8
				if err := rows.Scan(&last, &s, &zero); err != nil {
					t.Fatal(err)
				}
				if last != n || len(s) != 100 {
					t.Fatalf("row %d: %d, %d bytes", n, last, len(s))
				}
			}
			if err := rows.Err(); codeOf(err) != 395 || !strings.Contains(err.Error(), "midway") {
				t.Errorf("after %d rows: %v", n, err)
			}
			if n == 0 || n > 500000 {
				t.Errorf("%d rows came", n)
			}
			if err := queryAll(t.Context(), conn, "SELECT 1"); err != nil {
				t.Errorf("the next statement: %v", err)
			}
		})
	}
}

// An error within the first megabyte is an error of the whole answer.
func TestExceptionEarly(t *testing.T) {
	for name, compression := range compressions {
		t.Run(name, func(t *testing.T) {
			_, err := fresh(t, compression).Query(t.Context(),
				"SELECT number, throwIf(number = 50000) FROM numbers(100000) SETTINGS max_block_size = 1000, max_threads = 1")
			if codeOf(err) != 395 {
				t.Errorf("%v", err)
			}
		})
	}
}
