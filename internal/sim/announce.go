package sim

import (
	"time"

	"ringside/aggregate"
	"ringside/ingest"
)

// announce tells at the start which queues there are and who works in them, and plans what changes later.
func (s *Sim) announce(o *centre) {
	r := &s.cfg.Rates
	for _, q := range o.queues {
		s.queueChanged(q, true, false)
		for _, m := range q.members {
			q.roster = append(q.roster, rosterChange{s.now, m.agent, true, true})
		}
		s.attachedUsers(q, false)
		s.hourly(r.NullList, func() { s.attachedUsers(q, true) })
		s.hourly(r.Rename, func() { s.rename(q) })
	}
	for _, a := range o.agents {
		s.hourly(r.Reattach, func() { s.reattach(a) })
	}
	if r.ZoneChange && len(o.queues) > 0 {
		s.in(12*3600, func() { s.moveZone(o.queues[0]) })
	}
}

func (s *Sim) queueChanged(q *queue, created, deleted bool) {
	q.told = append(q.told, description{s.micros(), q.plainName, q.zoneAt(s.micros()).name, deleted})
	if s.cfg.Mute {
		return
	}
	region := q.zoneAt(s.micros()).name
	s.send(&message{typ: ingest.QueueChanged, org: q.org, queue: q, body: func(b []byte) []byte {
		return s.w.queueChanged(b, q, region, created, deleted)
	}})
}

func (s *Sim) attachedUsers(q *queue, null bool) {
	if s.cfg.Mute {
		return
	}
	for _, m := range q.members {
		if m.attached && !null && !s.cfg.Forget {
			m.agent.heard = append(m.agent.heard, s.micros())
		}
	}
	s.send(&message{typ: ingest.QueueAttachedUsers, org: q.org, queue: q, body: func(b []byte) []byte {
		var members []member
		for _, m := range q.members {
			if m.attached {
				members = append(members, *m)
			}
		}
		return s.w.attachedUsers(b, q, members, null)
	}})
}

// reattach takes an agent out of one queue, or makes the agent inactive there, for a while; the list follows a minute
// later.
func (s *Sim) reattach(a *agent) {
	if len(a.queues) == 0 {
		return
	}
	q := a.queues[s.rng.IntN(len(a.queues))]
	out := s.chance(.5)
	s.attach(q, a, !out, false)
	s.in(60, func() { s.attachedUsers(q, false) })
	s.in(s.between(300, 3600), func() {
		s.attach(q, a, true, true)
		s.lookForWork(a)
	})
}

func (s *Sim) attach(q *queue, a *agent, attached, active bool) {
	for _, m := range q.members {
		if m.agent == a {
			m.attached, m.active = attached, active
		}
	}
	q.roster = append(q.roster, rosterChange{s.now, a, attached, active})
	if !s.cfg.Mute {
		s.send(&message{typ: ingest.UserQueueAttached, org: q.org, queue: q, user: a, active: active, deleted: !attached,
			priority: a.cfg.Priority})
	}
	s.touch(a)
}

// rename gives the queue another name; its id stays.
func (s *Sim) rename(q *queue) {
	q.plainName = q.cfg.Name
	if s.chance(.7) {
		q.plainName += pick(s, " (new)", " 24/7", ` "Plus"`)
	}
	q.name = quoted(q.plainName)
	s.queueChanged(q, false, false)
}

// moveZone puts the queue into a zone ten or so hours away. A reader who gets this late must move the day's visits.
func (s *Sim) moveZone(q *queue) {
	const region = "Pacific/Auckland"
	q.zones = append(q.zones, zoneChange{s.micros(), location(region), region})
	s.queueChanged(q, false, false)
}

// officeHours is open on weekdays, shorter on Saturdays.
func officeHours(from, to, saturdayTo int) *aggregate.Hours {
	h := &aggregate.Hours{}
	for d := time.Monday; d <= time.Friday; d++ {
		h.Open[d] = []aggregate.MinuteSpan{{From: from, To: to}}
	}
	if saturdayTo > from {
		h.Open[time.Saturday] = []aggregate.MinuteSpan{{From: from, To: saturdayTo}}
	}
	return h
}
