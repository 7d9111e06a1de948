package spool

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
)

const (
	suffix  = ".spool"
	damaged = ".damaged"
	// maxDamaged bounds how many copies of damaged segments are kept.
	maxDamaged = 8
)

func (s *Spool) open() error {
	if err := os.MkdirAll(s.Dir, 0o700); err != nil {
		return err
	}
	var err error
	if s.lock, err = lockDir(s.Dir); err != nil {
		return err
	}
	if s.position, err = os.OpenFile(filepath.Join(s.Dir, "position"), os.O_CREATE|os.O_RDWR, 0o600); err != nil {
		return err
	}
	firsts, err := s.list()
	if err != nil {
		return err
	}
	for i, first := range firsts {
		g, err := openSegment(s.path(first), first)
		if err != nil {
			return err
		}
		if i+1 < len(firsts) {
			g.last = firsts[i+1]
		} else if err := g.count(); err != nil {
			g.close()
			return err
		}
		s.segments = append(s.segments, g)
		s.bytes += g.size
		s.next = g.last
	}
	if n := len(s.segments); n > 0 {
		s.read, s.readNext = int64(len(magic)), s.segments[0].first
		s.loadPosition()
		if g := s.segments[n-1]; g.first == g.last {
			s.remove(n - 1) // nothing whole is in it, and its name is the next one's
		}
		s.anew = true // no process writes to a segment of another
		s.advance()
	}
	if len(s.segments) > 0 {
		return nil
	}
	// Numbers begin at 0 again: what was remembered of earlier ones must not be taken for a position among the new.
	if err := s.position.Truncate(0); err != nil {
		return err
	}
	return s.position.Sync()
}

// list returns the numbers by which the segments are called, in order.
func (s *Spool) list() ([]uint64, error) {
	entries, err := os.ReadDir(s.Dir)
	if err != nil {
		return nil, err
	}
	var firsts []uint64
	for _, e := range entries {
		name, ok := strings.CutSuffix(e.Name(), suffix)
		if !ok {
			continue
		}
		first, err := strconv.ParseUint(name, 16, 64)
		if err != nil || len(name) != 16 {
			return nil, fmt.Errorf("%s is no segment of a spool: take it away", filepath.Join(s.Dir, e.Name()))
		}
		firsts = append(firsts, first)
	}
	slices.Sort(firsts)
	return firsts, nil
}

// openSegment opens a segment for reading; its size is that of the file, its records are not known yet.
func openSegment(path string, first uint64) (*segment, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	g := &segment{first: first, last: first, file: f}
	head := make([]byte, len(magic))
	n, err := io.ReadFull(f, head)
	info, errStat := f.Stat()
	switch {
	case err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF):
		g.close()
		return nil, err
	case errStat != nil:
		g.close()
		return nil, errStat
	case n == len(magic) && string(head) != magic:
		g.close()
		return nil, fmt.Errorf("%s has a format that this version does not know: start the version that wrote it, or take the file away", path)
	}
	g.size = info.Size()
	return g, nil
}

// count finds out how many whole records are in a segment that none follows, and where they end.
func (g *segment) count() error {
	from := int64(len(magic))
	for from < g.size {
		b, err := readBatch(g, from, g.size, g.last, 1<<62, 1<<20)
		if err != nil {
			return err
		}
		if len(b.Records) == 0 {
			break
		}
		from, g.last = b.end, b.next
	}
	g.size = min(from, g.size)
	return nil
}

// keepDamaged keeps a second name for a segment that is going to be removed.
func (s *Spool) keepDamaged(first uint64) error {
	old, err := filepath.Glob(filepath.Join(s.Dir, "*"+damaged))
	if err != nil {
		return err
	}
	if len(old) >= maxDamaged {
		return fmt.Errorf("%d of them are in %s already", len(old), s.Dir)
	}
	err = os.Link(s.path(first), s.path(first)+damaged)
	if errors.Is(err, os.ErrExist) {
		return nil
	}
	return err
}

// lockDir takes the folder for this process; the lock goes with the process, however it ends.
func lockDir(dir string) (*os.File, error) {
	f, err := os.OpenFile(filepath.Join(dir, "lock"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	err = syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	if err == nil {
		return f, nil
	}
	_ = f.Close() // the first error is the one that tells
	if errors.Is(err, syscall.EWOULDBLOCK) {
		return nil, fmt.Errorf("%s is in use by another process", dir)
	}
	return nil, fmt.Errorf("lock %s: %w", dir, err)
}
