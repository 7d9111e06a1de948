// Package vendortest has what the tests of several decoders need: golden texts of events, and all parts of a message.
package vendortest

import (
	"fmt"
	"reflect"
	"strings"
	"testing"

	"github.com/google/uuid"

	"ringside/ingest"
)

// Decode returns all parts of a message, each an Event of its own. A part more than maxParts fails the test.
func Decode(t testing.TB, decode ingest.Decoder, message []byte) (parts []*ingest.Event, err error) {
	t.Helper()
	for part, more := 0, true; more; part++ {
		if part == maxParts {
			t.Fatalf("%s: more than %d parts", message, maxParts)
		}
		e := &ingest.Event{}
		if more, err = decode(message, part, e); err != nil {
			return append(parts, e), err
		}
		parts = append(parts, e)
	}
	return parts, nil
}

const maxParts = 10_000

// Dump writes the events in text: of each the fields that are set, one a line, in the order of the struct. Empty texts and
// lists are not set.
func Dump(events ...*ingest.Event) string {
	var b strings.Builder
	for i, e := range events {
		if i > 0 {
			b.WriteString("---\n")
		}
		dumpStruct(&b, "", reflect.ValueOf(e).Elem())
	}
	return b.String()
}

func dumpStruct(b *strings.Builder, prefix string, v reflect.Value) {
	for i := range v.NumField() {
		dumpValue(b, prefix+v.Type().Field(i).Name, v.Field(i))
	}
}

func dumpValue(b *strings.Builder, name string, v reflect.Value) {
	switch x := v.Interface().(type) {
	case ingest.OptInt:
		if x.Valid {
			fmt.Fprintf(b, "%s: %d\n", name, x.Value)
		}
		return
	case ingest.Channel:
		if x != ingest.ChannelVoice {
			fmt.Fprintf(b, "%s: %d\n", name, x)
		}
		return
	}
	if v.IsZero() || v.Kind() == reflect.Slice && v.Len() == 0 {
		return
	}
	switch x := v.Interface().(type) {
	case ingest.Time:
		if x == ingest.OpenEnded {
			fmt.Fprintf(b, "%s: open-ended\n", name)
			return
		}
		fmt.Fprintf(b, "%s: %s\n", name, x.Go().Format("2006-01-02T15:04:05.000000Z"))
	case []byte:
		fmt.Fprintf(b, "%s: %q\n", name, x)
	case uuid.UUID, ingest.Type:
		fmt.Fprintf(b, "%s: %s\n", name, x)
	default:
		switch v.Kind() {
		case reflect.Struct:
			dumpStruct(b, name+".", v)
		case reflect.Slice:
			for i := range v.Len() {
				fmt.Fprintf(b, "%s[%d]\n", name, i)
				dumpStruct(b, "  ", v.Index(i))
			}
		default:
			fmt.Fprintf(b, "%s: %v\n", name, x)
		}
	}
}
