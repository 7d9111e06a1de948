package enreach

import (
	"errors"
	"testing"

	"ringside/ingest"
)

// FuzzDecode holds the decoder to the oracle: the same messages rejected, for the same reason and field, and the same
// value in every field of the others.
func FuzzDecode(f *testing.F) {
	for _, message := range examples(f) {
		f.Add(message)
	}
	for _, message := range quirks {
		f.Add([]byte(message))
	}
	f.Fuzz(func(t *testing.T, message []byte) { compareWithOracle(t, message) })
}

func compareWithOracle(t *testing.T, message []byte) {
	t.Helper()
	var d Decoder
	var got, want ingest.Event
	before := string(message)
	// Twice, because the second time the order of the members is known in advance.
	for range 2 {
		err := d.Decode(message, &got)
		if string(message) != before {
			t.Fatalf("Decode changed the message %q", before)
		}
		reason, field := oracleDecode(message, &want)
		var reject *ingest.DecodeError
		if err != nil && !errors.As(err, &reject) {
			t.Fatalf("%q: the error is a %T", message, err)
		}
		if reject == nil {
			reject = &ingest.DecodeError{}
		}
		if reject.Reason != reason || reject.Field != field {
			t.Fatalf("%q:\ngot  reject %q %q (%v)\nwant reject %q %q", message, reject.Reason, reject.Field, err, reason, field)
		}
		if reject.Offset < 0 || reject.Offset > len(message) {
			t.Fatalf("%q: offset %d", message, reject.Offset)
		}
		if reason == "" && dump(&got) != dump(&want) {
			t.Fatalf("%q:\ngot\n%s\nwant\n%s", message, dump(&got), dump(&want))
		}
	}
}
