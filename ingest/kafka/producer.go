package kafka

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"time"

	"github.com/google/uuid"
	"github.com/segmentio/kafka-go"
	"github.com/segmentio/kafka-go/sasl"

	"ringside/ingest"
)

const (
	// batchBytes stays below 1048588, which topics take by default (max.message.bytes).
	batchBytes = 1_000_000
	batchSize  = 5_000
	headroom   = 4 << 10 // of a message's key and headers
)

// Message is an event to produce.
type Message struct {
	Topic          string
	OrganizationID uuid.UUID // the key; the nil UUID for an event whose organization is not known
	Source         string    // header `source`; "" leaves it out
	ReceivedAt     ingest.Time
	Value          []byte // must not change before Produce returns
}

// ProducerOptions configure a Producer. Zero values take the defaults named.
type ProducerOptions struct {
	Brokers  []string
	ClientID string // "ringside"
	TLS      *tls.Config
	SASL     sasl.Mechanism

	Linger          time.Duration // how long a batch that is not full waits for more; 2 ms
	Attempts        int           // of one batch; 10
	Timeout         time.Duration // of one attempt; 10 s
	MaxMessageBytes int           // 1 MiB
	Compression     kafka.Compression
	MetadataTTL     time.Duration                                                        // how often leaders are asked for, and brokers that were away are looked for; 10 s
	Dial            func(ctx context.Context, network, address string) (net.Conn, error) // how brokers are reached; TCP
}

// Producer writes events to the partitions where their organizations' workers look for them. Its methods may be called
// concurrently.
type Producer struct {
	transport *kafka.Transport
	writer    *kafka.Writer
	large     *kafka.Writer // messages that need a batch for themselves, beyond what a batch may be otherwise
	max       int
}

// NewProducer returns a Producer; it connects on first use.
func NewProducer(o ProducerOptions) (*Producer, error) {
	if len(o.Brokers) == 0 {
		return nil, errors.New("kafka: no brokers are configured")
	}
	setDefault(&o.ClientID, "ringside")
	setDefault(&o.Linger, 2*time.Millisecond)
	setDefault(&o.Attempts, 10)
	setDefault(&o.Timeout, 10*time.Second)
	setDefault(&o.MaxMessageBytes, 1<<20)
	setDefault(&o.MetadataTTL, 10*time.Second)
	if o.Dial == nil {
		o.Dial = (&net.Dialer{}).DialContext
	}
	p := &Producer{
		transport: &kafka.Transport{
			Dial:        o.Dial,
			DialTimeout: dialTimeout,
			ClientID:    o.ClientID,
			TLS:         o.TLS,
			SASL:        o.SASL,
			MetadataTTL: o.MetadataTTL,
		},
		max: o.MaxMessageBytes,
	}
	writer := func(bytes int) *kafka.Writer {
		return &kafka.Writer{
			Addr:            kafka.TCP(o.Brokers...),
			Balancer:        kafka.Murmur2Balancer{Consistent: true},
			RequiredAcks:    kafka.RequireAll,
			MaxAttempts:     o.Attempts,
			BatchSize:       batchSize,
			BatchBytes:      int64(bytes),
			BatchTimeout:    o.Linger,
			ReadTimeout:     o.Timeout,
			WriteTimeout:    o.Timeout,
			WriteBackoffMax: time.Second,
			Compression:     o.Compression,
			Transport:       p.transport,
		}
	}
	p.writer, p.large = writer(batchBytes), writer(max(batchBytes, o.MaxMessageBytes+headroom))
	return p, nil
}

// Produce writes the messages and returns once all in-sync replicas have them. On an error some may have been written:
// sending all of them again does no harm, since events are told apart by their ids. A message beyond MaxMessageBytes
// is an error before anything is sent.
func (p *Producer) Produce(ctx context.Context, ms []Message) error {
	var small, large []kafka.Message
	for i := range ms {
		m := &ms[i]
		if len(m.Value) > p.max {
			return fmt.Errorf("kafka: message %d has %d bytes; the limit is %d", i, len(m.Value), p.max)
		}
		if len(m.Value) > batchBytes-headroom {
			large = append(large, m.kafka())
			continue
		}
		if small == nil {
			small = make([]kafka.Message, 0, len(ms)-i)
		}
		small = append(small, m.kafka())
	}
	var errs []error
	if len(small) > 0 {
		errs = append(errs, p.writer.WriteMessages(ctx, small...))
	}
	if len(large) > 0 {
		errs = append(errs, p.large.WriteMessages(ctx, large...))
	}
	return produceError(errors.Join(errs...), len(ms))
}

func (m *Message) kafka() kafka.Message {
	k := kafka.Message{Topic: m.Topic, Value: m.Value}
	if m.OrganizationID != uuid.Nil {
		k.Key = OrganizationKey(m.OrganizationID)
	}
	if m.Source != "" {
		k.Headers = append(k.Headers, kafka.Header{Key: HeaderSource, Value: []byte(m.Source)})
	}
	if m.ReceivedAt != ingest.Unset {
		k.Headers = append(k.Headers, kafka.Header{Key: HeaderReceivedAt, Value: appendReceivedAt(nil, m.ReceivedAt)})
		k.Time = m.ReceivedAt.Go() // topics are paced by it: what is sent late must not look as if it came all at once
	}
	return k
}

// produceError names the first failure of those that kafka-go returns one by one.
func produceError(err error, n int) error {
	if err == nil {
		return nil
	}
	var each kafka.WriteErrors
	if errors.As(err, &each) {
		for _, e := range each {
			if e != nil {
				return fmt.Errorf("kafka: %d of %d messages were not written: %w", each.Count(), n, e)
			}
		}
	}
	return fmt.Errorf("kafka: write: %w", err)
}

// Close sends what is being written and closes the connections.
func (p *Producer) Close() error {
	err := errors.Join(p.writer.Close(), p.large.Close())
	p.transport.CloseIdleConnections()
	return err
}
