// Package cache answers equal questions asked within a second with one answer, and asks only once what several ask at the
// same time. Who no longer waits leaves; when the last one leaves, the question is withdrawn.
package cache

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"
)

// Limits of a cache.
type Limits struct {
	Keep    time.Duration // how long an answer is given again
	Entries int           // answers kept
	Bytes   int64         // of all answers kept, and half of them of one
	Pending int           // questions under way
}

// ErrBusy says that Limits.Pending questions are under way.
var ErrBusy = errors.New("too many different queries are under way; it is asked again with the next refresh")

// Group is a cache of answers. The zero value is of no use; see New.
type Group[V any] struct {
	limits Limits

	mu      sync.Mutex
	calls   map[string]*call[V]
	answers map[string]answer[V]
	order   []string // of answers, oldest first
	bytes   int64
}

type answer[V any] struct {
	value V
	at    time.Time
	bytes int64
}

// call is a question under way.
type call[V any] struct {
	done    chan struct{}
	cancel  context.CancelCauseFunc
	waiting int
	value   V
	err     error
}

// New makes a cache.
func New[V any](l Limits) *Group[V] {
	return &Group[V]{limits: l, calls: map[string]*call[V]{}, answers: map[string]answer[V]{}}
}

// Do returns the answer to key: a kept one, that of a question under way, or ask's, with its size. Errors are not kept.
func (g *Group[V]) Do(ctx context.Context, key string, ask func(context.Context) (V, int64, error)) (V, error) {
	g.mu.Lock()
	if a, kept := g.answers[key]; kept && time.Since(a.at) < g.limits.Keep {
		g.mu.Unlock()
		return a.value, nil
	}
	c, asked := g.calls[key]
	if !asked {
		if len(g.calls) >= g.limits.Pending {
			g.mu.Unlock()
			var none V
			return none, ErrBusy
		}
		// The question outlives who asked it first, as long as somebody waits.
		asking, cancel := context.WithCancelCause(context.WithoutCancel(ctx))
		c = &call[V]{done: make(chan struct{}), cancel: cancel}
		g.calls[key] = c
		go g.run(asking, key, c, ask)
	}
	c.waiting++
	g.mu.Unlock()

	select {
	case <-c.done:
		return c.value, c.err
	case <-ctx.Done():
		g.leave(key, c, context.Cause(ctx))
		var none V
		return none, context.Cause(ctx)
	}
}

// leave takes one who waits away. A question that nobody waits for is forgotten at once, so that who comes now asks anew.
func (g *Group[V]) leave(key string, c *call[V], cause error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if c.waiting--; c.waiting == 0 {
		if g.calls[key] == c {
			delete(g.calls, key)
		}
		c.cancel(cause)
	}
}

func (g *Group[V]) run(ctx context.Context, key string, c *call[V], ask func(context.Context) (V, int64, error)) {
	var size int64
	defer func() {
		if p := recover(); p != nil {
			c.err = fmt.Errorf("BUG: %v", p)
		}
		g.mu.Lock()
		if g.calls[key] == c {
			delete(g.calls, key)
			if c.err == nil {
				g.keep(key, answer[V]{c.value, time.Now(), size})
			}
		}
		g.mu.Unlock()
		c.cancel(nil)
		close(c.done)
	}()
	c.value, size, c.err = ask(ctx)
}

// keep adds an answer and drops those that are old or too many.
func (g *Group[V]) keep(key string, a answer[V]) {
	if g.limits.Keep <= 0 || a.bytes > g.limits.Bytes/2 {
		return
	}
	g.drop(key)
	g.answers[key] = a
	g.order = append(g.order, key)
	g.bytes += a.bytes
	for len(g.order) > 0 {
		oldest := g.order[0]
		if len(g.order) <= g.limits.Entries && g.bytes <= g.limits.Bytes && time.Since(g.answers[oldest].at) < g.limits.Keep {
			return
		}
		g.drop(oldest)
	}
}

func (g *Group[V]) drop(key string) {
	a, kept := g.answers[key]
	if !kept {
		return
	}
	delete(g.answers, key)
	g.bytes -= a.bytes
	for i, k := range g.order {
		if k == key {
			g.order = append(g.order[:i], g.order[i+1:]...)
			break
		}
	}
}
