package avaya

import (
	"bytes"
	"encoding/json"
	"errors"
	"testing"

	"github.com/google/uuid"

	"ringside/ingest"
	"ringside/ingest/vendors/vendortest"
)

// FuzzDecode holds the decoder to the oracle: what it accepts is JSON, and becomes the same events.
func FuzzDecode(f *testing.F) {
	for _, message := range examples(f) {
		var compact bytes.Buffer
		if err := json.Compact(&compact, message); err != nil {
			f.Fatal(err)
		}
		f.Add(compact.Bytes())
	}
	for _, message := range quirks {
		f.Add([]byte(message))
	}
	f.Fuzz(func(t *testing.T, message []byte) { compareWithOracle(t, message) })
}

func compareWithOracle(t *testing.T, message []byte) {
	t.Helper()
	before := string(message)
	got, err := vendortest.Decode(t, New().Decode, message)
	if string(message) != before {
		t.Fatalf("Decode changed the message %q", before)
	}
	var reject *ingest.DecodeError
	if err != nil {
		if !errors.As(err, &reject) || reject.Offset < 0 || reject.Offset > len(message) || len(got) != 1 {
			t.Fatalf("%q: %#v at part %d", message, err, len(got)-1)
		}
		if object := json.Valid(message) && bytes.TrimLeft(message, " \t\r\n")[0] == '{'; object == (reject.Reason == ingest.RejectMalformed) {
			t.Fatalf("%q: %v", message, err)
		}
		return
	}
	if !json.Valid(message) {
		t.Fatalf("%q is accepted", message)
	}
	want := oracleDecode(message)
	if a, b := vendortest.Dump(got...), vendortest.Dump(want...); a != b {
		t.Fatalf("%q:\ngot\n%s\nwant\n%s", message, a, b)
	}
	seen := map[uuid.UUID]bool{}
	for _, e := range got {
		if seen[e.ID] || e.ID == uuid.Nil {
			t.Fatalf("%q: the Id %s is repeated or zero", message, e.ID)
		}
		seen[e.ID] = true
	}
}
