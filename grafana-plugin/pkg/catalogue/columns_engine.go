package catalogue

var lagColumns = []Column{
	organizationKey,
	sec("lag_sec", "Lag", "How long ago the newest event received happened. It grows, too, where nothing happens").from(Threshold{60, yellow}, Threshold{300, red}),
	instant("horizon", "Newest event", "The greatest event time received (the horizon)"),
	number("kafka_partition", "Partition", Plain, 0, "The Kafka partition of the organization's events; -1: of files"),
}

var accountColumns = []Column{
	organizationKey,
	count("received", "Received", "Events received"), count("accepted", "Accepted", "Events counted"), count("duplicate", "Duplicates", "Events that came again"),
	count("late", "Late", "Events older than the horizon less the lateness; not counted until a recompute"),
	count("rejected", "Rejected", "Events that could not be read or contradict an earlier one"), count("orphan", "Orphans", "Events that belong to no call"),
	count("difference", "Difference", "Received less all others: always 0").from(Threshold{1, red}),
	instant("horizon", "Newest event", "The greatest event time received"),
}

var rejectColumns = []Column{
	text("reason", "Reason", "Why events were rejected").key(), text("source", "Source", "The vendor's decoder").key(),
	count("events", "Events", "How many, received in the range"), count("undated", "Undated", "How many more came from files, of unknown time of receipt"),
	instant("last_received_at", "Last", "The last one's receipt"), text("example", "Example", "What was wrong with one of them"),
}

var lateColumns = []Column{timeKey, text("reason", "Reason", "late, orphan, and what a recompute has found out since").key(), count("events", "Events", "How many")}

var agreement = []Column{
	percent("agree_percent", "Agree", "Share of the vendor's figures that are what the events give").upTo(Threshold{95, yellow}, Threshold{99, green}),
	count("figures", "Figures", "How many the vendor published"), count("agreed", "Agreed", "How many agree"),
	number("greatest_difference", "Greatest difference", Plain, 1, "In absolute terms"), number("avg_difference", "Mean difference", Plain, 2, "In absolute terms"),
	count("explained", "Explained", "Differences that vanish under another reading of the vendor's text"),
	percent("shown_agree_percent", "Shown agree", "Share of the figures of which the same was shown at the moment"),
}

var (
	reconciliationKind  = text("kind", "Figure of", "QueueStatus, QueueDailyCallMetrics or CallbackListStatus").key()
	reconciliationField = text("field", "Field", "The vendor's field").key()
	explainedBy         = text("explained_by", "Explained by", "The reading under which the difference vanishes")
)

var fieldColumns = join([]Column{reconciliationKind, reconciliationField}, agreement, []Column{explainedBy})

var driftColumns = join([]Column{timeKey, reconciliationKind}, agreement)

var differenceColumns = []Column{
	instant("published_at", "Published", "When the vendor published the figure").key(), organizationKey,
	reconciliationKind, text("entity_id", "Of (id)", "The queue or callback list").key(), text("entity_name", "Of", "The queue's name, or the beginning of the list's identifier").key(),
	text("queue_id", "Queue id", "The queue; NULL of a callback list").key(), reconciliationField,
	number("published", "Vendor's", Plain, 1, "What the vendor published"), number("recomputed", "Recomputed", Plain, 1, "What the events until then give"),
	number("shown_then", "Shown then", Plain, 1, "What was shown at that moment"), number("difference", "Difference", Plain, 1, "Recomputed less the vendor's"),
	explainedBy, text("figure_date", "Date", "The local date that the figure is of"), instant("run_at", "Compared", "When the figures were compared"),
}
