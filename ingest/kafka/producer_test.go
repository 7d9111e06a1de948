package kafka

import (
	"bytes"
	"context"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
)

// An event of the gateway's limit must get through, though it does not fit a batch of the usual size.
func TestProducerTakesMessagesUpToItsLimit(t *testing.T) {
	b := startEmbedded(t)
	topics := newTopics(t, b, nil)
	p, err := NewProducer(ProducerOptions{Brokers: []string{b.addr}})
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	org := uuid.New()
	message := func(size int) Message {
		return Message{Topic: topics[0].Name, OrganizationID: org, Source: "enreach", Value: bytes.Repeat([]byte("x"), size)}
	}
	sizes := []int{1, 1 << 20, 2, batchBytes, batchBytes - headroom, batchBytes - headroom + 1}
	var ms []Message
	for _, size := range sizes {
		ms = append(ms, message(size))
	}
	if err := p.Produce(t.Context(), ms); err != nil {
		t.Fatal(err)
	}
	s := newStore(t)
	c := consume(t, testOptions(t, b, topics), s.worker("a"))
	s.await("all messages", func() bool { return s.total == len(sizes) })
	c.stop()
	if len(s.rejects) != 0 {
		t.Errorf("rejects %+v", s.rejects)
	}

	err = p.Produce(t.Context(), []Message{message(1), message(1<<20 + 1)})
	if err == nil || !strings.Contains(err.Error(), "message 1 has 1048577 bytes; the limit is 1048576") {
		t.Errorf("beyond the limit: %v", err)
	}
}

func TestProducerSaysWhatWasNotWritten(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	addr := l.Addr().String()
	l.Close()
	p, err := NewProducer(ProducerOptions{Brokers: []string{addr}, Attempts: 1})
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	err = p.Produce(ctx, []Message{{Topic: "t", Value: []byte("x")}})
	if err == nil || !strings.Contains(err.Error(), "kafka: ") || !strings.Contains(err.Error(), addr) {
		t.Errorf("got %v", err)
	}
}
