package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/backend"

	"ringside/grafana-plugin/internal/host"
)

// The whole system as `make demo` starts it, and the plugin's backend on its store: started by the first test that asks.
var running struct {
	once   sync.Once
	err    error
	dir    string
	demo   *exec.Cmd
	plugin *host.Plugin
	source host.DataSource
	log    buffer
}

func TestMain(m *testing.M) {
	code := m.Run()
	if running.plugin != nil {
		running.plugin.Close()
	}
	if running.demo != nil {
		_ = running.demo.Process.Signal(syscall.SIGINT)
		if err := running.demo.Wait(); err != nil {
			fmt.Fprintf(os.Stderr, "the demo ended with %v:\n%s", err, running.log.String())
			code = max(code, 1)
		}
	}
	if running.dir != "" {
		_ = os.RemoveAll(running.dir)
	}
	os.Exit(code)
}

// demo returns the backend and a data source on the store of a demo that is live.
func demo(t *testing.T) (*host.Plugin, host.DataSource) {
	t.Helper()
	library := filepath.Join(root(t), ".cache", "engine", "libchdb.so")
	if _, err := os.Stat(library); err != nil && os.Getenv("RINGSIDE_LIBCHDB") == "" {
		if os.Getenv("RINGSIDE_TEST_ALL") == "1" {
			t.Fatal("the embedded ClickHouse is missing: make engine")
		}
		t.Skip("the embedded ClickHouse is missing (make engine): there is no demo to ask")
	}
	running.once.Do(func() { running.err = startDemo(root(t), library) })
	if running.err != nil {
		t.Fatalf("%v\n%s", running.err, running.log.String())
	}
	return running.plugin, running.source
}

func root(t *testing.T) string {
	t.Helper()
	dir, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

var announced = regexp.MustCompile(`ClickHouse  (http://\S+?)(?: \([^)]*\))?, user (\S+), password in (\S+)`)

func startDemo(root, library string) error {
	var err error
	if running.dir, err = os.MkdirTemp("", "ringside-preview-"); err != nil {
		return err
	}
	binary, program := filepath.Join(running.dir, "ringside"), filepath.Join(running.dir, "gpx_ringside")
	if err := errors.Join(build(root, binary, "."), build(filepath.Join(root, "grafana-plugin"), program, "./pkg")); err != nil {
		return err
	}
	running.demo = exec.Command(binary, "demo", "--data-dir", filepath.Join(running.dir, "data"), "--http", "127.0.0.1:0", "--kafka-port", "0", "--clickhouse-port", "0")
	running.demo.Env = append(os.Environ(), "RINGSIDE_LIBCHDB="+library)
	running.demo.Stdout, running.demo.Stderr = &running.log, &running.log
	if err := running.demo.Start(); err != nil {
		running.demo = nil
		return err
	}
	if err := until(5*time.Minute, func() bool { return strings.Contains(running.log.String(), "the centre is live") }); err != nil {
		return fmt.Errorf("the demo is not live: %w", err)
	}
	said := announced.FindStringSubmatch(running.log.String())
	if said == nil {
		return errors.New("the demo does not say what to enter in Grafana")
	}
	password, err := os.ReadFile(said[3])
	if err != nil {
		return err
	}
	settings, err := json.Marshal(map[string]any{"url": said[1], "username": said[2]})
	if err != nil {
		return err
	}
	running.source = host.DataSource{UID: "ringside", JSONData: settings, Secrets: map[string]string{"password": strings.TrimSpace(string(password))}}
	if running.plugin, err = host.Start(program, &running.log); err != nil {
		return err
	}
	if err := until(2*time.Minute, hasIntervals); err != nil {
		return fmt.Errorf("no quarters of an hour are in the store: %w", err)
	}
	return nil
}

// hasIntervals tells whether what is written last is in the store.
func hasIntervals() bool {
	q := backend.DataQuery{RefID: "A", JSON: []byte(`{"kind": "intervalMetrics", "groupBy": "total"}`), TimeRange: backend.TimeRange{From: time.Now().Add(-8 * time.Hour), To: time.Now()}}
	answer, err := running.plugin.QueryData(context.Background(), &backend.QueryDataRequest{PluginContext: running.source.Context(), Queries: []backend.DataQuery{q}})
	return err == nil && len(answer.Responses["A"].Frames) > 0 && answer.Responses["A"].Frames[0].Rows() > 0
}

func build(dir, out, pkg string) error {
	c := exec.Command("go", "build", "-o", out, pkg)
	c.Dir, c.Env = dir, append(os.Environ(), "CGO_ENABLED=0")
	if text, err := c.CombinedOutput(); err != nil {
		return fmt.Errorf("go build %s in %s: %w\n%s", pkg, dir, err, text)
	}
	return nil
}

// until looks again and again, for so long.
func until(limit time.Duration, done func() bool) error {
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	for tick := time.NewTicker(100 * time.Millisecond); !done(); {
		select {
		case <-tick.C:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return nil
}

// buffer is written to by two processes.
type buffer struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (b *buffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.Write(p)
}

func (b *buffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.String()
}
