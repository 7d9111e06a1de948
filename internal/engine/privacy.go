package engine

import (
	"fmt"

	"ringside/internal/config"
	"ringside/internal/privacy"
	"ringside/store"
)

// protection says what becomes of callers' numbers; every pipeline whose rows are stored has one.
type protection struct {
	mode   string
	key    []byte // of the hash
	bodies bool   // messages are kept, so that numbers have to be replaced in them too
}

// newProtection reads what is configured, and makes the key where there is none yet.
func newProtection(c *config.Config) (protection, error) {
	p := protection{mode: c.Privacy.Numbers}
	events, err := store.ParseEventsMode(c.Store.Events)
	if err != nil {
		return p, fmt.Errorf("store.events: %w", err)
	}
	p.bodies = events == store.EventsFull
	if p.mode == config.NumbersHash {
		p.key, err = c.PrivacyKey()
	}
	return p, err
}

// protect applies a protection to what p takes in from now on. Numbers are replaced before the core sees them: rows and
// checkpoints hold what the core holds.
func (p *Pipeline) protect(by protection) error {
	numbers, err := privacy.New(by.mode, by.key)
	if err != nil {
		return err
	}
	p.numbers, p.bodies = numbers, by.bodies
	return nil
}

// keptBody returns the body of an accepted event as it is stored.
func (p *Pipeline) keptBody(source string, body []byte) []byte {
	if !p.bodies {
		return body // the sink drops it
	}
	return p.numbers.Body(source, body, privacy.IsOutgoing(p.event.Type))
}
