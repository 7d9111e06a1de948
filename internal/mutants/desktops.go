package main

// From what agents' desktops tell to events.
var desktopMutations = []mutation{
	{name: "desktop-seconds", bug: "seconds since 1970 are taken for milliseconds", file: "ingest/vendors/brightpattern/record.go",
		old: "\t\t\tn *= 1000\n", new: "", by: test{"ingest/vendors/brightpattern", "TestUnitsOfTime"}},
	{name: "desktop-leg-is-call", bug: "the end of an agent's part ends the call for all", file: "ingest/vendors/brightpattern/visit.go",
		old: "if !r.others {", new: "if r.service != nil {", by: test{"ingest/vendors/brightpattern", "TestVisits"}},
	{name: "desktop-id-of-envelope", bug: "the same record by both callbacks counts twice", file: "ingest/vendors/brightpattern/decoder.go",
		old: "d.key = append(d.key, r.interaction...)", new: "d.key = append(d.key, e.TypeName...)", by: test{"ingest/vendors/brightpattern", "TestSameRecordSameIds"}},
	{name: "desktop-arrival", bug: "when the agent was offered it is when the caller began to wait", file: "ingest/vendors/brightpattern/visit.go",
		old: "\tadd(ingest.QueueCallInUserAllocated, begin)\n\tadd(ingest.QueueCallInUserConnected, begin)\n",
		new: "\tadd(ingest.QueueCallInArrived, begin)\n\tadd(ingest.QueueCallInUserConnected, begin)\n", by: test{"ingest/vendors/brightpattern", "TestVisits"}},
	{name: "desktop-asked-is-done", bug: "a refused request is a fact", file: "ingest/vendors/openmethods/decoder.go",
		old: "len(p.command) > 0 && !bytes.Equal(p.result, success)", new: "len(p.command) > 0 && bytes.Equal(p.result, nil)", by: test{"ingest/vendors/openmethods", "TestDesktop"}},
	{name: "desktop-consultation", bug: "the end of a consultation ends the call", file: "ingest/vendors/openmethods/decoder.go",
		old: "(s == ended || s == afterWork) && l == interactionLevel", new: "(s == ended || s == afterWork) && l >= interactionLevel", by: test{"ingest/vendors/openmethods", "TestDesktop"}},
	{name: "desktop-channel-group", bug: "a channel group is taken for the channel", file: "ingest/vendors/openmethods/target.go",
		old: "\tcase l == interactionLevel && (t.n == 3 || t.n == 4):\n\t\treturn t.parts[t.n-1]", new: "\tcase l == interactionLevel && (t.n == 3 || t.n == 4):\n\t\treturn t.parts[2]",
		by: test{"ingest/vendors/openmethods", "TestDesktop"}},
}
