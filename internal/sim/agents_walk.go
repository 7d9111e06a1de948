package sim

import (
	"slices"

	"ringside/aggregate"
	"ringside/ingest"
)

// walk goes through the agent's day from instant to instant at which anything may change, and tells the state between.
func (a *agent) walk(d *day, over int64, tell func(from, to int64, state aggregate.AgentState, serving bool)) {
	cuts := []int64{over}
	add := func(t int64) {
		if t > 0 && t < over {
			cuts = append(cuts, t)
		}
	}
	trails := map[aggregate.AgentState]*trail{}
	for _, what := range []aggregate.AgentState{aggregate.AgentTalking, aggregate.AgentHold, aggregate.AgentRinging, aggregate.AgentWrapUp} {
		trails[what] = newTrail(d.parts[what])
		for _, t := range trails[what].turns {
			add(t.at)
		}
	}
	for _, h := range a.history {
		add(h.at.Micros())
		add(h.WrapUpEnd.Micros())
	}
	for _, v := range a.told {
		add(v.at.Micros())
		add(v.from.Micros())
		add(v.to.Micros())
	}
	slices.Sort(a.heard)
	for _, t := range a.heard {
		add(t)
		add(t + agentStale)
	}
	if len(cuts) == 1 {
		return
	}
	add(slices.Min(cuts) / quarterHour * quarterHour)
	slices.Sort(cuts)
	cuts = slices.Compact(cuts)
	w := walker{a: a, trails: trails}
	for i, t := range cuts[:len(cuts)-1] {
		state, serving := w.at(t)
		tell(t, cuts[i+1], state, serving)
	}
}

// trail is when something began and ended, in order.
type trail struct {
	turns []turn
	next  int
	open  int
	last  int64 // the last turn that has been passed
}

type turn struct {
	at int64
	n  int
}

func newTrail(spans []span) *trail {
	t := &trail{}
	for _, s := range spans {
		t.turns = append(t.turns, turn{s.from, 1})
		if s.to != running {
			t.turns = append(t.turns, turn{s.to, -1})
		}
	}
	slices.SortStableFunc(t.turns, func(a, b turn) int { return int(min(max(a.at-b.at, -1), 1)) })
	return t
}

// on passes everything up to an instant, and tells whether it lasts then.
func (t *trail) on(at int64) bool {
	for t.next < len(t.turns) && t.turns[t.next].at <= at {
		t.open += t.turns[t.next].n
		t.last = t.turns[t.next].at
		t.next++
	}
	return t.open > 0
}

// walker stands at an instant of an agent's day.
type walker struct {
	a                     *agent
	trails                map[aggregate.AgentState]*trail
	status, avail, lastly int // how many statuses, availabilities, messages have been passed
}

// at returns the agent's state by METRICS.md, section 7.
func (w *walker) at(t int64) (state aggregate.AgentState, serving bool) {
	a := w.a
	for w.status < len(a.history) && a.history[w.status].at.Micros() <= t {
		w.status++
	}
	for w.avail < len(a.told) && a.told[w.avail].at.Micros() <= t {
		w.avail++
	}
	for w.lastly < len(a.heard) && a.heard[w.lastly] <= t {
		w.lastly++
	}
	talk, hold := w.trails[aggregate.AgentTalking].on(t), w.trails[aggregate.AgentHold].on(t)
	rings, wraps := w.trails[aggregate.AgentRinging].on(t), w.trails[aggregate.AgentWrapUp].on(t)
	talking, word, known := talk, "", false
	silent := w.lastly == 0 || t-a.heard[w.lastly-1] >= agentStale
	serving = w.status == 0 || a.history[w.status-1].Serving
	var st snapshot
	if w.status > 0 && !silent {
		st, known = a.history[w.status-1], true
		if us := st.at.Micros(); us >= w.trails[aggregate.AgentTalking].last {
			talking = st.Talking
		}
		if us := st.at.Micros(); us >= w.trails[aggregate.AgentWrapUp].last {
			wraps = st.WrapUpStart != ingest.Unset && (st.WrapUpEnd == ingest.Unset || t < st.WrapUpEnd.Micros())
		}
	}
	if w.avail > 0 && !silent {
		if v := a.told[w.avail-1]; v.from.Micros() <= t && t < v.to.Micros() {
			word = v.what
		}
	}
	switch {
	case talking && hold:
		return aggregate.AgentHold, serving
	case talking && (talk || !rings):
		return aggregate.AgentTalking, serving
	case rings:
		return aggregate.AgentRinging, serving
	case wraps:
		return aggregate.AgentWrapUp, serving
	case word == "OffWork", word == "" && known && !st.Schedule:
		return aggregate.AgentOffWork, serving
	case word != "" && word != "Available", word == "" && known && !st.Available:
		return aggregate.AgentAway, serving
	case word == "Available", known:
		return aggregate.AgentAvailable, serving
	}
	return aggregate.AgentUnknown, serving
}
