package aggregate

import (
	"encoding/binary"
	"testing"
	"time"

	"github.com/google/uuid"

	"ringside/ingest"
)

var callbackStart = ingest.FromGo(time.Date(2025, 3, 4, 9, 0, 0, 0, time.UTC))

func callbackID(of byte, n int) (id uuid.UUID) {
	id[0] = of
	binary.BigEndian.PutUint64(id[8:], uint64(n)*0x9E3779B97F4A7C15)
	return id
}

// openCallbacks gives a core n open callbacks on a list, each due so many seconds after the start as due says.
func openCallbacks(tb testing.TB, c *Core, n int, due func(i int) int) {
	tb.Helper()
	c.Advance(callbackStart) // the organization runs on the wall clock
	var e ingest.Event
	for i := range n {
		e.Reset()
		e.Type, e.ID, e.Timestamp, e.OrganizationID = ingest.CallbackChanged, callbackID('e', i), callbackStart, callbackID('o', 0)
		e.CallBackID, e.CallListID = callbackID('b', i), callbackID('l', 0)
		e.Callback.Modified = callbackStart
		e.Callback.DueDate = callbackStart.Add(time.Duration(due(i)) * time.Second)
		if r := c.Apply(&e); r != Accepted {
			tb.Fatal(r)
		}
		if i%500 == 0 {
			c.Settle()
		}
	}
	c.Drain(DrainAll, &Rows{})
}

// Ten thousand callbacks pass their due date without an event: the figures of their list follow to the second, and a list
// of which nothing changes has no row.
func TestDueDatesPassWithoutEvents(t *testing.T) {
	const callbacks, perSecond, from = 10_000, 20, 3700
	c := New(DefaultSettings())
	openCallbacks(t, c, callbacks, func(i int) int { return from + i/perSecond })
	var rows Rows
	at := func(second int) int32 { return int32(min(max(second-from+1, 0)*perSecond, callbacks)) } // whose due date has come by then
	for second := 1; second <= from+callbacks/perSecond+5; second++ {
		c.Advance(callbackStart.Add(time.Duration(second)*time.Second - 100))
		rows.Reset()
		c.Drain(DrainNow, &rows)
		if len(rows.CallLists) != 0 {
			t.Fatalf("100 ns before second %d: %+v", second, rows.CallLists)
		}
		c.Advance(callbackStart.Add(time.Duration(second) * time.Second))
		c.Drain(DrainAll, &rows)
		overdue, soon := at(second), at(second+3600)-at(second)
		if changes := overdue != at(second-1) || soon != at(second+3599)-at(second-1); !changes {
			if len(rows.CallLists) != 0 {
				t.Fatalf("second %d: nothing changes, but %+v", second, rows.CallLists)
			}
			continue
		}
		if len(rows.CallLists) != 1 || len(rows.Callbacks) != 0 {
			t.Fatalf("second %d: %d rows of lists, %d of callbacks", second, len(rows.CallLists), len(rows.Callbacks))
		}
		if l := rows.CallLists[0]; l.TotalOverDueDate != overdue || l.NextHourOverDueDate != soon || l.TotalOpenRequests != callbacks {
			t.Fatalf("second %d: overdue %d, within the hour %d, of %d, want %d, %d", second, l.TotalOverDueDate, l.NextHourOverDueDate,
				l.TotalOpenRequests, overdue, soon)
		}
	}
	if at(from+callbacks/perSecond) != callbacks {
		t.Fatal("not all have become overdue: nothing was tried")
	}
}

// A tick looks at the callbacks that have reached an instant, however many there are.
func TestTickCostsWhatChanges(t *testing.T) {
	c := New(DefaultSettings())
	openCallbacks(t, c, 100_000, func(i int) int {
		if i < 50 {
			return 100 + i // reaches "within the hour" at once, and is due in the run
		}
		return 1_000_000 + i
	})
	before := c.wokenCallbacks
	for second := 1; second <= 200; second++ {
		c.Advance(callbackStart.Add(time.Duration(second) * time.Second))
		c.Settle()
	}
	if woken := c.wokenCallbacks - before; woken != 50 {
		t.Errorf("%d callbacks were looked at, 50 have reached an instant", woken)
	}
}

// BenchmarkTick measures a tick of a second, and the drain after it, with a million open callbacks of which one reaches an
// instant in each second.
func BenchmarkTick(b *testing.B) {
	c := New(DefaultSettings())
	openCallbacks(b, c, 1_000_000, func(i int) int { return 3600 + i })
	var rows Rows
	second := 0
	for b.Loop() {
		second++
		c.Advance(callbackStart.Add(time.Duration(second) * time.Second))
		rows.Reset()
		c.Drain(DrainNow, &rows)
	}
	b.ReportMetric(float64(c.Sizes().Bytes)/1e6, "MB")
}

// Changes of callbacks that are known already do not allocate.
func TestCallbackChangesDoNotAllocate(t *testing.T) {
	c := New(DefaultSettings())
	openCallbacks(t, c, 1000, func(int) int { return 7200 })
	var e ingest.Event
	attempts := []ingest.CallbackAttempt{{Timestamp: callbackStart, TypeID: ingest.OptInt{Value: 2, Valid: true}}}
	number := []byte("+358401234567")
	n := 0
	change := func() {
		n++
		e.Reset()
		e.Type, e.ID, e.Timestamp, e.OrganizationID = ingest.CallbackChanged, callbackID('f', n), callbackStart.Add(time.Duration(n)*time.Millisecond), callbackID('o', 0)
		e.CallBackID, e.CallListID = callbackID('b', n%1000), callbackID('l', n%3)
		e.Callback.Modified, e.Callback.DueDate = e.Timestamp, callbackStart.Add(2*time.Hour)
		e.Callback.IsClosed, e.Callback.ContactNumber = n%2 == 0, number
		e.Callback.Attempts = append(e.Callback.Attempts, attempts...)
		if r := c.Apply(&e); r != Accepted {
			t.Fatal(r)
		}
		if n%500 == 0 {
			c.Settle()
		}
	}
	for range 40_000 {
		change()
	}
	if got := testing.AllocsPerRun(2000, change); got > 0 {
		t.Errorf("%v allocations for each change", got)
	}
}
