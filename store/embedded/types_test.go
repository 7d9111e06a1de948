package embedded_test

import (
	"fmt"
	"math"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
	"github.com/google/uuid"
)

// typeCase is a column type with the values it must carry unharmed, as a slice
// of the Go type that the driver appends by column and scans into.
type typeCase struct {
	kind   string
	values any
}

func ptr[T any](v T) *T { return &v }

func typeCases() []typeCase {
	text := []string{"", "plain", "it's \\ \"quoted\"", "zero\x00byte\r\n\t", "žluťoučký 🐎", strings.Repeat("long ", 20000), string([]byte{0xff, 0xfe})}
	ids := []uuid.UUID{uuid.Nil, uuid.Max, uuid.MustParse("00112233-4455-6677-8899-aabbccddeeff"), uuid.New()}
	micro := time.Date(2026, 11, 21, 10, 11, 12, 123456000, time.UTC)
	days := []time.Time{time.Date(1970, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(2026, 3, 29, 0, 0, 0, 0, time.UTC), time.Date(2149, 6, 6, 0, 0, 0, 0, time.UTC)}
	cases := []typeCase{
		{"UUID", ids},
		{"String", text},
		{"LowCardinality(String)", text},
		// The driver reads no enumeration with a quote in a name.
		{"Enum8('open' = 1, 'it is' = -128, 'closed' = 127)", []string{"open", "it is", "closed"}},
		// The driver computes in nanoseconds: after 2262-04-11 a time comes back wrong.
		{"DateTime64(6, 'UTC')", []time.Time{micro, micro.Add(time.Microsecond), time.Unix(0, 0), time.Date(1900, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(2262, 4, 11, 23, 47, 16, 854775000, time.UTC)}},
		{"DateTime", []time.Time{time.Unix(0, 0), micro.Truncate(time.Second), time.Unix(math.MaxUint32, 0)}},
		{"DateTime('UTC')", []time.Time{micro.Truncate(time.Second)}},
		{"Date", days},
		{"Date32", append([]time.Time{time.Date(1900, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(2299, 12, 31, 0, 0, 0, 0, time.UTC)}, days...)},
		{"UInt8", []uint8{0, 1, 255}},
		{"UInt16", []uint16{0, 1, math.MaxUint16}},
		{"UInt32", []uint32{0, 1, math.MaxUint32}},
		{"UInt64", []uint64{0, 1, math.MaxUint64}},
		{"Int8", []int8{0, math.MinInt8, math.MaxInt8}},
		{"Int16", []int16{0, math.MinInt16, math.MaxInt16}},
		{"Int32", []int32{0, math.MinInt32, math.MaxInt32}},
		{"Int64", []int64{0, math.MinInt64, math.MaxInt64}},
		{"Float64", []float64{0, -1.5, math.MaxFloat64, math.SmallestNonzeroFloat64, math.Inf(1), math.Inf(-1)}},
		{"Bool", []bool{true, false}},
		{"Array(UUID)", [][]uuid.UUID{{}, ids, {uuid.Nil}}},
		{"Array(LowCardinality(String))", [][]string{{}, text, {""}}},
		{"Array(String)", [][]string{text, {}}},
		{"Array(UInt64)", [][]uint64{{0, math.MaxUint64}, {}, {7}}},
		{"Array(Nullable(UInt64))", [][]*uint64{{nil, ptr(uint64(7))}, {}}},
		{"Array(DateTime64(6, 'UTC'))", [][]time.Time{{micro, time.Unix(0, 0)}, {}}},
		{"Array(Array(UInt16))", [][][]uint16{{{1, 2}, {}, {3}}, {}}},
		{"Map(UInt16, UInt64)", []map[uint16]uint64{{}, {0: 0, 65535: math.MaxUint64}, {7: 1}}},
		{"Map(String, String)", []map[string]string{{"": "", "k'": "v\x00"}, {}}},
		{"Map(LowCardinality(String), Array(UInt8))", []map[string][]uint8{{"a": {1, 2}, "b": {}}, {}}},
		{"Tuple(a UInt8, b String)", []map[string]any{{"a": uint8(1), "b": "x"}, {"a": uint8(0), "b": ""}}},
		{"Array(Tuple(at DateTime64(6, 'UTC'), agent UUID, n UInt32))", [][]map[string]any{
			{{"at": micro, "agent": ids[2], "n": uint32(3)}, {"at": time.Unix(0, 0), "agent": uuid.Nil, "n": uint32(0)}}, {}}},
		{"Nullable(UUID)", []*uuid.UUID{nil, &ids[2]}},
		{"Nullable(String)", []*string{nil, ptr(""), ptr("a")}},
		{"LowCardinality(Nullable(String))", []*string{nil, ptr(""), ptr("a"), ptr("a")}},
		{"Nullable(Enum8('a' = 1, 'b' = 2))", []*string{nil, ptr("b")}},
		{"Nullable(DateTime64(6, 'UTC'))", []*time.Time{nil, &micro}},
		{"Nullable(DateTime)", []*time.Time{nil, ptr(micro.Truncate(time.Second))}},
		{"Nullable(Date)", []*time.Time{nil, &days[1]}},
		{"Nullable(Date32)", []*time.Time{nil, &days[1]}},
		{"Nullable(UInt8)", []*uint8{nil, ptr(uint8(255))}},
		{"Nullable(UInt16)", []*uint16{nil, ptr(uint16(1))}},
		{"Nullable(UInt32)", []*uint32{nil, ptr(uint32(1))}},
		{"Nullable(UInt64)", []*uint64{nil, ptr(uint64(math.MaxUint64))}},
		{"Nullable(Int8)", []*int8{nil, ptr(int8(-1))}},
		{"Nullable(Int16)", []*int16{nil, ptr(int16(-1))}},
		{"Nullable(Int32)", []*int32{nil, ptr(int32(-1))}},
		{"Nullable(Int64)", []*int64{nil, ptr(int64(math.MinInt64))}},
		{"Nullable(Float64)", []*float64{nil, ptr(0.1)}},
		{"Nullable(Bool)", []*bool{nil, ptr(true), ptr(false)}},
	}
	return cases
}

// Every type of the schema survives insert and select: appended row by row and
// by column, read scanned and by a scan into the same Go type.
func TestTypesRoundTrip(t *testing.T) {
	for name, compression := range compressions {
		t.Run(name, func(t *testing.T) {
			conn := fresh(t, compression)
			for i, c := range typeCases() {
				t.Run(c.kind, func(t *testing.T) { roundTrip(t, conn, fmt.Sprintf("t%d", i), c) })
			}
		})
	}
}

func roundTrip(t *testing.T, conn driver.Conn, table string, c typeCase) {
	exec(t, conn, fmt.Sprintf("CREATE TABLE %s (n UInt32, v %s) ENGINE = MergeTree ORDER BY n", table, c.kind))
	values := reflect.ValueOf(c.values)
	batch, err := conn.PrepareBatch(t.Context(), "INSERT INTO "+table+" (n, v)")
	if err != nil {
		t.Fatal(err)
	}
	for i := range values.Len() {
		if err := batch.Append(uint32(i), values.Index(i).Interface()); err != nil {
			t.Fatal(err)
		}
	}
	if err := batch.Send(); err != nil {
		t.Fatal(err)
	}
	columnar(t, conn, table, values)
	rows, err := conn.Query(t.Context(), "SELECT n, v FROM "+table+" ORDER BY n")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = rows.Close() }()
	got := 0
	for ; rows.Next(); got++ {
		var n uint32
		v := reflect.New(values.Type().Elem())
		if err := rows.Scan(&n, v.Interface()); err != nil {
			t.Fatal(err)
		}
		want := values.Index(int(n) % values.Len()).Interface()
		if !equal(v.Elem().Interface(), want) {
			t.Errorf("row %d: %#v, want %#v", n, v.Elem().Interface(), want)
		}
	}
	if err := rows.Err(); err != nil || got != 2*values.Len() {
		t.Errorf("%d rows of %d: %v", got, 2*values.Len(), err)
	}
}

// columnar inserts the values again, numbered on, a column at a time.
func columnar(t *testing.T, conn driver.Conn, table string, values reflect.Value) {
	batch, err := conn.PrepareBatch(t.Context(), "INSERT INTO "+table+" (v, n)")
	if err != nil {
		t.Fatal(err)
	}
	numbers := make([]uint32, values.Len())
	for i := range numbers {
		numbers[i] = uint32(values.Len() + i)
	}
	if err := batch.Column(0).Append(values.Interface()); err != nil {
		t.Fatal(err)
	}
	if err := batch.Column(1).Append(numbers); err != nil {
		t.Fatal(err)
	}
	if err := batch.Send(); err != nil {
		t.Fatal(err)
	}
}

func TestNaN(t *testing.T) {
	if v := scalar[float64](t, fresh(t), "SELECT nan"); !math.IsNaN(v) {
		t.Errorf("nan came as %v", v)
	}
}

func TestEmpty(t *testing.T) {
	for name, compression := range compressions {
		t.Run(name, func(t *testing.T) {
			conn := fresh(t, compression)
			exec(t, conn, "CREATE TABLE t (v UInt8) ENGINE = MergeTree ORDER BY v")
			batch, err := conn.PrepareBatch(t.Context(), "INSERT INTO t")
			if err != nil {
				t.Fatal(err)
			}
			if err := batch.Send(); err != nil {
				t.Errorf("a batch without rows: %v", err)
			}
			rows, err := conn.Query(t.Context(), "SELECT v FROM t")
			if err != nil {
				t.Fatal(err)
			}
			if rows.Next() || rows.Err() != nil {
				t.Errorf("no rows: %v", rows.Err())
			}
			if n := scalar[uint64](t, conn, "SELECT count() FROM t"); n != 0 {
				t.Errorf("count %d", n)
			}
		})
	}
}
