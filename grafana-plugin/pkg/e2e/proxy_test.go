package e2e

import (
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync"
	"testing"
)

// proxy stands before ClickHouse, counts what is asked of it, and can be closed like a door.
type proxy struct {
	url string

	mu     sync.Mutex
	asked  []string
	closed bool
}

func newProxy(tb testing.TB, to string) *proxy {
	tb.Helper()
	target, err := url.Parse(to)
	if err != nil {
		tb.Fatal(err)
	}
	p := &proxy{}
	forward := httputil.NewSingleHostReverseProxy(&url.URL{Scheme: target.Scheme, Host: target.Host})
	forward.ErrorLog = log.New(io.Discard, "", 0) // clients that go away are what is tested
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		p.mu.Lock()
		p.asked = append(p.asked, string(body))
		closed := p.closed
		p.mu.Unlock()
		if closed {
			panic(http.ErrAbortHandler) // as a server that is gone: the connection breaks
		}
		r.Body = io.NopCloser(strings.NewReader(string(body)))
		forward.ServeHTTP(w, r)
	}))
	tb.Cleanup(server.Close)
	address, err := url.Parse(server.URL)
	if err != nil {
		tb.Fatal(err)
	}
	address.User = target.User
	p.url = address.String()
	return p
}

func (p *proxy) close(closed bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.closed = closed
}

// count is how many statements with a text were asked.
func (p *proxy) count(text string) (n int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, statement := range p.asked {
		if strings.Contains(statement, text) {
			n++
		}
	}
	return n
}
