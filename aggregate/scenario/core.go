package scenario

import (
	"bytes"
	"fmt"
	"hash/fnv"

	"github.com/google/uuid"

	"ringside/aggregate"
	"ringside/aggregate/oracle"
	"ringside/ingest"
)

// Core runs a core as a store would see it: rows are kept by key, the last one wins, a tombstone deletes.
type Core struct {
	core       *aggregate.Core
	drained    aggregate.Rows
	calls      map[callKey]aggregate.CallRow
	daily      map[windowKey]aggregate.DailyRow
	intervals  map[windowKey]aggregate.IntervalRow
	agents     map[agentKey]aggregate.AgentIntervalRow
	status     map[queueKey]aggregate.QueueStatusRow
	orphans    map[uuid.UUID]aggregate.OrphanRow
	accounting map[uuid.UUID]aggregate.AccountingRow
	callbacks  map[windowKey]aggregate.CallbackRow // by date
	lists      map[queueKey]aggregate.CallbackListRow

	queueChanges map[uuid.UUID]aggregate.QueueChangeRow // by event
	attachments  map[uuid.UUID]aggregate.AttachmentRow  // by event
	names        map[aggregate.NameRow]bool
	listDim      map[uuid.UUID]aggregate.CallListRow
}

type callKey struct {
	organization, call, queue uuid.UUID
	date                      int32
	direction                 aggregate.Direction
	visit                     uint16
}

type windowKey struct {
	organization, queue uuid.UUID
	at                  int64
}

type agentKey struct {
	organization, agent, queue uuid.UUID
	at                         int64
}

type queueKey struct{ organization, queue uuid.UUID }

// NewCore returns a new core behind a store that keeps everything.
func NewCore(s *aggregate.Settings) *Core { return Keep(aggregate.New(s)) }

// Keep puts a store in front of core.
func Keep(core *aggregate.Core) *Core {
	return &Core{core: core, calls: map[callKey]aggregate.CallRow{}, daily: map[windowKey]aggregate.DailyRow{},
		intervals: map[windowKey]aggregate.IntervalRow{}, agents: map[agentKey]aggregate.AgentIntervalRow{}, status: map[queueKey]aggregate.QueueStatusRow{},
		orphans: map[uuid.UUID]aggregate.OrphanRow{}, accounting: map[uuid.UUID]aggregate.AccountingRow{},
		callbacks: map[windowKey]aggregate.CallbackRow{}, lists: map[queueKey]aggregate.CallbackListRow{},
		queueChanges: map[uuid.UUID]aggregate.QueueChangeRow{}, attachments: map[uuid.UUID]aggregate.AttachmentRow{},
		names: map[aggregate.NameRow]bool{}, listDim: map[uuid.UUID]aggregate.CallListRow{}}
}

// Core returns the core itself.
func (c *Core) Core() *aggregate.Core { return c.core }

// Apply hands ev to the core.
func (c *Core) Apply(ev *ingest.Event) aggregate.Result {
	sent := *ev
	sent.ReceivedAt, sent.BodyHash = 0, 0 // when we got it is no part of what the vendor sent
	h := fnv.New64a()
	fmt.Fprintf(h, "%+v", sent)
	ev.BodyHash = h.Sum64()
	return c.core.Apply(ev)
}

// Advance hands the wall clock to the core.
func (c *Core) Advance(now ingest.Time) { c.core.Advance(now) }

// Settle lets the core bring its figures up to date.
func (c *Core) Settle() { c.core.Settle() }

// Drain takes over what has changed in the tables.
func (c *Core) Drain(tables aggregate.TableSet) {
	c.drained.Reset()
	c.core.Drain(tables, &c.drained)
	d := &c.drained
	for _, r := range d.Calls {
		put(c.calls, callKey{r.OrganizationID, r.CallID, r.QueueID, r.CallDate, r.Direction, r.Visit}, r, r.Deleted)
	}
	for _, r := range d.Daily {
		put(c.daily, windowKey{r.OrganizationID, r.QueueID, int64(r.QueueDate)}, r, r.Deleted)
	}
	for _, r := range d.Intervals {
		put(c.intervals, windowKey{r.OrganizationID, r.QueueID, r.IntervalStart}, r, r.Deleted)
	}
	for _, r := range d.AgentIntervals {
		put(c.agents, agentKey{r.OrganizationID, r.AgentID, r.QueueID, r.IntervalStart}, r, r.Deleted)
	}
	for _, r := range d.QueueStatus {
		put(c.status, queueKey{r.OrganizationID, r.QueueID}, r, false)
	}
	for _, r := range d.Orphans {
		if _, twice := c.orphans[r.EventID]; twice {
			panic(fmt.Sprintf("BUG: orphan %s drained twice", r.EventID))
		}
		put(c.orphans, r.EventID, r, false)
	}
	for _, r := range d.Callbacks {
		put(c.callbacks, windowKey{r.OrganizationID, r.CallbackID, int64(r.CallbackDate)}, r, r.Deleted)
	}
	for _, r := range d.CallLists {
		put(c.lists, queueKey{r.OrganizationID, r.CallListID}, r, false)
	}
	for _, r := range d.Accounting {
		put(c.accounting, r.OrganizationID, r, false)
	}
	c.drainedStructure(d)
}

func (c *Core) drainedStructure(d *aggregate.Rows) {
	for _, r := range d.QueueChanges {
		put(c.queueChanges, r.EventID, r, false)
	}
	for _, r := range d.Attachments {
		put(c.attachments, r.EventID, r, false)
	}
	for _, r := range d.Names {
		c.names[r] = true
	}
	for _, r := range d.ListDim {
		put(c.listDim, r.ListID, r, false)
	}
}

// put keeps a row as a store does. Slices of a drained row may be the core's own, so they are copied.
func put[K comparable, R any](rows map[K]R, key K, row R, deleted bool) {
	if deleted {
		delete(rows, key)
		return
	}
	switch r := any(&row).(type) {
	case *aggregate.CallRow:
		r.AgentIDs = append([]uuid.UUID(nil), r.AgentIDs...)
	case *aggregate.DailyRow:
		r.Waits = append([]aggregate.HistogramBucket(nil), r.Waits...)
		r.AnsweredWaits = append([]aggregate.HistogramBucket(nil), r.AnsweredWaits...)
	case *aggregate.IntervalRow:
		r.Waits = append([]aggregate.HistogramBucket(nil), r.Waits...)
		r.AnsweredWaits = append([]aggregate.HistogramBucket(nil), r.AnsweredWaits...)
	}
	rows[key] = row
}

// Rows drains everything and returns all rows that are kept.
func (c *Core) Rows() aggregate.Rows {
	c.Drain(aggregate.DrainAll)
	var r aggregate.Rows
	for _, row := range c.calls {
		r.Calls = append(r.Calls, row)
	}
	for _, row := range c.daily {
		r.Daily = append(r.Daily, row)
	}
	for _, row := range c.intervals {
		r.Intervals = append(r.Intervals, row)
	}
	for _, row := range c.agents {
		r.AgentIntervals = append(r.AgentIntervals, row)
	}
	for _, row := range c.status {
		r.QueueStatus = append(r.QueueStatus, row)
	}
	for _, row := range c.orphans {
		r.Orphans = append(r.Orphans, row)
	}
	for _, row := range c.accounting {
		r.Accounting = append(r.Accounting, row)
	}
	for _, row := range c.callbacks {
		r.Callbacks = append(r.Callbacks, row)
	}
	for _, row := range c.queueChanges {
		r.QueueChanges = append(r.QueueChanges, row)
	}
	for _, row := range c.attachments {
		r.Attachments = append(r.Attachments, row)
	}
	for row := range c.names {
		r.Names = append(r.Names, row)
	}
	for _, row := range c.lists {
		r.CallLists = append(r.CallLists, row)
	}
	for _, row := range c.listDim {
		r.ListDim = append(r.ListDim, row)
	}
	oracle.Sort(&r)
	return r
}

// Restart takes a checkpoint and goes on with a new core restored from it, in front of the same store.
func (c *Core) Restart(s *aggregate.Settings) error {
	restored := aggregate.New(s)
	err := c.core.Snapshot(func(e aggregate.Entity) error {
		e.Key, e.Data = bytes.Clone(e.Key), bytes.Clone(e.Data)
		return restored.Restore(e)
	})
	if err != nil {
		return fmt.Errorf("restart: %w", err)
	}
	if err := restored.FinishRestore(); err != nil {
		return fmt.Errorf("restart: %w", err)
	}
	c.core = restored
	return nil
}
