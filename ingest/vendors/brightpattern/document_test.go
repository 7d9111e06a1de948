package brightpattern

import (
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"ringside/ingest"
)

// documents are where the vendor's documentation is kept, outside of the repository.
var documents = []string{"../../../../shared/seeds/000_5b02669e46f33237.txt", "../../../../shared/seeds/001_42d2cc3216dd64af.txt"}

const sources = "../../../docs/SOURCES.md"

func readText(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.FromSlash(path))
	if os.IsNotExist(err) {
		t.Skipf("the vendor's documentation is not at %s", path)
	}
	if err != nil {
		t.Fatal(err)
	}
	return strings.ReplaceAll(string(text), "\u00a0", " ")
}

var (
	interactionData = regexp.MustCompile(`(?s)type InteractionData = \{(.*?)\n\}?\s*\ntype`)
	dataMember      = regexp.MustCompile(`(?m)^\s*(\w+)\??: `)
	union           = regexp.MustCompile(`(?s)type (Interaction\w+|CallDirection) =\s*((?:"[\w-]+"\s*\|?\s*)+)`)
	quoted          = regexp.MustCompile(`"([\w-]+)"`)
	tableRow        = regexp.MustCompile(`(?m)^(\w+) (?:String|Number|Boolean|\?) (?:Required|Optional) `)
	handler         = regexp.MustCompile(`on\('(\w+)'`)
)

// TestDocumentIsCovered walks the vendor's documents: every member, state, origination, type and direction is decoded or
// left out on purpose, and all of them stand in docs/SOURCES.md.
func TestDocumentIsCovered(t *testing.T) {
	known := map[string]bool{}
	for _, m := range members {
		known[m.name] = true
	}
	values := map[string]func(string) bool{
		"InteractionType":        func(v string) bool { return v == "voice" || v == "chat" || v == "email" },
		"InteractionState":       func(v string) bool { _, ok := states[v]; return ok },
		"InteractionOrigination": func(v string) bool { _, ok := originations[v]; return ok },
		"CallDirection":          func(v string) bool { return v == "inbound" || v == "outbound" },
	}
	for _, document := range documents {
		text := readText(t, document)
		_, documented, _ := strings.Cut(readText(t, sources), "\n## Bright Pattern\n")
		documented, _, _ = strings.Cut(documented, "\n## ")
		found := 0
		note := func(kind, name string, ok bool) {
			found++
			if !ok {
				t.Errorf("%s: %s %q is neither decoded nor left out", document, kind, name)
			}
			if !strings.Contains(documented, "`"+name+"`") {
				t.Errorf("docs/SOURCES.md does not say what becomes of %s `%s`", kind, name)
			}
		}
		m := interactionData.FindStringSubmatch(text)
		if m == nil {
			t.Fatalf("%s has no InteractionData", document)
		}
		for _, member := range dataMember.FindAllStringSubmatch(m[1], -1) {
			note("member", member[1], known[member[1]])
		}
		for _, row := range tableRow.FindAllStringSubmatch(text, -1) {
			name := strings.TrimPrefix(row[1], "interactioninteractionId") // two cells without a gap
			if name != "" {
				note("parameter", name, known[name])
			}
		}
		for _, u := range union.FindAllStringSubmatch(text, -1) {
			for _, v := range quoted.FindAllStringSubmatch(u[2], -1) {
				note(u[1], v[1], values[u[1]](v[1]))
			}
		}
		for _, h := range handler.FindAllStringSubmatch(text, -1) {
			note("event", h[1], events[h[1]])
		}
		if found < 60 {
			t.Errorf("%s: only %d names were found", document, found)
		}
	}
}

// TestRejects are the messages that cannot be used, and why.
func TestRejects(t *testing.T) {
	for _, c := range []struct{ message, field string }{
		{saved("ann", 0, 1, `"interactionId":""`), "data.interactionId"},
		{saved("ann", 0, 1, `"interactionId":{}`), "data.interactionId"},
		{saved("ann", 0, 1, `"startTime":0`), "data.startTime"},
		{saved("ann", 0, 1, `"startTime":"soon"`), "data.startTime"},
		{saved("ann", 0, 1, `"startTime":1e300`), "data.startTime"},
		{saved("ann", 0, 1, `"endTime":[1]`), "data.endTime"},
		{saved("ann", 0, 1, `"duration":-1`), "data.duration"},
		{saved("ann", 0, 1, `"duration":"long"`), "data.duration"},
		{saved("ann", 0, 1, `"service":["a"]`), "data.service"},
		{saved("ann", 0, 1, `"state":{"a":1}`), "data.state"},
		{saved("", 0, 1), "agent"},
		{strings.Replace(saved("ann", 0, 1), `"data":{`, `"data":null,"x":{`, 1), "data"},
		{strings.Replace(saved("ann", 0, 1), `"data":{`, `"data":7,"x":{`, 1), "data"},
	} {
		var e ingest.Event
		_, err := New().Decode([]byte(c.message), 0, &e)
		var reject *ingest.DecodeError
		if !errors.As(err, &reject) || reject.Reason != ingest.RejectBadField || reject.Field != c.field || reject.Detail == "" || reject.Offset > len(c.message) {
			t.Errorf("%s: %#v, want bad_field %s", c.message, err, c.field)
		}
	}
	if _, err := New().Decode([]byte(saved("ann", 0, 1)[1:]), 0, &ingest.Event{}); err == nil {
		t.Error("half a message is accepted")
	}
}
