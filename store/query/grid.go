package query

import "time"

// maxSteps is the greatest number of instants at which a history is looked at: what Grafana gives back at most for one series.
const maxSteps = 11_000

// lookBack is how far before a range the value that holds at its begin is looked for: as long as histories are kept by
// default.
const lookBack = 7 * 24 * time.Hour

// grid adds the parameters of the instants of [from, to] that are multiples of step: first and last, in steps since 1970, and
// step, in µs; and those of the range to look for values in, since and to. A step that would make more than maxSteps of them is doubled until it does not.
func (b *builder) grid(from, to time.Time, step time.Duration) *builder {
	us := max(step.Truncate(time.Microsecond), time.Second).Microseconds()
	for (to.UnixMicro()-from.UnixMicro())/us > maxSteps {
		us *= 2
	}
	first, last := from.UnixMicro()/us, to.UnixMicro()/us
	if first*us < from.UnixMicro() {
		first++
	}
	return b.param("first", first).param("last", last).param("step", us).
		param("since", instant(from.Add(-lookBack))).param("to", instant(to))
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

// buckets adds the parameters of [bucket] for steps of a zone, and gives the text of the bucket that interval_start is in, as a
// DateTime64(6, 'UTC'). Steps shorter than a day are counted from the local midnight; days are those of the zone, of 23, 24 or
// 25 hours, several of them counted from a Monday. An empty zone is UTC, a step below a quarter of an hour is one.
func (b *builder) buckets(step time.Duration, zone string) string {
	if zone == "" {
		zone = "UTC"
	}
	b.param("zone", zone)
	const day = 24 * time.Hour
	if step >= day {
		b.param("step", int64(step/day))
		return `toTimeZone(toDateTime64(toDate32(intDiv(toInt64(toDate32(interval_start, {zone:String})) + 3, {step:Int64}) * {step:Int64} - 3), 6, {zone:String}), 'UTC')`
	}
	const quarter = 15 * time.Minute
	b.param("step", int64(max(step.Truncate(quarter), quarter)/time.Second))
	return `toDateTime64(toUnixTimestamp(toStartOfDay(interval_start, {zone:String}))
        + intDiv(toUnixTimestamp(interval_start) - toUnixTimestamp(toStartOfDay(interval_start, {zone:String})), {step:Int64}) * {step:Int64}, 6, 'UTC')`
}
