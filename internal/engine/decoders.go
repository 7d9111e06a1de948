package engine

import (
	"maps"
	"slices"
	"strings"

	"github.com/google/uuid"

	"ringside/ingest"
	"ringside/ingest/vendors/enreach"
)

// newDecoders returns a decoder of each vendor. A decoder keeps buffers: one set per pipeline.
func newDecoders() map[string]ingest.Decoder {
	d := &enreach.Decoder{}
	return map[string]ingest.Decoder{ingest.SourceEnreach: d.Decode}
}

// KnownSource tells whether there is a decoder for the vendor called name.
func KnownSource(name string) bool { return newDecoders()[name] != nil }

// SourceNames lists the vendors, for messages.
func SourceNames() string { return strings.Join(slices.Sorted(maps.Keys(newDecoders())), ", ") }

// EventTime returns a function that reads an event's time and organization; what cannot be decoded has neither. The
// function is for one goroutine.
func EventTime(source string) func(event []byte) (ingest.Time, uuid.UUID) {
	decode, e := newDecoders()[source], &ingest.Event{}
	return func(event []byte) (ingest.Time, uuid.UUID) {
		_ = decode(event, e) // what was read up to an error stays in e
		return e.Timestamp, e.OrganizationID
	}
}
