package avaya

import (
	"github.com/google/uuid"

	"ringside/ingest"
	"ringside/ingest/scan"
	"ringside/ingest/vendors/envelope"
)

// card is an interaction as an agent's desktop shows it: the agent's part in a contact.
type card struct {
	id, workRequestID, contactID           []byte
	channel, state, stateReason            []byte
	interactionType, direction             []byte
	topic, topicID, skill, skillID         []byte
	originatingAddress, destinationAddress []byte
	isConsult                              bool
}

// The members of an interaction that are used, in the order of their numbers.
const (
	cardID = iota + 1
	cardWorkRequestID
	cardContactID
	cardChannel
	cardState
	cardStateReason
	cardInteractionType
	cardDirection
	cardTopic
	cardTopicID
	cardSkill
	cardSkillID
	cardOriginatingAddress
	cardDestinationAddress
	cardIsConsult
)

var cardNames = scan.NewNames("id", "workRequestId", "contactId", "channel", "state", "stateReason", "interactionType", "direction",
	"topic", "topicId", "skill", "skillId", "originatingAddress", "destinationAddress", "isConsult")

func (d *Decoder) cardMember(number int) scan.Shape {
	c := &d.card
	switch number {
	case cardID:
		return d.text(&c.id)
	case cardWorkRequestID:
		return d.text(&c.workRequestID)
	case cardContactID:
		return d.text(&c.contactID)
	case cardChannel:
		return d.text(&c.channel)
	case cardState:
		return d.text(&c.state)
	case cardStateReason:
		return d.lenient(&c.stateReason)
	case cardInteractionType:
		return d.text(&c.interactionType)
	case cardDirection:
		return d.text(&c.direction)
	case cardTopic:
		return d.text(&c.topic)
	case cardTopicID:
		return d.text(&c.topicID)
	case cardSkill:
		return d.text(&c.skill)
	case cardSkillID:
		return d.text(&c.skillID)
	case cardOriginatingAddress:
		return d.text(&c.originatingAddress)
	case cardDestinationAddress:
		return d.text(&c.destinationAddress)
	}
	b, shape := d.scanner.Bool()
	if shape == scan.Found {
		c.isConsult = b
	}
	return shape
}

func (d *Decoder) readCard() error {
	d.card = card{}
	if err := d.open(); err != nil {
		return err
	}
	for {
		number, ok := d.scanner.NextName(cardNames)
		if !ok {
			break
		}
		offset := d.scanner.Offset()
		if number > 0 && d.cardMember(number) == scan.Wrong {
			d.wrong(cardNames.Name(number), offset)
		}
	}
	c := &d.card
	switch {
	case d.bad != "":
		return d.close()
	case len(c.state) == 0:
		return d.missing("state")
	case len(c.channel) == 0:
		return d.missing("channel")
	case len(c.id) == 0 && (c.ownCall() || len(c.contactID) == 0 && len(c.workRequestID) == 0):
		return d.missing("id")
	}
	return d.needAgent()
}

// ownCall tells whether the card is no part of the customer's call: a consultation, or a conference that the agent was
// brought into without the topic.
func (c *card) ownCall() bool {
	switch string(c.interactionType) {
	case "CONSULTING", "CONSULTED":
		return true
	case "CONFERENCED":
		return !c.hasQueue()
	}
	return c.isConsult
}

func (c *card) hasQueue() bool {
	return len(c.topicID) > 0 || len(c.topic) > 0 || len(c.skillID) > 0 || len(c.skill) > 0
}

func (c *card) outgoing() bool {
	return string(c.direction) == "OUTGOING"
}

// cardChanged is for onInteractionEvent and onAnyInteractionEvent, which say the same.
func (d *Decoder) cardChanged(part int, e *ingest.Event) (more bool, err error) {
	return d.cardFacts(part, e, false)
}

// cardEnded is for onInteractionEndedEvent and onAnyInteractionEndedEvent: the state is the last one before the end.
func (d *Decoder) cardEnded(part int, e *ingest.Event) (more bool, err error) {
	return d.cardFacts(part, e, true)
}

func (d *Decoder) cardFacts(part int, e *ingest.Event, ended bool) (more bool, err error) {
	if err := d.readCard(); err != nil {
		return false, err
	}
	c := &d.card
	e.Channel = channelOf(c.channel)
	call := envelope.First(c.contactID, c.workRequestID, c.id)
	if c.ownCall() {
		call = c.id
	} else if c.hasQueue() {
		d.queue(e)
	}
	e.CallID = d.reader.Name(envelope.Call, call)
	e.CallerNumber, e.TargetNumber = c.originatingAddress, c.destinationAddress
	if c.outgoing() {
		e.CallerNumber = c.destinationAddress // the customer's, as everywhere
	}

	types := c.facts(e.QueueID != uuid.Nil, ended)
	if len(types) == 0 { // a state that is not known tells nothing
		checkPart(part, 1)
		return false, nil
	}
	checkPart(part, len(types))
	e.Type = types[part]
	d.fill(e, ended)
	return part+1 < len(types), nil
}

// fill sets what only events of one type have.
func (d *Decoder) fill(e *ingest.Event, ended bool) {
	switch e.Type {
	case ingest.QueueCallInUserConnected:
		// The agent stands for the leg: cards of one contact are told apart by whose they are.
		e.AgentLegID = d.message.Agent
	case ingest.QueueCallInDisconnected:
		e.LegID = d.message.Agent
	case ingest.QueueCallInUserCancelled, ingest.UserCallInUserCancelled:
		if reason := d.card.stateReason; string(reason) != "DEFAULT" {
			e.Reason = reason
		}
	case ingest.UserWrapUpStarted:
		if ended {
			e.MaxWrapUpDurationSec = ingest.OptInt{Valid: true}
		}
	}
}

// queue names the queue: the topic, or the skill where there is none, on this channel.
func (d *Decoder) queue(e *ingest.Event) {
	c := &d.card
	id, name := envelope.First(c.topicID, c.topic), envelope.First(c.topic, c.topicID)
	if len(id) == 0 {
		id, name = envelope.First(c.skillID, c.skill), envelope.First(c.skill, c.skillID)
	}
	e.QueueID, e.QueueName = d.reader.Queue(e.Channel, id, name)
	e.View = ingest.ViewFromOffer
}

func channelOf(text []byte) ingest.Channel {
	switch string(text) {
	case "VOICE":
		return ingest.ChannelVoice
	case "WEBCHAT", "CHAT", "SMS", "MESSAGING", "SOCIAL":
		return ingest.ChannelChat
	case "EMAIL":
		return ingest.ChannelEmail
	}
	return ingest.ChannelOther
}
