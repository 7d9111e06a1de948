package sim

import (
	"time"

	"github.com/google/uuid"

	"ringside/aggregate"
	"ringside/ingest"
)

// LoadConfig describes a stream made for speed: the shapes and sizes of real events, lifelike calls, but no model of
// agents and no record of each call.
type LoadConfig struct {
	Seed          uint64
	Start         time.Time
	Organizations int
	Queues        int           // per organization
	Agents        int           // per organization
	Calls         int           // calls under way at once, over all organizations
	Step          time.Duration // from one event to the next
}

// LoadStream is an endless stream of events in order of time. The same LoadConfig gives the same bytes.
type LoadStream struct {
	cfg   LoadConfig
	w     writer
	orgs  []*centre
	calls []loadCall
	at    ingest.Time
	next  int
	made  uint64
	count LoadCount
}

// LoadCount is what the events given so far must add up to.
type LoadCount struct {
	Events, Begun, Arrived, Answered, Abandoned int64
}

// loadCall is one place for a call; when one ends, the next takes its place.
type loadCall struct {
	call
	queue  *queue
	agent  *agent
	script []loadStep
	step   int
}

type loadStep struct {
	typ    ingest.Type
	status func(*ingest.UserState) // for UserStatus: what changes
}

// The lives of a call.
var (
	answeredLife = []loadStep{
		{typ: ingest.QueueCallInComing}, {typ: ingest.QueueCallInSmartRoutingResult}, {typ: ingest.QueueCallInArrived},
		{typ: ingest.QueueCallInUserAllocated},
		{ingest.UserStatus, func(u *ingest.UserState) { u.Talking, u.CanBeAllocatedTo = true, false }},
		{typ: ingest.QueueCallInUserConnected}, {typ: ingest.UserWrapUpEnabled}, {typ: ingest.QueueCallInHoldStart},
		{typ: ingest.QueueCallInHoldEnd}, {typ: ingest.QueueCallInDisconnected}, {typ: ingest.UserWrapUpStarted},
		{ingest.UserStatus, func(u *ingest.UserState) { u.Talking = false }}, {typ: ingest.UserWrapUpTerminated},
		{ingest.UserStatus, func(u *ingest.UserState) { u.CanBeAllocatedTo = true }},
	}
	abandonedLife = []loadStep{
		{typ: ingest.QueueCallInComing}, {typ: ingest.QueueCallBlockingPromptStarted}, {typ: ingest.QueueCallInArrived},
		{typ: ingest.QueueCallInUserAllocated}, {typ: ingest.QueueCallInUserCancelled}, {typ: ingest.QueueCallInDisconnected},
	}
)

// Load returns a stream. Counts of 0 become 1, a Step of 0 becomes 1 ms.
func Load(cfg LoadConfig) *LoadStream {
	cfg.Organizations, cfg.Queues = max(1, cfg.Organizations), max(1, cfg.Queues)
	cfg.Agents, cfg.Calls = max(1, cfg.Agents), max(1, cfg.Calls)
	if cfg.Step <= 0 {
		cfg.Step = time.Millisecond
	}
	l := &LoadStream{cfg: cfg, at: ingest.FromGo(cfg.Start), calls: make([]loadCall, cfg.Calls)}
	l.w.ids.state = mix(cfg.Seed ^ 0x10ad)
	for i := range cfg.Organizations {
		l.orgs = append(l.orgs, loadCentre(&cfg, i))
	}
	for i := range l.calls {
		l.renew(&l.calls[i])
	}
	return l
}

func loadCentre(cfg *LoadConfig, i int) *centre {
	id := deriveID(cfg.Seed, kindOrganization, i, 0)
	o := &centre{index: i, id: id, text: id.String()}
	for j := range cfg.Queues {
		q := &queue{cfg: &Queue{MaxWrap: 60}, org: o, index: j, id: queueID(cfg.Seed, i, j)}
		q.text, q.name, q.number = q.id.String(), "Service queue "+q.id.String()[:4], "+358207"+callerNumber(uint64(j))[6:]
		o.queues = append(o.queues, q)
	}
	for j := range cfg.Agents {
		a := &agent{cfg: &Agent{}, org: o, id: deriveID(cfg.Seed, kindAgent, i, j)}
		a.text = a.id.String()
		a.name, a.number = "agent."+a.text[:8]+"@customer.example", callerNumber(uint64(i)<<20|uint64(j))
		o.agents = append(o.agents, a)
	}
	return o
}

// renew puts a new call into a place.
func (l *LoadStream) renew(c *loadCall) {
	l.made++
	h := mix(l.cfg.Seed ^ l.made<<1)
	o := l.orgs[h%uint64(len(l.orgs))]
	id := makeID(h, mix(h))
	*c = loadCall{queue: o.queues[(h>>20)%uint64(len(o.queues))], agent: o.agents[(h>>40)%uint64(len(o.agents))]}
	c.call = call{org: o, id: id, text: id.String(), from: callerNumber(h >> 7)}
	c.leg, c.to = c.text[24:]+"@core", c.queue.number
	c.script = answeredLife
	if h%10 == 0 {
		c.script = abandonedLife
	}
}

// Next appends the next event's JSON to dst. The Event's JSON is that part of the returned slice.
func (l *LoadStream) Next(dst []byte) (Event, []byte) {
	c := &l.calls[l.next]
	if c.step == len(c.script) {
		l.renew(c)
	}
	st := c.script[c.step]
	c.step++
	l.next++
	if l.next == len(l.calls) {
		l.next = 0
	}
	l.at += ingest.Time(l.cfg.Step / 100)
	m := message{typ: st.typ, at: l.at, org: c.org, call: &c.call, queue: c.queue, user: c.agent, priority: aggregate.Null}
	l.fill(&m, c, st)
	from := len(dst)
	dst, id := l.w.append(dst, &m)
	l.count.Events++
	return Event{At: l.at, Type: st.typ, Topic: wires[st.typ].topic, Org: c.org.id, ID: id, JSON: dst[from:]}, dst
}

// fill sets what an event of the script says besides, and counts it.
func (l *LoadStream) fill(m *message, c *loadCall, st loadStep) {
	switch st.typ {
	case ingest.QueueCallInComing:
		l.count.Begun++
	case ingest.QueueCallInArrived:
		l.count.Arrived++
	case ingest.QueueCallInUserConnected:
		m.agLeg = c.text[:12] + "@agent"
		l.count.Answered++
	case ingest.QueueCallInDisconnected:
		m.reason, m.tech = "remote", "normal_clearing"
		if len(c.script) == len(abandonedLife) {
			l.count.Abandoned++
		}
	case ingest.QueueCallInUserCancelled:
		m.reason, m.detail = "remote", "NoAnswer"
	case ingest.QueueCallBlockingPromptStarted:
		m.reason, m.detail = "MandatoryEnter", "PRO_Enter"
	case ingest.QueueCallInSmartRoutingResult:
		m.value, m.priority = "OK", int(l.made%9)
	case ingest.UserWrapUpEnabled, ingest.UserWrapUpStarted:
		m.number = 60
	case ingest.UserWrapUpTerminated:
		m.number, m.reason = 20, "manual"
	case ingest.UserStatus:
		u := ingest.UserState{Available: true, Schedule: true, Serving: true, ServiceTerminals: 1, ActiveQueues: 3}
		st.status(&u)
		if u.Talking {
			u.ActiveQueueID, u.TalkingStatusChanged = c.queue.id, l.at
		}
		m.body = func(b []byte) []byte { return l.w.userStatus(b, c.agent, &u) }
	}
}

// Count returns what the events so far must add up to.
func (l *LoadStream) Count() LoadCount { return l.count }

// Organizations returns the ids of the organizations.
func (l *LoadStream) Organizations() (ids []uuid.UUID) {
	for _, o := range l.orgs {
		ids = append(ids, o.id)
	}
	return ids
}
