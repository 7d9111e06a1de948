package history

import (
	"fmt"
	"time"

	"github.com/cespare/xxhash/v2"
	"github.com/google/uuid"

	"ringside/ingest"
	"ringside/ingest/vendors"
)

// Decoder turns records into the events that a core is given. It keeps buffers: one per goroutine.
type Decoder struct {
	organization uuid.UUID
	local        *time.Location
	vendors      map[string]ingest.Decoder
}

// NewDecoder returns a decoder of a reader's records.
func (r *Reader) NewDecoder() *Decoder {
	return &Decoder{r.Organization, r.Local, vendors.Decoders()}
}

// Decode fills e, which refers to the record.
func (d *Decoder) Decode(rec *Record, e *ingest.Event) error {
	if rec.Event != nil {
		*e = *rec.Event
		return nil
	}
	body := []byte(rec.Body)
	decode := d.vendors[rec.Source]
	if decode == nil {
		return fmt.Errorf("event %s is of source %q, which this version of Ringside does not decode", rec.ID, rec.Source)
	}
	if d.local != nil {
		body = localTimes(body, d.local)
	}
	if _, err := decode(body, rec.Part, e); err != nil {
		return fmt.Errorf("event %s as it is kept cannot be decoded: %w", rec.ID, err)
	}
	// What is kept is the event with callers' numbers replaced: an id that was made from the whole event is in the row.
	e.OrganizationID, e.ID, e.Part = d.organization, rec.ID, rec.Part
	if e.BodyHash == 0 {
		e.BodyHash = xxhash.Sum64(body)
	}
	if rec.Received > 0 {
		e.ReceivedAt = ingest.FromMicros(rec.Received)
	}
	return nil
}
