package kafka

import (
	"encoding/binary"
	"errors"
)

// Requests are written in fixed versions, which every broker since Kafka 2.1 speaks, Apache Kafka 4 included.
const (
	apiFetch       = 1
	apiListOffsets = 2
	apiMetadata    = 3

	fetchVersion       = 10 // the first that serves zstd, the last before clients choose replicas
	listOffsetsVersion = 2
	metadataVersion    = 6
)

var errShort = errors.New("response is cut short")

// request builds a request in a buffer that is used again and again.
type request struct {
	b []byte
}

// begin starts a request; finish must follow.
func (r *request) begin(api, version int16, correlation int32, client string) {
	r.b = append(r.b[:0], 0, 0, 0, 0)
	r.int16(api)
	r.int16(version)
	r.int32(correlation)
	r.string(client)
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

func (r *request) string(s string) {
	r.int16(int16(len(s)))
	r.b = append(r.b, s...)
}

// cursor reads a response. After an overrun everything reads as zero and err is set, so that callers check once.
type cursor struct {
	b   []byte
	err error
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

// string reads a nullable string; null is "".
func (c *cursor) string() string {
	n := c.int16()
	if n < 0 {
		return ""
	}
	return string(c.take(int(n)))
}

// count reads the length of an array of elements that take at least size bytes each, so that a damaged length cannot
// make anybody allocate or loop beyond what was received.
func (c *cursor) count(size int) int {
	n := int(c.int32())
	if n < 0 {
		return 0
	}
	if n > len(c.b)/size {
		c.b, c.err = nil, errShort
		return 0
	}
	return n
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
