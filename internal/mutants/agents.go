package main

// What agents add to their queues.
var agentMutations = []mutation{
	{name: "agent-inactive-checked-in", bug: "an agent who is inactive in the queue is checked in", file: "aggregate/agent.go",
		old: "if !m.attached || !m.active || known", new: "if !m.attached || known", by: scenario("status_attachment")},
	{name: "agent-unknown-not-checked-in", bug: "an agent without UserStatus is not checked in", file: "aggregate/agent.go",
		old: "if !m.attached || !m.active || known && !st.Serving {", new: "if !m.attached || !m.active || !st.Serving {", by: scenario("status_checked_in")},
	{name: "agent-away-twice", bug: "who is long-term away is short-term away too", file: "aggregate/agent.go",
		old: "short := !long && (known", new: "short := (known", by: scenario("status_long_before_short")},
	{name: "agent-parked-is-free", bug: "an agent with a parked call is free", file: "aggregate/agent.go",
		old: "known && st.ParkedCalls > 0 || a.isTalking()", new: "a.isTalking()", by: scenario("status_away")},
	{name: "agent-fetching-needs-allocation", bug: "free in fetch mode needs CanBeAllocatedTo", file: "aggregate/agent.go",
		old: "known && st.FetchMode && !away)", new: "known && st.FetchMode && st.CanBeAllocatedTo && !away)", by: scenario("status_fetch_without_allocation")},
	{name: "agent-status-loses-tie", bug: "at the same microsecond the wrap-up event counts, not UserStatus", file: "aggregate/agent.go",
		old: "if micros(a.wrapUp.at) > micros(a.status.at) {", new: "if micros(a.wrapUp.at) >= micros(a.status.at) && a.wrapUp.at != 0 {", by: scenario("status_wrap_up_same_instant")},
	{name: "agent-talks-by-status-alone", bug: "calls do not tell that an agent talks", file: "aggregate/agent.go",
		old: "return a.talking > 0\n", new: "return a.status.value.Talking\n", by: scenario("status_talking_by_call_facts")},
	{name: "agent-talks-after-let-go", bug: "a call that was let go leaves its agent as UserStatus had him before", file: "aggregate/call.go",
		old: "a.lastSegment = max(a.lastSegment, p.at)", new: "_ = a", by: scenario("status_talking_after_let_go")},
	{name: "agent-wrap-up-without-end", bug: "a wrap-up by UserStatus does not end at WrapUpEnd", file: "aggregate/agent.go",
		old: "(st.WrapUpEnd == ingest.Unset || a.org.now < int64(st.WrapUpEnd))", new: "true", by: scenario("status_wrap_up_end_passes")},
	{name: "agent-stale-off-work", bug: "an agent off work is stale", file: "aggregate/apply.go",
		old: "a.stale = a.org.now > due && !a.offWork()", new: "a.stale = a.org.now > due", by: scenario("status_stale")},
	{name: "agent-never-fresh-again", bug: "a stale agent who is heard of stays stale", file: "aggregate/apply.go",
		old: "\t\ta.stale = false\n\t\ta.refresh()\n", new: "\t\ta.refresh()\n", by: scenario("status_stale_no_more")},
	{name: "attachment-of-the-list", bug: "a UserQueueAttached after the list changes nothing", file: "aggregate/agent.go",
		old: "\t\treturn m.own.value\n", new: "\t\treturn m.listed\n", by: scenario("status_attachment")},
}
