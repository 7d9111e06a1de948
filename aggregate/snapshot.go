package aggregate

import (
	"cmp"
	"encoding/binary"
	"fmt"
	"slices"

	"github.com/google/uuid"
)

// EntityKind tags an entity of a checkpoint. The numbers are stored: append, never reorder.
type EntityKind uint8

// The kinds, in the order in which they must be restored.
const (
	EntityOrganization EntityKind = 1 + iota
	EntityIDs                     // the ids of five minutes of event time
	EntityQueue
	EntityAgent
	EntityWindow // the frozen part of a day or interval
	EntityCallback
	EntityCall
)

// entityVersion is the first byte of every entity's data.
const entityVersion = 1

// Entity is one row of a checkpoint. Key is unique within kind and organization; Data is versioned and self-contained.
type Entity struct {
	Kind           EntityKind
	OrganizationID uuid.UUID
	Key            []byte
	Data           []byte
}

// Snapshot hands every held entity to emit, in the order in which Restore wants them. Key and Data are valid during the
// call. Drain everything first: a restored Core takes what it holds for written.
func (c *Core) Snapshot(emit func(Entity) error) error {
	c.Settle()
	calls := map[*org][]callRef{}
	for ref := uint32(0); ref < c.calls.next; ref++ {
		if call := c.calls.at(ref); call.org != nil {
			calls[call.org] = append(calls[call.org], callRef{ref, call.gen})
		}
	}
	s := snapshot{emit: emit}
	for _, o := range c.orgList {
		s.org = o
		s.organization(o)
		s.ids(o)
		for _, q := range o.queues {
			s.queue(q)
		}
		for _, a := range o.agents {
			s.agent(a)
		}
		for _, q := range o.queues {
			for _, w := range q.days {
				s.window(w)
			}
			for _, w := range q.intervals {
				s.window(w)
			}
		}
		for i := range o.callbacks {
			if r := &o.callbacks[i]; r.due != 0 {
				s.callback(r)
			}
		}
		for _, ref := range calls[o] {
			s.call(c, c.calls.at(ref.ref))
		}
		if s.err != nil {
			return fmt.Errorf("checkpoint of organization %s: %w", o.id, s.err)
		}
	}
	return nil
}

type snapshot struct {
	encoder
	emit func(Entity) error
	org  *org
	err  error
	key  [32]byte
}

func (s *snapshot) put(kind EntityKind, key []byte) {
	if s.err == nil {
		s.err = s.emit(Entity{Kind: kind, OrganizationID: s.org.id, Key: key, Data: s.b})
	}
}

func (s *snapshot) organization(o *org) {
	s.reset(entityVersion)
	s.int(int64(o.horizon))
	s.int(o.now)
	a := &o.account
	for _, n := range []int64{a.Received, a.Accepted, a.Duplicate, a.Late, a.Rejected, a.Orphan} {
		s.int(n)
	}
	s.put(EntityOrganization, nil)
}

func (s *snapshot) ids(o *org) {
	held := make([]seenID, 0, o.ids.used)
	for _, e := range o.ids.slots {
		if e.hash != 0 && e.bucket >= o.ids.oldest {
			held = append(held, e)
		}
	}
	slices.SortFunc(held, func(a, b seenID) int {
		return cmp.Or(cmp.Compare(a.bucket, b.bucket), cmp.Compare(a.hash, b.hash))
	})
	for len(held) > 0 {
		n := 1
		for n < len(held) && held[n].bucket == held[0].bucket {
			n++
		}
		s.reset(entityVersion)
		s.int(int64(held[0].bucket))
		s.int(int64(n))
		for _, e := range held[:n] {
			s.u64(e.hash)
			s.u32(e.body)
		}
		s.put(EntityIDs, binary.BigEndian.AppendUint32(s.key[:0], uint32(held[0].bucket)))
		held = held[n:]
	}
}

func (s *snapshot) queue(q *queue) {
	s.reset(entityVersion)
	s.names(q.names)
	s.int(q.lastArrived)
	s.int(q.lastClosed)
	stamp(&s.encoder, &q.numbers)
	s.int(int64(q.numbers.value))
	s.int(int64(len(q.changes)))
	for i := range q.changes {
		ch := &q.changes[i]
		s.int(ch.at)
		s.id(ch.id)
		s.str(ch.region)
		s.bools(ch.deleted)
		s.int(int64(len(ch.groups)))
		for j := range ch.groups {
			s.id(ch.groups[j])
			s.str(ch.names[j])
		}
	}
	stamp(&s.encoder, &q.list)
	s.int(int64(len(q.members)))
	for i := range q.members {
		m := &q.members[i]
		s.id(q.org.agents[m.agent].id)
		stamp(&s.encoder, &m.own)
		s.bools(m.own.value.attached, m.own.value.active, m.listed.attached, m.listed.active)
	}
	s.put(EntityQueue, q.id[:])
}

func (s *snapshot) agent(a *agent) {
	s.reset(entityVersion)
	s.names(a.names)
	stamp(&s.encoder, &a.status)
	st := &a.status.value
	s.bools(st.CanBeAllocatedTo, st.Talking, st.Available, st.Schedule, st.Serving, st.ServingCallback, st.FetchMode)
	for _, n := range []int64{int64(st.ServiceTerminals), int64(st.ActiveQueues), int64(st.ParkedCalls),
		int64(st.TalkingStatusChanged), int64(st.WrapUpStart), int64(st.WrapUpEnd)} {
		s.int(n)
	}
	s.id(st.ActiveQueueID)
	stamp(&s.encoder, &a.availability)
	s.str(a.availability.value.name)
	s.int(a.availability.value.start)
	s.int(a.availability.value.end)
	stamp(&s.encoder, &a.wrapUp)
	s.int(a.wrapUp.value.until)
	s.bools(a.wrapUp.value.on, a.stale)
	s.int(a.lastEvent)
	s.int(a.lastSegment)
	s.int(int64(a.state))
	s.int(a.stateSince)
	s.int(int64(len(a.acts)))
	for _, t := range a.acts {
		s.int(t)
	}
	s.put(EntityAgent, a.id[:])
}

func (s *snapshot) names(n names) {
	s.int(int64(len(n)))
	for i := range n {
		s.int(n[i].at)
		s.id(n[i].id)
		s.str(n[i].name)
	}
}

func (s *snapshot) callback(r *callbackRecord) {
	s.reset(entityVersion)
	s.int(int64(r.typeID))
	s.int(r.modified)
	s.int(r.at)
	s.id(r.id)
	s.int(r.due)
	s.put(EntityCallback, r.callback[:])
}

func (s *snapshot) histogram(h histogram) {
	s.int(int64(len(h)))
	for _, b := range h {
		s.int(int64(b.Bucket))
		s.int(b.Count)
	}
}

func (s *snapshot) window(w *window) {
	s.reset(entityVersion)
	s.int(int64(w.kind))
	s.id(w.queue.id)
	s.int(w.key)
	s.int(w.end)
	s.int(int64(w.date))
	s.int(w.frozenMax)
	sums := &w.frozen.sums
	for _, n := range sums.fields() {
		s.int(*n)
	}
	for _, n := range sums.Outcomes {
		s.int(n)
	}
	s.histogram(w.frozen.waits)
	s.histogram(w.frozen.answered)
	key := append(s.key[:0], byte(w.kind))
	key = append(key, w.queue.id[:]...)
	s.put(EntityWindow, binary.BigEndian.AppendUint64(key, uint64(w.key)))
}

func (s *snapshot) call(c *Core, call *call) {
	s.reset(entityVersion)
	s.int(int64(len(call.facts)))
	var last int64
	for i := range call.facts {
		f := &call.facts[i]
		s.int(f.at - last)
		last = f.at
		s.id(f.id)
		s.u32(f.leg)
		s.int(int64(f.num))
		s.int(int64(f.kind()))
		s.int(int64(f.user & 0xFF))
		s.id(call.org.queueID(f.queue >> 8))
		var agent uuid.UUID
		if i := f.agentIx(); i >= 0 {
			agent = call.org.agents[i].id
		}
		s.id(agent)
		n := f.internedTexts()
		for i := range f.text {
			if i < n {
				s.str(c.texts.get(f.text[i]))
			} else {
				s.u32(f.text[i])
			}
		}
	}
	s.put(EntityCall, call.id[:])
}
