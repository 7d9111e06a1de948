package cli

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"sync/atomic"
	"text/tabwriter"

	"ringside/internal/engine"
)

// runQueryBench measures the queries of wallboards and dashboards.
func runQueryBench(ctx context.Context, s Streams, l engine.QueryLoad, asJSON bool) error {
	if l.Queues == 0 {
		return nil
	}
	dir, err := os.MkdirTemp("", "ringside-bench-")
	if err != nil {
		return fmt.Errorf("bench: %w", err)
	}
	defer func() { _ = os.RemoveAll(dir) }()
	var done atomic.Int64
	finish := progress(s.Err, "queries", l.Steps(), false, done.Load)
	results, err := engine.BenchQueries(ctx, benchConfig(dir), quietLog(s.Err), l, &done)
	finish()
	if err != nil {
		return err
	}
	return printQueries(s.Out, results, asJSON)
}

func printQueries(w io.Writer, results []engine.QueryMeasurement, asJSON bool) error {
	if asJSON {
		e := json.NewEncoder(w)
		for _, m := range results {
			if err := e.Encode(m); err != nil {
				return fmt.Errorf("bench: %w", err)
			}
		}
		return nil
	}
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(t, "query\trows\tClickHouse CPU ms\tp50 ms\tp99 ms\tgoal ms\t")
	for _, m := range results {
		fmt.Fprintf(t, "%s\t%d\t%.0f\t%.0f\t%.0f\t%.0f\t\n", m.Query, m.Rows, m.CPU, m.P50, m.P99, m.GoalP99)
	}
	return t.Flush()
}
