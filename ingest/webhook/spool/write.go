package spool

import (
	"fmt"
	"os"
	"path/filepath"
)

// write serves the requests of Append: all that wait go to disk together, with one fsync. It ends when the spool is closed
// and nothing waits.
func (s *Spool) write() {
	defer close(s.done)
	var buffer []byte
	for {
		batch, size := s.takeWaiting()
		if len(batch) == 0 {
			if s.isClosed() {
				return
			}
			<-s.wake
			continue
		}
		tail, err := s.tail()
		if err == nil {
			buffer = buffer[:0]
			number := tail.last
			for i, r := range batch {
				buffer = appendRecord(buffer, number+uint64(i), r.payload)
			}
			err = s.put(tail, buffer)
		}
		s.settle(tail, batch, size, err)
		if cap(buffer) > maxWrite {
			buffer = nil
		}
	}
}

func (s *Spool) isClosed() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.closed && len(s.waiting) == 0
}

// takeWaiting takes the requests of the next write.
func (s *Spool) takeWaiting() (batch []*request, size int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := 0
	for n < len(s.waiting) && (n == 0 || size < maxWrite) {
		size += int64(recordHeader + len(s.waiting[n].payload))
		n++
	}
	batch = s.waiting[:n:n]
	if s.waiting = s.waiting[n:]; len(s.waiting) == 0 {
		s.waiting = nil // its array goes with the batch
	}
	s.writing = n > 0
	return batch, size
}

// settle answers the requests of a write.
func (s *Spool) settle(tail *segment, batch []*request, size int64, err error) {
	s.mu.Lock()
	s.writing = false
	s.queued -= size
	s.failure = err
	s.anew = err != nil
	if err == nil {
		tail.size += size
		tail.last += uint64(len(batch))
		s.next = tail.last
		s.bytes += size
	}
	s.mu.Unlock()
	for _, r := range batch {
		r.done <- err
	}
	if err == nil {
		signal(s.fresh)
	}
}

// tail returns the segment to write to. It begins a new one after a write that failed, since what is in the file behind its
// last whole record is not known then, and a failed fsync may have made the system forget what it had not written.
func (s *Spool) tail() (*segment, error) {
	s.mu.Lock()
	var last *segment
	if n := len(s.segments); n > 0 {
		last = s.segments[n-1]
	}
	anew, next := s.anew, s.next
	s.mu.Unlock()
	if last != nil && last.size < s.segmentBytes && !anew {
		return last, nil
	}
	if last != nil && last.first == next { // it never got a record: its name is the new one's
		s.mu.Lock()
		s.remove(len(s.segments) - 1)
		s.mu.Unlock()
	}
	return s.create(next)
}

func (s *Spool) create(first uint64) (*segment, error) {
	f, err := os.OpenFile(s.path(first), os.O_CREATE|os.O_EXCL|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("spool: %w", err)
	}
	g := &segment{first: first, last: first, size: int64(len(magic)), file: f}
	_, err = f.WriteString(magic)
	if err == nil {
		err = s.sync(f)
	}
	if err == nil {
		err = syncDir(s.Dir)
	}
	if err != nil {
		g.close()
		_ = os.Remove(s.path(first)) // the first error is the one that tells
		return nil, fmt.Errorf("spool: %w", err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.segments = append(s.segments, g)
	s.bytes += g.size
	if len(s.segments) == 1 {
		s.read, s.readNext = g.size, first
	}
	return g, nil
}

// put writes b behind what is in the segment, and syncs it.
func (s *Spool) put(g *segment, b []byte) error {
	_, err := g.file.WriteAt(b, g.size)
	if err == nil {
		err = s.sync(g.file)
	}
	if err != nil {
		_ = g.file.Truncate(g.size) // gives back a full disk's last bytes; the segment is not written to again anyway
		return fmt.Errorf("spool: %w", err)
	}
	return nil
}

func (s *Spool) path(first uint64) string {
	return filepath.Join(s.Dir, fmt.Sprintf("%016x%s", first, suffix))
}

// syncDir makes sure that a folder's entries survive a power cut.
func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	err = d.Sync()
	if errClose := d.Close(); err == nil {
		err = errClose
	}
	return err
}
