package engine

import (
	"runtime"
	"testing"
	"time"

	"ringside/aggregate"
	"ringside/ingest"
	"ringside/internal/sim"
)

// Under a steady load the memory of a pipeline is flat once calls and windows are let go as they come, over midnights, too:
// what an hour leaves behind is nothing to TestPeak, and everything to a process that runs for months.
func TestMemoryIsFlat(t *testing.T) {
	start := time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC)
	load := sim.Load(sim.LoadConfig{Seed: 5, Start: start, Organizations: 2, Queues: 10, Agents: 50, Calls: 150, Step: 500 * time.Millisecond})
	out := &history{}
	p := newPipeline(0, aggregate.DefaultSettings(), out, NewMetrics(), &versions{epoch: 1}, 1<<20, newPlaces(nil))
	p.watching = true
	p.core.Track()
	p.core.BeginCycle()
	offsets := map[string]int64{}
	event, _ := load.Next(nil)
	var buffer []byte
	hours := func(from, to int) (heap uint64) {
		for now := start.Add(time.Duration(from) * time.Hour); now.Before(start.Add(time.Duration(to) * time.Hour)); now = now.Add(time.Second) {
			for ; event.At <= ingest.FromGo(now); event, _ = load.Next(buffer[:0]) {
				b := ingest.Batch{Topic: event.Topic, NextOffset: offsets[event.Topic] + 1, Records: []ingest.Record{
					{Offset: offsets[event.Topic], Value: event.JSON, Source: ingest.SourceEnreach, ReceivedAt: event.At}}}
				offsets[event.Topic]++
				if _, err := p.Process(&b, 0); err != nil {
					t.Fatal(err)
				}
				buffer = event.JSON
			}
			p.Settle()
			p.core.Advance(ingest.FromGo(now))
			p.Drain(aggregate.DrainAll)
			out.rows = nil
			if now.Second()%10 > 0 {
				continue
			}
			_, done, err := p.core.Changes(func(aggregate.Entity) error { return nil })
			if err != nil {
				t.Fatal(err)
			}
			if done {
				p.core.BeginCycle()
			}
		}
		runtime.GC()
		runtime.GC() // what finalizers and pools have let go
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		t.Logf("after %d hours: heap %.2f MB, state %.2f MB", to, float64(m.HeapAlloc)/1e6, float64(p.core.Sizes().Bytes)/1e6)
		return m.HeapAlloc
	}
	hours(0, 16)
	before := hours(16, 20) // over midnight, windows of two dates are held for half a day
	hours(20, 40)
	after := hours(40, 44) // the same time of day
	if float64(after) > 1.05*float64(before) {
		t.Errorf("a day later %d bytes are held, not %d", after, before)
	}
	if n := offsets[sim.TopicQueue]; n < 100_000 {
		t.Errorf("only %d events of queues", n)
	}
}
