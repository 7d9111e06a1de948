package catalogue

var boardDefaults = []string{"nbr_of_not_served_requesters", "max_wait_time", "nbr_of_connected", "nbr_of_agents_immediately_free", "nbr_of_serving_agents_estimate",
	"service_level", "inbound_total_calls", "inbound_answered_calls", "inbound_abandoned_calls", "open_status"}

var figureDefaults = []string{"inbound_total_calls", "inbound_answered_calls", "inbound_abandoned_calls", "inbound_rejected_calls", "inbound_asa_sec", "inbound_aht_sec",
	"inbound_max_wait_sec", "service_level"}

var levelDefaults = []string{"service_level", "service_level_target", "service_level_threshold_sec", "level_met", "level_answered", "level_abandoned", "level_short_abandons", "level_failed"}

var liveLevelColumns = join(queueOrGroup, []Column{queueCount}, liveLevel, levelSums)

var stepLevelColumns = join([]Column{timeKey}, queueOrGroup, stepColumns, storedLevel, levelSums)

// Views are all there are; the first of a kind is its default.
var Views = []View{
	{Kind: QueueStatus, Name: "now", Title: "Queues now", Shape: Table, Streams: true, Groups: true, Columns: boardColumns, Defaults: boardDefaults,
		Description: "The state of each queue, its day so far and its live service level"},
	{Kind: QueueStatusHistory, Title: "Queues over time", Shape: TimeSeries, Ranged: true, Groups: true,
		Columns: join([]Column{timeKey}, queueOrGroup, []Column{queueCount}, statusFigures), Defaults: []string{"nbr_of_not_served_requesters"},
		Description: "The state in force at the end of each step"},
	{Kind: DailyMetrics, Title: "Days", Shape: Table, Ranged: true, Groups: true, Columns: join([]Column{timeKey}, queueOrGroup, dayColumns, figureColumns), Defaults: append([]string{"queue_date"}, figureDefaults...),
		Description: "Calls by local date"},
	{Kind: IntervalMetrics, Title: "Intervals", Shape: TimeSeries, Ranged: true, Groups: true, Columns: join([]Column{timeKey}, queueOrGroup, stepColumns, figureColumns, rollingOnly),
		Defaults: []string{"inbound_total_calls"}, Description: "Calls by quarter of an hour or longer steps, or of the last so long"},
	{Kind: ServiceLevel, Name: "live", Title: "Service level now", Shape: Table, Streams: true, Groups: true, Columns: liveLevelColumns,
		Defaults: append([]string{"service_level_shortfall", "waiting_beyond_threshold"}, levelDefaults...), Description: "That of the day so far, with those counted who wait too long now"},
	{Kind: ServiceLevel, Name: "intervals", Title: "Service level by interval", Shape: TimeSeries, Ranged: true, Groups: true, Columns: stepLevelColumns, Defaults: []string{"service_level"},
		Description: "By quarter of an hour or longer steps"},
	{Kind: ServiceLevel, Name: "days", Title: "Service level by day", Shape: TimeSeries, Ranged: true, Groups: true, Columns: stepLevelColumns, Defaults: []string{"service_level"},
		Description: "By local date"},
	{Kind: ServiceLevel, Name: "rolling", Title: "Service level of the last so long", Shape: Table, Ranged: true, Groups: true, Columns: liveLevelColumns,
		Defaults: append([]string{"service_level_shortfall"}, levelDefaults...), Description: "By the instant at which waits ended, with those counted who wait too long now"},
	{Kind: Waits, Name: "percentiles", Title: "Percentiles of waits", Shape: Table, Ranged: true, Groups: true, Columns: percentileColumns,
		Description: "That so many of 100 waits were no longer (within 1 %)"},
	{Kind: Waits, Name: "histogram", Title: "Histogram of waits", Shape: Histogram, Ranged: true, Groups: true, Columns: histogramColumns, Description: "How many waited how long"},
	{Kind: Waits, Name: "heatmap", Title: "Heatmap of waits", Shape: Heatmap, Ranged: true, Columns: heatmapColumns, Description: "How many waited how long, over time"},
	{Kind: Calls, Name: "list", Title: "Calls", Shape: Table, Ranged: true, Columns: callColumns, Description: "Visits begun in the range, latest first; or the parts of one call",
		Defaults: []string{"direction", "outcome", "transfer", "wait_sec", "talk_sec", "hold_sec", "wrap_up_sec", "offers", "agent_name", "caller", "end_reason"}},
	{Kind: Calls, Name: "events", Title: "Events of a call", Shape: Table, Columns: eventColumns, Description: "What one call was made from, in order"},
	{Kind: Callbacks, Name: "lists", Title: "Callback lists now", Shape: Table, Streams: true, Columns: listNowColumns, Description: "Each list as it is",
		Defaults: []string{"total_open_requests", "total_free_for_allocation", "total_assigned", "total_hiding_not_before", "total_over_due_date", "next_hour_over_due_date", "total_serving_agents"}},
	{Kind: Callbacks, Name: "history", Title: "Callback lists over time", Shape: TimeSeries, Ranged: true, Columns: join([]Column{timeKey}, listKeys, listFigures),
		Defaults: []string{"total_open_requests", "total_over_due_date"}, Labels: listLabels, Description: "The figures in force at each step"},
	{Kind: Callbacks, Name: "requests", Title: "Callback requests", Shape: Table, Ranged: true, Columns: requestColumns, Description: "Requests open now, or made or changed in the range",
		Defaults: []string{"status", "is_overdue", "due_date", "not_before", "attempts", "time_to_first_attempt_sec", "time_to_close_sec", "contact_number", "channel_in"}},
	{Kind: Callbacks, Name: "recovered", Title: "Recovered calls", Shape: Table, Ranged: true, Columns: recoveredColumns, Description: "Calls that were not answered, and whose callback was"},
	{Kind: Callbacks, Name: "overview", Title: "How lists are worked", Shape: Table, Ranged: true, Columns: overviewColumns, Description: "Of the requests made in the range, by list"},
	{Kind: Agents, Name: "now", Title: "Agents now", Shape: Table, Streams: true, Groups: true, Columns: join(agentKeys, agentNow), Total: agentStateCounts,
		Description: "What each agent does; in total: how many do what"},
	{Kind: Agents, Name: "timeline", Title: "Agents' states over time", Shape: States, Ranged: true,
		Columns: join([]Column{timeKey}, agentKeys, []Column{text("state", "State", "What the agent did from then on").texts(agentStates...)}), Description: "For Grafana's state timeline"},
	{Kind: Agents, Name: "intervals", Title: "Agents by interval", Shape: TimeSeries, Ranged: true, Columns: agentIntervalColumns, Defaults: []string{"occupancy_percentage"}, Labels: agentLabels,
		Description: "Times, offers and handled calls of each agent"},
	{Kind: Agents, Name: "queues", Title: "Agents by queue", Shape: Table, Ranged: true, Columns: agentQueueColumns, Description: "The part of each agent in each queue's calls"},
	{Kind: Reconciliation, Name: "fields", Title: "Agreement by field", Shape: Table, Ranged: true, Columns: fieldColumns, Description: "How many of the vendor's figures agree"},
	{Kind: Reconciliation, Name: "drift", Title: "Agreement over time", Shape: TimeSeries, Ranged: true, Columns: driftColumns, Defaults: []string{"agree_percent"}, Labels: []string{"kind"},
		Description: "The share that agrees, by when the vendor published"},
	{Kind: Reconciliation, Name: "differences", Title: "Differences", Shape: Table, Ranged: true, Columns: differenceColumns, Description: "Single figures that differ, the greatest difference first"},
	{Kind: Engine, Name: "lag", Title: "Lag", Shape: Table, Streams: true, Columns: lagColumns, Description: "How old the newest event of each organization is"},
	{Kind: Engine, Name: "accounting", Title: "Accounts", Shape: Table, Columns: accountColumns, Description: "What became of every event"},
	{Kind: Engine, Name: "rejects", Title: "Rejected events", Shape: Table, Ranged: true, Columns: rejectColumns, Description: "By reason"},
	{Kind: Engine, Name: "late", Title: "Late events", Shape: TimeSeries, Ranged: true, Columns: lateColumns, Labels: []string{"reason"}, Description: "By reason, over time"},
	{Kind: Annotations, Name: "opening", Title: "Queues opened and closed", Shape: Annotation, Ranged: true, Columns: openingColumns, Description: "Changes of the open status"},
	{Kind: Annotations, Name: "serviceLevelMissed", Title: "Service level missed", Shape: Annotation, Ranged: true, Columns: missedColumns, Description: "Times in which a queue missed its target"},
	{Kind: SQL, Title: "SQL", Shape: Table, Ranged: true, Description: "A query of your own, read-only, with macros for time, interval and filters"},
}
