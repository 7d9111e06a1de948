package kafka

import (
	"testing"
	"time"

	"ringside/ingest/kafka/kafkatest"
)

// A broker that hangs is worse than one that is gone: connections stay open and nothing answers.
func TestStalledBroker(t *testing.T) {
	c := kafkatest.Start(t)
	b := &testBroker{addr: c.Addr()}
	ended := func(t *testing.T, run *consumption, most time.Duration) {
		t.Helper()
		began := time.Now()
		run.stop()
		if took := time.Since(began); took > most {
			t.Errorf("the end took %s", took)
		}
	}
	t.Run("end while consuming", func(t *testing.T) {
		topics := newTopics(t, b, nil)
		s := newStore(t)
		run := consume(t, testOptions(t, b, topics), s.worker("a"))
		s.await("assignment", func() bool { return len(s.owners) == testPartitions })
		c.Pause()
		defer c.Resume()
		heard := run.LastHeartbeat()
		ended(t, run, leaveTimeout+time.Second)
		if run.LastHeartbeat().After(heard.Add(time.Second)) {
			t.Error("a heartbeat counts though nothing answers")
		}
	})
	t.Run("goes on afterwards", func(t *testing.T) {
		topics := newTopics(t, b, nil)
		var want truth
		want.produce(t, b, topics, 2000)
		o := testOptions(t, b, topics)
		o.FetchMaxBytes = 16 << 10
		s := newStore(t)
		s.holdAt = want.total / 4
		run := consume(t, o, s.worker("a"))
		s.await("progress", func() bool { return s.total >= s.holdAt })
		c.Pause()
		s.update(func() { s.holdAt = 0 })
		s.await("what was fetched", func() bool { return s.total > want.total/4 })
		c.Resume()
		s.await("end", func() bool { return s.total >= want.total })
		run.stop()
		s.matches(&want)
	})
}
