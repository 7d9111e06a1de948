package kafkatest

import (
	"context"
	"testing"
	"time"

	"github.com/segmentio/kafka-go"
)

// A record must outlive a kill: else the tests of restarts would prove nothing.
func TestKillAndRestartKeepsRecords(t *testing.T) {
	c := Start(t)
	CreateTopics(t, c.Addr(), 1, nil, "kept")
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()

	w := &kafka.Writer{Addr: kafka.TCP(c.Addr()), Topic: "kept", RequiredAcks: kafka.RequireAll, BatchTimeout: time.Millisecond}
	defer w.Close()
	if err := w.WriteMessages(ctx, kafka.Message{Value: []byte("here")}); err != nil {
		t.Fatal(err)
	}
	before := c.cmd.Process.Pid
	c.Kill()
	c.Restart()
	if c.cmd.Process.Pid == before {
		t.Fatal("the process was not replaced")
	}
	r := kafka.NewReader(kafka.ReaderConfig{Brokers: []string{c.Addr()}, Topic: "kept", MaxWait: 100 * time.Millisecond})
	defer r.Close()
	m, err := r.ReadMessage(ctx)
	if err != nil || string(m.Value) != "here" {
		t.Fatalf("read %q, %v", m.Value, err)
	}
}
