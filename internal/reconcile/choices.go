package reconcile

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"

	"ringside/aggregate"
	"ringside/ingest"
	"ringside/internal/history"
)

// The choices of docs/METRICS.md, by their other reading. The names stand in rows of the table: append, never rename.
const (
	totalWithPassedThrough = "total_with_passed_through"
	rejectedWithAbandoned  = "rejected_with_abandoned"
	talkWithHold           = "talk_with_hold"
	levelAllOffered        = "service_level_all_offered"
	levelAnsweredOnly      = "service_level_answered_only"
	levelShortAbandonsMet  = "service_level_short_abandons_met"
	outboundCalleeLeg      = "outbound_callee_leg"
	localTimestamps        = "local_timestamps"
	expiresToday           = "expires_today"
)

// choiceTexts say what the other reading is.
var choiceTexts = map[string]string{
	totalWithPassedThrough: "the total counts calls that only pass through",
	rejectedWithAbandoned:  "rejected calls include abandoned ones",
	talkWithHold:           "talk times include holds",
	levelAllOffered:        "the service level counts short abandons as not met",
	levelAnsweredOnly:      "the service level is of answered calls only",
	levelShortAbandonsMet:  "the service level counts short abandons as met",
	outboundCalleeLeg:      "an outbound call is answered when a leg other than the agent's is connected",
	expiresToday:           "ExpiresIn24h counts what expires on the rest of the organization's day",
	localTimestamps:        "timestamps without Z are local times",
}

// textOf says in words what a choice is; a zone may stand behind its name.
func textOf(choice string) string {
	name, zone, local := strings.Cut(choice, " ")
	text := choiceTexts[name]
	if local {
		text += " of " + zone
	}
	return text
}

// reading is another way to take the events, which needs them to be read again.
type reading struct {
	choice string
	local  *time.Location
	// settings, if set, changes the core's.
	settings func(*aggregate.Settings)
	// skip, if set, makes the events that are left out.
	skip func() func(*ingest.Event) bool
}

// otherReading is a choice that needs the events to be read again.
type otherReading struct {
	fields   func(field string) bool // which it can explain
	variants func(context.Context, *Reconcile) ([]reading, error)
}

var otherReadings = []otherReading{
	{fields: func(name string) bool { return strings.HasPrefix(name, "Outbound") },
		variants: func(context.Context, *Reconcile) ([]reading, error) {
			return []reading{{choice: outboundCalleeLeg, skip: skipAgentLegs}}, nil
		}},
	{fields: func(name string) bool { return name == "ExpiresIn24h" },
		variants: func(context.Context, *Reconcile) ([]reading, error) {
			return []reading{{choice: expiresToday, settings: func(s *aggregate.Settings) { s.ExpiresToday = true }}}, nil
		}},
	{fields: func(string) bool { return true }, variants: localReadings},
}

// skipAgentLegs leaves out the connects of the agents' own legs in outbound queue calls: the leg of QueueUserCallOutGoing.
func skipAgentLegs() func(*ingest.Event) bool {
	legs := map[uuid.UUID]string{}
	return func(e *ingest.Event) bool {
		switch e.Type {
		case ingest.QueueUserCallOutGoing:
			legs[e.CallID] = string(e.LegID)
		case ingest.QueueUserCallOutDisconnected:
			delete(legs, e.CallID)
		case ingest.QueueUserCallOutConnected:
			leg, known := legs[e.CallID]
			return known && leg == string(e.LegID)
		}
		return false
	}
}

// maxZones bounds how many zones are tried.
const maxZones = 6

// localReadings are the zones of the organization's queues, the most frequent first, if there are timestamps without one.
func localReadings(ctx context.Context, r *Reconcile) (readings []reading, err error) {
	n, err := r.reader.WithoutZone(ctx, history.Span{From: r.begin, To: r.span.To})
	if err != nil || n == 0 {
		return nil, err
	}
	rows, err := r.db.Conn().Query(ctx, "SELECT time_zone FROM queues WHERE organization_id = {organization:UUID} GROUP BY time_zone ORDER BY count() DESC, time_zone",
		r.reader.Parameters()...)
	if err != nil {
		return nil, fmt.Errorf("read queues: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			return nil, fmt.Errorf("read queues: %w", err)
		}
		zone, err := time.LoadLocation(name)
		if err != nil || name == "UTC" || len(readings) == maxZones {
			continue // a zone that this machine does not know was never used
		}
		readings = append(readings, reading{choice: localTimestamps + " " + name, local: zone})
	}
	return readings, rows.Err()
}
