package embedded_test

import (
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/google/uuid"
)

// Named parameters arrive as the value they were, whatever they contain.
func TestNamedParameters(t *testing.T) {
	conn := fresh(t)
	id := uuid.MustParse("00112233-4455-6677-8899-aabbccddeeff")
	at := time.Date(2026, 11, 21, 10, 11, 12, 123456000, time.UTC)
	day := time.Date(2026, 3, 29, 0, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		kind       string
		value, got any // got: a pointer to scan into
		want       any // nil: the value
	}{
		{kind: "UUID", value: id, got: new(uuid.UUID)},
		{kind: "UUID", value: id.String(), got: new(uuid.UUID), want: id},
		{kind: "String", value: "", got: new(string)},
		{kind: "String", value: "x", got: new(string)},
		{kind: "LowCardinality(String)", value: "x", got: new(string)},
		{kind: "UInt8", value: uint8(255), got: new(uint8)},
		{kind: "UInt16", value: uint16(65535), got: new(uint16)},
		{kind: "UInt32", value: uint32(1), got: new(uint32)},
		{kind: "UInt64", value: uint64(1) << 63, got: new(uint64)},
		{kind: "Int8", value: int8(-128), got: new(int8)},
		{kind: "Int16", value: int16(-1), got: new(int16)},
		{kind: "Int32", value: int32(-1), got: new(int32)},
		{kind: "Int64", value: int64(-1) << 62, got: new(int64)},
		{kind: "Float64", value: -1.25e-300, got: new(float64)},
		{kind: "Bool", value: true, got: new(bool)},
		{kind: "Date", value: "2026-03-29", got: new(time.Time), want: day},
		{kind: "Date32", value: "2026-03-29", got: new(time.Time), want: day},
		{kind: "DateTime", value: at.Truncate(time.Second), got: new(time.Time)},
		{kind: "DateTime64(6, 'UTC')", value: at, got: new(time.Time)},
		{kind: "Enum8('a' = 1, 'b' = 2)", value: "b", got: new(string)},
		{kind: "Nullable(String)", value: (*string)(nil), got: new(*string)},
		{kind: "Nullable(UInt64)", value: uint64(5), got: new(*uint64), want: ptr(uint64(5))},
		{kind: "Array(String)", value: []string{"a", "it's", `\`, "tab\t", ""}, got: new([]string)},
		{kind: "Array(UUID)", value: []uuid.UUID{id, uuid.Nil}, got: new([]uuid.UUID)},
		{kind: "Array(UInt64)", value: []uint64{1, 2}, got: new([]uint64)},
		{kind: "Array(UInt64)", value: []uint64{}, got: new([]uint64)},
		{kind: "Array(LowCardinality(String))", value: []string{"x", "x"}, got: new([]string)},
		{kind: "Map(String, String)", value: map[string]string{"k'": `v\`}, got: new(map[string]string)},
	} {
		t.Run(c.kind, func(t *testing.T) {
			err := conn.QueryRow(t.Context(), "SELECT {x:"+c.kind+"}", clickhouse.Named("x", c.value)).Scan(c.got)
			if err != nil {
				t.Fatal(err)
			}
			if c.want == nil {
				c.want = c.value
			}
			if got := reflect.ValueOf(c.got).Elem().Interface(); !equal(got, c.want) {
				t.Errorf("%#v, want %#v", got, c.want)
			}
		})
	}
}

// A parameter is a value, never a part of the statement.
func TestHostileParameters(t *testing.T) {
	conn := fresh(t)
	exec(t, conn, "CREATE TABLE t (s String) ENGINE = MergeTree ORDER BY s")
	for _, s := range []string{
		"'", "''", `\'`, `\\`, "'; DROP TABLE t; --", "{x:String}", "$a$", "`", "/*", "--", "\x00", "\n", "\r\n\t",
		"\\N", "NULL", "%", "&x=1", "param_y=1", "žluť 🐎", strings.Repeat("'\\", 5000),
	} {
		if got := scalar[string](t, conn, "SELECT {x:String}", clickhouse.Named("x", s)); got != s {
			t.Errorf("%q came back as %q", s, got)
		}
		exec(t, conn, "INSERT INTO t VALUES ({x:String})", clickhouse.Named("x", s))
		if n := scalar[uint64](t, conn, "SELECT count() FROM t WHERE s = {x:String}", clickhouse.Named("x", s)); n != 1 {
			t.Errorf("%q is stored %d times", s, n)
		}
	}
}

func TestIdentifierParameter(t *testing.T) {
	conn := fresh(t)
	exec(t, conn, "CREATE TABLE `a b` (s String) ENGINE = Memory")
	exec(t, conn, "INSERT INTO {t:Identifier} VALUES ('x')", clickhouse.Named("t", "a b"))
	if n := scalar[uint64](t, conn, "SELECT count() FROM {t:Identifier}", clickhouse.Named("t", "a b")); n != 1 {
		t.Errorf("%d rows", n)
	}
}

// Statements reach ClickHouse whole, however they are written.
func TestStatements(t *testing.T) {
	conn := fresh(t)
	exec(t, conn, "CREATE TABLE t (a UInt64, s String DEFAULT 'd') ENGINE = MergeTree ORDER BY a")
	for _, s := range []string{
		"INSERT INTO t VALUES (1, 'a; b -- c'), (2, 'VALUES')",
		"INSERT INTO t (a) VALUES (3)",
		"/* FORMAT CSV */ INSERT INTO t -- SELECT\n SELECT 4, 'FORMAT Native'",
		"INSERT INTO t FORMAT JSONEachRow {\"a\": 5, \"s\": \"\\n\"}\n{\"a\": 6}",
		"INSERT INTO t SETTINGS max_insert_block_size = 1000 FORMAT CSV\n7,x\n8,\"y\"\"\"\n",
		"INSERT INTO t (a) WITH 9 AS x SELECT x",
		"INSERT INTO t (a)(SELECT 10);",
		"insert into t select * from (select 11, 'x') settings max_threads = 1",
	} {
		exec(t, conn, s)
	}
	if got := scalar[[]uint64](t, conn, "SELECT arraySort(groupArray(a)) FROM t"); !reflect.DeepEqual(got, []uint64{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11}) {
		t.Errorf("rows %v", got)
	}
	if got := scalar[string](t, conn, "SELECT s FROM t WHERE a = 8"); got != `y"` {
		t.Errorf("row 8: %q", got)
	}
	if got := scalar[uint64](t, conn, "(SELECT count() FROM t) -- the end;"); got != 11 {
		t.Errorf("count %d", got)
	}
}
