package query

// localDays writes a subquery: for each zone of those that the query after it gives (a column time_zone), and each date from
// {first_date} to {last_date}, the day's first instant, and that of the date {days} later, in µs: time_zone, date, start_us, end_us.
// ClickHouse takes the zone of a row in formatDateTime only, so the first instant is looked for among the quarters of an hour
// around the midnight that the offset at noon UTC gives: clocks are changed by quarters, at most three hours away from that. A
// date that a zone has skipped has no row.
func (b *builder) localDays(zones func()) *builder {
	b.write(`
    SELECT time_zone, date, start_us, leadInFrame(start_us, {days:UInt64}, start_us + {days:Int64} * 86400000000) OVER (
            PARTITION BY time_zone ORDER BY date ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING) AS end_us
    FROM (
        WITH
            if(time_zone = '', 'UTC', time_zone) AS zone,
            toDateTime64(date, 6, 'UTC') AS midnight_utc,
            toDateTime(formatDateTime(midnight_utc + INTERVAL 12 HOUR, '%F %T', zone), 'UTC') - toDateTime(midnight_utc + INTERVAL 12 HOUR, 'UTC') AS offset_sec
        SELECT time_zone, date,
            toUnixTimestamp64Micro(arrayFirst(t -> formatDateTime(t, '%F', zone) = toString(date),
                arrayMap(k -> midnight_utc - toIntervalSecond(offset_sec) + toIntervalMinute(15 * k), range(-12, 13)))) AS start_us
        FROM (`)
	zones()
	return b.write(`) AS zones
        ARRAY JOIN arrayMap(d -> toDate({first_date:Date}) + d, range(toUInt32({last_date:Date} - {first_date:Date} + 1))) AS date
    )
    WHERE start_us != 0`)
}
