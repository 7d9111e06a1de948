package cache

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

var limits = Limits{Keep: time.Second, Entries: 3, Bytes: 1000, Pending: 2}

// Two hundred who ask the same at the same time ask once.
func TestSingleFlight(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := New[int](limits)
		var asked atomic.Int32
		var all sync.WaitGroup
		for range 200 {
			all.Go(func() {
				v, err := g.Do(t.Context(), "a", func(context.Context) (int, int64, error) {
					asked.Add(1)
					time.Sleep(time.Second)
					return 7, 1, nil
				})
				if v != 7 || err != nil {
					t.Errorf("%d, %v", v, err)
				}
			})
		}
		all.Wait()
		if asked.Load() != 1 {
			t.Errorf("asked %d times", asked.Load())
		}
	})
}

func TestKeptForASecond(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := New[int](limits)
		n := 0
		ask := func(context.Context) (int, int64, error) { n++; return n, 1, nil }
		for _, step := range []struct {
			after time.Duration
			want  int
		}{{0, 1}, {999 * time.Millisecond, 1}, {time.Millisecond, 2}} {
			time.Sleep(step.after)
			if v, _ := g.Do(t.Context(), "a", ask); v != step.want {
				t.Errorf("after %v: %d, want %d", step.after, v, step.want)
			}
		}
	})
}

func TestErrorsAreNotKept(t *testing.T) {
	g := New[int](limits)
	broken := errors.New("broken")
	if _, err := g.Do(t.Context(), "a", func(context.Context) (int, int64, error) { return 0, 0, broken }); !errors.Is(err, broken) {
		t.Fatal(err)
	}
	if v, err := g.Do(t.Context(), "a", func(context.Context) (int, int64, error) { return 1, 1, nil }); v != 1 || err != nil {
		t.Errorf("%d, %v", v, err)
	}
	if _, err := g.Do(t.Context(), "b", func(context.Context) (int, int64, error) { panic("oh") }); err == nil {
		t.Error("a panic is no error")
	}
}

// One of two leaves: the other gets the answer. Both leave: the question is withdrawn, and asked anew by the next.
func TestLeaving(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := New[int](limits)
		var withdrawn, asked int
		ask := func(ctx context.Context) (int, int64, error) {
			asked++
			select {
			case <-ctx.Done():
				withdrawn++
				return 0, 0, context.Cause(ctx)
			case <-time.After(time.Minute):
				return 5, 1, nil
			}
		}
		first, leaveFirst := context.WithCancel(t.Context())
		results := make(chan error, 3)
		go func() { _, err := g.Do(first, "a", ask); results <- err }()
		synctest.Wait()
		second, leaveSecond := context.WithCancel(t.Context())
		go func() { _, err := g.Do(second, "a", ask); results <- err }()
		synctest.Wait()
		leaveFirst()
		if err := <-results; !errors.Is(err, context.Canceled) {
			t.Errorf("who left got %v", err)
		}
		synctest.Wait()
		if withdrawn != 0 {
			t.Fatal("withdrawn although one waits")
		}
		leaveSecond()
		<-results
		synctest.Wait()
		if withdrawn != 1 {
			t.Fatal("not withdrawn although nobody waits")
		}
		if v, err := g.Do(t.Context(), "a", ask); v != 5 || err != nil || asked != 2 {
			t.Errorf("asked %d times: %d, %v", asked, v, err)
		}
	})
}

func TestBounds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := New[int](limits)
		fill := func(key string, bytes int64) {
			if _, err := g.Do(t.Context(), key, func(context.Context) (int, int64, error) { return 0, bytes, nil }); err != nil {
				t.Fatal(err)
			}
		}
		for i := range 10 {
			fill(fmt.Sprint(i), 10)
		}
		if len(g.answers) != 3 || len(g.order) != 3 || g.bytes != 30 {
			t.Errorf("%d answers, %d bytes", len(g.answers), g.bytes)
		}
		fill("large", 490)
		fill("as large", 490)
		fill("and another", 490)
		fill("too large", 501)
		if len(g.answers) != 2 || g.bytes != 980 {
			t.Errorf("%d answers, %d bytes", len(g.answers), g.bytes)
		}
		wait := make(chan struct{})
		var all sync.WaitGroup
		for _, key := range []string{"x", "y"} {
			all.Go(func() {
				_, _ = g.Do(t.Context(), key, func(context.Context) (int, int64, error) { <-wait; return 0, 0, nil })
			})
		}
		synctest.Wait()
		if _, err := g.Do(t.Context(), "z", nil); !errors.Is(err, ErrBusy) {
			t.Errorf("beyond the pending ones: %v", err)
		}
		close(wait)
		all.Wait()
	})
}
