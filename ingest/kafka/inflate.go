package kafka

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/s2"
	"github.com/klauspost/compress/zstd"
	"github.com/pierrec/lz4/v4"
)

// The codecs of a record batch's attributes.
const (
	codecGzip   = 1
	codecSnappy = 2
	codecLZ4    = 3
	codecZstd   = 4
)

var errInflatedTooLarge = errors.New("the records decompress to more than the limit")

// inflater decompresses record batches. Each codec is set up on first use.
type inflater struct {
	src  bytes.Reader
	gzip *gzip.Reader
	lz4  *lz4.Reader
	zstd *zstd.Decoder
}

// append appends src, decompressed, to dst. More than limit bytes of it are errInflatedTooLarge: a few kilobytes can
// claim to be gigabytes.
func (f *inflater) append(dst, src []byte, codec int16, limit int) ([]byte, error) {
	switch codec {
	case codecGzip:
		f.src.Reset(src)
		if f.gzip == nil {
			f.gzip = new(gzip.Reader)
		}
		if err := f.gzip.Reset(&f.src); err != nil {
			return dst, err
		}
		return appendAll(dst, f.gzip, limit)
	case codecSnappy:
		return appendSnappy(dst, src, limit)
	case codecLZ4:
		f.src.Reset(src)
		if f.lz4 == nil {
			f.lz4 = lz4.NewReader(nil)
		}
		f.lz4.Reset(&f.src)
		return appendAll(dst, f.lz4, limit)
	case codecZstd:
		return f.appendZstd(dst, src, limit)
	}
	return dst, fmt.Errorf("codec %d is not known", codec)
}

func appendAll(dst []byte, r io.Reader, limit int) ([]byte, error) {
	end := len(dst) + limit
	for {
		if len(dst) == cap(dst) {
			dst = append(dst, 0)[:len(dst)]
		}
		n, err := r.Read(dst[len(dst):cap(dst)])
		dst = dst[:len(dst)+n]
		if len(dst) > end {
			return dst, errInflatedTooLarge
		}
		if err == io.EOF {
			return dst, nil
		}
		if err != nil {
			return dst, err
		}
	}
}

func (f *inflater) appendZstd(dst, src []byte, limit int) ([]byte, error) {
	if f.zstd == nil {
		d, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true),
			zstd.WithDecoderMaxMemory(uint64(limit)), zstd.WithDecoderMaxWindow(uint64(max(limit, 8<<20))))
		if err != nil {
			return dst, err
		}
		f.zstd = d
	}
	// The decoder counts what it is given to append to, so it gets the free room only.
	out, err := f.zstd.DecodeAll(src, dst[len(dst):])
	if errors.Is(err, zstd.ErrDecoderSizeExceeded) || errors.Is(err, zstd.ErrWindowSizeExceeded) {
		return dst, errInflatedTooLarge
	}
	if err != nil {
		return dst, err
	}
	return append(dst, out...), nil
}

// xerialMagic begins the framing that Java's producers wrap snappy in: 16 bytes of header, then blocks, each with its
// length. Others send one bare block.
var xerialMagic = []byte{0x82, 'S', 'N', 'A', 'P', 'P', 'Y', 0}

const xerialHeaderSize = 16

func appendSnappy(dst, src []byte, limit int) ([]byte, error) {
	if !bytes.HasPrefix(src, xerialMagic) {
		return appendSnappyBlock(dst, src, limit)
	}
	if len(src) < xerialHeaderSize {
		return dst, errShort
	}
	src = src[xerialHeaderSize:]
	for len(src) > 0 {
		if len(src) < 4 {
			return dst, errShort
		}
		n := int(binary.BigEndian.Uint32(src))
		src = src[4:]
		if n > len(src) {
			return dst, errShort
		}
		start := len(dst)
		var err error
		if dst, err = appendSnappyBlock(dst, src[:n], limit); err != nil {
			return dst, err
		}
		limit -= len(dst) - start
		src = src[n:]
	}
	return dst, nil
}

func appendSnappyBlock(dst, src []byte, limit int) ([]byte, error) {
	n, err := s2.DecodedLen(src)
	if err != nil {
		return dst, err
	}
	if n > limit {
		return dst, errInflatedTooLarge
	}
	start := len(dst)
	dst = slices.Grow(dst, n)
	out, err := s2.Decode(dst[start:start+n], src)
	if err != nil {
		return dst[:start], err
	}
	return dst[:start+len(out)], nil
}
