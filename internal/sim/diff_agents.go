package sim

import (
	"fmt"
	"slices"

	"github.com/google/uuid"

	"ringside/aggregate"
)

type agentKey struct {
	org, agent, queue uuid.UUID
	start             int64
}

// agents compares the quarters of an hour that are over.
func (d *differ) agents(t *Truth, rows []aggregate.AgentIntervalRow) {
	got := map[agentKey]*aggregate.AgentSums{}
	for i := range rows {
		r := &rows[i]
		k := agentKey{r.OrganizationID, r.AgentID, r.QueueID, r.IntervalStart}
		if delete(got, k); !r.Deleted && r.IntervalStart < t.over[r.OrganizationID] {
			got[k] = &r.Sums
		}
	}
	var lines []string
	for i := range t.Agents {
		w := &t.Agents[i]
		k := agentKey{w.Organization, w.Agent, w.Queue, w.Start}
		switch g := got[k]; {
		case g == nil:
			lines = append(lines, fmt.Sprintf("agent %s queue %s at %d: missing: %+v", k.agent, k.queue, k.start, w.Sums))
		case *g != w.Sums:
			lines = append(lines, fmt.Sprintf("agent %s queue %s at %d: got %+v, want %+v", k.agent, k.queue, k.start, *g, w.Sums))
		}
		delete(got, k)
	}
	for k, g := range got {
		lines = append(lines, fmt.Sprintf("agent %s queue %s at %d: not expected: %+v", k.agent, k.queue, k.start, *g))
	}
	slices.Sort(lines)
	d.lines = append(d.lines, lines...)
}
