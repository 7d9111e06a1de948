package aggregate_test

import (
	"fmt"
	"maps"
	"slices"
	"testing"

	"ringside/aggregate"
)

// table is what a reader of the store sees: the last row of each key.
type table struct {
	calls     map[string]aggregate.CallRow
	daily     map[string]aggregate.DailyRow
	intervals map[string]aggregate.IntervalRow
	account   map[string]aggregate.AccountingRow
	orphans   map[string]aggregate.OrphanRow
	callbacks map[string]aggregate.CallbackRow
	lists     map[string]aggregate.CallbackListRow
	agents    map[string]aggregate.AgentIntervalRow
	rows      aggregate.Rows
}

func newTable() *table {
	return &table{map[string]aggregate.CallRow{}, map[string]aggregate.DailyRow{}, map[string]aggregate.IntervalRow{},
		map[string]aggregate.AccountingRow{}, map[string]aggregate.OrphanRow{},
		map[string]aggregate.CallbackRow{}, map[string]aggregate.CallbackListRow{}, map[string]aggregate.AgentIntervalRow{}, aggregate.Rows{}}
}

func put[T any](m map[string]T, key string, row T, deleted bool) {
	if deleted {
		delete(m, key)
		return
	}
	m[key] = row
}

// drain takes over what has changed in the core.
func (t *table) drain(c *aggregate.Core) {
	t.rows.Reset()
	c.Drain(aggregate.DrainAll, &t.rows)
	for _, r := range t.rows.Calls {
		r.AgentIDs = slices.Clone(r.AgentIDs)
		put(t.calls, fmt.Sprint(r.OrganizationID, r.CallDate, r.CallID, r.QueueID, r.Direction, r.Visit), r, r.Deleted)
	}
	for _, r := range t.rows.Daily {
		put(t.daily, fmt.Sprint(r.OrganizationID, r.QueueDate, r.QueueID), r, r.Deleted)
	}
	for _, r := range t.rows.Intervals {
		put(t.intervals, fmt.Sprint(r.OrganizationID, r.IntervalStart, r.QueueID), r, r.Deleted)
	}
	for _, r := range t.rows.AgentIntervals {
		put(t.agents, fmt.Sprint(r.OrganizationID, r.IntervalStart, r.AgentID, r.QueueID), r, r.Deleted)
	}
	for _, r := range t.rows.Accounting {
		put(t.account, fmt.Sprint(r.OrganizationID), r, false)
	}
	for _, r := range t.rows.Callbacks {
		r.Attempts = slices.Clone(r.Attempts)
		put(t.callbacks, fmt.Sprint(r.OrganizationID, r.CallbackDate, r.CallbackID), r, r.Deleted)
	}
	for _, r := range t.rows.CallLists {
		put(t.lists, fmt.Sprint(r.OrganizationID, r.CallListID), r, false)
	}
	for _, r := range t.rows.Orphans {
		put(t.orphans, fmt.Sprint(r.EventID), r, false)
	}
}

// compare reports the first few rows that differ.
func (t *table) compare(tb testing.TB, want *table) {
	tb.Helper()
	compareRows(tb, "calls", t.calls, want.calls)
	compareRows(tb, "daily", t.daily, want.daily)
	compareRows(tb, "intervals", t.intervals, want.intervals)
	compareRows(tb, "callbacks", t.callbacks, want.callbacks)
	compareRows(tb, "agents", t.agents, want.agents)
}

func compareRows[T any](tb testing.TB, name string, got, want map[string]T) {
	tb.Helper()
	shown := 0
	for k, w := range want {
		g, ok := got[k]
		if ok && fmt.Sprintf("%+v", g) == fmt.Sprintf("%+v", w) {
			continue
		}
		if shown++; shown > 3 {
			return
		}
		if !ok {
			tb.Errorf("%s: no row %s", name, k)
		} else {
			tb.Errorf("%s %s:\n got %+v\nwant %+v", name, k, g, w)
		}
	}
	if len(got) != len(want) {
		tb.Errorf("%s: %d rows, want %d", name, len(got), len(want))
	}
}

// all returns the rows of the table, in no order.
func (t *table) all() *aggregate.Rows {
	return &aggregate.Rows{Calls: slices.Collect(maps.Values(t.calls)), Daily: slices.Collect(maps.Values(t.daily)),
		Intervals: slices.Collect(maps.Values(t.intervals)), Accounting: slices.Collect(maps.Values(t.account)),
		Orphans: slices.Collect(maps.Values(t.orphans)), Callbacks: slices.Collect(maps.Values(t.callbacks)),
		CallLists: slices.Collect(maps.Values(t.lists)), AgentIntervals: slices.Collect(maps.Values(t.agents))}
}
