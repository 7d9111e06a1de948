package kafka

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"

	"ringside/ingest"
	"ringside/ingest/broker"
	"ringside/ingest/kafka/kafkatest"
)

const testPartitions = 4

// testBroker is the embedded broker or a real Kafka.
type testBroker struct {
	addr   string
	bounce func(t *testing.T) // ends it as hard as it can and starts it again on the same data
}

// startEmbedded also serves as the check that Close and Start on the same folder and port keep everything.
func startEmbedded(t *testing.T) *testBroker {
	t.Helper()
	o := broker.Options{DataDir: t.TempDir(), Partitions: testPartitions, Logf: t.Logf}
	b, err := broker.Start(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := fmt.Sscanf(b.Addr(), "127.0.0.1:%d", &o.Port); err != nil {
		t.Fatalf("address %s: %v", b.Addr(), err)
	}
	t.Cleanup(func() { b.Close() })
	return &testBroker{addr: b.Addr(), bounce: func(t *testing.T) {
		t.Helper()
		b.Close()
		if b, err = broker.Start(context.Background(), o); err != nil {
			t.Fatal(err)
		}
	}}
}

func startApache(t *testing.T) *testBroker {
	t.Helper()
	c := kafkatest.Start(t)
	return &testBroker{addr: c.Addr(), bounce: func(*testing.T) { c.Kill(); c.Restart() }}
}

// eachBroker runs a test against the embedded broker and against Apache Kafka.
func eachBroker(t *testing.T, tests map[string]func(t *testing.T, b *testBroker)) {
	for _, kind := range []struct {
		name  string
		start func(t *testing.T) *testBroker
	}{{"embedded", startEmbedded}, {"apache", startApache}} {
		t.Run(kind.name, func(t *testing.T) {
			b := kind.start(t)
			names := make([]string, 0, len(tests))
			for name := range tests {
				names = append(names, name)
			}
			slices.Sort(names)
			for _, name := range names {
				t.Run(name, func(t *testing.T) { tests[name](t, b) })
			}
		})
	}
}

var topicSerial atomic.Int64

// newTopics creates three topics of this test's own.
func newTopics(t *testing.T, b *testBroker, config map[string]string) []Topic {
	t.Helper()
	n := topicSerial.Add(1)
	var topics []Topic
	var names []string
	for _, name := range threeTopics {
		name = fmt.Sprintf("%s-%d", name, n)
		names = append(names, name)
		topics = append(topics, Topic{Name: name, Source: ingest.SourceEnreach})
	}
	kafkatest.CreateTopics(t, b.addr, testPartitions, config, names...)
	return topics
}

func testOptions(t *testing.T, b *testBroker, topics []Topic) Options {
	return Options{
		Brokers: []string{b.addr}, Group: topics[0].Name, Topics: topics,
		HeartbeatInterval: 200 * time.Millisecond, MaxWait: 100 * time.Millisecond, Logf: t.Logf,
	}
}

// truth is what was produced: the values of each topic and partition in order.
type truth struct {
	mu     sync.Mutex
	values map[string][]string // topic/partition →
	total  int
}

// produce writes n messages of many organizations to each topic and adds them to the truth, in which each value stands
// where PartitionFor says.
func (w *truth) produce(t *testing.T, b *testBroker, topics []Topic, n int) {
	t.Helper()
	p, err := NewProducer(ProducerOptions{Brokers: []string{b.addr}})
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.values == nil {
		w.values = map[string][]string{}
	}
	orgs := make([]uuid.UUID, 50)
	for i := range orgs {
		orgs[i] = uuid.New()
	}
	for _, topic := range topics {
		ms := make([]Message, n)
		for i := range ms {
			org := orgs[i%len(orgs)]
			value := fmt.Sprintf("%s %d %s %s", topic.Name, w.total, org, strings.Repeat("x", i%700))
			ms[i] = Message{Topic: topic.Name, OrganizationID: org, Value: []byte(value)}
			at := fmt.Sprintf("%s/%d", topic.Name, PartitionFor(org, testPartitions))
			w.values[at] = append(w.values[at], value)
			w.total++
		}
		if err := p.Produce(t.Context(), ms); err != nil {
			t.Fatal(err)
		}
	}
}

// store keeps what workers have read, with the positions, as the engine's store does: both or neither. It also checks
// that a partition number has one owner.
type store struct {
	t *testing.T

	mu        sync.Mutex
	positions map[int32]map[string]int64
	ids       map[string]uuid.UUID // of the topics that positions are of
	values    map[string][]string
	rejects   []ingest.Reject
	total     int
	owners    map[int32]string
	changed   chan struct{}
	holdAt    int // workers wait while there are as many records; 0 lets them run
}

func newStore(t *testing.T) *store {
	return &store{t: t, positions: map[int32]map[string]int64{}, ids: map[string]uuid.UUID{}, values: map[string][]string{}, owners: map[int32]string{}, changed: make(chan struct{})}
}

func (s *store) update(f func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f()
	close(s.changed)
	s.changed = make(chan struct{})
}

// worker reads a partition into the store on behalf of a member.
func (s *store) worker(member string) Worker {
	return func(ctx context.Context, p *Partition) error {
		s.update(func() {
			if owner, ok := s.owners[p.Number()]; ok {
				s.t.Errorf("partition %d is given to %s while %s owns it", p.Number(), member, owner)
			}
			s.owners[p.Number()] = member
		})
		defer s.update(func() { delete(s.owners, p.Number()) })
		s.mu.Lock()
		start := map[string]Place{}
		for topic, offset := range s.positions[p.Number()] {
			start[topic] = Place{Offset: offset, TopicID: s.ids[topic]}
		}
		s.mu.Unlock()
		if err := p.Start(ctx, start); err != nil {
			return err
		}
		for {
			b, err := p.Next(ctx)
			if err != nil {
				return err
			}
			s.update(func() { s.take(b) })
			b.Release()
			s.hold(ctx)
		}
	}
}

// hold keeps a worker from going on.
func (s *store) hold(ctx context.Context) {
	for {
		s.mu.Lock()
		held, changed := s.holdAt > 0 && s.total >= s.holdAt, s.changed
		s.mu.Unlock()
		if !held {
			return
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return
		}
	}
}

func (s *store) take(b *ingest.Batch) {
	positions := s.positions[b.Partition]
	if positions == nil {
		positions = map[string]int64{}
		s.positions[b.Partition] = positions
	}
	last := int64(-1)
	if at, ok := positions[b.Topic]; ok {
		last = at - 1
	}
	at := fmt.Sprintf("%s/%d", b.Topic, b.Partition)
	for _, r := range b.Records {
		if r.Offset <= last || r.Offset >= b.NextOffset {
			s.t.Errorf("%s: offset %d after %d in a batch up to %d", at, r.Offset, last, b.NextOffset)
		}
		last = r.Offset
		s.values[at] = append(s.values[at], string(r.Value))
		s.total++
	}
	for _, r := range b.Rejects {
		r.Body = slices.Clone(r.Body)
		s.rejects = append(s.rejects, r)
	}
	positions[b.Topic] = b.NextOffset
	s.ids[b.Topic] = b.TopicID
}

// await waits until done, which is called under the lock, reports true.
func (s *store) await(what string, done func() bool) {
	s.t.Helper()
	timeout := time.After(60 * time.Second)
	for {
		s.mu.Lock()
		ok, changed := done(), s.changed
		s.mu.Unlock()
		if ok {
			return
		}
		select {
		case <-changed:
		case <-timeout:
			s.mu.Lock()
			defer s.mu.Unlock()
			s.t.Fatalf("no %s: %d records, owners %v, positions %v", what, s.total, s.owners, s.positions)
		}
	}
}

// matches compares what was read with what was produced: each record once, in order, in its partition.
func (s *store) matches(want *truth) {
	s.t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.total != want.total {
		s.t.Errorf("%d records, want %d", s.total, want.total)
	}
	for at, values := range want.values {
		if !slices.Equal(s.values[at], values) {
			s.t.Errorf("%s: %d records, want %d, or in another order", at, len(s.values[at]), len(values))
		}
	}
}

// consumption is a running consumer.
type consumption struct {
	*Consumer
	t      *testing.T
	cancel context.CancelFunc
	result chan error
}

func consume(t *testing.T, o Options, w Worker) *consumption {
	t.Helper()
	c, err := NewConsumer(o)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	run := &consumption{Consumer: c, t: t, cancel: cancel, result: make(chan error, 1)}
	go func() { run.result <- c.Run(ctx, w) }()
	t.Cleanup(cancel)
	return run
}

// stop ends the consumer as SIGTERM does.
func (c *consumption) stop() {
	c.t.Helper()
	c.cancel()
	if err := c.end(); err != nil {
		c.t.Errorf("Run: %v", err)
	}
	if n := c.Buffers(); n != 0 {
		c.t.Errorf("%d buffers were not given back", n)
	}
}

func (c *consumption) end() error {
	c.t.Helper()
	select {
	case err := <-c.result:
		return err
	case <-time.After(60 * time.Second):
		c.t.Fatal("Run does not end")
		return nil
	}
}
