package spool

import (
	"context"
	"errors"
	"fmt"
	"os"
	"sync"
)

// Errors of Append.
var (
	ErrFull   = errors.New("the spool is full")
	ErrClosed = errors.New("the spool is closed")
)

const (
	segmentBytes = 16 << 20
	// maxWrite bounds what is written before an fsync.
	maxWrite = 4 << 20
)

// Options configure a Spool.
type Options struct {
	Dir   string // created if absent; one process at a time
	Limit int64  // bytes on disk

	// Logf is told what a person should know of; nil drops it.
	Logf func(format string, a ...any)

	segmentBytes int64                // tests have short segments
	sync         func(*os.File) error // tests fail it
}

// Spool is an open spool. Append may be called by any number of goroutines; Peek and Drop by one.
type Spool struct {
	Options
	lock  *os.File
	wake  chan struct{} // capacity 1: requests wait
	fresh chan struct{} // capacity 1: there is something to Peek
	done  chan struct{} // closed when the writer has ended

	mu       sync.Mutex
	segments []*segment
	next     uint64 // number of the next record
	bytes    int64  // of the segments on disk
	waiting  []*request
	queued   int64 // bytes of waiting, and of what is being written
	writing  bool
	closed   bool
	failure  error // of the last write; nil: it went well
	anew     bool  // the next write begins a segment

	// Where the reader stands: in segments[0].
	read     int64  // offset
	readNext uint64 // number of the record there
	position *os.File
	skipped  int64 // records lost to damage
}

// segment is a file of records. size is what is known to be on disk; last is the number after its last record.
type segment struct {
	first, last uint64
	size        int64
	file        *os.File
}

// request is one Append.
type request struct {
	payload []byte
	done    chan error
}

// Open opens the spool in o.Dir and takes over what an earlier process left.
func Open(o Options) (*Spool, error) {
	if o.Logf == nil {
		o.Logf = func(string, ...any) {}
	}
	if o.segmentBytes == 0 {
		o.segmentBytes = min(segmentBytes, max(o.Limit/8, 1<<20))
	}
	if o.sync == nil {
		o.sync = (*os.File).Sync
	}
	s := &Spool{Options: o, wake: make(chan struct{}, 1), fresh: make(chan struct{}, 1), done: make(chan struct{})}
	if err := s.open(); err != nil {
		s.closeFiles()
		return nil, fmt.Errorf("spool: %w", err)
	}
	if s.readNext < s.next {
		s.fresh <- struct{}{}
	}
	go s.write()
	return s, nil
}

// Append returns when payload is on disk. The payload must not change before the spool is done with it, which may be after
// Append has returned because ctx ended; the record may be in the spool then.
func (s *Spool) Append(ctx context.Context, payload []byte) error {
	size := int64(recordHeader + len(payload))
	if len(payload) > MaxRecord {
		return fmt.Errorf("spool: a record of %d bytes; the limit is %d", len(payload), MaxRecord)
	}
	r := &request{payload, make(chan error, 1)}
	s.mu.Lock()
	switch {
	case s.closed:
		s.mu.Unlock()
		return ErrClosed
	case s.bytes+s.queued+size > s.Limit:
		s.mu.Unlock()
		return ErrFull
	}
	s.waiting = append(s.waiting, r)
	s.queued += size
	s.mu.Unlock()
	signal(s.wake)
	select {
	case err := <-r.done:
		return err
	case <-ctx.Done():
		return fmt.Errorf("spool: writing takes too long: %w", ctx.Err())
	}
}

// signal makes sure that a channel of capacity 1 holds something.
func signal(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

// Fresh is signalled when records have come in, and after Open if there are any.
func (s *Spool) Fresh() <-chan struct{} { return s.fresh }

// Size is what a spool holds.
type Size struct {
	Records int64 // not dropped yet
	Bytes   int64 // on disk, of records that are dropped, too, until their segment goes
	Skipped int64 // records that were lost to damage since Open
}

// Size returns what the spool holds now.
func (s *Spool) Size() Size {
	s.mu.Lock()
	defer s.mu.Unlock()
	return Size{int64(s.next - s.readNext), s.bytes, s.skipped}
}

// Trouble tells why the spool takes nothing at present: ErrFull, or what the last write failed with; nil: it does.
func (s *Spool) Trouble() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return ErrClosed
	}
	if s.bytes+s.queued+recordHeader >= s.Limit {
		return ErrFull
	}
	return s.failure
}

// Close waits until what Append was given is on disk, and closes the files.
func (s *Spool) Close() error {
	s.mu.Lock()
	if s.closed {
		s.mu.Unlock()
		return nil
	}
	s.closed = true
	s.mu.Unlock()
	signal(s.wake)
	<-s.done
	s.closeFiles()
	return nil
}

func (s *Spool) closeFiles() {
	for _, g := range s.segments {
		g.close()
	}
	for _, f := range []*os.File{s.position, s.lock} {
		if f != nil {
			_ = f.Close() // what counts was synced
		}
	}
}

func (g *segment) close() {
	if g.file != nil {
		_ = g.file.Close() // what counts was synced
		g.file = nil
	}
}
