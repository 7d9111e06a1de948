package store

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"ringside/aggregate"
	"ringside/store/query"
)

type agentRow struct {
	Agent uuid.UUID `ch:"agent_id"`
	Name  string    `ch:"agent_name"`
	State string    `ch:"state"`
	Sec   *float64  `ch:"state_sec"`
	Queue string    `ch:"queue_name"`
	Stale bool      `ch:"stale"`
}

// lastOfAgents is what was last observed of each agent of the first organization at or before an instant.
func (d *simulatedDay) lastOfAgents(at int64) map[uuid.UUID]*aggregate.AgentStatusRow {
	last := map[uuid.UUID]*aggregate.AgentStatusRow{}
	for i := range d.agentStatus {
		if r := &d.agentStatus[i]; r.OrganizationID == d.organizations[0] && r.ObservedAt <= at {
			last[r.AgentID] = r
		}
	}
	return last
}

// attached tells whether an agent is attached to a queue now.
func (d *simulatedDay) attached(agent, queue uuid.UUID) bool {
	return slices.Contains(d.agents[[2]uuid.UUID{d.organizations[0], agent}].Queues, queue)
}

// aQueue is a queue of the first organization that has agents, and one of its groups.
func (d *simulatedDay) aQueue() (queue, group uuid.UUID) {
	for k, q := range d.queues {
		if k[0] != d.organizations[0] || q.Deleted || len(q.Groups) == 0 {
			continue
		}
		for a := range d.agents {
			if d.attached(a[1], k[1]) {
				return k[1], q.Groups[0]
			}
		}
	}
	return
}

func (d *simulatedDay) agentRows(keep func(uuid.UUID) bool) (rows []agentRow) {
	horizon := d.accounts[d.organizations[0]].Horizon
	for _, r := range d.lastOfAgents(horizon + 1e12) {
		if !keep(r.AgentID) {
			continue
		}
		a := agentRow{Agent: r.AgentID, Name: r.AgentName, State: r.State.String(), Queue: d.queues[[2]uuid.UUID{r.OrganizationID, r.QueueID}].QueueName, Stale: r.Stale}
		if r.StateSince > 0 {
			a.Sec = number(float64(max(0, max(horizon, r.ObservedAt)-r.StateSince)) / 1e6)
		}
		rows = append(rows, a)
	}
	slices.SortFunc(rows, func(a, b agentRow) int { return cmp.Or(strings.Compare(a.Name, b.Name), byID(a.Agent, b.Agent)) })
	return rows
}

func agentsOfTheDay(t *testing.T, d *simulatedDay) {
	queue, group := d.aQueue()
	inGroup := func(agent uuid.UUID) bool {
		for k, q := range d.queues {
			if slices.Contains(q.Groups, group) && !q.Deleted && d.attached(agent, k[1]) {
				return true
			}
		}
		return false
	}
	some := []uuid.UUID{}
	for a := range d.lastOfAgents(d.end.UnixMicro()) {
		if some = append(some, a); len(some) == 3 {
			break
		}
	}
	for what, c := range map[string]struct {
		f    query.Filter
		keep func(uuid.UUID) bool
	}{
		"all":   {d.of(), func(uuid.UUID) bool { return true }},
		"queue": {query.Filter{Organizations: d.organizations[:1], Queues: []uuid.UUID{queue}}, func(a uuid.UUID) bool { return d.attached(a, queue) }},
		"group": {query.Filter{Organizations: d.organizations[:1], Groups: []uuid.UUID{group}}, inGroup},
		"some": {query.Filter{Organizations: d.organizations[:1], Agents: some, Queues: []uuid.UUID{queue}},
			func(a uuid.UUID) bool { return slices.Contains(some, a) && d.attached(a, queue) }},
	} {
		want := d.agentRows(c.keep)
		got := read[agentRow](t, d.db, query.Agents(c.f, d.end.AddDate(0, 1, 0)))
		slices.SortStableFunc(got, func(a, b agentRow) int { return cmp.Or(strings.Compare(a.Name, b.Name), byID(a.Agent, b.Agent)) })
		same(t, what, got, want)
		if what == "all" && len(want) < 50 || what == "queue" && (len(want) == 0 || len(want) > 40) {
			t.Errorf("%s: %d agents", what, len(want))
		}
		states := map[string]any{"agents": uint64(len(want)), "stale": uint64(0)}
		for s := range aggregate.NumAgentStates {
			states[s.String()] = uint64(0)
		}
		for _, r := range want {
			states[r.State] = states[r.State].(uint64) + 1
			if r.Stale {
				states["stale"] = states["stale"].(uint64) + 1
			}
		}
		s := query.AgentStates(c.f, d.end.AddDate(0, 1, 0))
		for name, n := range states {
			counted := query.Statement{SQL: "SELECT " + name + " FROM (" + s.SQL + ")", Parameters: s.Parameters}
			var got uint64
			if err := d.db.Conn().QueryRow(t.Context(), counted.SQL, namedArgs(counted)...).Scan(&got); err != nil || got != n {
				t.Errorf("%s: %d %s (%v), want %v", what, got, name, err, n)
			}
		}
	}
}

type timelineRow struct {
	At    time.Time `ch:"time"`
	Agent uuid.UUID `ch:"agent_id"`
	Name  string    `ch:"agent_name"`
	State string    `ch:"state"`
}

// The states that a timeline shows at any instant are those that were observed then.
func timelineOfTheDay(t *testing.T, d *simulatedDay) {
	last := time.UnixMicro(d.accounts[d.organizations[0]].Horizon).UTC()
	for what, c := range map[string]struct{ from, to time.Time }{
		"day":        {d.begin, d.end},
		"noon":       {d.begin.Add(9*time.Hour + 1), d.begin.Add(12 * time.Hour)},
		"days after": {d.end.Add(-time.Hour), last.AddDate(0, 0, 2)},
		"long after": {last.Add(2 * time.Hour), last.Add(8 * time.Hour)},
	} {
		rows := read[timelineRow](t, d.db, query.AgentTimeline(d.of(), c.from, c.to, 0))
		shown := map[uuid.UUID][]timelineRow{}
		for i, r := range rows {
			if i > 0 && r.At.Before(rows[i-1].At) {
				t.Fatalf("%s: not in order", what)
			}
			if had := shown[r.Agent]; len(had) == 0 && !r.At.Equal(c.from.Truncate(time.Microsecond)) || len(had) > 0 && had[len(had)-1].State == r.State {
				t.Fatalf("%s: %+v follows %+v", what, r, had)
			}
			if r.Name != d.agents[[2]uuid.UUID{d.organizations[0], r.Agent}].AgentName {
				t.Fatalf("%s: the name of %+v", what, r)
			}
			shown[r.Agent] = append(shown[r.Agent], r)
		}
		until := c.to
		if last.Before(c.to.Add(-time.Hour)) {
			until = last
		}
		observed := 0
		for at := c.from; at.Before(c.to); at = at.Add(c.to.Sub(c.from) / 97) {
			was := d.lastOfAgents(at.UnixMicro())
			for agent, changes := range shown {
				i, _ := slices.BinarySearchFunc(changes, at.Add(time.Microsecond), func(r timelineRow, at time.Time) int { return r.At.Compare(at) })
				want := "unknown"
				if r := was[agent]; r != nil && !r.Stale && !at.After(until) {
					want = r.State.String()
					observed++
				}
				if got := changes[max(i-1, 0)].State; got != want {
					t.Fatalf("%s: at %s agent %s is %s, want %s: %+v", what, at, agent, got, want, changes)
				}
			}
		}
		if what != "long after" && observed < 1000 {
			t.Errorf("%s: %d states were looked at", what, observed)
		}
	}
	if got := read[timelineRow](t, d.db, query.AgentTimeline(d.of(), d.begin, d.end, 10)); len(got) != 10 {
		t.Errorf("%d rows, want 10", len(got))
	}
}

type agentFigures struct {
	At        time.Time `ch:"time"`
	Agent     uuid.UUID `ch:"agent_id"`
	Name      string    `ch:"agent_name"`
	LoggedIn  float64   `ch:"logged_in_sec"`
	Available float64   `ch:"available_sec"`
	Serving   float64   `ch:"serving_sec"`
	Occupancy *float64  `ch:"occupancy_percentage"`
	onCallFigures
	Fetches int64 `ch:"fetch_requests"`
}

type onCallFigures struct {
	Talking     float64  `ch:"talking_sec"`
	Hold        float64  `ch:"hold_sec"`
	Offers      int64    `ch:"offers"`
	Answered    int64    `ch:"offers_answered"`
	NotAnswered int64    `ch:"offers_not_answered"`
	Share       *float64 `ch:"offers_answered_percentage"`
	Ring        *float64 `ch:"avg_ring_sec"`
	Handled     int64    `ch:"handled_calls"`
	AHT         *float64 `ch:"aht_sec"`
}

func per(scale float64, of, n int64) *float64 {
	if n == 0 {
		return nil
	}
	return number(scale * float64(of) / float64(n))
}

func onCallFiguresOf(s *aggregate.AgentSums) onCallFigures {
	sec := func(us int64) float64 { return float64(us) / 1e6 }
	ended := s.Answered + s.Declined + s.NotAnswered
	return onCallFigures{sec(s.States[aggregate.AgentTalking]), sec(s.States[aggregate.AgentHold]), s.Offers, s.Answered, s.NotAnswered,
		per(100, s.Answered, ended), per(1e-6, s.RingSum, ended), s.Handled, per(1e-6, s.HandleSum, s.Handled)}
}

func agentFiguresOf(at time.Time, r *aggregate.AgentIntervalRow, s *aggregate.AgentSums) agentFigures {
	state := func(states ...aggregate.AgentState) (us int64) {
		for _, st := range states {
			us += s.States[st]
		}
		return us
	}
	busy := state(aggregate.AgentTalking, aggregate.AgentHold, aggregate.AgentWrapUp)
	available := state(aggregate.AgentAvailable)
	return agentFigures{at, r.AgentID, r.AgentName, float64(busy+available+state(aggregate.AgentRinging, aggregate.AgentAway)) / 1e6,
		float64(available) / 1e6, float64(s.Serving) / 1e6, per(100, busy, busy+available), onCallFiguresOf(s), s.Fetches[aggregate.FetchRequests]}
}

func addSums(to, s *aggregate.AgentSums) {
	for i := range s.States {
		to.States[i] += s.States[i]
	}
	for i := range s.Fetches {
		to.Fetches[i] += s.Fetches[i]
	}
	to.Serving, to.Offers, to.Answered, to.Declined = to.Serving+s.Serving, to.Offers+s.Offers, to.Answered+s.Answered, to.Declined+s.Declined
	to.NotAnswered, to.RingSum, to.Handled, to.HandleSum = to.NotAnswered+s.NotAnswered, to.RingSum+s.RingSum, to.Handled+s.Handled, to.HandleSum+s.HandleSum
}

func byFigures(a, b agentFigures) int {
	return cmp.Or(a.At.Compare(b.At), strings.Compare(a.Name, b.Name), byID(a.Agent, b.Agent))
}

// agentTimesInOrder has the latest quarters last, whose names count.
func (d *simulatedDay) agentTimesInOrder() []aggregate.AgentIntervalRow {
	return slices.SortedFunc(maps.Values(d.agentTimes), func(a, b aggregate.AgentIntervalRow) int { return cmp.Compare(a.IntervalStart, b.IntervalStart) })
}

func agentIntervalsOfTheDay(t *testing.T, d *simulatedDay) {
	queue, _ := d.aQueue()
	for _, c := range []struct {
		step time.Duration
		zone string
		f    query.Filter
		keep func(uuid.UUID) bool
	}{
		{15 * time.Minute, "Europe/Helsinki", d.of(), func(uuid.UUID) bool { return true }},
		{2 * time.Hour, "Asia/Kathmandu", d.of(), func(uuid.UUID) bool { return true }},
		{24 * time.Hour, "", query.Filter{Organizations: d.organizations[:1], Queues: []uuid.UUID{queue}}, func(a uuid.UUID) bool { return d.attached(a, queue) }},
	} {
		zone, err := time.LoadLocation(c.zone)
		if err != nil {
			t.Fatal(err)
		}
		from, to := d.begin.Add(9*time.Hour+7*time.Minute), d.begin.Add(17*time.Hour+time.Minute)
		sums := map[string]*aggregate.AgentSums{}
		found := map[string]agentFigures{}
		for _, r := range d.agentTimesInOrder() {
			start := time.UnixMicro(r.IntervalStart)
			at := stepOf(start, c.step, zone)
			if r.OrganizationID != d.organizations[0] || r.QueueID != uuid.Nil || at.Before(stepOf(from, c.step, zone)) || !at.Before(to) || !c.keep(r.AgentID) {
				continue
			}
			key := fmt.Sprint(at, r.AgentID)
			if sums[key] == nil {
				sums[key] = &aggregate.AgentSums{}
			}
			addSums(sums[key], &r.Sums)
			found[key] = agentFiguresOf(at, &r, sums[key])
		}
		var want []agentFigures
		for _, w := range found {
			want = append(want, w)
		}
		slices.SortFunc(want, byFigures)
		got := read[agentFigures](t, d.db, query.AgentIntervals(c.f, from, to, c.step, c.zone))
		slices.SortStableFunc(got, byFigures)
		same(t, fmt.Sprint(c.step, c.zone), got, want)
		if len(want) < 10 {
			t.Errorf("%s %s: %d rows", c.step, c.zone, len(want))
		}
	}
}

// stepOf is the begin of the step, of at most a day, that an instant is in.
func stepOf(at time.Time, step time.Duration, zone *time.Location) time.Time {
	local := at.In(zone)
	midnight := time.Date(local.Year(), local.Month(), local.Day(), 0, 0, 0, 0, zone)
	if step == 24*time.Hour {
		return midnight.UTC()
	}
	return midnight.Add(at.Sub(midnight) / step * step).UTC()
}

// The days on which clocks change have 23 and 25 hours, and steps begin anew at each midnight.
func TestAgentIntervalsOverChangesOfTheClock(t *testing.T) {
	db := openMigrated(t)
	w := newTestWriter(db)
	zones := map[string]*time.Location{}
	for _, name := range []string{"Europe/Helsinki", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "UTC"} {
		zone, err := time.LoadLocation(name)
		if err != nil {
			t.Fatal(err)
		}
		zones[name] = zone
	}
	var rows aggregate.Rows
	starts := []time.Time{}
	for _, first := range []time.Time{time.Date(2026, 3, 5, 0, 0, 0, 0, time.UTC), time.Date(2026, 10, 1, 0, 0, 0, 0, time.UTC)} {
		for at := first; at.Before(first.AddDate(0, 0, 34)); at = at.Add(15 * time.Minute) {
			starts = append(starts, at)
			rows.AgentIntervals = append(rows.AgentIntervals, aggregate.AgentIntervalRow{OrganizationID: id(1), AgentID: id(7), IntervalStart: at.UnixMicro(), AgentName: "ann",
				Sums: aggregate.AgentSums{Offers: int64(len(starts))}})
		}
	}
	w.Add(0, 1, &rows)
	flush(t, w)
	type offersRow struct {
		At     time.Time `ch:"time"`
		Offers int64     `ch:"offers"`
	}
	for name, zone := range zones {
		for _, step := range []time.Duration{time.Minute, 15 * time.Minute, 45 * time.Minute, time.Hour, 2 * time.Hour, 7 * time.Hour, 24 * time.Hour} {
			for _, from := range []time.Time{starts[1000].Add(time.Second), starts[len(starts)-3000]} {
				to := from.AddDate(0, 0, 30).Add(5 * time.Minute)
				used := max(step, 15*time.Minute)
				var want []offersRow
				for i, at := range starts {
					begin := stepOf(at, used, zone)
					if begin.Before(stepOf(from, used, zone)) || !begin.Before(to) {
						continue
					}
					if n := len(want); n == 0 || !want[n-1].At.Equal(begin) {
						want = append(want, offersRow{At: begin})
					}
					want[len(want)-1].Offers += int64(i + 1)
				}
				got := read[offersRow](t, db, query.AgentIntervals(query.Filter{Organizations: []uuid.UUID{id(1)}}, from, to, step, name))
				same(t, fmt.Sprint(name, step, from), got, want)
			}
		}
	}
	weeks := read[offersRow](t, db, query.AgentIntervals(query.Filter{Organizations: []uuid.UUID{id(1)}}, starts[0], starts[0].AddDate(0, 0, 34), 7*24*time.Hour, "Europe/Helsinki"))
	for _, r := range weeks {
		if local := r.At.In(zones["Europe/Helsinki"]); local.Weekday() != time.Monday || local.Hour() != 0 {
			t.Errorf("a week begins on %s", local)
		}
	}
	equal(t, "weeks", len(weeks), 6)
}

func agentQueuesOfTheDay(t *testing.T, d *simulatedDay) {
	type row struct {
		Agent     uuid.UUID `ch:"agent_id"`
		Queue     uuid.UUID `ch:"queue_id"`
		Name      string    `ch:"agent_name"`
		QueueName string    `ch:"queue_name"`
		onCallFigures
	}
	queue, _ := d.aQueue()
	for _, queues := range [][]uuid.UUID{nil, {queue}} {
		sums, found := map[[2]uuid.UUID]*aggregate.AgentSums{}, map[[2]uuid.UUID]row{}
		for _, r := range d.agentTimesInOrder() {
			if r.OrganizationID != d.organizations[0] || r.QueueID == uuid.Nil || queues != nil && r.QueueID != queue {
				continue
			}
			key := [2]uuid.UUID{r.AgentID, r.QueueID}
			if sums[key] == nil {
				sums[key] = &aggregate.AgentSums{}
			}
			addSums(sums[key], &r.Sums)
			found[key] = row{r.AgentID, r.QueueID, r.AgentName, r.QueueName, onCallFiguresOf(sums[key])}
		}
		var want []row
		for _, w := range found {
			want = append(want, w)
		}
		order := func(a, b row) int {
			return cmp.Or(strings.Compare(a.Name, b.Name), strings.Compare(a.QueueName, b.QueueName), byID(a.Agent, b.Agent), byID(a.Queue, b.Queue))
		}
		slices.SortFunc(want, order)
		f := d.of()
		f.Queues = queues
		got := read[row](t, d.db, query.AgentQueues(f, d.begin.AddDate(0, 0, -1), d.end.AddDate(0, 0, 1)))
		slices.SortStableFunc(got, order)
		same(t, "agents by queue", got, want)
		if len(want) < 5 {
			t.Errorf("%d rows", len(want))
		}
	}
}
