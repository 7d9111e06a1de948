package engine

import (
	"slices"
	"testing"

	"ringside/store"
)

func TestRangesOfLeftovers(t *testing.T) {
	v := store.Version
	between := func(after, before uint64) store.VersionRange {
		return store.VersionRange{After: after, Before: before}
	}
	for name, c := range map[string]struct {
		chain []store.Segment
		want  []store.VersionRange
	}{
		"one former owner": {[]store.Segment{{Epoch: 4, Generation: 2, Sequence: 70}}, []store.VersionRange{between(v(4, 70), v(9, 0))}},
		"each up to where its successor began": {[]store.Segment{{Epoch: 2, Generation: 1, Sequence: 5}, {Epoch: 3, Generation: 1, Sequence: 8}, {Epoch: 7, Generation: 1, Sequence: 1}},
			[]store.VersionRange{between(v(2, 5), v(3, 0)), between(v(3, 8), v(7, 0)), between(v(7, 1), v(9, 0))}},
	} {
		if got := rangesOf(&store.Manifest{Chain: c.chain}, 9); !slices.Equal(got, c.want) {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
	}
	if got := rangesOf(nil, 9); got != nil {
		t.Errorf("without a checkpoint: %v", got)
	}
}
