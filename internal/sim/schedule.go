package sim

import (
	"math"

	"ringside/ingest"
)

// timeline is a binary heap ordered by time, and then by the order in which its entries were added.
type timeline[T any] struct {
	items []entry[T]
	seq   uint64
}

type entry[T any] struct {
	at  ingest.Time
	seq uint64
	v   T
}

func (e *entry[T]) before(f *entry[T]) bool { return e.at < f.at || e.at == f.at && e.seq < f.seq }

func (l *timeline[T]) len() int { return len(l.items) }

// next is the earliest time; it must not be called on an empty timeline.
func (l *timeline[T]) next() ingest.Time { return l.items[0].at }

func (l *timeline[T]) add(at ingest.Time, v T) {
	l.seq++
	l.items = append(l.items, entry[T]{at, l.seq, v})
	i := len(l.items) - 1
	for i > 0 {
		p := (i - 1) / 2
		if !l.items[i].before(&l.items[p]) {
			break
		}
		l.items[i], l.items[p] = l.items[p], l.items[i]
		i = p
	}
}

func (l *timeline[T]) pop() T {
	top, last := l.items[0].v, len(l.items)-1
	l.items[0], l.items[last] = l.items[last], entry[T]{}
	l.items = l.items[:last]
	for i := 0; ; {
		c := 2*i + 1
		if c >= last {
			return top
		}
		if c+1 < last && l.items[c+1].before(&l.items[c]) {
			c++
		}
		if !l.items[c].before(&l.items[i]) {
			return top
		}
		l.items[i], l.items[c] = l.items[c], l.items[i]
		i = c
	}
}

// seconds converts to ticks.
func seconds(s float64) ingest.Time { return ingest.Time(s * ingest.TicksPerSecond) }

// in plans do after delay seconds, at least one tick from now.
func (s *Sim) in(delay float64, do func()) { s.plans.add(s.now+max(1, seconds(delay)), do) }

func (s *Sim) chance(p float64) bool { return p > 0 && s.rng.Float64() < p }

// between draws evenly.
func (s *Sim) between(lo, hi float64) float64 { return lo + (hi-lo)*s.rng.Float64() }

func (s *Sim) exponential(mean float64) float64 { return mean * s.rng.ExpFloat64() }

// lognormal draws with the given mean and a coefficient of variation of about 0.8, as talk times have.
func (s *Sim) lognormal(mean float64) float64 {
	const sigma = 0.7
	return mean * math.Exp(sigma*s.rng.NormFloat64()-sigma*sigma/2)
}
