package sim

import (
	"fmt"
	"math"
	"testing"
	"time"

	"ringside/aggregate"
)

// estimate keeps the means of batches of visits: consecutive waits depend on each other, batches hardly do.
type estimate struct {
	means    []float64
	sum      float64
	n, batch int
}

func (e *estimate) add(x float64) {
	e.sum += x
	if e.n++; e.n == e.batch {
		e.means = append(e.means, e.sum/float64(e.n))
		e.sum, e.n = 0, 0
	}
}

// result returns the mean and its standard error.
func (e *estimate) result() (mean, se float64) {
	n := float64(len(e.means))
	for _, m := range e.means {
		mean += m / n
	}
	for _, m := range e.means {
		se += (m - mean) * (m - mean)
	}
	return mean, math.Sqrt(se / (n - 1) / n)
}

type erlangCase struct {
	lambda, talk, patience float64 // seconds
	agents                 int
	threshold              time.Duration
}

// erlang runs a single queue of the formulas' kind and returns estimates of P(wait), ASA or mean wait, service level
// and the share of abandoned callers. The first tenth, while the queue fills, is left out.
func erlang(c erlangCase, seed uint64, calls int) (waits, asa, level, abandoned *estimate) {
	waits, asa = &estimate{batch: calls / 60}, &estimate{batch: calls / 60}
	level, abandoned = &estimate{batch: calls / 60}, &estimate{batch: calls / 60}
	o := Organization{Queues: []Queue{{Name: "Erlang", Number: "+358", PerDay: c.lambda * 86400, Talk: c.talk, Patience: c.patience,
		Threshold: c.threshold, Exponential: true}}}
	for i := range c.agents {
		o.Agents = append(o.Agents, Agent{Name: fmt.Sprint("agent", i), Queues: []int{0}})
	}
	seen := 0
	start := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	s := New(Config{
		Seed: seed, Start: start, End: start.Add(time.Duration(float64(calls)/c.lambda) * time.Second), Mute: true, Forget: true,
		Organizations: []Organization{o},
		Observe: func(v *Visit) {
			if seen++; seen < calls/10 {
				return
			}
			wait := float64(v.Wait()) / 1e6
			waits.add(indicator(wait > 0))
			asa.add(wait)
			abandoned.add(indicator(v.Outcome() == aggregate.Abandoned))
			level.add(indicator(v.Outcome() == aggregate.Answered && wait <= c.threshold.Seconds()))
		},
	})
	s.Next()
	return waits, asa, level, abandoned
}

func indicator(yes bool) float64 {
	if yes {
		return 1
	}
	return 0
}

// converges demands that the estimate is within 3.5 standard errors of the formula, and precise enough to mean it.
func converges(t *testing.T, what string, seeds []*estimate, want, precision float64) {
	t.Helper()
	all := &estimate{}
	for _, e := range seeds {
		all.means = append(all.means, e.means...)
	}
	got, se := all.result()
	t.Logf("%s: %.4f ± %.4f, formula %.4f", what, got, se, want)
	if math.Abs(got-want) > 3.5*se || se > precision*want {
		t.Errorf("%s: %.4f ± %.4f, want %.4f within 3.5 standard errors of at most %g %%", what, got, se, want, 100*precision)
	}
}

func TestConvergesToErlang(t *testing.T) {
	for _, tc := range []struct {
		name                           string
		erlangCase                     erlangCase
		waits, asa, level, abandoned   float64
		calls                          int
		precise, preciseAbandonedShare float64
	}{
		{"C, M/M/55", erlangCase{.2, 240, 0, 55, 15 * time.Second}, .2387, 8.184, .8459, 0, 250_000, .07, 0},
		{"A, M/M/13+M", erlangCase{100. / 1800, 180, 300, 13, 20 * time.Second}, .226, .125 * 60, .858, .025, 150_000, .04, .05},
	} {
		t.Run(tc.name, func(t *testing.T) {
			var waits, asa, level, abandoned []*estimate
			for seed := uint64(1); seed <= 3; seed++ {
				w, a, l, b := erlang(tc.erlangCase, seed, tc.calls)
				waits, asa, level, abandoned = append(waits, w), append(asa, a), append(level, l), append(abandoned, b)
			}
			converges(t, "P(wait)", waits, tc.waits, tc.precise)
			converges(t, "mean wait", asa, tc.asa, 2*tc.precise)
			converges(t, "service level", level, tc.level, tc.precise/3)
			if tc.abandoned > 0 {
				converges(t, "abandoned", abandoned, tc.abandoned, tc.preciseAbandonedShare)
			}
		})
	}
}
