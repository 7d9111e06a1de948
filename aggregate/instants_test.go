package aggregate

import (
	"math/rand/v2"
	"slices"
	"testing"
)

// TestInstants holds the multiset against a sorted list, through growth, copies of a value and emptiness.
func TestInstants(t *testing.T) {
	for _, size := range []int{1, 5, instantsChunk, 20 * instantsChunk} {
		r := rand.New(rand.NewPCG(1, uint64(size)))
		var s instants
		var want []int64
		for step := range 12 * size {
			grow := step%(4*size) < 2*size
			if len(want) == 0 || r.IntN(4) > 0 == grow {
				v := 1 + r.Int64N(int64(3*size))
				s.add(v)
				i, _ := slices.BinarySearch(want, v)
				want = slices.Insert(want, i, v)
			} else {
				i := r.IntN(len(want))
				s.remove(want[i])
				want = slices.Delete(want, i, i+1)
			}
			if step%97 > 0 && size > 5 {
				continue
			}
			for _, limit := range []int{1, 7, instantsChunk, 1 << 20} {
				if got := s.list(limit); !slices.Equal(got, want[:min(limit, len(want))]) {
					t.Fatalf("size %d, step %d: the first %d are %v, want those of %v", size, step, limit, got, want)
				}
			}
			first, last := int64(0), int64(0)
			if len(want) > 0 {
				first, last = want[0], want[len(want)-1]
			}
			if got := s.last(); got != last {
				t.Fatalf("size %d, step %d: last %d, want %d", size, step, got, last)
			}
			if got := s.first(); got != first {
				t.Fatalf("size %d, step %d: first %d, want %d", size, step, got, first)
			}
			for i, c := range s.chunks {
				if len(c) > instantsChunk || len(c) == 0 && len(s.chunks) > 1 {
					t.Fatalf("chunk %d of %d has %d instants", i, len(s.chunks), len(c))
				}
			}
		}
	}
}

func TestInstantsOnlyGiveBackWhatTheyHave(t *testing.T) {
	for _, v := range []int64{1, 3, 9} {
		s := instants{}
		s.add(2)
		s.add(8)
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%d was taken back", v)
				}
			}()
			s.remove(v)
		}()
	}
}

func BenchmarkInstants(b *testing.B) {
	var s instants
	for i := range int64(10_000) {
		s.add(i)
	}
	b.ReportAllocs()
	for i := range int64(b.N) {
		s.add(10_000 + i)
		s.remove(i)
	}
}

// Instants that are added as time passes, and taken back when they are old, are not kept.
func TestInstantsForgetWhatIsOld(t *testing.T) {
	var s instants
	const held = 40
	for now := range int64(100_000) {
		s.add(now)
		if now >= held {
			s.remove(now - held)
		}
		if got := s.last(); got != now {
			t.Fatalf("last = %d at %d", got, now)
		}
		n := 0
		for _, c := range s.chunks {
			n += cap(c)
		}
		if n > 2*instantsChunk || cap(s.chunks) > 8 {
			t.Fatalf("there is room for %d instants of %d", n, held)
		}
	}
}
