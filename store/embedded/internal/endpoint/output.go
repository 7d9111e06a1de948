package endpoint

import (
	"crypto/rand"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/ClickHouse/ch-go/compress"

	"ringside/store/embedded/internal/chdb"
)

// output is an answer that can still become an error while it fits the buffer.
type output struct {
	w       http.ResponseWriter
	control *http.ResponseController
	frames  *compress.Writer // nil: as ClickHouse wrote it
	held    []byte
	limit   int
	idle    time.Duration
	started bool
	sent    error
	tag     string
}

func newOutput(w http.ResponseWriter, q *request, limits Config) *output {
	o := &output{w: w, control: http.NewResponseController(w), limit: firstBuffer, idle: limits.Idle, tag: newTag()}
	if q.wait {
		o.limit = limits.MaxBuffered
	}
	switch q.compress {
	case "LZ4":
		o.frames = compress.NewWriter(compress.LevelZero, compress.LZ4)
	case "ZSTD":
		o.frames = compress.NewWriter(compress.LevelZero, compress.ZSTD)
	}
	w.Header().Set("X-ClickHouse-Exception-Tag", o.tag)
	return o
}

// newTag is what tells a genuine exception in an answer from a row that looks
// like one.
func newTag() string {
	const letters = "abcdefghijklmnopqrstuvwxyz012345"
	var b [16]byte
	_, _ = rand.Read(b[:])
	for i := range b {
		b[i] = letters[b[i]%32]
	}
	return string(b[:])
}

// frameSize is the largest piece compressed at once, as a server's.
const frameSize = 1 << 20

// Write takes a piece of the result.
func (o *output) Write(p []byte) (int, error) {
	if o.frames == nil {
		return len(p), o.put(p)
	}
	for rest := p; len(rest) > 0; {
		n := min(len(rest), frameSize)
		if err := o.frames.Compress(rest[:n]); err != nil {
			return 0, fmt.Errorf("compress the result: %w", err)
		}
		if err := o.put(o.frames.Data); err != nil {
			return 0, err
		}
		rest = rest[n:]
	}
	return len(p), nil
}

func (o *output) put(p []byte) error {
	if o.started {
		return o.send(p)
	}
	if len(o.held)+len(p) <= o.limit {
		o.held = append(o.held, p...)
		return nil
	}
	o.started = true
	o.w.WriteHeader(http.StatusOK)
	held := o.held
	o.held = nil
	if err := o.send(held); err != nil {
		return err
	}
	return o.send(p)
}

func (o *output) send(p []byte) error {
	if o.sent != nil {
		return o.sent
	}
	_ = o.control.SetWriteDeadline(time.Now().Add(o.idle))
	if _, o.sent = o.w.Write(p); o.sent == nil {
		o.sent = o.control.Flush()
	}
	return o.sent
}

// finish ends a good answer.
func (o *output) finish(stats chdb.Stats, elapsed time.Duration) {
	if o.started {
		return
	}
	h := o.w.Header()
	h.Set("X-ClickHouse-Summary", fmt.Sprintf(
		`{"read_rows":"%d","read_bytes":"%d","written_rows":"%d","written_bytes":"%d","result_rows":"%d","elapsed_ns":"%d"}`,
		stats.ReadRows, stats.ReadBytes, stats.WrittenRows, stats.WrittenBytes, stats.ResultRows, elapsed.Nanoseconds()))
	h.Set("Content-Length", strconv.Itoa(len(o.held)))
	_ = o.control.SetWriteDeadline(time.Now().Add(o.idle))
	o.w.WriteHeader(http.StatusOK)
	_, _ = o.w.Write(o.held)
}

// fail ends an answer by an error: alone while nothing has been sent, else
// within it as a server does, after which the connection is cut so that no
// client takes what came for the whole.
func (o *output) fail(r *http.Request, err error) {
	if !o.started {
		refuse(o.w, r, err)
		return
	}
	message := strings.TrimRight(exceptionOf(err).Message, "\n")
	frame := fmt.Sprintf("\r\n__exception__\r\n%s\r\n%s\n%d %s\r\n__exception__\r\n", o.tag, message, len(message)+1, o.tag)
	if o.frames != nil {
		// A frame of its own that is not compressed: readable to a client that
		// looks for the text and to one that undoes the frames.
		plain := compress.NewWriter(compress.LevelZero, compress.None)
		if plain.Compress([]byte(frame)) == nil {
			frame = string(plain.Data)
		}
	}
	if o.send([]byte(frame)) == nil {
		panic(http.ErrAbortHandler)
	}
}
