package kafka

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/klauspost/compress/s2"
	"github.com/segmentio/kafka-go"
	"github.com/segmentio/kafka-go/protocol"

	"ringside/ingest"
)

func testDecoder() *decoder {
	return &decoder{topic: "t", partition: 3, source: "enreach", maxMessage: 1 << 20, maxInflate: 64 << 20, softLimit: 4 << 20}
}

func testChunk() *chunk {
	c := (&pool{maxKept: 8 << 20}).get()
	return c
}

// writeSet has kafka-go write a record batch and gives it its base offset.
func writeSet(t testing.TB, base int64, attrs protocol.Attributes, records ...protocol.Record) []byte {
	t.Helper()
	var buf bytes.Buffer
	set := protocol.RecordSet{Version: 2, Attributes: attrs, Records: protocol.NewRecordReader(records...)}
	if _, err := set.WriteTo(&buf); err != nil {
		t.Fatal(err)
	}
	b := buf.Bytes()[4:] // the set's size
	binary.BigEndian.PutUint64(b, uint64(base))
	return b
}

// seal makes the checksum of a changed batch right again.
func seal(b []byte) []byte {
	binary.BigEndian.PutUint32(b[17:], crc32.Checksum(b[crcOffset:], castagnoli))
	return b
}

func record(value string, headers ...protocol.Header) protocol.Record {
	return protocol.Record{Time: time.UnixMilli(1_700_000_000_000), Key: protocol.NewBytes([]byte("key")), Value: protocol.NewBytes([]byte(value)), Headers: headers}
}

// kafka-go's reader is the oracle: what it reads from a set, the decoder must read too, whatever the codec, the sizes,
// null keys and values, and headers.
func TestDecodeAgreesWithKafkaGo(t *testing.T) {
	for seed := range uint64(200) {
		r := rand.New(rand.NewPCG(seed, 7))
		var set []byte
		base := r.Int64N(1 << 40)
		first := base
		for range 1 + r.IntN(4) {
			attrs := protocol.Attributes(r.IntN(5))
			records := randomRecords(r)
			set = append(set, writeSet(t, base, attrs, records...)...)
			base += int64(len(records))
		}
		want := oracle(t, set)
		c := testChunk()
		if err := testDecoder().decode(c, set, first); err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
		if c.next != base {
			t.Fatalf("seed %d: next is %d, want %d", seed, c.next, base)
		}
		if len(c.records) != len(want) {
			t.Fatalf("seed %d: %d records, want %d", seed, len(c.records), len(want))
		}
		for i, got := range c.records {
			text := fmt.Sprintf("%d %q %v %q %v %d", got.Offset, got.Key, got.Key == nil, got.Value, got.Value == nil, c.times[i])
			if text != want[i] {
				t.Fatalf("seed %d, record %d:\n got %s\nwant %s", seed, i, text, want[i])
			}
		}
	}
}

func randomRecords(r *rand.Rand) []protocol.Record {
	records := make([]protocol.Record, 1+r.IntN(40))
	text := func(most int) protocol.Bytes {
		if r.IntN(8) == 0 {
			return nil
		}
		b := make([]byte, r.IntN(most))
		for i := range b {
			b[i] = byte('a' + r.IntN(4))
		}
		return protocol.NewBytes(b)
	}
	for i := range records {
		records[i] = protocol.Record{Time: time.UnixMilli(1_600_000_000_000 + r.Int64N(1e9)), Key: text(50), Value: text(3000)}
		for range r.IntN(3) {
			records[i].Headers = append(records[i].Headers, protocol.Header{Key: "h", Value: []byte("v")})
		}
	}
	return records
}

func oracle(t *testing.T, set []byte) (out []string) {
	t.Helper()
	sized := append(binary.BigEndian.AppendUint32(nil, uint32(len(set))), set...)
	var rs protocol.RecordSet
	if _, err := rs.ReadFrom(bytes.NewReader(sized)); err != nil {
		t.Fatal(err)
	}
	for {
		rec, err := rs.Records.ReadRecord()
		if errors.Is(err, io.EOF) {
			return out
		}
		if err != nil {
			t.Fatal(err)
		}
		key, _ := protocol.ReadAll(rec.Key)
		value, _ := protocol.ReadAll(rec.Value)
		out = append(out, fmt.Sprintf("%d %q %v %q %v %d", rec.Offset, key, rec.Key == nil, value, rec.Value == nil, rec.Time.UnixMilli()))
	}
}

func TestDecodeHeaders(t *testing.T) {
	at := "2026-03-01T12:00:00.1234567Z"
	for _, tc := range []struct {
		name, source, received string
		headers                []protocol.Header
	}{
		{"none", "enreach", "2023-11-14T22:13:20Z", nil},
		{"both", "avaya", at, []protocol.Header{{Key: HeaderSource, Value: []byte("avaya")}, {Key: HeaderReceivedAt, Value: []byte(at)}}},
		{"other zone", "enreach", "2026-03-01T10:00:00Z", []protocol.Header{{Key: HeaderReceivedAt, Value: []byte("2026-03-01T12:00:00+02:00")}}},
		{"no time", "enreach", "2023-11-14T22:13:20Z", []protocol.Header{{Key: HeaderReceivedAt, Value: []byte("yesterday")}}},
		{"others", "enreach", "2023-11-14T22:13:20Z", []protocol.Header{{Key: "trace", Value: nil}, {Key: "", Value: []byte("x")}}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			c := testChunk()
			if err := testDecoder().decode(c, writeSet(t, 5, 0, record("x", tc.headers...)), 5); err != nil {
				t.Fatal(err)
			}
			want, err := time.Parse(time.RFC3339Nano, tc.received)
			if err != nil {
				t.Fatal(err)
			}
			if got := c.records[0]; got.Source != tc.source || got.ReceivedAt != ingest.FromGo(want) {
				t.Errorf("source %q, received %s", got.Source, got.ReceivedAt.Go())
			}
		})
	}
}

func TestReceivedAtSurvivesItsHeader(t *testing.T) {
	for _, at := range []ingest.Time{ingest.FromGo(time.Date(2026, 7, 1, 23, 59, 59, 999_999_900, time.UTC)), 1, ingest.FromMicros(1)} {
		if got := parseReceivedAt(appendReceivedAt(nil, at)); got != at {
			t.Errorf("%d came back as %d", at, got)
		}
	}
}

func TestDecodeSkipsWhatIsBelowTheWantedOffset(t *testing.T) {
	set := writeSet(t, 100, 0, record("a"), record("b"), record("c"))
	set = append(set, writeSet(t, 103, protocol.Attributes(codecLZ4), record("d"))...)
	for wanted, want := range map[int64]string{100: "abcd", 102: "cd", 103: "d", 104: ""} {
		c := testChunk()
		if err := testDecoder().decode(c, set, wanted); err != nil {
			t.Fatal(err)
		}
		var got strings.Builder
		for _, r := range c.records {
			got.Write(r.Value)
		}
		if got.String() != want || c.next != 104 {
			t.Errorf("from %d: %q, next %d", wanted, got.String(), c.next)
		}
	}
}

// A compacted batch keeps its offsets but not its records: the position must still move past it.
func TestDecodeAdvancesPastCompactedBatches(t *testing.T) {
	set := writeSet(t, 10, 0, record("a"), record("b"))
	binary.BigEndian.PutUint32(set[8:], batchHeaderSize-batchPrefixSize)
	binary.BigEndian.PutUint32(set[57:], 0)
	set = seal(set[:batchHeaderSize])
	c := testChunk()
	if err := testDecoder().decode(c, set, 10); err != nil {
		t.Fatal(err)
	}
	if len(c.records) != 0 || c.next != 12 {
		t.Errorf("%d records, next %d", len(c.records), c.next)
	}
}

func TestDecodeOversizeBecomesReject(t *testing.T) {
	org := uuid.New()
	for _, attrs := range []protocol.Attributes{0, codecZstd} {
		big := protocol.Record{Key: protocol.NewBytes([]byte(org.String())), Value: protocol.NewBytes(bytes.Repeat([]byte("x"), 2000))}
		d := testDecoder()
		d.maxMessage = 1000
		c := testChunk()
		if err := d.decode(c, writeSet(t, 7, attrs, record("a"), big, record("b")), 7); err != nil {
			t.Fatal(err)
		}
		if len(c.records) != 2 || len(c.rejects) != 1 || c.next != 10 {
			t.Fatalf("%d records, %d rejects, next %d", len(c.records), len(c.rejects), c.next)
		}
		r := c.rejects[0]
		if r.Reason != ingest.RejectTooLarge || r.OrganizationID != org || r.Position != (ingest.Position{Topic: "t", Partition: 3, Offset: 8}) || len(r.Body) == 0 {
			t.Errorf("reject %+v", r)
		}
	}
}

func TestDecodeDamage(t *testing.T) {
	good := writeSet(t, 50, 0, record("a"), record("b"))
	flipped := bytes.Clone(good)
	flipped[len(flipped)-1] ^= 1
	long := bytes.Clone(good)
	long[batchHeaderSize] = 0x7e // the first record claims 63 bytes
	fewer := bytes.Clone(good)
	fewer[60] = 1 // of two records
	more := bytes.Clone(good)
	more[60] = 3
	bomb := writeSet(t, 50, codecGzip, record(strings.Repeat("0", 1<<20)))
	old := bytes.Clone(good)
	old[16] = 1
	for _, tc := range []struct {
		name   string
		set    []byte
		reason ingest.RejectReason // "": permanent
		next   int64
	}{
		{"checksum", flipped, ingest.RejectMalformed, 52},
		{"record too long", seal(long), ingest.RejectMalformed, 52},
		{"fewer records than bytes", seal(fewer), ingest.RejectMalformed, 52},
		{"more records than bytes", seal(more), ingest.RejectMalformed, 52},
		{"decompresses to too much", bomb, ingest.RejectTooLarge, 51},
		{"no gzip", seal(withCodec(good, codecGzip)), ingest.RejectMalformed, 52},
		{"no snappy", seal(withCodec(good, codecSnappy)), ingest.RejectMalformed, 52},
		{"no lz4", seal(withCodec(good, codecLZ4)), ingest.RejectMalformed, 52},
		{"no zstd", seal(withCodec(good, codecZstd)), ingest.RejectMalformed, 52},
		{"unknown codec", seal(withCodec(good, 6)), ingest.RejectMalformed, 52},
		{"message format 1", old, "", 0},
		{"length", append(make([]byte, 12), 1, 2, 3), "", 0},
	} {
		t.Run(tc.name, func(t *testing.T) {
			d := testDecoder()
			d.maxInflate = 100_000
			c := testChunk()
			err := d.decode(c, tc.set, 50)
			var damaged *damagedError
			var permanent *permanentError
			switch {
			case tc.reason == "" && errors.As(err, &permanent):
			case errors.As(err, &damaged) && damaged.reason == tc.reason && damaged.offset == 50 && damaged.next == tc.next:
			default:
				t.Fatalf("got %v", err)
			}
			if len(c.records) != 0 {
				t.Errorf("%d records of a damaged batch", len(c.records))
			}
			// Behind a good batch the damage is left for the next fetch.
			c = testChunk()
			if err := d.decode(c, append(writeSet(t, 49, 0, record("good")), tc.set...), 49); err != nil || len(c.records) != 1 || c.next != 50 {
				t.Errorf("behind a good batch: %v, %d records, next %d", err, len(c.records), c.next)
			}
		})
	}
}

func withCodec(b []byte, codec byte) []byte {
	b = bytes.Clone(b)
	b[22] = b[22]&^attrCodec | codec
	return b
}

func TestDecodeStopsWhenAChunkIsFull(t *testing.T) {
	d := testDecoder()
	d.softLimit = 1500
	var set []byte
	for i := range 5 {
		set = append(set, writeSet(t, int64(i), codecSnappy, record(strings.Repeat("y", 1000)))...)
	}
	c := testChunk()
	if err := d.decode(c, set, 0); err != nil {
		t.Fatal(err)
	}
	if len(c.records) != 2 || c.next != 2 || !c.cut {
		t.Errorf("%d records, next %d, cut %v", len(c.records), c.next, c.cut)
	}
}

// Producers in Java frame snappy in blocks, others do not; both must do.
func TestSnappyFramings(t *testing.T) {
	want := strings.Repeat("ringside ", 10_000)
	for name, compressed := range map[string][]byte{"xerial": xerial(t, want), "bare": bareSnappy(want)} {
		got, err := (&inflater{}).append([]byte("before"), compressed, codecSnappy, 1<<20)
		if err != nil || string(got) != "before"+want {
			t.Errorf("%s: %d bytes, %v", name, len(got), err)
		}
		if _, err := (&inflater{}).append(nil, compressed, codecSnappy, len(want)-1); !errors.Is(err, errInflatedTooLarge) {
			t.Errorf("%s beyond the limit: %v", name, err)
		}
	}
}

func xerial(t *testing.T, s string) []byte {
	t.Helper()
	var buf bytes.Buffer
	w := kafka.Snappy.Codec().NewWriter(&buf)
	if _, err := io.WriteString(w, s); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if !bytes.HasPrefix(buf.Bytes(), xerialMagic) {
		t.Fatal("kafka-go frames no more")
	}
	return buf.Bytes()
}

func TestDecodeDoesNotAllocatePerRecord(t *testing.T) {
	records := make([]protocol.Record, 500)
	for i := range records {
		records[i] = record(strings.Repeat("z", 600), protocol.Header{Key: HeaderSource, Value: []byte("avaya")}, protocol.Header{Key: HeaderReceivedAt, Value: []byte("2026-03-01T12:00:00.5Z")})
	}
	for _, attrs := range []protocol.Attributes{0, codecGzip, codecSnappy, codecLZ4, codecZstd} {
		set := writeSet(t, 0, attrs, records...)
		d, c := testDecoder(), testChunk()
		got := testing.AllocsPerRun(20, func() {
			c.reset()
			if err := d.decode(c, set, 0); err != nil {
				t.Fatal(err)
			}
		})
		if got > 5 {
			t.Errorf("codec %d: %v allocations for %d records", attrs, got, len(records))
		}
	}
}

// Whatever the bytes, decoding returns: no panic, no memory beyond the limits, no position that goes backwards.
func FuzzDecode(f *testing.F) {
	f.Add(writeSet(f, 5, 0, record("hello", protocol.Header{Key: HeaderSource, Value: []byte("avaya")})), int64(5))
	for _, codec := range []protocol.Attributes{codecGzip, codecSnappy, codecLZ4, codecZstd} {
		f.Add(writeSet(f, 5, codec, record("hello"), record("again")), int64(5))
	}
	f.Add(writeSet(f, 5, protocol.Attributes(attrControl|attrTransactional), record("\x00\x00\x00\x00\x00\x00")), int64(5))
	f.Fuzz(func(t *testing.T, set []byte, wanted int64) {
		if wanted < 0 {
			return
		}
		set = bytes.Clone(set)
		if len(set) > batchHeaderSize { // get past the checksum
			size := int(binary.BigEndian.Uint32(set[8:]))
			if size >= batchHeaderSize-batchPrefixSize && size <= len(set)-batchPrefixSize {
				seal(set[:batchPrefixSize+size])
			}
		}
		d := testDecoder()
		d.maxInflate, d.softLimit = 1<<20, 1<<20
		c := testChunk()
		if err := d.decode(c, set, wanted); err == nil && c.next < wanted {
			t.Fatalf("next %d, wanted %d", c.next, wanted)
		}
		for _, r := range c.records {
			if r.Offset < wanted || r.Offset >= c.next {
				t.Fatalf("record %d between %d and %d", r.Offset, wanted, c.next)
			}
		}
		if len(c.inflated) > d.maxInflate+d.softLimit {
			t.Fatalf("%d bytes", len(c.inflated))
		}
	})
}

func bareSnappy(s string) []byte { return s2.EncodeSnappy(nil, []byte(s)) }
