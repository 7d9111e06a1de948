package forwarders

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/VictoriaMetrics/metrics"
	"github.com/twmb/franz-go/pkg/kgo"

	"ringside/aggregate"
	"ringside/ingest"
	"ringside/ingest/broker"
	"ringside/ingest/kafka"
	"ringside/ingest/vendors"
	"ringside/ingest/vendors/vendortest"
	"ringside/ingest/webhook"
)

var topics = webhook.Topics{Queue: "queue-events", User: "user-events", Callback: "callback-events"}

// gateway is Ringside's own, with a broker behind it. It can be stopped and started again at its address.
type gateway struct {
	t       *testing.T
	broker  *broker.Broker
	options webhook.Options
	running *webhook.Gateway
	records *kgo.Client
	arrived []*kgo.Record
}

// newGateway starts a gateway with an endpoint for each vendor, for pages of the given origins.
func newGateway(t *testing.T, rate float64, origins ...string) *gateway {
	t.Helper()
	b, err := broker.Start(t.Context(), broker.Options{Topics: []string{topics.Queue, topics.User, topics.Callback}, Partitions: 2})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(b.Close)
	g := &gateway{t: t, broker: b, options: webhook.Options{
		Listen: "127.0.0.1:0", Dir: t.TempDir(), SpoolDir: t.TempDir(), SpoolLimit: 1 << 20, Producer: kafka.ProducerOptions{Brokers: []string{b.Addr()}},
		Topics: topics, BrokerTimeout: 5 * time.Second, MaxConnections: 100, MaxBodyBytes: 16 << 20, Decoders: vendors.Decoders, Log: slog.New(slog.DiscardHandler),
	}}
	for vendor := range vendorSources {
		g.options.Endpoints = append(g.options.Endpoints, webhook.Endpoint{Name: vendor, Source: vendor, AllowedOrigins: origins, Rate: rate, Burst: 5,
			Tokens: func() ([]string, error) { return []string{token}, nil }})
	}
	g.start()
	g.options.Listen = g.running.Addr()
	t.Cleanup(g.stop)
	if g.records, err = kgo.NewClient(kgo.SeedBrokers(b.Addr()), kgo.ConsumeTopics(topics.Queue, topics.User, topics.Callback),
		kgo.ConsumeResetOffset(kgo.NewOffset().AtStart())); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(g.records.Close)
	return g
}

func (g *gateway) start() {
	g.t.Helper()
	g.options.Metrics = metrics.NewSet()
	running, err := webhook.New(g.options)
	if err != nil {
		g.t.Fatal(err)
	}
	if err := running.Start(); err != nil {
		g.t.Fatal(err)
	}
	g.running = running
}

func (g *gateway) stop() {
	if g.running == nil {
		return
	}
	if err := g.running.Close(); err != nil {
		g.t.Error(err)
	}
	g.running = nil
}

func (g *gateway) url(vendor string) string {
	return "https://" + g.options.Listen + "/webhooks/" + vendor
}

// desks makes a site whose pages send to the gateway.
func (g *gateway) desks(vendor string) *site {
	g.t.Helper()
	return newSite(g.t, g.url(vendor), nil)
}

// want reads the topics until n different ids of a source are there, and returns them in the order of each topic.
func (g *gateway) want(source string, n int) (envelopes []envelope) {
	g.t.Helper()
	ctx, cancel := context.WithTimeout(g.t.Context(), patience)
	defer cancel()
	for {
		envelopes = envelopes[:0]
		seen := map[string]bool{}
		for _, r := range g.arrived {
			var e envelope
			if err := json.Unmarshal(r.Value, &e); err != nil {
				g.t.Fatalf("%v: %s", err, r.Value)
			}
			if e.Source == source && !seen[e.ID] {
				seen[e.ID] = true
				envelopes = append(envelopes, e)
			}
		}
		if len(envelopes) >= n {
			break
		}
		fetches := g.records.PollFetches(ctx)
		if ctx.Err() != nil {
			g.t.Fatalf("%d events of %s are in the topics, want %d", len(envelopes), source, n)
		}
		g.arrived = append(g.arrived, fetches.Records()...)
	}
	if len(envelopes) > n {
		g.t.Fatalf("%d events of %s are in the topics, want %d", len(envelopes), source, n)
	}
	return envelopes
}

// TestThroughTheGateway sends through the real gateway, over TLS and CORS, with an endpoint whose rate is exceeded, a
// gateway that goes away and comes back, a page that is loaded anew meanwhile, and two tabs.
func TestThroughTheGateway(t *testing.T) {
	b := browser(t)
	g := newGateway(t, 40, "*")
	s := g.desks("avaya")
	tabs := []*desk{s.open(b, "avaya"), s.open(b, "avaya")}
	for i := range 6 {
		tabs[0].interactions(10*i, 10)
		tabs[1].interactions(1000+10*i, 10)
		switch i {
		case 1:
			g.stop()
		case 3:
			tabs[0].reload()
		case 4:
			g.start()
		}
	}
	next := [2]int{0, 1000}
	for _, e := range g.want("avaya", 120) {
		n := e.number(t)
		if next[n/1000] != n {
			t.Fatalf("event %d came before %d", n, next[n/1000])
		}
		next[n/1000]++
	}
	until(t, "the buffer to be empty", func() bool { return tabs[0].stats().Waiting == 0 })
	if s := tabs[0].stats(); s.Refused+s.Dropped > 0 || s.Halted || s.Wrong != "" {
		t.Errorf("%+v", s)
	}
	for _, r := range g.arrived {
		if len(r.Headers) == 0 || r.Headers[0].Key != "source" || string(r.Headers[0].Value) != "avaya" {
			t.Fatalf("headers %v", r.Headers)
		}
	}
}

// TestForeignOrigin keeps the events of a page that the gateway does not let in: nothing is sent, nothing is lost.
func TestForeignOrigin(t *testing.T) {
	b := browser(t)
	g := newGateway(t, 0, "https://desk.example.org")
	d := g.desks("avaya").open(b, "avaya")
	d.interactions(0, 3)
	until(t, "a try to fail", func() bool { return d.stats().Repeated > 0 })
	if s := d.stats(); s.Waiting != 3 || s.Sent != 0 {
		t.Errorf("%+v", s)
	}
	g.stop()
	g.options.Endpoints[0].AllowedOrigins, g.options.Endpoints[1].AllowedOrigins, g.options.Endpoints[2].AllowedOrigins = []string{"*"}, []string{"*"}, []string{"*"}
	g.start()
	g.want("avaya", 3)
}

// TestDesktopsBecomeFigures has the desktops of all vendors tell a call each: out of the topics, decoded as the engine
// does, the core has a row of each and the agents' names.
func TestDesktopsBecomeFigures(t *testing.T) {
	b := browser(t)
	g := newGateway(t, 0, "*")
	avaya := g.desks("avaya").open(b, "avaya")
	card := func(state string) map[string]any {
		return map[string]any{"id": "c1", "contactId": "k1", "channel": "VOICE", "state": state, "topic": "Support", "topicId": "3007", "direction": "INCOMING", "title": customer}
	}
	avaya.fire("onAnyInteractionEvent", card("ALERTING"))
	avaya.fire("onAnyInteractionEvent", card("ACTIVE"))
	avaya.fire("onAnyInteractionEndedEvent", card("ACTIVE"))

	bp := g.desks("brightpattern").open(b, "brightpattern")
	end := time.Now().UnixMilli()
	record := map[string]any{"interactionId": "i1", "state": "completed", "type": "chat", "service": "Sales", "startTime": end - 60000, "endTime": end, "disposition": "Sold", "subject": customer}
	bp.fire("ON_INTERACTION_REMOVED", record)
	bp.fire("ON_SAVE_ACTIVITY_RECORD", record)

	om := g.desks("openmethods").open(b, "openmethods")
	om.fire("message", map[string]any{"messageType": "objectEvent", "name": "interaction.preview", "target": "s.c.i"})
	om.fire("message", map[string]any{"command": "interaction.accept", "target": "s.c.i", "result": "success"})
	om.fire("message", map[string]any{"messageType": "objectEvent", "name": "interaction.ended", "target": "s.c.i"})

	g.want("avaya", 3)
	g.want("brightpattern", 2)
	g.want("openmethods", 3)
	got := g.rows()
	for _, want := range []string{`inbound "Support" answered by 1001`, `inbound "Sales (chat)" answered by ann disposition Sold`, `direct "" answered by 1001`} {
		if strings.Count(got, want+"\n") != 1 {
			t.Errorf("want one %q of\n%s", want, got)
		}
	}
	for _, r := range g.arrived {
		if strings.Contains(string(r.Value), customer) {
			t.Errorf("tells who the customer is: %s", r.Value)
		}
	}
}

// rows are the calls that the core makes of what is in the topics.
func (g *gateway) rows() string {
	g.t.Helper()
	core, decoders := aggregate.New(aggregate.DefaultSettings()), vendors.Decoders()
	for _, r := range g.arrived {
		events, err := vendortest.Decode(g.t, decoders[string(r.Headers[0].Value)], r.Value)
		if err != nil {
			g.t.Fatalf("%v: %s", err, r.Value)
		}
		for _, e := range events {
			if result := core.Apply(e); result != aggregate.Accepted && result != aggregate.Duplicate {
				g.t.Errorf("%s: %s of %s", result, e.Type, r.Value)
			}
		}
	}
	core.Advance(ingest.FromGo(time.Now().Add(time.Second)))
	var rows aggregate.Rows
	core.Drain(aggregate.DrainAll, &rows)
	var all strings.Builder
	for i := range rows.Calls {
		c := &rows.Calls[i]
		fmt.Fprintf(&all, "%s %q %s by %s", c.Direction, c.QueueName, c.Outcome, c.AgentName)
		if c.TechReason != "" {
			fmt.Fprintf(&all, " disposition %s", c.TechReason)
		}
		all.WriteByte('\n')
	}
	return all.String()
}
