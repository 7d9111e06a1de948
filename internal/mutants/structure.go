package main

// Names, groups and attachments over time, lists of callbacks, deleted queues.
var structureMutations = []mutation{
	{name: "structure-latest-name", bug: "of a name's events of a date the latest counts", file: "aggregate/structure.go",
		old: "earliest = at < known.at; earliest", new: "earliest = at > known.at; earliest", by: differential},
	{name: "structure-list-of-one", bug: "a list of all agents ends nobody's attachment", file: "aggregate/structure.go",
		old: "AttachmentRow{Whole: true,", new: "AttachmentRow{Whole: false,", by: differential},
	{name: "structure-detached-is-attached", bug: "an agent who is taken out of a queue stays", file: "aggregate/structure.go",
		old: "Attached: []bool{ms.attached}", new: "Attached: []bool{true}", by: differential},
	{name: "structure-region-of-fallback", bug: "a change names the zone of the configuration, not of its region", file: "aggregate/structure.go",
		old: "r.TimeZone = ch.zone.String()", new: "_ = ch", by: differential},
	{name: "structure-waits-uncounted", bug: "rows that wait to be drained count for no limit", file: "aggregate/structure.go",
		old: "c.pendingBytes += structureRowBytes + int64(n)*structureEntryBytes", new: "_ = n", by: test{"aggregate", "TestRowsThatWaitCount"}},
	{name: "structure-list-first", bug: "an earlier event of a list does not count", file: "aggregate/call_list_dim.go",
		old: "l.first == 0 || at < l.first || at > l.last", new: "l.first == 0 || at > l.last", by: differential},
	{name: "structure-list-any-auto", bug: "the first CallbackListStatus to come counts, not the last", file: "aggregate/call_list.go",
		old: "\tif l.published.set(", new: "\tif l.published.at == 0 && l.published.set(", by: differential},
	{name: "structure-list-unsaved", bug: "when a list was seen is forgotten by a restart", file: "aggregate/callback_codec.go",
		old: "s.ints(l.first, l.last)", new: "s.ints(l.last, l.last)", by: restarts},
	{name: "structure-list-unchanged", bug: "a list that changes is not in the next checkpoint", file: "aggregate/call_list_dim.go",
		old: "\t\to.c.changes.callList(l)\n", new: "", by: test{"aggregate", "TestListsAreSaved"}},
	{name: "structure-deleted-queue-returns", bug: "a deleted queue comes back to the page with its next row", file: "internal/wallboard/organization.go",
		old: "return o.deleted[queue] && o.queues[queue] == nil", new: "return o == nil", by: test{"internal/wallboard", "TestADeletedQueueStaysWhileSomebodyWaits"}},
}
