package scenario

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"ringside/ingest"
)

// shortNames are what may be written instead of the vendor's longer names.
var shortNames = map[string]ingest.Type{"InComing": ingest.QueueCallInComing, "Prompt": ingest.QueueCallBlockingPromptStarted,
	"Supervision": ingest.UserSupervisionStatus}

func typeOf(word string) ingest.Type {
	if t, ok := shortNames[word]; ok {
		return t
	}
	if t := ingest.TypeByName([]byte(word)); t != ingest.TypeUnknown {
		return t
	}
	return ingest.TypeByName([]byte("QueueCallIn" + word))
}

// parseEvent handles `+OFFSET [CALL] TYPE NAMES… KEY=VALUE… [=> RESULT]`.
func (s *Scenario) parseEvent(line int, words []string, shift time.Duration) error {
	at, err := s.instant(words[0], shift)
	if err != nil {
		return err
	}
	ev := &ingest.Event{Timestamp: at, OrganizationID: s.names.id("organization", s.org),
		ID: ID("event", fmt.Sprintf("%s line %d + %s", s.Name, line, shift))}
	words = words[1:]
	if len(words) == 0 {
		return fmt.Errorf("an offset without an event")
	}
	result := ""
	if n := len(words); n > 2 && words[n-2] == "=>" {
		result, words = words[n-1], words[:n-2]
	}
	if ev.Type = typeOf(words[0]); ev.Type == ingest.TypeUnknown {
		if len(words) < 2 {
			return fmt.Errorf("not an event: %s", words[0])
		}
		ev.CallID = s.names.id("call", words[0])
		if ev.Type = typeOf(words[1]); ev.Type == ingest.TypeUnknown {
			return fmt.Errorf("not an event: %s", words[1])
		}
		words = words[1:]
	}
	ev.TypeName = []byte(ev.Type.String())
	position := 0
	for _, w := range words[1:] {
		if key, value, ok := strings.Cut(w, "="); ok {
			if err := s.setField(ev, key, value, shift); err != nil {
				return err
			}
		} else if !setFlag(ev, w) {
			s.setPositional(ev, position, w)
			position++
		}
	}
	s.steps = append(s.steps, step{line: line, event: ev, result: result})
	return nil
}

// setPositional takes the names behind the type: the queue first, where the event has one, then the user; the users
// attached, for a list.
func (s *Scenario) setPositional(ev *ingest.Event, position int, word string) {
	switch {
	case ev.Type == ingest.CallbackListStatus:
		ev.CallListID = s.names.id("list", word)
	case ev.Type == ingest.CallbackChanged && position == 0:
		ev.CallBackID = s.names.id("callback", word)
	case namesQueue(ev.Type) && position == 0:
		ev.QueueID, ev.EntityID = s.names.id("queue", word), s.names.id("queue", word)
		if ev.QueueID != [16]byte{} {
			ev.QueueName = []byte(word)
		}
	case ev.Type == ingest.QueueAttachedUsers:
		ev.HasAttachedUsers = true
		if word == "nobody" {
			return
		}
		name, inactive := strings.CutSuffix(word, ":inactive")
		ev.AttachedUsers = append(ev.AttachedUsers, ingest.AttachedUser{UserID: s.names.id("user", name), Active: !inactive})
	case ev.Type == ingest.UserSupervisionStatus:
		ev.SupervisorUserID = s.names.id("user", word)
	default:
		ev.UserID, ev.UserName = s.names.id("user", word), []byte(word)
	}
}

func namesQueue(t ingest.Type) bool {
	name := t.String()
	return strings.HasPrefix(name, "Queue") || strings.HasPrefix(name, "UserWrapUp") || t == ingest.UserQueueAttached ||
		t == ingest.UserSupervisionStatus
}

// setFlag takes the bare words that are true or false in the vendor's events.
func setFlag(ev *ingest.Event, word string) bool {
	flags := map[string]*bool{}
	switch ev.Type {
	case ingest.UserStatus:
		st := &ev.Status
		flags = map[string]*bool{"free": &st.CanBeAllocatedTo, "talking": &st.Talking, "available": &st.Available,
			"schedule": &st.Schedule, "serving": &st.Serving, "callbacks": &st.ServingCallback, "fetch": &st.FetchMode}
	case ingest.CallbackChanged:
		flags = map[string]*bool{"closed": &ev.Callback.IsClosed}
	case ingest.UserQueueAttached, ingest.QueueChanged:
		flags = map[string]*bool{"active": &ev.Active, "deleted": &ev.Deleted, "created": &ev.Created, "updated": &ev.Updated}
	}
	if flags[word] == nil {
		return false
	}
	*flags[word] = true
	return true
}

// setField takes KEY=VALUE.
func (s *Scenario) setField(ev *ingest.Event, key, value string, shift time.Duration) (err error) {
	texts := map[string]*[]byte{"leg": &ev.LegID, "agentleg": &ev.AgentLegID, "reason": &ev.Reason, "tech": &ev.TechReason,
		"caller": &ev.CallerNumber, "overflow": &ev.OverflowReason, "type": &ev.OverflowType, "entered": &ev.EnteredValue,
		"target": &ev.TransferTarget, "supervisorleg": &ev.SupervisorLegID, "availability": &ev.Availability,
		"region": &ev.Region, "name": &ev.QueueName, "contact": &ev.Callback.ContactNumber, "answer": &ev.AllocationType}
	if ev.Type == ingest.CallbackChanged && key == "type" {
		ev.Callback.TypeID, err = optional(value)
		return err
	}
	if text := texts[key]; text != nil {
		*text = []byte(value)
		return nil
	}
	numbers := map[string]*ingest.OptInt{"max": &ev.MaxWrapUpDurationSec, "elapsed": &ev.ElapsedTimeSec, "priority": &ev.Priority,
		"state": &ev.SupervisionState}
	if n := numbers[key]; n != nil {
		*n, err = optional(value)
		return err
	}
	times := map[string]*ingest.Time{"received": &ev.ReceivedAt, "start": &ev.StartTime, "until": &ev.EndTime,
		"wrap": &ev.Status.WrapUpStart, "wrapend": &ev.Status.WrapUpEnd, "modified": &ev.Callback.Modified,
		"created": &ev.Callback.CreationTime, "not_before": &ev.Callback.NotBefore, "due": &ev.Callback.DueDate,
		"expiry": &ev.Callback.ExpiryDate, "attempt": &ev.Callback.LastAttemptTimestamp}
	if t := times[key]; t != nil {
		*t, err = s.instant(value, shift)
		return err
	}
	return s.setOther(ev, key, value, shift)
}

func (s *Scenario) setOther(ev *ingest.Event, key, value string, shift time.Duration) (err error) {
	switch key {
	case "sees": // how much the source tells of the queue
		view, known := map[string]ingest.View{"offers": ingest.ViewFromOffer, "finished": ingest.ViewFinished}[value]
		if !known {
			return fmt.Errorf("sees=%s: want offers or finished", value)
		}
		ev.View = view
	case "id": // copies of one event are written with one id
		ev.ID = ID("event", value)
	case "at": // an absolute time that the offset cannot say
		ev.Timestamp, err = s.instant("@"+value, shift)
	case "call":
		ev.CallID = s.names.id("call", value)
	case "queue":
		ev.QueueID = s.names.id("queue", value)
	case "callback":
		ev.CallBackID = s.names.id("callback", value)
	case "group":
		ev.HasQueueGroups = true
		// Rules of a group are those written for a queue of its name.
		ev.QueueGroups = append(ev.QueueGroups, ingest.QueueGroup{ID: s.names.id("queue", value), Name: []byte(value)})
	case "list":
		ev.CallListID = s.names.id("list", value)
	case "assigned":
		ev.Callback.AssignedUserID = s.names.id("user", value)
	case "try": // TYPE@OFFSET: an entry of CallbackAttempts
		typeID, at, _ := strings.Cut(value, "@")
		var a ingest.CallbackAttempt
		if a.TypeID, err = optional(typeID); err == nil {
			a.Timestamp, err = s.instant(at, shift)
		}
		ev.Callback.Attempts = append(ev.Callback.Attempts, a)
	case "published": // IsAutoAllocate, active, auto-allocate, serving auto-allocate agents
		for i := range ev.Published.Null {
			ev.Published.Null[i] = true
		}
		for i, text := range strings.Split(value, ",") {
			figure := []int{ingest.ListIsAutoAllocate, ingest.ListTotalActiveAgents, ingest.ListTotalAutoAllocateAgents,
				ingest.ListTotalServingAutoAllocateAgents}[i]
			ev.Published.Figures[figure], err = strconv.ParseFloat(text, 64)
			ev.Published.Null[figure] = false
		}
	case "terminals":
		ev.Status.ServiceTerminals, err = number(value)
	case "parked":
		ev.Status.ParkedCalls, err = number(value)
	default:
		err = fmt.Errorf("no field %q", key)
	}
	return err
}

func number(text string) (int32, error) {
	n, err := strconv.ParseInt(text, 10, 32)
	return int32(n), err
}

func optional(text string) (ingest.OptInt, error) {
	n, err := number(text)
	return ingest.OptInt{Value: n, Valid: true}, err
}
