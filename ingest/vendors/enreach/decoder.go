// Package enreach decodes the webhook messages of Enreach (formerly Benemen) Voice: every User, Queue and CallList
// event, into the canonical [ingest.Event], whose names are Enreach's own.
//
// # Which message becomes what
//
// The members that are used are in the tables of members.go, and so are those that are deliberately left out; a member
// in neither is ignored. Names are compared exactly, in the spellings of the documentation, which has both UserName and
// Username. An event type that is not known is kept as [ingest.TypeUnknown] with its name.
//
//   - OrganizationId absent or zero: RootEntityId, if RootEntityType is Organization. Still none: a reject,
//     no_organization.
//   - QueueId, UserId or CallListId absent or zero: EntityId, if EntityType is Queue, User or CallList. A
//     UserSupervisionStatus does not say which of its two users is the entity, so it gets no UserId.
//   - AllocatedUserId (QueueCallInRecording, QueueCallTranscribed) is the UserId where there is none.
//   - Id absent or zero: the UUIDv5 of the message in [BodyNamespace], so that copies of a message have the same Id.
//   - TransferTarget is taken from TransferTarget in …TransferStarted, from ConnectedTarget in …TransferConnected, and
//     from Target in UserCallInUserOverflow.
//   - Timestamp absent or unset, EventType absent: a reject, bad_field.
//
// # Values of the wrong shape
//
// null and, for anything but text, the empty string are the same as an absent member. Numbers and booleans may stand in
// strings, integers may have a fraction (rounded), text may be a number, OpenStatus may be the name of its value. A
// value that cannot be read after all is a reject, bad_field with the member's name, where a figure depends on it;
// where it does not (marked lenient in members.go) it counts as absent. When a name is repeated the last value that is
// not null wins.
package enreach

import (
	"github.com/google/uuid"

	"ringside/ingest"
	"ringside/ingest/scan"
)

// BodyNamespace is the namespace of the UUIDv5 that a message without Id gets. It must never change: the Id of a message
// has to be the same whenever it is decoded.
var BodyNamespace = uuid.MustParse("5d2e0c1a-7f43-5b86-9a0d-3c6f1e8b4a97")

// Decoder decodes messages one after another, without allocating but for members with escapes (one block of 16 KiB for
// about as much text) and for errors. It is not safe for concurrent use; each worker has its own. The zero Decoder is
// ready.
type Decoder struct {
	scanner scan.Scanner
	arena   scan.Arena
	seen    seen
	figures [numSummaries][16]float64 // those that seen.known tells of
}

// seen holds what a message says but the Event has no place for until all of the message is read.
type seen struct {
	rootEntityID    uuid.UUID
	allocatedUserID uuid.UUID
	rootEntityType  []byte
	entityType      []byte
	transferTarget  []byte
	connectedTarget []byte
	target          []byte
	created         bool
	deleted         bool
	typeID          ingest.OptInt
	queueDate       []byte
	known           [numSummaries]uint16 // bit i: the figure i came

	bad       int // the number of the first member of the wrong shape; 0: none
	badOffset int
}

// Decode turns message into e, which is reset first. Text in e is a slice of message, or of a block that stays valid for
// as long as it is referred to. The error, if any, is an *[ingest.DecodeError]; e then holds what could be decoded.
// ReceivedAt is left unset. Each message has one part.
func (d *Decoder) Decode(message []byte, e *ingest.Event) error {
	e.Reset()
	d.seen = seen{}
	s := &d.scanner
	s.Start(message)
	isObject := s.Kind() == scan.Object && s.Enter()
	if isObject {
		d.members(e)
	}
	malformed := s.End()
	d.resolve(e)
	switch {
	case malformed != nil:
		return scan.Malformed(message, malformed)
	case !isObject:
		return &ingest.DecodeError{Reason: ingest.RejectMalformed, Detail: "not a JSON object"}
	}
	if e.ID == uuid.Nil {
		e.ID = uuid.NewSHA1(BodyNamespace, message)
	}
	switch {
	// A type that is not known may give names another meaning; only what every message has must be right in it.
	case d.seen.bad > 0 && (e.Type != ingest.TypeUnknown || d.seen.bad <= len(common)):
		return ingest.BadField(members[d.seen.bad].name, d.seen.badOffset, "value of the wrong shape")
	case len(e.TypeName) == 0:
		return ingest.BadField("EventType", len(message), "missing")
	case e.OrganizationID == uuid.Nil:
		return &ingest.DecodeError{
			Reason: ingest.RejectNoOrganization, Field: "OrganizationId", Offset: len(message),
			Detail: "missing or zero, and RootEntityId is no organization",
		}
	case e.Timestamp == ingest.Unset:
		return ingest.BadField("Timestamp", len(message), "missing or unset")
	}
	return nil
}

// members reads all members of the message.
func (d *Decoder) members(e *ingest.Event) {
	for {
		number, ok := d.scanner.NextName(names)
		if !ok {
			return
		}
		m := &members[number]
		if m.read == nil {
			continue // the scanner skips the value
		}
		offset := d.scanner.Offset()
		if m.read(d, e) == scan.Wrong && !m.lenient && d.seen.bad == 0 {
			d.seen.bad, d.seen.badOffset = number, offset
		}
	}
}
