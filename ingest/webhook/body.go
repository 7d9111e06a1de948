package webhook

import (
	"errors"
	"io"
	"net/http"
	"sync/atomic"
)

// firstRead is the most that is made ready for a body of which nothing has come yet; most events have 650 bytes.
const firstRead = 4 << 10

var (
	errTooLarge = errors.New("the body is too large")
	errBusy     = errors.New("too many bytes of bodies are under way")
)

// budget bounds what bodies under way take up in memory.
type budget struct {
	limit int64
	used  atomic.Int64
}

func (b *budget) take(n int) bool {
	if b.used.Add(int64(n)) <= b.limit {
		return true
	}
	b.used.Add(int64(-n))
	return false
}

func (b *budget) give(n int) { b.used.Add(int64(-n)) }

// readBody reads a request's body. Memory is taken from the budget as bytes come in, not as they are announced, so that a
// client that announces much and sends little takes up little. release gives it back; it may be called in any case.
//
// Every body has memory of its own: a producer that was given up on may still hold it.
func readBody(r *http.Request, b *budget) (body []byte, release func(), err error) {
	taken := 0
	release = func() { b.give(taken); taken = 0 }
	if r.ContentLength > MaxBody {
		return nil, release, errTooLarge
	}
	size := firstRead
	if r.ContentLength >= 0 {
		size = int(min(r.ContentLength+1, firstRead)) // one more: the end is seen without another round
	}
	if !b.take(size) {
		return nil, release, errBusy
	}
	taken = size
	body = make([]byte, 0, size)
	for {
		n, err := r.Body.Read(body[len(body):cap(body)])
		body = body[:len(body)+n]
		switch {
		case len(body) > MaxBody:
			return nil, release, errTooLarge
		case errors.Is(err, io.EOF):
			return body, release, nil
		case err != nil:
			return nil, release, err
		}
		if len(body) < cap(body) {
			continue
		}
		more := min(cap(body), MaxBody+1-cap(body))
		if !b.take(more) {
			return nil, release, errBusy
		}
		taken += more
		grown := make([]byte, len(body), cap(body)+more)
		copy(grown, body)
		body = grown
	}
}
