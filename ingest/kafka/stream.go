package kafka

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"time"

	"github.com/google/uuid"

	"ringside/ingest"
)

const (
	minBackoff = 100 * time.Millisecond
	maxBackoff = 2 * time.Second
	// damagedAttempts is how often an unreadable record batch is fetched before it is given up as a reject: the damage
	// may be of the network's or a replica's making.
	damagedAttempts = 5
	// logEvery spaces the messages about a trouble that goes on.
	logEvery = 10 * time.Second
	// lagRefresh is how old the known end of a partition may become while nothing is fetched from it.
	lagRefresh = 5 * time.Second
)

// stream fetches one topic of a partition number, one chunk ahead of what the owner takes from it.
type stream struct {
	opts      *Options
	topic     Topic
	partition int32
	fetcher   fetcher
	wake      chan<- struct{} // tells the owner that there is something to look at

	offset int64 // of the next fetch

	mu      sync.Mutex
	head    *chunk // fetched, not yet delivered whole; owned by the partition once seen
	err     error  // permanent
	atEnd   bool   // the last response reached the end
	emptied chan struct{}

	position atomic.Int64 // of the next record to deliver
	high     atomic.Int64 // the partition's end as last known, −1: not yet
	skipped  atomic.Int64 // records that retention took before they were read
}

func newStream(o *Options, t Topic, partition int32, f fetcher, wake chan<- struct{}) *stream {
	s := &stream{opts: o, topic: t, partition: partition, fetcher: f, wake: wake, emptied: make(chan struct{}, 1)}
	s.high.Store(-1)
	s.emptied <- struct{}{}
	return s
}

// run fetches from a place on, whose offset may be earliest or latest, until ctx ends or an error is permanent.
func (s *stream) run(ctx context.Context, from Place) {
	defer s.fetcher.disconnect()
	s.fetcher.expect(from.TopicID)
	if err := s.loop(ctx, from.Offset); ctx.Err() == nil {
		s.mu.Lock()
		s.err = fmt.Errorf("topic %s, partition %d: %w", s.topic.Name, s.partition, err)
		s.mu.Unlock()
		s.signal()
	}
}

// loop returns why it ended.
func (s *stream) loop(ctx context.Context, offset int64) error {
	t := trouble{s: s}
	for offset < 0 {
		at, err := s.fetcher.offsetAt(ctx, offset)
		if err == nil {
			offset = at
			s.position.Store(at)
			break
		}
		if err := t.wait(ctx, err); err != nil {
			return err
		}
	}
	s.offset = offset
	for {
		if err := s.awaitRoom(ctx); err != nil {
			return err
		}
		c, err := s.fetchOnce(ctx, &t)
		if err != nil {
			return err
		}
		if c == nil { // nothing there
			s.emptied <- struct{}{}
			continue
		}
		s.offset = c.next
		c.topicID = s.fetcher.topicID()
		atEnd := c.next >= c.end
		s.mu.Lock()
		s.head = c
		s.atEnd = atEnd
		s.mu.Unlock()
		s.signal()
		// Without a pause each record that comes in would be a fetch of its own, at ten times its cost in a full one.
		if atEnd {
			if err := pause(ctx, s.opts.Linger); err != nil {
				return err
			}
		}
	}
}

// fetchOnce fetches until there is an answer: a chunk, or nil where the partition has nothing new.
func (s *stream) fetchOnce(ctx context.Context, t *trouble) (*chunk, error) {
	for {
		c, e, err := s.fetcher.fetch(ctx, s.offset)
		if err == nil {
			t.over()
			s.high.Store(e.high)
			if c == nil && s.offset >= e.stable {
				s.reachedEnd()
			}
			return c, nil
		}
		var gone *outOfRangeError
		var anew *topicAnewError
		var damaged *damagedError
		var throttled *throttledError
		switch {
		case errors.As(err, &throttled):
			t.over()
			if err := pause(ctx, throttled.wait); err != nil {
				return nil, err
			}
		case errors.As(err, &gone):
			if c, err := s.outOfRange(ctx, t); c != nil || err != nil {
				return c, err
			}
		case errors.As(err, &anew):
			if s.offset > 0 {
				return s.madeAnew(ctx, t, anew)
			}
			s.fetcher.expect(uuid.Nil) // nothing was read of the former one
		case errors.As(err, &damaged):
			if t.damaged++; t.damaged < damagedAttempts {
				s.fetcher.disconnect()
				if err := t.wait(ctx, err); err != nil {
					return nil, err
				}
				continue
			}
			t.damaged = 0
			return s.giveUp(damaged, e)
		default:
			if err := t.wait(ctx, err); err != nil {
				return nil, err
			}
		}
	}
}

// giveUp makes a reject of a record batch that stays unreadable. Where even the offset behind it is in doubt it is an
// error: going on might leave out whole hours.
func (s *stream) giveUp(d *damagedError, e ends) (*chunk, error) {
	if d.next <= s.offset || d.next > e.high {
		return nil, &permanentError{d}
	}
	s.opts.Logf("kafka: topic %s, partition %d: %v; they are kept as a reject", s.topic.Name, s.partition, d)
	c := &chunk{pool: &pool{}, next: d.next, end: e.stable, high: e.high}
	c.refs.Store(1)
	c.rejects = []ingest.Reject{{
		Position: ingest.Position{Topic: s.topic.Name, Partition: s.partition, Offset: d.offset},
		Source:   s.topic.Source,
		Reason:   d.reason,
		Detail:   d.Error(),
	}}
	return c, nil
}

// outOfRange applies the policy to a position that the log does not have; nil is to fetch again.
func (s *stream) outOfRange(ctx context.Context, t *trouble) (*chunk, error) {
	first, end, err := s.bounds(ctx)
	if err != nil {
		return nil, t.wait(ctx, err)
	}
	switch {
	case s.offset < first:
		return s.goOn(s.offset, first, end, fmt.Sprintf("position %d is no longer in the log, which is from %d to %d: retention removed %d records before they were read",
			s.offset, first, end, first-s.offset))
	case s.offset > end:
		return s.goOn(s.offset, first, end, fmt.Sprintf("position %d is beyond the end of the log, which is from %d to %d: the topic was made anew or lost records",
			s.offset, first, end))
	}
	return nil, t.wait(ctx, errors.New("the position was out of range for a moment")) // a leader that is catching up
}

// madeAnew applies the policy to a position in a topic that is gone, whose name another one has.
func (s *stream) madeAnew(ctx context.Context, t *trouble, anew *topicAnewError) (*chunk, error) {
	s.fetcher.expect(uuid.Nil)
	for {
		first, end, err := s.bounds(ctx)
		if err == nil {
			return s.goOn(first, first, end, fmt.Sprintf("position %d is none of this log, which is from %d to %d: %v", s.offset, first, end, anew))
		}
		if err := t.wait(ctx, err); err != nil {
			return nil, err
		}
	}
}

// bounds asks where the log begins and ends.
func (s *stream) bounds(ctx context.Context) (first, end int64, err error) {
	if first, err = s.fetcher.offsetAt(ctx, earliest); err != nil {
		return 0, 0, err
	}
	end, err = s.fetcher.offsetAt(ctx, latest)
	return first, end, err
}

// goOn applies the policy where there is no going on from the position: what is left out counts from an offset on. Where the
// policy says to go on, the new position is a chunk without records, so that the owner saves it even if no record ever comes.
func (s *stream) goOn(from, first, end int64, what string) (*chunk, error) {
	to := first
	switch s.opts.OutOfRange {
	case Earliest:
	case Latest:
		to = end
	default:
		return nil, &permanentError{fmt.Errorf("%s. To go on, set kafka.out_of_range to earliest (from the oldest record kept) or latest (from the next one); docs/OPERATIONS.md, \"Positions out of range\"", what)}
	}
	s.opts.Logf("kafka: topic %s, partition %d: %s; going on at %d", s.topic.Name, s.partition, what, to)
	s.skipped.Add(max(to-from, 0))
	s.offset = to
	s.high.Store(end)
	c := &chunk{pool: &pool{}, next: to, end: end, high: end}
	c.refs.Store(1)
	return c, nil
}

// awaitRoom waits until the owner has taken the last chunk. Meanwhile it keeps the lag true: an owner that stands still
// must not look as if nothing came in.
func (s *stream) awaitRoom(ctx context.Context) error {
	for {
		refresh := time.NewTimer(lagRefresh)
		select {
		case <-ctx.Done():
			refresh.Stop()
			return ctx.Err()
		case <-s.emptied:
			refresh.Stop()
			return nil
		case <-refresh.C:
			if end, err := s.fetcher.offsetAt(ctx, latest); err == nil {
				s.high.Store(max(end, s.high.Load()))
			}
		}
	}
}

func (s *stream) reachedEnd() {
	s.mu.Lock()
	was := s.atEnd
	s.atEnd = true
	s.mu.Unlock()
	if !was {
		s.signal()
	}
}

// peek returns the fetched chunk that waits for delivery, and whether the topic has nothing further.
func (s *stream) peek() (c *chunk, atEnd bool, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.head, s.atEnd, s.err
}

// taken lets the next chunk come.
func (s *stream) taken() {
	s.mu.Lock()
	c := s.head
	s.head = nil
	s.mu.Unlock()
	c.release()
	s.emptied <- struct{}{}
}

func (s *stream) signal() {
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

// trouble spaces attempts and messages while a partition cannot be fetched.
type trouble struct {
	s        *stream
	backoff  time.Duration
	since    time.Time
	logged   time.Time
	attempts int
	damaged  int
}

// wait returns permanent errors and ctx's end; otherwise it waits before the next attempt.
func (t *trouble) wait(ctx context.Context, err error) error {
	var permanent *permanentError
	if errors.As(err, &permanent) || ctx.Err() != nil {
		return err
	}
	now := time.Now()
	if t.attempts == 0 {
		t.since, t.backoff = now, minBackoff
	}
	t.attempts++
	// The first failure is often a broker that restarts or a leader that moves; it is news when the second fails too.
	if t.attempts > 1 && now.Sub(t.logged) >= logEvery {
		t.logged = now
		t.s.opts.Logf("kafka: topic %s, partition %d: %v; trying again (for %s now)", t.s.topic.Name, t.s.partition, err, now.Sub(t.since).Round(100*time.Millisecond))
	}
	d := t.backoff/2 + rand.N(t.backoff/2)
	t.backoff = min(2*t.backoff, maxBackoff)
	return pause(ctx, d)
}

func pause(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}

// over ends the trouble.
func (t *trouble) over() {
	if !t.logged.IsZero() {
		t.s.opts.Logf("kafka: topic %s, partition %d: fetching again after %s", t.s.topic.Name, t.s.partition, time.Since(t.since).Round(100*time.Millisecond))
	}
	*t = trouble{s: t.s}
}
