package webhook

import (
	"bufio"
	"bytes"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/VictoriaMetrics/metrics"
	"github.com/google/uuid"

	"ringside/ingest/kafka"
)

// FuzzRequest gives the gateway whatever net/http takes for a request. It answers; what it answers 200 carried a valid token,
// and is in the spool byte for byte, for an organization that the endpoint is for; what it answers otherwise is not.
func FuzzRequest(f *testing.F) {
	set := metrics.NewSet()
	g, err := New(Options{
		Dir: f.TempDir(), SpoolDir: f.TempDir(), SpoolLimit: 1 << 30, Topics: testTopics, BrokerTimeout: time.Second,
		Endpoints: []Endpoint{
			{Name: "enreach", Source: "enreach", Tokens: fixed(token)},
			{Name: "pinned", Source: "enreach", Tokens: fixed(token), Organizations: []uuid.UUID{uuid.MustParse(organization)}},
			{Name: "browser", Source: "forwarded", Tokens: fixed(forwarder), AllowedOrigins: []string{"https://desk.example.com"}},
		},
		Producer: kafka.ProducerOptions{Brokers: []string{"127.0.0.1:1"}}, MaxConnections: 1, MaxBodyBytes: 8 << 20,
		Decoders: testDecoders, Metrics: set, Log: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		f.Fatal(err)
	}
	g.delivery.behind.Store(true) // nothing is sent: the spool shows what was taken
	event := string(body("QueueCallInArrived", 1))
	for _, head := range []string{
		"POST /webhooks/enreach HTTP/1.1\r\nHost: x\r\nX-Benemen-Token: " + token + "\r\nX-Benemen-Event: UserStatus\r\nContent-Length: " + itoa(len(event)),
		"POST /webhooks/pinned/ HTTP/1.1\r\nHost: x\r\nX-Benemen-Token: " + token + "\r\nConnection: close",
		"POST /webhooks/browser HTTP/1.1\r\nHost: x\r\nOrigin: https://desk.example.com\r\nAuthorization: Bearer " + forwarder + "\r\nContent-Length: 5",
		"POST /webhooks/browser HTTP/1.1\r\nHost: x\r\nX-Ringside-Token: " + forwarder + "\r\nTransfer-Encoding: chunked",
		"OPTIONS /webhooks/browser HTTP/1.1\r\nHost: x\r\nOrigin: null",
		"GET / HTTP/1.0",
		"POST /webhooks/%65nreach?x=/webhooks/enreach HTTP/1.1\r\nHost: x\r\nX-Benemen-Token: " + token + "\r\nContent-Encoding: gzip",
	} {
		f.Add([]byte(head+"\r\n\r\n"), []byte(event))
		f.Add([]byte(head+"\r\n\r\n4\r\n"), []byte("null\r\n0\r\n\r\n"))
	}
	f.Fuzz(func(t *testing.T, head, rest []byte) {
		raw := append(append([]byte{}, head...), rest...)
		r, err := http.ReadRequest(bufio.NewReader(bytes.NewReader(raw)))
		if err != nil {
			return
		}
		sent, errBody := io.ReadAll(io.LimitReader(r.Body, MaxBody+2))
		r.Body = io.NopCloser(bytes.NewReader(sent))
		if errBody != nil {
			r.Body = io.NopCloser(io.MultiReader(bytes.NewReader(sent), broken{errBody}))
		}
		w := httptest.NewRecorder()
		g.ServeHTTP(w, r)
		batch, err := g.delivery.spool.Peek(1)
		if err != nil {
			t.Fatal(err)
		}
		if w.Code != 200 {
			if len(batch.Records) != 0 {
				t.Fatalf("answered %d, and kept", w.Code)
			}
			return
		}
		if !mayPost(r) || errBody != nil || w.Body.Len() != 0 {
			t.Fatalf("answered 200: %s %s %v, body error %v", r.Method, r.URL.Path, r.Header, errBody)
		}
		if len(batch.Records) != 1 {
			t.Fatalf("answered 200, and %d are kept", len(batch.Records))
		}
		e, err := parseEvent(batch.Records[0])
		if err != nil || !bytes.Equal(e.body, sent) {
			t.Fatalf("kept is %q, %v; sent was %q", e.body, err, sent)
		}
		if strings.Contains(r.URL.Path, "pinned") && e.organization.String() != organization {
			t.Fatalf("the pinned endpoint takes an event of %s", e.organization)
		}
		if err := g.delivery.spool.Drop(batch); err != nil {
			t.Fatal(err)
		}
		if n := g.budget.used.Load(); n != 0 {
			t.Fatalf("%d bytes of bodies are not given back", n)
		}
	})
}

// broken is a body that ends in an error.
type broken struct{ err error }

func (b broken) Read([]byte) (int, error) { return 0, b.err }

// mayPost says in other words than the gateway what it takes.
func mayPost(r *http.Request) bool {
	h, encoding := r.Header, strings.ToLower(r.Header.Get("Content-Encoding"))
	if r.Method != "POST" || encoding != "" && encoding != "identity" {
		return false
	}
	switch strings.TrimSuffix(r.URL.Path, "/") {
	case "/webhooks/enreach", "/webhooks/pinned":
		return len(h.Values("X-Benemen-Token")) == 1 && h.Get("X-Benemen-Token") == token
	case "/webhooks/browser":
		bearer, plain := h.Values("Authorization"), h.Values("X-Ringside-Token")
		if len(bearer) == 1 && len(plain) == 0 {
			return len(bearer[0]) > 7 && strings.EqualFold(bearer[0][:7], "Bearer ") && bearer[0][7:] == forwarder
		}
		return len(bearer) == 0 && len(plain) == 1 && plain[0] == forwarder
	}
	return false
}
