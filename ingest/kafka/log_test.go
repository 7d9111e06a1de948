package kafka

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/twmb/franz-go/pkg/kgo"

	"ringside/ingest"
)

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
