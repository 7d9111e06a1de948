package catalogue

var listFigures = []Column{
	count("total_open_requests", "Open", "Requests neither closed nor expired (TotalOpenRequests)"),
	count("total_free_for_allocation", "Free", "Open, unassigned and not hiding (TotalFreeForAllocation)"),
	count("total_assigned", "Assigned", "Open and assigned to an agent (TotalAssigned)"),
	count("total_hiding_not_before", "Hiding", "Open, not to be called before a time ahead (TotalHidingNotBefore)"),
	count("next_hour_revealed_not_before", "Revealed next hour", "Hiding ones whose time comes within the hour (NextHourRevealedNotBefore)"),
	count("total_over_due_date", "Overdue", "Open with a due date that has passed (TotalOverDueDate)").from(Threshold{1, red}),
	count("next_hour_over_due_date", "Due next hour", "Open with a due date within the hour (NextHourOverDueDate)").from(Threshold{1, yellow}),
	count("expires_in_24h", "Expire in 24 h", "Open ones that expire within 24 hours (ExpiresIn24h)").from(Threshold{1, yellow}),
	count("total_serving_agents", "Serving agents", "Agents who serve the list (TotalServingAgents)"),
	count("total_active_agents", "Active agents", "As the vendor last published it"),
	count("total_auto_allocate_agents", "Auto-allocate agents", "As the vendor last published it"),
	count("total_serving_auto_allocate_agents", "Serving auto-allocate agents", "As the vendor last published it"),
	flag("is_auto_allocate", "Auto-allocate", "As the vendor last published it"),
	instant("published_at", "Published", "When the vendor last published its own figures, of which those of agents are"),
	instant("observed_at", "Observed", "The last change of the list's figures"),
}

var listNowColumns = join(listKeys, listFigures, []Column{
	instant("last_event_at", "Last event", "The last event of the organization"),
	sec("published_age_sec", "Age of the vendor's figures", "By how much they are older than the last event"),
})

var requestStatus = []CodeText{{"free", "free", yellow}, {"assigned", "assigned", blue}, {"hiding", "hiding", "purple"}, {"closed", "closed", green},
	{"expired", "expired", red}, {"unknown", "unknown", grey}}

var requestColumns = []Column{
	instant("created_at", "Created", "When the request was made").key(), organizationKey,
	text("callback_id", "Callback", "The request").key(),
	text("call_list_id", "List id", "The list that it is in").key(),
	text("queue_id", "Queue id", "The queue that it came from").key(), text("queue_name", "Queue", "The queue's name").key(),
	text("status", "Status", "free, assigned, hiding, closed or expired").texts(requestStatus...),
	flag("is_overdue", "Overdue", "Open with a due date that has passed").texts(CodeText{"true", "overdue", red}, CodeText{"false", "no", ""}),
	instant("due_date", "Due", "When it is to be called"),
	instant("not_before", "Not before", "Hidden until then"),
	instant("expiry_date", "Expires", "When it is given up"),
	count("attempts", "Attempts", "How often it was tried"),
	text("attempts_by_type", "Attempts by type", "How often, by the vendor's type of attempt"),
	sec("time_to_first_attempt_sec", "To first attempt", "From its creation"),
	sec("time_to_close_sec", "To close", "From its creation"),
	flag("closed_within_due", "Closed in time", "Closed by its due date; NULL where it has none or is open"),
	instant("first_attempt_at", "First attempt", "When it was first tried"),
	instant("last_attempt_timestamp", "Last attempt", "When it was last tried"),
	instant("answered_at", "Reached", "When the caller was reached"),
	instant("closed_at", "Closed", "When it was closed"),
	flag("is_closed", "Is closed", "Closed by an agent"),
	number("type_id", "Type", Plain, 0, "How it came about").texts(CodeText{"1", "wished", ""}, CodeText{"2", "overflown", ""}, CodeText{"3", "by hand", ""}),
	number("last_attempt_type_id", "Last attempt's type", Plain, 0, "The vendor's type of attempt"),
	text("contact_number", "Number", "The number to call, as far as it may be kept"),
	text("contact_name", "Name", "Whom to call"),
	text("channel_in", "Channel", "Where the request came in"),
	text("calculated_priority", "Priority", "The vendor's priority"),
	text("call_id", "Call", "The call that it was made from"),
	text("assigned_user_id", "Assigned to", "The agent"),
	text("last_attempt_user_id", "Last tried by", "The agent"),
	text("last_modified_user_id", "Last modified by", "The agent"),
	text("classification_id", "Classification", "How it was classified"),
	count("calls_out", "Calls out", "Callback calls made"),
	instant("modified", "Modified", "The vendor's time of its last change"),
	instant("last_event_at", "Last event", "The last event of the request"),
	instant("as_of", "As of", "The instant at which status and overdue are judged"),
	text("callback_date", "Date (UTC)", "The UTC date of its first event"),
}

var recoveredColumns = []Column{
	instant("begun_at", "Begun", "The begin of the visit").key(), organizationKey,
	text("queue_id", "Queue id", "The queue").key(), text("queue_name", "Queue", "The queue's name").key(),
	text("call_id", "Call", "The call").key(),
	text("outcome", "Outcome", "How the visit ended").texts(outcomes...),
	sec("time_to_recover_sec", "Recovered after", "From the end of the visit until the caller was reached"),
	instant("recovered_at", "Recovered", "When the callback was answered"),
	instant("ended_at", "Ended", "The end of the visit"),
	text("caller", "Caller", "The caller's number"),
	text("callback_id", "Callback", "The request"), text("call_list_id", "List id", "The list"),
	number("visit", "Visit", Plain, 0, "Which visit of the call to this queue"),
	text("call_date", "Date (UTC)", "The call's UTC date"), text("callback_date", "Callback's date (UTC)", "The callback's UTC date"),
}
