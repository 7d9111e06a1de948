package store

import (
	"sync"
	"time"

	"ringside/aggregate"
)

// Cadence says how long rows gather before they are written.
type Cadence struct {
	Now         time.Duration // the _now tables; 250 ms
	Figures     time.Duration // calls, daily figures; 2 s
	History     time.Duration // everything else; 5 s
	HistoryRows int           // of one table, at which History is due at once; 65,536
	Behind      time.Duration // the lag beyond which all are stretched; 1 min
	Stretch     int           // how many times; 5
}

func (c *Cadence) setDefaults() {
	c.Now = orDefault(c.Now, 250*time.Millisecond)
	c.Figures = orDefault(c.Figures, 2*time.Second)
	c.History = orDefault(c.History, 5*time.Second)
	c.HistoryRows = orDefault(c.HistoryRows, 64<<10)
	c.Behind = orDefault(c.Behind, time.Minute)
	c.Stretch = orDefault(c.Stretch, 5)
}

type cadenceClock struct {
	mu   sync.Mutex
	lag  time.Duration
	last [3]time.Time
}

// SetLag tells how far behind the engine is: while that is more than a minute, larger and rarer inserts serve better
// than fresh figures.
func (w *Writer) SetLag(lag time.Duration) {
	w.clock.mu.Lock()
	defer w.clock.mu.Unlock()
	w.clock.lag = lag
}

// Due returns the sets of tables whose time has come at now and begins their next period: drain them from the core,
// add them, flush them. The first call begins all periods.
func (w *Writer) Due(now time.Time) aggregate.TableSet {
	w.clock.mu.Lock()
	defer w.clock.mu.Unlock()
	c := w.options.Cadence
	factor := time.Duration(1)
	if w.clock.lag > c.Behind {
		factor = time.Duration(c.Stretch)
	}
	var due aggregate.TableSet
	for i, period := range []time.Duration{c.Now, c.Figures, c.History} {
		last := &w.clock.last[i]
		if last.IsZero() {
			*last = now
		}
		set := aggregate.DrainNow << i
		full := set == aggregate.DrainHistory && w.tables.longest(set) >= c.HistoryRows
		if now.Sub(*last) >= period*factor || full {
			*last = now
			due |= set
		}
	}
	return due
}
