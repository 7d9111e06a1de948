package aggregate

import "ringside/ingest"

// stay is one stay of a call at one place while its facts are folded: a visit of a queue, an outbound or callback call,
// or a time directly with a user. Times are µs, agents are indexes + 1.
type stay struct {
	queue     uint32 // index + 1; 0: none
	direction Direction
	ordinal   uint16
	channel   ingest.Channel
	open      bool
	implicit  bool // ended by the call turning up elsewhere; an explicit end may still decide how
	left      bool // ended because all agents had left: nothing tells where the caller is
	outcome   Outcome
	transfer  Transfer
	flags     Flags

	begun, arrived, accepted, answered, ended int64
	endTicks                                  int64

	// The accumulators run up to clock.
	clock                                  int64
	wait, prompt, paused, ring, talk, hold int64
	pauseUntil                             int64
	waitless                               bool // the wait is NULL for good

	pending      bool // a transfer was started
	pendingAgent bool // with an agent connected

	owner    uint32 // the user of a direct call, or who made an outbound or callback call
	offers   uint16
	offered  []uint32
	segments []segment
	spans    []span   // the parts of agents: offers, segments, holds
	agents   []served // every agent that was connected, in order of first connection
	agent    uint32   // the last one connected
	atEnd    []uint32 // the agents connected when the stay ended
	hungUp   bool     // ended by a Disconnected
	local    bool     // whose Reason was local

	wraps       []wrapUp
	wrap        int64
	wrapRunning bool

	// Facts that give the row its texts, as indexes + 1.
	endFact, overflowFact, targetFact, callbackFact, priorityFact, callerFact int32
	ivrFacts                                                                  []int32
	supervisor                                                                uint32
}

type segment struct {
	agent uint32
	held  bool
}

// served is an agent who was connected, and when a segment of that agent last began or ended, µs.
type served struct {
	agent uint32
	at    int64
}

type wrapUp struct {
	agent  uint32
	start  int64 // µs
	max    int32 // seconds; Null: not told
	next   int64 // ticks; the agent's next call event, 0: none yet
	closed bool

	end     int64 // µs; stillRuns: not yet
	length  int64 // µs; of what has ended
	running bool  // it may yet grow
}

func (s *stay) reset() {
	*s = stay{offered: s.offered[:0], segments: s.segments[:0], agents: s.agents[:0], wraps: s.wraps[:0], ivrFacts: s.ivrFacts[:0],
		atEnd: s.atEnd[:0], spans: s.spans[:0]}
}

// advance lets time pass up to t µs.
func (s *stay) advance(t int64) {
	dt := t - s.clock
	if dt <= 0 {
		return
	}
	if s.accepted != 0 && s.answered == 0 {
		if p := min(t, s.pauseUntil) - s.clock; p > 0 {
			s.paused += p
			s.wait += dt - p
		} else {
			s.wait += dt
		}
	}
	if len(s.offered) > 0 {
		s.ring += dt
	}
	if len(s.segments) > 0 {
		if s.onHold() {
			s.hold += dt
		} else {
			s.talk += dt
		}
	}
	s.clock = t
}

func (s *stay) onHold() bool {
	for _, g := range s.segments {
		if g.held {
			return true
		}
	}
	return false
}

// accept marks the visit as taken into the queue; without an Arrived its wait is unknown.
func (s *stay) accept(t int64, arrived bool) {
	s.advance(t)
	s.pauseUntil = t
	if s.accepted != 0 {
		return
	}
	s.accepted = t
	if arrived {
		s.arrived = t
		s.prompt = t - s.begun
		return
	}
	s.waitless = true
	s.flags |= FlagIncomplete
}

func (s *stay) offer(t int64, agent uint32) {
	s.advance(t)
	for _, a := range s.offered {
		if a == agent {
			return
		}
	}
	s.offered = append(s.offered, agent)
	s.offers++
	s.beginSpan(spanOffer, agent, t)
}

// cancelOffer ends the agent's offer; declined tells whether the agent did.
func (s *stay) cancelOffer(t int64, agent uint32, declined bool) {
	s.advance(t)
	for i, a := range s.offered {
		if a == agent {
			outcome := spanMissed
			if declined {
				outcome = spanDeclined
			}
			s.endSpan(spanOffer, agent, t, outcome)
			s.offered = append(s.offered[:i], s.offered[i+1:]...)
			return
		}
	}
}

func (s *stay) connect(t int64, agent uint32) {
	s.advance(t)
	if s.answered == 0 {
		s.answered, s.outcome = t, Answered
	}
	s.offered = s.offered[:0]
	s.endSpan(spanOffer, agent, t, spanAnswered)
	s.endSpans(spanOffer, t, spanMissed)
	s.agent = agent
	a := s.served(agent)
	if a == nil {
		s.agents = append(s.agents, served{agent: agent, at: t})
		if len(s.agents) > 1 {
			s.flags |= FlagConsulted
		}
	}
	if s.segmentOf(agent) == nil {
		s.segments = append(s.segments, segment{agent: agent})
		s.beginSpan(spanTalk, agent, t)
		if a != nil {
			a.at = t
		}
	}
}

func (s *stay) served(agent uint32) *served {
	for i := range s.agents {
		if s.agents[i].agent == agent {
			return &s.agents[i]
		}
	}
	return nil
}

func (s *stay) segmentOf(agent uint32) *segment {
	for i := range s.segments {
		if s.segments[i].agent == agent {
			return &s.segments[i]
		}
	}
	return nil
}

// setHold begins or ends the hold of an agent's segment; an event that names no agent means the last one.
func (s *stay) setHold(t int64, agent uint32, held bool) {
	if agent == 0 {
		agent = s.agent
	}
	if g := s.segmentOf(agent); g != nil {
		s.advance(t)
		switch {
		case held && !g.held:
			s.beginSpan(spanHold, agent, t)
		case !held && g.held:
			s.endSpan(spanHold, agent, t, spanHold)
		}
		g.held = held
	}
}

func (s *stay) endSegment(t int64, agent uint32) {
	s.advance(t)
	for i := range s.segments {
		if s.segments[i].agent == agent {
			s.segments = append(s.segments[:i], s.segments[i+1:]...)
			s.served(agent).at = t
			s.endSpan(spanHold, agent, t, spanHold)
			s.endSpan(spanTalk, agent, t, spanTalk)
			return
		}
	}
}

// end closes the stay at t µs; unanswered, it gets the outcome given.
func (s *stay) end(ticks, t int64, unanswered Outcome) {
	s.advance(t)
	s.open, s.ended, s.endTicks = false, t, ticks
	for _, g := range s.segments {
		s.atEnd = append(s.atEnd, g.agent)
		s.served(g.agent).at = t
	}
	s.offered, s.segments = s.offered[:0], s.segments[:0]
	s.endSpans(spanOffer, t, spanMissed)
	s.endSpans(spanHold, t, spanHold)
	s.endSpans(spanTalk, t, spanTalk)
	if s.answered == 0 {
		s.outcome = unanswered
	}
}

// decideTransfer sets outcome and transfer of a stay that ended in a transfer.
func (s *stay) decideTransfer() {
	agent := len(s.atEnd) > 0
	if s.pending {
		agent = s.pendingAgent
	}
	if agent {
		s.transfer = TransferUser
		return
	}
	s.transfer = TransferQueue
	if s.answered == 0 {
		s.outcome = Transferred
	}
}

// endTransferred closes the stay with a transfer that was connected.
func (s *stay) endTransferred(ticks, t int64) {
	s.end(ticks, t, OutcomeOpen)
	s.decideTransfer()
}

// endImplicitly closes the stay because the call turned up elsewhere.
func (s *stay) endImplicitly(ticks, t int64) {
	switch {
	case s.direction == Outbound || s.direction == CallbackCall:
		s.end(ticks, t, Rejected)
		s.transfer = TransferUser
	case s.pending:
		s.endTransferred(ticks, t)
	case s.answered != 0:
		s.end(ticks, t, Answered)
		s.transfer = TransferUser
	case s.accepted != 0:
		s.end(ticks, t, Overflowed)
	default:
		s.end(ticks, t, PassedThrough)
	}
	s.implicit = true
}

// waitingSince returns the instant, µs, from which the current wait runs: mandatory prompts move it on. 0: not waiting.
func (s *stay) waitingSince() int64 {
	if !s.open || s.accepted == 0 || s.answered != 0 || s.direction != Inbound {
		return 0
	}
	return s.accepted + s.paused + max(0, s.pauseUntil-s.clock)
}

func (s *stay) findWrap(agent uint32) *wrapUp {
	for i := range s.wraps {
		if s.wraps[i].agent == agent && !s.wraps[i].closed {
			return &s.wraps[i]
		}
	}
	return nil
}
