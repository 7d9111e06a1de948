package endpoint

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// registry numbers the running statements. A number travels in the statement's
// log_comment, by which another connection finds it in system.processes:
// libchdb gives no way to choose the query's id. A statement that sets
// log_comment in its own SETTINGS clause hides from it, and then ends no sooner
// than its next block of rows.
type registry struct {
	last atomic.Uint64
	mu   sync.Mutex
	open map[uint64]*running
}

type running struct {
	number  uint64
	comment string
	since   time.Time
	done    chan struct{}
}

const commentMark = "ringside-request "

func (g *registry) start(comment string) *running {
	n := g.last.Add(1)
	mark := commentMark + strconv.FormatUint(n, 10)
	if comment != "" {
		mark = comment + " " + mark
	}
	r := &running{number: n, comment: mark, since: time.Now(), done: make(chan struct{})}
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.open == nil {
		g.open = make(map[uint64]*running)
	}
	g.open[n] = r
	return r
}

func (g *registry) finish(r *running) {
	close(r.done)
	g.mu.Lock()
	defer g.mu.Unlock()
	delete(g.open, r.number)
}

func (g *registry) all() []*running {
	g.mu.Lock()
	defer g.mu.Unlock()
	all := make([]*running, 0, len(g.open))
	for _, r := range g.open {
		all = append(all, r)
	}
	return all
}

// killEvery is how often an order to stop is repeated until it has worked: a
// statement that is still being parsed is not in system.processes yet.
const killEvery = 50 * time.Millisecond

// killWhenGone stops a statement once its client has gone; the function it
// returns ends the watch.
func (s *Server) killWhenGone(ctx context.Context, r *running) (stop func() bool) {
	return context.AfterFunc(ctx, func() { s.kill(r) })
}

func (s *Server) kill(r *running) {
	for {
		if err := s.killOnce(r); err != nil {
			s.cfg.Logf("stop statement %d: %v", r.number, err)
		}
		select {
		case <-r.done:
			return
		case <-time.After(killEvery):
		}
	}
}

func (s *Server) killOnce(r *running) error {
	conn, err := s.library.Connect(s.cfg.Arguments...)
	if err != nil {
		return err
	}
	defer conn.Close()
	return conn.Exec("KILL QUERY WHERE Settings['log_comment'] = " + quote(r.comment) + " ASYNC")
}

// KillAll stops every statement and waits for their ends, at most until ctx is
// done.
func (s *Server) KillAll(ctx context.Context) error {
	for _, r := range s.running.all() {
		go s.kill(r)
		select {
		case <-r.done:
		case <-ctx.Done():
			return fmt.Errorf("statement %d, running since %s, did not stop: %w", r.number, r.since.Format(time.RFC3339), ctx.Err())
		}
	}
	return nil
}

// quote makes a string literal.
func quote(s string) string {
	return "'" + strings.NewReplacer(`\`, `\\`, `'`, `\'`).Replace(s) + "'"
}

// quoteName makes an identifier.
func quoteName(s string) string {
	return "`" + strings.NewReplacer(`\`, `\\`, "`", "\\`").Replace(s) + "`"
}
