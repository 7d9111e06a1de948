package main

// Wrap-up: matched by call, agent and queue; its ends.
var wrapUpMutations = []mutation{
	{name: "wrap-up-ends-nothing", bug: "a wrap-up of the last agent does not end the visit", file: "aggregate/fold_end.go",
		old: "if !f.followed(s) {", new: "if false {", by: scenario("wrapup_ends_visit")},
	{name: "wrap-up-ends-what-goes-on", bug: "a wrap-up ends the visit though more of it follows", file: "aggregate/fold_end.go",
		old: "if !f.followed(s) {", new: "if true {", by: scenario("wrapup_ends_segment_only")},
	{name: "wrap-up-of-any-agent", bug: "a wrap-up of an earlier agent ends the visit", file: "aggregate/fold_end.go",
		old: "s.answered != 0 && (agent == s.agent || s.alone(agent)) {", new: "s.answered != 0 {", by: scenario("wrapup_of_earlier_agent")},
	{name: "wrap-up-of-last-connected-only", bug: "a visit goes on when the last one who was left leaves, if others were connected later", file: "aggregate/fold_end.go",
		old: "(agent == s.agent || s.alone(agent)) {", new: "agent == s.agent {", by: scenario("wrapup_of_earlier_agent_who_stays")},
	{name: "wrap-up-then-elsewhere", bug: "a call that turns up elsewhere after the agent's wrap-up was not transferred", file: "aggregate/fold.go",
		old: "f.stays[n-1].transfer = TransferUser", new: "f.stays[n-1].transfer = TransferNone", by: scenario("wrapup_then_elsewhere")},
	{name: "wrap-up-elapsed-twice", bug: "ElapsedTimeSec counts though the agent had a wrap-up in the visit", file: "aggregate/fold_end.go",
		old: "ft.num != Null && !s.wrapped(agent) {", new: "ft.num != Null {", by: scenario("wrapup_elapsed_after_start")},
	{name: "wrap-up-of-first-visit", bug: "a wrap-up belongs to the first visit in which the agent served", file: "aggregate/fold_end.go",
		old: "for i := len(f.stays) - 1; i >= 0 && s == nil; i-- {", new: "for i := 0; i < len(f.stays) && s == nil; i++ {", by: scenario("wrapup_of_last_visit_in_queue")},
	{name: "wrap-up-replaces-sum", bug: "only the last wrap-up of a visit counts", file: "aggregate/fold_end.go",
		old: "t-w.start\n\t\t\ts.wrap += w.length", new: "t-w.start\n\t\t\ts.wrap = w.length", by: scenario("wrapup_of_two_agents")},
	{name: "wrap-up-max-first", bug: "a wrap-up lasts its maximum though the agent has his next call", file: "aggregate/fold_end.go",
		old: "end = min(end, w.start+int64(w.max)*1e6)", new: "end = w.start + int64(w.max)*1e6", by: scenario("wrapup_no_terminated_next_event")},
	{name: "wrap-up-not-cut-by-own-call", bug: "the agent's own call does not end his wrap-up", file: "aggregate/apply.go",
		old: "\t\tif a != nil {\n\t\t\ta.acted(int64(at))\n\t\t}\n", new: "", by: scenario("wrapup_cut_by_own_call")},
	{name: "wrap-up-cut-by-the-past", bug: "a call event at the start of a wrap-up ends it", file: "aggregate/agent.go",
		old: "\t\tif w.start >= at {\n", new: "\t\tif w.start > at {\n", by: scenario("wrapup_next_event_is_later")},
	{name: "wrap-up-running-counts", bug: "a visit with a running wrap-up has a handling time", file: "aggregate/visit.go",
		old: "set(visitHandled, !s.wrapRunning)", new: "set(visitHandled, true)", by: scenario("wrapup_no_terminated_max")},
}
