package cli

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// othersNow are events of the other vendors that have just happened, by source: a chat that rings, an interaction that is
// over, an agent who talks.
func othersNow(at time.Time) map[string][]string {
	line := func(source, agent, event, data string) string {
		return fmt.Sprintf(`{"source":%q,"event":%q,"organization":"acme","agent":%q,"agentName":%q,"time":%d,"data":%s}`,
			source, event, agent, agent, at.UnixMilli(), data)
	}
	return map[string][]string{
		"avaya": {line("avaya", "anna", "onAnyInteractionEvent", `{"id":"c1","contactId":"c1","channel":"WEBCHAT","state":"ALERTING","topic":"Workspaces","direction":"INCOMING"}`),
			line("avaya", "bob", "onAgentStateEvent", `{"currentState":"NOT_READY","reasonCode":"700","resourceStates":{"EMAIL":{"state":"NOT_READY","stateReason":"100"}}}`)},
		"brightpattern": {line("brightpattern", "carol", "onSaveActivityRecord", fmt.Sprintf(
			`{"interactionId":"i1","type":"email","state":"completed","service":"Patterns","callDirection":"inbound","startTime":%d,"endTime":%d}`, at.UnixMilli()-60_000, at.UnixMilli()))},
		"openmethods": {line("openmethods", "dora", "interaction.preview", `{"name":"interaction.preview","target":"s.c.i"}`)},
	}
}

// postOthers posts them to a running demo and waits until the wallboards show them.
func postOthers(t *testing.T, p *program, dir, gateway string) {
	t.Helper()
	for source, lines := range othersNow(time.Now()) {
		file := filepath.Join(t.TempDir(), source+".ndjson")
		if err := os.WriteFile(file, []byte(strings.Join(lines, "\n")+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		want := fmt.Sprintf("sent=%d accepted=%[1]d retried=0 refused=0 failed=0", len(lines))
		if counts := must(t, "webhook", "send", file, "--source", source, "--data-dir", dir, "--url", gateway); counts != want {
			t.Errorf("%s: counts %s, want %s", source, counts, want)
		}
	}
	shows := func(text string, parts ...string) bool {
		for _, l := range strings.Split(text, "\n") {
			if rest := strings.Join(strings.Fields(l), " "); strings.HasPrefix(rest, parts[0]) && strings.Contains(rest, strings.Join(parts[1:], " ")) {
				return true
			}
		}
		return false
	}
	p.until("the other vendors' queues in top, by channel, with what is not known", func() bool {
		out, _, _ := ringside(t, "top", "--once", "--data-dir", dir)
		return shows(out, "Workspaces (chat)", "? - 0 ? ?") && shows(out, "Patterns (email)", "? - ? ? ? -")
	})
	p.until("the other vendors' agents in top", func() bool {
		out, _, _ := ringside(t, "top", "--once", "--agents", "--data-dir", dir)
		return shows(out, "anna", "ringing") && shows(out, "bob", "away") && shows(out, "bob", "EMAIL: NOT_READY (100)") && shows(out, "dora", "ringing")
	})
}
