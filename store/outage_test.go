package store

import (
	"context"
	"errors"
	"io"
	"net"
	"net/url"
	"sync"
	"testing"
	"time"

	"ringside/aggregate"
	"ringside/store/embedded/embeddedtest"
)

// proxy stands between the store and ClickHouse and can cut the line.
type proxy struct {
	listener net.Listener
	target   string

	mu    sync.Mutex
	down  bool
	after int64 // cut each connection once this many bytes went to ClickHouse; 0: never
	conns map[net.Conn]bool
}

func newProxy(tb testing.TB, target string) *proxy {
	tb.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		tb.Fatal(err)
	}
	p := &proxy{listener: l, target: target, conns: map[net.Conn]bool{}}
	go p.run()
	tb.Cleanup(func() { l.Close(); p.set(true, 0) })
	return p
}

func (p *proxy) run() {
	for {
		c, err := p.listener.Accept()
		if err != nil {
			return
		}
		p.mu.Lock()
		down, after := p.down, p.after
		if !down {
			p.conns[c] = true
		}
		p.mu.Unlock()
		if down {
			c.Close()
			continue
		}
		go p.serve(c, after)
	}
}

func (p *proxy) serve(c net.Conn, after int64) {
	defer c.Close()
	up, err := net.Dial("tcp", p.target)
	if err != nil {
		return
	}
	defer up.Close()
	go func() {
		io.Copy(c, up)
		c.Close()
	}()
	if after > 0 {
		io.CopyN(up, c, after)
		return
	}
	io.Copy(up, c)
}

// set cuts every connection; while down, new ones are cut too.
func (p *proxy) set(down bool, after int64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.down, p.after = down, after
	for c := range p.conns {
		c.Close()
	}
	clear(p.conns)
}

func openThroughProxy(t *testing.T) (*DB, *proxy) {
	t.Helper()
	u, err := url.Parse(embeddedtest.URL(t))
	if err != nil {
		t.Fatal(err)
	}
	p := newProxy(t, u.Host)
	u.Host = p.listener.Addr().String()
	db := openEmpty(t, u.String())
	if err := db.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { p.set(false, 0) }) // for the drop of the database
	return db, p
}

// eventually waits for a condition that another goroutine brings about.
func eventually(tb testing.TB, what string, ok func() bool) {
	tb.Helper()
	deadline := time.Now().Add(30 * time.Second)
	for !ok() {
		if time.Now().After(deadline) {
			tb.Fatalf("%s: not within 30 s", what)
		}
		time.Sleep(time.Millisecond)
	}
}

func TestWriterSurvivesAnOutage(t *testing.T) {
	db, p := openThroughProxy(t)
	w := newTestWriter(db)
	for i := range 1000 {
		w.Add(0, 1, &aggregate.Rows{Calls: []aggregate.CallRow{call(i, aggregate.OutcomeOpen)}})
	}
	p.set(true, 0)
	done := make(chan error, 1)
	go func() { done <- w.Flush(t.Context()) }()
	eventually(t, "trouble is told", func() bool { return w.Trouble() != nil })
	if rows, _ := w.Backlog(); rows != 1000 {
		t.Errorf("backlog of %d rows during the outage, want 1000", rows)
	}
	// Figures go on changing meanwhile.
	for i := range 500 {
		w.Add(0, 2, &aggregate.Rows{Calls: []aggregate.CallRow{call(i, aggregate.Answered)}})
	}
	select {
	case err := <-done:
		t.Fatalf("the flush returned during the outage: %v", err)
	default:
	}
	p.set(false, 2000) // back, but every connection breaks in the middle of an insert
	eventually(t, "another attempt fails", func() bool { return w.Trouble() != nil })
	p.set(false, 0)
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	if err := w.Trouble(); err != nil {
		t.Errorf("trouble after recovery: %v", err)
	}
	flush(t, w)
	equal(t, "calls", countOf(t, db, "calls"), 1000)
	equal(t, "answered", countOf(t, db, "calls WHERE outcome = 'answered'"), 500)
}

// When ctx ends during an outage the rows stay, and what was added meanwhile prevails.
func TestFlushGivesBackWhatIsNotWritten(t *testing.T) {
	db, p := openThroughProxy(t)
	w := newTestWriter(db)
	w.Add(0, 1, &aggregate.Rows{Calls: []aggregate.CallRow{call(1, aggregate.OutcomeOpen), call(2, aggregate.Abandoned)}})
	p.set(true, 0)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- w.Flush(ctx) }()
	eventually(t, "trouble is told", func() bool { return w.Trouble() != nil })
	w.Add(0, 2, &aggregate.Rows{Calls: []aggregate.CallRow{call(1, aggregate.Answered)}})
	cancel()
	if err := <-done; !errors.Is(err, context.Canceled) {
		t.Fatalf("got %v", err)
	}
	if rows, _ := w.Backlog(); rows != 2 {
		t.Errorf("backlog of %d rows, want 2", rows)
	}
	p.set(false, 0)
	flush(t, w)
	equal(t, "answered", countOf(t, db, "calls WHERE outcome = 'answered'"), 1)
	equal(t, "abandoned", countOf(t, db, "calls WHERE outcome = 'abandoned'"), 1)
	equal(t, "versions", countOf(t, db, "calls_versions"), 2)
}
