package aggregate

import (
	"slices"
	"strings"

	"github.com/google/uuid"

	"ringside/ingest"
)

// maxAgentChannels bounds what is held of an agent against a vendor who invents channels.
const maxAgentChannels = 32

// ChannelState is what an agent is on one channel, in the vendor's words.
type ChannelState struct{ Channel, State, Reason string }

// agentChannel is what was said of a channel last.
type agentChannel struct {
	ChannelState
	at int64
	id uuid.UUID
}

// noteChannels takes in what an event says of the agent's channels.
func (a *agent) noteChannels(ev *ingest.Event, at int64) {
	changed, words := false, a.org.c.words
	for i := range ev.AgentChannels {
		said := &ev.AgentChannels[i]
		n, found := slices.BinarySearchFunc(a.channels, said.Channel, func(c agentChannel, name []byte) int {
			return strings.Compare(c.Channel, string(name))
		})
		if !found {
			if len(said.Channel) == 0 || len(a.channels) == maxAgentChannels {
				continue
			}
			a.channels = slices.Insert(a.channels, n, agentChannel{ChannelState: ChannelState{Channel: words.word(said.Channel)}})
			a.org.c.agentChannels++
		}
		c := &a.channels[n]
		last := stamped[struct{}]{at: c.at, id: c.id}
		if !last.yields(at, ev.ID) {
			continue
		}
		c.at, c.id, c.State, c.Reason = at, ev.ID, words.word(said.State), words.word(said.Reason)
		changed = true
	}
	if changed {
		a.org.c.changes.agent(a)
		a.refresh()
	}
}

// channelStates are the agent's channels by name; nil if none is known.
func (a *agent) channelStates() (states []ChannelState) {
	for i := range a.channels {
		states = append(states, a.channels[i].ChannelState)
	}
	return states
}
