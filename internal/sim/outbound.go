package sim

import (
	"ringside/aggregate"
	"ringside/ingest"
)

// outTypes are the events of one way of calling out.
type outTypes struct{ going, connected, holdStart, holdEnd, disconnected ingest.Type }

var (
	queueOut = outTypes{ingest.QueueUserCallOutGoing, ingest.QueueUserCallOutConnected, ingest.QueueUserCallOutHoldStart,
		ingest.QueueUserCallOutHoldEnd, ingest.QueueUserCallOutDisconnected}
	callbackOut = outTypes{ingest.CallbackUserCallOutGoing, ingest.CallbackUserCallOutConnected, ingest.CallbackUserCallOutHoldStart,
		ingest.CallbackUserCallOutHoldEnd, ingest.CallbackUserCallOutDisconnected}
	userOut = outTypes{ingest.UserCallOutGoing, ingest.UserCallOutConnected, ingest.UserCallOutHoldStart, ingest.UserCallOutHoldEnd,
		ingest.UserCallOutDisconnected}
)

// callOut lets an agent call somebody in the name of a queue.
func (s *Sim) callOut(a *agent) {
	if !a.ready() || len(a.queues) == 0 {
		return
	}
	q := a.queues[s.rng.IntN(len(a.queues))]
	v := s.outbound(a, queueOut, aggregate.Outbound, q, nil)
	typ := ingest.UserConfigurationSetNextCallOut
	if s.noise.IntN(2) == 0 {
		typ = ingest.UserConfigurationSetNextCallOutRaw
	}
	s.send(&message{typ: typ, org: a.org, user: a, queue: q, toWhomNum: v.call.to, number: 60})
}

// outbound begins a call out and draws what becomes of it.
func (s *Sim) outbound(a *agent, types outTypes, direction aggregate.Direction, q *queue, back *callback) *Visit {
	number := callerNumber(s.noise.Uint64())
	if back != nil {
		number = back.contact
	}
	c := s.newCall(a.org, number)
	if q != nil && !s.cfg.Mute {
		c.from = q.number
	}
	v := &Visit{call: c, queue: q, direction: direction, ordinal: 1, begun: s.micros(), priority: aggregate.Null, handling: a,
		back: back, quiet: true}
	if q != nil {
		c.visit(q)
	}
	if direction != aggregate.Direct { // no row: METRICS.md makes one of the agent's own calls in, not of those out
		s.keep(v)
	}
	s.engage(a, q)
	s.tellOut(v, types.going, "")
	r := &s.cfg.Rates
	ring := s.between(2, 25)
	agentFirst := s.cfg.Vendor.CalleeLeg && direction == aggregate.Outbound
	if agentFirst {
		s.in(.5, func() {
			s.tellOut(v, types.connected, "")
			s.connectOut(v)
		})
	}
	if s.chance(r.OutboundUnanswered) {
		s.in(ring, func() { s.endOut(v, types, aggregate.Rejected) })
		return v
	}
	length := 5 + s.lognormal(90)
	s.in(ring, func() {
		v.reached = s.micros()
		if agentFirst {
			s.tellCallee(v, types.connected)
			s.changed(v)
			return
		}
		s.tellOut(v, types.connected, "")
		s.connectOut(v)
	})
	if s.chance(r.OutboundHold) {
		s.in(ring+length*.3, func() {
			s.tellOut(v, types.holdStart, "")
			v.holds = append(v.holds, span{s.micros(), running})
		})
		s.in(ring+length*s.between(.4, .7), func() {
			s.tellOut(v, types.holdEnd, "")
			v.holds[0].to = s.micros()
		})
	}
	s.in(ring+length, func() { s.endOut(v, types, aggregate.Answered) })
	return v
}

// connectOut is the answer as Ringside takes it.
func (s *Sim) connectOut(v *Visit) {
	at := s.micros()
	v.answered, v.outcome = at, aggregate.Answered
	v.segments = []part{{v.handling, span{at, running}}}
	s.changed(v)
}

// endOut ends a call out; now and then the called one is put into a queue instead.
func (s *Sim) endOut(v *Visit, types outTypes, outcome aggregate.Outcome) {
	a := v.handling
	if outcome == aggregate.Answered && v.direction == aggregate.Outbound && s.chance(s.cfg.Rates.OutboundToQueue) {
		if q := s.another(v.call); q != nil {
			s.finish(v, outcome, aggregate.TransferUser)
			s.enter(v.call, q)
			s.rest(a, s.between(.5, 3))
			return
		}
	}
	if v.answered != 0 {
		outcome = aggregate.Answered
	}
	v.reason = pick(s, "remote", "local")
	s.tellOut(v, types.disconnected, v.reason)
	s.finish(v, outcome, aggregate.TransferNone)
	s.done()
	s.besidesOut(v)
	s.rest(a, s.between(.5, 5))
}

func (s *Sim) tellOut(v *Visit, typ ingest.Type, reason string) {
	m := about(v, typ)
	m.user, m.back, m.reason = v.handling, v.back, reason
	if v.back != nil {
		m.list = v.back.list
		if typ != callbackOut.holdStart && typ != callbackOut.holdEnd {
			v.back.told(s.now)
		}
	}
	if reason != "" {
		m.tech = "normal_clearing"
	}
	s.fact(&m)
}

// tellCallee tells that the called party's leg is connected.
func (s *Sim) tellCallee(v *Visit, typ ingest.Type) {
	m := about(v, typ)
	m.user, m.leg = v.handling, "callee-"+v.call.leg
	s.fact(&m)
}

// besidesOut sends what is told after a call out.
func (s *Sim) besidesOut(v *Visit) {
	if s.cfg.Mute || s.noise.Float64() >= s.cfg.Rates.Noise {
		return
	}
	var types []ingest.Type
	switch v.direction {
	case aggregate.Outbound:
		types = []ingest.Type{ingest.QueueUserCallOutRecordingConverted, ingest.QueueUserCallRecorded}
	case aggregate.CallbackCall:
		types = []ingest.Type{ingest.CallbackUserCallOutRecordingConverted, ingest.CallbackUserCallRecorded,
			ingest.CallbackCallInRecordingConverted, ingest.CallbackCallTranscribed}
	default:
		types = []ingest.Type{ingest.UserCallOutRecordingConverted, ingest.UserCallRecorded, ingest.UserCallTranscribed,
			ingest.UserCallPublicityChanged}
	}
	s.aside(v, types)
}

// aside sends one of types about a call that has just ended.
func (s *Sim) aside(v *Visit, types []ingest.Type) {
	m := about(v, types[s.noise.IntN(len(types))])
	m.user, m.back, m.at, m.number = v.handling, v.back, s.now+seconds(.001), 1000+s.noise.IntN(200_000)
	m.value = "UserOutgoing"
	if v.back != nil {
		m.list = v.back.list
	}
	if m.typ == ingest.UserCallPublicityChanged {
		m.value = "Private"
	}
	s.send(&m)
}
