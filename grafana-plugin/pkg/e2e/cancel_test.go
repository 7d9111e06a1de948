package e2e

import (
	"context"
	"strings"
	"testing"
	"time"
)

// eventually waits for a condition.
func eventually(tb testing.TB, within time.Duration, what string, holds func() bool) {
	tb.Helper()
	for end := time.Now().Add(within); !holds(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(end) {
			tb.Fatalf("%s: not within %v", what, within)
		}
	}
}

// running is how many statements with a text run in ClickHouse.
func (w world) running(tb testing.TB, text string) string {
	return strings.TrimSpace(w.sql(tb)("SELECT count() FROM system.processes WHERE query LIKE '%" + text + "%' AND query NOT LIKE '%system.processes%'"))
}

// A panel that is left stops its query in ClickHouse; so does one that takes too long.
func TestCancelledQueryStops(t *testing.T) {
	w, p := open(t), start(t)
	const slow = "SELECT count(), 'slow_mark' FROM numbers(1000000000000) WHERE sipHash64(number) = 1"
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() {
		ended <- p.query(ctx, w.source(), asked{query: map[string]any{"kind": "sql", "sql": slow}, from: w.begin, to: w.end}).Error
	}()
	eventually(t, 20*time.Second, "the query runs", func() bool { return w.running(t, "slow_mark") == "1" })
	cancel()
	if err := <-ended; err == nil {
		t.Error("the cancelled query has an answer")
	}
	eventually(t, 20*time.Second, "the query has ended", func() bool { return w.running(t, "slow_mark") == "0" })

	r := p.query(t.Context(), w.source().with("queryTimeoutSec", 1), asked{query: map[string]any{"kind": "sql", "sql": slow}, from: w.begin, to: w.end})
	if r.Error == nil || r.Status != 504 || !strings.Contains(r.Error.Error(), "shorter time range") {
		t.Errorf("a query that takes too long: status %d, %v", r.Status, r.Error)
	}
	eventually(t, 20*time.Second, "the query has ended", func() bool { return w.running(t, "slow_mark") == "0" })
}

// Rows beyond the limit are cut off, and the panel says so.
func TestRowLimit(t *testing.T) {
	w, p := open(t), start(t)
	f := p.frames(w.source().with("maxRows", 10), asked{query: map[string]any{"kind": "sql", "sql": "SELECT number FROM numbers(1000000)"}, from: w.begin, to: w.end})
	if f[0].Rows() != 10 || len(notices(f[0])) != 1 {
		t.Errorf("%d rows, notices %v", f[0].Rows(), notices(f[0]))
	}
}

// What is wrong is told by status and in words, and as no fault of the plugin's.
func TestErrors(t *testing.T) {
	w, p := open(t), start(t)
	gone := w.source()
	gone.uid, gone.json = "gone", map[string]any{"url": "http://127.0.0.1:1", "dialTimeoutSec": 1}
	for name, c := range map[string]struct {
		source source
		query  map[string]any
		status int
		text   string
	}{
		"unknown kind":     {w.source(), map[string]any{"kind": "x"}, 400, "there are: queueStatus"},
		"unknown metric":   {w.source(), map[string]any{"kind": "queueStatus", "metrics": []string{"x"}}, 400, "max_wait_time"},
		"no UUID":          {w.source(), map[string]any{"kind": "queueStatus", "queues": []string{"x"}}, 400, "no UUID"},
		"an error in SQL":  {w.source(), map[string]any{"kind": "sql", "sql": "SELECT FROM WHERE"}, 400, "code 62"},
		"unknown column":   {w.source(), map[string]any{"kind": "sql", "sql": "SELECT nonsense FROM calls"}, 400, "column"},
		"unknown database": {w.source().with("database", "nothing_here"), map[string]any{"kind": "queueStatus"}, 404, "database"},
		"nobody there":     {gone, map[string]any{"kind": "queueStatus"}, 502, "127.0.0.1:1"},
		"writing":          {w.source(), map[string]any{"kind": "sql", "sql": "DROP TABLE calls_versions"}, 400, "only reading"},
	} {
		r := p.query(t.Context(), c.source, asked{query: c.query, from: w.begin, to: w.end})
		if r.Error == nil || int(r.Status) != c.status || !strings.Contains(r.Error.Error(), c.text) || r.ErrorSource != "downstream" {
			t.Errorf("%s: status %d, source %s: %v", name, r.Status, r.ErrorSource, r.Error)
		}
	}
}
