package embedded

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"sync"
	"time"
)

// process is one incarnation of the child.
type process struct {
	cmd     *exec.Cmd
	stdin   io.WriteCloser // a word ends the child in order, its end at once
	ended   chan struct{}
	err     error // why it ended; valid once ended is closed
	log     *logTail
	version string
}

// startProcess starts a child and waits until it is ready.
func startProcess(ctx context.Context, listener, lock *os.File, dir string, cfg childConfig, logf func(string, ...any)) (*process, error) {
	statusRead, statusWrite, err := os.Pipe()
	if err != nil {
		return nil, fmt.Errorf("embedded ClickHouse: %w", err)
	}
	defer func() { _ = statusRead.Close() }()
	p := &process{ended: make(chan struct{}), log: &logTail{logf: logf}}
	// The running program, even if an upgrade has replaced its file.
	p.cmd = exec.Command("/proc/self/exe", ChildArg)
	p.cmd.Args[0] = os.Args[0]
	p.cmd.Dir = dir
	// ClickHouse would read configuration from the home folder, and take its
	// time zone from the machine.
	p.cmd.Env = append(os.Environ(), childVariable+"=1", "HOME="+dir, "TZ=UTC")
	p.cmd.ExtraFiles = []*os.File{listener, statusWrite, lock}
	p.cmd.Stdout, p.cmd.Stderr = p.log, p.log
	p.cmd.WaitDelay = 5 * time.Second // should anything else hold its output open
	apart(p.cmd)
	stdin, err := p.cmd.StdinPipe()
	if err == nil {
		p.stdin = stdin
		err = p.cmd.Start()
	}
	_ = statusWrite.Close()
	if err != nil {
		return nil, fmt.Errorf("embedded ClickHouse: start the child process: %w", err)
	}
	go p.wait()
	if err := json.NewEncoder(stdin).Encode(cfg); err != nil {
		return nil, p.abandon(fmt.Errorf("configure the child process: %w", err))
	}
	if err := p.awaitReady(ctx, statusRead); err != nil {
		return nil, p.abandon(err)
	}
	return p, nil
}

func (p *process) wait() {
	p.err = p.cmd.Wait()
	close(p.ended)
}

// awaitReady reads the child's status line.
func (p *process) awaitReady(ctx context.Context, status *os.File) error {
	stop := context.AfterFunc(ctx, func() { _ = status.SetReadDeadline(time.Unix(1, 0)) })
	defer stop()
	line, err := bufio.NewReader(status).ReadBytes('\n')
	if ctx.Err() != nil {
		return fmt.Errorf("not ready in time: %w", context.Cause(ctx))
	}
	if err != nil {
		return errors.New("the child process ended before it was ready (does main begin with embedded.ChildMain()?)")
	}
	var s childStatus
	if err := json.Unmarshal(line, &s); err != nil {
		return fmt.Errorf("the child process's status %q: %w", line, err)
	}
	if s.Error != "" {
		return errors.New(s.Error)
	}
	p.version = s.Version
	return nil
}

// abandon ends a child that did not become ready; the error tells what it said.
func (p *process) abandon(reason error) error {
	_ = p.cmd.Process.Kill()
	<-p.ended
	if said := p.log.tail(); said != "" {
		reason = fmt.Errorf("%w; it said: %s", reason, said)
	}
	return fmt.Errorf("embedded ClickHouse: %w", reason)
}

// stop ends the child: in order within the grace, else by force. It reports
// whether force was needed.
func (p *process) stop(grace time.Duration) (forced bool) {
	// If it cannot be written, the child has ended or is about to.
	_, _ = io.WriteString(p.stdin, stopWord+"\n")
	timer := time.NewTimer(grace)
	defer timer.Stop()
	select {
	case <-p.ended:
	case <-timer.C:
		forced = true
		_ = p.cmd.Process.Kill()
		<-p.ended
	}
	_ = p.stdin.Close()
	return forced
}

// logTail passes a child's output on by lines and remembers the last of them.
type logTail struct {
	mu   sync.Mutex
	logf func(string, ...any)
	part []byte
	last []string
}

const (
	maxLogLine  = 8 << 10
	maxLogLines = 8
)

func (l *logTail) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, c := range b {
		if c != '\n' && len(l.part) < maxLogLine {
			l.part = append(l.part, c)
			continue
		}
		l.line()
		if c != '\n' {
			l.part = append(l.part, c)
		}
	}
	return len(b), nil
}

func (l *logTail) line() {
	if line := strings.TrimSpace(string(l.part)); line != "" {
		l.logf("clickhouse: %s", line)
		if l.last = append(l.last, line); len(l.last) > maxLogLines {
			l.last = l.last[1:]
		}
	}
	l.part = l.part[:0]
}

func (l *logTail) tail() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.line()
	return strings.Join(l.last, " | ")
}
