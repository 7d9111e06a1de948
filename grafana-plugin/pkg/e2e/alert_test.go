package e2e

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/backend"
	"github.com/grafana/grafana-plugin-sdk-go/data"
	"github.com/grafana/grafana-plugin-sdk-go/genproto/pluginv2"

	"ringside/internal/storetest"
)

var fromAlert = map[string]string{"FromAlert": "true"}

// The queries of the provisioned alert rules: one row for each queue that is known and not deleted, zeros where nothing goes on,
// and no NULL that would make "no data".
func TestAlertFrames(t *testing.T) {
	w, p := open(t), start(t)
	queues := storetest.JSON[struct{ ID string }](t, w.sql(t), "SELECT queue_id AS ID FROM queues WHERE NOT deleted")
	for _, metric := range []string{"max_wait_time", "nbr_of_queuing_requesters", "nbr_of_agents_immediately_free", "service_level_shortfall", "inbound_total_calls"} {
		f := p.frames(w.source(), asked{query: map[string]any{"kind": "queueStatus", "metrics": []string{metric}}, headers: fromAlert, from: w.end.Add(-10 * time.Minute), to: w.end})
		if len(f) != 1 || f[0].Meta.Type != data.FrameTypeNumericLong {
			t.Fatalf("%s: %d frames of %v", metric, len(f), f[0].Meta)
		}
		if f[0].Rows() != len(queues) {
			t.Errorf("%s: %d rows for %d queues", metric, f[0].Rows(), len(queues))
		}
		zeros, labels := 0, map[string]bool{}
		for _, field := range f[0].Fields {
			labels[field.Name] = true
			if !field.Type().Numeric() {
				continue
			}
			if field.Name != metric {
				t.Errorf("%s: the number %s", metric, field.Name)
			}
			for i := range field.Len() {
				v, err := field.NullableFloatAt(i)
				if err != nil || v == nil || *v < 0 {
					t.Fatalf("%s: row %d has no number: %v", metric, i, err)
				}
				if *v == 0 {
					zeros++
				}
			}
		}
		if !labels["organization_id"] || !labels["queue_id"] || !labels["queue_name"] || len(labels) != 4 {
			t.Errorf("%s: fields %v", metric, labels)
		}
		if zeros == 0 && metric != "inbound_total_calls" {
			t.Errorf("%s: no idle queue: the test proves little", metric)
		}
	}
}

// By how many points a level is below its target, against the percentages themselves.
func TestShortfall(t *testing.T) {
	w, p := open(t), start(t)
	for _, variant := range []string{"ignore_short_abandons", "answered_only"} {
		f := p.frames(w.source(), asked{query: map[string]any{"kind": "serviceLevel", "variant": variant,
			"metrics": []string{"service_level_shortfall", "service_level_target", "service_level", "service_level_" + variant}}, from: w.begin, to: w.end})[0]
		below := 0
		for i := range f.Rows() {
			value := func(name string) *float64 {
				field, _ := f.FieldByName(name)
				v, err := field.NullableFloatAt(i)
				if err != nil {
					t.Fatal(err)
				}
				return v
			}
			short, target, level, named := value("service_level_shortfall"), value("service_level_target"), value("service_level"), value("service_level_"+variant)
			want := 0.0
			if target != nil && level != nil && *level < *target {
				want = *target - *level
				below++
			}
			if short == nil || *short != want || (level == nil) != (named == nil) || level != nil && *level != *named {
				t.Errorf("row %d: shortfall %v, want %v of level %v, target %v", i, short, want, level, target)
			}
		}
		if below == 0 && variant == "ignore_short_abandons" {
			t.Error("no queue is below its target: the test proves little")
		}
	}
}

// The health check tells what is there, and what to do about what is not.
func TestHealth(t *testing.T) {
	w, p := open(t), start(t)
	gone := w.source()
	gone.uid, gone.json = "gone", map[string]any{"url": "http://127.0.0.1:1", "dialTimeoutSec": 1}
	for name, c := range map[string]struct {
		source source
		ok     bool
		text   string
	}{
		"well":                  {w.source(), true, "The newest event is"},
		"pinned to nobody":      {w.source().with("organizations", []string{"00000000-0000-0000-0000-000000000099"}), true, "no event is known"},
		"another database":      {w.source().with("database", "system"), false, "has no schema of Ringside's"},
		"nobody there":          {gone, false, "127.0.0.1:1"},
		"settings with a fault": {w.source().with("maxRows", -1), false, "maxRows"},
	} {
		r, err := p.diagnostics.CheckHealth(t.Context(), backendHealth(t, c.source))
		if err != nil {
			t.Fatal(err)
		}
		if ok := r.Status == 1; ok != c.ok || !strings.Contains(r.Message, c.text) {
			t.Errorf("%s: %v %s", name, r.Status, r.Message)
		}
	}
}

// What days and intervals come to is what the stored rows come to.
func TestFiguresAgainstSQL(t *testing.T) {
	w, p := open(t), start(t)
	type row struct {
		Queue string `json:"queue_id"`
		Calls int64  `json:"calls"`
		Met   int64  `json:"met"`
	}
	want := map[string]row{}
	for _, r := range storetest.JSON[row](t, w.sql(t), fmt.Sprintf(`SELECT queue_id, sum(inbound_total_calls) AS calls, sum(level_met) AS met FROM queue_interval_metrics
WHERE interval_start >= '%s' GROUP BY queue_id`, w.begin.Format(time.DateTime))) {
		want[r.Queue] = r
	}
	for _, q := range []map[string]any{
		{"kind": "intervalMetrics", "interval": "1h", "timeZone": "UTC", "metrics": []string{"inbound_total_calls", "level_met"}},
		{"kind": "intervalMetrics", "interval": "15m", "metrics": []string{"inbound_total_calls", "level_met"}},
		{"kind": "dailyMetrics", "format": "timeseries", "timeZone": "UTC", "metrics": []string{"inbound_total_calls", "level_met"}},
		{"kind": "serviceLevel", "view": "days", "timeZone": "Asia/Tokyo", "metrics": []string{"level_met"}},
	} {
		got := map[string]row{}
		// Whole days, in Tokyo too: nobody called before the begin.
		for _, f := range p.frames(w.source(), asked{query: q, from: w.begin.Add(-48 * time.Hour), to: w.end})[0].Fields[1:] {
			r := got[f.Labels["queue_id"]]
			for i := range f.Len() {
				if v, err := f.NullableFloatAt(i); err == nil && v != nil && f.Name == "level_met" {
					r.Met += int64(*v)
				} else if err == nil && v != nil {
					r.Calls += int64(*v)
				}
			}
			got[f.Labels["queue_id"]] = r
		}
		for id, r := range want {
			if got[id].Met != r.Met || q["kind"] != "serviceLevel" && got[id].Calls != r.Calls {
				t.Errorf("%v: queue %s has %+v, want %+v", q, id, got[id], r)
			}
		}
		if len(want) < 10 {
			t.Fatalf("%d queues", len(want))
		}
	}
	calls := storetest.JSON[struct{ N int64 }](t, w.sql(t), "SELECT count() AS N FROM calls WHERE outcome = 'abandoned' AND begun_at < '"+w.end.Format(time.DateTime)+"'")
	f := p.frames(w.source(), asked{query: map[string]any{"kind": "calls", "outcomes": []string{"abandoned"}, "limit": 10000}, from: w.begin.Add(-time.Hour), to: w.end.Truncate(time.Second)})
	if int64(f[0].Rows()) != calls[0].N || f[0].Rows() < 10 {
		t.Errorf("%d abandoned calls, want %d", f[0].Rows(), calls[0].N)
	}
}

func backendHealth(tb testing.TB, s source) *pluginv2.CheckHealthRequest {
	return &pluginv2.CheckHealthRequest{PluginContext: backend.ToProto().PluginContext(s.context(tb))}
}
