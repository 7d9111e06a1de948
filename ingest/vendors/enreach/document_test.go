package enreach

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"

	"ringside/ingest"
)

// documentPath is where the vendor's documentation is kept, outside of the repository.
const documentPath = "../../../../shared/seeds/003_9979a8848971bf7a.txt"

// entryMembers has the members of the entries of lists, and whether they are used.
var entryMembers = map[string]map[string]bool{
	"QueueAttachedUser": {"UserId": true, "Active": true, "Priority": true},
	"QueueGroup":        {"Id": true, "Name": true, "Description": false},
	// Attempts are only counted.
	"CallbackAttempt": {"Id": false, "UserId": false, "Timestamp": false, "CallbackAttemptTypeId": false, "Note": false,
		"RecordingId": false, "CallId": false},
	"CallbackExtra":       {"Id": false, "Name": false, "Value": false},
	"CallbackRelatedItem": {"Id": false, "ListId": false, "IsClosed": false, "StatusId": false},
}

var (
	documentHeading  = regexp.MustCompile(`^(Event|Misc): (\w+)$`)
	documentProperty = regexp.MustCompile(`^(\w+) \| [\w<>, ?]+ \|`)
)

// section is the part of the document about one event type or kind of entry.
type section struct {
	kind, name string
	payload    []byte   // the example; nil where there is none
	properties []string // of the table
}

func documentSections(t *testing.T) []section {
	text, err := os.ReadFile(filepath.FromSlash(documentPath))
	if os.IsNotExist(err) {
		t.Skipf("the vendor's documentation is not at %s", documentPath)
	}
	if err != nil {
		t.Fatal(err)
	}
	var all []section
	inPayload := false
	for _, line := range strings.Split(string(text), "\n") {
		line = strings.TrimSpace(line)
		if m := documentHeading.FindStringSubmatch(line); m != nil {
			all = append(all, section{kind: m[1], name: m[2]})
			continue
		}
		if len(all) == 0 {
			continue
		}
		s := &all[len(all)-1]
		if line == "{" && s.payload == nil {
			inPayload = true
		}
		if inPayload {
			s.payload = append(append(s.payload, line...), '\n')
			inPayload = line != "}"
		} else if m := documentProperty.FindStringSubmatch(line); m != nil && m[1] != "Property" {
			s.properties = append(s.properties, m[1])
		}
	}
	return all
}

// TestDocument decodes every example of the vendor's documentation, and holds the tables of members to it: each property
// is used or deliberately left out, and nothing is in the tables that is not documented.
func TestDocument(t *testing.T) {
	known := map[string]bool{} // → whether it is used
	for _, m := range members[1:] {
		known[m.name] = m.read != nil
	}
	documented := map[string]bool{}
	seen := map[string]bool{}
	for _, s := range documentSections(t) {
		var example map[string]json.RawMessage
		if s.payload != nil {
			if err := json.Unmarshal(s.payload, &example); err != nil {
				t.Fatalf("%s: %v", s.name, err)
			}
		}
		names := slices.Clone(s.properties)
		for name := range example {
			names = append(names, name)
		}
		of := known
		if s.kind == "Misc" {
			of = entryMembers[s.name]
		} else {
			seen[s.name] = true
		}
		for _, name := range names {
			if _, ok := of[name]; !ok {
				t.Errorf("%s.%s is neither used nor left out", s.name, name)
			}
			if s.kind == "Event" {
				documented[name] = true
			}
		}
		if s.kind == "Event" && s.payload != nil {
			testDocumentExample(t, s.name, s.payload)
		}
	}
	for name := range known {
		if !documented[name] {
			t.Errorf("%s is in the tables, but not in the documentation", name)
		}
	}
	for typ := ingest.TypeUnknown + 1; typ < ingest.NumTypes; typ++ {
		if !seen[typ.String()] {
			t.Errorf("%s is not in the documentation", typ)
		}
	}
	if len(seen) != int(ingest.NumTypes)-1 {
		t.Errorf("%d event types in the documentation, want %d", len(seen), ingest.NumTypes-1)
	}
}

// testDocumentExample decodes one example. All of them have the zero Guid as the organization, which is a reject; with
// another one they must decode.
func testDocumentExample(t *testing.T, name string, payload []byte) {
	var d Decoder
	var e ingest.Event
	var reject *ingest.DecodeError
	if reject, _ = d.Decode(payload, &e).(*ingest.DecodeError); reject == nil || reject.Reason != ingest.RejectNoOrganization {
		t.Errorf("%s: a zero organization gives %v", name, reject)
	}
	patched := bytes.Replace(payload, []byte(`"OrganizationId": "`+zero), []byte(`"OrganizationId": "`+org), 1)
	if bytes.Equal(patched, payload) {
		t.Errorf("%s: no zero organization", name)
	}
	if err := d.Decode(patched, &e); err != nil {
		t.Errorf("%s: %v", name, err)
	}
	var want struct {
		ID        uuid.UUID `json:"Id"`
		Timestamp string
	}
	if err := json.Unmarshal(patched, &want); err != nil {
		t.Fatal(err)
	}
	if e.Type.String() != name || e.ID != want.ID || e.ID == uuid.Nil || e.OrganizationID.String() != org {
		t.Errorf("%s: decoded as %s, Id %s, OrganizationId %s", name, e.Type, e.ID, e.OrganizationID)
	}
	if want.Timestamp != "2020-01-01T12:00:00Z" || e.Timestamp.Go().Format("2006-01-02T15:04:05Z") != want.Timestamp {
		t.Errorf("%s: Timestamp %s, want %s", name, e.Timestamp.Go(), want.Timestamp)
	}
	compareWithOracle(t, payload)
	compareWithOracle(t, patched)
}

// TestTestdataIsComplete: the examples of testdata have every member that the documentation has for their type.
func TestTestdataIsComplete(t *testing.T) {
	for _, s := range documentSections(t) {
		if s.kind != "Event" {
			continue
		}
		var have, want map[string]json.RawMessage
		if err := json.Unmarshal(example(t, s.name), &have); err != nil {
			t.Fatal(err)
		}
		if s.payload != nil {
			if err := json.Unmarshal(s.payload, &want); err != nil {
				t.Fatal(err)
			}
		}
		for name := range want {
			if _, ok := have[name]; !ok {
				t.Errorf("%s.json has no %s", s.name, name)
			}
		}
	}
}
