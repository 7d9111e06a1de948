package kafka

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"time"

	"github.com/google/uuid"

	"ringside/ingest"
)

// The headers of a record.
const (
	HeaderSource     = "source"      // the vendor's name; without it the topic's configured source holds
	HeaderReceivedAt = "received_at" // RFC 3339 with fraction; without it Kafka's record time holds
)

const (
	batchHeaderSize = 61 // of a record batch, magic 2
	batchPrefixSize = 12 // base offset and length, which the length does not count
	crcOffset       = 21 // the checksum covers what follows

	attrCodec         = 0x07
	attrLogAppendTime = 0x08
	attrTransactional = 0x10
	attrControl       = 0x20

	// rejectedPrefix is how much of a message beyond the limit is kept for its reject.
	rejectedPrefix = 4 << 10
	// maxSources bounds the interned source names; vendors are a handful.
	maxSources = 64
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// damagedError is a record batch that cannot be read. next is the offset behind it.
type damagedError struct {
	offset, next int64
	reason       ingest.RejectReason
	cause        error
}

func (e *damagedError) Error() string {
	return fmt.Sprintf("records %d to %d cannot be read: %v", e.offset, e.next-1, e.cause)
}

func (e *damagedError) Unwrap() error { return e.cause }

var errRecord = errors.New("a record is malformed")

// decoder turns record batches into records. One decoder serves one topic and partition.
type decoder struct {
	topic      string
	partition  int32
	source     string // of the topic
	maxMessage int    // longer values become rejects
	maxInflate int    // a batch that decompresses to more is damaged
	softLimit  int    // decompressed bytes after which a response is cut short

	inflate inflater
	aborted abortedSet
	sources map[string]string
}

// batchHeader is the fixed part of a record batch.
type batchHeader struct {
	base      int64
	attrs     int16
	lastDelta int32
	firstTime int64 // ms
	maxTime   int64 // ms
	producer  int64
	count     int32
}

func (h *batchHeader) next() int64 { return h.base + int64(h.lastDelta) + 1 }

// decode reads the record batches of a response into c, leaving out what stands before offset wanted. It sets c.next
// to where the next fetch begins, and c.cut where it stopped early because decompressed records fill the chunk. An
// unreadable batch ends the chunk before it; only as the first one is it an error, a *damagedError where the offset
// behind it is known.
func (d *decoder) decode(c *chunk, set []byte, wanted int64) error {
	c.next, c.cut = wanted, false
	for len(set) >= batchPrefixSize {
		size := int(binary.BigEndian.Uint32(set[8:]))
		if size < batchHeaderSize-batchPrefixSize {
			return d.endAt(c, wanted, &permanentError{fmt.Errorf("the log is damaged behind offset %d: a record batch of %d bytes", c.next, size)})
		}
		if size > len(set)-batchPrefixSize {
			break // brokers cut the last batch at the limit
		}
		if len(c.inflated) >= d.softLimit {
			c.cut = true
			break
		}
		batch := set[:batchPrefixSize+size]
		set = set[len(batch):]
		if err := d.decodeBatch(c, batch, wanted); err != nil {
			return d.endAt(c, wanted, err)
		}
	}
	return nil
}

// endAt swallows an error where there is something to deliver before it: the next fetch meets it again, first.
func (d *decoder) endAt(c *chunk, wanted int64, err error) error {
	if c.next > wanted {
		return nil
	}
	return err
}

func (d *decoder) decodeBatch(c *chunk, b []byte, wanted int64) error {
	if magic := b[16]; magic != 2 {
		return &permanentError{fmt.Errorf("records in message format %d, from before Kafka 0.11, are not supported: copy the topic, or begin behind them", magic)}
	}
	h := batchHeader{
		base:      int64(binary.BigEndian.Uint64(b)),
		attrs:     int16(binary.BigEndian.Uint16(b[21:])),
		lastDelta: int32(binary.BigEndian.Uint32(b[23:])),
		firstTime: int64(binary.BigEndian.Uint64(b[27:])),
		maxTime:   int64(binary.BigEndian.Uint64(b[35:])),
		producer:  int64(binary.BigEndian.Uint64(b[43:])),
		count:     int32(binary.BigEndian.Uint32(b[57:])),
	}
	damaged := func(reason ingest.RejectReason, err error) error {
		return &damagedError{offset: max(h.base, wanted), next: h.next(), reason: reason, cause: err}
	}
	if sum := crc32.Checksum(b[crcOffset:], castagnoli); sum != binary.BigEndian.Uint32(b[17:]) {
		return damaged(ingest.RejectMalformed, errors.New("the checksum does not match"))
	}
	if h.next() <= wanted {
		return nil
	}
	body := b[batchHeaderSize:]
	if h.attrs&attrControl != 0 {
		d.aborted.marker(&h, body)
		c.next = h.next()
		return nil
	}
	if d.aborted.covers(&h) {
		c.next = h.next()
		return nil
	}
	records, times, rejects := len(c.records), len(c.times), len(c.rejects)
	undo := func() {
		c.records, c.times, c.rejects = c.records[:records], c.times[:times], c.rejects[:rejects]
	}
	if codec := h.attrs & attrCodec; codec != 0 {
		start := len(c.inflated)
		var err error
		c.inflated, err = d.inflate.append(c.inflated, body, codec, d.maxInflate)
		if errors.Is(err, errInflatedTooLarge) {
			c.inflated = c.inflated[:start]
			return damaged(ingest.RejectTooLarge, err)
		}
		if err != nil {
			c.inflated = c.inflated[:start]
			return damaged(ingest.RejectMalformed, fmt.Errorf("decompress: %w", err))
		}
		body = c.inflated[start:]
	}
	if err := d.decodeRecords(c, &h, body, wanted); err != nil {
		undo()
		return damaged(ingest.RejectMalformed, err)
	}
	c.next = h.next()
	return nil
}

// decodeRecords appends the records of a batch, decompressed as body.
func (d *decoder) decodeRecords(c *chunk, h *batchHeader, body []byte, wanted int64) error {
	i := 0
	for n := h.count; n > 0; n-- {
		size, start := varint(body, i)
		if start < 0 || size <= 0 || size > int64(len(body)-start) {
			return errRecord
		}
		i = start + int(size)
		if err := d.decodeRecord(c, h, body[start:i:i], wanted); err != nil {
			return err
		}
	}
	if i != len(body) {
		return errRecord
	}
	return nil
}

// decodeRecord appends the record in b: attributes, time and offset as differences, key, value, headers.
func (d *decoder) decodeRecord(c *chunk, h *batchHeader, b []byte, wanted int64) error {
	timeDelta, i := varint(b, 1)
	if i < 0 {
		return errRecord
	}
	offsetDelta, i := varint(b, i)
	if i < 0 || offsetDelta < 0 || offsetDelta > int64(h.lastDelta) {
		return errRecord
	}
	offset := h.base + offsetDelta
	if offset < wanted {
		return nil
	}
	key, i := nullableBytes(b, i)
	if i < 0 {
		return errRecord
	}
	value, i := nullableBytes(b, i)
	if i < 0 {
		return errRecord
	}
	ms := h.firstTime + timeDelta
	if h.attrs&attrLogAppendTime != 0 {
		ms = h.maxTime
	}
	source, received, ok := d.headers(b, i)
	if !ok {
		return errRecord
	}
	if received == ingest.Unset {
		received = ingest.FromMicros(ms * 1000)
	}
	if len(value) > d.maxMessage {
		c.rejects = append(c.rejects, ingest.Reject{
			Position:       ingest.Position{Topic: d.topic, Partition: d.partition, Offset: offset},
			OrganizationID: organizationOf(key),
			Source:         source,
			Reason:         ingest.RejectTooLarge,
			Detail:         fmt.Sprintf("%d bytes; the limit is %d", len(value), d.maxMessage),
			ReceivedAt:     received,
			Body:           value[:min(len(value), rejectedPrefix)],
		})
		return nil
	}
	c.records = append(c.records, ingest.Record{Offset: offset, Key: key, Value: value, Source: source, ReceivedAt: received})
	c.times = append(c.times, ms)
	return nil
}

// headers reads the headers at b[i:], which end the record.
func (d *decoder) headers(b []byte, i int) (source string, received ingest.Time, ok bool) {
	source = d.source
	n, i := varint(b, i)
	if i < 0 || n < 0 {
		return "", 0, false
	}
	for ; n > 0; n-- {
		var key, value []byte
		if key, i = nullableBytes(b, i); i < 0 {
			return "", 0, false
		}
		if value, i = nullableBytes(b, i); i < 0 {
			return "", 0, false
		}
		switch string(key) {
		case HeaderSource:
			source = d.intern(value)
		case HeaderReceivedAt:
			received = parseReceivedAt(value)
		}
	}
	return source, received, i == len(b)
}

// nullableBytes reads a length and as many bytes; a length of -1 is null.
func nullableBytes(b []byte, i int) ([]byte, int) {
	n, i := varint(b, i)
	if i < 0 || n > int64(len(b)-i) {
		return nil, -1
	}
	if n < 0 {
		return nil, i
	}
	end := i + int(n)
	return b[i:end:end], end
}

// intern returns name as a string that outlives the chunk, without allocating for those seen before.
func (d *decoder) intern(name []byte) string {
	if s, ok := d.sources[string(name)]; ok {
		return s
	}
	s := string(name)
	if d.sources == nil {
		d.sources = make(map[string]string)
	}
	if len(d.sources) < maxSources {
		d.sources[s] = s
	}
	return s
}

// parseReceivedAt returns Unset for what is no RFC 3339 time: the record's own time then holds.
func parseReceivedAt(b []byte) ingest.Time {
	var t time.Time
	if err := t.UnmarshalText(b); err != nil {
		return ingest.Unset
	}
	return ingest.FromGo(t)
}

// appendReceivedAt is the inverse of parseReceivedAt.
func appendReceivedAt(b []byte, t ingest.Time) []byte {
	const ticks = 1e7
	sec, frac := int64(t)/ticks, int64(t)%ticks
	return time.Unix(sec, frac*100).UTC().AppendFormat(b, "2006-01-02T15:04:05.0000000Z")
}

// organizationOf reads a record's key; a key that is no UUID names nobody.
func organizationOf(key []byte) uuid.UUID {
	id, err := uuid.ParseBytes(key)
	if err != nil {
		return uuid.Nil
	}
	return id
}
