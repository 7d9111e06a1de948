package spool

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"os"
)

// Batch is a run of records that Peek has read.
type Batch struct {
	Records [][]byte
	end     int64  // where the next record begins
	next    uint64 // its number
}

// Peek returns the oldest records, some most bytes of them, at least one if there is one. It returns the same ones until they
// are dropped.
func (s *Spool) Peek(most int) (*Batch, error) {
	for {
		s.mu.Lock()
		if len(s.segments) == 0 || s.readNext == s.next {
			s.mu.Unlock()
			return &Batch{}, nil
		}
		g, from, number, left := s.segments[0], s.read, s.readNext, s.segments[0].last-s.readNext
		size := g.size
		s.mu.Unlock()
		if left > 0 {
			b, err := readBatch(g, from, size, number, left, most)
			if err != nil {
				return nil, fmt.Errorf("spool: read %s: %w", s.path(g.first), err)
			}
			if len(b.Records) > 0 {
				return b, nil
			}
			s.passOver(g, number)
		}
		s.mu.Lock()
		s.advance()
		s.mu.Unlock()
	}
}

// readBatch reads records of a segment; none if there is damage at once.
func readBatch(g *segment, from, size int64, number, left uint64, most int) (*Batch, error) {
	b := &Batch{end: from, next: number}
	length := int(min(size-from, int64(max(most, recordHeader))))
	for {
		buffer := make([]byte, length)
		if _, err := g.file.ReadAt(buffer, from); err != nil && !errors.Is(err, io.EOF) {
			return nil, err
		}
		rest := buffer
		for uint64(len(b.Records)) < left {
			payload, n, need, ok := parseRecord(rest, b.next)
			if !ok {
				if len(b.Records) == 0 && need > length && from+int64(need) <= size {
					length = need // the first record is longer than most
					break
				}
				return b, nil
			}
			b.Records = append(b.Records, payload)
			b.end += int64(n)
			b.next++
			rest = rest[n:]
		}
		if len(b.Records) > 0 {
			return b, nil
		}
	}
}

// Drop forgets the records of a batch: the one that Peek returned last.
func (s *Spool) Drop(b *Batch) error {
	if len(b.Records) == 0 {
		return nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.read, s.readNext = b.end, b.next
	first := s.segments[0].first
	s.advance()
	if len(s.segments) == 0 || s.segments[0].first != first {
		return nil // the segment is gone, and where the next one begins is known
	}
	return s.savePosition(first)
}

// passOver goes to the end of what is known to be in a segment, because the record with that number is damaged.
func (s *Spool) passOver(g *segment, number uint64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	lost := g.last - number
	s.read, s.readNext = g.size, g.last
	s.skipped += int64(lost)
	kept := s.path(g.first) + damaged
	if err := s.keepDamaged(g.first); err != nil {
		kept = "nowhere: " + err.Error()
	}
	s.Logf("spool: %d records of %s are damaged and were passed over; a copy is kept in %s", lost, s.path(g.first), kept)
}

// advance removes the segments that have been read, the last one too unless it is being written to. The caller holds mu.
func (s *Spool) advance() {
	for len(s.segments) > 0 && s.readNext == s.segments[0].last {
		last := len(s.segments) == 1
		if last && (s.writing || len(s.waiting) > 0) {
			return
		}
		s.remove(0)
		if !last {
			s.read, s.readNext = int64(len(magic)), s.segments[0].first
		}
	}
}

// remove removes a segment. The caller holds mu.
func (s *Spool) remove(i int) {
	g := s.segments[i]
	g.close()
	if err := os.Remove(s.path(g.first)); err != nil {
		s.Logf("spool: %v", err) // its records are handed out again at the next start
	}
	s.bytes -= g.size
	s.segments = append(s.segments[:i:i], s.segments[i+1:]...)
}

const positionBytes = 28

// savePosition remembers how far the first segment is read. The caller holds mu.
func (s *Spool) savePosition(first uint64) error {
	b := make([]byte, 0, positionBytes)
	b = binary.LittleEndian.AppendUint64(b, first)
	b = binary.LittleEndian.AppendUint64(b, uint64(s.read))
	b = binary.LittleEndian.AppendUint64(b, s.readNext)
	b = binary.LittleEndian.AppendUint32(b, crc32.Checksum(b, castagnoli))
	if _, err := s.position.WriteAt(b, 0); err != nil {
		return fmt.Errorf("spool: %w", err)
	}
	return nil
}

// loadPosition goes to where reading stopped, if that is known of the first segment.
func (s *Spool) loadPosition() {
	b := make([]byte, positionBytes)
	if _, err := s.position.ReadAt(b, 0); err != nil || len(s.segments) == 0 {
		return
	}
	first, at, number := binary.LittleEndian.Uint64(b), int64(binary.LittleEndian.Uint64(b[8:])), binary.LittleEndian.Uint64(b[16:])
	g := s.segments[0]
	if crc32.Checksum(b[:24], castagnoli) != binary.LittleEndian.Uint32(b[24:]) || first != g.first ||
		at < int64(len(magic)) || at > g.size || number < g.first || number > g.last {
		return
	}
	s.read, s.readNext = at, number
}
