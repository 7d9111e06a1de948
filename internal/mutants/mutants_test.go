package main

import (
	"context"
	"encoding/binary"
	"hash/fnv"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// Each mutation applies to the source as it is, and the test it names exists.
func TestListIsTrue(t *testing.T) {
	root, err := moduleRoot(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range check(root, all()) {
		t.Error(p)
	}
	if n := len(all()); n < 36 {
		t.Errorf("%d mutations are few", n)
	}
}

// A sample of the mutations is caught. Which ones depends on the list and the mutated files: always the same for the same
// source, others after a change.
func TestSampleIsCaught(t *testing.T) {
	root, err := moduleRoot(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	fast := slices.DeleteFunc(all(), func(m mutation) bool { return m.slow })
	h := fnv.New64a()
	for _, m := range fast {
		text, err := m.apply(root)
		if err != nil {
			t.Fatal(err)
		}
		h.Write([]byte(text))
	}
	sample, err := chosen(fast, "", 3, binary.BigEndian.Uint64(h.Sum(nil)))
	if err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	if !tryAll(t.Context(), &out, newLab(root, t.TempDir(), 2*time.Minute), sample, 2, false) {
		t.Error("not caught")
	}
	t.Log(out.String())
}

func TestChosen(t *testing.T) {
	names := func(list []mutation) string {
		var out []string
		for _, m := range list {
			out = append(out, m.name)
		}
		return strings.Join(out, " ")
	}
	list := []mutation{{name: "a1"}, {name: "b1"}, {name: "a2"}, {name: "b2"}, {name: "a3"}}
	got, err := chosen(list, "^a", 0, 1)
	if err != nil || names(got) != "a1 a2 a3" {
		t.Errorf("by name: %s, %v", names(got), err)
	}
	seen := map[string]bool{}
	for seed := range uint64(50) {
		first, _ := chosen(list, "", 2, seed)
		again, _ := chosen(list, "", 2, seed)
		if len(first) != 2 || names(first) != names(again) {
			t.Fatalf("seed %d: %s, then %s", seed, names(first), names(again))
		}
		seen[names(first)] = true
	}
	if len(seen) < 5 {
		t.Errorf("50 seeds give %d samples", len(seen))
	}
	if _, err := chosen(list, "c", 0, 1); err == nil {
		t.Error("no error where nothing matches")
	}
	if names(list) != "a1 b1 a2 b2 a3" {
		t.Errorf("the list has changed: %s", names(list))
	}
}

func TestVerdicts(t *testing.T) {
	for name, tc := range map[string]struct {
		output  string
		success bool
		depth   int
		want    verdict
	}{
		"passes":                   {"=== RUN   TestA\n--- PASS: TestA (0.00s)\nPASS\n", true, 0, passed},
		"fails":                    {"--- FAIL: TestA (0.00s)\nFAIL\n", false, 0, failed},
		"subtest passes":           {"--- PASS: TestA (0.00s)\n    --- PASS: TestA/b (0.00s)\nPASS\n", true, 1, passed},
		"subtest does not exist":   {"--- PASS: TestA (0.00s)\nPASS\n", true, 1, noTest},
		"subtest fails":            {"--- FAIL: TestA (0.00s)\n    --- FAIL: TestA/b (0.00s)\nFAIL\n", false, 1, failed},
		"fails before its subtest": {"--- FAIL: TestA (0.00s)\nFAIL\n", false, 1, noTest},
		"is skipped":               {"--- SKIP: TestA (0.00s)\nPASS\n", true, 0, skipped},
		"one of two is skipped":    {"--- PASS: TestA (0.00s)\n--- SKIP: TestB (0.00s)\nPASS\n", true, 0, skipped},
		"no test":                  {"testing: warning: no tests to run\nPASS\n", true, 0, noTest},
		"panics":                   {"=== RUN   TestA\npanic: BUG: less than nothing\n\ngoroutine 1:\n", false, 0, failed},
		"crashes":                  {"fatal error: all goroutines are asleep - deadlock!\n", false, 0, failed},
		"timeout":                  {"panic: test timed out after 1s\n--- FAIL: TestA (1.0s)\n", false, 0, timedOut},
		"cannot be run":            {"flag provided but not defined: -x\n", false, 0, noTest},
		"a log that looks like it": {"=== RUN   TestA\n    a_test.go:1: panic: no\n--- PASS: TestA (0.00s)\n", true, 0, passed},
	} {
		if got := verdictOf(tc.output, tc.success, tc.depth); got != tc.want {
			t.Errorf("%s: %s, want %s", name, got, tc.want)
		}
	}
}

// A module with a test that is no good, and mutations of every kind.
func TestTryingMutations(t *testing.T) {
	root := t.TempDir()
	for name, text := range map[string]string{
		"go.mod": "module small\n\ngo 1.24\n",
		"a/a.go": "package a\n\nfunc Add(a, b int) int { return a + b }\n\nfunc Sub(a, b int) int { return a - b }\n\nfunc Wait() {}\n",
		"b/b.go": "package b\n\nconst X = 1\n",
		"a/a_test.go": "package a\n\nimport \"testing\"\n\nfunc TestAdd(t *testing.T) {\n\tif Add(1, 2) != 3 {\n\t\tt.Fatal()\n\t}\n}\n\nfunc TestSub(t *testing.T) { Sub(1, 2) }\n\n" +
			"func TestWait(t *testing.T) { Wait() }\n\nfunc TestSkip(t *testing.T) { t.Skip() }\n\nfunc TestFail(t *testing.T) { t.Fail() }\n",
	} {
		path := filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	t.Setenv("GOWORK", "off")
	add := mutation{name: "add", bug: "it subtracts", file: "a/a.go", old: "a + b", new: "a + b*-1", by: test{"a", "TestAdd"}}
	of := func(change func(m *mutation)) mutation {
		m := add
		change(&m)
		return m
	}
	l := newLab(root, t.TempDir(), 2*time.Second)
	for name, tc := range map[string]struct {
		m       mutation
		verdict verdict
		err     string
	}{
		"caught":       {add, failed, ""},
		"survives":     {of(func(m *mutation) { m.old, m.new, m.by = "a - b", "b - a", test{"a", "TestSub"} }), passed, ""},
		"no code":      {of(func(m *mutation) { m.new = "a +" }), noTest, "does not compile"},
		"not there":    {of(func(m *mutation) { m.old = "a * b" }), noTest, "0 times, want once"},
		"there twice":  {of(func(m *mutation) { m.old = "return a" }), noTest, "2 times, want once"},
		"no change":    {of(func(m *mutation) { m.new = m.old }), noTest, "want once"},
		"hangs":        {of(func(m *mutation) { m.old, m.new, m.by = "Wait() {}", "Wait() { select {} }", test{"a", "TestWait"} }), timedOut, ""},
		"fails anyway": {of(func(m *mutation) { m.by.run = "TestFail" }), noTest, "without any mutation, a TestFail failed"},
		"skipped":      {of(func(m *mutation) { m.by.run = "TestSkip" }), noTest, "was skipped"},
		"no such test": {of(func(m *mutation) { m.by.run = "TestNone" }), noTest, "did not run"},
		"no subtest":   {of(func(m *mutation) { m.by.run = "TestAdd/sub" }), noTest, "did not run"},
		"no tests":     {of(func(m *mutation) { m.by.folder = "b" }), noTest, "does not compile"},
	} {
		v, _, err := l.try(t.Context(), &tc.m)
		switch {
		case tc.err == "" && (err != nil || v != tc.verdict):
			t.Errorf("%s: %s, %v, want %s", name, v, err, tc.verdict)
		case tc.err != "" && (err == nil || !strings.Contains(err.Error(), tc.err)):
			t.Errorf("%s: %s, error %v, want %q", name, v, err, tc.err)
		}
	}
	var out strings.Builder
	survivor := of(func(m *mutation) { m.name, m.old, m.new, m.by = "sub", "a - b", "b - a", test{"a", "TestSub"} })
	if tryAll(t.Context(), &out, l, []mutation{add, survivor}, 2, false) {
		t.Error("a survivor is no failure")
	}
	for _, want := range []string{"add", "caught", "sub", "SURVIVED", "the test passes though it subtracts", "1 of 2 mutations caught"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("%q is missing in\n%s", want, out.String())
		}
	}
	if problems := check(root, []mutation{add, add, of(func(m *mutation) { m.name, m.by.run = "none", "TestNone" })}); len(problems) != 2 {
		t.Errorf("problems of a list with a name twice and a test that is not there: %v", problems)
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if tryAll(ended, &out, l, []mutation{add}, 1, false) {
		t.Error("a run that was broken off is a success")
	}
	if text, err := os.ReadFile(filepath.Join(root, "a", "a.go")); err != nil || !strings.Contains(string(text), "return a + b }") {
		t.Errorf("the module was changed: %s, %v", text, err)
	}
}
