package e2e

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"ringside/aggregate"
	"ringside/ingest"
	"ringside/ingest/vendors/enreach"
	"ringside/internal/sim"
	"ringside/internal/storetest"
	"ringside/store"
	"ringside/store/embedded/embeddedtest"
)

// world is a database that two simulated contact centres have filled up to now, the same for all tests of this package.
type world struct {
	url, database string
	begin, end    time.Time
	ours, theirs  uuid.UUID
}

var (
	fill   sync.Once
	filled world
)

func open(tb testing.TB) world {
	tb.Helper()
	fill.Do(func() {
		filled.url, filled.database = embeddedtest.URL(tb), "filled"
		filled.simulate(tb)
	})
	if filled.ours == uuid.Nil {
		tb.Fatal("the database could not be filled")
	}
	return filled
}

// simulate runs the last 30 hours of two organizations through the core.
func (w *world) simulate(tb testing.TB) {
	tb.Helper()
	c := sim.DemoConfig(7)
	c.Rates = sim.Everything()
	c.Organizations = append(c.Organizations[:1:1], sim.NordicCare())
	c.Scale = .1
	now := time.Now().UTC()
	c.Start = now.Add(-30 * time.Hour).Truncate(time.Hour)
	c.End = now.Add(time.Hour)
	db, err := store.Open(tb.Context(), store.Options{URL: w.url, Database: w.database})
	if err != nil {
		tb.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	if err := db.Migrate(tb.Context()); err != nil {
		tb.Fatal(err)
	}
	writer := store.NewWriter(db, store.WriterOptions{})
	seen := feed(tb, writer, c, now)
	w.begin, w.end = c.Start, now
	ids := slices.SortedFunc(func(yield func(uuid.UUID) bool) {
		for id := range seen {
			if !yield(id) {
				return
			}
		}
	}, func(a, b uuid.UUID) int { return cmp.Compare(seen[b], seen[a]) })
	if len(ids) != 2 {
		tb.Fatalf("%d organizations", len(ids))
	}
	w.vendorFigures(tb, db, ids)
	w.ours, w.theirs = ids[0], ids[1]
}

// feed takes the events up to now in, and returns how many there are of each organization.
func feed(tb testing.TB, w *store.Writer, c sim.Config, now time.Time) map[uuid.UUID]int {
	tb.Helper()
	core := aggregate.New(c.Settings())
	var (
		decoder enreach.Decoder
		event   ingest.Event
		rows    aggregate.Rows
		version uint64
		seen    = map[uuid.UUID]int{}
	)
	write := func() {
		version++
		rows.Reset()
		core.Drain(aggregate.DrainAll, &rows)
		w.Add(0, version, &rows)
		if version%500 == 0 {
			flush(tb, w)
		}
	}
	last := ""
	next := c.Start
	for _, e := range sim.New(c).Until(ingest.FromGo(now), nil) {
		if err := decoder.Decode(e.JSON, &event); err != nil {
			tb.Fatal(err)
		}
		switch core.Apply(&event) {
		case aggregate.Accepted:
			w.AddEvent(0, "enreach", &event, e.JSON)
		case aggregate.Late:
			w.AddLate(0, "enreach", &event, e.JSON)
		}
		if seen[e.Org]++; seen[e.Org] == 1 {
			w.AddOrganization(0, 1, e.Org, event.Timestamp.Micros())
			// One late event of each.
			w.AddLate(0, "enreach", &event, e.JSON)
			w.AddReject(ingest.Reject{Position: ingest.Position{Topic: "queue-events", Offset: int64(len(seen))}, OrganizationID: e.Org, EventID: e.ID,
				Source: "enreach", Reason: ingest.RejectConflict, Detail: e.Org.String(), ReceivedAt: ingest.FromGo(now.Add(-time.Minute))})
		}
		if at := event.Timestamp.Go(); !at.Before(next) {
			next = at.Add(10 * time.Second)
			write()
		}
		last = string(e.JSON)
	}
	if last == "" {
		tb.Fatal("no events")
	}
	write()
	flush(tb, w)
	return seen
}

func flush(tb testing.TB, w *store.Writer) {
	tb.Helper()
	ctx, cancel := context.WithTimeout(tb.Context(), time.Minute)
	defer cancel()
	if err := w.Flush(ctx); err != nil {
		tb.Fatal(err)
	}
}

// vendorFigures are some that the vendor published, and that do not all agree.
func (w *world) vendorFigures(tb testing.TB, db *store.DB, ids []uuid.UUID) {
	tb.Helper()
	for _, id := range ids {
		for n, difference := range []int{0, 0, 2} {
			err := db.Conn().Exec(tb.Context(), fmt.Sprintf(`INSERT INTO reconciliation_versions (organization_id, figure_date, kind, entity_id, field, published_at, published, recomputed, shown_then, difference, explained_by, run_at, version)
SELECT '%s', today(), 'QueueDailyCallMetrics', queue_id, 'InboundTotalCalls', now64(6) - INTERVAL %d MINUTE, 10, 10 + %d, 10, %d, '', now64(6), 1 FROM queues WHERE organization_id = '%s' LIMIT 1`,
				id, 10*n+1, difference, difference, id))
			if err != nil {
				tb.Fatal(err)
			}
		}
	}
}

// sql asks the store itself.
func (w world) sql(tb testing.TB) storetest.Query { return storetest.HTTP(tb, w.url, w.database) }

func (w world) source() source {
	return source{uid: "ringside", json: map[string]any{"url": w.url, "database": w.database}, updated: w.end}
}
