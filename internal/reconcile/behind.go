package reconcile

import (
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/google/uuid"

	"ringside/aggregate"
	"ringside/ingest"
	"ringside/internal/history"
)

// callKey is the key of a row of `calls`.
type callKey struct {
	date      int32
	call      uuid.UUID
	queue     uuid.UUID
	direction aggregate.Direction
	visit     uint16
}

// call is a row of `calls` as it stood, and the local date that it counts for.
type call struct {
	aggregate.CallRow
	date history.Date
}

// calls are the calls that may still change, or have just ended.
type calls struct {
	known        map[callKey]*call
	open         map[uuid.UUID]map[callKey]*call // visits by queue
	outboundHold map[uuid.UUID]int64             // µs by queue, of the date
	swept        int64                           // µs; when what has ended was last dropped
}

// keptAfterEnd is how long a call is known after its end, in µs: what comes later changes next to nothing.
const keptAfterEnd = 2 * 3600 * second

// change is what an event has made of a call; from or to is nil where there was or is none.
type change struct {
	at       int64
	from, to *call
}

// maxChanges bounds the changes that are kept of a queue's day.
const maxChanges = 2048

func newCalls() calls {
	return calls{known: map[callKey]*call{}, open: map[uuid.UUID]map[callKey]*call{}, outboundHold: map[uuid.UUID]int64{}}
}

// noteCall takes in a row of `calls`.
func (p *pass) noteCall(at int64, r *aggregate.CallRow) {
	if r.QueueID == uuid.Nil || !p.isAsked(r.QueueID) {
		return
	}
	c := &p.calls
	key := callKey{r.CallDate, r.CallID, r.QueueID, r.Direction, r.Visit}
	old := c.known[key]
	if old == nil && p.followed && r.EndedAt != 0 && at-r.EndedAt > keptAfterEnd {
		return
	}
	var to *call
	if !r.Deleted {
		to = &call{CallRow: *r, date: p.localDateOf(r)}
		to.AgentIDs = nil
	}
	c.put(key, to)
	for _, side := range []struct {
		of   *call
		sign int64
	}{{old, -1}, {to, 1}} {
		if side.of == nil || side.of.date != p.Date {
			continue
		}
		if in, _ := outboundTalk(&side.of.CallRow); in {
			c.outboundHold[r.QueueID] += side.sign * side.of.Hold
		}
	}
	if p.followed && (old != nil && old.date == p.Date || to != nil && to.date == p.Date) {
		t := p.track(trackKey{dailyKind, r.QueueID, p.Date})
		if len(t.changes) == maxChanges {
			t.changes = append(t.changes[:0], t.changes[maxChanges/2:]...)
		}
		t.changes = append(t.changes, change{at, old, to})
	}
	if at-c.swept > keptAfterEnd/2 {
		c.sweep(at)
	}
}

func (p *pass) localDateOf(r *aggregate.CallRow) history.Date {
	return dateOf(ingest.FromMicros(r.BegunAt).Go().In(p.core.ZoneAt(p.Organization, r.QueueID, r.BegunAt)))
}

func (c *calls) put(key callKey, to *call) {
	open := c.open[key.queue]
	if open == nil {
		open = map[callKey]*call{}
		c.open[key.queue] = open
	}
	if to == nil {
		delete(c.known, key)
		delete(open, key)
		return
	}
	c.known[key] = to
	if openVisit(&to.CallRow) {
		open[key] = to
	} else {
		delete(open, key)
	}
}

// sweep drops what ended long ago.
func (c *calls) sweep(at int64) {
	c.swept = at
	for key, known := range c.known {
		if known.EndedAt != 0 && at-known.EndedAt > keptAfterEnd {
			delete(c.known, key)
		}
	}
}

// behind are the calls by which figures differ.
type behind struct {
	calls []Call
	more  int64
}

// maxBehind bounds the calls that are kept of each field and reading.
const maxBehind = 50

// Call is a call by which a figure may differ.
type Call struct {
	CallID      uuid.UUID `json:"call_id"`
	QueueID     uuid.UUID `json:"queue_id"`
	QueueName   string    `json:"queue_name"`
	BegunAt     time.Time `json:"begun_at"`
	Outcome     string    `json:"outcome"`
	Why         string    `json:"why"`
	PublishedAt time.Time `json:"published_at"` // when the difference was first seen
	Difference  float64   `json:"difference"`   // published less recomputed, then
}

func (b *behind) add(c *call, s *published, difference float64, why string) {
	if len(b.calls) == maxBehind {
		b.more++
		return
	}
	for i := range b.calls {
		if k := &b.calls[i]; k.CallID == c.CallID && k.QueueID == c.QueueID && k.Why == why {
			return
		}
	}
	b.calls = append(b.calls, Call{CallID: c.CallID, QueueID: c.QueueID, QueueName: c.QueueName, BegunAt: ingest.FromMicros(c.BegunAt).Go(),
		Outcome: c.Outcome.String(), Why: why, PublishedAt: ingest.FromMicros(s.at).Go(), Difference: difference})
}

// lookBehind looks for the calls behind a difference where it has changed: those that have changed since it was last as
// before, or, of figures of the moment, those that are in it.
func (p *pass) lookBehind(s *published, t *track, j, reading int, v, rounding float64) {
	f := &kinds[s.kind].fields[j]
	of, in := f.of, f.in
	if reading > 0 {
		of = f.otherwise[reading-1].of
		if other := f.otherwise[reading-1].in; other != nil {
			in = other
		}
	}
	off := &t.off[j][reading]
	now, _ := f.value(of, t.current(), s.at)
	difference := v - now
	if math.Abs(difference) <= rounding {
		difference = 0
	}
	switch {
	case difference == off.by || f.mean && difference != 0 && off.by != 0:
		off.at = s.at
		return
	case t.held(f, of, v-off.by, rounding, s.at-tolerance, s.at):
		return // the vendor looks at its figures a little earlier or later
	}
	before := *off
	*off = offset{difference, s.at}
	if difference == 0 || in == nil {
		return
	}
	b := &p.fields[s.kind][j].behind[reading]
	if kinds[s.kind].now {
		if before.by == 0 {
			p.openCalls(b, s, in, difference)
		}
		return
	}
	b.changed(t.since(before.at-tolerance), f, in, s, difference, difference-before.by)
}

// since returns what has changed since an instant, each call once.
func (t *track) since(at int64) []change {
	n := len(t.changes)
	for n > 0 && t.changes[n-1].at >= at {
		n--
	}
	return joined(t.changes[n:])
}

// changed adds the calls that may have moved a difference by some amount: where the published figure has fallen behind,
// calls that count here; where it is ahead, calls that do not; of a mean, either.
func (b *behind) changed(changes []change, f *field, in func(*aggregate.CallRow) (bool, int64), s *published, difference, moved float64) {
	var here, elsewhere []func()
	for _, c := range changes {
		why := whyChanged(f, in, c)
		add := func() { b.add(c.either(), s, difference, why) }
		switch {
		case strings.HasPrefix(why, "counted"):
			here = append(here, add)
		case why != "":
			elsewhere = append(elsewhere, add)
		case c.to != nil:
			if counts, _ := in(&c.to.CallRow); !counts {
				why = "not counted, " + describe(c.to)
				elsewhere = append(elsewhere, add)
			}
		}
	}
	first, second := here, elsewhere
	if moved > 0 && !f.mean {
		first, second = elsewhere, here
	}
	for _, add := range first {
		add()
	}
	if f.mean || len(first) == 0 {
		for _, add := range second {
			add()
		}
	}
}

// openCalls adds the open visits that the figure counts, the longest first.
func (p *pass) openCalls(b *behind, s *published, in func(*aggregate.CallRow) (bool, int64), difference float64) {
	var counted []*call
	for _, c := range p.calls.open[s.entity] {
		if counts, _ := in(&c.CallRow); counts {
			counted = append(counted, c)
		}
	}
	byBegin(counted)
	for _, c := range counted {
		b.add(c, s, difference, "counted, "+describe(c))
	}
}

// joined makes one change of all those of a call, in order.
func joined(changes []change) (out []change) {
	at := map[callKey]int{}
	for _, c := range changes {
		r := c.either()
		key := callKey{r.CallDate, r.CallID, r.QueueID, r.Direction, r.Visit}
		if i, ok := at[key]; ok {
			out[i].to = c.to
			continue
		}
		at[key] = len(out)
		out = append(out, c)
	}
	return out
}

func (c *change) either() *call {
	if c.to != nil {
		return c.to
	}
	return c.from
}

// whyChanged says how a change of a call has changed the figure; "" if it has not.
func whyChanged(f *field, in func(*aggregate.CallRow) (bool, int64), c change) string {
	var was, is bool
	var with, now int64
	if c.from != nil {
		was, with = in(&c.from.CallRow)
	}
	if c.to != nil {
		is, now = in(&c.to.CallRow)
	}
	seconds := func(us int64) string {
		if !f.mean || us < 0 {
			return ""
		}
		return fmt.Sprintf(" with %.1f s", float64(us)/1e6)
	}
	switch {
	case is && !was:
		return "counted" + seconds(now) + ", " + describe(c.to)
	case was && !is:
		return "no longer counted, " + describe(c.either())
	case is && now != with:
		return "counted" + seconds(now) + " instead of" + seconds(with)[len(" with"):]
	}
	return ""
}

// describe says what is known of a call's course.
func describe(c *call) string {
	switch {
	case c.EndedAt != 0:
		return "ended " + clock(c.EndedAt)
	case c.AnsweredAt != 0:
		return "answered " + clock(c.AnsweredAt)
	case c.ArrivedAt != 0:
		return "waiting since " + clock(c.ArrivedAt)
	}
	return "begun " + clock(c.BegunAt)
}

func clock(us int64) string { return ingest.FromMicros(us).Go().Format("15:04:05.000") }
