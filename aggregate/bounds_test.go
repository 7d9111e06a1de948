package aggregate_test

import (
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"runtime"
	"testing"
	"time"

	"github.com/google/uuid"

	"ringside/aggregate"
	"ringside/ingest"
)

// number makes ids that differ in every part that is hashed.
func number(of byte, n int) (id uuid.UUID) {
	id[0] = of
	binary.BigEndian.PutUint64(id[8:], uint64(n)*0x9E3779B97F4A7C15)
	binary.BigEndian.PutUint32(id[4:], uint32(n))
	return id
}

var boundsStart = ingest.FromGo(time.Date(2025, 3, 4, 9, 0, 0, 0, time.UTC))

// heap returns the bytes of live objects.
func heap() int64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

// feeder applies events that each fill one kind of state.
type feeder struct {
	tb   testing.TB
	core *aggregate.Core
	n    int
	at   ingest.Time
	last uuid.UUID // organization of the last event
}

func (f *feeder) apply(e ingest.Event) aggregate.Result {
	if f.n++; f.n%500 == 0 {
		f.core.Settle() // as a pipeline does after each batch
	}
	e.ID, e.Timestamp = number('e', f.n), f.at
	if e.OrganizationID == uuid.Nil {
		e.OrganizationID = number('o', 0)
	}
	f.last = e.OrganizationID
	return f.core.Apply(&e)
}

func (f *feeder) must(e ingest.Event) {
	f.tb.Helper()
	if r := f.apply(e); r != aggregate.Accepted {
		f.tb.Fatalf("event %d: %v", f.n, r)
	}
}

// shapes are states of which one kind of thing makes up the most.
var shapes = []struct {
	name string
	fill func(f *feeder)
}{
	{"ids", func(f *feeder) {
		for range 700_000 {
			f.must(ingest.Event{Type: ingest.UserSetting})
		}
	}},
	{"ids of many organizations", func(f *feeder) {
		for i := range 20_000 {
			for range 20 {
				f.must(ingest.Event{Type: ingest.UserSetting, OrganizationID: number('o', i)})
			}
		}
	}},
	{"open calls", func(f *feeder) {
		for i := range 60_000 {
			e := ingest.Event{Type: ingest.QueueCallInComing, QueueID: number('q', i%20), CallID: number('c', i), CallerNumber: fmt.Appendf(nil, "+358%09d", i)}
			f.must(e)
			e.Type = ingest.QueueCallInArrived
			f.must(e)
		}
	}},
	{"calls that were answered", func(f *feeder) {
		for i := range 30_000 {
			e := ingest.Event{QueueID: number('q', i%20), CallID: number('c', i), UserID: number('u', i%500), CallerNumber: fmt.Appendf(nil, "+358%09d", i)}
			for _, t := range []ingest.Type{ingest.QueueCallInComing, ingest.QueueCallInArrived, ingest.QueueCallInUserAllocated,
				ingest.QueueCallInUserConnected, ingest.QueueCallInDisconnected} {
				e.Type = t
				f.must(e)
				f.at = f.at.Add(time.Millisecond)
			}
		}
	}},
	{"windows", func(f *feeder) {
		for i := range 20_000 {
			f.must(ingest.Event{Type: ingest.QueueCallInArrived, QueueID: number('q', i), CallID: number('c', i)})
		}
	}},
	{"queues and agents", func(f *feeder) {
		for i := range 40_000 {
			f.must(ingest.Event{Type: ingest.QueueChanged, QueueID: number('q', i), QueueName: fmt.Appendf(nil, "Queue %d", i), Region: []byte("Europe/Helsinki")})
		}
		for i := range 75_000 {
			f.must(ingest.Event{Type: ingest.UserStatus, UserID: number('u', i), UserName: fmt.Appendf(nil, "agent%d@example.com", i),
				Status: ingest.UserState{Available: true, Schedule: true, Serving: true, CanBeAllocatedTo: true, ServiceTerminals: 1}})
		}
	}},
	{"attachments", func(f *feeder) {
		for i := range 200_000 {
			f.must(ingest.Event{Type: ingest.UserQueueAttached, UserID: number('u', i%2000), QueueID: number('q', i/2000), Active: true})
		}
	}},
	{"callbacks", func(f *feeder) {
		for i := range 100_000 {
			f.must(ingest.Event{Type: ingest.CallbackChanged, CallBackID: number('b', i),
				Callback: ingest.Callback{TypeID: ingest.OptInt{Value: 1, Valid: true}, Modified: f.at}})
		}
	}},
	{"callbacks on lists, with timers", func(f *feeder) {
		for i := range 60_000 {
			f.must(ingest.Event{Type: ingest.CallbackChanged, CallBackID: number('b', i), CallListID: number('l', i%20_000), Callback: ingest.Callback{
				TypeID: ingest.OptInt{Value: 2, Valid: true}, Modified: f.at, DueDate: f.at.Add(4 * time.Hour), ExpiryDate: f.at.Add(48 * time.Hour),
				NotBefore: f.at.Add(time.Hour), ContactNumber: fmt.Appendf(nil, "+358%09d", i), ChannelIn: []byte("Sales")}})
		}
	}},
	{"callbacks of long histories", func(f *feeder) {
		attempts := make([]ingest.CallbackAttempt, 12)
		for i := range attempts {
			attempts[i] = ingest.CallbackAttempt{Timestamp: f.at, TypeID: ingest.OptInt{Value: int32(i), Valid: true}}
		}
		for i := range 20_000 {
			for range 10 { // closed, and changed since
				f.must(ingest.Event{Type: ingest.CallbackChanged, CallBackID: number('b', i), CallListID: number('l', i%20),
					Callback: ingest.Callback{Modified: f.at, IsClosed: true, Attempts: attempts}})
			}
		}
	}},
	{"lists of callbacks", func(f *feeder) {
		for i := range 60_000 {
			f.must(ingest.Event{Type: ingest.CallbackListStatus, CallListID: number('l', i)})
		}
	}},
}

// TestEstimateOfMemory: the limit is kept by an estimate, so the estimate must be right for whatever makes up the state.
func TestEstimateOfMemory(t *testing.T) {
	for _, s := range shapes {
		t.Run(s.name, func(t *testing.T) {
			before := heap()
			f := &feeder{tb: t, core: aggregate.New(aggregate.DefaultSettings()), at: boundsStart}
			s.fill(f)
			rows := &aggregate.Rows{}
			f.core.Drain(aggregate.DrainAll, rows)
			rows = nil
			got, want := heap()-before, f.core.Sizes().Bytes
			ratio := float64(got) / float64(want)
			t.Logf("%.1f MB held, %.1f MB estimated: ×%.2f", float64(got)/1e6, float64(want)/1e6, ratio)
			if ratio > 1.2 || ratio < .8 {
				t.Errorf("%d bytes are held and %d estimated", got, want)
			}
			runtime.KeepAlive(f)
		})
	}
}

// TestMemoryLimitHolds fills cores beyond their limit with one kind of state after the other: they refuse what does not
// fit, hold no more than the limit and a fifth, and go on when the limit is raised.
func TestMemoryLimitHolds(t *testing.T) {
	for _, s := range shapes {
		t.Run(s.name, func(t *testing.T) {
			set := aggregate.DefaultSettings()
			set.Limits.Bytes = 4 << 20
			before := heap()
			f := &feeder{tb: t, core: aggregate.New(set), at: boundsStart}
			full := f.untilFull(s.fill)
			f.core.Drain(aggregate.DrainAll, &aggregate.Rows{})
			for f.apply(ingest.Event{Type: ingest.UserSetting, OrganizationID: f.last}) != aggregate.Full { // rows that waited made room
				f.untilFull(s.fill)
				f.core.Drain(aggregate.DrainAll, &aggregate.Rows{})
			}
			held := heap() - before
			t.Logf("%.2f of the limit are held", float64(held)/float64(set.Limits.Bytes))
			if held > set.Limits.Bytes*6/5 {
				t.Errorf("%d bytes are held, the limit is %d", held, set.Limits.Bytes)
			}
			if !full {
				t.Fatal("the limit was never reached: nothing was tried")
			}
			sizes := f.core.Sizes()
			if r := f.apply(ingest.Event{Type: ingest.UserSetting, OrganizationID: f.last}); r != aggregate.Full || f.core.Sizes() != sizes {
				t.Errorf("at the limit: %v, %+v after %+v", r, f.core.Sizes(), sizes)
			}
			set.Limits.Bytes *= 4
			f.must(ingest.Event{Type: ingest.UserSetting, OrganizationID: f.last})
		})
	}
}

// errFull ends a fill.
type errFull struct{ testing.TB }

func (errFull) Fatalf(string, ...any) { panic(errFull{}) }

func (f *feeder) untilFull(fill func(*feeder)) (full bool) {
	tb := f.tb
	f.tb = errFull{tb}
	defer func() {
		f.tb = tb
		if r := recover(); r != nil {
			if _, full = r.(errFull); !full {
				panic(r)
			}
		}
	}()
	fill(f)
	return false
}

// TestIDsAreForgotten sends ten million distinct ids in some hours of event time: what is held is what an hour brings.
func TestIDsAreForgotten(t *testing.T) {
	if testing.Short() {
		t.Skip("ten million events")
	}
	set := aggregate.DefaultSettings()
	set.Limits.Bytes = 320 << 20
	before := heap()
	f := &feeder{tb: t, core: aggregate.New(set), at: boundsStart}
	for range 10_000_000 {
		f.must(ingest.Event{Type: ingest.UserSetting})
		f.at = f.at.Add(1300 * time.Microsecond)
	}
	perHour := int64(time.Hour / (1300 * time.Microsecond))
	if ids := f.core.Sizes().IDs; ids > 4*perHour {
		t.Errorf("%d ids are held, an hour brings %d", ids, perHour)
	}
	if held := heap() - before; held > set.Limits.Bytes {
		t.Errorf("%d bytes are held, the limit is %d", held, set.Limits.Bytes)
	}
	runtime.KeepAlive(f)
}

// TestCallsThatNeverEnd are let go once nothing can be told of them any more.
func TestCallsThatNeverEnd(t *testing.T) {
	set := aggregate.DefaultSettings()
	f, rows := &feeder{tb: t, core: aggregate.New(set), at: boundsStart}, &aggregate.Rows{}
	most, lost := int64(0), 0
	const calls = 40_000
	for i := range calls {
		f.must(ingest.Event{Type: ingest.QueueCallInArrived, QueueID: number('q', i%10), CallID: number('c', i)})
		f.at = f.at.Add(4 * time.Second)
		if i%500 == 0 {
			f.core.Drain(aggregate.DrainAll, rows)
			for j := range rows.Calls {
				if rows.Calls[j].Outcome == aggregate.Lost {
					lost++
				}
			}
			rows.Reset()
			most = max(most, f.core.Sizes().Calls)
		}
	}
	// A call is held for 4 hours of silence and the lateness after that.
	if held := int64(5*time.Hour/(4*time.Second)) + 1000; most > held {
		t.Errorf("%d calls were held at once, want at most %d", most, held)
	}
	if lost < calls-6000 {
		t.Errorf("%d of %d calls were lost", lost, calls)
	}
}

// TestLargestOrganization is one of 40,000 queues and 75,000 agents, all of whom a queue lists in no order, each in four
// more; then a hundred thousand events of their day.
func TestLargestOrganization(t *testing.T) {
	const queues, agents = 40_000, 75_000
	f := &feeder{tb: t, core: aggregate.New(aggregate.DefaultSettings()), at: boundsStart}
	r := rand.New(rand.NewPCG(5, 6))
	status := func(i int) {
		f.must(ingest.Event{Type: ingest.UserStatus, UserID: number('u', i),
			Status: ingest.UserState{Available: true, Schedule: true, Serving: true, CanBeAllocatedTo: r.IntN(2) == 0, ServiceTerminals: 1}})
	}
	for i := range agents {
		status(i)
	}
	all := make([]ingest.AttachedUser, agents)
	for i, j := range r.Perm(agents) {
		all[i] = ingest.AttachedUser{UserID: number('u', j), Active: true}
	}
	f.must(ingest.Event{Type: ingest.QueueAttachedUsers, QueueID: number('q', 0), HasAttachedUsers: true, AttachedUsers: all})
	for i := range agents {
		for range 4 {
			f.must(ingest.Event{Type: ingest.UserQueueAttached, UserID: number('u', i), QueueID: number('q', 1+r.IntN(queues-1)), Active: true})
		}
	}
	rows := &aggregate.Rows{}
	f.core.Drain(aggregate.DrainAll, rows)
	rows.Reset()
	for i := range 20_000 {
		q, c, u := number('q', r.IntN(queues)), number('c', i), number('u', r.IntN(agents))
		for _, typ := range []ingest.Type{ingest.QueueCallInComing, ingest.QueueCallInArrived, ingest.QueueCallInUserAllocated, ingest.QueueCallInUserConnected} {
			f.must(ingest.Event{Type: typ, QueueID: q, CallID: c, UserID: u})
			f.at = f.at.Add(time.Millisecond)
		}
		status(r.IntN(agents))
	}
	f.core.Drain(aggregate.DrainAll, rows)
	s := f.core.Sizes()
	if s.Queues < queues-100 || s.Agents != agents || s.Members < 4*agents || s.OpenVisits != 20_000 {
		t.Errorf("%+v", s)
	}
	for i := range rows.QueueStatus {
		if q := &rows.QueueStatus[i]; q.QueueID == number('q', 0) && q.NbrOfAgentsCheckedInQueue != agents {
			t.Errorf("%d agents are checked in, want %d", q.NbrOfAgentsCheckedInQueue, agents)
		}
	}
}

// TestRowsThatWaitCount: a history that nobody drains counts, with every agent of a list.
func TestRowsThatWaitCount(t *testing.T) {
	before := heap()
	f := &feeder{tb: t, core: aggregate.New(aggregate.DefaultSettings()), at: boundsStart}
	users := make([]ingest.AttachedUser, 500)
	for i := range users {
		users[i] = ingest.AttachedUser{UserID: number('u', i), Active: true}
	}
	for i := range 2000 {
		f.must(ingest.Event{Type: ingest.QueueAttachedUsers, QueueID: number('q', i%10), HasAttachedUsers: true, AttachedUsers: users})
		f.must(ingest.Event{Type: ingest.QueueChanged, QueueID: number('q', i%10), Region: []byte("Europe/Helsinki"), QueueName: []byte("Sales"),
			QueueGroups: []ingest.QueueGroup{{ID: number('g', 1), Name: []byte("All")}}})
	}
	held, estimated := heap()-before, f.core.Sizes().Bytes
	if ratio := float64(held) / float64(estimated); ratio > 1.2 || ratio < .8 {
		t.Errorf("%d bytes are held and %d estimated", held, estimated)
	}
	rows := &aggregate.Rows{}
	f.core.Drain(aggregate.DrainAll, rows)
	if n, m := len(rows.Attachments), len(rows.QueueChanges); n != 2000 || m != 2000 {
		t.Errorf("%d and %d rows were drained", n, m)
	}
	rows = nil
	if left := f.core.Sizes().Bytes; left > estimated/10 {
		t.Errorf("%d of %d bytes are left when all is drained", left, estimated)
	}
	runtime.KeepAlive(f)
}
