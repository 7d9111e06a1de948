package oracle

import (
	"time"

	"github.com/google/uuid"

	"ringside/aggregate"
	"ringside/ingest"
)

const microsPerQuarter = 15 * 60 * 1_000_000

// localZone is the zone of a queue at some instant.
type localZone struct {
	name string
	loc  *time.Location
}

// zoneAt: "Region of the last QueueChanged at or before the begin, else the queue's or organization's configured zone,
// else UTC". A Region that the settings cannot resolve counts as none.
func (o *orgFold) zoneAt(queue uuid.UUID, at int64) localZone {
	region := ""
	for _, f := range o.others { // in order of (Timestamp, Id)
		if f.ev.Type == ingest.QueueChanged && f.ev.QueueID == queue && f.at() <= at {
			region = string(f.ev.Region)
		}
	}
	for _, name := range []string{region, o.rulesAt(queue, at).Zone} {
		if name == "" {
			continue
		}
		if loc, ok := o.s.Zone(name); ok {
			return localZone{loc.String(), loc}
		}
	}
	return localZone{"UTC", time.UTC}
}

// rulesAt resolves the queue's settings "by the groups of the last QueueChanged at or before then".
func (o *orgFold) rulesAt(queue uuid.UUID, at int64) aggregate.QueueRules {
	var groups []uuid.UUID
	for _, f := range o.others {
		if f.ev.Type == ingest.QueueChanged && f.ev.QueueID == queue && f.at() <= at {
			groups = nil
			for _, g := range f.ev.QueueGroups {
				groups = append(groups, g.ID)
			}
		}
	}
	return o.s.Rules(o.id, queue, groups)
}

// queueName is the last name that any event gave the queue.
func (o *orgFold) queueName(queue uuid.UUID) string {
	name := ""
	for _, f := range o.all {
		if f.ev.QueueID == queue && len(f.ev.QueueName) > 0 {
			name = string(f.ev.QueueName)
		}
	}
	return name
}

// dateOf returns the local date of an instant, in days since 1970-01-01.
func (z localZone) dateOf(at int64) int32 {
	y, m, d := time.UnixMicro(at).In(z.loc).Date()
	return int32(time.Date(y, m, d, 0, 0, 0, 0, time.UTC).Unix() / 86400)
}

// midnightOf returns the first instant of the local date of at. It is searched minute by minute, because a change of
// the clocks can make a day begin at another hour than 0.
func (z localZone) midnightOf(at int64) int64 {
	date := z.dateOf(at)
	const minute = 60_000_000
	first := floorDiv(at, minute) * minute
	for z.dateOf(first-minute) == date {
		first -= minute
	}
	return first
}

// quarterOf returns the begin of the interval: "15 min, aligned to local midnight".
func (z localZone) quarterOf(at int64) int64 {
	midnight := z.midnightOf(at)
	return midnight + (at-midnight)/microsPerQuarter*microsPerQuarter
}
