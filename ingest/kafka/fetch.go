package kafka

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/segmentio/kafka-go"
)

// fetcher reads one topic's partition. It is used by one goroutine.
type fetcher interface {
	// fetch returns what stands at offset and behind it, having waited a little for it. The chunk has one reference;
	// it is nil where nothing was there. ends are the partition's ends in any case where err is nil.
	//
	// Errors: *outOfRangeError, *topicAnewError, *damagedError, *permanentError; any other may pass with time.
	fetch(ctx context.Context, offset int64) (c *chunk, e ends, err error)
	// offsetAt returns the first (earliest) or next (latest) offset.
	offsetAt(ctx context.Context, at int64) (int64, error)
	// disconnect drops the connection, so that the next call finds the leader anew.
	disconnect()
	// topicID is the topic's that was last fetched from; zero where topics have none.
	topicID() uuid.UUID
	// expect says which topic is read: another one is a topicAnewError. Zero takes the one that there is.
	expect(topicID uuid.UUID)
}

// ends are where a partition ends.
type ends struct {
	stable int64 // for a read-committed consumer
	high   int64 // for the lag
}

// The arguments of offsetAt, as in the protocol.
const (
	earliest = -2
	latest   = -1
)

// permanentError is one that time does not mend.
type permanentError struct{ cause error }

func (e *permanentError) Error() string { return e.cause.Error() }
func (e *permanentError) Unwrap() error { return e.cause }

// outOfRangeError: the broker does not have the offset, any more or yet.
type outOfRangeError struct{ offset int64 }

func (e *outOfRangeError) Error() string { return fmt.Sprintf("offset %d is out of range", e.offset) }

// topicAnewError: the topic that was read was deleted, and another has its name. Offsets say nothing there.
type topicAnewError struct{ was, is uuid.UUID }

func (e *topicAnewError) Error() string {
	return fmt.Sprintf("the topic was deleted and made anew (its id was %s and is %s)", e.was, e.is)
}

// errUnknownTopicID is Kafka's UNKNOWN_TOPIC_ID, which kafka-go has no name for.
const errUnknownTopicID = kafka.Error(100)

// wireFetcher fetches from the partition's leader over a connection of its own.
type wireFetcher struct {
	opts      *Options
	pool      *pool
	topic     string
	partition int32
	dec       decoder

	conn    *conn
	version int16     // of fetch requests on conn
	id      uuid.UUID // zero: none, or not known yet
	maxWait time.Duration
	want    int // bytes to ask for: less for a while where responses inflate beyond what a chunk holds
}

func newWireFetcher(o *Options, p *pool, t Topic, partition int32) *wireFetcher {
	return &wireFetcher{
		opts: o, pool: p, topic: t.Name, partition: partition,
		dec: decoder{
			topic: t.Name, partition: partition, source: t.Source,
			maxMessage: o.MaxMessageBytes, maxInflate: o.MaxBatchBytes, softLimit: 4 * o.FetchMaxBytes,
		},
		version: fetchVersion,
		maxWait: o.MaxWait,
		want:    o.FetchMaxBytes,
	}
}

func (f *wireFetcher) fetch(ctx context.Context, offset int64) (*chunk, ends, error) {
	if err := f.connect(ctx); err != nil {
		return nil, ends{}, err
	}
	f.writeFetch(offset)
	var c *chunk
	res, err := f.conn.send(ctx, f.maxWait, func(n int) ([]byte, error) {
		// The broker sends a batch whole even where it is larger than what was asked for.
		if limit := f.opts.MaxBatchBytes + f.opts.FetchMaxBytes; n > limit {
			return nil, &permanentError{fmt.Errorf("a response of %d bytes, of which at most %d are taken: lower the topic's max.message.bytes", n, limit)}
		}
		c = f.pool.get()
		if cap(c.raw) < n {
			c.raw = make([]byte, n)
		}
		c.raw = c.raw[:n]
		return c.raw, nil
	})
	if err == nil && c == nil && len(res) > 0 {
		// A small response stays in the connection's buffer, which the next one overwrites.
		c = f.pool.get()
		c.raw = append(c.raw[:0], res...)
		res = c.raw
	}
	if err != nil {
		if c != nil {
			c.release()
		}
		f.disconnect()
		return nil, ends{}, err
	}
	e, err := f.readFetch(c, res, offset)
	if err != nil || c.next == offset {
		c.release()
		return nil, e, err
	}
	return c, e, nil
}

func (f *wireFetcher) writeFetch(offset int64) {
	r := f.conn.begin(apiFetch, f.version)
	r.int32(-1) // replica
	r.int32(int32(f.maxWait / time.Millisecond))
	r.int32(1) // at least one byte
	r.int32(int32(f.want))
	r.int8(1)   // read committed
	r.int32(0)  // no fetch session
	r.int32(-1) // its epoch
	r.count(1)  // topics
	if f.version >= fetchByID {
		r.uuid(f.id)
	} else {
		r.string(f.topic)
	}
	r.count(1) // partitions
	r.int32(f.partition)
	r.int32(-1) // any leader epoch
	r.int64(offset)
	if f.version >= 12 {
		r.int32(-1) // epoch of the last record, of followers only
	}
	r.int64(-1) // log start, of followers only
	r.int32(int32(f.want))
	r.tags()
	r.tags()
	r.count(0) // forgotten topics
	if f.version >= 11 {
		r.string("") // rack
	}
	r.tags()
}

func (f *wireFetcher) readFetch(c *chunk, res []byte, offset int64) (ends, error) {
	cur := cursor{b: res, flexible: flexible(apiFetch, f.version)}
	cur.tags()
	throttle := cur.int32()
	code := cur.int16()
	cur.int32() // session
	if topics := cur.count(6); topics == 0 && throttle > 0 && code == 0 && cur.err == nil {
		return ends{}, &throttledError{time.Duration(throttle) * time.Millisecond}
	} else if topics == 1 {
		if f.version >= fetchByID {
			cur.uuid()
		} else {
			_ = cur.string()
		}
		if cur.count(37) == 1 {
			cur.int32() // partition
			if code == 0 {
				code = cur.int16()
			} else {
				cur.int16()
			}
		} else if code == 0 {
			cur.err = errShort
		}
	} else if code == 0 {
		cur.err = errShort
	}
	if code != 0 {
		f.disconnect()
		return ends{}, f.brokerError(code, offset)
	}
	e := ends{high: cur.int64()}
	e.stable = cur.int64()
	cur.int64() // log start
	f.dec.aborted.reset(&cur)
	if f.version >= 11 {
		cur.int32() // a replica to read from
	}
	set := cur.bytes()
	if cur.err != nil {
		f.disconnect()
		return ends{}, fmt.Errorf("fetch: %w", cur.err)
	}
	c.end, c.high = e.stable, e.high
	err := f.dec.decode(c, set, offset)
	f.adapt(c)
	return e, err
}

// throttledError says that the broker has nothing for a client that has used up its quota.
type throttledError struct{ wait time.Duration }

func (e *throttledError) Error() string { return fmt.Sprintf("throttled by the broker for %s", e.wait) }

// adapt asks for less where decompressed responses did not fit, and slowly for more again: what does not fit is
// fetched twice.
func (f *wireFetcher) adapt(c *chunk) {
	if c.cut {
		f.want = max(f.want/2, f.opts.FetchMaxBytes/32, 4<<10)
	} else if f.want < f.opts.FetchMaxBytes && len(c.inflated) < f.dec.softLimit/2 {
		f.want = min(f.want+f.want/8, f.opts.FetchMaxBytes)
	}
}

func (f *wireFetcher) brokerError(code int16, offset int64) error {
	err := kafka.Error(code)
	switch err {
	case errUnknownTopicID:
		return errors.New("the leader does not know the topic's id; it may have been deleted")
	case kafka.OffsetOutOfRange:
		return &outOfRangeError{offset}
	case kafka.TopicAuthorizationFailed, kafka.ClusterAuthorizationFailed, kafka.UnsupportedVersion,
		kafka.UnsupportedCompressionType, kafka.InvalidTopic:
		return &permanentError{err}
	}
	return err
}

func (f *wireFetcher) offsetAt(ctx context.Context, at int64) (int64, error) {
	if err := f.connect(ctx); err != nil {
		return 0, err
	}
	r := f.conn.begin(apiListOffsets, listOffsetsVersion)
	r.int32(-1) // replica
	r.int8(1)   // read committed
	r.int32(1)
	r.string(f.topic)
	r.int32(1)
	r.int32(f.partition)
	r.int64(at)
	res, err := f.conn.send(ctx, 0, allocate(64<<10))
	if err != nil {
		f.disconnect()
		return 0, err
	}
	cur := cursor{b: res}
	cur.int32() // throttle
	if cur.count(6) != 1 {
		cur.err = errShort
	}
	_ = cur.string()
	if cur.count(22) != 1 {
		cur.err = errShort
	}
	cur.int32() // partition
	code := cur.int16()
	cur.int64() // time
	offset := cur.int64()
	if cur.err != nil {
		f.disconnect()
		return 0, fmt.Errorf("list offsets: %w", cur.err)
	}
	if code != 0 {
		f.disconnect()
		return 0, f.brokerError(code, at)
	}
	return offset, nil
}

// connect finds the leader, and out whether the topic is still the one that was read.
func (f *wireFetcher) connect(ctx context.Context) error {
	if f.conn != nil {
		return nil
	}
	addr, id, err := f.opts.leader(ctx, f.topic, f.partition)
	if err != nil {
		return err
	}
	if f.id != id && f.id != uuid.Nil && id != uuid.Nil {
		return &topicAnewError{f.id, id}
	}
	c, err := f.opts.dial(ctx, addr)
	if err != nil {
		return err
	}
	f.version = fetchVersion
	if id != uuid.Nil {
		byID, err := c.supports(ctx, apiFetch, fetchByID)
		if err != nil {
			c.Close()
			return err
		}
		if byID { // by its name another topic would be read as if it were this one
			f.version = fetchByID
		}
		f.id = id
	}
	f.conn = c
	return nil
}

func (f *wireFetcher) topicID() uuid.UUID  { return f.id }
func (f *wireFetcher) expect(id uuid.UUID) { f.id = id }

func (f *wireFetcher) disconnect() {
	if f.conn != nil {
		f.conn.Close()
		f.conn = nil
	}
}
