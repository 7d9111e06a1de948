package catalogue

// callFigures are QueueDailyCallMetrics and what Ringside adds, over whatever time.
var callFigures = []Column{
	count("inbound_total_calls", "Calls", "Visits accepted or ended, those on their way through an IVR excepted (InboundTotalCalls)"),
	count("inbound_answered_calls", "Answered", "Answered visits, those still talking included (InboundAnsweredCalls)"),
	count("inbound_abandoned_calls", "Abandoned", "Accepted callers who hung up before an answer"),
	count("inbound_short_abandons", "Short abandons", "Of the abandoned, those within the short-abandon threshold"),
	count("inbound_rejected_calls", "Rejected", "Overflowed or rejected by the queue (InboundRejectedCalls)"),
	count("inbound_overflowed_calls", "Overflowed", "Sent elsewhere without an answer"),
	count("inbound_rejected_only_calls", "Rejected only", "Ended by the system, not by the caller"),
	count("inbound_service_closed_calls", "Closed", "Came while the service was closed (InboundServiceClosedCalls)"),
	count("inbound_left_early_calls", "Left early", "Hung up before the queue accepted them"),
	count("inbound_callback_calls", "Callback", "Ended with a callback request instead of an answer"),
	count("inbound_transferred_calls", "Transferred unanswered", "Transferred out of the queue before an answer"),
	count("inbound_lost_calls", "Lost", "Of whose end nothing is known (ghost calls)"),
	count("inbound_passed_through_calls", "Passed through", "On their way through an IVR; in no total"),
	count("inbound_open_calls", "Open", "Accepted and still unanswered"),
	count("inbound_user_transfers", "Transfers by agents", "Transferred after an agent was connected (InboundUserTransfers)"),
	count("inbound_queue_transfers", "Transfers by queue", "Transferred before an agent was connected (InboundQueueTransfers)"),
	sec("inbound_avg_wait_time_sec", "Mean wait", "Mean wait of accepted visits whose wait has ended, answered or not (InboundAvgWaitTimeSec)"),
	sec("inbound_asa_sec", "Speed of answer", "Mean wait of answered visits (ASA)"),
	sec("inbound_avg_abandon_wait_sec", "Wait before abandoning", "Mean wait of abandoned visits"),
	sec("inbound_max_wait_sec", "Longest wait", "The longest wait that has ended"),
	sec("inbound_wait_p50_sec", "Wait P50", "Half of the waits were no longer"),
	sec("inbound_wait_p90_sec", "Wait P90", "90 of 100 waits were no longer"),
	sec("inbound_wait_p95_sec", "Wait P95", "95 of 100 waits were no longer"),
	sec("inbound_wait_p99_sec", "Wait P99", "99 of 100 waits were no longer"),
	sec("inbound_avg_talk_time_sec", "Mean talk", "Mean talk time of answered visits that have ended, without holds (InboundAvgTalkTimeSec)"),
	sec("inbound_avg_hold_time_sec", "Mean hold", "Mean hold time of answered visits that have ended (InboundAvgHoldTimeSec)"),
	sec("inbound_aht_sec", "Handling time", "Mean of talk, hold and wrap-up, once no wrap-up of the visit runs (AHT)"),
	count("outbound_total_calls", "Outbound", "Outbound calls begun (OutboundTotalCalls)"),
	count("outbound_answered_calls", "Outbound answered", "Outbound calls connected (OutboundAnsweredCalls)"),
	count("outbound_rejected_calls", "Outbound unanswered", "Outbound calls that ended unconnected (OutboundRejectedCalls)"),
	sec("outbound_avg_talk_time_sec", "Outbound mean talk", "Mean talk time of answered outbound calls that have ended (OutboundAvgTalkTimeSec)"),
	sec("outbound_avg_wait_time", "Outbound mean wait", "Mean time to the answer of answered outbound calls that have ended (OutboundAvgWaitTime)"),
}

// storedLevel is the service level of what has been.
var storedLevel = []Column{
	levelColumn("service_level", "Service level", "Share of calls answered within the threshold, in the chosen variant. NULL where none is configured or nobody called"),
	number("service_level_shortfall", "Below target", Percent, 1, "Points by which the service level is below its target; 0 where it is met, not configured, nobody called, or the queues put together have different targets").from(Threshold{0.001, yellow}, Threshold{10, red}),
	levelColumn("inbound_service_level_percentage", "Service level (vendor's)", "The variant ignoring short abandons (InboundServiceLevelPercentage)"),
	levelColumn("service_level_ignore_short_abandons", "SL ignoring short abandons", "met / (answered + abandoned − short abandons + failed)"),
	levelColumn("service_level_all_offered", "SL of all offered", "met / (answered + abandoned + failed)"),
	levelColumn("service_level_answered_only", "SL of answered", "met / answered"),
	levelColumn("service_level_short_abandons_met", "SL with short abandons met", "(met + short abandons) / (answered + abandoned + failed)"),
	percent("service_level_target", "Target", "The configured target; NULL where none is, or where queues or days differ"),
	sec("service_level_threshold_sec", "Threshold", "The threshold T; NULL where none is configured, or where queues or days differ"),
	sec("short_abandon_threshold_sec", "Short-abandon threshold", "Callers who hang up within it are short abandons"),
}

// meanSums are the sums and counts behind the means.
var meanSums = []Column{
	count("inbound_wait_count", "Waits", "Waits that have ended"), sec("inbound_wait_sum_sec", "Sum of waits", "Their sum"),
	count("inbound_answered_wait_count", "Answered waits", "Waits that ended with an answer"), sec("inbound_answered_wait_sum_sec", "Sum of answered waits", "Their sum"),
	count("inbound_abandoned_wait_count", "Abandoned waits", "Waits that ended with the caller hanging up"), sec("inbound_abandoned_wait_sum_sec", "Sum of abandoned waits", "Their sum"),
	count("inbound_talk_count", "Talks", "Answered visits that have ended"), sec("inbound_talk_sum_sec", "Sum of talk", "Their talk time"), sec("inbound_hold_sum_sec", "Sum of hold", "Their hold time"),
	count("inbound_handle_count", "Handled", "Answered visits of which no wrap-up runs"), sec("inbound_handle_sum_sec", "Sum of handling", "Their talk, hold and wrap-up"),
	sec("inbound_wrap_up_sum_sec", "Sum of wrap-up", "Their wrap-up"),
	count("outbound_ended_calls", "Outbound ended", "Answered outbound calls that have ended"), sec("outbound_talk_sum_sec", "Sum of outbound talk", "Their talk time"),
	sec("outbound_wait_sum_sec", "Sum of outbound waits", "Their time to the answer"),
}

var dayColumns = []Column{
	text("queue_date", "Date", "The local date"),
	text("time_zone", "Time zone", "The zone of the date"),
}

var stepColumns = []Column{
	text("step_date", "Date", "The local date on which the step begins"),
	text("time_zone", "Time zone", "The zone in which steps and days begin"),
}

var figureColumns = join(callFigures, storedLevel, levelSums, meanSums)

// rollingOnly is what the last so long has besides.
var rollingOnly = []Column{queueCount, count("waiting_beyond_threshold", "Waiting too long", "Callers who wait longer than the threshold now; of the last so long only").from(Threshold{1, red})}
