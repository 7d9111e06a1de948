package webhook

import (
	"net"
	"sync"
	"sync/atomic"
)

// listener closes connections beyond a limit at once. To leave them waiting instead would have a few who hold on to theirs
// keep out everybody, and a load balancer learns from a closed connection that it has to go elsewhere.
type listener struct {
	net.Listener
	limit   int64
	open    *atomic.Int64
	refused func()
}

func (l *listener) Accept() (net.Conn, error) {
	for {
		c, err := l.Listener.Accept()
		if err != nil {
			return nil, err
		}
		if l.open.Add(1) <= l.limit {
			return &connection{Conn: c, open: l.open}, nil
		}
		l.open.Add(-1)
		l.refused()
		_ = c.Close()
	}
}

type connection struct {
	net.Conn
	open   *atomic.Int64
	closed sync.Once
}

func (c *connection) Close() error {
	c.closed.Do(func() { c.open.Add(-1) })
	return c.Conn.Close()
}
