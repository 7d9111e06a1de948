package aggregate

import "github.com/google/uuid"

// Instants in rows are microseconds since the Unix epoch UTC, 0 = none; durations are microseconds, -1 = NULL;
// dates are days since 1970-01-01. Strings are shared and must not be changed.

// Null is the value of a duration or number that is NULL.
const Null = -1

// Direction tells who began a call, and through what.
type Direction uint8

// The directions, in the order of the store's Enum8.
const (
	Inbound Direction = iota
	Outbound
	CallbackCall
	Direct
	numDirections
)

var directionNames = [numDirections]string{"inbound", "outbound", "callback", "direct"}

func (d Direction) String() string { return directionNames[d] }

// Outcome is how a visit ended (METRICS.md, section 2).
type Outcome uint8

// The outcomes, in the order of the store's Enum8.
const (
	OutcomeOpen Outcome = iota
	Answered
	Abandoned
	LeftEarly
	Rejected
	Overflowed
	ServiceClosed
	CallbackRequested
	Transferred
	Lost
	PassedThrough
	NumOutcomes
)

var outcomeNames = [NumOutcomes]string{"open", "answered", "abandoned", "left_early", "rejected", "overflowed",
	"service_closed", "callback", "transferred", "lost", "passed_through"}

func (o Outcome) String() string { return outcomeNames[o] }

// Transfer tells whether the visit ended in a transfer, and whose.
type Transfer uint8

// The transfers, in the order of the store's Enum8.
const (
	TransferNone Transfer = iota
	TransferUser
	TransferQueue
	numTransfers
)

var transferNames = [numTransfers]string{"none", "user", "queue"}

func (t Transfer) String() string { return transferNames[t] }

// Flags mark what a reader should know of a row.
type Flags uint16

// The flags; stored as an Array of these names, see FlagNames.
const (
	FlagClockSkew  Flags = 1 << iota // an event was stamped after the call's end, or ahead of its receipt
	FlagIncomplete                   // accepted without Arrived: wait NULL
	FlagEndUnknown                   // answered, and never heard of again
	FlagSupervised
	FlagConsulted // another agent took part without the visit ending
)

// FlagNames holds the name of each bit of Flags, lowest first.
var FlagNames = []string{"clock_skew", "incomplete", "end_unknown", "supervised", "consulted"}

// CallRow is one row of `calls`: a visit, an outbound or callback call, or a direct call of a user.
// Key: organization, CallDate, CallID, QueueID, Direction, Visit.
type CallRow struct {
	Deleted        bool // tombstone: only the key counts
	OrganizationID uuid.UUID
	CallDate       int32 // UTC date of the call's first fact
	CallID         uuid.UUID
	QueueID        uuid.UUID // nil for direct calls and callback calls
	Visit          uint16    // ordinal within the queue, from 1

	Direction  Direction
	Channel    uint8
	QueueName  string
	BegunAt    int64
	ArrivedAt  int64
	AnsweredAt int64
	EndedAt    int64
	Outcome    Outcome
	Transfer   Transfer
	AgentID    uuid.UUID // the last connected agent
	AgentName  string
	AgentIDs   []uuid.UUID // every agent that was connected, in order
	Offers     uint16

	Wait, Prompt, Ring, Talk, Hold, WrapUp int64 // µs or Null

	Caller         string
	CallbackID     uuid.UUID
	EndReason      string
	TechReason     string
	OverflowReason string
	OverflowType   string
	IvrPath        string // entered values, joined with '/'
	TransferTarget string
	SupervisedBy   uuid.UUID
	Priority       int32 // Null if none
	Flags          Flags
}

// QueueStatusRow is one row of `queue_status` and of `queue_status_now` (METRICS.md, section 5).
type QueueStatusRow struct {
	Deleted        bool // tombstone for queue_status_now: only the key counts; history keeps what was known
	OrganizationID uuid.UUID
	QueueID        uuid.UUID
	QueueName      string
	ObservedAt     int64 // the running clock when the figures were taken

	NbrOfProviders             int32
	NbrOfRequesters            int32
	NbrOfServingAgentsEstimate int32
	NbrOfAllocated             int32
	NbrOfConnected             int32
	NbrOfQueuingRequesters     int32
	NbrOfNotServedRequesters   int32
	NbrOfAgentsLongTermAway    int32
	NbrOfAgentsShortTermAway   int32
	NbrOfAgentsImmediatelyFree int32
	NbrOfAgentsCheckedInQueue  int32
	NbrOfAgentsOnWrapUp        int32
	NbrOfAgentsOnFetchMode     int32
	OpenStatus                 int32
	StaleAgents                int32
	LongestWaitSince           int64 // µs since the epoch from which the longest current wait runs; 0: nobody waits

	// WaitingSince holds the instants, ascending, from which the waits of queuing and allocated visits run that count for
	// the service level: not those of incomplete visits. A mandatory prompt moves an instant on, into the future while it
	// plays. Of more than MaxWaitingSince the earliest are here.
	WaitingSince []int64
}

// MaxWaitingSince bounds QueueStatusRow.WaitingSince, and with it the size of a row. A queue in which more wait has a
// live service level that counts only so many of them.
const MaxWaitingSince = 1000

// Sums are the facts of a window that add up over queues, days and intervals. All durations are µs.
type Sums struct {
	// Inbound visits. Total counts visits accepted or ended, passed_through excepted.
	Total          int64
	Outcomes       [NumOutcomes]int64 // OutcomeOpen: accepted, unanswered, open
	UserTransfers  int64
	QueueTransfers int64
	ShortAbandons  int64 // abandoned with wait ≤ S

	// Service level: met, n, a, b, f of METRICS.md, section 4 (incomplete visits are in none).
	LevelMet, LevelAnswered, LevelAbandoned, LevelShort, LevelFailed int64

	WaitCount, WaitSum                   int64 // accepted visits whose wait has ended
	AnsweredWaitCount, AnsweredWaitSum   int64
	AbandonedWaitCount, AbandonedWaitSum int64
	TalkCount, TalkSum, HoldSum          int64 // answered visits that have ended, end_unknown excepted
	HandleCount, HandleSum               int64 // of those, the ones no wrap-up of which runs: talk + hold + wrap-up
	WrapUpSum                            int64

	// Outbound queue calls.
	OutboundTotal, OutboundAnswered, OutboundRejected int64
	OutboundEnded, OutboundTalkSum, OutboundWaitSum   int64 // answered calls that have ended
}

// DailyRow is one row of `queue_daily_call_metrics`. Key: organization, QueueDate, QueueID.
type DailyRow struct {
	Deleted        bool
	OrganizationID uuid.UUID
	QueueDate      int32 // the queue's local date
	QueueID        uuid.UUID
	QueueName      string
	TimeZone       string  // IANA name
	Threshold      int64   // T, µs; 0: no service level configured
	ShortAbandon   int64   // S, µs
	Target         float64 // percent
	Sums           Sums
	WaitMax        int64             // the longest ended wait, µs; Null if none
	Waits          []HistogramBucket // ended waits of accepted visits, answered or not; ascending
	AnsweredWaits  []HistogramBucket
}

// IntervalRow is one row of `queue_interval_metrics`. Key: organization, IntervalStart, QueueID.
type IntervalRow struct {
	Deleted        bool
	OrganizationID uuid.UUID
	IntervalStart  int64 // µs since the epoch; a quarter of an hour counted from the local midnight
	QueueID        uuid.UUID
	QueueName      string
	QueueDate      int32
	TimeZone       string
	Sums           Sums
	WaitMax        int64
	Waits          []HistogramBucket
	AnsweredWaits  []HistogramBucket
}

// HistogramBucket counts the waits that fall in one bucket; see BucketBounds.
type HistogramBucket struct {
	Bucket uint16
	Count  int64
}

// AgentState is what an agent is doing (METRICS.md, section 7): the first that holds.
type AgentState uint8

// The states, in the order of the store's Enum8.
const (
	AgentUnknown AgentState = iota
	AgentTalking
	AgentHold
	AgentRinging
	AgentWrapUp
	AgentOffWork
	AgentAway
	AgentAvailable
	numAgentStates
)

var agentStateNames = [numAgentStates]string{"unknown", "talking", "hold", "ringing", "wrap_up", "off_work", "away", "available"}

func (s AgentState) String() string { return agentStateNames[s] }

// AgentStatusRow is one row of `agent_status` and `agent_status_now`.
type AgentStatusRow struct {
	Deleted         bool // tombstone for agent_status_now: only the key counts; history keeps what was known
	OrganizationID  uuid.UUID
	AgentID         uuid.UUID
	AgentName       string
	ObservedAt      int64
	State           AgentState
	StateSince      int64
	QueueID         uuid.UUID // of the call that is being handled
	Availability    string
	Serving         bool
	FetchMode       bool
	Stale           bool
	ImmediatelyFree bool
}

// QueueRow is one row of `queues`, the dimension.
type QueueRow struct {
	OrganizationID uuid.UUID
	QueueID        uuid.UUID
	QueueName      string
	TimeZone       string
	Region         string
	Groups         []uuid.UUID
	GroupNames     []string
	Deleted        bool // the queue was deleted; its row stays
	ChangedAt      int64
}

// AgentRow is one row of `agents`, the dimension.
type AgentRow struct {
	OrganizationID uuid.UUID
	AgentID        uuid.UUID
	AgentName      string
	Queues         []uuid.UUID
	ChangedAt      int64
}

// OrphanRow is a fact that belongs to no visit, known when its call is let go. It goes to `late_events`.
type OrphanRow struct {
	Deleted        bool // tombstone: only organization, HappenedAt and EventID count
	OrganizationID uuid.UUID
	EventID        uuid.UUID
	CallID         uuid.UUID
	QueueID        uuid.UUID
	HappenedAt     int64
	Type           uint8 // ingest.Type
}

// AccountingRow is one row of `accounting`: Accepted + Duplicate + Late + Rejected + Orphan = Received, exactly.
type AccountingRow struct {
	OrganizationID                                        uuid.UUID
	Received, Accepted, Duplicate, Late, Rejected, Orphan int64
	Horizon                                               int64
}

// Rows is what Drain fills: the rows that have changed since the tables were last drained, one per key. The caller
// keeps it and hands it in again, so that its slices are reused.
type Rows struct {
	Calls       []CallRow
	QueueStatus []QueueStatusRow
	Daily       []DailyRow
	Intervals   []IntervalRow
	Agents      []AgentStatusRow
	QueueDim    []QueueRow
	AgentDim    []AgentRow
	Orphans     []OrphanRow
	Accounting  []AccountingRow

	QueueChanges []QueueChangeRow
	Attachments  []AttachmentRow
	Names        []NameRow
	CallLists    []CallListRow
}

// Reset empties r and keeps its capacity.
func (r *Rows) Reset() {
	*r = Rows{r.Calls[:0], r.QueueStatus[:0], r.Daily[:0], r.Intervals[:0], r.Agents[:0], r.QueueDim[:0], r.AgentDim[:0],
		r.Orphans[:0], r.Accounting[:0], r.QueueChanges[:0], r.Attachments[:0], r.Names[:0], r.CallLists[:0]}
}

// Len returns the number of rows in r.
func (r *Rows) Len() int {
	return len(r.Calls) + len(r.QueueStatus) + len(r.Daily) + len(r.Intervals) + len(r.Agents) + len(r.QueueDim) +
		len(r.AgentDim) + len(r.Orphans) + len(r.Accounting) + len(r.QueueChanges) + len(r.Attachments) + len(r.Names) + len(r.CallLists)
}

// TableSet selects tables to drain.
type TableSet uint8

// The groups of tables, by the cadence at which they are written.
const (
	DrainNow     TableSet = 1 << iota // QueueStatus, Agents: the _now tables and the histories
	DrainFigures                      // Calls, Daily
	DrainHistory                      // Intervals, QueueDim, AgentDim, Orphans, Accounting, the history of the structure, CallLists
	DrainAll     = DrainNow | DrainFigures | DrainHistory
)
