package recording

import (
	"bufio"
	"bytes"
	"errors"
	"io"

	"ringside/ingest"
)

const (
	readBuffer  = 256 << 10
	chunkBytes  = 1 << 20 // a chunk ends after this many bytes of lines,
	chunkEvents = 4096    // or this many lines
)

// lines cuts a stream into chunks of lines. Memory is bounded: an arena of chunkBytes plus one line of the limit.
type lines struct {
	in     *bufio.Reader
	limit  int // longest event in bytes; a longer line is cut to limit+1, so that its length still tells
	source string
	line   int64 // number of the next line, from 0
	arena  []byte
	ends   []int // end of each record in arena
	chunk  []ingest.Record
}

func newLines(r io.Reader, limit int, source string) *lines {
	return &lines{in: bufio.NewReaderSize(r, readBuffer), limit: limit, source: source,
		arena: make([]byte, 0, chunkBytes+limit+1)}
}

var utf8BOM = []byte("\xef\xbb\xbf")

// next returns the next lines that are not blank, at least one; io.EOF when there are none. The records are valid
// until the next call. An error comes after the lines before it have been handed out.
func (l *lines) next() ([]ingest.Record, error) {
	l.arena, l.ends, l.chunk = l.arena[:0], l.ends[:0], l.chunk[:0]
	var err error
	for err == nil && len(l.arena) < chunkBytes && len(l.chunk) < chunkEvents {
		begin := len(l.arena)
		err = l.appendLine()
		if err != nil && !errors.Is(err, io.EOF) {
			l.arena = l.arena[:begin] // half a line is not an event
			break
		}
		line := l.arena[begin:]
		if l.line == 0 {
			line = bytes.TrimPrefix(line, utf8BOM)
		}
		number := l.line
		l.line++
		if line = bytes.TrimSpace(line); len(line) == 0 {
			l.arena = l.arena[:begin]
			continue
		}
		// The arena never grows, so that these slices stay valid.
		l.chunk = append(l.chunk, ingest.Record{Offset: number, Value: line, Source: l.source})
	}
	if len(l.chunk) > 0 {
		return l.chunk, nil
	}
	return nil, err
}

// appendLine appends one line to the arena, cut to limit+1 bytes.
func (l *lines) appendLine() error {
	begin := len(l.arena)
	for {
		part, err := l.in.ReadSlice('\n')
		room := l.limit + 1 - (len(l.arena) - begin)
		if err == nil {
			part = part[:len(part)-1]
		}
		l.arena = append(l.arena, part[:min(room, len(part))]...)
		if !errors.Is(err, bufio.ErrBufferFull) {
			return err
		}
	}
}
