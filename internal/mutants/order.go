package main

// The order of a call's facts: time to the tick, rank, id. And of what the latest event decides.
var orderMutations = []mutation{
	{name: "order-by-microsecond", bug: "the seventh digit of a timestamp does not order facts", file: "aggregate/fact.go",
		old: "if f.at != g.at {\n\t\treturn f.at < g.at", new: "if micros(f.at) != micros(g.at) {\n\t\treturn f.at < g.at", by: scenario("order_by_seventh_digit")},
	{name: "order-rank-ignored", bug: "facts of one instant are ordered by id alone", file: "aggregate/fact.go",
		old: "if f.kind() != g.kind() {", new: "if false {", by: scenario("order_by_rank")},
	{name: "order-tie-by-arrival", bug: "of equal facts of one instant, the one that came first goes first", file: "aggregate/fact.go",
		old: "return bytes.Compare(f.id[:], g.id[:]) < 0", new: "return bytes.Compare(f.id[:], g.id[:]) < -1", by: scenario("order_by_id")},
	{name: "order-connect-before-offer", bug: "a connect ranks before the offer of the same instant", file: "aggregate/fact.go",
		old: "\tkindAllocated\n\tkindCancelled\n\tkindConnected\n", new: "\tkindConnected\n\tkindAllocated\n\tkindCancelled\n", by: scenario("order_offer_and_connect")},
	{name: "order-late-fact-never-first", bug: "a fact before all others is put second", file: "aggregate/call.go",
		old: "for i > 0 && f.before(&s[i-1]) {", new: "for i > 1 && f.before(&s[i-1]) {", by: scenario("documented_visit")},
	{name: "latest-tie-by-arrival", bug: "of two events of one instant the one that comes last decides, not the greater id", file: "aggregate/queue.go",
		old: "at == s.at && bytes.Compare(id[:], s.id[:]) >= 0", new: "at == s.at", by: differential},
	{name: "name-by-arrival", bug: "the name that comes last is the last name", file: "aggregate/names.go",
		old: "for i > 0 && (s[i-1].at > at || s[i-1].at == at && bytes.Compare(s[i-1].id[:], id[:]) > 0) {", new: "for i > 0 && false && (s[i-1].at > at || s[i-1].at == at && bytes.Compare(s[i-1].id[:], id[:]) > 0) {", by: test{"aggregate", "TestNamesAreThoseOfTheBegin"}},
	{name: "name-of-now", bug: "a call has the queue's name of today, not of then", file: "aggregate/drain.go",
		old: "r.QueueName = o.queues[s.queue-1].names.at(s.begun)", new: "r.QueueName = o.queues[s.queue-1].names.last()", by: test{"aggregate", "TestNamesAreThoseOfTheBegin"}},
}
