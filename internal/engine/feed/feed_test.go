package feed

import (
	"context"
	"fmt"
	"net"
	"strconv"
	"sync/atomic"
	"testing"
	"time"

	"github.com/segmentio/kafka-go"

	"ringside/ingest"
	"ringside/ingest/broker"
	ringkafka "ringside/ingest/kafka"
	"ringside/internal/sim"
)

const partitions = 3

var topics = map[string]string{sim.TopicQueue: "q", sim.TopicUser: "u", sim.TopicCallback: "c"}

func startBroker(t *testing.T, dir string, port int) *broker.Broker {
	t.Helper()
	b, err := broker.Start(t.Context(), broker.Options{DataDir: dir, Port: port, Topics: []string{"q", "u", "c"}, Partitions: partitions})
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// hours is a simulation of the first hours of a day.
func hours(n int) sim.Config {
	c := sim.DefaultConfig(7)
	c.Settle, c.End = false, c.Start.Add(time.Duration(n)*time.Hour)
	return c
}

func newFeed(t *testing.T, c sim.Config, addr string) *Feed {
	t.Helper()
	f, err := New(t.Context(), Options{Sim: c, Brokers: []string{addr}, Topics: topics, Partitions: partitions, Source: ingest.SourceEnreach, Speed: 1, Logf: t.Logf})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = f.Close() })
	return f
}

// logs reads what is in each partition.
func logs(t *testing.T, addr string) map[place][]string {
	t.Helper()
	got := map[place][]string{}
	for _, topic := range topics {
		for p := range partitions {
			conn, err := kafka.DialLeader(t.Context(), "tcp", addr, topic, p)
			if err != nil {
				t.Fatal(err)
			}
			end, err := conn.ReadLastOffset()
			if err != nil {
				t.Fatal(err)
			}
			at := place{topic, int32(p)}
			for int64(len(got[at])) < end {
				batch := conn.ReadBatch(1, 4<<20)
				for {
					m, err := batch.ReadMessage()
					if err != nil {
						break // the end of the batch
					}
					got[at] = append(got[at], string(m.Value))
				}
				if err := batch.Close(); err != nil {
					t.Fatal(err)
				}
			}
			_ = conn.Close()
		}
	}
	return got
}

// compare holds the topics to the simulation: every event once, in order.
func compare(t *testing.T, c sim.Config, until time.Time, got map[place][]string) {
	t.Helper()
	want := map[place][]string{}
	n := 0
	for _, e := range sim.New(c).Until(ingest.FromGo(until), nil) {
		at := place{topics[e.Topic], ringkafka.PartitionFor(e.Org, partitions)}
		want[at] = append(want[at], string(e.JSON))
		n++
	}
	if n < 1000 {
		t.Fatalf("only %d events", n)
	}
	for at, events := range want {
		if fmt.Sprint(got[at]) != fmt.Sprint(events) {
			t.Errorf("%v has %d events, want %d, or others", at, len(got[at]), len(events))
		}
	}
}

func TestFeedGoesOnWhereTheLastOneStopped(t *testing.T) {
	b := startBroker(t, "", 0)
	defer b.Close()
	c := hours(12)
	for _, at := range []time.Duration{8 * time.Hour, 9 * time.Hour, 9 * time.Hour, 10 * time.Hour} {
		f := newFeed(t, c, b.Addr())
		if err := f.CatchUp(t.Context(), c.Start.Add(at)); err != nil {
			t.Fatal(err)
		}
		if got := f.At().Sub(c.Start); got < at {
			t.Errorf("after catching up to %s the feed is at %s", at, got)
		}
	}
	compare(t, c, c.Start.Add(10*time.Hour), logs(t, b.Addr()))
}

func TestFeedOutlastsABrokerThatIsAway(t *testing.T) {
	dir := t.TempDir()
	b := startBroker(t, dir, 0)
	_, text, _ := net.SplitHostPort(b.Addr())
	port, err := strconv.Atoi(text)
	if err != nil {
		t.Fatal(err)
	}
	c := hours(14)
	f := newFeed(t, c, b.Addr())
	if err := f.CatchUp(t.Context(), c.Start.Add(8*time.Hour)); err != nil {
		t.Fatal(err)
	}
	b.Close()
	var away atomic.Int64
	f.Logf = func(string, ...any) { away.Add(1) }
	done := make(chan error, 1)
	go func() { done <- f.CatchUp(t.Context(), c.Start.Add(12*time.Hour)) }()
	for away.Load() == 0 {
		select {
		case err := <-done:
			t.Fatalf("with the broker away the feed ends: %v", err)
		case <-time.After(20 * time.Millisecond):
		}
	}
	b = startBroker(t, dir, port)
	defer b.Close()
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	compare(t, c, c.Start.Add(12*time.Hour), logs(t, b.Addr()))
}

func TestLiveFollowsTheClock(t *testing.T) {
	b := startBroker(t, "", 0)
	defer b.Close()
	c := hours(12)
	f := newFeed(t, c, b.Addr())
	noon := c.Start.Add(11 * time.Hour)
	if err := f.CatchUp(t.Context(), noon); err != nil {
		t.Fatal(err)
	}
	before := f.Sent()
	f.Speed = 600
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	begun := time.Now()
	go func() { ended <- f.Live(ctx) }()
	for f.Sent() < before+500 {
		time.Sleep(10 * time.Millisecond)
	}
	took := time.Since(begun)
	stop()
	if err := <-ended; err != nil {
		t.Fatal(err)
	}
	if at := f.At().Sub(noon); at > time.Duration(float64(took+time.Second)*f.Speed) || at <= 0 {
		t.Errorf("after %s at 600 times the speed the feed is %s on", took, at)
	}
}
