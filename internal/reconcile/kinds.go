package reconcile

import (
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"

	"ringside/aggregate"
	"ringside/ingest"
	"ringside/internal/history"
)

// state is what the core gave of one entity from an instant on, until the next state of it.
type state struct {
	from   int64 // µs
	status *aggregate.QueueStatusRow
	daily  *day
	list   *aggregate.CallbackListRow

	// The longest wait stands at so many µs until an instant, where a mandatory prompt plays to who has waited longest.
	standing, standingUntil int64
}

// day are the sums of a queue's day, and what other readings need beside them.
type day struct {
	aggregate.Sums
	threshold    int64 // µs; 0: no service level
	outboundHold int64 // µs, of answered outbound calls that have ended
}

// figure computes a published figure from a state at an instant; false: there is nothing to divide by.
type figure func(s *state, at int64) (float64, bool)

// field is one figure of a kind.
type field struct {
	name  string
	index int // in ingest.Published.Figures
	of    figure
	// grows says that the figure grows as time passes, while its state stays.
	grows bool
	// mean says that the figure is a mean or a share: it goes on differing once one call differs.
	mean bool
	// in tells whether a call counts for the figure, and with what (µs for means); nil: calls do not make it.
	in func(*aggregate.CallRow) (counts bool, with int64)
	// otherwise are the readings of the figure that follow from the same state, by the choice's name.
	otherwise []alternative
}

type alternative struct {
	choice string
	of     figure
	in     func(*aggregate.CallRow) (counts bool, with int64) // nil: as in the field
}

// kind is one of the summaries that the vendor publishes.
type kind struct {
	name   string // the vendor's, as in `events`.type
	event  ingest.Type
	fields []field
	entity func(*ingest.Event) uuid.UUID
	// date returns the date that the figures are of; false: it cannot be told.
	date func(r *Reconcile, core *aggregate.Core, e *ingest.Event, at int64) (history.Date, bool)
	// dated says that each date of an entity has figures of its own.
	dated bool
	// now says that the figures are of the moment: the calls behind them are those that are open.
	now bool
}

// kinds is append-only: rows of the table name them.
var kinds = []kind{
	{name: "QueueStatus", event: ingest.QueueStatus, fields: statusFields, entity: queueOf, date: localDate, now: true},
	{name: "QueueDailyCallMetrics", event: ingest.QueueDailyCallMetrics, fields: dailyFields, entity: queueOf, date: queueDate, dated: true},
	{name: "CallbackListStatus", event: ingest.CallbackListStatus, fields: listFields, entity: listOf, date: (*Reconcile).listDate},
}

// KindNames returns the names of what can be compared.
func KindNames() (names []string) {
	for i := range kinds {
		names = append(names, kinds[i].name)
	}
	return names
}

func chosenKinds(names []string) (chosen []int, err error) {
	for i := range kinds {
		if len(names) == 0 {
			chosen = append(chosen, i)
		}
	}
	for _, name := range names {
		found := false
		for i := range kinds {
			if strings.EqualFold(kinds[i].name, name) {
				chosen, found = append(chosen, i), true
			}
		}
		if !found {
			return nil, fmt.Errorf("%q is none of %s", name, strings.Join(KindNames(), ", "))
		}
	}
	return chosen, nil
}

func queueOf(e *ingest.Event) uuid.UUID { return e.QueueID }

// localDate is the date where the queue is.
func localDate(_ *Reconcile, core *aggregate.Core, e *ingest.Event, at int64) (history.Date, bool) {
	return dateOf(ingest.FromMicros(at).Go().In(core.ZoneAt(e.OrganizationID, e.QueueID, at))), true
}

// dateOf is the date that a clock shows.
func dateOf(t time.Time) history.Date {
	y, m, d := t.Date()
	return history.Date(time.Date(y, m, d, 0, 0, 0, 0, time.UTC).Unix() / (24 * 3600))
}

func queueDate(_ *Reconcile, _ *aggregate.Core, e *ingest.Event, _ int64) (history.Date, bool) {
	date, err := history.ParseDate(string(e.Published.QueueDate))
	return date, err == nil
}

// CheckKinds returns an error that names a kind that there is not.
func CheckKinds(names []string) error {
	_, err := chosenKinds(names)
	return err
}
