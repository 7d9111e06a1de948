package engine

import (
	"context"

	"ringside/ingest"
)

// batches hands out runs of records; the batch is valid until the next call.
type batches interface {
	Next() (*ingest.Batch, error)
}

// interruptible lets a wait for the next batch end when a context does: a read from a pipe, to which nobody writes, ends
// in no other way.
type interruptible struct {
	ask chan struct{}
	got chan delivery
	// stuck tells that a read was left behind; the source must not be touched any more.
	stuck bool
}

type delivery struct {
	batch *ingest.Batch
	err   error
}

func newInterruptible(from batches) *interruptible {
	r := &interruptible{ask: make(chan struct{}), got: make(chan delivery, 1)}
	go func() {
		for range r.ask {
			b, err := from.Next()
			r.got <- delivery{b, err}
		}
	}()
	return r
}

// next returns the next batch, or ctx's error.
func (r *interruptible) next(ctx context.Context) (*ingest.Batch, error) {
	r.ask <- struct{}{}
	select {
	case d := <-r.got:
		return d.batch, d.err
	case <-ctx.Done():
		r.stuck = true
		return nil, ctx.Err()
	}
}

func (r *interruptible) close() { close(r.ask) }
