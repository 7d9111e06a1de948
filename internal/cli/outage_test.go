package cli

import (
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// sharedStore is a ClickHouse in the test's process; several engines reach it as a server.
func sharedStore(t *testing.T, dir string) *url.URL {
	t.Helper()
	u, err := url.Parse(keepOpen(t, dir))
	if err != nil {
		t.Fatal(err)
	}
	return u
}

// atServer is the configuration of engines that share a store and a broker. address is where the store is reached.
func atServer(store *url.URL, address, broker string) string {
	password, _ := store.User.Password()
	return fmt.Sprintf(`
kafka: {brokers: [%q], session_timeout: 6s, fetch: {max_bytes: 64KiB}}
http: {listen: "127.0.0.1:0"}
privacy: {numbers: keep}
store:
  url: "http://%s"
  username: %q
  password: %q
  checkpoint: {interval: 1s}
  flush: {now: 100ms, figures: 200ms, history: 300ms}
`, broker, address, store.User.Username(), password)
}

// proxy passes connections on until it is cut: then it ends all of them and takes no new one until it is healed.
type proxy struct {
	t        *testing.T
	to, addr string

	mu       sync.Mutex
	listener net.Listener
	open     map[net.Conn]struct{}
}

func newProxy(t *testing.T, to string) *proxy {
	p := &proxy{t: t, to: to, addr: "127.0.0.1:0", open: map[net.Conn]struct{}{}}
	p.heal()
	t.Cleanup(p.cut)
	return p
}

func (p *proxy) heal() {
	p.t.Helper()
	l, err := net.Listen("tcp", p.addr)
	if err != nil {
		p.t.Fatal(err)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.listener, p.addr = l, l.Addr().String()
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return // cut
			}
			go p.pass(c)
		}
	}()
}

func (p *proxy) pass(c net.Conn) {
	d, err := net.Dial("tcp", p.to)
	if err != nil {
		_ = c.Close()
		return
	}
	p.mu.Lock()
	p.open[c], p.open[d] = struct{}{}, struct{}{}
	p.mu.Unlock()
	done := make(chan struct{}, 2)
	copied := func(to, from net.Conn) {
		_, _ = io.Copy(to, from)
		_ = to.Close()
		done <- struct{}{}
	}
	go copied(d, c)
	go copied(c, d)
	<-done
	<-done
	p.mu.Lock()
	delete(p.open, c)
	delete(p.open, d)
	p.mu.Unlock()
}

func (p *proxy) cut() {
	p.mu.Lock()
	defer p.mu.Unlock()
	_ = p.listener.Close()
	for c := range p.open {
		_ = c.Close()
	}
}

func TestStoreAwayDuringRun(t *testing.T) {
	needStore(t)
	const partitions = 2
	d := simulateDay(dayOptions{seed: 71, organizations: 2, scale: .4})
	dir, broker := t.TempDir(), ownBroker(t, partitions)
	store := sharedStore(t, dir)
	between := newProxy(t, store.Host)
	config := d.configFile(t, dir, atServer(store, between.addr, broker))
	day := newProducing(t, broker)
	third := d.settling / 3

	p := runProcess(t, config)
	day.readers = []*engineProcess{p}
	day.send(d.delivered[:third])
	p.until("rows", func() bool { return p.sum("ringside_store_rows_total") > 0 })
	between.cut()
	day.send(d.delivered[third : 2*third])
	p.until("the outage to show", func() bool {
		code, reason := get(p.http + "/readyz/engine")
		return code == 503 && strings.Contains(reason, "store") && p.sum("ringside_store_troubled") == 1
	})
	if code, _ := get(p.http + "/healthz"); code != 200 {
		t.Errorf("/healthz answers %d while the store is away", code)
	}
	between.heal()
	p.until("recovery", func() bool { code, _ := get(p.http + "/readyz/engine"); return code == 200 })
	day.send(d.delivered[2*third:])
	p.caughtUp(partitions)

	// Away at the end too: the process ends in time, and what it could not write is read again.
	between.cut()
	p.signal(syscall.SIGTERM)
	p.end(15 * time.Second)
	between.heal()
	p = runProcess(t, config)
	p.caughtUp(partitions)
	p.stop()
	d.compare(t, dataDir(t, dir))
	if got := selects(t, dir, "SELECT sum(received) FROM accounting"); got != strconv.Itoa(day.sent) {
		t.Errorf("the accounts have %s events, %d were sent", got, day.sent)
	}
}

// The embedded ClickHouse crashes: it is started again, and nothing is lost.
func TestEmbeddedStoreDiesDuringRun(t *testing.T) {
	needStore(t)
	const partitions = 2
	d := simulateDay(dayOptions{seed: 72, organizations: 2, scale: .4, shuffled: true})
	dir, broker := t.TempDir(), ownBroker(t, partitions)
	config := d.configFile(t, dir, outside(broker))
	day := newProducing(t, broker)
	third := d.settling / 3
	p := runProcess(t, config)
	day.readers = []*engineProcess{p}
	for i := range 2 {
		day.send(d.delivered[i*third : (i+1)*third])
		written := p.sum("ringside_store_rows_total")
		p.until("more rows", func() bool { return p.sum("ringside_store_rows_total") > max(written, 0) })
		pids := children(t, p.cmd.Process.Pid)
		if len(pids) != 1 {
			t.Fatalf("the engine has the children %v, want its ClickHouse", pids)
		}
		if err := syscall.Kill(pids[0], syscall.SIGKILL); err != nil && !errors.Is(err, syscall.ESRCH) {
			t.Fatal(err)
		}
		p.until("another child", func() bool {
			now := children(t, p.cmd.Process.Pid)
			return len(now) == 1 && now[0] != pids[0]
		})
	}
	day.send(d.delivered[2*third:])
	p.caughtUp(partitions)
	p.stop()
	// What ClickHouse leaves of a part that it cannot read is a folder of such a name.
	aside := filepath.Join(dir, "clickhouse", "data", "data", "ringside", "calls_versions", "detached", "broken-on-start_202603_1_1_0")
	if err := os.Mkdir(aside, 0o755); err != nil {
		t.Fatal(err)
	}
	p = runProcess(t, config)
	p.until("damage is told of", func() bool { return p.sum("ringside_store_damaged_parts") == 1 })
	p.stop()
	keepOpen(t, dir)
	d.compare(t, dataDir(t, dir))
}

// Two processes of one group share the partitions; one joins and leaves in the middle of the day, twice.
func TestTwoProcessesShareADay(t *testing.T) {
	needStore(t)
	const partitions = 4
	d := simulateDay(dayOptions{seed: 73, organizations: 8, scale: .15, shuffled: true})
	dir, broker := t.TempDir(), ownBroker(t, partitions)
	store := sharedStore(t, dir)
	config := d.configFile(t, dir, atServer(store, store.Host, broker))
	day := newProducing(t, broker)
	first := runProcess(t, config)
	part := d.settling / 5
	for i := range 2 {
		day.readers = []*engineProcess{first}
		day.send(d.delivered[2*i*part : (2*i+1)*part])
		second := runProcess(t, config)
		second.until("its half", func() bool {
			return second.sum("ringside_partitions_owned") == 2 && first.sum("ringside_partitions_owned") == 2
		})
		day.readers = []*engineProcess{first, second}
		day.send(d.delivered[(2*i+1)*part : (2*i+2)*part])
		second.until("its events", func() bool {
			return second.sum("ringside_events_total") > 0 && second.sum("ringside_store_rows_total") > 0
		})
		if i == 0 {
			second.stop()
			continue
		}
		first.stop() // the other way about: the one that was there first goes
		first = second
	}
	day.readers = []*engineProcess{first}
	day.send(d.delivered[4*part:])
	first.caughtUp(partitions)
	first.stop()
	d.compare(t, dataDir(t, dir))
	if got := selects(t, dir, "SELECT sum(received) FROM accounting"); got != strconv.Itoa(day.sent) {
		t.Errorf("the accounts have %s events, %d were sent", got, day.sent)
	}
	if got := selects(t, dir, "SELECT uniqExact(kafka_partition) FROM organizations"); got == "1" {
		t.Error("every organization is in the same partition: nothing was shared")
	}
}
