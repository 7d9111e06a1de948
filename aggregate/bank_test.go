package aggregate_test

import (
	"bufio"
	"encoding/json"
	"errors"
	"math"
	"os"
	"slices"
	"testing"
	"time"
	_ "time/tzdata"

	"github.com/klauspost/compress/zstd"

	"ringside/aggregate"
	"ringside/ingest"
	"ringside/ingest/vendors/enreach"
)

const bankData = "../../shared/data/anonymous_bank_1999-02"

// ianaZone resolves IANA names only.
func ianaZone(name string) (*time.Location, bool) {
	loc, err := time.LoadLocation(name)
	return loc, err == nil
}

func forEachBankEvent(tb testing.TB, f func(*ingest.Event)) {
	tb.Helper()
	file, err := os.Open(bankData + ".ndjson.zst")
	if errors.Is(err, os.ErrNotExist) {
		tb.Skip("../shared/data is not here: the real bank's month of calls is not checked")
	}
	if err != nil {
		tb.Fatal(err)
	}
	defer file.Close()
	z, err := zstd.NewReader(file)
	if err != nil {
		tb.Fatal(err)
	}
	defer z.Close()
	var d enreach.Decoder
	var e ingest.Event
	lines := bufio.NewScanner(z)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		if err := d.Decode(lines.Bytes(), &e); err != nil {
			tb.Fatal(err)
		}
		f(&e)
	}
	if err := lines.Err(); err != nil {
		tb.Fatal(err)
	}
}

// TestBankMonth holds the core to figures that other code computed from the bank's original records.
func TestBankMonth(t *testing.T) {
	set := aggregate.DefaultSettings()
	set.Zone = ianaZone
	core := aggregate.New(set)
	seen := newTable()
	keep := func() { seen.drain(core) }
	n := 0
	forEachBankEvent(t, func(e *ingest.Event) {
		if r := core.Apply(e); r != aggregate.Accepted {
			t.Fatalf("event %d (%s): %v", n, e.ID, r)
		}
		if n++; n%1000 == 0 {
			keep()
		}
	})
	keep()
	checkBankFigures(t, seen)
	t.Logf("%d events, %d rows, sizes %+v", n, len(seen.calls), core.Sizes())
}

func checkBankFigures(t *testing.T, seen *table) {
	t.Helper()
	var want struct {
		Calls       int64 `json:"calls"`
		Answered    int64 `json:"answered"`
		Abandoned   int64 `json:"abandoned_in_queue"`
		LeftEarly   int64 `json:"hung_in_vru"`
		SumAnswered int64 `json:"sum_wait_answered"`
		SumAband    int64 `json:"sum_wait_abandoned"`
		SumService  int64 `json:"sum_service"`
		P50         int64 `json:"wait_answered_p50"`
		P90         int64 `json:"wait_answered_p90"`
		P95         int64 `json:"wait_answered_p95"`
		MaxWait     int64 `json:"max_wait"`
		Level       map[string]struct {
			Met   int64 `json:"ans_le"`
			Short int64 `json:"abn_le"`
		} `json:"service_level"`
		ByDay map[string]struct {
			Calls, Answered, Offered int64
			Abandoned                int64 `json:"abandoned_in_queue"`
		} `json:"by_day"`
	}
	b, err := os.ReadFile(bankData + ".expected.json")
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(b, &want); err != nil {
		t.Fatal(err)
	}
	var got aggregate.Sums
	var waits []aggregate.HistogramBucket
	counts := map[uint16]int64{}
	byDay := map[string]aggregate.Sums{}
	maxWait := int64(0)
	for _, r := range seen.daily {
		got.Add(&r.Sums)
		maxWait = max(maxWait, r.WaitMax)
		for _, b := range r.AnsweredWaits {
			counts[b.Bucket] += b.Count
		}
		day := time.Unix(int64(r.QueueDate)*86400, 0).UTC().Format("060102")
		s := byDay[day]
		s.Add(&r.Sums)
		byDay[day] = s
	}
	for k, v := range counts {
		waits = append(waits, aggregate.HistogramBucket{Bucket: k, Count: v})
	}
	slices.SortFunc(waits, func(a, b aggregate.HistogramBucket) int { return int(a.Bucket) - int(b.Bucket) })
	check := func(name string, got, want int64) {
		if got != want {
			t.Errorf("%s = %d, want %d", name, got, want)
		}
	}
	check("total", got.Total, want.Calls)
	check("rows", int64(len(seen.calls)), want.Calls)
	check("answered", got.Outcomes[aggregate.Answered], want.Answered)
	check("abandoned", got.Outcomes[aggregate.Abandoned], want.Abandoned)
	check("left_early", got.Outcomes[aggregate.LeftEarly], want.LeftEarly)
	check("answered wait", got.AnsweredWaitSum, want.SumAnswered*1e6)
	check("abandoned wait", got.AbandonedWaitSum, want.SumAband*1e6)
	check("talk", got.TalkSum, want.SumService*1e6)
	check("met at 20 s", got.LevelMet, want.Level["20"].Met)
	check("short at 20 s", got.LevelShort, want.Level["20"].Short)
	check("max wait", maxWait, want.MaxWait*1e6)
	for _, p := range []struct {
		p    float64
		want int64
	}{{50, want.P50}, {90, want.P90}, {95, want.P95}} {
		if g := float64(aggregate.Percentile(waits, p.p)) / 1e6; math.Abs(g-float64(p.want)) > 0.01*float64(p.want) {
			t.Errorf("P%v = %v s, want %d within 1 %%", p.p, g, p.want)
		}
	}
	for day, w := range want.ByDay {
		s := byDay[day]
		check(day+" calls", s.Total, w.Calls)
		check(day+" answered", s.Outcomes[aggregate.Answered], w.Answered)
		check(day+" abandoned", s.Outcomes[aggregate.Abandoned], w.Abandoned)
	}
}
