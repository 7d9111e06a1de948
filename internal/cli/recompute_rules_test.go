package cli

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestWhatIfIsAReplayUnderOtherRules: a what-if with other thresholds gives what a replay of everything under those rules
// gives, and changes nothing of what is.
func TestWhatIfIsAReplayUnderOtherRules(t *testing.T) {
	needStore(t)
	d := simulateDay(dayOptions{seed: 65, scale: .15})
	file := record(t, d.delivered)
	dir, other := t.TempDir(), t.TempDir()
	numbers := "privacy: {key: an-arbitrary-key-of-some-length}\n"
	config := d.configFile(t, dir, numbers)
	rules := regexp.MustCompile(`threshold: \w+, short_abandon: \w+`).ReplaceAllString(d.rules(), "threshold: 7s, short_abandon: 3s") +
		"definitions: {prompt: {max: 0s}}\n"
	q := openStore(t, dir)
	must(t, "replay", file, "--config", config)
	from, to := dates(q)
	before := current(q)

	whatIf := filepath.Join(t.TempDir(), "other.yaml")
	if err := os.WriteFile(whatIf, []byte(rules), 0o600); err != nil {
		t.Fatal(err)
	}
	arguments := []string{"recompute", "--organization", organizationsOf(d)[0].String(), "--from", from, "--to", to, "--config", config,
		"--what-if", whatIf, "--into", "what_if"}
	out := must(t, arguments...)
	r := parseRecomputed(t, out)
	if r.calls[1] == 0 || r.figures[1] == 0 || r.repaired != 0 {
		t.Errorf("into an empty database: %s", r.text)
	}
	if again := parseRecomputed(t, must(t, arguments...)); again.calls != [3]int{} || again.figures != [3]int{} {
		t.Errorf("the second time: %s", again.text)
	}
	if after := current(q); after != before {
		t.Error("rows of the store have changed")
	}

	config = filepath.Join(t.TempDir(), "other.yaml")
	if err := os.WriteFile(config, []byte(fmt.Sprintf("data_dir: %q\n%s%s", other, numbers, rules)), 0o600); err != nil {
		t.Fatal(err)
	}
	replayed := openStore(t, other)
	must(t, "replay", file, "--config", config)
	for _, table := range []string{"calls", "queue_daily_call_metrics", "queue_interval_metrics"} {
		if got, want := q("SELECT * FROM what_if."+table+" ORDER BY ALL"), replayed("SELECT * FROM "+table+" ORDER BY ALL"); got != want || got == "" {
			t.Errorf("%s differs from that of a replay", table)
		}
	}
	checkComparison(t, out, q)
}

// checkComparison holds the printed table to the two databases.
func checkComparison(t *testing.T, out string, q sqlOf) {
	t.Helper()
	level := func(database string) string {
		return q("SELECT toString(round(100 * sum(level_met) / sum(level_answered + level_abandoned - level_short_abandons + level_failed), 1)) FROM " + database +
			".queue_daily_call_metrics WHERE queue_name = (SELECT min(queue_name) FROM ringside.queue_daily_call_metrics)")
	}
	name := q("SELECT min(queue_name) FROM queue_daily_call_metrics")
	was, were := level("ringside"), level("what_if")
	if was == were {
		t.Errorf("the rules make no difference: %s", was)
	}
	for line := range strings.SplitSeq(out, "\n") {
		fields := regexp.MustCompile(`  +`).Split(line, -1)
		if len(fields) == 5 && fields[0] == name && fields[1] == "ignore_short_abandons %" {
			if strings.TrimSuffix(fields[2], ".0") != was || strings.TrimSuffix(fields[3], ".0") != were {
				t.Errorf("the table has %q, want %s and %s", line, was, were)
			}
			return
		}
	}
	t.Errorf("no service level of %s in\n%s", name, out)
}

func TestRecomputeRefuses(t *testing.T) {
	needStore(t)
	dir := t.TempDir()
	d := simulateDay(dayOptions{seed: 66, scale: .01})
	config := d.configFile(t, dir, "store: {events: ids}\n")
	q := openStore(t, dir)
	must(t, "replay", record(t, d.delivered), "--config", config)
	id, rules := organizationsOf(d)[0].String(), filepath.Join(t.TempDir(), "rules.yaml")
	if err := os.WriteFile(rules, []byte("rules: {service_level: {threshold: 5s}}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	before := current(q)
	check := func(code int, want string, args ...string) {
		t.Helper()
		out, errs, got := ringside(t, append([]string{"recompute"}, args...)...)
		if got != code || !strings.Contains(errs, want) || out != "" {
			t.Errorf("%v: exit %d, %q %q; want %d, …%s…", args, got, out, errs, code, want)
		}
	}
	at := func(more ...string) []string {
		return append([]string{"--organization", id, "--from", "2026-03-02", "--to", "2026-03-02", "--config", config}, more...)
	}
	check(exitFailed, "events of organization "+id+" from 2026-", at()...)
	check(exitFailed, "kept without their bodies: nothing was changed", at()...)
	check(exitUsage, "--into ringside is the engine's own database", at("--what-if", rules, "--into", "ringside")...)
	check(exitUsage, "--what-if and --into go together", at("--into", "elsewhere")...)
	check(exitUsage, "is no name for a database", at("--what-if", rules, "--into", "a`b")...)
	check(exitUsage, "no such file", at("--what-if", rules+"x", "--into", "elsewhere")...)
	check(exitUsage, "unknown key", at("--what-if", config, "--into", "elsewhere")...)
	check(exitFailed, "organization "+organization+" is not in this store", "--organization", organization, "--from", "2026-03-02", "--to", "2026-03-02", "--config", config)
	check(exitUsage, "--from 2026-03-03 is after --to 2026-03-02", "--organization", id, "--from", "2026-03-03", "--to", "2026-03-02", "--config", config)
	check(exitUsage, `--to "yesterday" is no date: wanted is one as 2026-03-02`, "--organization", id, "--from", "2026-03-03", "--to", "yesterday")
	check(exitUsage, `--organization "acme" is no id`, "--organization", "acme", "--from", "2026-03-03", "--to", "2026-03-03")
	check(exitUsage, "--from is missing", "--organization", id)
	check(exitFailed, "there is no store in", "--organization", id, "--from", "2026-03-02", "--to", "2026-03-02", "--data-dir", t.TempDir())
	if after := current(q); after != before {
		t.Error("a refused run has changed rows")
	}
}

// TestRecomputeGuardsTheRules: a repair under other rules than the days were judged by changes nothing unless it is asked
// to; nor does one of days of which events are gone.
func TestRecomputeGuards(t *testing.T) {
	needStore(t)
	dir := t.TempDir()
	d := simulateDay(dayOptions{seed: 67, scale: .01})
	q := openStore(t, dir)
	must(t, "replay", record(t, d.delivered), "--config", d.configFile(t, dir, ""))
	from, to := dates(q)
	arguments := []string{"recompute", "--organization", organizationsOf(d)[0].String(), "--from", from, "--to", to, "--data-dir", dir}
	before := current(q)
	if out, errs, code := ringside(t, arguments...); code != exitFailed || !strings.Contains(errs, "were computed under other rules (queue ") || out != "" {
		t.Errorf("under default rules: exit %d, %s%s", code, out, errs)
	}
	if current(q) != before {
		t.Error("a refused run has changed rows")
	}
	if r := parseRecomputed(t, must(t, append(arguments, "--apply-rules")...)); r.figures[0]+r.figures[1] == 0 {
		t.Errorf("the rules are not applied: %s", r.text)
	}
	if got := q("SELECT uniqExact(service_level_threshold_sec) || ' ' || any(service_level_threshold_sec) FROM queue_daily_call_metrics"); got != "1 20" {
		t.Errorf("different thresholds, and one of them: %s, want the default's 1 20", got)
	}
	q("ALTER TABLE events_versions DELETE WHERE happened_at < (SELECT quantileExact(0.5)(happened_at) FROM events) SETTINGS mutations_sync = 2")
	before = current(q)
	if _, errs, code := ringside(t, append(arguments, "--apply-rules")...); code != exitFailed || !strings.Contains(errs, "are no longer kept, or never were") ||
		!strings.Contains(errs, "nothing was changed") {
		t.Errorf("without the first events: exit %d, %s", code, errs)
	}
	if current(q) != before {
		t.Error("a refused run has changed rows")
	}
}
