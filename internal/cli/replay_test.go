package cli

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const organization = "11111111-2222-4333-8444-555555555555"

// event writes one event of a call to the queue; fields come last and may repeat a name.
func event(typ, id, at, fields string) string {
	return fmt.Sprintf(`{"EventType":%q,"Id":"00000000-0000-4000-8000-%s","OrganizationId":%q,"QueueId":"99999999-0000-4000-8000-000000000001",`+
		`"QueueName":"Sales","CallId":"77777777-0000-4000-8000-000000000001","LegId":"A","Timestamp":%q%s}`,
		typ, id, organization, "2026-03-02T"+at+"Z", fields)
}

func TestBadInputIsKeptAndAccounted(t *testing.T) {
	needStore(t)
	dir := t.TempDir()
	lines := []string{
		event("QueueCallInComing", "000000000001", "10:00:00", ""),
		event("QueueCallInArrived", "000000000002", "10:00:05", ""),
		`{"EventType":"QueueCallInArrived","OrganizationId":"` + organization + `",`, // 2: cut short
		`not JSON`, // 3
		event("SomethingNew", "000000000003", "10:00:06", ""),                                                               // accepted, and otherwise ignored
		`{"EventType":"QueueCallInArrived","Id":"00000000-0000-4000-8000-000000000004","Timestamp":"2026-03-02T10:00:07Z"}`, // 5
		event("QueueCallInUserConnected", "000000000005", "10:00:08", `,"Padding":"`+strings.Repeat("x", 2<<20)+`"`),        // 6
		event("QueueCallInArrived", "000000000002", "10:00:09", ""),                                                         // 7: conflict
		event("QueueCallInArrived", "000000000002", "10:00:05", ""),                                                         // duplicate
		event("QueueCallInComing", "000000000006", "08:00:00", ""),                                                          // late
		strings.Replace(event("QueueCallInComing", "000000000007", "10:00:00", ""), "2026", "1980", 1),                      // 10
		event("QueueCallInUserConnected", "000000000008", "10:00:20",
			`,"UserId":"66666666-0000-4000-8000-000000000001","UserName":"aino@example.com"`),
		event("QueueCallInDisconnected", "000000000009", "10:01:20", `,"Reason":"remote"`),
	}
	file := filepath.Join(dir, "bad.ndjson")
	if err := os.WriteFile(file, []byte(strings.Join(lines, "\n")+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if got, want := must(t, "replay", file, "--data-dir", dir), "received=13 accepted=5 duplicate=1 late=1 rejected=6 orphan=0"; got != want {
		t.Errorf("counts %s\nwant   %s", got, want)
	}
	keepOpen(t, dir)
	for name, c := range map[string]struct{ sql, want string }{
		"rejects by reason and line": {"SELECT kafka_offset, reason, topic = '" + file + "', length(body) > 0 FROM rejects ORDER BY kafka_offset",
			"2\tmalformed\t1\t1\n3\tmalformed\t1\t1\n5\tno_organization\t1\t1\n6\ttoo_large\t1\t1\n7\tconflict\t1\t1\n10\ttime_out_of_range\t1\t1"},
		"the organization is named where the body tells it": {"SELECT groupArray(kafka_offset) FROM (SELECT * FROM rejects ORDER BY kafka_offset) WHERE organization_id = '" + organization + "'",
			"[2,6,7,10]"},
		"the account adds up":     {"SELECT sum(received), sum(accepted + duplicate + late + rejected + orphan), sum(rejected) FROM accounting", "13\t13\t6"},
		"late events":             {"SELECT event_id, reason FROM late_events", "00000000-0000-4000-8000-000000000006\tlate"},
		"an unknown type is kept": {"SELECT count() FROM events WHERE type = 'SomethingNew'", "1"},
		"the good events count":   {"SELECT outcome, wait_sec, talk_sec, agent_name FROM calls", "answered\t15\t60\taino@example.com"},
	} {
		if got := selects(t, dir, c.sql); got != c.want {
			t.Errorf("%s:\n%s\nwant\n%s", name, got, c.want)
		}
	}
}

func TestReplayGoesOn(t *testing.T) {
	needStore(t)
	dir := t.TempDir()
	first := event("QueueCallInComing", "000000000001", "10:00:00", "") + "\n" + event("QueueCallInArrived", "000000000002", "10:00:05", "") + "\n"
	second := event("QueueCallInDisconnected", "000000000003", "10:00:35", `,"Reason":"remote"`) + "\n"
	for i, c := range []struct{ in, counts, calls string }{
		{first, "received=2 accepted=2 duplicate=0 late=0 rejected=0 orphan=0", "open\t\\N"},
		{second, "received=1 accepted=1 duplicate=0 late=0 rejected=0 orphan=0", "abandoned\t30"},
		{first + second, "received=3 accepted=0 duplicate=3 late=0 rejected=0 orphan=0", "abandoned\t30"},
	} {
		p := start(t, strings.NewReader(c.in), "replay", "-", "--data-dir", dir)
		if code := p.end(patience); code != exitDone || strings.TrimSpace(p.out.String()) != c.counts {
			t.Errorf("replay %d: exit %d, %s%s; want %s", i, code, p.out.String(), p.err.String(), c.counts)
		}
		if got := selects(t, dir, "SELECT outcome, wait_sec FROM calls"); got != c.calls {
			t.Errorf("after replay %d: %q, want %q", i, got, c.calls)
		}
		if got := selects(t, dir, "SELECT inbound_total_calls FROM queue_daily_call_metrics"); got != "1" {
			t.Errorf("after replay %d the day has %s calls", i, got)
		}
	}
}
