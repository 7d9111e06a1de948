package sim

import (
	"ringside/aggregate"
	"ringside/ingest"
)

// startArrivals lets callers come to every queue that has any.
func (s *Sim) startArrivals(o *centre) {
	for _, q := range o.queues {
		if q.cfg.PerDay > 0 {
			s.nextArrival(q, newArrivalRate(q.cfg, s.cfg.Scale))
		}
	}
	for _, l := range o.lists {
		s.nextByHand(l)
	}
}

// arrivalRate is a Poisson process whose rate follows the local hour.
type arrivalRate struct {
	hourly [24]float64 // callers per second
	peak   float64
	even   bool
}

func newArrivalRate(q *Queue, scale float64) *arrivalRate {
	sum := 0.0
	for _, c := range q.Curve {
		sum += c
	}
	r := &arrivalRate{even: sum == 0}
	for h := range r.hourly {
		share := 1.0 / 24
		if sum > 0 {
			share = q.Curve[h] / sum
		}
		r.hourly[h] = q.PerDay * scale * share / 3600
		r.peak = max(r.peak, r.hourly[h])
	}
	return r
}

// nextArrival plans the next candidate and thins it to the rate of its hour.
func (s *Sim) nextArrival(q *queue, r *arrivalRate) {
	at := s.now + max(1, seconds(s.exponential(1/r.peak)))
	if at >= s.end {
		return
	}
	s.plans.add(at, func() {
		keep := true
		if !r.even {
			hour := at.Go().In(q.zoneAt(at.Micros()).loc).Hour()
			keep = s.rng.Float64()*r.peak < r.hourly[hour]
		}
		if keep {
			s.arrive(q)
		}
		s.nextArrival(q, r)
	})
}

func (s *Sim) arrive(q *queue) {
	c := s.newCall(q.org, q.number)
	if s.chance(s.cfg.Rates.IVR) {
		if ivr := q.org.ivr(s.rng.IntN(len(q.org.queues))); ivr != nil && ivr != q {
			s.throughIVR(c, ivr, q)
			return
		}
	}
	s.enter(c, q)
}

// ivr returns an IVR queue, looking from index i on.
func (o *centre) ivr(i int) *queue {
	for k := range o.queues {
		if q := o.queues[(i+k)%len(o.queues)]; q.cfg.IVR {
			return q
		}
	}
	return nil
}

// isOpen tells whether the queue takes calls now.
func (s *Sim) isOpen(q *queue) bool {
	return q.cfg.Hours == nil || openAt(q.cfg.Hours, s.now.Go().In(q.zoneAt(s.micros()).loc))
}

// begin opens a record for a call that is now in q.
func (s *Sim) begin(c *call, q *queue) *Visit {
	v := &Visit{call: c, queue: q, begun: s.micros(), ordinal: c.visit(q), priority: aggregate.Null}
	s.keep(v)
	return v
}

// keep takes a new record into the books.
func (s *Sim) keep(v *Visit) {
	if !s.cfg.Forget || !s.cfg.Mute {
		s.visits = append(s.visits, v)
		if v.queue != nil {
			v.queue.visits = append(v.queue.visits, v)
			v.queue.open = append(v.queue.open, v)
		}
	}
	s.changed(v)
}

// changed marks a record for the vendor's next count.
func (s *Sim) changed(v *Visit) {
	if v.listed || v.queue == nil || s.cfg.Vendor.Every == 0 {
		return
	}
	v.listed = true
	v.queue.org.dirty = append(v.queue.org.dirty, v)
}

// about starts a message about a visit.
func about(v *Visit, typ ingest.Type) message {
	return message{typ: typ, org: v.call.org, call: v.call, queue: v.queue, priority: aggregate.Null}
}

// tell writes a fact of a visit that has nothing else to say.
func (s *Sim) tell(v *Visit, typ ingest.Type) {
	m := about(v, typ)
	s.fact(&m)
}

// throughIVR lets the caller choose a number and go on to q.
func (s *Sim) throughIVR(c *call, ivr, q *queue) {
	v := s.begin(c, ivr)
	s.tell(v, ingest.QueueCallInComing)
	d := s.between(1, 3)
	for range 1 + s.rng.IntN(2) {
		s.in(d, func() {
			m := about(v, ingest.QueueCallInIvrSelection)
			m.entered = string(rune('1' + s.rng.IntN(9)))
			v.ivrPath = joinPath(v.ivrPath, m.entered)
			s.fact(&m)
		})
		d += s.between(1, 4)
	}
	if s.chance(s.cfg.Rates.IVRHangUp) {
		s.in(d, func() { s.leaveEarly(v, s.chance(s.cfg.Rates.IVRLocal)) })
		return
	}
	s.in(d, func() {
		s.finish(v, aggregate.PassedThrough, aggregate.TransferNone)
		s.enter(c, q)
	})
}

// enter brings the caller to q, whose first event happens now, up to the moment of acceptance.
func (s *Sim) enter(c *call, q *queue) {
	v, r := s.begin(c, q), &s.cfg.Rates
	closed := !s.isOpen(q) || s.chance(r.Closed)
	if !closed && s.chance(r.SkipComing) {
		s.accept(v)
		return
	}
	s.tell(v, ingest.QueueCallInComing)
	d := s.between(.01, .08)
	if s.chance(r.SmartRouting) {
		s.in(d, func() { s.smartRouting(v) })
		d += s.between(.05, .4)
	}
	if s.chance(r.ProgressOverflow) {
		s.in(d, func() { s.progress(v) })
		d += s.between(.05, .2)
	}
	long := s.chance(r.PromptLong)
	switch {
	case closed:
		s.in(d, func() { s.closeOn(v, aggregate.ServiceClosed) })
	case s.chance(r.QueueFull):
		s.in(d, func() {
			s.overflow(v, pick(s, "QueueFull", "NoAvailableProviders"), "QueueOverflowDefault")
			s.in(s.between(.01, 1), func() { s.moveOn(v) })
		})
	case s.chance(r.HangUpEarly):
		s.in(d+s.between(.5, 8), func() { s.leaveEarly(v, s.chance(r.EarlyLocal)) })
	case s.chance(r.GhostEntering):
		s.in(d, func() { s.vanish(v) })
	case s.chance(r.SkewArrived):
		s.in(d+s.between(.5, 3), func() { s.acceptTooLate(v) })
	case s.chance(r.MissingArrived):
		s.in(d, func() { s.wait(v) })
	case long || s.chance(r.Prompt):
		s.in(d, func() { s.blockingPrompt(v) })
		d += s.promptLength(long)
		s.in(d, func() { s.accept(v) })
	default:
		s.in(d, func() { s.accept(v) })
	}
}

func (s *Sim) promptLength(long bool) float64 {
	if long {
		return s.between(31, 70)
	}
	return s.between(3, 20)
}

// pick draws one of the texts.
func pick(s *Sim, texts ...string) string { return texts[s.rng.IntN(len(texts))] }

func (s *Sim) blockingPrompt(v *Visit) {
	m := about(v, ingest.QueueCallBlockingPromptStarted)
	m.reason, m.detail = "MandatoryEnter", "PRO_Enter"
	s.fact(&m)
}

func (s *Sim) smartRouting(v *Visit) {
	m := about(v, ingest.QueueCallInSmartRoutingResult)
	m.value = pick(s, "OK", "OK", "NOT_FOUND")
	if m.value == "OK" {
		m.priority = 1 + s.rng.IntN(9)
		v.priority = m.priority
	}
	s.fact(&m)
}

// progress sends an Overflow that changes nothing.
func (s *Sim) progress(v *Visit) {
	m := about(v, ingest.QueueCallInOverflow)
	m.overReason = pick(s, "", "Schedule", "Handler")
	m.overType = pick(s, "ActPreEnter", "ServiceOpen", "AdHoc_1", "QueueHandler", "TerminationHandling")
	s.fact(&m)
}

// closeOn sends ScheduleClosed, which ends the visit with outcome.
func (s *Sim) closeOn(v *Visit, outcome aggregate.Outcome) {
	m := about(v, ingest.QueueCallInScheduleClosed)
	m.overReason = "ServiceClosed"
	s.fact(&m)
	v.queue.openness = append(v.queue.openness, opennessChange{s.micros(), false})
	s.finish(v, outcome, aggregate.TransferNone)
	s.in(s.between(1, 6), func() {
		if s.chance(.15) {
			s.moveOn(v)
			return
		}
		s.disconnect(v, "local")
	})
}

// leaveEarly ends a visit that was never accepted.
func (s *Sim) leaveEarly(v *Visit, local bool) {
	reason, outcome := s.remote(), aggregate.LeftEarly
	if local {
		reason, outcome = "local", aggregate.Rejected
	}
	v.reason, v.tech = reason, "normal_clearing"
	s.finish(v, outcome, aggregate.TransferNone)
	s.disconnect(v, reason)
}

// remote is what the vendor says of a caller who hangs up; not always that.
func (s *Sim) remote() string {
	if s.chance(s.cfg.Rates.UnknownReason) {
		return ""
	}
	return "remote"
}

// acceptTooLate hangs up first; the Arrived is stamped up to two seconds later.
func (s *Sim) acceptTooLate(v *Visit) {
	v.reason, v.tech = "remote", "normal_clearing"
	s.finish(v, aggregate.LeftEarly, aggregate.TransferNone)
	s.disconnect(v, "remote")
	s.in(s.between(.05, 1.95), func() {
		s.tell(v, ingest.QueueCallInArrived)
		v.accepted, v.arrived, v.outcome = true, s.micros(), aggregate.Abandoned
		v.flags |= aggregate.FlagClockSkew
		v.queue.openness = append(v.queue.openness, opennessChange{s.micros(), true})
		s.changed(v)
	})
}
