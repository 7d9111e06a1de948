package kafka

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"maps"
	"net"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/segmentio/kafka-go"
)

const (
	// joinBackoff is the pause after a failed attempt to join; kafka-go's own is 5 s.
	joinBackoff = 200 * time.Millisecond
	// leaveTimeout is how long leaving the group may take where the coordinator does not answer.
	leaveTimeout = 2 * time.Second
)

// Worker owns one partition number from its assignment until ctx ends: it calls Start with the positions it has
// stored, and then Next. When ctx ends it hands over, within the rebalance timeout, and returns; the group waits for
// it. What it returns before that ends the consumer; nil leaves the number idle.
type Worker func(ctx context.Context, p *Partition) error

// Consumer is a member of a consumer group.
type Consumer struct {
	opts  Options
	count atomic.Int64 // of partitions of each topic
	pool  pool
	bal   balancer

	mu         sync.Mutex
	partitions map[int32]*Partition
	workers    sync.WaitGroup

	heard    atomic.Int64 // LastHeartbeat, ns since the epoch; 0 before the first generation
	answered atomic.Int64 // likewise, of any request to the coordinator that was answered
}

// NewConsumer checks the options. It connects to nothing yet.
func NewConsumer(o Options) (*Consumer, error) {
	o = o.withDefaults()
	if err := o.validate(); err != nil {
		return nil, err
	}
	return &Consumer{
		opts:       o,
		pool:       pool{maxKept: 6 * o.FetchMaxBytes},
		partitions: map[int32]*Partition{},
	}, nil
}

// Run consumes until ctx ends, which is no error: it then leaves the group, once the workers have returned. While no
// broker can be reached it waits. It fails on what time does not mend: topics that are missing or have unequal or
// changed numbers of partitions, missing rights, a group of another kind, positions out of range, a worker's error.
func (c *Consumer) Run(ctx context.Context, worker Worker) error {
	count, err := c.awaitTopics(ctx)
	if err != nil {
		if ctx.Err() != nil {
			return nil
		}
		return fmt.Errorf("kafka: %w", err)
	}
	c.count.Store(int64(count))
	ctx, fail := context.WithCancelCause(ctx)
	defer fail(nil)
	group, err := c.join()
	if err != nil {
		return fmt.Errorf("kafka: %w", err)
	}
	var watch sync.WaitGroup
	watch.Go(func() { c.watchTopics(ctx, fail) })
	c.generations(ctx, group, worker, fail)
	err = context.Cause(ctx)
	fail(nil)
	c.leave(group)
	watch.Wait()
	var failure *runError
	if errors.As(err, &failure) {
		return failure.cause
	}
	return nil
}

// leave waits for the workers, and a little for the coordinator to hear that this member is gone.
func (c *Consumer) leave(group *kafka.ConsumerGroup) {
	closed := make(chan struct{})
	go func() {
		defer close(closed)
		_ = group.Close() // always nil
	}()
	c.workers.Wait()
	select {
	case <-closed:
	case <-time.After(leaveTimeout):
		c.opts.Logf("kafka: group %s: the coordinator does not answer; it will notice after the session timeout that this member has left", c.opts.Group)
	}
}

// runError tells an error of ours, as the cause of a context's end, from the caller's.
type runError struct{ cause error }

func (e *runError) Error() string { return e.cause.Error() }

// awaitTopics checks the topics, waiting while no broker can be reached.
func (c *Consumer) awaitTopics(ctx context.Context) (int, error) {
	backoff := minBackoff
	var logged time.Time
	for {
		n, err := c.opts.partitionCount(ctx)
		var permanent *permanentError
		if err == nil || errors.As(err, &permanent) || ctx.Err() != nil || denied(err) {
			return n, err
		}
		if time.Since(logged) >= logEvery {
			logged = time.Now()
			c.opts.Logf("kafka: %v; trying again", err)
		}
		select {
		case <-ctx.Done():
			return 0, ctx.Err()
		case <-time.After(backoff):
		}
		backoff = min(2*backoff, maxBackoff)
	}
}

// denied reports errors of rights and of the group that another attempt does not mend.
func denied(err error) bool {
	for _, e := range []kafka.Error{
		kafka.SASLAuthenticationFailed, kafka.UnsupportedSASLMechanism, kafka.IllegalSASLState,
		kafka.GroupAuthorizationFailed, kafka.TopicAuthorizationFailed, kafka.ClusterAuthorizationFailed,
		kafka.InvalidGroupId, kafka.InconsistentGroupProtocol, kafka.InvalidSessionTimeout,
	} {
		if errors.Is(err, e) {
			return true
		}
	}
	return false
}

func (c *Consumer) join() (*kafka.ConsumerGroup, error) {
	o := &c.opts
	return kafka.NewConsumerGroup(kafka.ConsumerGroupConfig{
		ID:                o.Group,
		Brokers:           o.Brokers,
		Topics:            o.topicNames(),
		Dialer:            o.dialer(func(n net.Conn) net.Conn { return &heartbeatConn{Conn: n, consumer: c} }),
		GroupBalancers:    []kafka.GroupBalancer{&c.bal},
		SessionTimeout:    o.SessionTimeout,
		HeartbeatInterval: o.HeartbeatInterval,
		RebalanceTimeout:  o.RebalanceTimeout,
		JoinGroupBackoff:  joinBackoff,
	})
}

// generations starts the workers of one generation after the other.
func (c *Consumer) generations(ctx context.Context, group *kafka.ConsumerGroup, worker Worker, fail context.CancelCauseFunc) {
	var logged time.Time
	for {
		gen, err := group.Next(ctx)
		switch {
		case ctx.Err() != nil:
			return
		case err == nil:
			logged = time.Time{}
			if err := c.begin(ctx, gen, worker, fail); err != nil {
				fail(&runError{fmt.Errorf("kafka: %w", err)})
				return
			}
		case denied(err):
			fail(&runError{groupError(c.opts.Group, err)})
			return
		default:
			if errors.Is(err, kafka.RebalanceInProgress) {
				continue
			}
			if time.Since(logged) >= logEvery {
				logged = time.Now()
				c.opts.Logf("kafka: group %s: %v; joining again", c.opts.Group, err)
			}
		}
	}
}

func groupError(group string, err error) error {
	if errors.Is(err, kafka.InconsistentGroupProtocol) {
		return fmt.Errorf("kafka: group %s is used by consumers that are not Ringside's: choose another kafka.group (%w)", group, err)
	}
	return fmt.Errorf("kafka: group %s: %w", group, err)
}

// begin starts a worker for each number of the generation.
func (c *Consumer) begin(ctx context.Context, gen *kafka.Generation, worker Worker, fail context.CancelCauseFunc) error {
	// Numbers that came with a change of the topics must not be consumed before the change is noticed.
	if err := c.checkTopics(ctx); err != nil {
		var permanent *permanentError
		if errors.As(err, &permanent) {
			return err
		}
		c.opts.Logf("kafka: check of the topics: %v", err)
	}
	byNumber, err := c.byNumber(gen.Assignments)
	if err != nil {
		return err
	}
	numbers := slices.Sorted(maps.Keys(byNumber))
	// The workers take themselves out of the map while the later ones are still being started, so they are listed apart.
	parts, inOrder := make(map[int32]*Partition, len(byNumber)), make([]*Partition, len(numbers))
	for i, n := range numbers {
		inOrder[i] = c.newPartition(gen, n, byNumber[n])
		parts[n] = inOrder[i]
	}
	c.heard.Store(max(c.heard.Load(), c.answered.Load())) // the last answer was this assignment
	c.bal.owned.Store(&claim{generation: gen.ID, numbers: numbers})
	c.opts.Logf("kafka: group %s, generation %d: partitions %v", c.opts.Group, gen.ID, numbers)
	c.mu.Lock()
	c.partitions = parts
	c.mu.Unlock()
	for _, p := range inOrder {
		c.workers.Add(1)
		gen.Start(func(gctx context.Context) {
			defer c.workers.Done()
			c.own(ctx, gctx, p, worker, fail)
		})
	}
	return nil
}

// byNumber arranges assignments by partition number, in the order of the topics. A number without all of them would
// be of no use: it takes a leader that is not of our kind.
func (c *Consumer) byNumber(assigned map[string][]kafka.PartitionAssignment) (map[int32][]kafka.PartitionAssignment, error) {
	by := map[int32][]kafka.PartitionAssignment{}
	for _, t := range c.opts.Topics {
		for _, a := range assigned[t.Name] {
			by[int32(a.ID)] = append(by[int32(a.ID)], a)
		}
	}
	for n, as := range by {
		if len(as) != len(c.opts.Topics) {
			return nil, fmt.Errorf("partition %d is assigned in %d of %d topics: do all members of group %s consume the same topics?", n, len(as), len(c.opts.Topics), c.opts.Group)
		}
	}
	return by, nil
}

// newPartition collects what a worker needs; as are its assignments in the order of the topics.
func (c *Consumer) newPartition(gen *kafka.Generation, n int32, as []kafka.PartitionAssignment) *Partition {
	p := &Partition{number: n, generation: gen, consumer: c, committed: map[string]int64{}, wake: make(chan struct{}, 1)}
	for i, t := range c.opts.Topics {
		if as[i].Offset >= 0 {
			p.committed[t.Name] = as[i].Offset
		}
		f := newWireFetcher(&c.opts, &c.pool, t, n)
		p.lanes = append(p.lanes, &lane{stream: newStream(&c.opts, t, n, f, p.wake), lastTime: -1 << 62})
	}
	return p
}

// own runs the worker until the generation or the consumer ends. It must not return earlier: that would end the
// generation of all partitions. A generation that ended before its workers were started, since they had to wait for a
// slow check of the topics, no longer waits for them: such a worker must not begin, its number may be another's by now.
func (c *Consumer) own(ctx, gctx context.Context, p *Partition, worker Worker, fail context.CancelCauseFunc) {
	wctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(gctx, cancel)()
	var err error
	if gctx.Err() != nil {
		cancel()
	} else {
		err = worker(wctx, p)
	}
	p.stop()
	switch {
	case err == nil:
	case wctx.Err() == nil:
		fail(&runError{fmt.Errorf("kafka: partition %d: %w", p.number, err)})
	case !errors.Is(err, wctx.Err()):
		c.opts.Logf("kafka: partition %d: handing over: %v", p.number, err)
	}
	<-wctx.Done()
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.partitions[p.number] == p {
		delete(c.partitions, p.number)
	}
}

// watchTopics stops the consumer when the topics change.
func (c *Consumer) watchTopics(ctx context.Context, fail context.CancelCauseFunc) {
	t := time.NewTicker(c.opts.CheckInterval)
	defer t.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-t.C:
		}
		err := c.checkTopics(ctx)
		var permanent *permanentError
		switch {
		case err == nil || ctx.Err() != nil:
		case errors.As(err, &permanent):
			fail(&runError{fmt.Errorf("kafka: %w", err)})
			return
		default:
			c.opts.Logf("kafka: check of the topics: %v", err)
		}
	}
}

func (c *Consumer) checkTopics(ctx context.Context) error {
	n, err := c.opts.partitionCount(ctx)
	if err != nil {
		return err
	}
	if was := int(c.count.Load()); n != was {
		return &permanentError{fmt.Errorf("the topics had %d partitions and now have %d, so that organizations would change their places in the middle of their calls: copy the topics into new ones (docs/OPERATIONS.md, \"Changing the number of partitions\")", was, n)}
	}
	return nil
}

// Partitions returns the number of partitions of each topic; 0 before Run has found the topics.
func (c *Consumer) Partitions() int { return int(c.count.Load()) }

// Lag returns the lag of every topic and partition number that this member owns, in no order.
func (c *Consumer) Lag() []Lag {
	c.mu.Lock()
	defer c.mu.Unlock()
	var lags []Lag
	for _, p := range c.partitions {
		lags = append(lags, p.Lag()...)
	}
	return lags
}

// Buffers returns how many fetch responses are in memory: fetched, delivered, and not yet released.
func (c *Consumer) Buffers() int64 { return c.pool.out.Load() }

// LastHeartbeat returns when the last heartbeat, or request for an assignment, was sent that the group's coordinator has
// accepted: this process was a member of the group then. The zero time before the first one.
func (c *Consumer) LastHeartbeat() time.Time {
	if ns := c.heard.Load(); ns != 0 {
		return time.Unix(0, ns)
	}
	return time.Time{}
}

// heartbeatConn notes when the coordinator last accepted a heartbeat, which kafka-go does not tell. It takes the time of
// the oldest request without an answer: what is answered later was sent no earlier than that.
type heartbeatConn struct {
	net.Conn
	consumer *Consumer
	pending  atomic.Int64 // when the oldest unanswered request was sent
}

func (c *heartbeatConn) Write(b []byte) (int, error) {
	c.pending.CompareAndSwap(0, time.Now().UnixNano())
	return c.Conn.Write(b)
}

func (c *heartbeatConn) Read(b []byte) (int, error) {
	n, err := c.Conn.Read(b)
	if n > 0 {
		if at := c.pending.Swap(0); at != 0 {
			c.consumer.answered.Store(at)
			if accepted(b[:n]) {
				c.consumer.heard.Store(at)
			}
		}
	}
	return n, err
}

// accepted tells whether what was read is the answer to a heartbeat (v0: length, correlation id, error code) and says
// that the member is known and no rebalance under way. The answer to LeaveGroup looks the same, and tells the same.
func accepted(b []byte) bool {
	const answer = 4 + 2
	return len(b) == 4+answer && binary.BigEndian.Uint32(b) == answer && binary.BigEndian.Uint16(b[8:]) == 0
}
