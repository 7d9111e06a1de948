package aggregate

// window is a queue's local day or quarter of an hour. Its frozen part holds the visits of calls that were let go, its
// live part those of held calls, from which they can be taken back exactly, maxima included.
type window struct {
	queue     *queue
	key       int64 // a day's date, an interval's start in µs
	end       int64 // µs
	date      int32 // local date, days since 1970-01-01
	kind      windowKind
	dirty     bool
	unsaved   bool  // its frozen part has changed since the last checkpoint
	refs      int32 // visits of held calls
	frozen    part
	live      part
	waits     extremes
	frozenMax int64 // µs; Null: none
}

type windowKind uint8

const (
	windowDay windowKind = iota
	windowInterval
)

// part is what adds up.
type part struct {
	sums     Sums
	waits    histogram
	answered histogram
}

func (p *part) count(v *visit, n int64) {
	p.sums.count(v, n)
	if v.direction == Inbound && v.wait >= 0 {
		b := BucketOf(v.wait)
		p.waits.add(b, n)
		if v.outcome == Answered {
			p.answered.add(b, n)
		}
	}
}

// add counts a visit of a held call.
func (w *window) add(v *visit) {
	w.live.count(v, 1)
	if v.direction == Inbound && v.wait >= 0 {
		w.waits.add(v.wait)
	}
	w.refs++
}

// takeBack undoes add.
func (w *window) takeBack(v *visit) {
	w.live.count(v, -1)
	if v.direction == Inbound && v.wait >= 0 {
		w.waits.remove(v.wait)
	}
	w.refs--
	if w.refs < 0 {
		panic("BUG: more visits taken back from a window than were added")
	}
}

// freeze moves a visit of a call that is let go from the live to the frozen part.
func (w *window) freeze(v *visit) {
	w.takeBack(v)
	w.frozen.count(v, 1)
	if v.direction == Inbound && v.wait > w.frozenMax {
		w.frozenMax = v.wait
	}
	w.queue.org.c.changes.window(w)
}

func (w *window) hasFrozen() bool {
	var zero Sums
	return w.frozen.sums != zero || w.frozenMax != Null
}

func (w *window) max() int64 {
	if m, ok := w.waits.max(); ok {
		return max(m, w.frozenMax)
	}
	return w.frozenMax
}

func (w *window) empty() bool {
	var zero Sums
	return w.refs == 0 && w.frozen.sums == zero
}

// windowsOf returns the day and the interval of a visit that began at us, creating them if need be.
func (o *org) windowsOf(q *queue, us int64) (day, interval *window) {
	loc := q.zoneAt(us)
	if q.today.zone != loc || us < q.today.start || us >= q.today.end {
		q.today.localDay, q.today.zone = localDayOf(us, loc), loc
	}
	d := q.today.localDay
	// The row has the name of the last instant of its date in UTC, which east of Greenwich comes after the local date's end.
	named := (int64(d.date) + 1) * usPerDay
	day = o.window(q, &q.days, windowDay, int64(d.date), max(d.end, named), d.date)
	start := d.intervalStart(us)
	interval = o.window(q, &q.intervals, windowInterval, start, start+intervalUs, d.date)
	return day, interval
}

// window finds or creates the window of a row: days by date, intervals by start. A queue that changes its zone during a
// day still has one row for the date.
func (o *org) window(q *queue, list *[]*window, kind windowKind, key, end int64, date int32) *window {
	s := *list
	i := len(s)
	for i > 0 && s[i-1].key >= key {
		i--
	}
	if i < len(s) && s[i].key == key {
		if end > s[i].end {
			s[i].end = end
			o.c.changes.window(s[i])
		}
		return s[i]
	}
	w := &window{queue: q, key: key, end: end, date: date, kind: kind, frozenMax: Null}
	s = append(s, nil)
	copy(s[i+1:], s[i:])
	s[i] = w
	*list = s
	o.releases.push(timer{due: end*10 + ticksOf(o.c.set.Lateness), ref: o.addWindow(w), kind: timerWindow})
	return w
}

// markWindow lists a window for the next drain.
func (o *org) markWindow(w *window) {
	if w.dirty {
		return
	}
	w.dirty = true
	if w.kind == windowDay {
		o.c.dirtyDays = append(o.c.dirtyDays, w)
	} else {
		o.c.dirtyIntervals = append(o.c.dirtyIntervals, w)
	}
}
