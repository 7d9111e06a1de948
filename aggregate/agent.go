package aggregate

import (
	"cmp"
	"slices"
	"strings"

	"github.com/google/uuid"

	"ringside/ingest"
)

// agent is one user, as far as QueueStatus needs it.
type agent struct {
	id    uuid.UUID
	org   *org
	index uint32
	names names
	seen  sightings

	status       stamped[ingest.UserState]
	availability stamped[availability]
	wrapUp       stamped[wrapState]
	segments     instants // µs at which segments of held calls began or ended
	lastSegment  int64    // the same of calls that were let go, the greatest
	lastEvent    int64    // ticks
	queues       []uint32 // indexes of the queues it is in members of, ascending

	talking, held, ringing int32 // from the facts of open calls

	channels []agentChannel // by name

	acts  []int64 // ticks of recent call events, ascending: the ends of wrap-ups without Terminated
	wraps []agentWrap

	dirty, dimDirty, stale bool
	unsaved                bool
	state                  AgentState
	stateSince             int64
	talkingSince           int64 // ticks of the running clock; 0: not talking
	silence                int64 // ticks; when it is looked whether anything was heard, 0: never
	history                history
}

// wrapState is what the agent's last wrap-up event says.
type wrapState struct {
	on    bool
	until int64 // ticks; the agent's next call event, or the longest it may last
}

type availability struct {
	name       string
	start, end int64 // ticks
	reason     string
}

type callRef struct{ ref, gen uint32 }

// agentWrap is a wrap-up of the agent that its next call event may end.
type agentWrap struct {
	call        callRef
	start, next int64 // ticks; next: the agent's next call event, 0: none yet
}

// member is an agent's attachment to a queue.
type member struct {
	agent   uint32
	own     stamped[membership] // from UserQueueAttached
	listed  membership          // from the queue's last QueueAttachedUsers
	figures agentFigures        // what it adds to the queue
}

type membership struct{ attached, active bool }

// agentFigures are the agent columns of QueueStatus.
type agentFigures struct {
	checkedIn, longAway, shortAway, wrapUp, fetchMode, free, freeInFetchMode, stale int32
}

func (f *agentFigures) add(g *agentFigures, n int32) {
	f.checkedIn += n * g.checkedIn
	f.longAway += n * g.longAway
	f.shortAway += n * g.shortAway
	f.wrapUp += n * g.wrapUp
	f.fetchMode += n * g.fetchMode
	f.free += n * g.free
	f.freeInFetchMode += n * g.freeInFetchMode
	f.stale += n * g.stale
}

// figuresOf returns what an attached agent adds to a queue (METRICS.md, section 5).
func figuresOf(a *agent, m membership) agentFigures {
	var f agentFigures
	st := &a.status.value
	known := a.status.at != 0
	if !m.attached || !m.active || known && !st.Serving {
		return f
	}
	f.checkedIn = 1
	wrapUp := a.inWrapUp()
	long := known && (!st.Available || !st.Schedule || st.ServiceTerminals == 0)
	short := !long && (known && st.ParkedCalls > 0 || a.isTalking() || wrapUp)
	away := long || short
	set := func(n *int32, on bool) {
		if on {
			*n = 1
		}
	}
	set(&f.longAway, long)
	set(&f.shortAway, short)
	set(&f.wrapUp, wrapUp)
	set(&f.fetchMode, st.FetchMode)
	set(&f.free, known && st.CanBeAllocatedTo && !away && !st.FetchMode)
	set(&f.freeInFetchMode, known && st.FetchMode && !away)
	set(&f.stale, a.stale)
	return f
}

// inWrapUp tells whether the agent is in wrap-up: of UserStatus and the wrap-up events, the later wins.
func (a *agent) inWrapUp() bool {
	if micros(a.wrapUp.at) > micros(a.status.at) {
		return a.wrapUp.value.on && a.org.now < a.wrapUp.value.until
	}
	st := &a.status.value
	return st.WrapUpStart != ingest.Unset && (st.WrapUpEnd == ingest.Unset || a.org.now < int64(st.WrapUpEnd))
}

// isTalking tells whether the agent has a call: of UserStatus and what calls say, the later wins.
func (a *agent) isTalking() bool {
	if max(a.segments.last(), a.lastSegment) > micros(a.status.at) {
		return a.talking > 0
	}
	return a.status.value.Talking
}

// currentState returns the first state of METRICS.md, section 7, that holds.
func (a *agent) currentState() AgentState {
	st, known := &a.status.value, a.status.at != 0
	talking := a.isTalking()
	switch {
	case talking && a.held > 0:
		return AgentHold
	case talking && (a.talking > 0 || a.ringing == 0):
		return AgentTalking
	case a.ringing > 0:
		return AgentRinging
	case a.inWrapUp():
		return AgentWrapUp
	}
	av := a.availabilityNow()
	switch {
	case a.offWork():
		return AgentOffWork
	case av != "" && !strings.EqualFold(av, "Available"), av == "" && known && !st.Available:
		return AgentAway
	case known || av != "":
		return AgentAvailable
	}
	return AgentUnknown
}

func (a *agent) offWork() bool {
	av := a.availabilityNow()
	return strings.EqualFold(av, "OffWork") || av == "" && a.status.at != 0 && !a.status.value.Schedule
}

// availabilityNow returns the availability that holds at the running clock, "" if none does.
func (a *agent) availabilityNow() string {
	v := &a.availability
	if v.at == 0 || a.org.now < max(v.at, v.value.start) || a.org.now >= v.value.end {
		return ""
	}
	return v.value.name
}

// acted remembers a call event of the agent and cuts the wrap-ups that it ends.
func (a *agent) acted(at int64) {
	i := len(a.acts)
	for i > 0 && a.acts[i-1] > at {
		i--
	}
	if i > 0 && a.acts[i-1] == at {
		return
	}
	a.org.c.changes.agent(a)
	a.acts = append(a.acts, 0)
	copy(a.acts[i+1:], a.acts[i:])
	a.acts[i] = at
	if oldest := int64(a.org.horizon) - ticksOf(a.org.c.set.Lateness); len(a.acts) >= 32 && a.acts[len(a.acts)/2] < oldest {
		a.acts = append(a.acts[:0], a.acts[len(a.acts)/2:]...)
	}
	if a.wrapUp.value.on && at > a.wrapUp.at && at < a.wrapUp.value.until {
		a.wrapUp.value.until = at
		a.refresh()
	}
	a.cutWrapUps(at)
}

// cutWrapUps tells the calls whose wrap-ups the call event at ticks ends. A wrap-up with an earlier call event after it
// has none before it that this one could end.
func (a *agent) cutWrapUps(at int64) {
	for i := len(a.wraps) - 1; i >= 0; i-- {
		w := &a.wraps[i]
		if w.start >= at {
			continue
		}
		if w.next != 0 && w.next <= at {
			return
		}
		w.next = at
		a.org.c.endWrapUp(w.call, a, w.start, at)
	}
}

// addWrapUp keeps a wrap-up in order of start, and drops the oldest when no event can end them any more: none is accepted
// that is older than the lateness.
func (a *agent) addWrapUp(w agentWrap) {
	oldest, n := int64(a.org.horizon)-ticksOf(a.org.c.set.Lateness), 0
	for n < len(a.wraps) && (a.wraps[n].next != 0 && a.wraps[n].next <= oldest || a.org.c.held(a.wraps[n].call) == nil) {
		n++
	}
	if n > 0 && n >= len(a.wraps)/2 {
		a.wraps = append(a.wraps[:0], a.wraps[n:]...)
	}
	a.wraps = append(a.wraps, w)
	for i := len(a.wraps) - 1; i > 0 && a.wraps[i-1].start > a.wraps[i].start; i-- {
		a.wraps[i-1], a.wraps[i] = a.wraps[i], a.wraps[i-1]
	}
}

// nextAct returns the agent's first call event after at, 0 if none is known.
func (a *agent) nextAct(at int64) int64 {
	for i := len(a.acts) - 1; i >= 0; i-- {
		if a.acts[i] <= at {
			if i+1 < len(a.acts) {
				return a.acts[i+1]
			}
			return 0
		}
	}
	if len(a.acts) > 0 {
		return a.acts[0]
	}
	return 0
}

// refresh recomputes what the agent adds to its queues, after anything about it has changed.
func (a *agent) refresh() {
	a.org.c.changes.agent(a)
	a.stale = a.unheard() && !a.offWork()
	if s := a.currentState(); s != a.state && !a.org.c.restoring {
		a.state, a.stateSince = s, a.org.now
		switch talking := s == AgentTalking || s == AgentHold; {
		case !talking:
			a.talkingSince = 0
		case a.talkingSince == 0:
			a.talkingSince = a.org.now
			a.wakeAt(a.stuckAt())
		}
	}
	for _, qi := range a.queues {
		a.org.queues[qi].refreshMember(a)
	}
	if !a.dirty {
		a.dirty = true
		a.org.c.dirtyAgents = append(a.org.c.dirtyAgents, a)
	}
}

func (a *agent) row() AgentStatusRow {
	st := &a.status.value
	r := AgentStatusRow{OrganizationID: a.org.id, AgentID: a.id, AgentName: a.names.last(), ObservedAt: micros(a.org.now),
		State: a.state, StateSince: micros(a.stateSince), Availability: a.availabilityNow(),
		Serving: st.Serving || a.status.at == 0, FetchMode: st.FetchMode, Stale: a.stale,
		Stuck:           a.talkingSince != 0 && a.org.now >= a.stuckAt(),
		ImmediatelyFree: figuresOf(a, membership{true, true}).free > 0}
	if r.Availability != "" {
		r.AvailabilityReason = a.availability.value.reason
	}
	r.Channels = a.channelStates()
	r.QueueID = a.org.queueID(a.calling())
	return r
}

// member finds or creates the agent's place in the queue's list of members, sorted by agent.
func (q *queue) member(a *agent) *member {
	i, found := findMember(q.members, a.index)
	if !found {
		q.members = slices.Insert(q.members, i, member{agent: a.index})
		q.joined(a)
	}
	return &q.members[i]
}

func findMember(members []member, agent uint32) (int, bool) {
	return slices.BinarySearchFunc(members, agent, func(m member, agent uint32) int { return cmp.Compare(m.agent, agent) })
}

// addMembers makes places for all agents of a list at once: one by one, tens of thousands would be moved for each.
func (q *queue) addMembers(list []attachment) {
	known := len(q.members)
	for _, e := range list {
		if _, found := findMember(q.members[:known], e.agent); !found {
			q.members = append(q.members, member{agent: e.agent})
		}
	}
	byAgent := func(a, b member) int { return cmp.Compare(a.agent, b.agent) }
	added := q.members[known:]
	slices.SortFunc(added, byAgent)
	added = slices.CompactFunc(added, func(a, b member) bool { return a.agent == b.agent })
	for i := range added {
		q.joined(q.org.agents[added[i].agent])
	}
	q.members = q.members[:known+len(added)]
	if len(added) > 0 {
		slices.SortFunc(q.members, byAgent)
	}
}

// joined notes that a has become one of the queue's members.
func (q *queue) joined(a *agent) {
	q.org.c.sizes.Members++
	q.org.c.changes.membersOf(q)
	i, _ := slices.BinarySearch(a.queues, q.index)
	a.queues = slices.Insert(a.queues, i, q.index)
}

// membershipOf combines the queue's last list with what has been said of the one agent since.
func (q *queue) membershipOf(m *member) membership {
	if m.own.at != 0 && (q.list.at == 0 || !q.list.supersedes(m.own.at, m.own.id)) {
		return m.own.value
	}
	return m.listed
}

func (s *stamped[T]) supersedes(at int64, id uuid.UUID) bool {
	other := stamped[struct{}]{at: at, id: id}
	return other.yields(s.at, s.id)
}

func (q *queue) refreshMember(a *agent) {
	m := q.member(a)
	figures := figuresOf(a, q.membershipOf(m))
	if figures == m.figures {
		return
	}
	q.agents.add(&m.figures, -1)
	q.agents.add(&figures, 1)
	m.figures = figures
	q.markStatus()
}

// attach takes in a UserQueueAttached.
func (q *queue) attach(a *agent, ms membership, at int64, id uuid.UUID) {
	if q.member(a).own.set(ms, at, id) {
		q.org.c.changes.membersOf(q)
		q.refreshMember(a)
		a.markDim()
	}
}

// attachList takes in a QueueAttachedUsers that names its users.
func (q *queue) attachList(list []attachment, at int64, id uuid.UUID) {
	if !q.list.set(list, at, id) {
		return
	}
	q.org.c.changes.membersOf(q)
	for i := range q.members {
		q.members[i].listed = membership{}
	}
	q.addMembers(list)
	for _, e := range list {
		q.member(q.org.agents[e.agent]).listed = membership{true, e.active}
	}
	for i := range q.members {
		a := q.org.agents[q.members[i].agent]
		q.refreshMember(a)
		a.markDim()
	}
}

func (a *agent) markDim() {
	if !a.dimDirty {
		a.dimDirty = true
		a.org.c.dirtyAgentDims = append(a.org.c.dirtyAgentDims, a)
	}
}
