// Package live runs streams: one poll for each, whatever the number of viewers, sent when something has changed. A stream
// outlives ClickHouse being away: it says so, and tries again.
package live

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/data"
)

// Options of a hub.
type Options struct {
	Every   time.Duration // between two polls
	Remind  time.Duration // an unchanged frame is sent again after so long
	Backoff time.Duration // the longest wait after errors
	Most    int           // streams at once
}

// ErrTooMany says that Options.Most streams run.
var ErrTooMany = errors.New("too many different streams run; the panel is refreshed with the dashboard instead")

// Hub has the streams that run, by path.
type Hub struct {
	options Options

	mu      sync.Mutex
	streams map[string]*stream
	ended   chan struct{}
	closed  bool
}

// stream is the last that was sent on a path.
type stream struct {
	runs  int // Grafana may begin one before it has ended the other
	frame *data.Frame
	at    time.Time
}

// New makes a hub.
func New(o Options) *Hub {
	return &Hub{options: o, streams: map[string]*stream{}, ended: make(chan struct{})}
}

// ErrClosed ends streams whose data source was changed or removed; Grafana begins them anew.
var ErrClosed = errors.New("the data source was changed")

// Close ends all streams.
func (h *Hub) Close() {
	h.mu.Lock()
	defer h.mu.Unlock()
	if !h.closed {
		h.closed = true
		close(h.ended)
	}
}

// Last returns the last frame of a stream that runs, if it is not too old: ClickHouse need not be asked again then.
func (h *Hub) Last(path string) (*data.Frame, bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	s := h.streams[path]
	if s == nil || s.frame == nil || time.Since(s.at) > h.options.Every*3/2+time.Second {
		return nil, false
	}
	return s.frame, true
}

// Run polls until ctx ends, and sends frames as Grafana Live wants them.
func (h *Hub) Run(ctx context.Context, path string, poll func(context.Context) (*data.Frame, error), send func([]byte) error) error {
	s, err := h.begin(path)
	if err != nil {
		return err
	}
	defer h.end(path, s)
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	go func() {
		select {
		case <-h.ended:
			cancel(ErrClosed)
		case <-ctx.Done():
		}
	}()
	r := runner{hub: h, stream: s, poll: poll, send: send}
	for {
		wait, err := r.turn(ctx)
		if err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			if errors.Is(context.Cause(ctx), ErrClosed) {
				return ErrClosed
			}
			return nil
		case <-time.After(wait):
		}
	}
}

func (h *Hub) begin(path string) (*stream, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	s := h.streams[path]
	switch {
	case h.closed:
		return nil, ErrClosed
	case s == nil && len(h.streams) >= h.options.Most:
		return nil, ErrTooMany
	case s == nil:
		s = &stream{}
		h.streams[path] = s
	}
	s.runs++
	return s, nil
}

func (h *Hub) end(path string, s *stream) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if s.runs--; s.runs == 0 {
		delete(h.streams, path)
	}
}

// runner is one run of a stream.
type runner struct {
	hub      *Hub
	stream   *stream
	poll     func(context.Context) (*data.Frame, error)
	send     func([]byte) error
	last     []byte // what was sent
	sent     time.Time
	good     *data.Frame // the last one without an error
	goodAt   time.Time
	failures int
}

// turn polls once, and returns when to poll again. Errors are those of sending: nobody is there.
func (r *runner) turn(ctx context.Context) (time.Duration, error) {
	began := time.Now()
	frame, err := r.poll(ctx)
	if ctx.Err() != nil {
		return 0, nil
	}
	if err != nil {
		r.failures++
		return r.pause(), r.deliver(r.troubled(err), true)
	}
	r.failures, r.good, r.goodAt = 0, frame, time.Now()
	r.hub.mu.Lock()
	r.stream.frame, r.stream.at = frame, time.Now()
	r.hub.mu.Unlock()
	return max(r.hub.options.Every-time.Since(began), r.hub.options.Every/10), r.deliver(frame, false)
}

// pause grows with each failure, and varies: many streams lose the same ClickHouse at the same moment.
func (r *runner) pause() time.Duration {
	wait := min(r.hub.options.Every<<min(r.failures-1, 10), r.hub.options.Backoff)
	return wait/2 + rand.N(wait/2+1)
}

// troubled is the last good frame with the error, so that a wallboard keeps its figures and says how old they are.
func (r *runner) troubled(err error) *data.Frame {
	frame, since := data.NewFrame(""), ""
	if r.good != nil {
		copied := *r.good
		frame, since = &copied, " The figures are of "+r.goodAt.UTC().Format("15:04:05")+" UTC."
	}
	meta := data.FrameMeta{}
	if frame.Meta != nil {
		meta = *frame.Meta
	}
	meta.Notices = append(append([]data.Notice{}, meta.Notices...), data.Notice{Severity: data.NoticeSeverityError, Text: err.Error() + "." + since})
	frame.Meta = &meta
	return frame
}

func (r *runner) deliver(frame *data.Frame, always bool) error {
	text, err := data.FrameToJSON(frame, data.IncludeAll)
	if err != nil {
		return fmt.Errorf("write a frame: %w", err)
	}
	if !always && bytes.Equal(text, r.last) && time.Since(r.sent) < r.hub.options.Remind {
		return nil
	}
	r.last, r.sent = text, time.Now()
	return r.send(text)
}
