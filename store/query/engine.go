package query

import "time"

// every adds the parameter of [everyStep]: µs, at least a second.
func (b *builder) every(step time.Duration) *builder {
	return b.param("step", max(step.Truncate(time.Microsecond), time.Second).Microseconds())
}

// everyStep is the begin of the step that an instant is in, counted from 1970 UTC. The column is a constant of this package.
func everyStep(column string) string {
	return "fromUnixTimestamp64Micro(intDiv(toUnixTimestamp64Micro(" + column + "), {step:Int64}) * {step:Int64}, 'UTC')"
}

// Lag asks how far behind each organization is: the horizon (its greatest event time received), lag_sec, how long before `now` that
// was, NULL where no event is known, and the Kafka partition of its events, -1 of files. In an organization where nothing happens the
// lag grows, too: compare it with the others'.
func Lag(f Filter, now time.Time) Statement {
	b := (&builder{}).param("now", instant(now))
	return b.write(`SELECT
    organization_id,
    kafka_partition,
    nullIf(newest, toDateTime64(0, 6, 'UTC')) AS horizon,
    if(isNull(horizon), NULL, greatest(0, toUnixTimestamp64Micro({now:DateTime64(6, 'UTC')}) - toUnixTimestamp64Micro(newest)) / 1e6) AS lag_sec
FROM organizations_versions AS organization FINAL
LEFT JOIN (
    SELECT organization_id, max(a.horizon) AS newest FROM accounting_versions AS a FINAL
    WHERE `).organizations(f).write(` GROUP BY organization_id) AS account USING (organization_id)
WHERE `).organizations(f).write(`
ORDER BY organization_id`).statement()
}

// Accounting asks for the account of each organization: events received and how they fared since its first, and `difference`, received
// less all of these, which is always 0.
func Accounting(f Filter) Statement {
	b := &builder{}
	return b.write(`SELECT organization_id, received, accepted, duplicate, late, rejected, orphan,
    received - accepted - duplicate - late - rejected - orphan AS difference, horizon
FROM accounting
WHERE `).organizations(f).write(`
ORDER BY organization_id`).statement()
}

// RejectReasons asks how many events received in [from, to) were rejected, by reason and source, with an example's detail. Of events
// in files the time of receipt is not known: they are counted in undated, whatever the range.
func RejectReasons(f Filter, from, to time.Time) Statement {
	b := &builder{}
	return b.write(`SELECT
    reason,
    source,
    countIf(received_date > toDate(0)) AS events,
    countIf(received_date = toDate(0)) AS undated,
    nullIf(max(received_at), toDateTime64(0, 6, 'UTC')) AS last_received_at,
    argMax(detail, received_at) AS example
FROM rejects_versions FINAL
WHERE (received_date BETWEEN toDate({from:DateTime64(6, 'UTC')}) AND toDate({to:DateTime64(6, 'UTC')}) AND received_at >= {from:DateTime64(6, 'UTC')}
       AND received_at < {to:DateTime64(6, 'UTC')} OR received_date = toDate(0)) AND `).instants(from, to).organizations(f).write(`
GROUP BY reason, source
ORDER BY events DESC, undated DESC, reason, source`).statement()
}

// LateReasons asks how many events that happened in [from, to) were late or orphans, by step and by the reason in `late_events`.
func LateReasons(f Filter, from, to time.Time, step time.Duration) Statement {
	b := (&builder{}).every(step)
	return b.write(`SELECT
    `+everyStep("happened_at")+` AS time,
    reason,
    count() AS events
FROM late_events_versions FINAL
WHERE happened_at >= {from:DateTime64(6, 'UTC')} AND happened_at < {to:DateTime64(6, 'UTC')} AND `).instants(from, to).organizations(f).write(`
GROUP BY time, reason
ORDER BY time, reason`).statement()
}
