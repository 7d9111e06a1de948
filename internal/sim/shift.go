package sim

import (
	"time"

	"ringside/aggregate"
	"ringside/ingest"
)

// startAgents begins everybody's shifts.
func (s *Sim) startAgents(o *centre) {
	for _, a := range o.agents {
		if a.cfg.From == 0 && a.cfg.To == 0 {
			s.comeOnDuty(a)
			s.habits(a)
			continue
		}
		s.touch(a)
		s.nextShift(a)
		s.habits(a)
	}
}

// nextShift plans the next beginning of the agent's shift, or joins the one under way.
func (s *Sim) nextShift(a *agent) {
	now := s.now.Go().In(a.zone)
	midnight := time.Date(now.Year(), now.Month(), now.Day(), 0, 0, 0, 0, a.zone)
	from, to := clock(midnight, a.cfg.From), clock(midnight, a.cfg.To)
	if !now.Before(to) {
		midnight = time.Date(now.Year(), now.Month(), now.Day()+1, 0, 0, 0, 0, a.zone)
		from, to = clock(midnight, a.cfg.From), clock(midnight, a.cfg.To)
	}
	begin := max(s.now+1, ingest.FromGo(from))
	if begin >= s.end {
		return
	}
	s.plans.add(begin+seconds(s.between(0, 240)), func() { s.comeOnDuty(a) })
	s.plans.add(max(begin+seconds(300), ingest.FromGo(to)), func() {
		s.goOffDuty(a)
		s.nextShift(a)
	})
}

// clock is the instant at which the local clocks of the day of midnight show minute.
func clock(midnight time.Time, minute int) time.Time {
	return time.Date(midnight.Year(), midnight.Month(), midnight.Day(), 0, minute, 0, 0, midnight.Location())
}

func (s *Sim) comeOnDuty(a *agent) {
	a.onDuty, a.serving, a.idleSince = true, true, s.now
	s.available(a, "Available", s.now, ingest.OpenEnded)
	s.in(s.between(.1, 1), func() { s.lookForWork(a) })
}

// goOffDuty ends the shift; a call under way is still finished. Some forget to stop serving.
func (s *Sim) goOffDuty(a *agent) {
	a.onDuty = false
	a.serving = s.chance(.3)
	s.available(a, "OffWork", s.now, ingest.OpenEnded)
}

// available changes the agent's availability and tells so.
func (s *Sim) available(a *agent, availability string, from, to ingest.Time) {
	a.availability = availability
	if !s.cfg.Mute {
		if !s.cfg.Forget {
			a.told = append(a.told, said{s.now, from, to, availability})
		}
		s.send(&message{typ: ingest.UserAvailability, org: a.org, user: a, value: availability, start: from, end: to})
	}
	s.touch(a)
}

// hourly plans do after an exponential pause of rate times an hour, again and again.
func (s *Sim) hourly(rate float64, do func()) {
	if rate <= 0 {
		return
	}
	at := s.now + max(1, seconds(s.exponential(3600/rate)))
	if at >= s.end {
		return
	}
	s.plans.add(at, func() {
		do()
		s.hourly(rate, do)
	})
}

// habits starts what an agent does now and then.
func (s *Sim) habits(a *agent) {
	r := &s.cfg.Rates
	s.hourly(r.Break, func() { s.takeBreak(a, pick(s, "BRB", "Away", "Busy"), s.between(120, 1500)) })
	s.hourly(r.DoNotDisturb, func() { s.takeBreak(a, "DoNotDisturb", s.between(60, 1200)) })
	s.hourly(r.NoTerminals, func() { s.unplug(a) })
	s.hourly(r.Parked, func() { s.park(a) })
	s.hourly(a.cfg.Outbound, func() { s.callOut(a) })
	s.hourly(a.cfg.Direct, func() { s.callDirect(a) })
	s.hourly(r.Noise*2, func() { s.changeSetting(a) })
	if a.fetch {
		s.hourly(60, func() { s.fetchCall(a) })
	}
}

// takeBreak sends the agent away, with an announced end or an open one.
func (s *Sim) takeBreak(a *agent, kind string, length float64) {
	if !a.free() {
		return
	}
	until := ingest.OpenEnded
	if s.chance(.6) {
		until = s.now + seconds(length)
	}
	s.available(a, kind, s.now, until)
	s.in(length, func() {
		if a.availability != kind { // the shift has ended
			return
		}
		s.available(a, "Available", s.now, ingest.OpenEnded)
		s.lookForWork(a)
	})
}

func (s *Sim) unplug(a *agent) {
	if !a.free() {
		return
	}
	a.terminals = 0
	s.touch(a)
	s.in(s.between(10, 300), func() {
		a.terminals = 1
		s.touch(a)
		s.lookForWork(a)
	})
}

// park leaves a call of the agent's own parked for a while.
func (s *Sim) park(a *agent) {
	if !a.free() {
		return
	}
	a.parked = 1
	s.touch(a)
	s.in(s.between(5, 90), func() {
		a.parked = 0
		s.touch(a)
		s.lookForWork(a)
	})
}

// fetchCall asks for a call, as agents in fetch mode do.
func (s *Sim) fetchCall(a *agent) {
	if !a.onDuty || a.talking {
		return
	}
	id := makeID(s.noise.Uint64(), s.noise.Uint64())
	m := message{typ: ingest.UserCallAllocationRequest, org: a.org, user: a, value: "allocate", number: 20, request: id}
	s.send(&m)
	s.in(s.between(.02, .2), func() {
		answer := message{typ: ingest.UserCallAllocationResponse, org: a.org, user: a, request: id, value: "nocalls"}
		switch v := a.longestWaiting(); {
		case !a.ready():
			answer.value = "agentunavailable"
		case v != nil:
			v.queue.unline(v)
			s.offer(v, a)
			answer.value, answer.call, answer.queue = "allocated", v.call, v.queue
			answer.at = s.now + seconds(.001)
		}
		s.send(&answer)
	})
}

func (s *Sim) changeSetting(a *agent) {
	if s.cfg.Mute {
		return
	}
	s.send(&message{typ: ingest.UserSetting, org: a.org, user: a, keyword: "RingTone", value: "3", priority: aggregate.Null})
}
