package sim

import (
	"strings"

	"github.com/google/uuid"

	"ringside/aggregate"
)

// The properties by the kind of their value; the first of each kind marks the border.
const (
	nameCallID propertyName = iota
	nameQueueID
	nameUserID
	nameOrganizationID
	nameCallBackID
	nameCallListID
	nameTechQueueID
	nameSupervisorUserID
	nameAnyID // ids that nothing else refers to
	nameRequestID

	firstText
	nameLegID
	nameAgentLegID
	nameUserName
	nameUserNumber
	nameQueueName
	nameQueueNumber
	nameCallerNumber
	nameTargetNumber
	nameReason
	nameTechReason
	nameDetailedReason
	nameOverflowReason
	nameOverflowType
	nameEnteredValue
	nameTarget
	nameValue
	nameKeyword
	nameSupervisorName
	nameConstant
	nameApplet
	nameCLI
	nameEmpty
	nameFile

	firstNumber
	nameNumber
	nameZero
	namePriority

	firstBool
	nameActive
	nameDeleted
	nameFalse

	firstTime
	nameStartTime
	nameEndTime
	nameNow

	firstNull
	nameNull
)

var names = map[string]propertyName{
	"CallId": nameCallID, "QueueId": nameQueueID, "UserId": nameUserID, "OrganizationId": nameOrganizationID,
	"CallBackId": nameCallBackID, "CallListId": nameCallListID, "TechQueueId": nameTechQueueID,
	"AllocatedUserId": nameUserID, "TargetUserId": nameUserID, "SupervisorUserId": nameSupervisorUserID,
	"RecordingId": nameAnyID, "ConversionId": nameAnyID, "TranscriptId": nameAnyID, "CallEventId": nameAnyID,
	"ProfileId": nameAnyID, "RequestId": nameRequestID,

	"LegId": nameLegID, "AgentLegId": nameAgentLegID, "SupervisorLegId": nameAgentLegID,
	"UserName": nameUserName, "Username": nameUserName, "TargetUserName": nameUserName, "UserNumber": nameUserNumber,
	"QueueName": nameQueueName, "TechQueueName": nameQueueName, "QueueNumber": nameQueueNumber, "TechNumber": nameQueueNumber,
	"CallerNumber": nameCallerNumber, "ContactNumber": nameCallerNumber, "TargetNumber": nameTargetNumber,
	"CallAsNumber": nameCLI, "CLI": nameCLI, "TransferNumber": nameEmpty,
	"Reason": nameReason, "TechReason": nameTechReason, "DetailedReason": nameDetailedReason,
	"OverflowReason": nameOverflowReason, "OverflowType": nameOverflowType, "EnteredValue": nameEnteredValue,
	"TransferTarget": nameTarget, "ConnectedTarget": nameTarget, "Target": nameTarget,
	"Availability": nameValue, "AllocationType": nameValue, "Value": nameValue, "Result": nameValue,
	"TranscribeRecordingType": nameValue, "Keyword": nameKeyword, "PreviousPublicity": nameConstant,
	"SupervisorUserName": nameSupervisorName, "PlayApplet": nameApplet, "OverflowApplet": nameApplet,
	"TransferApplet": nameApplet, "PromptDetail": nameDetailedReason, "TransferSource": nameConstant,
	"TechSource": nameConstant, "TechType": nameConstant, "TechEvent": nameConstant, "Level": nameConstant,
	"EventSource": nameConstant, "Note": nameEmpty, "ContactMessage": nameEmpty, "PrePromptPath": nameEmpty,
	"RecordedFilePath": nameFile,

	"MaxWrapUpDurationSec": nameNumber, "ElapsedTimeSec": nameNumber, "State": nameNumber, "TTLSeconds": nameNumber,
	"DurationMillis": nameNumber, "TimeToLive": nameNumber, "Publicity": nameZero, "Priority": namePriority,

	"Active": nameActive, "Deleted": nameDeleted, "ServiceRecord": nameFalse, "AllowUserRecord": nameFalse,
	"ShowUIControl": nameFalse, "PersistentRequest": nameFalse,

	"StartTime": nameStartTime, "EndTime": nameEndTime, "CreationTime": nameNow,

	"Values": nameNull, "AllowedValues": nameNull, "Targets": nameNull, "ExtraPriority": nameNull, "ExtraData": nameNull,
}

// id writes a Guid property: its value, null where it is optional and absent, else the empty Guid.
func (w *writer) id(b []byte, p *property, m *message) []byte {
	var text string
	switch p.name {
	case nameCallID:
		if m.call != nil {
			text = m.call.text
		}
	case nameQueueID:
		if m.queue != nil {
			text = m.queue.text
		}
	case nameUserID:
		if m.user != nil {
			text = m.user.text
		}
	case nameOrganizationID:
		text = m.org.text
	case nameCallBackID:
		if m.back != nil {
			text = m.back.text
		}
	case nameCallListID:
		if m.list != nil {
			text = m.list.text
		}
	case nameTechQueueID:
		if m.queue != nil && !p.optional {
			text = m.queue.text
		}
	case nameSupervisorUserID:
		text = m.peer.text
	case nameAnyID:
		b = append(b, '"')
		return append(appendID(b, w.ids.next()), '"')
	case nameRequestID:
		b = append(b, '"')
		return append(appendID(b, m.request), '"')
	}
	if text == "" {
		if p.optional {
			return append(b, "null"...)
		}
		text = noID
	}
	b = append(b, '"')
	b = append(b, text...)
	return append(b, '"')
}

var noID = uuid.Nil.String()

// appendText writes a text property, escaped.
func appendText(b []byte, name propertyName, m *message) []byte {
	switch name {
	case nameLegID:
		return append(b, legOf(m)...)
	case nameAgentLegID:
		return append(b, m.agLeg...)
	case nameUserName:
		if m.user != nil {
			return append(b, m.user.name...)
		}
	case nameUserNumber:
		if m.user != nil {
			return append(b, m.user.number...)
		}
	case nameQueueName:
		if m.queue != nil {
			return append(b, m.queue.name...)
		}
	case nameQueueNumber:
		if m.queue != nil {
			return append(b, m.queue.number...)
		}
	case nameCallerNumber:
		if m.callerNumber != "" || m.call == nil {
			return append(b, m.callerNumber...)
		}
		return append(b, m.call.from...)
	case nameTargetNumber:
		if m.toWhomNum != "" || m.call == nil {
			return append(b, m.toWhomNum...)
		}
		return append(b, m.call.to...)
	case nameReason:
		return append(b, m.reason...)
	case nameTechReason:
		return append(b, m.tech...)
	case nameDetailedReason:
		return append(b, m.detail...)
	case nameOverflowReason:
		return append(b, m.overReason...)
	case nameOverflowType:
		return append(b, m.overType...)
	case nameEnteredValue:
		return append(b, m.entered...)
	case nameTarget:
		return append(b, m.target...)
	case nameValue, nameZero: // Publicity is a text in one type
		return append(b, m.value...)
	case nameKeyword:
		return append(b, m.keyword...)
	case nameSupervisorName:
		return append(b, m.peer.name...)
	case nameConstant:
		return append(b, "Undefined"...)
	case nameApplet:
		return append(b, "QueueHandler"...)
	case nameCLI:
		if m.queue != nil {
			return append(b, m.queue.number...)
		}
	case nameFile:
		b = append(b, `\\\\rec01\\calls\\`...)
		b = append(b, m.call.text...)
		return append(b, ".wav"...)
	}
	return b
}

func legOf(m *message) string {
	if m.noLeg {
		return ""
	}
	if m.leg == "" && m.call != nil {
		return m.call.leg
	}
	return m.leg
}

func numberOf(name propertyName, m *message) (n int, null bool) {
	switch name {
	case nameNumber:
		return m.number, false
	case namePriority:
		return m.priority, m.priority == aggregate.Null
	}
	return 0, false
}

// joinPath joins entered values as the column ivr_path does.
func joinPath(path, value string) string {
	if path == "" {
		return value
	}
	return strings.Join([]string{path, value}, "/")
}
