package embedded_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"ringside/store/embedded"
	"ringside/store/embedded/embeddedtest"
)

// What was entered elsewhere still opens the engine after the next start; nobody else of the machine can read it.
func TestReaderPasswordStays(t *testing.T) {
	dir := t.TempDir()
	var first string
	for i := range 2 {
		e := embeddedtest.Start(t, func(o *embedded.Options) { o.DataDir = dir })
		if i == 0 {
			first = readerURL(t, e)
		}
		info, err := os.Stat(e.ReaderPasswordFile())
		if err != nil || info.Mode().Perm() != 0o600 {
			t.Fatalf("%v: %v", info.Mode(), err)
		}
		was, _ := url.Parse(first)
		now, _ := url.Parse(e.URL())
		was.Host = now.Host
		if res, body := send(t, "POST", was.String()+"/", "SELECT 1", nil); res.StatusCode != http.StatusOK {
			t.Errorf("start %d: %s", i+1, body)
		}
		if err := e.Close(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(filepath.Join(dir, "clickhouse", "reader-password"), []byte("short\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	e, err := embedded.Start(t.Context(), embedded.Options{DataDir: dir})
	if err == nil {
		_ = e.Close(t.Context())
	}
	if err == nil || !strings.Contains(err.Error(), "shorter than 12") || strings.Contains(err.Error(), "short\n") {
		t.Errorf("a password of five characters: %v", err)
	}
}

// The child is killed again and again while rows are written: it comes back on
// the same address, and no row that was acknowledged is missing.
func TestKilledChildLosesNothing(t *testing.T) {
	var restarts atomic.Int32
	e := embeddedtest.Start(t, func(o *embedded.Options) { o.OnRestart = func(error) { restarts.Add(1) } })
	conn := dial(t, e.URL(), "", withConnections(8))
	exec(t, conn, "CREATE TABLE default.acked (writer UInt8, n UInt64) ENGINE = MergeTree ORDER BY (writer, n)")

	ctx, stop := context.WithCancel(t.Context())
	const writers, batchSize = 3, 500
	acked := make([]atomic.Uint64, writers)
	var wg sync.WaitGroup
	for w := range writers {
		wg.Go(func() {
			for ctx.Err() == nil {
				from := acked[w].Load()
				batch, err := conn.PrepareBatch(ctx, "INSERT INTO default.acked")
				if err != nil {
					continue // the child is away: try again
				}
				for i := range uint64(batchSize) {
					if err := batch.Append(uint8(w), from+i); err != nil {
						t.Error(err)
						return
					}
				}
				if batch.Send() == nil {
					acked[w].Add(batchSize)
				}
			}
		})
	}
	total := func() (n uint64) {
		for i := range acked {
			n += acked[i].Load()
		}
		return n
	}
	const kills = 3
	for k := range kills {
		before := total()
		eventually(t, 30*time.Second, "rows are written", func() bool { return total() >= before+5*batchSize })
		if err := syscall.Kill(e.PID(), syscall.SIGKILL); err != nil {
			t.Fatal(err)
		}
		eventually(t, 30*time.Second, "the child is back", func() bool { return e.Restarts() == uint64(k+1) })
	}
	before := total()
	eventually(t, 30*time.Second, "rows are written again", func() bool { return total() >= before+5*batchSize })
	stop()
	wg.Wait()
	for w := range writers {
		n := scalar[uint64](t, conn, fmt.Sprintf("SELECT uniqExact(n) FROM default.acked WHERE writer = %d AND n < %d", w, acked[w].Load()))
		if n != acked[w].Load() {
			t.Errorf("writer %d: %d rows of %d acknowledged ones", w, n, acked[w].Load())
		}
	}
	if restarts.Load() != kills {
		t.Errorf("OnRestart was called %d times", restarts.Load())
	}
}

// A connection made while the child is being replaced waits and is served.
func TestPortSurvivesChild(t *testing.T) {
	e := embeddedtest.Start(t)
	if err := syscall.Kill(e.PID(), syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	eventually(t, 10*time.Second, "the child's end is noticed", func() bool { return e.PID() == 0 || e.Restarts() > 0 })
	if got := embeddedtest.Exec(t, e.URL(), "SELECT 1"); got != "1\n" {
		t.Errorf("%q", got)
	}
}

// A signal to every process of a service does not take ClickHouse from its
// parent.
func TestChildKeepsServingOnSignals(t *testing.T) {
	e := embeddedtest.Start(t)
	pid := e.PID()
	for _, s := range []syscall.Signal{syscall.SIGTERM, syscall.SIGINT, syscall.SIGHUP} {
		if err := syscall.Kill(pid, s); err != nil {
			t.Fatal(err)
		}
	}
	for _, statement := range []string{"SYSTEM SHUTDOWN", "SYSTEM KILL"} {
		if res, body := send(t, "POST", e.URL()+"/", statement, nil); res.StatusCode != http.StatusForbidden {
			t.Errorf("%s: %s %s", statement, res.Status, body)
		}
	}
	for range 20 {
		embeddedtest.Exec(t, e.URL(), "SELECT sleep(0.01)")
	}
	if e.PID() != pid || e.Restarts() != 0 {
		t.Error("the child was replaced")
	}
}

// An engine that cannot be brought back says so, and why, and lets go.
func TestGivesUp(t *testing.T) {
	if testing.Short() {
		t.Skip("takes 12 s")
	}
	library := filepath.Join(t.TempDir(), "libchdb.so")
	if err := os.Symlink(embeddedtest.Library(t), library); err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	e, err := embedded.Start(t.Context(), embedded.Options{DataDir: dir, Library: library})
	if err != nil {
		t.Fatal(err)
	}
	if e.Err() != nil {
		t.Errorf("before its end: %v", e.Err())
	}
	if err := errors.Join(os.Remove(library), syscall.Kill(e.PID(), syscall.SIGKILL)); err != nil {
		t.Fatal(err)
	}
	select {
	case <-e.Done():
	case <-time.After(time.Minute):
		t.Fatal("it goes on trying")
	}
	if err := e.Err(); err == nil || !strings.Contains(err.Error(), library) {
		t.Errorf("its reason: %v", err)
	}
	if err := e.Close(t.Context()); !errors.Is(err, e.Err()) {
		t.Errorf("Close: %v", err)
	}
	embeddedtest.Start(t, func(o *embedded.Options) { o.DataDir = dir })
}

func TestStartErrors(t *testing.T) {
	embeddedtest.Library(t)
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = taken.Close() }()
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		what string
		o    embedded.Options
		is   error
		text string
	}{
		{what: "port taken", o: embedded.Options{DataDir: t.TempDir(), Listen: taken.Addr().String()}, is: syscall.EADDRINUSE, text: taken.Addr().String()},
		{what: "not loopback", o: embedded.Options{DataDir: t.TempDir(), Listen: "0.0.0.0:0"}, text: "loopback"},
		{what: "no directory", o: embedded.Options{}, text: "no data directory"},
		{what: "unwritable", o: embedded.Options{DataDir: filepath.Join(file, "x")}, is: syscall.ENOTDIR, text: file},
		{what: "no library", o: embedded.Options{DataDir: t.TempDir(), Library: "/nowhere/libchdb.so"}, is: embedded.ErrNoLibrary, text: "/nowhere"},
		{what: "not a library", o: embedded.Options{DataDir: t.TempDir(), Library: file}, text: "file too short"},
		{what: "little memory", o: embedded.Options{DataDir: t.TempDir(), MemoryLimit: 1 << 20}, text: "memory limit"},
	} {
		e, err := embedded.Start(t.Context(), c.o)
		if err == nil {
			_ = e.Close(t.Context())
			t.Errorf("%s: no error", c.what)
			continue
		}
		if (c.is != nil && !errors.Is(err, c.is)) || !strings.Contains(err.Error(), c.text) {
			t.Errorf("%s: %v", c.what, err)
		}
		if c.o.DataDir != "" {
			if _, err := os.Stat(notePath(c.o.DataDir)); err == nil {
				t.Errorf("%s: a note was left", c.what)
			}
		}
	}
}

// A failed start has let go of all it held.
func TestStartAfterFailure(t *testing.T) {
	dir, listen := t.TempDir(), freeAddress(t)
	if _, err := embedded.Start(t.Context(), embedded.Options{DataDir: dir, Listen: listen, Library: "/nowhere"}); err == nil {
		t.Fatal("no error")
	}
	e := embeddedtest.Start(t, func(o *embedded.Options) { o.DataDir, o.Listen = dir, listen })
	if u, _ := url.Parse(e.URL()); u.Host != listen {
		t.Errorf("%s, want %s", u.Host, listen)
	}
}

func freeAddress(t *testing.T) string {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	return l.Addr().String()
}

// Close lets what is short end, stops what is long, and frees the port.
func TestClose(t *testing.T) {
	for _, c := range []struct {
		what, statement string
		grace           time.Duration
		ok              bool
	}{
		{what: "within the grace", statement: "SELECT sleep(2)", grace: 20 * time.Second, ok: true},
		{what: "beyond it", statement: "SELECT count() FROM numbers(1000000000000) WHERE sipHash64(number) = 1", grace: 200 * time.Millisecond},
	} {
		t.Run(c.what, func(t *testing.T) {
			e := embeddedtest.Start(t, func(o *embedded.Options) { o.Grace = c.grace })
			ended := make(chan bool, 1)
			go func() {
				res, err := http.Post(e.URL()+"/", "", strings.NewReader(c.statement))
				if err == nil {
					_ = res.Body.Close()
				}
				ended <- err == nil && res.StatusCode == http.StatusOK
			}()
			eventually(t, 10*time.Second, "it runs", func() bool { return status(t, e).QueriesRunning == 1 })
			if err := e.Close(t.Context()); err != nil {
				t.Errorf("Close: %v", err)
			}
			if ok := <-ended; ok != c.ok {
				t.Errorf("the statement succeeded: %v", ok)
			}
			u, _ := url.Parse(e.URL())
			if _, err := net.DialTimeout("tcp", u.Host, time.Second); err == nil {
				t.Error("the port still answers")
			}
			if err := e.Close(t.Context()); err != nil {
				t.Errorf("a second Close: %v", err)
			}
		})
	}
}

// Data, and nothing else, outlive an engine; the password does not.
func TestReopen(t *testing.T) {
	dir := t.TempDir()
	var urls []string
	for i := range 3 {
		e := embeddedtest.Start(t, func(o *embedded.Options) { o.DataDir, o.Durable = dir, i == 1 })
		embeddedtest.Exec(t, e.URL(), "CREATE DATABASE IF NOT EXISTS ringside")
		embeddedtest.Exec(t, e.URL(), "CREATE TABLE IF NOT EXISTS ringside.t (n UInt64) ENGINE = MergeTree ORDER BY n")
		embeddedtest.Exec(t, e.URL(), "INSERT INTO ringside.t SELECT "+fmt.Sprint(i))
		if got, want := embeddedtest.Exec(t, e.URL(), "SELECT count() FROM ringside.t"), fmt.Sprintln(i+1); got != want {
			t.Errorf("start %d: %s rows", i, got)
		}
		u, _ := url.Parse(e.URL())
		password, _ := u.User.Password()
		if slices.Contains(urls, password) || len(password) < 32 {
			t.Errorf("password %q again or too short", password)
		}
		urls = append(urls, password)
		if err := e.Close(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
}
