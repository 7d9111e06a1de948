package e2e

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/data"
)

// panel is what of a dashboard's panel is looked at.
type panel struct {
	Title   string           `json:"title"`
	Targets []map[string]any `json:"targets"`
	Panels  []panel          `json:"panels"` // of a row that is folded
	reshaping
}

var variable = regexp.MustCompile(`\$\{?(\w+)(:\w+)?\}?`)

// filled is a query with the variables of the dashboards filled in: everything chosen.
func (w world) filled(tb testing.TB, q map[string]any) map[string]any {
	tb.Helper()
	text, err := json.Marshal(q)
	if err != nil {
		tb.Fatal(err)
	}
	chosen := map[string]string{"call": w.callOf(tb, w.ours), "rolling": "30m", "variant": "all_offered"}
	text = variable.ReplaceAllFunc(text, func(name []byte) []byte {
		if value, is := chosen[string(variable.FindSubmatch(name)[1])]; is {
			return []byte(value)
		}
		return []byte("$__all")
	})
	var out map[string]any
	if err := json.Unmarshal(text, &out); err != nil {
		tb.Fatal(err)
	}
	return out
}

func queriesOf(panels []panel) (list []panel) {
	for _, p := range panels {
		list = append(append(list, p), queriesOf(p.Panels)...)
	}
	return list
}

// Every query of every dashboard is answered, with all the columns that it names, and nearly all of them with rows.
func TestDashboards(t *testing.T) {
	w, p := open(t), start(t)
	files, err := filepath.Glob("../../../deploy/grafana/dashboards/*.json")
	if err != nil || len(files) < 5 {
		t.Fatalf("%d dashboards, %v", len(files), err)
	}
	queries, empty := 0, 0
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var dashboard struct {
			Panels      []panel `json:"panels"`
			Annotations struct {
				List []struct {
					Target map[string]any `json:"target"`
				} `json:"list"`
			} `json:"annotations"`
		}
		if err := json.Unmarshal(text, &dashboard); err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		all := queriesOf(dashboard.Panels)
		for _, a := range dashboard.Annotations.List {
			if a.Target["kind"] != nil {
				all = append(all, panel{Title: "annotation", Targets: []map[string]any{a.Target}})
			}
		}
		for _, panel := range all {
			var shown data.Frames
			for _, target := range panel.Targets {
				if target["kind"] == nil {
					continue
				}
				queries++
				name := filepath.Base(file) + ", " + panel.Title
				r := p.query(t.Context(), w.source(), asked{query: w.filled(t, target), from: w.end.Add(-24 * time.Hour), to: w.end, interval: 5 * time.Minute})
				if r.Error != nil {
					t.Errorf("%s: %v", name, r.Error)
					continue
				}
				rows := 0
				for _, f := range r.Frames {
					rows += f.Rows()
					shown = append(shown, f)
					for _, n := range notices(f) {
						if n.Severity != data.NoticeSeverityInfo {
							t.Errorf("%s: %s", name, n.Text)
						}
					}
				}
				if rows == 0 {
					empty++
					t.Logf("%s: no rows", name)
				}
			}
			if unknown := panel.unknownNames(shown); len(unknown) > 0 {
				t.Errorf("%s, %s: names %q, which its fields are not called", filepath.Base(file), panel.Title, unknown)
			}
		}
	}
	if queries < 50 || empty > queries/10 {
		t.Errorf("%d queries, %d of them without rows", queries, empty)
	}
}

// The queries of the provisioned alert rules have numbers, as alerts want them.
func TestAlertRules(t *testing.T) {
	w, p := open(t), start(t)
	text, err := os.ReadFile("../../../deploy/grafana/provisioning/alerting/ringside.yaml")
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, m := range regexp.MustCompile(`model: \{refId: \w+, kind: (\w+), view: (\w+)(?:, groupBy: (\w+))?, metrics: \[(\w+)\]\}`).FindAllStringSubmatch(string(text), -1) {
		n++
		f := p.frames(w.source(), asked{query: map[string]any{"kind": m[1], "view": m[2], "groupBy": m[3], "metrics": []string{m[4]}}, headers: fromAlert, from: w.end.Add(-10 * time.Minute), to: w.end})
		if len(f) != 1 || f[0].Meta.Type != data.FrameTypeNumericLong || f[0].Rows() == 0 {
			t.Errorf("%s/%s %s: %d frames, %d rows", m[1], m[2], m[4], len(f), f[0].Rows())
		}
	}
	if want := strings.Count(string(text), "datasourceUid: ringside"); n != want || n < 5 {
		t.Errorf("%d queries were read of %d", n, want)
	}
}
