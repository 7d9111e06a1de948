package grafana

import (
	"encoding/json"
	"maps"
	"os"
	"regexp"
	"testing"

	"github.com/goccy/go-yaml"
)

// settingName finds the names of settings in a text, as definitions.prompt.max.
var settingName = regexp.MustCompile(`\b(?:definitions|rules|privacy|store|memory)(?:\.[a-z][a-z0-9_]*)+`)

// A description that sends its reader to a setting has to name one that there is.
func TestDescriptionsNameSettings(t *testing.T) {
	text, err := os.ReadFile("../ringside.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var sample map[string]any
	if err := yaml.Unmarshal(text, &sample); err != nil {
		t.Fatal(err)
	}
	known := map[string]bool{}
	var walk func(path string, v any)
	walk = func(path string, v any) {
		known[path] = true
		members, _ := v.(map[string]any)
		for name, inner := range members {
			walk(path+"."+name, inner)
		}
	}
	for name, v := range sample {
		walk(name, v)
	}
	found := map[string]bool{}
	for _, d := range dashboards(t) {
		for _, p := range d.Panels {
			for _, name := range settingName.FindAllString(p.Description, -1) {
				found[name] = true
				if !known[name] {
					t.Errorf("%s: panel %q names the setting %s, which does not exist", d.file, p.Title, name)
				}
			}
		}
	}
	if len(found) < 8 {
		t.Errorf("only %d settings are named: has the way they are written changed?", len(found))
	}
}

// Panels that ask the same share one answer, and one stream: what a wallboard costs is the number of its different queries,
// whatever the number of its tiles and of the screens that show it.
func TestWallboardSharesItsQueries(t *testing.T) {
	const affordable = 6
	different, panels := map[string]bool{}, 0
	for _, d := range dashboards(t) {
		if d.UID != "ringside-wallboard" {
			continue
		}
		for _, p := range d.Panels {
			for _, query := range p.Targets {
				asked := maps.Clone(query)
				delete(asked, "refId")
				text, err := json.Marshal(asked)
				if err != nil {
					t.Fatal(err)
				}
				different[string(text)] = true
				panels++
			}
		}
	}
	if len(different) > affordable || panels < 2*affordable {
		t.Errorf("%d panels of the wallboard ask %d different things, %d are affordable", panels, len(different), affordable)
	}
}
