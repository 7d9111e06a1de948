package aggregate

import (
	"bytes"

	"github.com/google/uuid"

	"ringside/ingest"
)

// callbackRecord is what is known of a callback request that decides how the visit ended from which it was made.
type callbackRecord struct {
	callback uuid.UUID
	typeID   int32 // Null: not told
	modified int64 // ticks
	at       int64
	id       uuid.UUID
	call     callRef // of its CallbackCreated
	due      int64   // ticks of the horizon after which it no longer matters
	unsaved  bool
}

// callbackOf finds or creates a record, which outlives at by as long as a call can be held.
func (o *org) callbackOf(id uuid.UUID, at int64) *callbackRecord {
	i, ok := o.callbackIx[id]
	if !ok {
		if n := len(o.freeCallbacks); n > 0 {
			i, o.freeCallbacks = o.freeCallbacks[n-1], o.freeCallbacks[:n-1]
		} else {
			i = uint32(len(o.callbacks))
			o.callbacks = append(o.callbacks, callbackRecord{})
		}
		o.callbacks[i] = callbackRecord{callback: id, typeID: Null, call: callRef{ref: noCall}}
		if o.callbackIx == nil {
			o.callbackIx = map[uuid.UUID]uint32{}
		}
		o.callbackIx[id] = i
		o.c.sizes.Callbacks++
	}
	r := &o.callbacks[i]
	set := o.c.set
	due := max(r.due, at+ticksOf(set.MaxAgeAnswered+set.Linger+set.Lateness))
	if r.due == 0 {
		o.releases.push(timer{due: due, ref: i, kind: timerCallback})
	}
	if due != r.due {
		r.due = due
		o.c.changes.callback(o, i)
	}
	return r
}

const noCall = ^uint32(0)

// changeCallback takes in a CallbackChanged: the type that the latest one names, by Modified, then Timestamp, counts.
func (o *org) changeCallback(ev *ingest.Event, at int64) {
	if !ev.Callback.TypeID.Valid || ev.CallBackID == uuid.Nil {
		return
	}
	r, modified := o.callbackOf(ev.CallBackID, at), int64(ev.Callback.Modified)
	if r.typeID != Null && (modified < r.modified || modified == r.modified && (at < r.at || at == r.at && bytes.Compare(ev.ID[:], r.id[:]) < 0)) {
		return
	}
	was := r.explicit()
	r.typeID, r.modified, r.at, r.id = ev.Callback.TypeID.Value, modified, at, ev.ID
	o.c.changes.callback(o, o.callbackIx[ev.CallBackID])
	if r.explicit() != was && r.call.ref != noCall && o.c.held(r.call) != nil {
		o.c.markCall(r.call)
	}
}

func (r *callbackRecord) explicit() bool { return r.typeID == Null || r.typeID == 1 }

// explicitCallback tells whether a callback was requested by the caller, as far as its record is known.
func (o *org) explicitCallback(id string) bool {
	i, ok := o.callbackIx[uuid.UUID([]byte(id))]
	return !ok || o.callbacks[i].explicit()
}

func (o *org) releaseCallback(ref uint32) {
	r := &o.callbacks[ref]
	if r.due >= int64(o.horizon) {
		o.releases.push(timer{due: r.due, ref: ref, kind: timerCallback})
		return
	}
	o.c.changes.idGone(o, EntityCallback, r.callback)
	delete(o.callbackIx, r.callback)
	*r = callbackRecord{}
	o.freeCallbacks = append(o.freeCallbacks, ref)
	o.c.sizes.Callbacks--
}
