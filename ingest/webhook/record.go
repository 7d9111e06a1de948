package webhook

import (
	"encoding/binary"
	"errors"

	"github.com/google/uuid"

	"ringside/ingest"
	"ringside/ingest/kafka"
)

// about says which of the topics an event belongs to. The numbers are stored in spools: append, never reorder.
type about uint8

const (
	aboutQueues about = iota
	aboutUsers
	aboutCallbacks
)

// recordFormat is the first byte of what is stored in a spool.
const recordFormat = 1

var errRecord = errors.New("what the spool holds is no event of this version")

// event is what one request brought, as it is delivered.
type event struct {
	about        about
	organization uuid.UUID
	source       string
	receivedAt   ingest.Time
	body         []byte
}

// record is the event as the spool keeps it.
func (e *event) record() []byte {
	b := make([]byte, 0, 27+len(e.source)+len(e.body))
	b = append(b, recordFormat, byte(e.about))
	b = append(b, e.organization[:]...)
	b = binary.LittleEndian.AppendUint64(b, uint64(e.receivedAt))
	b = append(b, byte(len(e.source)))
	b = append(b, e.source...)
	return append(b, e.body...)
}

// parseEvent is the reverse of record; the body points into b.
func parseEvent(b []byte) (e event, err error) {
	if len(b) < 27 || b[0] != recordFormat || b[1] > byte(aboutCallbacks) || len(b) < 27+int(b[26]) {
		return e, errRecord
	}
	source := int(b[26])
	e.about = about(b[1])
	copy(e.organization[:], b[2:18])
	e.receivedAt = ingest.Time(binary.LittleEndian.Uint64(b[18:26]))
	e.source = string(b[27 : 27+source])
	e.body = b[27+source:]
	return e, nil
}

// message is the event as Kafka gets it.
func (e *event) message(t *Topics) kafka.Message {
	topic := [...]string{aboutQueues: t.Queue, aboutUsers: t.User, aboutCallbacks: t.Callback}[e.about]
	return kafka.Message{Topic: topic, OrganizationID: e.organization, Source: e.source, ReceivedAt: e.receivedAt, Value: e.body}
}
