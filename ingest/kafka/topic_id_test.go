package kafka

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kmsg"
	"github.com/twmb/franz-go/pkg/kversion"

	"ringside/ingest/kafka/kafkatest"
)

// recreate deletes a topic and makes it anew, with n records in partition 0.
func recreate(t *testing.T, b *testBroker, topic string, n int) {
	t.Helper()
	req := kmsg.NewPtrDeleteTopicsRequest()
	req.TimeoutMillis = 10_000
	req.TopicNames = []string{topic}
	rt := kmsg.NewDeleteTopicsRequestTopic()
	rt.Topic = kmsg.StringPtr(topic)
	req.Topics = append(req.Topics, rt)
	res, err := client(t, b).Request(t.Context(), req)
	if err != nil {
		t.Fatal(err)
	}
	if code := res.(*kmsg.DeleteTopicsResponse).Topics[0].ErrorCode; code != 0 {
		t.Fatalf("delete topic %s: error %d", topic, code)
	}
	kafkatest.CreateTopics(t, b.addr, testPartitions, nil, topic)
	fill(t, b, topic, n)
}

// A topic that is made anew, and is by now longer than it was, is not read as if it were the former one: neither by who
// does not fetch when it happens, nor by who is not there.
func testTopicMadeAnew(t *testing.T, b *testBroker) {
	topics := newTopics(t, b, nil)
	topic := topics[0].Name
	o := testOptions(t, b, topics)
	o.CheckInterval = time.Hour // it would find the topic missing, if it looked at the right moment
	s := newStore(t)
	s.holdAt = 3
	fill(t, b, topic, 3)
	c := consume(t, o, s.worker("a"))
	s.await("the beginning", func() bool { return s.total == 3 })
	fill(t, b, topic, 2) // one chunk ahead of the worker, the stream fetches no more
	for end := time.Now().Add(30 * time.Second); c.Buffers() == 0; time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("nothing is fetched ahead")
		}
	}
	recreate(t, b, topic, 20)
	s.update(func() { s.holdAt = 0 })
	say := []string{topic, "partition 0", "is none of this log, which is from 0 to 20", "made anew", "kafka.out_of_range"}
	saying(t, c.end(), say...)
	if s.total > 5 || s.ids[topic] == uuid.Nil {
		t.Fatalf("%d records were read, of the topic %s", s.total, s.ids[topic])
	}
	fails(t, o, s.worker("a"), say...)

	o.OutOfRange = Earliest
	former := s.total
	c = consume(t, o, s.worker("a"))
	s.await("the new topic", func() bool { return s.positions[0][topic] == 20 })
	c.stop()
	var want []string
	for i := range 20 {
		want = append(want, fmt.Sprint(i))
	}
	if got := s.values[topic+"/0"][former:]; !slices.Equal(got, want) {
		t.Errorf("of the new topic %q was read", got)
	}
	o.OutOfRange = Fail // does again, since the position is one of the new topic
	fill(t, b, topic, 1)
	c = consume(t, o, s.worker("a"))
	s.await("one more", func() bool { return s.positions[0][topic] == 21 })
	c.stop()

	recreate(t, b, topic, 30)
	fails(t, o, s.worker("a"), "position 21 is none of this log, which is from 0 to 30", "made anew")
	o.OutOfRange = Latest
	c = consume(t, o, s.worker("a"))
	s.await("the end", func() bool { return s.positions[0][topic] == 30 })
	var skipped int64
	for _, l := range c.Lag() {
		skipped += l.Skipped
	}
	c.stop()
	if skipped != 30 {
		t.Errorf("%d records were skipped, want all 30", skipped)
	}

	o.OutOfRange = Fail
	recreate(t, b, topic, 40)
	s.ids[topic] = uuid.Nil // as a state has it that was saved before ids were
	c = consume(t, o, s.worker("a"))
	s.await("what follows", func() bool { return s.positions[0][topic] == 40 })
	c.stop()
}

// Brokers without ids of topics, or that do not serve by them, are read by name.
func TestBrokersWithoutTopicIDs(t *testing.T) {
	for name, c := range map[string]struct {
		broker  *kversion.Versions
		withIDs bool
	}{"2.1": {kversion.V2_1_0(), false}, "3.0": {kversion.V3_0_0(), true}, "3.1": {kversion.V3_1_0(), true}} {
		t.Run(name, func(t *testing.T) {
			cluster, err := kfake.NewCluster(kfake.NumBrokers(1), kfake.SeedTopics(testPartitions, "queue-events"), kfake.MaxVersions(c.broker))
			if err != nil {
				t.Fatal(err)
			}
			defer cluster.Close()
			b, topics := &testBroker{addr: cluster.ListenAddrs()[0]}, []Topic{{Name: "queue-events"}}
			fill(t, b, topics[0].Name, 3)
			s := newStore(t)
			run := consume(t, testOptions(t, b, topics), s.worker("a"))
			s.await("all", func() bool { return s.total == 3 })
			run.stop()
			if got := s.ids[topics[0].Name] != uuid.Nil; got != c.withIDs {
				t.Errorf("an id was delivered: %t", got)
			}
			fill(t, b, topics[0].Name, 2)
			run = consume(t, testOptions(t, b, topics), s.worker("a"))
			s.await("what follows", func() bool { return s.total == 5 })
			run.stop()
		})
	}
}
