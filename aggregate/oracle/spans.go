package oracle

import (
	"cmp"
	"slices"
)

// union returns the spans merged and in order, cut to [from, to).
func union(spans []span, from, to int64) []span {
	var cut []span
	for _, s := range spans {
		s.from, s.to = max(s.from, from), min(s.to, to)
		if s.from < s.to {
			cut = append(cut, s)
		}
	}
	slices.SortFunc(cut, func(a, b span) int { return cmp.Compare(a.from, b.from) })
	var merged []span
	for _, s := range cut {
		if n := len(merged); n > 0 && s.from <= merged[n-1].to {
			merged[n-1].to = max(merged[n-1].to, s.to)
			continue
		}
		merged = append(merged, s)
	}
	return merged
}

func length(spans []span) (sum int64) {
	for _, s := range spans {
		sum += s.to - s.from
	}
	return sum
}

const forever = int64(1) << 62

// closed gives spans that still run the end of v, or forever.
func (v *visit) closed(s span) span {
	if s.to == 0 {
		s.to = forever
		if !v.open() {
			s.to = v.ended
		}
	}
	return s
}

func (v *visit) segmentSpans() (out []span) {
	for _, s := range v.segments {
		out = append(out, v.closed(s.span))
	}
	return out
}

func (v *visit) holdSpans() (out []span) {
	for _, h := range v.holds {
		out = append(out, v.closed(h.span))
	}
	return out
}

func (v *visit) offerSpans() (out []span) {
	for _, o := range v.offers {
		out = append(out, v.closed(o.span))
	}
	return out
}

// ringing: "ringing while any offer is open".
func (v *visit) ringing() bool {
	return slices.ContainsFunc(v.offers, func(o offer) bool { return o.to == 0 })
}
