package sim

import (
	"ringside/aggregate"
	"ringside/ingest"
)

// callDirect makes a call of the agent's own: out, or in to the agent's number.
func (s *Sim) callDirect(a *agent) {
	if !a.ready() {
		return
	}
	if s.chance(.5) {
		s.outbound(a, userOut, aggregate.Direct, nil, nil)
		return
	}
	c := s.newCall(a.org, a.number)
	s.engage(a, nil)
	s.directIn(c, a)
}

// directIn rings a user who is engaged for it already, and lets the call run to its end.
func (s *Sim) directIn(c *call, a *agent) {
	v := &Visit{call: c, direction: aggregate.Direct, ordinal: 1, begun: s.micros(), priority: aggregate.Null, handling: a, quiet: true}
	s.keep(v)
	s.tellUser(v, ingest.UserCallInComing, "")
	d := s.between(.01, .1)
	if s.chance(s.cfg.Rates.Prompt) {
		s.in(d, func() {
			m := about(v, ingest.UserCallBlockingPromptStarted)
			m.user, m.reason, m.detail = a, "Welcome", "PRO_Welcome"
			s.fact(&m)
		})
		d += s.between(1, 4)
	}
	s.in(d, func() {
		s.tellUser(v, ingest.UserCallInArrived, "")
		v.accepted, v.arrived = true, s.micros()
	})
	d += s.between(.01, .1)
	s.in(d, func() {
		s.tellUser(v, ingest.UserCallInUserAllocated, "")
		v.offered++
		v.offers = append(v.offers, part{a, span{s.micros(), running}})
	})
	d += s.between(2, 15)
	if s.chance(s.cfg.Rates.DirectUnanswered) {
		s.in(d, func() { s.directUnanswered(v) })
		return
	}
	s.in(d, func() {
		m := about(v, ingest.UserCallInUserConnected)
		m.user, m.agLeg = a, a.leg(c)
		s.fact(&m)
		at := s.micros()
		v.answered, v.outcome, v.offers[0].to = at, aggregate.Answered, at
		v.segments = []part{{a, span{at, running}}}
	})
	length := 4 + s.lognormal(100)
	if s.chance(s.cfg.Rates.OutboundHold) {
		s.in(d+length*.3, func() {
			s.tellUser(v, ingest.UserCallInHoldStart, "")
			v.holds = append(v.holds, span{s.micros(), running})
		})
		s.in(d+length*.5, func() {
			s.tellUser(v, ingest.UserCallInHoldEnd, "")
			v.holds[0].to = s.micros()
		})
	}
	s.in(d+length, func() { s.endDirect(v, aggregate.Answered) })
}

func (s *Sim) tellUser(v *Visit, typ ingest.Type, reason string) {
	m := about(v, typ)
	m.user, m.reason = v.handling, reason
	if reason != "" {
		m.tech = "normal_clearing"
	}
	s.fact(&m)
}

// directUnanswered stops the ringing; the call may overflow to a mailbox or leave a callback before it ends.
func (s *Sim) directUnanswered(v *Visit) {
	a := v.handling
	reason := pick(s, "local", "remote")
	s.tellUser(v, ingest.UserCallInUserCancelled, reason)
	v.offers[0].to = s.micros()
	if reason == "local" {
		v.declined = append(v.declined, v.offers[0])
	}
	if s.chance(.6) {
		s.in(.01, func() {
			m := about(v, ingest.UserCallInUserOverflow)
			m.user, m.reason, m.target = a, "NoAnswer", "voicemail"
			s.fact(&m)
		})
		s.in(.02, func() {
			m := about(v, ingest.UserCallInOverflow)
			m.user, m.overReason, m.overType, m.target = a, "NoAvailableProviders", "UserTransferAll", "voicemail"
			m.queue = v.call.org.queues[0] // the technical queue of the mailbox
			s.fact(&m)
		})
	}
	s.in(s.between(.5, 4), func() { s.endDirect(v, aggregate.Abandoned) })
}

func (s *Sim) endDirect(v *Visit, outcome aggregate.Outcome) {
	a := v.handling
	v.reason = pick(s, "remote", "local")
	if outcome != aggregate.Answered && v.reason == "local" {
		outcome = aggregate.Rejected
	}
	s.tellUser(v, ingest.UserCallInDisconnected, v.reason)
	s.finish(v, outcome, aggregate.TransferNone)
	s.done()
	s.rest(a, s.between(.5, 3))
	if s.cfg.Mute || s.noise.Float64() >= s.cfg.Rates.Noise {
		return
	}
	types := []ingest.Type{ingest.UserCallInRecordingConverted, ingest.UserCallRecorded, ingest.UserCallTranscribed,
		ingest.UserCallPublicityChanged}
	if outcome != aggregate.Answered {
		types = []ingest.Type{ingest.UserVoiceMailRecordingConverted, ingest.UserCallInCallbackCreated}
	}
	if len(v.call.org.lists) > 0 || outcome == aggregate.Answered {
		s.asideDirect(v, types)
	}
}

// asideDirect is aside with the callback a personal request needs.
func (s *Sim) asideDirect(v *Visit, types []ingest.Type) {
	m := about(v, types[s.noise.IntN(len(types))])
	m.user, m.at, m.number, m.value = v.handling, s.now+seconds(.001), 1000+s.noise.IntN(200_000), "UserIncoming"
	switch m.typ {
	case ingest.UserCallPublicityChanged:
		m.value = "Private"
	case ingest.UserCallInCallbackCreated:
		m.list = v.call.org.lists[0]
		id := makeID(s.noise.Uint64(), s.noise.Uint64())
		m.back = &callback{id: id, text: id.String(), list: m.list, callID: v.call.id, created: m.at}
		m.back.told(m.at)
		if !s.cfg.Forget { // on no list: nobody follows it up
			m.list.requests = append(m.list.requests, m.back)
		}
	}
	s.send(&m)
}
