package engine

import (
	"fmt"
	"math"
	"testing"
	"time"

	"ringside/aggregate"
	"ringside/store/query"
)

// The days on which Europe puts its clocks forward and back are in the middle.
func TestQueueQueries(t *testing.T) {
	for _, from := range []string{"2026-03-28", "2026-10-24"} {
		t.Run(from, func(t *testing.T) {
			w := newQueryWorld(t, from, 3)
			t.Run("series", w.testSeries)
			t.Run("days", w.testDays)
			t.Run("percentiles", w.testPercentiles)
			t.Run("rolling", w.testRolling)
			t.Run("board", w.testBoard)
			t.Run("history", w.testHistory)
		})
	}
}

type stepKey struct {
	at    int64
	owner string
}

func (w *queryWorld) testSeries(t *testing.T) {
	from, to := time.UnixMicro(w.calls[0].BegunAt).UTC().Add(7*time.Hour), w.end.Add(-9*time.Hour-11*time.Minute)
	zones := [...]string{"", "Europe/Helsinki", "America/St_Johns"}
	for g := query.ByQueue; g <= query.InTotal; g++ {
		for i, o := range []query.SeriesOptions{
			{Step: time.Minute}, {Step: 40 * time.Minute}, {Step: 40 * time.Minute}, {Step: 5 * time.Hour, ByEnd: true}, {Step: time.Hour, Threshold: 33 * time.Second},
			{Step: 24 * time.Hour}, {Step: 24 * time.Hour, ByEnd: true, Threshold: 12 * time.Second}, {Step: 7 * 24 * time.Hour},
		} {
			o.From, o.To, o.Zone = from, to, zones[(i+int(g))%len(zones)]
			t.Run(fmt.Sprint(g, " ", o.Zone, o.Step, o.ByEnd, o.Threshold), func(t *testing.T) {
				w.compareSeries(t, w.ask(t, query.Series(w.filter, g, o)), w.tallies(t, g, &o), &o)
			})
		}
	}
}

func (w *queryWorld) compareSeries(t *testing.T, rows []record, want map[stepKey]*reckoning, o *query.SeriesOptions) {
	t.Helper()
	tolerance := .008
	if o.ByEnd || o.Threshold > 0 {
		tolerance = 1e-9
	}
	if len(want) < 2 && o.Step < 7*24*time.Hour {
		t.Fatalf("%d rows are too few for a test", len(want))
	}
	seen := map[stepKey]bool{}
	for _, r := range rows {
		key := stepKey{r.at(), r.owner()}
		what := fmt.Sprint(r["time"], " ", r["queue_name"], r["group_name"])
		if y := want[key]; y == nil || seen[key] {
			t.Errorf("%s should not be there", what)
		} else {
			y.compare(t, what, r, tolerance)
		}
		seen[key] = true
	}
	for key, y := range want {
		if !seen[key] {
			t.Errorf("there is no row of %v for %s: %v", time.UnixMicro(key.at).UTC(), key.owner, y.sums)
		}
	}
}

// tallies counts the calls by step.
func (w *queryWorld) tallies(t *testing.T, g query.GroupBy, o *query.SeriesOptions) map[stepKey]*reckoning {
	t.Helper()
	type entry struct {
		y    *reckoning
		date int32
		zone string
	}
	found := map[string]*entry{}
	starts := map[string]time.Time{}
	for i := range w.calls {
		c := &w.calls[i]
		at := c.BegunAt
		if o.ByEnd {
			at = c.EndedAt
		}
		if at == 0 || c.Direction > aggregate.Outbound {
			continue
		}
		day := w.rulesOf(t, c.QueueID, c.BegunAt)
		zone := o.Zone
		if zone == "" {
			zone = day.TimeZone
		}
		start, end, label := stepAt(t, at, zone, o.Step)
		quarter := quarterAt(t, at, zone)
		if !o.ByEnd && o.Threshold == 0 {
			quarter = quarterAt(t, at, day.TimeZone) // that of the table
			start, end, label = stepAt(t, quarter, zone, o.Step)
		}
		dated := o.Step >= 24*time.Hour && o.Zone == "" // looked at below
		if !dated && (!start.Before(o.To) || !overlaps(start, end, o)) {
			continue
		}
		threshold, short := day.Threshold, day.ShortAbandon
		if o.Threshold > 0 {
			threshold = o.Threshold.Microseconds()
			if day.ShortAbandon == day.Threshold {
				short = threshold
			}
		}
		for _, owner := range owners(g, c.QueueID, w.groupsThen(c.QueueID, quarter+15*60e6-1)) {
			key := fmt.Sprint(start.UnixMicro(), owner)
			if o.Step >= 24*time.Hour {
				key = fmt.Sprint(label, owner)
			}
			if found[key] == nil {
				found[key] = &entry{newReckoning(), label, zone}
				starts[key] = start
			}
			e := found[key]
			// Of several zones the first by name says when a date begins.
			if zone < e.zone {
				e.zone, starts[key] = zone, start
			}
			e.date = max(e.date, label)
			e.y.add(c, counting{true, true, true, true}, threshold, short)
		}
	}
	out := map[stepKey]*reckoning{}
	for key, e := range found {
		owner := key[len(key)-len(fmt.Sprint(w.calls[0].QueueID, w.calls[0].QueueID)):]
		if o.Step >= 24*time.Hour {
			n := int32(o.Step / (24 * time.Hour))
			if !starts[key].Before(o.To) || !overlaps(starts[key], midnight(t, e.date+n, e.zone), o) {
				continue
			}
		}
		w.addRules(t, g, o, e.y, owner, e.date)
		out[stepKey{starts[key].UnixMicro(), owner}] = e.y
	}
	return out
}

// overlaps tells whether a step counts: one of days if it overlaps the range, a shorter one if it began less than its
// length before it.
func overlaps(start, end time.Time, o *query.SeriesOptions) bool {
	if o.Step >= 24*time.Hour {
		return end.After(o.From)
	}
	step := (o.Step + 15*time.Minute - 1) / (15 * time.Minute) * (15 * time.Minute)
	return start.After(o.From.Add(-step))
}

func quarterAt(t *testing.T, us int64, zone string) int64 {
	t.Helper()
	begin := midnight(t, dateIn(t, us, zone), zone).UnixMicro()
	return begin + (us-begin)/900e6*900e6
}

// stepAt returns the step in which an instant lies, and the date on which it begins.
func stepAt(t *testing.T, us int64, zone string, step time.Duration) (start, end time.Time, date int32) {
	t.Helper()
	date = dateIn(t, us, zone)
	begin := midnight(t, date, zone)
	if step < 24*time.Hour {
		step = (step + 15*time.Minute - 1) / (15 * time.Minute) * (15 * time.Minute)
		start = begin.Add(time.UnixMicro(us).Sub(begin) / step * step)
		return start, start.Add(step), date
	}
	n := int32(step / (24 * time.Hour))
	date -= ((date-4)%n + n) % n
	return midnight(t, date, zone), midnight(t, date+n, zone), date
}

// addRules notes the rules of the queues of a row on the date of its step.
func (w *queryWorld) addRules(t *testing.T, g query.GroupBy, o *query.SeriesOptions, y *reckoning, owner string, date int32) {
	t.Helper()
	n := max(int32(o.Step/(24*time.Hour)), 1)
	for key, day := range w.days {
		if key.date < date || key.date >= date+n {
			continue
		}
		for _, of := range owners(g, key.queue, w.groupsThen(key.queue, (int64(key.date)*24+12)*3600e6)) {
			if of != owner {
				continue
			}
			threshold, short, target := day.Threshold, day.ShortAbandon, day.Target
			if day.Threshold == 0 {
				target = 0
			}
			if o.Threshold > 0 {
				threshold = o.Threshold.Microseconds()
				if day.ShortAbandon == day.Threshold {
					short = threshold
				}
			}
			y.rule(threshold, short, target, o.Threshold > 0)
		}
	}
}

func (w *queryWorld) testDays(t *testing.T) {
	from, to := time.UnixMicro(w.calls[0].BegunAt).UTC(), w.end
	for g := query.ByQueue; g <= query.InTotal; g++ {
		for _, zone := range []string{"", "Asia/Tokyo"} {
			rows := w.ask(t, query.Days(w.filter, g, from, to, zone))
			lengths := map[float64]int{}
			for _, r := range rows {
				date := int32(r["queue_date"].(time.Time).Unix() / 86400)
				if r["time"].(time.Time) != midnight(t, date, r["time_zone"].(string)).UTC() {
					t.Errorf("%v begins at %v", r["queue_date"], r["time"])
				}
				lengths[midnight(t, date+1, r["time_zone"].(string)).Sub(midnight(t, date, r["time_zone"].(string))).Hours()]++
			}
			if zone == "" && lengths[23]+lengths[25] == 0 {
				t.Error("there is no day of 23 or 25 hours")
			}
			o := query.SeriesOptions{Step: 24 * time.Hour, Zone: zone, From: from.AddDate(0, 0, -3), To: to.AddDate(0, 0, 3)}
			if zone == "" {
				w.compareSeries(t, rows, w.storedDays(t, g, from, to), &o)
			} else {
				want := w.tallies(t, g, &o)
				for key := range want {
					if d := dateIn(t, key.at, zone); d < int32(from.Unix()/86400) || d > int32(to.Unix()/86400) {
						delete(want, key)
					}
				}
				w.compareSeries(t, rows, want, &o)
			}
		}
	}
}

// storedDays counts the calls by the local date of their begin, in the groups of the date's noon.
func (w *queryWorld) storedDays(t *testing.T, g query.GroupBy, from, to time.Time) map[stepKey]*reckoning {
	t.Helper()
	first, last := int32(from.Unix()/86400), int32(to.Unix()/86400)
	tallies, zones := map[string]*reckoning{}, map[string]string{}
	dates := map[string]stepKey{}
	each := func(day *aggregate.DailyRow, add func(*reckoning)) {
		if day.QueueDate < first || day.QueueDate > last {
			return
		}
		for _, owner := range owners(g, day.QueueID, w.groupsThen(day.QueueID, (int64(day.QueueDate)*24+12)*3600e6)) {
			key := fmt.Sprint(day.QueueDate, owner)
			if tallies[key] == nil {
				tallies[key], zones[key] = newReckoning(), day.TimeZone
			}
			zones[key] = min(zones[key], day.TimeZone)
			dates[key] = stepKey{int64(day.QueueDate), owner}
			add(tallies[key])
		}
	}
	for i := range w.calls {
		if c := &w.calls[i]; c.Direction <= aggregate.Outbound {
			day := w.rulesOf(t, c.QueueID, c.BegunAt)
			each(day, func(y *reckoning) { y.add(c, counting{true, true, true, true}, day.Threshold, day.ShortAbandon) })
		}
	}
	for _, day := range w.days {
		each(&day, func(y *reckoning) {
			if day.Threshold > 0 {
				y.rule(day.Threshold, day.ShortAbandon, day.Target, false)
			}
		})
	}
	out := map[stepKey]*reckoning{}
	for key, y := range tallies {
		out[stepKey{midnight(t, int32(dates[key].at), zones[key]).UnixMicro(), dates[key].owner}] = y
	}
	return out
}

func (w *queryWorld) testPercentiles(t *testing.T) {
	ps := []float64{1, 50, 99.9, 100}
	for g := query.ByQueue; g <= query.InTotal; g++ {
		for _, o := range []query.SeriesOptions{{}, {Step: time.Hour}, {Step: 24 * time.Hour, ByEnd: true}, {ByEnd: true}} {
			o.From, o.To, o.Zone = time.UnixMicro(w.calls[0].BegunAt).UTC().Truncate(time.Hour), w.end.Add(time.Hour), "Europe/Helsinki"
			rows := w.ask(t, query.Percentiles(w.filter, g, o, ps))
			whole := o.Step == 0
			reference := o
			if whole {
				reference.Step = 700 * 24 * time.Hour
			}
			want := map[string]*reckoning{}
			for key, y := range w.tallies(t, g, &reference) {
				want[fmt.Sprint(key.owner, !whole, key.at*int64(map[bool]int{true: 0, false: 1}[whole]))] = y
			}
			if len(rows) != len(want) {
				t.Errorf("%v: %d rows, want %d", o, len(rows), len(want))
			}
			for _, r := range rows {
				key := fmt.Sprint(r.owner(), false, 0)
				if !whole {
					key = fmt.Sprint(r.owner(), true, r.at())
				}
				y := want[key]
				if y == nil {
					t.Fatalf("%v: %v should not be there", o, r)
				}
				tolerance := .008
				if o.ByEnd {
					tolerance = 1e-9
				}
				if n, _ := r.number(t, "waits"); int(n) != len(y.waits) {
					t.Errorf("%v: %v waits, want %d", key, n, len(y.waits))
				}
				for i, got := range r["percentiles_sec"].([]*float64) {
					want := y.percentile(ps[i])
					if (got == nil) != math.IsNaN(want) || got != nil && !same(*got, true, want, tolerance) {
						t.Errorf("%v: P%v is %v, want %v", key, ps[i], got, want)
					}
				}
			}
		}
		w.testBuckets(t, g)
	}
}

func (w *queryWorld) testBuckets(t *testing.T, g query.GroupBy) {
	from, to := time.UnixMicro(w.calls[0].BegunAt).UTC().Truncate(time.Hour), w.end.Add(time.Hour)
	fine := map[string]map[int]float64{}
	for _, r := range w.intervals {
		for _, owner := range owners(g, r.QueueID, w.groupsThen(r.QueueID, r.IntervalStart+15*60e6-1)) {
			if fine[owner] == nil {
				fine[owner] = map[int]float64{}
			}
			for _, b := range r.Waits {
				i := len(query.DefaultWaitBounds) - 1
				for ; query.DefaultWaitBounds[i] > float64(aggregate.BucketValue(b.Bucket))/1e6; i-- {
				}
				fine[owner][i] += float64(b.Count)
			}
		}
	}
	rows := w.ask(t, query.WaitHistogram(w.filter, g, from, to))
	if len(rows) != len(fine)*len(query.DefaultWaitBounds) {
		t.Errorf("%d buckets of %d rows", len(rows), len(fine))
	}
	for i, r := range rows {
		k := i % len(query.DefaultWaitBounds)
		if low, _ := r.number(t, "from_sec"); low != query.DefaultWaitBounds[k] {
			t.Errorf("bucket %d begins at %v", k, low)
		}
		if n, _ := r.number(t, "waits"); n != fine[r.owner()][k] {
			t.Errorf("%v: %v waits, want %v", r, n, fine[r.owner()][k])
		}
	}
	if g != query.InTotal {
		return
	}
	sum := map[int]float64{}
	for _, r := range w.ask(t, query.WaitHeatmap(w.filter, from, to, time.Hour, "Europe/London", nil)) {
		for k, n := range r["counts"].([]int64) {
			sum[k] += float64(n)
		}
	}
	for _, want := range fine {
		for k := range query.DefaultWaitBounds {
			if sum[k] != want[k] {
				t.Errorf("the heatmap has %v waits in bucket %d, the histogram %v", sum[k], k, want[k])
			}
		}
	}
}
