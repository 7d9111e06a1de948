package benchmarks

import (
	"runtime"
	"strconv"
	"testing"
	"time"

	"github.com/google/uuid"

	"ringside/aggregate"
	"ringside/ingest"
	"ringside/ingest/vendors/enreach"
	"ringside/internal/sim"
)

// callEvents are the events of a plain answered call, to be stamped with ids and times.
var callEvents = []struct {
	typ   ingest.Type
	after int64 // seconds after the call's begin
}{
	{ingest.QueueCallInComing, 0}, {ingest.QueueCallBlockingPromptStarted, 1}, {ingest.QueueCallInArrived, 5},
	{ingest.QueueCallInUserAllocated, 20}, {ingest.QueueCallInUserCancelled, 30}, {ingest.QueueCallInUserAllocated, 31},
	{ingest.QueueCallInUserConnected, 35}, {ingest.UserWrapUpEnabled, 35}, {ingest.UserStatus, 35},
	{ingest.QueueCallInHoldStart, 60}, {ingest.QueueCallInHoldEnd, 90}, {ingest.QueueCallInDisconnected, 200},
	{ingest.UserWrapUpStarted, 200}, {ingest.UserWrapUpTerminated, 230}, {ingest.UserStatus, 230},
}

func numbered(kind byte, n int) (id uuid.UUID) {
	id[0] = kind
	for i := range 8 {
		id[15-i] = byte(n >> (8 * i))
	}
	return id
}

// BenchmarkApply measures Apply and Settle over interleaved calls of 50 queues and 500 agents, one call a second, in
// batches of 1,500 events.
func BenchmarkApply(b *testing.B) {
	core := aggregate.New(aggregate.DefaultSettings())
	var rows aggregate.Rows
	var e ingest.Event
	const start = int64(1772352000) * ingest.TicksPerSecond
	type open struct{ call, step int }
	calls := make([]open, 230)
	for i := range calls {
		calls[i] = open{call: i, step: 0}
	}
	next := len(calls)
	leg, reason, caller := []byte("leg-1"), []byte("remote"), []byte("+358501234567")
	b.ReportAllocs()
	n := 0
	for b.Loop() {
		c := &calls[n%len(calls)]
		ev := callEvents[c.step]
		e.Reset()
		e.Type, e.ID, e.OrganizationID = ev.typ, numbered(1, n), numbered(2, 0)
		e.CallID, e.QueueID, e.UserID = numbered(3, c.call), numbered(4, c.call%50), numbered(5, c.call%500)
		e.Timestamp = ingest.Time(start + int64(n/15)*ingest.TicksPerSecond)
		e.LegID, e.Reason, e.CallerNumber = leg, reason, caller
		e.Status = ingest.UserState{Serving: true, Available: true, Schedule: true, ServiceTerminals: 1}
		if r := core.Apply(&e); r != aggregate.Accepted {
			b.Fatal(r)
		}
		if c.step++; c.step == len(callEvents) {
			*c = open{call: next}
			next++
		}
		if n++; n%1500 == 0 {
			core.Settle()
		}
		if n%30000 == 0 {
			rows.Reset()
			core.Drain(aggregate.DrainAll, &rows)
		}
	}
	s := core.Sizes()
	b.ReportMetric(float64(s.Bytes)/float64(max(s.Calls, 1)), "B/call")
}

// BenchmarkOpenVisits measures the heap that an open, connected visit takes, everything included: four facts of a call
// in one of 1,000 queues, a caller's number, the ids of four events. Run it with -benchtime 200000x.
func BenchmarkOpenVisits(b *testing.B) {
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	core := aggregate.New(aggregate.DefaultSettings())
	var e ingest.Event
	var rows aggregate.Rows
	var caller []byte
	n := 0
	for b.Loop() {
		for step, typ := range []ingest.Type{ingest.QueueCallInComing, ingest.QueueCallInArrived, ingest.QueueCallInUserAllocated, ingest.QueueCallInUserConnected} {
			e.Reset()
			e.Type, e.ID, e.OrganizationID = typ, numbered(1, n*4+step), numbered(2, 0)
			e.CallID, e.QueueID, e.UserID = numbered(3, n), numbered(4, n%1000), numbered(5, n%10000)
			e.Timestamp = ingest.Time((int64(1772352000)+int64(n/100))*ingest.TicksPerSecond + int64(step))
			caller = strconv.AppendInt(append(caller[:0], "+3585"...), int64(n), 10)
			e.CallerNumber = caller
			core.Apply(&e)
		}
		if n++; n%500 == 0 {
			core.Settle()
		}
		if n%20_000 == 0 {
			rows.Reset()
			core.Drain(aggregate.DrainAll, &rows)
		}
	}
	core.Drain(aggregate.DrainAll, &rows)
	rows = aggregate.Rows{}
	runtime.GC()
	runtime.ReadMemStats(&after)
	visits := float64(core.Sizes().OpenVisits)
	b.ReportMetric((float64(after.HeapAlloc)-float64(before.HeapAlloc))/visits, "heapB/visit")
	b.ReportMetric(float64(core.Sizes().Bytes)/visits, "estimatedB/visit")
}

// BenchmarkSimulated measures decoding, and decoding with Apply and Settle in batches of 1,500, over the load of many
// queues and over the day of one contact centre, whose events are of more kinds.
func BenchmarkSimulated(b *testing.B) {
	load := sim.Load(sim.LoadConfig{Seed: 1, Start: time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC), Organizations: 20, Queues: 20,
		Agents: 200, Calls: 4000})
	var loaded [][]byte
	for range 200_000 {
		_, body := load.Next(nil)
		loaded = append(loaded, body)
	}
	config := sim.DefaultConfig(1)
	var day [][]byte
	for _, e := range sim.New(config).All() {
		day = append(day, e.JSON)
	}
	for _, bc := range []struct {
		name   string
		bodies [][]byte
		apply  bool
	}{{"load/decode", loaded, false}, {"load/apply", loaded, true}, {"day/decode", day, false}, {"day/apply", day, true}} {
		b.Run(bc.name, func(b *testing.B) { benchmarkBodies(b, bc.bodies, config.Settings(), bc.apply) })
	}
}

func benchmarkBodies(b *testing.B, bodies [][]byte, set *aggregate.Settings, apply bool) {
	var d enreach.Decoder
	var e ingest.Event
	var core *aggregate.Core
	var size int
	for _, body := range bodies {
		size += len(body)
	}
	b.SetBytes(int64(size / len(bodies)))
	b.ReportAllocs()
	n := 0
	for b.Loop() {
		if n%len(bodies) == 0 {
			core = aggregate.New(set)
		}
		if err := d.Decode(bodies[n%len(bodies)], &e); err != nil {
			b.Fatal(err)
		}
		if apply {
			core.Apply(&e)
			if n%1500 == 0 {
				core.Settle()
			}
		}
		n++
	}
}
