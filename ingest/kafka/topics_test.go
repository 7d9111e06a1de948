package kafka

import (
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kmsg"

	"ringside/ingest/kafka/kafkatest"
)

// fails runs a consumer that must end with an error containing each of the texts.
func fails(t *testing.T, o Options, w Worker, texts ...string) {
	t.Helper()
	saying(t, consume(t, o, w).end(), texts...)
}

// saying expects an error of Run that says all of the texts.
func saying(t *testing.T, err error, texts ...string) {
	t.Helper()
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
