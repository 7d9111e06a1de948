package cli

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"ringside/ingest"
	"ringside/ingest/broker"
	"ringside/ingest/kafka"
	"ringside/ingest/kafka/kafkatest"
	"ringside/internal/sim"
)

var dayTopics = []string{sim.TopicQueue, sim.TopicUser, sim.TopicCallback}

// ownBroker is an embedded broker in the test's process: it outlives the engines of the test.
func ownBroker(t *testing.T, partitions int) (address string) {
	t.Helper()
	b, err := broker.Start(context.Background(), broker.Options{Topics: dayTopics, Partitions: partitions})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(b.Close)
	return b.Addr()
}

// outside is the configuration of a run whose broker is not its own, with short intervals, so that a day of a few
// seconds meets many checkpoints and flushes.
func outside(broker string) string {
	return fmt.Sprintf(`
kafka: {brokers: [%q], session_timeout: 6s, fetch: {max_bytes: 64KiB}}
http: {listen: "127.0.0.1:0"}
store: {checkpoint: {interval: 1s}, flush: {now: 100ms, figures: 200ms, history: 300ms}}
`, broker)
}

// producing sends a day's events in the order of delivery.
type producing struct {
	t        *testing.T
	producer *kafka.Producer
	now      ingest.Time // the greatest time sent: when the event at hand is received
	sent     int
	batch    int // messages of one

	// readers are processes that read meanwhile. A quarter of an hour is sent at a time, and read: a day that is sent in seconds would
	// outrun what they can know of the other topics' ends, by which they keep the topics in step, and some would rightly be late.
	readers []*engineProcess
	waited  ingest.Time // what has been sent up to here was read
}

func newProducing(t *testing.T, broker string) *producing {
	t.Helper()
	p, err := kafka.NewProducer(kafka.ProducerOptions{Brokers: []string{broker}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = p.Close() })
	return &producing{t: t, producer: p, batch: 2000}
}

func (p *producing) send(events []sim.Event) {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	for len(events) > 0 {
		// What a batch brings to one topic may be read before what it brings to another.
		n, first := 0, max(p.now, events[0].At)
		batch := make([]kafka.Message, 0, p.batch)
		for ; n < len(events) && len(batch) < cap(batch) && events[n].At < first.Add(5*time.Minute); n++ {
			e := &events[n]
			p.now = max(p.now, e.At)
			batch = append(batch, kafka.Message{Topic: e.Topic, OrganizationID: e.Org, Source: ingest.SourceEnreach, ReceivedAt: p.now, Value: e.JSON})
		}
		if err := p.producer.Produce(ctx, batch); err != nil {
			p.t.Fatal(err)
		}
		p.sent += n
		events = events[n:]
		if len(p.readers) > 0 && p.now > p.waited.Add(15*time.Minute) {
			p.waited = p.now
			p.readers[0].until("what was sent to be read", p.read)
		}
	}
}

// read tells whether the readers stand behind all that was sent. Their lag would not do: what they know of a topic's end is old
// where the machine is busy.
func (p *producing) read() bool {
	var positions int64
	for _, r := range p.readers {
		positions += r.sum("ringside_consumer_position")
	}
	return positions >= int64(p.sent)
}

// engineProcess is a `ringside run`.
type engineProcess struct {
	*program
	http string
}

var servedAt = regexp.MustCompile(`msg="ringside is running" http=(\S+)`)

func runProcess(t *testing.T, config string) *engineProcess {
	t.Helper()
	p := &engineProcess{program: start(t, nil, "run", "--config", config)}
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("an engine: %s", p.err.String())
		}
	})
	p.until("the engine to serve", func() bool {
		m := servedAt.FindStringSubmatch(p.err.String())
		if m != nil {
			p.http = "http://" + m[1]
		}
		return m != nil
	})
	return p
}

// samples are the values of a metric.
func (p *engineProcess) samples(metric string) (all []int64) {
	_, text := get(p.http + "/metrics")
	for line := range strings.SplitSeq(text, "\n") {
		name, value, ok := strings.Cut(line, " ")
		if base, _, _ := strings.Cut(name, "{"); !ok || base != metric {
			continue
		}
		n, err := strconv.ParseFloat(value, 64)
		if err != nil {
			p.t.Fatalf("metric %q: %v", line, err)
		}
		all = append(all, int64(n))
	}
	return all
}

// sum adds up the samples of a metric, -1 if there is none.
func (p *engineProcess) sum(metric string) (total int64) {
	all := p.samples(metric)
	if len(all) == 0 {
		return -1
	}
	for _, n := range all {
		total += n
	}
	return total
}

// caughtUp waits until the process owns its partitions and has read everything in them.
func (p *engineProcess) caughtUp(partitions int) {
	p.t.Helper()
	calm := 0
	p.until("the end of the topics", func() bool {
		ready, _ := get(p.http + "/readyz/engine")
		if ready == 200 && p.sum("ringside_partitions_owned") == int64(partitions) && p.sum("ringside_consumer_lag") == 0 {
			calm++
		} else {
			calm = 0
		}
		return calm > 10
	})
}

func (p *engineProcess) stop() {
	p.t.Helper()
	p.signal(syscall.SIGTERM)
	if code := p.end(15 * time.Second); code != exitDone {
		p.t.Fatalf("after SIGTERM the engine ends with %d: %s", code, p.err.String())
	}
}

func (p *engineProcess) kill() {
	p.t.Helper()
	p.signal(syscall.SIGKILL)
	p.end(15 * time.Second)
}

// swept waits until the process has removed from each of its partitions, so many times, what a former owner has left.
func (p *engineProcess) swept(partitions, times int) {
	p.t.Helper()
	p.until("the sweeps", func() bool {
		sweeps := p.samples("ringside_partition_sweeps")
		return len(sweeps) == partitions && slices.Min(sweeps) >= int64(times)
	})
}

// TestDayThroughKafkaIsTheTruth stops an engine in order twice in the middle of a day.
func TestDayThroughKafkaIsTheTruth(t *testing.T) {
	needStore(t)
	for _, shuffled := range []bool{false, true} {
		t.Run(fmt.Sprintf("shuffled %v", shuffled), func(t *testing.T) {
			const partitions = 4
			d := simulateDay(dayOptions{seed: 51, organizations: 3, scale: .35, shuffled: shuffled})
			dir, address := t.TempDir(), ownBroker(t, partitions)
			config := d.configFile(t, dir, outside(address))
			day := newProducing(t, address)
			third := d.settling / 3
			for i := range 2 {
				day.send(d.delivered[i*third : (i+1)*third])
				p := runProcess(t, config)
				p.until("events", func() bool { return p.sum("ringside_events_total") > int64(third/4) })
				p.stop()
			}
			day.send(d.delivered[2*third:])
			p := runProcess(t, config)
			p.caughtUp(partitions)
			p.stop()
			keepOpen(t, dir)
			q := dataDir(t, dir)
			d.compare(t, q)
			if got, want := q("SELECT sum(received) FROM accounting"), strconv.Itoa(day.sent); got != want {
				t.Errorf("the accounts have %s events, %s were sent", got, want)
			}
			if found := numbersIn(t, q, customers(t, d.delivered)); len(found) > 0 {
				t.Errorf("numbers of customers in %v", found)
			}
		})
	}
}

// TestDayThroughApacheKafkaIsTheTruth: the engine is stopped once and killed once, and the broker dies in between.
func TestDayThroughApacheKafkaIsTheTruth(t *testing.T) {
	needStore(t)
	const partitions = 3
	cluster := kafkatest.Start(t)
	kafkatest.CreateTopics(t, cluster.Addr(), partitions, map[string]string{"retention.ms": "-1"}, dayTopics...)
	d := simulateDay(dayOptions{seed: 53, organizations: 3, scale: .3, shuffled: true})
	dir := t.TempDir()
	config := d.configFile(t, dir, outside(cluster.Addr()))
	day := newProducing(t, cluster.Addr())
	third := d.settling / 3
	day.send(d.delivered[:third])
	p := runProcess(t, config)
	p.until("events", func() bool { return p.sum("ringside_events_total") > int64(third/4) })
	p.stop()

	day.send(d.delivered[third : 2*third])
	p = runProcess(t, config)
	p.until("rows of the day", func() bool { return p.sum("ringside_store_rows_total") > int64(third/4) })
	p.kill()

	day.send(d.delivered[2*third:])
	p = runProcess(t, config)
	p.until("more events", func() bool { return p.sum("ringside_events_total") > 0 })
	cluster.Kill()
	p.until("the outage to show", func() bool { code, _ := get(p.http + "/readyz/engine"); return code == 503 })
	cluster.Restart()
	p.caughtUp(partitions)
	p.swept(partitions, 1)
	p.stop()
	keepOpen(t, dir)
	q := dataDir(t, dir)
	d.compare(t, q)
	if got, want := q("SELECT sum(received) FROM accounting"), strconv.Itoa(day.sent); got != want {
		t.Errorf("the accounts have %s events, %s were sent", got, want)
	}
}

// TestDayThroughKafkaSurvivesKills kills the engine, and with it its ClickHouse, three times in the middle of a day.
func TestDayThroughKafkaSurvivesKills(t *testing.T) {
	needStore(t)
	for _, shuffled := range []bool{false, true} {
		t.Run(fmt.Sprintf("shuffled %v", shuffled), func(t *testing.T) {
			const partitions = 2
			d := simulateDay(dayOptions{seed: 52, organizations: 2, scale: .5, shuffled: shuffled})
			dir, address := t.TempDir(), ownBroker(t, partitions)
			config := d.configFile(t, dir, outside(address))
			day := newProducing(t, address)
			quarter := d.settling / 4
			for i := range 3 {
				day.send(d.delivered[i*quarter : (i+1)*quarter])
				p := runProcess(t, config)
				most := int64(quarter/8 + i*quarter/3)
				p.until("rows of the day", func() bool {
					return p.sum("ringside_events_total") > most && p.sum("ringside_store_rows_total") > most
				})
				p.kill()
			}
			day.send(d.delivered[3*quarter:])
			p := runProcess(t, config)
			p.caughtUp(partitions)
			p.swept(partitions, 1)
			p.stop()
			keepOpen(t, dir)
			q := dataDir(t, dir)
			d.compare(t, q)
			if got, want := q("SELECT sum(received) FROM accounting"), strconv.Itoa(day.sent); got != want {
				t.Errorf("the accounts have %s events, %s were sent", got, want)
			}
		})
	}
}
