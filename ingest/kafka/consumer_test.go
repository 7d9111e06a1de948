package kafka

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
)

func TestConsumer(t *testing.T) {
	eachBroker(t, map[string]func(*testing.T, *testBroker){
		"all once in order":         testAllOnceInOrder,
		"resumes at positions":      testResumesAtPositions,
		"rebalances":                testRebalances,
		"codecs":                    testCodecs,
		"transactions":              testTransactions,
		"message too large":         testMessageTooLarge,
		"headers":                   testHeaders,
		"unequal partitions":        testUnequalPartitions,
		"missing topic":             testMissingTopic,
		"partitions change":         testPartitionsChange,
		"position gone":             testPositionGone,
		"position beyond the end":   testPositionBeyondTheEnd,
		"topic made anew":           testTopicMadeAnew,
		"start at latest":           testStartAtLatest,
		"group of another kind":     testGroupOfAnotherKind,
		"worker's error":            testWorkerError,
		"leaves within a second":    testLeavesWithinASecond,
		"broker away at first":      testBrokerAwayAtFirst,
		"lag and commits":           testLagAndCommits,
		"z broker restarts midway":  testBrokerRestarts,
		"z killed while under load": testKilledUnderLoad,
	})
}

func testAllOnceInOrder(t *testing.T, b *testBroker) {
	topics := newTopics(t, b, nil)
	var want truth
	want.produce(t, b, topics, 5000)
	o := testOptions(t, b, topics)
	o.FetchMaxBytes = 64 << 10 // many fetches
	s := newStore(t)
	c := consume(t, o, s.worker("a"))
	s.await("end", func() bool { return s.total >= want.total })
	want.produce(t, b, topics, 10) // live, behind the end
	s.await("live end", func() bool { return s.total >= want.total })
	c.stop()
	s.matches(&want)
	for at, values := range want.values {
		if len(values) == 0 {
			t.Errorf("%s is empty: the test does not reach it", at)
		}
	}
	if len(want.values) != len(topics)*testPartitions {
		t.Errorf("%d topic partitions with records", len(want.values))
	}
}

func testResumesAtPositions(t *testing.T, b *testBroker) {
	topics := newTopics(t, b, nil)
	var want truth
	want.produce(t, b, topics, 4000)
	o := testOptions(t, b, topics)
	o.FetchMaxBytes = 32 << 10
	s := newStore(t)
	runs := 0
	for s.total < want.total {
		s.holdAt = min(s.total+3000, want.total)
		c := consume(t, o, s.worker("a"))
		s.await("progress", func() bool { return s.total >= s.holdAt })
		c.stop()
		runs++
	}
	if runs < 2 {
		t.Error("one run has read everything: nothing was resumed")
	}
	s.matches(&want)
}

func testRebalances(t *testing.T, b *testBroker) {
	topics := newTopics(t, b, nil)
	o := testOptions(t, b, topics)
	var want truth
	s := newStore(t)
	owned := func(member string) (numbers []int32) {
		for n, m := range s.owners {
			if m == member {
				numbers = append(numbers, n)
			}
		}
		slices.Sort(numbers)
		return numbers
	}
	first := consume(t, o, s.worker("first"))
	s.await("assignment", func() bool { return len(owned("first")) == testPartitions })
	want.produce(t, b, topics, 500)

	second := consume(t, o, s.worker("second"))
	s.await("even spread", func() bool { return len(owned("first")) == 2 && len(owned("second")) == 2 })
	want.produce(t, b, topics, 500)

	third := consume(t, o, s.worker("third"))
	s.await("third's share", func() bool { return len(s.owners) == testPartitions && len(owned("third")) == 1 })
	want.produce(t, b, topics, 500)
	stays := slices.Concat(owned("first"), owned("second"))
	kept := map[int32]string{}
	for _, n := range stays {
		kept[n] = s.owners[n]
	}
	third.stop()
	s.await("spread of two", func() bool { return len(owned("first")) == 2 && len(owned("second")) == 2 })
	for n, member := range kept {
		if s.owners[n] != member {
			t.Errorf("partition %d moved from %s to %s though nobody joined", n, member, s.owners[n])
		}
	}

	second.stop()
	s.await("all back", func() bool { return len(owned("first")) == testPartitions })
	want.produce(t, b, topics, 500)
	s.await("end", func() bool { return s.total >= want.total })
	first.stop()
	s.matches(&want)
}

func testGroupOfAnotherKind(t *testing.T, b *testBroker) {
	topics := newTopics(t, b, nil)
	o := testOptions(t, b, topics)
	joined := make(chan struct{}, 16)
	other := client(t, b, kgo.ConsumerGroup(o.Group), kgo.ConsumeTopics(topics[0].Name), kgo.Balancers(kgo.RangeBalancer()),
		kgo.OnPartitionsAssigned(func(context.Context, *kgo.Client, map[string][]int32) { joined <- struct{}{} }))
	go other.PollFetches(t.Context())
	<-joined
	fails(t, o, newStore(t).worker("a"), "group "+o.Group, "not Ringside's", "kafka.group")
}

func testWorkerError(t *testing.T, b *testBroker) {
	topics := newTopics(t, b, nil)
	broken := errors.New("the store is broken")
	c := consume(t, testOptions(t, b, topics), func(ctx context.Context, p *Partition) error {
		if p.Number() == 2 {
			return broken
		}
		<-ctx.Done()
		return nil
	})
	if err := c.end(); !errors.Is(err, broken) || !strings.Contains(err.Error(), "partition 2") {
		t.Errorf("got %v", err)
	}
}

func testLeavesWithinASecond(t *testing.T, b *testBroker) {
	topics := newTopics(t, b, nil)
	o := testOptions(t, b, topics)
	o.MaxWait = 10 * time.Second // a fetch that waits must not delay the end
	s := newStore(t)
	first := consume(t, o, s.worker("first"))
	s.await("assignment", func() bool { return len(s.owners) == testPartitions })
	if at := first.LastHeartbeat(); time.Since(at) > 5*time.Second {
		t.Errorf("last heartbeat at %v", at)
	}
	began := time.Now()
	first.stop()
	if took := time.Since(began); took > time.Second {
		t.Errorf("leaving took %s", took)
	}
	// Had it not left, the next member would wait for its session to expire.
	began = time.Now()
	second := consume(t, o, s.worker("second"))
	s.await("assignment", func() bool { return len(s.owners) == testPartitions })
	if took := time.Since(began); took > o.withDefaults().SessionTimeout/2 {
		t.Errorf("the next member had to wait for %s", took)
	}
	second.stop()
}

func testBrokerAwayAtFirst(t *testing.T, b *testBroker) {
	topics := newTopics(t, b, nil)
	o := testOptions(t, b, topics)
	o.Brokers = []string{"127.0.0.1:1"} // nobody listens there
	said := make(chan string, 100)
	o.Logf = func(format string, args ...any) { said <- fmt.Sprintf(format, args...) }
	c := consume(t, o, newStore(t).worker("a"))
	if text := <-said; !strings.Contains(text, "no broker can be reached") || !strings.Contains(text, "127.0.0.1:1") {
		t.Errorf("it says %q", text)
	}
	c.stop()

	o.Brokers = append(o.Brokers, b.addr) // one of two is enough
	s := newStore(t)
	c = consume(t, o, s.worker("a"))
	s.await("assignment", func() bool { return len(s.owners) == testPartitions })
	c.stop()
}

func testBrokerRestarts(t *testing.T, b *testBroker) {
	topics := newTopics(t, b, nil)
	var want truth
	want.produce(t, b, topics, 4000)
	o := testOptions(t, b, topics)
	o.FetchMaxBytes = 16 << 10
	s := newStore(t)
	s.holdAt = want.total / 4
	c := consume(t, o, s.worker("a"))
	s.await("progress", func() bool { return s.total >= s.holdAt })
	b.bounce(t)
	s.update(func() { s.holdAt = 0 })
	s.await("end", func() bool { return s.total >= want.total })
	want.produce(t, b, topics, 500)
	s.await("end", func() bool { return s.total >= want.total })
	c.stop()
	s.matches(&want)
}

// A member that is gone without leaving: the others get its numbers after the session timeout and begin at the
// positions in the store.
func testKilledUnderLoad(t *testing.T, b *testBroker) {
	topics := newTopics(t, b, nil)
	var want truth
	want.produce(t, b, topics, 1000)
	o := testOptions(t, b, topics)
	o.SessionTimeout = 6 * time.Second
	s := newStore(t)
	dead := joinAndVanish(t, o)
	began := time.Now()
	c := consume(t, o, s.worker("heir"))
	s.await("all numbers", func() bool { return len(s.owners) == testPartitions })
	if took := time.Since(began); took > 15*time.Second {
		t.Errorf("the numbers of %s were taken over after %s", dead, took)
	}
	s.await("end", func() bool { return s.total >= want.total })
	c.stop()
	s.matches(&want)
}

// joinAndVanish leaves a member in the group that sends no more heartbeats.
func joinAndVanish(t *testing.T, o Options) string {
	t.Helper()
	o = o.withDefaults()
	var bal balancer
	data, err := bal.UserData()
	if err != nil {
		t.Fatal(err)
	}
	meta := kmsg.NewConsumerMemberMetadata()
	meta.Topics, meta.UserData = o.topicNames(), data
	slices.Sort(meta.Topics)
	protocol := kmsg.NewJoinGroupRequestProtocol()
	protocol.Name, protocol.Metadata = protocolName, meta.AppendTo(nil)
	req := kmsg.NewPtrJoinGroupRequest()
	req.Group, req.ProtocolType = o.Group, "consumer"
	req.SessionTimeoutMillis = int32(o.SessionTimeout / time.Millisecond)
	req.RebalanceTimeoutMillis = int32(o.RebalanceTimeout / time.Millisecond)
	req.Protocols = append(req.Protocols, protocol)
	k, err := kgo.NewClient(kgo.SeedBrokers(o.Brokers...))
	if err != nil {
		t.Fatal(err)
	}
	defer k.Close()
	for {
		res, err := req.RequestWith(t.Context(), k)
		if err != nil {
			t.Fatal(err)
		}
		const memberIDRequired = 79
		if req.MemberID = res.MemberID; res.ErrorCode == memberIDRequired {
			continue
		}
		if res.ErrorCode != 0 {
			t.Fatalf("join: error %d", res.ErrorCode)
		}
		sync := kmsg.NewPtrSyncGroupRequest()
		sync.Group, sync.Generation, sync.MemberID = o.Group, res.Generation, res.MemberID
		sync.ProtocolType, sync.Protocol = &req.ProtocolType, &protocol.Name
		if res, err := sync.RequestWith(t.Context(), k); err != nil || res.ErrorCode != 0 {
			t.Fatalf("sync: %v %+v", err, res)
		}
		return req.MemberID
	}
}
