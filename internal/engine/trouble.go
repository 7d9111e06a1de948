package engine

import (
	"log/slog"
	"time"
)

const (
	troubleAfter = time.Second // what passes sooner is not worth a line
	troubleEvery = 30 * time.Second
)

// troubleLog says that the store does not take rows, now and then while that lasts, and that it does again. It is for
// one goroutine.
type troubleLog struct {
	log         *slog.Logger
	since, said time.Time
}

// look is told at now whether there is trouble, and returns how long it has lasted.
func (l *troubleLog) look(now time.Time, trouble error) time.Duration {
	if trouble == nil {
		if !l.said.IsZero() {
			l.log.Warn("the store takes rows again", "after", now.Sub(l.since).Round(time.Second))
		}
		l.since, l.said = time.Time{}, time.Time{}
		return 0
	}
	if l.since.IsZero() {
		l.since = now
	}
	lasted := now.Sub(l.since)
	if lasted >= troubleAfter && (l.said.IsZero() || now.Sub(l.said) >= troubleEvery) {
		l.said = now
		l.log.Error("the store does not take rows; they wait and are tried again, nothing is lost", "for", lasted.Round(time.Second), "error", trouble)
	}
	return lasted
}
