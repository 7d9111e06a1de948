package main

// Outbound, callback and direct calls.
var otherCallMutations = []mutation{
	{name: "outbound-wait-from-connect", bug: "the wait of an outbound call is no time at all", file: "aggregate/visit.go",
		old: "return s.answered - s.begun", new: "return s.answered - s.accepted", by: scenario("outbound_call")},
	{name: "outbound-unconnected-abandoned", bug: "an outbound call that nobody took was abandoned", file: "aggregate/fold_end.go",
		old: "case s.direction == Outbound || s.direction == CallbackCall || s.local:", new: "case s.local:", by: scenario("outbound_hung_up_by_the_called")},
	{name: "outbound-into-queue-no-transfer", bug: "an outbound call that goes into a queue was not transferred", file: "aggregate/stay.go",
		old: "\t\ts.end(ticks, t, Rejected)\n\t\ts.transfer = TransferUser\n", new: "\t\ts.end(ticks, t, Rejected)\n", by: scenario("outbound_into_queue")},
	{name: "outbound-rejected-while-open", bug: "an outbound call that still rings counts as rejected", file: "aggregate/visit.go",
		old: "\tcase v.bits&visitOpen == 0:\n\t\ts.OutboundRejected += n", new: "\tdefault:\n\t\ts.OutboundRejected += n", by: test{"aggregate/oracle", "TestCoreAgainstOracle"}},
	{name: "callback-call-without-id", bug: "a callback call has no callback_id", file: "aggregate/drain.go",
		old: "\t\tif s.direction == CallbackCall {\n\t\t\ti = 1\n\t\t}\n", new: "", by: scenario("callback_call")},
	{name: "direct-of-any-user", bug: "a direct call that moves to another user is one row", file: "aggregate/fold.go",
		old: "(direction != Direct || s.owner == ft.user>>8)", new: "true", by: differential},
}
