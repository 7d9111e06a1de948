package oracle

import (
	"slices"
	"strings"

	"github.com/google/uuid"

	"ringside/aggregate"
	"ringside/ingest"
)

// person is one user while the timeline is made (section 7).
type person struct {
	o          *orgFold
	id         uuid.UUID
	heard      []int64 // µs of every event that names the user, or lists them
	statuses   []fact
	avails     []fact
	segments   []span
	holds      []span
	offers     []span
	wraps      []span
	cuts       []int64 // every instant at which anything may change
	told       int64
	rows       map[agentRowAt]*aggregate.AgentSums
	parts      []part
	fetches    []fact
	staleAfter int64
}

type agentRowAt struct {
	start int64
	queue uuid.UUID
}

// part is a span of the user in a call of a queue (or of none), with the state it stands for.
type part struct {
	span
	queue uuid.UUID
	state aggregate.AgentState
	minus bool
}

const quarterHour = 900_000_000

func quarter(us int64) int64 { return floorDiv(us, quarterHour) * quarterHour }

// timelines makes the rows of agent_interval_metrics.
func (o *orgFold) timelines() {
	people := map[uuid.UUID]*person{}
	var order []uuid.UUID
	get := func(id uuid.UUID) *person {
		if people[id] == nil {
			people[id] = &person{o: o, id: id, rows: map[agentRowAt]*aggregate.AgentSums{}, staleAfter: o.s.AgentStale.Microseconds()}
			order = append(order, id)
		}
		return people[id]
	}
	for _, f := range o.all {
		if f.ev.Type == ingest.QueueAttachedUsers {
			for _, u := range f.ev.AttachedUsers {
				get(u.UserID).heard = append(get(u.UserID).heard, f.at())
			}
		}
		if f.ev.UserID == uuid.Nil {
			continue
		}
		p := get(f.ev.UserID)
		p.heard = append(p.heard, f.at())
		switch f.ev.Type {
		case ingest.UserStatus:
			p.statuses = append(p.statuses, f)
		case ingest.UserAvailability:
			p.avails = append(p.avails, f)
		case ingest.UserCallAllocationRequest, ingest.UserCallAllocationResponse:
			p.fetches = append(p.fetches, f)
		}
	}
	for _, c := range o.calls {
		for _, v := range c.rows {
			o.partsOf(c, v, get)
		}
	}
	for _, id := range order {
		people[id].draw()
	}
}

// ends gives a span that still runs no end in sight.
func (v *visit) ends(s span) span { return v.closed(s) }

// partsOf hands the spans of a visit to the users they are of.
func (o *orgFold) partsOf(c *call, v *visit, get func(uuid.UUID) *person) {
	add := func(user uuid.UUID, list func(*person) *[]span, s span, state aggregate.AgentState, minus bool) {
		if user == uuid.Nil {
			return
		}
		p := get(user)
		l := list(p)
		*l = append(*l, s)
		p.parts = append(p.parts, part{s, v.queue, state, minus})
	}
	for _, s := range v.segments {
		add(s.user, func(p *person) *[]span { return &p.segments }, v.ends(s.span), aggregate.AgentTalking, false)
	}
	for _, h := range v.holds {
		s := v.ends(h.span)
		add(h.user, func(p *person) *[]span { return &p.holds }, s, aggregate.AgentHold, false)
		if h.user != uuid.Nil {
			p := get(h.user)
			p.parts = append(p.parts, part{s, v.queue, aggregate.AgentTalking, true})
		}
	}
	for _, f := range v.offers {
		add(f.user, func(p *person) *[]span { return &p.offers }, v.ends(f.span), aggregate.AgentRinging, false)
		o.countOffer(v, f, get)
	}
	for _, w := range v.wraps {
		add(w.user, func(p *person) *[]span { return &p.wraps }, o.wrapSpan(c, v, w), aggregate.AgentWrapUp, false)
	}
	for _, user := range v.agents {
		o.countHandled(v, user, get)
	}
}

// wrapSpan: "no Started: ElapsedTimeSec", which ended when that was told. Reading: it began no earlier than the agent's
// first segment; a wrap-up of which nothing tells the end runs no longer than a fact of the call can come.
func (o *orgFold) wrapSpan(c *call, v *visit, w wrap) span {
	if w.elapsed != aggregate.Null {
		first := forever
		for _, s := range v.segments {
			if s.user == w.user {
				first = min(first, s.from)
			}
		}
		return span{max(w.to-w.elapsed, first), w.to}
	}
	if w.to != 0 {
		return span{w.from, w.to}
	}
	end := (c.last.Add(c.maxAge())).Micros()
	switch {
	case c.ended:
		end = c.endedTs.Add(o.s.Linger).Micros()
	case c.silent:
		end = c.last.Add(o.s.Linger).Micros()
	}
	if next, ok := o.nextCallEvent(w.user, w.fromTs); ok {
		end = min(end, next)
	}
	if w.max != aggregate.Null {
		end = min(end, w.from+w.max)
	}
	if end > o.now.Micros() {
		end = forever
	}
	return span{w.from, end}
}

// both returns the user's own row and, for a queue's call, the queue's, of the quarter of an hour in which at lies.
func (p *person) both(at int64, queue uuid.UUID) []*aggregate.AgentSums {
	rows := []*aggregate.AgentSums{p.row(at, uuid.Nil)}
	if queue != uuid.Nil {
		rows = append(rows, p.row(at, queue))
	}
	return rows
}

func (p *person) row(at int64, queue uuid.UUID) *aggregate.AgentSums {
	key := agentRowAt{quarter(at), queue}
	if p.rows[key] == nil {
		p.rows[key] = &aggregate.AgentSums{}
	}
	return p.rows[key]
}

// countOffer: "offers, answered, not answered and declined (UserCancelled's reason), ring time", by the begin of the offer.
func (o *orgFold) countOffer(v *visit, f offer, get func(uuid.UUID) *person) {
	if f.user == uuid.Nil {
		return
	}
	s := v.ends(f.span)
	for _, r := range get(f.user).both(s.from, v.queue) {
		r.Offers++
		if s.to == forever {
			continue
		}
		r.RingSum += s.to - s.from
		switch {
		case f.answered:
			r.Answered++
		case f.declined:
			r.Declined++
		default:
			r.NotAnswered++
		}
	}
}

// countHandled: calls and mean handling time, by the begin of the agent's first segment, when the visit has ended and no
// wrap-up of the agent runs; those of unknown end are in no mean.
func (o *orgFold) countHandled(v *visit, user uuid.UUID, get func(uuid.UUID) *person) {
	if user == uuid.Nil || v.answered == 0 || v.open() || v.how == bySilence {
		return
	}
	first, sum := forever, int64(0)
	for _, s := range v.segments {
		if s.user == user {
			c := v.ends(s.span)
			first = min(first, c.from)
			sum += c.to - c.from
		}
	}
	own := &visit{}
	for _, w := range v.wraps {
		if w.user == user {
			own.wraps = append(own.wraps, w)
		}
	}
	wrapUp, running := o.wrapUp(nil, own)
	if running {
		return
	}
	for _, r := range get(user).both(first, v.queue) {
		r.Handled++
		r.HandleSum += sum + wrapUp
	}
}

// draw makes the user's rows.
func (p *person) draw() {
	p.findCuts()
	now := p.o.now.Micros()
	type piece struct {
		span
		state   aggregate.AgentState
		serving bool
	}
	var pieces []piece
	for i, t := range p.cuts {
		to := now
		if i+1 < len(p.cuts) {
			to = p.cuts[i+1]
		}
		pieces = append(pieces, piece{span{t, to}, p.stateAt(t), p.servingAt(t)})
	}
	if len(pieces) == 0 {
		return
	}
	// "Only ended state spans and passed boundaries are in rows."
	p.told = quarter(now)
	running := len(pieces) - 1
	for running > 0 && pieces[running-1].state == pieces[running].state {
		running--
	}
	p.told = max(p.told, pieces[running].from)
	for _, x := range pieces {
		for at := x.from; at < min(x.to, p.told); at = quarter(at) + quarterHour {
			us := min(x.to, p.told, quarter(at)+quarterHour) - at
			r := p.row(at, uuid.Nil)
			r.States[x.state] += us
			if x.serving && x.state != aggregate.AgentUnknown && x.state != aggregate.AgentOffWork {
				r.Serving += us
			}
		}
	}
	p.drawParts()
	p.emit()
}

func (p *person) drawParts() {
	for _, x := range p.parts {
		if x.queue == uuid.Nil {
			continue
		}
		for at := x.from; at < min(x.to, p.told); at = quarter(at) + quarterHour {
			us := min(x.to, p.told, quarter(at)+quarterHour) - at
			if x.minus {
				us = -us
			}
			p.row(at, x.queue).States[x.state] += us
		}
	}
	for _, f := range p.fetches {
		r := p.row(f.at(), uuid.Nil)
		answer := strings.ToLower(string(f.ev.AllocationType))
		switch {
		case f.ev.Type == ingest.UserCallAllocationRequest:
			r.Fetches[aggregate.FetchRequests]++
		case answer == "allocated":
			r.Fetches[aggregate.FetchAllocated]++
		case answer == "nocalls":
			r.Fetches[aggregate.FetchNoCalls]++
		case answer == "agentunavailable":
			r.Fetches[aggregate.FetchUnavailable]++
		default:
			r.Fetches[aggregate.FetchOther]++
		}
	}
}

// emit: "No rows for an interval in which an agent was only off work or unknown."
func (p *person) emit() {
	for key, sums := range p.rows {
		without := *sums
		without.States[aggregate.AgentUnknown], without.States[aggregate.AgentOffWork] = 0, 0
		if without == (aggregate.AgentSums{}) {
			continue
		}
		p.o.result.Rows.AgentIntervals = append(p.o.result.Rows.AgentIntervals, aggregate.AgentIntervalRow{
			OrganizationID: p.o.id, IntervalStart: key.start, AgentID: p.id, QueueID: key.queue, Sums: *sums})
	}
}

// findCuts lists every instant up to now at which anything begins or ends, and the boundaries between.
func (p *person) findCuts() {
	now := p.o.now.Micros()
	add := func(t int64) {
		if t > 0 && t <= now {
			p.cuts = append(p.cuts, t)
		}
	}
	for _, list := range [][]span{p.segments, p.holds, p.offers, p.wraps} {
		for _, s := range list {
			add(s.from)
			add(s.to)
		}
	}
	for _, f := range p.statuses {
		add(f.at())
		add(f.ev.Status.WrapUpEnd.Micros())
	}
	for _, f := range p.avails {
		add(f.at())
		add(f.ev.StartTime.Micros())
		add(f.ev.EndTime.Micros())
	}
	slices.Sort(p.heard)
	for _, t := range p.heard {
		add(t)
		add(t + p.staleAfter)
	}
	if len(p.cuts) == 0 {
		return
	}
	add(quarter(slices.Min(p.cuts)))
	slices.Sort(p.cuts)
	p.cuts = slices.Compact(p.cuts)
}
