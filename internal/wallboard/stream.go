package wallboard

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"time"
)

// maxReaders bounds the open streams.
const maxReaders = 256

// pace is the rhythm of the streams.
type pace struct {
	apart    time.Duration // the least time between two messages to a reader: what changes in between goes together
	beat     time.Duration // the most; the page takes a longer silence for a lost connection
	patience time.Duration // how long a reader may take for a message before it is cut off; it comes back by itself
}

var defaultPace = pace{apart: 500 * time.Millisecond, beat: 5 * time.Second, patience: 10 * time.Second}

// serveEvents streams a snapshot, then changes, as Server-Sent Events. The reader's own goroutine asks the board for
// what is new when it is ready for it; nothing waits for a reader, and nothing is queued for one.
func (b *Board) serveEvents(w http.ResponseWriter, r *http.Request) {
	s, err := parseSelection(r.URL.Query())
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	if b.readers.Add(1) > maxReaders {
		b.readers.Add(-1)
		w.Header().Set("Retry-After", "10")
		http.Error(w, "too many wallboards are open", http.StatusServiceUnavailable)
		return
	}
	defer b.readers.Add(-1)
	h := w.Header()
	h.Set("Content-Type", "text/event-stream")
	h.Set("Cache-Control", "no-store")
	h.Set("X-Accel-Buffering", "no") // nginx would hold messages back
	out := &stream{w: w, control: http.NewResponseController(w), patience: b.pace.patience}
	// The server's read timeout is for requests; a stream stays.
	if err := out.control.SetReadDeadline(time.Time{}); err != nil {
		http.Error(w, "streams are not supported", http.StatusInternalServerError)
		return
	}
	_ = b.follow(r.Context(), b.newView(s), out) // the reader has gone, or the server ends
}

// follow tells a reader everything, then what changes, until ctx ends or the reader is gone.
func (b *Board) follow(ctx context.Context, v *view, out *stream) error {
	beat := time.NewTimer(b.pace.beat)
	defer beat.Stop()
	pause := time.NewTimer(b.pace.apart)
	defer pause.Stop()
	kind, m := kindSnapshot, message{}
	for {
		if kind == kindSnapshot {
			m = v.snapshot()
		}
		if kind != "" {
			if err := out.send(kind, &m); err != nil {
				return err
			}
			beat.Reset(b.pace.beat)
			pause.Reset(b.pace.apart)
			select {
			case <-ctx.Done():
				return ctx.Err()
			case <-pause.C:
			}
		}
		changed := b.awaitChange()
		if kind, m = v.next(); kind != "" {
			continue
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-changed:
		case <-beat.C:
			kind, m = kindBeat, v.beat()
		}
	}
}

// awaitChange returns what is closed at the next change. Taken before the board is looked at, it misses none.
func (b *Board) awaitChange() <-chan struct{} {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.changed
}

// stream writes Server-Sent Events.
type stream struct {
	w        http.ResponseWriter
	control  *http.ResponseController
	patience time.Duration
	buffer   bytes.Buffer
}

func (s *stream) send(kind string, m *message) error {
	text, err := json.Marshal(m)
	if err != nil {
		panic("BUG: a message that cannot be written as JSON: " + err.Error())
	}
	s.buffer.Reset()
	s.buffer.WriteString("event: " + kind + "\ndata: ")
	s.buffer.Write(text) // without a line end: JSON escapes them
	s.buffer.WriteString("\n\n")
	if err := s.control.SetWriteDeadline(time.Now().Add(s.patience)); err != nil {
		return err
	}
	if _, err := s.w.Write(s.buffer.Bytes()); err != nil {
		return err
	}
	return s.control.Flush()
}
