package cli

import (
	"cmp"
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"testing"
	"time"

	"ringside/ingest"
	"ringside/ingest/broker"
	"ringside/internal/sender"
	"ringside/internal/sim"
	"ringside/internal/soak"
)

const gatewayToken = "the-token-of-a-gateway-in-tests"

// gatewayProcess is a `ringside gateway`.
type gatewayProcess struct {
	*engineProcess
	https string
}

var gatewayServes = regexp.MustCompile(`msg="ringside gateway is running" https=(\S+) http=(\S+)`)

func runGatewayProcess(t *testing.T, config string) *gatewayProcess {
	t.Helper()
	p := &gatewayProcess{engineProcess: &engineProcess{program: start(t, nil, "gateway", "--config", config)}}
	p.until("the gateway to serve", func() bool {
		m := gatewayServes.FindStringSubmatch(p.err.String())
		if m != nil {
			p.https, p.http = "https://"+m[1], "http://"+m[2]
		}
		return m != nil
	})
	return p
}

// freePort is a port that nobody has at present; a process that is started again gets it again.
func freePort(t *testing.T) int {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	return l.Addr().(*net.TCPAddr).Port
}

// gatewayYAML is the configuration of a gateway at a port with one endpoint.
func gatewayYAML(dir, broker string, port int) string {
	return fmt.Sprintf(`
data_dir: %q
kafka: {brokers: [%q]}
http: {listen: "127.0.0.1:0"}
privacy: {numbers: keep}
webhook: {listen: "127.0.0.1:%d", endpoints: [{name: enreach, source: enreach, tokens: [%s]}]}
store: {embedded: true}
`, filepath.Join(dir, "gateway"), broker, port, gatewayToken)
}

// batches hands out events as a recording does.
func batches(events []sim.Event) func() (*ingest.Batch, error) {
	return func() (*ingest.Batch, error) {
		if len(events) == 0 {
			return nil, io.EOF
		}
		n := min(len(events), 100)
		b := &ingest.Batch{}
		for i := range events[:n] {
			b.Records = append(b.Records, ingest.Record{Value: events[i].JSON, Source: ingest.SourceEnreach})
		}
		events = events[n:]
		return b, nil
	}
}

// vendor posts as the vendor does, but does not give up.
func vendor(p *gatewayProcess, rate float64) *sender.Sender {
	return sender.New(sender.Options{URL: p.https + "/webhooks/enreach", Source: ingest.SourceEnreach, Token: gatewayToken, Connections: 16,
		Rate: rate, Retries: 10_000, Timeout: 10 * time.Second, TLS: &tls.Config{InsecureSkipVerify: true}})
}

// outagePlan says when, in terms of the events accepted, the broker goes and comes, and when the gateway is killed.
type outagePlan struct {
	events     int
	rate       float64 // requests/s; 0: as fast as they are answered
	away, back int
	kill       int
}

// A broker that goes away while events are posted, and a gateway that is killed meanwhile and started again: what was
// acknowledged is in the figures, once.
func TestGatewaySurvivesBrokerOutageAndKill(t *testing.T) {
	needStore(t)
	d := rushHour(77, 10, 8*time.Minute)
	n := withinAnHour(d.delivered)
	outageWithKill(t, d, outagePlan{events: n, away: n / 5, kill: n / 2, back: n * 4 / 5})
}

// TestGatewaySoak has the broker away for as long as RINGSIDE_SOAK_GATEWAY says, at 1,000 requests a second, with a kill in the
// middle. It reports to RINGSIDE_SOAK_REPORT.
func TestGatewaySoak(t *testing.T) {
	lasts, err := time.ParseDuration(os.Getenv("RINGSIDE_SOAK_GATEWAY"))
	if err != nil {
		t.Skip("for `make soak`: RINGSIDE_SOAK_GATEWAY says how long the broker is away, as 10m")
	}
	needStore(t)
	const rate, before = 1000, 10 // requests a second; seconds before and after the outage
	n := rate * (int(lasts.Seconds()) + 2*before)
	d := rushHour(78, 300, time.Duration(float64(n)/580*float64(time.Second))) // 300 centres have some 600 events a second
	if have := withinAnHour(d.delivered); have < n {
		t.Fatalf("the simulation has %d events, %d are wanted", have, n)
	}
	begin := time.Now()
	report := outageWithKill(t, d, outagePlan{events: withinAnHour(d.delivered), rate: rate, away: rate * before, kill: n / 2, back: n - rate*before})
	failed := 0
	if t.Failed() {
		failed = 1
	}
	err = soak.Append(os.Getenv("RINGSIDE_SOAK_REPORT"), soak.Row{Proof: "outage of the broker, gateway killed", Tried: report, Differences: failed,
		Took: time.Since(begin), Ended: time.Now()})
	if err != nil {
		t.Fatal(err)
	}
}

// withinAnHour is how many events are so near to the first that none can be late, in whatever order they come.
func withinAnHour(events []sim.Event) int {
	end := events[0].At.Add(50 * time.Minute)
	n, _ := slices.BinarySearchFunc(events, end, func(e sim.Event, at ingest.Time) int { return cmp.Compare(e.At, at) })
	return n
}

// outageWithKill posts a rush hour through a gateway and compares the figures with the truth.
func outageWithKill(t *testing.T, d *day, plan outagePlan) (report string) {
	const partitions = 4
	dir, port := t.TempDir(), freePort(t)
	options := broker.Options{DataDir: t.TempDir(), Topics: dayTopics, Partitions: partitions, RetentionBytes: 8 << 30, Port: freePort(t)}
	startBroker := func() *broker.Broker {
		b, err := broker.Start(context.Background(), options)
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	b := startBroker()
	config := yamlFile(t, gatewayYAML(dir, b.Addr(), port))
	p := runGatewayProcess(t, config)
	v := vendor(p, plan.rate)
	defer v.Close()
	posted := make(chan error, 1)
	begin := time.Now()
	go func() { posted <- v.Run(context.Background(), batches(d.delivered[:plan.events])) }()
	accepted := func(n int) func() bool { return func() bool { return v.Counts().Accepted >= int64(n) } }
	p.untilWithin("events before the outage", time.Hour, accepted(plan.away))
	b.Close()
	away := time.Now()
	p.untilWithin("events in the outage", time.Hour, accepted(plan.kill))
	spooled := p.sum("ringside_webhook_spool_records")
	p.kill()
	p = runGatewayProcess(t, config)
	p.untilWithin("events after the kill", time.Hour, accepted(plan.back))
	outage := time.Since(away)
	if now := p.sum("ringside_webhook_spool_records"); spooled == 0 || now <= spooled {
		t.Errorf("%d events were in the spool at the kill, %d at the end of the outage", spooled, now)
	}
	b = startBroker()
	defer func() { b.Close() }()
	if err := <-posted; err != nil {
		t.Fatal(err)
	}
	took := time.Since(begin)
	counts := v.Counts()
	if counts.Accepted != int64(plan.events) || counts.Refused+counts.Failed > 0 {
		t.Errorf("%s; %d were to be posted", counts, plan.events)
	}
	p.untilWithin("the spool to be empty", time.Hour, func() bool { return p.sum("ringside_webhook_spool_records") == 0 })

	engine := runProcess(t, d.configFile(t, dir, outside(b.Addr())+"privacy: {numbers: keep}\n"))
	engine.caughtUp(partitions)
	for rest := d.delivered[plan.events:]; len(rest) > 0; {
		// What happens later is posted when everything before it was read: topics are not read in step.
		n := min(withinAnHour(rest), max(1, d.settling-(len(d.delivered)-len(rest))))
		last := vendor(p, 0)
		if err := last.Run(context.Background(), batches(rest[:n])); err != nil {
			t.Fatal(err)
		}
		last.Close()
		engine.caughtUp(partitions)
		rest = rest[n:]
	}
	engine.stop()
	p.stop()
	d.compare(t, dataDir(t, dir))
	got := selects(t, dir, "SELECT sum(accepted + orphan), sum(late + rejected), sum(duplicate) > 0 FROM accounting")
	if want := fmt.Sprintf("%d\t0\t", len(d.delivered)); got[:min(len(got), len(want))] != want {
		t.Errorf("accepted, late or rejected, copies: %s; want %s", got, want)
	}
	report = fmt.Sprintf("%d events at %.0f requests a second; the broker away for %s, the gateway killed with %d events in its spool; %d requests repeated",
		len(d.delivered), float64(counts.Sent)/took.Seconds(), outage.Round(time.Second), spooled, counts.Retried)
	t.Log(report)
	return report
}

// untilWithin is until with another patience.
func (p *program) untilWithin(what string, most time.Duration, holds func() bool) {
	p.t.Helper()
	t := time.NewTicker(20 * time.Millisecond)
	defer t.Stop()
	for end := time.Now().Add(most); !holds(); <-t.C {
		select {
		case <-p.done:
			p.t.Fatalf("waiting for %s: the program ended: %s", what, p.err.String())
		default:
		}
		if time.Now().After(end) {
			p.t.Fatalf("waiting for %s: not within %s: %s", what, most, p.err.String())
		}
	}
}
