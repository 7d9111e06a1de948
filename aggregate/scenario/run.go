package scenario

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"

	"ringside/aggregate"
	"ringside/ingest"
)

// Engine is what a scenario runs against: the core, or the oracle.
type Engine interface {
	Apply(*ingest.Event) aggregate.Result
	Advance(ingest.Time)
	Rows() aggregate.Rows // all current rows, one per key
}

// resultNames are what stands behind => in a file.
var resultNames = map[aggregate.Result]string{aggregate.Accepted: "accepted", aggregate.Duplicate: "duplicate",
	aggregate.Late: "late", aggregate.Conflict: "conflict", aggregate.OutOfRange: "out_of_range", aggregate.Full: "full"}

// Run applies the scenario's lines in order and returns what differs from the file, a message each.
func (s *Scenario) Run(e Engine) []string {
	var diffs []string
	horizon := ingest.Time(0)
	for _, st := range s.steps {
		switch {
		case st.event != nil:
			horizon = advance(e, st.event, horizon)
			got := e.Apply(st.event)
			if st.result != "" && resultNames[got] != st.result {
				diffs = append(diffs, fmt.Sprintf("%s:%d: got %s, want %s: %s", s.Name, st.line+1, resultNames[got], st.result,
					s.lines[st.line]))
			}
		case st.table != nil:
			rows := e.Rows()
			diffs = append(diffs, s.compare(st.table, &rows)...)
		default:
			e.Advance(st.now)
		}
	}
	return diffs
}

// advance moves the wall clock to an event that is about to arrive, so that the engine runs live.
func advance(e Engine, ev *ingest.Event, horizon ingest.Time) ingest.Time {
	at := ev.Timestamp
	if ev.ReceivedAt != ingest.Unset {
		at = min(at, ev.ReceivedAt)
	}
	if at > horizon && ev.Timestamp != ingest.OpenEnded {
		e.Advance(at)
		return at
	}
	return horizon
}

// Shufflable tells whether the order of the lines may not matter: nothing says what Apply answers, and no event is
// further behind another than METRICS.md allows, ¾ of the lateness.
func (s *Scenario) Shufflable() bool {
	first, last := ingest.OpenEnded, ingest.Time(0)
	for _, st := range s.steps {
		if st.event == nil {
			continue
		}
		if st.result != "" || st.event.ReceivedAt != ingest.Unset {
			return false
		}
		first, last = min(first, st.event.Timestamp), max(last, st.event.Timestamp)
	}
	return last < first.Add(s.Settings.Lateness*3/4)
}

// RunShuffled compares every table with what a new engine makes of the events above it in an order drawn from seed,
// some of them twice.
func (s *Scenario) RunShuffled(newEngine func() Engine, seed uint64) []string {
	var diffs []string
	r := rand.New(rand.NewPCG(seed, 1))
	for n, st := range s.steps {
		if st.table == nil || st.table.kind == "accounting" {
			continue
		}
		var events []*ingest.Event
		now := ingest.Time(0)
		for _, before := range s.steps[:n] {
			if before.event != nil {
				events = append(events, before.event)
				now = max(now, before.event.Timestamp)
				if r.IntN(4) == 0 {
					events = append(events, before.event)
				}
			}
			now = max(now, before.now)
		}
		r.Shuffle(len(events), func(i, j int) { events[i], events[j] = events[j], events[i] })
		e := newEngine()
		horizon := ingest.Time(0)
		for _, ev := range events {
			horizon = advance(e, ev, horizon)
			e.Apply(ev)
			if r.IntN(5) == 0 {
				e.Rows() // figures are asked for at any time
			}
		}
		e.Advance(now)
		rows := e.Rows()
		for _, d := range s.compare(st.table, &rows) {
			diffs = append(diffs, fmt.Sprintf("shuffled with seed %d: %s", seed, d))
		}
	}
	return diffs
}

// actual renders the rows of a table's kind with its columns.
func (s *Scenario) actual(t *table, rows *aggregate.Rows) [][]string {
	p := printer{names: &s.names, base: s.base}
	kind := kinds[t.kind]
	var out [][]string
	for i := range kind.count(rows) {
		var cells []string
		for _, c := range t.columns {
			cells = append(cells, kind.cells[c](p, rows, i))
		}
		out = append(out, cells)
	}
	// Ids are random to the reader: rows are in order of what is shown.
	slices.SortStableFunc(out, slices.Compare)
	return out
}

// compare returns the rows that are missing and those that are too many.
func (s *Scenario) compare(t *table, rows *aggregate.Rows) []string {
	want := slices.Clone(t.rows)
	var extra []string
	for _, got := range s.actual(t, rows) {
		i := slices.IndexFunc(want, func(w []string) bool { return slices.Equal(w, got) })
		if i < 0 {
			extra = append(extra, "| "+strings.Join(got, " | ")+" |")
			continue
		}
		want = slices.Delete(want, i, i+1)
	}
	if len(extra) == 0 && len(want) == 0 {
		return nil
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%s:%d: %s\n       | %s |", s.Name, t.first, t.kind, strings.Join(t.columns, " | "))
	for _, w := range want {
		fmt.Fprintf(&b, "\n  want | %s |", strings.Join(w, " | "))
	}
	for _, e := range extra {
		fmt.Fprintf(&b, "\n  got  %s", e)
	}
	return []string{b.String()}
}

// Rewrite runs the scenario and returns its text with the tables replaced by what e gives. What it changes is to be
// reviewed: the files are written from METRICS.md, not from an engine.
func (s *Scenario) Rewrite(e Engine) string {
	lines := slices.Clone(s.lines)
	replaced := map[int][]string{} // by the table's first line
	skip := map[int]bool{}
	horizon := ingest.Time(0)
	for _, st := range s.steps {
		switch {
		case st.event != nil:
			horizon = advance(e, st.event, horizon)
			e.Apply(st.event)
		case st.table != nil:
			rows := e.Rows()
			t := st.table
			replaced[t.first] = align(append([][]string{t.columns}, s.actual(t, &rows)...))
			for i := t.first; i < t.last; i++ {
				skip[i] = true
			}
		default:
			e.Advance(st.now)
		}
	}
	var out []string
	for i, line := range lines {
		out = append(out, replaced[i]...)
		if !skip[i] {
			out = append(out, line)
		}
	}
	return strings.Join(out, "\n") + "\n"
}

func align(rows [][]string) (lines []string) {
	width := make([]int, len(rows[0]))
	for _, r := range rows {
		for i, c := range r {
			width[i] = max(width[i], len(c))
		}
	}
	for _, r := range rows {
		var b strings.Builder
		for i, c := range r {
			fmt.Fprintf(&b, "| %-*s ", width[i], c)
		}
		lines = append(lines, b.String()+"|")
	}
	return lines
}
