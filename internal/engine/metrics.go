package engine

import (
	"fmt"
	"io"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/VictoriaMetrics/metrics"

	"ringside/aggregate"
	"ringside/ingest"
	"ringside/ingest/kafka"
)

// outcome is how one event fared, as a label of ringside_events_total.
type outcome uint8

const (
	outcomeAccepted outcome = iota
	outcomeDuplicate
	outcomeLate
	outcomeRejected
	numOutcomes
)

var outcomeNames = [numOutcomes]string{"accepted", "duplicate", "late", "rejected"}

// Metrics are the figures of one process for /metrics. All methods are safe for concurrent use.
type Metrics struct {
	set     *metrics.Set
	events  [ingest.NumTypes][numOutcomes]atomic.Pointer[metrics.Counter]
	flush   *metrics.Histogram
	failed  *metrics.Counter
	saved   *metrics.Histogram
	changed *metrics.Histogram
	sweeps  *metrics.Counter
	swept   *metrics.Counter
	restore *metrics.Histogram

	mu         sync.Mutex
	partitions map[int32]*partitionMetrics
	lags       []kafka.Lag
}

// partitionMetrics is what a partition's worker publishes now and then.
type partitionMetrics struct {
	sizes  aggregate.Sizes
	paused bool
	sweeps int32 // since it was taken over
}

// NewMetrics returns metrics of their own, apart from any other in the process.
func NewMetrics() *Metrics {
	m := &Metrics{set: metrics.NewSet(), partitions: map[int32]*partitionMetrics{}}
	m.flush = m.set.NewHistogram("ringside_flush_duration_seconds")
	m.failed = m.set.NewCounter("ringside_flush_errors_total")
	m.saved = m.set.NewHistogram("ringside_checkpoint_duration_seconds")
	m.changed = m.set.NewHistogram("ringside_checkpoint_changed_bytes")
	m.sweeps = m.set.NewCounter("ringside_sweeps_total")
	m.swept = m.set.NewCounter("ringside_swept_rows_total")
	m.restore = m.set.NewHistogram("ringside_restore_duration_seconds")
	return m
}

// Gauge publishes f under name until the process ends.
func (m *Metrics) Gauge(name string, f func() float64) { m.set.GetOrCreateGauge(name, f) }

// event counts one event.
func (m *Metrics) event(t ingest.Type, o outcome) {
	c := m.events[t][o].Load()
	if c == nil {
		c = m.set.GetOrCreateCounter(fmt.Sprintf("ringside_events_total{kind=%q,outcome=%q}", t, outcomeNames[o]))
		m.events[t][o].Store(c)
	}
	c.Inc()
}

// checkpoint counts a checkpoint that is acknowledged; changed is how much of it had changed, bytes.
func (m *Metrics) checkpoint(begin time.Time, changed int) {
	m.saved.UpdateDuration(begin)
	m.changed.Update(float64(changed))
}

// setLags publishes how many records of each topic's partition are still to be read, and how many never can be: of these
// and no others, since a partition may be listed for a moment after it was given up.
func (m *Metrics) setLags(lags []kafka.Lag) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.lags = lags
}

// partition publishes the state of a partition that this process owns.
func (m *Metrics) partition(p int32, now partitionMetrics) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.partitions[p] = &now
}

// forget drops what was published of a partition that this process no longer owns.
func (m *Metrics) forget(p int32) {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.partitions, p)
	m.lags = slices.DeleteFunc(m.lags, func(l kafka.Lag) bool { return l.Partition == p })
}

// Write writes all metrics in Prometheus's text format.
func (m *Metrics) Write(w io.Writer) {
	m.set.WritePrometheus(w)
	m.writeOwned(w)
	metrics.WriteProcessMetrics(w)
}

func (m *Metrics) writeOwned(w io.Writer) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, l := range m.lags {
		if l.HighWatermark >= 0 {
			fmt.Fprintf(w, "ringside_consumer_lag{topic=%q,partition=\"%d\"} %d\n", l.Topic, l.Partition, l.Records())
		}
		fmt.Fprintf(w, "ringside_consumer_position{topic=%q,partition=\"%d\"} %d\n", l.Topic, l.Partition, l.Position)
		fmt.Fprintf(w, "ringside_consumer_skipped_records{topic=%q,partition=\"%d\"} %d\n", l.Topic, l.Partition, l.Skipped)
	}
	fmt.Fprintf(w, "ringside_partitions_owned %d\n", len(m.partitions))
	for p, pm := range m.partitions {
		paused := 0
		if pm.paused {
			paused = 1
		}
		fmt.Fprintf(w, "ringside_partition_paused{partition=\"%d\"} %d\n", p, paused)
		fmt.Fprintf(w, "ringside_partition_sweeps{partition=\"%d\"} %d\n", p, pm.sweeps)
		fmt.Fprintf(w, "ringside_state_bytes{partition=\"%d\"} %d\n", p, pm.sizes.Bytes)
		for _, s := range stateSizes(pm.sizes) {
			fmt.Fprintf(w, "ringside_state_entries{partition=\"%d\",kind=%q} %d\n", p, s.kind, s.n)
		}
	}
}

type stateSize struct {
	kind string
	n    int64
}

func stateSizes(s aggregate.Sizes) []stateSize {
	return []stateSize{{"organizations", s.Organizations}, {"queues", s.Queues}, {"agents", s.Agents}, {"members", s.Members},
		{"calls", s.Calls}, {"callbacks", s.Callbacks},
		{"open_visits", s.OpenVisits}, {"facts", s.Facts}, {"ids", s.IDs}, {"windows", s.Windows}, {"texts", s.Texts}}
}
