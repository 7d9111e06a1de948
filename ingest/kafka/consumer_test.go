package kafka

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"

	"ringside/ingest"
	"ringside/ingest/kafka/kafkatest"
)

func TestConsumer(t *testing.T) {
	eachBroker(t, map[string]func(*testing.T, *testBroker){
		"all once in order":         testAllOnceInOrder,
		"resumes at positions":      testResumesAtPositions,
		"rebalances":                testRebalances,
		"codecs":                    testCodecs,
		"transactions":              testTransactions,
		"message too large":         testMessageTooLarge,
		"headers":                   testHeaders,
		"unequal partitions":        testUnequalPartitions,
		"missing topic":             testMissingTopic,
		"partitions change":         testPartitionsChange,
		"position gone":             testPositionGone,
		"position beyond the end":   testPositionBeyondTheEnd,
		"start at latest":           testStartAtLatest,
		"group of another kind":     testGroupOfAnotherKind,
		"worker's error":            testWorkerError,
		"leaves within a second":    testLeavesWithinASecond,
		"broker away at first":      testBrokerAwayAtFirst,
		"lag and commits":           testLagAndCommits,
		"z broker restarts midway":  testBrokerRestarts,
		"z killed while under load": testKilledUnderLoad,
	})
}

func testAllOnceInOrder(t *testing.T, b *testBroker) {
	topics := newTopics(t, b, nil)
	var want truth
	want.produce(t, b, topics, 5000)
	o := testOptions(t, b, topics)
	o.FetchMaxBytes = 64 << 10 // many fetches
	s := newStore(t)
	c := consume(t, o, s.worker("a"))
	s.await("end", func() bool { return s.total >= want.total })
	want.produce(t, b, topics, 10) // live, behind the end
	s.await("live end", func() bool { return s.total >= want.total })
	c.stop()
	s.matches(&want)
	for at, values := range want.values {
		if len(values) == 0 {
			t.Errorf("%s is empty: the test does not reach it", at)
		}
	}
	if len(want.values) != len(topics)*testPartitions {
		t.Errorf("%d topic partitions with records", len(want.values))
	}
}

func testResumesAtPositions(t *testing.T, b *testBroker) {
	topics := newTopics(t, b, nil)
	var want truth
	want.produce(t, b, topics, 4000)
	o := testOptions(t, b, topics)
	o.FetchMaxBytes = 32 << 10
	s := newStore(t)
	runs := 0
	for s.total < want.total {
		before := s.total
		c := consume(t, o, s.worker("a"))
		s.await("progress", func() bool { return s.total >= min(before+3000, want.total) })
		c.stop()
		runs++
	}
	if runs < 2 {
		t.Error("one run has read everything: nothing was resumed")
	}
	s.matches(&want)
}

func testRebalances(t *testing.T, b *testBroker) {
	topics := newTopics(t, b, nil)
	o := testOptions(t, b, topics)
	var want truth
	s := newStore(t)
	owned := func(member string) (numbers []int32) {
		for n, m := range s.owners {
			if m == member {
				numbers = append(numbers, n)
			}
		}
		slices.Sort(numbers)
		return numbers
	}
	first := consume(t, o, s.worker("first"))
	s.await("assignment", func() bool { return len(owned("first")) == testPartitions })
	want.produce(t, b, topics, 500)

	second := consume(t, o, s.worker("second"))
	s.await("even spread", func() bool { return len(owned("first")) == 2 && len(owned("second")) == 2 })
	want.produce(t, b, topics, 500)

	third := consume(t, o, s.worker("third"))
	s.await("third's share", func() bool { return len(s.owners) == testPartitions && len(owned("third")) == 1 })
	want.produce(t, b, topics, 500)
	stays := slices.Concat(owned("first"), owned("second"))
	kept := map[int32]string{}
	for _, n := range stays {
		kept[n] = s.owners[n]
	}
	third.stop()
	s.await("spread of two", func() bool { return len(owned("first")) == 2 && len(owned("second")) == 2 })
	for n, member := range kept {
		if s.owners[n] != member {
			t.Errorf("partition %d moved from %s to %s though nobody joined", n, member, s.owners[n])
		}
	}

	second.stop()
	s.await("all back", func() bool { return len(owned("first")) == testPartitions })
	want.produce(t, b, topics, 500)
	s.await("end", func() bool { return s.total >= want.total })
	first.stop()
	s.matches(&want)
}

// client is franz-go's, for what kafka-go's writer cannot do.
func client(t *testing.T, b *testBroker, opts ...kgo.Opt) *kgo.Client {
	t.Helper()
	k, err := kgo.NewClient(append([]kgo.Opt{kgo.SeedBrokers(b.addr), kgo.RecordPartitioner(kgo.ManualPartitioner())}, opts...)...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(k.Close)
	return k
}

func testCodecs(t *testing.T, b *testBroker) {
	topics := newTopics(t, b, nil)
	topic := topics[0].Name
	var want []string
	for name, codec := range map[string]kgo.CompressionCodec{
		"none": kgo.NoCompression(), "gzip": kgo.GzipCompression(), "snappy": kgo.SnappyCompression(),
		"lz4": kgo.Lz4Compression(), "zstd": kgo.ZstdCompression(),
	} {
		k := client(t, b, kgo.ProducerBatchCompression(codec), kgo.ProducerLinger(50*time.Millisecond))
		var rs []*kgo.Record
		for i := range 3000 {
			value := fmt.Sprintf("%s %d %s", name, i, strings.Repeat("abc", i%300))
			want = append(want, value)
			rs = append(rs, &kgo.Record{Topic: topic, Partition: 1, Value: []byte(value)})
		}
		if err := k.ProduceSync(t.Context(), rs...).FirstErr(); err != nil {
			t.Fatal(err)
		}
	}
	o := testOptions(t, b, topics)
	o.FetchMaxBytes = 32 << 10 // so that responses inflate beyond a chunk
	s := newStore(t)
	c := consume(t, o, s.worker("a"))
	s.await("end", func() bool { return s.total >= len(want) })
	c.stop()
	if got := s.values[topic+"/1"]; !slices.Equal(got, want) {
		t.Errorf("%d records, want %d, or in another order", len(got), len(want))
	}
}

func testTransactions(t *testing.T, b *testBroker) {
	topics := newTopics(t, b, nil)
	topic := topics[0].Name
	produce := func(k *kgo.Client, value string) {
		t.Helper()
		if err := k.ProduceSync(t.Context(), &kgo.Record{Topic: topic, Partition: 2, Value: []byte(value)}).FirstErr(); err != nil {
			t.Fatal(err)
		}
	}
	plain := client(t, b)
	one := client(t, b, kgo.TransactionalID(topic+"-1"))
	two := client(t, b, kgo.TransactionalID(topic+"-2"))
	end := func(k *kgo.Client, commit kgo.TransactionEndTry) {
		t.Helper()
		if err := k.EndTransaction(t.Context(), commit); err != nil {
			t.Fatal(err)
		}
	}
	begin := func(k *kgo.Client) {
		t.Helper()
		if err := k.BeginTransaction(); err != nil {
			t.Fatal(err)
		}
	}
	// Two transactions that overlap, one of each fate, with others between and behind.
	begin(one)
	produce(one, "committed 1")
	begin(two)
	produce(two, "ABORTED 1")
	produce(plain, "plain 1")
	produce(one, "committed 2")
	produce(two, "ABORTED 2")
	end(two, kgo.TryAbort)
	produce(plain, "plain 2")
	end(one, kgo.TryCommit)
	begin(two)
	produce(two, "committed 3")
	end(two, kgo.TryCommit)
	begin(one)
	produce(one, "ABORTED 3")
	end(one, kgo.TryAbort) // the log ends with a marker
	want := []string{"committed 1", "plain 1", "committed 2", "plain 2", "committed 3"}

	o := testOptions(t, b, topics)
	for _, from := range []int64{0, 1, 4} {
		s := newStore(t)
		s.positions[2] = map[string]int64{topic: from}
		c := consume(t, o, s.worker("a"))
		s.await("records", func() bool { return len(s.values[topic+"/2"]) > 0 })
		var high int64
		s.await("position at the end", func() bool {
			for _, l := range c.Lag() {
				if l.Topic == topic && l.Partition == 2 {
					high = l.HighWatermark
				}
			}
			return high > 0 && s.positions[2][topic] == high
		})
		c.stop()
		skip := map[int64]int{0: 0, 1: 1, 4: 3}[from]
		if got := s.values[topic+"/2"]; !slices.Equal(got, want[skip:]) {
			t.Errorf("from %d: %q, want %q", from, got, want[skip:])
		}
	}
}

func testMessageTooLarge(t *testing.T, b *testBroker) {
	topics := newTopics(t, b, map[string]string{"max.message.bytes": "4000000"})
	org := uuid.New()
	k := client(t, b, kgo.ProducerBatchMaxBytes(3_000_000), kgo.ProducerBatchCompression(kgo.NoCompression()))
	for _, size := range []int{10, 2 << 20, 1 << 20, 20} {
		r := &kgo.Record{Topic: topics[1].Name, Partition: 0, Key: OrganizationKey(org), Value: []byte(strings.Repeat("v", size))}
		if err := k.ProduceSync(t.Context(), r).FirstErr(); err != nil {
			t.Fatal(err)
		}
	}
	o := testOptions(t, b, topics)
	o.FetchMaxBytes = 100_000
	s := newStore(t)
	c := consume(t, o, s.worker("a"))
	s.await("records behind the large one", func() bool { return s.total == 3 })
	c.stop()
	if len(s.rejects) != 1 {
		t.Fatalf("%d rejects", len(s.rejects))
	}
	r := s.rejects[0]
	if r.Reason != ingest.RejectTooLarge || r.OrganizationID != org || r.Position != (ingest.Position{Topic: topics[1].Name, Offset: 1}) || r.Detail != "2097152 bytes; the limit is 1048576" {
		t.Errorf("reject %+v", r)
	}
}

func testHeaders(t *testing.T, b *testBroker) {
	topics := newTopics(t, b, nil)
	p, err := NewProducer(ProducerOptions{Brokers: []string{b.addr}})
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	org := uuid.New()
	at := ingest.FromGo(time.Date(2026, 2, 3, 4, 5, 6, 700, time.UTC))
	before := time.Now().Truncate(time.Millisecond)
	err = p.Produce(t.Context(), []Message{
		{Topic: topics[0].Name, OrganizationID: org, Source: "avaya", ReceivedAt: at, Value: []byte("with")},
		{Topic: topics[0].Name, OrganizationID: org, Value: []byte("without")},
	})
	if err != nil {
		t.Fatal(err)
	}
	got := make(chan ingest.Record, 2)
	c := consume(t, testOptions(t, b, topics), func(ctx context.Context, p *Partition) error {
		if err := p.Start(ctx, nil); err != nil {
			return err
		}
		for {
			b, err := p.Next(ctx)
			if err != nil {
				return err
			}
			for _, r := range b.Records {
				r.Key, r.Value = slices.Clone(r.Key), slices.Clone(r.Value)
				got <- r
			}
			b.Release()
		}
	})
	with, without := <-got, <-got
	c.stop()
	if with.Source != "avaya" || with.ReceivedAt != at || string(with.Key) != org.String() || string(with.Value) != "with" {
		t.Errorf("with headers: %+v", with)
	}
	if r := without.ReceivedAt.Go(); without.Source != ingest.SourceEnreach || r.Before(before) || r.After(time.Now()) {
		t.Errorf("without headers: %+v, received %s", without, r)
	}
}

// fails runs a consumer that must end with an error containing each of the texts.
func fails(t *testing.T, o Options, w Worker, texts ...string) {
	t.Helper()
	c := consume(t, o, w)
	err := c.end()
	if err == nil {
		t.Fatal("Run ended without an error")
	}
	for _, text := range texts {
		if !strings.Contains(err.Error(), text) {
			t.Errorf("the error does not say %q: %v", text, err)
		}
	}
}

func testUnequalPartitions(t *testing.T, b *testBroker) {
	topics := newTopics(t, b, nil)
	other := topics[0].Name + "-other"
	kafkatest.CreateTopics(t, b.addr, 3, nil, other)
	topics = append(topics, Topic{Name: other})
	fails(t, testOptions(t, b, topics), newStore(t).worker("a"), "same number of partitions", other+" has 3", topics[0].Name+" has 4")
}

func testMissingTopic(t *testing.T, b *testBroker) {
	topics := append(newTopics(t, b, nil), Topic{Name: "no-such-topic"})
	o := testOptions(t, b, topics)
	for range 2 { // the first attempt must not have created it
		fails(t, o, newStore(t).worker("a"), "no-such-topic does not exist")
	}
}

func testPartitionsChange(t *testing.T, b *testBroker) {
	topics := newTopics(t, b, nil)
	o := testOptions(t, b, topics)
	o.CheckInterval = 100 * time.Millisecond
	s := newStore(t)
	c := consume(t, o, s.worker("a"))
	s.await("assignment", func() bool { return len(s.owners) == testPartitions })
	if n := c.Partitions(); n != testPartitions {
		t.Errorf("%d partitions", n)
	}
	req := kmsg.NewPtrCreatePartitionsRequest()
	req.TimeoutMillis = 10_000
	for _, topic := range topics {
		rt := kmsg.NewCreatePartitionsRequestTopic()
		rt.Topic, rt.Count = topic.Name, 6
		req.Topics = append(req.Topics, rt)
	}
	res, err := req.RequestWith(t.Context(), client(t, b))
	if err != nil || res.Topics[0].ErrorCode != 0 {
		t.Fatalf("create partitions: %v %+v", err, res)
	}
	// While the broker adds them topic by topic the numbers may also be unequal for a moment.
	if err := c.end(); err == nil || !strings.Contains(err.Error(), "now have 6") && !strings.Contains(err.Error(), "same number") {
		t.Errorf("got %v", err)
	}
}

// deleteRecords lets the log of a partition begin at offset, as retention does.
func deleteRecords(t *testing.T, b *testBroker, topic string, partition int32, offset int64) {
	t.Helper()
	p := kmsg.NewDeleteRecordsRequestTopicPartition()
	p.Partition, p.Offset = partition, offset
	rt := kmsg.NewDeleteRecordsRequestTopic()
	rt.Topic, rt.Partitions = topic, []kmsg.DeleteRecordsRequestTopicPartition{p}
	req := kmsg.NewPtrDeleteRecordsRequest()
	req.TimeoutMillis = 10_000
	req.Topics = append(req.Topics, rt)
	res, err := client(t, b).Request(t.Context(), req)
	if err != nil {
		t.Fatal(err)
	}
	if p := res.(*kmsg.DeleteRecordsResponse).Topics[0].Partitions[0]; p.ErrorCode != 0 || p.LowWatermark != offset {
		t.Fatalf("delete records: %+v", p)
	}
}

// fill writes n records to partition 0 of the first topic.
func fill(t *testing.T, b *testBroker, topic string, n int) {
	t.Helper()
	k := client(t, b)
	for i := range n {
		r := &kgo.Record{Topic: topic, Partition: 0, Value: fmt.Append(nil, i)}
		if err := k.ProduceSync(t.Context(), r).FirstErr(); err != nil {
			t.Fatal(err)
		}
	}
}

func testPositionGone(t *testing.T, b *testBroker) {
	topics := newTopics(t, b, nil)
	topic := topics[0].Name
	fill(t, b, topic, 20)
	deleteRecords(t, b, topic, 0, 12)
	o := testOptions(t, b, topics)

	s := newStore(t)
	s.positions[0] = map[string]int64{topic: 5}
	fails(t, o, s.worker("a"), topic, "position 5 is no longer in the log, which begins at 12", "7 records", "kafka.out_of_range", "earliest", "latest")
	if s.total != 0 {
		t.Errorf("%d records before the error", s.total)
	}

	o.OutOfRange = Earliest
	c := consume(t, o, s.worker("a"))
	s.await("the rest", func() bool { return s.positions[0][topic] == 20 })
	var skipped int64
	for _, l := range c.Lag() {
		skipped += l.Skipped
	}
	c.stop()
	if got := s.values[topic+"/0"]; !slices.Equal(got, []string{"12", "13", "14", "15", "16", "17", "18", "19"}) || skipped != 7 {
		t.Errorf("earliest: %q, %d skipped", got, skipped)
	}

	o.OutOfRange = Latest
	s = newStore(t)
	s.positions[0] = map[string]int64{topic: 5}
	c = consume(t, o, s.worker("a"))
	s.await("assignment", func() bool { return len(s.owners) == testPartitions })
	awaitLag(t, c, topic, 20)
	fill(t, b, topic, 1)
	s.await("the new record", func() bool { return s.total > 0 })
	c.stop()
	if got := s.values[topic+"/0"]; !slices.Equal(got, []string{"0"}) || s.positions[0][topic] != 21 {
		t.Errorf("latest: %q, position %d", got, s.positions[0][topic])
	}
}

// awaitLag waits until partition 0 of the topic is at a position.
func awaitLag(t *testing.T, c *consumption, topic string, position int64) {
	t.Helper()
	for end := time.Now().Add(30 * time.Second); ; time.Sleep(5 * time.Millisecond) {
		for _, l := range c.Lag() {
			if l.Topic == topic && l.Partition == 0 && l.Position == position {
				return
			}
		}
		if time.Now().After(end) {
			t.Fatalf("position %d is not reached: %+v", position, c.Lag())
		}
	}
}

func testPositionBeyondTheEnd(t *testing.T, b *testBroker) {
	topics := newTopics(t, b, nil)
	fill(t, b, topics[0].Name, 3)
	s := newStore(t)
	s.positions[0] = map[string]int64{topics[0].Name: 9}
	fails(t, testOptions(t, b, topics), s.worker("a"), "position 9 is beyond the end of the log, 3", "kafka.out_of_range")
}

func testStartAtLatest(t *testing.T, b *testBroker) {
	topics := newTopics(t, b, nil)
	topic := topics[0].Name
	fill(t, b, topic, 5)
	o := testOptions(t, b, topics)
	o.Start = Latest
	s := newStore(t)
	c := consume(t, o, s.worker("a"))
	s.await("assignment", func() bool { return len(s.owners) == testPartitions })
	awaitLag(t, c, topic, 5)
	fill(t, b, topic, 1)
	s.await("the new record", func() bool { return s.total > 0 })
	c.stop()
	if s.total != 1 || s.positions[0][topic] != 6 {
		t.Errorf("%d records, position %d", s.total, s.positions[0][topic])
	}
}

func testGroupOfAnotherKind(t *testing.T, b *testBroker) {
	topics := newTopics(t, b, nil)
	o := testOptions(t, b, topics)
	joined := make(chan struct{}, 16)
	other := client(t, b, kgo.ConsumerGroup(o.Group), kgo.ConsumeTopics(topics[0].Name), kgo.Balancers(kgo.RangeBalancer()),
		kgo.OnPartitionsAssigned(func(context.Context, *kgo.Client, map[string][]int32) { joined <- struct{}{} }))
	go other.PollFetches(t.Context())
	<-joined
	fails(t, o, newStore(t).worker("a"), "group "+o.Group, "not Ringside's", "kafka.group")
}

func testWorkerError(t *testing.T, b *testBroker) {
	topics := newTopics(t, b, nil)
	broken := errors.New("the store is broken")
	c := consume(t, testOptions(t, b, topics), func(ctx context.Context, p *Partition) error {
		if p.Number() == 2 {
			return broken
		}
		<-ctx.Done()
		return nil
	})
	if err := c.end(); !errors.Is(err, broken) || !strings.Contains(err.Error(), "partition 2") {
		t.Errorf("got %v", err)
	}
}

func testLeavesWithinASecond(t *testing.T, b *testBroker) {
	topics := newTopics(t, b, nil)
	o := testOptions(t, b, topics)
	o.MaxWait = 10 * time.Second // a fetch that waits must not delay the end
	s := newStore(t)
	first := consume(t, o, s.worker("first"))
	s.await("assignment", func() bool { return len(s.owners) == testPartitions })
	if at := first.LastHeartbeat(); time.Since(at) > 5*time.Second {
		t.Errorf("last heartbeat at %v", at)
	}
	began := time.Now()
	first.stop()
	if took := time.Since(began); took > time.Second {
		t.Errorf("leaving took %s", took)
	}
	// Had it not left, the next member would wait for its session to expire.
	began = time.Now()
	second := consume(t, o, s.worker("second"))
	s.await("assignment", func() bool { return len(s.owners) == testPartitions })
	if took := time.Since(began); took > o.withDefaults().SessionTimeout/2 {
		t.Errorf("the next member had to wait for %s", took)
	}
	second.stop()
}

func testBrokerAwayAtFirst(t *testing.T, b *testBroker) {
	topics := newTopics(t, b, nil)
	o := testOptions(t, b, topics)
	o.Brokers = []string{"127.0.0.1:1"} // nobody listens there
	said := make(chan string, 100)
	o.Logf = func(format string, args ...any) { said <- fmt.Sprintf(format, args...) }
	c := consume(t, o, newStore(t).worker("a"))
	if text := <-said; !strings.Contains(text, "no broker can be reached") || !strings.Contains(text, "127.0.0.1:1") {
		t.Errorf("it says %q", text)
	}
	c.stop()

	o.Brokers = append(o.Brokers, b.addr) // one of two is enough
	s := newStore(t)
	c = consume(t, o, s.worker("a"))
	s.await("assignment", func() bool { return len(s.owners) == testPartitions })
	c.stop()
}

func testLagAndCommits(t *testing.T, b *testBroker) {
	topics := newTopics(t, b, nil)
	topic := topics[0].Name
	fill(t, b, topic, 30)
	o := testOptions(t, b, topics)
	committed := make(chan map[string]int64, 8)
	var generations []int32
	for range 2 {
		c := consume(t, o, func(ctx context.Context, p *Partition) error {
			if p.Number() != 0 {
				return nil // idle
			}
			generations = append(generations, p.GenerationID())
			committed <- maps.Clone(p.Committed())
			if err := p.Start(ctx, map[string]int64{topic: 10}); err != nil {
				return err
			}
			if err := p.Start(ctx, nil); err == nil {
				return errors.New("a second Start was taken")
			}
			for _, l := range p.Lag() {
				if l.Topic == topic && l.Position != 10 {
					return fmt.Errorf("position %d", l.Position)
				}
			}
			b, err := p.Next(ctx)
			if err != nil {
				return err
			}
			if err := p.Commit(map[string]int64{topic: b.NextOffset}); err != nil {
				return err
			}
			b.Release()
			committed <- nil
			<-ctx.Done()
			return nil
		})
		first := <-committed
		if len(generations) == 1 && len(first) != 0 || len(generations) == 2 && first[topic] != 30 {
			t.Errorf("generation %d: committed %v", len(generations), first)
		}
		<-committed
		var lag int64 = -1
		for _, l := range c.Lag() {
			if l.Topic == topic && l.Partition == 0 {
				lag = l.Records()
			}
		}
		if lag != 0 {
			t.Errorf("lag %d", lag)
		}
		c.stop()
	}
	if len(generations) != 2 || generations[1] <= generations[0] {
		t.Errorf("generations %v", generations)
	}
}

func testBrokerRestarts(t *testing.T, b *testBroker) {
	topics := newTopics(t, b, nil)
	var want truth
	want.produce(t, b, topics, 4000)
	o := testOptions(t, b, topics)
	o.FetchMaxBytes = 16 << 10
	s := newStore(t)
	s.holdAt = want.total / 4
	c := consume(t, o, s.worker("a"))
	s.await("progress", func() bool { return s.total >= s.holdAt })
	b.bounce(t)
	s.update(func() { s.holdAt = 0 })
	s.await("end", func() bool { return s.total >= want.total })
	want.produce(t, b, topics, 500)
	s.await("end", func() bool { return s.total >= want.total })
	c.stop()
	s.matches(&want)
}

// A member that is gone without leaving: the others get its numbers after the session timeout and begin at the
// positions in the store.
func testKilledUnderLoad(t *testing.T, b *testBroker) {
	topics := newTopics(t, b, nil)
	var want truth
	want.produce(t, b, topics, 1000)
	o := testOptions(t, b, topics)
	o.SessionTimeout = 6 * time.Second
	s := newStore(t)
	dead := joinAndVanish(t, o)
	began := time.Now()
	c := consume(t, o, s.worker("heir"))
	s.await("all numbers", func() bool { return len(s.owners) == testPartitions })
	if took := time.Since(began); took > 15*time.Second {
		t.Errorf("the numbers of %s were taken over after %s", dead, took)
	}
	s.await("end", func() bool { return s.total >= want.total })
	c.stop()
	s.matches(&want)
}

// joinAndVanish leaves a member in the group that sends no more heartbeats.
func joinAndVanish(t *testing.T, o Options) string {
	t.Helper()
	o = o.withDefaults()
	var bal balancer
	data, err := bal.UserData()
	if err != nil {
		t.Fatal(err)
	}
	meta := kmsg.NewConsumerMemberMetadata()
	meta.Topics, meta.UserData = o.topicNames(), data
	slices.Sort(meta.Topics)
	protocol := kmsg.NewJoinGroupRequestProtocol()
	protocol.Name, protocol.Metadata = protocolName, meta.AppendTo(nil)
	req := kmsg.NewPtrJoinGroupRequest()
	req.Group, req.ProtocolType = o.Group, "consumer"
	req.SessionTimeoutMillis = int32(o.SessionTimeout / time.Millisecond)
	req.RebalanceTimeoutMillis = int32(o.RebalanceTimeout / time.Millisecond)
	req.Protocols = append(req.Protocols, protocol)
	k, err := kgo.NewClient(kgo.SeedBrokers(o.Brokers...))
	if err != nil {
		t.Fatal(err)
	}
	defer k.Close()
	for {
		res, err := req.RequestWith(t.Context(), k)
		if err != nil {
			t.Fatal(err)
		}
		const memberIDRequired = 79
		if req.MemberID = res.MemberID; res.ErrorCode == memberIDRequired {
			continue
		}
		if res.ErrorCode != 0 {
			t.Fatalf("join: error %d", res.ErrorCode)
		}
		sync := kmsg.NewPtrSyncGroupRequest()
		sync.Group, sync.Generation, sync.MemberID = o.Group, res.Generation, res.MemberID
		sync.ProtocolType, sync.Protocol = &req.ProtocolType, &protocol.Name
		if res, err := sync.RequestWith(t.Context(), k); err != nil || res.ErrorCode != 0 {
			t.Fatalf("sync: %v %+v", err, res)
		}
		return req.MemberID
	}
}
