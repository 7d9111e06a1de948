package sim

import (
	"math/rand/v2"
	"time"

	"github.com/google/uuid"

	"ringside/ingest"
)

// Sim is a running simulation. It is not safe for concurrent use.
type Sim struct {
	cfg   Config
	now   ingest.Time
	end   ingest.Time
	plans timeline[func()]
	out   timeline[Event]
	rng   *rand.Rand // what happens
	noise *rand.Rand // what is told besides; the truth does not depend on it
	w     writer

	centres []*centre
	visits  []*Visit
	orphans []Orphan
	under   int // calls, wrap-ups and callbacks under way
	calls   int64
	settled bool
}

// centre is one organization at work.
type centre struct {
	cfg         *Organization
	index       int
	id          uuid.UUID
	text        string
	queues      []*queue
	agents      []*agent
	supervisors []*agent
	lists       []*callList
	emitted     int64
	last        int64    // µs; the greatest stamp of a message
	dirty       []*Visit // changed since the vendor last counted
}

// queue is one service queue at work.
type queue struct {
	cfg       *Queue
	org       *centre
	index     int
	id        uuid.UUID
	text      string
	name      string // escaped
	plainName string
	number    string
	zones     []zoneChange
	members   []*member
	roster    []rosterChange
	told      []description // by QueueChanged
	line      []*Visit
	open      []*Visit // not ended, or taken for overflowed only
	visits    []*Visit
	groups    []group
	openness  []opennessChange
	days      map[int32]*dayFigures
	published bool
	last      [15]int64 // the figures published last
}

type zoneChange struct {
	at   int64
	loc  *time.Location
	name string
}

type group struct {
	id   uuid.UUID
	name string
}

// member is an agent's place in a queue.
type member struct {
	agent            *agent
	attached, active bool
}

// rosterChange is one entry of a queue's history of members.
type rosterChange struct {
	at               ingest.Time
	agent            *agent
	attached, active bool
}

// opennessChange notes an Arrived (open) or a ScheduleClosed.
type opennessChange struct {
	at   int64
	open bool
}

// New returns a simulation at its start.
func New(cfg Config) *Sim {
	cfg = resolve(cfg)
	s := &Sim{
		cfg: cfg, now: ingest.FromGo(cfg.Start),
		rng:   rand.New(rand.NewPCG(cfg.Seed, 1)),
		noise: rand.New(rand.NewPCG(cfg.Seed, 2)),
	}
	s.w.ids.state = mix(cfg.Seed ^ 0x1d5)
	if cfg.Vendor.LocalZone != "" {
		s.w.clock.local = location(cfg.Vendor.LocalZone)
	}
	s.end = ingest.OpenEnded
	if !cfg.End.IsZero() {
		s.end = ingest.FromGo(cfg.End)
	}
	for i := range s.cfg.Organizations {
		s.centres = append(s.centres, s.newCentre(i))
	}
	for _, o := range s.centres {
		s.announce(o)
		s.startArrivals(o)
		s.startAgents(o)
		s.startVendor(o)
	}
	return s
}

func (s *Sim) newCentre(i int) *centre {
	cfg := &s.cfg.Organizations[i]
	o := &centre{cfg: cfg, index: i, id: cfg.ID, text: cfg.ID.String()}
	for j := range cfg.Queues {
		q := &queue{cfg: &cfg.Queues[j], org: o, index: j, id: queueID(s.cfg.Seed, i, j), days: map[int32]*dayFigures{}}
		q.text, q.plainName, q.name, q.number = q.id.String(), q.cfg.Name, quoted(q.cfg.Name), q.cfg.Number
		q.zones = []zoneChange{{0, location(q.cfg.Region), q.cfg.Region}}
		for _, g := range q.cfg.Groups {
			q.groups = append(q.groups, group{groupID(s.cfg.Seed, i, g), g})
		}
		o.queues = append(o.queues, q)
	}
	for j := range cfg.Agents {
		a := newAgent(s, o, j, &cfg.Agents[j])
		o.agents = append(o.agents, a)
		for _, k := range cfg.Agents[j].Queues {
			q := o.queues[k]
			q.members = append(q.members, &member{agent: a, attached: true, active: true})
			a.queues = append(a.queues, q)
		}
	}
	for j := range 2 {
		a := newAgent(s, o, 100_000+j, &Agent{Name: []string{"supervisor.one@example.com", "supervisor.two@example.com"}[j]})
		o.supervisors = append(o.supervisors, a)
	}
	for j := range cfg.CallLists {
		o.lists = append(o.lists, newCallList(s, o, j))
	}
	return o
}

// location resolves a region of the Config; a wrong one is a programming error.
func location(region string) *time.Location {
	if region == "" {
		return time.UTC
	}
	l, err := time.LoadLocation(region)
	if err != nil {
		panic("BUG: unknown zone in sim.Config: " + region)
	}
	return l
}

// zoneAt is the queue's zone for a visit that begins at µs.
func (q *queue) zoneAt(us int64) zoneChange {
	z := q.zones[0]
	for _, c := range q.zones[1:] {
		if c.at <= us {
			z = c
		}
	}
	return z
}

// Now returns the simulated time: nothing later has happened yet.
func (s *Sim) Now() ingest.Time { return s.now }

// Next returns the next event in order of time, and false when the run is over. With Config.Mute it runs to the end.
func (s *Sim) Next() (Event, bool) {
	for {
		if s.out.len() > 0 && (s.plans.len() == 0 || s.out.next() <= s.plans.next()) {
			return s.out.pop(), true
		}
		if s.plans.len() == 0 {
			if s.settle() {
				continue
			}
			return Event{}, false
		}
		s.now = s.plans.next()
		s.plans.pop()()
	}
}

// Until appends to dst the events stamped up to t. The simulation then stands at t, so that Truth and StatusAt speak of
// exactly what has been returned.
func (s *Sim) Until(t ingest.Time, dst []Event) []Event {
	for {
		for s.out.len() > 0 && s.out.next() <= t && (s.plans.len() == 0 || s.out.next() <= s.plans.next()) {
			dst = append(dst, s.out.pop())
		}
		if s.plans.len() == 0 && s.out.len() == 0 && s.settle() {
			continue
		}
		if s.plans.len() == 0 || s.plans.next() > t {
			s.now = max(s.now, t)
			return dst
		}
		s.now = s.plans.next()
		s.plans.pop()()
	}
}

// All runs to the end and returns every event. Config.End must be set.
func (s *Sim) All() (events []Event) {
	if s.end == ingest.OpenEnded {
		panic("BUG: sim.All of a run without end")
	}
	for {
		ev, ok := s.Next()
		if !ok {
			return events
		}
		events = append(events, ev)
	}
}

// settle sends the message that moves every organization's horizon past what silence decides.
func (s *Sim) settle() bool {
	if s.settled || !s.cfg.Settle {
		return false
	}
	s.settled = true
	at := s.now.Add(14 * time.Hour)
	for _, o := range s.centres {
		s.send(&message{typ: ingest.UserSetting, at: at, org: o, user: o.supervisors[0], keyword: "Night", value: "1"})
	}
	s.plans.add(at, func() {})
	return true
}

// over reports whether nobody calls any more and everything under way has ended.
func (s *Sim) over() bool { return s.now >= s.end && s.under == 0 }

// done takes one thing off what is under way.
func (s *Sim) done() {
	if s.under--; s.under < 0 {
		panic("BUG: something under way ended twice")
	}
}

// send writes a message that is no call's fact.
func (s *Sim) send(m *message) uuid.UUID {
	if m.at == 0 {
		m.at = s.now
	}
	m.org.emitted++
	m.org.last = max(m.org.last, m.at.Micros())
	if s.cfg.Mute {
		return uuid.Nil
	}
	if m.user != nil && !s.cfg.Forget {
		m.user.note(m)
	}
	text, id := s.w.write(m)
	s.out.add(m.at, Event{At: m.at, Type: m.typ, Topic: wires[m.typ].topic, Org: m.org.id, ID: id, JSON: text})
	return id
}

// fact writes a message about a call, and keeps what silence is measured from.
func (s *Sim) fact(m *message) uuid.UUID {
	if m.at == 0 {
		m.at = s.now
	}
	c, at := m.call, m.at.Micros()
	if !c.begun {
		c.begun, c.first = true, at
	}
	c.last = max(c.last, at)
	if m.user != nil {
		m.user.endWrap(s, at)
	}
	return s.send(m)
}

// micros is now in µs, the precision of the truth.
func (s *Sim) micros() int64 { return s.now.Micros() }

// newCall makes a call from outside.
func (s *Sim) newCall(o *centre, to string) *call {
	s.calls++
	c := &call{org: o, id: makeID(mix(s.cfg.Seed^uint64(s.calls)<<20), mix(uint64(s.calls)^s.cfg.Seed<<7)), to: to}
	if !s.cfg.Mute {
		c.text, c.leg, c.from = c.id.String(), s.newLeg(), callerNumber(s.noise.Uint64())
	}
	s.under++
	return c
}

func (s *Sim) newLeg() string {
	x := s.noise.Uint64()
	b := make([]byte, 0, 24)
	for i := range 16 {
		b = append(b, hexDigits[x>>(4*i)&15])
	}
	return string(append(b, "@core"...))
}

func callerNumber(x uint64) string {
	b := []byte("+35840")
	for range 7 {
		b = append(b, byte('0'+x%10))
		x /= 10
	}
	return string(b)
}
