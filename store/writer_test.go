package store

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/VictoriaMetrics/metrics"
	"github.com/google/uuid"

	"ringside/aggregate"
	"ringside/ingest"
)

func newTestWriter(db *DB, change ...func(*WriterOptions)) *Writer {
	o := WriterOptions{RetryMin: 5 * time.Millisecond, RetryMax: 50 * time.Millisecond}
	for _, f := range change {
		f(&o)
	}
	return NewWriter(db, o)
}

func flush(tb testing.TB, w *Writer) {
	tb.Helper()
	if err := w.Flush(tb.Context()); err != nil {
		tb.Fatal(err)
	}
	if rows, bytes := w.Backlog(); rows != 0 || bytes != 0 {
		tb.Fatalf("after a flush the backlog is %d rows, %d bytes", rows, bytes)
	}
}

// call is a visit of queue 1 on monday.
func call(n int, outcome aggregate.Outcome) aggregate.CallRow {
	at := monday.Add(time.Duration(n) * time.Second).UnixMicro()
	return aggregate.CallRow{OrganizationID: id(1), CallDate: day(monday), CallID: id(n), QueueID: id(2), Visit: 1,
		QueueName: "Sales", BegunAt: at, Outcome: outcome,
		Wait: aggregate.Null, Prompt: aggregate.Null, Ring: aggregate.Null, Talk: aggregate.Null, Hold: aggregate.Null, WrapUp: aggregate.Null,
		Priority: aggregate.Null}
}

// stopMerges keeps every part of the test's tables as it was inserted.
func stopMerges(tb testing.TB, db *DB) {
	tb.Helper()
	exec(tb, db, "SYSTEM STOP MERGES")
	tb.Cleanup(func() { _ = db.Conn().Exec(context.Background(), "SYSTEM START MERGES") })
}

func TestCallKeepsEveryField(t *testing.T) {
	db := openMigrated(t)
	w := newTestWriter(db)
	full := aggregate.CallRow{
		OrganizationID: id(1), CallDate: day(monday), CallID: id(3), QueueID: id(2), Visit: 2,
		Direction: aggregate.CallbackCall, Channel: uint8(ingest.ChannelChat), QueueName: "Köö 'a'\t\n",
		BegunAt: monday.UnixMicro() + 1, ArrivedAt: monday.UnixMicro() + 2, AnsweredAt: monday.UnixMicro() + 3, EndedAt: monday.UnixMicro() + 4,
		Outcome: aggregate.PassedThrough, Transfer: aggregate.TransferQueue, AgentID: id(4), AgentName: "agent", AgentIDs: []uuid.UUID{id(5), id(4)},
		Offers: 3, Wait: 1_500_000, Prompt: 0, Ring: 2_000_001, Talk: 3e6, Hold: 4e6, WrapUp: 5e6,
		Caller: "+358", CallbackID: id(6), EndReason: "remote", TechReason: "sip", OverflowReason: "full", OverflowType: "type",
		IvrPath: "1/2", TransferTarget: "x", SupervisedBy: id(7), Priority: 9, Flags: aggregate.FlagClockSkew | aggregate.FlagConsulted,
	}
	w.Add(0, 1, &aggregate.Rows{Calls: []aggregate.CallRow{full, call(9, aggregate.OutcomeOpen)}})
	flush(t, w)
	columns := `toString(call_date), visit, direction, channel, queue_name, begun_at, arrived_at, answered_at, ended_at, outcome, transfer,
agent_id, agent_name, agent_ids, offers, wait_sec, prompt_sec, ring_sec, talk_sec, hold_sec, wrap_up_sec, caller, callback_id, end_reason,
tech_reason, overflow_reason, overflow_type, ivr_path, transfer_target, supervised_by, priority, flags`
	got := one[string](t, db, "SELECT toString(tuple("+columns+")) FROM calls WHERE call_id = '"+id(3).String()+"'")
	want := `('2026-03-02',2,'callback','chat','Köö \'a\'\t\n','2026-03-02 08:00:00.000001','2026-03-02 08:00:00.000002','2026-03-02 08:00:00.000003','2026-03-02 08:00:00.000004','passed_through','queue',` +
		`'` + id(4).String() + `','agent',['` + id(5).String() + `','` + id(4).String() + `'],3,1.5,0,2.000001,3,4,5,'+358','` + id(6).String() + `','remote',` +
		`'sip','full','type','1/2','x','` + id(7).String() + `',9,['clock_skew','consulted'])`
	equal(t, "full row", got, want)
	got = one[string](t, db, "SELECT toString(tuple("+columns+")) FROM calls WHERE call_id = '"+id(9).String()+"'")
	equal(t, "bare row", got, `('2026-03-02',1,'inbound','voice','Sales','2026-03-02 08:00:09.000000',NULL,NULL,NULL,'open','none',NULL,'',[],0,NULL,NULL,NULL,NULL,NULL,NULL,'',NULL,'','','','','','',NULL,NULL,[])`)
}

func TestFlagNamesAreTheViews(t *testing.T) {
	db := openMigrated(t)
	w := newTestWriter(db)
	r := call(1, aggregate.Answered)
	r.Flags = 1<<len(aggregate.FlagNames) - 1
	w.Add(0, 1, &aggregate.Rows{Calls: []aggregate.CallRow{r}})
	flush(t, w)
	equal(t, "flags", strings.Join(one[[]string](t, db, "SELECT flags FROM calls"), ","), strings.Join(aggregate.FlagNames, ","))
}

// Versions of a key in separate, unmerged parts: the view shows the highest, whatever the order they were written in.
func TestViewsShowOneRowPerKeyUnmerged(t *testing.T) {
	db := openMigrated(t)
	stopMerges(t, db)
	w := newTestWriter(db)
	write := func(version uint64, rows aggregate.Rows) {
		t.Helper()
		w.Add(3, version, &rows)
		flush(t, w)
	}
	deleted := call(2, 0)
	deleted.Deleted = true
	write(Version(2, 1), aggregate.Rows{Calls: []aggregate.CallRow{call(1, aggregate.Answered), call(2, aggregate.Lost)}})
	write(Version(1, 99), aggregate.Rows{Calls: []aggregate.CallRow{call(1, aggregate.OutcomeOpen)}}) // an earlier owner that woke up
	write(Version(2, 1), aggregate.Rows{Calls: []aggregate.CallRow{call(1, aggregate.Answered)}})     // repeated
	write(Version(2, 2), aggregate.Rows{Calls: []aggregate.CallRow{deleted}})
	equal(t, "stored versions", countOf(t, db, "calls_versions"), 5)
	equal(t, "calls", strings.Join(scan[string](t, db, "SELECT toString(tuple(call_id, outcome)) FROM calls"), " "),
		"('"+id(1).String()+"','answered')")

	status := func(at time.Time, waiting int32) aggregate.Rows {
		return aggregate.Rows{QueueStatus: []aggregate.QueueStatusRow{{OrganizationID: id(1), QueueID: id(2), ObservedAt: at.UnixMicro(), NbrOfQueuingRequesters: waiting}}}
	}
	write(Version(2, 3), status(monday, 1))
	write(Version(2, 4), status(monday.Add(time.Second), 2))
	write(Version(2, 5), status(monday.Add(time.Second), 3))
	equal(t, "history", strings.Join(scan[string](t, db, "SELECT toString(nbr_of_queuing_requesters) FROM queue_status ORDER BY observed_at"), " "), "1 3")
	equal(t, "now", one[int32](t, db, "SELECT nbr_of_queuing_requesters FROM queue_status_now"), 3)

	exec(t, db, "SYSTEM START MERGES")
	exec(t, db, "OPTIMIZE TABLE calls_versions FINAL")
	equal(t, "calls once merged", countOf(t, db, "calls"), 1)
}

func TestWriterCoalesces(t *testing.T) {
	db := openMigrated(t)
	w := newTestWriter(db)
	agents := []uuid.UUID{id(10), id(11)}
	first := call(1, aggregate.OutcomeOpen)
	first.AgentIDs = agents
	second := call(1, aggregate.Answered)
	second.AgentIDs = agents
	rows := aggregate.Rows{Calls: []aggregate.CallRow{first}}
	w.Add(0, 5, &rows)
	w.Add(0, 7, &aggregate.Rows{Calls: []aggregate.CallRow{second}})
	w.Add(0, 6, &aggregate.Rows{Calls: []aggregate.CallRow{call(1, aggregate.Lost)}}) // older than what is there
	agents[0], agents[1] = id(98), id(99)                                             // the caller uses its memory again
	rows.Calls[0].Outcome = aggregate.Abandoned
	if n, _ := w.Backlog(); n != 1 {
		t.Errorf("backlog of %d rows, want 1", n)
	}
	flush(t, w)
	equal(t, "rows written", countOf(t, db, "calls_versions"), 1)
	equal(t, "row", one[string](t, db, "SELECT toString(tuple(outcome, version, agent_ids)) FROM calls_versions"),
		"('answered',7,['"+id(10).String()+"','"+id(11).String()+"'])")

	// Buffers of the first flush are used again by the third.
	for i := range 3 {
		r := call(20+i, aggregate.Answered)
		r.AgentIDs = []uuid.UUID{id(30 + i)}
		w.Add(0, 8, &aggregate.Rows{Calls: []aggregate.CallRow{r, call(40+i, aggregate.Lost)}})
		flush(t, w)
	}
	equal(t, "agents", strings.Join(scan[string](t, db, "SELECT toString(agent_ids) FROM calls WHERE call_id >= '"+id(20).String()+"' ORDER BY toString(call_id)"), ""),
		fmt.Sprintf("['%s']['%s']['%s'][][][]", id(30), id(31), id(32)))
}

func TestRecordsOfEveryKind(t *testing.T) {
	db := openMigrated(t)
	w := newTestWriter(db)
	e := ingest.Event{Type: ingest.QueueCallInArrived, ID: id(50), OrganizationID: id(1), Timestamp: ingest.FromGo(monday),
		ReceivedAt: ingest.FromGo(monday.Add(time.Second)), CallID: id(3), QueueID: id(2), UserID: id(4), CallBackID: id(6), CallListID: id(8)}
	unknown := ingest.Event{TypeName: []byte("NewThing"), ID: id(51), OrganizationID: id(1), Timestamp: ingest.FromGo(monday), Part: 2}
	body := []byte(`{"a":"b\u0000"}`)
	w.AddEvent(3, ingest.SourceEnreach, &e, body)
	w.AddEvent(3, ingest.SourceEnreach, &e, body) // a copy
	w.AddEvent(3, ingest.SourceEnreach, &unknown, body)
	w.AddLate(3, ingest.SourceEnreach, &e, body)
	body[2] = 'X' // the caller uses its memory again
	w.AddReject(ingest.Reject{Position: ingest.Position{Topic: "queue-events", Partition: 3, Offset: 77}, Reason: ingest.RejectMalformed,
		Detail: "at 4", Source: "enreach", ReceivedAt: ingest.FromGo(monday), Body: []byte("\xff\xfe not json")})
	w.AddOrganization(3, 1, id(1), monday.UnixMicro())
	w.Add(3, 2, &aggregate.Rows{
		Agents: []aggregate.AgentStatusRow{{OrganizationID: id(1), AgentID: id(4), AgentName: "ann", ObservedAt: monday.UnixMicro(), State: aggregate.AgentAway,
			StateSince: monday.UnixMicro(), QueueID: id(2), Availability: "BRB", Serving: true, Stale: true,
			AvailabilityReason: "700", Channels: []aggregate.ChannelState{{Channel: "EMAIL", State: "READY"}, {Channel: "VOICE", State: "NOT_READY", Reason: "100"}}}},
		QueueDim: []aggregate.QueueRow{{OrganizationID: id(1), QueueID: id(2), QueueName: "Sales", TimeZone: "Europe/Helsinki", Region: "FI",
			Groups: []uuid.UUID{id(60)}, GroupNames: []string{"G"}, Deleted: true, ChangedAt: monday.UnixMicro()}},
		AgentDim:   []aggregate.AgentRow{{OrganizationID: id(1), AgentID: id(4), AgentName: "ann", Queues: []uuid.UUID{id(2)}, ChangedAt: monday.UnixMicro()}},
		Orphans:    []aggregate.OrphanRow{{OrganizationID: id(1), EventID: id(52), CallID: id(3), QueueID: id(2), HappenedAt: monday.UnixMicro(), Type: uint8(ingest.QueueCallInOverflow)}},
		Accounting: []aggregate.AccountingRow{{OrganizationID: id(1), Received: 15, Accepted: 5, Duplicate: 4, Late: 3, Rejected: 2, Orphan: 1, Horizon: monday.UnixMicro()}},
	})
	flush(t, w)
	o, at := "'"+id(1).String()+"'", "'2026-03-02 08:00:00.000000'"
	q := func(n int) string { return "'" + id(n).String() + "'" }
	for _, c := range []struct{ table, want string }{
		{"events WHERE type != 'NewThing'", "(" + o + "," + at + "," + q(50) + ",'2026-03-02 08:00:01.000000','enreach','QueueCallInArrived'," + q(3) + "," + q(2) + "," + q(4) + "," + q(6) + "," + q(8) + `,'{"a":"b\\u0000"}',0)`},
		{"events WHERE type = 'NewThing'", "(" + o + "," + at + "," + q(51) + `,NULL,'enreach','NewThing',NULL,NULL,NULL,NULL,NULL,'{"a":"b\\u0000"}',2)`},
		{"late_events WHERE reason = 'late'", "(" + o + "," + at + "," + q(50) + ",'late','2026-03-02 08:00:01.000000','enreach','QueueCallInArrived'," + q(3) + "," + q(2) + `,'{"a":"b\\u0000"}',0)`},
		{"late_events WHERE reason = 'orphan'", "(" + o + "," + at + "," + q(52) + ",'orphan',NULL,'','QueueCallInOverflow'," + q(3) + "," + q(2) + ",'',0)"},
		{"rejects", "(" + q(0) + ",'2026-03-02','queue-events',3,77,NULL,'enreach','malformed','at 4'," + at + ",'\xff\xfe not json')"},
		{"organizations", "(" + o + ",3," + at + ")"},
		{"agent_status", "(" + o + "," + q(4) + "," + at + ",'ann','away'," + at + "," + q(2) + ",'BRB',true,false,true,false,false,'700',{'EMAIL':'READY','VOICE':'NOT_READY'},{'VOICE':'100'})"},
		{"agent_status_now", "(" + o + "," + q(4) + "," + at + ",'ann','away'," + at + "," + q(2) + ",'BRB',true,false,true,false,false,'700',{'EMAIL':'READY','VOICE':'NOT_READY'},{'VOICE':'100'})"},
		{"queues", "(" + o + "," + q(2) + ",'Sales','Europe/Helsinki','FI',[" + q(60) + "],['G'],true," + at + ")"},
		{"agents", "(" + o + "," + q(4) + ",'ann',[" + q(2) + "]," + at + ")"},
		{"accounting", "(" + o + ",15,5,4,3,2,1," + at + ")"},
	} {
		equal(t, c.table, one[string](t, db, "SELECT toString(tuple(*)) FROM "+c.table), c.want)
	}
	found, err := db.Organizations(t.Context())
	if err != nil || found[id(1)] != 3 || len(found) != 1 {
		t.Errorf("organizations: %v, %v", found, err)
	}
}

func TestEventsModes(t *testing.T) {
	for mode, want := range map[string]string{"full": "[('body')]", "ids": "[('')]", "off": "[]"} {
		t.Run(mode, func(t *testing.T) {
			db := openMigrated(t)
			m, err := ParseEventsMode(mode)
			if err != nil {
				t.Fatal(err)
			}
			w := newTestWriter(db, func(o *WriterOptions) { o.Events = m })
			w.AddEvent(0, "enreach", &ingest.Event{ID: id(1), OrganizationID: id(1), Timestamp: ingest.FromGo(monday)}, []byte("body"))
			flush(t, w)
			equal(t, "events", one[string](t, db, "SELECT toString(groupArray(tuple(body))) FROM events"), want)
		})
	}
	if _, err := ParseEventsMode("some"); err == nil {
		t.Error("no error for an unknown mode")
	}
}

// One flush of rows of 130 months: ClickHouse refuses a block of more than 100 partitions whole.
func TestBlocksSpanFewPartitions(t *testing.T) {
	db := openMigrated(t)
	set := metrics.NewSet()
	w := newTestWriter(db, func(o *WriterOptions) { o.Metrics = set })
	var rows aggregate.Rows
	for i := range 390 {
		r := call(i, aggregate.Answered)
		r.CallDate = day(time.Date(2010, time.Month(1+i%130), 5, 0, 0, 0, 0, time.UTC))
		rows.Calls = append(rows.Calls, r)
	}
	w.Add(0, 1, &rows)
	flush(t, w)
	equal(t, "calls", countOf(t, db, "calls"), 390)
	equal(t, "partitions", one[uint64](t, db, "SELECT uniqExact(_partition_id) FROM calls_versions"), 130)
	equal(t, "inserts", set.GetOrCreateCounter(`ringside_store_inserts_total{table="calls"}`).Get(), 3)
	equal(t, "rows counted", set.GetOrCreateCounter(`ringside_store_rows_total{table="calls"}`).Get(), 390)
}

func TestBlocksKeepTheirLimits(t *testing.T) {
	for name, c := range map[string]struct {
		limit blockLimits
		want  []int
	}{
		"rows":  {blockLimits{rows: 4, bytes: 1 << 30, chunks: 50}, []int{4, 4, 2}},
		"bytes": {blockLimits{rows: 100, bytes: 3 * entryBytes, chunks: 50}, []int{3, 3, 3, 1}},
		"huge":  {blockLimits{rows: 100, bytes: 1, chunks: 50}, []int{1, 1, 1, 1, 1, 1, 1, 1, 1, 1}},
		"chunk": {blockLimits{rows: 100, bytes: 1 << 30, chunks: 2}, []int{4, 4, 2}},
	} {
		tab := newTable(organizationsSpec(), &backlog{})
		tab.chunk = func(r *organizationRow) int64 { return r.seenAt % 5 }
		for i := range 10 {
			tab.addOne(0, 1, &organizationRow{id(i), int64(i)})
		}
		var got []int
		n, err := tab.blocks(tab.take(), c.limit, func(b []entry[organizationRow]) error { got = append(got, len(b)); return nil })
		if err != nil || n != 10 || fmt.Sprint(got) != fmt.Sprint(c.want) {
			t.Errorf("%s: %v, %d rows, %v, want %v", name, got, n, err, c.want)
		}
	}
}

// A row that ClickHouse will never take must not hold up the others, and is kept where somebody will see it.
func TestRefusedRowsGoToRejects(t *testing.T) {
	db := openMigrated(t)
	exec(t, db, "ALTER TABLE calls_versions ADD CONSTRAINT no_lost CHECK outcome != 'lost'")
	w := newTestWriter(db)
	var rows aggregate.Rows
	for i := range 100 {
		outcome := aggregate.Answered
		if i == 13 || i == 14 || i == 99 {
			outcome = aggregate.Lost
		}
		rows.Calls = append(rows.Calls, call(i, outcome))
	}
	w.Add(4, 9, &rows)
	if err := w.FlushTables(t.Context(), aggregate.DrainFigures); err != nil { // rejects are of another set and written all the same
		t.Fatal(err)
	}
	equal(t, "calls", countOf(t, db, "calls"), 97)
	equal(t, "rejects", countOf(t, db, "rejects WHERE reason = 'store_refused' AND topic = 'store/calls_versions' AND kafka_partition = 4 AND organization_id = '"+id(1).String()+"'"), 3)
	bodies := strings.Join(scan[string](t, db, "SELECT detail || body FROM rejects ORDER BY body"), "\n")
	for _, n := range []int{13, 14, 99} {
		contains(t, "bodies", bodies, id(n).String())
	}
	contains(t, "details", bodies, "no_lost")
	if n, _ := w.Backlog(); n != 0 {
		t.Errorf("backlog of %d rows", n)
	}
}

func TestRefusedRejectLosesItsBodyOnly(t *testing.T) {
	db := openMigrated(t)
	exec(t, db, "ALTER TABLE rejects_versions ADD CONSTRAINT tame CHECK body = ''")
	w := newTestWriter(db)
	w.AddReject(ingest.Reject{Position: ingest.Position{Topic: "t", Partition: 1, Offset: 5}, Reason: ingest.RejectMalformed, Detail: "d", Body: []byte("wild")})
	flush(t, w)
	equal(t, "reject", one[string](t, db, "SELECT toString(tuple(topic, kafka_partition, kafka_offset, reason, detail, body)) FROM rejects"), "('t',1,5,'malformed','','')")

	exec(t, db, "ALTER TABLE rejects_versions ADD CONSTRAINT none CHECK reason = ''")
	w.AddReject(ingest.Reject{Position: ingest.Position{Topic: "t", Partition: 1, Offset: 6}, Reason: ingest.RejectMalformed})
	if err := w.Flush(t.Context()); !errors.Is(err, errRejectRefused) {
		t.Errorf("got %v", err)
	}
	if n, _ := w.Backlog(); n != 1 {
		t.Errorf("the row is gone: backlog of %d", n)
	}
}

func TestFullAndBacklog(t *testing.T) {
	db := openMigrated(t)
	w := newTestWriter(db, func(o *WriterOptions) { o.MaxRows = 3; o.MaxBytes = 10_000 })
	for i := range 3 {
		if w.Full() {
			t.Errorf("full at %d rows", i)
		}
		w.Add(0, 1, &aggregate.Rows{Calls: []aggregate.CallRow{call(i, aggregate.Answered)}})
	}
	if !w.Full() {
		t.Error("not full at 3 rows")
	}
	flush(t, w)
	w.AddEvent(0, "s", &ingest.Event{ID: id(1)}, make([]byte, 20_000))
	if !w.Full() {
		t.Error("not full at 20,000 bytes")
	}
	flush(t, w)
	if w.Full() {
		t.Error("full when empty")
	}
}

func TestDue(t *testing.T) {
	db := openMigrated(t)
	w := newTestWriter(db, func(o *WriterOptions) { o.Cadence.HistoryRows = 2 })
	at := func(ms int) time.Time { return monday.Add(time.Duration(ms) * time.Millisecond) }
	const now, figures, history = aggregate.DrainNow, aggregate.DrainFigures, aggregate.DrainHistory
	for _, c := range []struct {
		ms   int
		lag  time.Duration
		want aggregate.TableSet
	}{
		{0, 0, 0}, {249, 0, 0}, {250, 0, now}, {251, 0, 0}, {2000, 0, now | figures}, {5000, 0, aggregate.DrainAll},
		{5250, 2 * time.Minute, 0}, {6250, 2 * time.Minute, now}, {15_000, 2 * time.Minute, now | figures}, {30_000, 2 * time.Minute, aggregate.DrainAll},
	} {
		w.SetLag(c.lag)
		equal(t, fmt.Sprintf("due at %d ms", c.ms), w.Due(at(c.ms)), c.want)
	}
	w.AddEvent(0, "s", &ingest.Event{ID: id(1)}, nil)
	equal(t, "one event", w.Due(at(30_001)), 0)
	w.AddEvent(0, "s", &ingest.Event{ID: id(2)}, nil)
	equal(t, "as many events as a block holds", w.Due(at(30_002)), history)
}

// ClickHouse converts any Int8 to an Enum8, and a value without a name would make every query of the column fail.
func TestUnknownEnumPanics(t *testing.T) {
	db := openMigrated(t)
	w := newTestWriter(db)
	w.Add(0, 1, &aggregate.Rows{Calls: []aggregate.CallRow{call(1, aggregate.NumOutcomes)}})
	defer func() { contains(t, "panic", fmt.Sprint(recover()), "BUG: outcome") }()
	_ = w.Flush(t.Context())
}
