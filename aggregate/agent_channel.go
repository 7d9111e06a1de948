package aggregate

import (
	"slices"
	"strings"

	"ringside/ingest"
)

// maxAgentChannels bounds what is held of an agent against a vendor who invents channels.
const maxAgentChannels = 32

// ChannelState is what an agent is on one channel, in the vendor's words.
type ChannelState struct{ Channel, State, Reason string }

// agentChannel is what was said of a channel last.
type agentChannel = stamped[ChannelState]

// noteChannels takes in what an event says of the agent's channels.
func (a *agent) noteChannels(ev *ingest.Event, at int64) {
	changed, words := false, a.org.c.words
	for i := range ev.AgentChannels {
		said := &ev.AgentChannels[i]
		n, found := slices.BinarySearchFunc(a.channels, said.Channel, func(c agentChannel, name []byte) int {
			return strings.Compare(c.value.Channel, string(name))
		})
		if !found {
			if len(said.Channel) == 0 || len(a.channels) == maxAgentChannels {
				continue
			}
			a.channels = slices.Insert(a.channels, n, agentChannel{value: ChannelState{Channel: words.word(said.Channel)}})
			a.org.c.agentChannels++
		}
		c := &a.channels[n]
		if c.set(ChannelState{c.value.Channel, words.word(said.State), words.word(said.Reason)}, at, ev.ID) {
			changed = true
		}
	}
	if changed {
		a.org.c.changes.agent(a)
		a.refresh()
	}
}

// channelStates are the agent's channels by name; nil if none is known.
func (a *agent) channelStates() (states []ChannelState) {
	for i := range a.channels {
		states = append(states, a.channels[i].value)
	}
	return states
}
