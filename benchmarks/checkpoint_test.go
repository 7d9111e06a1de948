package benchmarks

import (
	"bytes"
	"fmt"
	"testing"
	"time"

	"ringside/aggregate"
	"ringside/ingest"
	"ringside/store"
	"ringside/store/embedded/embeddedtest"
)

func TestMain(m *testing.M) { embeddedtest.Main(m) }

// state is a core whose checkpoints go to an embedded ClickHouse.
type state struct {
	b           testing.TB
	core        *aggregate.Core
	checkpoints *store.Checkpoints
	db          *store.DB
	rows        aggregate.Rows
	n           int
	sequence    uint64
	at          ingest.Time

	changed, written int
}

func newState(b testing.TB) *state {
	b.Helper()
	url, database := embeddedtest.Database(b)
	db, err := store.Open(b.Context(), store.Options{URL: url, Database: database})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = db.Close() })
	if err := db.Migrate(b.Context()); err != nil {
		b.Fatal(err)
	}
	s := &state{b: b, core: aggregate.New(aggregate.DefaultSettings()), db: db, at: ingest.FromGo(time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC))}
	s.checkpoints = store.NewWriter(db, store.WriterOptions{}).Checkpoints("ringside", 0, 1, nil)
	s.core.Track()
	return s
}

// call applies the first four events of a call that is talking then.
func (s *state) call(organization, queue int) {
	s.n++
	call := numbered('c', s.n)
	for i, t := range []ingest.Type{ingest.QueueCallInComing, ingest.QueueCallInArrived, ingest.QueueCallInUserAllocated, ingest.QueueCallInUserConnected} {
		e := ingest.Event{Type: t, ID: numbered('e', 4*s.n+i), OrganizationID: numbered('o', organization), QueueID: numbered('q', queue), CallID: call,
			UserID: numbered('u', s.n%500), CallerNumber: fmt.Appendf(nil, "+358%09d", s.n), Timestamp: s.at}
		if r := s.core.Apply(&e); r != aggregate.Accepted {
			s.b.Fatal(r)
		}
	}
}

// save takes a checkpoint.
func (s *state) save() {
	s.core.Drain(aggregate.DrainAll, &s.rows)
	s.rows.Reset()
	if s.checkpoints.NewGeneration() {
		s.core.BeginCycle()
	}
	s.sequence++
	c := store.Checkpoint{Sequence: s.sequence}
	var err error
	s.written = 0
	s.changed, c.CycleDone, err = s.core.Changes(func(e aggregate.Entity) error {
		s.written += len(e.Key) + len(e.Data)
		e.Key, e.Data = bytes.Clone(e.Key), bytes.Clone(e.Data)
		c.Entities = append(c.Entities, e)
		return nil
	})
	if err == nil {
		err = s.checkpoints.Save(s.b.Context(), c)
	}
	if err != nil {
		s.b.Fatal(err)
	}
}

// BenchmarkCheckpoint is one checkpoint of a partition with 100,000 organizations, of which 100 have had ten calls each
// since the last one, and for comparison one in which all were busy.
func BenchmarkCheckpoint(b *testing.B) {
	const organizations, busy = 100_000, 100
	s := newState(b)
	for o := range organizations {
		s.call(o, o)
	}
	s.save()
	all := s.changed
	b.Run("100 of 100,000 organizations busy", func(b *testing.B) {
		for b.Loop() {
			b.StopTimer()
			s.at = s.at.Add(10 * time.Second)
			for o := range busy {
				for range 10 {
					s.call(o*(organizations/busy), o*(organizations/busy))
				}
			}
			b.StartTimer()
			s.save()
		}
		b.ReportMetric(float64(s.changed), "changed-bytes/op")
		b.ReportMetric(float64(s.written), "written-bytes/op")
		b.ReportMetric(float64(all), "whole-state-bytes")
	})
}

// BenchmarkRestart is a restart with 100,000 open calls: reading and verifying the checkpoint, restoring it, and folding.
func BenchmarkRestart(b *testing.B) {
	s := newState(b)
	for n := range 100_000 {
		if n%40 == 0 {
			s.at = s.at.Add(100 * time.Millisecond)
		}
		s.call(n%50, n%1000)
	}
	s.save()
	for b.Loop() {
		core := aggregate.New(aggregate.DefaultSettings())
		if _, found, err := s.db.LoadCheckpoint(b.Context(), "ringside", 0, core.Restore); err != nil || !found {
			b.Fatal(found, err)
		}
		if err := core.FinishRestore(); err != nil {
			b.Fatal(err)
		}
		if open := core.Sizes().OpenVisits; open != 100_000 {
			b.Fatalf("%d open visits", open)
		}
	}
}
