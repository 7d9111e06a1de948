package endpoint

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"ringside/store/embedded/internal/chdb"
	"ringside/store/embedded/internal/sqltext"
)

// ServeHTTP answers one request: /ping without authentication, /status with
// the endpoint's own counts, and statements everywhere a server takes them.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("X-ClickHouse-Server-Display-Name", "ringside")
	h.Set("X-ClickHouse-Timezone", "UTC")
	query := r.URL.Query()
	if r.URL.Path == "/ping" {
		_, _ = io.WriteString(w, "Ok.\n")
		return
	}
	reader, err := s.authenticate(r, query)
	if err != nil {
		refuse(w, r, err)
		return
	}
	switch r.URL.Path {
	case "/", "":
		s.statement(w, r, reader)
	case "/status":
		s.status(w)
	default:
		http.Error(w, "There is nothing here but / for statements, /ping and /status.", http.StatusNotFound)
	}
}

// Status is what /status reports.
type Status struct {
	Version        string  `json:"version"`
	Library        string  `json:"library"`
	UptimeSeconds  float64 `json:"uptime_seconds"`
	Statements     uint64  `json:"statements_total"`
	QueriesRunning int     `json:"queries_running"`
	QueriesWaiting int64   `json:"queries_waiting"`
	QueriesMax     int     `json:"queries_max"`
	InsertsRunning int     `json:"inserts_running"`
	InsertsWaiting int64   `json:"inserts_waiting"`
	InsertsMax     int     `json:"inserts_max"`
}

func (s *Server) status(w http.ResponseWriter) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(Status{
		Version: s.version, Library: s.library.Version(),
		UptimeSeconds:  time.Since(s.started).Seconds(),
		Statements:     s.running.last.Load(),
		QueriesRunning: s.queries.running(), QueriesWaiting: s.queries.waiting.Load(), QueriesMax: cap(s.queries.slots),
		InsertsRunning: s.inserts.running(), InsertsWaiting: s.inserts.waiting.Load(), InsertsMax: cap(s.inserts.slots),
	})
}

func (s *Server) statement(w http.ResponseWriter, r *http.Request, reader bool) {
	started := time.Now()
	body := &patient{ReadCloser: r.Body, control: http.NewResponseController(w), idle: s.cfg.Idle}
	r.Body = body
	q, err := s.read(r, r.URL.Query())
	if err != nil {
		refuse(w, r, err)
		return
	}
	if reader {
		if err := q.onlyRead(); err != nil {
			refuse(w, r, err)
			return
		}
	}
	out := newOutput(w, q, s.cfg)
	h := w.Header()
	h.Set("X-ClickHouse-Format", q.output())
	h.Set("Content-Type", contentType(q.output()))
	if q.queryID != "" {
		h.Set("X-ClickHouse-Query-Id", q.queryID)
	}
	if isHandshake(q) {
		_, err = out.Write(hello(s.version, q.revision))
		out.end(r, chdb.Stats{}, time.Since(started), err)
		return
	}
	stats, err := s.run(r, q, out)
	out.end(r, stats, time.Since(started), err)
}

func (o *output) end(r *http.Request, stats chdb.Stats, elapsed time.Duration, err error) {
	if err != nil {
		o.fail(r, err)
		return
	}
	o.finish(stats, elapsed)
}

// run executes the statement in its turn, in a session of its own.
func (s *Server) run(r *http.Request, q *request, out *output) (chdb.Stats, error) {
	line := s.queries
	if q.stmt.Kind == sqltext.InsertData || q.stmt.Kind == sqltext.InsertValues {
		line = s.inserts
	}
	if err := line.acquire(r.Context()); err != nil {
		return chdb.Stats{}, err
	}
	defer line.release()
	running := s.running.start(q.comment)
	defer s.running.finish(running)
	conn, err := s.session(q, running)
	if err != nil {
		return chdb.Stats{}, err
	}
	defer conn.Close()
	if q.stmt.ReadOnly() || q.stmt.Kind == sqltext.InsertSelect {
		// What changes data in one step runs to its end, as on a server.
		defer s.killWhenGone(r.Context(), running)()
	}
	write := func(b []byte) error { _, err := out.Write(b); return err }
	switch {
	case q.stmt.Kind == sqltext.InsertData:
		return insert(conn, q)
	case q.streams():
		return conn.Stream(q.stmt.Text, q.output(), q.params, write)
	}
	return conn.Query(q.stmt.Text, q.format, q.params, write)
}

// pieceSize is how much of an insert's body is passed on at once; ClickHouse
// takes up to 16 pieces before it holds the sender back.
const pieceSize = 1 << 20

// insert passes the body on. A body that breaks off stores nothing of what
// ClickHouse had not stored before.
func insert(conn *chdb.Conn, q *request) (chdb.Stats, error) {
	ins, err := conn.Insert(q.stmt.Text, q.stmt.Format, q.params)
	if err != nil {
		return chdb.Stats{}, err
	}
	defer ins.Close()
	piece := make([]byte, pieceSize)
	for {
		n, err := fill(q.data, piece)
		if err != nil && !errors.Is(err, io.EOF) {
			ins.Cancel()
			return chdb.Stats{}, fmt.Errorf("read the rows: %w", err)
		}
		if err := ins.Append(piece[:n]); err != nil {
			return chdb.Stats{}, err
		}
		if err != nil {
			return ins.Done()
		}
	}
}

// fill reads until piece is full. Unlike io.ReadFull it keeps the end of a body
// apart from a body that broke off.
func fill(r io.Reader, piece []byte) (n int, err error) {
	for n < len(piece) && err == nil {
		var k int
		k, err = r.Read(piece[n:])
		n += k
	}
	return n, err
}

// patient gives a client that sends nothing for too long up.
type patient struct {
	io.ReadCloser
	control *http.ResponseController
	idle    time.Duration
}

func (p *patient) Read(b []byte) (int, error) {
	_ = p.control.SetReadDeadline(time.Now().Add(p.idle))
	// Left in place, it would end the statement that runs after the body.
	defer func() { _ = p.control.SetReadDeadline(time.Time{}) }()
	return p.ReadCloser.Read(b)
}
