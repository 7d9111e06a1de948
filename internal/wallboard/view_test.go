package wallboard

import (
	"fmt"
	"net/url"
	"strings"
	"testing"

	"github.com/google/uuid"

	"ringside/aggregate"
)

func TestSelection(t *testing.T) {
	b := newBench()
	b.names = map[uuid.UUID]string{id('o', 1): "Nordic Care", id('o', 2): "Lumber"}
	b.observe(0, aggregate.Rows{QueueStatus: []aggregate.QueueStatusRow{status(1, 1, "Sales", 0), status(1, 2, "Sales, large", 0),
		status(1, 3, "Ääni", 0), status(2, 4, "Repairs", 0)}})
	for query, want := range map[string]string{
		"":                              "Repairs|Sales|Sales, large|Ääni",
		"queues=SALES":                  "Sales|Sales, large",
		"queues=sales&queues=pair":      "Repairs|Sales|Sales, large",
		"queues=ääni,x":                 "Ääni",
		"queues=" + id('q', 4).String(): "Repairs",
		"queues=nothing":                "",
		"queues=,&org=":                 "Repairs|Sales|Sales, large|Ääni",
		"org=lumber":                    "Repairs",
		"org=" + id('o', 1).String():    "Sales|Sales, large|Ääni",
		"org=Lumber,nordic+care":        "Repairs|Sales|Sales, large|Ääni",
		"org=lumber&queues=sales":       "",
		"org=unknown":                   "",
		"org='+OR+1=1":                  "",
	} {
		values, err := url.ParseQuery(query)
		if err != nil {
			t.Fatal(err)
		}
		s, err := parseSelection(values)
		if err != nil {
			t.Errorf("%s: %v", query, err)
		}
		var names []string
		for _, f := range b.figures(t, s) {
			names = append(names, f.Name)
		}
		if got := strings.Join(names, "|"); got != want {
			t.Errorf("%s shows %s, want %s", query, got, want)
		}
	}
	for _, values := range []url.Values{{"queues": {strings.Repeat("a,", maxItems+1)}}, {"org": {strings.Repeat("a", maxItemBytes+1)}}} {
		if _, err := parseSelection(values); err == nil {
			t.Errorf("%.20q… is taken", values)
		}
	}
}

func TestManyOrganizationsAreShownOneByOne(t *testing.T) {
	b := newBench()
	for i := range maxTogether + 1 {
		b.observe(0, aggregate.Rows{QueueStatus: []aggregate.QueueStatusRow{status(byte(i), byte(i), fmt.Sprint(i), 0)}})
		want := i + 1
		if want > maxTogether {
			want = 1 // too many: the first
		}
		if m := b.newView(selection{}).snapshot(); len(m.Organizations) != want || len(m.Listed) != i+1 {
			t.Errorf("of %d organizations %d are shown and %d listed", i+1, len(m.Organizations), len(m.Listed))
		}
	}
}

// A reader is told what has changed since it was told, once, in its latest state, however long it was away.
func TestChanges(t *testing.T) {
	b := newBench()
	rows := func(waiting int32, queues ...byte) (r aggregate.Rows) {
		for _, q := range queues {
			r.QueueStatus = append(r.QueueStatus, status(1, q, fmt.Sprint(q), waiting))
		}
		return r
	}
	b.observe(0, rows(0, 1, 2, 3, 4))
	quick, slow, narrow := b.newView(selection{}), b.newView(selection{}), b.newView(selection{queues: []string{"3"}})
	for _, v := range []*view{quick, slow, narrow} {
		v.snapshot()
	}
	told := func(v *view) string {
		kind, m := v.next()
		text := kind
		for _, f := range figuresOf(t, m) {
			text += fmt.Sprintf(" %s=%d", f.Name, f.Waiting)
		}
		return text
	}
	for i := range int32(100) {
		b.observe(0, rows(i+1, 2))
		if got, want := told(quick), fmt.Sprintf("delta 2=%d", i+1); got != want {
			t.Fatalf("the quick reader is told %q, want %q", got, want)
		}
	}
	b.observe(0, rows(5, 4, 5))
	if got := told(slow); got != "delta 5=5 4=5 2=100" {
		t.Errorf("the slow reader is told %q", got)
	}
	if got := told(slow); got != "" {
		t.Errorf("and again %q", got)
	}
	if got := told(narrow); got != "delta" { // the organization's clock, no queue
		t.Errorf("the reader of one queue is told %q", got)
	}
	b.observe(0, rows(6, 3))
	if got := told(narrow); got != "delta 3=6" {
		t.Errorf("the reader of one queue is told %q", got)
	}
	b.keep(Status{Trouble: "the store is away"})
	if kind, m := quick.next(); kind != kindDelta || m.Trouble != "the store is away" {
		t.Errorf("trouble is told as %q %q", kind, m.Trouble)
	}
}
