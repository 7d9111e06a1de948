package cli

import (
	"bufio"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"ringside/aggregate"
	"ringside/internal/sim"
	"ringside/internal/storetest"
)

// sqlOf runs a query on the store of a test and returns its output.
type sqlOf func(query string) string

func dataDir(t *testing.T, dir string) sqlOf {
	return func(query string) string { t.Helper(); return selects(t, dir, query) }
}

// day is a simulated day in which every rule of METRICS.md happens many times, in the order in which it is delivered.
type day struct {
	sim       *sim.Sim
	config    sim.Config
	delivered []sim.Event
	settling  int // index of the last message of each organization, half a day later: it decides what silence decides
}

type dayOptions struct {
	seed          uint64
	organizations int
	scale         float64
	shuffled      bool // within half an hour, every third event twice
}

func simulateDay(o dayOptions) *day {
	c := sim.DefaultConfig(o.seed)
	c.Rates, c.Scale = sim.Everything(), o.scale
	for len(c.Organizations) < o.organizations {
		c.Organizations = append(c.Organizations, sim.NordicCare())
	}
	d := &day{sim: sim.New(c), config: c}
	events := d.sim.All()
	d.settling = len(events) - len(c.Organizations)
	d.delivered = events
	if o.shuffled {
		busy := sim.Duplicate(sim.Shuffle(events[:d.settling], 30*time.Minute, o.seed), 3)
		d.delivered = append(busy, events[d.settling:]...)
		d.settling = len(busy)
	}
	return d
}

// rules are the simulation's rules as the configuration writes them.
func (d *day) rules() string {
	settings, truth := d.config.Settings(), d.sim.Truth()
	queues := map[uuid.UUID]map[uuid.UUID]bool{}
	for _, w := range truth.Daily {
		if queues[w.Organization] == nil {
			queues[w.Organization] = map[uuid.UUID]bool{}
		}
		queues[w.Organization][w.Queue] = true
	}
	var b strings.Builder
	b.WriteString("rules:\n  organizations:\n")
	for organization, of := range queues {
		fmt.Fprintf(&b, "    - id: %s\n      queues:\n", organization)
		for queue := range of {
			r := settings.Rules(organization, queue, nil)
			fmt.Fprintf(&b, "        - {id: %s, time_zone: %q, service_level: {threshold: %s, short_abandon: %s, target: %v}%s}\n",
				queue, r.Zone, r.Threshold, r.ShortAbandon, r.Target, openingHours(r.Hours))
		}
	}
	return b.String()
}

// openingHours are those of a queue, as the configuration writes them.
func openingHours(h *aggregate.Hours) string {
	if h == nil {
		return ""
	}
	var days []string
	for day, spans := range h.Open {
		var texts []string
		for _, s := range spans {
			texts = append(texts, fmt.Sprintf("%q", fmt.Sprintf("%02d:%02d-%02d:%02d", s.From/60, s.From%60, s.To/60, s.To%60)))
		}
		days = append(days, strings.ToLower(time.Weekday(day).String())+": ["+strings.Join(texts, ", ")+"]")
	}
	return ", opening_hours: {" + strings.Join(days, ", ") + "}"
}

// configFile writes a configuration with the day's rules; more is further YAML.
func (d *day) configFile(t *testing.T, dir, more string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "ringside.yaml")
	text := fmt.Sprintf("data_dir: %q\n%s%s", dir, d.rules(), more)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// record writes events as NDJSON.
func record(t *testing.T, events []sim.Event) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "day.ndjson")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	b := bufio.NewWriter(f)
	for i := range events {
		b.Write(events[i].JSON)
		b.WriteByte('\n')
	}
	if err := b.Flush(); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	return path
}

// compare holds the rows in the store to the truth.
func (d *day) compare(t *testing.T, q sqlOf) {
	t.Helper()
	for _, line := range d.differences(t, q) {
		t.Error(line)
	}
	if t.Failed() {
		t.Logf("received, accepted, duplicate, late, orphans: %s", q("SELECT sum(received), sum(accepted), sum(duplicate), sum(late), sum(orphan) FROM accounting"))
	}
}

// differences are those from the truth, at most a few of them in full.
func (d *day) differences(t *testing.T, q sqlOf) []string {
	t.Helper()
	rows := storetest.Rows(t, storetest.Query(q))
	truth := d.sim.Truth()
	if len(rows.Calls) < len(truth.Calls)/2 || len(rows.Intervals) == 0 {
		t.Fatalf("the store has %d calls and %d intervals, the truth %d calls", len(rows.Calls), len(rows.Intervals), len(truth.Calls))
	}
	all := append(truth.Diff(rows), truth.DiffStructure(storetest.Structure(t, storetest.Query(q)))...)
	if len(all) > 20 {
		all = append(all[:20], fmt.Sprintf("… %d differences in all, of %d calls", len(all), len(truth.Calls)))
	}
	return all
}

// topOfGroups holds the table of each queue group to the group's queues.
func topOfGroups(t *testing.T, dir string, q sqlOf) {
	t.Helper()
	groups := storetest.JSON[struct{ Group, Queues string }](t, storetest.Query(q), `SELECT group_name AS Group, arrayStringConcat(arraySort(groupArray(queue_name)), '|') AS Queues
		FROM queue_groups ARRAY JOIN queue_ids AS queue_id INNER JOIN queues USING (organization_id, queue_id) GROUP BY group_id, group_name`)
	if len(groups) < 2 {
		t.Fatalf("%d queue groups", len(groups))
	}
	for _, g := range groups {
		table := must(t, "top", "--data-dir", dir, "--once", "--group", g.Group)
		of := strings.Split(g.Queues, "|")
		for _, name := range of {
			if !strings.Contains(table, name) {
				t.Errorf("the table of group %s lacks %s:\n%s", g.Group, name, table)
			}
		}
		if lines := strings.Count(table, "\n"); lines > len(of)+4 {
			t.Errorf("the table of group %s, of %d queues, has %d lines:\n%s", g.Group, len(of), lines, table)
		}
	}
	if _, errs, code := ringside(t, "top", "--data-dir", dir, "--once", "--group", "no such group"); code != exitFailed || !strings.Contains(errs, groups[0].Group) {
		t.Errorf("a group that there is not: exit %d, %s", code, errs)
	}
}

func TestReplayedDayIsTheTruth(t *testing.T) {
	needStore(t)
	for _, shuffled := range []bool{false, true} {
		t.Run(fmt.Sprintf("shuffled %v", shuffled), func(t *testing.T) {
			dir := t.TempDir()
			d := simulateDay(dayOptions{seed: 41, shuffled: shuffled})
			config := d.configFile(t, dir, "")
			file := record(t, d.delivered)
			line := must(t, "replay", file, "--config", config)
			if want := fmt.Sprintf("received=%d ", len(d.delivered)); !strings.HasPrefix(line, want) || !strings.Contains(line, " late=0 rejected=0 ") {
				t.Errorf("counts %s, want %s… and nothing late or rejected", line, want)
			}
			keepOpen(t, dir)
			q := dataDir(t, dir)
			d.compare(t, q)
			if got := q("SELECT count() - uniqExact(event_id) FROM events"); got != "0" {
				t.Errorf("%s events are kept twice", got)
			}
			topOfGroups(t, dir, q)
		})
	}
}
