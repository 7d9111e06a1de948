package catalogue

// The fields of percentiles are named after those asked for: p50_sec, p99_9_sec.
var percentileColumns = join([]Column{timeKey}, queueOrGroup, []Column{count("waits", "Waits", "Waits that ended")})

var histogramColumns = join(queueOrGroup, []Column{sec("from_sec", "From", "Waits of at least so long"), sec("to_sec", "To", "and shorter"), count("waits", "Waits", "Waits that ended")})

// A heatmap has a field for each bucket.
var heatmapColumns = []Column{timeKey}

var (
	listLabels  = []string{"organization_id", "call_list_id", "call_list_name"}
	agentLabels = []string{"organization_id", "agent_id", "agent_name"}
)

var openingColumns = join([]Column{timeKey}, queueKeys, []Column{
	number("from_status", "Before", Plain, 0, "The status before").texts(openStatus...), number("to_status", "Status", Plain, 0, "The new status").texts(openStatus...),
	text("event", "Event", "opened, closed, no active handler"), text("text", "Text", "What happened"), text("tags", "Tags", "For filters"),
})

var missedColumns = join([]Column{timeKey, instant("time_end", "End", "The end of the last interval")}, queueKeys, []Column{
	levelColumn("percentage", "Service level", "In the chosen variant"), percent("service_level_target", "Target", "The queue's target"),
	sec("service_level_threshold_sec", "Threshold", "The queue's threshold"), count("met_calls", "Met", "Calls answered in time"), count("counted_calls", "Counted", "Calls that count"),
	text("text", "Text", "What happened"), text("tags", "Tags", "For filters"),
})

var overviewColumns = join(listKeys, []Column{
	count("requests", "Requests", "Made in the range"),
	count("answered", "Reached", "Of those, callers reached"), percent("answered_percentage", "Reached %", "Share of requests whose caller was reached"),
	count("closed", "Closed", "Of those, closed"), count("open", "Open", "Of those, open"), count("expired", "Expired", "Of those, expired"),
	count("overdue", "Overdue", "Open with a due date that has passed").from(Threshold{1, red}),
	count("closed_in_due", "Closed in time", "Closed by their due date"),
	percent("closed_in_due_percentage", "Closed in time %", "Of the closed ones with a due date, the share closed by it").upTo(Threshold{80, yellow}, Threshold{95, green}),
	number("avg_attempts", "Mean attempts", Plain, 1, "Attempts per request"),
	sec("avg_time_to_first_attempt_sec", "To first attempt", "Mean time from creation to the first attempt"),
	sec("avg_time_to_close_sec", "To close", "Mean time from creation to the close"),
	count("recovered", "Recovered", "Requests that reached a caller whose visit had ended without an answer"),
})
