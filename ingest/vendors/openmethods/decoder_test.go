package openmethods

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"ringside/aggregate"
	"ringside/ingest"
	"ringside/ingest/vendors/vendortest"
)

var update = flag.Bool("update", false, "rewrite the golden files")

var _ ingest.Decoder = (*Decoder)(nil).Decode

func examples(t testing.TB) map[string][]byte {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join("testdata", "*.json"))
	if err != nil || len(paths) < 9 {
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
	for name, m := range examples(t) {
		events, err := vendortest.Decode(t, d.Decode, m)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		got := vendortest.Dump(events...)
		path := filepath.Join("testdata", name+".golden")
		if *update {
			if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if got != string(want) {
			t.Errorf("%s: got\n%s\nwant\n%s", name, got, want)
		}
	}
}

// zero is the instant from which the messages of these tests count seconds.
var zero = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)

// at returns a message of ann's desktop that was seen at a second, with more members of its payload.
func at(second int, name, target string, members ...string) string {
	kind := "name"
	for _, m := range members {
		if strings.HasPrefix(m, `"result"`) {
			kind = "command"
		}
	}
	members = append([]string{`"` + kind + `":"` + name + `"`, `"target":"` + target + `"`}, members...)
	return fmt.Sprintf(`{"source":"openmethods","event":"%s","organization":"acme","agent":"ann","agentName":"Ann","time":%d,"data":{%s}}`,
		name, zero.UnixMilli()+int64(second)*1000, strings.Join(members, ","))
}

func is(word string) string { return `"data":{"state":"` + word + `"}` }

const ok = `"result":"success"`

// TestDesktop follows an agent through messages of a session: what the agent is, and the calls that come of them.
func TestDesktop(t *testing.T) {
	for _, c := range []struct {
		name     string
		messages []string
		until    int
		states   string // of the agent, from quarter to quarter of an hour in seconds
		calls    string
	}{
		{"a call that is answered, held and ended", []string{
			at(0, "session.start", "s", ok),
			at(5, "channel.state.updated", "s.c", is("Ready")),
			at(10, "interaction.created", "s.c.i"), at(10, "state.updated", "s.c.i", is("ALERTING")), at(10, "conversation.created", "s.c.i.v"),
			at(10, "interaction.preview", "s.c.i"), at(15, "conversation.answer", "s.c.i.v", `"data":{}`), at(15, "conversation.answer", "s.c.i.v", ok),
			at(15, "state.updated", "s.c.i.v", is("ACTIVE"), `"context":{"conversation":{"id":"v"}}`),
			at(40, "conversation.state.updated", "s.c.i.v", is("Held")), at(50, "conversation.state.updated", "s.c.i.v", is("Active")),
			at(75, "interaction.ended", "s.c.i"), at(100, "state.updated", "s.c", `"data":{"state":"Not Ready","reason":"Lunch"}`),
			at(160, "session.request.logout", "s", ok),
		}, 200, "away 1m5s available 30s ringing 5s talking 50s hold 10s now off_work", "direct answered talk 50 hold 10 offers 1 ended 75"},
		{"twice says the same as once", []string{
			at(10, "interaction.preview", "s.g.c.i"), at(15, "interaction.accept", "s.g.c.i", ok), at(15, "interaction.state.updated", "s.g.c.i", is("active")),
			at(16, "conversation.answer", "s.g.c.i.v", ok), at(60, "interaction.state.updated", "s.g.c.i", is("Completed")), at(61, "interaction.ended", "s.g.c.i"),
		}, 100, "ringing 5s talking 45s now unknown", "direct answered talk 45 hold 0 offers 1 ended 60"},
		{"not taken", []string{at(10, "interaction.preview", "s.c.i"), at(30, "interaction.ended", "s.c.i")}, 60,
			"ringing 20s", "direct abandoned talk 0 hold 0 offers 1 ended 30"},
		{"refused commands are no facts", []string{at(10, "interaction.preview", "s.c.i"), at(12, "interaction.accept", "s.c.i", `"result":"failure"`, `"failure":{"code":"1"}`), at(30, "interaction.ended", "s.c.i")}, 60,
			"ringing 20s", "direct abandoned talk 0 hold 0 offers 1 ended 30"},
		{"handed on after a consultation", []string{at(10, "interaction.preview", "s.c.i"), at(15, "interaction.accept", "s.c.i", ok),
			at(20, "conversation.state.updated", "s.c.i.v", is("held")), at(25, "conversation.state.updated", "s.c.i.w", is("active")),
			at(40, "interaction.consulttransfer", "s.c.i", ok), at(40, "conversation.disposed", "s.c.i.v"), at(40, "conversation.state.updated", "s.c.i.w", is("released")), at(40, "interaction.ended", "s.c.i")}, 60,
			"ringing 5s talking 20s hold 5s now unknown", "direct answered transfer talk 20 hold 5 offers 1 ended 40"},
		{"a consultation ends, the call goes on", []string{at(10, "interaction.preview", "s.c.i"), at(15, "interaction.accept", "s.c.i", ok),
			at(20, "conversation.state.updated", "s.c.i.w", is("active")), at(30, "conversation.state.updated", "s.c.i.w", is("released")),
			at(30, "conversation.disposed", "s.c.i.w"), at(60, "interaction.ended", "s.c.i")}, 80,
			"ringing 5s talking 45s now unknown", "direct answered talk 45 hold 0 offers 1 ended 60"},
		{"of what, cannot be told", []string{at(10, "state.updated", "s.a.b.c", is("held"))}, 60, "", ""},
	} {
		core := aggregate.New(aggregate.DefaultSettings())
		for _, m := range c.messages {
			events, err := vendortest.Decode(t, New().Decode, []byte(m))
			if err != nil {
				t.Fatalf("%s: %s: %v", c.name, m, err)
			}
			for _, e := range events {
				core.Apply(e)
			}
		}
		core.Advance(ingest.FromGo(zero.Add(time.Duration(c.until) * time.Second)))
		var rows aggregate.Rows
		core.Drain(aggregate.DrainAll, &rows)
		if got := statesOf(&rows); got != c.states {
			t.Errorf("%s: the agent is\n%s, want\n%s", c.name, got, c.states)
		}
		if got := callsOf(&rows); got != c.calls {
			t.Errorf("%s: calls\n%s, want\n%s", c.name, got, c.calls)
		}
	}
}

func statesOf(rows *aggregate.Rows) string {
	var parts []string
	for _, s := range []aggregate.AgentState{aggregate.AgentAway, aggregate.AgentAvailable, aggregate.AgentRinging, aggregate.AgentTalking, aggregate.AgentHold, aggregate.AgentOffWork, aggregate.AgentWrapUp} {
		sum := int64(0)
		for i := range rows.AgentIntervals {
			sum += rows.AgentIntervals[i].Sums.States[s]
		}
		if sum > 0 {
			parts = append(parts, fmt.Sprintf("%s %s", s, time.Duration(sum)*time.Microsecond))
		}
	}
	for i := range rows.Agents {
		parts = append(parts, "now "+rows.Agents[i].State.String())
	}
	return strings.Join(parts, " ")
}

func callsOf(rows *aggregate.Rows) string {
	var lines []string
	for i := range rows.Calls {
		r := &rows.Calls[i]
		if r.Deleted {
			continue
		}
		s := fmt.Sprintf("%s %s", r.Direction, r.Outcome)
		if r.Transfer != aggregate.TransferNone {
			s += " transfer"
		}
		lines = append(lines, fmt.Sprintf("%s talk %d hold %d offers %d ended %d", s, r.Talk/1e6, r.Hold/1e6, r.Offers, (r.EndedAt-zero.UnixMicro())/1e6))
	}
	return strings.Join(lines, "\n")
}

func TestRejects(t *testing.T) {
	for _, c := range []struct{ message, field string }{
		{at(0, "interaction.preview", ""), "data.target"},
		{at(0, "interaction.preview", "s"), "data.target"},
		{at(0, "interaction.preview", "s.c"), "data.target"},
		{at(0, "interaction.preview", "s..i"), "data.target"},
		{at(0, "interaction.preview", "a.b.c.d.e"), "data.target"},
		{at(0, "conversation.answer", "a.b.c", ok), "data.target"},
		{at(0, "interaction.preview", "a.b.c.d.e.f"), "data.target"},
		{at(0, "interaction.preview", "s.c.i", `"target":{}`), "data.target"},
		{at(0, "interaction.accept", "s.c.i", `"result":["success"]`), "data.result"},
		{strings.Replace(at(0, "interaction.preview", "s.c.i"), `"agent":"ann",`, "", 1), "agent"},
		{strings.Replace(at(0, "interaction.preview", "s.c.i"), `"data":{`, `"x":{`, 1), "data"},
		{strings.Replace(at(0, "interaction.preview", "s.c.i"), `"data":{`, `"data":[],"x":{`, 1), "data"},
	} {
		var e ingest.Event
		_, err := New().Decode([]byte(c.message), 0, &e)
		var reject *ingest.DecodeError
		if !errors.As(err, &reject) || reject.Reason != ingest.RejectBadField || reject.Field != c.field || reject.Detail == "" || reject.Offset > len(c.message) {
			t.Errorf("%s: %#v, want bad_field %s", c.message, err, c.field)
		}
	}
}

// TestShapes finds a state wherever a platform may put it, and passes over what has another shape.
func TestShapes(t *testing.T) {
	for data, want := range map[string]string{
		`"data":{"state":"not_ready"}`:                             "Away not_ready ",
		`"data":{"state":{"value":"notReady"},"reasonCode":7}`:     "Away notReady 7",
		`"data":{"currentState":{"state":{"name":"Ready"}}}`:       "Available Ready ",
		`"data":{"state":"After Call Work","reason":{"name":"x"}}`: "Busy After Call Work x",
		`"data":{"state":"Logged Out"}`:                            "OffWork Logged Out ",
		`"data":{"state":"Training"}`:                              "Training Training ",
		`"data":{"state":["ready"],"reason":[1]}`:                  "",
		`"data":"ready"`: "",
		`"data":{"name":"ready","status":"ready"}`:                           "",
		`"data":{"state":null}`:                                              "",
		`"data":{"state":{"state":{"state":{"state":{"state":"ready"}}}}}`:   "",
		`"data":{"state":"a word that is far too long to be a state of us"}`: "a word that is far too long to be a state of us a word that is far too long to be a state of us ",
	} {
		events, err := vendortest.Decode(t, New().Decode, []byte(at(0, "channel.state.updated", "s.c", data)))
		if err != nil || len(events) != 1 {
			t.Fatalf("%s: %v", data, err)
		}
		got := ""
		if e := events[0]; e.Type == ingest.UserAvailability {
			got = fmt.Sprintf("%s %s %s", e.Availability, e.AgentChannels[0].State, e.AgentChannels[0].Reason)
		}
		if got != want {
			t.Errorf("%s: %q, want %q", data, got, want)
		}
	}
}

func TestNoAllocation(t *testing.T) {
	d, e := New(), &ingest.Event{}
	for name, m := range examples(t) {
		if n := testing.AllocsPerRun(200, func() {
			for part, more := 0, true; more; part++ {
				more, _ = d.Decode(m, part, e)
			}
		}); n > 0.1 { // the block of texts, now and then
			t.Errorf("%s: %g allocations", name, n)
		}
	}
}

func BenchmarkDecode(b *testing.B) {
	d, e, m := New(), &ingest.Event{}, examples(b)["held"]
	b.SetBytes(int64(len(m)))
	b.ReportAllocs()
	for b.Loop() {
		for part, more := 0, true; more; part++ {
			more, _ = d.Decode(m, part, e)
		}
	}
}
