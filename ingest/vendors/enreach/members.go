package enreach

import (
	"ringside/ingest"
	"ringside/ingest/scan"
)

// member is one name that a message may have, and what is done with its value.
type member struct {
	name    string
	read    func(d *Decoder, e *ingest.Event) scan.Shape // nil: deliberately left out
	lenient bool                                         // a value of the wrong shape counts as absent
}

// common has the members of every message.
var common = []member{
	{name: "EventType", read: (*Decoder).eventType},
	{name: "Id", read: func(d *Decoder, e *ingest.Event) scan.Shape { return d.scanner.UUID(&e.ID) }},
	{name: "Timestamp", read: func(d *Decoder, e *ingest.Event) scan.Shape { return d.time(&e.Timestamp) }},
	{name: "OrganizationId", read: func(d *Decoder, e *ingest.Event) scan.Shape { return d.scanner.UUID(&e.OrganizationID) }},
	{name: "RootEntityType", lenient: true, read: func(d *Decoder, e *ingest.Event) scan.Shape { return d.text(&d.seen.rootEntityType) }},
	{name: "RootEntityId", lenient: true, read: func(d *Decoder, e *ingest.Event) scan.Shape { return d.scanner.UUID(&d.seen.rootEntityID) }},
	{name: "EntityType", lenient: true, read: func(d *Decoder, e *ingest.Event) scan.Shape { return d.text(&d.seen.entityType) }},
	{name: "EntityId", read: func(d *Decoder, e *ingest.Event) scan.Shape { return d.scanner.UUID(&e.EntityID) }},
}

// calls has the members of calls and of what belongs to them.
var calls = []member{
	{name: "CallId", read: func(d *Decoder, e *ingest.Event) scan.Shape { return d.scanner.UUID(&e.CallID) }},
	{name: "LegId", read: func(d *Decoder, e *ingest.Event) scan.Shape { return d.text(&e.LegID) }},
	{name: "AgentLegId", read: func(d *Decoder, e *ingest.Event) scan.Shape { return d.text(&e.AgentLegID) }},
	{name: "QueueId", read: func(d *Decoder, e *ingest.Event) scan.Shape { return d.scanner.UUID(&e.QueueID) }},
	{name: "QueueName", read: func(d *Decoder, e *ingest.Event) scan.Shape { return d.text(&e.QueueName) }},
	{name: "TechQueueId", lenient: true, read: func(d *Decoder, e *ingest.Event) scan.Shape { return d.scanner.UUID(&e.TechQueueID) }},
	{name: "UserId", read: func(d *Decoder, e *ingest.Event) scan.Shape { return d.scanner.UUID(&e.UserID) }},
	{name: "AllocatedUserId", lenient: true, read: func(d *Decoder, e *ingest.Event) scan.Shape { return d.scanner.UUID(&d.seen.allocatedUserID) }},
	{name: "UserName", read: func(d *Decoder, e *ingest.Event) scan.Shape { return d.text(&e.UserName) }},
	{name: "Username", read: func(d *Decoder, e *ingest.Event) scan.Shape { return d.text(&e.UserName) }},
	{name: "CallBackId", read: func(d *Decoder, e *ingest.Event) scan.Shape { return d.scanner.UUID(&e.CallBackID) }},
	{name: "CallListId", read: func(d *Decoder, e *ingest.Event) scan.Shape { return d.scanner.UUID(&e.CallListID) }},
	{name: "CallerNumber", read: func(d *Decoder, e *ingest.Event) scan.Shape { return d.text(&e.CallerNumber) }},
	{name: "TargetNumber", read: func(d *Decoder, e *ingest.Event) scan.Shape { return d.text(&e.TargetNumber) }},
	{name: "Reason", read: func(d *Decoder, e *ingest.Event) scan.Shape { return d.text(&e.Reason) }},
	{name: "TechReason", lenient: true, read: func(d *Decoder, e *ingest.Event) scan.Shape { return d.text(&e.TechReason) }},
	{name: "DetailedReason", lenient: true, read: func(d *Decoder, e *ingest.Event) scan.Shape { return d.text(&e.DetailedReason) }},
	{name: "OverflowReason", read: func(d *Decoder, e *ingest.Event) scan.Shape { return d.text(&e.OverflowReason) }},
	{name: "OverflowType", read: func(d *Decoder, e *ingest.Event) scan.Shape { return d.text(&e.OverflowType) }},
	{name: "EnteredValue", lenient: true, read: func(d *Decoder, e *ingest.Event) scan.Shape { return d.text(&e.EnteredValue) }},
	{name: "TransferTarget", lenient: true, read: func(d *Decoder, e *ingest.Event) scan.Shape { return d.text(&d.seen.transferTarget) }},
	{name: "ConnectedTarget", lenient: true, read: func(d *Decoder, e *ingest.Event) scan.Shape { return d.text(&d.seen.connectedTarget) }},
	{name: "Target", lenient: true, read: func(d *Decoder, e *ingest.Event) scan.Shape { return d.text(&d.seen.target) }},
	{name: "Priority", lenient: true, read: func(d *Decoder, e *ingest.Event) scan.Shape { return d.optInt(&e.Priority) }},
	{name: "MaxWrapUpDurationSec", read: func(d *Decoder, e *ingest.Event) scan.Shape { return d.optInt(&e.MaxWrapUpDurationSec) }},
	{name: "ElapsedTimeSec", read: func(d *Decoder, e *ingest.Event) scan.Shape { return d.optInt(&e.ElapsedTimeSec) }},
	{name: "AllocationType", lenient: true, read: func(d *Decoder, e *ingest.Event) scan.Shape { return d.text(&e.AllocationType) }},
}

// agents has the members of the events about agents and their supervision.
var agents = []member{
	{name: "SupervisorUserId", read: func(d *Decoder, e *ingest.Event) scan.Shape { return d.scanner.UUID(&e.SupervisorUserID) }},
	{name: "SupervisorLegId", read: func(d *Decoder, e *ingest.Event) scan.Shape { return d.text(&e.SupervisorLegID) }},
	{name: "TargetUserId", read: func(d *Decoder, e *ingest.Event) scan.Shape { return d.scanner.UUID(&e.TargetUserID) }},
	// The names of the supervision states are not documented, so that text cannot be mapped to a number.
	{name: "State", lenient: true, read: func(d *Decoder, e *ingest.Event) scan.Shape { return d.optInt(&e.SupervisionState) }},

	{name: "Availability", read: func(d *Decoder, e *ingest.Event) scan.Shape { return d.text(&e.Availability) }},
	{name: "StartTime", read: func(d *Decoder, e *ingest.Event) scan.Shape { return d.time(&e.StartTime) }},
	{name: "EndTime", read: func(d *Decoder, e *ingest.Event) scan.Shape { return d.time(&e.EndTime) }},

	{name: "CanBeAllocatedTo", read: func(d *Decoder, e *ingest.Event) scan.Shape { return d.bool(&e.Status.CanBeAllocatedTo) }},
	{name: "Talking", read: func(d *Decoder, e *ingest.Event) scan.Shape { return d.bool(&e.Status.Talking) }},
	{name: "TalkingStatusChanged", read: func(d *Decoder, e *ingest.Event) scan.Shape { return d.time(&e.Status.TalkingStatusChanged) }},
	{name: "ActiveQueueId", lenient: true, read: func(d *Decoder, e *ingest.Event) scan.Shape { return d.scanner.UUID(&e.Status.ActiveQueueID) }},
	{name: "Available", read: func(d *Decoder, e *ingest.Event) scan.Shape { return d.bool(&e.Status.Available) }},
	{name: "Schedule", read: func(d *Decoder, e *ingest.Event) scan.Shape { return d.bool(&e.Status.Schedule) }},
	{name: "Serving", read: func(d *Decoder, e *ingest.Event) scan.Shape { return d.bool(&e.Status.Serving) }},
	{name: "ServingCallback", read: func(d *Decoder, e *ingest.Event) scan.Shape { return d.bool(&e.Status.ServingCallback) }},
	{name: "FetchMode", read: func(d *Decoder, e *ingest.Event) scan.Shape { return d.bool(&e.Status.FetchMode) }},
	{name: "ServiceTerminals", read: func(d *Decoder, e *ingest.Event) scan.Shape { return d.int32(&e.Status.ServiceTerminals) }},
	{name: "ActiveQueues", lenient: true, read: func(d *Decoder, e *ingest.Event) scan.Shape { return d.int32(&e.Status.ActiveQueues) }},
	{name: "ParkedCalls", read: func(d *Decoder, e *ingest.Event) scan.Shape { return d.int32(&e.Status.ParkedCalls) }},
	{name: "WrapUpStart", read: func(d *Decoder, e *ingest.Event) scan.Shape { return d.time(&e.Status.WrapUpStart) }},
	{name: "WrapUpEnd", read: func(d *Decoder, e *ingest.Event) scan.Shape { return d.time(&e.Status.WrapUpEnd) }},
}

// queues has the members of the events about the set-up of queues. Some of them stand for something else in other
// events: see resolve.
var queues = []member{
	{name: "Active", read: func(d *Decoder, e *ingest.Event) scan.Shape { return d.bool(&e.Active) }},
	{name: "Deleted", read: func(d *Decoder, e *ingest.Event) scan.Shape { return d.bool(&d.seen.deleted) }},
	{name: "AttachedUsers", read: (*Decoder).attachedUsers},
	{name: "Region", read: func(d *Decoder, e *ingest.Event) scan.Shape { return d.text(&e.Region) }},
	{name: "Created", read: func(d *Decoder, e *ingest.Event) scan.Shape { return d.bool(&d.seen.created) }},
	{name: "Updated", lenient: true, read: func(d *Decoder, e *ingest.Event) scan.Shape { return d.bool(&e.Updated) }},
	{name: "QueueGroups", read: (*Decoder).queueGroups},
}

// callbacks has the members of callbacks.
var callbacks = []member{
	{name: "Modified", read: func(d *Decoder, e *ingest.Event) scan.Shape { return d.time(&e.Callback.Modified) }},
	{name: "CreationTime", read: func(d *Decoder, e *ingest.Event) scan.Shape { return d.time(&e.Callback.CreationTime) }},
	{name: "DueDate", read: func(d *Decoder, e *ingest.Event) scan.Shape { return d.time(&e.Callback.DueDate) }},
	{name: "ExpiryDate", read: func(d *Decoder, e *ingest.Event) scan.Shape { return d.time(&e.Callback.ExpiryDate) }},
	{name: "NotBefore", read: func(d *Decoder, e *ingest.Event) scan.Shape { return d.time(&e.Callback.NotBefore) }},
	{name: "LastAttemptTimestamp", read: func(d *Decoder, e *ingest.Event) scan.Shape { return d.time(&e.Callback.LastAttemptTimestamp) }},
	{name: "AssignedUserId", read: func(d *Decoder, e *ingest.Event) scan.Shape { return d.scanner.UUID(&e.Callback.AssignedUserID) }},
	{name: "LastAttemptUserId", read: func(d *Decoder, e *ingest.Event) scan.Shape { return d.scanner.UUID(&e.Callback.LastAttemptUserID) }},
	{name: "LastModifiedUserId", lenient: true, read: func(d *Decoder, e *ingest.Event) scan.Shape { return d.scanner.UUID(&e.Callback.LastModifiedUserID) }},
	{name: "LastAttemptTypeId", read: func(d *Decoder, e *ingest.Event) scan.Shape { return d.optInt(&e.Callback.LastAttemptTypeID) }},
	{name: "TypeId", read: func(d *Decoder, e *ingest.Event) scan.Shape { return d.optInt(&d.seen.typeID) }},
	{name: "ClassificationId", read: func(d *Decoder, e *ingest.Event) scan.Shape { return d.scanner.UUID(&e.Callback.ClassificationID) }},
	{name: "IsClosed", read: func(d *Decoder, e *ingest.Event) scan.Shape { return d.bool(&e.Callback.IsClosed) }},
	{name: "ContactNumber", read: func(d *Decoder, e *ingest.Event) scan.Shape { return d.text(&e.Callback.ContactNumber) }},
	{name: "ContactName", lenient: true, read: func(d *Decoder, e *ingest.Event) scan.Shape { return d.text(&e.Callback.ContactName) }},
	{name: "ChannelIn", lenient: true, read: func(d *Decoder, e *ingest.Event) scan.Shape { return d.text(&e.Callback.ChannelIn) }},
	{name: "CalculatedPriority", lenient: true, read: func(d *Decoder, e *ingest.Event) scan.Shape { return d.text(&e.Callback.CalculatedPriority) }},
	{name: "CallbackAttempts", lenient: true, read: (*Decoder).callbackAttempts},
}

// leftOut has the documented members that no figure needs; they stay in the stored message. They are listed so that the
// scanner knows their names, too.
var leftOut = []string{
	"MessageTTLSeconds", // how long the message is of interest, to the vendor's transport

	// Technical names and paths of call routing.
	"PlayApplet", "PromptDetail", "OverflowApplet", "TransferApplet", "TransferSource", "TechSource", "TechQueueName",
	"TechNumber", "TechEvent", "TechType",

	// Numbers of queues and users: their ids tell which they are. CallAsNumber is what the callee is shown.
	"QueueNumber", "UserNumber", "CallAsNumber", "TransferNumber", "Numbers",

	// Visibility of private calls.
	"Publicity", "PreviousPublicity", "CallEventId",

	// Recordings and transcripts.
	"RecordingId", "ConversionId", "RecordedFilePath", "TranscriptId", "DurationMillis", "TranscribeRecordingType",

	// Free text, and names of people whose ids are kept.
	"Note", "ContactMessage", "LastAttemptNote", "SupervisorUserName", "TargetUserName",

	// Requests to the vendor's system, and its settings.
	"RequestId", "TTLSeconds", "ServiceRecord", "AllowUserRecord", "ShowUIControl", "CLI", "TimeToLive",
	"PersistentRequest", "PrePromptPath", "Keyword", "Value", "Values", "AllowedValues", "Level",

	"ProfileId", "EventSource", // where an availability came from

	"Result", "Targets", "ExtraPriority", "ExtraData", // of smart routing: what it decides is seen in what follows

	"TemplateId", "UsePriorities", "CallAgeBonus", "Culture", // set-up of queues

	"CallbackExtras", "CallbackRelatedItems",
}

// members has every known name at the index of its number in names; at 0, what is done with all others.
var members = func() []member {
	all := []member{{}}
	for _, group := range [][]member{common, calls, agents, queues, callbacks, figures()} {
		all = append(all, group...)
	}
	for _, name := range leftOut {
		all = append(all, member{name: name})
	}
	return all
}()

var names = func() *scan.Names {
	var list []string
	for _, m := range members[1:] {
		list = append(list, m.name)
	}
	return scan.NewNames(list...)
}()
