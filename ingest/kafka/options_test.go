package kafka

import (
	"strings"
	"testing"
	"time"

	"github.com/segmentio/kafka-go"
)

func TestOptionsAreChecked(t *testing.T) {
	good := Options{Brokers: []string{"b:9092"}, Group: "g", Topics: []Topic{{Name: "t"}}}
	if _, err := NewConsumer(good); err != nil {
		t.Fatal(err)
	}
	for want, change := range map[string]func(*Options){
		"no brokers":         func(o *Options) { o.Brokers = nil },
		`broker "b"`:         func(o *Options) { o.Brokers = []string{"b"} },
		"no consumer group":  func(o *Options) { o.Group = "" },
		"no topics":          func(o *Options) { o.Topics = nil },
		"configured twice":   func(o *Options) { o.Topics = []Topic{{Name: "t"}, {Name: "u"}, {Name: "t"}} },
		"earliest or latest": func(o *Options) { o.Start = Fail },
		"a third":            func(o *Options) { o.HeartbeatInterval = 4 * time.Second },
	} {
		o := good
		change(&o)
		if _, err := NewConsumer(o); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("want %q, got %v", want, err)
		}
	}
}

func TestPolicyNames(t *testing.T) {
	for _, p := range []Policy{Earliest, Latest, Fail} {
		if got, err := ParsePolicy(p.String()); err != nil || got != p {
			t.Errorf("%v came back as %v, %v", p, got, err)
		}
	}
	if _, err := ParsePolicy("newest"); err == nil || !strings.Contains(err.Error(), "newest") {
		t.Errorf("got %v", err)
	}
}

func TestANumberNeedsAllTopics(t *testing.T) {
	c, err := NewConsumer(Options{Brokers: []string{"b:9092"}, Group: "g", Topics: []Topic{{Name: "t"}, {Name: "u"}}})
	if err != nil {
		t.Fatal(err)
	}
	at := func(offsets ...int64) (as []kafka.PartitionAssignment) {
		for n, o := range offsets {
			as = append(as, kafka.PartitionAssignment{ID: n, Offset: o})
		}
		return as
	}
	by, err := c.byNumber(map[string][]kafka.PartitionAssignment{"t": at(10, 11), "u": at(20, 21)})
	if err != nil || len(by) != 2 || by[1][0].Offset != 11 || by[1][1].Offset != 21 {
		t.Errorf("%v, %v", by, err)
	}
	if _, err := c.byNumber(map[string][]kafka.PartitionAssignment{"t": at(10, 11), "u": at(20)}); err == nil || !strings.Contains(err.Error(), "partition 1 is assigned in 1 of 2 topics") {
		t.Errorf("got %v", err)
	}
}
