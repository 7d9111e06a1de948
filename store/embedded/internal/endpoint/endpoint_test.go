package endpoint

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"ringside/store/embedded/internal/chdb"
	"ringside/store/embedded/internal/sqltext"
)

func code(err error) int {
	var ex *chdb.Exception
	if errors.As(err, &ex) {
		return ex.Code
	}
	return 0
}

func TestLimiter(t *testing.T) {
	l := newLimiter("queries", 1, 1, time.Hour)
	if err := l.acquire(t.Context()); err != nil {
		t.Fatal(err)
	}
	turn := make(chan error)
	go func() { turn <- l.acquire(t.Context()) }()
	for l.waiting.Load() != 1 {
		time.Sleep(time.Millisecond)
	}
	if err := l.acquire(t.Context()); code(err) != codeTooManyQueries {
		t.Errorf("a full line: %v", err)
	}
	l.release()
	if err := <-turn; err != nil || l.running() != 1 || l.waiting.Load() != 0 {
		t.Errorf("%v, %d running, %d waiting", err, l.running(), l.waiting.Load())
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := l.acquire(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("a client that went away: %v", err)
	}
	l.maxWait = time.Millisecond
	if err := l.acquire(t.Context()); code(err) != codeTooManyQueries || l.waiting.Load() != 0 {
		t.Errorf("waited too long: %v, %d waiting", err, l.waiting.Load())
	}
}

// The handshake's answer, byte by byte, for the revision clickhouse-go 2.50 has.
func TestHello(t *testing.T) {
	want := "01000" + "2ffffffff00" + // block info
		"0401" + // four columns, one row
		hexString("displayName()") + hexString("String") + "00" + hexString("ringside") +
		hexString("version()") + hexString("String") + "00" + hexString("26.7.2.1") +
		hexString("revision()") + hexString("UInt32") + "00" + "00000000" +
		hexString("timezone()") + hexString("String") + "00" + hexString("UTC")
	if got := hex.EncodeToString(hello("26.7.2.1", 54460)); got != want {
		t.Errorf("\n%s, want\n%s", got, want)
	}
	if got := hello("26.7.2.1", 1); got[0] != 4 || got[1] != 1 {
		t.Errorf("without block info: %x", got)
	}
}

func hexString(s string) string { return fmt.Sprintf("%02x%x", len(s), s) }

func TestHandshakeIsRecognized(t *testing.T) {
	for _, c := range []struct {
		sql      string
		revision int
		want     bool
	}{
		{handshake, 54460, true},
		{" SELECT  displayName(),\nversion(), revision(), timezone() ", 54460, true},
		{handshake, 0, false}, // plain HTTP gets ClickHouse's own answer
		{"SELECT version()", 54460, false},
	} {
		if got := isHandshake(&request{stmt: sqltext.Statement{Text: c.sql}, revision: c.revision}); got != c.want {
			t.Errorf("%q at %d: %v", c.sql, c.revision, got)
		}
	}
}

func TestStatementFromParts(t *testing.T) {
	for _, c := range []struct{ url, body, text, data string }{
		{url: "SELECT 1", text: "SELECT 1"},
		{url: "SELECT 1 +", body: "2", text: "SELECT 1 +\n2"},
		{body: "SELECT 1;", text: "SELECT 1"},
		{url: "INSERT INTO t FORMAT Native", body: "\n\x00 \n", text: "INSERT INTO t", data: "\n\x00 \n"},
		{url: "INSERT INTO t FORMAT CSV\n1\n", body: "2\n", text: "INSERT INTO t", data: "1\n2\n"},
		{body: "INSERT INTO t FORMAT CSV\n1\n", text: "INSERT INTO t", data: "1\n"},
		{body: "INSERT INTO t FORMAT CSV\n" + strings.Repeat("1\n", headSize), text: "INSERT INTO t", data: strings.Repeat("1\n", headSize)},
	} {
		q := &request{}
		if err := q.statement(c.url, strings.NewReader(c.body), 4<<20); err != nil {
			t.Fatalf("%q: %v", c.url, err)
		}
		var data strings.Builder
		if q.data != nil {
			buf := make([]byte, 1000)
			for n, err := fill(q.data, buf); ; n, err = fill(q.data, buf) {
				data.Write(buf[:n])
				if err != nil {
					break
				}
			}
		}
		if q.stmt.Text != c.text || data.String() != c.data {
			t.Errorf("%q + %.40q: text %q, %d bytes of data", c.url, c.body, q.stmt.Text, data.Len())
		}
	}
	for _, c := range []struct {
		url, body string
		code      int
	}{
		{body: "", code: codeSyntax},
		{body: "SELECT 1; SELECT 2", code: codeSyntax},
		{body: "INSERT INTO", code: codeSyntax},
		{body: "SELECT 1 INTO OUTFILE 'x'", code: codeNoOutfile},
		{body: "SELECT '" + strings.Repeat("x", 1000) + "'", code: codeTooLargeQuery},
		{url: "SELECT '" + strings.Repeat("x", 1000) + "'", code: codeTooLargeQuery},
		{url: "SELECT '" + strings.Repeat("x", 400), body: strings.Repeat("x", 400), code: codeTooLargeQuery},
	} {
		if err := (&request{}).statement(c.url, strings.NewReader(c.body), 700); code(err) != c.code {
			t.Errorf("%.30q + %.30q: %v, want %d", c.url, c.body, err, c.code)
		}
	}
}

func TestQuote(t *testing.T) {
	if got := quote(`a'b\c`); got != `'a\'b\\c'` {
		t.Error(got)
	}
	if got := quoteName("a`b\\"); got != "`a\\`b\\\\`" {
		t.Error(got)
	}
}
