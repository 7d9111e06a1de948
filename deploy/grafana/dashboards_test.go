// Package grafana holds the dashboards, alert rules and provisioning of Grafana. It consists of files for Grafana and of
// tests that they fit together: what a browser would show as an empty panel fails here.
package grafana

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

const dataSourceType = "ringside-queues-datasource"

type dashboard struct {
	file          string
	text          string
	UID           string `json:"uid"`
	Title         string `json:"title"`
	Description   string `json:"description"`
	Tags          []string
	SchemaVersion int `json:"schemaVersion"`
	Refresh       string
	Timezone      string
	Panels        []panel
	Templating    struct{ List []variable }
	Annotations   struct{ List []annotation }
	Links         []struct {
		Type        string
		Tags        []string
		IncludeVars bool `json:"includeVars"`
		KeepTime    bool `json:"keepTime"`
	}
}

type panel struct {
	ID          int
	Type        string
	Title       string
	Description string
	Datasource  source
	GridPos     rectangle `json:"gridPos"`
	Targets     []map[string]any
	FieldConfig struct {
		Defaults  map[string]any
		Overrides []override
	} `json:"fieldConfig"`
	Options         map[string]any
	Transformations []transformation
	Links           []struct{ Title, URL string }
}

// overridden returns the texts that overrides set a property to, each after a blank.
func (p panel) overridden(property string) string {
	var all strings.Builder
	for _, o := range p.FieldConfig.Overrides {
		for _, set := range o.Properties {
			if text, ok := set.Value.(string); ok && set.ID == property {
				all.WriteString(" " + text)
			}
		}
	}
	return all.String()
}

type source struct{ Type, UID string }

type rectangle struct{ X, Y, W, H int }

type override struct {
	Matcher struct {
		ID      string
		Options any
	}
	Properties []struct {
		ID    string
		Value any
	}
}

type transformation struct {
	ID      string
	Options map[string]any
}

// makes returns the names of the fields that a transformation adds.
func (tr transformation) makes() []string {
	if alias, ok := tr.Options["alias"].(string); ok {
		return []string{alias}
	}
	var names []string
	fields, _ := tr.Options["fields"].(map[string]any)
	for name, how := range fields {
		of, _ := how.(map[string]any)
		for _, aggregation := range list(of["aggregations"]) {
			names = append(names, name+" ("+aggregation+")")
		}
	}
	return names
}

type variable struct {
	Name, Label, Type string
	Query             any
	Datasource        *source
	IncludeAll        bool   `json:"includeAll"`
	AllValue          string `json:"allValue"`
	Multi             bool
}

type annotation struct {
	Name       string
	Datasource source
	Target     map[string]any
}

// wanted are the dashboards; their uids are in people's bookmarks.
var wanted = []string{"ringside-wallboard", "ringside-queue", "ringside-call", "ringside-agents", "ringside-callbacks",
	"ringside-service-level", "ringside-reconciliation", "ringside-engine"}

func dashboards(t *testing.T) []dashboard {
	t.Helper()
	files, err := filepath.Glob("dashboards/*.json")
	if err != nil {
		t.Fatal(err)
	}
	var all []dashboard
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		d := dashboard{file: filepath.Base(file), text: string(text)}
		if err := json.Unmarshal(text, &d); err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		all = append(all, d)
	}
	return all
}

func TestDashboardsAreThere(t *testing.T) {
	var uids []string
	for _, d := range dashboards(t) {
		uids = append(uids, d.UID)
		if "ringside-"+strings.TrimSuffix(d.file, ".json") != d.UID {
			t.Errorf("%s has the uid %s", d.file, d.UID)
		}
		if d.SchemaVersion != 41 || d.Timezone != "browser" || !slices.Contains(d.Tags, "ringside") || len(d.Description) < 40 {
			t.Errorf("%s: schema %d, zone %q, tags %q, description %q", d.file, d.SchemaVersion, d.Timezone, d.Tags, d.Description)
		}
		if len(d.Links) != 1 || d.Links[0].Type != "dashboards" || !slices.Contains(d.Links[0].Tags, "ringside") || !d.Links[0].IncludeVars || !d.Links[0].KeepTime {
			t.Errorf("%s has no menu of the other dashboards that keeps queues and time: %+v", d.file, d.Links)
		}
	}
	for _, uid := range wanted {
		if n := len(slices.DeleteFunc(slices.Clone(uids), func(u string) bool { return u != uid })); n != 1 {
			t.Errorf("%d dashboards have the uid %s", n, uid)
		}
	}
	if len(uids) != len(wanted) {
		t.Errorf("the dashboards are %q, wanted are %q", uids, wanted)
	}
}

func TestPanelsDoNotOverlap(t *testing.T) {
	for _, d := range dashboards(t) {
		taken := map[[2]int]string{}
		ids := map[int]bool{}
		for _, p := range d.Panels {
			if p.ID <= 0 || ids[p.ID] {
				t.Errorf("%s: panel %q has the id %d of another, or none", d.file, p.Title, p.ID)
			}
			ids[p.ID] = true
			g := p.GridPos
			if g.X < 0 || g.Y < 0 || g.W < 1 || g.H < 1 || g.X+g.W > 24 {
				t.Errorf("%s: panel %q is outside the grid of 24 columns: %+v", d.file, p.Title, g)
				continue
			}
			for x := g.X; x < g.X+g.W; x++ {
				for y := g.Y; y < g.Y+g.H; y++ {
					if other := taken[[2]int{x, y}]; other != "" {
						t.Fatalf("%s: panels %q and %q overlap", d.file, p.Title, other)
					}
					taken[[2]int{x, y}] = p.Title
				}
			}
		}
	}
}

// A row of the grid is 30 px high, 8 px lie between two, and 16 px around all. On a wall nobody scrolls, and what is left
// empty is missing from the size of the numbers; in kiosk mode Grafana leaves the whole screen to the panels.
func TestWallboardFitsOnAWall(t *testing.T) {
	const screen = 1080
	for _, d := range dashboards(t) {
		if d.UID != "ringside-wallboard" {
			continue
		}
		bottom := 0
		for _, p := range d.Panels {
			bottom = max(bottom, p.GridPos.Y+p.GridPos.H)
		}
		if height := bottom*38 - 8 + 2*16; height > screen || height < screen-38 {
			t.Errorf("the wallboard is %d px high, the screen %d", height, screen)
		}
	}
}

// A number whose definition nobody can look up is a number nobody trusts.
func TestPanelsAreDescribed(t *testing.T) {
	for _, d := range dashboards(t) {
		for _, p := range d.Panels {
			if p.Type != "row" && len(p.Description) < 60 {
				t.Errorf("%s: panel %q does not say how its numbers are defined: %q", d.file, p.Title, p.Description)
			}
			// A tile for a wall has its name beside the number, in larger letters than a title has.
			if p.Title == "" && !(p.Type == "stat" && p.Options["textMode"] == "value_and_name" && strings.Contains(p.overridden("displayName"), " ")) {
				t.Errorf("%s: panel %d has no title", d.file, p.ID)
			}
		}
	}
}

func TestPanelsAskWhatTheDataSourceAnswers(t *testing.T) {
	queries := 0
	for _, d := range dashboards(t) {
		for _, p := range d.Panels {
			if p.Type == "row" {
				continue
			}
			where := d.file + ": panel " + p.Title
			if p.Datasource != (source{dataSourceType, "${datasource}"}) || len(p.Targets) == 0 {
				t.Errorf("%s: data source %+v, %d queries", where, p.Datasource, len(p.Targets))
			}
			refs := map[any]bool{}
			for _, query := range p.Targets {
				queries++
				checkQuery(t, where, query)
				if refs[query["refId"]] {
					t.Errorf("%s: two queries have the refId %v", where, query["refId"])
				}
				refs[query["refId"]] = true
			}
		}
		for _, a := range d.Annotations.List {
			if a.Datasource.Type == dataSourceType {
				checkQuery(t, d.file+": annotation "+a.Name, a.Target)
			}
		}
	}
	if queries < 40 {
		t.Errorf("only %d queries were looked at", queries)
	}
}

// What is made of a field by its name has to name a field of the panel's queries, or nothing is made of it.
func TestPanelsNameTheirFields(t *testing.T) {
	for _, d := range dashboards(t) {
		for _, p := range d.Panels {
			var known, shown []string
			asked := false
			for _, query := range p.Targets {
				kind, _ := query["kind"].(string)
				name, _ := query["view"].(string)
				if metrics := list(query["metrics"]); len(metrics) > 0 {
					known, asked = append(known, metrics...), true
				} else {
					known = append(known, fieldsOf(t, kind, name)...)
				}
			}
			known = append(known, identities...)
			known = append(known, "call_id", "callback_id") // with rows of calls and callbacks, asked for or not
			for _, tr := range p.Transformations {
				known = append(known, tr.makes()...)
			}
			for _, o := range p.FieldConfig.Overrides {
				name, _ := o.Matcher.Options.(string)
				if o.Matcher.ID == "byName" && !slices.Contains(known, name) {
					t.Errorf("%s: panel %q changes a field %q that its queries (metrics named: %v) do not have", d.file, p.Title, name, asked)
				}
				for _, property := range o.Properties {
					if title, ok := property.Value.(string); ok && property.ID == "displayName" {
						shown = append(shown, title)
					}
				}
			}
			for _, tr := range p.Transformations {
				for _, option := range []string{"include", "exclude"} {
					names, _ := tr.Options[option].(map[string]any)
					for _, name := range list(names["names"]) {
						if !slices.Contains(known, name) {
							t.Errorf("%s: panel %q picks a field %q that its queries do not have", d.file, p.Title, name)
						}
					}
				}
			}
			sorts, _ := p.Options["sortBy"].([]any)
			for _, s := range sorts {
				by, _ := s.(map[string]any)["displayName"].(string)
				if !slices.Contains(shown, by) {
					t.Errorf("%s: panel %q is sorted by %q, which is no title of its columns %q", d.file, p.Title, by, shown)
				}
			}
		}
	}
}

// reference finds $name, ${name} and ${name:format}; Grafana's own variables begin with two underscores.
var reference = regexp.MustCompile(`\$\{?([A-Za-z]\w*)`)

func TestVariablesAreDefined(t *testing.T) {
	for _, d := range dashboards(t) {
		defined := d.variables()
		for _, m := range reference.FindAllStringSubmatch(d.text, -1) {
			if !slices.Contains(defined, m[1]) {
				t.Errorf("%s uses $%s, and has the variables %q", d.file, m[1], defined)
			}
		}
		for i, v := range d.Templating.List {
			if v.Type == "query" && (v.Datasource == nil || *v.Datasource != (source{dataSourceType, "${datasource}"})) {
				t.Errorf("%s: variable %s asks %+v", d.file, v.Name, v.Datasource)
			}
			// The ids of all queues would be a query of hundreds of kilobytes; "*" says the same.
			if v.IncludeAll && v.AllValue != "*" {
				t.Errorf("%s: all of %s is %q, wanted is *", d.file, v.Name, v.AllValue)
			}
			if v.Type == "query" {
				d.checkLookup(t, v, defined[:i])
			}
		}
	}
}

// checkLookup holds a variable's look-up to those that exist, and to variables before it.
func (d dashboard) checkLookup(t *testing.T, v variable, before []string) {
	t.Helper()
	query, _ := v.Query.(map[string]any)
	lookup, _ := query["lookup"].(string)
	if !slices.Contains([]string{"organizations", "groups", "queues", "agents", "callLists"}, lookup) {
		t.Errorf("%s: variable %s looks up %q", d.file, v.Name, lookup)
	}
	for member, value := range query {
		if !slices.Contains([]string{"refId", "lookup", "organizations", "groups", "queues", "search"}, member) {
			t.Errorf("%s: variable %s: a look-up has no member %q", d.file, v.Name, member)
		}
		for _, text := range list(value) {
			if name := strings.TrimPrefix(text, "$"); name != text && !slices.Contains(before, name) {
				t.Errorf("%s: variable %s depends on %s, which is not before it", d.file, v.Name, name)
			}
		}
	}
}

func (d dashboard) variables() []string {
	var names []string
	for _, v := range d.Templating.List {
		names = append(names, v.Name)
	}
	return names
}

var (
	dashboardLink = regexp.MustCompile(`(?:/|externalURL \}\})d/([\w-]+)([^"\\\s]*)`) // Grafana's external URL ends with a slash
	linkVariable  = regexp.MustCompile(`(?:[?&]var-(\w+)=|\$\{(\w+):queryparam\})`)
)

// checkLinks holds every link in a text to dashboards and variables that exist.
func checkLinks(t *testing.T, where, text string, all []dashboard) int {
	t.Helper()
	found := dashboardLink.FindAllStringSubmatch(text, -1)
	for _, m := range found {
		i := slices.IndexFunc(all, func(d dashboard) bool { return d.UID == m[1] })
		if i < 0 {
			t.Errorf("%s: link to the dashboard %s, which does not exist", where, m[1])
			continue
		}
		for _, v := range linkVariable.FindAllStringSubmatch(m[2], -1) {
			if name := v[1] + v[2]; !slices.Contains(all[i].variables(), name) {
				t.Errorf("%s: link sets the variable %s of %s, which has %q", where, name, m[1], all[i].variables())
			}
		}
	}
	return len(found)
}

func TestLinksLeadToDashboards(t *testing.T) {
	all := dashboards(t)
	links := 0
	for _, d := range all {
		links += checkLinks(t, d.file, d.text, all)
	}
	if links < 10 {
		t.Errorf("only %d links were found", links)
	}
}
