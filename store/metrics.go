package store

import (
	"fmt"
	"strings"
	"sync/atomic"
	"time"

	"github.com/VictoriaMetrics/metrics"
)

// writerMetrics are the writer's numbers in /metrics. Labels are names of tables and a few reasons: their number is
// bounded.
type writerMetrics struct {
	set         *metrics.Set
	refusedRows atomic.Int64
}

func newWriterMetrics(set *metrics.Set, w *Writer) *writerMetrics {
	set.GetOrCreateGauge("ringside_store_backlog_rows", func() float64 { rows, _ := w.Backlog(); return float64(rows) })
	set.GetOrCreateGauge("ringside_store_backlog_bytes", func() float64 { _, bytes := w.Backlog(); return float64(bytes) })
	set.GetOrCreateGauge("ringside_store_troubled", func() float64 {
		if w.Trouble() != nil {
			return 1
		}
		return 0
	})
	return &writerMetrics{set: set}
}

func plainName(physical string) string { return strings.TrimSuffix(physical, "_versions") }

func (m *writerMetrics) flushed(table string, took time.Duration) {
	m.set.GetOrCreateHistogram(fmt.Sprintf("ringside_store_flush_seconds{table=%q}", plainName(table))).Update(took.Seconds())
}

func (m *writerMetrics) wrote(table string, rows int) {
	m.set.GetOrCreateCounter(fmt.Sprintf("ringside_store_rows_total{table=%q}", plainName(table))).Add(rows)
	m.set.GetOrCreateCounter(fmt.Sprintf("ringside_store_inserts_total{table=%q}", plainName(table))).Inc()
}

func (m *writerMetrics) retried(table, reason string) {
	m.set.GetOrCreateCounter(fmt.Sprintf("ringside_store_retries_total{table=%q,reason=%q}", plainName(table), reason)).Inc()
}

func (m *writerMetrics) refused(table string) {
	m.refusedRows.Add(1)
	m.set.GetOrCreateCounter(fmt.Sprintf("ringside_store_refused_rows_total{table=%q}", plainName(table))).Inc()
}

func (m *writerMetrics) checkpointed(t totals, newGeneration bool, took time.Duration) {
	m.set.GetOrCreateHistogram("ringside_store_checkpoint_seconds").Update(took.Seconds())
	m.set.GetOrCreateCounter("ringside_store_checkpoint_rows_total").Add(int(t.rows))
	m.set.GetOrCreateCounter("ringside_store_checkpoint_bytes_total").Add(int(t.bytes))
	if newGeneration {
		m.set.GetOrCreateCounter("ringside_store_checkpoint_generations_total").Inc()
	}
}

func (m *writerMetrics) generationDropped() {
	m.set.GetOrCreateCounter("ringside_store_checkpoint_generations_dropped_total").Inc()
}

func (m *writerMetrics) cleanupFailed() {
	m.set.GetOrCreateCounter("ringside_store_checkpoint_cleanup_errors_total").Inc()
}
