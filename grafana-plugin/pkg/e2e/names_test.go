package e2e

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/grafana/grafana-plugin-sdk-go/data"
)

// reshaping is what of a panel names fields of its frames.
type reshaping struct {
	Transformations []struct {
		ID      string `json:"id"`
		Options struct {
			Fields  map[string]struct{ Operation string } `json:"fields"` // groupBy
			Include any                                   `json:"include"`
			Exclude struct{ Names []string }              `json:"exclude"`
			Alias   string                                `json:"alias"` // calculateField
			Reduce  struct{ Include []string }            `json:"reduce"`
			Binary  struct {
				Left, Right struct {
					Matcher struct{ ID, Options string } `json:"matcher"`
				}
			} `json:"binary"`
			ExcludeByName map[string]bool                `json:"excludeByName"` // organize
			IndexByName   map[string]int                 `json:"indexByName"`
			Conversions   []struct{ TargetField string } `json:"conversions"`
		} `json:"options"`
	} `json:"transformations"`
	FieldConfig struct {
		Overrides []struct {
			Matcher struct {
				ID      string `json:"id"`
				Options any    `json:"options"`
			} `json:"matcher"`
		} `json:"overrides"`
	} `json:"fieldConfig"`
}

// unknownNames are the names that a panel uses for fields which its frames, as they are reshaped, do not have. A field goes
// by its name and by what is shown for it.
func (p *reshaping) unknownNames(frames data.Frames) (unknown []string) {
	known := map[string]bool{"Time": true, "time": true} // of a series
	for _, frame := range frames {
		for _, f := range frame.Fields {
			known[f.Name] = true
			if f.Config != nil {
				known[f.Config.DisplayName], known[f.Config.DisplayNameFromDS] = true, true
			}
		}
	}
	need := func(names ...string) {
		for _, name := range names {
			if name != "" && !known[name] {
				unknown = append(unknown, name)
			}
		}
	}
	for _, t := range p.Transformations {
		o := &t.Options
		for name, f := range o.Fields {
			need(name)
			if f.Operation == "aggregate" {
				known[name+" (sum)"] = true
			}
		}
		if include, is := o.Include.(map[string]any); is {
			for _, name := range include["names"].([]any) {
				need(name.(string))
			}
		}
		need(o.Exclude.Names...)
		need(o.Reduce.Include...)
		need(o.Binary.Left.Matcher.Options, o.Binary.Right.Matcher.Options)
		known[o.Alias] = true
		for name := range o.ExcludeByName {
			need(name)
		}
		for name := range o.IndexByName {
			need(name)
		}
		for _, c := range o.Conversions {
			need(c.TargetField)
		}
	}
	for _, o := range p.FieldConfig.Overrides {
		if name, is := o.Matcher.Options.(string); is && o.Matcher.ID == "byName" {
			need(name)
		}
	}
	return unknown
}

// A name that is not there is found, also behind a transformation.
func TestUnknownNames(t *testing.T) {
	frames := data.Frames{data.NewFrame("", data.NewField("talking_sec", nil, []float64{1}).SetConfig(&data.FieldConfig{DisplayNameFromDS: "Talking"}))}
	var p reshaping
	text := `{"transformations": [{"id": "groupBy", "options": {"fields": {"Talking": {"operation": "aggregate"}, "Walking": {"operation": "aggregate"}}}}],
		"fieldConfig": {"overrides": [{"matcher": {"id": "byName", "options": "Talking (sum)"}}, {"matcher": {"id": "byName", "options": "Talking (mean)"}}]}}`
	if err := json.Unmarshal([]byte(text), &p); err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(p.unknownNames(frames), ", "); got != "Walking, Talking (mean)" {
		t.Errorf("unknown: %s", got)
	}
}
