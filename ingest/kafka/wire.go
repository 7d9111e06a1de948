package kafka

import (
	"encoding/binary"
	"errors"

	"github.com/google/uuid"
)

// Requests are written in versions which every broker since Kafka 2.1 speaks, Apache Kafka 4 included; and where topics
// have ids, in the first that has them (Kafka 2.8 and 3.1).
const (
	apiFetch       = 1
	apiListOffsets = 2
	apiMetadata    = 3
	apiVersions    = 18

	fetchVersion       = 10 // the first that serves zstd, the last before clients choose replicas
	fetchByID          = 13
	listOffsetsVersion = 2
	metadataVersion    = 6
	metadataWithIDs    = 10
	apiVersionsVersion = 0
)

// flexible tells whether a version is one of those with compact lengths and tagged fields (KIP-482).
func flexible(api, version int16) bool {
	return api == apiFetch && version >= 12 || api == apiMetadata && version >= 9
}

var errShort = errors.New("response is cut short")

// request builds a request in a buffer that is used again and again.
type request struct {
	b        []byte
	flexible bool
}

// begin starts a request; finish must follow.
func (r *request) begin(api, version int16, correlation int32, client string) {
	r.b = append(r.b[:0], 0, 0, 0, 0)
	r.int16(api)
	r.int16(version)
	r.int32(correlation)
	r.flexible = false // the client's name is as it always was
	r.string(client)
	r.flexible = flexible(api, version)
	r.tags()
}

// finish fills in the length and returns the bytes to send.
func (r *request) finish() []byte {
	binary.BigEndian.PutUint32(r.b, uint32(len(r.b)-4))
	return r.b
}

func (r *request) int8(v int8)   { r.b = append(r.b, byte(v)) }
func (r *request) int16(v int16) { r.b = binary.BigEndian.AppendUint16(r.b, uint16(v)) }
func (r *request) int32(v int32) { r.b = binary.BigEndian.AppendUint32(r.b, uint32(v)) }
func (r *request) int64(v int64) { r.b = binary.BigEndian.AppendUint64(r.b, uint64(v)) }

func (r *request) uuid(id uuid.UUID) { r.b = append(r.b, id[:]...) }

func (r *request) string(s string) {
	if r.flexible {
		r.b = binary.AppendUvarint(r.b, uint64(len(s))+1)
	} else {
		r.int16(int16(len(s)))
	}
	r.b = append(r.b, s...)
}

// count writes the length of an array.
func (r *request) count(n int) {
	if r.flexible {
		r.b = binary.AppendUvarint(r.b, uint64(n)+1)
	} else {
		r.int32(int32(n))
	}
}

// tags writes that there are no tagged fields, where there could be some.
func (r *request) tags() {
	if r.flexible {
		r.b = append(r.b, 0)
	}
}

// cursor reads a response. After an overrun everything reads as zero and err is set, so that callers check once.
type cursor struct {
	b        []byte
	flexible bool
	err      error
}

func (c *cursor) take(n int) []byte {
	if n < 0 || n > len(c.b) {
		c.b, c.err = nil, errShort
		return nil
	}
	b := c.b[:n:n]
	c.b = c.b[n:]
	return b
}

func (c *cursor) bool() bool { return c.int8() != 0 }

func (c *cursor) int8() int8 {
	if b := c.take(1); b != nil {
		return int8(b[0])
	}
	return 0
}

func (c *cursor) int16() int16 {
	if b := c.take(2); b != nil {
		return int16(binary.BigEndian.Uint16(b))
	}
	return 0
}

func (c *cursor) int32() int32 {
	if b := c.take(4); b != nil {
		return int32(binary.BigEndian.Uint32(b))
	}
	return 0
}

func (c *cursor) int64() int64 {
	if b := c.take(8); b != nil {
		return int64(binary.BigEndian.Uint64(b))
	}
	return 0
}

func (c *cursor) uuid() (id uuid.UUID) {
	copy(id[:], c.take(len(id)))
	return id
}

// string reads a nullable string; null is "".
func (c *cursor) string() string {
	if c.flexible {
		return string(c.take(c.compact()))
	}
	n := c.int16()
	if n < 0 {
		return ""
	}
	return string(c.take(int(n)))
}

// bytes reads nullable bytes; null is as good as empty.
func (c *cursor) bytes() []byte {
	if c.flexible {
		return c.take(c.compact())
	}
	return c.take(max(int(c.int32()), 0))
}

// count reads the length of an array of elements that take at least size bytes each, so that a damaged length cannot
// make anybody allocate or loop beyond what was received.
func (c *cursor) count(size int) int {
	var n int
	if c.flexible {
		n = c.compact()
	} else {
		n = int(c.int32())
	}
	if n < 0 {
		return 0
	}
	if n > len(c.b)/size {
		c.b, c.err = nil, errShort
		return 0
	}
	return n
}

// compact reads a length of the flexible versions; null is 0.
func (c *cursor) compact() int {
	n := c.uvarint()
	if n > uint64(len(c.b))+1 {
		c.b, c.err = nil, errShort
		return 0
	}
	return max(int(n)-1, 0)
}

func (c *cursor) uvarint() uint64 {
	n, i := uvarint(c.b, 0)
	if i < 0 {
		c.b, c.err = nil, errShort
		return 0
	}
	c.b = c.b[i:]
	return n
}

// tags passes over tagged fields, where there can be some.
func (c *cursor) tags() {
	if !c.flexible {
		return
	}
	for n := c.uvarint(); n > 0 && c.err == nil; n-- {
		c.uvarint()
		size := c.uvarint()
		c.take(int(min(size, uint64(len(c.b))+1)))
	}
}

func (c *cursor) skipInt32s() {
	c.take(4 * c.count(4))
}

// uvarint reads the unsigned base-128 number at b[i:] and returns it with the index after it, which is -1 where the
// bytes end too early or the number takes more than 64 bits.
func uvarint(b []byte, i int) (uint64, int) {
	if i < len(b) && b[i] < 0x80 {
		return uint64(b[i]), i + 1
	}
	if i >= len(b) {
		return 0, -1
	}
	v, n := binary.Uvarint(b[i:])
	if n <= 0 {
		return 0, -1
	}
	return v, i + n
}

// varint is uvarint for signed numbers in zigzag coding.
func varint(b []byte, i int) (int64, int) {
	u, j := uvarint(b, i)
	return int64(u>>1) ^ -int64(u&1), j
}
