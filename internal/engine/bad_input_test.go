package engine

import (
	"slices"
	"syscall"
	"testing"
	"time"

	"ringside/aggregate"
	"ringside/ingest"
	"ringside/internal/sim"
)

// BenchmarkBadInput reports by how many percent a batch costs more CPU in which one message in a hundred is cut short, from
// decoding to rows. Both kinds of batches run in turns, so that a busy machine slows down both.
func BenchmarkBadInput(b *testing.B) {
	const records = 5000
	good, bad := benchPipeline(0, aggregate.DefaultSettings()), benchPipeline(0, aggregate.DefaultSettings())
	load := sim.Load(sim.LoadConfig{Seed: 9, Start: time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC), Organizations: 20, Queues: 10, Agents: 50, Calls: 1500})
	var used [2]time.Duration
	offset := int64(0)
	for b.Loop() {
		whole := &ingest.Batch{Topic: "events", NextOffset: offset + records}
		for range records {
			e, _ := load.Next(nil)
			whole.Records = append(whole.Records, ingest.Record{Offset: offset, Value: e.JSON, Source: ingest.SourceEnreach, ReceivedAt: e.At})
			offset++
		}
		damaged := &ingest.Batch{Topic: whole.Topic, NextOffset: whole.NextOffset, Records: slices.Clone(whole.Records)}
		for i := 0; i < records; i += 100 {
			v := damaged.Records[i].Value
			damaged.Records[i].Value = v[:len(v)-5]
		}
		process := func(i int) {
			begin := cpuTime(syscall.RUSAGE_SELF)
			p := []*Pipeline{good, bad}[i]
			if _, err := p.Process([]*ingest.Batch{whole, damaged}[i], 0); err != nil {
				b.Fatal(err)
			}
			p.Drain(aggregate.DrainAll)
			used[i] += cpuTime(syscall.RUSAGE_SELF) - begin
		}
		first := int(offset/records) % 2 // whoever is second finds the messages in the processor's cache
		process(first)
		process(1 - first)
	}
	if c := bad.Counts(); c.Rejected != offset/100 {
		b.Fatalf("%d of %d messages were rejected", c.Rejected, offset)
	}
	b.ReportMetric(100*(float64(used[1])/float64(used[0])-1), "%-more")
	b.ReportMetric(used[0].Seconds()/float64(offset)*1e6, "cpu-s/M-events")
}
