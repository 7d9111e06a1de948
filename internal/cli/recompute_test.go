package cli

import (
	"context"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/uuid"

	"ringside/aggregate"
	"ringside/ingest"
	"ringside/internal/sim"
	"ringside/internal/storetest"
	"ringside/store/embedded"
)

// withLate delays some of a day's events until after its end, when they are late: every nth of the busy hours.
func withLate(d *day, n int) (delivered []sim.Event, late int) {
	var delayed []sim.Event
	for i, e := range d.delivered {
		if i > d.settling/4 && i < d.settling*3/4 && i%n == 0 {
			delayed = append(delayed, e)
			continue
		}
		delivered = append(delivered, e)
	}
	return append(delivered, delayed...), len(delayed)
}

// simulateDays is simulateDay over several days.
func simulateDays(seed uint64, days int, scale float64) *day {
	c := sim.DefaultConfig(seed)
	c.Rates, c.Scale, c.End = sim.Everything(), scale, c.Start.Add(time.Duration(days)*24*time.Hour)
	d := &day{sim: sim.New(c), config: c}
	d.delivered = d.sim.All()
	d.settling = len(d.delivered) - len(c.Organizations)
	return d
}

// openStore runs the folder's store in this process, as keepOpen does, and queries it without a process.
func openStore(t *testing.T, dir string) sqlOf {
	t.Helper()
	q := storetest.HTTP(t, keepOpen(t, dir), "ringside")
	return func(query string) string { t.Helper(); return strings.TrimSuffix(q(query), "\n") }
}

// organizationsOf lists those of a day.
func organizationsOf(d *day) (ids []uuid.UUID) {
	seen := map[uuid.UUID]bool{}
	for i := range d.delivered {
		if id := d.delivered[i].Org; !seen[id] {
			seen[id] = true
			ids = append(ids, id)
		}
	}
	return ids
}

var recomputedLine = regexp.MustCompile(`^from=(\S+) to=(\S+) events=(\d+) late_repaired=(\d+) calls_changed=(\d+) calls_added=(\d+) calls_removed=(\d+) ` +
	`figures_changed=(\d+) figures_added=(\d+) figures_removed=(\d+)$`)

// recomputed is the last line of the command.
type recomputed struct {
	from, to         string
	events, repaired int
	calls, figures   [3]int // changed, added, removed
	text             string
}

func parseRecomputed(t *testing.T, out string) (r recomputed) {
	t.Helper()
	lines := strings.Split(strings.TrimSuffix(out, "\n"), "\n")
	r.text = lines[len(lines)-1]
	m := recomputedLine.FindStringSubmatch(r.text)
	if m == nil {
		t.Fatalf("the last line is %q", r.text)
	}
	n := make([]int, len(m))
	for i := 3; i < len(m); i++ {
		n[i], _ = strconv.Atoi(m[i]) // they are digits
	}
	r.from, r.to, r.events, r.repaired, r.calls, r.figures = m[1], m[2], n[3], n[4], [3]int(n[5:8]), [3]int(n[8:11])
	return r
}

func repair(t *testing.T, args ...string) recomputed {
	t.Helper()
	return parseRecomputed(t, must(t, append([]string{"recompute"}, args...)...))
}

// current is what the store shows, so that two moments can be compared: rows without their versions.
func current(q sqlOf) string {
	var b strings.Builder
	for _, table := range []string{"calls", "queue_daily_call_metrics", "queue_interval_metrics", "late_events", "accounting"} {
		fmt.Fprintf(&b, "%s\n%s\n", table, q("SELECT * FROM "+table+" ORDER BY ALL"))
	}
	return b.String()
}

// figureDifferences are those of calls, days, intervals and orphans from the truth: the account says how events arrived.
func (d *day) figureDifferences(t *testing.T, q sqlOf) []string {
	t.Helper()
	rows := storetest.Rows(t, storetest.Query(q))
	rows.Orphans = storetest.JSON[aggregate.OrphanRow](t, storetest.Query(q), "SELECT organization_id AS OrganizationID, event_id AS EventID, "+
		"ifNull(call_id, toUUID('00000000-0000-0000-0000-000000000000')) AS CallID FROM late_events WHERE reason IN ('orphan', 'orphan_found', 'late_orphan')")
	rows.Accounting, rows.Callbacks = nil, nil // callbacks are not repaired
	truth := *d.sim.Truth()
	truth.Emitted, truth.Callbacks = nil, nil
	return truth.Diff(rows)
}

func balanced(t *testing.T, q sqlOf, received, late int) {
	t.Helper()
	want := fmt.Sprintf("%d\t%d\t0", received, late)
	if got := q("SELECT sum(received), sum(late), sum(received - accepted - duplicate - late - rejected - orphan) FROM accounting"); got != want {
		t.Errorf("received, late and difference are %s, want %s", got, want)
	}
	if got := q("SELECT sum(orphan) - (SELECT count() FROM late_events WHERE reason IN ('orphan', 'orphan_found')) FROM accounting"); got != "0" {
		t.Errorf("the accounts have %s orphans more than late_events", got)
	}
}

// dates are the first and the last that anything of the day is on. What an agent was last known to do lasts into the next.
func dates(q sqlOf) (from, to string) {
	from, to, _ = strings.Cut(q("SELECT min(d), max(d) FROM (SELECT call_date AS d FROM calls UNION ALL SELECT queue_date FROM queue_interval_metrics "+
		"UNION ALL SELECT toDate(interval_start) FROM agent_interval_metrics)"), "\t")
	return from, to
}

// TestRecomputedDayIsTheTruth: some of a day's events come late, and the figures are wrong; recomputed, they are the
// truth, whatever the lost events were, and recomputing again changes nothing.
func TestRecomputedDayIsTheTruth(t *testing.T) {
	needStore(t)
	dir := t.TempDir()
	d := simulateDay(dayOptions{seed: 61, organizations: 2, scale: .1})
	config := d.configFile(t, dir, "")
	delivered, late := withLate(d, 23)
	q := openStore(t, dir)
	must(t, "replay", record(t, delivered), "--config", config)
	from, to := dates(q)
	if wrong := d.figureDifferences(t, q); len(wrong) < late/4 {
		t.Fatalf("%d late events make %d differences only", late, len(wrong))
	}
	balanced(t, q, len(delivered), late)

	var repaired int
	for i, id := range organizationsOf(d) {
		other := q("SELECT groupBitXor(sipHash64(*)) FROM calls WHERE organization_id != '" + id.String() + "'")
		r := repair(t, "--organization", id.String(), "--from", from, "--to", to, "--config", config)
		if r.repaired == 0 || r.calls[0] == 0 || r.figures[0] == 0 {
			t.Errorf("%s: nothing was repaired", r.text)
		}
		repaired += r.repaired
		if after := q("SELECT groupBitXor(sipHash64(*)) FROM calls WHERE organization_id != '" + id.String() + "'"); after != other {
			t.Errorf("run %d has changed another organization", i)
		}
	}
	for _, line := range d.figureDifferences(t, q) {
		t.Error(line)
	}
	balanced(t, q, len(delivered), late)
	if got := q("SELECT countIf(reason = 'late_repaired') || ' ' || countIf(reason = 'late') || ' ' || countIf(body = '' AND startsWith(reason, 'late')) FROM late_events"); got != fmt.Sprintf("%d 0 0", repaired) {
		t.Errorf("late events repaired, not repaired and without a body: %s, want %d 0 0", got, repaired)
	}

	marks := q("SELECT reason, count() FROM late_events GROUP BY reason ORDER BY reason")
	for _, reason := range []string{"late_repaired", "orphan_repaired", "orphan"} {
		if !strings.Contains(marks+"\n", reason+"\t") {
			t.Errorf("no event has the reason %s, so that it is not tested: %s", reason, marks)
		}
	}

	before := current(q)
	for _, id := range organizationsOf(d)[:1] {
		r := repair(t, "--organization", id.String(), "--from", from, "--to", to, "--config", config)
		if r.repaired != 0 || r.calls != [3]int{} || r.figures != [3]int{} {
			t.Errorf("the second time: %s", r.text)
		}
	}
	if after := current(q); after != before {
		t.Error("the second run has changed rows")
	}
	if got := q("SELECT count() FROM system.databases WHERE name LIKE 'ringside_recompute%'"); got != "0" {
		t.Errorf("%s scratch databases are left", got)
	}
}

// TestRecomputeSurvivesKills kills a recompute at moments of its work; the next one ends as if nothing had been.
func TestRecomputeSurvivesKills(t *testing.T) {
	needStore(t)
	dir := t.TempDir()
	d := simulateDay(dayOptions{seed: 62, scale: .15})
	config := d.configFile(t, dir, "")
	delivered, late := withLate(d, 19)
	q := openStore(t, dir)
	must(t, "replay", record(t, delivered), "--config", config)
	from, to := dates(q)
	arguments := []string{"recompute", "--organization", organizationsOf(d)[0].String(), "--from", from, "--to", to, "--config", config}
	const databases = "SELECT groupArray(name) FROM system.databases WHERE startsWith(name, 'ringside_recompute_')"
	known := "[]" // what was left before the run at hand
	scratch := func(table string) string {
		return q("SELECT ifNull(sum(total_rows), 0) FROM system.tables WHERE startsWith(database, 'ringside_recompute_') AND NOT has(" + known + "::Array(String), database) AND name = '" + table + "'")
	}
	for i, at := range []struct {
		name  string
		holds func() bool
	}{
		{"its scratch database is made", func() bool { return scratch("schema_migrations") != "0" }},
		{"calls are computed", func() bool { return scratch("calls_versions") != "0" }},
		{"the first rows are written", func() bool {
			return q("SELECT count() FROM calls_versions WHERE version >= (SELECT max(version) FROM flush_marks WHERE kafka_group = 'ringside.recompute')") > "0" &&
				q("SELECT count() FROM flush_marks WHERE kafka_group = 'ringside.recompute'") > "0"
		}},
	} {
		known = q(databases)
		p := start(t, nil, arguments...)
		for ended := time.After(patience); !at.holds(); time.Sleep(10 * time.Millisecond) {
			select {
			case <-p.done:
				t.Fatalf("it ended before %s: %s", at.name, p.err.String())
			case <-ended:
				t.Fatalf("not within %s: %s", patience, at.name)
			default:
			}
		}
		p.signal(syscall.SIGKILL)
		if code := p.end(patience); code != -1 {
			t.Errorf("it ended with %d before it was killed when %s", code, at.name)
		}
		if i < 2 && q(databases) == "[]" {
			t.Errorf("killed when %s, it has left no scratch database", at.name)
		}
	}
	known = q(databases)
	p := start(t, nil, arguments...)
	p.until("its scratch database", func() bool { return scratch("late_input") != "0" })
	p.signal(syscall.SIGINT)
	if code := p.end(patience); code != exitFailed || !strings.Contains(p.err.String(), "ringside: recompute: interrupted: ") {
		t.Errorf("after SIGINT: exit %d, %s", code, p.err.String())
	}
	if got := q(databases); got != "[]" {
		t.Errorf("an interrupted run has left %s", got)
	}
	if r := repair(t, arguments[1:]...); r.events == 0 {
		t.Error(r.text)
	}
	for _, line := range d.figureDifferences(t, q) {
		t.Error(line)
	}
	balanced(t, q, len(delivered), late)
	if got := q(databases); got != "[]" {
		t.Errorf("the scratch databases %s are left", got)
	}
	if r := repair(t, arguments[1:]...); r.repaired != 0 || r.calls != [3]int{} || r.figures != [3]int{} {
		t.Errorf("after the repair: %s", r.text)
	}
}

// TestRecomputeWithoutLateEventsChangesNothing: of any of the days, and with what is needed around them. It is exact to
// names and callers' pseudonyms.
func TestRecomputeWithoutLateEventsChangesNothing(t *testing.T) {
	needStore(t)
	dir := t.TempDir()
	d := simulateDays(63, 3, .03)
	config := d.configFile(t, dir, "")
	q := openStore(t, dir)
	must(t, "replay", record(t, d.delivered), "--config", config)
	d.compare(t, q)
	first, to := dates(q)
	second := q("SELECT toDate('" + first + "') + 2")
	before := current(q)
	for _, dates := range [][2]string{{first, to}, {second, second}} {
		r := repair(t, "--organization", organizationsOf(d)[0].String(), "--from", dates[0], "--to", dates[1], "--config", config)
		if r.events == 0 || r.repaired != 0 || r.calls != [3]int{} || r.figures != [3]int{} {
			t.Errorf("from %s to %s: %s", dates[0], dates[1], r.text)
		}
	}
	if after := current(q); after != before {
		t.Error("rows have changed")
	}
}

// TestRecomputeBesideTheEngine: late events of the first of three days are repaired while the engine runs; the last
// day is left alone. A restart of the engine changes nothing of it.
func TestRecomputeBesideTheEngine(t *testing.T) {
	needStore(t)
	dir, address := t.TempDir(), ownBroker(t, 2)
	d := simulateDays(64, 3, .02)
	config := d.configFile(t, dir, outside(address))
	end := ingest.FromGo(d.config.Start.Add(24 * time.Hour))
	var delivered, delayed []sim.Event
	for i, e := range d.delivered {
		if i > 1000 && e.At < end && i%13 == 0 {
			delayed = append(delayed, e)
		} else {
			delivered = append(delivered, e)
		}
	}
	day := newProducing(t, address)
	day.send(append(delivered, delayed...))
	p := runProcess(t, config)
	p.caughtUp(2)
	q := storetest.HTTP(t, storeURL(t, dir), "ringside")
	p.until("a checkpoint of everything", func() bool {
		return q("SELECT sum(arraySum(offsets)) FROM checkpoint_manifests WHERE kafka_group = 'ringside'") == strconv.Itoa(day.sent)+"\n"
	})
	sql := sqlOf(func(query string) string { t.Helper(); return strings.TrimSuffix(q(query), "\n") })
	if wrong := d.figureDifferences(t, sql); len(wrong) < len(delayed)/4 {
		t.Fatalf("%d late events make %d differences only", len(delayed), len(wrong))
	}
	from, to := dates(sql)
	id := organizationsOf(d)[0].String()
	arguments := []string{"--organization", id, "--from", from, "--to", to, "--config", config}
	out, errs, code := ringside(t, append([]string{"recompute"}, arguments...)...)
	if code != exitDone {
		t.Fatalf("exit %d: %s", code, errs)
	}
	r := parseRecomputed(t, out)
	horizon := sql("SELECT toDate(max(horizon)) FROM accounting")
	if r.repaired == 0 || r.to >= horizon || r.to < sql("SELECT toDate('"+horizon+"') - 2") {
		t.Errorf("horizon %s: %s", horizon, r.text)
	}
	if want := "left alone, since the engine still holds it: "; !strings.Contains(errs, want) || !strings.Contains(errs, "can be repaired once they have passed") {
		t.Errorf("stderr %q, want …%s…", errs, want)
	}
	for _, line := range d.figureDifferences(t, sql) {
		t.Error(line)
	}
	balanced(t, sql, day.sent, len(delayed))
	if got := sql("SELECT max(call_date) FROM calls_versions WHERE kafka_partition = -1"); got > r.to {
		t.Errorf("calls of %s were written, the engine holds what is after %s", got, r.to)
	}
	if r := repair(t, arguments...); r.repaired != 0 || r.calls != [3]int{} || r.figures != [3]int{} {
		t.Errorf("the second time: %s", r.text)
	}
	_, errs, code = ringside(t, "recompute", "--organization", id, "--from", to, "--to", to, "--config", config)
	if code != exitFailed || !strings.Contains(errs, "nothing was changed: the engine still holds "+to) {
		t.Errorf("of a date that is held: exit %d, %q", code, errs)
	}
	p.kill()
	p = runProcess(t, config)
	p.caughtUp(2)
	p.stop()
	sql = openStore(t, dir)
	for _, line := range d.figureDifferences(t, sql) {
		t.Error("after a kill of the engine: " + line)
	}
	balanced(t, sql, day.sent, len(delayed))
}

// storeURL is the address of a store that another process runs.
func storeURL(t *testing.T, dir string) string {
	t.Helper()
	store, err := embedded.OpenOrJoin(context.Background(), embedded.Options{DataDir: dir})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = store.Close(context.Background()) })
	return store.URL()
}

// TestRecomputeDateByDate: late events of three days are repaired a date at a time, each with what it needs of the others.
func TestRecomputeDateByDate(t *testing.T) {
	needStore(t)
	dir := t.TempDir()
	d := simulateDays(68, 2, .05)
	config := d.configFile(t, dir, "")
	delivered, late := withLate(d, 11)
	q := openStore(t, dir)
	must(t, "replay", record(t, delivered), "--config", config)
	if wrong := d.figureDifferences(t, q); len(wrong) < late/4 {
		t.Fatalf("%d late events make %d differences only", late, len(wrong))
	}
	from, to := dates(q)
	repaired := 0
	for date := from; date <= to; date = q("SELECT toDate('" + date + "') + 1") {
		r := repair(t, "--organization", organizationsOf(d)[0].String(), "--from", date, "--to", date, "--config", config)
		repaired += r.repaired
	}
	if repaired == 0 || repaired > late {
		t.Errorf("%d of %d late events were repaired", repaired, late)
	}
	for _, line := range d.figureDifferences(t, q) {
		t.Error(line)
	}
	balanced(t, q, len(delivered), late)
}
