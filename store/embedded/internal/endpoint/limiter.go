package endpoint

import (
	"context"
	"fmt"
	"sync/atomic"
	"time"

	"ringside/store/embedded/internal/chdb"
)

// limiter lets a number of statements run at once and keeps a bounded line of
// those that wait.
type limiter struct {
	name    string
	slots   chan struct{}
	waiting atomic.Int64
	maxWait time.Duration
	line    int64
}

func newLimiter(name string, running, waiting int, maxWait time.Duration) *limiter {
	return &limiter{name: name, slots: make(chan struct{}, running), line: int64(waiting), maxWait: maxWait}
}

// acquire waits for a turn; release must follow unless it returns an error.
func (l *limiter) acquire(ctx context.Context) error {
	select {
	case l.slots <- struct{}{}:
		return nil
	default:
	}
	defer l.waiting.Add(-1)
	if l.waiting.Add(1) > l.line {
		return l.full(fmt.Sprintf("%d are waiting already", l.line))
	}
	timer := time.NewTimer(l.maxWait)
	defer timer.Stop()
	select {
	case l.slots <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return l.full(fmt.Sprintf("no turn came within %s", l.maxWait))
	}
}

func (l *limiter) release() { <-l.slots }

func (l *limiter) running() int { return len(l.slots) }

func (l *limiter) full(why string) error {
	return chdb.Errorf(codeTooManyQueries, "TOO_MANY_SIMULTANEOUS_QUERIES",
		fmt.Sprintf("Too many simultaneous %s: %d are running and %s", l.name, cap(l.slots), why))
}
