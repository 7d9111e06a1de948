package sim

import (
	"time"

	"ringside/aggregate"
	"ringside/ingest"
)

// tally is what the vendor's figures of a day are made of.
type tally struct {
	aggregate.Sums
	outboundHold int64 // µs, of answered calls out that have ended
}

// add adds sign times b.
func (t *tally) add(b *tally, sign int64) {
	add(&t.Sums, &b.Sums, sign)
	t.outboundHold += sign * b.outboundHold
}

// counted is what a record has added to the vendor's figures so far.
type counted struct {
	date  int32
	tally tally
}

// dayFigures are the vendor's figures of one queue and day.
type dayFigures struct {
	tally   tally
	changed bool
}

// tallied is what one record adds to the vendor's figures.
func (s *Sim) tallied(v *Visit) (t tally) {
	vendor := &s.cfg.Vendor
	if vendor.Missed(v.call.id) {
		return t
	}
	t.Sums = v.sums()
	if v.direction != aggregate.Outbound {
		return t
	}
	if vendor.CalleeLeg {
		t.Sums = v.calleeSums()
	}
	if t.OutboundEnded == 1 {
		t.outboundHold = v.hold()
	}
	return t
}

// calleeSums counts a call out that is answered when the called party's leg is connected.
func (v *Visit) calleeSums() (s aggregate.Sums) {
	s.OutboundTotal = 1
	switch {
	case v.reached != 0:
		s.OutboundAnswered = 1
		if v.ended != 0 {
			s.OutboundEnded, s.OutboundTalkSum, s.OutboundWaitSum = 1, v.ended-v.reached-v.hold(), v.reached-v.begun
		}
	case v.ended != 0:
		s.OutboundRejected = 1
	}
	return s
}

// startVendor lets the vendor publish its own figures.
func (s *Sim) startVendor(o *centre) {
	if s.cfg.Vendor.Every > 0 && !s.cfg.Mute {
		s.in(s.cfg.Vendor.Every.Seconds()+.9*s.noise.Float64(), func() { s.publish(o) })
	}
}

// publish sends every summary that has changed since the last time.
func (s *Sim) publish(o *centre) {
	s.countChanges(o)
	for _, q := range o.queues {
		s.publishStatus(q)
		s.publishDays(q)
	}
	for _, l := range o.lists {
		s.publishList(l)
	}
	if s.cfg.Forget {
		s.forget(o)
	}
	if !s.over() {
		s.in(s.cfg.Vendor.Every.Seconds(), func() { s.publish(o) })
	}
}

// countChanges brings the day's figures up to date with what has changed.
func (s *Sim) countChanges(o *centre) {
	for _, v := range o.dirty {
		v.listed = false
		if v.counted.date != 0 {
			q := v.queue.day(v.counted.date)
			q.tally.add(&v.counted.tally, -1)
			q.changed = true
		}
		v.counted.date, _ = v.window()
		v.counted.tally = s.tallied(v)
		q := v.queue.day(v.counted.date)
		q.tally.add(&v.counted.tally, 1)
		q.changed = true
	}
	o.dirty = o.dirty[:0]
}

func (q *queue) day(date int32) *dayFigures {
	d := q.days[date]
	if d == nil {
		d = &dayFigures{}
		q.days[date] = d
	}
	return d
}

func (s *Sim) publishStatus(q *queue) {
	kept := q.open[:0]
	for _, v := range q.open {
		if v.closed == 0 || v.overflowed() {
			kept = append(kept, v)
		}
	}
	clear(q.open[len(kept):])
	q.open = kept
	st := q.status(s.now, q.open)
	figures := st.Figures()
	if q.published && figures == q.last {
		return
	}
	q.published, q.last = true, figures
	s.send(&message{typ: ingest.QueueStatus, org: q.org, queue: q, body: func(b []byte) []byte {
		return s.w.queueStatus(b, q, &st)
	}})
}

// publishDays sends the days that have changed, the earlier first; yesterday's may still change after midnight.
func (s *Sim) publishDays(q *queue) {
	today := int32(s.now.Go().Unix()/86400) + 1
	for date := today - 3; date <= today; date++ {
		d := q.days[date]
		if d == nil || !d.changed {
			continue
		}
		d.changed = false
		f := Daily{tally: d.tally, level: level(&d.tally.Sums, s.cfg.Vendor.Level), vendor: &s.cfg.Vendor}
		text := time.Unix(int64(date)*86400, 0).UTC().Format(time.DateOnly)
		s.send(&message{typ: ingest.QueueDailyCallMetrics, org: q.org, queue: q, body: func(b []byte) []byte {
			return s.w.dailyMetrics(b, q, text, &f)
		}})
	}
}

// level is the service level in percent under a variant of METRICS.md section 4; 0 without a denominator.
func level(s *aggregate.Sums, variant string) float64 {
	met, n := s.LevelMet, s.LevelAnswered+s.LevelAbandoned+s.LevelFailed
	switch variant {
	case "", "ignore_short_abandons":
		n -= s.LevelShort
	case "all_offered":
	case "answered_only":
		n = s.LevelAnswered
	case "short_abandons_met":
		met += s.LevelShort
	default:
		panic("BUG: unknown service level variant in sim.Vendor: " + variant)
	}
	if n == 0 {
		return 0
	}
	return 100 * float64(met) / float64(n)
}

func (s *Sim) publishList(l *callList) {
	f := s.figures(l)
	if l.toldAt != 0 && f == l.published {
		return
	}
	l.toldAt, l.published = s.now, f
	s.send(&message{typ: ingest.CallbackListStatus, org: l.org, list: l, body: func(b []byte) []byte {
		return s.w.listStatus(b, l, &f)
	}})
}

// forget drops records that can change no more.
func (s *Sim) forget(o *centre) {
	const grace = 60_000_000 // what comes late comes within seconds
	if len(s.visits) < 4096 {
		return
	}
	now := s.micros()
	gone := func(v *Visit) bool { return v.complete() && v.closed+grace < now }
	s.visits = deleteIf(s.visits, gone)
	for _, q := range o.queues {
		q.visits = deleteIf(q.visits, gone)
		q.openness = q.openness[max(0, len(q.openness)-1):]
	}
}

func deleteIf(visits []*Visit, gone func(*Visit) bool) []*Visit {
	kept := visits[:0]
	for _, v := range visits {
		if !gone(v) {
			kept = append(kept, v)
		}
	}
	clear(visits[len(kept):])
	return kept
}
