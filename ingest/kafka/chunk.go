package kafka

import (
	"sync"
	"sync/atomic"

	"github.com/google/uuid"

	"ringside/ingest"
)

// chunk is one fetch response and all that points into it. It goes back to its pool once every part of it that was
// delivered has been released.
type chunk struct {
	pool *pool
	refs atomic.Int32

	raw      []byte // the response
	inflated []byte // what was compressed in it
	records  []ingest.Record
	times    []int64 // of records: Kafka's record time, ms since the epoch
	rejects  []ingest.Reject

	next int64 // offset of the next fetch
	end  int64 // the end of what a read-committed consumer may see, when the response was made
	high int64 // the partition's end
	cut  bool  // decoding stopped early for want of room

	topicID uuid.UUID // of the topic that it is of
}

func (c *chunk) retain() { c.refs.Add(1) }

func (c *chunk) release() {
	switch n := c.refs.Add(-1); {
	case n == 0:
		c.pool.put(c)
	case n < 0:
		panic("BUG: a batch was released twice")
	}
}

func (c *chunk) reset() {
	clear(c.records)
	clear(c.rejects)
	c.records, c.times, c.rejects = c.records[:0], c.times[:0], c.rejects[:0]
	c.raw, c.inflated = c.raw[:0], c.inflated[:0]
}

// maxIdle is how many chunks wait in a pool for their next use; what is above goes to the garbage collector.
const maxIdle = 16

// pool holds chunks that are not in use, and counts those that are.
type pool struct {
	maxKept int // bytes; larger chunks are dropped, so that one huge batch does not hold memory for ever

	mu   sync.Mutex
	free []*chunk

	out atomic.Int64 // chunks in use
}

// get returns an empty chunk with one reference.
func (p *pool) get() *chunk {
	p.out.Add(1)
	p.mu.Lock()
	var c *chunk
	if n := len(p.free); n > 0 {
		c = p.free[n-1]
		p.free[n-1] = nil
		p.free = p.free[:n-1]
	}
	p.mu.Unlock()
	if c == nil {
		c = &chunk{pool: p}
	}
	c.refs.Store(1)
	return c
}

func (p *pool) put(c *chunk) {
	p.out.Add(-1)
	if cap(c.raw)+cap(c.inflated) > p.maxKept {
		return
	}
	c.reset()
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.free) < maxIdle {
		p.free = append(p.free, c)
	}
}

// part is a run of a chunk's records as it is delivered. Parts are pooled: a Release costs no allocation.
type part struct {
	ingest.Batch
	chunk *chunk
}

var parts sync.Pool // of *part

func newPart(c *chunk) *part {
	p, _ := parts.Get().(*part)
	if p == nil {
		p = new(part)
		p.Release = p.release
	}
	c.retain()
	p.chunk = c
	return p
}

func (p *part) release() {
	c := p.chunk
	if c == nil {
		panic("BUG: a batch was released twice")
	}
	p.chunk = nil
	p.Records, p.Rejects = nil, nil
	parts.Put(p)
	c.release()
}
