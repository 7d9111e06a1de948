package kafka

import (
	"context"
	"crypto/tls"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"time"

	"github.com/segmentio/kafka-go"
)

const (
	dialTimeout = 10 * time.Second
	// answerTimeout is what a broker may take beyond the time that a request allows it.
	answerTimeout = 30 * time.Second
	// smallResponse is read without a chunk: an empty fetch takes about a hundred bytes.
	smallResponse = 512
)

// dialer returns a kafka-go dialer. Its DialFunc, which it calls with the context, does TLS itself, so that wrap sees
// the connection that requests are written to.
func (o *Options) dialer(wrap func(net.Conn) net.Conn) *kafka.Dialer {
	return &kafka.Dialer{
		ClientID:      o.ClientID,
		Timeout:       dialTimeout,
		SASLMechanism: o.SASL,
		DialFunc: func(ctx context.Context, network, addr string) (net.Conn, error) {
			conn, err := (&net.Dialer{}).DialContext(ctx, network, addr)
			if err != nil {
				return nil, err
			}
			if o.TLS != nil {
				if conn, err = handshake(ctx, conn, o.TLS, addr); err != nil {
					return nil, err
				}
			}
			return boundedConn{wrap(conn)}, nil
		},
	}
}

// boundedConn has no endless deadlines: kafka-go authenticates without one, and a broker that has stopped answering
// would hold it for ever.
type boundedConn struct{ net.Conn }

func (c boundedConn) SetReadDeadline(t time.Time) error  { return c.Conn.SetReadDeadline(bounded(t)) }
func (c boundedConn) SetWriteDeadline(t time.Time) error { return c.Conn.SetWriteDeadline(bounded(t)) }

func bounded(t time.Time) time.Time {
	if t.IsZero() {
		return time.Now().Add(dialTimeout)
	}
	return t
}

func handshake(ctx context.Context, conn net.Conn, config *tls.Config, addr string) (net.Conn, error) {
	if config.ServerName == "" {
		host, _, err := net.SplitHostPort(addr)
		if err != nil {
			conn.Close()
			return nil, err
		}
		config = config.Clone()
		config.ServerName = host
	}
	c := tls.Client(conn, config)
	if err := c.HandshakeContext(ctx); err != nil {
		conn.Close()
		return nil, fmt.Errorf("TLS with %s: %w", addr, err)
	}
	return c, nil
}

// conn is an authenticated connection to a broker, for one request at a time.
type conn struct {
	net.Conn
	client      string
	correlation int32
	req         request
	small       [smallResponse]byte
	versions    map[int16]int16 // the last that the broker knows, by api; nil: it was not asked yet
}

// dial connects to addr: kafka-go opens the connection and authenticates, and then we take the socket over. Nothing is
// in kafka-go's buffers by then, since each of its requests has had its response.
func (o *Options) dial(ctx context.Context, addr string) (*conn, error) {
	var raw net.Conn
	stop := func() bool { return true }
	d := o.dialer(func(c net.Conn) net.Conn {
		raw = c
		stop = context.AfterFunc(ctx, func() { c.Close() })
		return c
	})
	_, err := d.DialContext(ctx, "tcp", addr)
	if !stop() {
		err = ctx.Err()
	}
	if err != nil {
		if raw != nil {
			raw.Close()
		}
		return nil, err
	}
	return &conn{Conn: raw, client: o.ClientID}, nil
}

// dialAny connects to the first bootstrap broker that answers.
func (o *Options) dialAny(ctx context.Context) (*conn, error) {
	var errs []error
	for _, addr := range o.Brokers {
		c, err := o.dial(ctx, addr)
		if err == nil {
			return c, nil
		}
		errs = append(errs, err)
		if ctx.Err() != nil {
			break
		}
	}
	return nil, fmt.Errorf("no broker can be reached: %w", errors.Join(errs...))
}

func (c *conn) begin(api, version int16) *request {
	c.correlation++
	c.req.begin(api, version, c.correlation, c.client)
	return &c.req
}

// send sends the request that begin returned and reads the response. A response of more than smallResponse bytes is
// read into the buffer that alloc returns for it. wait is how long the request lets the broker take; ctx may end it
// earlier. After an error the connection is of no more use.
func (c *conn) send(ctx context.Context, wait time.Duration, alloc func(n int) ([]byte, error)) ([]byte, error) {
	if err := c.SetDeadline(time.Now().Add(wait + answerTimeout)); err != nil {
		return nil, err
	}
	stop := context.AfterFunc(ctx, func() { _ = c.SetDeadline(time.Unix(1, 0)) })
	defer stop()
	b, err := c.exchange(alloc)
	if err != nil && ctx.Err() != nil {
		return nil, ctx.Err()
	}
	return b, err
}

func (c *conn) exchange(alloc func(n int) ([]byte, error)) ([]byte, error) {
	if _, err := c.Write(c.req.finish()); err != nil {
		return nil, fmt.Errorf("send: %w", err)
	}
	n, err := io.ReadAtLeast(c.Conn, c.small[:], 8)
	if err != nil {
		return nil, fmt.Errorf("receive: %w", err)
	}
	size := int(int32(binary.BigEndian.Uint32(c.small[:])))
	if size < 4 || n > 4+size {
		return nil, fmt.Errorf("receive: a response of %d bytes, which is not Kafka's protocol", size)
	}
	if id := int32(binary.BigEndian.Uint32(c.small[4:])); id != c.correlation {
		return nil, fmt.Errorf("receive: response %d to request %d", id, c.correlation)
	}
	got := c.small[8:n]
	if size -= 4; size == len(got) {
		return got, nil
	}
	buf := c.small[8:]
	if size > len(buf) {
		if buf, err = alloc(size); err != nil {
			return nil, err
		}
		copy(buf, got)
	}
	if _, err := io.ReadFull(c.Conn, buf[len(got):size]); err != nil {
		return nil, fmt.Errorf("receive: %w", err)
	}
	return buf[:size], nil
}

// supports tells whether the broker knows a version of a request.
func (c *conn) supports(ctx context.Context, api, version int16) (bool, error) {
	if c.versions == nil {
		c.begin(apiVersions, apiVersionsVersion)
		b, err := c.send(ctx, 0, allocate(64<<10))
		if err != nil {
			return false, fmt.Errorf("versions: %w", err)
		}
		cur := cursor{b: b}
		if code := cur.int16(); code != 0 {
			return false, fmt.Errorf("versions: %w", kafka.Error(code))
		}
		known := map[int16]int16{}
		for n := cur.count(6); n > 0; n-- {
			key, _, last := cur.int16(), cur.int16(), cur.int16()
			known[key] = last
		}
		if cur.err != nil {
			return false, fmt.Errorf("versions: %w", cur.err)
		}
		c.versions = known
	}
	return c.versions[api] >= version, nil
}

func allocate(limit int) func(int) ([]byte, error) {
	return func(n int) ([]byte, error) {
		if n > limit {
			return nil, fmt.Errorf("receive: a response of %d bytes; at most %d are taken", n, limit)
		}
		return make([]byte, n), nil
	}
}
