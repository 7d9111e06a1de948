package aggregate

import (
	"time"

	"github.com/google/uuid"

	"ringside/ingest"
)

// westernmost is how far behind UTC a local date can be.
const westernmost = 12 * time.Hour

// Held tells what of an organization's rows a Core can still write.
type Held struct {
	Horizon ingest.Time // the greatest event time received
	// Date is the first date, days since 1970-01-01, of which a call (by its UTC date), a day or an interval (by their local
	// dates) can still change. Earlier rows are final: neither events to come, nor what is held, can touch them.
	Date int32
}

// Held returns what of an organization's rows can still change; known is false for one that the Core has never heard of.
// It may be asked between Restore and FinishRestore: what is held by then includes what is let go when the restored Core
// settles for the first time.
func (c *Core) Held(organization uuid.UUID) (h Held, known bool) {
	o, ok := c.orgs[organization]
	if !ok || o.horizon == 0 {
		return h, false
	}
	// An event that is still taken in is stamped from here on, or belongs to a call that is held.
	since := int64(o.horizon.Add(-c.set.Lateness))
	for ref := uint32(0); ref < c.calls.next; ref++ {
		if call := c.calls.at(ref); call.org == o && len(call.facts) > 0 {
			since = min(since, call.facts[0].at)
		}
	}
	// A QueueChanged may yet move the visits of held calls into another zone: the local date is the earliest in any.
	date := utcDate(micros(since - ticksOf(westernmost)))
	for _, w := range o.windows {
		if w != nil {
			date = min(date, w.date)
		}
	}
	return Held{Horizon: o.horizon, Date: date}, true
}
