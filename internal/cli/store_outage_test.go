package cli

import (
	"io"
	"net"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"ringside/ingest/broker"
	"ringside/internal/sim"
)

// slowLine passes connections on. While it is slow, what is sent arrives after a delay, and a little at a time.
type slowLine struct {
	addr string
	slow atomic.Bool
}

const (
	slowDelay = 4 * time.Second
	slowBytes = 64 << 10 // a second
)

func newSlowLine(t *testing.T, to string) *slowLine {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	line := &slowLine{addr: l.Addr().String()}
	t.Cleanup(func() { _ = l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			d, err := net.Dial("tcp", to)
			if err != nil {
				_ = c.Close()
				continue
			}
			var wait sync.WaitGroup
			var answered atomic.Bool
			answered.Store(true)
			wait.Go(func() { line.pass(d, c, &answered); _ = d.Close(); _ = c.Close() })
			wait.Go(func() { _, _ = io.Copy(answers{c, &answered}, d); _ = d.Close(); _ = c.Close() })
		}
	}()
	return line
}

// answers notes that something was answered: what comes next is another request.
type answers struct {
	io.Writer
	answered *atomic.Bool
}

func (a answers) Write(b []byte) (int, error) {
	a.answered.Store(true)
	return a.Writer.Write(b)
}

// pass copies requests.
func (l *slowLine) pass(to, from net.Conn, answered *atomic.Bool) {
	buffer := make([]byte, 8<<10)
	for {
		n, err := from.Read(buffer)
		if n > 0 && l.slow.Load() {
			if answered.Swap(false) {
				l.pause(slowDelay)
			}
			l.pause(time.Duration(n) * time.Second / slowBytes)
		}
		if _, e := to.Write(buffer[:n]); e != nil || err != nil {
			return
		}
	}
}

// pause ends early when the line is fast again.
func (l *slowLine) pause(d time.Duration) {
	for end := time.Now().Add(d); l.slow.Load() && time.Now().Before(end); time.Sleep(10 * time.Millisecond) {
	}
}

// live sends events at an even rate until done, and returns how many there were in how long.
func live(day *producing, events []sim.Event, rate int, done func() bool) (sent int, took time.Duration) {
	begin := time.Now()
	step := rate / 10
	for tick := time.NewTicker(100 * time.Millisecond); !done() && sent+step <= len(events); sent += step {
		day.send(events[sent : sent+step])
		<-tick.C
	}
	return sent, time.Since(begin)
}

// TestRecoveryOfTheStore: behind a line of seconds of delay, and behind one that is cut, the store falls behind what
// comes in. Health says so, nothing is lost, and afterwards it catches up faster than events come.
func TestRecoveryOfTheStore(t *testing.T) {
	needStore(t)
	const partitions, rate = 2, 500
	d := simulateDay(dayOptions{seed: 75, organizations: 2, scale: .5})
	dir, broker := t.TempDir(), ownBroker(t, partitions)
	store := sharedStore(t, dir)
	slow := newSlowLine(t, store.Host)
	between := newProxy(t, slow.addr)
	p := runProcess(t, d.configFile(t, dir, atServer(store, between.addr, broker)))
	day := newProducing(t, broker)
	sent, _ := live(day, d.delivered, rate, func() bool { return p.sum("ringside_store_rows_total") > 0 })
	for _, trouble := range []struct {
		name, say  string
		begin, end func()
	}{
		{"slow", "the store is slow", func() { slow.slow.Store(true) }, func() { slow.slow.Store(false) }},
		{"away", "store: write", between.cut, between.heal},
	} {
		p.until("readiness", func() bool { code, _ := get(p.http + "/readyz/engine"); return code == 200 })
		trouble.begin()
		said, least, most := false, time.Now().Add(6*time.Second), time.Now().Add(patience/2)
		during, took := live(day, d.delivered[sent:d.settling], rate, func() bool {
			code, reason := get(p.http + "/readyz/engine")
			said = said || code == 503 && strings.Contains(reason, trouble.say)
			return said && time.Now().After(least) || time.Now().After(most)
		})
		if code, _ := get(p.http + "/healthz"); code != 200 || !said {
			t.Errorf("%s: /healthz answers %d; said on /readyz/engine: %v", trouble.name, code, said)
		}
		sent += during
		behind := sent - stored(t, dir)
		trouble.end()
		begin := time.Now()
		p.until("the first rows", func() bool { return stored(t, dir) > sent-behind })
		began := time.Since(begin)
		p.until("everything to be stored", func() bool { return stored(t, dir) == sent })
		recovery := float64(behind) / time.Since(begin).Seconds()
		rate := float64(during) / took.Seconds()
		t.Logf("%s: %d events came in %.1f s, %.0f/s; %d behind at the end, caught up in %.1f s (the first rows after %.1f s), %.0f/s: %.1f times as fast",
			trouble.name, during, took.Seconds(), rate, behind, time.Since(begin).Seconds(), began.Seconds(), recovery, recovery/rate)
	}
	day.readers = []*engineProcess{p}
	day.send(d.delivered[sent:])
	p.caughtUp(partitions)
	p.stop()
	d.compare(t, dataDir(t, dir))
}

func stored(t *testing.T, dir string) int {
	t.Helper()
	n, err := strconv.Atoi(selects(t, dir, "SELECT count() FROM events"))
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// While the store is away the engine reads until its backlog has reached its limit, and no further.
func TestBacklogHasALimit(t *testing.T) {
	needStore(t)
	const limit, body, n = 512 << 20, 900 << 10, 900
	dir := t.TempDir()
	b, err := broker.Start(t.Context(), broker.Options{Topics: dayTopics, Partitions: 1, RetentionBytes: 8 << 30})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(b.Close)
	store := sharedStore(t, dir)
	between := newProxy(t, store.Host)
	p := runProcess(t, yamlFile(t, atServer(store, between.addr, b.Addr())))
	day := newProducing(t, b.Addr())
	day.send(simEvents(t, arrival()))
	p.until("a row", func() bool { return p.sum("ringside_store_rows_total") > 0 })
	between.cut()
	for i := range n {
		day.send(simEvents(t, []string{string(setting(1000+i, padding(body)))}))
	}
	p.until("the limit", func() bool { return p.sum("ringside_store_backlog_bytes") >= limit })
	// Fetched already may be three times the fetch size of each topic, and one message more.
	if b := p.sum("ringside_store_backlog_bytes"); b > limit+3*(64<<10)+4*body {
		t.Errorf("the backlog is %d bytes, of at most %d", b, limit)
	}
	if code, _ := get(p.http + "/readyz/engine"); code != 503 {
		t.Errorf("/readyz/engine answers %d", code)
	}
	var lag int64
	p.until("the rest to show as lag", func() bool { lag = p.sum("ringside_consumer_lag"); return lag > n/10 })
	t.Logf("%d of %d events are not read; %d MiB resident", lag, n, p.sum("process_resident_memory_bytes")>>20)
	between.heal()
	begin := time.Now()
	p.until("everything to be stored", func() bool { return stored(t, dir) == n+2 })
	t.Logf("caught up in %.1f s", time.Since(begin).Seconds())
	p.caughtUp(1)
	p.stop()
	if got := selects(t, dir, "SELECT received FROM accounting"); got != strconv.Itoa(n+2) {
		t.Errorf("the account has %s events, want %d", got, n+2)
	}
}
