package engine

import (
	"context"
	"errors"
	"io"
	"testing"

	"ringside/ingest"
)

// scripted hands out batches from a channel; closed, it is at its end.
type scripted chan *ingest.Batch

func (s scripted) Next() (*ingest.Batch, error) {
	b, ok := <-s
	if !ok {
		return nil, io.EOF
	}
	return b, nil
}

func TestInterruptible(t *testing.T) {
	source := make(scripted, 1)
	r := newInterruptible(source)
	defer r.close()
	want := &ingest.Batch{NextOffset: 7}
	source <- want
	if b, err := r.next(t.Context()); b != want || err != nil {
		t.Fatalf("got %v, %v", b, err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := r.next(ctx); !errors.Is(err, context.Canceled) || !r.stuck {
		t.Fatalf("a wait for nothing ends with %v, stuck %v", err, r.stuck)
	}
	close(source) // lets the read that was left behind end
}

func TestInterruptibleEnds(t *testing.T) {
	source := make(scripted)
	close(source)
	r := newInterruptible(source)
	defer r.close()
	if _, err := r.next(t.Context()); err != io.EOF || r.stuck {
		t.Errorf("at the end: %v, stuck %v", err, r.stuck)
	}
}
