package store

import (
	"syscall"
	"testing"
	"time"

	"github.com/google/uuid"

	"ringside/aggregate"
	"ringside/ingest"
)

// BenchmarkEvents takes in and writes events with bodies of 600 bytes, 64k to a flush; ns/op is per event, the store's
// own time included, cpu-µs/op what this process pays.
func BenchmarkEvents(b *testing.B) {
	w := newTestWriter(openMigrated(b))
	body := make([]byte, 600)
	for i := range body {
		body[i] = "abcdefghijklmnop0123456789{}:\","[i*7%31]
	}
	e := ingest.Event{Type: ingest.QueueCallInArrived, OrganizationID: id(1), QueueID: id(2), Timestamp: ingest.FromGo(monday)}
	b.ReportAllocs()
	begin := ownCPU(b)
	for i := range b.N {
		e.ID, e.CallID, e.Timestamp = uuid.UUID{1, byte(i >> 24), byte(i >> 16), byte(i >> 8), byte(i)}, uuid.UUID{byte(i >> 12), byte(i >> 4)}, e.Timestamp+10
		w.AddEvent(0, ingest.SourceEnreach, &e, body)
		if i%(64<<10) == 64<<10-1 {
			flush(b, w)
		}
	}
	flush(b, w)
	b.ReportMetric(float64(ownCPU(b)-begin)/1e3/float64(b.N), "cpu-µs/op")
}

// ownCPU returns the processor time of this process, the store's own apart.
func ownCPU(b *testing.B) time.Duration {
	b.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// BenchmarkAddEvent is the part of it that the engine's worker pays.
func BenchmarkAddEvent(b *testing.B) {
	w := newTestWriter(openMigrated(b))
	body := make([]byte, 600)
	e := ingest.Event{Type: ingest.QueueCallInArrived, OrganizationID: id(1), QueueID: id(2), Timestamp: ingest.FromGo(monday)}
	b.ReportAllocs()
	for i := range b.N {
		w.AddEvent(0, ingest.SourceEnreach, &e, body)
		if i%(64<<10) == 64<<10-1 {
			b.StopTimer()
			flush(b, w)
			b.StartTimer()
		}
	}
}

// BenchmarkCalls takes in and writes visits, 20,000 to a flush.
func BenchmarkCalls(b *testing.B) {
	w := newTestWriter(openMigrated(b))
	rows := aggregate.Rows{Calls: []aggregate.CallRow{call(1, aggregate.Answered)}}
	r := &rows.Calls[0]
	r.AgentIDs, r.AgentName, r.EndReason = []uuid.UUID{id(4)}, "agent.name@example.com", "remote"
	b.ReportAllocs()
	for i := range b.N {
		r.CallID = uuid.UUID{byte(i >> 24), byte(i >> 16), byte(i >> 8), byte(i)}
		w.Add(0, uint64(i), &rows)
		if i%20_000 == 19_999 {
			flush(b, w)
		}
	}
	flush(b, w)
}

// BenchmarkDaily takes in and writes daily rows of 1,000 queues with histograms of 100 buckets.
func BenchmarkDaily(b *testing.B) {
	w := newTestWriter(openMigrated(b))
	rows := aggregate.Rows{Daily: []aggregate.DailyRow{dailyRow()}}
	for i := range 100 {
		rows.Daily[0].Waits = append(rows.Daily[0].Waits, aggregate.HistogramBucket{Bucket: uint16(1000 + i), Count: 3})
	}
	b.ReportAllocs()
	for i := range b.N {
		rows.Daily[0].QueueID = id(i % 1000)
		w.Add(0, uint64(i), &rows)
		if i%1000 == 999 {
			flush(b, w)
		}
	}
	flush(b, w)
}
