package live

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/data"
)

var options = Options{Every: 500 * time.Millisecond, Remind: 10 * time.Second, Backoff: 10 * time.Second, Most: 2}

// sent gathers what a stream sends.
type sent struct {
	frames []*data.Frame
	at     []time.Time
}

func (s *sent) send(text []byte) error {
	f := &data.Frame{}
	if err := json.Unmarshal(text, f); err != nil {
		return err
	}
	s.frames, s.at = append(s.frames, f), append(s.at, time.Now())
	return nil
}

func frameOf(v float64) *data.Frame { return data.NewFrame("", data.NewField("v", nil, []float64{v})) }

// An unchanged frame is sent every ten seconds, a changed one at once, and there is a poll every half second.
func TestSendsWhatChanges(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h, s := New(options), &sent{}
		var polls atomic.Int32
		ctx, cancel := context.WithTimeout(t.Context(), 25*time.Second-time.Millisecond)
		defer cancel()
		begin := time.Now()
		err := h.Run(ctx, "p", func(context.Context) (*data.Frame, error) {
			polls.Add(1)
			if time.Since(begin) < 12*time.Second {
				return frameOf(1), nil
			}
			return frameOf(2), nil
		}, s.send)
		if err != nil {
			t.Fatal(err)
		}
		var seconds []float64
		for _, at := range s.at {
			seconds = append(seconds, at.Sub(begin).Seconds())
		}
		if want := []float64{0, 10, 12, 22}; len(seconds) != len(want) || seconds[1] != want[1] || seconds[2] != want[2] || seconds[3] != want[3] {
			t.Errorf("sent at %v, want %v", seconds, want)
		}
		if polls.Load() != 50 {
			t.Errorf("%d polls", polls.Load())
		}
	})
}

// Errors keep the figures and say since when; the polls grow rarer, and the next good one is sent as it is.
func TestTrouble(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h, s := New(options), &sent{}
		ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
		defer cancel()
		begin, polls := time.Now(), 0
		err := h.Run(ctx, "p", func(context.Context) (*data.Frame, error) {
			polls++
			if since := time.Since(begin); since > time.Second && since < time.Minute {
				return nil, errors.New("ClickHouse is away")
			}
			return frameOf(1), nil
		}, s.send)
		if err != nil {
			t.Fatal(err)
		}
		troubled := 0
		for i, f := range s.frames {
			if f.Meta == nil || len(f.Meta.Notices) == 0 {
				continue
			}
			troubled++
			if text := f.Meta.Notices[0].Text; !strings.HasPrefix(text, "ClickHouse is away. The figures are of ") {
				t.Errorf("notice %q", text)
			}
			if v, err := f.Fields[0].FloatAt(0); err != nil || v != 1 {
				t.Errorf("frame %d has lost its figures", i)
			}
		}
		if troubled < 6 || troubled > 25 {
			t.Errorf("%d polls in a minute of trouble", troubled)
		}
		last := s.frames[len(s.frames)-1]
		if last.Meta != nil && len(last.Meta.Notices) > 0 {
			t.Error("the trouble is still told")
		}
		if len(h.streams) != 0 {
			t.Error("the stream that ended is still there")
		}
	})
}

func TestLast(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := New(options)
		ctx, cancel := context.WithCancel(t.Context())
		away := atomic.Bool{}
		ended := make(chan error, 1)
		go func() {
			ended <- h.Run(ctx, "p", func(context.Context) (*data.Frame, error) {
				if away.Load() {
					return nil, errors.New("away")
				}
				return frameOf(1), nil
			}, (&sent{}).send)
		}()
		synctest.Wait()
		if _, running := h.Last("p"); !running {
			t.Error("no last frame of a stream that runs")
		}
		if _, running := h.Last("q"); running {
			t.Error("a last frame of no stream")
		}
		away.Store(true)
		time.Sleep(3 * time.Second)
		if _, running := h.Last("p"); running {
			t.Error("an old frame is given as if it were new")
		}
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
}

func TestLimitAndClose(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := New(options)
		ended := make(chan error, 3)
		for _, path := range []string{"a", "b"} {
			go func() {
				ended <- h.Run(t.Context(), path, func(context.Context) (*data.Frame, error) { return frameOf(1), nil }, (&sent{}).send)
			}()
		}
		synctest.Wait()
		if err := h.Run(t.Context(), "c", nil, nil); !errors.Is(err, ErrTooMany) {
			t.Errorf("one too many: %v", err)
		}
		h.Close()
		h.Close()
		for range 2 {
			if err := <-ended; !errors.Is(err, ErrClosed) {
				t.Errorf("closed: %v", err)
			}
		}
		if err := h.Run(t.Context(), "a", nil, nil); !errors.Is(err, ErrClosed) {
			t.Errorf("after the close: %v", err)
		}
	})
}

// Nobody there any more ends the stream.
func TestSendingFails(t *testing.T) {
	gone := errors.New("gone")
	err := New(options).Run(t.Context(), "p", func(context.Context) (*data.Frame, error) { return frameOf(1), nil }, func([]byte) error { return gone })
	if !errors.Is(err, gone) {
		t.Error(err)
	}
}
