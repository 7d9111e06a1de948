// Package aggregate is the pure core of Ringside: canonical events in, rows out. It has no clock, does no I/O, starts
// no goroutine, and nothing it emits depends on the order of a map. Time comes with events and with [Core.Advance].
// What each number means is defined in docs/METRICS.md.
package aggregate

import (
	"github.com/google/uuid"

	"ringside/ingest"
)

// Result tells what became of one event, for counting.
type Result uint8

// The results of Apply.
const (
	Accepted   Result = iota // counts; may yet turn out to be an orphan, see AccountingRow
	Duplicate                // a copy of an event that was accepted
	Late                     // stamped before horizon − lateness; keep it in late_events
	Conflict                 // the Id of an earlier event with another body; keep it in rejects
	OutOfRange               // before 1990 or more than a day after its receipt; keep it in rejects
	Full                     // the memory limit is reached: nothing was changed; try again when there is room
	numResults
)

var resultNames = [numResults]string{"accepted", "duplicate", "late", "conflict", "out_of_range", "full"}

func (r Result) String() string { return resultNames[r] }

// earliest is 1990-01-01T00:00:00Z: no event is older.
const earliest = ingest.Time(631152000 * ingest.TicksPerSecond)

// Core holds the state of the organizations whose events it is given. It is not safe for concurrent use: one worker
// owns one Core.
type Core struct {
	set   *Settings
	wall  ingest.Time
	texts texts
	fold  folder

	orgs     map[uuid.UUID]*org
	orgList  []*org // in order of first appearance
	liveOrgs []*org
	lastOrg  *org

	calls      callSlab
	factPool   [factClasses][][]fact
	dirtyCalls []callRef // facts have changed since they were folded
	touched    []*org    // organizations whose clocks have moved since the last Settle

	// What the next Drain will look at.
	changedCalls   []callRef
	dirtyDays      []*window
	dirtyIntervals []*window
	dirtyQueues    []*queue
	dirtyQueueDims []*queue
	dirtyAgents    []*agent
	dirtyAgentDims []*agent
	dirtyAccounts  []*org
	dirtyLists     []*callList
	dirtyListDims  []*callList
	dirtyTimelines []*agent

	dirtyCallbacks   []callbackRef // events have come since they were settled
	changedCallbacks []callbackRef
	mergedRun        callbackRun // of a life that is made of several runs
	callbackBytes    int64       // of the lists of callbacks, an estimate
	callbackTimers   int64       // in the heaps of all organizations
	wokenCallbacks   int64       // how often time alone had one looked at

	refolds []*queue
	pending Rows // rows of what was let go before it was drained, tombstones, the history of the structure

	pendingBytes int64 // of the history that waits
	changeBytes  int64 // of queues' changes

	agentChannels int // of all agents

	changes      changes // since the last checkpoint
	sizes        Sizes
	idSlots      int64
	historyBytes int64 // of what agents' histories hold
	warnings     Warnings
	words        words
	crewBefore   []presence
	spans        []span // scratch
	timeline     timeline
	restoring    bool // agents keep their restored state until their calls are there
}

// Warnings count what is worth telling an operator once.
type Warnings struct {
	UnknownRegions int64 // QueueChanged.Region is neither an IANA name nor in the region map
}

// New returns an empty Core.
func New(s *Settings) *Core {
	c := &Core{set: s, texts: newTexts(), orgs: map[uuid.UUID]*org{}, words: words{}}
	c.fold = folder{set: s, texts: &c.texts}
	return c
}

// Apply takes in one event. It keeps no reference to ev's slices and does not allocate in the steady state. Figures
// follow with Settle or Drain.
func (c *Core) Apply(ev *ingest.Event) Result {
	limit := c.set.Limits.Bytes
	if limit > 0 && c.bytes() > limit {
		return Full
	}
	o := c.org(ev.OrganizationID)
	if limit > 0 {
		if n := o.ids.growth(); n > 0 && c.bytes()+n > limit {
			return Full
		}
	}
	o.account.Received++
	o.markAccount()
	at, skewed := ev.Timestamp, false
	if at < earliest || ev.ReceivedAt != ingest.Unset && at > ev.ReceivedAt.Add(day) {
		o.account.Rejected++
		return OutOfRange
	}
	if ev.ReceivedAt != ingest.Unset && at > ev.ReceivedAt.Add(c.set.FutureSkew) {
		at, skewed = ev.ReceivedAt, true
	}
	if o.horizon != 0 && at < o.horizon.Add(-c.set.Lateness) {
		o.account.Late++
		return Late
	}
	id := idOfEvent(ev.ID, at, ev.BodyHash)
	if known := o.ids.put(id); known != nil {
		if known.body == id.body {
			o.account.Duplicate++
			return Duplicate
		}
		o.account.Rejected++
		return Conflict
	}
	c.changes.id(o, id)
	o.account.Accepted++
	o.observe(at)
	c.touch(o)
	o.apply(ev, at, skewed)
	return Accepted
}

// touch lists an organization whose clocks have moved.
func (c *Core) touch(o *org) {
	if n := len(c.touched); n == 0 || c.touched[n-1] != o {
		c.touched = append(c.touched, o)
	}
}

// CountReject adds an event that never reached Apply (undecodable, wrong partition, …) to its organization's account.
func (c *Core) CountReject(ev *ingest.Event) {
	o := c.org(ev.OrganizationID)
	o.account.Received++
	o.account.Rejected++
	o.markAccount()
}

// Advance tells the wall clock. It drives what events alone do not: ages, ghost calls, open hours, staleness. Never
// calling it (replay) is right too: each organization then runs on its horizon.
func (c *Core) Advance(now ingest.Time) {
	c.wall = max(c.wall, now)
	for _, o := range c.liveOrgs {
		o.runClock()
		if len(o.timers) > 0 && o.timers[0].due < o.now {
			c.touch(o)
		}
	}
}

// Settle folds the calls and callbacks that have changed, so that windows and figures are up to date. Drain implies it; call
// it after each batch.
func (c *Core) Settle() {
	if len(c.refolds) > 0 {
		c.refoldQueues()
	}
	for {
		for i := 0; i < len(c.dirtyCalls); i++ {
			c.settleCall(c.dirtyCalls[i])
		}
		c.dirtyCalls = c.dirtyCalls[:0]
		c.settleCallbacks()
		for _, o := range c.touched {
			o.wake()
		}
		c.touched = c.touched[:0]
		if len(c.dirtyCalls) == 0 {
			return
		}
	}
}

// Horizon returns the greatest event time received from an organization, Unset if it is not known.
func (c *Core) Horizon(organization uuid.UUID) ingest.Time {
	if o, ok := c.orgs[organization]; ok {
		return o.horizon
	}
	return ingest.Unset
}

// Warnings returns what has been noticed so far.
func (c *Core) Warnings() Warnings { return c.warnings }

// Sizes are the sizes of the held state, for metrics.
type Sizes struct {
	Organizations, Queues, Agents, Members, Calls, OpenVisits, Facts, IDs, Windows, Callbacks, CallLists, Texts int64

	Bytes int64 // estimate
}

// Sizes returns the sizes of the held state. It looks at every organization: not for each event.
func (c *Core) Sizes() Sizes {
	s := c.sizes
	s.Organizations, s.Texts, s.IDs = int64(len(c.orgList)), int64(len(c.texts.index)), 0
	for _, o := range c.orgList {
		s.IDs += int64(o.ids.used)
	}
	s.Bytes = c.bytes()
	return s
}
