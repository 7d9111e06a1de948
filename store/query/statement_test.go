package query

import (
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
)

var (
	from = time.Date(2026, 3, 1, 12, 30, 0, 123456000, time.FixedZone("", 2*3600))
	to   = from.AddDate(0, 0, 1)
)

func all(f Filter, outcomes []string) map[string]Statement {
	statements := map[string]Statement{
		"board":       Board(f, from),
		"daily":       Daily(f, from, to),
		"intervals":   Intervals(f, from, to),
		"percentiles": WaitPercentiles(f, from, to),
		"rolling":     Rolling(f, 30*time.Minute, from),
		"groups":      Groups(f),
		"group days":  GroupDaily(f, from, to),
		"group times": GroupIntervals(f, from, to),
		"calls":       Calls(CallsFilter{Filter: f, Outcomes: outcomes, Directions: outcomes, Limit: 7}, from, to),
	}
	for g := ByQueue; g <= InTotal; g++ {
		add := func(what string, s Statement) { statements[fmt.Sprint(what, " ", g)] = s }
		add("board", BoardBy(f, g, from))
		add("status history", StatusHistory(f, g, from, to, time.Minute))
		add("rolling", RollingBy(f, g, time.Hour, from, 0))
		add("rolling, own threshold", RollingBy(f, g, time.Hour, from, time.Second))
		add("wait histogram", WaitHistogram(f, g, from, to))
		for _, zone := range []string{"", zoneName(outcomes)} {
			add(fmt.Sprint("days, zone ", zone != ""), Days(f, g, from, to, zone))
			add(fmt.Sprint("heatmap, zone ", zone != ""), WaitHeatmap(f, from, to, time.Hour, zone, nil))
			for _, step := range []time.Duration{0, time.Minute, time.Hour, day, 7 * day} {
				for _, o := range []SeriesOptions{{}, {ByEnd: true}, {Threshold: time.Second}, {ByEnd: true, Threshold: time.Second}} {
					o.From, o.To, o.Step, o.Zone = from, to, step, zone
					what := fmt.Sprint(step, zone != "", o.ByEnd, o.Threshold)
					add("series "+what, Series(f, g, o))
					add("percentiles "+what, Percentiles(f, g, o, []float64{50, 99.9}))
				}
			}
		}
	}
	return statements
}

// zoneName is a zone that is as tame as the outcomes are.
func zoneName(outcomes []string) string {
	if len(outcomes) > 1 {
		return outcomes[0]
	}
	return "Europe/Helsinki"
}

var placeholder = regexp.MustCompile(`\{(\w+):[^}]+\}`)

// Every placeholder has a value and every value a placeholder: ClickHouse refuses the former and ignores the latter.
func TestParametersMatchPlaceholders(t *testing.T) {
	filters := []Filter{{}, {AllOrganizations: true}, {Organizations: []uuid.UUID{uuid.New()}, Queues: []uuid.UUID{uuid.New()}},
		{Organizations: []uuid.UUID{uuid.New()}, Groups: []uuid.UUID{uuid.New()}}}
	for _, f := range filters {
		for name, s := range all(f, []string{"open"}) {
			wanted := map[string]bool{}
			for _, m := range placeholder.FindAllStringSubmatch(s.SQL, -1) {
				wanted[m[1]] = true
			}
			for _, p := range s.Parameters {
				if !wanted[p.Name] {
					t.Errorf("%s: %s is no placeholder, or is there twice", name, p.Name)
				}
				delete(wanted, p.Name)
			}
			for p := range wanted {
				t.Errorf("%s: {%s} has no value", name, p)
			}
		}
	}
}

// Values, hostile ones too, change parameters, never the text.
func TestTextDoesNotDependOnValues(t *testing.T) {
	tame := all(Filter{Organizations: []uuid.UUID{uuid.New()}, Queues: []uuid.UUID{uuid.New()}, Groups: []uuid.UUID{uuid.New()}}, []string{"open"})
	hostile := all(Filter{Organizations: []uuid.UUID{uuid.New(), uuid.New()}, Queues: []uuid.UUID{uuid.New(), uuid.Nil}, Groups: []uuid.UUID{uuid.Nil}},
		[]string{"') OR 1=1 --", "{x:String}", "\\", "\x00"})
	for name := range tame {
		if tame[name].SQL != hostile[name].SQL {
			t.Errorf("%s: the text differs", name)
		}
	}
}

func TestEmptyFilterSeesNothing(t *testing.T) {
	for name, s := range all(Filter{}, nil) {
		found := false
		for _, p := range s.Parameters {
			if p.Name == "organizations" {
				found = len(p.Value.([]string)) == 0
			}
		}
		if !found || !strings.Contains(s.SQL, "organization_id IN {organizations:Array(UUID)}") {
			t.Errorf("%s: not limited to organizations", name)
		}
	}
}

func TestInstantsAreUTC(t *testing.T) {
	s := Intervals(Filter{AllOrganizations: true}, from, to)
	if got := s.Parameters[0].Value; got != "2026-03-01 10:30:00.123456" {
		t.Errorf("from = %v", got)
	}
}

func TestCallsLimit(t *testing.T) {
	for limit, want := range map[int]int64{0: MaxCalls, -1: MaxCalls, 5: 5, MaxCalls + 1: MaxCalls} {
		s := Calls(CallsFilter{Limit: limit}, from, to)
		if got := s.Parameters[len(s.Parameters)-1]; got.Name != "limit" || got.Value != want {
			t.Errorf("limit %d: %v", limit, got)
		}
	}
}

// A statement is narrowed by names of columns, and by nothing else.
func TestOnly(t *testing.T) {
	s := BoardBy(Filter{AllOrganizations: true}, ByQueue, from)
	narrow, err := s.Only("queue_name", "inbound_wait_p95_sec")
	if err != nil || !strings.HasPrefix(narrow.SQL, "SELECT queue_name, inbound_wait_p95_sec\nFROM (\n") ||
		!strings.HasSuffix(narrow.SQL, "ORDER BY queue_name, group_name, organization_id, queue_id, group_id") ||
		strings.Count(narrow.SQL, "ORDER BY queue_name") != 1 || len(narrow.Parameters) != len(s.Parameters) {
		t.Errorf("%v, %s", err, narrow.SQL)
	}
	for _, columns := range [][]string{nil, {""}, {"a", "b; DROP TABLE calls"}, {"1"}, {"a,b"}, {"A"}, {"a "}, {strings.Repeat("a", 65)}} {
		if _, err := s.Only(columns...); err == nil {
			t.Errorf("%q was taken for names of columns", columns)
		}
	}
	if _, err := (Statement{SQL: "SELECT 1"}).Only("a"); err == nil {
		t.Error("a statement of somebody else's was narrowed")
	}
}
