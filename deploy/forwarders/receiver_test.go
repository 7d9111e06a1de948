package forwarders

import (
	"encoding/json"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strconv"
	"sync"
	"testing"
	"time"
)

const token = "desk-token-1"

// envelope is what a forwarder sends.
type envelope struct {
	Source, ID, Event, Organization, Agent, AgentName string
	Time                                              time.Time
	Data                                              json.RawMessage
}

// number is the id that interactions gave an event.
func (e *envelope) number(t *testing.T) int {
	t.Helper()
	var data struct{ ID string }
	if err := json.Unmarshal(e.Data, &data); err != nil {
		t.Fatal(err)
	}
	n, err := strconv.Atoi(data.ID)
	if err != nil {
		t.Fatalf("the event is not numbered: %s", e.Data)
	}
	return n
}

// request is one try to send an event, with its answer.
type request struct {
	envelope
	body   string
	at     time.Time
	status int
}

// receiver answers as the gateway does, with what a test makes it answer: trouble that a gateway in good health cannot be
// made to have.
type receiver struct {
	t       *testing.T
	address string
	server  *httptest.Server

	mu       sync.Mutex
	requests []request
	busy     int
	together int // the most requests at one time
	// answer returns a status and the header Retry-After for the nth try, from 0; nil: 200.
	answer func(n int, e *envelope) (status int, retryAfter string)
	delay  time.Duration
}

func newReceiver(t *testing.T) *receiver {
	t.Helper()
	r := &receiver{t: t, address: "127.0.0.1:0"}
	r.start()
	t.Cleanup(r.stop)
	return r
}

func (r *receiver) url() string { return "https://" + r.address + "/webhooks/desk" }

func (r *receiver) start() {
	r.t.Helper()
	listener, err := net.Listen("tcp", r.address)
	if err != nil {
		r.t.Fatal(err)
	}
	r.address = listener.Addr().String()
	r.server = httptest.NewUnstartedServer(r)
	r.server.Listener.Close()
	r.server.Listener = listener
	r.server.StartTLS()
}

func (r *receiver) stop() {
	if r.server != nil {
		r.server.CloseClientConnections()
		r.server.Close()
		r.server = nil
	}
}

func (r *receiver) ServeHTTP(w http.ResponseWriter, h *http.Request) {
	w.Header().Set("Access-Control-Allow-Origin", h.Header.Get("Origin"))
	w.Header().Set("Access-Control-Expose-Headers", "Retry-After")
	if h.Method == http.MethodOptions {
		w.Header().Set("Access-Control-Allow-Methods", "POST")
		w.Header().Set("Access-Control-Allow-Headers", "Authorization, Content-Type")
		w.Header().Set("Access-Control-Max-Age", "600")
		w.WriteHeader(http.StatusNoContent)
		return
	}
	r.enter()
	defer r.leave()
	body, err := io.ReadAll(h.Body)
	if err != nil {
		return // the page went away amidst its request
	}
	req := request{body: string(body), at: time.Now(), status: http.StatusOK}
	if err := json.Unmarshal(body, &req.envelope); err != nil || h.URL.Path != "/webhooks/desk" || h.Header.Get("Content-Type") != "application/json" {
		r.t.Errorf("not an envelope: %v: %s %s", err, h.URL.Path, body)
	}
	time.Sleep(r.delay)
	r.mu.Lock()
	n, retryAfter := len(r.requests), ""
	switch {
	case h.Header.Get("Authorization") != "Bearer "+token:
		req.status = http.StatusUnauthorized
	case r.answer != nil:
		req.status, retryAfter = r.answer(n, &req.envelope)
	}
	r.requests = append(r.requests, req)
	r.mu.Unlock()
	if retryAfter != "" {
		w.Header().Set("Retry-After", retryAfter)
	}
	w.WriteHeader(req.status)
}

func (r *receiver) enter() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.busy++
	r.together = max(r.together, r.busy)
}

func (r *receiver) leave() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.busy--
}

func (r *receiver) setAnswer(answer func(n int, e *envelope) (int, string)) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.answer = answer
}

func (r *receiver) all() []request {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]request(nil), r.requests...)
}

// accepted returns the events that were accepted, each once by its id, in the order in which they came first.
func (r *receiver) accepted() (events []request) {
	seen := map[string]string{}
	for _, req := range r.all() {
		if body, ok := seen[req.ID]; ok && body != req.body {
			r.t.Errorf("the id %s has two bodies:\n%s\n%s", req.ID, body, req.body)
		} else if !ok && req.status == http.StatusOK {
			seen[req.ID] = req.body
			events = append(events, req)
		}
	}
	return events
}

// want waits for n events and checks that there are no more.
func (r *receiver) want(n int) []request {
	r.t.Helper()
	until(r.t, strconv.Itoa(n)+" events", func() bool { return len(r.accepted()) >= n })
	events := r.accepted()
	if len(events) != n {
		r.t.Fatalf("%d events arrived, want %d", len(events), n)
	}
	return events
}
