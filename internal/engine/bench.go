package engine

import (
	"context"
	"fmt"
	"runtime"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/google/uuid"

	"ringside/aggregate"
	"ringside/ingest"
	"ringside/ingest/kafka"
	"ringside/ingest/vendors"
	"ringside/internal/config"
)

// Measurement is what one step of a benchmark took. CPU is this process's; that of an embedded store is apart.
type Measurement struct {
	Step               string  `json:"step"`
	Events             int64   `json:"events"`
	Seconds            float64 `json:"seconds"`
	EventsPerSecond    float64 `json:"events_per_second"`
	CPUSecondsPerM     float64 `json:"cpu_seconds_per_million"`
	StoreCPUPerM       float64 `json:"store_cpu_seconds_per_million"`
	AllocationsPer     float64 `json:"allocations_per_event"`
	AllocatedBytesPer  float64 `json:"allocated_bytes_per_event"`
	StateBytesPerVisit float64 `json:"state_bytes_per_held_call"`
}

// stopwatch measures a step.
type stopwatch struct {
	begin    time.Time
	cpu      time.Duration
	children time.Duration
	memory   runtime.MemStats
}

func startWatch() *stopwatch {
	runtime.GC()
	w := &stopwatch{cpu: cpuTime(syscall.RUSAGE_SELF), children: cpuTime(syscall.RUSAGE_CHILDREN)}
	runtime.ReadMemStats(&w.memory)
	w.begin = time.Now()
	return w
}

func (w *stopwatch) stop(step string, events int64) Measurement {
	took, cpu := time.Since(w.begin).Seconds(), cpuTime(syscall.RUSAGE_SELF)-w.cpu
	var after runtime.MemStats
	runtime.ReadMemStats(&after)
	n := float64(max(events, 1))
	return Measurement{Step: step, Events: events, Seconds: took, EventsPerSecond: n / took, CPUSecondsPerM: cpu.Seconds() / n * 1e6,
		AllocationsPer:    float64(after.Mallocs-w.memory.Mallocs) / n,
		AllocatedBytesPer: float64(after.TotalAlloc-w.memory.TotalAlloc) / n}
}

// cpuTime is the CPU time of this process, or of its children that have ended.
func cpuTime(who int) time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(who, &u); err != nil {
		panic("BUG: getrusage: " + err.Error())
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// BenchDecode decodes every event.
func BenchDecode(events [][]byte, done *atomic.Int64) (Measurement, error) {
	decode, event := vendors.Decoders()[ingest.SourceEnreach], &ingest.Event{}
	w := startWatch()
	for i, e := range events {
		if _, err := decode(e, 0, event); err != nil {
			return Measurement{}, fmt.Errorf("bench: event %d: %w", i, err)
		}
		done.Store(int64(i + 1))
	}
	return w.stop("decode", int64(len(events))), nil
}

// discard is a sink for what is not to be measured.
type discard struct{}

func (discard) Add(int32, uint64, *aggregate.Rows)              {}
func (discard) AddEvent(int32, string, *ingest.Event, []byte)   {}
func (discard) AddLate(int32, string, *ingest.Event, []byte)    {}
func (discard) AddReject(ingest.Reject)                         {}
func (discard) AddOrganization(int32, uint64, uuid.UUID, int64) {}
func (discard) Forget(int32, uint64)                            {}

func benchPipeline(partition int32, s *aggregate.Settings) *Pipeline {
	return newPipeline(partition, s, discard{}, NewMetrics(), &versions{epoch: 1}, 1<<20, newPlaces(nil))
}

// drainEvery events the rows are taken out, as the flushes of a busy engine do.
const drainEvery = 100_000

// BenchApply takes every event through decoder and core, windows up to date.
func BenchApply(events [][]byte, s *aggregate.Settings, done *atomic.Int64) (Measurement, error) {
	p := benchPipeline(noPartition, s)
	b := &ingest.Batch{Topic: "bench"}
	var held, bytes int64
	w := startWatch()
	for at := 0; at < len(events); {
		b.Records = b.Records[:0]
		for ; at < len(events) && len(b.Records) < settleEvery; at++ {
			b.Records = append(b.Records, ingest.Record{Offset: int64(at), Value: events[at], Source: ingest.SourceEnreach})
		}
		b.NextOffset = int64(at)
		if _, err := p.Process(b, 0); err != nil {
			return Measurement{}, fmt.Errorf("bench: %w", err)
		}
		p.Settle()
		if at%drainEvery < settleEvery {
			p.Drain(aggregate.DrainAll)
		}
		if s := p.core.Sizes(); s.Calls > held {
			held, bytes = s.Calls, s.Bytes
		}
		done.Store(int64(at))
	}
	m := w.stop("decode + core", int64(len(events)))
	m.StateBytesPerVisit = float64(bytes) / float64(max(held, 1))
	if c := p.Counts(); c.Accepted+c.Orphan != c.Received {
		return m, fmt.Errorf("bench: not every event was accepted: %s", c)
	}
	return m, nil
}

// BenchWindows consumes events from Kafka up to updated windows.
func BenchWindows(ctx context.Context, brokers []string, topic, group string, events int64, s *aggregate.Settings, done *atomic.Int64) (Measurement, error) {
	consumer, err := kafka.NewConsumer(kafka.Options{Brokers: brokers, Group: group, Topics: []kafka.Topic{{Name: topic, Source: ingest.SourceEnreach}}})
	if err != nil {
		return Measurement{}, err
	}
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	var w *stopwatch
	var m Measurement
	err = consumer.Run(ctx, func(ctx context.Context, part *kafka.Partition) error {
		p := benchPipeline(part.Number(), s)
		w = startWatch()
		if err := part.Start(ctx, nil); err != nil {
			return err
		}
		for done.Load() < events {
			b, err := part.Next(ctx)
			if err != nil {
				return err
			}
			_, err = p.Process(b, 0)
			p.Settle()
			done.Add(int64(len(b.Records)))
			b.Release()
			if err != nil {
				return err
			}
		}
		m = w.stop("Kafka → windows", events)
		stop()
		return nil
	})
	if err == nil && done.Load() < events {
		err = ctx.Err()
	}
	return m, err
}

// BenchStore runs a whole engine from Kafka to an embedded ClickHouse until every row is written.
func BenchStore(ctx context.Context, o Options, c *config.Config, events int64, done *atomic.Int64) (Measurement, error) {
	children := cpuTime(syscall.RUSAGE_CHILDREN)
	db, err := OpenStore(ctx, c, StoreOwn, o.Log)
	if err != nil {
		return Measurement{}, err
	}
	o.Config, o.Store, o.Metrics = c, db, NewMetrics()
	m, err := benchEngine(ctx, o, events, done)
	if errClose := db.Close(); err == nil {
		err = errClose
	}
	m.StoreCPUPerM = (cpuTime(syscall.RUSAGE_CHILDREN) - children).Seconds() / float64(max(events, 1)) * 1e6
	return m, err
}

func benchEngine(ctx context.Context, o Options, events int64, done *atomic.Int64) (Measurement, error) {
	e, err := New(o)
	if err != nil {
		return Measurement{}, err
	}
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	w := startWatch()
	ended := make(chan error, 1)
	go func() { ended <- e.Run(ctx) }()
	for {
		select {
		case err := <-ended:
			return Measurement{}, err
		case <-time.After(tickEvery):
		}
		left := e.remaining()
		done.Store(max(events-left, 0))
		if e.Ready() == nil && left == 0 && e.AwaitEnd(ctx) == nil {
			break
		}
	}
	stop()
	err = <-ended // the rest is written, and the state saved
	return w.stop("Kafka → ClickHouse", events), err
}
