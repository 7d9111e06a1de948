// Package embeddedtest gives tests an embedded ClickHouse. A package that uses
// it needs, once,
//
//	func TestMain(m *testing.M) { embeddedtest.Main(m) }
//
// Where the library is missing, tests are skipped; with RINGSIDE_TEST_ALL=1
// they fail instead.
package embeddedtest

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"ringside/store/embedded"
)

// RequireVariable, set to 1, makes a missing library an error.
const RequireVariable = "RINGSIDE_TEST_ALL"

const (
	memoryLimit = 2 << 30
	timeout     = 2 * time.Minute
)

var shared struct {
	ready  bool // Main has been called
	once   sync.Once
	dir    string
	engine *embedded.Engine
	err    error
}

// Main is the whole body of a TestMain: it runs the engine's child in a process
// that is one, else the tests, and ends the shared engine after them.
func Main(m *testing.M) {
	embedded.ChildMain()
	shared.ready = true
	code := m.Run()
	if err := closeShared(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = max(code, 1)
	}
	os.Exit(code)
}

func closeShared() error {
	if shared.engine == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), timeout)
	defer cancel()
	return errors.Join(shared.engine.Close(ctx), os.RemoveAll(shared.dir))
}

// Shared is the one engine of this test binary, started when first asked for.
// Tests keep apart by Database.
func Shared(tb testing.TB) *embedded.Engine {
	tb.Helper()
	shared.once.Do(func() {
		if shared.dir, shared.err = os.MkdirTemp("", "ringside-clickhouse-"); shared.err != nil {
			return
		}
		shared.engine, shared.err = start(shared.dir)
		if shared.err != nil {
			_ = os.RemoveAll(shared.dir)
		}
	})
	check(tb, shared.err)
	return shared.engine
}

// URL is the shared engine's address with its credentials, no database chosen.
func URL(tb testing.TB) string {
	tb.Helper()
	return Shared(tb).URL()
}

// Database makes an empty database of the shared engine for one test and drops
// it afterwards.
func Database(tb testing.TB) (url, name string) {
	tb.Helper()
	url = URL(tb)
	var b [4]byte
	_, _ = rand.Read(b[:])
	name = "test_" + hex.EncodeToString(b[:])
	Exec(tb, url, "CREATE DATABASE "+name)
	tb.Cleanup(func() { Exec(tb, url, "DROP DATABASE "+name+" SYNC") })
	return url, name
}

// Start starts an engine of the test's own, on a directory of its own, ended
// with the test. The options may be changed by the functions given.
func Start(tb testing.TB, change ...func(*embedded.Options)) *embedded.Engine {
	tb.Helper()
	e, err := start(tb.TempDir(), change...)
	check(tb, err)
	tb.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), timeout)
		defer cancel()
		if err := e.Close(ctx); err != nil {
			tb.Errorf("close the engine: %v", err)
		}
	})
	return e
}

func start(dir string, change ...func(*embedded.Options)) (*embedded.Engine, error) {
	if !shared.ready {
		return nil, errors.New("this package's TestMain must be func TestMain(m *testing.M) { embeddedtest.Main(m) }")
	}
	o := embedded.Options{DataDir: dir, MemoryLimit: memoryLimit}
	for _, f := range change {
		f(&o)
	}
	ctx, cancel := context.WithTimeout(context.Background(), timeout)
	defer cancel()
	return embedded.Start(ctx, o)
}

func check(tb testing.TB, err error) {
	tb.Helper()
	switch {
	case err == nil:
	case os.Getenv(RequireVariable) != "1" && (errors.Is(err, embedded.ErrNoLibrary) || errors.Is(err, errors.ErrUnsupported)):
		tb.Skipf("the embedded ClickHouse is not here (run make engine): %v", err)
	default:
		tb.Fatal(err)
	}
}

// Exec runs a statement by plain HTTP and returns its result as ClickHouse
// formats it.
func Exec(tb testing.TB, url, statement string) string {
	tb.Helper()
	res, err := http.Post(url+"/", "text/plain", strings.NewReader(statement))
	if err != nil {
		tb.Fatalf("%s: %v", statement, err)
	}
	defer func() { _ = res.Body.Close() }()
	b, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode != http.StatusOK {
		tb.Fatalf("%s: %s: %s %v", statement, res.Status, b, err)
	}
	return string(b)
}

// Library returns the library's path, or skips or fails the test without it.
func Library(tb testing.TB) string {
	tb.Helper()
	path, err := embedded.FindLibrary("")
	check(tb, err)
	return filepath.Clean(path)
}
