// Package recording reads recorded events: NDJSON files, plain or compressed, merged by event time.
package recording

import (
	"io"

	"ringside/ingest"
)

// Options tell what to read.
type Options struct {
	Files  []string // "-" is Stdin
	Stdin  io.Reader
	Source string // the vendor, for every line
	Limit  int    // longest event in bytes; longer lines are handed out cut to Limit+1
	// Stamp returns the time of an event, Unset if it has none. It is asked only where several files are merged.
	Stamp func(event []byte) ingest.Time
}

// Reader hands out the events of one or several recordings as batches. It holds one chunk per file, about a megabyte.
type Reader struct {
	files []*file // those not yet at their end
	all   []*file
	stamp func([]byte) ingest.Time
	batch ingest.Batch
}

// Open opens all files, so that a missing one is found before anything is written.
func Open(o Options) (*Reader, error) {
	r := &Reader{}
	if len(o.Files) > 1 {
		r.stamp = o.Stamp
	}
	for _, name := range o.Files {
		f, err := open(name, o.Stdin, o.Limit, o.Source)
		if err != nil {
			_ = r.Close() // the first error is the one that tells
			return nil, err
		}
		r.all = append(r.all, f)
	}
	r.files = append(r.files, r.all...)
	return r, nil
}

// Next returns the next run of records of one file; io.EOF after the last. The batch is valid until the next call.
// Within a file the order of lines is kept; between files the lesser event time goes first.
func (r *Reader) Next() (*ingest.Batch, error) {
	if err := r.fill(); err != nil {
		return nil, err
	}
	if len(r.files) == 0 {
		return nil, io.EOF
	}
	first, limit := r.earliest()
	begin := first.head
	first.head++
	for first.head < len(first.chunk) && (len(r.files) == 1 || first.times[first.head] < limit) {
		first.head++
	}
	records := first.chunk[begin:first.head]
	r.batch = ingest.Batch{Topic: first.name, Records: records, NextOffset: records[len(records)-1].Offset + 1}
	r.batch.HighWatermark = r.batch.NextOffset
	return &r.batch, nil
}

// fill gives every file a line to compare and drops the files that have none left.
func (r *Reader) fill() error {
	kept := r.files[:0]
	for i, f := range r.files {
		err := f.fill(r.stamp)
		if err == io.EOF {
			continue
		}
		if err != nil {
			r.files = append(kept, r.files[i:]...)
			return err
		}
		kept = append(kept, f)
	}
	r.files = kept
	return nil
}

// earliest returns the file whose next line is the earliest, and the time of the next line of the others. Of equals
// the one named first goes first.
func (r *Reader) earliest() (*file, ingest.Time) {
	first, limit := r.files[0], ingest.OpenEnded
	if r.stamp == nil {
		return first, limit
	}
	for _, f := range r.files[1:] {
		if f.times[f.head] < first.times[first.head] {
			first = f
		}
	}
	for _, f := range r.files {
		if f != first {
			limit = min(limit, f.times[f.head])
		}
	}
	return first, limit
}

// Size returns the bytes of all files on disk; 0 if one is a pipe.
func (r *Reader) Size() int64 {
	var n int64
	for _, f := range r.all {
		if f.size == 0 {
			return 0
		}
		n += f.size
	}
	return n
}

// BytesRead returns how many bytes of Size have been read. It may be called at any time.
func (r *Reader) BytesRead() int64 {
	var n int64
	for _, f := range r.all {
		n += f.read.Load()
	}
	return n
}

// Close closes the files.
func (r *Reader) Close() error {
	var first error
	for _, f := range r.all {
		if err := f.close(); err != nil && first == nil {
			first = err
		}
	}
	return first
}
