package main

// Late events, copies, conflicts, times that are not believed.
var intakeMutations = []mutation{
	{name: "late-at-the-bound", bug: "an event exactly as old as the lateness is late", file: "aggregate/core.go",
		old: "at < o.horizon.Add(-c.set.Lateness)", new: "at <= o.horizon.Add(-c.set.Lateness)", by: scenario("late_boundary")},
	{name: "late-is-fixed", bug: "the lateness is an hour, whatever is set", file: "aggregate/core.go",
		old: "at < o.horizon.Add(-c.set.Lateness)", new: "at < o.horizon.Add(-day / 24)", by: scenario("lateness_setting")},
	{name: "ids-forgotten-early", bug: "ids are remembered for half the lateness", file: "aggregate/org.go",
		old: "o.ids.forget(at - ingest.Time(ticksOf(o.c.set.Lateness)))", new: "o.ids.forget(at - ingest.Time(ticksOf(o.c.set.Lateness)/2))", by: differential},
	{name: "ids-one-bucket-early", bug: "a full table of ids forgets the oldest bucket that is still needed", file: "aggregate/dedup.go",
		old: "if e.hash == 0 || e.bucket < s.oldest {", new: "if e.hash == 0 || e.bucket <= s.oldest {", by: test{"aggregate", "TestIDsAreRememberedAsLongAsTheyCanCome"}},
	{name: "conflict-is-duplicate", bug: "an id with another body counts as a copy", file: "aggregate/core.go",
		old: "if known.body == id.body {", new: "if true {", by: scenario("conflict")},
	{name: "future-skew-at-the-bound", bug: "an event exactly as far ahead as future_skew is set back", file: "aggregate/core.go",
		old: "at > ev.ReceivedAt.Add(c.set.FutureSkew)", new: "at >= ev.ReceivedAt.Add(c.set.FutureSkew)", by: scenario("received_future_skew")},
	{name: "future-skew-not-set-back", bug: "an event far ahead is flagged, but keeps its time", file: "aggregate/core.go",
		old: "at, skewed = ev.ReceivedAt, true", new: "skewed = true", by: scenario("received_future_skew")},
	{name: "far-future-believed", bug: "an event two days ahead of its receipt is believed", file: "aggregate/core.go",
		old: "at > ev.ReceivedAt.Add(day)", new: "at > ev.ReceivedAt.Add(3*day)", by: scenario("received_far_future")},
	{name: "1970-believed", bug: "events before 1990 are believed", file: "aggregate/core.go",
		old: "at < earliest ||", new: "at < 0 ||", by: scenario("before_1990")},
	{name: "facts-without-limit", bug: "a call takes one fact more than facts_per_call", file: "aggregate/call.go",
		old: "len(call.facts) >= n {", new: "len(call.facts) > n {", by: test{"aggregate", "TestFactsPerCallAreLimited"}},
}
