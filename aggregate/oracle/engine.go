package oracle

import (
	"github.com/google/uuid"

	"ringside/aggregate"
	"ringside/ingest"
)

// Engine gives the oracle the manner of a core: events one by one, rows when asked. Every Rows starts from scratch.
type Engine struct {
	settings *aggregate.Settings
	events   []*ingest.Event
	doors    map[uuid.UUID]*organization
	now      ingest.Time
}

// NewEngine returns an Engine without events.
func NewEngine(s *aggregate.Settings) *Engine {
	return &Engine{settings: s, doors: map[uuid.UUID]*organization{}}
}

// Apply keeps a copy of ev and returns what becomes of it on arrival.
func (e *Engine) Apply(ev *ingest.Event) aggregate.Result {
	ev = Clone(ev)
	e.events = append(e.events, ev)
	door := e.doors[ev.OrganizationID]
	if door == nil {
		door = &organization{id: ev.OrganizationID, byID: map[uuid.UUID]*ingest.Event{}}
		e.doors[ev.OrganizationID] = door
	}
	return door.take(ev, e.settings)
}

// Advance moves the running clock; it never goes back.
func (e *Engine) Advance(now ingest.Time) { e.now = max(e.now, now) }

// Rows computes all rows as of the running clock.
func (e *Engine) Rows() aggregate.Rows { return Fold(e.events, e.settings, e.now).Rows }
