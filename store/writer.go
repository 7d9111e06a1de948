package store

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/VictoriaMetrics/metrics"
	"github.com/google/uuid"

	"ringside/aggregate"
	"ringside/ingest"
)

// EventsMode says what is kept of accepted events in `events`.
type EventsMode uint8

// The modes.
const (
	EventsFull EventsMode = iota // with the body: history can be replayed
	EventsIDs                    // without the body
	EventsOff
)

// ParseEventsMode returns the mode named full, ids or off.
func ParseEventsMode(s string) (EventsMode, error) {
	for m, name := range []string{"full", "ids", "off"} {
		if s == name {
			return EventsMode(m), nil
		}
	}
	return 0, fmt.Errorf("events mode %q: must be full, ids or off", s)
}

// WriterOptions are the limits and habits of a Writer; zero values are the defaults.
type WriterOptions struct {
	Events EventsMode

	MaxRows  int64 // not yet acknowledged, beyond which the writer is Full; 1,000,000
	MaxBytes int64 // likewise, estimated; 512 MiB

	BlockRows  int // rows of one insert, at most; 100,000
	BlockBytes int // estimated bytes of one insert, at most; 32 MiB

	InsertTimeout time.Duration // of one attempt; 60 s
	RetryMin      time.Duration // first pause after a failure; 100 ms
	RetryMax      time.Duration // longest pause; 2 s

	Cadence Cadence
	Metrics *metrics.Set // where ringside_store_… are registered; nil: nowhere

	// Before is called each time before the pending rows of a table are taken to be written; nil: nothing is. If it fails
	// they stay pending.
	Before func(context.Context) error

	block blockLimits
}

// maxChunks is how many partitions of a table one block may span: half of what ClickHouse allows.
const maxChunks = 50

func (o *WriterOptions) setDefaults() {
	o.MaxRows = orDefault(o.MaxRows, 1_000_000)
	o.MaxBytes = orDefault(o.MaxBytes, 512<<20)
	o.BlockRows = orDefault(o.BlockRows, 100_000)
	o.BlockBytes = orDefault(o.BlockBytes, 32<<20)
	o.InsertTimeout = orDefault(o.InsertTimeout, time.Minute)
	o.RetryMin = orDefault(o.RetryMin, 100*time.Millisecond)
	o.RetryMax = orDefault(o.RetryMax, 2*time.Second)
	o.Cadence.setDefaults()
	if o.Metrics == nil {
		o.Metrics = metrics.NewSet()
	}
	o.block = blockLimits{rows: o.BlockRows, bytes: o.BlockBytes, chunks: maxChunks}
}

// Writer gathers rows of all partitions of a process and writes the last version of each. One process has one. Its
// methods are safe for concurrent use.
type Writer struct {
	db      *DB
	options WriterOptions
	metrics *writerMetrics
	total   backlog
	tables  tables
	clock   cadenceClock

	mu      sync.Mutex
	trouble map[string]error // by table: why its insert is being retried
}

// NewWriter returns an empty writer.
func NewWriter(db *DB, o WriterOptions) *Writer {
	o.setDefaults()
	w := &Writer{db: db, options: o, trouble: map[string]error{}}
	w.tables = newTables(&w.total)
	w.metrics = newWriterMetrics(o.Metrics, w)
	return w
}

// backlog counts what is not acknowledged yet.
type backlog struct{ rows, bytes atomic.Int64 }

func (b *backlog) add(rows, bytes int) {
	b.rows.Add(int64(rows))
	b.bytes.Add(int64(bytes))
}

// Backlog returns the rows that are not acknowledged yet, those being written included, and their estimated bytes.
func (w *Writer) Backlog() (rows, bytes int64) { return w.total.rows.Load(), w.total.bytes.Load() }

// Full tells that the backlog has reached its limit: stop fetching until it is not.
func (w *Writer) Full() bool {
	rows, bytes := w.Backlog()
	return rows >= w.options.MaxRows || bytes >= w.options.MaxBytes
}

// Trouble returns why an insert is being retried just now, or nil.
func (w *Writer) Trouble() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, table := range slices.Sorted(maps.Keys(w.trouble)) {
		return fmt.Errorf("store: write %s: %w", table, w.trouble[table])
	}
	return nil
}

func (w *Writer) troubled(table string, err error) {
	w.metrics.retried(table, reasonOf(err))
	w.mu.Lock()
	defer w.mu.Unlock()
	w.trouble[table] = redact(err, w.db.secret)
}

func (w *Writer) recovered(table string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	delete(w.trouble, table)
}

// Add takes in what a core has drained. It copies what it keeps: the caller may reset and reuse rows. Of rows with the
// same key the one with the highest version is written, of equal versions the last.
func (w *Writer) Add(partition int32, version uint64, rows *aggregate.Rows) {
	t := &w.tables
	t.calls.add(partition, version, rows.Calls)
	t.queueStatus.add(partition, version, rows.QueueStatus)
	t.queueStatusNow.add(partition, version, rows.QueueStatus)
	t.daily.add(partition, version, rows.Daily)
	t.intervals.add(partition, version, rows.Intervals)
	t.agentIntervals.add(partition, version, rows.AgentIntervals)
	t.agentStatus.add(partition, version, rows.Agents)
	t.agentStatusNow.add(partition, version, rows.Agents)
	t.callbacks.add(partition, version, rows.Callbacks)
	t.callLists.add(partition, version, rows.CallLists)
	t.callListsNow.add(partition, version, rows.CallLists)
	t.queues.add(partition, version, rows.QueueDim)
	t.agents.add(partition, version, rows.AgentDim)
	t.queueChanges.add(partition, version, rows.QueueChanges)
	t.attachments.add(partition, version, rows.Attachments)
	t.names.add(partition, version, rows.Names)
	t.listDim.add(partition, version, rows.ListDim)
	for i := range rows.Accounting {
		t.accounting.addOne(partition, version, &accountRow{rows.Accounting[i], partition})
	}
	for i := range rows.Orphans {
		o := orphanRow(&rows.Orphans[i])
		t.late.addOne(partition, version, &o)
	}
}

// Forget drops the figures of a partition that are pending under versions up to the given one. It is for an owner that
// leaves without having saved its state: the next one makes them anew, and they must not come later, when no flush mark
// covers them. Organizations stay, and what has no versions: events, late ones, rejects.
func (w *Writer) Forget(partition int32, upTo uint64) {
	for _, t := range w.tables.all {
		if t != flusher(w.tables.organizations) {
			t.forget(partition, upTo)
		}
	}
}

// AddOrganization remembers the Kafka partition of an organization, seen at an instant in µs since the Unix epoch.
func (w *Writer) AddOrganization(partition int32, version uint64, id uuid.UUID, seenAt int64) {
	w.tables.organizations.addOne(partition, version, &organizationRow{id, seenAt})
}

// AddEvent keeps an accepted event in `events`, as the mode says. It copies what it keeps.
func (w *Writer) AddEvent(partition int32, source string, e *ingest.Event, body []byte) {
	if w.options.Events == EventsOff {
		return
	}
	if w.options.Events == EventsIDs {
		body = nil
	}
	w.tables.events.addOne(partition, 0, &eventRow{
		organization: e.OrganizationID, happenedAt: clampMicros(e.Timestamp.Micros()), id: e.ID,
		receivedAt: e.ReceivedAt.Micros(), source: source, typeName: typeName(e),
		call: e.CallID, queue: e.QueueID, user: e.UserID, callback: e.CallBackID, callList: e.CallListID, body: body, part: e.Part,
	})
}

// AddLate keeps a late event in `late_events`. It copies what it keeps.
func (w *Writer) AddLate(partition int32, source string, e *ingest.Event, body []byte) {
	w.tables.late.addOne(partition, 0, &lateRow{
		organization: e.OrganizationID, happenedAt: clampMicros(e.Timestamp.Micros()), id: e.ID, reason: "late",
		receivedAt: e.ReceivedAt.Micros(), source: source, typeName: typeName(e),
		call: e.CallID, queue: e.QueueID, body: body, part: e.Part,
	})
}

// AddReject keeps an event that was not used in `rejects`. It copies what it keeps.
func (w *Writer) AddReject(r ingest.Reject) {
	w.tables.rejects.addOne(r.Position.Partition, 0, &rejectRow{
		organization: r.OrganizationID, position: r.Position, event: r.EventID, source: r.Source, reason: string(r.Reason),
		detail: r.Detail, receivedAt: r.ReceivedAt.Micros(), body: r.Body,
	})
}

func typeName(e *ingest.Event) string {
	if e.Type == ingest.TypeUnknown {
		return string(e.TypeName)
	}
	return e.Type.String()
}

// FlushTables writes what is pending in the chosen tables, each of which belongs to one set:
//
//	DrainNow      the _now tables
//	DrainFigures  calls, daily figures
//	DrainHistory  everything else: intervals, histories of states, dimensions, accounts, events, late events, rejects
//
// It returns nil once every row is acknowledged, or was refused for its data and is acknowledged in `rejects`. Other
// errors are retried until ctx ends; then the rows that are not acknowledged stay pending. Flushes of different sets
// may run at the same time.
func (w *Writer) FlushTables(ctx context.Context, set aggregate.TableSet) error {
	refused := w.metrics.refusedRows.Load()
	for _, t := range w.tables.all {
		if t.tableSet()&set == 0 {
			continue
		}
		if err := t.flush(ctx, w); err != nil {
			return err
		}
	}
	if w.metrics.refusedRows.Load() != refused {
		return w.tables.rejects.flush(ctx, w)
	}
	return nil
}

// Flush writes everything that is pending. See [Writer.FlushTables].
func (w *Writer) Flush(ctx context.Context) error { return w.FlushTables(ctx, aggregate.DrainAll) }
