package store

import (
	"bytes"
	"fmt"
	"runtime"
	"strings"
	"testing"

	"github.com/ClickHouse/ch-go/proto"
	"github.com/ClickHouse/clickhouse-go/v2/lib/column"
	"github.com/google/uuid"
)

func newColumn(tb testing.TB, wire string) column.Interface {
	tb.Helper()
	c, err := column.Type(wire).Column("c", &column.ServerContext{})
	if err != nil {
		tb.Fatal(err)
	}
	return c
}

func appendAll(tb testing.TB, c column.Interface, values any) []byte {
	tb.Helper()
	if _, err := c.Append(values); err != nil {
		tb.Fatal(err)
	}
	var b proto.Buffer
	c.Encode(&b)
	return b.Buf
}

func allocated() uint64 {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.TotalAlloc
}

// A column with room holds what one without holds, and does not grow. One reserver serves columns of all sizes.
func TestReservedColumnsDoNotGrow(t *testing.T) {
	var r reserver
	for _, c := range []struct{ texts, length int }{{1, 1}, {3, 5}, {1, 1 << 20}, {1000, 600}, {300_000, 3}, {10, 0}, {0, 0}, {2, 127}, {2, 128}} {
		t.Run(fmt.Sprintf("%d texts of %d", c.texts, c.length), func(t *testing.T) {
			texts := make([]string, c.texts)
			for i := range texts {
				texts[i] = strings.Repeat(string(rune('a'+i%26)), c.length)
			}
			reserved := newColumn(t, "String")
			r.reserve(reserved, c.texts, textBytes(texts))
			equal(t, "rows before", reserved.Rows(), 0)
			if total := c.texts * c.length; total >= 100_000 {
				before := allocated()
				if _, err := reserved.Append(texts); err != nil {
					t.Fatal(err)
				}
				if grown := allocated() - before; grown > uint64(total)/2 {
					t.Errorf("%d bytes were allocated for %d bytes of text", grown, total)
				}
				reserved.Reset()
			}
			if !bytes.Equal(appendAll(t, reserved, texts), appendAll(t, newColumn(t, "String"), texts)) {
				t.Error("the texts differ")
			}
		})
	}
	ids := make([]uuid.UUID, 70_000)
	for i := range ids {
		ids[i] = id(i)
	}
	reserved := newColumn(t, "UUID")
	r.reserveIDs(reserved, len(ids))
	if !bytes.Equal(appendAll(t, reserved, ids), appendAll(t, newColumn(t, "UUID"), ids)) {
		t.Error("the ids differ")
	}
}

func TestReserveLeavesOthersAlone(t *testing.T) {
	var r reserver
	c := newColumn(t, "Int64")
	r.reserve(c, 5, 40)
	r.reserveIDs(c, 5)
	equal(t, "rows", c.Rows(), 0)
	if r.reader != nil {
		t.Error("something was read for a column that needs no room")
	}
}
