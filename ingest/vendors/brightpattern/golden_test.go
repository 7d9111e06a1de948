package brightpattern

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/uuid"

	"ringside/ingest"
)

var update = flag.Bool("update", false, "rewrite the golden files")

var _ ingest.Decoder = (*Decoder)(nil).Decode

// examples returns the messages of testdata by name.
func examples(t testing.TB) map[string][]byte {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join("testdata", "*.json"))
	if err != nil || len(paths) < 7 {
		t.Fatalf("%d examples, %v", len(paths), err)
	}
	all := map[string][]byte{}
	for _, path := range paths {
		if all[strings.TrimSuffix(filepath.Base(path), ".json")], err = os.ReadFile(path); err != nil {
			t.Fatal(err)
		}
	}
	return all
}

func TestGolden(t *testing.T) {
	d := New() // one for all, as in production: nothing of one message may reach the next
	var e ingest.Event
	for name, m := range examples(t) {
		var got strings.Builder
		for part, more := 0, true; more; part++ {
			var err error
			if more, err = d.Decode(m, part, &e); err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			if (e.QueueID != uuid.Nil) != (e.View == ingest.ViewFinished) {
				t.Errorf("%s: view %d of %s: records tell nothing of what is now", name, e.View, dump(&e))
			}
			got.WriteString(dump(&e))
		}
		path := filepath.Join("testdata", name+".golden")
		if *update {
			if err := os.WriteFile(path, []byte(got.String()), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if got.String() != string(want) {
			t.Errorf("%s: got\n%s\nwant\n%s", name, got.String(), want)
		}
	}
}

// dump is an event in one line: all of the fields that this decoder sets.
func dump(e *ingest.Event) string {
	s := fmt.Sprintf("%s %d %s id %s hash %x org %s channel %d", e.Type, e.Timestamp, e.TypeName, e.ID, e.BodyHash, e.OrganizationID, e.Channel)
	for _, f := range []struct {
		name string
		id   uuid.UUID
	}{{"call", e.CallID}, {"queue", e.QueueID}, {"user", e.UserID}} {
		if f.id != uuid.Nil {
			s += " " + f.name + " " + f.id.String()
		}
	}
	for _, f := range []struct {
		name string
		text []byte
	}{{"queueName", e.QueueName}, {"userName", e.UserName}, {"caller", e.CallerNumber}, {"target", e.TargetNumber}, {"leg", e.LegID},
		{"agentLeg", e.AgentLegID}, {"reason", e.Reason}, {"overflow", e.OverflowReason}, {"tech", e.TechReason}} {
		if len(f.text) > 0 {
			s += fmt.Sprintf(" %s %q", f.name, f.text)
		}
	}
	if e.MaxWrapUpDurationSec.Valid {
		s += fmt.Sprintf(" wrapUp %d", e.MaxWrapUpDurationSec.Value)
	}
	return s + "\n"
}

// TestSameRecordSameIds has both callbacks, and a retry, give the same facts.
func TestSameRecordSameIds(t *testing.T) {
	a := decode(t, message("onInteractionEnd", "ann", 0, 100))
	b := decode(t, saved("ann", 0, 100, `"description":"x"`, `"callMuted":true`))
	for i := range a {
		if a[i].ID != b[i].ID || a[i].BodyHash != b[i].BodyHash || a[i].BodyHash == 0 {
			t.Errorf("%s and %s", dump(a[i]), dump(b[i]))
		}
	}
	for _, other := range []string{saved("bob", 0, 100), saved("ann", 0, 100, `"interactionId":"another"`), saved("ann", 1, 101),
		strings.Replace(saved("ann", 0, 100), "acme", "acme2", 1)} {
		for i, e := range decode(t, other)[:3] {
			if e.ID == a[i].ID {
				t.Errorf("%s has the id of another record", dump(e))
			}
		}
	}
}

func TestUnitsOfTime(t *testing.T) {
	want := decode(t, saved("ann", 0, 100))[0].Timestamp
	for _, text := range []string{fmt.Sprint(zero.Unix()), fmt.Sprint(zero.UnixMilli()), fmt.Sprintf("%d.0", zero.Unix()), fmt.Sprintf(`"%d"`, zero.UnixMilli()),
		`"` + zero.Format("2006-01-02T15:04:05Z") + `"`, fmt.Sprintf("%de3", zero.Unix())} {
		if got := decode(t, saved("ann", 0, 100, `"startTime":`+text))[0].Timestamp; got != want {
			t.Errorf("%s is %s, want %s", text, got.Go(), want.Go())
		}
	}
}

func TestNoAllocation(t *testing.T) {
	d, e := New(), &ingest.Event{}
	for name, m := range examples(t) {
		if strings.HasPrefix(name, "chat") {
			continue // has an escape, and a queue's name that is put together
		}
		if n := testing.AllocsPerRun(200, func() {
			for part, more := 0, true; more; part++ {
				more, _ = d.Decode(m, part, e)
			}
		}); n > 0.1 { // the block of names, now and then
			t.Errorf("%s: %g allocations", name, n)
		}
	}
}

func BenchmarkDecode(b *testing.B) {
	d, e, m := New(), &ingest.Event{}, examples(b)["voice"]
	b.SetBytes(int64(len(m)))
	b.ReportAllocs()
	for b.Loop() {
		for part, more := 0, true; more; part++ {
			more, _ = d.Decode(m, part, e)
		}
	}
}
