package aggregate

import (
	"time"

	"github.com/google/uuid"
)

// Current appends what is known at present, whether it has changed or not: the status of every queue, its last day,
// every agent, every callback list, every queue's and agent's dimension, every account. It settles, and takes nothing from the next Drain:
// it is for a reader that comes late, such as a wallboard after a restart.
func (c *Core) Current(rows *Rows) {
	c.Settle()
	for _, o := range c.orgList {
		for _, q := range o.queues {
			rows.QueueStatus = append(rows.QueueStatus, q.status())
			rows.QueueDim = append(rows.QueueDim, q.dimension())
			if n := len(q.days); n > 0 {
				rows.Daily = append(rows.Daily, q.days[n-1].daily())
			}
		}
		for _, a := range o.agents {
			rows.Agents = append(rows.Agents, a.row())
			rows.AgentDim = append(rows.AgentDim, a.dimension())
		}
		for _, l := range o.lists {
			rows.CallLists = append(rows.CallLists, l.row())
			rows.ListDim = append(rows.ListDim, l.dimension())
		}
		rows.Accounting = append(rows.Accounting, o.accounting())
	}
}

// ZoneAt returns the zone whose midnight begins the days of a queue, as of an instant in µs since the Unix epoch
// (METRICS.md, section 3); UTC for a queue that is not known.
func (c *Core) ZoneAt(organization, queue uuid.UUID, us int64) *time.Location {
	if o, ok := c.orgs[organization]; ok {
		if i, ok := o.queueIx[queue]; ok {
			return o.queues[i].zoneAt(us)
		}
	}
	return time.UTC
}

// Clock is the time of one organization, in µs since the Unix epoch; 0: no event yet.
type Clock struct {
	Now     int64 // the running clock (METRICS.md, section 1)
	Horizon int64 // the greatest event time received
}

// Clock returns the time of an organization.
func (c *Core) Clock(organization uuid.UUID) Clock {
	if o, ok := c.orgs[organization]; ok {
		return Clock{Now: micros(o.now), Horizon: o.horizon.Micros()}
	}
	return Clock{}
}
