package kafka

import (
	"context"
	"errors"
	"fmt"
	"math"
	"sync"
	"time"

	"github.com/google/uuid"
	"github.com/segmentio/kafka-go"

	"ringside/ingest"
)

// Partition is a partition number in all topics, as its owner sees it for one generation of the group. Next is for one
// goroutine; the other methods are for any.
type Partition struct {
	number     int32
	generation *kafka.Generation
	consumer   *Consumer
	committed  map[string]int64

	lanes []*lane
	wake  chan struct{}

	mu      sync.Mutex
	started bool
	cancel  context.CancelFunc
	running sync.WaitGroup
}

// lane is what Next knows of one topic.
type lane struct {
	*stream
	chunk    *chunk // being delivered; nil while there is nothing
	at       int    // index of the next record in it
	atEnd    bool
	lastTime int64 // record time last delivered, ms
	waiver   waiver
}

// Number returns the partition number.
func (p *Partition) Number() int32 { return p.number }

// GenerationID returns the group's generation in which the number was assigned: it rises with every assignment as long
// as the broker remembers the group, and begins anew when it does not.
func (p *Partition) GenerationID() int32 { return p.generation.ID }

// Committed returns the offsets that the group has committed, by topic; topics without one are left out.
func (p *Partition) Committed() map[string]int64 { return p.committed }

// LastHeartbeat is that of the consumer: once it is a session timeout ago, another process may own the number.
func (p *Partition) LastHeartbeat() time.Time { return p.consumer.LastHeartbeat() }

// Place is where to go on in a topic.
type Place struct {
	Offset  int64
	TopicID uuid.UUID // of the topic that the offset is one of; zero: not known
}

// Start begins to fetch at the places by topic: the stored positions. A topic without one begins by the policy Start. One
// that was made anew since, as its id tells, is a position out of range. It may be called once.
func (p *Partition) Start(ctx context.Context, places map[string]Place) error {
	for topic, at := range places {
		if at.Offset < 0 {
			return fmt.Errorf("kafka: partition %d: offset %d of topic %s is negative", p.number, at.Offset, topic)
		}
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.started {
		return errors.New("kafka: the partition has been started before")
	}
	p.started = true
	ctx, p.cancel = context.WithCancel(ctx)
	for _, l := range p.lanes {
		at, ok := places[l.topic.Name]
		if !ok {
			at.Offset = earliest
			if p.consumer.opts.Start == Latest {
				at.Offset = latest
			}
		}
		l.position.Store(max(at.Offset, 0))
		if _, known := p.committed[l.topic.Name]; at.Offset > 0 && !known && at.TopicID == uuid.Nil {
			p.consumer.opts.Logf("kafka: topic %s, partition %d: going on at %d, though the group has no position there. If the topic was made anew, what it holds below %d is not read: docs/OPERATIONS.md, \"Positions out of range\"",
				l.topic.Name, p.number, at.Offset, at.Offset)
		}
		p.running.Add(1)
		go func() {
			defer p.running.Done()
			l.run(ctx, at)
		}()
	}
	return nil
}

// stop ends the fetching and gives back what was fetched and not delivered.
func (p *Partition) stop() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.started {
		return
	}
	p.cancel()
	p.running.Wait()
	for _, l := range p.lanes {
		if c, _, _ := l.peek(); c != nil {
			l.taken()
		}
	}
}

// Next waits for records and returns some of one topic. The batch and what it points to are valid until its Release,
// which must be called once, from any goroutine. Batches may hold no records but a new NextOffset.
//
// While behind, topics are paced by Kafka's record time: no record is delivered that is more than Pace ahead of what
// another topic has yet to deliver. A topic at its end holds nobody up. One that sends nothing, though there is
// more, holds the others up for 5 s, then lets them go on as fast as the clock, and after twice the Pace, freely.
//
// Errors: ctx's, and those that time does not mend; troubles that may pass are logged and waited out.
func (p *Partition) Next(ctx context.Context) (*ingest.Batch, error) {
	for {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		if err := p.look(); err != nil {
			return nil, err
		}
		l, limit, wait := p.choose(time.Now())
		if l != nil {
			return p.deliver(l, limit), nil
		}
		var timer *time.Timer
		var expired <-chan time.Time
		if wait > 0 {
			timer = time.NewTimer(wait)
			expired = timer.C
		}
		select {
		case <-ctx.Done():
		case <-p.wake:
		case <-expired:
		}
		if timer != nil {
			timer.Stop()
		}
	}
}

// look takes in what the streams have fetched.
func (p *Partition) look() error {
	for _, l := range p.lanes {
		if l.chunk != nil {
			continue
		}
		c, atEnd, err := l.peek()
		if err != nil {
			return err
		}
		l.atEnd = atEnd
		if c != nil {
			l.chunk, l.at = c, 0
		}
		if c != nil || atEnd {
			l.waiver = waiver{}
		}
	}
	return nil
}

// choose returns the lane to deliver from, up to and with records of the time limit; or nil and how long to wait before
// asking again, 0 for as long as it takes.
func (p *Partition) choose(now time.Time) (best *lane, limit int64, wait time.Duration) {
	for _, l := range p.lanes {
		if l.chunk == nil {
			continue
		}
		if l.at == len(l.chunk.records) { // nothing but a new position, or rejects
			return l, math.MaxInt64, 0
		}
		if best == nil || l.time() < best.time() {
			best = l
		}
	}
	if best == nil {
		return nil, 0, 0
	}
	limit = math.MaxInt64
	for _, l := range p.lanes {
		if l == best || l.chunk == nil && l.atEnd {
			continue
		}
		from := l.lastTime
		if l.chunk != nil {
			from = l.time()
		}
		bound := addTime(from, p.consumer.opts.Pace)
		if l.chunk == nil && bound < best.time() {
			var left time.Duration
			bound, left = l.waiver.bound(now, best.time(), p.consumer.opts.Pace)
			wait = max(wait, left)
		}
		limit = min(limit, bound)
	}
	if wait > 0 {
		return nil, 0, wait
	}
	return best, limit, 0
}

func (l *lane) time() int64 { return l.chunk.times[l.at] }

// addTime adds d to a time in ms; times come from outside and may be anything.
func addTime(ms int64, d time.Duration) int64 {
	add := d.Milliseconds()
	if ms > math.MaxInt64-add {
		return math.MaxInt64
	}
	return ms + add
}

// deliver hands out the lane's next records up to the time limit.
func (p *Partition) deliver(l *lane, limit int64) *ingest.Batch {
	c := l.chunk
	to := l.at
	for to < len(c.records) && c.times[to] <= limit {
		to++
	}
	b := newPart(c)
	b.Topic, b.TopicID, b.Partition = l.topic.Name, c.topicID, p.number
	b.Records = c.records[l.at:to:to]
	b.HighWatermark = c.high
	b.NextOffset = c.next
	if to < len(c.records) {
		b.NextOffset = c.records[to].Offset
	}
	n := 0
	for n < len(c.rejects) && c.rejects[n].Position.Offset < b.NextOffset {
		n++
	}
	b.Rejects, c.rejects = c.rejects[:n:n], c.rejects[n:]
	if to > l.at {
		l.lastTime = c.times[to-1]
	}
	l.at = to
	l.position.Store(b.NextOffset)
	if to == len(c.records) {
		l.chunk = nil
		l.taken()
	}
	return &b.Batch
}

// Commit tells Kafka the positions by topic, for lag tools; Ringside itself begins at the positions in its store.
func (p *Partition) Commit(offsets map[string]int64) error {
	req := make(map[string]map[int]int64, len(offsets))
	for topic, offset := range offsets {
		req[topic] = map[int]int64{int(p.number): offset}
	}
	if err := p.generation.CommitOffsets(req); err != nil {
		return fmt.Errorf("kafka: commit positions of partition %d: %w", p.number, err)
	}
	return nil
}

// Lag is how far a topic's partition is behind.
type Lag struct {
	Topic         string
	Partition     int32
	Position      int64 // of the next record that Next delivers
	HighWatermark int64 // the partition's end, not older than some seconds; −1 until it is known
	Skipped       int64 // records that retention removed before they were read, under the policies earliest and latest
}

// Records returns the number of records that are yet to be delivered.
func (l Lag) Records() int64 { return max(l.HighWatermark-l.Position, 0) }

// Lag returns the lag of each topic.
func (p *Partition) Lag() []Lag {
	lags := make([]Lag, len(p.lanes))
	for i, l := range p.lanes {
		lags[i] = Lag{Topic: l.topic.Name, Partition: p.number, Position: l.position.Load(), HighWatermark: l.high.Load(), Skipped: l.skipped.Load()}
	}
	return lags
}
