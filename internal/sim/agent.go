package sim

import (
	"time"

	"github.com/google/uuid"

	"ringside/ingest"
)

// agent is one user at work.
type agent struct {
	cfg    *Agent
	org    *centre
	id     uuid.UUID
	text   string
	name   string
	number string
	zone   *time.Location
	queues []*queue

	onDuty, serving bool
	availability    string
	terminals       int
	parked          int
	talking         bool // a call of any kind, ringing included
	talkingChanged  ingest.Time
	activeQueue     *queue
	wrapFrom        ingest.Time // 0: not in wrap-up
	wrapUntil       ingest.Time
	resting         bool // takes a breath: the router leaves the agent alone, no message says so
	fetch           bool
	idleSince       ingest.Time
	openWrap        *wrap
	history         []snapshot
	told            []said  // availabilities
	asked           []asked // for calls
	heard           []int64 // µs of every message about the agent
}

// snapshot is what one UserStatus said.
type snapshot struct {
	at ingest.Time
	ingest.UserState
}

func newAgent(s *Sim, o *centre, index int, cfg *Agent) *agent {
	a := &agent{
		cfg: cfg, org: o, id: deriveID(s.cfg.Seed, kindAgent, o.index, index), name: cfg.Name, number: cfg.Number,
		zone: location(cfg.Region), terminals: 1, fetch: cfg.Fetch, availability: "OffWork", serving: false,
	}
	a.text = a.id.String()
	return a
}

// ready tells whether a call can be offered to the agent.
func (a *agent) ready() bool { return !a.resting && a.free() }

// free is what UserStatus calls CanBeAllocatedTo.
func (a *agent) free() bool {
	return a.onDuty && a.serving && a.availability == "Available" && a.terminals > 0 && a.parked == 0 && !a.talking &&
		a.wrapFrom == 0
}

// leg names the agent's leg in a call.
func (a *agent) leg(c *call) string {
	if c.text == "" {
		return ""
	}
	return c.text[:8] + "-" + a.text[:8] + "@agent"
}

// idleAgent returns someone on duty who does nothing, other than except; nil if there is nobody.
func (o *centre) idleAgent(except *agent) (best *agent) {
	for _, a := range o.agents {
		if a != except && a.ready() && (best == nil || a.idleSince < best.idleSince) {
			best = a
		}
	}
	return best
}

// engage marks the agent as busy with a call from now on.
func (s *Sim) engage(a *agent, q *queue) {
	a.talking, a.talkingChanged, a.activeQueue = true, s.now, q
	s.touch(a)
}

// leave marks the agent's call as over.
func (s *Sim) leave(a *agent) {
	a.talking, a.talkingChanged, a.activeQueue, a.idleSince = false, s.now, nil, s.now
	s.touch(a)
}

// rest frees the agent, who takes the next call only after delay seconds.
func (s *Sim) rest(a *agent, delay float64) {
	a.resting = true
	if a.talking {
		s.leave(a)
	} else {
		s.touch(a)
	}
	s.in(delay, func() {
		a.resting = false
		s.lookForWork(a)
	})
}

// touch sends a UserStatus if anything in it has changed. Its stamp lies a tick after what it follows from, so that it
// has the last word.
func (s *Sim) touch(a *agent) {
	if s.cfg.Mute {
		return
	}
	st := a.state()
	at := s.now + 1
	if n := len(a.history); n > 0 {
		if a.history[n-1].UserState == st {
			return
		}
		at = max(at, a.history[n-1].at+1)
	}
	if s.cfg.Forget {
		a.history = a.history[:0]
	}
	a.history = append(a.history, snapshot{at, st})
	s.send(&message{typ: ingest.UserStatus, at: at, org: a.org, user: a, body: func(b []byte) []byte {
		return s.w.userStatus(b, a, &st)
	}})
}

func (a *agent) state() ingest.UserState {
	st := ingest.UserState{
		CanBeAllocatedTo: a.free(), Talking: a.talking, Available: a.availability == "Available",
		Schedule: a.availability != "OffWork", Serving: a.serving, ServingCallback: a.serving && a.cfg.Callback,
		FetchMode: a.fetch, ServiceTerminals: int32(a.terminals), ParkedCalls: int32(a.parked),
		TalkingStatusChanged: a.talkingChanged, WrapUpStart: a.wrapFrom, WrapUpEnd: a.wrapUntil,
	}
	for _, q := range a.queues {
		if q.has(a) {
			st.ActiveQueues++
		}
	}
	if a.activeQueue != nil {
		st.ActiveQueueID = a.activeQueue.id
	}
	return st
}

// stateAt is the agent's last UserStatus stamped up to t.
func (a *agent) stateAt(t ingest.Time) *ingest.UserState {
	lo, hi := 0, len(a.history)
	for lo < hi {
		if mid := (lo + hi) / 2; a.history[mid].at <= t {
			lo = mid + 1
		} else {
			hi = mid
		}
	}
	if lo == 0 {
		return &ingest.UserState{Serving: true}
	}
	return &a.history[lo-1].UserState
}
