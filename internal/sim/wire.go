package sim

import (
	"strconv"
	"strings"
	"unicode"

	"github.com/google/uuid"

	"ringside/ingest"
)

// message is what one event can say. A nil pointer or empty text is written as the document's examples write absence.
type message struct {
	typ    ingest.Type
	at     ingest.Time
	org    *centre
	call   *call
	leg    string // "": the caller's
	noLeg  bool   // LegId is empty
	agLeg  string // AgentLegId, SupervisorLegId
	queue  *queue
	user   *agent
	peer   *agent // SupervisorUserId
	back   *callback
	list   *callList
	target string // TransferTarget, ConnectedTarget, Target; else the number called

	reason, tech, detail    string
	overReason, overType    string
	entered                 string
	value                   string // Availability, AllocationType, PlayApplet, Value, Result, TranscribeRecordingType
	keyword                 string
	number                  int // MaxWrapUpDurationSec, ElapsedTimeSec, State, TTLSeconds, DurationMillis
	priority                int // aggregate.Null writes null
	active, deleted         bool
	start, end              ingest.Time
	request                 uuid.UUID
	body                    func(b []byte) []byte // writes the properties of types that have lists or figures
	callerNumber, toWhomNum string                // instead of the call's
}

type valueKind uint8

const (
	kindText valueKind = iota
	kindID
	kindNumber
	kindBool
	kindTime
	kindNull
)

// property is one compiled entry of properties.
type property struct {
	key      string // `,"Name":`
	name     propertyName
	kind     valueKind
	optional bool
}

type propertyName uint8

// wireText is one compiled type: what stands before and after the parts that vary.
type wireText struct {
	head   string // from `","EventType":"` to `"EntityId":"`
	entity byte   // U, Q or C
	body   []property
	tail   string
	topic  string
}

var wires = compileWires()

func compileWires() (w [ingest.NumTypes]wireText) {
	for t := ingest.TypeUnknown + 1; t < ingest.NumTypes; t++ {
		name := t.String()
		entity, letter, topic := "User", byte('U'), TopicUser
		switch {
		case strings.HasPrefix(name, "Queue"):
			entity, letter, topic = "Queue", 'Q', TopicQueue
		case strings.HasPrefix(name, "Callback"):
			entity, letter, topic = "CallList", 'C', TopicCallback
		}
		w[t] = wireText{
			head:   `","EventType":"` + name + `","EntityType":"` + entity + `","EntityId":"`,
			entity: letter, topic: topic, tail: `","MessageTTLSeconds":-1}`,
		}
		if ttl := lifetimes[t]; ttl > 0 {
			w[t].tail = `"}`
		}
		for _, p := range strings.Fields(properties[t]) {
			w[t].body = append(w[t].body, compileProperty(p))
		}
	}
	return w
}

func compileProperty(p string) property {
	name, mark, _ := strings.Cut(p, ":")
	out := property{key: `,"` + name + `":`, optional: mark == "opt"}
	n, ok := names[name]
	if !ok {
		panic("BUG: no writer for property " + name)
	}
	out.name = n
	switch {
	case mark == "null":
		out.kind = kindNull
	case mark == "text":
		out.kind = kindText
	case n < firstText:
		out.kind = kindID
	case n < firstNumber:
		out.kind = kindText
	case n < firstBool:
		out.kind = kindNumber
	case n < firstTime:
		out.kind = kindBool
	case n < firstNull:
		out.kind = kindTime
	default:
		out.kind = kindNull
	}
	return out
}

// writer turns messages into JSON. Texts go into large chunks, which their events share.
type writer struct {
	chunk []byte
	ids   idSource
	clock clockText
}

const chunkSize = 1 << 18

// write appends one message to the chunk and returns its text and its Id.
func (w *writer) write(m *message) ([]byte, uuid.UUID) {
	if cap(w.chunk)-len(w.chunk) < 2048 {
		w.chunk = make([]byte, 0, chunkSize)
	}
	from := len(w.chunk)
	out, id := w.append(w.chunk, m)
	if &out[0] == &w.chunk[:1][0] {
		w.chunk = out
		return out[from:len(out):len(out)], id
	}
	w.chunk = nil // the message did not fit; it keeps the larger array to itself
	return out[from:len(out):len(out)], id
}

// append writes m at the end of b.
func (w *writer) append(b []byte, m *message) ([]byte, uuid.UUID) {
	t := &wires[m.typ]
	b = append(b, `{"RootEntityType":"Organization","RootEntityId":"`...)
	b = append(b, m.org.text...)
	b = append(b, t.head...)
	switch t.entity {
	case 'U':
		b = append(b, m.user.text...)
	case 'Q':
		b = append(b, m.queue.text...)
	default:
		b = append(b, m.list.text...)
	}
	b = append(b, '"')
	if ttl := lifetimes[m.typ]; ttl > 0 {
		b = append(b, `,"MessageTTLSeconds":`...)
		b = strconv.AppendInt(b, int64(ttl), 10)
	}
	if m.body != nil {
		b = m.body(b)
	}
	for i := range t.body {
		b = w.property(b, &t.body[i], m)
	}
	id := w.ids.next()
	b = append(b, `,"Id":"`...)
	b = appendID(b, id)
	b = append(b, `","Timestamp":"`...)
	b = w.clock.stamp(b, m.at, uint64(id[15]))
	return append(b, t.tail...), id
}

func (w *writer) property(b []byte, p *property, m *message) []byte {
	b = append(b, p.key...)
	switch p.kind {
	case kindNull:
		return append(b, "null"...)
	case kindID:
		return w.id(b, p, m)
	case kindText:
		b = append(b, '"')
		b = appendText(b, p.name, m)
		return append(b, '"')
	case kindNumber:
		n, null := numberOf(p.name, m)
		if null {
			return append(b, "null"...)
		}
		return strconv.AppendInt(b, int64(n), 10)
	case kindBool:
		return strconv.AppendBool(b, p.name == nameActive && m.active || p.name == nameDeleted && m.deleted)
	case kindTime:
		at := m.at
		switch p.name {
		case nameStartTime:
			at = m.start
		case nameEndTime:
			at = m.end
		}
		b = append(b, '"')
		b = w.clock.plain(b, at)
		return append(b, '"')
	}
	panic("BUG: property of no kind")
}

// idSource makes event ids and the ids that nothing refers to.
type idSource struct{ state uint64 }

func (s *idSource) next() uuid.UUID {
	s.state += 0x9e3779b97f4a7c15
	a := mix(s.state)
	return makeID(a, mix(a^s.state))
}

const hexDigits = "0123456789abcdef"

// appendID writes a UUID in its usual form.
func appendID(b []byte, id uuid.UUID) []byte {
	for i, c := range id {
		if i == 4 || i == 6 || i == 8 || i == 10 {
			b = append(b, '-')
		}
		b = append(b, hexDigits[c>>4], hexDigits[c&15])
	}
	return b
}

// quoted returns s escaped for a JSON text, without the quotes.
func quoted(s string) string {
	var b strings.Builder
	for _, r := range s {
		switch {
		case r == '"' || r == '\\':
			b.WriteByte('\\')
			b.WriteRune(r)
		case unicode.IsControl(r):
			b.WriteString(`\u00`)
			b.WriteByte(hexDigits[r>>4&15])
			b.WriteByte(hexDigits[r&15])
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}
