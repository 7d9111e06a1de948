package aggregate

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"fmt"
	"slices"

	"github.com/google/uuid"

	"ringside/ingest"
)

// EntityKind tags an entity of a checkpoint. The numbers are stored: append, never reorder.
type EntityKind uint8

// The kinds, in the order in which they must be restored.
const (
	EntityClock        EntityKind = 1 + iota // of the whole Core: its organization is uuid.Nil
	EntityOrganization                       // its account and how far it has come
	EntityIDs                                // some ids of five minutes of event time; those of all such entities count
	EntityQueue                              // its names and what QueueChanged has said
	EntityMembers                            // the agents attached to a queue
	EntityAgent
	EntityWindow // the frozen part of a day or interval, if there is any
	EntityCallback
	EntityCall
	EntityCallList // when it was seen, and what the vendor has published of it

	EntityAgentHistory EntityKind = 12 // what an agent's timeline follows from, but for facts
	EntityAgentFacts   EntityKind = 13 // those of a quarter of an hour
)

// entityVersion is the first byte of every entity's data.
const entityVersion = 3

// Formats of entities that say more than most do of their kind; the rest comes last.
const (
	viewedVersion    = 4 // a queue whose sources do not see all of it: the view
	channeledVersion = 4 // an agent whose source tells of reasons or channels
)

// Entity is one row of a checkpoint. Key is unique within kind and organization; Data is versioned and self-contained,
// nil where Deleted.
type Entity struct {
	Kind           EntityKind
	OrganizationID uuid.UUID
	Key            []byte
	Data           []byte
	Deleted        bool // what had this key is no longer held
}

// snapshot encodes entities for emit.
type snapshot struct {
	encoder
	emit  func(Entity) error
	org   uuid.UUID
	err   error
	bytes int // of keys and data
	key   [32]byte
	held  []seenID
}

func (s *snapshot) put(kind EntityKind, key []byte) {
	if s.err != nil {
		return
	}
	s.bytes += len(key) + len(s.b)
	if err := s.emit(Entity{Kind: kind, OrganizationID: s.org, Key: key, Data: s.b}); err != nil {
		s.err = fmt.Errorf("checkpoint of organization %s: %w", s.org, err)
	}
}

func (s *snapshot) gone(g *tombstone) {
	if s.err != nil {
		return
	}
	key := g.key[:g.size]
	s.bytes += len(key)
	s.err = s.emit(Entity{Kind: g.kind, OrganizationID: g.org.id, Key: key, Deleted: true})
}

func (s *snapshot) clock(c *Core, serial uint64) {
	s.org = uuid.Nil
	s.reset(entityVersion)
	s.int(int64(c.wall))
	s.u64(serial)
	s.put(EntityClock, nil)
}

func (s *snapshot) organization(o *org) {
	s.org = o.id
	s.reset(entityVersion)
	s.int(int64(o.horizon))
	s.bools(o.live)
	a := &o.account
	for _, n := range []int64{a.Received, a.Accepted, a.Duplicate, a.Late, a.Rejected, a.Orphan} {
		s.int(n)
	}
	s.put(EntityOrganization, nil)
}

// idsPerEntity bounds the size of an entity of ids.
const idsPerEntity = 4096

// ids encodes ids of one bucket. serial keeps them from replacing earlier ones of the bucket.
func (s *snapshot) ids(o *org, serial uint64, ids []seenID) {
	s.org = o.id
	for part := uint32(0); len(ids) > 0; part++ {
		n := min(len(ids), idsPerEntity)
		s.reset(entityVersion)
		s.int(int64(ids[0].bucket))
		s.int(int64(n))
		for _, e := range ids[:n] {
			s.u64(e.hash)
			s.u32(e.body)
		}
		key := binary.BigEndian.AppendUint32(s.key[:0], uint32(ids[0].bucket))
		key = binary.BigEndian.AppendUint64(key, serial)
		s.put(EntityIDs, binary.BigEndian.AppendUint32(key, part))
		ids = ids[n:]
	}
}

// bucket encodes all held ids of a bucket.
func (s *snapshot) bucket(o *org, serial uint64, bucket int32) {
	s.held = s.held[:0]
	for _, e := range o.ids.slots {
		if e.hash != 0 && e.bucket == bucket {
			s.held = append(s.held, e)
		}
	}
	slices.SortFunc(s.held, func(a, b seenID) int { return cmp.Compare(a.hash, b.hash) })
	s.ids(o, serial, s.held)
}

// added encodes ids of any buckets, which it sorts.
func (s *snapshot) added(o *org, serial uint64, ids []seenID) {
	slices.SortFunc(ids, func(a, b seenID) int {
		return cmp.Or(cmp.Compare(a.bucket, b.bucket), cmp.Compare(a.hash, b.hash))
	})
	for len(ids) > 0 {
		n := 1
		for n < len(ids) && ids[n].bucket == ids[0].bucket {
			n++
		}
		s.ids(o, serial, ids[:n])
		ids = ids[n:]
	}
}

func (s *snapshot) queue(q *queue) {
	s.org = q.org.id
	if s.reset(entityVersion); q.view != ingest.ViewWhole {
		s.reset(viewedVersion)
	}
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
	if q.view != ingest.ViewWhole {
		s.int(int64(q.view))
	}
	s.put(EntityQueue, q.id[:])
}

func (s *snapshot) members(q *queue) {
	if q.list.at == 0 && len(q.members) == 0 {
		return
	}
	s.org = q.org.id
	s.reset(entityVersion)
	stamp(&s.encoder, &q.list)
	s.int(int64(len(q.members)))
	order := make([]*member, len(q.members))
	for i := range q.members {
		order[i] = &q.members[i]
	}
	// By id: the order of the agents' indexes is that of their first appearance, which a restart changes.
	agents := q.org.agents
	slices.SortFunc(order, func(a, b *member) int { return bytes.Compare(agents[a.agent].id[:], agents[b.agent].id[:]) })
	for _, m := range order {
		s.id(agents[m.agent].id)
		stamp(&s.encoder, &m.own)
		s.bools(m.own.value.attached, m.own.value.active, m.listed.attached, m.listed.active)
	}
	s.put(EntityMembers, q.id[:])
}

func (s *snapshot) agent(a *agent) {
	s.org = a.org.id
	channeled := len(a.channels) > 0 || a.availability.value.reason != ""
	if s.reset(entityVersion); channeled {
		s.reset(channeledVersion)
	}
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
	s.int(a.talkingSince)
	s.int(a.lastEvent)
	s.int(a.lastSegment)
	s.int(int64(a.state))
	s.int(a.stateSince)
	s.int(int64(len(a.acts)))
	for _, t := range a.acts {
		s.int(t)
	}
	if channeled {
		s.str(a.availability.value.reason)
		s.int(int64(len(a.channels)))
		for i := range a.channels {
			c := &a.channels[i]
			stamp(&s.encoder, c)
			s.str(c.value.Channel)
			s.str(c.value.State)
			s.str(c.value.Reason)
		}
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

func (s *snapshot) histogram(h histogram) {
	s.int(int64(len(h)))
	for _, b := range h {
		s.int(int64(b.Bucket))
		s.int(b.Count)
	}
}

// window encodes the frozen part of a window. The live part follows from the calls.
func (s *snapshot) window(w *window) {
	if !w.hasFrozen() {
		return
	}
	s.org = w.queue.org.id
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
	s.put(EntityWindow, w.entityKey(s.key[:0]))
}

func (w *window) entityKey(b []byte) []byte {
	b = append(b, byte(w.kind))
	b = append(b, w.queue.id[:]...)
	return binary.BigEndian.AppendUint64(b, uint64(w.key))
}

func (s *snapshot) call(c *Core, call *call) {
	s.org = call.org.id
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
