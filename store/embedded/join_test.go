package embedded_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"ringside/store/embedded"
	"ringside/store/embedded/embeddedtest"
)

// helperVariable makes this test binary an engine's parent that stays until it
// is killed; the value is the data directory.
const helperVariable = "RINGSIDE_TEST_PARENT"

func TestHelperParent(t *testing.T) {
	dir := os.Getenv(helperVariable)
	if dir == "" {
		t.Skip("run by TestKilledParent")
	}
	e, err := embedded.Start(t.Context(), embedded.Options{DataDir: dir})
	if err != nil {
		t.Fatal(err)
	}
	fmt.Printf("child=%d\n", e.PID())
	select {}
}

// A parent that is killed leaves nothing behind: its child ends, the next
// engine opens the data and knows the note of the last one for stale.
func TestKilledParent(t *testing.T) {
	embeddedtest.Library(t)
	dir := t.TempDir()
	parent, child := startHelper(t, dir)
	info := readNote(t, dir)
	embeddedtest.Exec(t, info.URL, "CREATE TABLE default.t ENGINE = MergeTree ORDER BY n AS SELECT number AS n FROM numbers(1000)")

	joined, err := embedded.OpenOrJoin(t.Context(), embedded.Options{DataDir: dir})
	if err != nil || !joined.Joined() || joined.URL() != info.URL {
		t.Fatalf("join: %+v, %v", joined, err)
	}
	if err := parent.Kill(); err != nil {
		t.Fatal(err)
	}
	eventually(t, 20*time.Second, "the child has ended", func() bool { return !alive(child) })
	select {
	case <-joined.Done():
		if joined.Err() == nil {
			t.Error("the joined engine ended without a reason")
		}
	case <-time.After(30 * time.Second):
		t.Error("the joined engine's end went unnoticed")
	}
	if _, err := os.Stat(notePath(dir)); err != nil {
		t.Fatalf("the killed parent's note: %v", err)
	}
	e, err := embedded.OpenOrJoin(t.Context(), embedded.Options{DataDir: dir})
	if err != nil || e.Joined() {
		t.Fatalf("reopen: %v", err)
	}
	if got := embeddedtest.Exec(t, e.URL(), "SELECT count() FROM default.t"); got != "1000\n" {
		t.Errorf("%s rows", got)
	}
	if err := e.Close(t.Context()); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(notePath(dir)); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the note after Close: %v", err)
	}
}

type note struct {
	PID int
	URL string
}

func notePath(dir string) string { return filepath.Join(dir, "clickhouse", "endpoint.json") }

func readNote(t *testing.T, dir string) (n note) {
	t.Helper()
	b, err := os.ReadFile(notePath(dir))
	if err == nil {
		err = json.Unmarshal(b, &n)
	}
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func TestJoin(t *testing.T) {
	dir := t.TempDir()
	e := embeddedtest.Start(t, func(o *embedded.Options) { o.DataDir = dir })
	if info, err := os.Stat(notePath(dir)); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the note, which holds the password: %v %v", info.Mode(), err)
	}
	if n := readNote(t, dir); n.PID != os.Getpid() || n.URL != e.URL() {
		t.Errorf("note %+v", n)
	}
	joined, err := embedded.OpenOrJoin(t.Context(), embedded.Options{DataDir: dir})
	if err != nil || !joined.Joined() || joined.URL() != e.URL() || joined.Version() != e.Version() {
		t.Fatalf("%+v, %v", joined, err)
	}
	if err := joined.Close(t.Context()); err != nil {
		t.Error(err)
	}
	if got := embeddedtest.Exec(t, e.URL(), "SELECT 1"); got != "1\n" {
		t.Errorf("after the other let go: %q", got)
	}
	_, err = embedded.Start(t.Context(), embedded.Options{DataDir: dir, LockTimeout: 200 * time.Millisecond})
	if !errors.Is(err, embedded.ErrInUse) || !strings.Contains(err.Error(), fmt.Sprint(os.Getpid())) {
		t.Errorf("Start on a directory in use: %v", err)
	}
}

// A directory whose owner does not answer is not fought over.
func TestOwnerDoesNotAnswer(t *testing.T) {
	embeddedtest.Library(t)
	dir := t.TempDir()
	if err := os.MkdirAll(filepath.Join(dir, "clickhouse"), 0o700); err != nil {
		t.Fatal(err)
	}
	f, err := os.Create(filepath.Join(dir, "clickhouse", "lock"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX); err != nil {
		t.Fatal(err)
	}
	open := func() error {
		_, err := embedded.OpenOrJoin(t.Context(), embedded.Options{DataDir: dir, LockTimeout: 200 * time.Millisecond})
		return err
	}
	if err := open(); !errors.Is(err, embedded.ErrInUse) {
		t.Errorf("no note: %v", err)
	}
	if err := os.WriteFile(notePath(dir), []byte(`{"pid": 4711, "url": "http://a:b@127.0.0.1:1"}`), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := open(); !errors.Is(err, embedded.ErrInUse) || !strings.Contains(err.Error(), "4711") {
		t.Errorf("nobody at the note's address: %v", err)
	}
	if err := os.WriteFile(notePath(dir), []byte(`{"pid":`), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := open(); err == nil || !strings.Contains(err.Error(), "endpoint.json") {
		t.Errorf("a broken note: %v", err)
	}
}
