package kafka

import (
	"fmt"
	"testing"

	"github.com/google/uuid"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// response encodes what a broker says, tagged fields that nobody knows included.
func response(r kmsg.Response, version int16) []byte {
	r.SetVersion(version)
	var b []byte
	if r.IsFlexible() {
		b = append(b, 1, 9, 3, 'n', 'e', 'w') // header: one field, 9, of three bytes
	}
	return r.AppendTo(b)
}

func TestMetadataIsRead(t *testing.T) {
	id := uuid.MustParse("0198d3f4-5a6b-7c8d-9e0f-102030405060")
	for _, version := range []int16{metadataVersion, metadataWithIDs} {
		r := kmsg.NewPtrMetadataResponse()
		r.ClusterID = kmsg.StringPtr("a cluster")
		for i := range int32(2) {
			b := kmsg.NewMetadataResponseBroker()
			b.NodeID, b.Host, b.Port = i+1, "kafka-"+fmt.Sprint(i+1), 9092
			b.Rack = []*string{nil, kmsg.StringPtr("r2")}[i]
			r.Brokers = append(r.Brokers, b)
		}
		topic := kmsg.NewMetadataResponseTopic()
		topic.Topic, topic.TopicID = kmsg.StringPtr("queue-events"), id
		for i := range int32(3) {
			p := kmsg.NewMetadataResponseTopicPartition()
			p.Partition, p.Leader, p.Replicas, p.ISR = i, i%2+1, []int32{1, 2}, []int32{i%2 + 1}
			topic.Partitions = append(topic.Partitions, p)
		}
		gone := kmsg.NewMetadataResponseTopic()
		gone.Topic, gone.ErrorCode = kmsg.StringPtr("gone"), 3
		r.Topics = append(r.Topics, topic, gone)

		b := response(r, version)
		m, err := readMetadata(b, version)
		if err != nil {
			t.Fatal(err)
		}
		want := id
		if version < metadataWithIDs {
			want = uuid.Nil
		}
		if got := m.topics["queue-events"]; got.id != want || fmt.Sprint(got.leaders) != "map[0:1 1:2 2:1]" || got.err != nil {
			t.Errorf("version %d: %+v", version, got)
		}
		if got := fmt.Sprint(m.brokers); got != "map[1:kafka-1:9092 2:kafka-2:9092]" {
			t.Errorf("version %d: brokers %s", version, got)
		}
		if len(m.topics) != 2 || m.topics["gone"].err == nil {
			t.Errorf("version %d: topics %v", version, m.topics)
		}
		for n := range b {
			if _, err := readMetadata(b[:n:n], version); err == nil {
				t.Fatalf("version %d: %d bytes of %d are taken for all", version, n, len(b))
			}
		}
	}
}

func TestFetchResponseIsRead(t *testing.T) {
	set := writeSet(t, 100, 0, record("one"), record("two"))
	for _, version := range []int16{fetchVersion, fetchByID} {
		p := kmsg.NewFetchResponseTopicPartition()
		p.Partition, p.HighWatermark, p.LastStableOffset, p.RecordBatches = 3, 110, 105, set
		for i := range int64(2) {
			a := kmsg.NewFetchResponseTopicPartitionAbortedTransaction()
			a.ProducerID, a.FirstOffset = 7+i, 200+i
			p.AbortedTransactions = append(p.AbortedTransactions, a)
		}
		topic := kmsg.NewFetchResponseTopic()
		topic.Topic, topic.TopicID, topic.Partitions = "queue-events", uuid.New(), append(topic.Partitions, p)
		r := kmsg.NewPtrFetchResponse()
		r.Topics = append(r.Topics, topic)

		b := response(r, version)
		read := func(b []byte) (*chunk, ends, error) {
			f := newWireFetcher(new(Options{}.withDefaults()), &pool{}, Topic{Name: "queue-events"}, 3)
			f.version = version
			c := &chunk{pool: &pool{}}
			e, err := f.readFetch(c, b, 100)
			if n := len(f.dec.aborted.pending); err == nil && n != 2 {
				t.Errorf("version %d: %d aborted transactions", version, n)
			}
			return c, e, err
		}
		c, e, err := read(b)
		if err != nil || e != (ends{stable: 105, high: 110}) || len(c.records) != 2 || string(c.records[1].Value) != "two" || c.next != 102 {
			t.Errorf("version %d: %d records to %d, ends %+v, %v", version, len(c.records), c.next, e, err)
		}
		for n := range len(b) - len(set) {
			if c, _, err := read(b[:n:n]); err == nil && len(c.records) > 0 {
				t.Fatalf("version %d: %d bytes of %d give records", version, n, len(b))
			}
		}
	}
}

// What is asked is what franz-go reads out of it.
func TestFetchRequestIsWritten(t *testing.T) {
	for _, version := range []int16{fetchVersion, fetchByID} {
		f := newWireFetcher(new(Options{}.withDefaults()), &pool{}, Topic{Name: "queue-events"}, 3)
		f.version, f.id = version, uuid.New()
		f.conn = &conn{client: "ringside"}
		f.writeFetch(42)
		cur := cursor{b: f.conn.req.finish()}
		size, api, v := cur.int32(), cur.int16(), cur.int16()
		cur.int32() // correlation
		client := cur.string()
		if int(size) != len(f.conn.req.b)-4 || api != apiFetch || v != version || client != "ringside" {
			t.Errorf("header: %d bytes, api %d, version %d, client %q", size, api, v, client)
		}
		cur.flexible = flexible(api, v)
		cur.tags()
		r := kmsg.NewPtrFetchRequest()
		r.SetVersion(version)
		if err := r.ReadFrom(cur.b); err != nil {
			t.Fatal(err)
		}
		p := r.Topics[0].Partitions[0]
		if byID := version >= fetchByID; byID && r.Topics[0].TopicID != f.id || !byID && r.Topics[0].Topic != "queue-events" {
			t.Errorf("version %d: topic %q, %x", version, r.Topics[0].Topic, r.Topics[0].TopicID)
		}
		if r.IsolationLevel != 1 || r.MinBytes != 1 || int(r.MaxBytes) != f.want || r.SessionEpoch != -1 || p.Partition != 3 || p.FetchOffset != 42 ||
			p.CurrentLeaderEpoch != -1 || int(p.PartitionMaxBytes) != f.want || len(r.ForgottenTopics) != 0 || len(r.AppendTo(nil)) != len(cur.b) {
			t.Errorf("version %d: %+v", version, r)
		}
	}
}
