package openmethods

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// document is where the vendor's documentation is kept, outside of the repository: the difference of two versions of a
// page, in which words that were replaced stand beside those that replaced them.
const document = "../../../../shared/seeds/002_f2186c0ae62aa3d0.txt"

// artefacts are words of the page that no version of it has: the old and the new one without a gap, or half of one.
var artefacts = map[string][]string{
	"channelinteraction.request.incontact.getscriptssignal":  {"channel.request.incontact.getscripts", "interaction.request.incontact.signal"},
	"conversationinteraction.incontact.updatedsignalremoved": {"conversation.updated", "interaction.incontact.signalremoved"},
	"interaction.request.incontact":                          {"interaction.request.incontact.signal"},
	"conversation.id":                                        {}, // stands for an id
	"scriptIdcommand":                                        {"scriptId", "command"},
	"scriptNametarget":                                       {"scriptName", "target"},
}

var (
	documentName  = regexp.MustCompile(`\b(?:channel|interaction|conversation|session|state)(?:interaction)?\.[a-z]+(?:\.[a-z]+)*`)
	documentField = regexp.MustCompile(`"(\w+)"\s*:`)
)

// TestDocumentIsCovered walks the vendor's page: every event and command is decoded or left out on purpose, and they and
// all members stand in docs/SOURCES.md.
func TestDocumentIsCovered(t *testing.T) {
	text, err := os.ReadFile(filepath.FromSlash(document))
	if os.IsNotExist(err) {
		t.Skipf("the vendor's documentation is not at %s", document)
	}
	if err != nil {
		t.Fatal(err)
	}
	sources, err := os.ReadFile(filepath.FromSlash("../../../docs/SOURCES.md"))
	if err != nil {
		t.Fatal(err)
	}
	_, section, _ := strings.Cut(string(sources), "\n## OpenMethods\n")
	section, _, _ = strings.Cut(section, "\n## ")
	found := map[string]bool{}
	note := func(word string, ok func(string) bool) {
		words := artefacts[word]
		if words == nil {
			words = []string{word}
		}
		for _, w := range words {
			found[w] = true
			if !ok(w) {
				t.Errorf("%q is neither decoded nor left out", w)
			}
			if !strings.Contains(section, "`"+w+"`") {
				t.Errorf("docs/SOURCES.md does not say what becomes of `%s`", w)
			}
		}
	}
	for _, name := range documentName.FindAllString(string(text), -1) {
		note(name, func(w string) bool { _, known := events[w]; return known })
	}
	for _, m := range documentField.FindAllStringSubmatch(string(text), -1) {
		note(m[1], func(string) bool { return true })
	}
	if len(found) < 30 {
		t.Errorf("only %d names were found", len(found))
	}
	for name := range events {
		if !strings.Contains(section, "`"+name+"`") {
			t.Errorf("docs/SOURCES.md does not say what becomes of `%s`", name)
		}
	}
	for word := range words {
		if !strings.Contains(section, "`"+word+"`") {
			t.Errorf("docs/SOURCES.md does not have the state `%s`", word)
		}
	}
}
