package brightpattern

import (
	"bytes"
	"math"

	"github.com/google/uuid"

	"ringside/ingest"
	"ringside/ingest/scan"
	"ringside/ingest/vendors/envelope"
)

// record is what a message tells of an agent's part in an interaction.
type record struct {
	interaction, global, agent, kind, state, direction, origination []byte
	service, disposition                                            []byte
	phone, ani, dnis                                                []byte
	start, end                                                      ingest.Time
	duration                                                        ingest.Time // ticks
	hasDuration                                                     bool
	users                                                           [8]user // parties who are agents
	numUsers                                                        int
	others                                                          bool   // another agent took part
	party                                                           []byte // the first number of a party who is no agent

	// What follows from these.
	channel     ingest.Channel
	way         way
	call, queue uuid.UUID
	user        uuid.UUID
	userName    []byte
	queueName   []byte
	leg, caller []byte
	seen        ingest.Time // when the browser was told

	bad       string // the first member of the wrong shape
	badOffset int
}

// user is a party who is an agent. More of them than a record has places for are others for sure.
type user struct{ id, name []byte }

// member is a member of InteractionData and what is done with its value.
type member struct {
	name string
	read func(d *Decoder) scan.Shape // nil: deliberately left out
}

// members has all members of the vendor's documentation.
var members = []member{
	{"interactionId", func(d *Decoder) scan.Shape { return d.text(&d.record.interaction) }},
	{"globalInteractionId", func(d *Decoder) scan.Shape { return d.text(&d.record.global) }},
	{"agentId", func(d *Decoder) scan.Shape { return d.text(&d.record.agent) }},
	{"type", func(d *Decoder) scan.Shape { return d.text(&d.record.kind) }},
	{"state", func(d *Decoder) scan.Shape { return d.text(&d.record.state) }},
	{"callDirection", func(d *Decoder) scan.Shape { return d.text(&d.record.direction) }},
	{"origination", func(d *Decoder) scan.Shape { return d.text(&d.record.origination) }},
	{"service", func(d *Decoder) scan.Shape { return d.text(&d.record.service) }},
	{"disposition", func(d *Decoder) scan.Shape { return d.text(&d.record.disposition) }},
	{"startTime", func(d *Decoder) scan.Shape { return d.instant(&d.record.start) }},
	{"endTime", func(d *Decoder) scan.Shape { return d.instant(&d.record.end) }},
	{"duration", (*Decoder).duration},
	{"callParties", (*Decoder).parties},
	{"phoneNumber", func(d *Decoder) scan.Shape { return d.text(&d.record.phone) }},
	{"ANI", func(d *Decoder) scan.Shape { return d.text(&d.record.ani) }},
	{"DNIS", func(d *Decoder) scan.Shape { return d.text(&d.record.dnis) }},
	// What the agent did with the recording and the microphone, and where the recording is.
	{"callMuted", nil}, {"callRecording", nil}, {"playbackUrl", nil}, {"recordingUrl", nil},
	// What the interaction was about, and who the customer is.
	{"subject", nil}, {"description", nil}, {"email", nil}, {"attachedData", nil}, {"associatedObjects", nil},
	// The number that a transfer showed is no caller's.
	{"transferANI", nil},
	// An example of the documentation has it where it means interactionId and agentId, which stand beside it.
	{"interaction", nil},
}

var names = func() *scan.Names {
	all := make([]string, len(members))
	for i := range members {
		all[i] = members[i].name
	}
	return scan.NewNames(all...)
}()

// read reads the payload into d.record, and works out what follows from it.
func (d *Decoder) read(found *envelope.Envelope, e *ingest.Event) error {
	d.record = record{seen: e.Timestamp}
	r := &d.record
	if found.Data == nil {
		return ingest.BadField("data", found.DataOffset, "missing")
	}
	d.scanner.Start(found.Data)
	if d.scanner.Kind() != scan.Object || !d.scanner.Enter() {
		return ingest.BadField("data", found.DataOffset, "not an object")
	}
	for {
		number, ok := d.scanner.NextName(names)
		if !ok {
			break
		}
		if number == 0 || members[number-1].read == nil {
			continue // the scanner skips the value
		}
		offset := d.scanner.Offset()
		if members[number-1].read(d) == scan.Wrong && r.bad == "" {
			r.bad, r.badOffset = members[number-1].name, offset
		}
	}
	end := found.DataOffset + len(found.Data)
	d.settle(found, e)
	switch {
	case r.bad != "":
		return ingest.BadField("data."+r.bad, found.DataOffset+r.badOffset, "value of the wrong shape")
	case len(r.interaction) == 0:
		return ingest.BadField("data.interactionId", end, "missing")
	case r.user == uuid.Nil:
		return ingest.BadField("agent", end, "missing, and so is data.agentId")
	case r.start == ingest.Unset:
		return ingest.BadField("data.startTime", end, "missing, and does not follow from endTime and duration")
	}
	return nil
}

// settle works out what several members tell together.
func (d *Decoder) settle(found *envelope.Envelope, e *ingest.Event) {
	r := &d.record
	if len(r.interaction) == 0 {
		r.interaction = r.global
	}
	r.user, r.userName = e.UserID, e.UserName
	agent := found.Agent
	if id := d.reader.Name(envelope.Agent, r.agent); id != uuid.Nil {
		if agent = r.agent; id != r.user {
			r.user, r.userName = id, r.agent // a record that somebody else's desktop hands over
		}
	}
	for _, u := range r.users[:r.numUsers] {
		if !bytes.Equal(u.id, agent) {
			r.others = true
		} else if len(u.name) > 0 && bytes.Equal(r.userName, agent) {
			r.userName = u.name // better than the id
		}
	}
	switch string(r.kind) {
	case "chat":
		r.channel = ingest.ChannelChat
	case "email":
		r.channel = ingest.ChannelEmail
	case "voice", "":
		r.channel = ingest.ChannelVoice
	default:
		r.channel = ingest.ChannelOther
	}
	r.times()
	r.way = r.wayOf()
	d.place()
	r.caller = envelope.First(r.phone, r.ani, r.party)
}

// times fills in the time that is missing, and leaves startTime unset where nothing tells it.
func (r *record) times() {
	switch {
	case r.start == ingest.Unset && r.end != ingest.Unset && r.hasDuration:
		r.start = r.end - r.duration
	case r.start == ingest.Unset:
		return
	case r.end == ingest.Unset && r.hasDuration:
		r.end = r.start + r.duration
	case r.end == ingest.Unset:
		r.end = r.seen
	}
	// An end must be after its begin for the order of the facts: the least that is stored is 1 µs.
	r.end = max(r.end, r.start+ingest.TicksPerMicrosecond)
}

// place sets call, queue and leg.
func (d *Decoder) place() {
	r := &d.record
	global := r.global
	if r.way == directIn || r.way == directOut || len(global) == 0 {
		global = r.interaction // a call of the agent's own is no part of the customer's
	}
	r.call = d.reader.Name(envelope.Call, global)
	r.leg = r.interaction
	if r.way == queueIn || r.way == queueOut {
		r.queue, r.queueName = d.reader.Queue(r.channel, r.service, r.service)
	}
}

// parties reads callParties: which of them are agents.
func (d *Decoder) parties() scan.Shape {
	s, r := &d.scanner, &d.record
	kind := s.Kind()
	if kind != scan.Array || !s.Enter() {
		if s.Skip() && kind == scan.Null {
			return scan.Absent
		}
		return scan.Found // told for voice only: what else stands there tells nothing of a visit
	}
	r.numUsers, r.others, r.party = 0, false, nil // when a name is repeated the last value wins
	for s.Next() {
		if s.Kind() == scan.Object && s.Enter() {
			d.party()
		}
	}
	return scan.Found
}

// party reads one entry.
func (d *Decoder) party() {
	s, r := &d.scanner, &d.record
	var u user
	var phone []byte
	for s.Next() {
		switch string(s.Key()) {
		case "userId":
			d.text(&u.id)
		case "name":
			d.text(&u.name)
		case "phone":
			d.text(&phone)
		}
	}
	switch {
	case len(u.id) == 0:
		r.party = envelope.First(r.party, phone)
	case r.numUsers < len(r.users):
		r.users[r.numUsers] = u
		r.numUsers++
	default:
		r.others = true
	}
}

func (d *Decoder) text(to *[]byte) scan.Shape {
	text, shape := d.scanner.Text(&d.arena)
	if shape == scan.Found {
		*to = text
	}
	return shape
}

// The vendor documents startTime and endTime as numbers and no more; its own integrations take them for milliseconds
// since 1970. Seconds are told from them by their size: 10¹¹ seconds are the year 5138, 10¹¹ milliseconds 1973.
const leastMilliseconds = 1e11

// instant reads a time: milliseconds or seconds since 1970, or RFC 3339. 0 is no time.
func (d *Decoder) instant(to *ingest.Time) scan.Shape {
	text, shape := d.scanner.Text(&d.arena)
	if shape != scan.Found {
		return shape
	}
	if len(text) == 0 {
		return scan.Absent
	}
	if n, ok := scan.ParseFloat(text); ok {
		if math.Abs(n) < leastMilliseconds {
			n *= 1000
		}
		if *to, ok = envelope.FromMilliseconds(n); !ok {
			return scan.Wrong
		}
		return scan.Found
	}
	t, ok := scan.ParseTime(text)
	if !ok || t == ingest.OpenEnded {
		return scan.Wrong
	}
	*to = t
	return scan.Found
}

const maxDuration = 400 * 24 * 3600 // seconds

// duration reads seconds.
func (d *Decoder) duration() scan.Shape {
	seconds, shape := d.scanner.Float()
	if shape != scan.Found {
		return shape
	}
	if seconds < 0 || seconds > maxDuration {
		return scan.Wrong
	}
	d.record.duration, d.record.hasDuration = ingest.Time(math.Round(seconds*1e6))*ingest.TicksPerMicrosecond, true
	return scan.Found
}
