package query

import "time"

// Groups asks for the queue groups of now: group_id, group_name, queue_ids.
func Groups(f Filter) Statement {
	b := &builder{}
	return b.write("SELECT * FROM queue_groups WHERE ").groups(f).write("\nORDER BY group_name, organization_id, group_id").statement()
}

// GroupDaily asks for the rows of queue_group_daily_call_metrics of the local dates from…to, both included. A queue counts
// in the groups that it had on the date. The filter's Queues are not looked at.
func GroupDaily(f Filter, from, to time.Time) Statement {
	b := &builder{}
	return b.write(`SELECT * FROM queue_group_daily_call_metrics
WHERE queue_date BETWEEN {from:Date} AND {to:Date} AND `).days(from, to).groups(f).orderBy("queue_date, group_name, organization_id, group_id")
}

// GroupIntervals asks for the rows of queue_group_interval_metrics that start in [from, to). A queue counts in the groups
// that it had then. The filter's Queues are not looked at.
func GroupIntervals(f Filter, from, to time.Time) Statement {
	b := &builder{}
	return b.write(`SELECT * FROM queue_group_interval_metrics
WHERE interval_start >= {from:DateTime64(6, 'UTC')} AND interval_start < {to:DateTime64(6, 'UTC')} AND `).instants(from, to).groups(f).orderBy("interval_start, group_name, organization_id, group_id")
}
