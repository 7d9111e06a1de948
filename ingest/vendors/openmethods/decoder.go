package openmethods

import (
	"bytes"
	"fmt"
	"strings"

	"ringside/ingest"
	"ringside/ingest/scan"
	"ringside/ingest/vendors/envelope"
)

// Decoder decodes messages one after another, without allocating but for texts that have to be put together (one block
// of 16 KiB for about as much text) and for errors. It is not safe for concurrent use; each worker has its own.
type Decoder struct {
	reader  *envelope.Reader
	scanner scan.Scanner // of the payload
	arena   scan.Arena
	payload payload
}

// New returns a Decoder.
func New() *Decoder { return &Decoder{reader: envelope.NewReader(ingest.SourceOpenMethods)} }

// use is what is done with a message of some name.
type use uint8

const (
	kept          use = iota // not used
	offers                   // the interaction is the agent's to take
	begins                   // it is there
	ends                     // it is over
	states                   // the data say
	connects                 // a response: the agent has it
	handsOn                  // a response: it is another's
	startsSession            // a response
	endsSession              // a response
)

// events are all events and commands of the vendor's documents. Those that are kept tell nothing that figures need: that
// data, members, scripts, signals or recordings have changed, or what the next message says anyway.
var events = map[string]use{
	"session.initialized":        kept,
	"session.start":              startsSession,
	"session.request.logout":     endsSession,
	"session.request.addchannel": kept,

	"channel.infochanged":                  kept,
	"channel.externaldispositions.updated": kept,
	"channel.state.updated":                states,
	"channel.dial":                         kept,
	"channel.request.incontact.getscripts": kept,

	"state.updated": states,

	"interaction.created":                  begins,
	"interaction.preview":                  offers,
	"interaction.initialized":              kept,
	"interaction.datachanged":              kept,
	"interaction.focuschanged":             kept,
	"interaction.state.updated":            states,
	"interaction.ended":                    ends,
	"interaction.accept":                   connects,
	"interaction.consulttransfer":          handsOn,
	"interaction.consultconference":        kept,
	"interaction.request.recording.start":  kept,
	"interaction.request.recording.stop":   kept,
	"interaction.request.recording.pause":  kept,
	"interaction.request.recording.resume": kept,
	"interaction.incontact.signaladded":    kept,
	"interaction.incontact.signalremoved":  kept,
	"interaction.request.incontact.signal": kept,
	"conversation.created":                 kept,
	"conversation.initialized":             kept,
	"conversation.updated":                 kept,
	"conversation.member.added":            kept,
	"conversation.disposed":                kept,
	"conversation.state.updated":           states,
	"conversation.answer":                  connects,
}

var success = []byte("success")

// Decode is an [ingest.Decoder]. Text in e is a slice of message, or of a block that stays valid for as long as it is
// referred to. ReceivedAt is left unset.
func (d *Decoder) Decode(message []byte, part int, e *ingest.Event) (more bool, err error) {
	found, err := d.reader.Read(message, e)
	if err != nil {
		return false, err
	}
	use := events[string(e.TypeName)]
	if use == kept {
		return false, nil
	}
	if err := d.read(&found); err != nil {
		return false, err
	}
	p := &d.payload
	if len(p.command) > 0 && !bytes.Equal(p.result, success) {
		return false, nil // asked for, or refused
	}
	t, ok := parseTarget(p.target)
	if !ok {
		return false, ingest.BadField("data.target", found.DataOffset+len(found.Data), "missing, or not of one to five parts with dots between them")
	}
	types, err := d.meaning(use, &t, e, &found)
	if err != nil || len(types) == 0 {
		return false, err
	}
	if len(found.Agent) == 0 {
		return false, ingest.BadField("agent", len(message), "missing: whose desktop it is, no message says")
	}
	if part >= len(types) {
		panic(fmt.Sprintf("BUG: openmethods: part %d of a message that has %d", part, len(types)))
	}
	e.Type, e.ID = types[part], d.reader.Part(e.ID, part)
	return part+1 < len(types), nil
}

// The facts that messages tell. ACTIVE ends a hold and HELD connects too, so that one missed event does no lasting harm.
var (
	beginning    = []ingest.Type{ingest.UserCallInComing}
	offer        = []ingest.Type{ingest.UserCallInUserAllocated}
	connect      = []ingest.Type{ingest.UserCallInUserConnected, ingest.UserCallInHoldEnd}
	hold         = []ingest.Type{ingest.UserCallInUserConnected, ingest.UserCallInHoldStart}
	end          = []ingest.Type{ingest.UserCallInDisconnected}
	transfer     = []ingest.Type{ingest.UserCallInTransferConnected}
	availability = []ingest.Type{ingest.UserAvailability}
)

// meaning returns the types of the events of a message, and sets what they have in common.
func (d *Decoder) meaning(use use, t *target, e *ingest.Event, found *envelope.Envelope) ([]ingest.Type, error) {
	p := &d.payload
	switch use {
	case startsSession:
		// What the agent is on each channel follows.
		e.Availability, e.AvailabilityReason = away, e.TypeName
		return availability, nil
	case endsSession:
		e.Availability = offWork
		return availability, nil
	}
	name := string(e.TypeName)
	s := stateOf(p.state)
	l := levels[name[:max(0, strings.IndexByte(name, '.'))]]
	if l == unknownLevel {
		if l = p.level; l == unknownLevel {
			l = t.levelOf(s)
		}
	}
	if l == channelLevel && use == states {
		return d.channelState(s, t, e), nil
	}
	interaction := t.interaction(l)
	if interaction == nil {
		if use == states && l != interactionLevel && l != conversationLevel {
			return nil, nil // of what, cannot be told
		}
		return nil, ingest.BadField("data.target", found.DataOffset+len(found.Data), "has too few or too many parts for "+name)
	}
	// An interaction is known by its session: nothing says that its own id is of use elsewhere.
	e.CallID = d.reader.Name(envelope.Call, d.arena.Join(t.session(), dot, interaction))
	e.Channel = channelOf(p.kind)
	return callFacts(use, s, l), nil
}

func callFacts(use use, s state, l level) []ingest.Type {
	switch use {
	case begins:
		return beginning
	case offers:
		return offer
	case connects:
		return connect
	case handsOn:
		return transfer
	case ends:
		return end
	}
	switch {
	case s == alerting:
		return offer
	case s == active:
		return connect
	case s == held:
		return hold
	case (s == ended || s == afterWork) && l == interactionLevel: // a conversation's may be a consultation's
		return end
	}
	return nil
}

// The availabilities.
var (
	available = []byte("Available")
	away      = []byte("Away")
	busy      = []byte("Busy")
	offWork   = []byte("OffWork")
)

// channelState makes the agent's availability of a channel's state: what is said of any channel last.
func (d *Decoder) channelState(s state, t *target, e *ingest.Event) []ingest.Type {
	p := &d.payload
	channel := t.channel(channelLevel)
	if channel == nil || len(p.state) == 0 {
		return nil
	}
	if len(p.kind) > 0 {
		channel = p.kind
	}
	e.AgentChannels = append(e.AgentChannels[:0], ingest.AgentChannel{Channel: channel, State: p.state, Reason: p.reason})
	e.AvailabilityReason = p.reason
	switch s {
	case ready:
		e.Availability = available
	case notReady:
		e.Availability = away
	case loggedOut:
		e.Availability = offWork
	case afterWork:
		e.Availability = busy
	case alerting, active, held:
		return nil // calls tell that
	default:
		e.Availability = p.state // in the platform's words: counts as away
	}
	return availability
}
