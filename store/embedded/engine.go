package embedded

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"github.com/cenkalti/backoff/v5"
)

// Reader is the user who may read and nothing else; its password is in
// Engine.ReaderPasswordFile.
const Reader = "ringside_reader"

const (
	user = "ringside"
	// A child that has not become ready so many times in a row will not.
	maxFailedStarts = 10
	// A child that has lived so long owes nothing to its predecessor's failure.
	healthyAfter = time.Minute
	// What the child may take beyond its grace to stop statements and close.
	stopMargin = killGrace + closeGrace + 5*time.Second
)

// Engine is a running ClickHouse: this process's own, or another's it has joined.
type Engine struct {
	opts    Options
	url     string
	version string
	joined  bool

	dir      *directory
	listener *os.File
	config   childConfig
	restarts atomic.Uint64
	pid      atomic.Int64

	closing   chan struct{}
	closeOnce sync.Once
	done      chan struct{}
	err       error // why it ended; valid once done is closed
}

// Start opens the data directory with an engine of this process's own and
// returns when it answers. Errors: ErrNoLibrary, ErrInUse, syscall.EADDRINUSE
// for a Listen address that is taken, and whatever ClickHouse says of its data.
// A later end of ctx does not end the engine; Close does.
func Start(ctx context.Context, o Options) (*Engine, error) {
	return open(ctx, o, func(Options) (*Engine, error) { return nil, nil })
}

// open claims the directory, waiting while its owner may be just ending; what
// other returns instead of nil ends the wait.
func open(ctx context.Context, o Options, other func(Options) (*Engine, error)) (*Engine, error) {
	if os.Getenv(childVariable) != "" {
		return nil, errors.New("BUG: an engine's child runs the program; main or TestMain must begin with embedded.ChildMain()")
	}
	o, err := o.withDefaults()
	if err != nil {
		return nil, err
	}
	if err := platform(); err != nil {
		return nil, err
	}
	deadline := time.Now().Add(o.LockTimeout)
	for {
		dir, err := claim(o.DataDir)
		if err == nil {
			return start(ctx, o, dir)
		}
		if !errors.Is(err, ErrInUse) {
			return nil, err
		}
		if e, err := other(o); e != nil || err != nil {
			return e, err
		}
		if time.Now().After(deadline) {
			return nil, inUse(o.DataDir, err)
		}
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// inUse names the directory's owner if it can be known.
func inUse(dataDir string, err error) error {
	if info, ok, _ := readEndpoint(dataDir); ok {
		return fmt.Errorf("%w by process %d since %s", err, info.PID, info.Started.Format(time.RFC3339))
	}
	return fmt.Errorf("%w by a process that has announced no engine", err)
}

func start(ctx context.Context, o Options, dir *directory) (*Engine, error) {
	e := &Engine{opts: o, dir: dir, closing: make(chan struct{}), done: make(chan struct{})}
	first, err := e.begin(ctx)
	if err != nil {
		if e.listener != nil {
			_ = e.listener.Close()
		}
		return nil, errors.Join(err, dir.release())
	}
	go e.supervise(first)
	return e, nil
}

// begin starts the first child and lets other processes know of it.
func (e *Engine) begin(ctx context.Context) (*process, error) {
	library, err := FindLibrary(e.opts.Library)
	if err != nil {
		return nil, err
	}
	if err := e.listen(); err != nil {
		return nil, err
	}
	e.config.Library = library
	if err := e.dir.configure(e.opts); err != nil {
		return nil, err
	}
	first, err := e.launch(ctx)
	if err != nil {
		return nil, err
	}
	e.version = first.version
	err = e.dir.announce(endpointInfo{PID: os.Getpid(), URL: e.url, Version: e.version, Started: time.Now().UTC()})
	if err != nil {
		first.stop(e.opts.Grace)
		return nil, err
	}
	return first, nil
}

// listen binds the address. The parent keeps the socket and every child
// inherits it, so the port stays this engine's while a child is replaced, and
// a connection made meanwhile waits instead of being refused.
func (e *Engine) listen() error {
	l, err := net.Listen("tcp", e.opts.Listen)
	if err != nil {
		return fmt.Errorf("embedded ClickHouse: %w", err)
	}
	tcp := l.(*net.TCPListener)
	e.listener, err = tcp.File()
	if err = errors.Join(err, tcp.Close()); err != nil {
		return fmt.Errorf("embedded ClickHouse: hand over the listener: %w", err)
	}
	readerPassword, err := e.dir.readerPassword()
	if err != nil {
		return err
	}
	e.config = childConfig{
		User: user, Password: newPassword(), Reader: Reader, ReaderPassword: readerPassword,
		Arguments:  arguments(e.opts, e.dir.path),
		MaxQueries: e.opts.MaxQueries, MaxInserts: e.opts.MaxInserts, MaxWaiting: e.opts.MaxWaiting,
		MaxWait: e.opts.MaxWait, MaxStatement: e.opts.MaxStatement, Grace: e.opts.Grace,
	}
	u := url.URL{Scheme: "http", Host: l.Addr().String(), User: url.UserPassword(e.config.User, e.config.Password)}
	e.url = u.String()
	return nil
}

func (e *Engine) launch(ctx context.Context) (*process, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, e.opts.StartTimeout, fmt.Errorf("it took longer than %s", e.opts.StartTimeout))
	defer cancel()
	p, err := startProcess(ctx, e.listener, e.dir.lock, e.dir.path, e.config, e.opts.Logf)
	if err == nil {
		e.pid.Store(int64(p.cmd.Process.Pid))
	}
	return p, err
}

// supervise replaces the child whenever it dies, until Close or until it cannot
// be started any more.
func (e *Engine) supervise(p *process) {
	defer close(e.done)
	pause := backoff.NewExponentialBackOff()
	pause.InitialInterval, pause.MaxInterval = 100*time.Millisecond, 10*time.Second
	since := time.Now()
	for {
		select {
		case <-e.closing:
			e.err = e.shutDown(p)
			return
		case <-p.ended:
		}
		e.pid.Store(0)
		if time.Since(since) > healthyAfter {
			pause.Reset()
		}
		reason := fmt.Errorf("embedded ClickHouse: the child process ended: %w", cause(p))
		e.opts.Logf("%v; starting it again", reason)
		if e.opts.OnRestart != nil {
			e.opts.OnRestart(reason)
		}
		_ = p.stdin.Close()
		if p = e.relaunch(pause); p == nil {
			_ = e.listener.Close()
			e.err = errors.Join(e.err, e.dir.release())
			return
		}
		e.restarts.Add(1)
		since = time.Now()
	}
}

// relaunch starts a child until one is ready; nil: Close was called, or e.err
// tells why it is in vain.
func (e *Engine) relaunch(pause *backoff.ExponentialBackOff) *process {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	go func() {
		select {
		case <-e.closing:
			cancel()
		case <-ctx.Done():
		}
	}()
	for failures := 0; ; {
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(pause.NextBackOff()):
		}
		p, err := e.launch(ctx)
		if err == nil {
			return p
		}
		if ctx.Err() != nil {
			return nil
		}
		e.opts.Logf("%v", err)
		if failures++; failures == maxFailedStarts {
			e.err = fmt.Errorf("given up after %d attempts: %w", failures, err)
			return nil
		}
	}
}

func (e *Engine) shutDown(p *process) error {
	var err error
	if p.stop(e.opts.Grace + stopMargin) {
		err = errors.New("embedded ClickHouse: the child process did not end in time and was killed")
	} else if p.err != nil {
		err = fmt.Errorf("embedded ClickHouse: the child process ended: %w", cause(p))
	}
	e.pid.Store(0)
	return errors.Join(err, e.listener.Close(), e.dir.release())
}

func cause(p *process) error {
	err := p.err
	if err == nil {
		err = errors.New("exit status 0")
	}
	if said := p.log.tail(); said != "" {
		err = fmt.Errorf("%w; it said last: %s", err, said)
	}
	return err
}

// URL is the engine's address with the credentials of this start:
// http://user:password@127.0.0.1:port. It stays the same when the child is
// replaced.
func (e *Engine) URL() string { return e.url }

// ReaderPasswordFile is the file with the reader's password. Unlike the owner's it stays
// the same from start to start: it is entered elsewhere, in Grafana say.
func (e *Engine) ReaderPasswordFile() string {
	return filepath.Join(e.opts.DataDir, "clickhouse", readerFile)
}

// Version is ClickHouse's version.
func (e *Engine) Version() string { return e.version }

// Joined reports whether the engine is another process's.
func (e *Engine) Joined() bool { return e.joined }

// Restarts counts how often the child had to be replaced.
func (e *Engine) Restarts() uint64 { return e.restarts.Load() }

// PID is the child's process id; 0 while there is none, and for a joined engine.
func (e *Engine) PID() int { return int(e.pid.Load()) }

// Done is closed when the engine has ended: after Close, or because it could
// not be kept running; Err then tells why.
func (e *Engine) Done() <-chan struct{} { return e.done }

// Err is nil until Done is closed, and after an orderly Close.
func (e *Engine) Err() error {
	select {
	case <-e.done:
		return e.err
	default:
		return nil
	}
}

// Close ends the engine: running statements get Options.Grace, new ones are
// refused. A joined engine is only let go of. Close returns when the child has
// gone, or with ctx's error when ctx ends first; the shutdown then goes on.
func (e *Engine) Close(ctx context.Context) error {
	e.closeOnce.Do(func() { close(e.closing) })
	select {
	case <-e.done:
		return e.err
	case <-ctx.Done():
		return fmt.Errorf("embedded ClickHouse: close: %w", ctx.Err())
	}
}
