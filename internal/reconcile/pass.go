package reconcile

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"

	"ringside/aggregate"
	"ringside/ingest"
	"ringside/internal/history"
)

// pass puts the events through a core once, under one reading, and compares.
type pass struct {
	*Reconcile
	reading *reading // nil: the one of docs/METRICS.md
	reader  *history.Reader
	skip    func(*ingest.Event) bool

	core     *aggregate.Core
	event    ingest.Event
	rows     aggregate.Rows
	now      int64 // µs; everything before has been applied
	followed bool  // the core is followed event by event
	waiting  []published
	tracks   map[trackKey]*track
	calls    calls
	shown    map[int]*shown // by kind; only of the figures by METRICS.md's own reading

	fields [][]fieldCount // by kind and field
	sink   *sink          // of the pass under no other reading
	recent int64          // figures that are not final yet

	differing map[figureID]bool // figures that differ, under another reading
}

// published is one summary that has come and waits until everything of its instant has been applied.
type published struct {
	kind   int
	entity uuid.UUID
	id     uuid.UUID // of the event
	at     int64
	kept   int64
	values ingest.Published
	date   history.Date
}

// figureID names one published figure.
type figureID struct {
	event uuid.UUID
	field int
}

func (r *Reconcile) pass(ctx context.Context, other *reading) (*pass, error) {
	p := &pass{Reconcile: r, reading: other, tracks: map[trackKey]*track{}, calls: newCalls()}
	settings := *r.settings
	if other != nil && other.settings != nil {
		other.settings(&settings)
	}
	p.core = aggregate.New(&settings)
	reader, span, what := *r.reader, r.span, "reconcile"
	if other != nil {
		reader.Local, what = other.local, "reconcile, "+textOf(other.choice)
		p.differing = map[figureID]bool{}
		if other.skip != nil {
			p.skip = other.skip()
		}
		if other.local != nil {
			const far = 15 * int64(time.Hour/time.Microsecond)
			span = history.Span{From: span.From - far, To: span.To + far}
		}
	} else {
		p.sink = newSink(r)
		p.shown = newShown(r)
	}
	p.reader = &reader
	for i := range kinds {
		p.fields = append(p.fields, newFieldCounts(&kinds[i]))
	}
	events, total, err := p.open(ctx, span)
	if err != nil {
		return nil, err
	}
	r.read.Store(0)
	if r.Progress != nil {
		defer r.Progress(what, total, r.read.Load)()
	}
	return p, p.run(ctx, events, span)
}

func (p *pass) run(ctx context.Context, events history.Merged, span history.Span) error {
	decoder := p.reader.NewDecoder()
	begin := p.begin
	if p.reader.Local != nil {
		begin += span.From - p.span.From // its instants may be earlier
	}
	for n := 1; ; n++ {
		rec, err := events.Next()
		if err != nil {
			return err
		}
		if rec == nil {
			break
		}
		if err := decoder.Decode(rec, &p.event); err != nil {
			return err
		}
		if p.skip != nil && p.skip(&p.event) {
			continue
		}
		if !p.followed && rec.At >= begin {
			p.follow(rec.At)
		}
		if p.followed {
			if err := p.moveTo(ctx, rec.At); err != nil {
				return err
			}
		}
		if err := p.take(rec, span); err != nil {
			return err
		}
		if !p.followed && (n%settleEvery == 0 || rec.At > p.now+leadStep) {
			p.now = rec.At
			p.drain(p.now)
		}
	}
	if !p.followed {
		p.follow(p.now)
	}
	return p.settleAt(ctx)
}

// As long as the core is not followed, it is looked at after so many events, and after so many µs.
const (
	settleEvery = 4096
	leadStep    = 10 * 60 * second
)

// take applies one record, and keeps it if it is a published summary.
func (p *pass) take(rec *history.Record, span history.Span) error {
	e := &p.event
	if rec.At < span.From && !isSet(e.Type) {
		// It tells names, zones, attachments. Its call is not whole, and has nothing to do with the date.
		e.CallID, e.CallBackID = uuid.Nil, uuid.Nil
	}
	if rec.At >= span.From && rec.Event == nil {
		p.read.Add(1)
	}
	switch result := p.core.Apply(e); result {
	case aggregate.Accepted:
		p.wait(rec)
	case aggregate.OutOfRange, aggregate.Duplicate, aggregate.Conflict:
	case aggregate.Full:
		return fmt.Errorf("the state of one organization reaches the memory limit: raise memory.limit")
	case aggregate.Late:
		if p.reader.Local == nil { // else clocks that are set back bring events out of order
			panic(fmt.Sprintf("BUG: event %s at %d is late although events come in order", rec.ID, rec.At))
		}
	}
	return nil
}

// isSet tells the events whose call or callback is followed although it began before what is read: whether a queue was
// open last, and what was last known of a callback.
func isSet(t ingest.Type) bool {
	return t == ingest.QueueCallInArrived || t == ingest.QueueCallInScheduleClosed || t == ingest.CallbackChanged
}

// wait keeps a published summary of the date until everything of its instant has been applied.
func (p *pass) wait(rec *history.Record) {
	e := &p.event
	i := kindOf(e.Type)
	if i < 0 || !p.isChosen(i) || rec.Kept < p.survey.first || rec.Kept > p.survey.last {
		return
	}
	k := &kinds[i]
	// Which date a figure is of is told by the reading of docs/METRICS.md: all readings are judged by the same figures.
	date, ok := k.date(p.Reconcile, p.core, e, rec.Kept)
	entity := k.entity(e)
	if !ok || date != p.Date || !p.isAsked(entity) {
		return
	}
	if rec.Kept > p.horizon {
		p.recent++
		return
	}
	p.waiting = append(p.waiting, published{kind: i, entity: entity, id: rec.ID, at: rec.At, kept: rec.Kept, values: e.Published, date: date})
	p.waiting[len(p.waiting)-1].values.QueueDate = nil // it belongs to the record
}

func (p *pass) isChosen(kind int) bool {
	for _, i := range p.chosen {
		if i == kind {
			return true
		}
	}
	return false
}

func (p *pass) isAsked(entity uuid.UUID) bool {
	for _, id := range p.Queues {
		if id == entity {
			return true
		}
	}
	return len(p.Queues) == 0
}

// follow begins to look at the core at every event.
func (p *pass) follow(at int64) {
	p.followed, p.now = true, at
	p.core.Advance(ingest.FromMicros(at))
	p.drain(at)
	// What was drained before, or has not changed yet, is as it stands now.
	p.rows.Reset()
	p.core.Current(&p.rows)
	p.rows.Calls, p.rows.Daily = nil, nil
	p.observe(at)
}

// second is how finely time passes between two events, in µs.
const second = int64(time.Second / time.Microsecond)

// moveTo lets time pass up to an instant, at which an event has happened.
func (p *pass) moveTo(ctx context.Context, at int64) error {
	if at <= p.now {
		return nil
	}
	if err := p.settleAt(ctx); err != nil {
		return err
	}
	for next := p.now + second - p.now%second; next < at; next += second {
		p.core.Advance(ingest.FromMicros(next))
		p.drain(next)
	}
	p.core.Advance(ingest.FromMicros(at))
	p.drain(at)
	p.now = at
	return nil
}

// settleAt looks at the core after everything that has happened up to now, and compares what was published now.
func (p *pass) settleAt(ctx context.Context) error {
	p.drain(p.now)
	for i := range p.waiting {
		if err := p.compare(ctx, &p.waiting[i]); err != nil {
			return err
		}
	}
	p.waiting = p.waiting[:0]
	return nil
}

func (p *pass) drain(at int64) {
	p.rows.Reset()
	p.core.Drain(aggregate.DrainNow|aggregate.DrainFigures, &p.rows)
	p.observe(at)
}

// observe takes in what the core has drained.
func (p *pass) observe(at int64) {
	for i := range p.rows.Calls {
		p.noteCall(at, &p.rows.Calls[i])
	}
	for i := range p.rows.QueueStatus {
		r := &p.rows.QueueStatus[i]
		if r.Deleted || !p.isAsked(r.QueueID) {
			continue
		}
		status := *r
		status.WaitingSince = nil
		p.track(trackKey{kind: statusKind, entity: r.QueueID}).keep(state{from: at, status: &status})
	}
	for i := range p.rows.CallLists {
		r := p.rows.CallLists[i]
		if !r.Deleted && p.isAsked(r.CallListID) {
			p.track(trackKey{kind: listKind, entity: r.CallListID}).keep(state{from: at, list: &r})
		}
	}
	for i := range p.rows.Daily {
		r := &p.rows.Daily[i]
		if history.Date(r.QueueDate) != p.Date || !p.isAsked(r.QueueID) {
			continue
		}
		d := &day{Sums: r.Sums, threshold: r.Threshold, outboundHold: p.calls.outboundHold[r.QueueID]}
		if r.Deleted {
			d = &day{}
		}
		p.track(trackKey{dailyKind, r.QueueID, p.Date}).keep(state{from: at, daily: d})
	}
}

func (p *pass) track(k trackKey) *track {
	t := p.tracks[k]
	if t == nil {
		t = newTrack(&kinds[k.kind])
		p.tracks[k] = t
	}
	return t
}

// The indexes of kinds.
const (
	statusKind = iota
	dailyKind
	listKind
)
