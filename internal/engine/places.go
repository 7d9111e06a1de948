package engine

import (
	"fmt"
	"sync"

	"github.com/google/uuid"

	"ringside/ingest"
)

// noPartition stands for "not from Kafka": rows of a replay.
const noPartition int32 = -1

// places remembers where each organization's events are: its partition number, the same in all topics, or noPartition
// where they come from files. An organization in two places would be counted by two cores that know nothing of each
// other. It is safe for concurrent use.
type places struct {
	mu sync.Mutex
	at map[uuid.UUID]int32
}

func newPlaces(stored map[uuid.UUID]int32) *places {
	if stored == nil {
		stored = map[uuid.UUID]int32{}
	}
	return &places{at: stored}
}

// admit tells whether events of an organization are taken from partition, and whether the organization is new.
func (p *places) admit(organization uuid.UUID, partition int32) (a admission, isNew bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	at, known := p.at[organization]
	switch {
	case !known:
		p.at[organization] = partition
		return admission{}, true
	case at == partition:
		return admission{}, false
	case at == noPartition: // history was replayed first; now it goes live
		p.at[organization] = partition
		return admission{}, true
	default:
		return admission{ingest.RejectWrongPartition, fmt.Sprintf(
			"organization %s belongs to partition %d: is the record's key the OrganizationId in lower case, hashed by murmur2?",
			organization, at)}, false
	}
}
