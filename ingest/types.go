package ingest

// Type is the kind of an event. The names are those of the Enreach webhooks, which are also the canonical ones.
type Type uint8

// The event types. The numbers are stored in checkpoints: append, never reorder.
const (
	TypeUnknown Type = iota
	UserAvailability
	UserCallAllocationRequest
	UserCallAllocationResponse
	UserCallBlockingPromptStarted
	UserCallInArrived
	UserCallInCallbackCreated
	UserCallInComing
	UserCallInDisconnected
	UserCallInHoldEnd
	UserCallInHoldStart
	UserCallInOverflow
	UserCallInRecordingConverted
	UserCallInTransferCancelled
	UserCallInTransferConnected
	UserCallInTransferStarted
	UserCallInUserAllocated
	UserCallInUserCancelled
	UserCallInUserConnected
	UserCallInUserOverflow
	UserCallOutConnected
	UserCallOutDisconnected
	UserCallOutGoing
	UserCallOutHoldEnd
	UserCallOutHoldStart
	UserCallOutRecordingConverted
	UserCallPublicityChanged
	UserCallRecorded
	UserCallTranscribed
	UserConfigurationSetNextCallOut
	UserConfigurationSetNextCallOutRaw
	UserQueueAttached
	UserSetting
	UserStatus
	UserSupervisionStatus
	UserVoiceMailRecordingConverted
	UserWrapUpEnabled
	UserWrapUpStarted
	UserWrapUpTerminated
	QueueAttachedUsers
	QueueCallBlockingPromptStarted
	QueueCallInArrived
	QueueCallInCallbackCreated
	QueueCallInComing
	QueueCallInDisconnected
	QueueCallInHoldEnd
	QueueCallInHoldStart
	QueueCallInIvrSelection
	QueueCallInOverflow
	QueueCallInRecording
	QueueCallInScheduleClosed
	QueueCallInSmartRoutingResult
	QueueCallInTransferCancelled
	QueueCallInTransferConnected
	QueueCallInTransferStarted
	QueueCallInUserAllocated
	QueueCallInUserCancelled
	QueueCallInUserConnected
	QueueCallTranscribed
	QueueChanged
	QueueDailyCallMetrics
	QueueStatus
	QueueUserCallInRecordingConverted
	QueueUserCallOutConnected
	QueueUserCallOutDisconnected
	QueueUserCallOutGoing
	QueueUserCallOutHoldEnd
	QueueUserCallOutHoldStart
	QueueUserCallOutRecordingConverted
	QueueUserCallRecorded
	CallbackCallInRecordingConverted
	CallbackCallTranscribed
	CallbackChanged
	CallbackListStatus
	CallbackUserCallOutConnected
	CallbackUserCallOutDisconnected
	CallbackUserCallOutGoing
	CallbackUserCallOutHoldEnd
	CallbackUserCallOutHoldStart
	CallbackUserCallOutRecordingConverted
	CallbackUserCallRecorded

	// NumTypes is one more than the greatest Type.
	NumTypes
)

var typeNames = [NumTypes]string{
	TypeUnknown:                           "Unknown",
	UserAvailability:                      "UserAvailability",
	UserCallAllocationRequest:             "UserCallAllocationRequest",
	UserCallAllocationResponse:            "UserCallAllocationResponse",
	UserCallBlockingPromptStarted:         "UserCallBlockingPromptStarted",
	UserCallInArrived:                     "UserCallInArrived",
	UserCallInCallbackCreated:             "UserCallInCallbackCreated",
	UserCallInComing:                      "UserCallInComing",
	UserCallInDisconnected:                "UserCallInDisconnected",
	UserCallInHoldEnd:                     "UserCallInHoldEnd",
	UserCallInHoldStart:                   "UserCallInHoldStart",
	UserCallInOverflow:                    "UserCallInOverflow",
	UserCallInRecordingConverted:          "UserCallInRecordingConverted",
	UserCallInTransferCancelled:           "UserCallInTransferCancelled",
	UserCallInTransferConnected:           "UserCallInTransferConnected",
	UserCallInTransferStarted:             "UserCallInTransferStarted",
	UserCallInUserAllocated:               "UserCallInUserAllocated",
	UserCallInUserCancelled:               "UserCallInUserCancelled",
	UserCallInUserConnected:               "UserCallInUserConnected",
	UserCallInUserOverflow:                "UserCallInUserOverflow",
	UserCallOutConnected:                  "UserCallOutConnected",
	UserCallOutDisconnected:               "UserCallOutDisconnected",
	UserCallOutGoing:                      "UserCallOutGoing",
	UserCallOutHoldEnd:                    "UserCallOutHoldEnd",
	UserCallOutHoldStart:                  "UserCallOutHoldStart",
	UserCallOutRecordingConverted:         "UserCallOutRecordingConverted",
	UserCallPublicityChanged:              "UserCallPublicityChanged",
	UserCallRecorded:                      "UserCallRecorded",
	UserCallTranscribed:                   "UserCallTranscribed",
	UserConfigurationSetNextCallOut:       "UserConfigurationSetNextCallOut",
	UserConfigurationSetNextCallOutRaw:    "UserConfigurationSetNextCallOutRaw",
	UserQueueAttached:                     "UserQueueAttached",
	UserSetting:                           "UserSetting",
	UserStatus:                            "UserStatus",
	UserSupervisionStatus:                 "UserSupervisionStatus",
	UserVoiceMailRecordingConverted:       "UserVoiceMailRecordingConverted",
	UserWrapUpEnabled:                     "UserWrapUpEnabled",
	UserWrapUpStarted:                     "UserWrapUpStarted",
	UserWrapUpTerminated:                  "UserWrapUpTerminated",
	QueueAttachedUsers:                    "QueueAttachedUsers",
	QueueCallBlockingPromptStarted:        "QueueCallBlockingPromptStarted",
	QueueCallInArrived:                    "QueueCallInArrived",
	QueueCallInCallbackCreated:            "QueueCallInCallbackCreated",
	QueueCallInComing:                     "QueueCallInComing",
	QueueCallInDisconnected:               "QueueCallInDisconnected",
	QueueCallInHoldEnd:                    "QueueCallInHoldEnd",
	QueueCallInHoldStart:                  "QueueCallInHoldStart",
	QueueCallInIvrSelection:               "QueueCallInIvrSelection",
	QueueCallInOverflow:                   "QueueCallInOverflow",
	QueueCallInRecording:                  "QueueCallInRecording",
	QueueCallInScheduleClosed:             "QueueCallInScheduleClosed",
	QueueCallInSmartRoutingResult:         "QueueCallInSmartRoutingResult",
	QueueCallInTransferCancelled:          "QueueCallInTransferCancelled",
	QueueCallInTransferConnected:          "QueueCallInTransferConnected",
	QueueCallInTransferStarted:            "QueueCallInTransferStarted",
	QueueCallInUserAllocated:              "QueueCallInUserAllocated",
	QueueCallInUserCancelled:              "QueueCallInUserCancelled",
	QueueCallInUserConnected:              "QueueCallInUserConnected",
	QueueCallTranscribed:                  "QueueCallTranscribed",
	QueueChanged:                          "QueueChanged",
	QueueDailyCallMetrics:                 "QueueDailyCallMetrics",
	QueueStatus:                           "QueueStatus",
	QueueUserCallInRecordingConverted:     "QueueUserCallInRecordingConverted",
	QueueUserCallOutConnected:             "QueueUserCallOutConnected",
	QueueUserCallOutDisconnected:          "QueueUserCallOutDisconnected",
	QueueUserCallOutGoing:                 "QueueUserCallOutGoing",
	QueueUserCallOutHoldEnd:               "QueueUserCallOutHoldEnd",
	QueueUserCallOutHoldStart:             "QueueUserCallOutHoldStart",
	QueueUserCallOutRecordingConverted:    "QueueUserCallOutRecordingConverted",
	QueueUserCallRecorded:                 "QueueUserCallRecorded",
	CallbackCallInRecordingConverted:      "CallbackCallInRecordingConverted",
	CallbackCallTranscribed:               "CallbackCallTranscribed",
	CallbackChanged:                       "CallbackChanged",
	CallbackListStatus:                    "CallbackListStatus",
	CallbackUserCallOutConnected:          "CallbackUserCallOutConnected",
	CallbackUserCallOutDisconnected:       "CallbackUserCallOutDisconnected",
	CallbackUserCallOutGoing:              "CallbackUserCallOutGoing",
	CallbackUserCallOutHoldEnd:            "CallbackUserCallOutHoldEnd",
	CallbackUserCallOutHoldStart:          "CallbackUserCallOutHoldStart",
	CallbackUserCallOutRecordingConverted: "CallbackUserCallOutRecordingConverted",
	CallbackUserCallRecorded:              "CallbackUserCallRecorded",
}

var typesByName = func() map[string]Type {
	m := make(map[string]Type, NumTypes)
	for t := TypeUnknown + 1; t < NumTypes; t++ {
		m[typeNames[t]] = t
	}
	return m
}()

// String returns the vendor's name of the type.
func (t Type) String() string {
	if t >= NumTypes {
		return typeNames[TypeUnknown]
	}
	return typeNames[t]
}

// TypeByName returns the Type called name, or TypeUnknown. It does not allocate.
func TypeByName(name []byte) Type { return typesByName[string(name)] }
