package kafka

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// deleteRecords lets the log of a partition begin at offset, as retention does.
func deleteRecords(t *testing.T, b *testBroker, topic string, partition int32, offset int64) {
	t.Helper()
	p := kmsg.NewDeleteRecordsRequestTopicPartition()
	p.Partition, p.Offset = partition, offset
	rt := kmsg.NewDeleteRecordsRequestTopic()
	rt.Topic, rt.Partitions = topic, []kmsg.DeleteRecordsRequestTopicPartition{p}
	req := kmsg.NewPtrDeleteRecordsRequest()
	req.TimeoutMillis = 10_000
	req.Topics = append(req.Topics, rt)
	res, err := client(t, b).Request(t.Context(), req)
	if err != nil {
		t.Fatal(err)
	}
	if p := res.(*kmsg.DeleteRecordsResponse).Topics[0].Partitions[0]; p.ErrorCode != 0 || p.LowWatermark != offset {
		t.Fatalf("delete records: %+v", p)
	}
}

// fill writes n records to partition 0 of the first topic.
func fill(t *testing.T, b *testBroker, topic string, n int) {
	t.Helper()
	k := client(t, b)
	for i := range n {
		r := &kgo.Record{Topic: topic, Partition: 0, Value: fmt.Append(nil, i)}
		if err := k.ProduceSync(t.Context(), r).FirstErr(); err != nil {
			t.Fatal(err)
		}
	}
}

func testPositionGone(t *testing.T, b *testBroker) {
	topics := newTopics(t, b, nil)
	topic := topics[0].Name
	fill(t, b, topic, 20)
	deleteRecords(t, b, topic, 0, 12)
	o := testOptions(t, b, topics)

	s := newStore(t)
	s.positions[0] = map[string]int64{topic: 5}
	fails(t, o, s.worker("a"), topic, "position 5 is no longer in the log, which is from 12 to 20", "7 records", "kafka.out_of_range", "earliest", "latest")
	if s.total != 0 {
		t.Errorf("%d records before the error", s.total)
	}

	o.OutOfRange = Earliest
	c := consume(t, o, s.worker("a"))
	s.await("the rest", func() bool { return s.positions[0][topic] == 20 })
	var skipped int64
	for _, l := range c.Lag() {
		skipped += l.Skipped
	}
	c.stop()
	if got := s.values[topic+"/0"]; !slices.Equal(got, []string{"12", "13", "14", "15", "16", "17", "18", "19"}) || skipped != 7 {
		t.Errorf("earliest: %q, %d skipped", got, skipped)
	}

	o.OutOfRange = Latest
	s = newStore(t)
	s.positions[0] = map[string]int64{topic: 5}
	c = consume(t, o, s.worker("a"))
	s.await("assignment", func() bool { return len(s.owners) == testPartitions })
	awaitLag(t, c, topic, 20)
	fill(t, b, topic, 1)
	s.await("the new record", func() bool { return s.total > 0 })
	c.stop()
	if got := s.values[topic+"/0"]; !slices.Equal(got, []string{"0"}) || s.positions[0][topic] != 21 {
		t.Errorf("latest: %q, position %d", got, s.positions[0][topic])
	}
}

// awaitLag waits until partition 0 of the topic is at a position.
func awaitLag(t *testing.T, c *consumption, topic string, position int64) {
	t.Helper()
	for end := time.Now().Add(30 * time.Second); ; time.Sleep(5 * time.Millisecond) {
		for _, l := range c.Lag() {
			if l.Topic == topic && l.Partition == 0 && l.Position == position {
				return
			}
		}
		if time.Now().After(end) {
			t.Fatalf("position %d is not reached: %+v", position, c.Lag())
		}
	}
}

func testPositionBeyondTheEnd(t *testing.T, b *testBroker) {
	topics := newTopics(t, b, nil)
	fill(t, b, topics[0].Name, 3)
	s := newStore(t)
	s.positions[0] = map[string]int64{topics[0].Name: 9}
	o := testOptions(t, b, topics)
	fails(t, o, s.worker("a"), "partition 0", "position 9 is beyond the end of the log, which is from 0 to 3", "kafka.out_of_range")

	// The owner learns the new position though no record comes: the next start must not fail again.
	o.OutOfRange = Latest
	c := consume(t, o, s.worker("a"))
	s.await("the new position", func() bool { return s.positions[0][topics[0].Name] == 3 })
	c.stop()
	if s.total != 0 {
		t.Errorf("%d records", s.total)
	}
}

func testStartAtLatest(t *testing.T, b *testBroker) {
	topics := newTopics(t, b, nil)
	topic := topics[0].Name
	fill(t, b, topic, 5)
	o := testOptions(t, b, topics)
	o.Start = Latest
	s := newStore(t)
	c := consume(t, o, s.worker("a"))
	s.await("assignment", func() bool { return len(s.owners) == testPartitions })
	awaitLag(t, c, topic, 5)
	fill(t, b, topic, 1)
	s.await("the new record", func() bool { return s.total > 0 })
	c.stop()
	if s.total != 1 || s.positions[0][topic] != 6 {
		t.Errorf("%d records, position %d", s.total, s.positions[0][topic])
	}
}

func testLagAndCommits(t *testing.T, b *testBroker) {
	topics := newTopics(t, b, nil)
	topic := topics[0].Name
	fill(t, b, topic, 30)
	o := testOptions(t, b, topics)
	committed := make(chan map[string]int64, 8)
	var generations []int32
	for range 2 {
		c := consume(t, o, func(ctx context.Context, p *Partition) error {
			if p.Number() != 0 {
				return nil // idle
			}
			generations = append(generations, p.GenerationID())
			committed <- maps.Clone(p.Committed())
			if err := p.Start(ctx, map[string]Place{topic: {Offset: 10}}); err != nil {
				return err
			}
			if err := p.Start(ctx, nil); err == nil {
				return errors.New("a second Start was taken")
			}
			for _, l := range p.Lag() {
				if l.Topic == topic && l.Position != 10 {
					return fmt.Errorf("position %d", l.Position)
				}
			}
			b, err := p.Next(ctx)
			if err != nil {
				return err
			}
			if err := p.Commit(map[string]int64{topic: b.NextOffset}); err != nil {
				return err
			}
			b.Release()
			committed <- nil
			<-ctx.Done()
			return nil
		})
		first := <-committed
		if len(generations) == 1 && len(first) != 0 || len(generations) == 2 && first[topic] != 30 {
			t.Errorf("generation %d: committed %v", len(generations), first)
		}
		<-committed
		var lag int64 = -1
		for _, l := range c.Lag() {
			if l.Topic == topic && l.Partition == 0 {
				lag = l.Records()
			}
		}
		if lag != 0 {
			t.Errorf("lag %d", lag)
		}
		c.stop()
	}
	if len(generations) != 2 || generations[1] <= generations[0] {
		t.Errorf("generations %v", generations)
	}
}
