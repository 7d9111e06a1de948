package cli

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/twmb/franz-go/pkg/kgo"

	"ringside/ingest"
	"ringside/internal/sim"
)

// TestKafkaTroubles is what operations do to Kafka, and what `ringside run` makes of it. Kafka that is killed and comes
// back during a day is TestDayThroughApacheKafka's.
func TestKafkaTroubles(t *testing.T) {
	needStore(t)
	s := newSite(t)
	one := s.topics("grown", 1)
	grown := runProcess(t, s.config("grown", ""))
	grown.until("its partition", func() bool { return grown.sum("ringside_partitions_owned") == 1 })
	// It stands still for longer than its session meanwhile: the topics are looked at whenever the group assigns anew.
	grown.signal(syscall.SIGSTOP)
	s.addPartitions(2, one[0])
	for _, c := range []struct {
		name string
		test func(*site)
	}{
		{"away at the start", (*site).awayAtTheStart},
		{"topic made anew", (*site).topicMadeAnew},
		{"removed by retention", (*site).removedByRetention},
		{"partitions added, copied over", (*site).copiedOver},
		{"messages of all kinds", (*site).messagesOfAllKinds},
	} {
		t.Run(c.name, func(t *testing.T) { c.test(s.on(t)) })
	}
	// One topic has got another partition: seen at the start, and by an engine that runs.
	say := []string{"the topics must have the same number of partitions", one[0] + " has 2", one[1] + " has 1", "copy the topics", "docs/OPERATIONS.md"}
	refused(t, "a start with unequal topics", start(t, nil, "run", "--config", s.config("grown", "")), exitFailed, say...)
	grown.signal(syscall.SIGCONT)
	refused(t, "an engine whose topics became unequal", grown.program, exitFailed, say...)
}

func (s *site) awayAtTheStart() {
	t := s.t
	topics := s.topics("away", 1)
	s.settings(topics[0], 0, 10)
	between := newProxy(t, s.kafka.Addr())
	between.cut()
	p := runProcess(t, yamlFile(t, s.yaml("away", "away", between.addr, "")))
	p.until("the outage to be said", func() bool { return strings.Contains(p.err.String(), "no broker can be reached") })
	if code, _ := get(p.http + "/healthz"); code != 200 {
		t.Errorf("/healthz answers %d", code)
	}
	if code, reason := get(p.http + "/readyz/engine"); code != 503 || !strings.Contains(reason, "owns no partition yet") {
		t.Errorf("/readyz/engine answers %d, %s", code, reason)
	}
	p.stop() // it can be ended meanwhile

	p = runProcess(t, yamlFile(t, s.yaml("away", "away", between.addr, "")))
	p.until("the outage to be said", func() bool { return strings.Contains(p.err.String(), "no broker can be reached") })
	between.heal()
	p.caughtUp(1)
	p.stop()
	if got := s.selects("SELECT count() FROM away.events"); got != "10" {
		t.Errorf("%s events are stored, 10 were sent", got)
	}
}

// A topic that is deleted and made anew begins at 0 again, while the saved position is one of the former topic: that it is
// another one tells its id, however long it is by now.
func (s *site) topicMadeAnew() {
	t := s.t
	topics := s.topics("anew", 1)
	s.settings(topics[0], 0, 30)
	p := runProcess(t, s.config("anew", ""))
	p.caughtUp(1)
	p.until("a checkpoint", func() bool { return s.selects("SELECT count() > 0 FROM anew.checkpoint_manifests") == "1" })
	s.recreate(topics)
	s.settings(topics[0], 100, 105)
	say := []string{"topic anew-queue-events, partition 0", "position 30 is none of this log, which is from 0 to ", "made anew", "kafka.out_of_range", "docs/OPERATIONS.md"}
	refused(t, "an engine whose topic is made anew", p.program, exitFailed, say...)
	refused(t, "another start", start(t, nil, "run", "--config", s.config("anew", "")), exitFailed, say...)

	p = runProcess(t, s.config("anew", "out_of_range: earliest"))
	p.caughtUp(1)
	p.stop()
	if !strings.Contains(p.err.String(), "position 30 is none of this log, which is from 0 to 5") || !strings.Contains(p.err.String(), "going on at 0") {
		t.Errorf("it does not say how it goes on: %s", p.err.String())
	}
	p = runProcess(t, s.config("anew", "")) // "fail" does again, as documented
	s.settings(topics[0], 105, 106)
	p.caughtUp(1)
	p.stop()
	if got := s.selects("SELECT count(), uniqExact(event_id), (SELECT sum(received) FROM anew.accounting) FROM anew.events"); got != "36\t36\t36" {
		t.Errorf("events, different ones, and the account: %s; want 36 of each", got)
	}

	// Made anew while Ringside is stopped, and by now longer than it was.
	s.recreate(topics)
	s.settings(topics[0], 200, 210)
	refused(t, "a start with a longer topic", start(t, nil, "run", "--config", s.config("anew", "")), exitFailed, "position 6 is none of this log, which is from 0 to 10")
	p = runProcess(t, s.config("anew", "out_of_range: earliest"))
	p.caughtUp(1)
	p.stop()
	if got := s.selects("SELECT count(), uniqExact(event_id) FROM anew.events"); got != "46\t46" {
		t.Errorf("events, and different ones: %s; want 46 of each", got)
	}
}

func (s *site) removedByRetention() {
	t := s.t
	topics := s.topics("gone", 1)
	s.settings(topics[0], 0, 40)
	p := runProcess(t, s.config("gone", ""))
	p.caughtUp(1)
	p.stop()
	s.settings(topics[0], 40, 70)
	s.deleteBefore(topics[0], 60)
	const gap = "position 40 is no longer in the log, which is from 60 to 70: retention removed 20 records before they were read"
	refused(t, "a start behind the log", start(t, nil, "run", "--config", s.config("gone", "")), exitFailed,
		"topic gone-queue-events, partition 0", gap, "kafka.out_of_range", "docs/OPERATIONS.md")
	p = runProcess(t, s.config("gone", "out_of_range: earliest"))
	p.caughtUp(1)
	if n := p.sum("ringside_consumer_skipped_records"); n != 20 {
		t.Errorf("%d records count as skipped, want 20", n)
	}
	p.stop()
	if !strings.Contains(p.err.String(), gap+"; going on at 60") {
		t.Errorf("the gap is not said: %s", p.err.String())
	}
	if got := s.selects("SELECT count(), (SELECT sum(received) FROM gone.accounting) FROM gone.events"); got != "50\t50" {
		t.Errorf("events and account: %s; want the 50 that there are", got)
	}
}

// The steps of docs/OPERATIONS.md, "Changing the number of partitions", in the middle of a day.
func (s *site) copiedOver() {
	t := s.t
	d := simulateDay(dayOptions{seed: 91, organizations: 6, scale: .08})
	old := s.topics("old", 2)
	var now ingest.Time
	send := func(name string, events []sim.Event) {
		day := newProducing(t, s.kafka.Addr()) // one that knows the topics as they are by now
		day.now = now
		renamed := slices.Clone(events)
		for i := range renamed {
			renamed[i].Topic = name + "-" + renamed[i].Topic
		}
		day.send(renamed)
		now = day.now
	}
	third := d.settling / 3
	send("old", d.delivered[:third])
	running := runProcess(t, s.config("old", ""))
	running.caughtUp(2)
	s.addPartitions(3, old...)
	// Another process makes the group assign anew, and the engine look at the topics without waiting for the minute.
	another := runProcess(t, s.config("old", ""))
	refused(t, "an engine whose topics have grown", running.program, exitFailed,
		"the topics had 2 partitions and now have 3", "copy the topics into new ones", "docs/OPERATIONS.md")
	another.kill()

	send("old", d.delivered[third:2*third]) // organizations have moved
	s.topics("new", 3)
	s.copy(old, "new")
	send("new", d.delivered[2*third:])
	p := runProcess(t, d.configFile(t, s.dir, s.yaml("new", "ringside", s.kafka.Addr(), "")))
	p.caughtUp(3)
	p.stop()
	d.compare(t, dataDir(t, s.dir))
	if got, want := s.selects("SELECT sum(received), sum(rejected) FROM accounting"), strconv.Itoa(len(d.delivered))+"\t0"; got != want {
		t.Errorf("received and rejected: %s, want %s", got, want)
	}
	if got := s.selects("SELECT max(kafka_partition) FROM organizations"); got != "2" {
		t.Errorf("no organization is in the added partition, the last one is in %s", got)
	}
}

// copy copies topics into those of another name, as Kafka's own clients choose the partitions.
func (s *site) copy(from []string, name string) {
	s.t.Helper()
	records := s.all(from)
	slices.SortStableFunc(records, func(a, b *kgo.Record) int { return a.Timestamp.Compare(b.Timestamp) })
	client, err := kgo.NewClient(kgo.SeedBrokers(s.kafka.Addr()), kgo.RecordPartitioner(kgo.StickyKeyPartitioner(nil)))
	if err != nil {
		s.t.Fatal(err)
	}
	defer client.Close()
	copied := make([]*kgo.Record, len(records))
	for i, r := range records {
		_, topic, _ := strings.Cut(r.Topic, "-")
		copied[i] = &kgo.Record{Topic: name + "-" + topic, Key: r.Key, Value: r.Value, Headers: r.Headers, Timestamp: r.Timestamp}
	}
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	if err := client.ProduceSync(ctx, copied...).FirstErr(); err != nil {
		s.t.Fatal(err)
	}
}

// Every codec, committed and aborted transactions, and messages beyond the limits, from real producers.
func (s *site) messagesOfAllKinds() {
	t := s.t
	topic := s.topics("kinds", 1)[0]
	var want, aborted int
	var tooLarge []string
	for i, codec := range []kgo.CompressionCodec{kgo.NoCompression(), kgo.GzipCompression(), kgo.SnappyCompression(), kgo.Lz4Compression(), kgo.ZstdCompression()} {
		plain := s.producer(codec)
		records := s.records(topic, 10_000*i, 200)
		large := settingRecord(topic, 10_000*i+1000, padding(2<<20)) // than kafka.max_message_bytes
		records = append(records, large, settingRecord(topic, 10_000*i+1001, padding(700<<10)) /* than a fetch */)
		s.send(plain, records)
		want += len(records) - 1
		tooLarge = append(tooLarge, fmt.Sprintf("%s\t0\t%d\ttoo_large", topic, large.Offset))

		transactional := s.producer(codec, kgo.TransactionalID(fmt.Sprintf("kinds-%d", i)))
		for j, fate := range []kgo.TransactionEndTry{kgo.TryAbort, kgo.TryCommit, kgo.TryAbort} { // the log ends with the marker of an abort
			records := s.records(topic, 10_000*i+2000*(j+1), 200)
			s.transaction(transactional, fate, records)
			if fate == kgo.TryCommit {
				want += len(records)
			} else {
				aborted += len(records)
			}
		}
	}
	p := runProcess(t, s.config("kinds", ""))
	p.caughtUp(1)
	counted, end := p.sum("ringside_events_total"), s.end(topic)
	if in := int64(want + aborted + len(tooLarge)); end <= in {
		t.Errorf("the topic ends at %d with %d records: no markers are in it", end, in)
	}
	if counted != int64(want+len(tooLarge)) {
		t.Errorf("%d events are counted, want %d", counted, want+len(tooLarge))
	}
	s.send(s.producer(kgo.NoCompression()), s.records(topic, 90_000, 1)) // the position is behind the last marker
	p.until("a record behind the markers", func() bool { return p.sum("ringside_events_total") == counted+1 })
	p.stop()
	for sql, want := range map[string]string{
		"SELECT count(), uniqExact(event_id) FROM kinds.events":                                                  fmt.Sprintf("%d\t%[1]d", want+1),
		"SELECT received, accepted, rejected FROM kinds.accounting":                                              fmt.Sprintf("%d\t%d\t%d", want+1+len(tooLarge), want+1, len(tooLarge)),
		"SELECT topic, kafka_partition, kafka_offset, reason FROM kinds.rejects ORDER BY kafka_offset":           strings.Join(tooLarge, "\n"),
		"SELECT count() FROM kinds.events WHERE position(body, 'Padding') > 0 AND length(body) > 700 * 1024":     "5",
		"SELECT count() FROM kinds.events WHERE toUInt64(right(toString(event_id), 12)) % 10000 IN (2000, 6000)": "0",
	} {
		if got := s.selects(sql); got != want {
			t.Errorf("%s: %s, want %s", sql, got, want)
		}
	}
}

func padding(n int) string { return `,"Padding":"` + strings.Repeat("p", n) + `"` }

func (s *site) producer(codec kgo.CompressionCodec, more ...kgo.Opt) *kgo.Client {
	s.t.Helper()
	client, err := kgo.NewClient(append(more, kgo.SeedBrokers(s.kafka.Addr()), kgo.RecordPartitioner(kgo.ManualPartitioner()),
		kgo.ProducerBatchCompression(codec), kgo.ProducerBatchMaxBytes(7_000_000))...)
	if err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(client.Close)
	return client
}

func (s *site) records(topic string, from, n int) (rs []*kgo.Record) {
	for i := range n {
		rs = append(rs, settingRecord(topic, from+i, ""))
	}
	return rs
}

func (s *site) send(client *kgo.Client, rs []*kgo.Record) {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	if err := client.ProduceSync(ctx, rs...).FirstErr(); err != nil {
		s.t.Fatal(err)
	}
}

func (s *site) transaction(client *kgo.Client, fate kgo.TransactionEndTry, rs []*kgo.Record) {
	s.t.Helper()
	if err := client.BeginTransaction(); err != nil {
		s.t.Fatal(err)
	}
	s.send(client, rs)
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	if err := client.EndTransaction(ctx, fate); err != nil {
		s.t.Fatal(err)
	}
}
