package oracle

import (
	"strings"
	"testing"

	"ringside/aggregate"
)

func TestDiff(t *testing.T) {
	call := aggregate.CallRow{CallID: ID("call", "c1"), QueueID: ID("queue", "q1"), Visit: 1, EndedAt: 5, Wait: 3}
	with := func(change func(*aggregate.CallRow)) aggregate.Rows {
		c := call
		change(&c)
		return aggregate.Rows{Calls: []aggregate.CallRow{c}}
	}
	base := with(func(*aggregate.CallRow) {})
	for _, test := range []struct {
		name  string
		other aggregate.Rows
		want  string // "" if there is no difference
	}{
		{"equal", base, ""},
		{"a figure", with(func(c *aggregate.CallRow) { c.Wait = 4 }), "calls: c1 date 0 inbound queue q1 visit 1: Wait: 3 / 4"},
		{"zero or NULL where nothing happened", with(func(c *aggregate.CallRow) { c.Hold = aggregate.Null }), ""},
		{"wait is never zero for NULL", with(func(c *aggregate.CallRow) { c.Wait = aggregate.Null }), "Wait: 3 / -1"},
		{"outcome by name", with(func(c *aggregate.CallRow) { c.Outcome = aggregate.Lost }), "Outcome: open / lost"},
		{"another key", with(func(c *aggregate.CallRow) { c.Visit = 2 }), "only the second"},
		{"missing", aggregate.Rows{}, "only the first"},
		{"a window without figures", aggregate.Rows{Calls: base.Calls, Daily: []aggregate.DailyRow{{QueueDate: 7}}}, ""},
		{"a window", aggregate.Rows{Calls: base.Calls, Daily: []aggregate.DailyRow{{Sums: aggregate.Sums{Total: 1}}}}, "daily"},
		{"nested sums", aggregate.Rows{Calls: base.Calls, Accounting: []aggregate.AccountingRow{{Received: 1}}}, "accounting"},
	} {
		t.Run(test.name, func(t *testing.T) {
			got := Diff(base, test.other)
			if (got == "") != (test.want == "") || !strings.Contains(got, test.want) {
				t.Errorf("got %q, want it to contain %q", got, test.want)
			}
		})
	}
}

func TestWithoutOrphans(t *testing.T) {
	r := WithoutOrphans(aggregate.Rows{Orphans: make([]aggregate.OrphanRow, 2),
		Accounting: []aggregate.AccountingRow{{Received: 5, Accepted: 3, Orphan: 2}}})
	if len(r.Orphans) != 0 || r.Accounting[0].Accepted != 5 || r.Accounting[0].Orphan != 0 {
		t.Errorf("got %+v", r)
	}
}
