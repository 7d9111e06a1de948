package webhook

import (
	"bytes"
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/VictoriaMetrics/metrics"
	"github.com/google/uuid"
	kafkago "github.com/segmentio/kafka-go"
	"github.com/twmb/franz-go/pkg/kgo"

	"ringside/ingest"
	"ringside/ingest/broker"
	"ringside/ingest/kafka"
	"ringside/ingest/vendors"
)

const (
	patience     = time.Minute
	token        = "a-token-of-enreach-0123456789"
	secondToken  = "another-token-of-enreach-9876543210"
	forwarder    = "a-token-of-a-forwarder-5556667778"
	organization = "6f9619ff-8b86-4d01-b42d-00cf4fc964ff"
)

var testTopics = Topics{Queue: "queue-events", User: "user-events", Callback: "callback-events"}

// site is a gateway with a broker of its own behind a line that can be cut.
type site struct {
	t       testing.TB
	broker  *broker.Broker
	line    *line
	gateway *Gateway
	options Options
	log     *logText
	client  *http.Client
}

// logText collects a log.
type logText struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *logText) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *logText) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

func fixed(texts ...string) func() ([]string, error) {
	return func() ([]string, error) { return texts, nil }
}

// newSite starts a broker and a gateway; change may alter the gateway's options.
func newSite(t testing.TB, change func(*Options)) *site {
	t.Helper()
	b, err := broker.Start(t.Context(), broker.Options{Topics: []string{testTopics.Queue, testTopics.User, testTopics.Callback}, Partitions: 2})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(b.Close)
	s := &site{t: t, broker: b, line: newLine(t, b.Addr()), log: &logText{}}
	s.options = Options{
		Listen: "127.0.0.1:0", Dir: t.TempDir(), SpoolDir: t.TempDir(), SpoolLimit: 64 << 20,
		Endpoints: []Endpoint{
			{Name: "enreach", Source: ingest.SourceEnreach, Tokens: fixed(token, secondToken)},
			{Name: "pinned", Source: ingest.SourceEnreach, Tokens: fixed(token), Organizations: []uuid.UUID{uuid.MustParse(organization)}},
			{Name: "browser", Source: "forwarded", Tokens: fixed(forwarder), AllowedOrigins: []string{"https://desk.example.com"}},
		},
		Producer: kafka.ProducerOptions{Brokers: []string{b.Addr()}, Dial: s.line.dial}, Topics: testTopics, BrokerTimeout: 10 * time.Second,
		MaxConnections: 1000, MaxBodyBytes: 16 << 20, Decoders: testDecoders, Log: slog.New(slog.NewTextHandler(s.log, &slog.HandlerOptions{Level: slog.LevelDebug})),
	}
	if change != nil {
		change(&s.options)
	}
	s.start()
	return s
}

// testDecoders has, beside the real ones, a source whose events a forwarder posts.
func testDecoders() map[string]ingest.Decoder {
	d := vendors.Decoders()
	d["forwarded"] = vendors.Decoders()[ingest.SourceEnreach]
	return d
}

func (s *site) start() {
	s.t.Helper()
	s.options.Metrics = metrics.NewSet()
	g, err := New(s.options)
	if err != nil {
		s.t.Fatal(err)
	}
	if err := g.Start(); err != nil {
		s.t.Fatal(err)
	}
	s.gateway = g
	s.client = client(s.t)
	s.t.Cleanup(func() {
		if s.gateway == g {
			s.stop()
		}
	})
}

func (s *site) stop() {
	s.t.Helper()
	g := s.gateway
	s.gateway = nil
	if err := g.Close(); err != nil {
		s.t.Error(err)
	}
}

func client(t testing.TB) *http.Client {
	transport := &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}, ForceAttemptHTTP2: true, MaxIdleConnsPerHost: 100}
	t.Cleanup(transport.CloseIdleConnections)
	return &http.Client{Transport: transport, Timeout: patience}
}

func (s *site) url(endpoint string) string {
	return "https://" + s.gateway.Addr() + "/webhooks/" + endpoint
}

// post posts a body with headers (name, value, …) and returns the answer.
func (s *site) post(endpoint string, body []byte, headers ...string) (*http.Response, string) {
	s.t.Helper()
	r, err := http.NewRequestWithContext(s.t.Context(), http.MethodPost, s.url(endpoint), bytes.NewReader(body))
	if err != nil {
		s.t.Fatal(err)
	}
	return s.do(r, headers...)
}

func (s *site) do(r *http.Request, headers ...string) (*http.Response, string) {
	s.t.Helper()
	for i := 0; i < len(headers); i += 2 {
		r.Header.Add(headers[i], headers[i+1])
	}
	res, err := s.client.Do(r)
	if err != nil {
		s.t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	return res, string(text)
}

// takes posts an event that has to be taken.
func (s *site) takes(body []byte) {
	s.t.Helper()
	if res, text := s.post("enreach", body, headerBenemenToken, token); res.StatusCode != 200 || text != "" {
		s.t.Fatalf("answered %d %q, want 200 with an empty body", res.StatusCode, text)
	}
}

// body is an event; n makes it another one.
func body(kind string, n int) []byte {
	return []byte(fmt.Sprintf(`{"RootEntityType":"Organization","OrganizationId":%q,"EventType":%q,"Id":"00000000-0000-4000-8000-%012d","Timestamp":"2026-03-02T08:01:23.45","CallerNumber":"+358501231234"}`,
		organization, kind, n))
}

// arrived waits for n records in all topics and returns them.
func (s *site) arrived(n int) (all []*kgo.Record) {
	s.t.Helper()
	return s.arrivedUntil(func(all []*kgo.Record) bool { return len(all) >= n })
}

// arrivedUntil reads all topics from their beginnings until enough has arrived.
func (s *site) arrivedUntil(enough func([]*kgo.Record) bool) (all []*kgo.Record) {
	s.t.Helper()
	c, err := kgo.NewClient(kgo.SeedBrokers(s.broker.Addr()), kgo.ConsumeTopics(testTopics.Queue, testTopics.User, testTopics.Callback),
		kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()))
	if err != nil {
		s.t.Fatal(err)
	}
	defer c.Close()
	ctx, cancel := context.WithTimeout(s.t.Context(), patience)
	defer cancel()
	for !enough(all) {
		fetches := c.PollFetches(ctx)
		if ctx.Err() != nil {
			s.t.Fatalf("%d records have arrived, which is not enough\n%s", len(all), s.log)
		}
		all = append(all, fetches.Records()...)
	}
	return all
}

// empty checks that nothing at all is in the topics.
func (s *site) empty() {
	s.t.Helper()
	s.ends(0)
}

// ends checks how many records the topics have.
func (s *site) ends(want int64) {
	s.t.Helper()
	got, err := ends(s.t.Context(), s.broker.Addr())
	if err != nil {
		s.t.Fatal(err)
	}
	if got != want {
		s.t.Errorf("the topics have %d records, want %d", got, want)
	}
}

// metric returns the value of a line of the metrics, "" if there is none.
func (s *site) metric(name string) string {
	var b bytes.Buffer
	s.options.Metrics.WritePrometheus(&b)
	for line := range strings.Lines(b.String()) {
		if rest, ok := strings.CutPrefix(line, name+" "); ok {
			return strings.TrimSpace(rest)
		}
	}
	return ""
}

func (s *site) wantMetric(name, want string) {
	s.t.Helper()
	if got := s.metric(name); got != want {
		s.t.Errorf("%s is %q, want %s", name, got, want)
	}
}

func (s *site) until(what string, holds func() bool) {
	s.t.Helper()
	for end := time.Now().Add(patience); !holds(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) {
			s.t.Fatalf("waiting for %s\n%s", what, s.log)
		}
	}
}

// line stands between a gateway and its broker: dial connects through it, cut ends what is connected and refuses what comes.
type line struct {
	target string

	mu    sync.Mutex
	away  bool
	mute  bool // connections are taken, and nothing is answered
	conns []net.Conn
}

func newLine(t testing.TB, target string) *line {
	l := &line{target: target}
	t.Cleanup(l.cut)
	return l
}

func (l *line) dial(ctx context.Context, network, _ string) (net.Conn, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.away {
		return nil, &net.OpError{Op: "dial", Net: network, Err: fmt.Errorf("the line is cut")}
	}
	c, err := (&net.Dialer{}).DialContext(ctx, network, l.target)
	if err != nil {
		return nil, err
	}
	l.conns = append(l.conns, c)
	return &muted{Conn: c, line: l}, nil
}

func (l *line) cut() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.away = true
	for _, c := range l.conns {
		_ = c.Close()
	}
	l.conns = nil
}

func (l *line) heal() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.away, l.mute = false, false
}

func (l *line) silence() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.mute = true
}

// muted swallows what is written while its line is mute.
type muted struct {
	net.Conn
	line *line
}

func (m *muted) Write(b []byte) (int, error) {
	m.line.mu.Lock()
	mute := m.line.mute
	m.line.mu.Unlock()
	if mute {
		return len(b), nil
	}
	return m.Conn.Write(b)
}

// ends returns how many records were ever written to the topics of a broker.
func ends(ctx context.Context, address string) (n int64, err error) {
	requests := map[string][]kafkago.OffsetRequest{}
	for _, topic := range []string{testTopics.Queue, testTopics.User, testTopics.Callback} {
		requests[topic] = []kafkago.OffsetRequest{kafkago.LastOffsetOf(0), kafkago.LastOffsetOf(1)}
	}
	c := &kafkago.Client{Addr: kafkago.TCP(address), Timeout: 10 * time.Second}
	answer, err := c.ListOffsets(ctx, &kafkago.ListOffsetsRequest{Topics: requests})
	if err != nil {
		return 0, err
	}
	for _, partitions := range answer.Topics {
		for _, p := range partitions {
			if p.Error != nil {
				return 0, p.Error
			}
			n += p.LastOffset
		}
	}
	return n, nil
}

func itoa(n int) string { return strconv.Itoa(n) }
