package store

import (
	"fmt"
	"slices"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/column"
	"github.com/google/uuid"

	"ringside/aggregate"
)

// entry is a row that waits to be written.
type entry[R any] struct {
	row       R
	version   uint64
	partition int32 // of Kafka
	deleted   bool
}

// columnOf fills one column of a block from the rows.
type columnOf[R any] interface {
	header() clickhouse.ColumnNameAndType
	appendTo(c column.Interface, rows []entry[R], r *reserver) error
}

// sliceColumn hands the driver one typed slice a block; the slice is kept for the next.
type sliceColumn[R, T any] struct {
	name, wire string
	get        func(*entry[R]) T
	buffer     []T
}

func (c *sliceColumn[R, T]) header() clickhouse.ColumnNameAndType {
	return clickhouse.ColumnNameAndType{Name: c.name, Type: c.wire}
}

func (c *sliceColumn[R, T]) appendTo(to column.Interface, rows []entry[R], r *reserver) error {
	b := slices.Grow(c.buffer[:0], len(rows))
	for i := range rows {
		b = append(b, c.get(&rows[i]))
	}
	r.reserve(to, len(b), textBytes(b))
	r.reserveIDs(to, len(b))
	_, err := to.Append(b)
	clear(b) // no reference to the rows stays behind
	c.buffer = b
	return err
}

// textBytes returns the length of all texts; 0 if values are none.
func textBytes(values any) (n int) {
	texts, _ := values.([]string)
	for _, t := range texts {
		n += len(t)
	}
	return n
}

// The wire types are the plain ones: ClickHouse converts String to LowCardinality(String) and Int8 to Enum8 as it
// reads a block, and the driver's own way of building those is many times slower.

func col[R, T any](name, wire string, get func(*entry[R]) T) columnOf[R] {
	return &sliceColumn[R, T]{name: name, wire: wire, get: get}
}

func idCol[R any](name string, get func(*R) uuid.UUID) columnOf[R] {
	return col(name, "UUID", func(e *entry[R]) uuid.UUID { return get(&e.row) })
}

func textCol[R any](name string, get func(*R) string) columnOf[R] {
	return col(name, "String", func(e *entry[R]) string { return get(&e.row) })
}

// bytesColumn hands over one text after another, by reference: the driver makes a string of each that comes in a slice.
type bytesColumn[R any] struct {
	name string
	get  func(*R) *[]byte
}

func (c *bytesColumn[R]) header() clickhouse.ColumnNameAndType {
	return clickhouse.ColumnNameAndType{Name: c.name, Type: "String"}
}

func (c *bytesColumn[R]) appendTo(to column.Interface, rows []entry[R], r *reserver) error {
	n := 0
	for i := range rows {
		n += len(*c.get(&rows[i].row))
	}
	r.reserve(to, len(rows), n)
	for i := range rows {
		if err := to.AppendRow(c.get(&rows[i].row)); err != nil {
			return err
		}
	}
	return nil
}

func bytesCol[R any](name string, get func(*R) *[]byte) columnOf[R] {
	return &bytesColumn[R]{name, get}
}

func int64Col[R any](name string, get func(*R) int64) columnOf[R] {
	return col(name, "Int64", func(e *entry[R]) int64 { return get(&e.row) })
}

func int32Col[R any](name string, get func(*R) int32) columnOf[R] {
	return col(name, "Int32", func(e *entry[R]) int32 { return get(&e.row) })
}

func uint8Col[R any](name string, get func(*R) uint8) columnOf[R] {
	return col(name, "UInt8", func(e *entry[R]) uint8 { return get(&e.row) })
}

func uint16Col[R any](name string, get func(*R) uint16) columnOf[R] {
	return col(name, "UInt16", func(e *entry[R]) uint16 { return get(&e.row) })
}

func boolCol[R any](name string, get func(*R) bool) columnOf[R] {
	return col(name, "Bool", func(e *entry[R]) bool { return get(&e.row) })
}

func floatCol[R any](name string, get func(*R) float64) columnOf[R] {
	return col(name, "Float64", func(e *entry[R]) float64 { return get(&e.row) })
}

// enumCol checks what ClickHouse does not when it converts Int8: a value that the Enum8 lacks would be stored and make
// every query of the column fail.
func enumCol[R any, E ~uint8](name string, last E, get func(*R) E) columnOf[R] {
	return col(name, "Int8", func(e *entry[R]) int8 {
		v := get(&e.row)
		if v > last {
			panic(fmt.Sprintf("BUG: %s %d is beyond %d, the last one", name, v, last))
		}
		return int8(v)
	})
}

// instantCol takes microseconds since the Unix epoch.
func instantCol[R any](name string, get func(*R) int64) columnOf[R] {
	return col(name, "DateTime64(6, 'UTC')", func(e *entry[R]) time.Time { return time.UnixMicro(clampMicros(get(&e.row))).UTC() })
}

// dateCol takes days since the Unix epoch.
func dateCol[R any](name string, get func(*R) int32) columnOf[R] {
	return col(name, "Date", func(e *entry[R]) time.Time { return time.Unix(int64(get(&e.row))*secondsPerDay, 0).UTC() })
}

func histogramCol[R any](name string, get func(*R) []aggregate.HistogramBucket) columnOf[R] {
	return col(name, "Map(UInt16, UInt64)", func(e *entry[R]) histogramMap { return get(&e.row) })
}

// ownerCols are the last columns of every table: whose row it is and which version.
func ownerCols[R any]() []columnOf[R] {
	return append([]columnOf[R]{col("kafka_partition", "Int32", func(e *entry[R]) int32 { return e.partition })}, versionCols[R]()...)
}

func versionCols[R any]() []columnOf[R] {
	return []columnOf[R]{
		col("version", "UInt64", func(e *entry[R]) uint64 { return e.version }),
		col("is_deleted", "UInt8", func(e *entry[R]) uint8 {
			if e.deleted {
				return 1
			}
			return 0
		}),
	}
}

const (
	secondsPerDay = 86400
	microsPerDay  = secondsPerDay * 1e6

	// maxMicros is 2100-01-01: within what every date type of ClickHouse holds. Nothing real is later; an open end is.
	maxMicros = 4_102_444_800 * 1e6
)

func clampMicros(us int64) int64 { return min(max(us, 0), maxMicros) }

// histogramMap shows a histogram to the driver as a map without building one.
type histogramMap []aggregate.HistogramBucket

// Put is part of the driver's interface and not used in inserts.
func (histogramMap) Put(any, any) { panic("BUG: a histogram is only written") }

// Iterator implements the driver's interface of maps.
func (h histogramMap) Iterator() column.MapIterator { return &histogramIterator{h, -1} }

type histogramIterator struct {
	h histogramMap
	i int
}

func (it *histogramIterator) Next() bool { it.i++; return it.i < len(it.h) }
func (it *histogramIterator) Key() any   { return it.h[it.i].Bucket }
func (it *histogramIterator) Value() any { return uint64(it.h[it.i].Count) }
