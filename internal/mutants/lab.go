package main

import (
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
	"time"
)

// verdict is how a test run ended.
type verdict uint8

const (
	passed   verdict = iota // for a mutation: SURVIVED
	failed                  // for a mutation: caught
	skipped                 // the test did not look
	timedOut                // proves nothing: the machine may be slow
	noTest                  // nothing ran, or the test binary did not work
)

var verdictNames = [...]string{"passed", "failed", "was skipped", "ran into the timeout", "did not run"}

func (v verdict) String() string { return verdictNames[v] }

// lab compiles the tests of a module, as it is or with a mutation laid over it, and runs them. The module's own files
// are never touched.
type lab struct {
	root    string // of the module
	dir     string // for what is made
	timeout time.Duration

	mu       sync.Mutex
	binaries map[string]*once // by folder, without mutation
	clean    map[test]*once
}

// once is a step that several mutations share.
type once struct {
	sync.Once
	path string
	err  error
}

func newLab(root, dir string, timeout time.Duration) *lab {
	return &lab{root: root, dir: dir, timeout: timeout, binaries: map[string]*once{}, clean: map[test]*once{}}
}

func shared[K comparable](l *lab, steps map[K]*once, key K) *once {
	l.mu.Lock()
	defer l.mu.Unlock()
	if steps[key] == nil {
		steps[key] = &once{}
	}
	return steps[key]
}

// errBuild is a mutation that does not compile: an error of the list.
var errBuild = errors.New("does not compile")

// try plants a mutation and runs its test, after the test has passed without it. A nil error and failed is what is
// wanted; the output is the test's.
func (l *lab) try(ctx context.Context, m *mutation) (v verdict, output string, err error) {
	if err := l.checkClean(ctx, m.by); err != nil {
		return noTest, "", err
	}
	dir, err := os.MkdirTemp(l.dir, "mutation-")
	if err != nil {
		return noTest, "", err
	}
	defer os.RemoveAll(dir)
	overlay, err := l.overlay(m, dir)
	if err != nil {
		return noTest, "", err
	}
	binary := filepath.Join(dir, "mutated.test")
	if err := l.compile(ctx, m.by.folder, binary, overlay); err != nil {
		return noTest, "", fmt.Errorf("mutation %s: %w", m.name, err)
	}
	return l.run(ctx, binary, m.by)
}

// checkClean runs a test without any mutation, once.
func (l *lab) checkClean(ctx context.Context, t test) error {
	step := shared(l, l.clean, t)
	step.Do(func() {
		compiled := shared(l, l.binaries, t.folder)
		compiled.Do(func() {
			compiled.path = filepath.Join(l.dir, strings.ReplaceAll(t.folder, "/", "-")+".test")
			compiled.err = l.compile(ctx, t.folder, compiled.path, "")
		})
		if compiled.err != nil {
			step.err = compiled.err
			return
		}
		v, output, err := l.run(ctx, compiled.path, t)
		if err == nil && v != passed {
			err = fmt.Errorf("without any mutation, %s %s:\n%s", t, v, tail(output))
		}
		step.err = err
	})
	return step.err
}

// overlay writes the mutated file into dir and what go build -overlay needs to see it in the place of the original.
func (l *lab) overlay(m *mutation, dir string) (string, error) {
	text, err := m.apply(l.root)
	if err != nil {
		return "", err
	}
	original := filepath.Join(l.root, filepath.FromSlash(m.file))
	mutated := filepath.Join(dir, filepath.Base(original))
	replace, err := json.Marshal(map[string]map[string]string{"Replace": {original: mutated}})
	if err != nil {
		return "", err
	}
	path := filepath.Join(dir, "overlay.json")
	return path, errors.Join(os.WriteFile(mutated, []byte(text), 0o600), os.WriteFile(path, replace, 0o600))
}

func (l *lab) compile(ctx context.Context, folder, binary, overlay string) error {
	args := []string{"test", "-c", "-vet=off", "-ldflags=-s -w", "-o", binary}
	if overlay != "" {
		args = append(args, "-overlay", overlay)
	}
	c := exec.CommandContext(ctx, "go", append(args, "./"+folder)...)
	c.Dir = l.root
	output, err := c.CombinedOutput()
	if err == nil {
		// go test -c writes nothing for a package without tests.
		_, err = os.Stat(binary)
	}
	if err != nil && ctx.Err() == nil {
		return fmt.Errorf("the test of %s %w: %w\n%s", folder, errBuild, err, output)
	}
	return err
}

// run runs a test binary where go test would. An error is one of the machine, or ctx's.
func (l *lab) run(ctx context.Context, binary string, t test) (verdict, string, error) {
	args := []string{"-test.v", "-test.run=" + t.pattern(), "-test.timeout=" + l.timeout.String()}
	bounded, cancel := context.WithTimeout(ctx, l.timeout+10*time.Second) // the binary's own timeout tells more
	defer cancel()
	c := exec.CommandContext(bounded, binary, args...)
	c.Dir = filepath.Join(l.root, filepath.FromSlash(t.folder))
	c.WaitDelay = 5 * time.Second // a child of the test may hold its output open
	output, err := c.CombinedOutput()
	if ctx.Err() != nil {
		return noTest, "", ctx.Err()
	}
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) && !errors.Is(err, exec.ErrWaitDelay) {
		return noTest, "", err
	}
	if bounded.Err() != nil {
		return timedOut, string(output), nil
	}
	return verdictOf(string(output), c.ProcessState.Success(), strings.Count(t.run, "/")), string(output), nil
}

var (
	resultLine = regexp.MustCompile(`(?m)^\s*--- (PASS|FAIL|SKIP): (\S+)`)
	crashLine  = regexp.MustCompile(`(?m)^(panic|fatal error): `)
)

// verdictOf reads the output of a test binary. Tests count at the depth that was asked for: 0 for functions, 1 for their
// subtests.
func verdictOf(output string, success bool, depth int) verdict {
	results := map[string]int{}
	for _, m := range resultLine.FindAllStringSubmatch(output, -1) {
		if strings.Count(m[2], "/") == depth {
			results[m[1]]++
		}
	}
	switch {
	case strings.Contains(output, "panic: test timed out after "):
		return timedOut
	case !success && (results["FAIL"] > 0 || crashLine.MatchString(output)):
		return failed
	case !success:
		return noTest
	case results["SKIP"] > 0:
		return skipped
	case results["PASS"] == 0:
		return noTest
	}
	return passed
}

// tail returns the last lines of a long output.
func tail(output string) string {
	lines := strings.Split(strings.TrimRight(output, "\n"), "\n")
	const most = 30
	if len(lines) > most {
		lines = append([]string{"…"}, lines[len(lines)-most:]...)
	}
	return strings.Join(lines, "\n")
}
