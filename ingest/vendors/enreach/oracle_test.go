package enreach

import (
	"bytes"
	"encoding/json"
	"reflect"
	"strings"
	"time"

	"github.com/google/uuid"

	"ringside/ingest"
)

// The oracle decodes a message with encoding/json and reflection, slowly and without anything of the decoder's code.

// oraclePaths maps each member to the field of Event it goes to. A trailing ! marks those in which a value of the wrong
// shape rejects the message.
var oraclePaths = map[string]string{
	"EventType": "TypeName!", "Id": "ID!", "Timestamp": "Timestamp!", "OrganizationId": "OrganizationID!", "EntityId": "EntityID!",

	"CallId": "CallID!", "LegId": "LegID!", "AgentLegId": "AgentLegID!", "QueueId": "QueueID!", "QueueName": "QueueName!",
	"TechQueueId": "TechQueueID", "UserId": "UserID!", "UserName": "UserName!", "Username": "UserName!", "CallBackId": "CallBackID!",
	"CallListId": "CallListID!", "CallerNumber": "CallerNumber!", "TargetNumber": "TargetNumber!", "Reason": "Reason!",
	"TechReason": "TechReason", "DetailedReason": "DetailedReason", "OverflowReason": "OverflowReason!",
	"OverflowType": "OverflowType!", "EnteredValue": "EnteredValue", "Priority": "Priority",
	"MaxWrapUpDurationSec": "MaxWrapUpDurationSec!", "ElapsedTimeSec": "ElapsedTimeSec!", "AllocationType": "AllocationType",

	"SupervisorUserId": "SupervisorUserID!", "SupervisorLegId": "SupervisorLegID!", "TargetUserId": "TargetUserID!",
	"State": "SupervisionState", "Availability": "Availability!", "StartTime": "StartTime!", "EndTime": "EndTime!",
	"CanBeAllocatedTo": "Status.CanBeAllocatedTo!", "Talking": "Status.Talking!", "TalkingStatusChanged": "Status.TalkingStatusChanged!",
	"ActiveQueueId": "Status.ActiveQueueID", "Available": "Status.Available!", "Schedule": "Status.Schedule!",
	"Serving": "Status.Serving!", "ServingCallback": "Status.ServingCallback!", "FetchMode": "Status.FetchMode!",
	"ServiceTerminals": "Status.ServiceTerminals!", "ActiveQueues": "Status.ActiveQueues", "ParkedCalls": "Status.ParkedCalls!",
	"WrapUpStart": "Status.WrapUpStart!", "WrapUpEnd": "Status.WrapUpEnd!",

	"Active": "Active!", "AttachedUsers": "AttachedUsers!", "Region": "Region!", "Updated": "Updated", "QueueGroups": "QueueGroups!",

	"Modified": "Callback.Modified!", "CreationTime": "Callback.CreationTime!", "DueDate": "Callback.DueDate!",
	"ExpiryDate": "Callback.ExpiryDate!", "NotBefore": "Callback.NotBefore!", "LastAttemptTimestamp": "Callback.LastAttemptTimestamp!",
	"AssignedUserId": "Callback.AssignedUserID!", "LastAttemptUserId": "Callback.LastAttemptUserID!",
	"LastModifiedUserId": "Callback.LastModifiedUserID", "LastAttemptTypeId": "Callback.LastAttemptTypeID!",
	"ClassificationId": "Callback.ClassificationID!", "IsClosed": "Callback.IsClosed!", "ContactNumber": "Callback.ContactNumber!",
	"ContactName": "Callback.ContactName", "ChannelIn": "Callback.ChannelIn", "CalculatedPriority": "Callback.CalculatedPriority",
	"CallbackAttempts": "Callback.Attempts",
}

// oracleHeld has the members that depend on others, with a value of the type they are read as.
var oracleHeld = map[string]any{
	"RootEntityType": []byte{}, "RootEntityId": uuid.Nil, "EntityType": []byte{}, "AllocatedUserId": uuid.Nil,
	"TransferTarget": []byte{}, "ConnectedTarget": []byte{}, "Target": []byte{}, "Created": false, "Deleted": false,
	"TypeId": ingest.OptInt{},
}

var oracleHeldStrict = map[string]bool{"Created": true, "Deleted": true, "TypeId": true}

var oracleAlwaysStrict = map[string]bool{"EventType": true, "Id": true, "Timestamp": true, "OrganizationId": true, "EntityId": true}

type oracleMember struct {
	name  string
	value any
}

// oracleDecode returns the reason and field of the reject, if any.
func oracleDecode(message []byte, e *ingest.Event) (reason ingest.RejectReason, field string) {
	*e = ingest.Event{}
	if !json.Valid(message) || bytes.TrimLeft(message, " \t\r\n")[0] != '{' {
		return ingest.RejectMalformed, ""
	}
	held := map[string]any{}
	figures := map[string]float64{}
	var queueDate []byte
	var bad []string
	for _, m := range oracleMembers(message) {
		ok, strict := true, true
		if path, known := oraclePaths[m.name]; known {
			strict = strings.HasSuffix(path, "!")
			ok = oracleSet(oracleField(e, strings.TrimSuffix(path, "!")), m.value)
			if list, isList := m.value.([]any); isList && m.name == "AttachedUsers" {
				e.HasAttachedUsers, ok = true, oracleUsers(list, e)
			} else if isList && m.name == "QueueGroups" {
				e.HasQueueGroups, ok = true, oracleGroups(list, e)
			} else if isList && m.name == "CallbackAttempts" {
				e.Callback.Attempts = oracleAttempts(list)
			}
		} else if zero, known := oracleHeld[m.name]; known {
			strict = oracleHeldStrict[m.name]
			v := reflect.New(reflect.TypeOf(zero)).Elem()
			if held[m.name] != nil {
				v.Set(reflect.ValueOf(held[m.name]))
			}
			ok = oracleSet(v, m.value)
			held[m.name] = v.Interface()
		} else if m.name == "QueueDate" {
			var text []byte
			ok = oracleSet(reflect.ValueOf(&text).Elem(), m.value)
			if len(text) > 0 {
				if _, err := time.Parse("2006-01-02", string(text)); err != nil {
					_, ok = oracleTime(string(text))
				}
				if ok {
					queueDate = text[:10]
				}
			}
		} else if isFigure(m.name) {
			var f *float64
			f, ok = oracleFigure(m.value, m.name == "OpenStatus")
			if ok && f != nil {
				figures[m.name] = *f
			}
		}
		if !ok && strict {
			bad = append(bad, m.name)
		}
	}
	e.Type = ingest.TypeByName(e.TypeName)
	oracleResolve(e, held, figures, queueDate)
	if e.ID == uuid.Nil {
		e.ID = uuid.NewSHA1(BodyNamespace, message)
	}
	switch {
	case len(bad) > 0 && (e.Type != ingest.TypeUnknown || oracleAlwaysStrict[bad[0]]):
		return ingest.RejectBadField, bad[0]
	case len(e.TypeName) == 0:
		return ingest.RejectBadField, "EventType"
	case e.OrganizationID == uuid.Nil:
		return ingest.RejectNoOrganization, "OrganizationId"
	case e.Timestamp == ingest.Unset:
		return ingest.RejectBadField, "Timestamp"
	}
	return "", ""
}

func oracleResolve(e *ingest.Event, held map[string]any, figures map[string]float64, queueDate []byte) {
	text := func(name string) []byte { b, _ := held[name].([]byte); return b }
	id := func(name string) uuid.UUID { u, _ := held[name].(uuid.UUID); return u }
	flag := func(name string) bool { b, _ := held[name].(bool); return b }
	fill := func(to *uuid.UUID, from uuid.UUID) {
		if *to == uuid.Nil {
			*to = from
		}
	}
	if string(text("RootEntityType")) == "Organization" {
		fill(&e.OrganizationID, id("RootEntityId"))
	}
	fill(&e.UserID, id("AllocatedUserId"))
	if string(text("EntityType")) == "Queue" {
		fill(&e.QueueID, e.EntityID)
	}
	if string(text("EntityType")) == "User" && string(e.TypeName) != "UserSupervisionStatus" {
		fill(&e.UserID, e.EntityID)
	}
	if string(text("EntityType")) == "CallList" {
		fill(&e.CallListID, e.EntityID)
	}
	name := string(e.TypeName)
	switch {
	case strings.HasSuffix(name, "CallInTransferStarted"):
		e.TransferTarget = text("TransferTarget")
	case strings.HasSuffix(name, "CallInTransferConnected"):
		e.TransferTarget = text("ConnectedTarget")
	case name == "UserCallInUserOverflow":
		e.TransferTarget = text("Target")
	}
	if e.Type == ingest.TypeUnknown {
		e.TransferTarget = nil
	}
	e.Deleted = flag("Deleted") && (name == "QueueChanged" || name == "UserQueueAttached")
	e.Created = flag("Created") && name == "QueueChanged"
	if name == "CallbackChanged" {
		e.Callback.Created = flag("Created")
		e.Callback.TypeID, _ = held["TypeId"].(ingest.OptInt)
	}
	of := map[string]summary{"QueueStatus": queueStatus, "QueueDailyCallMetrics": queueDailyCallMetrics, "CallbackListStatus": callbackListStatus}
	if s, ok := of[name]; ok {
		for i, figure := range published[s] {
			f, known := figures[figure]
			e.Published.Figures[i], e.Published.Null[i] = f, !known
		}
	}
	if name == "QueueDailyCallMetrics" {
		e.Published.QueueDate = queueDate
	}
}

// oracleMembers returns the members in their order, repeated ones included.
func oracleMembers(message []byte) []oracleMember {
	var all []oracleMember
	d := json.NewDecoder(bytes.NewReader(message))
	d.UseNumber()
	if _, err := d.Token(); err != nil {
		panic(err)
	}
	for d.More() {
		name, err := d.Token()
		if err != nil {
			panic(err)
		}
		var raw json.RawMessage
		if err := d.Decode(&raw); err != nil {
			panic(err)
		}
		all = append(all, oracleMember{name.(string), oracleValue(raw)})
	}
	return all
}

// oracleValue is Unmarshal into any, but for objects, which become []oracleMember.
func oracleValue(raw json.RawMessage) any {
	switch raw[0] {
	case '{':
		return oracleMembers(raw)
	case '[':
		var list []json.RawMessage
		if err := json.Unmarshal(raw, &list); err != nil {
			panic(err)
		}
		values := make([]any, len(list))
		for i := range list {
			values[i] = oracleValue(list[i])
		}
		return values
	}
	var v any
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	if err := d.Decode(&v); err != nil {
		panic(err)
	}
	return v
}

func oracleField(e *ingest.Event, path string) reflect.Value {
	v := reflect.ValueOf(e).Elem()
	for _, part := range strings.Split(path, ".") {
		v = v.FieldByName(part)
	}
	return v
}

// timeRest is what Time.Go leaves out: the last digit.
func timeRest(t ingest.Time) time.Duration { return time.Duration(int64(t)%10) * 100 }
