// Package feed sends the events of a simulated contact centre to Kafka: what should have happened already as fast as
// it goes, then live. The simulation is deterministic, so that a feed goes on exactly where the last one stopped: it is
// run again from its start, and what the topics hold already is left out.
package feed

import (
	"context"
	"fmt"
	"net"
	"sync/atomic"
	"time"

	"github.com/segmentio/kafka-go"

	"ringside/ingest"
	ringkafka "ringside/ingest/kafka"
	"ringside/internal/sim"
)

const (
	batchEvents = 2000
	// A batch goes to several topics, and an engine may read one of them before the others have theirs. At night 2,000
	// events are hours, by which the others' would be late.
	batchSpan   = 10 * time.Minute
	liveStep    = 50 * time.Millisecond
	dialTimeout = 10 * time.Second
	retryAfter  = 2 * time.Second
)

// Options describe a feed.
type Options struct {
	Sim        sim.Config
	Brokers    []string
	Topics     map[string]string // the simulation's topics → those of the broker
	Partitions int               // of each topic
	Source     string
	Speed      float64 // simulated seconds per second, once live
	// Logf is told when the broker does not take events; nil drops it.
	Logf func(format string, a ...any)
}

// place is a partition of a topic.
type place struct {
	topic     string
	partition int32
}

// Feed is a simulation on its way to Kafka. CatchUp and Live are for one goroutine.
type Feed struct {
	Options
	sim      *sim.Sim
	producer *ringkafka.Producer
	skip     map[place]int64 // events of a partition that are in the log already
	next     sim.Event       // the next event to send
	more     bool
	at       atomic.Int64 // Time up to which everything is sent
	sent     atomic.Int64
}

// New reads how much is in the topics already.
func New(ctx context.Context, o Options) (*Feed, error) {
	if o.Logf == nil {
		o.Logf = func(string, ...any) {}
	}
	f := &Feed{Options: o, skip: map[place]int64{}}
	f.at.Store(int64(ingest.FromGo(o.Sim.Start)))
	if err := f.begin(ctx); err != nil {
		return nil, fmt.Errorf("feed: %w", err)
	}
	producer, err := ringkafka.NewProducer(ringkafka.ProducerOptions{Brokers: o.Brokers, Attempts: 3})
	if err != nil {
		return nil, fmt.Errorf("feed: %w", err)
	}
	f.producer = producer
	return f, nil
}

// begin runs the simulation from its start up to the first event that is not in the topics.
func (f *Feed) begin(ctx context.Context) error {
	if err := f.readEnds(ctx); err != nil {
		return err
	}
	f.sim = sim.New(f.Sim)
	f.advance()
	return nil
}

// beginAgain waits until the broker answers, and begins anew: of a batch that failed, some events may have been written,
// and sending them twice would mislead the next feed, which counts what is there.
func (f *Feed) beginAgain(ctx context.Context, cause error) error {
	for {
		f.Logf("the broker does not take events, trying again: %v", cause)
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(retryAfter):
		}
		if cause = f.begin(ctx); cause == nil {
			return nil
		}
	}
}

// readEnds fills skip: each event is one record, so that a partition's end is the number of its events.
func (f *Feed) readEnds(ctx context.Context) error {
	transport := &kafka.Transport{Dial: (&net.Dialer{}).DialContext, DialTimeout: dialTimeout}
	defer transport.CloseIdleConnections()
	client := &kafka.Client{Addr: kafka.TCP(f.Brokers...), Timeout: dialTimeout, Transport: transport}
	request := &kafka.ListOffsetsRequest{Topics: map[string][]kafka.OffsetRequest{}}
	for _, topic := range f.Topics {
		for p := range f.Partitions {
			request.Topics[topic] = append(request.Topics[topic], kafka.LastOffsetOf(p))
		}
	}
	answer, err := client.ListOffsets(ctx, request)
	if err != nil {
		return fmt.Errorf("read the ends of the topics: %w", err)
	}
	clear(f.skip)
	for topic, partitions := range answer.Topics {
		for _, p := range partitions {
			if p.Error != nil {
				return fmt.Errorf("read the end of %s, partition %d: %w", topic, p.Partition, p.Error)
			}
			f.skip[place{topic, int32(p.Partition)}] = p.LastOffset
		}
	}
	return nil
}

// advance finds the next event that is not in the log.
func (f *Feed) advance() {
	for {
		f.next, f.more = f.sim.Next()
		if !f.more {
			return
		}
		at := place{f.Topics[f.next.Topic], ringkafka.PartitionFor(f.next.Org, f.Partitions)}
		if f.skip[at] == 0 {
			return
		}
		f.skip[at]--
		f.at.Store(int64(f.next.At))
	}
}

// At returns the simulated time up to which everything is sent. It may be called at any time.
func (f *Feed) At() time.Time { return ingest.Time(f.at.Load()).Go() }

// Sent returns how many events were sent. It may be called at any time.
func (f *Feed) Sent() int64 { return f.sent.Load() }

// CatchUp sends what is stamped up to until, as fast as it goes.
func (f *Feed) CatchUp(ctx context.Context, until time.Time) error { return f.send(ctx, until, false) }

// Live sends events as they happen, until ctx ends, which is no error, or the simulation does.
func (f *Feed) Live(ctx context.Context) error {
	begun, from := time.Now(), f.At()
	// A clock that has run ahead, now or in an earlier run, stamps events later than anyone can receive them.
	inTime := f.Speed == 1 && from.Before(begun.Add(time.Minute))
	t := time.NewTicker(liveStep)
	defer t.Stop()
	for f.more {
		select {
		case <-ctx.Done():
			return nil
		case <-t.C:
		}
		now := from.Add(time.Duration(float64(time.Since(begun)) * f.Speed))
		if err := f.send(ctx, now, inTime); err != nil {
			if ctx.Err() != nil {
				return nil
			}
			return err
		}
	}
	return nil
}

// send sends what is stamped up to until. Only events that are sent when they happen have a true time of receipt; the
// others are received, as far as anyone can tell, at the time they are stamped with.
func (f *Feed) send(ctx context.Context, until time.Time, happening bool) error {
	end := ingest.FromGo(until)
	batch := make([]ringkafka.Message, 0, batchEvents)
	for f.more && f.next.At <= end {
		batch = batch[:0]
		at, last := f.next.At, f.next.At.Add(batchSpan)
		for f.more && f.next.At <= min(end, last) && len(batch) < batchEvents {
			m := ringkafka.Message{Topic: f.Topics[f.next.Topic], OrganizationID: f.next.Org, Source: f.Source, Value: f.next.JSON}
			if !happening {
				m.ReceivedAt = f.next.At
			}
			at = f.next.At
			batch = append(batch, m)
			f.advance()
		}
		if err := f.producer.Produce(ctx, batch); err != nil {
			if err := f.beginAgain(ctx, err); err != nil {
				return fmt.Errorf("feed: %w", err)
			}
			continue
		}
		f.sent.Add(int64(len(batch)))
		f.at.Store(int64(at))
	}
	f.at.Store(max(f.at.Load(), int64(end)))
	return ctx.Err()
}

// Close sends what is on its way.
func (f *Feed) Close() error { return f.producer.Close() }
