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
	Channel    uint8 // of the event that began it: [ingest.Channel]
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

	// Null is what the sources of the queue do not tell: see [ingest.View].
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
	LongestWaitSince           int64 // µs since the epoch from which the longest current wait runs; 0: nobody waits, or it is not known

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
	NumAgentStates
)

var agentStateNames = [NumAgentStates]string{"unknown", "talking", "hold", "ringing", "wrap_up", "off_work", "away", "available"}

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
	Stale           bool // nothing was heard of the agent for agent.stale, though not off work
	Stuck           bool // talking for longer than call.max_age of answered calls
	ImmediatelyFree bool

	AvailabilityReason string // in the vendor's words or codes
	Channels           []ChannelState
}

// AttemptCount counts the attempts of one type to reach a callback's contact.
type AttemptCount struct {
	TypeID int32 // the vendor's CallbackAttemptTypeId; Null: not told, as of the calls out where no attempts are listed
	Count  int32
}

// CallbackRow is one row of `callbacks` (METRICS.md, section 6): a callback, or one life of it. Key: organization,
// CallbackDate, CallbackID.
type CallbackRow struct {
	Deleted        bool // tombstone: only the key counts
	OrganizationID uuid.UUID
	CallbackDate   int32 // UTC date of the first event
	CallbackID     uuid.UUID
	Known          bool // there was a CallbackChanged; without, only what other events tell is set
	CallListID     uuid.UUID
	TypeID         int32     // 1 explicit request, 2 overflown call, 3 created by hand; Null: not told
	QueueID        uuid.UUID // with CallID, the visit it came from
	CallID         uuid.UUID

	ContactNumber, ContactName, ChannelIn, CalculatedPriority string

	AssignedUserID, LastAttemptUserID, LastModifiedUserID, ClassificationID uuid.UUID
	LastAttemptTypeID                                                       int32 // Null: not told
	IsClosed                                                                bool

	CreatedAt, ModifiedAt, DueDate, ExpiryDate, NotBefore int64
	FirstAttemptAt, LastAttemptAt, AnsweredAt, ClosedAt   int64
	LastEventAt                                           int64
	Attempts                                              []AttemptCount // by type, ascending
	CallsOut                                              int32
}

// CallbackListRow is one row of `callback_list_status` and `callback_list_status_now` (METRICS.md, section 6). The four
// figures after PublishedAt are those of the vendor's CallbackListStatus of that time; Null: not told.
type CallbackListRow struct {
	Deleted        bool // tombstone for callback_list_status_now: only the key counts; history keeps what was known
	OrganizationID uuid.UUID
	CallListID     uuid.UUID
	ObservedAt     int64 // the running clock when the figures were taken

	TotalOpenRequests         int32
	TotalFreeForAllocation    int32
	TotalAssigned             int32
	TotalHidingNotBefore      int32
	NextHourRevealedNotBefore int32
	TotalOverDueDate          int32
	NextHourOverDueDate       int32
	ExpiresIn24h              int32
	TotalServingAgents        int32

	PublishedAt                    int64
	IsAutoAllocate                 int32 // 1, 0
	TotalActiveAgents              int32
	TotalAutoAllocateAgents        int32
	TotalServingAutoAllocateAgents int32
}

// AgentIntervalRow is one row of `agent_interval_metrics`: an agent, or an agent in a queue, in a quarter of an hour of UTC
// (METRICS.md, section 7). Key: organization, IntervalStart, AgentID, QueueID.
type AgentIntervalRow struct {
	Deleted        bool
	OrganizationID uuid.UUID
	IntervalStart  int64
	AgentID        uuid.UUID
	QueueID        uuid.UUID // nil: the agent's own figures, over all queues and calls without one
	AgentName      string
	QueueName      string
	Sums           AgentSums
}

// AgentSums are the figures of an agent that add up over quarters of an hour. Durations are µs.
type AgentSums struct {
	// States is the time in each state, split at boundaries. In the row of a queue: the agent's parts in its calls, of which
	// there may be several at once; there is nothing but talking, hold, ringing and wrap-up.
	States  [NumAgentStates]int64
	Serving int64 // not off work or unknown, and serving

	// By the begin of the offer.
	Offers, Answered, Declined, NotAnswered int64 // an open offer is in none of the last three
	RingSum                                 int64 // of offers that have ended

	// By the begin of the agent's first segment.
	Handled   int64 // calls in which the agent's part, wrap-up included, is over
	HandleSum int64 // talk + hold + wrap-up of the agent in these

	Fetches [NumFetches]int64 // requests for a call, and answers
}

// fields lists the sums in a fixed order.
func (s *AgentSums) fields() (all [NumAgentStates + 8 + NumFetches]*int64) {
	n := 0
	for i := range s.States {
		all[n] = &s.States[i]
		n++
	}
	for _, p := range [...]*int64{&s.Serving, &s.Offers, &s.Answered, &s.Declined, &s.NotAnswered, &s.RingSum, &s.Handled, &s.HandleSum} {
		all[n] = p
		n++
	}
	for i := range s.Fetches {
		all[n] = &s.Fetches[i]
		n++
	}
	return all
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
	Callbacks   []CallbackRow
	CallLists   []CallbackListRow

	AgentIntervals []AgentIntervalRow

	QueueChanges []QueueChangeRow
	Attachments  []AttachmentRow
	Names        []NameRow
	ListDim      []CallListRow
}

// Reset empties r and keeps its capacity.
func (r *Rows) Reset() {
	*r = Rows{r.Calls[:0], r.QueueStatus[:0], r.Daily[:0], r.Intervals[:0], r.Agents[:0], r.QueueDim[:0], r.AgentDim[:0],
		r.Orphans[:0], r.Accounting[:0], r.Callbacks[:0], r.CallLists[:0], r.AgentIntervals[:0], r.QueueChanges[:0], r.Attachments[:0],
		r.Names[:0], r.ListDim[:0]}
}

// Len returns the number of rows in r.
func (r *Rows) Len() int {
	return len(r.Calls) + len(r.QueueStatus) + len(r.Daily) + len(r.Intervals) + len(r.Agents) + len(r.QueueDim) +
		len(r.AgentDim) + len(r.Orphans) + len(r.Accounting) + len(r.Callbacks) + len(r.CallLists) + len(r.AgentIntervals) +
		len(r.QueueChanges) + len(r.Attachments) + len(r.Names) + len(r.ListDim)
}

// TableSet selects tables to drain.
type TableSet uint8

// The groups of tables, by the cadence at which they are written.
const (
	DrainNow     TableSet = 1 << iota // QueueStatus, Agents, CallLists: the _now tables and the histories
	DrainFigures                      // Calls, Daily, Callbacks
	DrainHistory                      // Intervals, AgentIntervals, QueueDim, AgentDim, ListDim, Orphans, Accounting, the history of the structure
	DrainAll     = DrainNow | DrainFigures | DrainHistory
)
