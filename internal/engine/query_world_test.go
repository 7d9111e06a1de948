package engine

import (
	"cmp"
	"fmt"
	"math"
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/google/uuid"

	"ringside/aggregate"
	"ringside/ingest"
	"ringside/internal/sim"
	"ringside/store"
	"ringside/store/query"
)

// queryWorld is a simulated contact centre in the store, and the rows that it was written from, from which the tests of
// statements compute what must come out.
type queryWorld struct {
	db        *store.DB
	calls     []aggregate.CallRow
	days      map[dayKey]aggregate.DailyRow
	intervals map[intervalKey]aggregate.IntervalRow
	status    []aggregate.QueueStatusRow // as observed, in order
	now       map[uuid.UUID]aggregate.QueueRow
	changes   []aggregate.QueueChangeRow
	filter    query.Filter
	end       time.Time // of the last event
}

type dayKey struct {
	queue uuid.UUID
	date  int32
}

type intervalKey struct {
	queue uuid.UUID
	start int64
}

// recorder keeps what is written.
type recorder struct {
	*store.Writer
	world *queryWorld
	calls map[string]aggregate.CallRow
}

func (r *recorder) Add(partition int32, version uint64, rows *aggregate.Rows) {
	r.Writer.Add(partition, version, rows)
	for _, c := range rows.Calls {
		key := fmt.Sprint(c.CallDate, c.CallID, c.QueueID, c.Direction, c.Visit)
		if r.calls[key] = c; c.Deleted {
			delete(r.calls, key)
		}
	}
	for _, d := range rows.Daily {
		d.Waits, d.AnsweredWaits = slices.Clone(d.Waits), nil
		r.world.days[dayKey{d.QueueID, d.QueueDate}] = d
	}
	for _, i := range rows.Intervals {
		i.Waits, i.AnsweredWaits = slices.Clone(i.Waits), nil
		r.world.intervals[intervalKey{i.QueueID, i.IntervalStart}] = i
	}
	for _, s := range rows.QueueStatus {
		s.WaitingSince = slices.Clone(s.WaitingSince)
		r.world.status = append(r.world.status, s)
	}
	for _, q := range rows.QueueDim {
		q.Groups = slices.Clone(q.Groups)
		r.world.now[q.QueueID] = q
	}
	for _, c := range rows.QueueChanges {
		c.Groups, c.GroupNames = slices.Clone(c.Groups), slices.Clone(c.GroupNames)
		r.world.changes = append(r.world.changes, c)
	}
}

// newQueryWorld plays days of the simulated centre from a local midnight of Helsinki on, and moves a queue into another group
// on the last of them.
func newQueryWorld(t *testing.T, from string, days int) *queryWorld {
	t.Helper()
	helsinki, err := time.LoadLocation("Europe/Helsinki")
	if err != nil {
		t.Fatal(err)
	}
	c := sim.DefaultConfig(5)
	c.Start, err = time.ParseInLocation(time.DateOnly, from, helsinki)
	if err != nil {
		t.Fatal(err)
	}
	c.End = c.Start.AddDate(0, 0, days)
	c.Rates, c.Scale, c.Vendor = sim.Everything(), .12, sim.Vendor{}
	c.Organizations[0].Agents = c.Organizations[0].Agents[:24]
	c.Organizations[0].Queues[7].Threshold = 0
	w := &queryWorld{days: map[dayKey]aggregate.DailyRow{}, intervals: map[intervalKey]aggregate.IntervalRow{}, now: map[uuid.UUID]aggregate.QueueRow{},
		filter: query.Filter{AllOrganizations: true}}
	w.play(t, &c)
	return w
}

func (w *queryWorld) play(t *testing.T, c *sim.Config) {
	t.Helper()
	db, _, _ := openMigrated(t)
	w.db = db
	r := &recorder{Writer: store.NewWriter(db, store.WriterOptions{}), world: w, calls: map[string]aggregate.CallRow{}}
	p := newPipeline(0, c.Settings(), r, NewMetrics(), &versions{epoch: 1}, 1<<20, newPlaces(nil))
	// The last day ends in the middle of its morning, with calls under way.
	now := ingest.FromGo(c.End.Add(-13 * time.Hour))
	events := slices.DeleteFunc(sim.New(*c).All(), func(e sim.Event) bool { return e.At > now })
	for at := 0; at < len(events); {
		b := &ingest.Batch{Topic: "events"}
		for ; at < len(events) && len(b.Records) < 40; at++ {
			b.Records = append(b.Records, ingest.Record{Offset: int64(at), Value: events[at].JSON, Source: ingest.SourceEnreach})
		}
		b.NextOffset = int64(at)
		if _, err := p.Process(b, 0); err != nil {
			t.Fatal(err)
		}
		p.Drain(aggregate.DrainAll)
	}
	w.end = events[len(events)-1].At.Go()
	moved := w.changes[0]
	moved.ChangedAt, moved.EventID = c.End.Add(-13*time.Hour-7*time.Minute).UnixMicro(), uuid.New()
	moved.Groups, moved.GroupNames = []uuid.UUID{uuid.New()}, []string{"Moved"}
	r.Add(0, 1<<40, &aggregate.Rows{QueueChanges: []aggregate.QueueChangeRow{moved}})
	if err := r.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, call := range r.calls {
		w.calls = append(w.calls, call)
	}
	slices.SortFunc(w.calls, func(a, b aggregate.CallRow) int { return cmp.Compare(a.BegunAt, b.BegunAt) })
	slices.SortStableFunc(w.status, func(a, b aggregate.QueueStatusRow) int { return cmp.Compare(a.ObservedAt, b.ObservedAt) })
	if len(w.calls) < 500 || len(w.status) < 1000 {
		t.Fatalf("%d calls and %d rows of status are too few for a test", len(w.calls), len(w.status))
	}
}

// groupsThen returns the groups of a queue at an instant.
func (w *queryWorld) groupsThen(queue uuid.UUID, us int64) []uuid.UUID {
	var groups []uuid.UUID
	latest := int64(-1)
	for i := range w.changes {
		if ch := &w.changes[i]; ch.QueueID == queue && ch.ChangedAt <= us && ch.ChangedAt >= latest {
			latest, groups = ch.ChangedAt, ch.Groups
		}
	}
	return groups
}

// groupsNow returns the groups that a queue is in.
func (w *queryWorld) groupsNow(queue uuid.UUID) []uuid.UUID {
	if q := w.now[queue]; !q.Deleted {
		return q.Groups
	}
	return nil
}

// owners are the rows in which a queue counts, by their queue_id and group_id.
func owners(g query.GroupBy, queue uuid.UUID, groups []uuid.UUID) (keys []string) {
	switch g {
	case query.ByQueue:
		return []string{fmt.Sprint(queue, uuid.Nil)}
	case query.InTotal:
		return []string{fmt.Sprint(uuid.Nil, uuid.Nil)}
	}
	for i, group := range groups {
		if !slices.Contains(groups[:i], group) {
			keys = append(keys, fmt.Sprint(uuid.Nil, group))
		}
	}
	return keys
}

// record is a row of any statement: numbers are float64, NULL is nil.
type record map[string]any

func (r record) owner() string { return fmt.Sprint(r["queue_id"], r["group_id"]) }

func (r record) at() int64 { return r["time"].(time.Time).UnixMicro() }

// number returns a column that is a number or NULL.
func (r record) number(t *testing.T, column string) (v float64, ok bool) {
	t.Helper()
	cell, exists := r[column]
	if !exists {
		t.Fatalf("there is no column %s", column)
	}
	v, ok = cell.(float64)
	return v, ok
}

// ask runs a statement.
func (w *queryWorld) ask(t *testing.T, s query.Statement) (out []record) {
	t.Helper()
	args := make([]any, len(s.Parameters))
	for i, p := range s.Parameters {
		args[i] = clickhouse.Named(p.Name, p.Value)
	}
	rows, err := w.db.Conn().Query(t.Context(), s.SQL, args...)
	if err != nil {
		t.Fatalf("%v\n%s", err, s.SQL)
	}
	defer func() { _ = rows.Close() }()
	types := rows.ColumnTypes()
	for rows.Next() {
		cells := make([]any, len(types))
		for i, c := range types {
			cells[i] = reflect.New(c.ScanType()).Interface()
		}
		if err := rows.Scan(cells...); err != nil {
			t.Fatal(err)
		}
		r := record{}
		for i, c := range types {
			r[c.Name()] = cellOf(reflect.ValueOf(cells[i]).Elem())
		}
		out = append(out, r)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return out
}

func cellOf(v reflect.Value) any {
	for v.Kind() == reflect.Pointer {
		if v.IsNil() {
			return nil
		}
		v = v.Elem()
	}
	switch {
	case v.CanInt():
		return float64(v.Int())
	case v.CanUint():
		return float64(v.Uint())
	case v.CanFloat():
		return v.Float()
	}
	return v.Interface()
}

// same tells whether a number of the store is the expected one; NaN: NULL.
func same(got float64, known bool, want, tolerance float64) bool {
	if math.IsNaN(want) {
		return !known
	}
	return known && math.Abs(got-want) <= tolerance*max(1, math.Abs(want))
}
