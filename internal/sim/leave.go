package sim

import (
	"ringside/aggregate"
	"ringside/ingest"
)

// How a waiting visit ends in another place.

// overflow ends the visit by an Overflow that is not progress.
func (s *Sim) overflow(v *Visit, reason, typ string) {
	s.tellOverflow(v, reason, typ)
	v.overReason, v.overType = reason, typ
	s.finish(v, aggregate.Overflowed, aggregate.TransferNone)
}

func (s *Sim) tellOverflow(v *Visit, reason, typ string) {
	m := about(v, ingest.QueueCallInOverflow)
	m.overReason, m.overType, m.detail = reason, typ, "overflow"
	s.fact(&m)
}

func (s *Sim) overflowAway(v *Visit) {
	s.overflow(v, pick(s, "NoAvailableProviders", "QueueFull", "MaxWaitTime"), pick(s, "QueueOverflowDefault", "UserTransferAll"))
	s.in(s.between(.005, 2), func() { s.moveOn(v) })
}

// moveOn brings a call that is in no queue to one it has not seen, or cuts it off.
func (s *Sim) moveOn(v *Visit) {
	if q := s.another(v.call); q != nil && !s.chance(.25) {
		s.enter(v.call, q)
		return
	}
	s.disconnect(v, "local")
}

// another returns a queue the call has not been in; nil if there is none.
func (s *Sim) another(c *call) *queue {
	n := len(c.org.queues)
	from := s.rng.IntN(n)
	for k := range n {
		if q := c.org.queues[(from+k)%n]; !q.cfg.IVR && !c.visited(q) {
			return q
		}
	}
	return nil
}

// overflowSilently goes on to another queue without an Overflow, which may follow late.
func (s *Sim) overflowSilently(v *Visit) {
	q := s.another(v.call)
	if q == nil {
		s.wait(v)
		return
	}
	s.finish(v, aggregate.Overflowed, aggregate.TransferNone)
	s.enter(v.call, q)
	if !s.chance(s.cfg.Rates.OverflowLateEvent) {
		return
	}
	d := s.between(.05, 4.9)
	s.under++
	if s.chance(.5) {
		s.in(d, func() {
			s.done()
			v.overReason, v.overType = "NoAvailableProviders", "QueueOverflowDefault"
			s.tellOverflow(v, v.overReason, v.overType)
		})
		return
	}
	s.in(d, func() {
		s.done()
		m := about(v, ingest.QueueCallInTransferConnected)
		m.target = q.text
		v.target = m.target
		s.fact(&m)
		v.outcome, v.transfer = aggregate.Transferred, aggregate.TransferQueue
		s.changed(v)
	})
}

// overflowAndBack sends an Overflow, and leaves the caller in line: if an agent is found, the visit has gone on all the
// time; if not, it has ended here.
func (s *Sim) overflowAndBack(v *Visit) {
	s.overflow(v, "NoAvailableProviders", "QueueOverflowDefault")
	v.gaps = append(v.gaps, span{v.ended, running})
	s.in(s.between(.2, 8), func() { s.wait(v) })
}

// goOn takes an Overflow back: the call is allocated here again.
func (s *Sim) goOn(v *Visit) {
	v.gaps[len(v.gaps)-1].to = s.micros()
	v.ended, v.closed, v.outcome = 0, 0, aggregate.OutcomeOpen
	s.changed(v)
}

func (s *Sim) tellTransfer(v *Visit, typ ingest.Type, target string) {
	m := about(v, typ)
	m.target = target
	if typ == ingest.QueueCallInTransferCancelled {
		m.reason, m.detail = "cancelled", "no answer"
	}
	s.fact(&m)
}

// queueTransfer is a transfer by the queue itself.
func (s *Sim) queueTransfer(v *Visit) {
	q := s.another(v.call)
	target := "+358207001234"
	if q != nil && s.chance(.6) {
		target = q.text
	} else {
		q = nil
	}
	v.target = target
	s.tellTransfer(v, ingest.QueueCallInTransferStarted, target)
	s.in(s.between(.3, 4), func() {
		s.tellTransfer(v, ingest.QueueCallInTransferConnected, target)
		s.finish(v, aggregate.Transferred, aggregate.TransferQueue)
		if q != nil {
			s.in(s.between(.002, .5), func() { s.enter(v.call, q) })
			return
		}
		s.in(s.exponential(120), func() { s.disconnect(v, "remote") })
	})
}

func (s *Sim) queueTransferCancelled(v *Visit) {
	v.target = "+358207005678"
	s.tellTransfer(v, ingest.QueueCallInTransferStarted, v.target)
	s.in(s.between(.3, 4), func() {
		s.tellTransfer(v, ingest.QueueCallInTransferCancelled, v.target)
		s.in(s.between(.01, .3), func() { s.wait(v) })
	})
}

// queueTransferPending leaves the TransferConnected out.
func (s *Sim) queueTransferPending(v *Visit) {
	q := s.another(v.call)
	if q == nil {
		s.wait(v)
		return
	}
	v.target = q.text
	s.tellTransfer(v, ingest.QueueCallInTransferStarted, q.text)
	s.in(s.between(.3, 4), func() {
		s.finish(v, aggregate.Transferred, aggregate.TransferQueue)
		s.enter(v.call, q)
	})
}

func (s *Sim) askCallback(v *Visit) {
	s.createCallback(v, 1)
	s.in(s.between(.1, 6), func() { s.giveUp(v, pick(s, "remote", "local")) })
}

// callbackAfterOverflow asks the caller for a callback after his visit has overflowed.
func (s *Sim) callbackAfterOverflow(v *Visit) {
	s.overflow(v, "NoAvailableProviders", "QueueOverflowDefault")
	s.in(s.between(.5, 6), func() {
		s.createCallback(v, 1)
		v.outcome = aggregate.CallbackRequested
		s.changed(v)
		s.in(s.between(.1, 4), func() { s.disconnect(v, pick(s, "remote", "local")) })
	})
}
