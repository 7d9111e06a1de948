package wallboard

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"ringside/aggregate"
)

// patience bounds every wait of these tests.
const patience = 20 * time.Second

// serve runs a board's handler in a real server, with the read timeout of Ringside's server made short: a stream must
// outlive it.
func serve(t *testing.T, b *Board) *httptest.Server {
	t.Helper()
	s := httptest.NewUnstartedServer(b.Handler())
	s.Config.ReadTimeout = 100 * time.Millisecond
	s.Start()
	t.Cleanup(func() {
		s.CloseClientConnections()
		s.Close()
	})
	return s
}

// reader is one open stream.
type reader struct {
	t    *testing.T
	body *bufio.Reader
	stop context.CancelFunc
	code int
}

func open(t *testing.T, url string) *reader {
	t.Helper()
	ctx, stop := context.WithTimeout(context.Background(), patience)
	t.Cleanup(stop)
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url+"/wallboard/events", nil)
	if err != nil {
		t.Fatal(err)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { response.Body.Close() })
	return &reader{t: t, body: bufio.NewReader(response.Body), stop: stop, code: response.StatusCode}
}

// next returns the next message.
func (r *reader) next() (kind string, m message) {
	r.t.Helper()
	for {
		line, err := r.body.ReadString('\n')
		if err != nil {
			r.t.Fatalf("the stream ended: %v", err)
		}
		if text, ok := strings.CutPrefix(line, "event: "); ok {
			kind = strings.TrimSpace(text)
		}
		if text, ok := strings.CutPrefix(line, "data: "); ok {
			if err := json.Unmarshal([]byte(text), &m); err != nil {
				r.t.Fatalf("%v: %s", err, text)
			}
			return kind, m
		}
	}
}

func waiting(b *bench, queue byte, n int32) {
	b.observe(0, aggregate.Rows{QueueStatus: []aggregate.QueueStatusRow{status(1, queue, fmt.Sprint(queue), n)}})
}

func TestStreamTellsEverythingThenChanges(t *testing.T) {
	b := newBench()
	b.pace = pace{apart: 300 * time.Millisecond, beat: 700 * time.Millisecond, patience: time.Second}
	waiting(b, 1, 1)
	waiting(b, 2, 2)
	r := open(t, serve(t, b.Board).URL)
	kind, m := r.next()
	if kind != kindSnapshot || len(m.Queues) != 2 || m.Build != build || m.TrailLength != trailLength || m.Now == 0 {
		t.Fatalf("first comes %s %+v", kind, m)
	}
	begin := time.Now()
	for i := range int32(50) { // what changes in quick succession goes together
		waiting(b, 2, i)
	}
	kind, m = r.next()
	if f := figuresOf(t, m); kind != kindDelta || len(f) != 1 || f[0].Waiting != 49 || len(m.Organizations) != 1 {
		t.Errorf("then %s %+v", kind, f)
	}
	waiting(b, 1, 7)
	if kind, m = r.next(); kind != kindDelta || figuresOf(t, m)[0].Waiting != 7 {
		t.Errorf("then %s %+v", kind, m)
	}
	if took := time.Since(begin); took < b.pace.apart {
		t.Errorf("two messages came within %s", took)
	}
	begin = time.Now()
	if kind, m = r.next(); kind != kindBeat || m.Now == 0 {
		t.Errorf("in silence comes %s", kind)
	}
	if took := time.Since(begin); took < b.pace.beat/2 {
		t.Errorf("the beat came after %s", took)
	}
	b.keep(Status{Trouble: "paused", Behind: 90 * time.Second})
	if kind, m = r.next(); kind != kindDelta || m.Trouble != "paused" || m.Behind != 90 {
		t.Errorf("trouble comes as %s %+v", kind, m)
	}
}

// A change that finds the reader idle is told at once: what follows it has to wait, not it.
func TestAChangeIsToldAtOnce(t *testing.T) {
	b := newBench()
	b.pace = pace{apart: time.Millisecond, beat: time.Minute, patience: time.Second}
	waiting(b, 1, 1)
	r := open(t, serve(t, b.Board).URL)
	r.next()
	for i := range int32(200) {
		waiting(b, 1, i+2)
		if kind, m := r.next(); kind != kindDelta || figuresOf(t, m)[0].Waiting != i+2 {
			t.Fatalf("change %d: %s %+v", i, kind, m)
		}
	}
}

// A reader that takes nothing off its connection neither holds up the engine nor stays.
func TestASlowReaderHoldsNobodyUp(t *testing.T) {
	b := newBench()
	b.pace = pace{apart: time.Millisecond, beat: time.Second, patience: 500 * time.Millisecond}
	var rows aggregate.Rows
	for q := range 200 {
		rows.QueueStatus = append(rows.QueueStatus, status(1, byte(q), strings.Repeat("a long name ", 20), 0))
	}
	b.observe(0, rows)
	s := serve(t, b.Board)
	connection, err := net.Dial("tcp", s.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer connection.Close()
	if err := connection.(*net.TCPConn).SetReadBuffer(4096); err != nil {
		t.Fatal(err)
	}
	fmt.Fprintf(connection, "GET /wallboard/events HTTP/1.1\r\nHost: x\r\n\r\n")
	until(t, "the reader to be there", func() bool { return b.Sizes().Readers == 1 })
	quick := open(t, s.URL)
	quick.next()
	var slowest time.Duration
	until(t, "the slow reader to be cut off", func() bool {
		begin := time.Now()
		b.observe(0, rows)
		slowest = max(slowest, time.Since(begin))
		kind, m := quick.next()
		if kind == kindDelta && len(m.Queues) != len(rows.QueueStatus) {
			t.Errorf("the quick reader is told of %d queues", len(m.Queues))
		}
		return b.Sizes().Readers == 1
	})
	if slowest > b.pace.patience/2 {
		t.Errorf("the engine was held up for %s", slowest)
	}
}

func TestManyReaders(t *testing.T) {
	b := newBench()
	b.pace.apart = 10 * time.Millisecond
	waiting(b, 1, 0)
	s := serve(t, b.Board)
	readers := make([]*reader, maxReaders)
	for i := range readers {
		readers[i] = open(t, s.URL)
		if kind, _ := readers[i].next(); kind != kindSnapshot {
			t.Fatalf("reader %d begins with %s", i, kind)
		}
	}
	if r := open(t, s.URL); r.code != http.StatusServiceUnavailable {
		t.Errorf("one more gets %d", r.code)
	}
	waiting(b, 1, 9)
	var wait sync.WaitGroup
	for i, r := range readers {
		wait.Go(func() {
			if kind, m := r.next(); kind != kindDelta || len(m.Queues) != 1 || !strings.Contains(string(m.Queues[0]), `"waiting":9`) {
				t.Errorf("reader %d is told %s %s", i, kind, m.Queues)
			}
		})
	}
	wait.Wait()
	for _, r := range readers {
		r.stop()
	}
	until(t, "the readers to be gone", func() bool { return b.Sizes().Readers == 0 })
	if r := open(t, s.URL); r.code != http.StatusOK {
		t.Errorf("after they have gone one gets %d", r.code)
	}
}

func TestAReaderThatComesBackGetsThePresent(t *testing.T) {
	b := newBench()
	waiting(b, 1, 1)
	s := serve(t, b.Board)
	r := open(t, s.URL)
	r.next()
	r.stop()
	waiting(b, 1, 2)
	waiting(b, 2, 3)
	kind, m := open(t, s.URL).next()
	if f := figuresOf(t, m); kind != kindSnapshot || len(f) != 2 || f[0].Waiting != 2 || f[1].Waiting != 3 {
		t.Errorf("it gets %s %+v", kind, f)
	}
}

func TestStreamsEndWithTheServer(t *testing.T) {
	b := newBench()
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() {
		w := httptest.NewRecorder()
		done <- b.follow(ctx, b.newView(selection{}), &stream{w: deadlines{w}, control: http.NewResponseController(deadlines{w}), patience: time.Second})
	}()
	stop()
	select {
	case err := <-done:
		if err == nil {
			t.Error("no reason")
		}
	case <-time.After(patience):
		t.Error("the stream goes on")
	}
}

// deadlines lets a recorder stand in for a connection.
type deadlines struct{ *httptest.ResponseRecorder }

func (deadlines) SetWriteDeadline(time.Time) error { return nil }

func until(t *testing.T, what string, holds func() bool) {
	t.Helper()
	for end := time.Now().Add(patience); !holds(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("waiting for %s: not within %s", what, patience)
		}
	}
}
