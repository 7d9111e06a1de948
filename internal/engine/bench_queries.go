package engine

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/google/uuid"

	"ringside/internal/config"
	"ringside/store"
	"ringside/store/query"
)

// QueryMeasurement is what a query took, from asking to the last row read.
type QueryMeasurement struct {
	Query   string  `json:"query"`
	Rows    int64   `json:"rows"`
	Runs    int     `json:"runs"`
	CPU     float64 `json:"store_cpu_ms"` // of one run
	P50     float64 `json:"p50_ms"`
	P99     float64 `json:"p99_ms"`
	GoalP99 float64 `json:"goal_p99_ms"`
}

// QueryLoad says how much the queries of a benchmark find.
type QueryLoad struct {
	Queues, Days, Quarters int // quarters of an hour of a day in which a queue is called
	Runs                   int // of each query
}

// Steps is how far BenchQueries counts.
func (l QueryLoad) Steps() int64 { return int64(l.Days + l.Runs*len(benchQueries(l))) }

// BenchQueries fills an embedded store with days and quarters of an hour of a year, and measures what is asked of them.
func BenchQueries(ctx context.Context, c *config.Config, log *slog.Logger, l QueryLoad, done *atomic.Int64) (out []QueryMeasurement, err error) {
	s, err := OpenStore(ctx, c, StoreOwn, log)
	if err != nil {
		return nil, err
	}
	defer func() {
		if errClose := s.Close(); err == nil {
			err = errClose
		}
	}()
	if err := fillBench(ctx, s.DB, l, done); err != nil {
		return nil, err
	}
	for _, q := range benchQueries(l) {
		m, err := measureQuery(ctx, s.DB, q, l.Runs, done)
		if err != nil {
			return out, fmt.Errorf("bench: %s: %w", q.name, err)
		}
		out = append(out, m)
	}
	return out, nil
}

var (
	benchOrganization = uuid.MustParse("00000000-0000-4000-8000-000000000001")
	benchStart        = time.Date(2025, 3, 3, 0, 0, 0, 0, time.UTC)
)

// benchNow is in the middle of the last day's calls.
func benchNow(l QueryLoad) time.Time { return benchStart.AddDate(0, 0, l.Days-1).Add(9 * time.Hour) }

type benchQuery struct {
	name      string
	goal      time.Duration
	statement query.Statement
	columns   []string // none: all
}

// benchQueries are those that a wallboard and dashboards ask.
func benchQueries(l QueryLoad) []benchQuery {
	f := query.Filter{Organizations: []uuid.UUID{benchOrganization}}
	now := benchNow(l)
	today, year := now.Truncate(24*time.Hour), benchStart
	one := f
	one.Queues = []uuid.UUID{benchQueue(1)}
	panel := []string{"time", "queue_name", "group_name", "inbound_total_calls", "inbound_answered_calls", "inbound_abandoned_calls", "service_level_ignore_short_abandons",
		"service_level_target"}
	day := query.SeriesOptions{From: today, To: today.AddDate(0, 0, 1), Step: 15 * time.Minute}
	dayOfHours := query.SeriesOptions{From: today, To: today.AddDate(0, 0, 1), Step: time.Hour}
	whole := query.SeriesOptions{From: year, To: today.AddDate(0, 0, 1), Step: 24 * time.Hour}
	zoned := whole
	zoned.Zone = "Europe/Helsinki"
	const short, long = 50 * time.Millisecond, 2 * time.Second
	return []benchQuery{
		{"wallboard", short, query.BoardBy(f, query.ByQueue, now), nil},
		{"wallboard, groups", short, query.BoardBy(f, query.ByGroup, now), nil},
		{"wallboard, total", short, query.BoardBy(f, query.InTotal, now), nil},
		{"today by queue", short, query.Days(f, query.ByQueue, today, today, ""), nil},
		{"today, total", short, query.Days(f, query.InTotal, today, today, ""), nil},
		{"a day's intervals by queue", short, query.Series(f, query.ByQueue, day), panel},
		{"a day's intervals, one queue", short, query.Series(one, query.ByQueue, day), nil},
		{"a day's hours, total", short, query.Series(f, query.InTotal, dayOfHours), nil},
		{"a year of days, one queue", short, query.Days(one, query.ByQueue, year, today, ""), nil},
		{"a year of days, total", short, query.Days(f, query.InTotal, year, today, ""), panel},
		{"a year of days, total, percentiles", short, query.Days(f, query.InTotal, year, today, ""), nil},
		{"a year of intervals by day, total", long, query.Series(f, query.InTotal, whole), panel},
		{"a year of intervals by day in another zone, total", long, query.Series(f, query.InTotal, zoned), panel},
		{"a year of intervals by day and queue", long, query.Series(f, query.ByQueue, whole), panel},
		{"a year of intervals, percentiles", long, query.Percentiles(f, query.InTotal, query.SeriesOptions{From: year, To: whole.To}, []float64{50, 90, 95, 99}), nil},
	}
}

// measureQuery runs a query several times, after two runs that do not count.
func measureQuery(ctx context.Context, db *store.DB, q benchQuery, runs int, done *atomic.Int64) (QueryMeasurement, error) {
	m := QueryMeasurement{Query: q.name, Runs: runs, GoalP99: float64(q.goal) / 1e6}
	s := q.statement
	if q.columns != nil {
		var err error
		if s, err = s.Only(q.columns...); err != nil {
			return m, err
		}
	}
	args := make([]any, len(s.Parameters))
	for i, p := range s.Parameters {
		args[i] = clickhouse.Named(p.Name, p.Value)
	}
	var took []time.Duration
	var cpu time.Duration
	for i := range 2 + runs {
		if i == 2 {
			cpu = childrenCPU()
		}
		begin := time.Now()
		rows, err := db.Conn().Query(ctx, s.SQL, args...)
		if err != nil {
			return m, err
		}
		for m.Rows = 0; rows.Next(); m.Rows++ {
		}
		if err := rows.Close(); err != nil {
			return m, err
		}
		if err := rows.Err(); err != nil {
			return m, err
		}
		if i >= 2 {
			took = append(took, time.Since(begin))
			done.Add(1)
		}
	}
	m.CPU = float64(childrenCPU()-cpu) / 1e6 / float64(runs)
	slices.Sort(took)
	m.P50, m.P99 = float64(took[len(took)/2])/1e6, float64(took[(len(took)*99+99)/100-1])/1e6
	return m, nil
}

func benchQueue(n int) uuid.UUID {
	return uuid.MustParse(fmt.Sprintf("00000000-0000-4000-8000-%012d", 1000+n))
}

// childrenCPU returns the processor time of the processes that this one has started and that still run: the embedded store.
// It is 0 where there is no /proc.
func childrenCPU() (sum time.Duration) {
	const tick = 10 * time.Millisecond
	lists, _ := filepath.Glob("/proc/self/task/*/children")
	for _, list := range lists {
		text, _ := os.ReadFile(list)
		for _, pid := range strings.Fields(string(text)) {
			stat, _ := os.ReadFile("/proc/" + pid + "/stat")
			_, after, _ := strings.Cut(string(stat), ") ")
			if f := strings.Fields(after); len(f) > 12 {
				user, _ := strconv.Atoi(f[11])
				system, _ := strconv.Atoi(f[12])
				sum += time.Duration(user+system) * tick
			}
		}
	}
	return sum
}
