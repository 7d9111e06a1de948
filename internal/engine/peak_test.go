package engine

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"ringside/aggregate"
	"ringside/ingest"
	"ringside/ingest/kafka"
	"ringside/internal/config"
	"ringside/internal/sim"
	"ringside/internal/soak"
	"ringside/internal/storetest"
	"ringside/store"
	"ringside/store/embedded/embeddedtest"
)

// peakMember is an engine's only member of a group whose coordinator always answers.
type peakMember struct{}

func (peakMember) Run(context.Context, kafka.Worker) error { panic("BUG: not for a simulation") }
func (peakMember) Partitions() int                         { return 1 }
func (peakMember) LastHeartbeat() time.Time                { return time.Now() }
func (peakMember) Lag() []kafka.Lag                        { return nil }

// peakSource is a partition at the end of its log.
type peakSource struct{}

func (peakSource) Number() int32                                       { return 0 }
func (peakSource) GenerationID() int32                                 { return 1 }
func (peakSource) Commit(map[string]int64) error                       { return nil }
func (peakSource) Lag() []kafka.Lag                                    { return nil }
func (peakSource) Start(context.Context, map[string]kafka.Place) error { return nil }
func (peakSource) Next(context.Context) (*ingest.Batch, error)         { panic("BUG: not for a simulation") }

// peak is an engine in its busiest hours, on a clock that is only told.
type peak struct {
	t      *testing.T
	e      *Engine
	w      *worker
	read   storetest.Query
	load   *sim.LoadStream
	next   sim.Event
	buffer []byte
	offset map[string]int64
}

// openMigrated opens a database of the test's own, with its tables made.
func openMigrated(t *testing.T) (db *store.DB, url, database string) {
	t.Helper()
	url, database = embeddedtest.Database(t)
	db, err := store.Open(t.Context(), store.Options{URL: url, Database: database})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	if err := db.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	return db, url, database
}

func newPeak(t *testing.T, start time.Time) *peak {
	t.Helper()
	db, url, database := openMigrated(t)
	c := config.Default()
	c.Kafka.Embedded, c.Kafka.Brokers = false, []string{"nowhere:9092"}
	c.Privacy.Numbers = config.NumbersKeep
	e, err := New(Options{Config: c, Store: &Store{DB: db, config: c}, Metrics: NewMetrics(), Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	e.consumer, e.places = peakMember{}, newPlaces(nil)
	p := &peak{t: t, e: e, read: storetest.HTTP(t, url, database), offset: map[string]int64{},
		load: sim.Load(sim.LoadConfig{Seed: 5, Start: start, Organizations: 20, Queues: 10, Agents: 50, Calls: 1500, Step: 50 * time.Millisecond})}
	p.w = e.newWorker(peakSource{})
	e.register(p.w)
	if err := p.w.begin(t.Context()); err != nil {
		t.Fatal(err)
	}
	p.next, _ = p.load.Next(nil)
	return p
}

// until takes in what happens up to an instant.
func (p *peak) until(now time.Time) {
	batches := map[string]*ingest.Batch{}
	for p.buffer = p.buffer[:0]; p.next.At <= ingest.FromGo(now); {
		b := batches[p.next.Topic]
		if b == nil {
			b = &ingest.Batch{Topic: p.next.Topic}
			batches[p.next.Topic] = b
		}
		b.Records = append(b.Records, ingest.Record{Offset: p.offset[b.Topic], Value: p.next.JSON, Source: ingest.SourceEnreach, ReceivedAt: p.next.At})
		p.offset[b.Topic]++
		b.NextOffset, b.HighWatermark = p.offset[b.Topic], p.offset[b.Topic]
		p.next, _ = p.load.Next(nil)
	}
	for _, topic := range []string{sim.TopicQueue, sim.TopicUser, sim.TopicCallback} {
		if b := batches[topic]; b != nil {
			if _, err := p.w.take(b, 0); err != nil {
				p.t.Fatal(err)
			}
		}
	}
}

// figures are what must stay flat, and below its bound.
type figures struct {
	parts       int // active, of the table that has the most
	table       string
	heap, state int64
}

func (p *peak) look() (f figures) {
	fields := strings.Fields(p.read("SELECT count() AS n, table FROM system.parts WHERE active AND database = currentDatabase() GROUP BY table ORDER BY n DESC LIMIT 1"))
	n, err := strconv.Atoi(fields[0])
	if err != nil {
		p.t.Fatal(err)
	}
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return figures{n, fields[1], int64(m.HeapAlloc), p.w.pipeline.core.Sizes().Bytes}
}

// TestPeak runs an engine with its usual cadence of inserts and checkpoints through minutes of a peak, 20 events a second,
// or through as many hours as RINGSIDE_SOAK_PEAK says, as fast as the store takes them: ClickHouse has less time to merge
// than it would have. The parts of each table stay below 100, and memory does not grow once calls are let go as they come.
func TestPeak(t *testing.T) {
	start := time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC)
	hours, err := strconv.ParseFloat(os.Getenv("RINGSIDE_SOAK_PEAK"), 64)
	if err != nil {
		hours = .02
	}
	begin := time.Now()
	p := newPeak(t, start)
	end := start.Add(time.Duration(hours * float64(time.Hour)))
	var seen []figures
	saved, looked := start, start
	for now := start; now.Before(end); now = now.Add(tickEvery / 2) {
		p.until(now)
		due := p.e.writer.Due(now)
		p.w.tick(ingest.FromGo(now), due)
		for i := range 3 {
			if set := aggregate.DrainNow << i; due&set != 0 {
				p.e.flush(t.Context(), set)
			}
		}
		if now.Sub(saved) >= 10*time.Second {
			saved = now
			if err := p.w.saver.dropOld(t.Context(), time.Now()); err != nil {
				t.Fatal(err)
			}
			if err := p.w.checkpoint(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		if now.Sub(looked) >= min(10*time.Minute, end.Sub(start)/10) {
			looked = now
			f := p.look()
			seen = append(seen, f)
			t.Logf("%s: %d active parts (%s), heap %d MB, state %d MB, %s passed", now.Format(time.TimeOnly), f.parts, f.table, f.heap>>20, f.state>>20,
				time.Since(begin).Round(time.Second))
		}
	}
	most := figures{}
	for _, f := range seen {
		if f.parts > most.parts {
			most = f
		}
	}
	last, middle := seen[len(seen)-1], seen[len(seen)/2]
	t.Logf("%.2f hours: at most %d active parts (%s); heap %d MB in the middle, %d at the end; state %d and %d MB", hours, most.parts, most.table,
		middle.heap>>20, last.heap>>20, middle.state>>20, last.state>>20)
	if most.parts >= 100 {
		t.Errorf("%s has %d active parts", most.table, most.parts)
	}
	// Calls are held for two hours after their end, windows for half a day: from there on nothing grows.
	if hours >= 20 && float64(last.heap) > 1.2*float64(middle.heap) {
		t.Errorf("the heap grows: %d bytes after %d", last.heap, middle.heap)
	}
	if report := os.Getenv("RINGSIDE_SOAK_REPORT"); report != "" {
		failed := 0
		if t.Failed() {
			failed = 1
		}
		err := soak.Append(report, soak.Row{Proof: "peak on a simulated clock", Differences: failed, Took: time.Since(begin), Ended: time.Now(),
			Tried: fmt.Sprintf("%g hours, %d events; at most %d active parts (%s); heap %d MB in the middle, %d MB at the end", hours,
				p.offset[sim.TopicQueue]+p.offset[sim.TopicUser], most.parts, most.table, middle.heap>>20, last.heap>>20)})
		if err != nil {
			t.Fatal(err)
		}
	}
}
