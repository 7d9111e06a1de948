package cli

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"ringside/ingest/vendors"
)

var announcedGateway = regexp.MustCompile(`webhooks    (https://127\.0\.0\.1:\d+)/webhooks/\{(.*)\}`)

// eventsNow writes a file of n events of an organization of their own, the first of them the arrival of a call that still waits.
func eventsNow(t *testing.T, n int) (file string) {
	t.Helper()
	var b strings.Builder
	now := time.Now().UTC().Format("2006-01-02T15:04:05.999")
	for i := range n {
		kind := "UserSetting"
		if i == 0 {
			kind = "QueueCallInArrived"
		}
		fmt.Fprintf(&b, `{"OrganizationId":%q,"EventType":%q,"Id":"00000000-0000-4000-8000-%012d","Timestamp":%q,"QueueId":"0e984725-c51c-4bf4-9960-e1c80e27aba0","QueueName":"Posted","CallId":"1e984725-c51c-4bf4-9960-e1c80e27aba0"}`+"\n",
			organization, kind, i+1, now)
	}
	file = filepath.Join(t.TempDir(), "events.ndjson")
	if err := os.WriteFile(file, []byte(b.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// What is posted to a running demo is on its wallboard, and the simulated centre goes on as if nothing had been.
func TestDemoTakesWebhooks(t *testing.T) {
	needStore(t)
	dir := t.TempDir()
	p, http := demo(t, dir, "--speed", "60")
	gateway := announcedGateway.FindStringSubmatch(p.out.String())
	if gateway == nil || strings.ReplaceAll(gateway[2], ",", ", ") != vendors.Names() {
		t.Fatalf("the demo does not say where its gateway is, for all of %s:\n%s", vendors.Names(), p.out.String())
	}
	for _, source := range strings.Split(gateway[2], ",") {
		file := filepath.Join(dir, "webhook", "tokens", source)
		info, err := os.Stat(file)
		if err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("the token of %s: %v, %v", source, info, err)
		}
		token, err := os.ReadFile(file)
		if err != nil || strings.Contains(p.out.String()+p.err.String(), strings.TrimSpace(string(token))) {
			t.Errorf("the demo prints the token of %s, %v", source, err)
		}
	}
	file := eventsNow(t, 20)
	for range 2 { // the second time they are copies
		if counts := must(t, "webhook", "send", file, "--data-dir", dir, "--url", gateway[1]); counts != "sent=20 accepted=20 retried=0 refused=0 failed=0" {
			t.Errorf("counts %s", counts)
		}
	}
	p.until("the call to wait on the wallboard", func() bool {
		_, state := get(http + "/wallboard/state")
		return strings.Contains(state, "Posted")
	})
	p.until("the copies to be counted", func() bool {
		return selects(t, dir, "SELECT received, accepted + orphan, duplicate FROM accounting WHERE organization_id = '"+organization+"'") == "40\t20\t20"
	})
	postOthers(t, p, dir, gateway[1])
	p.signal(syscall.SIGINT)
	if code := p.end(15 * time.Second); code != exitDone {
		t.Fatalf("after SIGINT the demo ends with %d: %s", code, p.err.String())
	}
	before := selects(t, dir, "SELECT sum(received) FROM accounting")

	p, _ = demo(t, dir, "--speed", "60")
	p.until("more events of the centre", func() bool { return selects(t, dir, "SELECT sum(received) > "+before+" + 100 FROM accounting") == "1" })
	if got := selects(t, dir, "SELECT sum(duplicate + late + rejected) FROM accounting WHERE organization_id != '"+organization+"'"); got != "0" {
		t.Errorf("%s events of the centre are copies, late or rejected", got)
	}
	p.signal(syscall.SIGINT)
	p.end(15 * time.Second)
	// What the demo's log in Kafka holds of the centre is one unbroken run: the feed has counted none but its own.
	if got := selects(t, dir, "SELECT count() - uniqExact(event_id) FROM events"); got != "0" {
		t.Errorf("%s events are stored twice", got)
	}
}

func TestWebhookConfigIsWhatTheVendorDocuments(t *testing.T) {
	config := yamlFile(t, "webhook: {endpoints: [{name: one, source: enreach, tokens: [canary-token-0123456789], insecure_ssl: true}, {name: two, source: enreach, tokens: [canary-token-two-012345]}]}\n")
	out, errs, code := ringside(t, "webhook", "config", "--url", "https://events.example.com", "--config", config, "--endpoint", "one", "--explain")
	if code != exitDone || !strings.HasPrefix(out, `{
  "Webhook": {
    "Endpoint": "https://events.example.com/webhooks/one",
    "InsecureSSL": true,
    "Secret": "(the token, on another way)",
    "Description": "Ringside, endpoint one",
    "TimeoutSeconds": 5
  },
  "Subscriptions": [
    {
      "EventType": "UserAvailability",
      "AllEntities": true
    },
`) || !strings.Contains(out, `"EventType": "QueueCallInArrived"`) {
		t.Errorf("exit %d, %s\n%s", code, errs, out)
	}
	if !strings.Contains(errs, "service levels\n  QueueCallInArrived") || strings.Contains(out+errs, "canary") {
		t.Errorf("explained:\n%s", errs)
	}
	out, _, _ = ringside(t, "webhook", "config", "--url", "https://events.example.com/a/path", "--config", config, "--endpoint", "two", "--with-secret")
	if !strings.Contains(out, `"Secret": "canary-token-two-012345"`) || !strings.Contains(out, `"Endpoint": "https://events.example.com/a/path"`) {
		t.Errorf("with the secret:\n%s", out)
	}
	for _, c := range []struct {
		say  string
		args []string
	}{
		{"--url is missing", nil},
		{"https:// only", []string{"--url", "http://events.example.com"}},
		{"choose one with --endpoint: one, two", []string{"--url", "https://events.example.com", "--config", config}},
		{"--endpoint three is none of Enreach's", []string{"--url", "https://events.example.com", "--config", config, "--endpoint", "three"}},
		{"no token is set", []string{"--url", "https://events.example.com", "--with-secret"}},
	} {
		_, errs, code := ringside(t, append([]string{"webhook", "config"}, c.args...)...)
		if code != exitUsage || !strings.Contains(errs, c.say) {
			t.Errorf("%v: exit %d, %s; want %q", c.args, code, errs, c.say)
		}
	}
	if _, errs, _ := ringside(t, "webhook", "config", "--url", "https://events.example.com:8443"); !strings.Contains(errs, "port 443 only") {
		t.Errorf("another port: %s", errs)
	}
}
