package aggregate

import (
	"slices"
	"sort"
)

// instants is a multiset of instants that can be listed in order. It is kept in sorted chunks of limited length, so that
// a change costs two binary searches and the move of half a chunk, whatever the size: events come almost in order, and
// the end of a plain sorted list would do for them, but a backlog of thousands of waits is taken apart at its beginning.
type instants struct {
	chunks [][]int64 // none is empty; each begins at or after the end of the one before
}

const instantsChunk = 128

func (s *instants) add(v int64) {
	c := s.chunkOf(v)
	if c == len(s.chunks) {
		if c == 0 {
			s.chunks = append(s.chunks, nil)
		} else {
			c--
		}
	}
	chunk := s.chunks[c]
	i, _ := slices.BinarySearch(chunk, v)
	chunk = slices.Insert(chunk, i, v)
	if len(chunk) > instantsChunk {
		half := len(chunk) / 2
		s.chunks = slices.Insert(s.chunks, c+1, slices.Clone(chunk[half:]))
		chunk = chunk[:half]
	}
	s.chunks[c] = chunk
}

func (s *instants) remove(v int64) {
	c := s.chunkOf(v)
	if c == len(s.chunks) {
		panic("BUG: an instant taken back that was not added")
	}
	i, found := slices.BinarySearch(s.chunks[c], v)
	if !found {
		panic("BUG: an instant taken back that was not added")
	}
	if s.chunks[c] = slices.Delete(s.chunks[c], i, i+1); len(s.chunks[c]) > 0 {
		return
	}
	if len(s.chunks) == 1 {
		s.chunks[0] = s.chunks[0][:0]
		return
	}
	s.chunks = slices.Delete(s.chunks, c, c+1)
}

// chunkOf returns the first chunk that ends at or after v; len(chunks) if there is none.
func (s *instants) chunkOf(v int64) int {
	return sort.Search(len(s.chunks), func(i int) bool {
		c := s.chunks[i]
		return len(c) > 0 && c[len(c)-1] >= v
	})
}

// first returns the earliest instant, 0 if there is none.
func (s *instants) first() int64 {
	if len(s.chunks) == 0 || len(s.chunks[0]) == 0 {
		return 0
	}
	return s.chunks[0][0]
}

// last returns the latest instant, 0 if there is none.
func (s *instants) last() int64 {
	if len(s.chunks) == 0 {
		return 0
	}
	c := s.chunks[len(s.chunks)-1]
	if len(c) == 0 {
		return 0
	}
	return c[len(c)-1]
}

// list returns the earliest instants, ascending, at most limit; nil if there are none. The result is the caller's.
func (s *instants) list(limit int) (out []int64) {
	for _, c := range s.chunks {
		if len(out)+len(c) >= limit {
			return append(out, c[:limit-len(out)]...)
		}
		out = append(out, c...)
	}
	return out
}
