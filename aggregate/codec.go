package aggregate

import (
	"encoding/binary"
	"errors"

	"github.com/google/uuid"
)

// encoder writes the data of checkpoint entities: varints, strings with their length, ids as 16 bytes.
type encoder struct{ b []byte }

func (e *encoder) reset(version byte) { e.b = append(e.b[:0], version) }
func (e *encoder) int(v int64)        { e.b = binary.AppendVarint(e.b, v) }
func (e *encoder) u32(v uint32)       { e.b = binary.LittleEndian.AppendUint32(e.b, v) }
func (e *encoder) u64(v uint64)       { e.b = binary.LittleEndian.AppendUint64(e.b, v) }
func (e *encoder) id(v uuid.UUID)     { e.b = append(e.b, v[:]...) }
func (e *encoder) str(v string)       { e.int(int64(len(v))); e.b = append(e.b, v...) }
func (e *encoder) bools(v ...bool) {
	var n int64
	for i, b := range v {
		if b {
			n |= 1 << i
		}
	}
	e.int(n)
}

var errShort = errors.New("checkpoint entity is cut short")

// decoder reads what encoder wrote; after the first error it yields zero values.
type decoder struct {
	b   []byte
	err error
}

func (d *decoder) take(n int) []byte {
	if d.err != nil || n < 0 || n > len(d.b) {
		d.err = errShort
		return nil
	}
	p := d.b[:n]
	d.b = d.b[n:]
	return p
}

func (d *decoder) int() int64 {
	v, n := binary.Varint(d.b)
	if d.err != nil || n <= 0 {
		d.err = errShort
		return 0
	}
	d.b = d.b[n:]
	return v
}

// count reads the length of a list whose entries take at least size bytes, so that a damaged one cannot ask for more
// memory than it has bytes.
func (d *decoder) count(size int) int {
	n := d.int()
	if n < 0 || n > int64(len(d.b)/size) {
		d.err = errShort
		return 0
	}
	return int(n)
}

func (d *decoder) u32() uint32 {
	if p := d.take(4); p != nil {
		return binary.LittleEndian.Uint32(p)
	}
	return 0
}

func (d *decoder) u64() uint64 {
	if p := d.take(8); p != nil {
		return binary.LittleEndian.Uint64(p)
	}
	return 0
}

func (d *decoder) id() (v uuid.UUID) {
	copy(v[:], d.take(16))
	return v
}

func (d *decoder) str() string { return string(d.take(int(d.int()))) }

func (d *decoder) bools(into ...*bool) {
	n := d.int()
	for i, b := range into {
		*b = n&(1<<i) != 0
	}
}

// stamp and unstamp carry what decides which of two values is the later.
func stamp[T any](e *encoder, s *stamped[T]) {
	e.int(s.at)
	e.id(s.id)
}

func unstamp[T any](d *decoder, s *stamped[T]) {
	s.at, s.id = d.int(), d.id()
}
