package store

import (
	"context"
	"errors"
	"net"
	"strings"
	"testing"
	"time"
)

func TestDriverOptions(t *testing.T) {
	for _, c := range []struct {
		url, database string
		err           string // "" for none
		addr          string
		compressed    bool
		tls           bool
	}{
		{url: "http://127.0.0.1:9000", addr: "127.0.0.1:9000"},
		{url: "http://localhost", addr: "localhost:8123"},
		{url: "http://[::1]:1", addr: "[::1]:1"},
		{url: "http://ch.example:8123", addr: "ch.example:8123", compressed: true},
		{url: "https://u:p@ch.example", addr: "ch.example:8443", compressed: true, tls: true},
		{url: "tcp://ch.example:9000", err: "must be http://"},
		{url: "ch.example", err: "must be http://"},
		{url: "http://h/?x=1", err: "no query string"},
		{url: "http://h", database: "a`b", err: "no name for a database"},
		{url: "http://h", database: "1a", err: "no name for a database"},
	} {
		o, _, err := driverOptions(Options{URL: c.url, Database: c.database})
		if c.err != "" {
			if err == nil || !strings.Contains(err.Error(), c.err) {
				t.Errorf("%s %s: error %v, want %q", c.url, c.database, err, c.err)
			}
			continue
		}
		if err != nil {
			t.Errorf("%s: %v", c.url, err)
			continue
		}
		equal(t, c.url+" address", o.Addr[0], c.addr)
		equal(t, c.url+" compression", o.Compression != nil, c.compressed)
		equal(t, c.url+" TLS", o.TLS != nil, c.tls)
		equal(t, c.url+" database", o.Auth.Database, DefaultDatabase)
	}
}

func TestErrorsHoldNoPassword(t *testing.T) {
	const secret = "p@ss word/'%41"
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	addr := l.Addr().String()
	l.Close() // nobody listens there now
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	for _, url := range []string{
		"http://user:p%40ss%20word%2F%27%2541@" + addr,
		"http://user:p%40ss%20word%2F%27%2541@" + addr + "/\x7f",
		"gopher://user:p%40ss%20word%2F%27%2541@" + addr,
	} {
		_, err := Open(ctx, Options{URL: url})
		if err == nil {
			t.Fatalf("%s: no error", url)
		}
		for _, form := range []string{secret, "p%40ss", "ss%20word", "p@ss"} {
			if strings.Contains(err.Error(), form) {
				t.Errorf("the error holds the password: %v", err)
			}
		}
	}
}

func TestRedactKeepsTheChain(t *testing.T) {
	err := redact(errors.Join(context.Canceled, errors.New("user:hunter2@host")), "hunter2")
	if strings.Contains(err.Error(), "hunter2") || !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}
