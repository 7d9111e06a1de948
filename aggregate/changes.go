package aggregate

import "github.com/google/uuid"

// changes lists what has changed since the last checkpoint. What is in a list may have been let go since; its flag
// tells.
type changes struct {
	on        bool
	serial    uint64 // of the last checkpoint, for the keys of ids
	orgs      []*org
	queues    []*queue
	members   []*queue
	agents    []*agent
	windows   []*window
	callbacks []callbackChange
	lists     []*callList
	calls     []callRef
	gone      []tombstone
	ids       int64 // in orgs' newIDs

	cycle cycle
}

type callbackChange struct {
	org   *org
	index uint32
}

// tombstone is the key of an entity that is no longer held.
type tombstone struct {
	org  *org
	kind EntityKind
	size uint8
	key  [25]byte
}

// Track begins to record what changes, for Changes. Call it on a Core that is empty or has just been restored.
func (c *Core) Track() { c.changes.on = true }

// bytes estimates what the lists hold.
func (g *changes) bytes() int64 {
	return g.ids*16 + int64(len(g.gone))*48 + int64(len(g.calls)+len(g.agents)+len(g.windows)+len(g.queues)+len(g.orgs)+len(g.lists))*8
}

func (g *changes) org(o *org) {
	if g.on && !o.unsaved {
		o.unsaved = true
		g.orgs = append(g.orgs, o)
	}
}

func (g *changes) id(o *org, e seenID) {
	if g.on {
		o.newIDs = append(o.newIDs, e)
		g.ids++
	}
}

func (g *changes) queue(q *queue) {
	if g.on && !q.unsaved {
		q.unsaved = true
		g.queues = append(g.queues, q)
	}
}

func (g *changes) membersOf(q *queue) {
	if g.on && !q.membersUnsaved {
		q.membersUnsaved = true
		g.members = append(g.members, q)
	}
}

func (g *changes) agent(a *agent) {
	if g.on && !a.unsaved {
		a.unsaved = true
		g.agents = append(g.agents, a)
	}
}

func (g *changes) window(w *window) {
	if g.on && !w.unsaved {
		w.unsaved = true
		g.windows = append(g.windows, w)
	}
}

func (g *changes) callback(o *org, i uint32) {
	if r := &o.callbacks[i]; g.on && !r.unsaved {
		r.unsaved = true
		g.callbacks = append(g.callbacks, callbackChange{o, i})
	}
}

func (g *changes) list(l *callList) {
	if g.on && !l.unsaved {
		l.unsaved = true
		g.lists = append(g.lists, l)
	}
}

func (g *changes) call(call *call, r callRef) {
	if g.on && !call.unsaved {
		call.unsaved = true
		g.calls = append(g.calls, r)
	}
}

func (g *changes) windowGone(w *window) {
	w.unsaved = false
	if g.on && w.hasFrozen() {
		t := tombstone{org: w.queue.org, kind: EntityWindow}
		t.size = uint8(len(w.entityKey(t.key[:0])))
		g.gone = append(g.gone, t)
	}
}

func (g *changes) idGone(o *org, kind EntityKind, id uuid.UUID) {
	if g.on {
		t := tombstone{org: o, kind: kind, size: uint8(len(id))}
		copy(t.key[:], id[:])
		g.gone = append(g.gone, t)
	}
}

// minRewrite is the least that a checkpoint rewrites of what has not changed, so that a cycle comes to its end.
const minRewrite = 64 << 10

// Changes hands emit what has changed since the last call, or since Track, and then as many bytes again of what has not,
// on from where the last call ended (see BeginCycle). It returns how many bytes of keys and data have changed, and
// whether the cycle is done: what was held when it began has been emitted since. Drain everything first: a restored Core
// takes what it holds for written. Key and Data are valid during the call of emit. After an error of emit the Core is to
// be thrown away.
func (c *Core) Changes(emit func(Entity) error) (changed int, done bool, err error) {
	c.Settle()
	g := &c.changes
	if !g.on {
		panic("BUG: Changes of a Core that does not track them")
	}
	g.serial++
	s := &snapshot{emit: emit}
	s.clock(c, g.serial)
	s.changed(c, g)
	changed = s.bytes
	for !g.cycle.done && s.err == nil && s.bytes < changed+max(changed, minRewrite) {
		g.cycle.step(c, s, g.serial)
	}
	return changed, g.cycle.done, s.err
}

// BeginCycle has Changes go through everything again from the start.
func (c *Core) BeginCycle() { c.changes.cycle = cycle{} }

// changed emits what is in the lists and empties them. What is held under a key wins over the tombstone of what had the
// key before: it comes later.
func (s *snapshot) changed(c *Core, g *changes) {
	for i := range g.gone {
		s.gone(&g.gone[i])
	}
	for _, o := range g.orgs {
		o.unsaved = false
		s.organization(o)
		s.added(o, g.serial, o.newIDs)
		o.newIDs = o.newIDs[:0]
		if cap(o.newIDs) > spareIDs {
			o.newIDs = nil
		}
	}
	for _, q := range g.queues {
		q.unsaved = false
		s.queue(q)
	}
	for _, q := range g.members {
		q.membersUnsaved = false
		s.members(q)
	}
	for _, a := range g.agents {
		a.unsaved = false
		s.agent(a)
	}
	for _, w := range g.windows {
		if w.unsaved {
			w.unsaved = false
			s.window(w)
		}
	}
	for _, r := range g.callbacks {
		if record := &r.org.callbacks[r.index]; record.unsaved {
			record.unsaved = false
			s.callback(r.org, record)
		}
	}
	for _, l := range g.lists {
		l.unsaved = false
		s.callList(l)
	}
	for _, ref := range g.calls {
		if call := c.held(ref); call != nil && call.unsaved {
			call.unsaved = false
			s.call(c, call)
		}
	}
	g.ids = 0
	clear(g.orgs)
	clear(g.windows)
	clear(g.gone)
	g.orgs, g.queues, g.members, g.agents = g.orgs[:0], g.queues[:0], g.members[:0], g.agents[:0]
	g.windows, g.callbacks, g.lists, g.calls, g.gone = g.windows[:0], g.callbacks[:0], g.lists[:0], g.calls[:0], g.gone[:0]
}

// spareIDs is the greatest list of new ids that is kept for the next checkpoint.
const spareIDs = 4096

// Snapshot hands every held entity to emit. Restore wants them by ascending kind. Drain everything first; Key and Data
// are valid during the call.
func (c *Core) Snapshot(emit func(Entity) error) error {
	c.Settle()
	s := &snapshot{emit: emit}
	s.clock(c, c.changes.serial)
	for all := (cycle{}); !all.done && s.err == nil; {
		all.step(c, s, c.changes.serial)
	}
	return s.err
}
