package store

import (
	"encoding/binary"

	"github.com/ClickHouse/ch-go/proto"
	"github.com/ClickHouse/clickhouse-go/v2/lib/column"
	"github.com/google/uuid"
)

// reserver gives the driver's columns of text their size before they are filled. Left to themselves they grow by a
// quarter at a time, and each text is copied four more times. A column that has decoded something keeps the memory when it
// is reset, and that is the one way to give it some: it decodes empty texts and one that takes up all the bytes, of which
// nothing is ever written.
type reserver struct {
	reader *proto.Reader
	source emptiness
}

// reserve makes room for texts in an empty column. A column of another type is left as it is.
func (r *reserver) reserve(c column.Interface, texts, bytes int) {
	s, ok := c.(*column.String)
	if !ok || texts == 0 || bytes == 0 {
		return
	}
	var length [binary.MaxVarintLen64]byte
	r.pretend(s, texts, emptiness{empty: texts - 1, length: length[:binary.PutUvarint(length[:], uint64(bytes))], bytes: bytes})
}

// reserveIDs makes room for identifiers.
func (r *reserver) reserveIDs(c column.Interface, ids int) {
	if u, ok := c.(*column.UUID); ok && ids > 0 {
		r.pretend(u, ids, emptiness{bytes: ids * len(uuid.UUID{})})
	}
}

func (r *reserver) pretend(c column.Interface, rows int, source emptiness) {
	if r.reader == nil {
		r.reader = proto.NewReader(&r.source)
	}
	r.source = source
	if c.Decode(r.reader, rows) != nil {
		r.reader = nil // it may hold a rest; the column grows by itself then
	}
	c.Reset()
}

// emptiness is the wire form of empty texts and one long one whose bytes do not matter. It ends with the last byte of
// that, so that nothing is left in the reader.
type emptiness struct {
	empty  int
	length []byte
	bytes  int
}

// Read implements io.Reader. The bytes of the long text are left as they are in p.
func (e *emptiness) Read(p []byte) (n int, err error) {
	switch {
	case e.empty > 0:
		n = min(e.empty, len(p))
		clear(p[:n])
		e.empty -= n
	case len(e.length) > 0:
		n = copy(p, e.length)
		e.length = e.length[n:]
	default:
		n = min(e.bytes, len(p))
		e.bytes -= n
	}
	return n, nil
}
