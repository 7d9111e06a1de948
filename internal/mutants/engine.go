package main

// Life cycle: silence up to the predecessor's mark, marks, full cores.
var engineMutations = []mutation{
	{name: "silence-past-the-mark", bug: "a new owner stays silent when it has reached the mark", file: "internal/engine/silence.go",
		old: "w.pipeline.positions[l.Topic] >= w.silentTo[l.Topic]", new: "w.pipeline.positions[l.Topic] > w.silentTo[l.Topic]", by: test{"internal/engine", "TestSilenceEndsAtTheMarkOrTheEndOfTheLog"}},
	{name: "silence-ends-before-the-mark", bug: "a new owner speaks before it has reached the mark", file: "internal/engine/silence.go",
		old: "waiting = waiting || !atEnd", new: "_ = atEnd", by: test{"internal/engine", "TestSilenceEndsAtTheMarkOrTheEndOfTheLog"}},
	{name: "silence-ends-with-batch-on-its-way", bug: "the silence ends while the last batch is on its way", file: "internal/engine/silence.go",
		old: "l.Records() == 0 && looked && stood == l.Position", new: "l.Records() == 0 && (looked || stood == 0)", by: test{"internal/engine", "TestSilenceEndsAtTheMarkOrTheEndOfTheLog"}},
	{name: "silence-of-unknown-end", bug: "an end that is not known yet ends the silence", file: "internal/engine/silence.go",
		old: "l.HighWatermark >= 0 && l.Records() == 0", new: "l.Records() == 0", by: test{"internal/engine", "TestSilenceEndsAtTheMarkOrTheEndOfTheLog"}},
	{name: "full-skips-record", bug: "the record that met a full core is skipped", file: "internal/engine/worker.go",
		old: "\t\tat = n\n", new: "\t\tat = n + 1\n", by: test{"internal/engine", "TestWorkerWaitsForRoom"}},
}
