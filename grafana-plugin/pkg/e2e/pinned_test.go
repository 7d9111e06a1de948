package e2e

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/grafana/grafana-plugin-sdk-go/data"
)

// identifiers are all of an organization: none of them may be seen by another.
func (w world) identifiers(t *testing.T, organization string) (ids []string) {
	t.Helper()
	for _, column := range []string{"queue_id FROM queues", "agent_id FROM agents", "list_id FROM callback_lists", "call_id FROM calls", "group_id FROM queue_groups"} {
		name, table, _ := strings.Cut(column, " FROM ")
		ids = append(ids, strings.Fields(w.sql(t)("SELECT DISTINCT "+name+" FROM "+table+" WHERE organization_id = '"+organization+"'"))...)
	}
	return append(ids, organization)
}

// seen are the texts of frames.
func seen(frames data.Frames) map[string]bool {
	texts := map[string]bool{}
	for _, f := range frames {
		for _, field := range f.Fields {
			for _, v := range field.Labels {
				texts[v] = true
			}
			for i := range field.Len() {
				if v, has := field.ConcreteAt(i); has {
					for part := range strings.SplitSeq(fmt.Sprint(v), ", ") {
						texts[part] = true
					}
				}
			}
		}
	}
	return texts
}

// A data source that is pinned to one organization shows nothing of another, whatever is asked for, and everything of its own.
func TestPinned(t *testing.T) {
	w, p := open(t), start(t)
	ours, theirs := w.ours.String(), w.theirs.String()
	foreign := w.identifiers(t, theirs)
	own := w.identifiers(t, ours)
	foreign = slices.DeleteFunc(foreign, func(id string) bool { return slices.Contains(own, id) })
	if len(foreign) < 100 || len(own) < 100 {
		t.Fatalf("%d foreign identifiers, %d own", len(foreign), len(own))
	}
	pinned := w.source().with("organizations", []string{ours}).with("rowPolicies", true)
	show := func(name string, f data.Frames) {
		t.Helper()
		texts := seen(f)
		for _, id := range foreign {
			if texts[id] {
				t.Fatalf("%s shows %s", name, id)
			}
		}
	}
	for name, q := range w.every(t, w.ours) {
		if q["format"] == "table" || q["format"] == "timeseries" && q["kind"] != "waits" {
			continue // the same rows in another shape
		}
		rows := func(f data.Frames) (n int) {
			for _, frame := range f {
				n += frame.Rows()
			}
			return n
		}
		plain := p.frames(pinned, asked{query: q, from: w.begin, to: w.end})
		show(name, plain)
		if rows(plain) == 0 && !slices.ContainsFunc(mayBeEmpty, func(s string) bool { return strings.HasPrefix(name, s) }) {
			t.Errorf("%s shows nothing of its own", name)
		}
		q["organizations"] = []string{ours, theirs}
		show(name+" with both", p.frames(pinned, asked{query: q, from: w.begin, to: w.end}))
		q["organizations"] = []string{theirs}
		if r := p.query(t.Context(), pinned, asked{query: q, from: w.begin, to: w.end}); r.Error == nil || r.Status != 403 || strings.Contains(r.Error.Error(), theirs) {
			t.Errorf("%s of the other organization: status %d, %v", name, r.Status, r.Error)
		}
		delete(q, "organizations")
		for _, member := range []string{"queues", "agents", "callLists", "groups"} {
			q[member] = foreign[:min(len(foreign), 500)]
		}
		if q["callId"] != nil {
			q["callId"] = w.callOf(t, w.theirs)
		}
		show(name+" with foreign ids", p.frames(pinned, asked{query: q, from: w.begin, to: w.end}))
	}
}

func TestPinnedResources(t *testing.T) {
	w, p := open(t), start(t)
	pinned := w.source().with("organizations", []string{w.ours.String()})
	for _, path := range []string{"organizations", "groups", "queues", "agents", "callLists"} {
		var all, own []struct{ Value, Text, Organization string }
		for _, c := range []struct {
			source source
			to     any
		}{{w.source(), &all}, {pinned, &own}} {
			code, body := p.get(c.source, path, "limit=5000")
			if err := json.Unmarshal(body, c.to); err != nil || code != 200 {
				t.Fatalf("%s: %d %s %v", path, code, body, err)
			}
		}
		if len(own) == 0 || len(all) <= len(own) {
			t.Errorf("%s: %d of %d", path, len(own), len(all))
		}
		for _, c := range own {
			if c.Organization != w.ours.String() || c.Text == "" || c.Value == "" {
				t.Errorf("%s: %+v", path, c)
			}
		}
		if code, body := p.get(pinned, path, "organizations="+w.theirs.String()); code != 403 || strings.Contains(string(body), w.theirs.String()) {
			t.Errorf("%s of the other organization: %d %s", path, code, body)
		}
	}
	code, body := p.get(w.source(), "queues", "search=SUPPORT&limit=2")
	if code != 200 || strings.Count(string(body), `"value"`) != 2 || strings.Count(string(body), "Support") != 2 {
		t.Errorf("a search: %d %s", code, body)
	}
	for _, path := range []string{"kinds", "schema", "macros"} {
		if code, body := p.get(pinned, path, ""); code != 200 || len(body) < 1000 {
			t.Errorf("%s: %d, %d bytes", path, code, len(body))
		}
	}
	for _, query := range []string{"limit=-1", "limit=x", "queues=x", "search=" + strings.Repeat("x", 201)} {
		if code, _ := p.get(pinned, "queues", query); code != 400 {
			t.Errorf("%s: %d", query, code)
		}
	}
}

// SQL of a pinned data source needs the declaration that row policies bind the user.
func TestPinnedSQL(t *testing.T) {
	w, p := open(t), start(t)
	pinned := w.source().with("organizations", []string{w.ours.String()})
	a := asked{query: map[string]any{"kind": "sql", "sql": "SELECT 1 AS one"}, from: w.begin, to: w.end}
	if r := p.query(t.Context(), pinned, a); r.Error == nil || r.Status != 403 {
		t.Errorf("status %d, %v", r.Status, r.Error)
	}
	if r := p.query(t.Context(), pinned.with("rowPolicies", true), a); r.Error != nil {
		t.Error(r.Error)
	}
}
