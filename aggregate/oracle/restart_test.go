package oracle_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"
	_ "time/tzdata"

	"github.com/google/uuid"

	"ringside/aggregate"
	"ringside/aggregate/oracle"
	"ringside/aggregate/scenario"
	"ringside/ingest"
)

// roundLength lies between the beginnings of two rounds of a long run: calls of the round before are let go by then, and
// agents of whom nothing was heard are stale.
const roundLength = 9 * time.Hour

// longSettings tell the rules of a queue's groups apart.
func longSettings() *aggregate.Settings {
	s := oracle.RandomSettings()
	plain := s.Rules
	s.Rules = func(organization, queue uuid.UUID, groups []uuid.UUID) aggregate.QueueRules {
		r := plain(organization, queue, groups)
		if len(groups) > 0 {
			r.Threshold, r.ShortAbandon = time.Minute, 2*time.Second
		}
		return r
	}
	return s
}

// longRun strings random runs together, with what they leave out: availabilities, agents' own calls, wrap-ups by
// UserStatus, groups and numbers of queues, names that change, late events, conflicts, times that are not believed.
func longRun(seed uint64, settings *aggregate.Settings) (events []*ingest.Event) {
	for round := range uint64(4) {
		random := oracle.NewRandom(seed, settings) // of one seed: the same queues, users and beginning
		for range round {
			random.Events()
		}
		shift := time.Duration(round) * roundLength
		arrivals := random.Arrivals(random.Events(), settings.Lateness/2, true)
		for _, ev := range arrivals {
			ev = oracle.Clone(ev)
			ev.ID = oracle.ID("event", fmt.Sprint(round, ev.ID))
			if ev.CallID != uuid.Nil {
				ev.CallID = oracle.ID("call", fmt.Sprint(round, ev.CallID))
			}
			ev.Timestamp = ev.Timestamp.Add(shift)
			ev.BodyHash = 1
			events = append(events, ev)
			events = append(events, extras(random, ev)...)
		}
	}
	return events
}

// extras are what may come with an event.
func extras(r *oracle.Random, ev *ingest.Event) (out []*ingest.Event) {
	extra := func(t ingest.Type) *ingest.Event {
		e := &ingest.Event{Type: t, TypeName: []byte(t.String()), OrganizationID: ev.OrganizationID, BodyHash: 1,
			ID: oracle.ID("event", fmt.Sprint("extra ", ev.ID, " ", t, r.Uint64())), Timestamp: ev.Timestamp.Add(time.Duration(r.IntN(5000)) * time.Millisecond)}
		out = append(out, e)
		return e
	}
	user, queue := ev.UserID, ev.QueueID
	if user == uuid.Nil {
		user = oracle.ID("user", "u1")
	}
	if queue == uuid.Nil {
		queue = oracle.ID("queue", "q1")
	}
	switch r.IntN(24) {
	case 0:
		e := extra(ingest.UserAvailability)
		e.UserID, e.Availability = user, []byte([]string{"Available", "OffWork", "BRB"}[r.IntN(3)])
		e.StartTime, e.EndTime = e.Timestamp, e.Timestamp.Add(time.Duration(1+r.IntN(10_000))*time.Second)
		if r.IntN(2) == 0 {
			e.AvailabilityReason = []byte([]string{"", "700"}[r.IntN(2)])
			for range r.IntN(3) {
				e.AgentChannels = append(e.AgentChannels, ingest.AgentChannel{Channel: []byte([]string{"VOICE", "EMAIL", "CHAT"}[r.IntN(3)]),
					State: []byte([]string{"READY", "NOT_READY"}[r.IntN(2)]), Reason: []byte([]string{"", "100"}[r.IntN(2)])})
			}
		}
	case 1:
		e := extra(ingest.UserCallOutGoing)
		e.UserID, e.CallID = user, oracle.ID("call", "own")
	case 2:
		e := extra(ingest.UserStatus)
		e.UserID, e.UserName = user, []byte(fmt.Sprint("name ", r.IntN(3)))
		e.Status = ingest.UserState{CanBeAllocatedTo: true, Available: true, Schedule: true, Serving: true, ServiceTerminals: 1,
			ParkedCalls: int32(r.IntN(2)), WrapUpStart: e.Timestamp, WrapUpEnd: e.Timestamp.Add(time.Duration(1+r.IntN(3000)) * time.Second)}
	case 3:
		e := extra(ingest.QueueChanged)
		e.QueueID, e.QueueName = queue, []byte(fmt.Sprint("name ", r.IntN(3)))
		e.HasQueueGroups = true
		if r.IntN(2) == 0 {
			e.QueueGroups = []ingest.QueueGroup{{ID: oracle.ID("queue", "group"), Name: []byte("group")}}
		}
		e.Numbers = ingest.OptInt{Value: int32(r.IntN(2)), Valid: true}
		e.Deleted = r.IntN(3) == 0
	case 4:
		extra(ingest.UserSetting).Timestamp = ev.Timestamp.Add(-2 * time.Hour) // late, but for the first ones
	case 5:
		e := extra(ingest.UserSetting)
		e.ID, e.BodyHash, e.Timestamp = ev.ID, 2, ev.Timestamp // a conflict
	case 6:
		extra(ingest.UserSetting).Timestamp = ingest.TicksPerSecond // 1970
	case 7:
		e := extra(ingest.CallbackListStatus)
		e.CallListID = oracle.ID("list", fmt.Sprint(r.IntN(3)))
		e.Published.Figures[ingest.ListIsAutoAllocate] = float64(r.IntN(2))
		e.Published.Null[ingest.ListIsAutoAllocate] = r.IntN(3) == 0
	}
	return out
}

// A core that is restored from its own checkpoint now and then shows what one shows that never stopped: rows, agents and
// dimensions, over days in which calls are let go, windows freeze and agents become stale.
func TestRestartsDoNotShowInLongRuns(t *testing.T) {
	settings := longSettings()
	letGo := false
	for seed := range uint64(40) {
		random := rand.New(rand.NewPCG(seed, 5))
		plain, restarted := aggregate.New(settings), aggregate.New(settings)
		kept, keptRestarted := scenario.Keep(plain), scenario.Keep(restarted)
		var wall ingest.Time
		for i, ev := range longRun(seed, settings) {
			if seed%2 == 0 && ev.Timestamp > wall && ev.Timestamp < wall.Add(24*time.Hour) || wall == 0 {
				wall = ev.Timestamp
				kept.Advance(wall)
				keptRestarted.Advance(wall)
			}
			a, b := plain.Apply(ev), keptRestarted.Core().Apply(ev)
			if a != b {
				t.Fatalf("seed %d, event %d: %v without restarts, %v with them", seed, i, a, b)
			}
			if random.IntN(12) > 0 {
				continue
			}
			kept.Drain(aggregate.DrainAll)
			keptRestarted.Drain(aggregate.DrainAll)
			if err := keptRestarted.Restart(settings); err != nil {
				t.Fatal(err)
			}
			if d := oracle.Diff(kept.Rows(), keptRestarted.Rows()); d != "" {
				t.Fatalf("seed %d, after %d events, without restarts / with them:\n%s", seed, i+1, d)
			}
			comparePresent(t, seed, plain, keptRestarted.Core())
		}
		letGo = letGo || plain.Sizes().Windows > 0 && plain.Sizes().Calls < 4
	}
	if !letGo {
		t.Error("no run has let a call go")
	}
}

// comparePresent compares what a reader that comes late is shown, agents and dimensions included, in any order.
func comparePresent(t *testing.T, seed uint64, plain, restarted *aggregate.Core) {
	t.Helper()
	var a, b aggregate.Rows
	plain.Current(&a)
	restarted.Current(&b)
	compareSets(t, seed, a.Agents, b.Agents)
	compareSets(t, seed, a.QueueDim, b.QueueDim)
	compareSets(t, seed, a.AgentDim, b.AgentDim)
	compareSets(t, seed, a.QueueStatus, b.QueueStatus)
	for _, lists := range [][]aggregate.CallbackListRow{a.CallLists, b.CallLists} {
		for i := range lists {
			lists[i].ObservedAt = 0
		}
	}
	compareSets(t, seed, a.CallLists, b.CallLists)
	compareSets(t, seed, a.Accounting, b.Accounting)
	compareSets(t, seed, a.ListDim, b.ListDim)
}

func compareSets[R any](t *testing.T, seed uint64, plain, restarted []R) {
	t.Helper()
	show := func(rows []R) (out []string) {
		for _, r := range rows {
			out = append(out, fmt.Sprintf("%+v", r))
		}
		slices.Sort(out)
		return out
	}
	want, got := show(plain), show(restarted)
	if len(want) != len(got) {
		t.Fatalf("seed %d: %d rows of %T with restarts, %d without", seed, len(got), *new(R), len(want))
	}
	for i := range want {
		if want[i] != got[i] {
			t.Fatalf("seed %d, %T with restarts:\n%s\nwithout:\n%s", seed, *new(R), got[i], want[i])
		}
	}
}
