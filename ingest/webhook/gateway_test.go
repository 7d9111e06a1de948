package webhook

import (
	"bytes"
	"crypto/tls"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/twmb/franz-go/pkg/kgo"

	"ringside/ingest/kafka"
)

func header(r *kgo.Record, name string) string {
	for _, h := range r.Headers {
		if h.Key == name {
			return string(h.Value)
		}
	}
	return ""
}

// The body goes to the topic of what it is about, untouched, keyed by its organization, with its source and the time of its
// receipt; what is no event goes to the queues' topic, so that the engine keeps it.
func TestEventsAreInKafkaWhenTheyAreAnswered(t *testing.T) {
	s := newSite(t, nil)
	other := "11111111-8b86-4d01-b42d-00cf4fc964ff"
	cases := []struct {
		topic, key, body string
	}{
		{testTopics.Queue, organization, string(body("QueueCallInArrived", 1))},
		{testTopics.User, organization, string(body("UserStatus", 2))},
		{testTopics.Callback, organization, string(body("CallbackChanged", 3))},
		{testTopics.Queue, organization, string(body("QueueCallInCallbackCreated", 4))},
		{testTopics.User, organization, string(body("UserSomethingNew", 5))},
		{testTopics.Callback, organization, string(body("CallbackSomethingNew", 6))},
		{testTopics.Queue, organization, string(body("Another", 7))},
		{testTopics.Queue, other, `{"OrganizationId":"` + strings.ToUpper(other) + `","EventType":`}, // cut off
		{testTopics.Queue, organization, strings.Replace(string(body("UserStatus", 9)), `"Timestamp":"2026`, `"Timestamp":"yesterday`, 1)},
		{testTopics.Queue, "", "no JSON at all"},
		{testTopics.Queue, "", ""},
		{testTopics.User, organization, string(body("UserStatus", 10)) + strings.Repeat(" ", MaxBody-len(body("UserStatus", 10)))},
	}
	begin := time.Now().Add(-time.Second)
	for _, c := range cases {
		s.takes([]byte(c.body))
	}
	s.ends(int64(len(cases))) // and not a moment later
	byBody := map[string]*kgo.Record{}
	for _, r := range s.arrived(len(cases)) {
		byBody[string(r.Value)] = r
	}
	for _, c := range cases {
		r := byBody[c.body]
		if r == nil {
			t.Errorf("%.60q is not in Kafka", c.body)
			continue
		}
		at, err := time.Parse(time.RFC3339Nano, header(r, kafka.HeaderReceivedAt))
		if r.Topic != c.topic || string(r.Key) != c.key || header(r, kafka.HeaderSource) != "enreach" || err != nil || at.Before(begin) || at.After(time.Now()) {
			t.Errorf("%.60q is in %s with the key %q and the headers %v, %v; want %s, %q", c.body, r.Topic, r.Key, r.Headers, err, c.topic, c.key)
		}
		if c.key != "" && r.Partition != kafka.PartitionFor(uuid.MustParse(c.key), 2) {
			t.Errorf("%.60q is in partition %d", c.body, r.Partition)
		}
	}
	s.wantMetric(`ringside_webhook_requests_total{endpoint="enreach",outcome="accepted"}`, "12")
	s.wantMetric(`ringside_webhook_undecodable_total{endpoint="enreach"}`, "4")
	s.wantMetric("ringside_webhook_body_bytes", "0")
}

func TestAnswers(t *testing.T) {
	s := newSite(t, func(o *Options) {
		o.Endpoints = append(o.Endpoints, Endpoint{Name: "slow", Source: "enreach", Tokens: fixed(token), Rate: .01, Burst: 1})
	})
	foreign := bytes.Replace(body("UserStatus", 1), []byte(organization), []byte("11111111-8b86-4d01-b42d-00cf4fc964ff"), 1)
	for _, c := range []struct {
		name, method, path string
		body               []byte
		headers            []string
		code               int
		outcome            string
	}{
		{"an event", "POST", "/webhooks/enreach", body("UserStatus", 1), []string{"X-Benemen-Token", token}, 200, "accepted"},
		{"the second token", "POST", "/webhooks/enreach", body("UserStatus", 1), []string{"x-benemen-token", secondToken}, 200, "accepted"},
		{"a slash, as in the vendor's example", "POST", "/webhooks/enreach/", body("UserStatus", 1), []string{"X-Benemen-Token", token}, 200, "accepted"},
		{"identity", "POST", "/webhooks/enreach", body("UserStatus", 1), []string{"X-Benemen-Token", token, "Content-Encoding", "identity"}, 200, "accepted"},
		{"a header that names another event", "POST", "/webhooks/enreach", body("UserStatus", 1), []string{"X-Benemen-Token", token, "X-Benemen-Event", "QueueStatus"}, 200, "accepted"},
		{"a header that names this event", "POST", "/webhooks/enreach", body("UserStatus", 1), []string{"X-Benemen-Token", token, "X-Benemen-Event", "UserStatus"}, 200, "accepted"},
		{"bearer", "POST", "/webhooks/browser", body("UserStatus", 1), []string{"Authorization", "bearer " + forwarder}, 200, "accepted"},
		{"forwarder's header", "POST", "/webhooks/browser", body("UserStatus", 1), []string{"X-Ringside-Token", forwarder}, 200, "accepted"},
		{"the pinned organization", "POST", "/webhooks/pinned", body("UserStatus", 1), []string{"X-Benemen-Token", token}, 200, "accepted"},
		{"another organization", "POST", "/webhooks/pinned", foreign, []string{"X-Benemen-Token", token}, 403, "forbidden"},
		{"no organization", "POST", "/webhooks/pinned", []byte("nothing"), []string{"X-Benemen-Token", token}, 403, "forbidden"},
		{"no token", "POST", "/webhooks/enreach", body("UserStatus", 1), nil, 401, "unauthorized"},
		{"two tokens", "POST", "/webhooks/enreach", body("UserStatus", 1), []string{"X-Benemen-Token", token, "X-Benemen-Token", token}, 401, "unauthorized"},
		{"no such endpoint", "POST", "/webhooks/none", body("UserStatus", 1), []string{"X-Benemen-Token", token}, 404, ""},
		{"elsewhere", "POST", "/", body("UserStatus", 1), []string{"X-Benemen-Token", token}, 404, ""},
		{"below an endpoint", "POST", "/webhooks/enreach/x", body("UserStatus", 1), []string{"X-Benemen-Token", token}, 404, ""},
		{"GET", "GET", "/webhooks/enreach", nil, []string{"X-Benemen-Token", token}, 405, "method"},
		{"PUT", "PUT", "/webhooks/enreach", body("UserStatus", 1), []string{"X-Benemen-Token", token}, 405, "method"},
		{"compressed", "POST", "/webhooks/enreach", body("UserStatus", 1), []string{"X-Benemen-Token", token, "Content-Encoding", "gzip"}, 415, "encoded"},
		{"a byte too long", "POST", "/webhooks/enreach", make([]byte, MaxBody+1), []string{"X-Benemen-Token", token}, 413, "too_large"},
		{"within the rate", "POST", "/webhooks/slow", body("UserStatus", 1), []string{"X-Benemen-Token", token}, 200, "accepted"},
		{"beyond the rate", "POST", "/webhooks/slow", body("UserStatus", 1), []string{"X-Benemen-Token", token}, 429, "rate_limited"},
	} {
		endpoint := strings.Split(strings.TrimPrefix(c.path, "/webhooks/"), "/")[0]
		counter := `ringside_webhook_requests_total{endpoint="` + endpoint + `",outcome="` + c.outcome + `"}`
		if c.outcome == "" {
			counter = `ringside_webhook_requests_total{endpoint="",outcome="unknown_endpoint"}`
		}
		before := s.metric(counter)
		r, err := http.NewRequestWithContext(t.Context(), c.method, "https://"+s.gateway.Addr()+c.path, bytes.NewReader(c.body))
		if err != nil {
			t.Fatal(err)
		}
		res, text := s.do(r, c.headers...)
		if res.StatusCode != c.code || (c.code == 200) != (text == "") {
			t.Errorf("%s: answered %d %q, want %d", c.name, res.StatusCode, text, c.code)
		}
		if (c.code == 429) != (res.Header.Get("Retry-After") != "") {
			t.Errorf("%s: Retry-After %q", c.name, res.Header.Get("Retry-After"))
		}
		if s.metric(counter) == before {
			t.Errorf("%s: %s stays at %s", c.name, counter, before)
		}
	}
	s.ends(10)
	s.wantMetric(`ringside_webhook_event_header_mismatches_total{endpoint="enreach"}`, "1")
}

func TestRateIsLimited(t *testing.T) {
	b, now := newBucket(100, 20), time.Now()
	taken := 0
	for range 1000 { // within a second
		if b.take(now) == 0 {
			taken++
		}
		now = now.Add(time.Millisecond)
	}
	if taken < 118 || taken > 121 {
		t.Errorf("%d in a second, want the burst of 20 and 100", taken)
	}
	for b.take(now) == 0 {
	}
	if wait := b.take(now); wait <= 0 || wait > 10*time.Millisecond {
		t.Errorf("the next in %s", wait)
	}
	if newBucket(0, 5).take(now) != 0 {
		t.Error("a rate of 0 limits")
	}
}

func TestBrowsersMayPostFromAllowedPagesOnly(t *testing.T) {
	s := newSite(t, nil)
	for _, c := range []struct {
		endpoint, origin string
		code             int
		allowed          bool
	}{
		{"browser", "https://desk.example.com", 204, true},
		{"browser", "https://desk.example.com.evil.example", 403, false},
		{"browser", "null", 403, false},
		{"browser", "", 403, false},
		{"enreach", "https://desk.example.com", 403, false},
	} {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodOptions, s.url(c.endpoint), nil)
		if err != nil {
			t.Fatal(err)
		}
		headers := []string{"Access-Control-Request-Method", "POST", "Access-Control-Request-Headers", "authorization,content-type", "Access-Control-Request-Private-Network", "true"}
		if c.origin != "" {
			headers = append(headers, "Origin", c.origin)
		}
		res, _ := s.do(r, headers...)
		h := res.Header
		if res.StatusCode != c.code || (h.Get("Access-Control-Allow-Origin") == c.origin && c.origin != "") != c.allowed {
			t.Errorf("%+v: answered %d %v", c, res.StatusCode, h)
		}
		if c.allowed && (h.Get("Access-Control-Allow-Methods") != "POST" || !strings.Contains(h.Get("Access-Control-Allow-Headers"), "Authorization") ||
			h.Get("Access-Control-Allow-Private-Network") != "true" || h.Get("Vary") != "Origin") {
			t.Errorf("%+v: %v", c, h)
		}
		res, _ = s.post(c.endpoint, body("UserStatus", 1), headers...) // without a token
		if res.StatusCode != 401 || (res.Header.Get("Access-Control-Allow-Origin") == c.origin && c.origin != "") != c.allowed {
			t.Errorf("%+v: a refused event is answered %d %v", c, res.StatusCode, res.Header)
		}
	}
	s.empty()
}

func TestOnlyTLS12AndLater(t *testing.T) {
	s := newSite(t, nil)
	for version, want := range map[uint16]bool{tls.VersionTLS10: false, tls.VersionTLS11: false, tls.VersionTLS12: true, tls.VersionTLS13: true} {
		c, err := tls.Dial("tcp", s.gateway.Addr(), &tls.Config{InsecureSkipVerify: true, MinVersion: version, MaxVersion: version})
		if (err == nil) != want {
			t.Errorf("%s: %v", tls.VersionName(version), err)
		}
		if err == nil {
			_ = c.Close()
		}
	}
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, strings.Replace(s.url("enreach"), "https", "http", 1), bytes.NewReader(body("UserStatus", 1)))
	if err != nil {
		t.Fatal(err)
	}
	if res, _ := s.do(r, "X-Benemen-Token", token); res.StatusCode == 200 {
		t.Error("plain HTTP is answered 200")
	}
	s.empty()
	for _, protocol := range []string{"h2", "http/1.1"} {
		c, err := tls.Dial("tcp", s.gateway.Addr(), &tls.Config{InsecureSkipVerify: true, NextProtos: []string{protocol}})
		if err != nil || c.ConnectionState().NegotiatedProtocol != protocol {
			t.Errorf("%s is not spoken: %v", protocol, err)
			continue
		}
		_ = c.Close()
	}
}

func TestNewRefuses(t *testing.T) {
	s := newSite(t, nil)
	for want, change := range map[string]func(*Options){
		`source "nobody" is not known`: func(o *Options) { o.Endpoints = []Endpoint{{Name: "e", Source: "nobody", Tokens: fixed(token)}} },
		"tokens of endpoint e: gone": func(o *Options) {
			o.Endpoints = []Endpoint{{Name: "e", Source: "enreach", Tokens: func() ([]string, error) { return nil, errors.New("gone") }}}
		},
		"in use by another process": func(*Options) {},
		"no such file":              func(o *Options) { o.CertFile, o.KeyFile = "/none/such", "/none/such" },
	} {
		o := s.options
		change(&o)
		if _, err := New(o); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want %q", err, want)
		}
	}
}
