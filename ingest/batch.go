package ingest

import "github.com/google/uuid"

// Sources, as in the Kafka header `source` and in configuration.
const (
	SourceEnreach       = "enreach"
	SourceAvaya         = "avaya"
	SourceBrightPattern = "brightpattern"
	SourceOpenMethods   = "openmethods"
)

// Position is where a message stood: a Kafka record, or a line of a file (Topic is then the file's name, Partition 0,
// Offset the number of the line, counted from 0).
type Position struct {
	Topic     string
	Partition int32
	Offset    int64
}

// Record is one message as it arrived. Key and Value are valid until the Batch is released.
type Record struct {
	Offset     int64
	Key        []byte
	Value      []byte
	Source     string // header `source`, else the topic's configured source
	ReceivedAt Time   // header `received_at`, else the record's time; Unset in files
}

// Batch is a run of records of one topic and partition, in order of offset. What it holds is valid until Release.
type Batch struct {
	Topic         string
	TopicID       uuid.UUID // Kafka's, which another topic of that name would not have; zero where topics have none
	Partition     int32
	Records       []Record
	Rejects       []Reject // messages that the transport itself could not take, in order of offset: too large, or damaged
	NextOffset    int64    // where the next fetch begins; past control records that Records does not hold
	HighWatermark int64    // the partition's end when the batch was fetched; lag = HighWatermark − NextOffset
	Release       func()
}

// RejectReason says why an event was not used. The texts are stored and are labels of metrics: keep them stable.
type RejectReason string

// The reasons.
const (
	RejectMalformed      RejectReason = "malformed"         // not JSON, or cut short
	RejectTooLarge       RejectReason = "too_large"         // longer than the limit
	RejectNoOrganization RejectReason = "no_organization"   // OrganizationId missing or unset
	RejectBadField       RejectReason = "bad_field"         // a field has the wrong shape
	RejectTimeOutOfRange RejectReason = "time_out_of_range" // before 1990, or over a day after its receipt
	RejectConflict       RejectReason = "conflict"          // the Id of an earlier event with another body
	RejectWrongPartition RejectReason = "wrong_partition"   // not where the organization's key belongs
	RejectUnknownSource  RejectReason = "unknown_source"    // no decoder of that name
	RejectStoreRefused   RejectReason = "store_refused"     // ClickHouse refuses the row for its data
)

// Reject is an event that was not used, kept with its reason and position.
type Reject struct {
	Position       Position
	OrganizationID uuid.UUID // nil where it is not known
	EventID        uuid.UUID
	Source         string
	Reason         RejectReason
	Detail         string // what exactly, with the field's name
	ReceivedAt     Time
	Body           []byte
}

// DecodeError is what a decoder returns for a message that becomes a [Reject].
type DecodeError struct {
	Reason RejectReason
	Field  string // the field at fault, "" for the message as a whole
	Offset int    // byte offset in the message
	Detail string
}

// BadField is the DecodeError for a member that a figure depends on; offset is its value's in the whole message, and field
// its path, as in data.channel.
func BadField(field string, offset int, detail string) error {
	return &DecodeError{Reason: RejectBadField, Field: field, Offset: offset, Detail: detail}
}

func (e *DecodeError) Error() string {
	s := string(e.Reason)
	if e.Field != "" {
		s += ": " + e.Field
	}
	if e.Detail != "" {
		s += ": " + e.Detail
	}
	return s
}

// Decoder turns one message of a vendor into its events, one per call: a message may tell of several, as one about a
// finished interaction does. part counts from 0; more tells that there is a part after this one. The Event is reset first,
// and the same message gives the same parts with the same Ids whenever it is decoded. The error, if any, is a
// *DecodeError; what had been decoded up to it stays in the Event, so that a Reject can name the organization. A message
// that is refused is refused at part 0.
type Decoder func(message []byte, part int, e *Event) (more bool, err error)
