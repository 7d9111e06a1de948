package sim

import (
	"cmp"
	"slices"

	"github.com/google/uuid"

	"ringside/aggregate"
	"ringside/ingest"
)

// AgentQuarter is the expectation of an agent, or of an agent in a queue, and a quarter of an hour of UTC that is over.
type AgentQuarter struct {
	Organization, Agent uuid.UUID
	Queue               uuid.UUID // nil: the agent's own
	Start               int64     // µs
	Sums                aggregate.AgentSums
}

const (
	quarterHour = 900_000_000
	agentStale  = 8 * 3600 * 1_000_000
)

// said is an availability that was told.
type said struct {
	at, from, to ingest.Time
	what         string
}

// asked is a request for a call, or its answer.
type asked struct {
	at   int64
	what int
}

// deed is what an agent did in a visit for a while.
type deed struct {
	span
	queue *queue
	what  aggregate.AgentState
}

// day is an agent's record, put together.
type day struct {
	deeds  []deed
	parts  map[aggregate.AgentState][]span
	counts []AgentQuarter
}

// note keeps what a message tells of its user.
func (a *agent) note(m *message) {
	at := m.at.Micros()
	a.heard = append(a.heard, at)
	switch m.typ {
	case ingest.UserCallAllocationRequest:
		a.asked = append(a.asked, asked{at, aggregate.FetchRequests})
	case ingest.UserCallAllocationResponse:
		answers := map[string]int{"allocated": aggregate.FetchAllocated, "nocalls": aggregate.FetchNoCalls, "agentunavailable": aggregate.FetchUnavailable}
		a.asked = append(a.asked, asked{at, answers[m.value]})
	}
}

// agentQuarters returns the expectation of all quarters of an hour that were over when an organization was last heard of.
func (s *Sim) agentQuarters() (out []AgentQuarter) {
	days := map[*agent]*day{}
	of := func(a *agent) *day {
		if days[a] == nil {
			days[a] = &day{parts: map[aggregate.AgentState][]span{}}
		}
		return days[a]
	}
	for _, v := range s.visits {
		v.deeds(of)
	}
	for _, o := range s.centres {
		over := o.last / quarterHour * quarterHour
		for _, a := range o.agents {
			out = append(out, a.quarters(of(a), over)...)
		}
	}
	slices.SortFunc(out, func(a, b AgentQuarter) int {
		return cmp.Or(slices.Compare(a.Organization[:], b.Organization[:]), cmp.Compare(a.Start, b.Start),
			slices.Compare(a.Agent[:], b.Agent[:]), slices.Compare(a.Queue[:], b.Queue[:]))
	})
	return out
}

// end cuts what runs on at the end of the visit. A visit that silence ended did so at the call's last fact.
func (v *Visit) end(to int64) int64 {
	switch {
	case v.flags&aggregate.FlagEndUnknown != 0:
		return min(to, v.call.last)
	case v.ended != 0:
		return min(to, v.ended)
	}
	return to
}

// deeds hands each agent's parts in the visit to the agent's day.
func (v *Visit) deeds(of func(*agent) *day) {
	do := func(a *agent, from, to int64, what aggregate.AgentState) {
		d := of(a)
		d.deeds = append(d.deeds, deed{span{from, to}, v.queue, what})
		d.parts[what] = append(d.parts[what], span{from, to})
	}
	first := map[*agent]int64{}
	handled := map[*agent]int64{}
	for _, p := range v.segments {
		from, to := v.end(p.from), v.end(p.to)
		do(p.agent, from, to, aggregate.AgentTalking)
		if f, again := first[p.agent]; !again || from < f {
			first[p.agent] = from
		}
		handled[p.agent] += to - from
	}
	for _, h := range v.holds {
		for _, p := range v.segments {
			if p.from <= h.from && h.from < p.to {
				do(p.agent, h.from, min(h.to, v.end(p.to)), aggregate.AgentHold)
			}
		}
	}
	for _, p := range v.offers {
		to := v.end(p.to)
		do(p.agent, p.from, to, aggregate.AgentRinging)
		of(p.agent).count(v, p.from, func(s *aggregate.AgentSums) { v.countOffer(s, p.agent, p.from, to) })
	}
	running := map[*agent]bool{}
	for _, w := range v.wraps {
		if running[w.agent] = running[w.agent] || w.length == running64; w.from == 0 {
			continue
		}
		switch {
		case w.length == running64:
			do(w.agent, w.from, running64, aggregate.AgentWrapUp)
			continue
		case w.end != 0: // only its length was told, when it ended
			do(w.agent, max(w.end-w.length, first[w.agent]), w.end, aggregate.AgentWrapUp)
		default:
			do(w.agent, w.from, w.from+w.length, aggregate.AgentWrapUp)
		}
		handled[w.agent] += w.length
	}
	if v.answered == 0 || v.ended == 0 || v.flags&aggregate.FlagEndUnknown != 0 {
		return
	}
	for a, from := range first {
		if !running[a] {
			of(a).count(v, from, func(s *aggregate.AgentSums) {
				s.Handled++
				s.HandleSum += handled[a]
			})
		}
	}
}

const running64 = int64(running)

func (v *Visit) countOffer(s *aggregate.AgentSums, a *agent, from, to int64) {
	s.Offers++
	if to == running64 {
		return
	}
	s.RingSum += to - from
	for _, p := range v.segments {
		if p.agent == a && v.end(p.from) == to {
			s.Answered++
			return
		}
	}
	for _, p := range v.declined {
		if p.agent == a && p.to == to {
			s.Declined++
			return
		}
	}
	s.NotAnswered++
}

// count notes something in the quarter of an hour of its begin, for the agent and for the queue.
func (d *day) count(v *Visit, at int64, add func(*aggregate.AgentSums)) {
	q := AgentQuarter{Start: at / quarterHour * quarterHour}
	add(&q.Sums)
	d.counts = append(d.counts, q)
	if v.queue != nil {
		q.Queue = v.queue.id
		d.counts = append(d.counts, q)
	}
}

// quarters adds the day up.
func (a *agent) quarters(d *day, over int64) (out []AgentQuarter) {
	type place struct {
		start int64
		queue uuid.UUID
	}
	rows := map[place]*aggregate.AgentSums{}
	row := func(start int64, queue uuid.UUID) *aggregate.AgentSums {
		p := place{start / quarterHour * quarterHour, queue}
		if rows[p] == nil {
			rows[p] = &aggregate.AgentSums{}
		}
		return rows[p]
	}
	spread := func(from, to int64, queue uuid.UUID, add func(*aggregate.AgentSums, int64)) {
		for to = min(to, over); from < to; {
			next := min(to, from/quarterHour*quarterHour+quarterHour)
			add(row(from, queue), next-from)
			from = next
		}
	}
	for _, q := range d.counts {
		addAgent(row(q.Start, q.Queue), &q.Sums)
	}
	for _, x := range a.asked {
		row(x.at, uuid.Nil).Fetches[x.what]++
	}
	for _, x := range d.deeds {
		if x.queue == nil {
			continue
		}
		spread(x.from, x.to, x.queue.id, func(s *aggregate.AgentSums, us int64) {
			s.States[x.what] += us
			if x.what == aggregate.AgentHold {
				s.States[aggregate.AgentTalking] -= us
			}
		})
	}
	a.walk(d, over, func(from, to int64, state aggregate.AgentState, serving bool) {
		spread(from, to, uuid.Nil, func(s *aggregate.AgentSums, us int64) {
			s.States[state] += us
			if serving && state != aggregate.AgentOffWork && state != aggregate.AgentUnknown {
				s.Serving += us
			}
		})
	})
	for p, s := range rows {
		rest := *s
		rest.States[aggregate.AgentOffWork], rest.States[aggregate.AgentUnknown] = 0, 0
		if p.start < over && rest != (aggregate.AgentSums{}) {
			out = append(out, AgentQuarter{Organization: a.org.id, Agent: a.id, Queue: p.queue, Start: p.start, Sums: *s})
		}
	}
	return out
}

func addAgent(to, from *aggregate.AgentSums) {
	for i := range to.States {
		to.States[i] += from.States[i]
	}
	to.Offers += from.Offers
	to.Answered += from.Answered
	to.Declined += from.Declined
	to.NotAnswered += from.NotAnswered
	to.RingSum += from.RingSum
	to.Handled += from.Handled
	to.HandleSum += from.HandleSum
}
