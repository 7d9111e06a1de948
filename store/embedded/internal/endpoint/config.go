// Package endpoint serves ClickHouse's HTTP interface on top of libchdb, as
// far as clickhouse-go and curl use it.
package endpoint

import (
	"fmt"
	"time"

	"ringside/store/embedded/internal/chdb"
)

// Config is what a Server needs; every limit must be positive.
type Config struct {
	User, Password string
	// Reader, if there is one, may read and nothing else: whoever writes SQL in a
	// dashboard is given this user.
	Reader, ReaderPassword string
	// Arguments open a connection: the data path, settings every statement
	// starts from. Nothing in them comes from a client.
	Arguments []string
	// MaxQueries and MaxInserts bound the statements running at once, MaxWaiting
	// those that wait for their turn, MaxWait how long.
	MaxQueries, MaxInserts, MaxWaiting int
	MaxWait                            time.Duration
	// MaxStatement bounds a statement's text, its VALUES included, in bytes.
	MaxStatement int
	// MaxBuffered bounds what is held back of a result in bytes when the client
	// asks for wait_end_of_query.
	MaxBuffered int
	// Idle bounds how long a client may neither send nor take a byte.
	Idle time.Duration
	Logf func(format string, args ...any)
}

// firstBuffer is how much of a result is held back, so that an error found
// within it is still an error of the whole answer.
const firstBuffer = 1 << 20

// Server answers ClickHouse's HTTP interface.
type Server struct {
	cfg     Config
	library *chdb.Library
	version string
	queries *limiter
	inserts *limiter
	running registry
	started time.Time
}

// New opens the engine. The caller keeps base open as long as the server is in
// use: the engine stops with its last connection.
func New(library *chdb.Library, cfg Config) (s *Server, base *chdb.Conn, err error) {
	base, err = library.Connect(cfg.Arguments...)
	if err != nil {
		return nil, nil, err
	}
	var version string
	_, err = base.Query("SELECT version()", "TSVRaw", nil, func(b []byte) error {
		version = string(b)
		return nil
	})
	if err != nil {
		base.Close()
		return nil, nil, fmt.Errorf("ask the engine's version: %w", err)
	}
	return &Server{
		cfg:     cfg,
		library: library,
		version: trimLine(version),
		queries: newLimiter("queries", cfg.MaxQueries, cfg.MaxWaiting, cfg.MaxWait),
		inserts: newLimiter("inserts", cfg.MaxInserts, cfg.MaxWaiting, cfg.MaxWait),
		started: time.Now(),
	}, base, nil
}

// Version is ClickHouse's version.
func (s *Server) Version() string { return s.version }

func trimLine(s string) string {
	for len(s) > 0 && (s[len(s)-1] == '\n' || s[len(s)-1] == '\r') {
		s = s[:len(s)-1]
	}
	return s
}
