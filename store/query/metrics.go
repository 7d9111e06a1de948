package query

import "time"

// Daily asks for the rows of queue_daily_call_metrics of the local dates from…to, both included.
func Daily(f Filter, from, to time.Time) Statement {
	b := &builder{}
	return b.write(`SELECT * FROM queue_daily_call_metrics
WHERE queue_date BETWEEN {from:Date} AND {to:Date} AND `).days(from, to).where(f).orderBy("queue_date, queue_name, organization_id, queue_id")
}

// Intervals asks for the rows of queue_interval_metrics that start in [from, to).
func Intervals(f Filter, from, to time.Time) Statement {
	b := &builder{}
	return b.write(`SELECT * FROM queue_interval_metrics
WHERE interval_start >= {from:DateTime64(6, 'UTC')} AND interval_start < {to:DateTime64(6, 'UTC')} AND `).instants(from, to).where(f).orderBy("interval_start, queue_name, organization_id, queue_id")
}

// WaitPercentiles asks for the nearest-rank percentiles of the ended waits of the intervals that start in [from, to),
// over all queues of the filter together: waits, p50_sec, p90_sec, p95_sec, p99_sec; NULL without waits.
func WaitPercentiles(f Filter, from, to time.Time) Statement {
	b := &builder{}
	return b.write(`SELECT
    sum(n) AS waits,
    if(waits = 0, NULL, quantileExactWeighted(0.5)(value_sec, n)) AS p50_sec,
    if(waits = 0, NULL, quantileExactWeighted(0.9)(value_sec, n)) AS p90_sec,
    if(waits = 0, NULL, quantileExactWeighted(0.95)(value_sec, n)) AS p95_sec,
    if(waits = 0, NULL, quantileExactWeighted(0.99)(value_sec, n)) AS p99_sec
FROM (
    SELECT arrayJoin(sumMap(inbound_wait_histogram)) AS pair, pair.1 AS bucket, pair.2 AS n
    FROM queue_interval_metrics
    WHERE interval_start >= {from:DateTime64(6, 'UTC')} AND interval_start < {to:DateTime64(6, 'UTC')} AND `).instants(from, to).where(f).write(`
) AS h
INNER JOIN wait_buckets AS b ON b.bucket = h.bucket`).statement()
}
