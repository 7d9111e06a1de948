package enreach

import (
	"testing"

	"ringside/ingest"
)

// Of a member that comes twice the last one counts, as everywhere in JSON, also where its type is not known.
func TestLastTypeCounts(t *testing.T) {
	for second, want := range map[string]ingest.Type{"NewThing": ingest.TypeUnknown, "QueueChanged": ingest.QueueChanged} {
		var d Decoder
		var e ingest.Event
		if err := d.Decode([]byte(message("UserStatus", `"EventType":"`+second+`"`)), &e); err != nil {
			t.Fatal(err)
		}
		if e.Type != want || string(e.TypeName) != second {
			t.Errorf("%s behind UserStatus: type %s, name %q", second, e.Type, e.TypeName)
		}
	}
}
