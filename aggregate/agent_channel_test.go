package aggregate_test

import (
	"slices"
	"testing"

	"github.com/google/uuid"

	"ringside/aggregate"
	"ringside/ingest"
)

// TestChannelsOfAgents says what an agent is on channels, in each order: of each channel what was said last counts, and why
// the agent is away is shown while the agent is.
func TestChannelsOfAgents(t *testing.T) {
	said := func(second int, reason string, channels ...string) *ingest.Event {
		e := &ingest.Event{Type: ingest.UserAvailability, ID: uuid.UUID{1, byte(second)}, OrganizationID: uuid.UUID{2}, UserID: uuid.UUID{3},
			Timestamp: ingest.FromMicros(1_772_438_400_000_000 + int64(second)*1e6), Availability: []byte("Away"), AvailabilityReason: []byte(reason)}
		for i := 0; i < len(channels); i += 3 {
			e.AgentChannels = append(e.AgentChannels, ingest.AgentChannel{Channel: []byte(channels[i]), State: []byte(channels[i+1]), Reason: []byte(channels[i+2])})
		}
		return e
	}
	events := []*ingest.Event{
		said(1, "100", "VOICE", "READY", "", "EMAIL", "NOT_READY", "7"),
		said(2, "700", "VOICE", "NOT_READY", "8"),
		said(3, "701", "CHAT", "RELEASED", ""),
	}
	want := []aggregate.ChannelState{{Channel: "CHAT", State: "RELEASED"}, {Channel: "EMAIL", State: "NOT_READY", Reason: "7"}, {Channel: "VOICE", State: "NOT_READY", Reason: "8"}}
	for _, order := range [][]int{{0, 1, 2}, {2, 1, 0}, {1, 2, 0}} {
		core := aggregate.New(aggregate.DefaultSettings())
		for _, i := range order {
			if r := core.Apply(events[i]); r != aggregate.Accepted {
				t.Fatal(r)
			}
		}
		core.Settle()
		var rows aggregate.Rows
		core.Drain(aggregate.DrainAll, &rows)
		if len(rows.Agents) == 0 {
			t.Fatal("no agents")
		}
		got := rows.Agents[len(rows.Agents)-1]
		if !slices.Equal(got.Channels, want) || got.AvailabilityReason != "701" {
			t.Errorf("in the order %v: reason %q, channels %v", order, got.AvailabilityReason, got.Channels)
		}
	}
}
