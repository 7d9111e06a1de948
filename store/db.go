package store

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/url"
	"regexp"
	"strings"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
)

// DefaultDatabase is the database of Options without one.
const DefaultDatabase = "ringside"

// Options say where ClickHouse is. The zero value of a duration or count is its default.
type Options struct {
	URL      string // http://user:password@host:8123 or https://…; the path is a proxy's prefix
	Database string // "ringside"
	TLS      *tls.Config

	DialTimeout  time.Duration // 10 s
	QueryTimeout time.Duration // of one statement; 5 min
	MaxConns     int           // 8

	// Wrap, if set, is given the pool and returns what is used in its place: a way for tests to come between.
	Wrap func(driver.Conn) driver.Conn
}

// DB is a pool of connections to one database. It is safe for concurrent use.
type DB struct {
	conn     driver.Conn
	options  clickhouse.Options
	database string
	secret   string
}

var identifier = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]{0,63}$`)

// Open prepares a pool and waits until ClickHouse answers or ctx ends. The database need not exist yet: see
// [DB.Migrate]. No error holds the password.
func Open(ctx context.Context, o Options) (*DB, error) {
	options, secret, err := driverOptions(o)
	if err != nil {
		return nil, err
	}
	conn, err := clickhouse.Open(&options)
	if err != nil {
		return nil, redact(fmt.Errorf("store: open: %w", err), secret)
	}
	if o.Wrap != nil {
		conn = o.Wrap(conn)
	}
	db := &DB{conn: conn, options: options, database: options.Auth.Database, secret: secret}
	if err := db.ping(ctx); err != nil {
		conn.Close()
		return nil, err
	}
	return db, nil
}

// ping asks without a database, which may not exist yet.
func (db *DB) ping(ctx context.Context) error {
	admin, err := db.withDatabase("")
	if err != nil {
		return err
	}
	defer admin.Close()
	if err := admin.Ping(ctx); err != nil {
		return redact(fmt.Errorf("store: ClickHouse at %s does not answer: %w", db.options.Addr[0], err), db.secret)
	}
	return nil
}

func (db *DB) withDatabase(name string) (driver.Conn, error) {
	o := db.options
	o.Auth.Database = name
	o.MaxOpenConns, o.MaxIdleConns = 1, 1
	conn, err := clickhouse.Open(&o)
	if err != nil {
		return nil, redact(fmt.Errorf("store: open: %w", err), db.secret)
	}
	return conn, nil
}

// Conn returns the pool, for queries of one's own.
func (db *DB) Conn() driver.Conn { return db.conn }

// Database returns the name of the database.
func (db *DB) Database() string { return db.database }

// Close closes the pool.
func (db *DB) Close() error { return db.conn.Close() }

func driverOptions(o Options) (options clickhouse.Options, secret string, err error) {
	u, err := url.Parse(o.URL)
	if err != nil {
		// The error of url.Parse quotes the URL, password included.
		return options, "", errors.New("store: the URL of ClickHouse cannot be parsed")
	}
	if u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
		return options, "", fmt.Errorf("store: the URL of ClickHouse must be http://host:port or https://host:port, not scheme %q, host %q",
			u.Scheme, u.Host)
	}
	if u.RawQuery != "" || u.Fragment != "" {
		return options, "", errors.New("store: the URL of ClickHouse must have no query string")
	}
	if o.Database == "" {
		o.Database = DefaultDatabase
	}
	if !identifier.MatchString(o.Database) {
		return options, "", fmt.Errorf("store: %q is no name for a database: letters, digits and _ only", o.Database)
	}
	secret, _ = u.User.Password()
	options = clickhouse.Options{
		Protocol:        clickhouse.HTTP,
		Addr:            []string{hostPort(u)},
		Auth:            clickhouse.Auth{Database: o.Database, Username: u.User.Username(), Password: secret},
		HttpUrlPath:     strings.TrimRight(u.Path, "/"),
		DialTimeout:     orDefault(o.DialTimeout, 10*time.Second),
		ReadTimeout:     orDefault(o.QueryTimeout, 5*time.Minute),
		MaxOpenConns:    orDefault(o.MaxConns, 8),
		MaxIdleConns:    orDefault(o.MaxConns, 8),
		ConnMaxLifetime: time.Hour,
		Settings: clickhouse.Settings{
			// Rows count as written once they are in a part, not in a buffer of the server.
			"async_insert": 0,
			// The queries made here are short and their constants change each time: compiling costs more than it saves.
			"compile_expressions": 0,
		},
	}
	if options.Auth.Username == "" {
		options.Auth.Username = "default"
	}
	if u.Scheme == "https" {
		options.TLS = o.TLS
		if options.TLS == nil {
			options.TLS = &tls.Config{MinVersion: tls.VersionTLS12}
		}
	}
	if !isLoopback(u.Hostname()) {
		options.Compression = &clickhouse.Compression{Method: clickhouse.CompressionLZ4}
	}
	return options, secret, nil
}

func hostPort(u *url.URL) string {
	if u.Port() != "" {
		return u.Host
	}
	if u.Scheme == "https" {
		return net.JoinHostPort(u.Hostname(), "8443")
	}
	return net.JoinHostPort(u.Hostname(), "8123")
}

func isLoopback(host string) bool {
	if host == "localhost" {
		return true
	}
	ip := net.ParseIP(host)
	return ip != nil && ip.IsLoopback()
}

func orDefault[T comparable](v, d T) T {
	var zero T
	if v == zero {
		return d
	}
	return v
}

// redacted hides a secret in the text of an error and keeps what errors.Is and errors.As find in it.
type redacted struct {
	error
	text string
}

func (r *redacted) Error() string { return r.text }
func (r *redacted) Unwrap() error { return r.error }

func redact(err error, secret string) error {
	if err == nil || secret == "" {
		return err
	}
	text := err.Error()
	clean := strings.ReplaceAll(text, secret, "***")
	if escaped := url.QueryEscape(secret); escaped != secret {
		clean = strings.ReplaceAll(clean, escaped, "***")
	}
	if escaped := url.PathEscape(secret); escaped != secret {
		clean = strings.ReplaceAll(clean, escaped, "***")
	}
	if user := url.UserPassword("", secret).String(); user != ":"+secret {
		clean = strings.ReplaceAll(clean, strings.TrimPrefix(user, ":"), "***")
	}
	if clean == text {
		return err
	}
	return &redacted{err, clean}
}

// fail wraps an error of the driver: what was being done, without the password.
func (db *DB) fail(doing string, err error) error {
	return redact(fmt.Errorf("store: %s: %w", doing, err), db.secret)
}
