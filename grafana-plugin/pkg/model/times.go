package model

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"ringside/grafana-plugin/pkg/catalogue"
)

const (
	// Quarter is the finest step of figures that are kept by interval.
	Quarter = 15 * time.Minute
	day     = 24 * time.Hour

	maxRolling   = 7 * day
	maxThreshold = day
	maxStep      = 366 * day
)

func (q *Query) readTimes(w *wire) (err error) {
	if w.Rolling != "" {
		if q.Rolling, err = ParseDuration(w.Rolling); err != nil || q.Rolling <= 0 || q.Rolling > maxRolling {
			return fmt.Errorf("rolling %.64q: it may be a time up to 7 days, such as 45s, 30m or 2h", w.Rolling)
		}
	}
	if w.Threshold != nil {
		sec := *w.Threshold
		if math.IsNaN(sec) || sec < 0 || sec > maxThreshold.Seconds() {
			return fmt.Errorf("threshold %g: it may be 0 to %.0f seconds; 0 stands for each queue's own", sec, maxThreshold.Seconds())
		}
		q.Threshold = time.Duration(sec * float64(time.Second)).Round(time.Millisecond)
	}
	if len(w.Percentiles) > MaxPercentiles {
		return fmt.Errorf("percentiles: %d; the most are %d", len(w.Percentiles), MaxPercentiles)
	}
	for _, p := range w.Percentiles {
		if math.IsNaN(p) || p <= 0 || p > 100 {
			return fmt.Errorf("percentiles: %g is not between 0 and 100", p)
		}
	}
	if q.Percentiles = slices.Compact(slices.Sorted(slices.Values(w.Percentiles))); len(q.Percentiles) == 0 {
		q.Percentiles = []float64{50, 90, 95, 99}
	}
	fine := []string{catalogue.QueueStatusHistory, catalogue.Callbacks, catalogue.Reconciliation, catalogue.Engine, catalogue.SQL}
	q.Step, err = parseStep(w.Interval, slices.Contains(fine, q.Kind))
	return err
}

// parseStep reads a multiple of a quarter of an hour, or of a day; "auto" is 0. What is no sum over quarters of an hour may
// have any step, and Grafana's own where none is said.
func parseStep(text string, any bool) (time.Duration, error) {
	switch {
	case text == "" && !any:
		return Quarter, nil
	case text == "auto" || text == "":
		return 0, nil
	}
	step, err := ParseDuration(text)
	if any {
		if err != nil || step < time.Second || step > maxStep {
			return 0, fmt.Errorf(`interval %.64q: it may be a time of 1s to 366d, or "auto"`, text)
		}
		return step, nil
	}
	if err != nil || step <= 0 || step > maxStep || step%Quarter != 0 || step > day && step%day != 0 {
		return 0, fmt.Errorf(`interval %.64q: it may be a multiple of 15m up to 24h, whole days such as 7d, or "auto"`, text)
	}
	return step, nil
}

// AutoStep is the least usual step that is no finer than what Grafana asks for.
func AutoStep(interval time.Duration) time.Duration {
	for _, step := range []time.Duration{Quarter, 30 * time.Minute, time.Hour, 2 * time.Hour, 4 * time.Hour, 6 * time.Hour, 12 * time.Hour, day, 7 * day} {
		if interval <= step {
			return step
		}
	}
	return 28 * day
}

// ParseDuration reads Go's durations and whole days ("1d") and weeks ("2w").
func ParseDuration(text string) (time.Duration, error) {
	for unit, length := range map[string]time.Duration{"d": day, "w": 7 * day} {
		if number, found := strings.CutSuffix(text, unit); found {
			n, err := strconv.ParseUint(number, 10, 12)
			if err != nil {
				return 0, fmt.Errorf("%.64q is no time", text)
			}
			return time.Duration(n) * length, nil
		}
	}
	return time.ParseDuration(text)
}
