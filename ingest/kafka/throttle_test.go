package kafka

import (
	"context"
	"encoding/binary"
	"errors"
	"testing"
	"time"
)

// A broker answers a client that has used up its quota with a response without topics.
func TestThrottledResponse(t *testing.T) {
	response := func(throttle uint32, code uint16, topics uint32) []byte {
		b := binary.BigEndian.AppendUint32(nil, throttle)
		b = binary.BigEndian.AppendUint16(b, code)
		b = binary.BigEndian.AppendUint32(b, 0) // session
		return binary.BigEndian.AppendUint32(b, topics)
	}
	o := &Options{}
	f := newWireFetcher(o, &pool{}, Topic{Name: "queue-events"}, 0)
	for name, c := range map[string]struct {
		response  []byte
		throttled time.Duration
	}{
		"throttled":           {response(250, 0, 0), 250 * time.Millisecond},
		"an error, throttled": {response(250, 6, 0), 0},
		"no topic":            {response(0, 0, 0), 0},
		"cut short":           {response(250, 0, 0)[:9], 0},
	} {
		_, err := f.readFetch(&chunk{}, c.response, 0)
		var throttled *throttledError
		if got := errors.As(err, &throttled); err == nil || got != (c.throttled > 0) || got && throttled.wait != c.throttled {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// throttledFetcher is throttled a few times and then reaches the end.
type throttledFetcher struct {
	fetcher
	times, asked int
}

func (f *throttledFetcher) fetch(context.Context, int64) (*chunk, ends, error) {
	if f.asked++; f.asked <= f.times {
		return nil, ends{}, &throttledError{time.Millisecond}
	}
	return nil, ends{high: 70, stable: 70}, nil
}

func (f *throttledFetcher) disconnect() {}

// Being throttled is no trouble, and says nothing of where the partition ends.
func TestThrottledStreamWaits(t *testing.T) {
	f := &throttledFetcher{times: 3}
	o := &Options{Logf: func(format string, a ...any) { t.Errorf(format, a...) }}
	s := newStream(o, Topic{Name: "queue-events"}, 0, f, make(chan struct{}, 1))
	c, err := s.fetchOnce(t.Context(), &trouble{s: s})
	if c != nil || err != nil || f.asked != 4 || s.high.Load() != 70 {
		t.Errorf("chunk %v, %v, asked %d times, end %d", c, err, f.asked, s.high.Load())
	}
}
