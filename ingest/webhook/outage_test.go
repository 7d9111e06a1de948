package webhook

import (
	"fmt"
	"net/http"
	"os"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/twmb/franz-go/pkg/kgo"

	"ringside/ingest"
	"ringside/ingest/kafka"
)

// quick are habits that let a test see what takes seconds otherwise.
func quick(o *Options) {
	o.habits = defaultHabits()
	o.habits.retry, o.habits.retryMost, o.habits.look = 10*time.Millisecond, 50*time.Millisecond, 10*time.Millisecond
	o.habits.shutdown = time.Second
	o.BrokerTimeout = 2 * time.Second // more than a broker that is there takes on a busy machine
}

// distinct returns the records with different values, in the order of their first copy: what was given up on may come twice.
func distinct(records []*kgo.Record) (first []*kgo.Record) {
	seen := map[string]bool{}
	for _, r := range records {
		if !seen[string(r.Value)] {
			seen[string(r.Value)] = true
			first = append(first, r)
		}
	}
	return first
}

// arrivedDistinct waits until n different events have arrived, and returns the first copy of each.
func (s *site) arrivedDistinct(n int) []*kgo.Record {
	s.t.Helper()
	return distinct(s.arrivedUntil(func(all []*kgo.Record) bool { return len(all) >= n && len(distinct(all)) >= n }))
}

// While the broker is away, or does not answer, events are answered 200 within what the vendor waits, and arrive when it is back,
// with the time of their receipt, behind one another.
func TestBrokerAwayGoesToTheSpool(t *testing.T) {
	for name, trouble := range map[string]func(*line){"cut": (*line).cut, "silent": (*line).silence} {
		t.Run(name, func(t *testing.T) {
			s := newSite(t, quick)
			n := 0
			send := func(count int) {
				for range count {
					n++
					begin := time.Now()
					s.takes(body("QueueCallInArrived", n))
					if took := time.Since(begin); took > 4*time.Second {
						t.Errorf("answered after %s", took)
					}
				}
			}
			send(20)
			trouble(s.line)
			send(30)
			if s.gateway.Spooled() != 30 || s.metric(`ringside_webhook_requests_total{endpoint="enreach",outcome="spooled"}`) != "30" {
				t.Errorf("%d in the spool, %s counted", s.gateway.Spooled(), s.metric(`ringside_webhook_requests_total{endpoint="enreach",outcome="spooled"}`))
			}
			s.wantMetric("ringside_webhook_spooling", "1")
			s.wantMetric("ringside_webhook_spool_records", "30")
			if err := s.gateway.Ready(); err != nil {
				t.Errorf("not ready with room in the spool: %v", err)
			}
			back := time.Now()
			s.line.cut() // what was silent is dead
			s.line.heal()
			send(20) // behind those in the spool, or after them
			s.until("the spool to be empty", func() bool { return s.gateway.Spooled() == 0 && s.metric("ringside_webhook_spooling") == "0" })
			send(5)
			spooled := s.metric(`ringside_webhook_requests_total{endpoint="enreach",outcome="spooled"}`)
			send(5)
			s.wantMetric(`ringside_webhook_requests_total{endpoint="enreach",outcome="spooled"}`, spooled)
			var before ingest.Time
			for i, r := range s.arrivedDistinct(n) {
				if want := string(body("QueueCallInArrived", i+1)); string(r.Value) != want {
					t.Fatalf("event %d is %s", i+1, r.Value)
				}
				at, err := time.Parse(time.RFC3339Nano, header(r, kafka.HeaderReceivedAt))
				if err != nil || ingest.FromGo(at) < before || (i < 50) != at.Before(back) || header(r, kafka.HeaderSource) != "enreach" || string(r.Key) != organization {
					t.Errorf("event %d: headers %v, key %s, %v", i+1, r.Headers, r.Key, err)
				}
				before = ingest.FromGo(at)
			}
			if log := s.log.String(); strings.Count(log, "they go to the spool") != 1 || strings.Count(log, "the spool is empty") != 1 {
				t.Errorf("the log does not say once each when the spool is used and when no more:\n%s", log)
			}
		})
	}
}

// A gateway that starts finds what an earlier one left, and sends it first.
func TestSpoolOutlivesTheGateway(t *testing.T) {
	s := newSite(t, quick)
	s.line.cut()
	for i := 1; i <= 10; i++ {
		s.takes(body("UserStatus", i))
	}
	s.stop()
	s.start()
	for i := 11; i <= 20; i++ {
		s.takes(body("UserStatus", i))
	}
	s.empty()
	s.line.heal()
	for i, r := range s.arrivedDistinct(20) {
		if want := string(body("UserStatus", i+1)); string(r.Value) != want {
			t.Fatalf("event %d is %s", i+1, r.Value)
		}
	}
}

// Where neither Kafka nor the disk takes an event, the vendor is told to come again; and when one does again, so does the gateway.
func TestFullSpoolIsAnswered503(t *testing.T) {
	s := newSite(t, func(o *Options) {
		quick(o)
		o.SpoolLimit = 64 << 10
	})
	s.line.cut()
	taken := 0
	for {
		res, text := s.post("enreach", body("UserStatus", taken+1), headerBenemenToken, token)
		if res.StatusCode == 503 {
			if res.Header.Get("Retry-After") == "" || text == "" {
				t.Errorf("answered %v %q", res.Header, text)
			}
			break
		}
		if taken++; res.StatusCode != 200 || taken > 1000 {
			t.Fatalf("event %d is answered %d", taken, res.StatusCode)
		}
	}
	s.wantMetric(`ringside_webhook_requests_total{endpoint="enreach",outcome="spool_full"}`, "1")
	s.takesNo(body("UserStatus", 900_000))
	s.until("not to be ready", func() bool {
		// A shorter record may still fit.
		_, _ = s.post("enreach", []byte("x"), headerBenemenToken, token)
		return s.gateway.Ready() != nil
	})
	s.line.heal()
	s.until("to be ready", func() bool { return s.gateway.Ready() == nil })
	s.arrivedDistinct(taken)
	s.until("the spool to be empty", func() bool { return s.metric("ringside_webhook_spooling") == "0" })
	s.takes(body("UserStatus", 901_000))
}

func (s *site) takesNo(body []byte) {
	s.t.Helper()
	if res, _ := s.post("enreach", body, headerBenemenToken, token); res.StatusCode != 503 {
		s.t.Errorf("answered %d, want 503", res.StatusCode)
	}
}

// A disk that cannot be written to is of no account while Kafka is there, and does not keep events from Kafka afterwards.
func TestUnwritableSpool(t *testing.T) {
	s := newSite(t, quick)
	if err := os.RemoveAll(s.options.SpoolDir); err != nil { // no segment can be made in it
		t.Fatal(err)
	}
	s.takes(body("UserStatus", 1))
	s.line.cut()
	for i := range 3 {
		s.takesNo(body("UserStatus", 2+i))
	}
	s.wantMetric(`ringside_webhook_requests_total{endpoint="enreach",outcome="spool_failed"}`, "3")
	s.line.heal()
	s.until("Kafka to be tried again", func() bool {
		res, _ := s.post("enreach", body("UserStatus", 5), headerBenemenToken, token)
		return res.StatusCode == 200
	})
}

// Many clients, and a broker that comes and goes: whatever is answered 200 arrives.
func TestNothingAcknowledgedIsLostWhileTheBrokerComesAndGoes(t *testing.T) {
	s := newSite(t, quick)
	const clients, outages = 8, 5
	var acknowledged sync.Map
	var sent atomic.Int64
	var calm atomic.Bool
	var wait sync.WaitGroup
	for range clients {
		wait.Go(func() {
			for !calm.Load() {
				n := int(sent.Add(1))
				b := body([]string{"UserStatus", "QueueCallInArrived", "CallbackChanged"}[n%3], n)
				res, text := s.post("enreach", b, headerBenemenToken, token)
				if res.StatusCode != 200 {
					t.Errorf("answered %d %s", res.StatusCode, text)
				}
				acknowledged.Store(string(b), true)
			}
		})
	}
	count := func(outcome string) int {
		n, _ := strconv.Atoi(s.metric(`ringside_webhook_requests_total{endpoint="enreach",outcome="` + outcome + `"}`))
		return n
	}
	for range outages {
		direct := count("accepted")
		s.until("events to reach the broker directly", func() bool { return count("accepted") > direct+20 })
		s.line.cut()
		s.until("events to be spooled", func() bool { return s.gateway.Spooled() > 20 })
		s.line.heal()
	}
	calm.Store(true)
	wait.Wait()
	s.until("the spool to be empty", func() bool { return s.gateway.Spooled() == 0 })
	for _, r := range s.arrivedDistinct(int(sent.Load())) {
		acknowledged.Delete(string(r.Value))
	}
	acknowledged.Range(func(b, _ any) bool {
		t.Errorf("acknowledged, and not there: %s", b)
		return true
	})
}

// A topic with a smaller max.message.bytes than documented holds up nothing: the event's beginning goes on, to be kept in rejects.
func TestEventsTooLongForTheirTopicAreCut(t *testing.T) {
	s := newSite(t, func(o *Options) {
		quick(o)
		o.Producer.MaxMessageBytes = 8 << 20
	})
	long := event{about: aboutUsers, organization: uuid.MustParse(organization), source: "enreach", receivedAt: ingest.FromGo(time.Now()), body: []byte(strings.Repeat("x", 5<<20))} // the embedded broker takes 4 MiB
	s.gateway.delivery.behind.Store(true)
	for i := range 3 {
		e := long
		if i != 1 {
			e.body = body("UserStatus", i+1)
		}
		if len(e.body) < 2<<20 {
			if _, err := s.gateway.delivery.accept(t.Context(), &e); err != nil {
				t.Fatal(err)
			}
			continue
		}
		// Too long for the gateway, and so for its spool: what matters is what becomes of a batch with such a message in it.
		if err := s.gateway.delivery.eachAlone(t.Context(), []event{e}, []kafka.Message{e.message(&testTopics)}); err != nil {
			t.Fatal(err)
		}
	}
	records := s.arrivedDistinct(3)
	lengths := map[int]int{}
	for _, r := range records {
		lengths[len(r.Value)]++
	}
	if lengths[cutBody] != 1 || lengths[len(body("UserStatus", 1))] != 2 {
		t.Errorf("lengths %v", lengths)
	}
	s.wantMetric("ringside_webhook_cut_messages_total", "1")
}

func TestRecordsOfTheSpoolSurviveTheRoundTrip(t *testing.T) {
	e := event{about: aboutCallbacks, organization: uuid.MustParse(organization), source: "brightpattern", receivedAt: ingest.FromGo(time.Now()), body: []byte("body")}
	for _, want := range []event{e, {}, {body: []byte{}}, {source: strings.Repeat("s", 32)}} {
		b := want.record()
		got, err := parseEvent(b)
		if err != nil || fmt.Sprintf("%+v", got.message(&testTopics)) != fmt.Sprintf("%+v", want.message(&testTopics)) && len(want.body) > 0 {
			t.Errorf("%+v comes back as %+v, %v", want, got, err)
		}
		for cut := range 27 {
			if _, err := parseEvent(b[:cut]); err == nil {
				t.Errorf("cut to %d bytes it is an event", cut)
			}
		}
	}
	for i, b := range map[int]byte{0: 9, 1: 3, 26: 250} {
		r := e.record()
		r[i] = b
		if _, err := parseEvent(r); err == nil {
			t.Errorf("with %d at %d it is an event", b, i)
		}
	}
}

// A request that is under way when the gateway is stopped is still answered, and its event kept.
func TestCloseLetsRequestsFinish(t *testing.T) {
	s := newSite(t, func(o *Options) { o.BrokerTimeout = time.Second })
	s.line.silence() // the answer takes the broker's timeout
	answered := make(chan int, 1)
	go func() {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.url("enreach"), strings.NewReader(string(body("UserStatus", 1))))
		if err != nil {
			t.Error(err)
		}
		res, _ := s.do(r, headerBenemenToken, token)
		answered <- res.StatusCode
	}()
	s.until("the request to be under way", func() bool { return s.metric("ringside_webhook_body_bytes") != "0" })
	s.stop()
	if code := <-answered; code != 200 {
		t.Errorf("answered %d", code)
	}
	s.line.cut()
	s.line.heal()
	s.start()
	s.arrived(1)
}
