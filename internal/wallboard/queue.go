package wallboard

import (
	"encoding/json"
	"slices"
	"time"

	"github.com/google/uuid"

	"ringside/aggregate"
)

// Figures are what the page shows of one queue. Instants are µs since the Unix epoch in the organization's time.
type Figures struct {
	Organization uuid.UUID `json:"org"`
	ID           uuid.UUID `json:"id"`
	Name         string    `json:"name"`

	// -1 is what the queue's sources do not tell.
	Waiting   int32 `json:"waiting"`   // NbrOfQueuingRequesters
	Ringing   int32 `json:"ringing"`   // NbrOfAllocated
	Connected int32 `json:"connected"` // NbrOfConnected
	Since     int64 `json:"since"`     // the instant from which the longest current wait runs; 0: nobody waits
	// Waits are the instants from which the current waits run that count for the service level, ascending; at most
	// aggregate.MaxWaitingSince of them.
	Waits     []int64 `json:"waits"`
	Free      int32   `json:"free"`       // NbrOfAgentsImmediatelyFree
	Serving   int32   `json:"serving"`    // NbrOfServingAgentsEstimate
	Away      int32   `json:"away"`       // NbrOfAgentsLongTermAway
	Busy      int32   `json:"busy"`       // NbrOfAgentsShortTermAway
	CheckedIn int32   `json:"checked_in"` // NbrOfAgentsCheckedInQueue
	Stale     int32   `json:"stale"`
	Open      int32   `json:"open"` // OpenStatus

	Day       string  `json:"day"`       // today where the queue is
	Threshold int64   `json:"threshold"` // T, µs; 0: no service level
	Target    float64 `json:"target"`    // percent
	Offered   int64   `json:"offered"`
	Answered  int64   `json:"answered"`
	Abandoned int64   `json:"abandoned"`
	Met       int64   `json:"met"`  // answered within T
	Base      int64   `json:"base"` // the stored denominator: answered + abandoned − short abandons + failed
}

// Level returns the live service level at an instant: the day's, with each open visit that waits longer than T counted
// as missed already (METRICS.md, section 4). It is not known without threshold, or without a call that counts.
func (f *Figures) Level(present int64) (percent float64, known bool) {
	base := f.Base + int64(f.Overdue(present))
	if f.Threshold == 0 || base == 0 {
		return 0, false
	}
	return 100 * float64(f.Met) / float64(base), true
}

// Overdue counts the open visits that wait longer than T at an instant.
func (f *Figures) Overdue(present int64) (n int) {
	if f.Threshold == 0 {
		return 0
	}
	for _, since := range f.Waits {
		if present-since <= f.Threshold {
			break
		}
		n++
	}
	return n
}

// queue is one queue on the board.
type queue struct {
	row     Figures
	encoded []byte // of row; nil: changed since
	changed uint64 // version
	trail   trail

	zone   *time.Location
	dayEnd int64 // µs; when today's figures end
	days   []dayRow

	newer, older *queue // in the organization's list
}

// dayRow is what is kept of a daily row.
type dayRow struct {
	date                        int32
	offered, answered, aband    int64
	met, base, threshold, short int64
	target                      float64
}

// keptDays are enough to show today while yesterday's last rows, or the first of a clock ahead, still come.
const keptDays = 3

// busy tells whether anybody waits or talks in the queue.
func (q *queue) busy() bool {
	return max(q.row.Waiting, 0)+max(q.row.Ringing, 0)+max(q.row.Connected, 0) > 0
}

func (q *queue) setStatus(r *aggregate.QueueStatusRow) {
	f := &q.row
	f.Name = r.QueueName
	f.Waiting, f.Ringing, f.Connected = r.NbrOfQueuingRequesters, r.NbrOfAllocated, r.NbrOfConnected
	f.Since = r.LongestWaitSince
	f.Waits = append(f.Waits[:0], r.WaitingSince...)
	f.Free, f.Serving = r.NbrOfAgentsImmediatelyFree, r.NbrOfServingAgentsEstimate
	f.Away, f.Busy, f.CheckedIn = r.NbrOfAgentsLongTermAway, r.NbrOfAgentsShortTermAway, r.NbrOfAgentsCheckedInQueue
	f.Stale, f.Open = r.StaleAgents, r.OpenStatus
	q.trail.see(f.Waiting)
}

func (q *queue) setDaily(r *aggregate.DailyRow, zone *time.Location) {
	q.zone = zone
	i, found := slices.BinarySearchFunc(q.days, r.QueueDate, func(d dayRow, date int32) int { return int(d.date - date) })
	if r.Deleted {
		if found {
			q.days = slices.Delete(q.days, i, i+1)
		}
		return
	}
	s := &r.Sums
	d := dayRow{date: r.QueueDate, offered: s.Total, answered: s.Outcomes[aggregate.Answered], aband: s.Outcomes[aggregate.Abandoned],
		met: s.LevelMet, base: s.LevelAnswered + s.LevelAbandoned - s.LevelShort + s.LevelFailed,
		threshold: r.Threshold, short: r.ShortAbandon, target: r.Target}
	if found {
		q.days[i] = d
		return
	}
	q.days = slices.Insert(q.days, i, d)
	if len(q.days) > keptDays {
		q.days = slices.Delete(q.days, 0, 1)
	}
}

// setToday shows the figures of the day that holds at present, zeros before its first call. Its threshold and target
// are then those of the day before: the rules seldom change at midnight.
func (q *queue) setToday(present int64) {
	zone := q.zone
	if zone == nil {
		zone = time.UTC
	}
	now := time.UnixMicro(present).In(zone)
	midnight := time.Date(now.Year(), now.Month(), now.Day(), 0, 0, 0, 0, time.UTC)
	date := int32(midnight.Unix() / 86_400)
	q.dayEnd = time.Date(now.Year(), now.Month(), now.Day()+1, 0, 0, 0, 0, zone).UnixMicro()
	f := &q.row
	f.Day = midnight.Format(time.DateOnly)
	f.Offered, f.Answered, f.Abandoned, f.Met, f.Base = 0, 0, 0, 0, 0
	for i := range q.days {
		d := &q.days[i]
		if d.date > date {
			break
		}
		f.Threshold, f.Target = d.threshold, d.target
		if d.date == date {
			f.Offered, f.Answered, f.Abandoned, f.Met, f.Base = d.offered, d.answered, d.aband, d.met, d.base
		}
	}
}

// json returns the figures as JSON. The bytes are shared by all readers and must not be changed.
func (q *queue) json() []byte {
	if q.encoded == nil {
		text, err := json.Marshal(&q.row)
		if err != nil {
			panic("BUG: figures that cannot be written as JSON: " + err.Error())
		}
		q.encoded = text
	}
	return q.encoded
}
