package e2e

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/data"

	"ringside/grafana-plugin/pkg/catalogue"
	"ringside/internal/storetest"
)

// Series have a time, labels that tell them apart, and a name; counts are 0 where nobody called, means are not known.
func TestSeries(t *testing.T) {
	w, p := open(t), start(t)
	f := p.frames(w.source(), asked{query: map[string]any{"kind": "intervalMetrics", "interval": "1h", "timeZone": "UTC", "metrics": []string{"inbound_total_calls", "inbound_asa_sec"}}, from: w.begin, to: w.end})[0]
	if f.Meta.Type != data.FrameTypeTimeSeriesWide || !f.Fields[0].Type().Time() || f.Rows() < 24 {
		t.Fatalf("%d rows of %v", f.Rows(), f.Meta)
	}
	for i := 1; i < f.Rows(); i++ {
		if step := f.Fields[0].At(i).(time.Time).Sub(f.Fields[0].At(i - 1).(time.Time)); step != time.Hour {
			t.Fatalf("a step of %v at row %d", step, i)
		}
	}
	unknown, labels := 0, map[string]bool{}
	for _, field := range f.Fields[1:] {
		key := field.Name + field.Labels.String()
		if labels[key] || field.Labels["queue"] == "" || field.Labels["queue_id"] == "" || field.Labels["organization_id"] == "" || !strings.HasPrefix(field.Config.DisplayNameFromDS, field.Labels["queue"]) {
			t.Errorf("%s: labels %v, name %q", field.Name, field.Labels, field.Config.DisplayNameFromDS)
		}
		labels[key] = true
		for i := range field.Len() {
			v, err := field.NullableFloatAt(i)
			if err != nil || v == nil && field.Name == "inbound_total_calls" {
				t.Fatalf("%s: row %d has no number", field.Name, i)
			}
			if v == nil {
				unknown++
			}
		}
	}
	if unknown == 0 {
		t.Error("somebody called at every hour: the test proves little")
	}
}

// Agents' states are a frame for each, in order, of known states.
func TestTimeline(t *testing.T) {
	w, p := open(t), start(t)
	frames := p.frames(w.source(), asked{query: map[string]any{"kind": "agents", "view": "timeline"}, from: w.end.Add(-6 * time.Hour), to: w.end})
	if len(frames) < 20 {
		t.Fatalf("%d agents", len(frames))
	}
	states := []string{"talking", "hold", "ringing", "wrap_up", "available", "away", "off_work", "unknown"}
	for _, f := range frames {
		if len(f.Fields) != 2 || f.Fields[1].Config.DisplayNameFromDS == "" || f.Fields[1].Config.Mappings == nil || f.Fields[1].Labels["agent_id"] == "" {
			t.Fatalf("%s: %d fields, labels %v", f.Name, len(f.Fields), f.Fields[1].Labels)
		}
		for i := range f.Rows() {
			if !slices.Contains(states, fmt.Sprint(f.Fields[1].At(i))) || i > 0 && !f.Fields[0].At(i).(time.Time).After(f.Fields[0].At(i-1).(time.Time)) {
				t.Errorf("%s: row %d: %v at %v", f.Name, i, f.Fields[1].At(i), f.Fields[0].At(i))
			}
		}
	}
}

// A histogram, a heatmap and percentiles speak of the same waits.
func TestWaits(t *testing.T) {
	w, p := open(t), start(t)
	want := storetest.JSON[struct{ N float64 }](t, w.sql(t), "SELECT toFloat64(sum(inbound_wait_count)) AS N FROM queue_interval_metrics")[0].N
	sum := func(f *data.Frame, from int) (n float64) {
		for _, field := range f.Fields[from:] {
			for i := range field.Len() {
				if v, err := field.FloatAt(i); err == nil && !math.IsNaN(v) {
					n += v
				}
			}
		}
		return n
	}
	a := asked{from: w.begin.Add(-24 * time.Hour), to: w.end.Add(time.Hour)}
	a.query = map[string]any{"kind": "waits", "view": "histogram"}
	histogram := p.frames(w.source(), a)[0]
	a.query = map[string]any{"kind": "waits", "view": "heatmap", "interval": "1h", "timeZone": "UTC"}
	heatmap := p.frames(w.source(), a)[0]
	if n, m := sum(histogram, 2), sum(heatmap, 1); n != want || m != want || want < 100 {
		t.Errorf("the histogram has %v waits, the heatmap %v; there are %v", n, m, want)
	}
	if histogram.Fields[0].Name != "xMin" || histogram.Fields[1].Name != "xMax" || heatmap.Meta.Type != "heatmap-rows" || len(heatmap.Fields) != 15 {
		t.Errorf("fields %s, %s; %v with %d fields", histogram.Fields[0].Name, histogram.Fields[1].Name, heatmap.Meta.Type, len(heatmap.Fields))
	}
	a.query = map[string]any{"kind": "waits", "view": "percentiles", "groupBy": "total", "percentiles": []float64{100, 50, 99.9}}
	f := p.frames(w.source(), a)[0]
	var names []string
	last := -1.0
	for _, field := range f.Fields {
		names = append(names, field.Name)
		if strings.HasPrefix(field.Name, "p") {
			v, err := field.NullableFloatAt(0)
			if err != nil || v == nil || *v < last {
				t.Errorf("%s: %v after %v", field.Name, v, last)
				continue
			}
			last = *v
		}
	}
	if got := strings.Join(names, " "); got != "waits p50_sec p99_9_sec p100_sec" {
		t.Errorf("fields %s", got)
	}
}

// The values of any type of ClickHouse become what Grafana can show.
func TestTypes(t *testing.T) {
	w, p := open(t), start(t)
	f := p.frames(w.source(), asked{from: w.begin, to: w.end, query: map[string]any{"kind": "sql", "sql": `SELECT toUInt64(18446744073709551615) AS u, toInt8(-1) AS i, CAST(NULL AS Nullable(Int32)) AS none,
toDecimal64(1.25, 2) AS d, toFloat32(0.5) AS f, true AS b, 'x\'\n' AS s, toLowCardinality('low') AS low, toFixedString('ab', 2) AS fixed, CAST('a' AS Enum8('a' = 1)) AS e,
toUUID('00000000-0000-0000-0000-000000000001') AS id, toIPv4('1.2.3.4') AS ip, toDate('2026-03-01') AS day, toDateTime64('2026-03-01 01:02:03.5', 3, 'Asia/Tokyo') AS at,
[1, 2] AS list, ['a', 'b'] AS words, map('k', 1) AS m, (1, 'x') AS pair, toInt128(5) AS big, CAST('y' AS Nullable(String)) AS maybe`}})[0]
	want := map[string]string{"u": "18446744073709551615", "i": "-1", "d": "1.25", "f": "0.5", "b": "true", "s": "x'\n", "low": "low", "fixed": "ab", "e": "a",
		"id": "00000000-0000-0000-0000-000000000001", "ip": "1.2.3.4", "day": "2026-03-01 00:00:00 +0000 UTC", "at": "2026-02-28 16:02:03.5 +0000 UTC",
		"list": "[1,2]", "words": "a, b", "m": `{"k":1}`, "pair": `[1,"x"]`, "big": "5", "maybe": "y"}
	for _, field := range f.Fields {
		v, has := field.ConcreteAt(0)
		if field.Name == "none" {
			if has {
				t.Errorf("NULL is %v", v)
			}
			continue
		}
		if at, isTime := v.(time.Time); isTime {
			v = at.UTC()
		}
		if got := fmt.Sprint(v); got != want[field.Name] {
			t.Errorf("%s (%s): %s, want %s", field.Name, field.Type(), got, want[field.Name])
		}
	}
}

// Every column that can be asked for has a title and a definition.
func TestCatalogueIsComplete(t *testing.T) {
	for i := range catalogue.Views {
		v := &catalogue.Views[i]
		if v.Title == "" || v.Description == "" {
			t.Errorf("%s/%s has no title or description", v.Kind, v.Name)
		}
		names := map[string]bool{}
		for _, c := range v.Columns {
			if names[c.Name] {
				t.Errorf("%s/%s has %s twice", v.Kind, v.Name, c.Name)
			}
			names[c.Name] = true
		}
		for _, c := range v.Metrics() {
			if c.Title == "" || c.Description == "" || c.Type == "" || c.Type == catalogue.Number && c.Unit == "" {
				t.Errorf("%s/%s: %+v", v.Kind, v.Name, c)
			}
		}
		for _, name := range append(v.Defaults, v.Labels...) {
			if !names[name] {
				t.Errorf("%s/%s: %s is no column", v.Kind, v.Name, name)
			}
		}
	}
}
