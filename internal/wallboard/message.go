package wallboard

import (
	"encoding/json"

	"github.com/google/uuid"
)

// The kinds of messages, as SSE events.
const (
	kindSnapshot = "snapshot" // everything; the page replaces what it has
	kindDelta    = "delta"    // rows that have changed
	kindTrail    = "trail"    // the newest sample of each trail; queues that are not named had nobody waiting
	kindBeat     = "beat"     // nothing has changed
)

// message is what a reader is told. Every kind has the server's clock and the engine's condition, so that the page knows
// that it is still fed.
type message struct {
	Now     int64   `json:"now"` // µs; the server's clock
	Trouble string  `json:"trouble,omitempty"`
	Behind  float64 `json:"behind,omitempty"` // seconds

	Build         string                 `json:"build,omitempty"` // of the page; another one reloads it
	Listed        []listing              `json:"listed,omitempty"`
	TrailEvery    int                    `json:"trail_every,omitempty"` // seconds
	TrailLength   int                    `json:"trail_length,omitempty"`
	Trails        map[uuid.UUID][]uint16 `json:"trails,omitempty"`
	Organizations []header               `json:"organizations,omitempty"`
	Queues        []json.RawMessage      `json:"queues,omitempty"`
	Samples       map[uuid.UUID]uint16   `json:"samples,omitempty"`
}

func (v *view) message() message {
	s := &v.board.status
	return message{Now: v.board.now().UnixMicro(), Trouble: s.Trouble, Behind: s.Behind.Seconds()}
}

// snapshot tells everything.
func (v *view) snapshot() message {
	b := v.board
	b.mu.Lock()
	defer b.mu.Unlock()
	list, queues := v.begin()
	m := v.message()
	m.Build, m.Listed, m.Organizations, m.Queues = build, list, v.headers(), texts(queues)
	m.TrailEvery, m.TrailLength, m.Trails = int(trailEvery.Seconds()), trailLength, map[uuid.UUID][]uint16{}
	for _, q := range queues {
		m.Trails[q.row.ID] = q.trail.values()
	}
	return m
}

// next tells what is new, or says with an empty kind that nothing is.
func (v *view) next() (kind string, m message) {
	b := v.board
	b.mu.Lock()
	defer b.mu.Unlock()
	if v.epoch != b.epoch {
		return kindSnapshot, message{} // the caller asks for it
	}
	changed := v.status != b.status
	headers, queues := v.changes()
	switch {
	case v.slot != b.slot:
		// Rows that have changed go along: a message more would be one more than two a second.
		v.slot = b.slot
		m = v.message()
		m.Samples = map[uuid.UUID]uint16{}
		for q := range v.shown {
			if n := q.trail.lastValue(); n > 0 {
				m.Samples[q.row.ID] = n
			}
		}
		kind = kindTrail
	case changed || len(headers)+len(queues) > 0:
		m, kind = v.message(), kindDelta
	default:
		return "", m
	}
	m.Organizations, m.Queues = headers, texts(queues)
	return kind, m
}

func (v *view) beat() message {
	b := v.board
	b.mu.Lock()
	defer b.mu.Unlock()
	return v.message()
}

// texts returns the rows as JSON, which all readers share.
func texts(queues []*queue) []json.RawMessage {
	list := make([]json.RawMessage, len(queues))
	for i, q := range queues {
		list[i] = q.json()
	}
	return list
}
