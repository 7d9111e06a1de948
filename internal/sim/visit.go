package sim

import (
	"cmp"
	"math"
	"slices"

	"github.com/google/uuid"

	"ringside/aggregate"
)

// running is the end of an interval that has none yet.
const running = math.MaxInt64

// The limits of METRICS.md, in µs.
const (
	promptMax        = 30_000_000
	maxAgeUnanswered = 4 * 3600 * 1_000_000
	maxAgeAnswered   = 12 * 3600 * 1_000_000
)

// span is [from, to) in µs since the epoch.
type span struct{ from, to int64 }

// part is a span in which an agent had to do with a visit.
type part struct {
	agent *agent
	span
}

// wrap is the work of one agent after one call. Its length is what METRICS.md makes of the messages about it.
type wrap struct {
	agent  *agent
	length int64 // µs; running while it is not known
	from   int64
	max    int64
	end    int64 // µs, if only the length was told, at the end; else 0
}

// Visit is the record of one stay in one queue, or of one outbound, callback or direct call. All of it was written down
// as it happened; nothing in it was read from messages. Instants are µs since the epoch, 0 for none.
type Visit struct {
	call      *call
	queue     *queue // nil for callback and direct calls
	direction aggregate.Direction
	ordinal   uint16

	begun, arrived, answered, ended int64
	closed                          int64 // when ended was known: silence dates it back
	accepted, incomplete            bool
	outcome                         aggregate.Outcome
	transfer                        aggregate.Transfer
	stands                          []span // prompts after Arrived: the wait clock stands still
	gaps                            []span // taken for overflowed until the call was allocated here again
	offers, segments                []part
	holds                           []span
	declined                        []part // offers, by the agents themselves
	wraps                           []*wrap
	offered                         uint16
	flags                           aggregate.Flags

	reached              int64 // when the called party of a call out answered
	back                 *callback
	reason, tech         string
	overReason, overType string
	ivrPath, target      string
	supervisor           *agent
	priority             int

	step     int   // rises with every change; what was planned for an earlier step is void
	queuedAt int64 // for the order in line
	handling *agent
	engaged  []*agent // whose phones ring
	untold   bool     // without UserAllocated
	wrapping bool     // wrap-up is enabled
	vanished bool     // never heard of again
	quiet    bool     // no recordings and the like follow
	askedFor bool     // a callback of TypeId 1 was created before the end
	listed   bool     // in centre.dirty
	counted  counted
}

// open reports whether the visit is under way by what the messages stamped up to t say.
func (v *Visit) open(t int64) bool {
	if v.begun > t || v.closed != 0 && v.closed <= t {
		return false
	}
	for _, g := range v.gaps {
		if g.from <= t && t < g.to {
			return false
		}
	}
	return true
}

// waitEnd is when the wait ended, or 0.
func (v *Visit) waitEnd() int64 {
	if v.answered != 0 && (v.ended == 0 || v.answered < v.ended) {
		return v.answered
	}
	return v.ended
}

// waited returns the allocatable time from Arrived until t or the end of the wait.
func (v *Visit) waited(t int64) int64 {
	if end := v.waitEnd(); end != 0 {
		t = min(t, end)
	}
	return v.elapsed(t)
}

// elapsed is the current wait at t of a visit that still waits.
func (v *Visit) elapsed(t int64) int64 {
	w := t - v.arrived
	for _, s := range v.stands {
		w -= standing(s, t)
	}
	return max(0, w)
}

// standing is how much of s, cut to the longest prompt, lies before t.
func standing(s span, t int64) int64 { return max(0, min(s.to, t, s.from+promptMax)-s.from) }

// wait returns the wait in µs, Null if the visit has none (yet).
func (v *Visit) wait() int64 {
	end := v.waitEnd()
	if v.arrived == 0 || v.outcome == aggregate.Lost || end == 0 {
		return aggregate.Null
	}
	return v.waited(end)
}

// prompt returns the time spent in prompts: up to Arrived, and after it.
func (v *Visit) prompt() int64 {
	if v.arrived == 0 {
		return 0
	}
	p := v.arrived - v.begun
	end := int64(running)
	if e := v.waitEnd(); e != 0 {
		end = e
	}
	for _, s := range v.stands {
		p += standing(s, end)
	}
	return p
}

// covered returns the length of the union of spans, cut to end.
func covered(spans []span, end int64) (total int64) {
	spans = slices.Clone(spans)
	slices.SortFunc(spans, func(a, b span) int { return cmp.Compare(a.from, b.from) })
	until := int64(math.MinInt64)
	for _, s := range spans {
		s.from, s.to = max(s.from, until), min(s.to, end)
		if s.to > s.from {
			total += s.to - s.from
			until = s.to
		}
	}
	return total
}

func spansOf(parts []part) []span {
	out := make([]span, len(parts))
	for i, p := range parts {
		out[i] = p.span
	}
	return out
}

func (v *Visit) ring() int64 { return covered(spansOf(v.offers), v.ended) }

func (v *Visit) hold() int64 { return covered(v.holds, v.ended) }

// talk returns the union of the segments minus the holds; a hold never outlasts the segments here.
func (v *Visit) talk() int64 { return max(0, covered(spansOf(v.segments), v.ended)-v.hold()) }

// wrapUp returns the sum of the wrap-ups and whether all of them are over.
func (v *Visit) wrapUp() (sum int64, over bool) {
	over = true
	for _, w := range v.wraps {
		if w.length == running {
			over = false
			continue
		}
		sum += w.length
	}
	return sum, over
}

// complete reports whether nothing more can happen to the record.
func (v *Visit) complete() bool {
	_, over := v.wrapUp()
	return over && v.ended != 0
}

// Outcome returns how the visit ended.
func (v *Visit) Outcome() aggregate.Outcome { return v.outcome }

// Wait returns the wait in µs, or aggregate.Null.
func (v *Visit) Wait() int64 { return v.wait() }

// Arrived returns when the caller was accepted, in µs since the epoch; 0 if never.
func (v *Visit) Arrived() int64 { return v.arrived }

// Row returns the expected row of `calls`. Durations that a visit of its outcome does not have are 0.
func (v *Visit) Row() aggregate.CallRow {
	r := aggregate.CallRow{
		OrganizationID: v.call.org.id, CallDate: int32(v.call.first / 86_400_000_000), CallID: v.call.id,
		Visit: v.ordinal, Direction: v.direction, BegunAt: v.begun, ArrivedAt: v.arrived, AnsweredAt: v.answered,
		EndedAt: v.ended, Outcome: v.outcome, Transfer: v.transfer, Offers: v.offered,
		Wait: v.wait(), Prompt: v.prompt(), Ring: v.ring(), Flags: v.flags, Priority: int32(v.priority),
		EndReason: v.reason, TechReason: v.tech, OverflowReason: v.overReason, OverflowType: v.overType,
		IvrPath: v.ivrPath, TransferTarget: v.target, Caller: v.call.from,
	}
	if v.queue != nil {
		r.QueueID, r.QueueName = v.queue.id, v.queue.plainName
	}
	if v.answered != 0 && v.ended != 0 && v.flags&aggregate.FlagEndUnknown == 0 {
		r.Talk, r.Hold = v.talk(), v.hold()
		r.WrapUp, _ = v.wrapUp()
	}
	if v.direction != aggregate.Inbound && v.handling != nil {
		r.AgentID, r.AgentName = v.handling.id, v.handling.name
	}
	for _, s := range v.segments {
		if !slices.Contains(r.AgentIDs, s.agent.id) {
			r.AgentIDs = append(r.AgentIDs, s.agent.id)
		}
		r.AgentID, r.AgentName = s.agent.id, s.agent.name
	}
	if v.back != nil {
		r.CallbackID = v.back.id
	}
	if v.supervisor != nil {
		r.SupervisedBy = v.supervisor.id
	}
	return r
}

// call is one call chain.
type call struct {
	org      *centre
	id       uuid.UUID
	text     string
	leg      string
	from, to string
	first    int64 // µs of the first fact
	last     int64 // µs of the latest fact
	stays    []stay
	begun    bool
	orphaned bool // has a fact that belongs to no visit
}

// stay counts a call's visits to one queue.
type stay struct {
	queue *queue
	count uint16
}

// visit counts one more visit to q and returns its ordinal.
func (c *call) visit(q *queue) uint16 {
	for i := range c.stays {
		if c.stays[i].queue == q {
			c.stays[i].count++
			return c.stays[i].count
		}
	}
	c.stays = append(c.stays, stay{q, 1})
	return 1
}

// visited reports whether the call has been in q. No caller is sent to a queue again, except by a re-entry, so that it
// is clear which visit a late wrap-up belongs to.
func (c *call) visited(q *queue) bool {
	return slices.ContainsFunc(c.stays, func(s stay) bool { return s.queue == q })
}
