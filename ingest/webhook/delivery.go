package webhook

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/VictoriaMetrics/metrics"
	kafkago "github.com/segmentio/kafka-go"

	"ringside/ingest/kafka"
	"ringside/ingest/webhook/spool"
)

const (
	// drainBytes is how much of the spool is sent at once.
	drainBytes = 2 << 20
	// cutBody is what is sent of a body that a topic is too small for: enough to be kept in `rejects`, as the engine keeps of
	// those beyond its own limit.
	cutBody = 64 << 10
	// metadataTTL is short: after an outage the brokers are not found before it is over.
	metadataTTL = 2 * time.Second
	// spoolTimeout is how long a request waits for the disk: with the wait for the brokers, less than the vendor's 5 s.
	spoolTimeout = 1500 * time.Millisecond
)

// producer is the part of a *kafka.Producer that a delivery needs.
type producer interface {
	Produce(ctx context.Context, ms []kafka.Message) error
	Close() error
}

// delivery takes events to the brokers, or to the spool and from there to the brokers.
//
// While anything is in the spool, new events go behind it. The core does not mind the order in which events come, but it does
// mind how late they come: an event more than definitions.lateness behind the newest of its organization is not counted.
// After an outage longer than that, new events that overtook the spooled ones would make all of those late.
type delivery struct {
	direct   producer // for requests: gives up early
	patient  producer // for the spool; apart, since what a producer was given up on stays in its queues
	spool    *spool.Spool
	topics   Topics
	timeout  time.Duration
	habits   habits
	log      *slog.Logger
	cut      *metrics.Counter
	behind   atomic.Bool   // new events go to the spool
	refused  chan struct{} // capacity 1: the spool has not taken an event
	stop     context.CancelFunc
	finished sync.WaitGroup
}

func newDelivery(o *Options) (*delivery, error) {
	impatient := o.Producer
	impatient.MetadataTTL = metadataTTL
	// A batch that fails goes to the spool, which tries for as long as it takes.
	impatient.Attempts, impatient.Timeout = 2, o.BrokerTimeout
	direct, err := kafka.NewProducer(impatient)
	if err != nil {
		return nil, err
	}
	patient := o.Producer
	patient.MetadataTTL = metadataTTL
	patient.Attempts, patient.Timeout = 1, o.habits.drain
	drains, err := kafka.NewProducer(patient)
	if err != nil {
		return nil, err
	}
	d := &delivery{direct: direct, patient: drains, topics: o.Topics, timeout: o.BrokerTimeout, habits: o.habits, log: o.Log,
		refused: make(chan struct{}, 1)}
	d.spool, err = spool.Open(spool.Options{Dir: o.SpoolDir, Limit: o.SpoolLimit,
		Logf: func(format string, a ...any) { o.Log.Error("webhook: " + fmt.Sprintf(format, a...)) }})
	if err != nil {
		return nil, err
	}
	if n := d.spool.Size().Records; n > 0 {
		d.behind.Store(true)
		o.Log.Info("webhook: events in the spool are sent first", "events", n)
	}
	return d, nil
}

// start begins to send what is in the spool, now and whenever something comes in.
func (d *delivery) start() {
	ctx, stop := context.WithCancel(context.Background())
	d.stop = stop
	d.finished.Go(func() { d.drain(ctx) })
}

// accept returns when the event cannot be lost any more.
func (d *delivery) accept(ctx context.Context, e *event) (outcome, error) {
	ctx = context.WithoutCancel(ctx) // a client that goes away after its body has come has sent an event all the same
	if !d.behind.Load() {
		err := d.produce(ctx, e)
		if err == nil {
			return accepted, nil
		}
		if !d.behind.Swap(true) {
			d.log.Warn("webhook: Kafka does not take events; they go to the spool", "error", err)
		}
	}
	ctx, cancel := context.WithTimeout(ctx, spoolTimeout)
	defer cancel()
	err := d.spool.Append(ctx, e.record())
	if err == nil {
		return spooled, nil
	}
	select { // with nothing in the spool, only the next request can find out that the brokers are back
	case d.refused <- struct{}{}:
	default:
	}
	if errors.Is(err, spool.ErrFull) {
		return spoolFull, err
	}
	return spoolFailed, err
}

func (d *delivery) produce(ctx context.Context, e *event) error {
	ctx, cancel := context.WithTimeout(ctx, d.timeout)
	defer cancel()
	return d.direct.Produce(ctx, []kafka.Message{e.message(&d.topics)})
}

// cutMessage is what is sent of an event that is too long for its topic (max.message.bytes is less than a MiB): a retry
// cannot mend that, and a beginning in `rejects` tells of it.
func (d *delivery) cutMessage(e *event) kafka.Message {
	d.cut.Inc()
	d.log.Error("webhook: a topic does not take an event for its length; its beginning is sent, and will be in rejects: raise the topic's max.message.bytes to 1153434",
		"bytes", len(e.body))
	m := e.message(&d.topics)
	m.Value = m.Value[:min(len(m.Value), cutBody)]
	return m
}

// drain sends what is in the spool until ctx ends.
func (d *delivery) drain(ctx context.Context) {
	pause := d.habits.retry
	for ctx.Err() == nil {
		sent, err := d.drainOnce(ctx)
		switch {
		case err != nil && ctx.Err() == nil:
			if pause == d.habits.retry {
				d.log.Warn("webhook: what is in the spool cannot be sent yet", "events", d.spool.Size().Records, "error", err)
			}
			select {
			case <-ctx.Done():
			case <-time.After(pause):
			}
			pause = min(2*pause, d.habits.retryMost)
		case sent > 0:
			pause = d.habits.retry
		default:
			if d.behind.Swap(false) {
				d.log.Info("webhook: the spool is empty; events go to Kafka again")
			}
			select {
			case <-ctx.Done():
			case <-d.spool.Fresh():
			case <-d.refused:
			}
		}
	}
}

// drainOnce sends the oldest events of the spool and returns how many.
func (d *delivery) drainOnce(ctx context.Context) (int, error) {
	batch, err := d.spool.Peek(drainBytes)
	if err != nil || len(batch.Records) == 0 {
		return 0, err
	}
	d.behind.Store(true)
	events := make([]event, 0, len(batch.Records))
	messages := make([]kafka.Message, 0, len(batch.Records))
	for _, r := range batch.Records {
		e, err := parseEvent(r)
		if err != nil {
			return 0, err
		}
		events, messages = append(events, e), append(messages, e.message(&d.topics))
	}
	err = d.patient.Produce(ctx, messages)
	if errors.Is(err, kafkago.MessageSizeTooLarge) {
		err = d.eachAlone(ctx, events, messages)
	}
	if err != nil {
		return 0, err
	}
	return len(batch.Records), d.spool.Drop(batch)
}

// eachAlone sends a batch in which something is too long, so that it holds up nothing else.
func (d *delivery) eachAlone(ctx context.Context, events []event, messages []kafka.Message) error {
	for i := range messages {
		err := d.patient.Produce(ctx, messages[i:i+1])
		if errors.Is(err, kafkago.MessageSizeTooLarge) {
			err = d.patient.Produce(ctx, []kafka.Message{d.cutMessage(&events[i])})
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// ready tells why no event can be taken at present; nil: it can.
func (d *delivery) ready() error {
	if !d.behind.Load() {
		return nil
	}
	if err := d.spool.Trouble(); err != nil {
		return fmt.Errorf("the brokers take no events, and %w", err)
	}
	return nil
}

// close ends the sending; what is in the spool stays there. Producers are not waited for long: nobody waits for what they
// still hold, since it was answered, or is in the spool.
func (d *delivery) close() error {
	d.stop()
	d.finished.Wait()
	err := d.spool.Close()
	closed := make(chan struct{})
	go func() {
		_ = errors.Join(d.direct.Close(), d.patient.Close()) // see above
		close(closed)
	}()
	select {
	case <-closed:
	case <-time.After(d.habits.shutdown):
	}
	return err
}
