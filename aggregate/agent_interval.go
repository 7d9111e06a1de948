package aggregate

import "slices"

// agentQuarter is what a quarter of an hour comes to for an agent, or for an agent in a queue.
type agentQuarter struct {
	start int64  // µs
	queue uint32 // index + 1; 0: the agent's own figures
	sums  AgentSums
}

// agentRowKey is a row that is in the store, or on its way there, with a hash of what it says.
type agentRowKey struct {
	quarter int32 // number since the epoch
	queue   uint32
	hash    uint64
}

func (k *agentRowKey) start() int64 { return int64(k.quarter) * intervalUs }

// quarter finds or creates a row; rows are in order of start and queue.
func (t *timeline) quarter(start int64, queue uint32) *AgentSums {
	i, n := 0, len(t.rows)
	for i < n {
		if m := int(uint(i+n) >> 1); t.rows[m].start < start || t.rows[m].start == start && t.rows[m].queue < queue {
			i = m + 1
		} else {
			n = m
		}
	}
	if i == len(t.rows) || t.rows[i].start != start || t.rows[i].queue != queue {
		t.rows = slices.Insert(t.rows, i, agentQuarter{start: start, queue: queue})
	}
	return &t.rows[i].sums
}

// split hands each part of a time in a quarter of an hour to add.
func split(from, to int64, add func(start, us int64)) {
	for from < to {
		start := quarterOf(from)
		end := min(to, start+intervalUs)
		add(start, end-from)
		from = end
	}
}

// sum makes rows of pieces, spans and requests.
func (t *timeline) sum() {
	t.rows = t.rows[:0]
	told := t.told()
	for i := range t.pieces {
		if p := &t.pieces[i]; !idle(p.state) {
			split(p.from, min(p.to, told), func(start, us int64) {
				s := t.quarter(start, 0)
				s.States[p.state] += us
				if p.serving {
					s.Serving += us
				}
			})
		}
	}
	for _, p := range t.spans {
		t.countSpan(p, told)
	}
	for i := range t.facts {
		if f := &t.facts[i]; f.kind == factFetch {
			t.quarter(quarterOf(micros(f.at)), 0).Fetches[f.bits]++
		}
	}
	t.fillIdle(told)
	t.rows = slices.DeleteFunc(t.rows, func(r agentQuarter) bool { return r.sums == AgentSums{} })
}

func idle(s AgentState) bool { return s == AgentUnknown || s == AgentOffWork }

// fillIdle adds the time off work or unknown to the rows that there are: a quarter of an hour of nothing else has none.
func (t *timeline) fillIdle(told int64) {
	first := 0
	for i := range t.rows {
		r := &t.rows[i]
		if r.queue != 0 || r.sums == (AgentSums{}) {
			continue
		}
		for first < len(t.pieces)-1 && t.pieces[first].to <= r.start {
			first++
		}
		for j := first; j < len(t.pieces) && t.pieces[j].from < r.start+intervalUs; j++ {
			p := &t.pieces[j]
			if us := min(p.to, told, r.start+intervalUs) - max(p.from, r.start); us > 0 && idle(p.state) {
				r.sums.States[p.state] += us
			}
		}
	}
}

// countSpan adds an agent's part in a call: times to the quarters of an hour in which they were, up to told; counts, and
// what belongs to them, to the one in which it began.
func (t *timeline) countSpan(p *span, told int64) {
	if p.queue != 0 {
		add := func(state AgentState, sign int64) {
			split(max(p.from, t.from), min(p.to, told), func(start, us int64) { t.quarter(start, p.queue).States[state] += sign * us })
		}
		switch p.kind {
		case spanOffer, spanAnswered, spanDeclined, spanMissed:
			add(AgentRinging, 1)
		case spanTalk:
			add(AgentTalking, 1)
		case spanHold:
			add(AgentHold, 1)
			add(AgentTalking, -1)
		case spanWrapUp:
			add(AgentWrapUp, 1)
		}
	}
	if p.from < t.from {
		return // that row stands
	}
	start := quarterOf(p.from)
	t.quarter(start, 0).countSpan(p)
	if p.queue != 0 {
		t.quarter(start, p.queue).countSpan(p)
	}
}

func (s *AgentSums) countSpan(p *span) {
	switch p.kind {
	case spanOffer:
		s.Offers++
		return
	case spanAnswered:
		s.Answered++
	case spanDeclined:
		s.Declined++
	case spanMissed:
		s.NotAnswered++
	case spanHandled:
		s.Handled++
		s.HandleSum += p.to - p.from
		return
	default:
		return
	}
	s.Offers++
	s.RingSum += p.to - p.from
}

// hash tells sums of one row apart, with the names beside them (FNV-1a, by words).
func (r *AgentIntervalRow) hash() uint64 {
	const prime = 1099511628211
	h := uint64(14695981039346656037)
	for _, n := range r.Sums.fields() {
		h = (h ^ uint64(*n)) * prime
		h ^= h >> 29
	}
	for _, name := range [2]string{r.AgentName, r.QueueName} {
		for i := range len(name) {
			h = (h ^ uint64(name[i])) * prime
		}
		h = (h ^ 0xFF) * prime
	}
	return h
}

// drawTimeline draws the agent's timeline and puts the rows that have changed where the next Drain finds them.
func (a *agent) drawTimeline() {
	h, o := &a.history, a.org
	h.dirty = false
	if h.from == 0 {
		return
	}
	t := &o.c.timeline
	t.gather(a)
	t.cut()
	t.sum()
	h.changedFrom, h.mid, h.midAt = never, t.mid, t.midAt
	n := 0
	for n < len(h.rows) && h.rows[n].start() < t.from {
		n++
	}
	t.keys = append(t.keys[:0], h.rows[:n]...)
	old := h.rows[n:]
	for i := range t.rows {
		row := a.interval(&t.rows[i])
		key := agentRowKey{quarter: int32(row.IntervalStart / intervalUs), queue: t.rows[i].queue}
		for len(old) > 0 && old[0].before(&key) {
			a.dropRow(&old[0])
			old = old[1:]
		}
		if !o.c.restoring { // what is restored is written with the next Drain
			key.hash = row.hash()
		}
		if len(old) > 0 && !key.before(&old[0]) {
			if old[0].hash != key.hash {
				a.writeRow(row)
			}
			old = old[1:]
		} else {
			a.writeRow(row)
		}
		t.keys = append(t.keys, key)
	}
	for i := range old {
		a.dropRow(&old[i])
	}
	before := cap(h.rows)
	h.rows = append(h.rows[:0], t.keys...)
	o.c.historyBytes += int64(cap(h.rows)-before) * agentRowBytes
	a.wakeAtBoundary(t)
	a.thaw()
}

func (k *agentRowKey) before(l *agentRowKey) bool {
	return k.quarter < l.quarter || k.quarter == l.quarter && k.queue < l.queue
}

func (a *agent) writeRow(row AgentIntervalRow) {
	if c := a.org.c; !c.restoring {
		c.pending.AgentIntervals = append(c.pending.AgentIntervals, row)
	}
}

func (a *agent) dropRow(k *agentRowKey) {
	a.writeRow(AgentIntervalRow{Deleted: true, OrganizationID: a.org.id, IntervalStart: k.start(), AgentID: a.id,
		QueueID: a.org.queueID(k.queue)})
}

func (a *agent) interval(q *agentQuarter) AgentIntervalRow {
	last := q.start + intervalUs - 1
	row := AgentIntervalRow{OrganizationID: a.org.id, IntervalStart: q.start, AgentID: a.id, AgentName: a.names.at(last), Sums: q.sums}
	if q.queue != 0 {
		queue := a.org.queues[q.queue-1]
		row.QueueID, row.QueueName = queue.id, queue.names.at(last)
	}
	return row
}

// wakeAtBoundary has the quarter of an hour that runs completed at its end, if it has or will have a row.
func (a *agent) wakeAtBoundary(t *timeline) {
	h, start := &a.history, quarterOf(t.now)
	n, m := len(h.rows), len(t.pieces)
	if h.boundary == start+intervalUs || idle(t.pieces[m-1].state) && (n == 0 || h.rows[n-1].start() < start) {
		return
	}
	h.boundary = start + intervalUs
	a.org.timers.push(timer{due: h.boundary*10 - 1, ref: a.index, kind: timerInterval})
}

// wakeInterval draws the timeline when a quarter of an hour has passed.
func (a *agent) wakeInterval(due int64) {
	if h := &a.history; h.boundary*10-1 == due {
		h.boundary = 0
		a.markTimeline(never)
	}
}
