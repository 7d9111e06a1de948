package kafka

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strconv"
	"strings"

	"github.com/google/uuid"
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
	id      uuid.UUID       // zero where the broker has none
	leaders map[int32]int32 // partition → broker; -1 while there is none
}

// metadata asks in a version that the broker must know.
func (c *conn) metadata(ctx context.Context, version int16, topics []string) (*metadata, error) {
	r := c.begin(apiMetadata, version)
	r.count(len(topics))
	for _, t := range topics {
		if version >= metadataWithIDs {
			r.uuid(uuid.Nil) // by name
		}
		r.string(t)
		r.tags()
	}
	r.int8(0) // do not create topics
	if version >= 8 {
		r.int8(0) // no rights, of the cluster
		r.int8(0) // nor of the topics
	}
	r.tags()
	b, err := c.send(ctx, 0, allocate(16<<20))
	if err != nil {
		return nil, fmt.Errorf("metadata: %w", err)
	}
	return readMetadata(b, version)
}

func readMetadata(b []byte, version int16) (*metadata, error) {
	m := &metadata{brokers: map[int32]string{}, topics: map[string]topicMetadata{}}
	cur := cursor{b: b, flexible: flexible(apiMetadata, version)}
	cur.tags()
	cur.int32() // throttle
	for n := cur.count(11); n > 0; n-- {
		id, host, port := cur.int32(), cur.string(), cur.int32()
		_ = cur.string() // rack
		cur.tags()
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
		if version >= metadataWithIDs {
			t.id = cur.uuid()
		}
		cur.bool() // internal
		for p := cur.count(18); p > 0; p-- {
			cur.int16() // error: no leader, which leader shows too
			id, leader := cur.int32(), cur.int32()
			if version >= 7 {
				cur.int32() // leader epoch
			}
			cur.skipInt32s() // replicas
			cur.skipInt32s() // in sync
			cur.skipInt32s() // offline
			cur.tags()
			t.leaders[id] = leader
		}
		if version >= 8 {
			cur.int32() // rights
		}
		cur.tags()
		m.topics[name] = t
	}
	if version >= 8 {
		cur.int32() // rights
	}
	cur.tags()
	if cur.err != nil {
		return nil, fmt.Errorf("metadata: %w", cur.err)
	}
	return m, nil
}

// leader returns the address of a partition's leader, and the topic's id, which is zero where topics have none.
func (o *Options) leader(ctx context.Context, topic string, partition int32) (addr string, id uuid.UUID, err error) {
	c, err := o.dialAny(ctx)
	if err != nil {
		return "", id, err
	}
	defer c.Close()
	version := int16(metadataVersion)
	if withIDs, err := c.supports(ctx, apiMetadata, metadataWithIDs); err != nil {
		return "", id, err
	} else if withIDs {
		version = metadataWithIDs
	}
	m, err := c.metadata(ctx, version, []string{topic})
	if err != nil {
		return "", id, err
	}
	t := m.topics[topic]
	if t.err != nil {
		return "", id, t.err
	}
	broker, ok := t.leaders[partition]
	if !ok {
		return "", id, kafka.UnknownTopicOrPartition
	}
	if addr, ok = m.brokers[broker]; !ok {
		return "", id, kafka.LeaderNotAvailable
	}
	return addr, t.id, nil
}

// partitionCount returns the number of partitions that all the topics have. What is wrong with the topics, rather than
// with reaching a broker, is a *permanentError.
func (o *Options) partitionCount(ctx context.Context) (int, error) {
	c, err := o.dialAny(ctx)
	if err != nil {
		return 0, err
	}
	defer c.Close()
	m, err := c.metadata(ctx, metadataVersion, o.topicNames())
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
