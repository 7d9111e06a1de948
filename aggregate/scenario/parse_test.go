package scenario

import (
	"strings"
	"testing"
	"time"

	"ringside/aggregate/oracle"
	"ringside/ingest"
)

func TestParseErrors(t *testing.T) {
	for _, test := range []struct{ name, text, want string }{
		{"an offset without a time", "+0 call1 Arrived support", "an offset before the first @time"},
		{"an unknown event", "@2026-03-02T09:00:00Z\n+0 call1 Exploded support", "not an event: Exploded"},
		{"an unknown field", "@2026-03-02T09:00:00Z\n+0 call1 Arrived support colour=red", `no field "colour"`},
		{"an unknown column", "calls\n| call | colour |", `no column "colour"`},
		{"a row that is too short", "calls\n| call | queue |\n| x |", "1 cells under 2 columns"},
		{"a table without columns", "calls\n", "without columns"},
		{"repeat without end", "repeat 2 every 1s\n", "repeat without end"},
		{"an unknown setting", "settings speed=1s", "not a setting: speed=1s"},
		{"an unknown line", "please work", "not understood: please work"},
		{"an eighth digit", "@2026-03-02T09:00:00Z\n+0.00000001 call1 Arrived support", "more than seven fractional digits"},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := Parse("test", test.text)
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v, want %q", err, test.want)
			}
		})
	}
}

func TestParseEvent(t *testing.T) {
	s, err := Parse("test", "@2026-03-02T09:00:00Z\n+1.0000001 call1 UserConnected support anna agentleg=A1 received=+2 => late")
	if err != nil {
		t.Fatal(err)
	}
	ev := s.steps[0].event
	want := ingest.FromGo(time.Date(2026, 3, 2, 9, 0, 1, 100, time.UTC))
	if ev.Type != ingest.QueueCallInUserConnected || ev.Timestamp != want || ev.CallID != ID("call", "call1") ||
		ev.QueueID != ID("queue", "support") || ev.UserID != ID("user", "anna") || string(ev.AgentLegID) != "A1" ||
		ev.ReceivedAt == ingest.Unset || s.steps[0].result != "late" {
		t.Errorf("got %+v => %s", ev, s.steps[0].result)
	}
}

const wrong = `@2026-03-02T09:00:00Z
+0  call1 Arrived support # a comment
+9  call1 Disconnected support => late
calls
| call | outcome | wait |
| call1 | answered | 9 |
| call2 | open | - |
`

// TestRunFindsDifferences shows that a scenario can fail.
func TestRunFindsDifferences(t *testing.T) {
	s, err := Parse("wrong", wrong)
	if err != nil {
		t.Fatal(err)
	}
	got := strings.Join(s.Run(oracle.NewEngine(s.Settings)), "\n")
	for _, want := range []string{"got accepted, want late", "want | call1 | answered | 9 |", "want | call2 | open | - |",
		"got  | call1 | abandoned | 9 |"} {
		if !strings.Contains(got, want) {
			t.Errorf("no %q in:\n%s", want, got)
		}
	}
}

func TestRewriteTables(t *testing.T) {
	s, err := Parse("wrong", wrong)
	if err != nil {
		t.Fatal(err)
	}
	got := s.Rewrite(oracle.NewEngine(s.Settings))
	want := strings.Split(wrong, "calls\n")[0] + "calls\n| call  | outcome   | wait |\n| call1 | abandoned | 9    |\n"
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

// TestFormatted reads back what the differential test prints for an event run.
func TestFormatted(t *testing.T) {
	for seed := range uint64(30) {
		events := oracle.NewRandom(seed, oracle.RandomSettings()).Events()
		s, err := Parse("random", oracle.Format(events))
		if err != nil {
			t.Fatal(err)
		}
		if len(s.steps) != len(events) {
			t.Fatalf("%d events became %d", len(events), len(s.steps))
		}
		for i, st := range s.steps {
			if st.event.ID != events[i].ID || st.event.Timestamp != events[i].Timestamp || st.event.Type != events[i].Type ||
				st.event.CallID != events[i].CallID || st.event.QueueID != events[i].QueueID || st.event.UserID != events[i].UserID {
				t.Fatalf("event %d: got %+v, want %+v", i, st.event, events[i])
			}
		}
	}
}
