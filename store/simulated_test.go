package store

import (
	"fmt"
	"maps"
	"math"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"ringside/aggregate"
	"ringside/ingest"
	"ringside/ingest/vendors/enreach"
	"ringside/internal/sim"
	"ringside/store/query"
)

type (
	requestKey struct {
		organization, id uuid.UUID
		date             int32
	}
	agentQuarterKey struct {
		organization, agent, queue uuid.UUID
		start                      int64
	}
	quarterKey struct {
		organization, queue uuid.UUID
		start               int64
	}
)

// keptEvent is what of an event a drill-down needs.
type keptEvent struct {
	organization, id, call uuid.UUID
	at                     int64
	reason                 string
}

// simulatedDay is a store with a day of two organizations, and the rows that were written, from which what a statement must
// return is worked out anew, in Go.
type simulatedDay struct {
	db            *DB
	begin, end    time.Time // end: of the callers
	organizations [2]uuid.UUID

	calls      map[callKey]aggregate.CallRow
	requests   map[requestKey]aggregate.CallbackRow
	agentTimes map[agentQuarterKey]aggregate.AgentIntervalRow
	quarters   map[quarterKey]aggregate.IntervalRow
	days       map[quarterKey]aggregate.DailyRow // start: the date
	queues     map[[2]uuid.UUID]aggregate.QueueRow
	agents     map[[2]uuid.UUID]aggregate.AgentRow
	listDims   map[[2]uuid.UUID]bool
	accounts   map[uuid.UUID]aggregate.AccountingRow
	late       map[keptEvent]bool
	events     []keptEvent
	figures    []ReconciledFigure

	queueStatus []aggregate.QueueStatusRow // in order of time
	agentStatus []aggregate.AgentStatusRow
	lists       []aggregate.CallbackListRow
}

// newSimulatedDay runs the day through the core into a database of its own, in many flushes, so that the tables have several
// versions of a row.
func newSimulatedDay(t *testing.T) *simulatedDay {
	t.Helper()
	c := sim.DefaultConfig(21)
	c.Rates, c.Scale = sim.Everything(), .15
	c.Organizations = []sim.Organization{sim.NordicCare(), sim.NordicCare()}
	s := sim.New(c)
	d := &simulatedDay{db: openMigrated(t), begin: c.Start.UTC(), end: c.End.UTC(), calls: map[callKey]aggregate.CallRow{},
		requests: map[requestKey]aggregate.CallbackRow{}, agentTimes: map[agentQuarterKey]aggregate.AgentIntervalRow{},
		quarters: map[quarterKey]aggregate.IntervalRow{}, days: map[quarterKey]aggregate.DailyRow{}, queues: map[[2]uuid.UUID]aggregate.QueueRow{},
		agents: map[[2]uuid.UUID]aggregate.AgentRow{}, listDims: map[[2]uuid.UUID]bool{}, accounts: map[uuid.UUID]aggregate.AccountingRow{},
		late: map[keptEvent]bool{}}
	stopMerges(t, d.db)
	w := newTestWriter(d.db)
	core := aggregate.New(c.Settings())
	var (
		decoder enreach.Decoder
		event   ingest.Event
		version uint64
		rows    aggregate.Rows
		seen    = map[uuid.UUID]bool{}
	)
	events := sim.Delay(s.All(), 100*time.Minute, func(e *sim.Event) bool { return e.Type == ingest.QueueCallInArrived && e.ID[3]%40 == 0 })
	next := d.begin
	for i := range events {
		e := &events[i]
		if err := decoder.Decode(e.JSON, &event); err != nil {
			t.Fatal(err)
		}
		switch result := core.Apply(&event); result {
		case aggregate.Accepted:
			w.AddEvent(0, "enreach", &event, e.JSON)
			d.events = append(d.events, keptEvent{e.Org, e.ID, event.CallID, event.Timestamp.Micros(), ""})
		case aggregate.Late:
			w.AddLate(0, "enreach", &event, e.JSON)
			d.late[keptEvent{e.Org, e.ID, event.CallID, event.Timestamp.Micros(), "late"}] = true
		default:
			t.Fatalf("%s: %v", e.JSON, result)
		}
		if !seen[e.Org] {
			seen[e.Org] = true
			w.AddOrganization(3, 1, e.Org, event.Timestamp.Micros())
		}
		if at := event.Timestamp.Go(); at.Before(next) && i < len(events)-1 {
			continue
		}
		next = event.Timestamp.Go().Add(10 * time.Second)
		version++
		rows.Reset()
		core.Drain(aggregate.DrainAll, &rows)
		d.keep(&rows)
		w.Add(0, version, &rows)
		if version%1000 == 0 {
			flush(t, w)
		}
	}
	for org := range seen {
		for i, reason := range []ingest.RejectReason{ingest.RejectMalformed, ingest.RejectConflict, ingest.RejectConflict} {
			w.AddReject(ingest.Reject{OrganizationID: org, Reason: reason, Source: "enreach", Detail: org.String(), EventID: id(i),
				Position: ingest.Position{Topic: "queue-events", Offset: int64(i)}, ReceivedAt: ingest.FromGo(d.begin.Add(time.Duration(i+1) * time.Hour))})
		}
	}
	flush(t, w)
	d.reconcile(t, seen)
	ids := slices.SortedFunc(maps.Keys(seen), func(a, b uuid.UUID) int { return strings.Compare(a.String(), b.String()) })
	copy(d.organizations[:], ids)
	if len(ids) != 2 || len(d.late) < 5 || len(d.calls) < 200 || len(d.requests) < 20 || len(d.lists) < 20 || len(d.agentStatus) < 1000 {
		t.Fatalf("the day is too quiet: %d organizations, %d late events, %d calls, %d requests, %d and %d observations",
			len(ids), len(d.late), len(d.calls), len(d.requests), len(d.lists), len(d.agentStatus))
	}
	t.Logf("%d events, %d calls, %d requests, %d drains", len(d.events), len(d.calls), len(d.requests), version)
	return d
}

// reconcile writes what a reconciliation would: of the statuses of queues and lists at each full hour, some of which differ.
func (d *simulatedDay) reconcile(t *testing.T, organizations map[uuid.UUID]bool) {
	t.Helper()
	for org := range organizations {
		for hour := range 24 {
			at := d.begin.Add(time.Duration(hour) * time.Hour)
			figure := func(kind string, entity uuid.UUID, field string, published, recomputed float64) {
				f := ReconciledFigure{OrganizationID: org, Date: day(at.Add(3 * time.Hour)), Kind: kind, EntityID: entity, Field: field, PublishedAt: at.UnixMicro(),
					Published: &published, Recomputed: &recomputed, Difference: published - recomputed}
				if hour%3 > 0 {
					shown := recomputed + float64(hour%2)
					f.ShownThen = &shown
				}
				if f.Difference != 0 && hour%2 == 0 {
					f.ExplainedBy = []string{"wait_of_callbacks", "short_abandons"}[hour%4/2]
				}
				d.figures = append(d.figures, f)
			}
			n := 0
			for _, k := range slices.SortedFunc(maps.Keys(d.queues), func(a, b [2]uuid.UUID) int { return byID(a[1], b[1]) }) {
				if n++; k[0] == org {
					figure("QueueStatus", k[1], "NbrOfConnected", float64(hour), float64(hour-max(0, n%4-2)))
					figure("QueueDailyCallMetrics", k[1], "InboundTotalCalls", float64(10*hour), float64(10*hour+n%3*hour))
				}
			}
			for k := range d.listDims {
				if k[0] == org {
					figure("CallbackListStatus", k[1], "TotalOverDueDate", float64(hour), float64(hour+hour%5/4))
				}
			}
		}
	}
	if err := d.db.WriteReconciliation(t.Context(), 0, d.end, d.figures); err != nil {
		t.Fatal(err)
	}
}

// putOrDrop keeps the latest row of a key.
func putOrDrop[K comparable, R any](m map[K]R, key K, row R, deleted bool) {
	if deleted {
		delete(m, key)
		return
	}
	m[key] = row
}

func (d *simulatedDay) keep(rows *aggregate.Rows) {
	for _, r := range rows.Calls {
		r.AgentIDs = slices.Clone(r.AgentIDs)
		putOrDrop(d.calls, callKey{r.OrganizationID, r.CallID, r.QueueID, r.CallDate, r.Direction, r.Visit}, r, r.Deleted)
	}
	for _, r := range rows.Callbacks {
		r.Attempts = slices.Clone(r.Attempts)
		putOrDrop(d.requests, requestKey{r.OrganizationID, r.CallbackID, r.CallbackDate}, r, r.Deleted)
	}
	for _, r := range rows.AgentIntervals {
		putOrDrop(d.agentTimes, agentQuarterKey{r.OrganizationID, r.AgentID, r.QueueID, r.IntervalStart}, r, r.Deleted)
	}
	for _, r := range rows.Intervals {
		putOrDrop(d.quarters, quarterKey{r.OrganizationID, r.QueueID, r.IntervalStart}, r, r.Deleted)
	}
	for _, r := range rows.Daily {
		putOrDrop(d.days, quarterKey{r.OrganizationID, r.QueueID, int64(r.QueueDate)}, r, r.Deleted)
	}
	for _, r := range rows.QueueDim {
		r.Groups, r.GroupNames = slices.Clone(r.Groups), slices.Clone(r.GroupNames)
		d.queues[[2]uuid.UUID{r.OrganizationID, r.QueueID}] = r
	}
	for _, r := range rows.AgentDim {
		r.Queues = slices.Clone(r.Queues)
		d.agents[[2]uuid.UUID{r.OrganizationID, r.AgentID}] = r
	}
	for _, r := range rows.ListDim {
		d.listDims[[2]uuid.UUID{r.OrganizationID, r.ListID}] = true
	}
	for _, r := range rows.Accounting {
		d.accounts[r.OrganizationID] = r
	}
	for _, r := range rows.Orphans {
		putOrDrop(d.late, keptEvent{r.OrganizationID, r.EventID, r.CallID, r.HappenedAt, "orphan"}, true, r.Deleted)
	}
	for _, r := range rows.QueueStatus {
		r.WaitingSince = nil
		d.queueStatus = append(d.queueStatus, r)
	}
	d.agentStatus = append(d.agentStatus, rows.Agents...)
	d.lists = append(d.lists, rows.CallLists...)
}

// of is the filter on the first organization.
func (d *simulatedDay) of() query.Filter {
	return query.Filter{Organizations: d.organizations[:1]}
}

// read runs a statement into structs whose fields have `ch` tags, of which it may have more columns.
func read[R any](t *testing.T, db *DB, s query.Statement) (rows []R) {
	t.Helper()
	var columns []string
	for _, f := range reflect.VisibleFields(reflect.TypeFor[R]()) {
		if !f.Anonymous {
			columns = append(columns, f.Tag.Get("ch"))
		}
	}
	s.SQL = "SELECT " + strings.Join(columns, ", ") + " FROM (" + s.SQL + "\n)"
	if err := db.Select(t.Context(), &rows, s); err != nil {
		t.Fatalf("%v\n%s\n%v", err, s.SQL, s.Parameters)
	}
	return rows
}

// same compares what came with what must come, in order, and shows the first difference.
func same[R any](t *testing.T, what string, got, want []R) {
	t.Helper()
	for i := range max(len(got), len(want)) {
		switch {
		case i >= len(got):
			t.Fatalf("%s: %d rows, want %d; missing %s", what, len(got), len(want), show(want[i]))
		case i >= len(want):
			t.Fatalf("%s: %d rows, want %d; too many: %s", what, len(got), len(want), show(got[i]))
		case !alike(got[i], want[i]):
			t.Fatalf("%s: row %d is\n%s, want\n%s", what, i, show(got[i]), show(want[i]))
		}
	}
}

// alike compares rows with what their pointers point to, fractions as far as sums in another order agree.
func alike(a, b any) bool {
	if reflect.TypeOf(a).Kind() != reflect.Struct {
		return a == b
	}
	for i, x := range fieldsOf(a) {
		y := fieldsOf(b)[i]
		n, isNumber := x.(float64)
		m, both := y.(float64)
		if isNumber && both && math.Abs(n-m) <= 1e-9*max(1, math.Abs(n)) {
			continue
		}
		if !reflect.DeepEqual(x, y) {
			return false
		}
	}
	return true
}

// fieldsOf are a row's values, instants in UTC, nil pointers as nil.
func fieldsOf(row any) (values []any) {
	v := reflect.ValueOf(row)
	for _, field := range reflect.VisibleFields(v.Type()) {
		f := v.FieldByIndex(field.Index)
		switch {
		case field.Anonymous:
			continue
		case f.Kind() == reflect.Pointer && f.IsNil():
			values = append(values, nil)
			continue
		case f.Kind() == reflect.Pointer:
			f = f.Elem()
		}
		value := f.Interface()
		if at, ok := value.(time.Time); ok {
			value = at.UTC().Format(time.RFC3339Nano)
		}
		values = append(values, value)
	}
	return values
}

// show writes a row with what its pointers point to.
func show(row any) string {
	if reflect.TypeOf(row).Kind() != reflect.Struct {
		return fmt.Sprint(row)
	}
	return fmt.Sprintf("%v", fieldsOf(row))
}
