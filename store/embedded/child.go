package embedded

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"ringside/store/embedded/internal/chdb"
	"ringside/store/embedded/internal/endpoint"
)

// ChildArg is the first argument of a process that is an engine's child.
const ChildArg = "__clickhouse"

// testedLibrary is the libchdb that the endpoint's contract was tested against.
const testedLibrary = "26.7.3"

// childVariable marks a child's environment. A program that forgets ChildMain
// would otherwise start itself for ever.
const childVariable = "RINGSIDE_CLICKHOUSE_CHILD"

// File descriptors the parent hands to its child, after the standard three.
const (
	listenerFD = 3 + iota
	statusFD
	lockFD // held, never used: the directory stays locked until the child has ended
)

// childConfig is what the parent writes to its child's standard input; the
// input then stays open for as long as the parent lives.
type childConfig struct {
	Library        string
	Arguments      []string
	User           string
	Password       string
	Reader         string
	ReaderPassword string

	MaxQueries, MaxInserts, MaxWaiting int
	MaxWait                            time.Duration
	MaxStatement                       int
	Grace                              time.Duration
}

// childStatus is the child's one line on its status file.
type childStatus struct {
	Version string
	Error   string
}

// ChildMain runs an engine's child and never returns, in a process that is one;
// in every other it returns at once. Call it first in main and in TestMain.
func ChildMain() {
	if len(os.Args) < 2 || os.Args[1] != ChildArg || os.Getenv(childVariable) == "" {
		return
	}
	if err := runChild(os.Stdin); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(0)
}

func runChild(stdin io.Reader) error {
	// A service manager that signals every process of a service would take
	// ClickHouse from a parent that is just writing its last rows there; the
	// parent ends its child when it is done.
	signal.Ignore(syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP)
	status := os.NewFile(statusFD, "status")
	input := bufio.NewReader(stdin)
	var cfg childConfig
	line, err := input.ReadBytes('\n')
	if err == nil {
		err = json.Unmarshal(line, &cfg)
	}
	if err != nil {
		return fmt.Errorf("read the configuration: %w", err)
	}
	report := func(s childStatus) error {
		return errors.Join(json.NewEncoder(status).Encode(s), status.Close())
	}
	_ = firstToGo() // a convenience; without it the kernel chooses by size
	child, err := openChild(cfg)
	if err != nil {
		return errors.Join(report(childStatus{Error: err.Error()}), err)
	}
	if err := report(childStatus{Version: child.server.Version()}); err != nil {
		return fmt.Errorf("report readiness: %w", err)
	}
	return child.serve(input)
}

type childProcess struct {
	cfg      childConfig
	listener net.Listener
	library  *chdb.Library
	base     *chdb.Conn
	server   *endpoint.Server
}

func openChild(cfg childConfig) (*childProcess, error) {
	listener, err := net.FileListener(os.NewFile(listenerFD, "listener"))
	if err != nil {
		return nil, fmt.Errorf("take over the listener: %w", err)
	}
	library, err := chdb.Load(cfg.Library)
	if err != nil {
		return nil, err
	}
	if v := library.Version(); v != testedLibrary {
		fmt.Fprintf(os.Stderr, "libchdb is of version %s; this program was tested with %s\n", v, testedLibrary)
	}
	server, base, err := endpoint.New(library, endpoint.Config{
		User: cfg.User, Password: cfg.Password, Reader: cfg.Reader, ReaderPassword: cfg.ReaderPassword, Arguments: cfg.Arguments,
		MaxQueries: cfg.MaxQueries, MaxInserts: cfg.MaxInserts, MaxWaiting: cfg.MaxWaiting, MaxWait: cfg.MaxWait,
		MaxStatement: cfg.MaxStatement, MaxBuffered: maxBuffered, Idle: idleClient,
		Logf: func(format string, args ...any) { fmt.Fprintf(os.Stderr, format+"\n", args...) },
	})
	if err != nil {
		return nil, fmt.Errorf("open ClickHouse: %w", err)
	}
	return &childProcess{cfg: cfg, listener: listener, library: library, base: base, server: server}, nil
}

// stopWord is the line on standard input by which the parent ends its child in
// order.
const stopWord = "stop"

const (
	maxBuffered    = 64 << 20
	idleClient     = 5 * time.Minute
	maxHeader      = 4 << 20 // statements' parameters travel in the URL
	killGrace      = 5 * time.Second
	orphanGrace    = time.Second
	closeGrace     = 10 * time.Second
	headerDeadline = 10 * time.Second
)

// serve answers until the parent says stop, or has gone: then its end of
// standard input has closed.
func (c *childProcess) serve(input *bufio.Reader) error {
	srv := &http.Server{Handler: c.server, ReadHeaderTimeout: headerDeadline, IdleTimeout: idleClient, MaxHeaderBytes: maxHeader}
	failed := make(chan error, 1)
	go func() { failed <- srv.Serve(c.listener) }()

	word := make(chan string, 1)
	go func() {
		line, _ := input.ReadString('\n')
		word <- strings.TrimSpace(line)
	}()
	select {
	case err := <-failed:
		return fmt.Errorf("serve: %w", err)
	case w := <-word:
		if w != stopWord {
			return c.stop(srv, min(c.cfg.Grace, orphanGrace))
		}
		return c.stop(srv, c.cfg.Grace)
	}
}

// stop lets statements end within the grace, stops the others, and closes the
// engine.
func (c *childProcess) stop(srv *http.Server, grace time.Duration) error {
	// Whatever hangs, the process ends and with it the hold on the data.
	time.AfterFunc(grace+killGrace+closeGrace, func() {
		fmt.Fprintln(os.Stderr, "ended by force: ClickHouse did not close")
		os.Exit(1)
	})
	ctx, cancel := context.WithTimeout(context.Background(), grace)
	defer cancel()
	if err := srv.Shutdown(ctx); err != nil {
		ctx, cancel := context.WithTimeout(context.Background(), killGrace)
		defer cancel()
		if err := c.server.KillAll(ctx); err != nil {
			// A statement that does not stop is a connection that cannot be
			// closed. What was acknowledged is on disk.
			return fmt.Errorf("end without closing ClickHouse: %w", err)
		}
		_ = srv.Close()
	}
	// The last connection's end closes ClickHouse. chdb_shutdown is left out: it
	// only joins idle threads, and fails to once a MergeTree table has been used.
	c.base.Close()
	return nil
}
