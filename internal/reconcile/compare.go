package reconcile

import (
	"context"
	"math"

	"ringside/store"
)

// fieldCount counts the published figures of one field.
type fieldCount struct {
	compared, differ int64
	greatest, sum    float64  // of the differences, without their signs
	left             []int64  // by alternative: how many differ under it
	behind           []behind // by reading, that of docs/METRICS.md first
}

func newFieldCounts(k *kind) []fieldCount {
	counts := make([]fieldCount, len(k.fields))
	for i := range counts {
		n := len(k.fields[i].otherwise)
		counts[i].left, counts[i].behind = make([]int64, n), make([]behind, 1+n)
	}
	return counts
}

// compare holds the figures of one summary against those of the core.
func (p *pass) compare(ctx context.Context, s *published) error {
	k := &kinds[s.kind]
	key := trackKey{kind: s.kind, entity: s.entity}
	if k.dated {
		key.date = s.date
	}
	t := p.track(key)
	t.forget(s.at - tolerance)
	var shown *state
	if of := p.shown[s.kind]; of != nil {
		var err error
		if shown, err = of.at(ctx, s.entity, s.at); err != nil {
			return err
		}
	}
	for j := range k.fields {
		if p.survey.decimals[s.kind][j] < 0 {
			continue // the vendor does not publish it
		}
		if err := p.compareField(ctx, s, t, j, shown); err != nil {
			return err
		}
	}
	return nil
}

func (p *pass) compareField(ctx context.Context, s *published, t *track, j int, shown *state) error {
	f, c := &kinds[s.kind].fields[j], &p.fields[s.kind][j]
	v := s.values.Figures[f.index]
	if s.values.Null[f.index] {
		v = 0
	}
	rounding := within(p.survey.decimals[s.kind][j], v)
	differs := func(of figure) (difference float64) {
		if t.held(f, of, v, rounding, s.at-tolerance, s.at) {
			return 0
		}
		now, _ := f.value(of, t.current(), s.at)
		return v - now
	}
	difference := differs(f.of)
	c.compared++
	if difference != 0 {
		c.differ++
		c.sum += math.Abs(difference)
		c.greatest = max(c.greatest, math.Abs(difference))
	}
	p.lookBehind(s, t, j, 0, v, rounding)
	vanishes := uint64(0)
	for a := range f.otherwise {
		d := differs(f.otherwise[a].of)
		if d != 0 {
			c.left[a]++
		} else if difference != 0 {
			vanishes |= 1 << a
		}
		p.lookBehind(s, t, j, 1+a, v, rounding)
	}
	if p.sink == nil {
		if difference != 0 && len(p.differing) < maxDiffering {
			p.differing[figureID{s.id, j}] = true
		}
		return nil
	}
	return p.sink.add(ctx, row{
		ReconciledFigure: store.ReconciledFigure{OrganizationID: p.Organization, Date: int32(s.date), Kind: kinds[s.kind].name, EntityID: s.entity,
			Field: f.name, PublishedAt: s.at, Published: known(s.values.Figures[f.index], !s.values.Null[f.index]),
			Recomputed: known(f.value(f.of, t.current(), s.at)), ShownThen: f.shown(shown, s.at), Difference: difference},
		id: figureID{s.id, j}, kind: s.kind, vanishes: vanishes,
	})
}

// value is a figure as it is written: seconds that grow are whole.
func (f *field) value(of figure, s *state, at int64) (float64, bool) {
	v, ok := of(s, at)
	if f.grows {
		v = math.Floor(v)
	}
	return v, ok
}

// shown is the figure of what was shown; nil where nothing is known of it.
func (f *field) shown(s *state, at int64) *float64 {
	if s == nil {
		return nil
	}
	return known(f.value(f.of, s, at))
}

func known(v float64, ok bool) *float64 {
	if !ok {
		return nil
	}
	return &v
}

// unexplained tells whether a field that a reading could explain differs, and nothing explains it yet.
func (p *pass) unexplained(could func(field string) bool, others []*pass) bool {
	for i := range kinds {
		for j := range kinds[i].fields {
			if could(kinds[i].fields[j].name) && p.fields[i][j].differ > 0 && !p.isExplained(i, j, others) {
				return true
			}
		}
	}
	return false
}

func (p *pass) isExplained(i, j int, others []*pass) bool {
	for _, left := range p.fields[i][j].left {
		if left == 0 {
			return true
		}
	}
	for _, o := range others {
		if o.fields[i][j].differ == 0 {
			return true
		}
	}
	return false
}
