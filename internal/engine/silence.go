package engine

import "ringside/ingest/kafka"

// silence is what a new owner keeps while it reads again what its predecessor has read: the rows that it would write are
// older than those that are there.
type silence struct {
	// silentTo are the positions of the predecessor's flush mark: up to them it has written rows that must not go back.
	silentTo map[string]int64
	stood    map[string]int64 // where each topic stood when it was last looked at
}

// silent tells whether the predecessor may have written rows of later positions than ours. Its mark may lie beyond the
// end of the log: there the silence ends too. The caller holds mu.
func (w *worker) silent() bool {
	if w.silentTo == nil {
		return false
	}
	if waiting := w.aheadOf(w.source.Lag()); waiting {
		return true
	}
	w.silentTo, w.stood = nil, nil
	return false
}

// aheadOf tells whether any topic is still before the predecessor's mark and has something to read.
func (w *worker) aheadOf(lags []kafka.Lag) (waiting bool) {
	if w.stood == nil {
		w.stood = map[string]int64{}
	}
	for _, l := range lags {
		stood, looked := w.stood[l.Topic]
		w.stood[l.Topic] = l.Position
		if w.pipeline.positions[l.Topic] >= w.silentTo[l.Topic] {
			continue
		}
		// Retention may have removed what came before the end: then nothing is ever taken in up to there. A position that
		// has not moved since the last look has no batch on its way from the topic to the pipeline.
		atEnd := l.HighWatermark >= 0 && l.Records() == 0 && looked && stood == l.Position && !w.full.Load()
		waiting = waiting || !atEnd
	}
	return waiting
}
