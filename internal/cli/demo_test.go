package cli

import (
	"io"
	nethttp "net/http"
	"os"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// demo starts a demo and waits until it is live; it returns the address of its HTTP server.
func demo(t *testing.T, dir string, more ...string) (p *program, http string) {
	t.Helper()
	p = start(t, nil, append([]string{"demo", "--data-dir", dir, "--http", "127.0.0.1:0", "--kafka-port", "0", "--webhook-port", "0"}, more...)...)
	p.until("the address of /metrics", func() bool {
		var found bool
		_, rest, _ := strings.Cut(p.out.String(), "metrics     ")
		http, _, found = strings.Cut(rest, "/metrics\n")
		return found
	})
	p.until("the centre to be live", func() bool { return strings.Contains(p.out.String(), "the centre is live") })
	p.until("the first account", func() bool {
		return selects(t, dir, "SELECT count() > 0 AND (SELECT count() > 0 FROM organizations) FROM accounting") == "1"
	})
	p.until("readiness", func() bool { code, _ := get(http + "/readyz"); return code == 200 })
	return p, http
}

type account struct{ received, accepted, duplicate, late, rejected, orphan, horizon int64 }

func accountOf(t *testing.T, dir string) (a account) {
	t.Helper()
	line := selects(t, dir, "SELECT received, accepted, duplicate, late, rejected, orphan, toUnixTimestamp(horizon) FROM accounting")
	for i, field := range strings.Split(line, "\t") {
		n, err := strconv.ParseInt(field, 10, 64)
		if err != nil {
			t.Fatalf("account %q: %v", line, err)
		}
		*[]*int64{&a.received, &a.accepted, &a.duplicate, &a.late, &a.rejected, &a.orphan, &a.horizon}[i] = n
	}
	return a
}

func (a account) check(t *testing.T) {
	t.Helper()
	if a.accepted+a.duplicate+a.late+a.rejected+a.orphan != a.received {
		t.Errorf("the account does not add up: %+v", a)
	}
	if a.duplicate != 0 || a.late != 0 || a.rejected != 0 {
		t.Errorf("a simulated centre's events are new, in time and in order: %+v", a)
	}
}

// shows waits for the wallboard to have the centre's queues with figures of today.
func shows(t *testing.T, p *program, http string) {
	t.Helper()
	p.until("the wallboard to have figures", func() bool {
		_, state := get(http + "/wallboard/state")
		return strings.Contains(state, "Nordic Care Oy") && strings.Contains(state, "Asiakaspalvelu") && answeredToday.MatchString(state)
	})
}

var answeredToday = regexp.MustCompile(`"answered":[1-9]`)

func TestDemoStopsWholeAndGoesOn(t *testing.T) {
	needStore(t)
	dir := t.TempDir()
	p, http := demo(t, dir, "--speed", "60")
	for path, want := range map[string]int{"/": 200, "/wallboard/app.js": 200, "/healthz": 200, "/readyz/engine": 200, "/readyz/gateway": 200} {
		if code, text := get(http + path); code != want {
			t.Errorf("%s answers %d %s, want %d", path, code, text, want)
		}
	}
	_, metrics := get(http + "/metrics")
	for _, name := range []string{`ringside_events_total{kind="QueueChanged",outcome="accepted"}`, "ringside_consumer_lag{topic=\"queue-events\"",
		"ringside_state_bytes{", "ringside_partitions_owned 4\n"} {
		if !strings.Contains(metrics, name) {
			t.Errorf("/metrics lacks %s", name)
		}
	}
	shows(t, p, http)
	announcedReader(t, p)
	before := accountOf(t, dir)
	before.check(t)
	p.until("live events", func() bool { return accountOf(t, dir).received > before.received+100 })
	accountOf(t, dir).check(t)
	consistent(t, p, dir)
	if table := must(t, "top", "--data-dir", dir, "--agents"); !strings.HasPrefix(table, "AGENT ") || !strings.Contains(table, "available") || !strings.Contains(table, "%") {
		t.Errorf("top --agents prints\n%s", table)
	}
	for _, flags := range [][]string{nil, {"--last", "30m"}} {
		if table := must(t, append([]string{"top", "--data-dir", dir}, flags...)...); !strings.Contains(table, "Asiakaspalvelu") || !strings.Contains(table, "TOTAL") {
			t.Errorf("top %v prints\n%s", flags, table)
		}
	}
	if out, errs, code := ringside(t, "demo", "--data-dir", dir, "--http", "127.0.0.1:0", "--kafka-port", "0"); code != exitFailed || !strings.Contains(errs, "in use") {
		t.Errorf("a second demo on the folder: exit %d, %s%s", code, out, errs)
	}

	started := children(t, p.cmd.Process.Pid)
	if len(started) == 0 {
		t.Error("the demo has no child: where does its ClickHouse run?")
	}
	p.signal(syscall.SIGINT)
	if code := p.end(15 * time.Second); code != exitDone {
		t.Fatalf("after SIGINT the demo ends with %d: %s", code, p.err.String())
	}
	for _, pid := range started {
		if alive(pid) {
			t.Errorf("child %d outlives the demo", pid)
		}
	}
	stopped := accountOf(t, dir)
	stopped.check(t)

	p, http = demo(t, dir)
	shows(t, p, http) // what was restored
	p.until("the next event", func() bool { return accountOf(t, dir).received > stopped.received })
	again := accountOf(t, dir)
	again.check(t)
	if again.received < stopped.received || again.horizon < stopped.horizon {
		t.Errorf("the second start has forgotten: %+v after %+v", again, stopped)
	}
	if n := selects(t, dir, "SELECT count() - uniqExact(event_id) FROM events"); n != "0" {
		t.Errorf("%s events are stored twice", n)
	}
	p.signal(syscall.SIGTERM)
	if code := p.end(15 * time.Second); code != exitDone {
		t.Errorf("after SIGTERM the demo ends with %d: %s", code, p.err.String())
	}
}

// announced is what the demo says of its ClickHouse.
var announced = regexp.MustCompile(`ClickHouse  (http://127\.0\.0\.1:\d+)(?: \(.*\))?, user (\w+), password in (\S+)\n`)

// announcedReader enters elsewhere what the demo has printed: it reads the figures, and cannot change them.
func announcedReader(t *testing.T, p *program) {
	t.Helper()
	m := announced.FindStringSubmatch(p.out.String())
	if m == nil {
		t.Fatalf("the demo does not say how its ClickHouse is reached:\n%s", p.out.String())
	}
	password, err := os.ReadFile(m[3])
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(p.out.String()+p.err.String(), strings.TrimSpace(string(password))) {
		t.Error("the demo prints the password")
	}
	ask := func(statement string) (int, string) {
		t.Helper()
		r, err := nethttp.NewRequestWithContext(t.Context(), nethttp.MethodPost, m[1]+"/?database=ringside", strings.NewReader(statement))
		if err != nil {
			t.Fatal(err)
		}
		r.SetBasicAuth(m[2], strings.TrimSpace(string(password)))
		response, err := nethttp.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = response.Body.Close() }()
		text, err := io.ReadAll(response.Body)
		if err != nil {
			t.Fatal(err)
		}
		return response.StatusCode, string(text)
	}
	if code, text := ask("SELECT count() > 5 FROM queue_status_now"); code != 200 || text != "1\n" {
		t.Errorf("the reader's question is answered %d %s", code, text)
	}
	if code, text := ask("TRUNCATE TABLE queue_status_now_versions"); code == 200 || !strings.Contains(text, "READONLY") {
		t.Errorf("the reader's truncation is answered %d %s", code, text)
	}
}

func TestDemoRefusals(t *testing.T) {
	needStore(t)
	dir := t.TempDir()
	p, http := demo(t, dir)
	occupied := strings.TrimPrefix(http, "http://")
	for name, c := range map[string]struct {
		args []string
		code int
		say  string
	}{
		"http":       {[]string{"demo", "--data-dir", t.TempDir(), "--http", occupied, "--kafka-port", "0"}, exitFailed, "--http"},
		"speed":      {[]string{"demo", "--speed", "-1"}, exitUsage, "--speed"},
		"clickhouse": {[]string{"demo", "--data-dir", t.TempDir(), "--http", "127.0.0.1:0", "--kafka-port", "0", "--clickhouse-port", occupied[strings.LastIndex(occupied, ":")+1:]}, exitFailed, "--clickhouse-port"},
		"webhook":    {[]string{"demo", "--data-dir", t.TempDir(), "--http", "127.0.0.1:0", "--kafka-port", "0", "--webhook-port", occupied[strings.LastIndex(occupied, ":")+1:]}, exitFailed, "--webhook-port"},
		"no gateway": {[]string{"demo", "--webhook-port", "on"}, exitUsage, "--webhook-port"},
		"no port":    {[]string{"demo", "--clickhouse-port", "65536"}, exitUsage, "--clickhouse-port"},
		"kafka":      {[]string{"demo", "--data-dir", t.TempDir(), "--http", "127.0.0.1:0", "--kafka-port", occupied[strings.LastIndex(occupied, ":")+1:]}, exitFailed, "--kafka-port"},
	} {
		out, errs, code := ringside(t, c.args...)
		if code != c.code || !strings.Contains(errs, c.say) || strings.Count(strings.TrimSpace(errs), "\n") > 0 {
			t.Errorf("%s: exit %d, %s%s; want %d and one line that names %s", name, code, out, errs, c.code, c.say)
		}
	}
	event := selects(t, dir, "SELECT body FROM events WHERE type = 'QueueChanged' LIMIT 1")
	replay := start(t, strings.NewReader(event), "replay", "-", "--data-dir", dir)
	if code := replay.end(patience); code != exitFailed || !strings.Contains(replay.err.String(), "reads Kafka") {
		t.Errorf("a replay of the running engine's organization: exit %d, %s", code, replay.err.String())
	}
	p.signal(syscall.SIGINT)
	p.end(15 * time.Second)
}

// consistent looks at the figures while they move: at every instant each row agrees with itself, and so does every
// version of it that was ever written.
func consistent(t *testing.T, p *program, dir string) {
	t.Helper()
	const requesters = "countIf(nbr_of_requesters != nbr_of_queuing_requesters + nbr_of_allocated + nbr_of_connected " +
		"OR nbr_of_not_served_requesters != nbr_of_queuing_requesters + nbr_of_allocated)"
	const identity = "countIf(inbound_total_calls != inbound_service_closed_calls + inbound_answered_calls + inbound_overflowed_calls + " +
		"inbound_rejected_only_calls + inbound_abandoned_calls + inbound_left_early_calls + inbound_callback_calls + " +
		"inbound_transferred_calls + inbound_lost_calls + inbound_open_calls)"
	state := func() string {
		return selects(t, dir, "SELECT groupArray((queue_id, nbr_of_queuing_requesters, nbr_of_allocated, nbr_of_connected)) FROM (SELECT * FROM queue_status_now ORDER BY queue_id)")
	}
	for range 5 {
		before := state()
		p.until("the figures to move", func() bool { return state() != before })
		if got := selects(t, dir, "SELECT "+requesters+", count() > 5 FROM queue_status_now"); got != "0\t1" {
			t.Errorf("queues whose figures of now do not add up, and whether there are queues: %s", got)
		}
		if got := selects(t, dir, "SELECT "+identity+", count() > 5 FROM queue_daily_call_metrics"); got != "0\t1" {
			t.Errorf("days whose figures do not add up, and whether there are days: %s", got)
		}
	}
	for _, table := range []string{"queue_daily_call_metrics_versions", "queue_interval_metrics_versions"} {
		if got := selects(t, dir, "SELECT "+identity+" FROM "+table); got != "0" {
			t.Errorf("%s versions of %s do not add up", got, table)
		}
	}
	p.until("a hundred observations", func() bool { return selects(t, dir, "SELECT count() > 100 FROM queue_status") == "1" })
	if got := selects(t, dir, "SELECT "+requesters+" FROM queue_status"); got != "0" {
		t.Errorf("%s observations do not add up", got)
	}
}
