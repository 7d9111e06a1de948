package aggregate

import (
	"slices"
	"strings"
)

// span is an agent's part in a call over time.
type span struct {
	from, to int64  // µs; to is stillRuns until it ends
	agent    uint32 // index + 1
	queue    uint32 // index + 1; 0: none
	kind     spanKind
}

type spanKind uint8

const (
	spanOffer    spanKind = iota // open; it ends as one of the next three
	spanAnswered                 // by the agent it was made to
	spanDeclined                 // by the agent
	spanMissed                   // in any other way
	spanTalk                     // a segment, its holds included
	spanHold
	spanWrapUp
	spanHandled // no time in a state: its length is what the agent's part in a call took, from the first segment's begin
)

// stillRuns is the end of what has not ended.
const stillRuns = int64(1) << 62

func (s *stay) beginSpan(kind spanKind, agent uint32, t int64) {
	if agent != 0 {
		s.spans = append(s.spans, span{from: t, to: stillRuns, agent: agent, queue: s.queue, kind: kind})
	}
}

// endSpan ends the agent's open span of a kind.
func (s *stay) endSpan(kind spanKind, agent uint32, t int64, as spanKind) {
	for i := range s.spans {
		if p := &s.spans[i]; p.to == stillRuns && p.kind == kind && p.agent == agent {
			p.to, p.kind = t, as
		}
	}
}

// endSpans ends every open span of a kind.
func (s *stay) endSpans(kind spanKind, t int64, as spanKind) {
	for i := range s.spans {
		if p := &s.spans[i]; p.to == stillRuns && p.kind == kind {
			p.to, p.kind = t, as
		}
	}
}

// answerMissed corrects the offer that ended with the visit, where a skewed clock stamped the agent's connect after that.
func (s *stay) answerMissed(agent uint32) {
	for i := range s.spans {
		if p := &s.spans[i]; p.agent == agent && p.kind == spanMissed && p.to == s.ended {
			p.kind = spanAnswered
		}
	}
}

// declined tells whether a UserCancelled says that the agent declined the call: its Reason is local, the side of the user
// who is named.
func (f *folder) declined(ft *fact) bool { return strings.EqualFold(f.texts.get(ft.text[0]), "local") }

// lastWord returns the instant, µs, after which no event can belong to the call as it stands: no wrap-up whose end is
// never told is taken to last longer.
func (f *folder) lastWord() int64 {
	if f.ended {
		return micros(f.endAt) + f.set.Linger.Microseconds()
	}
	return micros(f.last + f.maxAge())
}

// appendSpans appends all spans of the folded call.
func (f *folder) appendSpans(spans []span) []span {
	for i := range f.stays {
		s := &f.stays[i]
		spans = append(spans, s.spans...)
		for j := range s.wraps {
			if w := &s.wraps[j]; w.agent != 0 {
				spans = append(spans, span{from: s.wrapBegin(w), to: w.end, agent: w.agent, queue: s.queue, kind: spanWrapUp})
			}
		}
		if !s.talkKnown() {
			continue
		}
		for _, a := range s.agents {
			if p, over := s.handled(a.agent); over {
				spans = append(spans, p)
			}
		}
	}
	return spans
}

// wrapBegin returns when a wrap-up began. One of which only the length is told ended when that was told, and began no
// earlier than the agent's part in the call.
func (s *stay) wrapBegin(w *wrapUp) int64 {
	if w.start < w.end {
		return w.start
	}
	return min(w.start, max(w.end-w.length, s.firstSegment(w.agent)))
}

func (s *stay) firstSegment(agent uint32) int64 {
	for i := range s.spans {
		if p := &s.spans[i]; p.agent == agent && p.kind == spanTalk {
			return p.from
		}
	}
	return s.begun
}

// handled sums up the agent's part in a stay that has ended; over is false while a wrap-up of the agent runs.
func (s *stay) handled(agent uint32) (p span, over bool) {
	if agent == 0 {
		return p, false
	}
	length := int64(0)
	for i := range s.spans {
		if p := &s.spans[i]; p.agent == agent && p.kind == spanTalk {
			length += p.to - p.from
		}
	}
	for i := range s.wraps {
		if w := &s.wraps[i]; w.agent == agent {
			if w.running {
				return p, false
			}
			length += w.length
		}
	}
	from := s.firstSegment(agent)
	return span{from: from, to: from + length, agent: agent, queue: s.queue, kind: spanHandled}, true
}

// setSpans exchanges the spans of a call for those of its last fold, and notes whose timeline that changes.
func (c *Core) setSpans(call *call) {
	c.spans = c.fold.appendSpans(c.spans[:0])
	if slices.Equal(c.spans, call.spans) {
		return
	}
	for i := range max(len(c.spans), len(call.spans)) {
		switch {
		case i >= len(call.spans):
			call.org.mark(&c.spans[i], c.spans[i].from)
		case i >= len(c.spans):
			call.org.mark(&call.spans[i], call.spans[i].from)
		case c.spans[i] != call.spans[i]:
			p, q := &call.spans[i], &c.spans[i]
			if p.grown(q) {
				call.org.mark(p, min(p.to, q.to))
				continue
			}
			call.org.mark(p, p.from)
			call.org.mark(q, q.from)
		}
	}
	before := cap(call.spans)
	call.spans = append(call.spans[:0], c.spans...)
	c.historyBytes += int64(cap(call.spans)-before) * spanBytes
}

// grown tells whether q differs from p in its end alone, and nothing is counted of it but time.
func (p *span) grown(q *span) bool {
	return p.from == q.from && p.agent == q.agent && p.queue == q.queue && p.kind == q.kind && p.kind >= spanTalk && p.kind <= spanWrapUp
}

// mark notes that a span changes its agent's timeline from an instant on.
func (o *org) mark(p *span, from int64) { o.agents[p.agent-1].markTimeline(from) }
