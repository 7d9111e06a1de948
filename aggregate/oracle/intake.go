package oracle

import (
	"bytes"
	"reflect"
	"time"

	"github.com/google/uuid"

	"ringside/aggregate"
	"ringside/ingest"
)

// firstAccepted is 1990-01-01T00:00:00Z; what is stamped earlier is rejected (METRICS.md, section 1).
var firstAccepted = ingest.FromGo(time.Date(1990, 1, 1, 0, 0, 0, 0, time.UTC))

// fact is an accepted event with the time that counts for it.
type fact struct {
	ev      *ingest.Event
	ts      ingest.Time // Timestamp, or ReceivedAt where the Timestamp was too far ahead of it
	clamped bool        // ts is ReceivedAt
}

// at is the instant as it is stored. All seven digits order events, microseconds are stored (section 1); durations are
// differences of what is stored.
func (f fact) at() int64 { return f.ts.Micros() }

// organization is what one organization's events leave behind at the door.
type organization struct {
	id         uuid.UUID
	horizon    ingest.Time
	accepted   []fact
	byID       map[uuid.UUID]*ingest.Event
	accounting aggregate.AccountingRow
}

// take does what section 1 asks of one arriving event: range, lateness, duplicates, in this order, and says how it went.
func (o *organization) take(ev *ingest.Event, s *aggregate.Settings) aggregate.Result {
	o.accounting.Received++
	ts, clamped, ok := effectiveTime(ev, s)
	if !ok {
		o.accounting.Rejected++
		return aggregate.OutOfRange
	}
	// "An event is late if it is stamped before horizon − lateness."
	if len(o.byID) > 0 && ts < o.horizon.Add(-s.Lateness) {
		o.accounting.Late++
		return aggregate.Late
	}
	// "Ids are remembered until the horizon passes their Timestamp + lateness; a copy after that is late": a copy that
	// got past the line above is still remembered.
	if first, seen := o.byID[ev.ID]; seen {
		if sameBody(first, ev) {
			o.accounting.Duplicate++
			return aggregate.Duplicate
		}
		o.accounting.Rejected++
		return aggregate.Conflict
	}
	o.byID[ev.ID] = ev
	o.horizon = max(o.horizon, ts)
	o.accepted = append(o.accepted, fact{ev: ev, ts: ts, clamped: clamped})
	o.accounting.Accepted++
	return aggregate.Accepted
}

// effectiveTime applies "more than a day after its receipt is rejected" and "stamped more than 5 min after its
// received_at takes that as its time". Reading: an event whose own Timestamp is unset or open-ended has no time and is
// rejected like one out of range.
func effectiveTime(ev *ingest.Event, s *aggregate.Settings) (ts ingest.Time, clamped, ok bool) {
	ts = ev.Timestamp
	if ts == ingest.Unset || ts == ingest.OpenEnded || ts < firstAccepted {
		return 0, false, false
	}
	if ev.ReceivedAt == ingest.Unset {
		return ts, false, true
	}
	if ts > ev.ReceivedAt.Add(24*time.Hour) {
		return 0, false, false
	}
	if ts > ev.ReceivedAt.Add(s.FutureSkew) {
		return ev.ReceivedAt, true, true
	}
	return ts, false, true
}

// sameBody compares what the vendor sent; when we got it is no part of that.
func sameBody(a, b *ingest.Event) bool {
	x, y := *Clone(a), *Clone(b)
	x.ReceivedAt, y.ReceivedAt = 0, 0
	x.BodyHash, y.BodyHash = 0, 0
	return reflect.DeepEqual(x, y)
}

// Clone copies ev and everything it points to, so that the copy outlives the message.
func Clone(ev *ingest.Event) *ingest.Event {
	c := *ev
	for _, b := range byteFields(&c) {
		if len(*b) == 0 {
			*b = nil
		} else {
			*b = bytes.Clone(*b)
		}
	}
	c.AttachedUsers = append([]ingest.AttachedUser(nil), ev.AttachedUsers...)
	c.Callback.Attempts = append([]ingest.CallbackAttempt(nil), ev.Callback.Attempts...)
	c.QueueGroups = append([]ingest.QueueGroup(nil), ev.QueueGroups...)
	for i := range c.QueueGroups {
		c.QueueGroups[i].Name = bytes.Clone(c.QueueGroups[i].Name)
	}
	return &c
}

var bytesType = reflect.TypeFor[[]byte]()

// byteFields finds every []byte of the Event, those of Callback and Published included, so that a new field of the
// contract is not forgotten here.
func byteFields(ev *ingest.Event) []*[]byte {
	var out []*[]byte
	var walk func(v reflect.Value)
	walk = func(v reflect.Value) {
		for i := range v.NumField() {
			field := v.Field(i)
			switch {
			case field.Type() == bytesType:
				out = append(out, field.Addr().Interface().(*[]byte))
			case field.Kind() == reflect.Struct:
				walk(field)
			}
		}
	}
	walk(reflect.ValueOf(ev).Elem())
	return out
}
