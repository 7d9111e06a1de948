package e2e

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/grafana/grafana-plugin-sdk-go/data"

	"ringside/grafana-plugin/pkg/catalogue"
	"ringside/grafana-plugin/pkg/clickhouse"
	"ringside/grafana-plugin/pkg/model"
	"ringside/grafana-plugin/pkg/plan"
	"ringside/store/query"
)

// callOf is a call of an organization that has events.
func (w world) callOf(tb testing.TB, organization uuid.UUID) string {
	tb.Helper()
	return strings.TrimSpace(w.sql(tb)("SELECT call_id FROM calls WHERE outcome = 'answered' AND organization_id = '" + organization.String() + "' ORDER BY begun_at LIMIT 1"))
}

// every is a query of each view, by all the ways in which its rows can be had.
func (w world) every(tb testing.TB, organization uuid.UUID) map[string]map[string]any {
	tb.Helper()
	call := w.callOf(tb, organization)
	all := map[string]map[string]any{}
	for i := range catalogue.Views {
		v := &catalogue.Views[i]
		groups := []string{"queue"}
		if v.Groups {
			groups = []string{"queue", "group", "total"}
		}
		for _, g := range groups {
			for _, format := range []string{"", "table", "timeseries"} {
				if natural := format == "" || v.Kind == catalogue.SQL; !natural && (format == "table") == (v.Shape != catalogue.TimeSeries) {
					continue
				}
				q := map[string]any{"kind": v.Kind, "view": v.Name, "groupBy": g, "format": format, "callId": call, "interval": "1h", "limit": 5000}
				switch {
				case v.Kind == catalogue.SQL && format != "timeseries":
					q["sql"] = "SELECT organization_id, queue_name, count() AS calls FROM calls WHERE $__organizationFilter(organization_id) GROUP BY ALL ORDER BY ALL"
				case v.Kind == catalogue.SQL:
					q["sql"] = "SELECT $__timeInterval(begun_at) AS time, toString(organization_id) AS organization, count() AS calls FROM calls WHERE $__organizationFilter(organization_id) GROUP BY ALL ORDER BY time"
				case v.Kind == catalogue.Calls && v.Name == "list":
					delete(q, "callId")
				case v.Kind == catalogue.QueueStatusHistory || v.Kind == catalogue.Callbacks:
					q["interval"] = "10m"
				}
				all[strings.Join([]string{v.Kind, v.Name, g, format}, "/")] = q
			}
		}
	}
	for _, g := range []string{"queue", "group", "total"} {
		all["intervalMetrics/rolling/"+g] = map[string]any{"kind": "intervalMetrics", "rolling": "2h", "groupBy": g}
		all["intervalMetrics/end/"+g] = map[string]any{"kind": "intervalMetrics", "attribution": "end", "groupBy": g, "interval": "1h"}
		all["serviceLevel/threshold/"+g] = map[string]any{"kind": "serviceLevel", "view": "intervals", "threshold": 7, "groupBy": g, "variant": "all", "interval": "1h"}
		all["dailyMetrics/zone/"+g] = map[string]any{"kind": "dailyMetrics", "timeZone": "Asia/Kolkata", "groupBy": g}
		all["waits/percentiles/series/"+g] = map[string]any{"kind": "waits", "view": "percentiles", "percentiles": []float64{50, 99.9}, "format": "timeseries", "interval": "1h", "groupBy": g}
	}
	all["calls/parts"] = map[string]any{"kind": "calls", "callId": call}
	return all
}

// mayBeEmpty: what the simulated day does not have.
var mayBeEmpty = []string{"annotations/serviceLevelMissed", "annotations/opening"}

// Every view answers in every shape, with rows, and with all columns that the catalogue promises; alerts get labels and
// numbers alone.
func TestEveryViewAnswers(t *testing.T) {
	w, p := open(t), start(t)
	for name, q := range w.every(t, w.ours) {
		t.Run(name, func(t *testing.T) {
			a := asked{query: q, from: w.begin, to: w.end}
			frames := p.frames(w.source(), a)
			rows := 0
			for _, f := range frames {
				rows += f.Rows()
				for _, n := range notices(f) {
					if n.Severity != data.NoticeSeverityInfo { // a limit that was reached is told in passing
						t.Errorf("notice: %s", n.Text)
					}
				}
			}
			if rows == 0 && !slices.ContainsFunc(mayBeEmpty, func(s string) bool { return strings.HasPrefix(name, s) }) {
				t.Error("no rows")
			}
			a.headers = map[string]string{"FromAlert": "true"}
			for _, f := range p.frames(w.source(), a) {
				if f.Meta != nil && f.Meta.Channel != "" {
					t.Error("an alert is given a channel")
				}
				if f.Meta == nil || f.Meta.Type != data.FrameTypeNumericLong {
					continue
				}
				for _, field := range f.Fields {
					if field.Type().Time() || field.Type().NullableType() == data.FieldTypeNullableBool {
						t.Errorf("the field %s of an alert is a %s", field.Name, field.Type())
					}
				}
			}
		})
	}
}

// Where there is nothing, that is what is shown: no error, to panels and to alerts.
func TestNothingThere(t *testing.T) {
	w, p := open(t), start(t)
	long := time.Date(2001, 1, 1, 0, 0, 0, 0, time.UTC)
	for name, q := range w.every(t, w.ours) {
		nobody := uuid.NewString()
		for _, member := range []string{"queues", "groups", "agents", "callLists"} {
			q[member] = nobody
		}
		if q["callId"] != nil {
			q["callId"] = nobody
		}
		if sql, is := q["sql"].(string); is {
			q["sql"] = strings.Replace(sql, "WHERE", "WHERE false AND", 1)
		}
		for _, headers := range []map[string]string{nil, fromAlert} {
			if r := p.query(t.Context(), w.source(), asked{query: q, from: long, to: long.Add(time.Hour), headers: headers}); r.Error != nil {
				t.Errorf("%s %v: %v", name, headers, r.Error)
			}
		}
	}
}

// The catalogue and the statements have the same columns, of the same types.
func TestCatalogueIsWhatStatementsReturn(t *testing.T) {
	w := open(t)
	client := w.client(t)
	now := w.end.Truncate(time.Second)
	for i := range catalogue.Views {
		v := &catalogue.Views[i]
		if v.Kind == catalogue.SQL || v.Shape == catalogue.Histogram || v.Shape == catalogue.Heatmap {
			continue
		}
		for _, g := range []string{model.ByQueue, model.InTotal} {
			if g == model.InTotal && v.Total == nil {
				continue
			}
			text := fmt.Sprintf(`{"kind":%q,"view":%q,"groupBy":%q,"callId":%q,"format":"timeseries"}`, v.Kind, v.Name, g, w.callOf(t, w.ours))
			q, err := model.ParseQuery([]byte(text))
			if err != nil {
				t.Fatal(err)
			}
			p, err := plan.New(q, query.Filter{AllOrganizations: true}, plan.Range{From: w.begin, To: now, Now: now, Interval: time.Hour})
			if err != nil {
				t.Fatal(err)
			}
			rows, err := client.Query(t.Context(), p.Statement, clickhouse.Options{DatesAsText: true})
			if err != nil {
				t.Fatal(err)
			}
			known := map[string]bool{"service_level": true, "service_level_shortfall": true}
			for _, f := range rows.Fields {
				known[f.Name] = true
				switch c, has := v.Column(f.Name, g == model.InTotal); {
				case !has && v.Kind != catalogue.ServiceLevel && !slices.Contains(inner, f.Name): // a service level is a choice of a queue's columns
					t.Errorf("%s/%s by %s: the statement's column %s is not in the catalogue", v.Kind, v.Name, g, f.Name)
				case has && typeOf(f) != c.Type:
					t.Errorf("%s/%s by %s: %s is a %s, the catalogue says %s", v.Kind, v.Name, g, f.Name, f.Type(), c.Type)
				}
			}
			for _, c := range v.Of(g == model.InTotal) {
				if !known[c.Name] && !(v.Kind == catalogue.IntervalMetrics && (c.Name == "queues" || c.Name == "waiting_beyond_threshold")) {
					t.Errorf("%s/%s by %s: the catalogue's column %s is not in the statement", v.Kind, v.Name, g, c.Name)
				}
			}
		}
	}
}

// inner columns are for the making of frames.
var inner = []string{"percentiles_sec", "step_date", "time_zone", "queue_date"}

func (w world) client(tb testing.TB) *clickhouse.Client {
	tb.Helper()
	settings, err := model.ParseSettings([]byte(fmt.Sprintf(`{"url":%q,"database":%q}`, w.url, w.database)), "", nil)
	if err != nil {
		tb.Fatal(err)
	}
	client, err := clickhouse.Open(settings)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = client.Close() })
	return client
}

func typeOf(f *data.Field) catalogue.Type {
	switch {
	case f.Type().Time():
		return catalogue.Instant
	case f.Type().Numeric():
		return catalogue.Number
	case f.Type().NullableType() == data.FieldTypeNullableBool:
		return catalogue.Flag
	}
	return catalogue.Text
}

func notices(f *data.Frame) []data.Notice {
	if f.Meta == nil {
		return nil
	}
	return f.Meta.Notices
}
