package query

import "time"

// Days asks for the figures of the local dates from…to, both included, by queue, queue group or over all queues: the columns
// of queue_daily_call_metrics but for the histograms, and time, the first instant of the date, queue_date and time_zone.
//
// Without a zone these are the stored days, each in its queue's zone; a row of several zones has the time of the zone that
// is first by name. By group, a queue counts in the groups that it had at noon UTC of the date, as in [GroupDaily]. With a
// zone (an IANA name), days of 23 to 25 hours of that zone are put together from quarters of an hour, as in [Series].
func Days(f Filter, g GroupBy, from, to time.Time, zone string) Statement {
	first := time.Date(from.Year(), from.Month(), from.Day(), 0, 0, 0, 0, time.UTC)
	after := time.Date(to.Year(), to.Month(), to.Day()+1, 0, 0, 0, 0, time.UTC)
	o := SeriesOptions{From: first, To: after, Step: day, Zone: zone, datesOnly: true}
	b := &builder{}
	b.lay(&o).param("from_date", first.Format(time.DateOnly)).param("to_date", to.Format(time.DateOnly))
	if zone != "" {
		return b.zoneDays(f, g, &o)
	}
	b.write(`SELECT
    fromUnixTimestamp64Micro(start_us, 'UTC') AS time, queue_date, days.time_zone AS time_zone,
    organization_id, queue_id, queue_name, group_id, group_name,` + figures + `
FROM (`)
	if g == ByQueue {
		b.dayRows(f, g)
	} else {
		b.daysTogether(f, g)
	}
	return b.write(`
) AS days
LEFT JOIN (`).localDays(func() {
		b.write(`SELECT time_zone FROM queue_daily_call_metrics_versions WHERE queue_date BETWEEN {from_date:Date} AND {to_date:Date} AND `).
			ofQueues(f, g).write(` GROUP BY time_zone`)
	}).write(`
) AS local_day ON local_day.time_zone = days.time_zone AND local_day.date = days.queue_date`).orderBy("queue_date, queue_name, group_name, organization_id, queue_id, group_id")
}

// zoneDays writes the days of a zone.
func (b *builder) zoneDays(f Filter, g GroupBy, o *SeriesOptions) Statement {
	return b.write(`SELECT
    time, step_date AS queue_date, time_zone, organization_id, queue_id, queue_name, group_id, group_name,`+figures+`
FROM (`).steps(f, g, o, dates).write(`
) AS steps`).seriesRules(f, g, o).orderBy("queue_date, queue_name, group_name, organization_id, queue_id, group_id")
}

// dayRows writes the stored days of queues.
func (b *builder) dayRows(f Filter, g GroupBy) *builder {
	return b.write(`
    SELECT
        organization_id, queue_id, queue_name, `+nilUUID+` AS group_id, '' AS group_name, queue_date, time_zone, `+sumList+`,
        inbound_max_wait_us, inbound_wait_p50_us, inbound_wait_p90_us, inbound_wait_p95_us, inbound_wait_p99_us, inbound_wait_histogram,
        threshold_us, short_abandon_us, target,
        nullIf(threshold_us, 0) AS min_threshold_us, min_threshold_us AS max_threshold_us,
        if(threshold_us = 0, NULL, short_abandon_us) AS min_short_us, min_short_us AS max_short_us,
        if(threshold_us = 0, NULL, target) AS min_target, min_target AS max_target
    FROM queue_daily_call_metrics_versions FINAL
    PREWHERE queue_date BETWEEN {from_date:Date} AND {to_date:Date} AND `).ofQueues(f, g)
}

// daysTogether adds the queues of a group, or all, up by date.
func (b *builder) daysTogether(f Filter, g GroupBy) *builder {
	b.write(`
    WITH`).write(waitOf).write(`
    SELECT * EXCEPT (inbound_wait_histogram),`).write(wellKnownPercentiles).write(`
    FROM (
        SELECT`).named(g, "queue_date").write(`
        r.queue_date AS queue_date, min(r.time_zone) AS time_zone,`+sums+`
        max(r.inbound_max_wait_us) AS inbound_max_wait_us,
        sumMap(r.inbound_wait_histogram) AS inbound_wait_histogram,`+ruleRange+`
        FROM (`).dayRows(f, g).write(`
        ) AS r`).membersThen(f, g)
	if g == ByGroup {
		b.write(`
        WHERE addHours(toDateTime64(r.queue_date, 6, 'UTC'), 12) >= member.valid_from AND addHours(toDateTime64(r.queue_date, 6, 'UTC'), 12) < member.until`)
	}
	return b.groupedBy(g.with("r.queue_date")).write(`
    )`)
}
