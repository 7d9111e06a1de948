package recording

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"os"
	"sync/atomic"

	"github.com/klauspost/compress/zstd"

	"ringside/ingest"
)

// file is one recording that is being read.
type file struct {
	name   string
	size   int64 // bytes on disk, 0 if unknown
	read   atomic.Int64
	closes []func() error
	lines  *lines

	// The chunk that is being handed out: records from head on, with their times where several files are merged.
	chunk []ingest.Record
	times []ingest.Time
	head  int
	last  ingest.Time // of the latest line that has a time
}

// Read counts what is taken from the disk, before decompression: the measure of progress.
type countingReader struct {
	r io.Reader
	n *atomic.Int64
}

func (c countingReader) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.n.Add(int64(n))
	return n, err
}

var (
	gzipMagic = []byte{0x1f, 0x8b}
	zstdMagic = []byte{0x28, 0xb5, 0x2f, 0xfd}
)

// open opens a recording; "-" is stdin. Compression is told by the first bytes, so that it works through a pipe too.
func open(name string, stdin io.Reader, limit int, source string) (*file, error) {
	f := &file{name: name}
	raw := stdin
	if name != "-" {
		disk, err := os.Open(name)
		if err != nil {
			return nil, fmt.Errorf("open recording: %w", err)
		}
		f.closes = append(f.closes, disk.Close)
		info, err := disk.Stat()
		if err == nil && info.IsDir() {
			err = fmt.Errorf("%s is a folder; name the files in it", name)
		}
		if err != nil {
			return nil, closing(f, fmt.Errorf("open recording: %w", err))
		}
		if info.Mode().IsRegular() {
			f.size = info.Size()
		}
		raw = disk
	}
	r, err := f.decompress(countingReader{raw, &f.read})
	if err != nil {
		return nil, closing(f, fmt.Errorf("open recording %s: %w", name, err))
	}
	f.lines = newLines(r, limit, source)
	return f, nil
}

func (f *file) decompress(r io.Reader) (io.Reader, error) {
	buffered := bufio.NewReaderSize(r, 64<<10)
	magic, err := buffered.Peek(len(zstdMagic))
	if err != nil && err != io.EOF {
		return nil, err
	}
	switch {
	case bytes.HasPrefix(magic, gzipMagic):
		z, err := gzip.NewReader(buffered)
		if err != nil {
			return nil, err
		}
		f.closes = append(f.closes, z.Close)
		return z, nil
	case bytes.HasPrefix(magic, zstdMagic):
		z, err := zstd.NewReader(buffered, zstd.WithDecoderMaxMemory(512<<20))
		if err != nil {
			return nil, err
		}
		f.closes = append(f.closes, func() error { z.Close(); return nil })
		return z, nil
	}
	return buffered, nil
}

// fill reads the next chunk when the current one is used up; io.EOF at the end. With stamp, each line gets its time.
func (f *file) fill(stamp func([]byte) ingest.Time) error {
	if f.head < len(f.chunk) {
		return nil
	}
	chunk, err := f.lines.next()
	if err == io.EOF {
		return err
	}
	if err != nil {
		return fmt.Errorf("read recording %s after line %d: %w", f.name, f.lines.line, err)
	}
	f.chunk, f.head, f.times = chunk, 0, f.times[:0]
	if stamp == nil {
		return nil
	}
	for i := range chunk {
		if t := stamp(chunk[i].Value); t != ingest.Unset {
			f.last = t
		}
		f.times = append(f.times, f.last) // a line without a time stays behind the one before it
	}
	return nil
}

func (f *file) close() error {
	var first error
	for i := len(f.closes) - 1; i >= 0; i-- {
		if err := f.closes[i](); err != nil && first == nil {
			first = fmt.Errorf("close recording %s: %w", f.name, err)
		}
	}
	f.closes = nil
	return first
}

func closing(f *file, err error) error {
	_ = f.close() // the first error is the one that tells
	return err
}
