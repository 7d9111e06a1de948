package aggregate

// freezeEvery is how much of a timeline is frozen at once, µs: what is frozen has to be drawn before.
const freezeEvery = 4 * intervalUs

// thaw has freeze tried when the horizon has passed the first hour that is not frozen.
func (a *agent) thaw() {
	h, c := &a.history, a.org.c
	if h.thawed != 0 || len(h.facts)+len(h.kept)+len(h.silences)+len(h.rows) == 0 {
		return
	}
	// Held calls hold the history; they are let go within hours.
	h.thawed = max((h.from+freezeEvery)*10+ticksOf(c.set.Lateness), int64(a.org.horizon)+intervalUs*10)
	a.org.releases.push(timer{due: h.thawed, ref: a.index, kind: timerAgent})
}

// frozenUntil returns the instant, µs, before which nothing can change the agent's timeline any more: an event that could
// would be late, and no held call that names the agent has begun.
func (a *agent) frozenUntil() int64 {
	o := a.org
	until := int64(o.horizon) - ticksOf(o.c.set.Lateness)
	for _, r := range a.history.calls {
		if call := o.c.held(r); call != nil && len(call.facts) > 0 {
			until = min(until, call.facts[0].at)
		}
	}
	return quarterOf(micros(until))
}

// freeze forgets what only quarters of an hour follow from that nothing can change any more. Their rows are in the store, or
// on their way there.
func (a *agent) freeze() {
	h := &a.history
	h.thawed = 0
	if until := a.frozenUntil(); until > h.from {
		if h.dirty {
			a.drawTimeline()
		}
		a.freezeFacts(until)
		a.freezeSpans(until)
		h.from, h.midAt = until, max(h.midAt, until)
		n := 0
		for n < len(h.rows) && h.rows[n].start() < until {
			n++
		}
		h.rows = append(h.rows[:0], h.rows[n:]...)
		a.org.c.changes.history(a)
	}
	a.thaw()
}

func (a *agent) freezeFacts(until int64) {
	h, c := &a.history, a.org.c
	n, gone := 0, never
	for n < len(h.facts) && micros(h.facts[n].at) < until {
		f := &h.facts[n]
		switch f.kind {
		case factStatus:
			h.base.status = *f
		case factAvailability:
			h.base.availability = *f
		}
		if q := quarterOf(micros(f.at)); q != gone {
			gone = q
			c.changes.agentFactsGone(a, q)
		}
		n++
	}
	h.facts = append(h.facts[:0], h.facts[n:]...)
	n = 0
	for n < len(h.silences) && micros(h.silences[n].to) <= until {
		n++
	}
	h.silences = append(h.silences[:0], h.silences[n:]...)
}

func (a *agent) freezeSpans(until int64) {
	h := &a.history
	kept := h.kept[:0]
	for _, p := range h.kept {
		h.base.note(&p, until)
		if !p.settled(until) {
			kept = append(kept, p)
		}
	}
	h.kept = kept
}

// note remembers when a segment or a wrap-up last began or ended up to an instant.
func (b *historyBase) note(p *span, until int64) {
	var last *int64
	switch p.kind {
	case spanTalk:
		last = &b.segment
	case spanWrapUp:
		last = &b.wrapUp
	default:
		return
	}
	for _, t := range [2]int64{p.from, p.to} {
		if t <= until {
			*last = max(*last, t)
		}
	}
}
