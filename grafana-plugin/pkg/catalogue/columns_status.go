package catalogue

// statusFigures are the vendor's QueueStatus.
var statusFigures = []Column{
	count("nbr_of_queuing_requesters", "Waiting", "Callers accepted and waiting whom no agent's phone rings for (NbrOfQueuingRequesters)").from(Threshold{5, yellow}, Threshold{10, red}),
	count("nbr_of_allocated", "Ringing", "Callers for whom an agent's phone is ringing (NbrOfAllocated)"),
	count("nbr_of_connected", "Talking", "Callers connected to an agent (NbrOfConnected)"),
	count("nbr_of_not_served_requesters", "Not served", "Callers waiting or ringing (NbrOfNotServedRequesters)").from(Threshold{5, yellow}, Threshold{10, red}),
	count("nbr_of_requesters", "Callers", "Callers waiting, ringing or connected (NbrOfRequesters)"),
	clock("max_wait_time", "Longest wait", "The longest current wait of a caller who is waiting or ringing, whole seconds (MaxWaitTime); 0 where nobody waits").from(Threshold{20, yellow}, Threshold{60, red}),
	count("nbr_of_agents_immediately_free", "Agents free", "Agents checked in who can be given a call at once, neither away nor in fetch mode (NbrOfAgentsImmediatelyFree)").upTo(Threshold{1, yellow}, Threshold{2, green}),
	count("nbr_of_serving_agents_estimate", "Agents serving", "Agents connected to this queue's calls, immediately free, or free in fetch mode (NbrOfServingAgentsEstimate)"),
	count("nbr_of_agents_checked_in_queue", "Agents checked in", "Agents attached, active in the queue and serving, away or not (NbrOfAgentsCheckedInQueue)"),
	count("nbr_of_providers", "Providers", "Agents checked in without those long-term away (NbrOfProviders)"),
	count("nbr_of_agents_on_wrap_up", "Wrap-up", "Agents checked in and in wrap-up (NbrOfAgentsOnWrapUp)"),
	count("nbr_of_agents_short_term_away", "Short-term away", "Agents checked in who talk, wrap up or have parked calls (NbrOfAgentsShortTermAway)"),
	count("nbr_of_agents_long_term_away", "Long-term away", "Agents checked in who do not disturb, are off work or have no terminal (NbrOfAgentsLongTermAway)"),
	count("nbr_of_agents_on_fetch_mode", "Fetch mode", "Agents checked in who fetch calls themselves (NbrOfAgentsOnFetchMode)"),
	number("open_status", "Open", Plain, 0, "Open or closed by the configured hours; with a question mark estimated from the last accepted and refused calls (OpenStatus)").texts(openStatus...),
	count("stale_agents", "Stale agents", "Agents checked in of whom nothing has been heard for long (setting agent.stale)").from(Threshold{1, yellow}),
	instant("observed_at", "Observed", "The last event that changed the queue's state"),
}

// queueCount is there where queues are put together.
var queueCount = count("queues", "Queues", "How many queues the row is of")

// todayFigures are those of the queue's day so far, on the wallboard.
var todayFigures = []Column{
	count("inbound_total_calls", "Calls today", "Visits accepted or ended today in the queue's zone, those on their way through an IVR excepted (InboundTotalCalls)"),
	count("inbound_answered_calls", "Answered today", "Answered visits of today, those still talking included (InboundAnsweredCalls)"),
	count("inbound_abandoned_calls", "Abandoned today", "Callers who were accepted and hung up before an answer today"),
	sec("inbound_avg_wait_time_sec", "Mean wait", "Mean wait of accepted visits whose wait has ended, answered or not (InboundAvgWaitTimeSec)"),
	sec("inbound_asa_sec", "Speed of answer", "Mean wait of answered visits"),
	sec("inbound_aht_sec", "Handling time", "Mean of talk, hold and wrap-up, once no wrap-up of the visit runs"),
	sec("inbound_max_wait_sec", "Longest wait ended", "The longest wait that has ended today"),
	sec("inbound_wait_p95_sec", "Wait P95", "95 of 100 waits that have ended were no longer (within 1 %)"),
}

// liveLevel is the service level in all variants, with those counted who wait too long now.
var liveLevel = []Column{
	levelColumn("service_level", "Service level", "Share of calls answered within the threshold, in the chosen variant; calls that already wait longer count against it. NULL where none is configured or nobody has called"),
	number("service_level_shortfall", "Below target", Percent, 1, "Points by which the service level is below its target; 0 where it is met, not configured, nobody has called, or the queues put together have different targets").from(Threshold{0.001, yellow}, Threshold{10, red}),
	levelColumn("service_level_ignore_short_abandons", "SL ignoring short abandons", "met / (answered + abandoned − short abandons + failed)"),
	levelColumn("service_level_all_offered", "SL of all offered", "met / (answered + abandoned + failed)"),
	levelColumn("service_level_answered_only", "SL of answered", "met / answered"),
	levelColumn("service_level_short_abandons_met", "SL with short abandons met", "(met + short abandons) / (answered + abandoned + failed)"),
	percent("service_level_target", "Target", "The configured target; NULL where none is, or where queues differ"),
	sec("service_level_threshold_sec", "Threshold", "The configured threshold T; NULL where none is, or where queues differ"),
	sec("short_abandon_threshold_sec", "Short-abandon threshold", "Callers who hang up within it are short abandons; NULL as the threshold"),
	count("waiting_beyond_threshold", "Waiting too long", "Callers who wait longer than the threshold now").from(Threshold{1, red}),
}

// levelSums are what the percentages are made of.
var levelSums = []Column{
	count("level_met", "Met", "Answered within the threshold"),
	count("level_answered", "Answered (SL)", "Answered calls that count for the service level"),
	count("level_abandoned", "Abandoned (SL)", "Abandoned calls that count for the service level"),
	count("level_short_abandons", "Short abandons (SL)", "Of those, within the short-abandon threshold"),
	count("level_failed", "Failed (SL)", "Overflowed calls, and calls rejected or lost after acceptance"),
}

func levelColumn(name, title, formula string) Column {
	return percent(name, title, formula).upTo(Threshold{70, yellow}, Threshold{80, green})
}

var boardColumns = join(queueOrGroup, []Column{queueCount}, statusFigures, todayFigures, liveLevel, levelSums)
