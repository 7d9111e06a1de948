package avaya

import (
	"slices"
	"time"

	"github.com/google/uuid"

	"ringside/ingest"
	"ringside/ingest/scan"
	"ringside/ingest/vendors/envelope"
)

// agent is what an event says of an agent, whoever's desktop it comes from.
type agent struct {
	handle                           []byte
	state, stateReason, reasonCode   []byte
	displayName, firstName, lastName []byte
	channel, agentID                 []byte // of a resource
	ready                            bool   // of a channel of a panel
	since                            ingest.Time
}

// maxChannels bounds what one event may say; the vendor has eight channels.
const maxChannels = 32

// oldestState is how long before the event a state may have begun, to be taken for an event of that time: an older one
// might be late. It is the browser's time against the server's.
const oldestState = 30 * time.Minute

// The members of agents, team members, resources and panels that are used, in the order of their numbers.
const (
	agentResourceStates = iota + 1
	agentCurrentState
	agentReasonCode
	agentLastStateChangeTime
	agentUserHandle
	agentState
	agentStateReason
	agentDisplayName
	agentFirstName
	agentLastName
	agentChannels
	agentChannel
	agentAgentID
	agentName
	agentReady
)

var agentNames = scan.NewNames("resourceStates", "currentState", "reasonCode", "lastStateChangeTime", "userHandle", "state", "stateReason",
	"displayName", "firstName", "lastName", "channels", "channel", "agentId", "name", "ready")

func (d *Decoder) agentMember(number int, e *ingest.Event) scan.Shape {
	a := &d.agent
	switch number {
	case agentResourceStates:
		return d.resourceStates(e)
	case agentCurrentState, agentState:
		return d.text(&a.state)
	case agentReasonCode:
		return d.text(&a.reasonCode)
	case agentLastStateChangeTime:
		if t, shape := d.scanner.Time(); shape == scan.Found {
			a.since = t
		}
	case agentUserHandle:
		return d.text(&a.handle)
	case agentStateReason:
		return d.text(&a.stateReason)
	case agentDisplayName:
		return d.lenient(&a.displayName)
	case agentFirstName:
		return d.lenient(&a.firstName)
	case agentLastName:
		return d.lenient(&a.lastName)
	case agentChannels:
		return d.channels(e)
	case agentChannel, agentName:
		return d.text(&a.channel)
	case agentAgentID:
		return d.text(&a.agentID)
	case agentReady:
		ready, shape := d.scanner.Bool()
		a.ready = ready
		return shape
	}
	return scan.Found
}

// readAgent reads the payload, but for the members that are none of this event's.
func (d *Decoder) readAgent(e *ingest.Event, members ...int) error {
	d.agent = agent{}
	if err := d.open(); err != nil {
		return err
	}
	for {
		number, ok := d.scanner.NextName(agentNames)
		if !ok {
			return d.close()
		}
		if !slices.Contains(members, number) {
			continue
		}
		offset := d.scanner.Offset()
		if d.agentMember(number, e) == scan.Wrong {
			d.wrong(agentNames.Name(number), offset)
		}
	}
}

// agentState is for onAgentStateEvent: what the agent of the desktop is, in all and on each channel.
func (d *Decoder) agentState(part int, e *ingest.Event) (more bool, err error) {
	err = d.readAgent(e, agentResourceStates, agentCurrentState, agentReasonCode, agentStateReason, agentLastStateChangeTime)
	if err == nil && len(d.agent.state) == 0 {
		err = d.missing("currentState")
	}
	if err == nil {
		err = d.needAgent()
	}
	if err != nil {
		return false, err
	}
	return d.availability(part, e), nil
}

// teamMember is for onTeamMemberEvent: what a supervisor sees of an agent. The interactions in it are left to the desktops
// of those who handle them, which tell their topics by id and their ends.
func (d *Decoder) teamMember(part int, e *ingest.Event) (more bool, err error) {
	err = d.readAgent(e, agentUserHandle, agentState, agentReasonCode, agentStateReason, agentLastStateChangeTime,
		agentDisplayName, agentFirstName, agentLastName, agentChannels)
	a := &d.agent
	switch {
	case err != nil:
	case len(a.handle) == 0:
		err = d.missing("userHandle")
	case len(a.state) == 0:
		err = d.missing("state")
	}
	if err != nil {
		return false, err
	}
	e.UserID = d.reader.Name(envelope.Agent, a.handle)
	e.UserName = envelope.First(a.displayName, a.handle)
	if len(a.displayName) == 0 && len(a.firstName) > 0 && len(a.lastName) > 0 {
		e.UserName = d.arena.Join(a.firstName, space, a.lastName)
	}
	return d.availability(part, e), nil
}

var space = []byte(" ")

// availability makes a UserAvailability. It is of the instant at which the state began, where that is told and recent:
// then what is said of the channels, which holds since the event, is a part of its own.
func (d *Decoder) availability(part int, e *ingest.Event) (more bool) {
	a := &d.agent
	apart := a.since != ingest.Unset && a.since < e.Timestamp && a.since >= e.Timestamp.Add(-oldestState)
	if apart && part == 1 && len(e.AgentChannels) > 0 {
		return false
	}
	checkPart(part, 1)
	e.Type = ingest.UserAvailability
	e.Availability = availabilityOf(a.state)
	e.AvailabilityReason = reasonOf(a.reasonCode, a.stateReason)
	if !apart {
		return false
	}
	e.Timestamp = a.since
	more = len(e.AgentChannels) > 0
	e.AgentChannels = e.AgentChannels[:0]
	return more
}

// reasonOf returns why an agent or a channel is in its state; the vendor's word for no reason is none.
func reasonOf(code, reason []byte) []byte {
	if len(code) == 0 && string(reason) != "DEFAULT" {
		code = reason
	}
	if len(code) == 0 {
		return nil
	}
	return code
}

// The availabilities.
var (
	available = []byte("Available")
	away      = []byte("Away")
	busy      = []byte("Busy")
	offWork   = []byte("OffWork")
)

// availabilityOf maps the vendor's states. One that is not known is handed on, and counts as away.
func availabilityOf(state []byte) []byte {
	switch string(state) {
	case "READY":
		return available
	case "NOT_READY", "NOT_READY_PENDING", "LOGOUT_PENDING", "LOGGED_IN":
		return away
	case "ACW", "AFTER_CONTACT_WORK", "AFTER_CALL_WORK", "ADDITIONAL_WORK":
		return busy
	case "LOGGED_OUT", "LOGGED_OFF", "CONNECTED", "OFFLINE", "DEACTIVATED":
		return offWork
	}
	return state
}

// resourceStates reads an object that has a channel's state under the channel's name.
func (d *Decoder) resourceStates(e *ingest.Event) scan.Shape {
	return d.list(e, scan.Object)
}

// channels reads an array of channels.
func (d *Decoder) channels(e *ingest.Event) scan.Shape {
	return d.list(e, scan.Array)
}

func (d *Decoder) list(e *ingest.Event, kind scan.Kind) scan.Shape {
	s := &d.scanner
	if s.Kind() == scan.Null {
		s.Skip()
		return scan.Absent
	}
	if s.Kind() != kind || !s.Enter() {
		s.Skip()
		return scan.Wrong
	}
	e.AgentChannels = e.AgentChannels[:0]
	shape := scan.Found
	for s.Next() {
		var c ingest.AgentChannel
		if key := s.Key(); len(key) > 0 {
			c.Channel = d.arena.Join(key)
		}
		if s.Kind() != scan.Object || !s.Enter() {
			if s.Kind() != scan.Null {
				shape = scan.Wrong
			}
			continue
		}
		if !d.channelEntry(&c) {
			shape = scan.Wrong
		}
		if len(c.Channel) > 0 && len(c.State) > 0 && len(e.AgentChannels) < maxChannels {
			e.AgentChannels = append(e.AgentChannels, c)
		}
	}
	return shape
}

// The members of a channel's entry that are used, in the order of their numbers.
const (
	entryChannelType = iota + 1
	entryState
	entryStateReason
	entryReasonCode
)

var entryNames = scan.NewNames("channelType", "state", "stateReason", "reasonCode")

// channelEntry reads the members of the entry that was entered, and tells whether all are in shape.
func (d *Decoder) channelEntry(c *ingest.AgentChannel) bool {
	var code, reason []byte
	fits := true
	for {
		number, ok := d.scanner.NextName(entryNames)
		if !ok {
			c.Reason = reasonOf(code, reason)
			return fits
		}
		shape := scan.Found
		switch number {
		case entryChannelType:
			shape = d.text(&c.Channel)
		case entryState:
			shape = d.text(&c.State)
		case entryStateReason:
			shape = d.text(&reason)
		case entryReasonCode:
			shape = d.text(&code)
		}
		fits = fits && shape != scan.Wrong
	}
}

// resourceAcquired is for onResourceAcquiredEvent: the agent has a channel from now on.
func (d *Decoder) resourceAcquired(part int, e *ingest.Event) (more bool, err error) {
	return false, d.resource(part, e, nil)
}

// resourceReleased is for onResourceReleasedEvent, whose state is the one that the channel was released in.
func (d *Decoder) resourceReleased(part int, e *ingest.Event) (more bool, err error) {
	return false, d.resource(part, e, released)
}

func (d *Decoder) resource(part int, e *ingest.Event, state []byte) error {
	checkPart(part, 1)
	if err := d.readAgent(e, agentChannel, agentState, agentAgentID); err != nil {
		return err
	}
	a := &d.agent
	if e.UserID == uuid.Nil {
		e.UserID, e.UserName = d.reader.Name(envelope.Agent, a.agentID), a.agentID
	}
	switch {
	case len(a.channel) == 0:
		return d.missing("channel")
	case len(a.state) == 0:
		return d.missing("state")
	case e.UserID == uuid.Nil:
		return d.missing("agentId")
	}
	e.AgentChannels = append(e.AgentChannels, ingest.AgentChannel{Channel: a.channel, State: envelope.First(state, a.state)})
	return nil
}

// panelChannel is for onChannelStatusUpdateEvent: a channel that a widget of the centre's own shows as ready or not.
func (d *Decoder) panelChannel(part int, e *ingest.Event) (more bool, err error) {
	checkPart(part, 1)
	if err := d.readAgent(e, agentName, agentReady, agentReasonCode); err != nil {
		return false, err
	}
	a := &d.agent
	if len(a.channel) == 0 {
		return false, d.missing("name")
	}
	state := notReady
	if a.ready {
		state = ready
	}
	e.AgentChannels = append(e.AgentChannels, ingest.AgentChannel{Channel: a.channel, State: state, Reason: reasonOf(a.reasonCode, nil)})
	return false, d.needAgent()
}

// The states of channels that are not in the vendor's payload.
var (
	ready    = []byte("READY")
	notReady = []byte("NOT_READY")
	released = []byte("RELEASED")
)
