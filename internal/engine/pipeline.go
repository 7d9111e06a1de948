package engine

import (
	"errors"
	"fmt"
	"maps"
	"time"

	"github.com/cespare/xxhash/v2"
	"github.com/google/uuid"

	"ringside/aggregate"
	"ringside/ingest"
	"ringside/ingest/vendors"
	"ringside/internal/privacy"
)

// sink is where a pipeline's rows go: the process's *store.Writer, shared by all pipelines. It copies what it keeps.
type sink interface {
	Add(partition int32, version uint64, rows *aggregate.Rows)
	AddEvent(partition int32, source string, e *ingest.Event, body []byte)
	AddLate(partition int32, source string, e *ingest.Event, body []byte)
	AddReject(r ingest.Reject)
	AddOrganization(partition int32, version uint64, id uuid.UUID, seenAt int64)
	// Forget drops the figures that are not written yet, up to a version.
	Forget(partition int32, upTo uint64)
}

// Observer watches the rows of this process's partitions, as the wallboard does. It is called with a partition's lock
// held: it must return at once, and keep nothing of rows.
type Observer interface {
	// Observe is shown a partition's present state first, then what changes.
	Observe(partition int32, rows *aggregate.Rows, clock func(organization uuid.UUID) aggregate.Clock)
	// Forget tells that this process no longer owns a partition.
	Forget(partition int32)
}

// maxRejectBody is how much of the body of an event that is too large is kept.
const maxRejectBody = 64 << 10

// ErrFull says that the core's memory limit is reached.
var ErrFull = errors.New("the memory limit is reached")

// OwnedError says that a replay has events of an organization whose live events come from Kafka into the same store.
type OwnedError struct{ Organization uuid.UUID }

func (e *OwnedError) Error() string {
	return fmt.Sprintf("organization %s is kept by an engine that reads Kafka into this store; replay into another store, such as --data-dir ./replay",
		e.Organization)
}

// Pipeline takes the records of one Kafka partition (of all its topics), or of one replay, through decoder and core
// to the sink. One goroutine uses it.
type Pipeline struct {
	partition int32 // noPartition in a replay
	core      *aggregate.Core
	sink      sink
	metrics   *Metrics
	versions  *versions
	decoders  map[string]ingest.Decoder
	part      int              // of the record at hand: where to go on after ErrFull
	limit     int              // longest event in bytes
	numbers   *privacy.Numbers // see protect; nil: callers' numbers are kept
	bodies    bool

	places     *places // where organizations belong
	admissions map[uuid.UUID]admission
	// In a replay: claimed asks the store whether an engine owns an organization by now, seen holds the replay's own
	// organizations with the µs of their first event, which are announced when it is done.
	claimed func(organization uuid.UUID) (bool, error)
	seen    map[uuid.UUID]int64

	positions map[string]int64     // by topic: where the next fetch begins
	topicIDs  map[string]uuid.UUID // of the topics that the positions are of, where they have ids
	event     ingest.Event
	rows      aggregate.Rows
	counts    Counts
	accounts  map[uuid.UUID]Counts // the core's own, by organization, as last drained

	// While events come faster than they happened, rows would be drained minutes or hours of event time apart, and the
	// histories of queues and agents would show what nobody ever saw: they are drained by event time then, too.
	watching  bool        // rows may be handed out
	latest    ingest.Time // of the events that were taken in
	watchedTo ingest.Time // event time at which the present was last handed out

	observer Observer // nil: nobody watches
	observed bool     // it has been shown the present state
}

// admission tells whether an organization's events are taken: a reason other than "" rejects them.
type admission struct {
	reason ingest.RejectReason
	detail string
}

// newPipeline returns a pipeline with an empty core.
func newPipeline(partition int32, s *aggregate.Settings, out sink, m *Metrics, v *versions, limit int, at *places) *Pipeline {
	return &Pipeline{partition: partition, core: aggregate.New(s), sink: out, metrics: m, versions: v, decoders: vendors.Decoders(),
		limit: limit, places: at, admissions: map[uuid.UUID]admission{}, seen: map[uuid.UUID]int64{}, positions: map[string]int64{}, topicIDs: map[string]uuid.UUID{},
		accounts: map[uuid.UUID]Counts{}}
}

// adopt makes the pipeline go on with a restored core.
func (p *Pipeline) adopt(core *aggregate.Core, positions map[string]int64) {
	p.core = core
	maps.Copy(p.positions, positions)
	p.rows.Reset()
	core.Current(&p.rows)
	for i := range p.rows.Accounting {
		p.account(&p.rows.Accounting[i])
	}
	p.rows = aggregate.Rows{} // that was everything there is
}

// account takes over an organization's account and returns what it was before.
func (p *Pipeline) account(a *aggregate.AccountingRow) (before Counts) {
	before = p.accounts[a.OrganizationID]
	p.accounts[a.OrganizationID] = Counts{a.Received, a.Accepted, a.Duplicate, a.Late, a.Rejected, a.Orphan}
	return before
}

// Process takes in records of b from index from on. It returns the index of the first record that was not taken in,
// len(b.Records) if all were; with ErrFull that record can be tried again later. Call Settle after each batch or group
// of batches.
func (p *Pipeline) Process(b *ingest.Batch, from int) (int, error) {
	if b.TopicID != uuid.Nil {
		p.topicIDs[b.Topic] = b.TopicID
	}
	rejects := b.Rejects // by offset; those below the position were taken in when the batch was tried before
	for i := from; i < len(b.Records); i++ {
		rejects = p.transportRejects(b, rejects, b.Records[i].Offset)
		if err := p.record(b, &b.Records[i]); err != nil {
			return i, err
		}
		p.positions[b.Topic] = b.Records[i].Offset + 1
		p.watch()
	}
	p.transportRejects(b, rejects, b.NextOffset)
	p.positions[b.Topic] = b.NextOffset
	return len(b.Records), nil
}

// transportRejects takes in the rejects below an offset and returns the others. They go in order with the records: a
// position must cover all that is below it, and nothing else.
func (p *Pipeline) transportRejects(b *ingest.Batch, rejects []ingest.Reject, below int64) []ingest.Reject {
	for len(rejects) > 0 && rejects[0].Position.Offset < below {
		if r := &rejects[0]; r.Position.Offset >= p.positions[b.Topic] {
			p.transportReject(r)
			p.positions[b.Topic] = r.Position.Offset + 1
		}
		rejects = rejects[1:]
	}
	return rejects
}

// transportReject accounts for a message that the transport could not take.
func (p *Pipeline) transportReject(r *ingest.Reject) {
	p.event.Reset()
	p.event.OrganizationID, p.event.ID, p.event.ReceivedAt = r.OrganizationID, r.EventID, r.ReceivedAt
	p.core.CountReject(&p.event)
	p.counted(outcomeRejected, &p.counts.Rejected)
	kept := *r
	kept.Body = p.numbers.Reject(r.Body)
	p.sink.AddReject(kept)
}

func (p *Pipeline) record(b *ingest.Batch, r *ingest.Record) error {
	decode := p.decoders[r.Source]
	if decode == nil {
		p.event.Reset()
		p.reject(b, r, ingest.RejectUnknownSource, fmt.Sprintf("no decoder for source %.64q", r.Source))
		return nil
	}
	body, tooLarge := r.Value, len(r.Value) > p.limit
	if tooLarge {
		body = body[:min(len(body), maxRejectBody)] // enough to find the organization
	}
	if tooLarge {
		_, _ = decode(body, 0, &p.event)
		p.event.ReceivedAt = r.ReceivedAt
		p.reject(b, r, ingest.RejectTooLarge, fmt.Sprintf("longer than %d bytes; the body is cut", p.limit))
		return nil
	}
	for {
		more, err := decode(body, p.part, &p.event)
		p.event.ReceivedAt, p.event.Part = r.ReceivedAt, p.part
		if err != nil {
			p.rejectUndecoded(b, r, err)
			more = false
		} else if err := p.decoded(b, r); err != nil {
			return err
		}
		if p.part++; !more {
			p.part = 0
			return nil
		}
	}
}

// decoded takes in the event at hand.
func (p *Pipeline) decoded(b *ingest.Batch, r *ingest.Record) error {
	if p.event.BodyHash == 0 {
		p.event.BodyHash = xxhash.Sum64(r.Value)
	}
	a, err := p.admitted()
	if err != nil {
		return err
	}
	if a.reason != "" {
		p.reject(b, r, a.reason, a.detail)
		return nil
	}
	p.numbers.Event(&p.event)
	return p.apply(b, r)
}

// rejectUndecoded is apart from record, where a variable for errors.As would be an allocation for every event.
func (p *Pipeline) rejectUndecoded(b *ingest.Batch, r *ingest.Record, err error) {
	var fault *ingest.DecodeError
	if !errors.As(err, &fault) {
		panic("BUG: a decoder returned an error that is no DecodeError: " + err.Error())
	}
	p.reject(b, r, fault.Reason, fault.Error())
}

func (p *Pipeline) apply(b *ingest.Batch, r *ingest.Record) error {
	switch result := p.core.Apply(&p.event); result {
	case aggregate.Accepted:
		p.latest = max(p.latest, p.event.Timestamp)
		p.counted(outcomeAccepted, &p.counts.Accepted)
		p.sink.AddEvent(p.partition, r.Source, &p.event, p.keptBody(r.Source, r.Value))
	case aggregate.Duplicate:
		p.counted(outcomeDuplicate, &p.counts.Duplicate)
	case aggregate.Late:
		p.counted(outcomeLate, &p.counts.Late)
		p.sink.AddLate(p.partition, r.Source, &p.event, p.numbers.Body(r.Source, r.Value, privacy.IsOutgoing(p.event.Type)))
	case aggregate.Conflict:
		p.keepReject(b, r, ingest.RejectConflict, "an event with this Id and another body came before")
	case aggregate.OutOfRange:
		p.keepReject(b, r, ingest.RejectTimeOutOfRange, "Timestamp is before 1990 or more than a day after the receipt")
	case aggregate.Full:
		return ErrFull
	default:
		panic(fmt.Sprintf("BUG: unknown result %d of Apply", result))
	}
	return nil
}

// reject accounts for an event that the core has not seen, and keeps it.
func (p *Pipeline) reject(b *ingest.Batch, r *ingest.Record, reason ingest.RejectReason, detail string) {
	p.core.CountReject(&p.event)
	p.keepReject(b, r, reason, detail)
}

func (p *Pipeline) keepReject(b *ingest.Batch, r *ingest.Record, reason ingest.RejectReason, detail string) {
	p.counted(outcomeRejected, &p.counts.Rejected)
	p.sink.AddReject(ingest.Reject{
		Position:       ingest.Position{Topic: b.Topic, Partition: b.Partition, Offset: r.Offset},
		OrganizationID: p.event.OrganizationID, EventID: p.event.ID, Source: r.Source, Reason: reason, Detail: detail,
		ReceivedAt: r.ReceivedAt, Body: p.numbers.Reject(r.Value[:min(len(r.Value), p.rejectLimit(reason))]),
	})
}

func (p *Pipeline) rejectLimit(reason ingest.RejectReason) int {
	if reason == ingest.RejectTooLarge {
		return maxRejectBody
	}
	return p.limit
}

func (p *Pipeline) counted(o outcome, n *int64) {
	*n++
	p.counts.Received++
	p.metrics.event(p.event.Type, o)
}

// admitted tells whether the event's organization belongs here; the answer is asked for once. In a replay an
// organization that does not is an error: it is an *OwnedError then.
func (p *Pipeline) admitted() (admission, error) {
	organization := p.event.OrganizationID
	a, known := p.admissions[organization]
	if known {
		return a, nil
	}
	a, isNew := p.places.admit(organization, p.partition)
	if p.partition == noPartition {
		if err := p.admitReplayed(a, organization); err != nil {
			return a, err
		}
	} else if isNew {
		p.sink.AddOrganization(p.partition, p.versions.next(), organization, p.event.Timestamp.Micros())
	}
	p.admissions[organization] = a
	return a, nil
}

func (p *Pipeline) admitReplayed(a admission, organization uuid.UUID) error {
	owned, err := a.reason != "", error(nil)
	if !owned && p.claimed != nil {
		owned, err = p.claimed(organization)
	}
	switch {
	case err != nil:
		return err
	case owned:
		return &OwnedError{Organization: organization}
	}
	p.seen[organization] = p.event.Timestamp.Micros()
	return nil
}

// watchEvery is the event time after which the present is handed out at the latest: how far back a published figure may lie
// that agrees (docs/METRICS.md, section 8).
const watchEvery = 15 * time.Second

// watch hands out the present where event time has gone on far enough since that was last done.
func (p *Pipeline) watch() {
	switch {
	case p.watchedTo == ingest.Unset:
		p.watchedTo = p.latest
	case p.watching && p.latest >= p.watchedTo.Add(watchEvery):
		p.Drain(aggregate.DrainNow)
	}
}

// Settle brings the figures up to date.
func (p *Pipeline) Settle() { p.core.Settle() }

// Drain hands the changed rows of the chosen tables to the sink.
func (p *Pipeline) Drain(tables aggregate.TableSet) {
	p.rows.Reset()
	p.core.Drain(tables, &p.rows)
	if tables&aggregate.DrainNow != 0 {
		p.watchedTo = p.latest
	}
	p.show()
	if p.rows.Len() == 0 {
		return
	}
	for i := range p.rows.Accounting {
		a := &p.rows.Accounting[i]
		// An event turns out to be an orphan, and perhaps none after all, as others of its call come in.
		turned := a.Orphan - p.account(a).Orphan
		p.counts.Accepted -= turned
		p.counts.Orphan += turned
	}
	p.sink.Add(p.partition, p.versions.next(), &p.rows)
}

// show hands the drained rows to the observer; the first time everything that is known, since a restored core only
// drains what changes.
func (p *Pipeline) show() {
	if p.observer == nil {
		return
	}
	rows := &p.rows
	if !p.observed {
		p.observed, rows = true, &aggregate.Rows{}
		p.core.Current(rows)
	}
	p.observer.Observe(p.partition, rows, p.core.Clock)
}

// Counts returns how the events fared so far. An event that turns out to belong to no visit moves from Accepted to
// Orphan with the Drain that follows; that may be one of an earlier run.
func (p *Pipeline) Counts() Counts { return p.counts }
