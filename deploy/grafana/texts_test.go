package grafana

import (
	"encoding/json"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
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

// Grafana shows hh:mm:ss for dthms; its clock units lose the seconds or show milliseconds. Names of series come from the data
// source, whose labels are not the columns. Two columns of one title would show the same values.
func TestWhatGrafanaMakesOfFields(t *testing.T) {
	for _, d := range dashboards(t) {
		for _, wrong := range []string{`"clocks"`, `"clockms"`, `"dtdurations"`, `__field.labels`} {
			if strings.Contains(d.text, wrong) {
				t.Errorf("%s has %s", d.file, wrong)
			}
		}
		for _, p := range d.Panels {
			titles := map[string]bool{}
			for _, o := range p.FieldConfig.Overrides {
				for _, set := range o.Properties {
					if title, ok := set.Value.(string); ok && set.ID == "displayName" {
						if titles[title] {
							t.Errorf("%s: panel %q has two fields %q", d.file, p.Title, title)
						}
						titles[title] = true
					}
				}
			}
			if empty, _ := p.FieldConfig.Defaults["noValue"].(string); empty == "" && (p.Type == "table" || p.Type == "timeseries") && d.UID != "ringside-wallboard" {
				t.Errorf("%s: panel %q does not say why it is empty", d.file, p.Title)
			}
			if p.Type == "table" {
				p.checkWidths(t, d.file)
			}
		}
	}
}

// checkWidths wants all columns of a table to have a width but those that take what is left: with none, Grafana gives the
// same to a name and to a flag, and cuts the name.
func (p panel) checkWidths(t *testing.T, file string) {
	t.Helper()
	width := map[string]bool{}
	for _, o := range p.FieldConfig.Overrides {
		for _, set := range o.Properties {
			if name, ok := o.Matcher.Options.(string); ok && slices.Contains([]string{"custom.width", "custom.minWidth", "custom.hideFrom"}, set.ID) {
				width[name] = true
			}
		}
	}
	for _, query := range p.Targets {
		for _, m := range list(query["metrics"]) {
			if !width[m] && len(p.Transformations) == 0 {
				t.Errorf("%s: panel %q gives its column %s no width", file, p.Title, m)
			}
		}
	}
}
