package embedded

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestFindLibrary(t *testing.T) {
	if err := platform(); err != nil {
		t.Skip(err)
	}
	here := t.TempDir()
	place := func(parts ...string) string {
		path := filepath.Join(append([]string{here}, parts...)...)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, nil, 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	explicit, named, cached := place("a.so"), place("b.so"), place("home", "ringside", "engine", libraryName)
	deep := filepath.Join(here, "repo", "store", "deep")
	if err := os.MkdirAll(deep, 0o700); err != nil {
		t.Fatal(err)
	}
	t.Setenv("XDG_CACHE_HOME", filepath.Join(here, "home"))
	t.Setenv(LibraryVariable, "")
	t.Chdir(deep)

	find := func(want string) {
		t.Helper()
		if got, err := FindLibrary(""); err != nil || got != want {
			t.Errorf("found %q, %v, want %q", got, err, want)
		}
	}
	find(cached)
	above := place("repo", ".cache", "engine", libraryName)
	find(cached) // a folder above that is no module's is anybody's
	place("repo", "go.mod")
	find(above)
	find(place("repo", "store", "deep", ".cache", "engine", libraryName))
	t.Setenv(LibraryVariable, named)
	find(named)
	if got, err := FindLibrary(explicit); err != nil || got != explicit {
		t.Errorf("explicit: %q, %v", got, err)
	}
	if _, err := FindLibrary(filepath.Join(here, "none.so")); !errors.Is(err, ErrNoLibrary) {
		t.Errorf("an explicit path that is not there: %v", err)
	}
	t.Setenv(LibraryVariable, here)
	if _, err := FindLibrary(""); !errors.Is(err, ErrNoLibrary) || !strings.Contains(err.Error(), LibraryVariable) {
		t.Errorf("a folder: %v", err)
	}
}

func TestFindLibrarySaysWhereItLooked(t *testing.T) {
	if err := platform(); err != nil {
		t.Skip(err)
	}
	dir := t.TempDir()
	t.Setenv("XDG_CACHE_HOME", filepath.Join(dir, "cache"))
	t.Setenv(LibraryVariable, "")
	t.Chdir(dir)
	_, err := FindLibrary("")
	if !errors.Is(err, ErrNoLibrary) {
		t.Fatalf("%v", err)
	}
	for _, part := range []string{filepath.Join(dir, ".cache", "engine", libraryName), filepath.Join(dir, "cache", "ringside", "engine"), "make engine", LibraryVariable} {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("the error does not tell %q: %v", part, err)
		}
	}
}

// A program that forgot ChildMain must not start itself for ever.
func TestNoChildrenOfChildren(t *testing.T) {
	t.Setenv(childVariable, "1")
	if _, err := Start(t.Context(), Options{DataDir: t.TempDir()}); err == nil || !strings.Contains(err.Error(), "ChildMain") {
		t.Errorf("%v", err)
	}
}

func TestOptionsDefaults(t *testing.T) {
	o, err := Options{DataDir: "x", MaxQueries: 3, Grace: time.Second}.withDefaults()
	if err != nil {
		t.Fatal(err)
	}
	if !filepath.IsAbs(o.DataDir) || o.Listen != "127.0.0.1:0" || o.MaxQueries != 3 || o.Grace != time.Second ||
		o.MaxInserts != defaultMaxInserts || o.MemoryLimit < minMemoryLimit || o.QueryMemoryLimit >= o.MemoryLimit || o.Logf == nil {
		t.Errorf("%+v", o)
	}
	for _, bad := range []string{"127.0.0.1", "0.0.0.0:1", ":1", "192.168.0.1:1", "example.com:1"} {
		if _, err := (Options{DataDir: "x", Listen: bad}).withDefaults(); err == nil {
			t.Errorf("%q was accepted", bad)
		}
	}
	for _, good := range []string{"127.0.0.1:1", "127.0.0.2:1", "[::1]:1", "localhost:1"} {
		if _, err := (Options{DataDir: "x", Listen: good}).withDefaults(); err != nil {
			t.Errorf("%q: %v", good, err)
		}
	}
}

func TestLogTail(t *testing.T) {
	var lines []string
	l := &logTail{logf: func(_ string, args ...any) { lines = append(lines, args[0].(string)) }}
	for _, part := range []string{"one\ntw", "o\n\n", strings.Repeat("x", maxLogLine+10), "\nlast"} {
		if n, err := l.Write([]byte(part)); n != len(part) || err != nil {
			t.Fatal(n, err)
		}
	}
	want := []string{"one", "two", strings.Repeat("x", maxLogLine), strings.Repeat("x", 10)}
	if strings.Join(lines, "|") != strings.Join(want, "|") {
		t.Errorf("%d lines", len(lines))
	}
	if got := l.tail(); !strings.HasSuffix(got, "| last") {
		t.Errorf("tail ends in %q", got[len(got)-20:])
	}
	for range 2 * maxLogLines {
		_, _ = l.Write([]byte("more\n"))
	}
	if len(l.last) != maxLogLines {
		t.Errorf("%d lines are kept", len(l.last))
	}
}
