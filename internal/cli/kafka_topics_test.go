package cli

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"

	"ringside/ingest/kafka"
	"ringside/ingest/kafka/kafkatest"
)

// site is a real Kafka and a ClickHouse for several tests, each with topics, a group and a database of its own.
type site struct {
	t      *testing.T
	kafka  *kafkatest.Cluster
	client *kgo.Client
	dir    string
	store  string // YAML
}

func newSite(t *testing.T) *site {
	t.Helper()
	cluster := kafkatest.Start(t)
	client, err := kgo.NewClient(kgo.SeedBrokers(cluster.Addr()), kgo.RecordPartitioner(kgo.ManualPartitioner()))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.Close)
	s := &site{t: t, kafka: cluster, client: client, dir: t.TempDir()}
	u := sharedStore(t, s.dir)
	password, _ := u.User.Password()
	s.store = fmt.Sprintf("url: \"http://%s\", username: %q, password: %q, checkpoint: {interval: 1s}, flush: {now: 100ms, figures: 200ms, history: 300ms}",
		u.Host, u.User.Username(), password)
	must(t, "migrate", "--config", yamlFile(t, s.yaml("none", "ringside", cluster.Addr(), ""))) // what a subtest asks by name is asked of a store that has the default one
	return s
}

// on is the site as a subtest sees it.
func (s *site) on(t *testing.T) *site {
	copied := *s
	copied.t = t
	return &copied
}

// topics creates the three topics of a name.
func (s *site) topics(name string, partitions int) (all []string) {
	s.t.Helper()
	for _, topic := range dayTopics {
		all = append(all, name+"-"+topic)
	}
	s.create(partitions, all...)
	return all
}

func (s *site) create(partitions int, topics ...string) {
	s.t.Helper()
	kafkatest.CreateTopics(s.t, s.kafka.Addr(), partitions, map[string]string{"retention.ms": "-1", "max.message.bytes": "8000000"}, topics...)
}

// yaml is the configuration of an engine for the topics of a name; more are further settings of kafka.
func (s *site) yaml(name, database, broker, more string) string {
	return fmt.Sprintf(`
kafka:
  brokers: [%q]
  group: %s
  session_timeout: 6s
  fetch: {max_bytes: 64KiB}
  topics: {queue_events: {name: %[2]s-queue-events}, user_events: {name: %[2]s-user-events}, callback_events: {name: %[2]s-callback-events}}
  %s
http: {listen: "127.0.0.1:0"}
privacy: {numbers: keep}
store: {database: %s, %s}
`, broker, name, more, database, s.store)
}

// config is the configuration file of a subtest: its database has the name of its topics.
func (s *site) config(name, more string) string {
	s.t.Helper()
	return yamlFile(s.t, s.yaml(name, name, s.kafka.Addr(), more))
}

func (s *site) selects(sql string) string { s.t.Helper(); return selects(s.t, s.dir, sql) }

// setting is an event that changes no figure; each n is another one.
func setting(n int, more string) []byte {
	return []byte(event("UserSetting", fmt.Sprintf("%012d", n), "10:00:00", more))
}

func settingRecord(topic string, n int, more string) *kgo.Record {
	return &kgo.Record{Topic: topic, Key: kafka.OrganizationKey(uuid.MustParse(organization)), Value: setting(n, more)}
}

// settings sends the events from to to-1 to partition 0 of a topic.
func (s *site) settings(topic string, from, to int) {
	s.t.Helper()
	s.send(s.client, s.records(topic, from, to-from))
}

// request sends one request to the broker that it is for.
func request[R kmsg.Response](s *site, r kmsg.Request) R {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	res, err := s.client.Request(ctx, r)
	if err != nil {
		s.t.Fatalf("%T: %v", r, err)
	}
	return res.(R)
}

// recreate deletes topics and makes them anew, with one partition.
func (s *site) recreate(topics []string) {
	s.t.Helper()
	req := kmsg.NewPtrDeleteTopicsRequest()
	req.TimeoutMillis = 10_000
	for _, topic := range topics {
		req.TopicNames = append(req.TopicNames, topic)
		t := kmsg.NewDeleteTopicsRequestTopic()
		t.Topic = kmsg.StringPtr(topic)
		req.Topics = append(req.Topics, t)
	}
	for _, t := range request[*kmsg.DeleteTopicsResponse](s, req).Topics {
		if err := kerr.ErrorForCode(t.ErrorCode); err != nil {
			s.t.Fatalf("delete topic %v: %v", t.Topic, err)
		}
	}
	s.create(1, topics...)
	for end := time.Now().Add(patience); s.end(topics[0]) != 0; { // the broker may take records for what is being deleted
		if time.Now().After(end) {
			s.t.Fatalf("topic %s does not begin anew", topics[0])
		}
	}
	s.client.PurgeTopicsFromClient(slices.Clone(topics)...) // it knows the ids of those that are gone; it sorts what it is given
}

func (s *site) addPartitions(count int32, topics ...string) {
	s.t.Helper()
	req := kmsg.NewPtrCreatePartitionsRequest()
	req.TimeoutMillis = 10_000
	for _, topic := range topics {
		t := kmsg.NewCreatePartitionsRequestTopic()
		t.Topic, t.Count = topic, count
		req.Topics = append(req.Topics, t)
	}
	for _, t := range request[*kmsg.CreatePartitionsResponse](s, req).Topics {
		if err := kerr.ErrorForCode(t.ErrorCode); err != nil {
			s.t.Fatalf("add partitions to %s: %v", t.Topic, err)
		}
	}
}

// deleteBefore lets partition 0 of a topic begin at an offset, as retention does.
func (s *site) deleteBefore(topic string, offset int64) {
	s.t.Helper()
	p := kmsg.NewDeleteRecordsRequestTopicPartition()
	p.Offset = offset
	t := kmsg.NewDeleteRecordsRequestTopic()
	t.Topic, t.Partitions = topic, []kmsg.DeleteRecordsRequestTopicPartition{p}
	req := kmsg.NewPtrDeleteRecordsRequest()
	req.TimeoutMillis, req.Topics = 10_000, []kmsg.DeleteRecordsRequestTopic{t}
	if p := request[*kmsg.DeleteRecordsResponse](s, req).Topics[0].Partitions[0]; p.ErrorCode != 0 || p.LowWatermark != offset {
		s.t.Fatalf("delete records: %+v", p)
	}
}

// end is where partition 0 of a topic ends, markers of transactions included.
func (s *site) end(topic string) int64 {
	s.t.Helper()
	p := kmsg.NewListOffsetsRequestTopicPartition()
	p.Timestamp = -1
	t := kmsg.NewListOffsetsRequestTopic()
	t.Topic, t.Partitions = topic, []kmsg.ListOffsetsRequestTopicPartition{p}
	req := kmsg.NewPtrListOffsetsRequest()
	req.ReplicaID, req.Topics = -1, []kmsg.ListOffsetsRequestTopic{t}
	return request[*kmsg.ListOffsetsResponse](s, req).Topics[0].Partitions[0].Offset
}

// all reads everything that is in topics, each whole, in the order in which it was sent.
func (s *site) all(topics []string) (records []*kgo.Record) {
	s.t.Helper()
	client, err := kgo.NewClient(kgo.SeedBrokers(s.kafka.Addr()), kgo.ConsumeTopics(topics...), kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()))
	if err != nil {
		s.t.Fatal(err)
	}
	defer client.Close()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	for quiet := 0; quiet < 2; { // twice: it takes a moment until the client knows the partitions
		wait, stop := context.WithTimeout(ctx, time.Second)
		fetches := client.PollFetches(wait)
		stop()
		if ctx.Err() != nil {
			s.t.Fatal("the topics have no end")
		}
		got := fetches.Records()
		if len(got) == 0 {
			quiet++
		}
		records = append(records, got...)
	}
	return records
}
