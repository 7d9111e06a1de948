package cli

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// What events of one call and one agent have in common.
const (
	call  = `,"CallId":"77777777-0000-4000-8000-000000000001","LegId":"A"`
	agent = `,"UserId":"66666666-0000-4000-8000-000000000001"`
)

// sayings writes events of one queue, each with an id of its own.
func sayings() func(typ, at, fields string) string {
	n := 0
	return func(typ, at, fields string) string {
		n++
		return fmt.Sprintf(`{"EventType":%q,"Id":"00000000-0000-4000-8000-0000000000%02d","OrganizationId":%q,`+
			`"QueueId":"99999999-0000-4000-8000-000000000001","Timestamp":%q%s}`, typ, n, organization, at, fields)
	}
}

func written(t *testing.T, lines []string) (file string) {
	t.Helper()
	file = filepath.Join(t.TempDir(), "events.ndjson")
	if err := os.WriteFile(file, []byte(strings.Join(lines, "\n")), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// TestRecomputeFollowsLongCalls: a call that goes on for days is read whole, and what was last said of its queue and
// agent long before; only its date is asked for.
func TestRecomputeFollowsLongCalls(t *testing.T) {
	needStore(t)
	dir, say := t.TempDir(), sayings()
	lines := []string{
		say("QueueChanged", "2026-01-05T08:00:00Z", `,"QueueName":"Sales","Region":"Pacific/Kiritimati"`), // 14 hours ahead of UTC
		say("UserStatus", "2026-01-05T09:00:00Z", agent+`,"UserName":"aino@example.com"`),
		say("QueueCallInComing", "2026-03-02T09:00:00Z", call),
		say("QueueCallInArrived", "2026-03-02T09:00:10Z", call),
		say("QueueCallInUserConnected", "2026-03-02T09:00:30Z", call+agent),
		say("QueueCallInHoldStart", "2026-03-02T20:00:00Z", call+agent),
		say("QueueCallInHoldEnd", "2026-03-03T07:00:00Z", call+agent),
		say("QueueCallInHoldStart", "2026-03-03T18:00:00Z", call+agent),
		say("QueueCallInDisconnected", "2026-03-04T05:00:00Z", call+`,"Reason":"remote"`),
		say("UserStatus", "2026-03-06T09:00:00Z", agent),
		say("QueueCallInHoldEnd", "2026-03-03T19:00:00Z", call+agent), // late
	}
	q := openStore(t, dir)
	must(t, "replay", written(t, lines), "--data-dir", dir)
	rows := func() string {
		return q("SELECT call_date, queue_name, agent_name, wait_sec, talk_sec, hold_sec, outcome FROM calls") + "; " +
			q("SELECT queue_date, queue_name, time_zone, inbound_hold_sum_sec FROM queue_daily_call_metrics")
	}
	const before = "2026-03-02\tSales\taino@example.com\t20\t79170\t79200\tanswered; 2026-03-02\tSales\tPacific/Kiritimati\t79200"
	const after = "2026-03-02\tSales\taino@example.com\t20\t115170\t43200\tanswered; 2026-03-02\tSales\tPacific/Kiritimati\t43200"
	if got := rows(); got != before {
		t.Fatalf("without the late event: %q, want %q", got, before)
	}
	r := repair(t, "--organization", organization, "--from", "2026-03-02", "--to", "2026-03-02", "--data-dir", dir)
	if got := rows(); got != after {
		t.Errorf("repaired: %q, want %q", got, after)
	}
	if r.repaired != 0 || r.calls != [3]int{1, 0, 0} || r.figures != [3]int{2, 0, 0} {
		t.Errorf("%s; the late event's own date was not asked for", r.text)
	}
	if r := repair(t, "--organization", organization, "--from", "2026-03-03", "--to", "2026-03-05", "--data-dir", dir); r.repaired != 1 || r.calls != [3]int{} {
		t.Errorf("of the late event's date: %s", r.text)
	}
}

// TestRecomputeFindsOrphans: the end of a call comes late. What seemed to go on an hour and a half later was not of it. A
// copy of an event that counts is one, also where it comes late.
func TestRecomputeFindsOrphans(t *testing.T) {
	needStore(t)
	dir, say := t.TempDir(), sayings()
	arrived := say("QueueCallInArrived", "2026-03-31T22:00:10Z", call)
	lines := []string{
		say("QueueCallInComing", "2026-03-31T22:00:00Z", call),
		arrived,
		say("QueueCallInUserConnected", "2026-03-31T22:00:30Z", call+agent),
		say("QueueCallInHoldStart", "2026-03-31T23:50:00Z", call+agent),
		say("QueueCallInHoldEnd", "2026-04-01T00:10:00Z", call+agent),
		say("UserStatus", "2026-04-03T09:00:00Z", agent),
		say("QueueCallInDisconnected", "2026-03-31T22:05:30Z", call+`,"Reason":"remote"`), // late
		arrived, // late, too
	}
	q := openStore(t, dir)
	must(t, "replay", written(t, lines), "--data-dir", dir)
	state := func() string {
		return q("SELECT talk_sec, hold_sec, flags FROM calls") + "; " + q("SELECT received, accepted, late, orphan FROM accounting") + "; " +
			q("SELECT groupArray(type || ' ' || reason) FROM (SELECT * FROM late_events ORDER BY happened_at)")
	}
	const before = "\\N\t\\N\t['end_unknown']; 8\t6\t2\t0; ['QueueCallInArrived late','QueueCallInDisconnected late']"
	if got := state(); got != before {
		t.Fatalf("without the late event: %s, want %s", got, before)
	}
	// The second orphan is in another month, and its date is not asked for at first.
	for _, of := range []struct{ from, to, want string }{
		{"2026-03-31", "2026-03-31", "300\t0\t[]; 8\t5\t2\t1; ['QueueCallInArrived late_copy','QueueCallInDisconnected late_repaired','QueueCallInHoldStart orphan_found']"},
		{"2026-03-31", "2026-04-01", "300\t0\t[]; 8\t4\t2\t2; ['QueueCallInArrived late_copy','QueueCallInDisconnected late_repaired','QueueCallInHoldStart orphan_found','QueueCallInHoldEnd orphan_found']"},
		{"2026-03-30", "2026-04-02", "300\t0\t[]; 8\t4\t2\t2; ['QueueCallInArrived late_copy','QueueCallInDisconnected late_repaired','QueueCallInHoldStart orphan_found','QueueCallInHoldEnd orphan_found']"},
	} {
		repair(t, "--organization", organization, "--from", of.from, "--to", of.to, "--data-dir", dir)
		if got := state(); got != of.want {
			t.Errorf("%s to %s: %s\nwant %s", of.from, of.to, got, of.want)
		}
	}
}

// TestRecomputeMovesCallsOverMidnight: the first event of a call comes late and belongs to the day before. Whichever of the
// two dates is repaired, the call has one row; once both are, the figures are right.
func TestRecomputeMovesCallsOverMidnight(t *testing.T) {
	needStore(t)
	say := sayings()
	lines := []string{
		say("QueueCallInArrived", "2026-03-31T23:30:00Z", `,"CallId":"77777777-0000-4000-8000-000000000002"`),
		say("QueueCallInDisconnected", "2026-03-31T23:31:00Z", `,"CallId":"77777777-0000-4000-8000-000000000002"`),
		say("QueueCallInArrived", "2026-04-01T00:00:10Z", call),
		say("QueueCallInDisconnected", "2026-04-01T00:01:10Z", call),
		say("UserStatus", "2026-04-03T09:00:00Z", agent),
		say("QueueCallInComing", "2026-03-31T23:59:50Z", call), // late
	}
	file := written(t, lines)
	const late = "2026-03-31\t20\n2026-03-31\t0; 2026-03-31\t2; 2026-03-31 23:30:00.000000\t1\n2026-03-31 23:45:00.000000\t1"
	for _, order := range [][]string{{"2026-04-01", "2026-03-31"}, {"2026-03-31", "2026-04-01"}} {
		dir := t.TempDir()
		q := openStore(t, dir)
		must(t, "replay", file, "--data-dir", dir)
		for i, date := range order {
			r := repair(t, "--organization", organization, "--from", date, "--to", date, "--data-dir", dir)
			if want := [3]int{0, 1 - i, 1 - i}; r.calls != want {
				t.Errorf("%s first, then %s: %s", order[0], date, r.text)
			}
			if got := q("SELECT groupArray(call_date) FROM (SELECT call_date FROM calls ORDER BY begun_at)"); got != "['2026-03-31','2026-03-31']" {
				t.Errorf("%s first, then %s: the calls are on %s", order[0], date, got)
			}
		}
		got := q("SELECT call_date, prompt_sec FROM calls ORDER BY prompt_sec DESC") + "; " +
			q("SELECT queue_date, inbound_total_calls FROM queue_daily_call_metrics") + "; " +
			q("SELECT interval_start, inbound_total_calls FROM queue_interval_metrics ORDER BY interval_start")
		if got != late {
			t.Errorf("%s first: %q, want %q", order[0], got, late)
		}
	}
}
