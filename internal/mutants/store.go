package main

// Rows on their way into the store.
var storeMutations = []mutation{
	{name: "store-keeps-first-of-version", bug: "of two rows of a version the first is written", file: "store/table.go",
		old: "if version < e.version {", new: "if version <= e.version {", by: test{"store", "TestTableKeepsTheNewestRow"}},
	{name: "store-forgets-deletion", bug: "a tombstone that replaces a row is none", file: "store/table.go",
		old: "e.version, e.partition, e.deleted = version, partition, deleted", new: "e.version, e.partition = version, partition", by: test{"store", "TestTableKeepsTheNewestRow"}},
	{name: "store-shares-memory", bug: "a row keeps the caller's slice of agents", file: "store/tables_calls.go",
		old: "ids := append(dst.AgentIDs[:0], src.AgentIDs...)", new: "ids := src.AgentIDs", by: test{"store", "TestTableKeepsTheNewestRow"}},
	{name: "store-gives-back-old", bug: "a row that could not be written replaces the newer one", file: "store/table.go",
		old: "&& t.pending[j].version >= e.version {\n\t\t\t\tcontinue", new: "&& t.pending[j].version < 0 {\n\t\t\t\tcontinue", by: test{"store", "TestTableGivesBackWhatIsNotNewer"}},
	{name: "store-loses-what-it-gives-back", bug: "a row that could not be written is lost if its key is there again", file: "store/table.go",
		old: "t.pending[j].version >= e.version", new: "t.pending[j].version >= 0", by: test{"store", "TestTableGivesBackWhatIsNotNewer"}},
	{name: "store-backlog-grows", bug: "written rows stay in the backlog", file: "store/table.go",
		old: "t.total.add(-len(rows), -bytes)", new: "t.total.add(-len(rows), 0)", by: test{"store", "TestTableGivesBackWhatIsNotNewer"}},
	{name: "store-version-without-epoch", bug: "the epoch does not order versions", file: "store/version.go",
		old: "return uint64(epoch)<<sequenceBits | sequence", new: "return uint64(epoch) + sequence", by: test{"store", "TestVersionOrdersEpochsBeforeSequences"}},
	{name: "store-deletion-not-written", bug: "tombstones are written as rows", file: "store/columns.go",
		old: "\t\t\tif e.deleted {\n\t\t\t\treturn 1\n\t\t\t}\n", new: "", by: test{"store", "TestViewsShowOneRowPerKeyUnmerged"}, slow: true},
	{name: "store-call-without-direction", bug: "a visit and an outbound call of one call and queue are one row", file: "store/tables_calls.go",
		old: "return callKey{r.OrganizationID, r.CallID, r.QueueID, r.CallDate, r.Direction, r.Visit}", new: "return callKey{r.OrganizationID, r.CallID, r.QueueID, r.CallDate, 0, r.Visit}", by: test{"store", "TestTableKeepsTheNewestRow"}},
}
