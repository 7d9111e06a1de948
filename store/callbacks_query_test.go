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

type listRow struct {
	List     uuid.UUID  `ch:"call_list_id"`
	Name     string     `ch:"call_list_name"`
	Observed time.Time  `ch:"observed_at"`
	Open     int32      `ch:"total_open_requests"`
	Free     int32      `ch:"total_free_for_allocation"`
	Overdue  int32      `ch:"total_over_due_date"`
	Serving  int32      `ch:"total_serving_agents"`
	Active   *int32     `ch:"total_active_agents"`
	Told     *time.Time `ch:"published_at"`
}

func listRowOf(r *aggregate.CallbackListRow) listRow {
	l := listRow{List: r.CallListID, Name: r.CallListID.String()[:8], Observed: time.UnixMicro(r.ObservedAt).UTC(), Open: r.TotalOpenRequests,
		Free: r.TotalFreeForAllocation, Overdue: r.TotalOverDueDate, Serving: r.TotalServingAgents}
	if r.TotalActiveAgents >= 0 {
		l.Active = &r.TotalActiveAgents
	}
	if r.PublishedAt > 0 {
		at := time.UnixMicro(r.PublishedAt).UTC()
		l.Told = &at
	}
	return l
}

// listAt is what was last observed of a list at or before an instant.
func (d *simulatedDay) listAt(list uuid.UUID, at time.Time) (last *aggregate.CallbackListRow) {
	for i := range d.lists {
		if r := &d.lists[i]; r.CallListID == list && r.ObservedAt <= at.UnixMicro() {
			last = r
		}
	}
	return last
}

// listsOf are the lists of the first organization, by id.
func (d *simulatedDay) listsOf() (lists []uuid.UUID) {
	for k := range d.listDims {
		if k[0] == d.organizations[0] {
			lists = append(lists, k[1])
		}
	}
	slices.SortFunc(lists, byID)
	return lists
}

func byID(a, b uuid.UUID) int { return strings.Compare(string(a[:]), string(b[:])) }

func byList(a, b listRow) int { return byID(a.List, b.List) }

func listsOfTheDay(t *testing.T, d *simulatedDay) {
	var want []listRow
	for _, list := range d.listsOf() {
		want = append(want, listRowOf(d.listAt(list, d.end.AddDate(1, 0, 0))))
	}
	got := read[listRow](t, d.db, query.CallbackLists(d.of()))
	slices.SortFunc(got, byList)
	same(t, "lists", got, want)
	f := d.of()
	f.CallLists = []uuid.UUID{want[1].List}
	same(t, "one list", read[listRow](t, d.db, query.CallbackLists(f)), want[1:])
	type ageRow struct {
		Told *time.Time `ch:"published_at"`
		Last time.Time  `ch:"last_event_at"`
		Age  *float64   `ch:"published_age_sec"`
	}
	for _, r := range read[ageRow](t, d.db, query.CallbackLists(d.of())) {
		if r.Last.UnixMicro() != d.accounts[d.organizations[0]].Horizon || r.Told == nil || *r.Age != r.Last.Sub(*r.Told).Seconds() {
			t.Errorf("the vendor's figures of %v are %v s old at %s", r.Told, r.Age, r.Last)
		}
	}
}

func listHistoryOfTheDay(t *testing.T, d *simulatedDay) {
	type historyRow struct {
		At time.Time `ch:"time"`
		listRow
	}
	last := time.UnixMicro(d.accounts[d.organizations[0]].Horizon).UTC()
	for what, c := range map[string]struct {
		from, to time.Time
		step     time.Duration
	}{
		"noon":               {d.begin.Add(10*time.Hour + time.Second), d.begin.Add(12 * time.Hour), 7 * time.Second},
		"days after":         {last.Add(-2 * time.Hour), last.AddDate(0, 0, 3), 10 * time.Minute}, // nothing after the last event
		"before it began":    {d.begin.Add(-time.Hour), d.begin.Add(time.Hour), time.Minute},
		"the day after only": {last.Add(2 * time.Hour), last.Add(3 * time.Hour), time.Minute},
		"an hour after":      {last.Add(-time.Hour), last.Add(time.Hour), time.Minute},
	} {
		var want []historyRow
		until := c.to
		if last.Before(c.to.Add(-time.Hour)) {
			until = last
		}
		for at := time.UnixMicro(c.from.UnixMicro() / c.step.Microseconds() * c.step.Microseconds()).UTC(); !at.After(until); at = at.Add(c.step) {
			for _, list := range d.listsOf() {
				if r := d.listAt(list, at); r != nil && at.After(c.from) {
					want = append(want, historyRow{at, listRowOf(r)})
				}
			}
		}
		got := read[historyRow](t, d.db, query.CallbackListHistory(d.of(), c.from, c.to, c.step))
		slices.SortStableFunc(got, func(a, b historyRow) int { return cmp.Or(a.At.Compare(b.At), byList(a.listRow, b.listRow)) })
		same(t, what, got, want)
		if what == "noon" && len(want) < 1000 {
			t.Errorf("%d rows only", len(want))
		}
	}
}

type requestRow struct {
	ID     uuid.UUID `ch:"callback_id"`
	Status string    `ch:"status"`
	Queue  string    `ch:"queue_name"`
}

// statusOf is the status of a request when its organization's last event was at now.
func statusOf(r *aggregate.CallbackRow, now int64) string {
	switch {
	case !r.Known:
		return "unknown"
	case r.IsClosed:
		return "closed"
	case r.ExpiryDate > 0 && r.ExpiryDate <= now:
		return "expired"
	case r.AssignedUserID != uuid.Nil:
		return "assigned"
	case r.NotBefore > now:
		return "hiding"
	}
	return "free"
}

func isOpen(status string) bool {
	return status == "assigned" || status == "hiding" || status == "free"
}

func createdAt(r *aggregate.CallbackRow) int64 {
	if r.CreatedAt > 0 {
		return r.CreatedAt
	}
	return r.LastEventAt
}

func requestsOfTheDay(t *testing.T, d *simulatedDay) {
	now := d.accounts[d.organizations[0]].Horizon
	sizes := map[int]bool{}
	for _, c := range []struct{ from, to time.Time }{
		{d.begin, d.end}, {d.begin.Add(9 * time.Hour), d.begin.Add(11 * time.Hour)}, {d.begin.AddDate(0, 0, -9), d.begin}, {d.end.AddDate(0, 0, 5), d.end.AddDate(0, 0, 6)},
	} {
		from, to := c.from.UnixMicro(), c.to.UnixMicro()
		var want []requestRow
		for _, r := range d.requests {
			status := statusOf(&r, now)
			if r.OrganizationID != d.organizations[0] || createdAt(&r) >= to || r.CreatedAt < from && (r.LastEventAt < from || r.LastEventAt >= to) && !isOpen(status) {
				continue
			}
			want = append(want, requestRow{r.CallbackID, status, d.queues[[2]uuid.UUID{r.OrganizationID, r.QueueID}].QueueName})
		}
		sizes[len(want)] = true
		byRequest := func(a, b requestRow) int { return byID(a.ID, b.ID) }
		got := read[requestRow](t, d.db, query.Callbacks(d.of(), c.from, c.to, 0))
		for i := range got {
			if i > 0 && isOpen(got[i].Status) && !isOpen(got[i-1].Status) {
				t.Errorf("%+v comes after %+v", got[i], got[i-1])
			}
		}
		slices.SortFunc(got, byRequest)
		slices.SortFunc(want, byRequest)
		same(t, "requests", got, want)
	}
	if len(sizes) < 3 {
		t.Errorf("numbers of requests: %v", sizes)
	}
}

type overviewRow struct {
	List         uuid.UUID `ch:"call_list_id"`
	Requests     uint64    `ch:"requests"`
	Answered     uint64    `ch:"answered"`
	Closed       uint64    `ch:"closed"`
	Open         uint64    `ch:"open"`
	Expired      uint64    `ch:"expired"`
	InDue        uint64    `ch:"closed_in_due"`
	InDueShare   *float64  `ch:"closed_in_due_percentage"`
	Attempts     *float64  `ch:"avg_attempts"`
	FirstAttempt *float64  `ch:"avg_time_to_first_attempt_sec"`
	Close        *float64  `ch:"avg_time_to_close_sec"`
	Recovered    uint64    `ch:"recovered"`
}

// meanOf is the mean of numbers, nil of none.
type meanOf struct{ sum, n float64 }

func (m *meanOf) add(v float64) { m.sum, m.n = m.sum+v, m.n+1 }

func (m *meanOf) value() *float64 {
	if m.n == 0 {
		return nil
	}
	v := m.sum / m.n
	return &v
}

// recovers tells whether a request reached a caller whose visit had ended without an answer.
func (d *simulatedDay) recovers(r *aggregate.CallbackRow) bool {
	if r.AnsweredAt == 0 {
		return false
	}
	for _, c := range d.calls {
		if c.CallID == r.CallID && c.QueueID == r.QueueID && c.Direction == aggregate.Inbound && (c.CallbackID == uuid.Nil || c.CallbackID == r.CallbackID) &&
			!slices.Contains([]aggregate.Outcome{aggregate.OutcomeOpen, aggregate.Answered, aggregate.Transferred, aggregate.PassedThrough}, c.Outcome) {
			return true
		}
	}
	return false
}

func overviewOfTheDay(t *testing.T, d *simulatedDay) {
	now, recovered := d.accounts[d.organizations[0]].Horizon, uint64(0)
	for _, c := range []struct{ from, to time.Time }{{d.begin, d.end}, {d.begin.Add(9 * time.Hour), d.begin.Add(11 * time.Hour)}, {d.end, d.end.AddDate(1, 0, 0)}} {
		lists := d.listsOf()
		if slices.ContainsFunc(slices.Collect(maps.Values(d.requests)), func(r aggregate.CallbackRow) bool {
			return r.OrganizationID == d.organizations[0] && r.CallListID == uuid.Nil && createdAt(&r) >= c.from.UnixMicro() && createdAt(&r) < c.to.UnixMicro()
		}) {
			lists = append([]uuid.UUID{uuid.Nil}, lists...)
		}
		var want []overviewRow
		for _, list := range lists {
			want = append(want, d.overview(list, c.from, c.to, now))
			recovered += want[len(want)-1].Recovered
		}
		got := read[overviewRow](t, d.db, query.CallbackOverview(d.of(), c.from, c.to))
		slices.SortFunc(got, func(a, b overviewRow) int { return byID(a.List, b.List) })
		same(t, "overview", got, want)
	}
	if recovered < 3 {
		t.Errorf("%d recovered", recovered)
	}
	type recoveredRow struct {
		ID uuid.UUID `ch:"callback_id"`
	}
	var want []string
	for _, r := range d.requests {
		if r.OrganizationID == d.organizations[0] && d.recovers(&r) {
			want = append(want, r.CallbackID.String())
		}
	}
	var got []string
	for _, r := range read[recoveredRow](t, d.db, query.Recovered(d.of(), d.begin, d.end, 0)) {
		got = append(got, r.ID.String())
	}
	slices.Sort(want)
	slices.Sort(got)
	same(t, "recovered", slices.Compact(got), want)
}

func (d *simulatedDay) overview(list uuid.UUID, from, to time.Time, now int64) overviewRow {
	o := overviewRow{List: list}
	var inDue, attempts, first, done meanOf
	for _, r := range d.requests {
		at := createdAt(&r)
		if r.OrganizationID != d.organizations[0] || r.CallListID != list || at < from.UnixMicro() || at >= to.UnixMicro() {
			continue
		}
		o.Requests++
		n := 0.
		for _, a := range r.Attempts {
			n += float64(a.Count)
		}
		attempts.add(n)
		switch status := statusOf(&r, now); {
		case status == "closed":
			o.Closed++
		case status == "expired":
			o.Expired++
		case isOpen(status):
			o.Open++
		}
		if r.AnsweredAt > 0 {
			o.Answered++
		}
		if d.recovers(&r) {
			o.Recovered++
		}
		if r.ClosedAt > 0 && r.DueDate > 0 {
			inDue.add(0)
			if r.ClosedAt <= r.DueDate {
				o.InDue++
				inDue.sum += 100
			}
		}
		if r.FirstAttemptAt > 0 && r.CreatedAt > 0 {
			first.add(max(0, float64(r.FirstAttemptAt-r.CreatedAt)/1e6))
		}
		if r.ClosedAt > 0 && r.CreatedAt > 0 {
			done.add(max(0, float64(r.ClosedAt-r.CreatedAt)/1e6))
		}
	}
	o.InDueShare, o.Attempts, o.FirstAttempt, o.Close = inDue.value(), attempts.value(), first.value(), done.value()
	return o
}
