package wallboard

import (
	"encoding/json"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"

	"ringside/aggregate"
)

// bench is a board with a clock that the test moves.
type bench struct {
	*Board
	at    time.Time
	ahead map[uuid.UUID]time.Duration // of an organization's clock
}

func newBench() *bench {
	b := &bench{Board: New(nil), at: time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC), ahead: map[uuid.UUID]time.Duration{}}
	b.now, b.slot = func() time.Time { return b.at }, slotOf(b.at)
	return b
}

func (b *bench) observe(partition int32, rows aggregate.Rows) {
	b.Observe(partition, &rows, func(id uuid.UUID) aggregate.Clock {
		now := b.at.Add(b.ahead[id]).UnixMicro()
		return aggregate.Clock{Now: now, Horizon: now}
	})
}

func (b *bench) figures(t *testing.T, s selection) (figures []Figures) {
	t.Helper()
	return figuresOf(t, b.newView(s).snapshot())
}

func figuresOf(t *testing.T, m message) (figures []Figures) {
	t.Helper()
	for _, text := range m.Queues {
		var f Figures
		if err := json.Unmarshal(text, &f); err != nil {
			t.Fatal(err)
		}
		figures = append(figures, f)
	}
	return figures
}

func (b *bench) only(t *testing.T) Figures {
	t.Helper()
	all := b.figures(t, selection{})
	if len(all) != 1 {
		t.Fatalf("%d queues on the board, want 1", len(all))
	}
	return all[0]
}

func id(kind, n byte) uuid.UUID { return uuid.UUID{0: kind, 15: n} }

func status(organization, queue byte, name string, waiting int32, since ...time.Time) aggregate.QueueStatusRow {
	r := aggregate.QueueStatusRow{OrganizationID: id('o', organization), QueueID: id('q', queue), QueueName: name, NbrOfQueuingRequesters: waiting}
	for _, s := range since {
		r.WaitingSince = append(r.WaitingSince, s.UnixMicro())
	}
	if len(since) > 0 {
		r.LongestWaitSince = since[0].UnixMicro()
	}
	return r
}

func day(t time.Time) int32 { return int32(t.Unix() / 86_400) }

func daily(organization, queue byte, date int32, zone string, answered int64) aggregate.DailyRow {
	r := aggregate.DailyRow{OrganizationID: id('o', organization), QueueID: id('q', queue), QueueDate: date, TimeZone: zone,
		Threshold: 20_000_000, ShortAbandon: 20_000_000, Target: 80}
	r.Sums.Total, r.Sums.Outcomes[aggregate.Answered] = answered+3, answered
	r.Sums.LevelAnswered, r.Sums.LevelMet = answered, answered
	return r
}

func TestBoardShowsTheLatestRow(t *testing.T) {
	b := newBench()
	since := b.at.Add(-30 * time.Second)
	s := status(1, 1, "Sales", 2, since, b.at)
	s.NbrOfAllocated, s.NbrOfConnected, s.NbrOfAgentsImmediatelyFree, s.NbrOfServingAgentsEstimate = 1, 4, 5, 9
	s.NbrOfAgentsLongTermAway, s.NbrOfAgentsShortTermAway, s.NbrOfAgentsCheckedInQueue, s.StaleAgents, s.OpenStatus = 2, 6, 13, 1, 5
	d := daily(1, 1, day(b.at), "UTC", 50)
	d.Sums.Outcomes[aggregate.Abandoned] = 7
	d.Sums.LevelAbandoned, d.Sums.LevelShort, d.Sums.LevelFailed, d.Sums.LevelMet = 7, 3, 2, 40
	rows := aggregate.Rows{QueueStatus: []aggregate.QueueStatusRow{status(1, 1, "Sales", 9), s}, Daily: []aggregate.DailyRow{d}}
	b.observe(0, rows)
	s.WaitingSince[0] = 0 // rows are reused by the core: nothing of them may be kept
	want := Figures{Organization: id('o', 1), ID: id('q', 1), Name: "Sales", Waiting: 2, Ringing: 1, Connected: 4,
		Since: since.UnixMicro(), Waits: []int64{since.UnixMicro(), b.at.UnixMicro()}, Free: 5, Serving: 9, Away: 2, Busy: 6,
		CheckedIn: 13, Stale: 1, Open: 5, Day: "2026-03-02", Threshold: 20_000_000, Target: 80, Offered: 53, Answered: 50,
		Abandoned: 7, Met: 40, Base: 56}
	if got := b.only(t); fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("the board shows\n%+v, want\n%+v", got, want)
	}
	if got := b.Sizes(); got != (Sizes{Organizations: 1, Queues: 1}) {
		t.Errorf("sizes %+v", got)
	}
}

// The example of docs/METRICS.md, section 5.
func TestLevel(t *testing.T) {
	at := time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC).UnixMicro()
	long, short := at-20_000_001, at-20_000_000 // exactly T is not longer than T
	for _, c := range []struct {
		name      string
		waits     []int64
		threshold int64
		met, base int64
		want      string
	}{
		{"stored", nil, 20_000_000, 70, 90, "77.8"},
		{"four wait too long", []int64{long, long, long, long, short, at + 1}, 20_000_000, 70, 90, "74.5"},
		{"nobody yet", nil, 20_000_000, 0, 0, "-"},
		{"the first waits too long", []int64{long}, 20_000_000, 0, 0, "0.0"},
		{"not configured", []int64{long}, 0, 70, 90, "-"},
	} {
		f := Figures{Waits: c.waits, Threshold: c.threshold, Met: c.met, Base: c.base}
		got := "-"
		if percent, known := f.Level(at); known {
			got = fmt.Sprintf("%.1f", percent)
		}
		if got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
}

func TestTheDayTurnsWhereTheQueueIs(t *testing.T) {
	b := newBench()
	b.at = time.Date(2026, 3, 2, 21, 59, 59, 0, time.UTC) // 23:59:59 in Helsinki
	helsinki, utc := daily(1, 1, day(b.at), "Europe/Helsinki", 50), daily(1, 2, day(b.at), "UTC", 60)
	b.observe(0, aggregate.Rows{QueueStatus: []aggregate.QueueStatusRow{status(1, 1, "A", 0), status(1, 2, "B", 0)}, Daily: []aggregate.DailyRow{helsinki, utc}})
	shown := func() string {
		f := b.figures(t, selection{})
		return fmt.Sprint(f[0].Day, " ", f[0].Answered, " ", f[0].Threshold, ", ", f[1].Day, " ", f[1].Answered)
	}
	if got := shown(); got != "2026-03-02 50 20000000, 2026-03-02 60" {
		t.Errorf("before midnight: %s", got)
	}
	changed := b.awaitChange()
	b.at = b.at.Add(time.Second)
	b.keep(Status{})
	select {
	case <-changed:
	default:
		t.Error("readers are not told of midnight")
	}
	if got := shown(); got != "2026-03-03 0 20000000, 2026-03-02 60" {
		t.Errorf("at midnight in Helsinki: %s", got)
	}
	late := daily(1, 1, day(b.at), "Europe/Helsinki", 51) // a correction of the day before
	b.observe(0, aggregate.Rows{Daily: []aggregate.DailyRow{late, daily(1, 1, day(b.at)+1, "Europe/Helsinki", 1)}})
	if got := shown(); got != "2026-03-03 1 20000000, 2026-03-02 60" {
		t.Errorf("after midnight: %s", got)
	}
	gone := daily(1, 1, day(b.at)+1, "Europe/Helsinki", 0)
	gone.Deleted = true
	b.observe(0, aggregate.Rows{Daily: []aggregate.DailyRow{gone}})
	if got := shown(); got != "2026-03-03 0 20000000, 2026-03-02 60" {
		t.Errorf("after the tombstone: %s", got)
	}
}

func TestClocks(t *testing.T) {
	for _, c := range []struct {
		name          string
		ahead         time.Duration
		shown, stands time.Duration // stands: of the clock when it was read; 0: it runs
	}{
		{"live", -200 * time.Millisecond, 0, 0},
		{"jitter", 900 * time.Millisecond, 0, 0},
		{"a simulation that runs ahead", time.Hour, time.Hour, 0},
		{"catching up", -time.Hour, 0, -time.Hour},
	} {
		b := newBench()
		b.ahead[id('o', 1)] = c.ahead
		b.observe(0, aggregate.Rows{QueueStatus: []aggregate.QueueStatusRow{status(1, 1, "A", 0)}})
		h := b.newView(selection{}).snapshot().Organizations[0]
		stands := int64(0)
		if c.stands != 0 {
			stands = b.at.Add(c.stands).UnixMicro()
		}
		if h.Ahead != c.shown.Microseconds() || h.Stands != stands || h.Horizon != b.at.Add(c.ahead).UnixMicro() {
			t.Errorf("%s: %+v", c.name, h)
		}
	}
}

func TestAgentsAreCountedOnce(t *testing.T) {
	b := newBench()
	agent := func(n byte, s aggregate.AgentState, free bool) aggregate.AgentStatusRow {
		return aggregate.AgentStatusRow{OrganizationID: id('o', 1), AgentID: id('a', n), State: s, ImmediatelyFree: free}
	}
	serves := func(n byte, queues ...uuid.UUID) aggregate.AgentRow {
		return aggregate.AgentRow{OrganizationID: id('o', 1), AgentID: id('a', n), Queues: queues}
	}
	b.observe(0, aggregate.Rows{
		QueueStatus: []aggregate.QueueStatusRow{status(1, 1, "Sales", 0), status(1, 2, "Service", 0)},
		Agents: []aggregate.AgentStatusRow{agent(1, aggregate.AgentAvailable, true), agent(2, aggregate.AgentAvailable, true), agent(3, aggregate.AgentHold, false),
			agent(4, aggregate.AgentWrapUp, false), agent(5, aggregate.AgentAway, false), agent(6, aggregate.AgentOffWork, false), agent(7, aggregate.AgentRinging, false)},
		AgentDim: []aggregate.AgentRow{serves(1, id('q', 1), id('q', 2)), serves(2, id('q', 2)), serves(3, id('q', 1)), serves(8, id('q', 1))},
	})
	of := func(queues ...string) Agents {
		return b.newView(selection{queues: queues}).snapshot().Organizations[0].Agents
	}
	if got, want := of(), (Agents{Free: 2, Talking: 1, WrapUp: 1, Away: 1, OffWork: 1, Ringing: 1}); got != want {
		t.Errorf("agents %+v, want %+v", got, want)
	}
	if got, want := of("sales"), (Agents{Free: 1, Talking: 1}); got != want {
		t.Errorf("agents of Sales %+v, want %+v", got, want)
	}
	if got, want := of("sales", "service"), (Agents{Free: 2, Talking: 1}); got != want {
		t.Errorf("agents of both %+v, want %+v", got, want)
	}
	busy := agent(1, aggregate.AgentTalking, false)
	busy.Stale = true
	b.observe(0, aggregate.Rows{Agents: []aggregate.AgentStatusRow{busy}})
	if got, want := of(), (Agents{Free: 1, Talking: 2, WrapUp: 1, Away: 1, OffWork: 1, Ringing: 1, Stale: 1}); got != want {
		t.Errorf("agents %+v, want %+v", got, want)
	}
}

func TestAPartitionThatIsGivenUpLeavesAfterAGrace(t *testing.T) {
	b := newBench()
	fill := func(p int32, organization byte) {
		b.observe(p, aggregate.Rows{QueueStatus: []aggregate.QueueStatusRow{status(organization, organization, fmt.Sprint(organization), 0)}})
	}
	names := func() (list []string) {
		for _, f := range b.figures(t, selection{}) {
			list = append(list, f.Name)
		}
		return list
	}
	fill(1, 1)
	fill(2, 2)
	b.Forget(1)
	b.Forget(2)
	b.at = b.at.Add(handOverGrace - time.Second)
	b.keep(Status{})
	if got := names(); !slices.Equal(got, []string{"1", "2"}) {
		t.Errorf("within the grace the board shows %q", got)
	}
	fill(1, 1) // a rebalance has given it back
	b.at = b.at.Add(time.Second)
	b.keep(Status{})
	if got := names(); !slices.Equal(got, []string{"1"}) {
		t.Errorf("after the grace the board shows %q", got)
	}
	if s := b.Sizes(); s.Queues != 1 || s.Organizations != 1 {
		t.Errorf("sizes %+v", s)
	}
}

func TestADeletedQueueLeaves(t *testing.T) {
	b := newBench()
	b.observe(0, aggregate.Rows{QueueStatus: []aggregate.QueueStatusRow{status(1, 1, "A", 0), status(1, 2, "B", 0), status(1, 3, "C", 0)}})
	v := b.newView(selection{})
	v.snapshot()
	b.observe(0, aggregate.Rows{QueueDim: []aggregate.QueueRow{{OrganizationID: id('o', 1), QueueID: id('q', 2), Deleted: true}}})
	if kind, _ := v.next(); kind != kindSnapshot {
		t.Errorf("a reader is told %q, want to begin anew", kind)
	}
	if got := figuresOf(t, v.snapshot()); len(got) != 2 || got[0].Name != "A" || got[1].Name != "C" {
		t.Errorf("the board shows %+v", got)
	}
	b.observe(0, aggregate.Rows{QueueStatus: []aggregate.QueueStatusRow{status(1, 1, "A", 5), status(1, 3, "C", 5)}})
	if kind, m := v.next(); kind != kindDelta || len(m.Queues) != 2 {
		t.Errorf("the list of changes is broken: %s with %d queues", kind, len(m.Queues))
	}
}

// A deleted queue in which somebody waits stays until nobody does, and rows that come later do not bring it back.
func TestADeletedQueueStaysWhileSomebodyWaits(t *testing.T) {
	b := newBench()
	busy := func(n int32) aggregate.QueueStatusRow {
		r := status(1, 2, "B", n)
		r.NbrOfRequesters = n
		return r
	}
	deleted := func(yes bool) []aggregate.QueueRow {
		return []aggregate.QueueRow{{OrganizationID: id('o', 1), QueueID: id('q', 2), QueueName: "B", Deleted: yes}}
	}
	for i, c := range []struct {
		rows aggregate.Rows
		want int
	}{
		{aggregate.Rows{QueueStatus: []aggregate.QueueStatusRow{status(1, 1, "A", 0), busy(1)}}, 2},
		{aggregate.Rows{QueueDim: deleted(true)}, 2},
		{aggregate.Rows{QueueStatus: []aggregate.QueueStatusRow{busy(2)}}, 2},
		{aggregate.Rows{QueueStatus: []aggregate.QueueStatusRow{busy(0)}}, 1},
		{aggregate.Rows{QueueStatus: []aggregate.QueueStatusRow{busy(0)}, Daily: []aggregate.DailyRow{daily(1, 2, day(b.at), "UTC", 3)}}, 1},
		{aggregate.Rows{QueueStatus: []aggregate.QueueStatusRow{busy(1)}}, 2}, // a call that was under way
		{aggregate.Rows{QueueStatus: []aggregate.QueueStatusRow{busy(0)}}, 1},
		{aggregate.Rows{QueueDim: deleted(true), QueueStatus: []aggregate.QueueStatusRow{busy(0)}}, 1}, // as after a restart
		{aggregate.Rows{QueueDim: deleted(false), QueueStatus: []aggregate.QueueStatusRow{busy(0)}}, 2},
	} {
		b.observe(0, c.rows)
		if got := b.figures(t, selection{}); len(got) != c.want || b.Sizes().Queues != int64(c.want) {
			t.Errorf("step %d: the board shows %+v, sizes %+v, want %d queues", i, got, b.Sizes(), c.want)
		}
	}
}

func TestTheBoardIsBounded(t *testing.T) {
	b := newBench()
	var rows aggregate.Rows
	for i := range maxQueues + 7 {
		r := status(1, 0, "", 0)
		r.QueueID[1], r.QueueID[2], r.QueueID[3] = byte(i), byte(i>>8), byte(i>>16)
		rows.QueueStatus = append(rows.QueueStatus, r)
	}
	for i := range maxAgents + 3 {
		r := aggregate.AgentStatusRow{OrganizationID: id('o', 1), AgentID: id('a', 0)}
		r.AgentID[1], r.AgentID[2], r.AgentID[3] = byte(i), byte(i>>8), byte(i>>16)
		rows.Agents = append(rows.Agents, r)
	}
	b.observe(0, rows)
	if s := b.Sizes(); s.Queues != maxQueues || s.Agents != maxAgents || s.Dropped != 10 {
		t.Errorf("sizes %+v", s)
	}
	m := b.newView(selection{}).snapshot()
	if len(m.Queues) != maxShown || m.Organizations[0].Left != maxQueues-maxShown {
		t.Errorf("a reader gets %d queues, %d are left", len(m.Queues), m.Organizations[0].Left)
	}
}
