package kafka

import (
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"slices"
	"time"

	"github.com/segmentio/kafka-go/sasl"
)

// Topic is a topic to consume.
type Topic struct {
	Name   string
	Source string // the vendor of records without a `source` header, e.g. ingest.SourceEnreach
}

// Policy says where to begin in a partition that has no usable position.
type Policy uint8

// The policies. Start takes the first two.
const (
	Earliest Policy = iota + 1 // the oldest record still kept
	Latest                     // the next record to come
	Fail                       // stop with an error
)

var policyNames = map[Policy]string{Earliest: "earliest", Latest: "latest", Fail: "fail"}

// String returns the policy's name in the configuration.
func (p Policy) String() string { return policyNames[p] }

// ParsePolicy is the inverse of String.
func ParsePolicy(s string) (Policy, error) {
	for p, name := range policyNames {
		if s == name {
			return p, nil
		}
	}
	return 0, fmt.Errorf("%q is none of earliest, latest and fail", s)
}

// Options configure a Consumer. Zero values take the defaults named.
type Options struct {
	Brokers  []string // host:port, to find the others by
	Group    string
	Topics   []Topic
	ClientID string // "ringside"

	TLS  *tls.Config
	SASL sasl.Mechanism // kafka-go's sasl/plain, sasl/scram, …

	Start      Policy // where there is no position yet; Earliest
	OutOfRange Policy // where the position is no longer, or not yet, in the log; Fail

	SessionTimeout    time.Duration // 10 s
	HeartbeatInterval time.Duration // 1 s
	RebalanceTimeout  time.Duration // how long a worker may take to hand over; 30 s

	FetchMaxBytes   int           // of one fetch; 1 MiB. Up to three are held per topic and partition
	MaxWait         time.Duration // for data to arrive; 500 ms
	Linger          time.Duration // between a response that reaches the end and the next fetch, for records to gather; 10 ms
	MaxMessageBytes int           // longer messages become rejects; 1 MiB
	MaxBatchBytes   int           // of one of Kafka's record batches, also decompressed; 64 MiB
	Pace            time.Duration // how far apart in record time the topics of a partition may be while behind; 15 min
	CheckInterval   time.Duration // of the topics' numbers of partitions; 1 min

	Logf func(format string, args ...any) // nil drops the messages
}

func (o Options) withDefaults() Options {
	setDefault(&o.ClientID, "ringside")
	setDefault(&o.Start, Earliest)
	setDefault(&o.OutOfRange, Fail)
	setDefault(&o.SessionTimeout, 10*time.Second)
	setDefault(&o.HeartbeatInterval, time.Second)
	setDefault(&o.RebalanceTimeout, 30*time.Second)
	setDefault(&o.FetchMaxBytes, 1<<20)
	setDefault(&o.MaxWait, 500*time.Millisecond)
	setDefault(&o.Linger, 10*time.Millisecond)
	setDefault(&o.MaxMessageBytes, 1<<20)
	setDefault(&o.MaxBatchBytes, 64<<20)
	setDefault(&o.Pace, 15*time.Minute)
	setDefault(&o.CheckInterval, time.Minute)
	if o.Logf == nil {
		o.Logf = func(string, ...any) {}
	}
	return o
}

func setDefault[T comparable](v *T, value T) {
	var zero T
	if *v == zero {
		*v = value
	}
}

func (o *Options) validate() error {
	switch {
	case len(o.Brokers) == 0:
		return errors.New("kafka: no brokers are configured")
	case o.Group == "":
		return errors.New("kafka: no consumer group is configured")
	case len(o.Topics) == 0:
		return errors.New("kafka: no topics are configured")
	case o.Start == Fail:
		return errors.New("kafka: start must be earliest or latest")
	case o.HeartbeatInterval > o.SessionTimeout/3:
		return fmt.Errorf("kafka: the heartbeat interval, %s, must be at most a third of the session timeout, %s", o.HeartbeatInterval, o.SessionTimeout)
	}
	for _, b := range o.Brokers {
		if _, _, err := net.SplitHostPort(b); err != nil {
			return fmt.Errorf("kafka: broker %q: want host:port", b)
		}
	}
	names := o.topicNames()
	slices.Sort(names)
	if len(slices.Compact(names)) != len(o.Topics) {
		return errors.New("kafka: a topic is configured twice")
	}
	return nil
}

func (o *Options) topicNames() []string {
	names := make([]string, len(o.Topics))
	for i, t := range o.Topics {
		names[i] = t.Name
	}
	return names
}
