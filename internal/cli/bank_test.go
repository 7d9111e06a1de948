package cli

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// bankFigures are what must come out of the bank's calls, computed by other code from the original records.
type bankFigures struct {
	Calls        int     `json:"calls"`
	Answered     int     `json:"answered"`
	Abandoned    int     `json:"abandoned_in_queue"`
	LeftEarly    int     `json:"hung_in_vru"`
	Offered      int     `json:"offered"`
	ASA          float64 `json:"asa_all"`
	AnsweredWait float64 `json:"sum_wait_answered"`
	AbandonWait  float64 `json:"sum_wait_abandoned"`
	Service      float64 `json:"sum_service"`
	P50          float64 `json:"wait_answered_p50"`
	P90          float64 `json:"wait_answered_p90"`
	P95          float64 `json:"wait_answered_p95"`
	MaxWait      float64 `json:"max_wait"`
	Levels       map[string]struct {
		AllOffered   float64 `json:"cisco_negative"`
		ShortMet     float64 `json:"cisco_positive"`
		IgnoreShort  float64 `json:"cisco_ignore"`
		AnsweredOnly float64 `json:"answered_only"`
		AnsweredIn   int     `json:"ans_le"`
		AbandonedIn  int     `json:"abn_le"`
	} `json:"service_level"`
}

type bankExpected struct {
	bankFigures
	ByType map[string]bankFigures `json:"by_type"`
	ByDay  map[string]bankFigures `json:"by_day"`
}

// bankQueues are the queue names of the record's service types.
var bankQueues = map[string]string{"PS": "Regular", "PE": "Regular, English", "IN": "Internet", "NE": "Stock trading", "NW": "Prospects", "TT": "Call-back"}

func bankData(t *testing.T) (recording string, want bankExpected) {
	t.Helper()
	shared := filepath.Join("..", "..", "..", "shared", "data")
	recording = filepath.Join(shared, "anonymous_bank_1999-02.ndjson.zst")
	text, err := os.ReadFile(filepath.Join(shared, "anonymous_bank_1999-02.expected.json"))
	if err != nil {
		t.Skipf("the bank's data is not beside the repository: %v", err)
	}
	if err := json.Unmarshal(text, &want); err != nil {
		t.Fatal(err)
	}
	return recording, want
}

// numbers reads the fields of one line; NULL is NaN.
func numbers(t *testing.T, line string) (n []float64) {
	t.Helper()
	for _, f := range strings.Split(line, "\t") {
		v, err := strconv.ParseFloat(f, 64)
		if f == `\N` {
			v, err = math.NaN(), nil
		}
		if err != nil {
			t.Fatalf("%q: %v", line, err)
		}
		n = append(n, v)
	}
	return n
}

func (want *bankFigures) compare(t *testing.T, what, line string) {
	t.Helper()
	names := []string{"calls", "answered", "abandoned", "left early", "offered", "ASA", "answered wait", "abandoned wait", "talk", "P50", "P90", "P95", "longest wait"}
	expected := []float64{float64(want.Calls), float64(want.Answered), float64(want.Abandoned), float64(want.LeftEarly), float64(want.Offered),
		want.ASA, want.AnsweredWait, want.AbandonWait, want.Service, want.P50, want.P90, want.P95, want.MaxWait}
	got := numbers(t, line)
	if len(got) != len(expected) {
		t.Fatalf("%s: %d fields, want %d", what, len(got), len(expected))
	}
	for i := range got {
		if !(math.Abs(got[i]-expected[i]) < 1e-6) { // the expected figures are rounded to six digits
			t.Errorf("%s: %s is %v, want %v", what, names[i], got[i], expected[i])
		}
	}
}

// rank is the nearest-rank percentile over the waits of answered calls.
func rank(p float64) string {
	waits := "arraySort(groupArrayIf(assumeNotNull(wait_sec), outcome = 'answered'))"
	return fmt.Sprintf("%s[toUInt32(ceil(%v * countIf(outcome = 'answered')))]", waits, p)
}

func bankSelect() string {
	return "SELECT count(), countIf(outcome = 'answered'), countIf(outcome = 'abandoned'), countIf(outcome = 'left_early'), " +
		"countIf(arrived_at IS NOT NULL), avgIf(wait_sec, outcome = 'answered'), sumIf(wait_sec, outcome = 'answered'), " +
		"sumIf(wait_sec, outcome = 'abandoned'), sum(talk_sec), " + rank(.5) + ", " + rank(.9) + ", " + rank(.95) + ", max(wait_sec) FROM calls"
}

func TestBankMonth(t *testing.T) {
	needStore(t)
	recording, want := bankData(t)
	dir := t.TempDir()
	if got := must(t, "replay", recording, "--data-dir", dir); got != "received=151587 accepted=151587 duplicate=0 late=0 rejected=0 orphan=0" {
		t.Errorf("counts %s", got)
	}
	keepOpen(t, dir)
	want.compare(t, "the month", selects(t, dir, bankSelect()))
	for typ, name := range bankQueues {
		figures, ok := want.ByType[typ]
		if !ok {
			t.Fatalf("no expected figures for %s", typ)
		}
		figures.compare(t, name, selects(t, dir, bankSelect()+" WHERE queue_name = '"+name+"'"))
		bankLevels(t, dir, name, &figures, " AND queue_name = '"+name+"'")
	}
	bankLevels(t, dir, "the month", &want.bankFigures, "")
	bankDays(t, dir, &want)
}

// bankLevels compares the service levels at every threshold, with the short-abandon threshold the same.
func bankLevels(t *testing.T, dir, what string, want *bankFigures, and string) {
	t.Helper()
	for threshold, level := range want.Levels {
		line := selects(t, dir, "WITH countIf(outcome = 'answered' AND wait_sec <= "+threshold+") AS met, countIf(outcome = 'answered') AS n, "+
			"countIf(outcome = 'abandoned') AS a, countIf(outcome = 'abandoned' AND wait_sec <= "+threshold+") AS b "+
			"SELECT met, b, met / (n + a), (met + b) / (n + a), met / (n + a - b), met / n FROM calls WHERE 1"+and)
		got := numbers(t, line)
		for i, expected := range []float64{float64(level.AnsweredIn), float64(level.AbandonedIn), level.AllOffered, level.ShortMet, level.IgnoreShort, level.AnsweredOnly} {
			if !(math.Abs(got[i]-expected) < 1e-6) {
				t.Errorf("%s, threshold %s: figure %d is %v, want %v", what, threshold, i, got[i], expected)
			}
		}
	}
}

// bankDays compares the daily table, by local date and by queue, and its service level at the default threshold.
func bankDays(t *testing.T, dir string, want *bankExpected) {
	t.Helper()
	const columns = "sum(inbound_total_calls), sum(inbound_answered_calls), sum(inbound_abandoned_calls), sum(inbound_left_early_calls), " +
		"sum(inbound_answered_wait_sum_sec), sum(inbound_abandoned_wait_sum_sec), sum(inbound_talk_sum_sec), max(inbound_max_wait_sec), " +
		"sum(level_met) / (sum(level_answered) + sum(level_abandoned) - sum(level_short_abandons) + sum(level_failed))"
	check := func(what, line string, w *bankFigures) {
		t.Helper()
		got := numbers(t, line)
		for i, expected := range []float64{float64(w.Calls), float64(w.Answered), float64(w.Abandoned), float64(w.LeftEarly), w.AnsweredWait,
			w.AbandonWait, w.Service, w.MaxWait, w.Levels["20"].IgnoreShort} {
			if !(math.Abs(got[i]-expected) < 1e-6) {
				t.Errorf("daily table, %s: figure %d is %v, want %v", what, i, got[i], expected)
			}
		}
	}
	dates := strings.Split(selects(t, dir, "SELECT formatDateTime(queue_date, '%y%m%d'), "+columns+" FROM queue_daily_call_metrics GROUP BY queue_date ORDER BY queue_date"), "\n")
	if len(dates) != len(want.ByDay) {
		t.Errorf("the daily table has %d dates, want %d", len(dates), len(want.ByDay))
	}
	for _, line := range dates {
		date, figures, _ := strings.Cut(line, "\t")
		w, ok := want.ByDay[date]
		if got := numbers(t, figures); !ok || got[0] != float64(w.Calls) || got[1] != float64(w.Answered) || got[2] != float64(w.Abandoned) {
			t.Errorf("daily table, %s: calls, answered, abandoned are %v, want %d, %d, %d", date, got[:3], w.Calls, w.Answered, w.Abandoned)
		}
	}
	for typ, name := range bankQueues {
		w := want.ByType[typ]
		check(name, selects(t, dir, "SELECT "+columns+" FROM queue_daily_call_metrics WHERE queue_name = '"+name+"'"), &w)
	}
}
