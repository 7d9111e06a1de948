package query

import "time"

// SeriesOptions say how figures are laid out in time.
type SeriesOptions struct {
	// From and To are the range [From, To). Every step that overlaps it is counted whole; in the zones of the queues a step
	// of less than a day that began less than Step before From overlaps it.
	From, To time.Time
	// Step is the length of the steps: a multiple of a quarter of an hour, or of a day, else it is rounded up to one. Shorter
	// steps than a day are counted from the day's first instant, the last of a day ends with it; a day has 23 to 25 hours.
	// Steps of several days begin on dates whose distance from Monday 1970-01-05 is a multiple of them: weeks on Mondays.
	Step time.Duration
	// Zone is an IANA name; "": the zone of each queue.
	Zone string
	// ByEnd counts visits and calls in the step in which they ended, with all that became of them: those that go on, and those
	// of which nobody knows when they ended, are not counted.
	ByEnd bool
	// Threshold, where it is not 0, takes the place of every queue's threshold, also where none is configured; the threshold
	// of short abandons is the same, except in queues that have one of their own.
	Threshold time.Duration

	datesOnly bool // {from_date} and {to_date} say which days
}

const (
	quarter = 15 * time.Minute
	day     = 24 * time.Hour
)

// step returns the length that is used, and for steps of days how many.
func (o *SeriesOptions) step() (step time.Duration, days int64) {
	step = max((o.Step+quarter-1)/quarter*quarter, quarter)
	if step < day {
		return step, 0
	}
	days = int64((step + day - 1) / day)
	return time.Duration(days) * day, days
}

// fromCalls tells whether the visits are counted themselves: no table has them so.
func (o *SeriesOptions) fromCalls() bool { return o.ByEnd || o.Threshold > 0 }

// Series asks for the figures of queues, queue groups or all queues by step: the columns of queue_daily_call_metrics but for
// the histograms, and time, the first instant of the step, step_date, the local date on which it begins, and time_zone. By
// group, a queue counts in the groups that it had at the end of each quarter of an hour. Means, percentages and percentiles
// are made of sums and merged histograms. Threshold and target are those of step_date (of several days: all of them), NULL
// where they differ.
//
// A row has something to count; there is none for a step in which nothing happened.
//
// By the instant of the end, or with a threshold of its own, the visits of `calls` are counted, as far back as they are
// kept; percentiles are then exact. By the end all columns are those of the visits and outbound calls that ended in the
// step, inbound_open_calls is 0. With a threshold alone they are by the begin, as ever; only level_…, service_level_…,
// inbound_service_level_percentage, inbound_short_abandons and the thresholds are other than in `queue_interval_metrics`.
func Series(f Filter, g GroupBy, o SeriesOptions) Statement {
	b := &builder{}
	b.lay(&o)
	return b.write(`SELECT
    time, step_date, time_zone, organization_id, queue_id, queue_name, group_id, group_name,`+figures+`
FROM (`).steps(f, g, &o, o.layout()).write(`
) AS steps`).seriesRules(f, g, &o).orderBy("time, queue_name, group_name, organization_id, queue_id, group_id")
}

// layout is how a statement's rows lie in time.
type layout int

const (
	quarters layout = iota // steps of less than a day
	dates                  // steps of days
	whole                  // one step: the range
)

func (o *SeriesOptions) layout() layout {
	if _, days := o.step(); days > 0 {
		return dates
	}
	return quarters
}

// lay offers the values that statements by step may name.
func (b *builder) lay(o *SeriesOptions) *builder {
	step, days := o.step()
	wide := step
	if days > 0 {
		wide += day // dates begin up to 14 hours away from those of UTC
	}
	return b.instants(o.From, o.To).
		param("since", instant(o.From.Add(-wide))).param("until", instant(o.To.Add(wide))).
		param("first_date", o.From.Add(-wide-4*day).UTC().Format(time.DateOnly)).
		param("last_date", o.To.Add(2*wide+2*day).UTC().Format(time.DateOnly)).
		param("step_us", step.Microseconds()).param("days", max(days, 1)).param("zone", o.Zone).
		param("threshold_us", o.Threshold.Microseconds())
}

// steps writes the sums of each row and step, and what is no sum: time, step_date, time_zone, inbound_max_wait_us, the
// percentiles, and inbound_wait_histogram (from calls: waits_us) for others.
func (b *builder) steps(f Filter, g GroupBy, o *SeriesOptions, l layout) *builder {
	if !o.fromCalls() {
		b.write(`
    WITH`).write(waitOf)
	}
	b.write(`
    SELECT `).write(timeOf(o, l)).write(` organization_id, queue_id, queue_name, group_id, group_name, ` + sumList + `, inbound_max_wait_us,`)
	if o.fromCalls() {
		b.write(` inbound_wait_p50_us, inbound_wait_p90_us, inbound_wait_p95_us, inbound_wait_p99_us, waits_us`)
	} else {
		b.write(wellKnownPercentiles).write(`, inbound_wait_histogram`)
	}
	b.write(`
    FROM (`).stepSums(f, g, o, l).write(`
    ) AS sums`)
	if l == dates && o.Zone == "" {
		b.write(`
    INNER JOIN (`).localDays(func() { b.zonesOf(f, g, o) }).write(`
    ) AS local_day ON local_day.time_zone = sums.time_zone AND local_day.date = sums.step_date
    WHERE local_day.start_us < toUnixTimestamp64Micro({to:DateTime64(6, 'UTC')}) AND local_day.end_us > toUnixTimestamp64Micro({from:DateTime64(6, 'UTC')})`)
	}
	return b
}

// timeOf are the columns of time, made of the keys of a step.
func timeOf(o *SeriesOptions, l layout) string {
	switch {
	case l == whole:
		return ""
	case l == quarters:
		return "fromUnixTimestamp64Micro(step_start_us, 'UTC') AS time, step_date, time_zone,"
	case o.Zone == "":
		return "fromUnixTimestamp64Micro(start_us, 'UTC') AS time, step_date, sums.time_zone AS time_zone,"
	}
	return "toTimeZone(toDateTime64(step_date, 6, {zone:String}), 'UTC') AS time, step_date, time_zone,"
}

// stepSums writes the sums by row and step: of steps of less than a day step_start_us is the key, of days step_date.
func (b *builder) stepSums(f Filter, g GroupBy, o *SeriesOptions, l layout) *builder {
	b.write(`
        SELECT`).named(g, "interval_start")
	zone := "min(r.time_zone) AS time_zone,"
	if o.Zone != "" {
		zone = "{zone:String} AS time_zone,"
	}
	key := ""
	switch l {
	case quarters:
		key = "r.step_start_us"
		b.write(`
        r.step_start_us AS step_start_us, max(r.date) AS step_date, `).write(zone)
	case dates:
		key = "step_date"
		b.write(`
        r.date - toIntervalDay(positiveModulo(toInt32(r.date) - 4, {days:Int64})) AS step_date, `).write(zone)
	}
	b.write(sums)
	if o.fromCalls() {
		b.write(callWaits).write(`
        FROM (`).callRows(f, g, o, l)
	} else {
		b.write(`
        max(r.inbound_max_wait_us) AS inbound_max_wait_us,
        sumMap(r.inbound_wait_histogram) AS inbound_wait_histogram
        FROM (`).intervalRows(f, g, o, l)
	}
	b.write(`) AS r`).membersThen(f, g)
	if g == ByGroup {
		b.write(`
        WHERE addMinutes(r.interval_start, 15) > member.valid_from AND addMinutes(r.interval_start, 15) <= member.until`)
	}
	if key == "" {
		return b.groupedBy(g.keys())
	}
	return b.groupedBy(g.with(key))
}

// intervalRows writes the rows of quarters of an hour, with the step or date to which each belongs. All conditions are on
// columns of the sorting key, which are the same in all versions of a row: so they may be looked at before the versions are
// merged (PREWHERE), and the other columns are read of chosen rows only. So it is in other statements.
func (b *builder) intervalRows(f Filter, g GroupBy, o *SeriesOptions, l layout) *builder {
	b.write(`
            SELECT organization_id, queue_id, queue_name, interval_start, `).write(stepOf(o, l)).write(` `+sumList+`, inbound_max_wait_us, inbound_wait_histogram
            FROM (
                SELECT organization_id, queue_id, queue_name, interval_start, queue_date, time_zone, `+sumList+`, inbound_max_wait_us, inbound_wait_histogram
                FROM queue_interval_metrics_versions FINAL
                PREWHERE `).write(readRange(l, "interval_start")).write(` AND `).ofQueues(f, g).write(`
            ) AS i`)
	if o.needsDayStart(l) {
		b.write(`
            INNER JOIN (`).localDays(func() { b.zonesOf(f, g, o) }).write(`
            ) AS local_day ON local_day.time_zone = i.time_zone AND local_day.date = i.queue_date`)
	}
	return b.write(stepRange(o, l))
}

// needsDayStart tells whether steps are counted from the local day's begin in a zone that differs from row to row. Quarters
// of an hour are those of the table.
func (o *SeriesOptions) needsDayStart(l layout) bool {
	step, _ := o.step()
	return l == quarters && o.Zone == "" && step > quarter
}

// stepOf are the columns that say in which step a quarter of an hour lies: by date, and by the instant at which it begins.
func stepOf(o *SeriesOptions, l layout) string {
	start := ""
	switch {
	case l != quarters:
	case o.needsDayStart(l):
		start = "start_us + intDiv(toUnixTimestamp64Micro(interval_start) - start_us, {step_us:Int64}) * {step_us:Int64} AS step_start_us,"
	case o.Zone == "":
		start = "toUnixTimestamp64Micro(interval_start) AS step_start_us,"
	default:
		start = "toInt64(toUnixTimestamp(toStartOfDay(interval_start, {zone:String}))) * 1000000 AS day_us, " +
			"day_us + intDiv(toUnixTimestamp64Micro(interval_start) - day_us, {step_us:Int64}) * {step_us:Int64} AS step_start_us,"
	}
	switch {
	case l == whole:
		return ""
	case o.Zone == "":
		return start + " i.queue_date AS date, i.time_zone AS time_zone,"
	}
	return start + " toDate(interval_start, {zone:String}) AS date,"
}

// readRange is the condition on the instant at which rows count: wide enough for whole steps.
func readRange(l layout, at string) string {
	if l == whole {
		return at + " >= {from:DateTime64(6, 'UTC')} AND " + at + " < {to:DateTime64(6, 'UTC')}"
	}
	return at + " > {since:DateTime64(6, 'UTC')} AND " + at + " < {until:DateTime64(6, 'UTC')}"
}

// stepRange is the condition on the steps of rows. Dates in the zones of queues are chosen later, by their first instants.
func stepRange(o *SeriesOptions, l layout) string {
	switch {
	case l == quarters:
		return `
            WHERE step_start_us > toUnixTimestamp64Micro({from:DateTime64(6, 'UTC')}) - {step_us:Int64} AND step_start_us < toUnixTimestamp64Micro({to:DateTime64(6, 'UTC')})`
	case o.datesOnly:
		return `
            WHERE date BETWEEN {from_date:Date} AND {to_date:Date}`
	case l == dates && o.Zone != "":
		return `
            WHERE date >= toDate({from:DateTime64(6, 'UTC')}, {zone:String}) - toIntervalDay(positiveModulo(toInt32(toDate({from:DateTime64(6, 'UTC')}, {zone:String})) - 4, {days:Int64}))
              AND date - toIntervalDay(positiveModulo(toInt32(date) - 4, {days:Int64})) <= toDate({to:DateTime64(6, 'UTC')} - toIntervalMicrosecond(1), {zone:String})`
	}
	return ""
}

// zonesOf writes a query of the zones that the rows are in.
func (b *builder) zonesOf(f Filter, g GroupBy, o *SeriesOptions) {
	if o.fromCalls() {
		b.write(`SELECT '' AS time_zone UNION DISTINCT SELECT time_zone FROM queue_daily_call_metrics_versions WHERE queue_date BETWEEN {first_date:Date} AND {last_date:Date} AND `)
	} else {
		b.write(`SELECT time_zone FROM queue_interval_metrics_versions WHERE `).write(readRange(dates, "interval_start")).write(` AND `)
	}
	b.ofQueues(f, g).write(` GROUP BY time_zone`)
}

// seriesRules joins the rules of each row on the date of its step.
func (b *builder) seriesRules(f Filter, g GroupBy, o *SeriesOptions) *builder {
	b.write(`
LEFT JOIN (
    SELECT`)
	switch g {
	case ByQueue:
		b.write(` r.organization_id AS organization_id, r.queue_id AS queue_id,`)
	case ByGroup:
		b.write(` r.organization_id AS organization_id, member.group_id AS group_id,`)
	}
	if o.layout() == dates {
		b.write(` r.queue_date - toIntervalDay(positiveModulo(toInt32(r.queue_date) - 4, {days:Int64})) AS step_date,`)
	} else {
		b.write(` r.queue_date AS step_date,`)
	}
	if o.Threshold > 0 {
		b.write(ownRuleRange)
	} else {
		b.write(ruleRange)
	}
	b.write(`
    FROM (
        SELECT organization_id, queue_id, queue_date, threshold_us, short_abandon_us, target
        FROM queue_daily_call_metrics_versions FINAL
        PREWHERE queue_date BETWEEN {first_date:Date} AND {last_date:Date} AND `).ofQueues(f, g).write(`
    ) AS r`).membersThen(f, g)
	if g == ByGroup {
		b.write(`
    WHERE addHours(toDateTime64(r.queue_date, 6, 'UTC'), 12) >= member.valid_from AND addHours(toDateTime64(r.queue_date, 6, 'UTC'), 12) < member.until`)
	}
	return b.groupedBy(g.with("step_date")).write(`
) AS rules USING (`).write([...]string{"organization_id, queue_id, ", "organization_id, group_id, ", ""}[g]).write(`step_date)`)
}
