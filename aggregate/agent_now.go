package aggregate

import (
	"bytes"
	"cmp"
)

// stuckAt returns the instant, ticks, from which the agent is talking for longer than any call is held; 0: not talking.
func (a *agent) stuckAt() int64 {
	if a.talkingSince == 0 {
		return 0
	}
	return a.talkingSince + ticksOf(a.org.c.set.MaxAgeAnswered) + 1
}

// calling returns the queue, index + 1, of the call that the agent handles: of several the one whose part of the agent's
// began last, of those that began at once the one of the greatest id. A conversation comes before a call that rings.
func (a *agent) calling() (queue uint32) {
	c := a.org.c
	var best *span
	var of *call
	for _, r := range a.history.calls {
		call := c.held(r)
		for i := range call.spans {
			p := &call.spans[i]
			if p.agent != a.index+1 || p.to != stillRuns || p.kind != spanTalk && p.kind != spanOffer {
				continue
			}
			if best == nil || cmp.Or(cmp.Compare(p.kind, best.kind), cmp.Compare(p.from, best.from), bytes.Compare(call.id[:], of.id[:])) > 0 {
				best, of = p, call
			}
		}
	}
	if best == nil {
		return 0
	}
	return best.queue
}
