package sim

// Rates are the chances of everything that is out of the ordinary, each at the moment it could happen. The zero value
// is a plain centre: callers come, wait, are offered, answered or give up. Any field can be switched on alone.
type Rates struct {
	// Before a caller is accepted.
	IVR              float64 // through an IVR queue first
	IVRHangUp        float64 // hangs up there
	IVRLocal         float64 // of those, is cut off
	SmartRouting     float64
	Prompt           float64 // mandatory prompt before Arrived
	PromptLong       float64 // a mandatory prompt longer than 30 s
	PromptAfter      float64 // mandatory prompt after Arrived
	PromptHangUp     float64 // gives up during that
	PromptNoRestart  float64 // no second Arrived ends it
	ProgressOverflow float64 // an Overflow that is progress only, at any time
	QueueFull        float64
	Closed           float64 // ScheduleClosed within the hours
	HangUpEarly      float64
	EarlyLocal       float64 // of those, is cut off
	SkipComing       float64 // Arrived is the first event
	MissingArrived   float64
	SkewArrived      float64 // Arrived stamped after Disconnected
	GhostEntering    float64 // never heard of again

	// While waiting.
	ClosedAfter            float64
	Overflow               float64 // to another queue
	OverflowImplicit       float64 // the same, without the Overflow event
	OverflowLateEvent      float64 // of those, the Overflow or TransferConnected follows up to 5 s later
	OverflowAgain          float64 // Overflow, and allocated in the same queue all the same
	QueueTransfer          float64
	QueueTransferCancelled float64
	QueueTransferPending   float64 // TransferStarted, then first event elsewhere
	RejectLocal            float64
	UnknownReason          float64 // Disconnected with neither remote nor local
	CallbackAsked          float64
	CallbackThenAnswered   float64
	CallbackAfterOverflow  float64
	CallbackFromAbandoned  float64 // TypeId 2, or created after the Disconnected
	GhostWaiting           float64
	LegAbsent, LegUnknown  float64

	// Offers.
	RingNoAnswer     float64
	Decline          float64 // of those, by the agent
	DoubleOffer      float64 // two agents at once
	MissingAllocated float64
	SkewConnected    float64 // UserConnected stamped after Disconnected
	GhostRinging     float64

	// Talking.
	Hold             float64
	HoldBoth         float64 // of those, both Queue and User events
	HoldUserSide     float64 // of those, User events only
	HoldNoEnd        float64
	HoldStray        float64 // HoldEnd without HoldStart
	Consult          float64
	ConsultTakeover  float64 // of those, the second agent stays
	Supervise        float64
	TransferQueue    float64
	TransferUser     float64
	TransferExternal float64
	TransferUserSide float64 // of those, told by User events
	TransferPending  float64 // of those, without TransferConnected
	TransferSilent   float64 // of those, without any transfer event
	TransferLate     float64 // of those, TransferConnected up to 5 s after the next place's first event
	TransferGivenUp  float64 // TransferStarted and TransferCancelled, then goes on
	Reentry          float64
	NoEffect         float64 // Overflow or ScheduleClosed of an answered visit
	UserSideEnd      float64 // UserCallInDisconnected instead of QueueCallInDisconnected
	WrapUpEnds       float64 // no Disconnected; UserWrapUpStarted ends the visit
	GhostTalking     float64

	// After.
	WrapUpNoTerminated float64
	WrapUpNoStarted    float64
	Orphan             float64
	Noise              float64 // recordings, transcripts, publicity, settings

	// Outbound, callback and direct calls.
	OutboundUnanswered float64
	OutboundHold       float64
	OutboundToQueue    float64
	DirectUnanswered   float64
	CallbackByHand     float64 // callbacks made by hand, an hour and list

	// Agents and configuration; an hour and agent (or queue).
	Break, DoNotDisturb, NoTerminals, Parked float64
	Reattach, NullList, Rename               float64
	ZoneChange                               bool // one queue moves to another zone in the middle of the first day
}

// Realistic returns the rates of a well-run centre: oddities are rare, but there.
func Realistic() Rates {
	return Rates{
		IVR: .25, IVRHangUp: .04, IVRLocal: .1, SmartRouting: .1, Prompt: .3, PromptLong: .02, PromptAfter: .03,
		PromptHangUp: .1, PromptNoRestart: .3, ProgressOverflow: .15, QueueFull: .003, Closed: .002, HangUpEarly: .02,
		EarlyLocal: .1, SkipComing: .05, MissingArrived: .0005, SkewArrived: .0005, GhostEntering: .0002,
		ClosedAfter: .002, Overflow: .02, OverflowImplicit: .003, OverflowLateEvent: .3, OverflowAgain: .003,
		QueueTransfer: .005, QueueTransferCancelled: .003, QueueTransferPending: .001, RejectLocal: .004,
		UnknownReason: .02, CallbackAsked: .02, CallbackThenAnswered: .01, CallbackAfterOverflow: .003,
		CallbackFromAbandoned: .3, GhostWaiting: .0003, LegAbsent: .02, LegUnknown: .01,
		RingNoAnswer: .06, Decline: .3, DoubleOffer: .02, MissingAllocated: .001, SkewConnected: .0005, GhostRinging: .0001,
		Hold: .15, HoldBoth: .4, HoldUserSide: .2, HoldNoEnd: .02, HoldStray: .005, Consult: .03, ConsultTakeover: .3,
		Supervise: .01, TransferQueue: .03, TransferUser: .02, TransferExternal: .01, TransferUserSide: .4,
		TransferPending: .05, TransferSilent: .02, TransferLate: .05, TransferGivenUp: .02, Reentry: .002, NoEffect: .003,
		UserSideEnd: .3, WrapUpEnds: .005, GhostTalking: .0003,
		WrapUpNoTerminated: .01, WrapUpNoStarted: .01, Orphan: .001, Noise: .15,
		OutboundUnanswered: .35, OutboundHold: .1, OutboundToQueue: .02, DirectUnanswered: .3, CallbackByHand: .3,
		Break: .35, DoNotDisturb: .08, NoTerminals: .02, Parked: .03, Reattach: .02, NullList: .1, Rename: .002,
	}
}

// Everything returns rates at which each rule of METRICS.md section 2 is met at least dozens of times in a day.
func Everything() Rates {
	return Rates{
		IVR: .3, IVRHangUp: .15, IVRLocal: .35, SmartRouting: .3, Prompt: .3, PromptLong: .25, PromptAfter: .06,
		PromptHangUp: .2, PromptNoRestart: .4, ProgressOverflow: .2, QueueFull: .03, Closed: .03, HangUpEarly: .05,
		EarlyLocal: .4, SkipComing: .1, MissingArrived: .03, SkewArrived: .02, GhostEntering: .015,
		ClosedAfter: .02, Overflow: .03, OverflowImplicit: .03, OverflowLateEvent: .6, OverflowAgain: .03,
		QueueTransfer: .02, QueueTransferCancelled: .02, QueueTransferPending: .02, RejectLocal: .02,
		UnknownReason: .15, CallbackAsked: .03, CallbackThenAnswered: .03, CallbackAfterOverflow: .02,
		CallbackFromAbandoned: .6, GhostWaiting: .015, LegAbsent: .1, LegUnknown: .1,
		RingNoAnswer: .15, Decline: .5, DoubleOffer: .08, MissingAllocated: .03, SkewConnected: .02, GhostRinging: .015,
		Hold: .3, HoldBoth: .4, HoldUserSide: .3, HoldNoEnd: .2, HoldStray: .06, Consult: .08, ConsultTakeover: .5,
		Supervise: .06, TransferQueue: .06, TransferUser: .06, TransferExternal: .04, TransferUserSide: .4,
		TransferPending: .2, TransferSilent: .2, TransferLate: .2, TransferGivenUp: .05, Reentry: .03, NoEffect: .05,
		UserSideEnd: .4, WrapUpEnds: .05, GhostTalking: .02,
		WrapUpNoTerminated: .1, WrapUpNoStarted: .1, Orphan: .04, Noise: .4,
		OutboundUnanswered: .35, OutboundHold: .3, OutboundToQueue: .15, DirectUnanswered: .4, CallbackByHand: 4,
		Break: .6, DoNotDisturb: .2, NoTerminals: .1, Parked: .15, Reattach: .1, NullList: .3, Rename: .05,
	}
}
