package aggregate

import (
	"bytes"

	"github.com/google/uuid"

	"ringside/ingest"
)

// callbackRequest is one held callback request: what is known of it, and what it adds to its list.
type callbackRequest struct {
	id   uuid.UUID
	runs []callbackRun // by time; between two of them lies more than the linger
	kind callbackKind
	call callRef // of its CallbackCreated

	dates    []int32 // of its rows, ascending: one for each life
	share    listShare
	woken    int64 // the earliest timer set, ticks; never if none
	released int64 // the earliest release timer set, ticks; never if none
	counted  int64 // bytes in Core.callbackBytes
	gen      uint32
	dirty    bool // in dirtyCallbacks
	changed  bool // in changedCallbacks
	drained  bool // its rows, as of the last drain, are out
	unsaved  bool
}

// callbackKind is the type that the latest CallbackChanged names that names one, by Modified, then Timestamp: it decides
// how the visit ended from which the callback was made.
type callbackKind struct {
	typeID   int32 // Null: not told
	modified int64 // ticks, as are the others
	at       int64
	id       uuid.UUID
	due      int64 // of the horizon, after which no held call can ask
}

func (k *callbackKind) explicit() bool { return k.typeID == Null || k.typeID == 1 }

// callbackSlab holds the callbacks of an organization in pages, so that a new one does not move all others.
type callbackSlab struct {
	index map[uuid.UUID]uint32
	pages [][]callbackRequest
	free  []uint32
	next  uint32
}

const callbacksPerPage = 64

func (s *callbackSlab) at(i uint32) *callbackRequest {
	return &s.pages[i/callbacksPerPage][i%callbacksPerPage]
}

func (s *callbackSlab) take() uint32 {
	if n := len(s.free); n > 0 {
		i := s.free[n-1]
		s.free = s.free[:n-1]
		return i
	}
	if int(s.next) == len(s.pages)*callbacksPerPage {
		s.pages = append(s.pages, make([]callbackRequest, callbacksPerPage))
	}
	s.next++
	return s.next - 1
}

// callbackRef names a callback; whether it is still the same, the flag tells for which it was listed.
type callbackRef struct {
	org   *org
	index uint32
}

func (r callbackRef) get() *callbackRequest { return r.org.callbacks.at(r.index) }

const noCall = ^uint32(0)

// callbackOf finds or creates a callback of which an event stamped at has told.
func (o *org) callbackOf(id uuid.UUID, at int64) uint32 {
	i, ok := o.callbacks.index[id]
	if !ok {
		i = o.callbacks.take()
		r := o.callbacks.at(i)
		*r = callbackRequest{id: id, kind: callbackKind{typeID: Null}, call: callRef{ref: noCall}, woken: never, released: never,
			gen: r.gen, runs: r.runs[:0], dates: r.dates[:0]}
		if o.callbacks.index == nil {
			o.callbacks.index = map[uuid.UUID]uint32{}
		}
		o.callbacks.index[id] = i
		o.c.sizes.Callbacks++
	}
	r, set := o.callbacks.at(i), o.c.set
	if due := at + ticksOf(set.MaxAgeAnswered+set.Linger+set.Lateness); due > r.kind.due {
		r.kind.due = due
		o.c.changes.callback(o, i)
	}
	o.markCallback(i)
	return i
}

func (o *org) markCallback(i uint32) {
	if r := o.callbacks.at(i); !r.dirty {
		r.dirty = true
		o.c.dirtyCallbacks = append(o.c.dirtyCallbacks, callbackRef{o, i})
	}
}

// noteCallback takes in an event that names a callback.
func (o *org) noteCallback(ev *ingest.Event, at int64) {
	if ev.CallBackID == uuid.Nil || !tellsOfCallback[ev.Type] {
		return
	}
	i := o.callbackOf(ev.CallBackID, at)
	r, texts := o.callbacks.at(i), &o.c.texts
	if ev.Type == ingest.CallbackChanged {
		o.noteKind(r, ev, at)
	}
	run := r.runAt(at, o.c.callbackLinger(), texts)
	switch ev.Type {
	case ingest.CallbackChanged:
		run.change(ev, at, texts)
	case ingest.QueueCallInCallbackCreated, ingest.UserCallInCallbackCreated:
		run.create(ev, at, texts)
	default:
		run.callOut(ev, at, texts)
	}
	r.compact(int64(o.horizon)-ticksOf(o.c.set.Lateness), o.c.callbackLinger(), texts)
	o.c.changes.callback(o, i)
}

var tellsOfCallback = [ingest.NumTypes]bool{ingest.CallbackChanged: true, ingest.QueueCallInCallbackCreated: true,
	ingest.UserCallInCallbackCreated: true, ingest.CallbackUserCallOutGoing: true, ingest.CallbackUserCallOutConnected: true,
	ingest.CallbackUserCallOutDisconnected: true}

func (c *Core) callbackLinger() int64 { return ticksOf(c.set.CallbackLinger) }

// noteKind has the call folded again from which the callback was made, if what it was asked for is seen differently now.
func (o *org) noteKind(r *callbackRequest, ev *ingest.Event, at int64) {
	if !ev.Callback.TypeID.Valid {
		return
	}
	k, modified := &r.kind, int64(ev.Callback.Modified)
	if k.typeID != Null && (modified < k.modified || modified == k.modified && (at < k.at || at == k.at && bytes.Compare(ev.ID[:], k.id[:]) < 0)) {
		return
	}
	was := k.explicit()
	k.typeID, k.modified, k.at, k.id = ev.Callback.TypeID.Value, modified, at, ev.ID
	if k.explicit() != was && r.call.ref != noCall && o.c.held(r.call) != nil {
		o.c.markCall(r.call)
	}
}

// explicitCallback tells whether a callback was requested by the caller, as far as is known.
func (o *org) explicitCallback(id string) bool {
	i, ok := o.callbacks.index[uuid.UUID([]byte(id))]
	return !ok || o.callbacks.at(i).kind.explicit()
}
