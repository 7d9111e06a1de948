package oracle

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/google/uuid"

	"ringside/aggregate"
	"ringside/ingest"
)

// Random generates nasty but valid runs of events: few calls, queues and agents, every type of fact, equal times, so
// that everything meets everything. The same seed gives the same events.
type Random struct {
	*rand.Rand
	settings *aggregate.Settings
	start    ingest.Time
	n        int // events so far
	queues   []uuid.UUID
	users    []uuid.UUID
	ticks    bool // times with all seven digits
}

// RandomSettings are METRICS.md's with silences and linger short enough to be met often.
func RandomSettings() *aggregate.Settings {
	s := aggregate.DefaultSettings()
	s.MaxAgeUnanswered, s.MaxAgeAnswered, s.Linger = 30*time.Minute, 40*time.Minute, 30*time.Minute
	s.CallbackLinger = 20 * time.Minute
	s.AgentStale = 25 * time.Minute
	zones := map[string]*time.Location{}
	for _, name := range []string{"Europe/Helsinki", "Asia/Kathmandu", "America/New_York", "Australia/Lord_Howe"} {
		loc, err := time.LoadLocation(name)
		if err != nil {
			panic(fmt.Sprintf("BUG: %v", err))
		}
		zones[name] = loc
	}
	s.Zone = func(region string) (*time.Location, bool) {
		if region == "UTC" {
			return time.UTC, true
		}
		loc, ok := zones[region]
		return loc, ok
	}
	s.Rules = func(_, queue uuid.UUID, _ []uuid.UUID) aggregate.QueueRules {
		if queue == uuid.Nil {
			return aggregate.QueueRules{Zone: "Asia/Kathmandu"}
		}
		if queue == ID("queue", "q1") {
			return aggregate.QueueRules{Threshold: 20 * time.Second, ShortAbandon: 5 * time.Second, Target: 80, Zone: "Europe/Helsinki"}
		}
		return aggregate.QueueRules{Threshold: 10 * time.Second, ShortAbandon: 10 * time.Second, Target: 90}
	}
	return s
}

// NewRandom returns the generator of a seed. Runs begin at different distances from midnight and from changes of the
// clocks.
func NewRandom(seed uint64, settings *aggregate.Settings) *Random {
	r := &Random{Rand: rand.New(rand.NewPCG(seed, 7)), settings: settings}
	starts := []string{"2026-03-28T20:00:00Z", "2026-10-24T23:30:00Z", "2026-03-08T04:30:00Z", "2026-05-05T23:55:00Z",
		"2026-04-04T14:20:00Z", "2026-07-01T18:10:00Z"}
	at, err := time.Parse(time.RFC3339, starts[r.IntN(len(starts))])
	if err != nil {
		panic(fmt.Sprintf("BUG: %v", err))
	}
	r.start = ingest.FromGo(at)
	for i := range 1 + r.IntN(3) {
		r.queues = append(r.queues, ID("queue", fmt.Sprintf("q%d", i+1)))
	}
	for i := range 1 + r.IntN(4) {
		r.users = append(r.users, ID("user", fmt.Sprintf("u%d", i+1)))
	}
	r.ticks = r.IntN(4) == 0
	return r
}

// Events returns a run in order of time. Facts further behind the end of their call than a quarter of the lateness are
// left out: in some order of arrival the call would be forgotten by then.
func (r *Random) Events() []*ingest.Event {
	var events []*ingest.Event
	for i := range 1 + r.IntN(4) {
		events = append(events, r.call(ID("call", fmt.Sprintf("c%d", i+1)))...)
	}
	for range r.IntN(12) {
		events = append(events, r.setting())
	}
	for i := range r.IntN(4) {
		events = append(events, r.callbackEvents(ID("callback", fmt.Sprintf("cb%d", i+1)))...)
	}
	for range r.IntN(16) {
		events = append(events, r.ofAgent())
	}
	events = r.withinReach(events)
	slices.SortStableFunc(events, func(a, b *ingest.Event) int { return cmp.Compare(a.Timestamp, b.Timestamp) })
	return events
}

func (r *Random) withinReach(events []*ingest.Event) []*ingest.Event {
	byCall := map[uuid.UUID][]fact{}
	for _, ev := range events {
		if isCallFact(ev.Type) {
			byCall[ev.CallID] = append(byCall[ev.CallID], fact{ev: ev, ts: ev.Timestamp})
		}
	}
	reach := map[uuid.UUID]ingest.Time{}
	for id, facts := range byCall {
		reach[id] = fold(r.settings, id, facts, nil, 0).deadline().Add(r.settings.Lateness / 4)
	}
	return slices.DeleteFunc(events, func(ev *ingest.Event) bool { return isCallFact(ev.Type) && ev.Timestamp > reach[ev.CallID] })
}

// Arrivals returns the events as they might arrive, none more than displacement behind, some twice.
func (r *Random) Arrivals(events []*ingest.Event, displacement time.Duration, duplicates bool) []*ingest.Event {
	type arrival struct {
		at ingest.Time
		ev *ingest.Event
	}
	var arrivals []arrival
	late := func() ingest.Time { return ingest.Time(r.Int64N(int64(displacement)/100 + 1)) }
	for _, ev := range events {
		arrivals = append(arrivals, arrival{ev.Timestamp + late(), ev})
		for duplicates && r.IntN(6) == 0 {
			arrivals = append(arrivals, arrival{ev.Timestamp + late(), ev})
		}
	}
	slices.SortStableFunc(arrivals, func(a, b arrival) int { return cmp.Compare(a.at, b.at) })
	out := make([]*ingest.Event, len(arrivals))
	for i, a := range arrivals {
		out[i] = a.ev
	}
	return out
}

func (r *Random) event(t ingest.Type, at ingest.Time) *ingest.Event {
	r.n++
	return &ingest.Event{Type: t, TypeName: []byte(t.String()), ID: ID("event", fmt.Sprintf("e%d", r.n)), Timestamp: at,
		OrganizationID: ID("organization", "org")}
}

func pick[T any](r *Random, of ...T) T { return of[r.IntN(len(of))] }

// step is a time to the next fact: often none, mostly seconds, sometimes around the limits of the text.
func (r *Random) step() time.Duration {
	switch n := r.IntN(100); {
	case n < 18:
		return 0
	case n < 45:
		return time.Duration(r.IntN(30)) * 100 * time.Millisecond
	case n < 85:
		return time.Duration(r.IntN(40)) * time.Second
	case n < 97:
		return time.Duration(r.IntN(240)) * time.Second
	case n < 99:
		return pick(r, 2*time.Second, 5*time.Second, 20*time.Second, 30*time.Second, 15*time.Minute)
	}
	return 28*time.Minute + time.Duration(r.IntN(15*60))*time.Second
}

// call makes the facts of one call: a likely course, or anything at all, or a likely course that was tampered with.
func (r *Random) call(id uuid.UUID) []*ingest.Event {
	at := r.start.Add(time.Duration(r.IntN(3600)) * time.Second)
	var types []ingest.Type
	chaos := r.IntN(3)
	if chaos == 0 {
		for range 2 + r.IntN(25) {
			types = append(types, pick(r, anything...))
		}
	} else {
		types = r.course()
	}
	if chaos == 1 {
		for range 1 + r.IntN(4) {
			i := r.IntN(len(types))
			switch r.IntN(3) {
			case 0:
				types = slices.Delete(types, i, i+1)
			case 1:
				types = slices.Insert(types, i, pick(r, anything...))
			default:
				types[i] = pick(r, anything...)
			}
			if len(types) == 0 {
				types = append(types, ingest.QueueCallInArrived)
			}
		}
	}
	queue, user := pick(r, r.queues...), pick(r, r.users...)
	var events []*ingest.Event
	for _, t := range types {
		if r.IntN(8) == 0 {
			queue = pick(r, r.queues...)
		}
		if r.IntN(5) == 0 {
			user = pick(r, r.users...)
		}
		at = at.Add(r.step())
		if r.ticks {
			at += ingest.Time(r.IntN(20))
		}
		if t == ingest.UserSupervisionStatus {
			at++ // it has no rank, so nothing says how it stands to facts of the same instant
		}
		ev := r.event(t, at)
		if t == ingest.UserSupervisionStatus {
			at++
		}
		ev.CallID = id
		r.fill(ev, queue, user)
		events = append(events, ev)
		if t == ingest.QueueCallInCallbackCreated && r.IntN(3) > 0 {
			events = append(events, r.callbackChanged(ev))
		}
	}
	return events
}
