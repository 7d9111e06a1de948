package store

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"ringside/aggregate"
	"ringside/store/query"
)

type partRow struct {
	Call      uuid.UUID `ch:"call_id"`
	Queue     uuid.UUID `ch:"queue_id"`
	Visit     uint16    `ch:"visit"`
	Direction string    `ch:"direction"`
	Begun     time.Time `ch:"begun_at"`
	Outcome   string    `ch:"outcome"`
}

func partOf(c *aggregate.CallRow) partRow {
	return partRow{c.CallID, c.QueueID, c.Visit, c.Direction.String(), time.UnixMicro(c.BegunAt).UTC(), c.Outcome.String()}
}

func callsOfTheDay(t *testing.T, d *simulatedDay) {
	from, to := d.begin.Add(9*time.Hour), d.begin.Add(12*time.Hour)
	agents := map[uuid.UUID]int{}
	for _, c := range d.calls {
		for _, a := range c.AgentIDs {
			agents[a]++
		}
	}
	var two []uuid.UUID // two busy agents
	for a, n := range agents {
		if n > 3 && len(two) < 2 {
			two = append(two, a)
		}
	}
	var want []partRow
	for _, c := range d.calls {
		at := time.UnixMicro(c.BegunAt)
		if c.OrganizationID == d.organizations[0] && !at.Before(from) && at.Before(to) && slices.ContainsFunc(c.AgentIDs, func(a uuid.UUID) bool { return slices.Contains(two, a) }) {
			want = append(want, partOf(&c))
		}
	}
	slices.SortFunc(want, func(a, b partRow) int { return b.Begun.Compare(a.Begun) })
	f := d.of()
	f.Agents = two
	got := read[partRow](t, d.db, query.Calls(query.CallsFilter{Filter: f}, from, to))
	slices.SortStableFunc(got, func(a, b partRow) int { return b.Begun.Compare(a.Begun) })
	same(t, "calls of two agents", got, want)
}

// busiestCalls are the calls of the first organization with the most rows.
func (d *simulatedDay) busiestCalls(n int) (calls []uuid.UUID) {
	rows := map[uuid.UUID]int{}
	for _, c := range d.calls {
		if c.OrganizationID == d.organizations[0] {
			rows[c.CallID]++
		}
	}
	for call := range rows {
		calls = append(calls, call)
	}
	slices.SortFunc(calls, func(a, b uuid.UUID) int { return cmp.Or(rows[b]-rows[a], strings.Compare(a.String(), b.String())) })
	return calls[:n]
}

func partsOfTheDay(t *testing.T, d *simulatedDay) {
	for _, call := range d.busiestCalls(20) {
		var want []partRow
		for _, c := range d.calls {
			if c.CallID == call {
				want = append(want, partOf(&c))
			}
		}
		byPlace := func(a, b partRow) int {
			return cmp.Or(a.Begun.Compare(b.Begun), strings.Compare(a.Queue.String(), b.Queue.String()), cmp.Compare(a.Visit, b.Visit))
		}
		got := read[partRow](t, d.db, query.CallParts(query.Filter{Organizations: d.organizations[:1], Queues: []uuid.UUID{id(404)}}, call))
		if !slices.IsSortedFunc(got, func(a, b partRow) int { return a.Begun.Compare(b.Begun) }) {
			t.Errorf("not in order: %v", got)
		}
		slices.SortFunc(got, byPlace)
		slices.SortFunc(want, byPlace)
		same(t, "parts", got, want)
		if len(want) < 2 {
			t.Errorf("call %s has %d parts", call, len(want))
		}
		if n := len(read[partRow](t, d.db, query.CallParts(query.Filter{Organizations: d.organizations[1:]}, call))); n != 0 {
			t.Errorf("%d parts are shown to another organization", n)
		}
	}
}

type callEventRow struct {
	ID     uuid.UUID `ch:"event_id"`
	At     time.Time `ch:"happened_at"`
	Type   string    `ch:"type"`
	Reason string    `ch:"reason"`
	Body   string    `ch:"body"`
}

// Each event is there once, with its body: those that counted, the late ones and the orphans, of calls without rows, too.
func eventsOfTheDay(t *testing.T, d *simulatedDay) {
	calls := d.busiestCalls(10)
	for e := range d.late {
		if len(calls) < 40 && e.organization == d.organizations[0] && e.call != uuid.Nil {
			calls = append(calls, e.call)
		}
	}
	late := 0
	for _, call := range calls {
		want := map[uuid.UUID]keptEvent{}
		rows := slices.ContainsFunc(slices.Collect(maps.Keys(d.calls)), func(k callKey) bool { return k.call == call })
		for _, e := range d.events {
			if e.call == call && rows { // without rows of the call, no more is known than what late_events has
				want[e.id] = e
			}
		}
		for e := range d.late {
			if e.call == call {
				want[e.id] = e
				late++
			}
		}
		got := read[callEventRow](t, d.db, query.CallEvents(d.of(), call, 0))
		if len(got) != len(want) || !slices.IsSortedFunc(got, func(a, b callEventRow) int { return a.At.Compare(b.At) }) {
			t.Fatalf("call %s (rows: %v): %d events, want %d\n%v\n%v", call, rows, len(got), len(want), got, want)
		}
		for _, e := range got {
			w, known := want[e.ID]
			if !known || e.Reason != w.reason || e.At.UnixMicro() != w.at || !strings.Contains(strings.ToLower(e.Body), e.ID.String()) || e.Type == "" {
				t.Fatalf("event %+v, want %+v", e, w)
			}
		}
	}
	if late < 5 {
		t.Errorf("only %d late events and orphans were looked at", late)
	}
	if got := read[callEventRow](t, d.db, query.CallEvents(d.of(), calls[0], 3)); len(got) != 3 {
		t.Errorf("%d events, want 3", len(got))
	}
}
