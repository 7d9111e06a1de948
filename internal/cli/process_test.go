package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"ringside/store/embedded"
)

// asProgram makes the test's binary be the program: process-level tests start it with this variable.
const asProgram = "RINGSIDE_TEST_AS_PROGRAM"

func TestMain(m *testing.M) {
	embedded.ChildMain()
	if os.Getenv(asProgram) == "1" {
		os.Exit(Main(os.Args[1:], Streams{In: os.Stdin, Out: os.Stdout, Err: os.Stderr}))
	}
	os.Exit(m.Run())
}

// patience bounds every wait of these tests.
const patience = 3 * time.Minute

func needStore(t *testing.T) {
	t.Helper()
	_, err := embedded.FindLibrary("")
	if err == nil {
		return
	}
	if os.Getenv("RINGSIDE_TEST_ALL") == "1" {
		t.Fatal(err)
	}
	t.Skip(err)
}

// buffer is a bytes.Buffer that a process writes while a test reads.
type buffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (b *buffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

func (b *buffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}

// program is a running Ringside.
type program struct {
	t        *testing.T
	cmd      *exec.Cmd
	out, err buffer
	done     chan struct{}
}

func start(t *testing.T, in io.Reader, args ...string) *program {
	t.Helper()
	p := &program{t: t, cmd: exec.Command(os.Args[0], args...), done: make(chan struct{})}
	p.cmd.Env = append(os.Environ(), asProgram+"=1")
	p.cmd.Stdin, p.cmd.Stdout, p.cmd.Stderr = in, &p.out, &p.err
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		_ = p.cmd.Wait()
		close(p.done)
	}()
	t.Cleanup(func() {
		select {
		case <-p.done:
		default:
			_ = p.cmd.Process.Kill()
			<-p.done
		}
	})
	return p
}

func (p *program) signal(s syscall.Signal) {
	p.t.Helper()
	if err := p.cmd.Process.Signal(s); err != nil {
		p.t.Fatal(err)
	}
}

// end waits for the exit code.
func (p *program) end(within time.Duration) int {
	p.t.Helper()
	select {
	case <-p.done:
		return p.cmd.ProcessState.ExitCode()
	case <-time.After(within):
		p.t.Fatalf("%v did not end within %s\nstdout: %s\nstderr: %s", p.cmd.Args[1:], within, p.out.String(), p.err.String())
		return -1
	}
}

func ringside(t *testing.T, args ...string) (out, errs string, code int) {
	t.Helper()
	p := start(t, nil, args...)
	code = p.end(patience)
	return p.out.String(), p.err.String(), code
}

// must runs a command that has to succeed and returns its output without the last newline.
func must(t *testing.T, args ...string) string {
	t.Helper()
	out, errs, code := ringside(t, args...)
	if code != 0 {
		t.Fatalf("ringside %v: exit %d: %s", args, code, errs)
	}
	return strings.TrimSuffix(out, "\n")
}

func selects(t *testing.T, dir, sql string) string {
	t.Helper()
	return must(t, "sql", "--data-dir", dir, sql)
}

// until waits for a condition; what tells what it is.
func (p *program) until(what string, holds func() bool) {
	p.t.Helper()
	for end := time.Now().Add(patience); !holds(); time.Sleep(50 * time.Millisecond) {
		select {
		case <-p.done:
			p.t.Fatalf("waiting for %s: the program ended: %s", what, p.err.String())
		default:
		}
		if time.Now().After(end) {
			p.t.Fatalf("waiting for %s: not within %s\nstdout: %s\nstderr: %s", what, patience, p.out.String(), p.err.String())
		}
	}
}

// children returns the processes that a process has started.
func children(t *testing.T, pid int) (pids []int) {
	t.Helper()
	files, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/children", pid))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		text, err := os.ReadFile(f)
		if err != nil {
			continue // a thread that has ended
		}
		for _, field := range strings.Fields(string(text)) {
			n, err := strconv.Atoi(field)
			if err != nil {
				t.Fatal(err)
			}
			pids = append(pids, n)
		}
	}
	return pids
}

func alive(pid int) bool { return !errors.Is(syscall.Kill(pid, 0), syscall.ESRCH) }

func get(url string) (int, string) {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return 0, err.Error()
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return 0, err.Error()
	}
	defer response.Body.Close()
	text, _ := io.ReadAll(response.Body)
	return response.StatusCode, string(text)
}

// keepOpen runs the folder's store in this process, so that the commands of a test join it and need not start one each. It
// returns the store's URL, with credentials.
func keepOpen(t *testing.T, dir string) string {
	t.Helper()
	store, err := embedded.Start(context.Background(), embedded.Options{DataDir: dir})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := store.Close(context.Background()); err != nil {
			t.Error(err)
		}
	})
	return store.URL()
}
