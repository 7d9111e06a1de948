package cli

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// finished is a record of Bright Pattern's desktop, from and to in seconds after nine.
func finished(event, agent, interaction string, from, to int, members string) string {
	nine := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	return fmt.Sprintf(`{"source":"brightpattern","event":%q,"organization":"acme","agent":%q,"time":%d,"data":{"interactionId":%q,`+
		`"state":"completed","startTime":%d,"endTime":%d,"service":"Support",%s}}`,
		event, agent, nine.UnixMilli()+int64(to+2)*1000, interaction, nine.Unix()+int64(from), nine.UnixMilli()+int64(to)*1000, members)
}

// replayed replays lines of a source from a file, and returns the folder of the store and the counts.
func replayed(t *testing.T, source string, lines ...string) (dir, counts string) {
	t.Helper()
	needStore(t)
	dir = t.TempDir()
	file := filepath.Join(dir, source+".ndjson")
	if err := os.WriteFile(file, []byte(strings.Join(lines, "\n")+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	counts = must(t, "replay", file, "--source", source, "--data-dir", dir)
	keepOpen(t, dir)
	return dir, counts
}

func wantSelects(t *testing.T, dir string, want map[string]string) {
	t.Helper()
	for sql, rows := range want {
		if got := selects(t, dir, sql); got != rows {
			t.Errorf("%s:\n%s\nwant\n%s", sql, got, rows)
		}
	}
}

func TestBrightPatternFromDesktopsToTables(t *testing.T) {
	const ended, saved = "onInteractionEnd", "onSaveActivityRecord"
	voice := `"type":"voice","callDirection":"inbound","globalInteractionId":"g1","phoneNumber":"+358405512873"`
	dir, counts := replayed(t, "brightpattern",
		finished(ended, "anna", "i1", 10, 70, voice),
		finished(saved, "anna", "i1", 10, 70, voice+`,"disposition":"Sold"`),
		finished(saved, "bob", "i2", 80, 100, `"type":"chat"`),
		finished(saved, "bob", "i3", 90, 120, `"type":"email","origination":"workitem"`),
		finished(ended, "bob", "i4", 130, 150, `"type":"voice","callDirection":"inbound","state":"delivery_pending"`),
		`{"event":"onInteractionEnd","organization":"acme","agent":"bob","time":"2026-03-02T09:03:00Z","data":{}}`,
	)
	// i1 has four facts; saved again, all but its end are the same.
	if want := "received=20 accepted=16 duplicate=3 late=0 rejected=1 orphan=0"; counts != want {
		t.Errorf("counts %s\nwant   %s", counts, want)
	}
	wantSelects(t, dir, map[string]string{
		"SELECT direction, channel, queue_name, outcome, wait_sec, talk_sec, agent_name, tech_reason FROM calls ORDER BY begun_at": "inbound\tvoice\tSupport\tanswered\t\\N\t60\tanna\tSold\n" +
			"inbound\tchat\tSupport (chat)\tanswered\t\\N\t20\tbob\t\noutbound\temail\tSupport (email)\tanswered\t0\t30\tbob\t\ninbound\tvoice\tSupport\toverflowed\t\\N\t0\t\t",
		"SELECT queue_name, inbound_total_calls, inbound_answered_calls, outbound_total_calls FROM queue_daily_call_metrics ORDER BY 1": "Support\t2\t1\t0\n" +
			"Support (chat)\t1\t1\t0\nSupport (email)\t0\t0\t1",
		"SELECT queue_name, nbr_of_queuing_requesters, nbr_of_connected FROM queue_status_now WHERE queue_name = 'Support'": "Support\t\\N\t\\N",
		"SELECT count() FROM events WHERE body LIKE '%358405512873%'":                                                       "0",
		"SELECT reason, detail FROM rejects":                                                                                "bad_field\tbad_field: data.interactionId: missing",
	})
}

func TestOpenMethodsFromDesktopsToTables(t *testing.T) {
	at := func(second int, name, target, members string) string {
		return fmt.Sprintf(`{"event":%q,"organization":"acme","agent":"anna","time":"2026-03-02T09:%02d:%02d.000Z","data":{"target":%q%s}}`, name, second/60, second%60, target, members)
	}
	dir, counts := replayed(t, "openmethods",
		at(0, "channel.state.updated", "s.c", `,"name":"channel.state.updated","data":{"state":"READY","type":"Telephony"}`),
		at(10, "interaction.preview", "s.c.i", `,"name":"interaction.preview"`),
		at(12, "interaction.incontact.signaladded", "s.c.i", `,"name":"interaction.incontact.signaladded","data":{"name":"survey"}`),
		at(15, "conversation.answer", "s.c.i.v", `,"command":"conversation.answer","result":"success"`),
		at(45, "interaction.ended", "s.c.i", `,"name":"interaction.ended"`),
		at(50, "channel.state.updated", "s.c", `,"name":"channel.state.updated","data":{"state":"Not Ready","reason":"Lunch"}`),
		at(60, "something.new", "s", ""),
	)
	if want := "received=8 accepted=8 duplicate=0 late=0 rejected=0 orphan=0"; counts != want {
		t.Errorf("counts %s\nwant   %s", counts, want)
	}
	wantSelects(t, dir, map[string]string{
		"SELECT direction, outcome, talk_sec, ring_sec, agent_name FROM calls":                                                        "direct\tanswered\t30\t5\tanna",
		"SELECT agent_name, state, availability FROM agent_status_now":                                                                "anna\taway\tAway",
		"SELECT type, count() FROM events WHERE type IN ('interaction.incontact.signaladded', 'something.new') GROUP BY 1 ORDER BY 1": "interaction.incontact.signaladded\t1\nsomething.new\t1",
		"SELECT DISTINCT source FROM events":                                                                                          "openmethods",
	})
}

// A record that came too late is repaired whole: of each of its facts the right part of the kept message is decoded.
func TestRecomputeRepairsEachPartOfARecord(t *testing.T) {
	voice := `"type":"voice","callDirection":"inbound","phoneNumber":"+358405512873"`
	dir, counts := replayed(t, "brightpattern",
		finished("onSaveActivityRecord", "anna", "i1", 10, 70, voice),
		finished("onSaveActivityRecord", "bob", "i2", 7200, 7260, voice),
		finished("onSaveActivityRecord", "carol", "i3", 80, 100, voice),
	)
	if want := "received=12 accepted=8 duplicate=0 late=4 rejected=0 orphan=0"; counts != want {
		t.Fatalf("counts %s\nwant   %s", counts, want)
	}
	id := strings.TrimSpace(selects(t, dir, "SELECT DISTINCT organization_id FROM events"))
	out := must(t, "recompute", "--organization", id, "--from", "2026-03-02", "--to", "2026-03-02", "--data-dir", dir)
	if !strings.Contains(out, "late_repaired=4 calls_changed=0 calls_added=1 calls_removed=0") {
		t.Errorf("recompute: %s", out)
	}
	wantSelects(t, dir, map[string]string{
		"SELECT agent_name, outcome, talk_sec, toString(begun_at) LIKE '%09:01:20%' FROM calls ORDER BY begun_at": "anna\tanswered\t60\t0\ncarol\tanswered\t20\t1\nbob\tanswered\t60\t0",
	})
}
