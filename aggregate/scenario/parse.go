package scenario

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"ringside/aggregate"
	"ringside/ingest"
)

// Scenario is a parsed file.
type Scenario struct {
	Name     string
	Settings *aggregate.Settings
	steps    []step
	lines    []string // of the file, for Rewrite
	base     time.Time
	names    names
	rules    map[string]*aggregate.QueueRules // by queue name
	org      string
}

// step is an event, a movement of the clock, or a table to compare; exactly one of them is set.
type step struct {
	line   int // index into lines
	event  *ingest.Event
	result string // what Apply must answer; "" if the file does not say
	now    ingest.Time
	table  *table
}

// table is an expectation, and the lines it takes in the file.
type table struct {
	kind        string
	first, last int // lines of its rows, header included: [first, last)
	columns     []string
	rows        [][]string
}

// Load parses the file at path.
func Load(path string) (*Scenario, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("scenario: %w", err)
	}
	return Parse(strings.TrimSuffix(filepath.Base(path), ".txt"), string(text))
}

// Parse parses the text of a scenario. Errors name the line.
func Parse(name, text string) (*Scenario, error) {
	s := &Scenario{Name: name, Settings: aggregate.DefaultSettings(), names: names{byID: nameMap()}, org: "org",
		lines: strings.Split(strings.TrimRight(text, "\n"), "\n"), rules: map[string]*aggregate.QueueRules{}}
	s.Settings.Zone = loadZone
	for i := 0; i < len(s.lines); {
		next, err := s.parseLine(i, 0, 0)
		if err != nil {
			return nil, fmt.Errorf("%s:%d: %w", name, i+1, err)
		}
		i = next
	}
	s.resolveRules()
	return s, nil
}

// parseLine parses what begins at line i and returns the line after it. Within a repeat, round is its number, counted
// from 1, and shift what it adds to offsets.
func (s *Scenario) parseLine(i, round int, shift time.Duration) (next int, err error) {
	line, _, _ := strings.Cut(s.lines[i], "#")
	if round > 0 {
		line = strings.ReplaceAll(line, "$", strconv.Itoa(round))
	}
	words := strings.Fields(line)
	if len(words) == 0 {
		return i + 1, nil
	}
	switch first := words[0]; {
	case first == "repeat":
		return s.parseRepeat(i, words)
	case first[0] == '@':
		s.base, err = time.Parse(time.RFC3339Nano, first[1:])
	case first[0] == '+' || first[0] == '-':
		err = s.parseEvent(i, words, shift)
	case first == "now":
		var at ingest.Time
		if at, err = s.instant(words[len(words)-1], shift); err == nil {
			s.steps = append(s.steps, step{line: i, now: at})
		}
	case first == "org" && len(words) == 2:
		s.org = words[1]
	case kinds[first] != nil && len(words) == 1:
		return s.parseTable(i, first)
	default:
		err = s.parseSetting(words)
	}
	return i + 1, err
}

// parseRepeat handles `repeat N every D` … `end`.
func (s *Scenario) parseRepeat(i int, words []string) (int, error) {
	if len(words) != 4 || words[2] != "every" {
		return 0, fmt.Errorf("want: repeat N every DURATION")
	}
	rounds, err := strconv.Atoi(words[1])
	if err != nil {
		return 0, fmt.Errorf("repeat: %w", err)
	}
	every, err := time.ParseDuration(words[3])
	if err != nil {
		return 0, fmt.Errorf("repeat: %w", err)
	}
	end := i + 1
	for end < len(s.lines) && strings.TrimSpace(s.lines[end]) != "end" {
		end++
	}
	if end == len(s.lines) {
		return 0, fmt.Errorf("repeat without end")
	}
	for round := 1; round <= rounds; round++ {
		for j := i + 1; j < end; j++ {
			if _, err := s.parseLine(j, round, every*time.Duration(round-1)); err != nil {
				return 0, fmt.Errorf("line %d: %w", j+1, err)
			}
		}
	}
	return end + 1, nil
}

// parseTable takes the rows below a table's name: the header, then what is expected.
func (s *Scenario) parseTable(i int, kind string) (int, error) {
	t := &table{kind: kind, first: i + 1}
	for i++; i < len(s.lines) && strings.HasPrefix(strings.TrimSpace(s.lines[i]), "|"); i++ {
		cells := strings.Split(strings.Trim(strings.TrimSpace(s.lines[i]), "|"), "|")
		for j := range cells {
			cells[j] = strings.TrimSpace(cells[j])
		}
		if t.columns == nil {
			t.columns = cells
			continue
		}
		if len(cells) != len(t.columns) {
			return 0, fmt.Errorf("line %d: %d cells under %d columns", i+1, len(cells), len(t.columns))
		}
		t.rows = append(t.rows, cells)
	}
	if t.columns == nil {
		return 0, fmt.Errorf("table %s without columns", kind)
	}
	for _, c := range t.columns {
		if kinds[kind].cells[c] == nil {
			return 0, fmt.Errorf("table %s has no column %q", kind, c)
		}
	}
	t.last = i
	s.steps = append(s.steps, step{line: t.first - 1, table: t})
	return i, nil
}

// instant parses an offset: seconds, or a duration of Go, signed.
func (s *Scenario) instant(text string, shift time.Duration) (ingest.Time, error) {
	if s.base.IsZero() {
		return 0, fmt.Errorf("an offset before the first @time")
	}
	if text[0] == '@' {
		at, err := time.Parse(time.RFC3339Nano, text[1:])
		return ingest.FromGo(at), err
	}
	if d, err := time.ParseDuration(strings.TrimPrefix(text, "+")); err == nil {
		return ingest.FromGo(s.base.Add(shift)) + ingest.Time(d/100), nil
	}
	// Seconds are taken apart as text: all seven digits order events, and a float would round them.
	sign := ingest.Time(1)
	digits := strings.TrimPrefix(text, "+")
	if strings.HasPrefix(text, "-") {
		sign, digits = -1, text[1:]
	}
	whole, fraction, _ := strings.Cut(digits, ".")
	if len(fraction) > 7 {
		return 0, fmt.Errorf("more than seven fractional digits: %s", text)
	}
	ticks, err := strconv.ParseInt(whole+(fraction + "0000000")[:7], 10, 64)
	if err != nil {
		return 0, fmt.Errorf("offset: %w", err)
	}
	return ingest.FromGo(s.base.Add(shift)) + sign*ingest.Time(ticks), nil
}
