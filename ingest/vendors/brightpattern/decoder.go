package brightpattern

import (
	"fmt"

	"github.com/google/uuid"

	"ringside/ingest"
	"ringside/ingest/scan"
	"ringside/ingest/vendors/envelope"
)

// Decoder decodes messages one after another, without allocating but for texts with escapes and names of queues other than
// of voice (one block of 16 KiB for about as much text), and errors. It is not safe for concurrent use; each worker has its own.
type Decoder struct {
	reader  *envelope.Reader
	scanner scan.Scanner // of the payload
	arena   scan.Arena
	record  record
	steps   [maxSteps]step
	key     []byte // what the id of a part is made of
}

// New returns a Decoder.
func New() *Decoder { return &Decoder{reader: envelope.NewReader(ingest.SourceBrightPattern)} }

// events are the vendor's callbacks that hand over a finished interaction, by the names of the documentation and by
// those under which the desktop knows them. An event of another name is kept as [ingest.TypeUnknown].
var events = map[string]bool{
	"onInteractionEnd": true, "onSaveActivityRecord": true, "ON_INTERACTION_REMOVED": true, "ON_INTERACTION_END": true,
	"ON_SAVE_ACTIVITY_RECORD": true,
}

// Decode is an [ingest.Decoder]. Text in e is a slice of message, or of a block that stays valid for as long as it is
// referred to. ReceivedAt is left unset.
func (d *Decoder) Decode(message []byte, part int, e *ingest.Event) (more bool, err error) {
	found, err := d.reader.Read(message, e)
	if err != nil || !events[string(e.TypeName)] {
		return false, err
	}
	if err := d.read(&found, e); err != nil {
		return false, err
	}
	steps := d.visit()
	if part >= len(steps) {
		panic(fmt.Sprintf("BUG: brightpattern: part %d of a message that has %d", part, len(steps)))
	}
	d.tell(&steps[part], e)
	return part+1 < len(steps), nil
}

// tell makes e the fact of one step.
func (d *Decoder) tell(s *step, e *ingest.Event) {
	r := &d.record
	e.Type, e.Timestamp, e.MaxWrapUpDurationSec = s.typ, s.at, s.longest
	e.Channel, e.CallID, e.QueueID, e.QueueName = r.channel, r.call, r.queue, r.queueName
	if r.queue != uuid.Nil {
		e.View = ingest.ViewFinished
	}
	e.UserID, e.UserName = r.user, r.userName
	e.CallerNumber, e.TargetNumber = r.caller, r.dnis
	var disposition []byte
	switch s.typ {
	case ingest.QueueCallInComing:
		e.UserID, e.UserName = uuid.Nil, nil // it never got as far
	case ingest.QueueCallInUserConnected:
		e.AgentLegID = r.leg
	case ingest.QueueCallInDisconnected:
		if s.ofAgent {
			e.LegID = r.leg
		}
		disposition = r.disposition
	case ingest.UserCallInDisconnected, ingest.UserCallOutDisconnected, ingest.QueueUserCallOutDisconnected:
		disposition = r.disposition
	case ingest.QueueCallInUserCancelled, ingest.QueueCallInOverflow, ingest.UserCallInUserCancelled, ingest.UserCallInOverflow:
		e.Reason, e.OverflowReason = r.state, r.state
	}
	e.TechReason = disposition
	d.identify(s, disposition, e)
}

// identify gives e an id that the same fact has in every record that tells it, and a hash of what else must agree.
func (d *Decoder) identify(s *step, disposition []byte, e *ingest.Event) {
	r := &d.record
	d.key = append(d.key[:0], r.user[:]...)
	d.key = append(append(d.key, s.typ.String()...), 0)
	for shift := 56; shift >= 0; shift -= 8 {
		d.key = append(d.key, byte(uint64(s.at)>>shift))
	}
	d.key = append(append(d.key, disposition...), 0)
	d.key = append(d.key, r.interaction...)
	e.ID = d.reader.Name(envelope.Event, d.key)
	e.BodyHash = contentHash(e.CallID, e.QueueID)
}

// contentHash is FNV-1a, which is no 0 here.
func contentHash(ids ...uuid.UUID) uint64 {
	h := uint64(14695981039346656037)
	for i := range ids {
		for _, b := range ids[i] {
			h = (h ^ uint64(b)) * 1099511628211
		}
	}
	return max(h, 1)
}
