package envelope

import (
	"math"

	"github.com/google/uuid"

	"ringside/ingest"
	"ringside/ingest/scan"
)

// Envelope is what of a message the Event has no place for. Its texts are slices of the message, or of a block that
// stays valid for as long as it is referred to.
type Envelope struct {
	Agent      []byte // the id as it was sent
	Data       []byte // the payload: valid JSON; nil where it is absent or null
	DataOffset int    // of Data in the message; its length where there is no Data
}

// Reader reads the envelopes of one vendor, one after another, without allocating but for members with escapes and for
// errors. It is not safe for concurrent use.
type Reader struct {
	namer
	scanner scan.Scanner
	arena   scan.Arena
	found   Envelope
	seen    seen
}

// seen holds what has a meaning only when all of the message is read.
type seen struct {
	source       []byte
	id           []byte
	organization []byte
	agentName    []byte

	bad          int // the number of the first member of the wrong shape; 0: none
	badOffset    int
	sourceOffset int
}

// NewReader returns a Reader of envelopes of the given source.
func NewReader(source string) *Reader {
	return &Reader{namer: newNamer(source)}
}

// The members, in the order of their numbers.
const (
	memberSource = iota + 1
	memberID
	memberEvent
	memberOrganization
	memberAgent
	memberAgentName
	memberTime
	memberData
)

var members = scan.NewNames("source", "id", "event", "organization", "agent", "agentName", "time", "data")

// Read resets e and sets of it what the envelope says: ID, OrganizationID, TypeName, Timestamp, UserID and UserName. The
// error, if any, is an *[ingest.DecodeError]; e then holds what could be read.
func (r *Reader) Read(message []byte, e *ingest.Event) (Envelope, error) {
	e.Reset()
	r.found, r.seen, r.organization = Envelope{DataOffset: len(message)}, seen{}, uuid.Nil
	s := &r.scanner
	s.Start(message)
	isObject := s.Kind() == scan.Object && s.Enter()
	if isObject {
		r.members(e)
	}
	malformed := s.End()
	r.resolve(message, e)
	switch {
	case malformed != nil:
		return Envelope{}, scan.Malformed(message, malformed)
	case !isObject:
		return Envelope{}, &ingest.DecodeError{Reason: ingest.RejectMalformed, Detail: "not a JSON object"}
	case r.seen.bad > 0:
		return Envelope{}, ingest.BadField(members.Name(r.seen.bad), r.seen.badOffset, "value of the wrong shape")
	case len(r.seen.source) > 0 && string(r.seen.source) != r.source:
		return Envelope{}, ingest.BadField("source", r.seen.sourceOffset, "is not "+r.source+", which the message came as")
	case len(e.TypeName) == 0:
		return Envelope{}, ingest.BadField("event", len(message), "missing")
	case e.OrganizationID == uuid.Nil:
		return Envelope{}, &ingest.DecodeError{
			Reason: ingest.RejectNoOrganization, Field: "organization", Offset: len(message), Detail: "missing or zero",
		}
	case e.Timestamp == ingest.Unset:
		return Envelope{}, ingest.BadField("time", len(message), "missing or unset")
	}
	return r.found, nil
}

func (r *Reader) members(e *ingest.Event) {
	for {
		number, ok := r.scanner.NextName(members)
		if !ok {
			return
		}
		if number == 0 {
			continue // the scanner skips the value
		}
		offset := r.scanner.Offset()
		if r.member(number, e) == scan.Wrong && r.seen.bad == 0 {
			r.seen.bad, r.seen.badOffset = number, offset
		}
	}
}

func (r *Reader) member(number int, e *ingest.Event) scan.Shape {
	switch number {
	case memberSource:
		r.seen.sourceOffset = r.scanner.Offset()
		return r.text(&r.seen.source)
	case memberID:
		return r.text(&r.seen.id)
	case memberEvent:
		return r.text(&e.TypeName)
	case memberOrganization:
		return r.text(&r.seen.organization)
	case memberAgent:
		return r.text(&r.found.Agent)
	case memberAgentName:
		return r.text(&r.seen.agentName)
	case memberTime:
		return r.time(&e.Timestamp)
	}
	return r.data()
}

// resolve fills in what depends on several members, in whatever order they came.
func (r *Reader) resolve(message []byte, e *ingest.Event) {
	r.organization = r.Name(Organization, r.seen.organization)
	e.OrganizationID = r.organization
	e.UserID = r.Name(Agent, r.found.Agent)
	e.UserName = r.seen.agentName
	if len(e.UserName) == 0 {
		e.UserName = r.found.Agent
	}
	if e.ID = r.Name(Event, r.seen.id); e.ID == uuid.Nil {
		e.ID = r.hashed(Namespace, message)
	}
}

func (r *Reader) data() scan.Shape {
	if r.scanner.Kind() == scan.Null {
		r.scanner.Skip()
		return scan.Absent
	}
	offset := r.scanner.Offset()
	if data := r.scanner.Raw(); data != nil {
		r.found.Data, r.found.DataOffset = data, offset
		return scan.Found
	}
	return scan.Wrong
}

func (r *Reader) text(to *[]byte) scan.Shape {
	text, shape := r.scanner.Text(&r.arena)
	if shape == scan.Found {
		*to = text
	}
	return shape
}

func (r *Reader) time(to *ingest.Time) scan.Shape {
	text, shape := r.scanner.Text(&r.arena)
	if shape != scan.Found {
		return shape
	}
	if len(text) == 0 {
		return scan.Absent
	}
	t, ok := ParseTime(text)
	if !ok {
		return scan.Wrong
	}
	*to = t
	return scan.Found
}

// ParseTime reads what browsers have for an instant: RFC 3339, or milliseconds since 1970, to the microsecond.
func ParseTime(text []byte) (ingest.Time, bool) {
	if t, ok := scan.ParseTime(text); ok {
		return t, true
	}
	ms, ok := scan.ParseFloat(text)
	if !ok {
		return 0, false
	}
	return FromMilliseconds(ms)
}

// FromMilliseconds is the instant so long after the beginning of 1970, to the microsecond; false: no year of four digits.
func FromMilliseconds(ms float64) (ingest.Time, bool) {
	if math.Abs(ms) > maxMilliseconds {
		return 0, false
	}
	return ingest.FromMicros(int64(math.Round(ms * 1000))), true
}

// First returns the first text that is not empty.
func First(texts ...[]byte) []byte {
	for _, text := range texts {
		if len(text) > 0 {
			return text
		}
	}
	return nil
}

// maxMilliseconds is the end of the year 9999.
const maxMilliseconds = 253402300799999
