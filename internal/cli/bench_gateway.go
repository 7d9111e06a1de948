package cli

import (
	"bufio"
	"bytes"
	"context"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"ringside/internal/sim"
)

// gatewayLoad is what the gateway is measured with.
type gatewayLoad struct {
	rate        int // requests/s
	seconds     int
	connections int
}

// benchGateway is a gateway in a process of its own, with a broker in another one.
type benchGateway struct {
	child   *exec.Cmd
	address string
	token   string
	trust   *x509.CertPool
}

// runGatewayBench posts events at a fixed rate, whether or not earlier ones are answered, and says how long the answers took, from
// when the request was due: one that has to wait behind a slow one counts with its wait.
func runGatewayBench(ctx context.Context, s Streams, load gatewayLoad) (err error) {
	dir, err := os.MkdirTemp("", "ringside-bench-")
	if err != nil {
		return fmt.Errorf("bench: %w", err)
	}
	defer func() { _ = os.RemoveAll(dir) }()
	events := benchLoad(ctx, s, 20_000, sim.LoadConfig{Seed: 1, Start: time.Now().Add(-time.Hour), Step: time.Millisecond, Organizations: 20, Queues: 20, Agents: 200, Calls: 4000})
	brokers, stopBroker, err := startBenchBroker(ctx)
	if err != nil {
		return err
	}
	defer stopBroker()
	g, err := startBenchGateway(ctx, dir, brokers)
	if err != nil {
		return err
	}
	var done atomic.Int64
	if _, err = g.measure(ctx, gatewayLoad{load.rate, 2, load.connections}, events, &done); err == nil { // connections, and all that is made at first use
		done.Store(0)
		finish := progress(s.Err, "post", int64(load.rate*load.seconds), false, done.Load)
		var took []time.Duration
		took, err = g.measure(ctx, load, events, &done)
		finish()
		if err == nil {
			defer func() { printGatewayBench(s, load, took, g.child) }()
		}
	}
	_ = g.child.Process.Signal(syscall.SIGTERM)
	if errWait := g.child.Wait(); err == nil && errWait != nil {
		err = fmt.Errorf("bench: the gateway: %w", errWait)
	}
	return err
}

func printGatewayBench(s Streams, load gatewayLoad, took []time.Duration, child *exec.Cmd) {
	slices.Sort(took)
	at := func(share float64) time.Duration {
		return took[int(share*float64(len(took)-1))].Round(10 * time.Microsecond)
	}
	cpu := child.ProcessState.UserTime() + child.ProcessState.SystemTime()
	total := load.rate * (load.seconds + 2)
	fmt.Fprintf(s.Out, "gateway: %d requests at %d a second over %d connections: p50 %s, p90 %s, p99 %s, p99.9 %s, most %s; %.0f CPU s per million requests\n",
		len(took), load.rate, load.connections, at(.5), at(.9), at(.99), at(.999), at(1), cpu.Seconds()*1e6/float64(total))
}

func startBenchGateway(ctx context.Context, dir string, brokers []string) (*benchGateway, error) {
	program, err := os.Executable()
	if err != nil {
		return nil, fmt.Errorf("bench: %w", err)
	}
	g := &benchGateway{token: rand.Text()}
	config := filepath.Join(dir, "ringside.yaml")
	text := fmt.Sprintf(`
data_dir: %q
kafka: {brokers: [%q], topics: {queue_events: {name: %[3]s}, user_events: {name: %[3]s}, callback_events: {name: %[3]s}}}
http: {listen: ""}
webhook: {listen: "127.0.0.1:0", endpoints: [{name: enreach, source: enreach, tokens: [%[4]s]}]}
`, dir, brokers[0], benchTopic, g.token)
	if err := os.WriteFile(config, []byte(text), 0o600); err != nil {
		return nil, fmt.Errorf("bench: %w", err)
	}
	g.child = exec.CommandContext(ctx, program, "gateway", "--config", config)
	said, err := g.child.StderrPipe()
	if err != nil {
		return nil, fmt.Errorf("bench: %w", err)
	}
	if err := g.child.Start(); err != nil {
		return nil, fmt.Errorf("bench: start the gateway: %w", err)
	}
	lines := bufio.NewReader(said)
	line, err := lines.ReadString('\n')
	_, rest, ok := strings.Cut(line, "https=")
	if err != nil || !ok {
		_ = g.child.Process.Kill()
		return nil, errors.Join(fmt.Errorf("bench: the gateway did not start: %s", line), g.child.Wait())
	}
	go func() { _, _ = io.Copy(os.Stderr, lines) }()
	g.address, _, _ = strings.Cut(rest, " ")
	pem, err := os.ReadFile(filepath.Join(dir, "webhook", "tls.crt"))
	if err != nil {
		return nil, fmt.Errorf("bench: %w", err)
	}
	g.trust = x509.NewCertPool()
	g.trust.AppendCertsFromPEM(pem)
	return g, nil
}

// measure posts events and returns how long each took from when it was due.
func (g *benchGateway) measure(ctx context.Context, load gatewayLoad, events [][]byte, done *atomic.Int64) ([]time.Duration, error) {
	var connections []net.Conn
	defer func() {
		for _, c := range connections {
			_ = c.Close()
		}
	}()
	dialer := &tls.Dialer{Config: &tls.Config{RootCAs: g.trust, NextProtos: []string{"http/1.1"}}}
	for range load.connections {
		c, err := dialer.DialContext(ctx, "tcp", g.address)
		if err != nil {
			return nil, fmt.Errorf("bench: %w", err)
		}
		connections = append(connections, c)
	}
	took := make([]time.Duration, load.rate*load.seconds)
	var next atomic.Int64
	var wait sync.WaitGroup
	var first atomic.Pointer[error]
	begin := time.Now()
	for _, c := range connections {
		wait.Go(func() {
			if err := g.post(ctx, c, load.rate, begin, events, &next, took, done); err != nil {
				first.CompareAndSwap(nil, &err)
			}
		})
	}
	wait.Wait()
	if err := first.Load(); err != nil {
		return nil, fmt.Errorf("bench: %w", *err)
	}
	return took, nil
}

// post takes the next request that is due, as long as there are some.
func (g *benchGateway) post(ctx context.Context, c net.Conn, rate int, begin time.Time, events [][]byte, next *atomic.Int64, took []time.Duration, done *atomic.Int64) error {
	in := bufio.NewReader(c)
	var request bytes.Buffer
	for ctx.Err() == nil {
		n := next.Add(1) - 1
		if n >= int64(len(took)) {
			return nil
		}
		due := begin.Add(time.Duration(n) * time.Second / time.Duration(rate))
		time.Sleep(time.Until(due))
		event := events[n%int64(len(events))]
		request.Reset()
		fmt.Fprintf(&request, "POST /webhooks/enreach HTTP/1.1\r\nHost: bench\r\nX-Benemen-Event: QueueStatus\r\nX-Benemen-Token: %s\r\nContent-Type: application/json; charset=utf-8\r\nContent-Length: %d\r\n\r\n",
			g.token, len(event))
		request.Write(event)
		if _, err := c.Write(request.Bytes()); err != nil {
			return err
		}
		status, err := in.ReadString('\n')
		if err != nil || !strings.HasPrefix(status, "HTTP/1.1 200") {
			return fmt.Errorf("answered %q, %w", strings.TrimSpace(status), err)
		}
		for line := status; line != "\r\n"; {
			if line, err = in.ReadString('\n'); err != nil {
				return err
			}
		}
		took[n] = time.Since(due)
		done.Add(1)
	}
	return errors.New("interrupted")
}
