package sim

import "ringside/ingest"

// Each event's properties between the header and Id, in the order of the vendor's document. A name may carry the kind
// of its value after a colon where the name alone does not tell it: UserId:null is always null, QueueId:opt null if
// there is none. Types with lists or computed figures write their bodies themselves (wire_body.go).
var properties = [ingest.NumTypes]string{
	ingest.UserAvailability:              "UserId OrganizationId UserName ProfileId Availability StartTime EndTime Note EventSource TransferNumber",
	ingest.UserCallAllocationRequest:     "UserId OrganizationId RequestId AllocationType TTLSeconds",
	ingest.UserCallAllocationResponse:    "UserId OrganizationId RequestId AllocationType CallId:opt LegId CallerNumber TargetNumber QueueId:opt",
	ingest.UserCallBlockingPromptStarted: "UserId CallId LegId OrganizationId TechQueueId:opt PlayApplet Reason PromptDetail",
	ingest.UserCallInArrived:             "CallId LegId UserId OrganizationId UserName CallerNumber TargetNumber Publicity",
	ingest.UserCallInCallbackCreated: "UserId CallBackId CallListId OrganizationId CallId:opt LegId RecordingId:null ContactNumber TargetNumber " +
		"ContactMessage CreationTime",
	ingest.UserCallInComing: "CallId LegId UserId OrganizationId Username CallerNumber TargetNumber Publicity",
	ingest.UserCallInDisconnected: "CallId LegId UserId OrganizationId Username Reason TechQueueId:opt TechReason CallerNumber TargetNumber " +
		"Publicity",
	ingest.UserCallInHoldEnd:   "CallId LegId UserId OrganizationId",
	ingest.UserCallInHoldStart: "CallId LegId UserId OrganizationId",
	ingest.UserCallInOverflow: "CallId LegId UserId OrganizationId Username ConnectedTarget TechSource TechQueueId TechQueueName " +
		"OverflowApplet TechNumber TechEvent CallerNumber TargetNumber OverflowReason OverflowType Publicity",
	ingest.UserCallInRecordingConverted: "CallId OrganizationId UserId RecordingId ConversionId",
	ingest.UserCallInTransferCancelled: "CallId LegId UserId OrganizationId Username TechQueueId TechQueueName TransferApplet TechSource " +
		"Reason DetailedReason CallerNumber TargetNumber Publicity",
	ingest.UserCallInTransferConnected: "CallId LegId UserId OrganizationId Username ConnectedTarget TransferSource TechQueueId " +
		"TechQueueName TransferApplet TechSource CallerNumber TargetNumber Publicity",
	ingest.UserCallInTransferStarted: "CallId LegId UserId OrganizationId Username TransferTarget TransferSource TechQueueId " +
		"TechQueueName TransferApplet TechSource CallerNumber TargetNumber Publicity",
	ingest.UserCallInUserAllocated: "CallId LegId UserId OrganizationId UserName UserNumber DetailedReason CallerNumber TargetNumber " +
		"Publicity",
	ingest.UserCallInUserCancelled: "CallId LegId UserId OrganizationId UserName Reason DetailedReason CallerNumber TargetNumber Publicity",
	ingest.UserCallInUserConnected: "CallId LegId AgentLegId UserId OrganizationId UserName UserNumber CallerNumber TargetNumber Publicity",
	ingest.UserCallInUserOverflow:  "CallId LegId UserId OrganizationId Username Reason Target CallerNumber TargetNumber Publicity",
	ingest.UserCallOutConnected:    "CallId LegId UserId OrganizationId UserName CallerNumber TargetNumber Publicity",
	ingest.UserCallOutDisconnected: "CallId LegId UserId OrganizationId UserName Reason TechReason CallerNumber TargetNumber Publicity",
	ingest.UserCallOutGoing:        "CallId LegId UserId OrganizationId UserName CallerNumber TargetNumber CallAsNumber Publicity",
	ingest.UserCallOutHoldEnd:      "CallId LegId UserId OrganizationId",
	ingest.UserCallOutHoldStart:    "CallId LegId UserId OrganizationId",

	ingest.UserCallOutRecordingConverted: "CallId OrganizationId UserId RecordingId ConversionId",
	ingest.UserCallPublicityChanged:      "OrganizationId UserId CallId CallEventId Publicity:text PreviousPublicity",
	ingest.UserCallRecorded:              "CallId LegId UserId OrganizationId TargetNumber RecordedFilePath Publicity",
	ingest.UserCallTranscribed:           "CallId UserId OrganizationId TranscriptId RecordingId DurationMillis TranscribeRecordingType",
	ingest.UserConfigurationSetNextCallOut: "UserId OrganizationId TargetNumber CallBackId:opt CallListId:opt QueueId:opt ServiceRecord " +
		"AllowUserRecord ShowUIControl CLI TimeToLive PersistentRequest PrePromptPath",
	ingest.UserConfigurationSetNextCallOutRaw: "UserId OrganizationId TargetNumber CallBackId:opt CallListId:opt QueueId:opt CLI " +
		"TimeToLive PersistentRequest",
	ingest.UserQueueAttached: "OrganizationId QueueId UserId Active Priority Deleted",
	ingest.UserSetting:       "UserId OrganizationId Keyword Value Values AllowedValues Deleted Level",
	ingest.UserSupervisionStatus: "TargetUserId TargetUserName OrganizationId SupervisorUserId SupervisorUserName QueueName QueueId:opt " +
		"CallId LegId SupervisorLegId State",
	ingest.UserVoiceMailRecordingConverted: "CallId OrganizationId UserId RecordingId ConversionId",
	ingest.UserWrapUpEnabled:               "CallId LegId UserId QueueId OrganizationId MaxWrapUpDurationSec",
	ingest.UserWrapUpStarted:               "CallId LegId UserId QueueId OrganizationId MaxWrapUpDurationSec",
	ingest.UserWrapUpTerminated:            "CallId LegId UserId OrganizationId QueueId Reason ElapsedTimeSec",

	ingest.QueueCallBlockingPromptStarted: "CallId LegId QueueId TechQueueId:opt OrganizationId PlayApplet Reason PromptDetail",
	ingest.QueueCallInArrived:             "CallId LegId QueueId OrganizationId QueueName QueueNumber CallerNumber TargetNumber",
	ingest.QueueCallInCallbackCreated: "QueueId CallBackId CallListId OrganizationId CallId:opt LegId RecordingId:null ContactNumber " +
		"TargetNumber ContactMessage CreationTime",
	ingest.QueueCallInComing: "CallId LegId QueueId OrganizationId QueueName QueueNumber CallerNumber TargetNumber",
	ingest.QueueCallInDisconnected: "CallId LegId QueueId OrganizationId QueueName Reason TechQueueId:opt TechReason CallerNumber " +
		"TargetNumber",
	ingest.QueueCallInHoldEnd:      "CallId LegId QueueId UserId OrganizationId",
	ingest.QueueCallInHoldStart:    "CallId LegId QueueId UserId OrganizationId",
	ingest.QueueCallInIvrSelection: "CallId LegId QueueId OrganizationId CallerNumber TargetNumber EnteredValue DetailedReason",
	ingest.QueueCallInOverflow: "CallId LegId QueueId OrganizationId QueueName TechQueueId TechQueueName OverflowApplet TechSource " +
		"TechNumber TechEvent CallerNumber TargetNumber OverflowReason OverflowType",
	ingest.QueueCallInRecording: "CallId LegId QueueId AllocatedUserId OrganizationId Reason",
	ingest.QueueCallInScheduleClosed: "CallId LegId QueueId OrganizationId OverflowApplet CallerNumber TargetNumber OverflowReason " +
		"DetailedReason",
	ingest.QueueCallInSmartRoutingResult: "CallId LegId QueueId OrganizationId Result DetailedReason Targets Priority ExtraPriority ExtraData",
	ingest.QueueCallInTransferCancelled: "CallId LegId QueueId OrganizationId QueueName TechQueueId TechQueueName TransferApplet " +
		"TechSource Reason DetailedReason CallerNumber TargetNumber",
	ingest.QueueCallInTransferConnected: "CallId LegId QueueId OrganizationId QueueName ConnectedTarget TechQueueId TechQueueName " +
		"TransferApplet TechSource CallerNumber TargetNumber",
	ingest.QueueCallInTransferStarted: "CallId LegId QueueId OrganizationId QueueName TransferTarget TransferSource TechQueueId " +
		"TechQueueName TransferApplet TechType CallerNumber TargetNumber",
	ingest.QueueCallInUserAllocated: "CallId LegId QueueId OrganizationId QueueName QueueNumber UserId UserName DetailedReason " +
		"CallerNumber TargetNumber",
	ingest.QueueCallInUserCancelled: "CallId LegId QueueId OrganizationId QueueName QueueNumber UserId UserName Reason DetailedReason " +
		"CallerNumber TargetNumber",
	ingest.QueueCallInUserConnected: "CallId LegId AgentLegId QueueId OrganizationId QueueName QueueNumber UserId UserName UserNumber " +
		"CallerNumber TargetNumber",
	ingest.QueueCallTranscribed: "CallId QueueId AllocatedUserId:opt OrganizationId TranscriptId RecordingId DurationMillis " +
		"TranscribeRecordingType",

	ingest.QueueUserCallInRecordingConverted: "QueueId CallId OrganizationId UserId RecordingId ConversionId",
	ingest.QueueUserCallOutConnected:         "CallId LegId QueueId QueueName UserId OrganizationId UserName CallerNumber TargetNumber",
	ingest.QueueUserCallOutDisconnected: "CallId LegId QueueId QueueName UserId OrganizationId UserName Reason TechReason CallerNumber " +
		"TargetNumber",
	ingest.QueueUserCallOutGoing:              "CallId LegId QueueId QueueName UserId OrganizationId UserName CallerNumber TargetNumber CallAsNumber",
	ingest.QueueUserCallOutHoldEnd:            "CallId LegId QueueId UserId OrganizationId",
	ingest.QueueUserCallOutHoldStart:          "CallId LegId QueueId UserId OrganizationId",
	ingest.QueueUserCallOutRecordingConverted: "QueueId CallId OrganizationId UserId RecordingId ConversionId",
	ingest.QueueUserCallRecorded:              "CallId LegId QueueId UserId OrganizationId TargetNumber RecordedFilePath",

	ingest.CallbackCallInRecordingConverted: "CallListId CallBackId CallId OrganizationId RecordingId ConversionId",
	ingest.CallbackCallTranscribed: "CallId CallListId CallBackId UserId:opt OrganizationId TranscriptId RecordingId DurationMillis " +
		"TranscribeRecordingType",
	ingest.CallbackUserCallOutConnected: "CallBackId CallId LegId UserId CallListId OrganizationId UserName CallerNumber TargetNumber",
	ingest.CallbackUserCallOutDisconnected: "CallBackId CallId LegId UserId CallListId OrganizationId UserName Reason TechReason " +
		"CallerNumber TargetNumber",
	ingest.CallbackUserCallOutGoing: "CallBackId CallId LegId UserId CallListId OrganizationId UserName CallerNumber TargetNumber " +
		"CallAsNumber",
	ingest.CallbackUserCallOutHoldEnd:            "CallBackId CallId LegId UserId CallListId OrganizationId",
	ingest.CallbackUserCallOutHoldStart:          "CallBackId CallId LegId UserId CallListId OrganizationId",
	ingest.CallbackUserCallOutRecordingConverted: "CallListId CallBackId CallId OrganizationId UserId RecordingId ConversionId",
	ingest.CallbackUserCallRecorded:              "CallBackId CallId LegId UserId OrganizationId CallListId TargetNumber RecordedFilePath",
}

// lifetimes holds MessageTTLSeconds of the types that have one. It then stands before the properties; all others say
// -1 after the Timestamp.
var lifetimes = [ingest.NumTypes]int{
	ingest.UserCallAllocationRequest:          20,
	ingest.UserCallAllocationResponse:         20,
	ingest.UserConfigurationSetNextCallOut:    30,
	ingest.UserConfigurationSetNextCallOutRaw: 30,
	ingest.UserStatus:                         60,
	ingest.QueueAttachedUsers:                 120,
	ingest.QueueDailyCallMetrics:              60,
	ingest.QueueStatus:                        60,
	ingest.CallbackChanged:                    120,
	ingest.CallbackListStatus:                 600,
}
