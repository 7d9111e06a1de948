// Package wallboard is the built-in page: the queues of the organizations whose partitions this process owns, live in a
// browser, for someone who has no Grafana yet. It is fed by the cores, not by the store, so it goes on while the store
// is away.
//
// A Board keeps the latest figures of each queue and nothing that grows with time or readers: a reader asks for what has
// changed since it last asked, so a slow one gets fewer, newer answers, and never holds up the engine.
package wallboard

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"github.com/google/uuid"

	"ringside/aggregate"
)

const (
	// maxQueues bounds the board; about 2 kB each.
	maxQueues = 50_000
	maxAgents = 200_000
	// handOverGrace is how long the figures of a partition stay that this process does not own at the moment: a
	// rebalance gives most partitions back to whom they were with.
	handOverGrace = 30 * time.Second
	housekeeping  = time.Second
)

// Status is the condition of the engine that feeds the board.
type Status struct {
	Trouble string        // why it is not ready, for a person to read; "": it is
	Behind  time.Duration // how far the slowest partition is behind; 0 at the end of the log
}

// Board holds the present figures. All methods are safe for concurrent use.
type Board struct {
	names map[uuid.UUID]string
	now   func() time.Time
	pace  pace

	mu            sync.Mutex
	organizations map[uuid.UUID]*organization
	lost          map[int32]time.Time // partitions that were given up, and when
	zones         map[string]*time.Location
	status        Status
	queues        int // of all organizations
	agents        int
	version       uint64        // of the last change
	epoch         uint64        // rises when something is taken off the board: readers then begin anew
	slot          uint64        // of the last sample in the trails
	changed       chan struct{} // closed, and replaced, at each change
	list          struct {
		of    []listing
		epoch uint64 // of the board when it was made
	}

	dropped atomic.Int64 // rows beyond the limits
	readers atomic.Int64
}

// New returns an empty board. Names are shown instead of the ids of organizations.
func New(names map[uuid.UUID]string) *Board {
	return &Board{names: names, now: time.Now, pace: defaultPace, organizations: map[uuid.UUID]*organization{}, lost: map[int32]time.Time{},
		zones: map[string]*time.Location{}, changed: make(chan struct{}), slot: slotOf(time.Now())}
}

// Observe takes over rows that a partition's core has drained. It keeps no reference to them and never waits for a
// reader.
func (b *Board) Observe(partition int32, rows *aggregate.Rows, clock func(organization uuid.UUID) aggregate.Clock) {
	if len(rows.QueueStatus)+len(rows.Daily)+len(rows.Agents)+len(rows.QueueDim)+len(rows.AgentDim)+len(rows.Accounting) == 0 {
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.version++
	delete(b.lost, partition)
	t := taking{board: b, partition: partition, clock: clock, wall: b.now().UnixMicro()}
	for i := range rows.QueueDim {
		t.dimension(&rows.QueueDim[i])
	}
	for i := range rows.QueueStatus {
		t.status(&rows.QueueStatus[i])
	}
	for i := range rows.Daily {
		t.daily(&rows.Daily[i])
	}
	for i := range rows.AgentDim {
		t.agentDimension(&rows.AgentDim[i])
	}
	for i := range rows.Agents {
		t.agent(&rows.Agents[i])
	}
	for i := range rows.Accounting {
		t.organization(rows.Accounting[i].OrganizationID)
	}
	b.tell()
}

// Forget tells that this process no longer owns a partition. Its figures go after a grace, unless it comes back.
func (b *Board) Forget(partition int32) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.lost[partition] = b.now()
}

// Run keeps the board until ctx ends: days turn, samples are taken, the engine's condition is asked for.
func (b *Board) Run(ctx context.Context, status func() Status) {
	t := time.NewTicker(housekeeping)
	defer t.Stop()
	for {
		b.keep(status())
		select {
		case <-ctx.Done():
			return
		case <-t.C:
		}
	}
}

func (b *Board) keep(s Status) {
	b.mu.Lock()
	defer b.mu.Unlock()
	now := b.now()
	b.version++
	told := s != b.status
	b.status = s
	for p, since := range b.lost {
		if now.Sub(since) >= handOverGrace {
			delete(b.lost, p)
			b.drop(p)
			told = true
		}
	}
	slot := slotOf(now)
	sample := slot > b.slot
	for _, o := range b.organizations {
		present := o.present(now.UnixMicro())
		for _, q := range o.queues {
			if sample {
				q.trail.close(slot, q.row.Waiting)
			}
			if present >= q.dayEnd {
				b.turnDay(o, q)
				told = true
			}
		}
	}
	told = told || sample
	b.slot = max(b.slot, slot)
	if told {
		b.tell()
	}
}

// drop takes the organizations of a partition off the board.
func (b *Board) drop(partition int32) {
	for id, o := range b.organizations {
		if o.partition == partition {
			b.queues -= len(o.queues)
			b.agents -= len(o.agents)
			delete(b.organizations, id)
		}
	}
	b.epoch++
}

// tell wakes the readers.
func (b *Board) tell() {
	close(b.changed)
	b.changed = make(chan struct{})
}

// zone returns a zone by its IANA name; unknown ones are UTC.
func (b *Board) zone(name string) *time.Location {
	z, ok := b.zones[name]
	if !ok {
		var err error
		if z, err = time.LoadLocation(name); err != nil {
			z = time.UTC
		}
		b.zones[name] = z // as many as there are names of zones
	}
	return z
}

// Sizes are the sizes of the board, for metrics.
type Sizes struct {
	Organizations, Queues, Agents, Readers int64
	Dropped                                int64 // rows that were not taken since the limits are reached
}

// Sizes returns the sizes of the board.
func (b *Board) Sizes() Sizes {
	b.mu.Lock()
	defer b.mu.Unlock()
	return Sizes{Organizations: int64(len(b.organizations)), Queues: int64(b.queues), Agents: int64(b.agents),
		Readers: b.readers.Load(), Dropped: b.dropped.Load()}
}
