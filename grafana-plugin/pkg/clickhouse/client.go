package clickhouse

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	driver "github.com/ClickHouse/clickhouse-go/v2"
	"github.com/google/uuid"

	"ringside/grafana-plugin/pkg/model"
	"ringside/store/query"
)

const (
	// maxConnections bounds what one data source asks of ClickHouse at once; what is beyond waits in line here.
	maxConnections = 16
	connectionLife = 30 * time.Minute
	// maxBytes bounds one result, uncompressed.
	maxBytes = 512 << 20
	// grace is what a statement is given beyond its time to tell why it ended.
	grace = 5 * time.Second
)

// Client asks one ClickHouse.
type Client struct {
	conn     driver.Conn
	settings *model.Settings
	access   atomic.Int32 // access
	turns    chan struct{}
}

// access is how far ClickHouse lets this user change settings.
type access int32

const (
	unknown  access = iota
	writable        // readonly = 0: every setting may be sent, readonly itself too
	readOnly        // readonly = 2: every setting but that
	fixed           // readonly = 1: none
)

// Open prepares a client. It connects with the first statement.
func Open(s *model.Settings) (*Client, error) {
	o := &driver.Options{
		Protocol: driver.HTTP, Addr: []string{s.Address}, HttpUrlPath: s.Path,
		Auth:        driver.Auth{Database: s.Database, Username: s.Username, Password: s.Password},
		DialTimeout: s.DialTimeout, ReadTimeout: s.QueryTimeout + 2*grace,
		MaxOpenConns: maxConnections, MaxIdleConns: maxConnections, HttpMaxConnsPerHost: 2 * maxConnections, ConnMaxLifetime: connectionLife,
		ClientInfo: driver.ClientInfo{Products: []struct{ Name, Version string }{{Name: "ringside-grafana"}}},
	}
	if s.Native {
		o.Protocol = driver.Native
		o.Compression = &driver.Compression{Method: driver.CompressionLZ4}
	}
	if s.TLS {
		config, err := tlsConfig(s)
		if err != nil {
			return nil, err
		}
		o.TLS = config
	}
	conn, err := driver.Open(o)
	if err != nil {
		return nil, fmt.Errorf("ClickHouse's address or credentials: %w", err)
	}
	return &Client{conn: conn, settings: s, turns: make(chan struct{}, maxConnections)}, nil
}

func tlsConfig(s *model.Settings) (*tls.Config, error) {
	c := &tls.Config{MinVersion: tls.VersionTLS12, ServerName: s.ServerName, InsecureSkipVerify: s.SkipVerify}
	if s.CACert != "" {
		c.RootCAs = x509.NewCertPool()
		if !c.RootCAs.AppendCertsFromPEM([]byte(s.CACert)) {
			return nil, errors.New("the CA's certificate (tlsCACert) is no PEM certificate")
		}
	}
	if s.ClientCert != "" {
		pair, err := tls.X509KeyPair([]byte(s.ClientCert), []byte(s.ClientKey))
		if err != nil {
			return nil, fmt.Errorf("the client's certificate and key do not go together: %w", err)
		}
		c.Certificates = []tls.Certificate{pair}
	}
	return c, nil
}

// Close ends all connections; statements under way fail.
func (c *Client) Close() error { return c.conn.Close() }

// Options of one statement.
type Options struct {
	Comment     string // for ClickHouse's query log: who asks
	DatesAsText bool   // 2026-03-01 instead of an instant, which browsers would move into their zone
}

// Query runs a statement. When ctx ends, the statement ends in ClickHouse, too.
func (c *Client) Query(ctx context.Context, s query.Statement, o Options) (*Rows, error) {
	ctx, done := c.within(ctx)
	defer done()
	// The driver waits no longer for a connection than for a dial; a statement may wait as long as it may run.
	select {
	case c.turns <- struct{}{}:
		defer func() { <-c.turns }()
	case <-ctx.Done():
		return nil, c.explain(ctx, ctx.Err())
	}
	mode, err := c.mayChange(ctx)
	if err != nil {
		return nil, c.explain(ctx, err)
	}
	rows, err := c.run(driver.Context(ctx, driver.WithQueryID("ringside-grafana-"+uuid.NewString()), driver.WithSettings(c.limits(mode, o.Comment))), s, o)
	if err != nil {
		return nil, c.explain(ctx, err)
	}
	return rows, nil
}

// run reads as many rows as are allowed; its own cancel stops the rest.
func (c *Client) run(ctx context.Context, s query.Statement, o Options) (*Rows, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	args := make([]any, len(s.Parameters))
	for i, p := range s.Parameters {
		args[i] = driver.Named(p.Name, p.Value)
	}
	result, err := c.conn.Query(ctx, s.SQL, args...)
	if err != nil {
		return nil, err
	}
	rows, err := read(result, c.settings.MaxRows, o.DatesAsText)
	if err != nil || rows.Truncated {
		cancel()
	}
	return rows, errors.Join(err, closeRows(result, rows))
}

// closeRows: where rows were left unread, that they were cut off is no error.
func closeRows(result interface{ Close() error }, rows *Rows) error {
	if err := result.Close(); err != nil && (rows == nil || !rows.Truncated) {
		return err
	}
	return nil
}

// errTimeout is the cause of a statement's end after QueryTimeout.
var errTimeout = errors.New("out of time")

// within bounds the time of a statement without a deadline in the context: the driver would send one as a setting, which
// a user who may not change settings is refused for.
func (c *Client) within(ctx context.Context) (context.Context, func()) {
	bounded, cancel := context.WithCancelCause(context.WithoutCancel(ctx))
	follow := context.AfterFunc(ctx, func() { cancel(context.Cause(ctx)) })
	timer := time.AfterFunc(c.settings.QueryTimeout+grace, func() { cancel(errTimeout) })
	return bounded, func() {
		follow()
		timer.Stop()
		cancel(nil)
	}
}

// limits are the settings of a statement. Over HTTP, ClickHouse stops a statement whose client has gone only if it is told
// to, and only if the statement is read-only.
func (c *Client) limits(mode access, comment string) driver.Settings {
	if mode == fixed {
		return nil
	}
	s := driver.Settings{
		"max_execution_time": int(c.settings.QueryTimeout.Seconds()), "timeout_overflow_mode": "throw",
		"max_result_rows": c.settings.MaxRows + 1, "max_result_bytes": maxBytes, "result_overflow_mode": "break",
		"cancel_http_readonly_queries_on_client_close": 1,
	}
	if comment != "" {
		s["log_comment"] = comment
	}
	if mode == writable {
		s["readonly"] = 2
	}
	return s
}

// mayChange asks once what the user may change.
func (c *Client) mayChange(ctx context.Context) (access, error) {
	if mode := access(c.access.Load()); mode != unknown {
		return mode, nil
	}
	var level string
	if err := c.conn.QueryRow(ctx, "SELECT toString(getSetting('readonly'))").Scan(&level); err != nil {
		return unknown, err
	}
	mode := map[string]access{"0": writable, "1": fixed}[level]
	if mode == unknown {
		mode = readOnly
	}
	c.access.Store(int32(mode))
	return mode, nil
}
