package aggregate

import (
	"bytes"
	"cmp"
	"slices"

	"github.com/google/uuid"

	"ringside/ingest"
)

// callbackRun is what the events of a callback come to that follow each other at most a linger apart: nothing ends and
// begins anew between them. Everything in it is a least, a greatest or a count, so that neither the order of the events
// nor that in which runs are merged makes a difference. Times are ticks.
type callbackRun struct {
	first, last int64 // the stamps of its events
	record      callbackRecord
	reopened    changeKey   // of the latest CallbackChanged that was not closed
	closings    []changeKey // of the closed ones after it, ascending; the first maxClosings
	origin      callbackOrigin
	created     int64 // the earliest CreationTime of a CallbackCreated, else its stamp; 0: none
	attempted   int64 // the earliest attempt; 0: none
	called      int64 // the latest call out; 0: none
	answered    int64 // the earliest call out that was connected; 0: none
	calls       int32 // out
}

// maxClosings bounds how many changes of a closed callback are remembered one by one. Of more, those between the first
// eight and the latest are not: a reopening that is told late and lies behind the eighth then gives the time of the latest.
const maxClosings = 8

// maxAttemptTypes bounds how many types of attempts are counted apart; those of the others count as not told.
const maxAttemptTypes = 32

// changeKey orders CallbackChanged events: by Modified, then Timestamp, then Id. The zero value is before all.
type changeKey struct {
	modified, at int64
	id           uuid.UUID
}

func (k *changeKey) compare(l *changeKey) int {
	if c := cmp.Compare(k.modified, l.modified); c != 0 {
		return c
	}
	if c := cmp.Compare(k.at, l.at); c != 0 {
		return c
	}
	return bytes.Compare(k.id[:], l.id[:])
}

// instant is when the change was made.
func (k *changeKey) instant() int64 {
	if k.modified == int64(ingest.Unset) {
		return k.at
	}
	return k.modified
}

// callbackRecord is the latest CallbackChanged; at is 0 while there is none.
type callbackRecord struct {
	changeKey
	list, queue, call, assigned, attemptUser, modifier, class uuid.UUID
	created, due, expiry, notBefore, attempted                int64
	typeID, attemptType                                       int32  // Null: not told
	number, name, channel, priority                           uint32 // texts
	closed                                                    bool
	attempts                                                  []AttemptCount
}

// callbackOrigin is what the first CallbackCreated says, or, while there is none, the first call out.
type callbackOrigin struct {
	at                int64
	id                uuid.UUID
	out               bool
	list, queue, call uuid.UUID
	number            uint32 // text
}

func (a *callbackOrigin) before(b *callbackOrigin) bool {
	if a.out != b.out {
		return b.out
	}
	return a.at < b.at || a.at == b.at && bytes.Compare(a.id[:], b.id[:]) < 0
}

// runAt returns the run to which an event stamped at belongs: one that it lies within or near, or a new one.
func (r *callbackRequest) runAt(at, linger int64, texts *texts) *callbackRun {
	i := 0
	for i < len(r.runs) && r.runs[i].last+linger < at {
		i++
	}
	if i == len(r.runs) || at+linger < r.runs[i].first {
		r.runs = slices.Insert(r.runs, i, callbackRun{first: at, last: at})
		return &r.runs[i]
	}
	run := &r.runs[i]
	run.first, run.last = min(run.first, at), max(run.last, at)
	if i+1 < len(r.runs) && r.runs[i+1].first <= run.last+linger {
		r.join(i, texts)
	}
	return &r.runs[i]
}

// join merges the run after i into run i.
func (r *callbackRequest) join(i int, texts *texts) {
	r.runs[i].merge(&r.runs[i+1], texts)
	r.runs = slices.Delete(r.runs, i+1, i+2)
}

// compact merges what no event can part any more: where the next run begins before oldest, none will come between.
func (r *callbackRequest) compact(oldest, linger int64, texts *texts) {
	for i := 0; i+1 < len(r.runs) && r.runs[i+1].first < oldest; {
		if r.runs[i].parts(&r.runs[i+1], linger) {
			i++
			continue
		}
		r.join(i, texts)
	}
}

// end is when the callback was over, as far as the run tells: when it was last heard of after it was closed, when it has
// expired; never, while it is open.
func (a *callbackRun) end() int64 {
	switch r := &a.record; {
	case r.at == 0 || r.closed:
		return a.last
	case r.expiry == 0 || r.expiry >= never:
		return never
	default:
		return max(a.last, r.expiry)
	}
}

// parts tells whether the callback began anew with b.
func (a *callbackRun) parts(b *callbackRun, linger int64) bool {
	return a.end() != never && b.first > a.end()+linger
}

// change takes in a CallbackChanged.
func (a *callbackRun) change(ev *ingest.Event, at int64, texts *texts) {
	cb := &ev.Callback
	key := changeKey{int64(cb.Modified), at, ev.ID}
	if cb.IsClosed {
		a.addClosing(key)
	} else if key.compare(&a.reopened) > 0 {
		a.reopen(key)
	}
	a.attempt(int64(cb.LastAttemptTimestamp))
	for i := range cb.Attempts {
		a.attempt(int64(cb.Attempts[i].Timestamp))
	}
	if a.record.at != 0 && key.compare(&a.record.changeKey) < 0 {
		return
	}
	a.record.release(texts)
	a.record = callbackRecord{changeKey: key, list: ev.CallListID, queue: ev.QueueID, call: ev.CallID, assigned: cb.AssignedUserID,
		attemptUser: cb.LastAttemptUserID, modifier: cb.LastModifiedUserID, class: cb.ClassificationID, created: int64(cb.CreationTime),
		due: int64(cb.DueDate), expiry: int64(cb.ExpiryDate), notBefore: int64(cb.NotBefore), attempted: int64(cb.LastAttemptTimestamp),
		typeID: optional(cb.TypeID), attemptType: optional(cb.LastAttemptTypeID), number: texts.intern(cb.ContactNumber),
		name: texts.intern(cb.ContactName), channel: texts.intern(cb.ChannelIn), priority: texts.intern(cb.CalculatedPriority),
		closed: cb.IsClosed, attempts: countAttempts(a.record.attempts[:0], cb.Attempts)}
}

func (r *callbackRecord) release(texts *texts) {
	for _, t := range [...]uint32{r.number, r.name, r.channel, r.priority} {
		texts.release(t)
	}
}

// countAttempts counts attempts by their type, ascending.
func countAttempts(to []AttemptCount, attempts []ingest.CallbackAttempt) []AttemptCount {
	for i := range attempts {
		typeID := optional(attempts[i].TypeID)
		j := 0
		for j < len(to) && to[j].TypeID < typeID {
			j++
		}
		if j == len(to) || to[j].TypeID != typeID {
			to = append(to, AttemptCount{})
			copy(to[j+1:], to[j:])
			to[j] = AttemptCount{TypeID: typeID}
		}
		to[j].Count++
		if len(to) > maxAttemptTypes {
			to = foldTypes(to)
		}
	}
	return to
}

// foldTypes counts the greatest type as not told, unless it is itself.
func foldTypes(counts []AttemptCount) []AttemptCount {
	last := counts[len(counts)-1]
	counts = counts[:len(counts)-1]
	for i := range counts {
		if counts[i].TypeID == Null {
			counts[i].Count += last.Count
			return counts
		}
	}
	j := 0
	for j < len(counts) && counts[j].TypeID < Null {
		j++
	}
	return slices.Insert(counts, j, AttemptCount{TypeID: Null, Count: last.Count})
}

// addClosing remembers that the callback was closed at key.
func (a *callbackRun) addClosing(key changeKey) {
	if key.compare(&a.reopened) < 0 {
		return
	}
	i := 0
	for i < len(a.closings) && a.closings[i].compare(&key) < 0 {
		i++
	}
	if i == maxClosings {
		return
	}
	if len(a.closings) == maxClosings {
		a.closings = a.closings[:maxClosings-1]
	}
	a.closings = append(a.closings, changeKey{})
	copy(a.closings[i+1:], a.closings[i:])
	a.closings[i] = key
}

// reopen forgets the closings before key.
func (a *callbackRun) reopen(key changeKey) {
	a.reopened = key
	n := 0
	for n < len(a.closings) && a.closings[n].compare(&key) < 0 {
		n++
	}
	a.closings = append(a.closings[:0], a.closings[n:]...)
}

// closedAt is the least Modified of the changes since which the callback has been closed; 0 if it is not.
func (a *callbackRun) closedAt() int64 {
	if !a.record.closed {
		return 0
	}
	if len(a.closings) > 0 {
		return a.closings[0].instant()
	}
	return a.record.instant()
}

func earliestOf(a, b int64) int64 {
	if a == 0 || b != 0 && b < a {
		return b
	}
	return a
}

func (a *callbackRun) attempt(at int64) { a.attempted = earliestOf(a.attempted, at) }

// create takes in a CallbackCreated.
func (a *callbackRun) create(ev *ingest.Event, at int64, texts *texts) {
	created := int64(ev.Callback.CreationTime)
	if created == int64(ingest.Unset) {
		created = at
	}
	a.created = earliestOf(a.created, created)
	a.originate(callbackOrigin{at: at, id: ev.ID, list: ev.CallListID, queue: ev.QueueID, call: ev.CallID}, ev.Callback.ContactNumber, texts)
}

// callOut takes in an event of a call to the contact.
func (a *callbackRun) callOut(ev *ingest.Event, at int64, texts *texts) {
	switch ev.Type {
	case ingest.CallbackUserCallOutGoing:
		a.calls++
		a.called = max(a.called, at)
		a.attempt(at)
	case ingest.CallbackUserCallOutConnected:
		a.answered = earliestOf(a.answered, at)
	}
	a.originate(callbackOrigin{at: at, id: ev.ID, out: true, list: ev.CallListID}, nil, texts)
}

func (a *callbackRun) originate(from callbackOrigin, number []byte, texts *texts) {
	if a.origin.at != 0 && !from.before(&a.origin) {
		return
	}
	texts.release(a.origin.number)
	a.origin = from
	a.origin.number = texts.intern(number)
}

// merge adds a later run. With texts, the run it is added to owns what it refers to, and b is not used any more; without,
// it is a passing view of both, whose closings have memory of their own.
func (a *callbackRun) merge(b *callbackRun, texts *texts) {
	a.first, a.last = min(a.first, b.first), max(a.last, b.last)
	if b.reopened.compare(&a.reopened) > 0 {
		a.reopen(b.reopened)
	}
	for _, key := range b.closings {
		a.addClosing(key)
	}
	lost := b.record
	if b.record.at != 0 && (a.record.at == 0 || b.record.compare(&a.record.changeKey) > 0) {
		lost, a.record = a.record, b.record
	}
	lostOrigin := b.origin
	if b.origin.at != 0 && (a.origin.at == 0 || b.origin.before(&a.origin)) {
		lostOrigin, a.origin = a.origin, b.origin
	}
	if texts != nil {
		lost.release(texts)
		texts.release(lostOrigin.number)
	}
	a.created = earliestOf(a.created, b.created)
	a.attempted = earliestOf(a.attempted, b.attempted)
	a.answered = earliestOf(a.answered, b.answered)
	a.called = max(a.called, b.called)
	a.calls += b.calls
}

func (a *callbackRun) release(texts *texts) {
	a.record.release(texts)
	texts.release(a.origin.number)
}
