package avaya

import (
	"fmt"

	"ringside/ingest"
	"ringside/ingest/scan"
	"ringside/ingest/vendors/envelope"
)

// Decoder decodes messages one after another, without allocating but for texts that have to be put together (one block
// of 16 KiB for about as much text) and for errors. It is not safe for concurrent use; each worker has its own.
type Decoder struct {
	reader  *envelope.Reader
	message envelope.Envelope
	scanner scan.Scanner // of the payload
	arena   scan.Arena
	card    card
	agent   agent

	bad       string // the first member of the payload that has the wrong shape
	badOffset int
}

// New returns a Decoder.
func New() *Decoder { return &Decoder{reader: envelope.NewReader(ingest.SourceAvaya)} }

// reading makes the given part of the Event from the payload, and tells whether there is another one.
type reading func(d *Decoder, part int, e *ingest.Event) (more bool, err error)

// events has all events of the vendor's documentation; nil for those that are deliberately not used: what only the
// desktop's display needs, what messages say, and who takes part besides the agent.
var events = map[string]reading{
	"onAgentStateEvent":            (*Decoder).agentState,
	"onAnyInteractionEndedEvent":   (*Decoder).cardEnded,
	"onAnyInteractionEvent":        (*Decoder).cardChanged,
	"onCapabilitiesEvent":          nil,
	"onCardFocusedEvent":           nil,
	"onChannelStatusUpdateEvent":   (*Decoder).panelChannel,
	"onContextDataEvent":           nil,
	"onCustomCardEndedEvent":       nil,
	"onEmailAttachmentUploadEvent": nil,
	"onInteractionEndedEvent":      (*Decoder).cardEnded,
	"onInteractionEvent":           (*Decoder).cardChanged,
	"onInteractionTabChange":       nil,
	"onMediaEvent":                 nil,
	"onMediaMessageEvent":          nil,
	"onMessageEvent":               nil,
	"onNavigationEvent":            nil,
	"onParticipantsAdded":          nil,
	"onRequestServicesEvent":       nil,
	"onResourceAcquiredEvent":      (*Decoder).resourceAcquired,
	"onResourceReleasedEvent":      (*Decoder).resourceReleased,
	"onSSOTokenRefreshEvent":       nil,
	"onTeamMemberEvent":            (*Decoder).teamMember,
	"onUserTypingEvent":            nil,
}

// Decode is an [ingest.Decoder]. Text in e is a slice of message, or of a block that stays valid for as long as it is
// referred to. ReceivedAt is left unset.
func (d *Decoder) Decode(message []byte, part int, e *ingest.Event) (more bool, err error) {
	if d.message, err = d.reader.Read(message, e); err != nil {
		return false, err
	}
	read := events[string(e.TypeName)]
	if read == nil {
		return false, nil
	}
	if more, err = read(d, part, e); err != nil {
		return false, err
	}
	e.ID = d.reader.Part(e.ID, part)
	return more, nil
}

// open steps into the payload, which must be an object.
func (d *Decoder) open() error {
	d.bad = ""
	if d.message.Data == nil {
		return ingest.BadField("data", d.message.DataOffset, "missing")
	}
	d.scanner.Start(d.message.Data)
	if !d.scanner.Enter() || d.message.Data[0] != '{' {
		return ingest.BadField("data", d.message.DataOffset, "not an object")
	}
	return nil
}

// wrong notes a member whose value has the wrong shape.
func (d *Decoder) wrong(name string, offset int) {
	if d.bad == "" {
		d.bad, d.badOffset = name, offset
	}
}

// close tells what was wrong with the payload.
func (d *Decoder) close() error {
	if d.bad == "" {
		return nil
	}
	return ingest.BadField("data."+d.bad, d.message.DataOffset+d.badOffset, "value of the wrong shape")
}

// missing is the reject for a member of the payload that an event cannot do without.
func (d *Decoder) missing(name string) error {
	return ingest.BadField("data."+name, d.message.DataOffset+len(d.message.Data), "missing")
}

// needAgent refuses an event of an agent's desktop that does not say whose.
func (d *Decoder) needAgent() error {
	if len(d.message.Agent) == 0 {
		return ingest.BadField("agent", d.message.DataOffset+len(d.message.Data), "missing")
	}
	return nil
}

func (d *Decoder) text(to *[]byte) scan.Shape {
	text, shape := d.scanner.Text(&d.arena)
	if shape == scan.Found {
		*to = text
	}
	return shape
}

// lenient is text for what no figure depends on.
func (d *Decoder) lenient(to *[]byte) scan.Shape {
	d.text(to)
	return scan.Found
}

func checkPart(part, parts int) {
	if part >= parts {
		panic(fmt.Sprintf("BUG: avaya: part %d of a message that has %d", part, parts))
	}
}
