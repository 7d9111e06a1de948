package reconcile

import (
	"github.com/google/uuid"

	"ringside/aggregate"
	"ringside/ingest"
	"ringside/internal/history"
)

// listFields are the figures of CallbackListStatus: docs/METRICS.md, section 6. Those about agents that no event carries are
// the vendor's own, and are not compared.
var listFields = []field{
	list("TotalOpenRequests", ingest.ListTotalOpenRequests, func(r *aggregate.CallbackListRow) int32 { return r.TotalOpenRequests }),
	list("TotalFreeForAllocation", ingest.ListTotalFreeForAllocation, func(r *aggregate.CallbackListRow) int32 { return r.TotalFreeForAllocation }),
	list("TotalAssigned", ingest.ListTotalAssigned, func(r *aggregate.CallbackListRow) int32 { return r.TotalAssigned }),
	list("TotalHidingNotBefore", ingest.ListTotalHidingNotBefore, func(r *aggregate.CallbackListRow) int32 { return r.TotalHidingNotBefore }),
	list("NextHourRevealedNotBefore", ingest.ListNextHourRevealedNotBefore,
		func(r *aggregate.CallbackListRow) int32 { return r.NextHourRevealedNotBefore }),
	list("TotalOverDueDate", ingest.ListTotalOverDueDate, func(r *aggregate.CallbackListRow) int32 { return r.TotalOverDueDate }),
	list("NextHourOverDueDate", ingest.ListNextHourOverDueDate, func(r *aggregate.CallbackListRow) int32 { return r.NextHourOverDueDate }),
	list("TotalServingAgents", ingest.ListTotalServingAgents, func(r *aggregate.CallbackListRow) int32 { return r.TotalServingAgents }),
	list("ExpiresIn24h", ingest.ListExpiresIn24h, func(r *aggregate.CallbackListRow) int32 { return r.ExpiresIn24h }),
}

// list makes a field of a column of the list's status.
func list(name string, index int, column func(*aggregate.CallbackListRow) int32) field {
	return field{name: name, index: index, of: func(s *state, _ int64) (float64, bool) {
		if s.list == nil {
			return 0, true
		}
		return float64(column(s.list)), true
	}}
}

func listOf(e *ingest.Event) uuid.UUID { return e.CallListID }

// listDate is the date in the organization's zone: a list has none of its own.
func (r *Reconcile) listDate(_ *aggregate.Core, e *ingest.Event, at int64) (history.Date, bool) {
	zone, ok := r.settings.Zone(r.settings.Rules(e.OrganizationID, uuid.Nil, nil).Zone)
	t := ingest.FromMicros(at).Go()
	if ok {
		t = t.In(zone)
	}
	return dateOf(t), true
}
