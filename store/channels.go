package store

import (
	"github.com/ClickHouse/clickhouse-go/v2/lib/column"

	"ringside/aggregate"
)

// channelsCol has a text of each of an agent's channels.
func channelsCol(name string, get func(*aggregate.ChannelState) string) columnOf[aggregate.AgentStatusRow] {
	return col(name, "Map(String, String)", func(e *entry[aggregate.AgentStatusRow]) channelMap { return channelMap{e.row.Channels, get} })
}

// channelMap shows channels to the driver as a map, in their order: the same row has the same bytes.
type channelMap struct {
	channels []aggregate.ChannelState
	get      func(*aggregate.ChannelState) string
}

// Put is part of the driver's interface and not used in inserts.
func (channelMap) Put(any, any) { panic("BUG: channels are only written") }

// Iterator implements the driver's interface of maps. Channels without the text are left out.
func (m channelMap) Iterator() column.MapIterator { return &channelIterator{m, -1} }

type channelIterator struct {
	m channelMap
	i int
}

func (it *channelIterator) Next() bool {
	for it.i++; it.i < len(it.m.channels); it.i++ {
		if it.Value() != "" {
			return true
		}
	}
	return false
}

func (it *channelIterator) Key() any   { return it.m.channels[it.i].Channel }
func (it *channelIterator) Value() any { return it.m.get(&it.m.channels[it.i]) }
