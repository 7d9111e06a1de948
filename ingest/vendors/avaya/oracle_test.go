package avaya

import (
	"bytes"
	"encoding/json"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/google/uuid"

	"ringside/ingest"
	"ringside/ingest/scan"
	"ringside/ingest/vendors/envelope"
)

// The oracle makes the events of a message that the decoder has accepted, with encoding/json and without the decoder's code.

type member struct {
	name  string
	value json.RawMessage
}

// membersOf returns the members of an object or the entries of an array in their order; nulls are left out.
func membersOf(raw json.RawMessage) (all []member) {
	d := json.NewDecoder(bytes.NewReader(raw))
	opening, err := d.Token()
	if err != nil {
		panic(err)
	}
	for d.More() {
		var m member
		if opening == json.Delim('{') {
			name, err := d.Token()
			if err != nil {
				panic(err)
			}
			m.name = name.(string)
		}
		if err := d.Decode(&m.value); err != nil {
			panic(err)
		}
		if string(m.value) != "null" {
			all = append(all, m)
		}
	}
	return all
}

type object []member

// text returns the last text called name; numbers and booleans are texts too, arrays and objects are none.
func (o object) text(name string) (text string) {
	for _, m := range o {
		if m.name != name || m.value[0] == '{' || m.value[0] == '[' {
			continue
		}
		var s string
		if text = string(m.value); m.value[0] == '"' {
			if err := json.Unmarshal(m.value, &s); err != nil {
				panic(err)
			}
			text = s
		}
	}
	return text
}

func (o object) raw(name string) (raw json.RawMessage) {
	for _, m := range o {
		if m.name == name {
			raw = m.value
		}
	}
	return raw
}

func (o object) flag(name string) (flag bool) {
	for _, m := range o {
		if m.name != name || string(m.value) == `""` {
			continue
		}
		one := object{m}.text(name)
		if f, err := strconv.ParseFloat(one, 64); err == nil && m.value[0] != '"' {
			flag = math.Round(f) == 1
		} else {
			flag = strings.EqualFold(one, "true")
		}
	}
	return flag
}

func (o object) first(names ...string) string {
	for _, name := range names {
		if text := o.text(name); text != "" {
			return text
		}
	}
	return ""
}

// oracle knows of one message.
type oracle struct {
	outer, data object
	base        ingest.Event
}

func (o *oracle) id(kind, text string) uuid.UUID {
	var id uuid.UUID
	if text == "" || scan.ParseUUID([]byte(text), &id) && (id == uuid.Nil || !strings.Contains(kind, ".")) {
		return id
	}
	org := ""
	if kind != "organization" {
		org = o.base.OrganizationID.String()
	}
	return uuid.NewSHA1(envelope.Namespace, []byte("avaya\x00"+org+"\x00"+kind+"\x00"+text))
}

// decode returns the events of a message.
func oracleDecode(message []byte) []*ingest.Event {
	o := &oracle{outer: membersOf(message)}
	b := &o.base
	b.OrganizationID = o.id("organization", o.outer.text("organization"))
	b.UserID, b.UserName = o.id("agent", o.outer.text("agent")), []byte(o.outer.first("agentName", "agent"))
	if b.ID = o.id("event", o.outer.text("id")); b.ID == uuid.Nil {
		b.ID = uuid.NewSHA1(envelope.Namespace, message)
	}
	b.TypeName = []byte(o.outer.text("event"))
	b.Timestamp, _ = envelope.ParseTime([]byte(o.outer.text("time")))
	if data := o.outer.raw("data"); len(data) > 0 && data[0] == '{' {
		o.data = membersOf(data)
	}
	parts := o.events()
	for i, e := range parts {
		if i > 0 {
			e.ID = uuid.NewSHA1(b.ID, []byte(strconv.Itoa(i)))
		}
	}
	return parts
}

func (o *oracle) event() *ingest.Event {
	e := o.base
	return &e
}

func (o *oracle) events() []*ingest.Event {
	switch string(o.base.TypeName) {
	case "onInteractionEvent", "onAnyInteractionEvent":
		return o.cards("")
	case "onInteractionEndedEvent", "onAnyInteractionEndedEvent":
		return o.cards("END:")
	case "onAgentStateEvent":
		return o.availability(o.data.text("currentState"), "resourceStates")
	case "onTeamMemberEvent":
		o.base.UserID = o.id("agent", o.data.text("userHandle"))
		o.base.UserName = []byte(o.data.first("displayName", "userHandle"))
		if a, b := o.data.text("firstName"), o.data.text("lastName"); a != "" && b != "" && o.data.text("displayName") == "" {
			o.base.UserName = []byte(a + " " + b)
		}
		return o.availability(o.data.text("state"), "channels")
	case "onResourceAcquiredEvent", "onResourceReleasedEvent":
		e := o.event()
		if e.UserID == uuid.Nil {
			e.UserID, e.UserName = o.id("agent", o.data.text("agentId")), []byte(o.data.text("agentId"))
		}
		state := o.data.text("state")
		if strings.Contains(string(e.TypeName), "Released") {
			state = "RELEASED"
		}
		e.AgentChannels = []ingest.AgentChannel{{Channel: []byte(o.data.text("channel")), State: []byte(state)}}
		return []*ingest.Event{e}
	case "onChannelStatusUpdateEvent":
		e, state := o.event(), "NOT_READY"
		if o.data.flag("ready") {
			state = "READY"
		}
		e.AgentChannels = []ingest.AgentChannel{{Channel: []byte(o.data.text("name")), State: []byte(state), Reason: []byte(o.data.text("reasonCode"))}}
		return []*ingest.Event{e}
	}
	return []*ingest.Event{o.event()}
}

func reason(o object) []byte {
	if code := o.text("reasonCode"); code != "" {
		return []byte(code)
	}
	if text := o.text("stateReason"); text != "DEFAULT" {
		return []byte(text)
	}
	return nil
}

var oracleAvailability = map[string]string{"READY": "Available", "NOT_READY": "Away", "NOT_READY_PENDING": "Away", "LOGOUT_PENDING": "Away",
	"LOGGED_IN": "Away", "ACW": "Busy", "AFTER_CONTACT_WORK": "Busy", "AFTER_CALL_WORK": "Busy", "ADDITIONAL_WORK": "Busy",
	"LOGGED_OUT": "OffWork", "LOGGED_OFF": "OffWork", "CONNECTED": "OffWork", "OFFLINE": "OffWork", "DEACTIVATED": "OffWork"}

func (o *oracle) availability(state, list string) []*ingest.Event {
	e, channels := o.event(), o.channels(list)
	e.Type, e.Availability, e.AvailabilityReason = ingest.UserAvailability, []byte(state), reason(o.data)
	if known := oracleAvailability[state]; known != "" {
		e.Availability = []byte(known)
	}
	since := ingest.Unset
	for _, m := range o.data {
		if t, ok := scan.ParseTime([]byte(object{m}.text("lastStateChangeTime"))); ok && m.name == "lastStateChangeTime" {
			since = t
		}
	}
	age := e.Timestamp - since
	if since == ingest.Unset || age <= 0 || age > 30*60*ingest.TicksPerSecond {
		e.AgentChannels = channels
		return []*ingest.Event{e}
	}
	e.Timestamp = since
	if len(channels) == 0 {
		return []*ingest.Event{e}
	}
	second := o.event()
	second.AgentChannels = channels
	return []*ingest.Event{e, second}
}

func (o *oracle) channels(list string) (channels []ingest.AgentChannel) {
	raw := o.data.raw(list)
	if raw == nil {
		return nil
	}
	for _, m := range membersOf(raw) {
		entry := object(membersOf(m.value))
		c := ingest.AgentChannel{Channel: []byte(m.name), State: []byte(entry.text("state")), Reason: reason(entry)}
		if i := slices.IndexFunc(entry, func(m member) bool { return m.name == "channelType" }); i >= 0 {
			c.Channel = []byte(entry.text("channelType"))
		}
		if len(c.Channel) > 0 && len(c.State) > 0 && len(channels) < 32 {
			channels = append(channels, c)
		}
	}
	return channels
}

// oracleFacts has the types of events of a card, by direction, place and phase.
var oracleFacts = map[string]string{
	"in queue ALERTING": "QueueCallInUserAllocated", "in queue ACTIVE": "QueueCallInUserConnected QueueCallInHoldEnd",
	"in queue HELD": "QueueCallInUserConnected QueueCallInHoldStart", "in queue ACW": "UserWrapUpStarted",
	"in queue END:ALERTING": "QueueCallInUserCancelled QueueCallInOverflow", "in queue END:ACW": "UserWrapUpStarted UserWrapUpTerminated",
	"in queue END:":    "QueueCallInDisconnected UserWrapUpStarted UserWrapUpTerminated",
	"in user ALERTING": "UserCallInArrived UserCallInUserAllocated", "in user ACTIVE": "UserCallInUserConnected UserCallInHoldEnd",
	"in user HELD": "UserCallInUserConnected UserCallInHoldStart", "in user ACW": "UserCallInDisconnected",
	"in user END:ALERTING": "UserCallInUserCancelled UserCallInOverflow", "in user END:ACW": "UserCallInDisconnected", "in user END:": "UserCallInDisconnected",
	"out queue ALERTING": "QueueUserCallOutGoing", "out queue ACTIVE": "QueueUserCallOutConnected QueueUserCallOutHoldEnd",
	"out queue HELD": "QueueUserCallOutConnected QueueUserCallOutHoldStart", "out queue ACW": "QueueUserCallOutDisconnected UserWrapUpStarted",
	"out queue END:ALERTING": "QueueUserCallOutDisconnected", "out queue END:ACW": "UserWrapUpTerminated", "out queue END:": "QueueUserCallOutDisconnected",
	"out user ALERTING": "UserCallOutGoing", "out user ACTIVE": "UserCallOutConnected UserCallOutHoldEnd",
	"out user HELD": "UserCallOutConnected UserCallOutHoldStart", "out user ACW": "UserCallOutDisconnected",
	"out user END:ALERTING": "UserCallOutDisconnected", "out user END:ACW": "UserCallOutDisconnected", "out user END:": "UserCallOutDisconnected",
}

func (o *oracle) cards(end string) (parts []*ingest.Event) {
	b, d := &o.base, o.data
	suffix, kind := " (other)", "queue.other"
	b.Channel = ingest.ChannelOther
	switch d.text("channel") {
	case "VOICE":
		suffix, kind, b.Channel = "", "queue", ingest.ChannelVoice
	case "WEBCHAT", "CHAT", "SMS", "MESSAGING", "SOCIAL":
		suffix, kind, b.Channel = " (chat)", "queue.chat", ingest.ChannelChat
	case "EMAIL":
		suffix, kind, b.Channel = " (email)", "queue.email", ingest.ChannelEmail
	}
	topic := d.first("topicId", "topic", "skillId", "skill")
	own := map[string]bool{"CONSULTING": true, "CONSULTED": true, "CONFERENCED": topic == ""}
	isOwn, named := own[d.text("interactionType")]
	if !named {
		isOwn = d.flag("isConsult")
	}
	b.CallID = o.id("call", d.first("contactId", "workRequestId", "id"))
	if isOwn {
		b.CallID = o.id("call", d.text("id"))
	} else if topic != "" {
		b.QueueID = o.id(kind, topic)
		name := d.first("topic", "topicId")
		if name == "" {
			name = d.first("skill", "skillId")
		}
		b.QueueName, b.View = []byte(name+suffix), ingest.ViewFromOffer
	}
	direction, customer, place := "in", "originatingAddress", "user"
	if d.text("direction") == "OUTGOING" {
		direction, customer = "out", "destinationAddress"
	}
	b.CallerNumber, b.TargetNumber = []byte(d.text(customer)), []byte(d.text("destinationAddress"))
	if b.QueueID != uuid.Nil {
		place = "queue"
	}
	state := d.text("state")
	switch state {
	case "INITIATED":
		state = "ALERTING"
	case "AFTER_CONTACT_WORK", "AFTER_CALL_WORK":
		state = "ACW"
	}
	types, known := oracleFacts[direction+" "+place+" "+end+state]
	if !known && end != "" {
		types = oracleFacts[direction+" "+place+" "+end]
	}
	for _, name := range strings.Fields(types) {
		e := o.event()
		e.Type = ingest.TypeByName([]byte(name))
		switch {
		case strings.HasSuffix(name, "UserCancelled") && d.text("stateReason") != "DEFAULT":
			e.Reason = []byte(d.text("stateReason"))
		case name == "QueueCallInUserConnected":
			e.AgentLegID = []byte(o.outer.text("agent"))
		case name == "QueueCallInDisconnected":
			e.LegID = []byte(o.outer.text("agent"))
		case name == "UserWrapUpStarted" && end != "":
			e.MaxWrapUpDurationSec.Valid = true
		}
		parts = append(parts, e)
	}
	if len(parts) == 0 {
		parts = append(parts, o.event())
	}
	return parts
}
