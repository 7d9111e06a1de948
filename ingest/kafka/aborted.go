package kafka

import (
	"cmp"
	"encoding/binary"
	"slices"
)

// abortedSet knows which transactional records of a response belong to aborted transactions: those of a producer from
// the transaction's first offset, as the broker lists it, to the producer's abort marker.
type abortedSet struct {
	pending []abortedTransaction // sorted by first offset, descending, so that the next one is last
	active  []int64              // producers; a handful at most
}

type abortedTransaction struct {
	producer, first int64
}

// reset takes the list out of a fetch response: count, then producer and first offset of each.
func (s *abortedSet) reset(c *cursor) {
	s.pending, s.active = s.pending[:0], s.active[:0]
	for n := c.count(16); n > 0; n-- {
		s.pending = append(s.pending, abortedTransaction{producer: c.int64(), first: c.int64()})
		c.tags()
	}
	slices.SortFunc(s.pending, func(a, b abortedTransaction) int { return cmp.Compare(b.first, a.first) })
}

// covers reports whether the batch was aborted. Batches must be asked about in order.
func (s *abortedSet) covers(h *batchHeader) bool {
	if h.attrs&attrTransactional == 0 {
		return false
	}
	s.reach(h)
	return slices.Contains(s.active, h.producer)
}

// reach begins the aborted transactions that begin in the batch or before it.
func (s *abortedSet) reach(h *batchHeader) {
	for len(s.pending) > 0 && s.pending[len(s.pending)-1].first < h.next() {
		s.active = append(s.active, s.pending[len(s.pending)-1].producer)
		s.pending = s.pending[:len(s.pending)-1]
	}
}

// marker takes in a control batch: an abort ends the producer's aborted transaction, also where the response begins with
// the marker and all records of the transaction came before.
func (s *abortedSet) marker(h *batchHeader, body []byte) {
	s.reach(h)
	_, i := varint(body, 0) // length; one attribute byte follows
	if i < 0 {
		return
	}
	if _, i = varint(body, i+1); i < 0 { // time
		return
	}
	if _, i = varint(body, i); i < 0 { // offset
		return
	}
	key, i := nullableBytes(body, i)
	if i < 0 || len(key) < 4 {
		return
	}
	const abort = 0
	if binary.BigEndian.Uint16(key[2:]) != abort {
		return
	}
	if at := slices.Index(s.active, h.producer); at >= 0 {
		s.active = slices.Delete(s.active, at, at+1)
	}
}
