package aggregate

import (
	"encoding/binary"

	"github.com/google/uuid"

	"ringside/ingest"
)

// minIDSlots is the size of an organization's first table.
const minIDSlots = 64

// idBucket is the grain in which ids are forgotten.
const idBucket = ingest.Time(5 * 60 * ingest.TicksPerSecond)

// seenIDs remembers the ids of an organization's events, as 64-bit hashes, until the horizon has passed their timestamp
// by the lateness: a copy that comes after that is late by definition. Ids are random, so two of the 10⁷ that may be
// held at once share a hash with probability 10⁻⁶.
type seenIDs struct {
	slots  []seenID // open addressing, a power of two long; hash 0 marks an empty slot
	used   int
	oldest int32  // no held id is in an older bucket
	total  *int64 // slots of all organizations, for the memory limit
}

type seenID struct {
	hash   uint64
	body   uint32
	bucket int32
}

// hashID mixes both halves, since vendors' ids may be sequential in either.
func hashID(id uuid.UUID) uint64 {
	h := binary.LittleEndian.Uint64(id[:8])*0x9E3779B97F4A7C15 ^ binary.LittleEndian.Uint64(id[8:])
	h ^= h >> 32
	h *= 0xD6E8FEB86659FD93
	h ^= h >> 32
	return max(h, 1)
}

func bucketOf(t ingest.Time) int32 {
	return int32(t / idBucket)
}

func idOfEvent(id uuid.UUID, at ingest.Time, body uint64) seenID {
	return seenID{hashID(id), uint32(body ^ body>>32), bucketOf(at)}
}

// put remembers e, or returns what is held of the same hash.
func (s *seenIDs) put(e seenID) *seenID {
	if s.used*4 >= len(s.slots)*3 {
		s.rehash()
	}
	mask := uint64(len(s.slots) - 1)
	for i := e.hash & mask; ; i = (i + 1) & mask {
		slot := &s.slots[i]
		if slot.hash == e.hash {
			return slot
		}
		if slot.hash == 0 {
			*slot = e
			s.used++
			return nil
		}
	}
}

// growth returns the bytes that the next id takes: a table that is full is replaced, and both are there for a moment.
func (s *seenIDs) growth() int64 {
	if s.used*4 < len(s.slots)*3 {
		return 0
	}
	return int64(s.nextSize()) * 16
}

// nextSize returns the size of a table with room for twice the ids that are still to be remembered.
func (s *seenIDs) nextSize() int {
	keep := 0
	for i := range s.slots {
		if s.slots[i].hash != 0 && s.slots[i].bucket >= s.oldest {
			keep++
		}
	}
	n := minIDSlots
	for n < keep*2 {
		n *= 2
	}
	return n
}

// forget lets go of the ids whose bucket ends at or before limit. They stay in the table, where they do no harm (a copy
// is late by now), until it is full: sweeping it each bucket took a quarter of Apply's time.
func (s *seenIDs) forget(limit ingest.Time) {
	s.oldest = max(s.oldest, bucketOf(limit))
}

func (s *seenIDs) rehash() {
	n := s.nextSize()
	old := s.slots
	s.slots, s.used = make([]seenID, n), 0
	*s.total += int64(n - len(old))
	mask := uint64(n - 1)
	for _, e := range old {
		if e.hash == 0 || e.bucket < s.oldest {
			continue
		}
		i := e.hash & mask
		for s.slots[i].hash != 0 {
			i = (i + 1) & mask
		}
		s.slots[i] = e
		s.used++
	}
}
