package query

import (
	"strconv"
	"strings"
	"time"
)

// MaxPercentiles is the greatest number of percentiles, and of bounds, that a statement takes; others are left out.
const MaxPercentiles = 100

// DefaultWaitBounds are bounds of waits, in seconds, fit to look at.
var DefaultWaitBounds = []float64{0, 5, 10, 15, 20, 30, 45, 60, 90, 120, 180, 300, 600, 1200}

// Percentiles asks for nearest-rank percentiles of the ended waits, answered or not, by row and step: the columns time,
// step_date, time_zone (unless Step is 0: the range is one step, of the quarters of an hour that begin in it), those of
// [GroupBy], waits, how many there are, and percentiles_sec, an array in the order of ps (0 < p ≤ 100), NULL where there is no
// wait. From quarters of an hour they are within 0.8 %, from calls exact (see [Series]).
func Percentiles(f Filter, g GroupBy, o SeriesOptions, ps []float64) Statement {
	l, time, order := whole, "", "queue_name, group_name, organization_id, queue_id, group_id"
	if o.Step > 0 {
		l, time, order = o.layout(), "time, step_date, time_zone,", "time, queue_name, group_name, organization_id, queue_id, group_id"
	}
	b := &builder{}
	b.lay(&o).param("percentiles", numbers(ps))
	functions, count := waitOf, "toInt64(all_waits)"
	if o.fromCalls() {
		functions, count = listedWaitOf, "toInt64(length(waits_us))"
	}
	return b.write(`WITH `).write(functions).write(`
SELECT `).write(time).write(` organization_id, queue_id, queue_name, group_id, group_name,
    `).write(count).write(` AS waits,
    arrayMap(p -> if(waits = 0, NULL, wait_of(p) / 1e6), {percentiles:Array(Float64)}) AS percentiles_sec
FROM (`).steps(f, g, &o, l).write(`
)`).orderBy(order)
}

// WaitHistogram asks for how many ended waits lie in [from_sec, to_sec), by row and bucket, of the quarters of an hour that
// begin in [from, to). Bounds ascend, in seconds; without any they are [DefaultWaitBounds]. The last bucket has no end: to_sec
// is +inf. Empty buckets have a row as well. Waits within 0.8 % of a bound may be counted on the other side of it.
func WaitHistogram(f Filter, g GroupBy, from, to time.Time, bounds ...float64) Statement {
	b := &builder{}
	b.lay(&SeriesOptions{From: from, To: to}).param("bounds_sec", numbers(orDefaults(bounds)))
	return b.write(`SELECT organization_id, queue_id, queue_name, group_id, group_name, bound AS from_sec, next AS to_sec, waits
FROM (
    SELECT organization_id, queue_id, queue_name, group_id, group_name,`).write(bucketed).write(`
    FROM (`).steps(f, g, &SeriesOptions{From: from, To: to}, whole).write(`
    )
)
ARRAY JOIN counts AS waits, {bounds_sec:Array(Float64)} AS bound, arrayPushBack(arrayPopFront({bounds_sec:Array(Float64)}), inf) AS next`).orderBy("queue_name, group_name, organization_id, queue_id, group_id, from_sec")
}

// WaitHeatmap asks for how many ended waits lie in each bucket and step, over all queues of the filter: time, step_date,
// time_zone, counts, an array in the order of the bounds; see [WaitHistogram] and [SeriesOptions].
func WaitHeatmap(f Filter, from, to time.Time, step time.Duration, zone string, bounds []float64) Statement {
	o := SeriesOptions{From: from, To: to, Step: step, Zone: zone}
	b := &builder{}
	return b.lay(&o).param("bounds_sec", numbers(orDefaults(bounds))).write(`SELECT time, step_date, time_zone,`).write(bucketed).write(`
FROM (`).steps(f, InTotal, &o, o.layout()).write(`
)`).orderBy("time")
}

// bucketed merges the fine buckets of inbound_wait_histogram into those of the bounds, by their middles.
const bucketed = `
    mapKeys(inbound_wait_histogram) AS buckets,
    mapValues(inbound_wait_histogram) AS amounts,
    arrayMap(b -> if(b < 128, toInt64(b), bitShiftLeft(toInt64(64 + b % 64), intDiv(b, 64) - 1) + intDiv(bitShiftLeft(toInt64(1), greatest(intDiv(b, 64), 1) - 1), 2)) / 1e6, buckets) AS middles,
    arrayMap((low, high) -> toInt64(arraySum((m, n) -> if(m >= low AND m < high, n, 0), middles, amounts)),
        {bounds_sec:Array(Float64)}, arrayPushBack(arrayPopFront({bounds_sec:Array(Float64)}), inf)) AS counts`

func orDefaults(bounds []float64) []float64 {
	if len(bounds) == 0 {
		return DefaultWaitBounds
	}
	return bounds
}

// numbers are the text of an array as ClickHouse reads it.
func numbers(v []float64) string {
	texts := make([]string, 0, len(v))
	for _, x := range v[:min(len(v), MaxPercentiles)] {
		texts = append(texts, strconv.FormatFloat(x, 'g', -1, 64))
	}
	return "[" + strings.Join(texts, ",") + "]"
}
