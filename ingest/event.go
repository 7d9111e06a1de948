package ingest

import "github.com/google/uuid"

// Event is one message of a vendor in canonical form: the names and meanings are those of the Enreach webhooks
// (docs/METRICS.md); other vendors' messages are mapped onto them by their decoders.
//
// Byte slices point into the decoded message and are valid only as long as it is; whoever keeps one copies it.
// An absent or null field is the zero value: a nil slice, the nil UUID, [Unset]. Where absence differs from zero
// the field is an [OptInt]. A decoder resets the Event but keeps the capacity of its lists.
type Event struct {
	Type     Type   // TypeUnknown: kept in `events`, counted, otherwise ignored
	TypeName []byte // the vendor's text, also of an unknown type

	ID             uuid.UUID
	OrganizationID uuid.UUID
	EntityID       uuid.UUID
	Timestamp      Time   // when it happened, by the vendor's clock
	ReceivedAt     Time   // when we got it: gateway header, else Kafka's record time; Unset in files
	BodyHash       uint64 // of the whole message, to tell a copy from a conflict; set by whoever calls the decoder, if it is 0
	Part           int    // which of the message's events this is; set by whoever calls the decoder

	// Calls.
	CallID               uuid.UUID
	QueueID              uuid.UUID
	UserID               uuid.UUID
	CallBackID           uuid.UUID
	CallListID           uuid.UUID
	TechQueueID          uuid.UUID
	LegID                []byte
	AgentLegID           []byte // UserConnected: the agent's leg
	QueueName            []byte
	UserName             []byte
	CallerNumber         []byte
	TargetNumber         []byte
	Reason               []byte
	TechReason           []byte
	DetailedReason       []byte
	OverflowReason       []byte
	OverflowType         []byte
	EnteredValue         []byte // IvrSelection
	TransferTarget       []byte // TransferStarted: TransferTarget; TransferConnected: ConnectedTarget; UserCallInUserOverflow: Target
	Channel              Channel
	View                 View   // how much the source sees of the queue QueueID
	Priority             OptInt // SmartRoutingResult, UserQueueAttached
	MaxWrapUpDurationSec OptInt
	ElapsedTimeSec       OptInt

	// UserSupervisionStatus.
	SupervisorUserID uuid.UUID
	SupervisorLegID  []byte
	TargetUserID     uuid.UUID
	SupervisionState OptInt

	// UserAvailability.
	Availability []byte // Available, Busy, DoNotDisturb, OffWork, BRB, Away
	StartTime    Time
	EndTime      Time

	// Allocation requests and answers, recordings, settings: free text that only history keeps.
	AllocationType []byte

	// UserStatus.
	Status UserState

	// UserQueueAttached; QueueAttachedUsers. Active is also set from each list entry.
	Active           bool
	Deleted          bool // UserQueueAttached, QueueChanged
	AttachedUsers    []AttachedUser
	HasAttachedUsers bool // false: null or absent, "no change"

	// QueueChanged.
	Region         []byte
	Created        bool
	Updated        bool
	QueueGroups    []QueueGroup
	HasQueueGroups bool
	Numbers        OptInt // how many phone numbers the queue has; null: not told

	// CallbackChanged, CallbackCreated.
	Callback Callback

	// The vendor's own summaries: QueueStatus, QueueDailyCallMetrics, CallbackListStatus.
	Published Published
}

// Channel is the medium of a visit.
type Channel uint8

// The channels; Enreach sends voice only.
const (
	ChannelVoice Channel = iota
	ChannelChat
	ChannelEmail
	ChannelOther
)

// View tells how much of a queue a source sees. What it does not see is unknown, which is not zero.
type View uint8

// The views, from whole to narrow.
const (
	ViewWhole     View = iota // all there is
	ViewFromOffer             // a call from when it is offered to an agent: neither who waits before, nor which agents serve the queue
	ViewFinished              // a call once it is over

	numViews
)

// Valid tells whether v is a View.
func (v View) Valid() bool { return v < numViews }

// OptInt is an integer that may be absent or null.
type OptInt struct {
	Value int32
	Valid bool
}

// UserState carries the fields of the event UserStatus: a user as the queue components see them.
type UserState struct {
	CanBeAllocatedTo     bool
	Talking              bool
	Available            bool
	Schedule             bool
	Serving              bool
	ServingCallback      bool
	FetchMode            bool
	ServiceTerminals     int32
	ActiveQueues         int32
	ParkedCalls          int32
	ActiveQueueID        uuid.UUID
	TalkingStatusChanged Time
	WrapUpStart          Time
	WrapUpEnd            Time
}

// AttachedUser is one entry of QueueAttachedUsers.
type AttachedUser struct {
	UserID   uuid.UUID
	Active   bool
	Priority int32
}

// QueueGroup is one entry of QueueChanged.QueueGroups.
type QueueGroup struct {
	ID   uuid.UUID
	Name []byte
}

// Callback carries the record of CallbackChanged, and what CallbackCreated has of it.
type Callback struct {
	Modified             Time
	CreationTime         Time
	DueDate              Time
	ExpiryDate           Time
	NotBefore            Time
	LastAttemptTimestamp Time
	AssignedUserID       uuid.UUID
	LastAttemptUserID    uuid.UUID
	LastModifiedUserID   uuid.UUID
	ClassificationID     uuid.UUID
	LastAttemptTypeID    OptInt
	TypeID               OptInt // 1 explicit request, 2 overflown call, 3 created by hand
	Created              bool
	IsClosed             bool
	ContactNumber        []byte
	ContactName          []byte
	ChannelIn            []byte
	CalculatedPriority   []byte
	Attempts             []CallbackAttempt // CallbackAttempts: the history of all attempts
}

// CallbackAttempt is one entry of CallbackChanged.CallbackAttempts: somebody tried to reach the contact.
type CallbackAttempt struct {
	Timestamp Time
	TypeID    OptInt // how it went: numbers of the vendor's configuration
	UserID    uuid.UUID
	CallID    uuid.UUID // of the call, if the attempt was one
}

// Published holds the figures of a summary that the vendor publishes, in the order of the vendor's document, for
// comparison only. Null[i] tells that figure i was null or absent.
type Published struct {
	Figures   [16]float64
	Null      [16]bool
	QueueDate []byte // YYYY-MM-DD, the queue's local date
}

// The indexes of Published.Figures for QueueStatus.
const (
	StatusNbrOfProviders = iota
	StatusNbrOfRequesters
	StatusNbrOfServingAgentsEstimate
	StatusNbrOfAllocated
	StatusNbrOfConnected
	StatusNbrOfQueuingRequesters
	StatusNbrOfNotServedRequesters
	StatusNbrOfAgentsLongTermAway
	StatusNbrOfAgentsShortTermAway
	StatusNbrOfAgentsImmediatelyFree
	StatusNbrOfAgentsCheckedInQueue
	StatusNbrOfAgentsOnWrapUp
	StatusNbrOfAgentsOnFetchMode
	StatusMaxWaitTime
	StatusOpenStatus
)

// The indexes of Published.Figures for QueueDailyCallMetrics.
const (
	DailyInboundTotalCalls = iota
	DailyInboundServiceClosedCalls
	DailyInboundAnsweredCalls
	DailyInboundRejectedCalls
	DailyInboundUserTransfers
	DailyInboundQueueTransfers
	DailyInboundAvgWaitTimeSec
	DailyInboundAvgTalkTimeSec
	DailyInboundAvgHoldTimeSec
	DailyInboundServiceLevelPercentage
	DailyOutboundTotalCalls
	DailyOutboundAnsweredCalls
	DailyOutboundRejectedCalls
	DailyOutboundAvgTalkTimeSec
	DailyOutboundAvgWaitTime
)

// The indexes of Published.Figures for CallbackListStatus.
const (
	ListIsAutoAllocate = iota
	ListTotalOpenRequests
	ListTotalFreeForAllocation
	ListTotalAssigned
	ListTotalHidingNotBefore
	ListNextHourRevealedNotBefore
	ListTotalOverDueDate
	ListNextHourOverDueDate
	ListTotalActiveAgents
	ListTotalAutoAllocateAgents
	ListTotalServingAgents
	ListTotalServingAutoAllocateAgents
	ListExpiresIn24h
)

// Reset clears e for the next decode and keeps the capacity of its lists.
func (e *Event) Reset() {
	users, groups, attempts := e.AttachedUsers[:0], e.QueueGroups[:0], e.Callback.Attempts[:0]
	*e = Event{AttachedUsers: users, QueueGroups: groups, Callback: Callback{Attempts: attempts}}
}
