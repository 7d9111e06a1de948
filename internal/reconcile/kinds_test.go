package reconcile

import (
	"strings"
	"testing"

	"github.com/google/uuid"

	"ringside/aggregate"
	"ringside/ingest"
)

// Each figure that the vendor publishes is compared, each once, and each other reading has a text.
func TestFieldsAreWhole(t *testing.T) {
	for i := range kinds {
		k := &kinds[i]
		if k.name != k.event.String() || kindOf(k.event) != i {
			t.Errorf("%s is of %s", k.name, k.event)
		}
		for j := range k.fields {
			f := &k.fields[j]
			if i != listKind && f.index != j {
				t.Errorf("%s.%s is figure %d, want %d", k.name, f.name, f.index, j)
			}
			if mean := strings.Contains(f.name, "Avg") || strings.HasSuffix(f.name, "Percentage"); f.mean != mean {
				t.Errorf("%s.%s is a mean: %v", k.name, f.name, f.mean)
			}
			for _, a := range f.otherwise {
				if textOf(a.choice) == "" {
					t.Errorf("%s has no text", a.choice)
				}
			}
		}
		if want := []int{15, 15, 9}[i]; len(k.fields) != want {
			t.Errorf("%s has %d fields", k.name, len(k.fields))
		}
	}
	if got := textOf(localTimestamps + " Europe/Helsinki"); got != "timestamps without Z are local times of Europe/Helsinki" {
		t.Error(got)
	}
}

// docs/METRICS.md, section 4: 100 offered, 70 met, 10 short abandons, 20 answered late.
func TestReadingsOfTheServiceLevel(t *testing.T) {
	s := &state{daily: &day{Sums: aggregate.Sums{LevelMet: 70, LevelAnswered: 90, LevelAbandoned: 10, LevelShort: 10}, threshold: 1}}
	f := fieldNamed(t, dailyFields, "InboundServiceLevelPercentage")
	want := map[string]float64{"": 77.8, levelAllOffered: 70, levelAnsweredOnly: 77.8, levelShortAbandonsMet: 80}
	for _, a := range append([]alternative{{of: f.of}}, f.otherwise...) {
		if got, ok := a.of(s, 0); !ok || got < want[a.choice]-.05 || got > want[a.choice]+.05 {
			t.Errorf("%q: %v, want %v", a.choice, got, want[a.choice])
		}
	}
	s.daily.threshold = 0
	if _, ok := f.of(s, 0); ok {
		t.Error("a level where none is configured")
	}
}

// The agent's own leg, that of OutGoing, is no answer; any other is.
func TestAgentLegsAreSkipped(t *testing.T) {
	skip := skipAgentLegs()
	for i, e := range []struct {
		typ  ingest.Type
		call byte
		leg  string
		want bool
	}{
		{ingest.QueueUserCallOutConnected, 1, "a", false}, // nothing is known of its legs
		{ingest.QueueUserCallOutGoing, 1, "a", false},
		{ingest.QueueUserCallOutConnected, 1, "a", true},
		{ingest.QueueUserCallOutConnected, 1, "b", false},
		{ingest.QueueUserCallOutConnected, 2, "a", false},
		{ingest.CallbackUserCallOutConnected, 1, "a", false},
		{ingest.QueueUserCallOutDisconnected, 1, "a", false},
		{ingest.QueueUserCallOutConnected, 1, "a", false},
	} {
		if got := skip(&ingest.Event{Type: e.typ, CallID: uuid.UUID{e.call}, LegID: []byte(e.leg)}); got != e.want {
			t.Errorf("event %d: skipped %v, want %v", i, got, e.want)
		}
	}
}

// Of several readings the one that leaves least explains; two zones with the same clock are one; what leaves more than a
// tenth explains nothing.
func TestExplained(t *testing.T) {
	i, j := dailyKind, ingest.DailyInboundServiceLevelPercentage
	counted := func(differ int64, left ...int64) *pass {
		p := &pass{}
		for k := range kinds {
			p.fields = append(p.fields, newFieldCounts(&kinds[k]))
		}
		p.fields[i][j].differ = differ
		copy(p.fields[i][j].left, left)
		return p
	}
	zone := func(name string, differ int64) *pass {
		p := counted(differ)
		p.reading = &reading{choice: localTimestamps + " " + name}
		return p
	}
	for name, tc := range map[string]struct {
		base   *pass
		others []*pass
		want   string
	}{
		"none differs":       {counted(0, 0, 0, 0), nil, ""},
		"one vanishes":       {counted(50, 30, 0, 50), nil, levelAnsweredOnly},
		"two vanish":         {counted(50, 30, 0, 0), nil, levelAnsweredOnly + "," + levelShortAbandonsMet},
		"nearly all":         {counted(50, 5, 40, 50), nil, levelAllOffered},
		"less than nearly":   {counted(50, 6, 40, 50), nil, ""},
		"another is better":  {counted(50, 5, 40, 50), []*pass{zone("Europe/Helsinki", 0), zone("Europe/Kyiv", 0)}, localTimestamps + " Europe/Helsinki"},
		"another is no help": {counted(50, 50, 40, 50), []*pass{zone("Europe/Helsinki", 50)}, ""},
	} {
		var got []string
		for _, c := range explained(tc.base, tc.others, i, j) {
			got = append(got, c.choice)
		}
		if strings.Join(got, ",") != tc.want {
			t.Errorf("%s: %q, want %q", name, got, tc.want)
		}
	}
}

// What changed of a call tells whether it moves a figure.
func TestWhyChanged(t *testing.T) {
	f := fieldNamed(t, dailyFields, "InboundAvgWaitTimeSec")
	total := fieldNamed(t, dailyFields, "InboundTotalCalls")
	open := &call{CallRow: aggregate.CallRow{ArrivedAt: 10 * second, Wait: aggregate.Null}}
	gone := &call{CallRow: aggregate.CallRow{ArrivedAt: 10 * second, EndedAt: 30 * second, Wait: 20 * second, Outcome: aggregate.Abandoned}}
	longer := &call{CallRow: gone.CallRow}
	longer.Wait = 25 * second
	passed := &call{CallRow: aggregate.CallRow{BegunAt: 5 * second, EndedAt: 30 * second, Wait: aggregate.Null, Outcome: aggregate.PassedThrough}}
	for _, tc := range []struct {
		f        *field
		from, to *call
		want     string
	}{
		{f, nil, open, ""}, {f, open, gone, "counted with 20.0 s, ended 00:00:30.000"}, {f, gone, gone, ""},
		{f, gone, longer, "counted with 25.0 s instead of 20.0 s"}, {f, gone, nil, "no longer counted, ended 00:00:30.000"},
		{total, nil, open, "counted, waiting since 00:00:10.000"}, {total, open, gone, ""}, {total, nil, passed, ""},
		{total, open, passed, "no longer counted, ended 00:00:30.000"},
	} {
		if got := whyChanged(tc.f, tc.f.in, change{0, tc.from, tc.to}); got != tc.want {
			t.Errorf("%s: %q, want %q", tc.f.name, got, tc.want)
		}
	}
	if got := joined([]change{{1, nil, open}, {2, open, gone}, {3, gone, longer}}); len(got) != 1 || got[0].from != nil || got[0].to != longer {
		t.Errorf("three changes of one call are %v", got)
	}
}
