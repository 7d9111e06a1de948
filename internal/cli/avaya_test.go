package cli

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// avayaCard is what a forwarder posts of a card; the topic stands for its id, too.
func avayaCard(second int, agent, event, contact, state, channel, topic string) string {
	return fmt.Sprintf(`{"source":"avaya","event":%q,"organization":"acme","agent":%q,"time":"2026-03-02T09:%02d:%02d.000Z","data":{`+
		`"id":"%s/%s","contactId":%q,"channel":%q,"state":%q,"topic":%q,"direction":"INCOMING","originatingAddress":"+358405512873"}}`,
		event, agent, second/60, second%60, contact, agent, contact, channel, state, topic)
}

func TestAvayaFromDesktopsToTables(t *testing.T) {
	needStore(t)
	dir := t.TempDir()
	const changed, ended = "onAnyInteractionEvent", "onAnyInteractionEndedEvent"
	lines := []string{
		`{"event":"onAgentStateEvent","organization":"acme","agent":"anna","time":"2026-03-02T09:00:00Z","data":{"currentState":"READY"}}`,
		avayaCard(10, "anna", changed, "c1", "ALERTING", "VOICE", "Support"),
		avayaCard(15, "anna", changed, "c1", "ACTIVE", "VOICE", "Support"),
		avayaCard(75, "anna", ended, "c1", "ACTIVE", "VOICE", "Support"),
		avayaCard(80, "bob", changed, "c1", "ALERTING", "VOICE", "Sales"),
		avayaCard(85, "bob", changed, "c1", "ACTIVE", "VOICE", "Sales"),
		avayaCard(100, "bob", ended, "c1", "ACTIVE", "VOICE", "Sales"),
		avayaCard(101, "anna", changed, "c2", "ALERTING", "WEBCHAT", "Support"),
		avayaCard(120, "anna", ended, "c2", "ALERTING", "WEBCHAT", "Support"),
		avayaCard(130, "anna", changed, "c3", "ACTIVE", "EMAIL", "Support"),
		avayaCard(130, "anna", changed, "c3", "ACTIVE", "EMAIL", "Support"), // sent again
		`{"event":"onMediaEvent","organization":"acme","agent":"anna","time":"2026-03-02T09:02:30Z","data":{}}`,
		`{"event":"onAgentStateEvent","organization":"acme","agent":"anna","time":"2026-03-02T09:03:00Z","data":{}}`,
	}
	file := filepath.Join(dir, "avaya.ndjson")
	if err := os.WriteFile(file, []byte(strings.Join(lines, "\n")+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if got, want := must(t, "replay", file, "--source", "avaya", "--data-dir", dir), "received=22 accepted=19 duplicate=2 late=0 rejected=1 orphan=0"; got != want {
		t.Errorf("counts %s\nwant   %s", got, want)
	}
	keepOpen(t, dir)
	for name, c := range map[string]struct{ sql, want string }{
		"visits": {"SELECT queue_name, outcome, transfer, wait_sec, talk_sec, agent_name FROM calls ORDER BY begun_at",
			"Support\tanswered\tuser\t\\N\t60\tanna\nSales\tanswered\tnone\t\\N\t15\tbob\n" +
				"Support (chat)\toverflowed\tnone\t\\N\t0\t\nSupport (email)\tanswered\tnone\t\\N\t\\N\tanna"},
		"the day": {"SELECT queue_name, inbound_total_calls, inbound_answered_calls, inbound_service_level_percentage FROM queue_daily_call_metrics ORDER BY 1",
			"Sales\t1\t1\t\\N\nSupport\t1\t1\t\\N\nSupport (chat)\t1\t0\t\\N\nSupport (email)\t1\t1\t\\N"},
		"who waits is not known": {"SELECT queue_name, nbr_of_queuing_requesters, nbr_of_connected FROM queue_status_now WHERE queue_name LIKE '%(email)'",
			"Support (email)\t\\N\t1"},
		"an agent now":         {"SELECT state, availability FROM agent_status_now WHERE agent_name = 'anna'", "talking\tAvailable"},
		"what is not used":     {"SELECT count() FROM events WHERE type = 'onMediaEvent'", "1"},
		"what cannot be used":  {"SELECT reason, detail FROM rejects", "bad_field\tbad_field: data.currentState: missing"},
		"the source is stored": {"SELECT DISTINCT source FROM events", "avaya"},
	} {
		if got := selects(t, dir, c.sql); got != c.want {
			t.Errorf("%s:\n%s\nwant\n%s", name, got, c.want)
		}
	}
}
