// Package top is the wallboard in a terminal: the queues of the organizations in a store, the troubled ones first.
package top

import (
	"cmp"
	"slices"
	"strings"
	"time"
)

// Unknown is a figure of now that the sources of a queue do not tell.
const Unknown = -1

// Queue is what the wallboard shows of one queue. The day is the queue's own, by its zone.
type Queue struct {
	Organization, ID, Name string

	Waiting, Ringing, Connected int // open visits
	LongestSince                time.Time
	Free, Serving               int // agents immediately free; agents that serve or could
	OpenStatus                  int

	Offered, Answered, Abandoned int64   // today, or in Snapshot.Last
	Level                        float64 // service level of that time, open visits that wait too long included; percent
	HasLevel                     bool
	Target                       float64 // percent; 0: none
	Threshold                    time.Duration
}

// Snapshot is everything at one instant.
type Snapshot struct {
	Queues []Queue
	Last   time.Duration // over which calls and levels count; 0: today
	Agents []Agent       // nil: the queues are shown
	Lists  []List        // callback lists, the most overdue first
	// Horizon is the time of the newest event that is in the figures.
	Horizon time.Time
	Taken   time.Time
	// Past has, by queue id, the callers that waited at each sample of a trail before this snapshot; nil where not known.
	Past map[string][]int
}

// Present is the centre's instant that corresponds to now: later than now where the events are ahead of the wall clock,
// as those of a simulation that runs faster.
func (s *Snapshot) Present(now time.Time) time.Time {
	return now.Add(max(s.Horizon.Sub(s.Taken), 0))
}

// period names the time over which calls count.
func (s *Snapshot) period() string {
	if s.Last == 0 {
		return "today"
	}
	return "in " + s.Last.String()
}

// LongestWait is how long the longest waiting visit waits at now.
func (q *Queue) LongestWait(now time.Time) time.Duration {
	if q.LongestSince.IsZero() {
		return 0
	}
	return max(now.Sub(q.LongestSince), 0)
}

// openStatusClosed is OpenStatus by configured hours: METRICS.md, section 5.
const openStatusClosed = 3

// Closed tells whether the queue is closed and has no caller any more.
func (q *Queue) Closed() bool {
	return q.OpenStatus == openStatusClosed && max(q.Waiting, 0)+max(q.Ringing, 0)+max(q.Connected, 0) == 0
}

// Grade tells how far a queue is from its target.
type Grade int

// The grades, worst last.
const (
	GradeNone Grade = iota // no service level, or no call yet
	GradeMet
	GradeClose // less than ten points below the target
	GradeMissed
)

// Grade compares the service level with the target.
func (q *Queue) Grade() Grade {
	switch gap := q.Target - q.Level; {
	case !q.HasLevel || q.Target == 0:
		return GradeNone
	case gap <= 0:
		return GradeMet
	case gap < 10:
		return GradeClose
	default:
		return GradeMissed
	}
}

// Order is a way to sort the queues.
type Order int

// The orders, in the sequence of the sort key.
const (
	ByTrouble Order = iota
	ByName
	ByWaiting
	ByLevel
	ByOffered
	numOrders
)

var orderNames = [numOrders]string{"trouble", "name", "waiting", "service level", "offered"}

func (o Order) String() string { return orderNames[o] }

// Sort sorts queues; equals go by name and id, so that lines do not jump about.
func Sort(queues []Queue, o Order, now time.Time) {
	slices.SortStableFunc(queues, func(a, b Queue) int {
		return cmp.Or(compare(&a, &b, o, now), strings.Compare(strings.ToLower(a.Name), strings.ToLower(b.Name)),
			strings.Compare(a.ID, b.ID))
	})
}

func compare(a, b *Queue, o Order, now time.Time) int {
	switch o {
	case ByTrouble:
		return compareTrouble(a, b, now)
	case ByWaiting:
		return cmp.Compare(b.Waiting, a.Waiting)
	case ByLevel:
		return cmp.Compare(levelOrFull(a), levelOrFull(b))
	case ByOffered:
		return cmp.Compare(b.Offered, a.Offered)
	}
	return 0
}

// compareTrouble puts first what needs a supervisor now: callers who wait beyond the threshold, by their wait; then
// queues with callers waiting; then queues below their target, by the gap; closed queues last.
func compareTrouble(a, b *Queue, now time.Time) int {
	return cmp.Or(
		cmp.Compare(overdue(b, now), overdue(a, now)),
		cmp.Compare(b.Waiting, a.Waiting),
		compareClosed(a, b),
		cmp.Compare(levelGap(b), levelGap(a)),
	)
}

func compareClosed(a, b *Queue) int {
	switch {
	case a.Closed() == b.Closed():
		return 0
	case a.Closed():
		return 1
	}
	return -1
}

func overdue(q *Queue, now time.Time) time.Duration {
	if wait := q.LongestWait(now); wait > q.Threshold {
		return wait.Truncate(time.Second)
	}
	return 0
}

func levelGap(q *Queue) float64 {
	if q.Grade() <= GradeMet {
		return 0
	}
	return q.Target - q.Level
}

func levelOrFull(q *Queue) float64 {
	if !q.HasLevel {
		return 101
	}
	return q.Level
}

// Filter returns the queues whose name contains text, in either case.
func Filter(queues []Queue, text string) []Queue {
	if text == "" {
		return queues
	}
	text = strings.ToLower(text)
	var kept []Queue
	for _, q := range queues {
		if strings.Contains(strings.ToLower(q.Name), text) {
			kept = append(kept, q)
		}
	}
	return kept
}

// Totals are the sums over queues.
type Totals struct {
	Waiting, Ringing, Connected  int
	Offered, Answered, Abandoned int64
	Longest                      time.Duration
	Missed, Graded               int // queues below their target, of those that have a level
	Overdue                      int // queues where somebody waits beyond the threshold
}

// Sum adds up the queues at now.
func Sum(queues []Queue, now time.Time) Totals {
	var t Totals
	for i := range queues {
		q := &queues[i]
		t.Waiting += max(q.Waiting, 0)
		t.Ringing += max(q.Ringing, 0)
		t.Connected += max(q.Connected, 0)
		t.Offered += q.Offered
		t.Answered += q.Answered
		t.Abandoned += q.Abandoned
		t.Longest = max(t.Longest, q.LongestWait(now))
		if q.Grade() >= GradeClose {
			t.Missed++
		}
		if q.Grade() != GradeNone {
			t.Graded++
		}
		if q.Waiting > 0 && overdue(q, now) > 0 {
			t.Overdue++
		}
	}
	return t
}
