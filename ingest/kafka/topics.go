package kafka

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strconv"
	"strings"

	"github.com/segmentio/kafka-go"
)

// metadata is what brokers say of topics. kafka-go's own request would create topics that are missing, where the
// broker allows it, with whatever number of partitions is its default.
type metadata struct {
	brokers map[int32]string // host:port
	topics  map[string]topicMetadata
}

type topicMetadata struct {
	err     error
	leaders map[int32]int32 // partition → broker; -1 while there is none
}

func (c *conn) metadata(ctx context.Context, topics []string) (*metadata, error) {
	r := c.begin(apiMetadata, metadataVersion)
	r.int32(int32(len(topics)))
	for _, t := range topics {
		r.string(t)
	}
	r.int8(0) // do not create topics
	b, err := c.send(ctx, 0, allocate(16<<20))
	if err != nil {
		return nil, fmt.Errorf("metadata: %w", err)
	}
	m := &metadata{brokers: map[int32]string{}, topics: map[string]topicMetadata{}}
	cur := cursor{b: b}
	cur.int32() // throttle
	for n := cur.count(12); n > 0; n-- {
		id, host, port := cur.int32(), cur.string(), cur.int32()
		_ = cur.string() // rack
		m.brokers[id] = net.JoinHostPort(host, strconv.Itoa(int(port)))
	}
	_ = cur.string() // cluster
	cur.int32()      // controller
	for n := cur.count(9); n > 0; n-- {
		t := topicMetadata{leaders: map[int32]int32{}}
		if code := cur.int16(); code != 0 {
			t.err = kafka.Error(code)
		}
		name := cur.string()
		cur.bool() // internal
		for p := cur.count(22); p > 0; p-- {
			cur.int16() // error: no leader, which leader shows too
			id, leader := cur.int32(), cur.int32()
			cur.skipInt32s() // replicas
			cur.skipInt32s() // in sync
			cur.skipInt32s() // offline
			t.leaders[id] = leader
		}
		m.topics[name] = t
	}
	if cur.err != nil {
		return nil, fmt.Errorf("metadata: %w", cur.err)
	}
	return m, nil
}

// leader returns the address of a partition's leader.
func (o *Options) leader(ctx context.Context, topic string, partition int32) (string, error) {
	c, err := o.dialAny(ctx)
	if err != nil {
		return "", err
	}
	defer c.Close()
	m, err := c.metadata(ctx, []string{topic})
	if err != nil {
		return "", err
	}
	t := m.topics[topic]
	if t.err != nil {
		return "", t.err
	}
	id, ok := t.leaders[partition]
	if !ok {
		return "", kafka.UnknownTopicOrPartition
	}
	addr, ok := m.brokers[id]
	if !ok {
		return "", kafka.LeaderNotAvailable
	}
	return addr, nil
}

// partitionCount returns the number of partitions that all the topics have. What is wrong with the topics, rather than
// with reaching a broker, is a *permanentError.
func (o *Options) partitionCount(ctx context.Context) (int, error) {
	c, err := o.dialAny(ctx)
	if err != nil {
		return 0, err
	}
	defer c.Close()
	m, err := c.metadata(ctx, o.topicNames())
	if errors.Is(err, io.EOF) {
		// Brokers close the connection on a request that they do not know; they also do it when they stop.
		return 0, fmt.Errorf("%s closed the connection: it may be stopping, be older than Kafka 2.1, or want TLS or SASL (%w)", c.RemoteAddr(), err)
	}
	if err != nil {
		return 0, err
	}
	return m.count(o.topicNames())
}

func (m *metadata) count(topics []string) (int, error) {
	counts := make([]string, 0, len(topics))
	n, equal := 0, true
	for i, name := range topics {
		t, ok := m.topics[name]
		switch {
		case !ok || errors.Is(t.err, kafka.UnknownTopicOrPartition):
			return 0, &permanentError{fmt.Errorf("topic %s does not exist: create it with as many partitions as the other topics, or correct kafka.topics", name)}
		case errors.Is(t.err, kafka.TopicAuthorizationFailed), errors.Is(t.err, kafka.InvalidTopic):
			return 0, &permanentError{fmt.Errorf("topic %s: %w", name, t.err)}
		case t.err != nil:
			return 0, fmt.Errorf("topic %s: %w", name, t.err)
		}
		if i == 0 {
			n = len(t.leaders)
		}
		equal = equal && len(t.leaders) == n
		counts = append(counts, fmt.Sprintf("%s has %d", name, len(t.leaders)))
	}
	if !equal {
		return 0, &permanentError{fmt.Errorf("the topics must have the same number of partitions, so that an organization has one number in all of them, but %s: copy the topics into new ones with equal partitions (docs/OPERATIONS.md, \"Changing the number of partitions\")", strings.Join(counts, ", "))}
	}
	return n, nil
}
