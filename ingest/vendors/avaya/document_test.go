package avaya

import (
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
	"testing"
)

// documentPath is where the vendor's documentation is kept, outside of the repository.
const documentPath = "../../../../shared/seeds/004_c27a35f3795672ac.txt"

// sourcesPath is our documentation of what becomes of each event.
const sourcesPath = "../../../docs/SOURCES.md"

var (
	documentHeading = regexp.MustCompile(`(?m)^(on[A-Z]\w+)#\s*$`)
	sourcesRow      = regexp.MustCompile("(?m)^\\| `(on[A-Z]\\w+)` \\| `?(\\w+)")
)

// TestEveryEventIsDocumented: docs/SOURCES.md has each event, and says "kept" of those that are not used.
func TestEveryEventIsDocumented(t *testing.T) {
	text, err := os.ReadFile(sourcesPath)
	if err != nil {
		t.Fatal(err)
	}
	_, part, _ := strings.Cut(string(text), "## Avaya Workspaces")
	rows := map[string]bool{}
	for _, m := range sourcesRow.FindAllStringSubmatch(part, -1) {
		read, known := events[m[1]]
		if !known {
			t.Errorf("%s is in %s, but not in the decoder", m[1], sourcesPath)
		}
		if rows[m[1]] = true; (m[2] == "kept") != (read == nil) {
			t.Errorf("%s: the decoder uses it: %v, %s says %q", m[1], read != nil, sourcesPath, m[2])
		}
	}
	for event := range events {
		if !rows[event] {
			t.Errorf("%s has no row in %s", event, sourcesPath)
		}
	}
}

// TestDocument holds the decoder to the vendor's documentation: every event of it is in the decoder and no other is, and
// every payload of it is the one in testdata, whose decoding is in the golden file.
func TestDocument(t *testing.T) {
	text, err := os.ReadFile(filepath.FromSlash(documentPath))
	if os.IsNotExist(err) {
		t.Skipf("the vendor's documentation is not at %s", documentPath)
	}
	if err != nil {
		t.Fatal(err)
	}
	headings := documentHeading.FindAllStringSubmatchIndex(string(text), -1)
	payloads := 0
	for i, at := range headings {
		name, end := string(text[at[2]:at[3]]), len(text)
		if i+1 < len(headings) {
			end = headings[i+1][0]
		}
		if _, known := events[name]; !known {
			t.Errorf("%s is in the documentation, but not in the decoder", name)
			continue
		}
		_, payload, found := strings.Cut(string(text[at[1]:end]), "\nPayload\n")
		if !found || !strings.ContainsAny(payload, "{[") {
			continue
		}
		payloads++
		var documented any
		if err := json.Unmarshal([]byte(repair(payload)), &documented); err != nil {
			t.Errorf("%s: the payload of the documentation: %v", name, err)
			continue
		}
		var ours struct {
			Event string
			Data  any
		}
		if err := json.Unmarshal(example(t, name), &ours); err != nil {
			t.Fatal(err)
		}
		if ours.Event != name || !reflect.DeepEqual(ours.Data, documented) {
			t.Errorf("%s: testdata has\n%v\nthe documentation\n%v", name, ours.Data, documented)
		}
	}
	if len(headings) != len(events) || payloads != 19 {
		t.Errorf("%d events and %d payloads in the documentation, want %d and 19", len(headings), payloads, len(events))
	}
}

var (
	bareName      = regexp.MustCompile(`(?m)^(\w+):`)
	lineEnd       = regexp.MustCompile(`([^\s{\[,:])\s*\n(\s*[^\s}\]])`)
	needlessComma = regexp.MustCompile(`,(\s*[}\]])`)
)

// repair makes JSON of a payload as the documentation writes some: with semicolons, without commas or quotes around names,
// and with undefined.
func repair(payload string) string {
	payload = strings.ReplaceAll(payload, ";\n", ",\n")
	payload = strings.ReplaceAll(payload, "undefined", "null")
	payload = bareName.ReplaceAllString(payload, `"$1":`)
	payload = lineEnd.ReplaceAllString(strings.TrimSpace(payload), "$1,\n$2")
	return needlessComma.ReplaceAllString(payload, "$1")
}
