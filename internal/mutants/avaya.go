package main

// From what forwarders send to events: the envelope, and Avaya's cards and agents.
var avayaMutations = []mutation{
	{name: "avaya-one-queue-for-all-channels", bug: "a topic's chats wait in the queue of its calls", file: "ingest/vendors/avaya/card.go",
		old: "d.reader.Queue(e.Channel, id, name)", new: "d.reader.Queue(ingest.ChannelVoice, id, name)", by: test{"ingest/vendors/avaya", "TestVisits"}},
	{name: "avaya-consultation-is-a-visit", bug: "a consultation is a part of the customer's visit", file: "ingest/vendors/avaya/card.go",
		old: "\tcase \"CONSULTING\", \"CONSULTED\":\n\t\treturn true\n", new: "", by: test{"ingest/vendors/avaya", "TestTransfers"}},
	{name: "avaya-held-does-not-connect", bug: "a card that is first seen on hold was not answered", file: "ingest/vendors/avaya/facts.go",
		old: "held:           {ingest.QueueCallInUserConnected, ingest.QueueCallInHoldStart}", new: "held:           {ingest.QueueCallInHoldStart}", by: test{"ingest/vendors/avaya", "TestVisits"}},
	{name: "avaya-old-state-is-late", bug: "a state that began hours ago is an event of that time", file: "ingest/vendors/avaya/agent.go",
		old: " && a.since >= e.Timestamp.Add(-oldestState)", new: "", by: test{"ingest/vendors/avaya", "TestQuirksAgreeWithOracle"}},
	{name: "avaya-parts-share-an-id", bug: "all parts of a message have its id", file: "ingest/vendors/avaya/decoder.go",
		old: "\te.ID = d.reader.Part(e.ID, part)\n", new: "", by: test{"ingest/vendors/avaya", "TestGolden"}},
	{name: "envelope-organizations-share-ids", bug: "two organizations' agents of one name are the same agent", file: "ingest/vendors/envelope/names.go",
		old: "\t\tencodeUUID(p[len(p)-36:], n.organization)\n", new: "", by: test{"ingest/vendors/envelope", "TestNames"}},
	{name: "envelope-any-source", bug: "the envelope of another vendor is read", file: "ingest/vendors/envelope/envelope.go",
		old: "len(r.seen.source) > 0 && string(r.seen.source) != r.source", new: "false", by: test{"ingest/vendors/envelope", "TestRejects"}},
}
