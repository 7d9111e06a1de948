package openmethods

import (
	"ringside/ingest"
	"ringside/ingest/scan"
	"ringside/ingest/vendors/envelope"
)

// payload is what of a message is used.
type payload struct {
	messageType, name, command, target, result []byte
	hasTarget                                  bool

	state, reason []byte
	kind          []byte // of the channel or interaction: Telephony, Chat, Email
	level         level  // as the context names it
}

// maxNesting is how deep a state, or what a message is about, is looked for.
const maxNesting = 4

// read reads a message. Data and context have any shape; the rest must be text.
func (d *Decoder) read(found *envelope.Envelope) error {
	d.payload = payload{}
	p, s := &d.payload, &d.scanner
	if found.Data == nil {
		return ingest.BadField("data", found.DataOffset, "missing")
	}
	s.Start(found.Data)
	if s.Kind() != scan.Object || !s.Enter() {
		return ingest.BadField("data", found.DataOffset, "not an object")
	}
	for s.Next() {
		var to *[]byte
		field, offset := "", s.Offset()
		switch string(s.Key()) {
		case "messageType":
			to, field = &p.messageType, "messageType"
		case "name":
			to, field = &p.name, "name"
		case "command":
			to, field = &p.command, "command"
		case "target":
			to, field, p.hasTarget = &p.target, "target", true
		case "result":
			to, field = &p.result, "result"
		case "data":
			d.data(0)
		case "context":
			d.context()
		}
		if to != nil && d.text(to) == scan.Wrong {
			return ingest.BadField("data."+field, found.DataOffset+offset, "value of the wrong shape")
		}
	}
	return nil
}

// data looks for a state, its reason and the kind of interaction. What has another shape tells nothing.
func (d *Decoder) data(depth int) {
	p, s := &d.payload, &d.scanner
	if depth == maxNesting || s.Kind() != scan.Object || !s.Enter() {
		return // the scanner skips the value
	}
	for s.Next() {
		object := s.Kind() == scan.Object
		switch key := string(s.Key()); key {
		case "state", "currentState", "newState":
			if object {
				d.data(depth + 1)
			} else {
				d.text(&p.state)
			}
		case "name", "status", "value":
			// The state's own within an object of that name; elsewhere it may mean anything.
			if depth > 0 && len(p.state) == 0 {
				d.text(&p.state)
			}
		case "reason", "reasonCode":
			if object {
				d.reason()
			} else {
				d.text(&p.reason)
			}
		case "type":
			if depth == 0 {
				d.text(&p.kind)
			}
		case "channel", "interaction":
			if object {
				d.kind()
			}
		}
	}
}

// reason reads a reason that is an object.
func (d *Decoder) reason() {
	s := &d.scanner
	if !s.Enter() {
		return
	}
	for s.Next() {
		switch string(s.Key()) {
		case "code", "name", "value":
			d.text(&d.payload.reason)
		}
	}
}

// kind reads the type of an object, and of those in it.
func (d *Decoder) kind() {
	s := &d.scanner
	if !s.Enter() {
		return
	}
	for s.Next() {
		if string(s.Key()) == "type" {
			d.text(&d.payload.kind)
		}
	}
}

// context reads what a message is about: {"conversation": {"id": …, "interaction": {"type": …, "channel": {…}}}}.
func (d *Decoder) context() {
	d.payload.level = unknownLevel
	d.contextObject(0)
}

func (d *Decoder) contextObject(depth int) {
	p, s := &d.payload, &d.scanner
	if depth > maxNesting || s.Kind() != scan.Object || !s.Enter() {
		return
	}
	for s.Next() {
		key := s.Key()
		switch l := levels[string(key)]; {
		case l != unknownLevel && s.Kind() == scan.Object:
			if depth == 0 {
				p.level = l
			}
			d.contextObject(depth + 1)
		case string(key) == "type" && len(p.kind) == 0:
			d.text(&p.kind)
		}
	}
}

func (d *Decoder) text(to *[]byte) scan.Shape {
	text, shape := d.scanner.Text(&d.arena)
	if shape == scan.Found {
		*to = text
	}
	return shape
}

// channelOf is the medium of a type: Telephony, Chat, Email.
func channelOf(kind []byte) ingest.Channel {
	switch knownKind(kind) {
	case "", "telephony", "voice", "phone":
		return ingest.ChannelVoice
	case "chat", "webchat":
		return ingest.ChannelChat
	case "email":
		return ingest.ChannelEmail
	}
	return ingest.ChannelOther
}

// knownKind returns the known type that text is a spelling of.
func knownKind(text []byte) string {
	for _, known := range [...]string{"", "telephony", "voice", "phone", "chat", "webchat", "email"} {
		if len(text) == len(known) && equalFold(text, known) {
			return known
		}
	}
	return "other"
}

func equalFold(text []byte, lower string) bool {
	for i, c := range text {
		if 'A' <= c && c <= 'Z' {
			c += 'a' - 'A'
		}
		if c != lower[i] {
			return false
		}
	}
	return true
}
