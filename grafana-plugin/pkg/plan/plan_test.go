package plan

import (
	"fmt"
	"math/rand/v2"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"ringside/grafana-plugin/pkg/catalogue"
	"ringside/grafana-plugin/pkg/model"
	"ringside/store/query"
)

var (
	noon    = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	aRange  = Range{From: noon.Add(-time.Hour), To: noon, Interval: time.Minute, Now: noon}
	allSeen = query.Filter{AllOrganizations: true}
)

func parse(t *testing.T, text string) *model.Query {
	t.Helper()
	q, err := model.ParseQuery([]byte(text))
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return q
}

var placeholder = regexp.MustCompile(`\{(\w+):[^}]+\}`)

// Every view of the catalogue has a statement, and no value changes its text: identifiers, times, steps, zones, percentiles,
// names. Which lists are empty may.
func TestValuesDoNotChangeTheText(t *testing.T) {
	random := rand.New(rand.NewPCG(5, 6))
	hostile := []string{"'; DROP TABLE calls --", "{x:String}", `\`, "\x00", "answered", "%s", "é"}
	ids := func() (list []uuid.UUID) {
		for range 1 + random.IntN(3) {
			list = append(list, uuid.New())
		}
		return list
	}
	for i := range catalogue.Views {
		v := &catalogue.Views[i]
		if v.Kind == catalogue.SQL {
			continue
		}
		for _, group := range []string{model.ByQueue, model.ByGroup, model.InTotal} {
			first := ""
			for range 50 {
				q := parse(t, fmt.Sprintf(`{"kind":%q,"view":%q,"groupBy":%q,"callId":"%s","timeZone":"UTC"}`, v.Kind, v.Name, group, uuid.New()))
				if v.Kind == catalogue.Calls && v.Name == "list" {
					q.CallID = uuid.Nil
					q.Outcomes, q.Directions = []string{hostile[random.IntN(len(hostile))]}, []string{hostile[random.IntN(len(hostile))]}
				}
				q.Limit = 1 + random.IntN(model.MaxRows)
				q.Zone = []string{"UTC", "Asia/Tokyo", "America/St_Johns"}[random.IntN(3)]
				q.Percentiles = []float64{random.Float64() * 100}
				q.Step = time.Duration(1+random.IntN(90)) * model.Quarter
				if q.Step > 24*time.Hour || v.Name == "days" {
					q.Step = 2 * time.Hour
				}
				f := query.Filter{Organizations: ids(), Queues: ids(), Groups: ids(), Agents: ids(), CallLists: ids()}
				from := time.Unix(random.Int64N(1e9), 0)
				p, err := New(q, f, Range{From: from, To: from.Add(time.Duration(random.Int64N(int64(100 * time.Hour)))), Interval: time.Duration(random.Int64N(1e12)), Now: noon})
				if err != nil {
					t.Fatal(err)
				}
				if first == "" {
					first = p.SQL
				}
				if p.SQL != first {
					t.Fatalf("%s/%s by %s has several texts:\n%s\n%s", v.Kind, v.Name, group, first, p.SQL)
				}
				given := map[string]bool{}
				for _, parameter := range p.Parameters {
					given[parameter.Name] = true
				}
				for _, m := range placeholder.FindAllStringSubmatch(p.SQL, -1) {
					if !given[m[1]] {
						t.Fatalf("%s/%s by %s: {%s} has no value", v.Kind, v.Name, group, m[1])
					}
				}
			}
		}
	}
}

func value(p *Plan, name string) any {
	for _, parameter := range p.Parameters {
		if parameter.Name == name {
			return parameter.Value
		}
	}
	return nil
}

// A range of days covers the local dates of the dashboard, or of the zone that is asked for.
func TestDates(t *testing.T) {
	for text, want := range map[string]string{
		`{"kind":"dailyMetrics"}`:                                                              "2026-02-28 2026-03-01",
		`{"kind":"dailyMetrics","dashboardTimeZone":"Asia/Tokyo"}`:                             "2026-03-01 2026-03-01",
		`{"kind":"dailyMetrics","timeZone":"America/Los_Angeles"}`:                             "2026-02-28 2026-02-28",
		`{"kind":"dailyMetrics","timeZone":"dashboard","dashboardTimeZone":"Europe/Helsinki"}`: "2026-03-01 2026-03-01",
	} {
		// 2026-02-28T22:00Z to 2026-03-01T08:00Z: midnight to ten o'clock in Helsinki.
		p, err := New(parse(t, text), allSeen, Range{From: noon.Add(-14 * time.Hour), To: noon.Add(-4 * time.Hour), Now: noon})
		if err != nil {
			t.Fatal(err)
		}
		if got := fmt.Sprint(value(p, "from_date"), " ", value(p, "to_date")); got != want {
			t.Errorf("%s: %s, want %s", text, got, want)
		}
	}
}

// The last so long runs to the end of the range, at most to now.
func TestRollingEnds(t *testing.T) {
	q := parse(t, `{"kind":"serviceLevel","view":"rolling","rolling":"2h"}`)
	for to, want := range map[time.Time]string{noon.Add(-time.Hour): "2026-03-01 11:00:00.000000", noon.Add(time.Hour): "2026-03-01 12:00:00.000000"} {
		p, err := New(q, allSeen, Range{From: noon.Add(-3 * time.Hour), To: to, Now: noon})
		if err != nil {
			t.Fatal(err)
		}
		if got := value(p, "now"); got != want {
			t.Errorf("to %v: %v, want %v", to, got, want)
		}
	}
}

func TestSteps(t *testing.T) {
	for text, want := range map[string]time.Duration{
		`{"kind":"intervalMetrics"}`:                      15 * time.Minute,
		`{"kind":"intervalMetrics","interval":"auto"}`:    time.Hour,
		`{"kind":"intervalMetrics","interval":"2h"}`:      2 * time.Hour,
		`{"kind":"queueStatusHistory"}`:                   40 * time.Minute,
		`{"kind":"queueStatusHistory","interval":"90s"}`:  1800 * time.Second, // as long as makes 2,000 points
		`{"kind":"engine","view":"late","interval":"1h"}`: time.Hour,
	} {
		p, err := New(parse(t, text), allSeen, Range{From: noon.Add(-1000 * time.Hour), To: noon, Interval: 40 * time.Minute, Now: noon})
		if err != nil || p.Step != want {
			t.Errorf("%s: %v, want %v; %v", text, p.Step, want, err)
		}
	}
}

func TestRanges(t *testing.T) {
	for why, r := range map[string]Range{"ends before": {From: noon, To: noon.Add(-1)}, "ten years": {From: noon.AddDate(-11, 0, 0), To: noon}} {
		if _, err := New(parse(t, `{"kind":"dailyMetrics"}`), allSeen, r); err == nil || !strings.Contains(err.Error(), why) {
			t.Errorf("%s: %v", why, err)
		}
	}
}

// A filter that sees nothing stays one.
func TestEmptyFilterSeesNothing(t *testing.T) {
	for i := range catalogue.Views {
		v := &catalogue.Views[i]
		if v.Kind == catalogue.SQL {
			continue
		}
		p, err := New(parse(t, fmt.Sprintf(`{"kind":%q,"view":%q,"callId":"%s"}`, v.Kind, v.Name, uuid.New())), query.Filter{}, aRange)
		if err != nil {
			t.Fatal(err)
		}
		if list, is := value(p, "organizations").([]string); !is || len(list) != 0 || !strings.Contains(p.SQL, "organization_id IN {organizations:Array(UUID)}") {
			t.Errorf("%s/%s is not limited to organizations", v.Kind, v.Name)
		}
	}
}
