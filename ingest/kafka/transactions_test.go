package kafka

import (
	"encoding/binary"
	"strings"
	"testing"
	"time"

	"github.com/segmentio/kafka-go/protocol"

	"ringside/ingest"
)

// ofProducer makes a batch one of a producer's; its records are those of a transaction, or its marker.
func ofProducer(b []byte, producer int64, attrs uint16) []byte {
	binary.BigEndian.PutUint16(b[21:], binary.BigEndian.Uint16(b[21:])|attrs)
	binary.BigEndian.PutUint64(b[43:], uint64(producer))
	return seal(b)
}

// marker is the control batch that ends a producer's transaction.
func marker(t *testing.T, base, producer int64, commit bool) []byte {
	t.Helper()
	key := []byte{0, 0, 0, 0}
	if commit {
		key[3] = 1
	}
	return ofProducer(writeSet(t, base, 0, protocol.Record{Key: protocol.NewBytes(key), Value: protocol.NewBytes([]byte("marker"))}),
		producer, attrTransactional|attrControl)
}

// A read-committed consumer sees neither markers nor what was aborted: from the transaction's first offset to the
// producer's abort marker, of that producer alone.
func TestDecodeTransactions(t *testing.T) {
	transactional := func(base, producer int64, values ...string) []byte {
		var records []protocol.Record
		for _, v := range values {
			records = append(records, record(v))
		}
		return ofProducer(writeSet(t, base, 0, records...), producer, attrTransactional)
	}
	log := []struct {
		base  int64
		batch []byte
		want  string
	}{
		{0, transactional(0, 1, "a", "b"), "ab"},
		{2, marker(t, 2, 1, true), ""},
		{3, transactional(3, 1, "C", "D"), ""}, // aborted
		{5, transactional(5, 2, "e"), "e"},
		{6, marker(t, 6, 2, true), ""},
		{7, writeSet(t, 7, 0, record("f")), "f"}, // outside transactions
		{8, ofProducer(writeSet(t, 8, 0, record("g")), 1, 0), "g"},
		{9, transactional(9, 1, "H"), ""}, // aborted
		{10, marker(t, 10, 1, false), ""},
		{11, transactional(11, 1, "i"), "i"},
		{12, marker(t, 12, 1, true), ""},
		{13, transactional(13, 1, "J"), ""}, // aborted
		{14, marker(t, 14, 1, false), ""},
	}
	// One response that begins at any batch: the broker lists what was aborted from there on.
	for from := range log {
		var set []byte
		var want strings.Builder
		for _, l := range log[from:] {
			set = append(set, l.batch...)
			want.WriteString(l.want)
		}
		d, c := testDecoder(), testChunk()
		d.aborted.pending = []abortedTransaction{{producer: 1, first: 13}}
		if from < 9 {
			d.aborted.pending = append(d.aborted.pending, abortedTransaction{producer: 1, first: 3})
		}
		if err := d.decode(c, set, log[from].base); err != nil {
			t.Fatal(err)
		}
		var got strings.Builder
		for _, r := range c.records {
			got.Write(r.Value)
		}
		if got.String() != want.String() || c.next != 15 {
			t.Errorf("from offset %d: %q, next %d, want %q, next 15", log[from].base, got.String(), c.next, want.String())
		}
	}
}

// In a topic of LogAppendTime the batch has the broker's time, and its records' own times say nothing.
func TestDecodeLogAppendTime(t *testing.T) {
	b := writeSet(t, 5, 0, record("x"))
	at := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	binary.BigEndian.PutUint16(b[21:], attrLogAppendTime)
	binary.BigEndian.PutUint64(b[35:], uint64(at.UnixMilli()))
	c := testChunk()
	if err := testDecoder().decode(c, seal(b), 5); err != nil {
		t.Fatal(err)
	}
	if c.times[0] != at.UnixMilli() || c.records[0].ReceivedAt != ingest.FromGo(at) {
		t.Errorf("record time %d, received %s, want %s", c.times[0], c.records[0].ReceivedAt.Go(), at)
	}
}

func TestDecodeTakesMessagesUpToTheLimit(t *testing.T) {
	d, c := testDecoder(), testChunk()
	d.maxMessage = 10
	if err := d.decode(c, writeSet(t, 0, 0, record("0123456789"), record("0123456789A")), 0); err != nil {
		t.Fatal(err)
	}
	if len(c.records) != 1 || len(c.rejects) != 1 || c.rejects[0].Position.Offset != 1 {
		t.Errorf("%d records, rejects %+v", len(c.records), c.rejects)
	}
}
