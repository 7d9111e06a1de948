// Package aggregate is the pure core of Ringside: canonical events in, rows out. It has no clock, does no I/O, starts
// no goroutine, and nothing it emits depends on the order of a map. Time comes with events and with [Core.Advance].
// What each number means is defined in docs/METRICS.md.
package aggregate

import (
	"ringside/ingest"
)

// Outcome of one event, for counting.
type Result uint8

// The results of Apply.
const (
	Accepted Result = iota // counts; may yet turn out to be an orphan, see AccountingRow
	Duplicate
	Late       // stamped before horizon − lateness; keep it in late_events
	Conflict   // the Id of an earlier event with another body; keep it in rejects
	OutOfRange // before 1990 or more than a day after its receipt; keep it in rejects
	Full       // the memory limit is reached: nothing was changed, try again after the pressure is gone
)

// Core holds the state of the organizations whose events it is given. It is not safe for concurrent use: one worker
// owns one Core.
type Core struct {
}

// New returns an empty Core.
func New(s *Settings) *Core { panic("BUG: not written yet") }

// Apply takes in one event. It keeps no reference to ev's slices and does not allocate in the steady state. Figures
// follow with Settle or Drain.
func (c *Core) Apply(ev *ingest.Event) Result { panic("BUG: not written yet") }

// CountReject adds an event that never reached Apply (undecodable, wrong partition, …) to its organization's account.
func (c *Core) CountReject(ev *ingest.Event) { panic("BUG: not written yet") }

// Advance tells the wall clock. It drives what events alone do not: ages, ghost calls, open hours, staleness. Never
// calling it (replay) is right too: each organization then runs on its horizon.
func (c *Core) Advance(now ingest.Time) { panic("BUG: not written yet") }

// Settle folds the calls that have changed, so that windows and queue figures are up to date. Drain implies it; call
// it after each batch.
func (c *Core) Settle() { panic("BUG: not written yet") }

// Drain settles and appends to rows what has changed in the chosen tables since they were last drained.
func (c *Core) Drain(tables TableSet, rows *Rows) { panic("BUG: not written yet") }

// EntityKind tags an entity of a checkpoint.
type EntityKind uint8

// Entity is one row of a checkpoint: a call, an agent, a queue, a window part, an id bucket, an organization.
// Key is unique within kind and organization; Data is versioned and self-contained.
type Entity struct {
	Kind           EntityKind
	OrganizationID [16]byte
	Key            []byte
	Data           []byte
}

// Snapshot hands every held entity to emit, in a fixed order. Key and Data are valid during the call.
func (c *Core) Snapshot(emit func(Entity) error) error { panic("BUG: not written yet") }

// Restore takes in one entity of a checkpoint into an empty Core; a format it does not know is an error.
func (c *Core) Restore(Entity) error { panic("BUG: not written yet") }

// FinishRestore rebuilds what is derived from the restored entities.
func (c *Core) FinishRestore() error { panic("BUG: not written yet") }

// Sizes are the sizes of the held state, for metrics.
type Sizes struct {
	Organizations, Queues, Agents, Calls, OpenVisits, Facts, IDs, Windows, Texts int64
	Bytes                                                                        int64 // estimate
}

// Sizes returns the sizes of the held state.
func (c *Core) Sizes() Sizes { panic("BUG: not written yet") }
