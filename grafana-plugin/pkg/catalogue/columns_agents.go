package catalogue

var agentNow = []Column{
	text("state", "State", "The first that holds: talking, hold, ringing, wrap-up, off work, away, available").texts(agentStates...),
	clock("state_sec", "For", "How long the state has lasted"),
	text("queue_name", "In queue", "The queue of the call at hand"),
	text("queue_id", "Queue id", "The queue's identifier"),
	text("availability", "Availability", "What the agent has set"),
	text("availability_reason", "Reason", "Why, in the vendor's words or codes; of vendors who tell"),
	text("channels", "Channels", "What the agent is on each channel, in the vendor's words; of vendors who tell"),
	flag("immediately_free", "Free", "Can be given a call at once"),
	flag("serving", "Serving", "Serves queues"),
	flag("fetch_mode", "Fetch mode", "Fetches calls instead of being given them"),
	flag("stale", "Stale", "Nothing heard for long (setting agent.stale) though not off work").texts(CodeText{"true", "stale", yellow}, CodeText{"false", "no", ""}),
	flag("stuck", "Stuck", "Talking longer than any call can (setting call.max_age)").texts(CodeText{"true", "stuck", red}, CodeText{"false", "no", ""}),
	instant("state_since", "Since", "When the state was first seen"),
	instant("observed_at", "Observed", "The last change of the agent"),
	instant("last_event_at", "Last event", "The last event of the organization"),
}

var agentStateCounts = []Column{
	count("agents", "Agents", "All agents of the filter"),
	count("talking", "Talking", "Agents in a call"),
	count("hold", "Hold", "Agents whose call is on hold"),
	count("ringing", "Ringing", "Agents whose phone rings"),
	count("wrap_up", "Wrap-up", "Agents after a call"),
	count("available", "Available", "Agents who could talk").upTo(Threshold{1, yellow}, Threshold{2, green}),
	count("away", "Away", "Busy, away, not to be disturbed"),
	count("off_work", "Off work", "Agents off work"),
	count("unknown", "Unknown", "Agents of whom no state is known"),
	count("stale", "Stale", "Nothing heard for long (setting agent.stale)").from(Threshold{1, yellow}),
	count("stuck", "Stuck", "Talking longer than any call can (setting call.max_age)").from(Threshold{1, red}),
	count("serving", "Serving", "Serve queues, and are neither off work nor unknown"),
	count("immediately_free", "Free", "Can be given a call at once").upTo(Threshold{1, yellow}, Threshold{2, green}),
	clock("longest_talking_sec", "Longest talk", "The longest that one has been talking"),
	clock("longest_hold_sec", "Longest hold", "The longest that one has had a call on hold"),
	clock("longest_wrap_up_sec", "Longest wrap-up", "The longest that one has been in wrap-up"),
	clock("longest_away_sec", "Longest away", "The longest that one has been away"),
	clock("longest_available_sec", "Longest available", "The longest that one has waited for a call"),
}

var agentOnCalls = []Column{
	sec("talking_sec", "Talking", "Time in calls"), sec("hold_sec", "Hold", "Time with calls on hold"),
	sec("ringing_sec", "Ringing", "Time in which the phone rang"), sec("wrap_up_sec", "Wrap-up", "Time after calls"),
}

var agentOffers = []Column{
	count("handled_calls", "Handled", "Calls handled, of which no wrap-up runs"),
	sec("aht_sec", "Handling time", "Mean of talk, hold and wrap-up"),
	count("offers", "Offers", "Calls offered"),
	count("offers_answered", "Answered", "Offers answered"),
	count("offers_declined", "Declined", "Offers that the agent declined"),
	count("offers_not_answered", "Not answered", "Offers that rang out"),
	percent("offers_answered_percentage", "Answered %", "Offers answered, of those answered, declined or not answered"),
	sec("avg_ring_sec", "Mean ring", "Mean time that an offer rang"),
	sec("offer_ring_sum_sec", "Sum of ring", "Time that offers rang"),
	sec("handle_sum_sec", "Sum of handling", "Talk, hold and wrap-up of handled calls"),
}

var agentIntervalColumns = join([]Column{timeKey}, agentKeys, []Column{
	percent("occupancy_percentage", "Occupancy", "(talk + hold + wrap-up) / (that + available)"),
}, agentOnCalls, []Column{
	sec("available_sec", "Available", "Time available"), sec("away_sec", "Away", "Time away"), sec("off_work_sec", "Off work", "Time off work"),
	sec("unknown_sec", "Unknown", "Time of which no state is known"), sec("logged_in_sec", "Logged in", "Time in calls, away or available"), sec("serving_sec", "Serving", "Time serving queues"),
}, agentOffers, []Column{
	count("fetch_requests", "Fetch requests", "Calls asked for"), count("fetch_allocated", "Fetched", "Requests that brought a call"),
	count("fetch_no_calls", "Nothing to fetch", "Requests answered with no calls"), count("fetch_unavailable", "Fetch unavailable", "Requests refused"), count("fetch_other", "Fetch other", "Requests answered otherwise"),
})

var agentQueueColumns = join(agentKeys, []Column{text("queue_id", "Queue id", "The queue").key(), text("queue_name", "Queue", "The queue's name").key()}, agentOffers, agentOnCalls)
