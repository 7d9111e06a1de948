package cli

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"ringside/ingest"
	"ringside/internal/sim"
)

// TestReconcileKnowsWhatWasSetBefore: who is attached and in which zone queues are was told three days before, nothing of
// it since but lists that say nothing. Another run changes nothing; parts of the date can be compared alone.
func TestReconcileKnowsWhatWasSetBefore(t *testing.T) {
	needStore(t)
	dir := t.TempDir()
	c := sim.DefaultConfig(75)
	c.Scale, c.End = .04, c.Start.Add(4*24*time.Hour)
	c.Rates.Reattach = 0 // else its lists follow
	d := &day{sim: sim.New(c), config: c}
	d.delivered = d.sim.All()
	config := d.configFile(t, dir, "")
	q := openStore(t, dir)
	// A replay shows what it ends with: the second begins at noon of the last day.
	noon := 0
	for noon < len(d.delivered) && d.delivered[noon].At < ingest.FromGo(c.Start.Add(84*time.Hour)) {
		noon++
	}
	must(t, "replay", record(t, d.delivered[:noon]), "--config", config)
	must(t, "replay", record(t, d.delivered[noon:]), "--config", config)
	if got := q(`SELECT count() FROM events WHERE type = 'QueueAttachedUsers' AND match(body, '"AttachedUsers":\\[') AND happened_at > '2026-09-16'`); got != "0" {
		t.Fatalf("%s lists of users after the first day", got)
	}
	id := organizationsOf(d)[0].String()
	arguments := []string{"reconcile", "--date", "2026-09-19", "--config", config}
	out := must(t, append(arguments, "--all")...)
	last := out[strings.LastIndex(strings.TrimSuffix(out, "\n"), "\n")+1:]
	if !strings.HasPrefix(last, "organization="+id+" date=2026-09-19 compared=") || !strings.Contains(last, " differ=0 not_final=0") {
		t.Errorf("%s\n%s", out, last)
	}
	rows := q("SELECT * EXCEPT run_at FROM reconciliation ORDER BY ALL")
	if n := strings.Count(rows, "\n"); n < 20_000 {
		t.Errorf("only %d figures", n)
	}
	// Since a queue or a list was first seen, something was shown of it; of a queue's days nothing is known.
	if got := q(`SELECT r.kind, countIf(isNotNull(r.shown_then)) > 0, countIf(isNotNull(r.shown_then) != (r.kind != 'QueueDailyCallMetrics' AND r.published_at >= s.first))
FROM reconciliation AS r INNER JOIN (
    SELECT queue_id AS entity_id, min(observed_at) AS first FROM queue_status GROUP BY queue_id
    UNION ALL SELECT call_list_id, min(observed_at) FROM callback_list_status GROUP BY call_list_id) AS s ON s.entity_id = r.entity_id
GROUP BY r.kind ORDER BY r.kind`); got != "CallbackListStatus\t1\t0\nQueueDailyCallMetrics\t0\t0\nQueueStatus\t1\t0" {
		t.Errorf("kinds, whether what was shown is known of any, and of how many it should be otherwise: %s", got)
	}
	if got := q(`SELECT count() > 0, countIf(r.shown_then != s.total_open_requests) FROM (SELECT * FROM reconciliation WHERE field = 'TotalOpenRequests' AND isNotNull(shown_then)) AS r
ASOF INNER JOIN callback_list_status AS s ON s.call_list_id = r.entity_id AND r.published_at >= s.observed_at`); got != "1\t0" {
		t.Errorf("open requests were shown, and so many times they are not those of callback_list_status: %s", got)
	}
	must(t, append(arguments, "--organization", id)...)
	if again := q("SELECT * EXCEPT run_at FROM reconciliation ORDER BY ALL"); again != rows {
		t.Error("the second run has changed rows")
	}
	queue := q("SELECT any(queue_id) FROM queues WHERE queue_name LIKE 'Emergency%'")
	out = must(t, append(arguments, "--organization", id, "--queue", queue, "--kind", "queuedailycallmetrics")...)
	if strings.Contains(out, "QueueStatus") || !strings.Contains(out, " differ=0 ") || strings.Count(out, "\n") != 16 {
		t.Errorf("of one queue and kind: %s", out)
	}
	_, errs, code := ringside(t, "reconcile", "--organization", id, "--date", "2026-09-25", "--config", config)
	if code != exitFailed || !strings.Contains(errs, "has published none of QueueStatus, ") || !strings.Contains(errs, " on 2026-09-25") {
		t.Errorf("of a date without figures: %d, %s", code, errs)
	}
}

// TestReconcileRefuses: wrong usage, and events that are not there.
func TestReconcileRefuses(t *testing.T) {
	for _, tc := range []struct{ arguments, want string }{
		{"--date 2026-09-16", "--organization is missing (or --all)"},
		{"--all", "--date is missing"},
		{"--all --organization " + organization + " --date 2026-09-16", "exclude each other"},
		{"--organization x --date 2026-09-16", "is no id"},
		{"--all --date 16.9.2026", "is no date"},
		{"--all --date 2026-09-16 --kind Queue", `--kind "Queue" is none of QueueStatus, QueueDailyCallMetrics`},
		{"--all --date 2026-09-16 --queue q", `--queue "q" is no id`},
		{"--all --date 2026-09-16 --format xml", "neither table nor json"},
	} {
		_, errs, code := ringside(t, append([]string{"reconcile"}, strings.Fields(tc.arguments)...)...)
		if code != exitUsage || !strings.Contains(errs, tc.want) {
			t.Errorf("%s: exit %d, %s", tc.arguments, code, errs)
		}
	}
	_, errs, code := ringside(t, "reconcile", "--all", "--date", "2026-09-16", "--data-dir", t.TempDir())
	if code != exitFailed || !strings.Contains(errs, "there is no store in") {
		t.Errorf("without a store: exit %d, %s", code, errs)
	}
	needStore(t)
	dir := t.TempDir()
	d := vendorDay(76, .02, sim.Vendor{})
	config := d.configFile(t, dir, "store: {events: ids}\n")
	openStore(t, dir)
	must(t, "replay", record(t, d.delivered), "--config", config)
	_, errs, code = ringside(t, "reconcile", "--all", "--date", "2026-09-16", "--config", config)
	if code != exitFailed || !strings.Contains(errs, "are kept without their bodies") || !strings.Contains(errs, "store.events was full") {
		t.Errorf("without bodies: exit %d, %s", code, errs)
	}
}

// TestReconcileLeavesWhatIsNotFinal: figures that the lateness has not passed are not judged; a call that is lost with a
// quiet vendor is.
func TestReconcileLeavesWhatIsNotFinal(t *testing.T) {
	needStore(t)
	dir, say := t.TempDir(), sayings()
	daily := func(at string, total, answered int) string {
		return say("QueueDailyCallMetrics", at, fmt.Sprintf(`,"QueueDate":"2026-03-02","InboundTotalCalls":%d,"InboundAnsweredCalls":%d,"InboundAvgWaitTimeSec":%s`,
			total, answered, map[bool]string{true: "20.0", false: "0.0"}[answered > 0]))
	}
	lines := []string{
		say("QueueCallInComing", "2026-03-02T09:00:00Z", call),
		say("QueueCallInArrived", "2026-03-02T09:00:10Z", call),
		daily("2026-03-02T09:00:20Z", 0, 0), // of 10 s ago, within the tolerance
		say("QueueCallInUserConnected", "2026-03-02T09:00:30Z", call+agent),
		daily("2026-03-02T09:00:40Z", 1, 1),
		say("QueueCallInDisconnected", "2026-03-02T09:05:00Z", call+`,"Reason":"remote"`),
		daily("2026-03-02T09:06:00Z", 2, 1), // one too many
		daily("2026-03-02T10:30:00Z", 9, 9), // not final
		say("UserStatus", "2026-03-02T10:40:00Z", agent),
	}
	q := openStore(t, dir)
	must(t, "replay", written(t, lines), "--data-dir", dir)
	out := must(t, "reconcile", "--organization", organization, "--date", "2026-03-02", "--data-dir", dir)
	for _, want := range []string{
		"QueueDailyCallMetrics  InboundTotalCalls      3         66.67    1                    1                -             1\n",
		"QueueDailyCallMetrics  InboundAnsweredCalls   3         100      -                    -                -             -\n",
		"QueueDailyCallMetrics  InboundAvgWaitTimeSec  3         100      -                    -                -             -\n",
		"\nQueueDailyCallMetrics.InboundTotalCalls: 1 of 3 differ; no other reading explains it\n",
		"compared=9 agree=8 differ=1 not_final=1",
	} {
		if !strings.Contains(out, want) {
			t.Errorf("%s\nlacks %q", out, want)
		}
	}
	got := q("SELECT published_at, published, recomputed, difference FROM reconciliation WHERE field = 'InboundTotalCalls' ORDER BY published_at")
	want := "2026-03-02 09:00:20.000000\t0\t1\t0\n2026-03-02 09:00:40.000000\t1\t1\t0\n2026-03-02 09:06:00.000000\t2\t1\t1"
	if got != want {
		t.Errorf("%s, want %s", got, want)
	}
}
