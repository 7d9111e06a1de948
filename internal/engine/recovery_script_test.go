package engine

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/google/uuid"

	"ringside/aggregate"
	"ringside/ingest"
	"ringside/store"
)

// newScript returns a world of one organization and one partition, whose events come out of order, and in which nothing
// happens but what the test has happen.
func newScript(t *testing.T) *world {
	t.Helper()
	s := openCrashStore(t)
	w := newWorld(t, 1, s.db, s.read)
	w.markAhead, w.now, w.keeps = 20, 0, store.EventsOff
	t.Cleanup(func() {
		for _, p := range w.processes {
			p.dies()
		}
		if len(w.failures) > 0 || t.Failed() {
			w.report()
		}
	})
	return w
}

// joins starts a process that takes over the partition, in the group's next generation.
func (w *world) joins() *process {
	w.t.Helper()
	p := w.start()
	w.hasTakeOver(p)
	if len(p.restored()) != 1 {
		w.t.Fatalf("process %d has not taken over", p.id)
	}
	return p
}

// hasTakeOver has a process begin to take over.
func (w *world) hasTakeOver(p *process) {
	w.generation++
	w.owner[0] = p
	p.takesOver(0)
}

// one is the worker of the only partition.
func (p *process) one() *worker { return p.e.owned()[0] }

func (p *process) epoch() uint32 { return p.one().pipeline.versions.epoch }

// produceTo produces up to a share of the day.
func (w *world) produceTo(share float64) {
	w.produce(int(share*float64(len(w.day.order))) - w.produced)
}

// reads has a process take in all that there is.
func (w *world) reads(p *process) { w.readsAll(p, p.one()) }

// producePassing produces up to where a row of calls stands that is none in the end: what an owner that writes it can
// leave behind.
func (w *world) producePassing() {
	w.t.Helper()
	found := passingRows{from: w.produced, standing: map[passingKey]int{}}
	p := newPipeline(0, w.day.settings, &found, NewMetrics(), &versions{epoch: 1}, 1<<20, newPlaces(nil))
	for _, at := range w.day.order {
		m := &w.day.logs[at.lane][p.positions[at.topic]]
		b := ingest.Batch{Topic: at.topic, NextOffset: p.positions[at.topic] + 1}
		if m.source != "" {
			b.Records = []ingest.Record{{Offset: p.positions[at.topic], Value: []byte(m.value), Source: m.source, ReceivedAt: m.time}}
		}
		if _, err := p.Process(&b, 0); err != nil {
			w.t.Fatal(err)
		}
		found.read++
		p.Drain(aggregate.DrainFigures)
	}
	if found.longest == 0 {
		w.t.Fatal("no row of calls is ever taken back: this day leaves nothing behind")
	}
	w.produce(found.at - w.produced)
}

// passingRows looks for the row of calls that stands longest, in messages, before it is taken back.
type passingRows struct {
	discard
	from, read  int
	standing    map[passingKey]int // since how many messages
	at, longest int
}

type passingKey struct {
	call, queue uuid.UUID
	date        int32
	direction   aggregate.Direction
	visit       uint16
}

func (f *passingRows) Add(_ int32, _ uint64, rows *aggregate.Rows) {
	for i := range rows.Calls {
		r := &rows.Calls[i]
		key := passingKey{r.CallID, r.QueueID, r.CallDate, r.Direction, r.Visit}
		since, stands := f.standing[key]
		switch {
		case !r.Deleted && !stands:
			f.standing[key] = f.read
		case r.Deleted && stands:
			if delete(f.standing, key); since > f.from && f.read-since > f.longest {
				f.at, f.longest = since, f.read-since
			}
		}
	}
}

func (w *world) writes(p *process) {
	p.does("write everything", func(ctx context.Context) {
		p.ticks(aggregate.DrainAll)
		p.e.flush(ctx, aggregate.DrainAll)
	})
}

func (w *world) saves(p *process) (err error) {
	p.does("save", func(ctx context.Context) { err = p.one().checkpoint(ctx) })
	return err
}

func (w *world) mustSave(p *process) {
	w.t.Helper()
	if err := w.saves(p); err != nil || p.dead {
		w.t.Fatalf("process %d does not save: %v", p.id, err)
	}
}

func (w *world) sweeps(p *process) (err error) {
	p.does("sweep", func(ctx context.Context) { err = p.one().sweep(ctx) })
	return err
}

func (w *world) mustSweep(p *process) {
	w.t.Helper()
	if p.one().stillSilent() {
		w.t.Fatalf("process %d is silent still", p.id)
	}
	if err := w.sweeps(p); err != nil {
		w.t.Fatalf("process %d does not sweep: %v", p.id, err)
	}
}

// beginsAndSaves is how most scripts begin: an owner whose last checkpoint is of a third of the day.
func (w *world) beginsAndSaves() *process {
	w.t.Helper()
	p := w.joins()
	w.produceTo(1. / 3)
	w.reads(p)
	w.writes(p)
	w.mustSave(p)
	return p
}

// wrong tells how much of what the views show is not the truth.
func (w *world) wrong() int {
	rows := w.rows()
	return len(w.day.differences(rows, w.number("SELECT count() FROM rejects")))
}

// endsRight ends the day and compares.
func (w *world) endsRight(when string) {
	w.t.Helper()
	w.produceTo(1)
	w.settle()
	if len(w.failures) == 0 {
		w.compare(when)
	}
}

// received is how many messages the accounts have.
func (w *world) received() (n int64) {
	for _, a := range w.accounts() {
		n += a.Received
	}
	return n
}

// stored counts everything that has ever been written.
func (w *world) stored() string {
	var counts []string
	for _, table := range strings.Fields(w.read("SELECT name FROM system.tables WHERE database = currentDatabase() AND name LIKE '%\\_versions' ORDER BY name")) {
		counts = append(counts, fmt.Sprint(table, " ", w.number("SELECT count() FROM "+table)))
	}
	return strings.Join(counts, "\n")
}
