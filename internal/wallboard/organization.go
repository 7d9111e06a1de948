package wallboard

import (
	"cmp"
	"slices"

	"github.com/google/uuid"

	"ringside/aggregate"
)

// near is how far an organization's clock may be from the wall clock and still run with it, µs.
const near = 60_000_000

// organization is what the board knows of one tenant.
type organization struct {
	id        uuid.UUID
	partition int32
	clock     aggregate.Clock
	wall      int64  // µs; when clock was read
	changed   uint64 // version of the last change of clock or agents

	queues map[uuid.UUID]*queue
	// deleted are the queues that the vendor has deleted: they are shown while somebody waits or talks in them, and no longer.
	deleted map[uuid.UUID]bool
	// The queues by their last change. A reader that knows everything up to a version walks from the newest until it
	// meets that version, so that its cost is that of what has changed.
	first, last *queue

	agents  map[uuid.UUID]*agent
	agented uint64 // version of the last change of agents
	counts  Agents
}

// agent is what the board knows of one agent.
type agent struct {
	state   aggregate.AgentState
	free    bool
	stale   bool
	queues  []uuid.UUID
	counted bool // its status is known, and in the organization's counts
}

// Agents counts the agents of an organization, each once however many queues it serves.
type Agents struct {
	Free    int `json:"free"`    // immediately free
	Talking int `json:"talking"` // on a call, or with a caller on hold
	Ringing int `json:"ringing"`
	WrapUp  int `json:"wrap_up"`
	Away    int `json:"away"`
	OffWork int `json:"off_work"`
	Stale   int `json:"stale"` // not heard of for long though not off work
}

func (a *Agents) count(g *agent, n int) {
	switch g.state {
	case aggregate.AgentTalking, aggregate.AgentHold:
		a.Talking += n
	case aggregate.AgentRinging:
		a.Ringing += n
	case aggregate.AgentWrapUp:
		a.WrapUp += n
	case aggregate.AgentAway:
		a.Away += n
	case aggregate.AgentOffWork:
		a.OffWork += n
	}
	if g.free {
		a.Free += n
	}
	if g.stale {
		a.Stale += n
	}
}

// serving counts the agents that are attached to a queue of the set.
func (o *organization) serving(set map[uuid.UUID]bool) (a Agents) {
	for _, g := range o.agents {
		if g.counted && slices.ContainsFunc(g.queues, func(q uuid.UUID) bool { return set[q] }) {
			a.count(g, 1)
		}
	}
	return a
}

// stands tells whether the organization's clock stands between events: it is being replayed, or has not caught up yet.
func (o *organization) stands() bool { return o.clock.Now < o.wall-near }

// ahead is how far the organization's clock is ahead of the wall clock, µs, as that of a simulation that runs faster.
func (o *organization) ahead() int64 {
	// The clock is read up to a tick after it was set; that is no difference.
	if d := o.clock.Now - o.wall; d > 1_000_000 {
		return d
	}
	return 0
}

// present is the organization's time at the instant wall, µs.
func (o *organization) present(wall int64) int64 {
	if o.stands() {
		return o.clock.Now
	}
	return wall + o.ahead()
}

// touch makes q the newest of the list.
func (o *organization) touch(q *queue, version uint64) {
	q.changed, q.encoded = version, nil
	if o.first == q {
		return
	}
	if q.newer != nil || o.last == q {
		o.unlink(q)
	}
	q.older = o.first
	if o.first != nil {
		o.first.newer = q
	}
	o.first = q
	o.last = cmp.Or(o.last, q)
}

func (o *organization) unlink(q *queue) {
	if q.newer != nil {
		q.newer.older = q.older
	} else {
		o.first = q.older
	}
	if q.older != nil {
		q.older.newer = q.newer
	} else {
		o.last = q.newer
	}
	q.newer, q.older = nil, nil
}

// taking is one Observe under way.
type taking struct {
	board     *Board
	partition int32
	clock     func(uuid.UUID) aggregate.Clock
	wall      int64
	newest    *organization // the last one looked up: rows come by organization, more or less
}

// organization finds or makes an organization, and sets its clock.
func (t *taking) organization(id uuid.UUID) *organization {
	if t.newest != nil && t.newest.id == id {
		return t.newest
	}
	b := t.board
	o := b.organizations[id]
	if o == nil {
		o = &organization{id: id, queues: map[uuid.UUID]*queue{}, agents: map[uuid.UUID]*agent{}}
		b.organizations[id] = o
		b.epoch++ // readers of all organizations take it in
	}
	o.partition, o.clock, o.wall, o.changed = t.partition, t.clock(id), t.wall, b.version
	t.newest = o
	return o
}

// queue finds or makes a queue, nil where the board is full.
func (t *taking) queue(organization, id uuid.UUID) (*organization, *queue) {
	o, b := t.organization(organization), t.board
	q := o.queues[id]
	if q == nil {
		if b.queues >= maxQueues {
			b.dropped.Add(1)
			return o, nil
		}
		q = &queue{row: Figures{Organization: organization, ID: id, Waits: []int64{}}}
		o.queues[id] = q
		b.queues++
	}
	return o, q
}

func (t *taking) dimension(r *aggregate.QueueRow) {
	o, q := t.queue(r.OrganizationID, r.QueueID)
	if q == nil {
		return
	}
	if delete(o.deleted, r.QueueID); r.Deleted {
		if o.deleted == nil {
			o.deleted = map[uuid.UUID]bool{}
		}
		if o.deleted[r.QueueID] = true; !q.busy() {
			t.leaves(o, q)
			return
		}
	}
	q.zone = t.board.zone(r.TimeZone)
	if q.row.Name == "" {
		q.row.Name = r.QueueName
	}
	t.settle(o, q)
}

// leaves takes a queue that was deleted from the board.
func (t *taking) leaves(o *organization, q *queue) {
	if q.newer != nil || o.first == q {
		o.unlink(q)
	}
	delete(o.queues, q.row.ID)
	t.board.queues--
	t.board.epoch++
}

// absent tells that a queue was deleted and is not on the board any more.
func (t *taking) absent(organization, queue uuid.UUID) bool {
	o := t.organization(organization)
	return o.deleted[queue] && o.queues[queue] == nil
}

func (t *taking) status(r *aggregate.QueueStatusRow) {
	if r.NbrOfRequesters == 0 && t.absent(r.OrganizationID, r.QueueID) {
		return
	}
	o, q := t.queue(r.OrganizationID, r.QueueID)
	if q == nil {
		return
	}
	if q.setStatus(r); o.deleted[r.QueueID] && !q.busy() {
		t.leaves(o, q)
		return
	}
	t.settle(o, q)
}

func (t *taking) daily(r *aggregate.DailyRow) {
	if t.absent(r.OrganizationID, r.QueueID) {
		return
	}
	o, q := t.queue(r.OrganizationID, r.QueueID)
	if q == nil {
		return
	}
	q.setDaily(r, t.board.zone(r.TimeZone))
	t.settle(o, q)
}

// settle brings today's figures up to date and puts q on top.
func (t *taking) settle(o *organization, q *queue) {
	q.setToday(o.present(t.wall))
	o.touch(q, t.board.version)
}

// turnDay begins a queue's new day.
func (b *Board) turnDay(o *organization, q *queue) {
	q.setToday(o.present(b.now().UnixMicro()))
	o.touch(q, b.version)
}

// agentOf finds or makes an agent, nil where the board is full.
func (t *taking) agentOf(organization, id uuid.UUID) (*organization, *agent) {
	o, b := t.organization(organization), t.board
	g := o.agents[id]
	if g == nil {
		if b.agents >= maxAgents {
			b.dropped.Add(1)
			return o, nil
		}
		g = &agent{}
		o.agents[id] = g
		b.agents++
	}
	o.agented = b.version
	return o, g
}

func (t *taking) agent(r *aggregate.AgentStatusRow) {
	o, g := t.agentOf(r.OrganizationID, r.AgentID)
	if g == nil {
		return
	}
	if g.counted {
		o.counts.count(g, -1)
	}
	g.state, g.free, g.stale, g.counted = r.State, r.ImmediatelyFree, r.Stale, true
	o.counts.count(g, 1)
}

func (t *taking) agentDimension(r *aggregate.AgentRow) {
	if _, g := t.agentOf(r.OrganizationID, r.AgentID); g != nil {
		g.queues = append(g.queues[:0], r.Queues...)
	}
}
