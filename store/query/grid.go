package query

import "time"

// maxSteps is the greatest number of instants at which a history is looked at: what Grafana gives back at most for one series.
const maxSteps = 11_000

// observedFor is how far before a range the observation that holds at its begin may lie: as long as histories are kept by
// default.
const observedFor = 7 * 24 * time.Hour

// grid adds the parameters of the instants of (from, to] that are multiples of step: first and last, in steps since 1970, and
// step, in µs; and those of the range to look for values in, since and to. A step that would make more than maxSteps of them is doubled until it does not.
func (b *builder) grid(from, to time.Time, step time.Duration) *builder {
	us := max(step.Truncate(time.Microsecond), time.Second).Microseconds()
	for (to.UnixMicro()-from.UnixMicro())/us > maxSteps {
		us *= 2
	}
	first, last := from.UnixMicro()/us+1, to.UnixMicro()/us
	return b.param("first", first).param("last", last).param("step", us).
		param("since", instant(from.Add(-observedFor))).param("to", instant(to))
}

// The instant up to which the events of an organization are known in [from, to]: to, or, where its last event is more than an
// hour before that (a replay, a stopped engine), that event. It needs observed_at and horizon.
const until = `if(greatest(observed_at, horizon) < {to:DateTime64(6, 'UTC')} - INTERVAL 1 HOUR, greatest(observed_at, horizon), {to:DateTime64(6, 'UTC')})`

// accounts writes the horizon of each organization, to be joined.
func (b *builder) accounts(f Filter) *builder {
	return b.write(`
LEFT JOIN (
    SELECT organization_id, max(horizon) AS horizon FROM accounting_versions FINAL
    WHERE `).organizations(f).write(` GROUP BY organization_id) AS account USING (organization_id)`)
}

// queueNames writes the names of the queues, to be joined.
func (b *builder) queueNames(f Filter) *builder {
	return b.write(`
LEFT JOIN (
    SELECT organization_id, queue_id, queue_name FROM queues_versions FINAL
    WHERE `).organizations(f).write(`) AS queue USING (organization_id, queue_id)`)
}

// buckets writes nothing but adds the parameters of steps of a zone, and returns two conditions on interval_start, the steps that
// overlap [from, to) as a whole, and the instant at which the step of an interval_start begins, as a DateTime64(6, 'UTC').
//
// Steps shorter than a day are rounded up to quarters of an hour and counted from the local midnight, the last of a day ending
// with it; longer ones are rounded up to days of the zone, of 23, 24 or 25 hours, and begin on dates whose distance from
// Monday 1970-01-05 is a multiple of them. An empty zone is UTC.
func (b *builder) buckets(from, to time.Time, step time.Duration, zone string) (within, begin string) {
	if zone == "" {
		zone = "UTC"
	}
	const quarter, day = 15 * time.Minute, 24 * time.Hour
	step = min(max(step, quarter), 366*day)
	b.instants(from, to).param("zone", zone)
	if step > day-quarter {
		days := (step + day - 1) / day
		b.param("step", int64(days)).param("longest", int64(days*day/time.Second)+3600*3)
		return bucketCondition(dayBucket), dayBucket("interval_start")
	}
	step = (step + quarter - 1) / quarter * quarter
	b.param("step", int64(step/time.Second)).param("longest", int64(step/time.Second)+3600*3)
	return bucketCondition(partBucket), partBucket("interval_start")
}

// bucketCondition bounds interval_start by constants, for the sorting key, then exactly.
func bucketCondition(bucket func(string) string) string {
	return "interval_start >= " + bucket("{from:DateTime64(6, 'UTC')}") + `
  AND interval_start < {to:DateTime64(6, 'UTC')} + toIntervalSecond({longest:Int64})
  AND ` + bucket("interval_start") + " < {to:DateTime64(6, 'UTC')}"
}

func dayBucket(at string) string {
	return "toTimeZone(toDateTime64(toDate32(intDiv(toInt64(toDate32(" + at + ", {zone:String})) - 4, {step:Int64}) * {step:Int64} + 4), 6, {zone:String}), 'UTC')"
}

func partBucket(at string) string {
	return "toDateTime64(toUnixTimestamp(toStartOfDay(" + at + ", {zone:String})) + intDiv(toUnixTimestamp(" + at + ") - toUnixTimestamp(toStartOfDay(" + at +
		", {zone:String})), {step:Int64}) * {step:Int64}, 6, 'UTC')"
}
