// Package vendors knows the decoders of all vendors; each is in a folder of its own.
package vendors

import (
	"maps"
	"slices"
	"strings"

	"github.com/google/uuid"

	"ringside/ingest"
	"ringside/ingest/vendors/avaya"
	"ringside/ingest/vendors/brightpattern"
	"ringside/ingest/vendors/enreach"
	"ringside/ingest/vendors/openmethods"
)

// Decoders returns a decoder of each vendor, by source. A decoder keeps buffers: one set per goroutine.
func Decoders() map[string]ingest.Decoder {
	e := &enreach.Decoder{}
	return map[string]ingest.Decoder{
		ingest.SourceEnreach:       single(e.Decode),
		ingest.SourceAvaya:         avaya.New().Decode,
		ingest.SourceBrightPattern: brightpattern.New().Decode,
		ingest.SourceOpenMethods:   openmethods.New().Decode,
	}
}

// single is the decoder of a vendor whose messages tell of one event each.
func single(decode func([]byte, *ingest.Event) error) ingest.Decoder {
	return func(message []byte, part int, e *ingest.Event) (bool, error) { return false, decode(message, e) }
}

// Known tells whether there is a decoder for a source.
func Known(source string) bool { return Decoders()[source] != nil }

// Sources lists the sources.
func Sources() []string { return slices.Sorted(maps.Keys(Decoders())) }

// Names lists them for messages.
func Names() string { return strings.Join(Sources(), ", ") }

// EventTime returns a function that reads the time and the organization of a message's first event; what cannot be decoded
// has neither. The function is for one goroutine.
func EventTime(source string) func(message []byte) (ingest.Time, uuid.UUID) {
	decode, e := Decoders()[source], &ingest.Event{}
	return func(message []byte) (ingest.Time, uuid.UUID) {
		_, _ = decode(message, 0, e) // what was read up to an error stays in e
		return e.Timestamp, e.OrganizationID
	}
}
