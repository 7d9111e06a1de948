package oracle

import (
	"slices"
	"strings"
	"testing"

	"ringside/ingest"
)

func TestShrink(t *testing.T) {
	events := NewRandom(4, RandomSettings()).Events()
	if len(events) < 10 {
		t.Fatalf("only %d events", len(events))
	}
	first, last := events[2], events[len(events)-2]
	least := Shrink(events, func(e []*ingest.Event) bool { return slices.Contains(e, first) && slices.Contains(e, last) })
	if len(least) != 2 || least[0] != first || least[1] != last {
		t.Errorf("left %d events, want the two that are needed, in their order", len(least))
	}
}

func TestFormat(t *testing.T) {
	r := NewRandom(1, RandomSettings())
	ev := r.event(ingest.QueueCallInUserConnected, r.start+25_000_001)
	ev.CallID, ev.QueueID, ev.UserID, ev.AgentLegID = ID("call", "c1"), ID("queue", "q1"), ID("user", "u1"), []byte("A1")
	got := Format([]*ingest.Event{ev})
	if want := ".5000001 c1 QueueCallInUserConnected q1 u1 agentleg=A1 id=e1\n"; !strings.HasSuffix(got, want) {
		t.Errorf("got %q, want it to end in %q", got, want)
	}
}
