package aggregate

import (
	"time"

	"github.com/google/uuid"
)

// Settings are the definitions marked (choice) in METRICS.md and the limits of the core. They are read only.
type Settings struct {
	Lateness         time.Duration // how far behind the horizon an event may be stamped; 1 h
	FutureSkew       time.Duration // stamped further than this after its receipt: takes that time, flagged; 5 min
	PromptMax        time.Duration // the longest a mandatory prompt stops the wait clock; 30 s
	MaxAgeUnanswered time.Duration // silence after which an unanswered call is lost; 4 h
	MaxAgeAnswered   time.Duration // silence after which an answered call is let go; 12 h
	Linger           time.Duration // facts this long after a call's end are orphans; 1 h
	EndGrace         time.Duration // an explicit end this much after an implicit one decides its outcome; 5 s
	SkewGrace        time.Duration // Arrived or UserConnected this much after Disconnected belongs to the visit; 2 s
	AgentStale       time.Duration // 8 h
	CallbackLinger   time.Duration // an event this much after a callback was over begins it anew; 24 h
	ExpiresToday     bool          // ExpiresIn24h counts what expires on the organization's local day, not in the next 24 h

	OverflowProgress  []string // OverflowType prefixes (a trailing '*' matches any rest) that do not end a visit
	OverflowRejecting []string // OverflowReason values that end a visit before it was accepted

	// Rules gives the rules of a queue; groups are those of its last QueueChanged.
	Rules func(organization, queue uuid.UUID, groups []uuid.UUID) QueueRules
	// Zone resolves an IANA name, or a key of the region map. It must be a function of its argument alone.
	Zone func(region string) (*time.Location, bool)

	Limits Limits
}

// QueueRules are the settings of one queue, resolved from queue, group, organization and default.
type QueueRules struct {
	Threshold    time.Duration // T; 0: service level not configured
	ShortAbandon time.Duration // S; default T
	Target       float64       // percent
	Zone         string        // used where QueueChanged names none; "" for UTC
	Hours        *Hours        // nil: the open status is estimated
}

// Hours are a queue's opening hours by weekday, in minutes of its local day.
type Hours struct {
	Open [7][]MinuteSpan // indexed by time.Weekday
}

// MinuteSpan is [From, To) in minutes since local midnight.
type MinuteSpan struct{ From, To int }

// Limits bound the memory of one Core. 0 means no limit.
type Limits struct {
	Bytes        int64 // estimated bytes of held state; beyond it Apply answers Full
	FactsPerCall int
}

// DefaultSettings returns the settings of METRICS.md: T = 20 s, 80 %, UTC.
func DefaultSettings() *Settings {
	return &Settings{
		Lateness: time.Hour, FutureSkew: 5 * time.Minute, PromptMax: 30 * time.Second,
		MaxAgeUnanswered: 4 * time.Hour, MaxAgeAnswered: 12 * time.Hour, Linger: time.Hour,
		EndGrace: 5 * time.Second, SkewGrace: 2 * time.Second, AgentStale: 8 * time.Hour, CallbackLinger: 24 * time.Hour,
		OverflowProgress:  []string{"ActPreEnter", "ServiceOpen", "AdHoc_*", "QueueHandler", "TerminationHandling"},
		OverflowRejecting: []string{"QueueFull", "NoAvailableProviders"},
		Rules: func(uuid.UUID, uuid.UUID, []uuid.UUID) QueueRules {
			return QueueRules{Threshold: 20 * time.Second, ShortAbandon: 20 * time.Second, Target: 80}
		},
		Zone: func(region string) (*time.Location, bool) {
			if region == "UTC" {
				return time.UTC, true
			}
			return nil, false
		},
		Limits: Limits{FactsPerCall: 4096},
	}
}
