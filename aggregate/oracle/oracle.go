package oracle

import (
	"bytes"
	"cmp"
	"slices"

	"github.com/google/uuid"

	"ringside/aggregate"
	"ringside/ingest"
)

// Result is what a run of events comes to.
type Result struct {
	// Rows are sorted by their keys: Calls, Daily, Intervals, AgentIntervals, QueueStatus, Callbacks, CallLists, Orphans, Accounting, and
	// the history of the structure.
	Rows     aggregate.Rows
	Outcomes []aggregate.Result // what became of each event on arrival, in the order given
}

// Fold computes the final rows of all organizations in events, which are in the order of their arrival; order and
// duplicates make no difference as long as nothing becomes late. now is the running clock; a horizon beyond it counts.
func Fold(events []*ingest.Event, settings *aggregate.Settings, now ingest.Time) Result {
	byID := map[uuid.UUID]*organization{}
	var organizations []*organization
	var result Result
	for _, ev := range events {
		o := byID[ev.OrganizationID]
		if o == nil {
			o = &organization{id: ev.OrganizationID, byID: map[uuid.UUID]*ingest.Event{}}
			o.accounting.OrganizationID = ev.OrganizationID
			byID[ev.OrganizationID] = o
			organizations = append(organizations, o)
		}
		result.Outcomes = append(result.Outcomes, o.take(ev, settings))
	}
	for _, o := range organizations {
		f := &orgFold{organization: o, s: settings, now: max(now, o.horizon), result: &result}
		f.run()
	}
	Sort(&result.Rows)
	return result
}

// orgFold computes the rows of one organization.
type orgFold struct {
	*organization
	s         *aggregate.Settings
	now       ingest.Time
	all       []fact // every accepted event, by (Timestamp, Id)
	others    []fact // those of no call
	callFacts []fact // of calls, orphans too: an agent who is named there is there
	calls     []*call
	result    *Result
}

func (o *orgFold) run() {
	o.all = slices.Clone(o.accepted)
	sortEvents(o.all)
	byCall, supervision := map[uuid.UUID][]fact{}, map[uuid.UUID][]fact{}
	var ids []uuid.UUID
	for _, f := range o.all {
		if f.ev.Type == ingest.UserSupervisionStatus {
			supervision[f.ev.CallID] = append(supervision[f.ev.CallID], f)
		}
		if !isCallFact(f.ev.Type) || f.ev.CallID == uuid.Nil {
			o.others = append(o.others, f)
			continue
		}
		o.callFacts = append(o.callFacts, f)
		if byCall[f.ev.CallID] == nil {
			ids = append(ids, f.ev.CallID)
		}
		byCall[f.ev.CallID] = append(byCall[f.ev.CallID], f)
	}
	for _, id := range ids {
		c := fold(o.s, id, byCall[id], supervision[id], o.now)
		c.judgeCallbacks(o.callbackType)
		o.calls = append(o.calls, c)
	}
	for _, c := range o.calls {
		for _, v := range c.rows {
			o.result.Rows.Calls = append(o.result.Rows.Calls, o.row(c, v))
		}
		o.orphans(c)
	}
	o.windows()
	o.status()
	o.callbacks()
	o.timelines()
	o.structure()
	o.accounting.Horizon = o.horizon.Micros()
	o.result.Rows.Accounting = append(o.result.Rows.Accounting, o.accounting)
}

// orphans are known "when its call is let go": "A call is held whole until the horizon has passed that plus lateness."
func (o *orgFold) orphans(c *call) {
	deadline := c.deadline()
	if len(c.rows) == 0 {
		deadline = c.facts[len(c.facts)-1].ts.Add(o.s.MaxAgeUnanswered)
	}
	if o.horizon <= deadline.Add(o.s.Lateness) {
		return
	}
	for _, f := range c.orphans {
		o.accounting.Orphan++
		o.accounting.Accepted--
		o.result.Rows.Orphans = append(o.result.Rows.Orphans, aggregate.OrphanRow{OrganizationID: o.id, EventID: f.ev.ID,
			CallID: f.ev.CallID, QueueID: f.ev.QueueID, HappenedAt: f.at(), Type: uint8(f.ev.Type)})
	}
}

// callbackType is TypeId of the callback's latest CallbackChanged, "by Modified, then Timestamp" (section 6). Reading:
// one without a TypeId does not make it unknown again.
func (o *orgFold) callbackType(callback uuid.UUID) (kind ingest.OptInt) {
	var latest ingest.Time = -1
	for _, f := range o.others { // by Timestamp, so that >= takes the later of equal Modified
		if f.ev.Type == ingest.CallbackChanged && f.ev.CallBackID == callback && f.ev.Callback.TypeID.Valid && f.ev.Callback.Modified >= latest {
			latest, kind = f.ev.Callback.Modified, f.ev.Callback.TypeID
		}
	}
	return kind
}

// Sort puts rows into the order of their keys.
func Sort(r *aggregate.Rows) {
	slices.SortFunc(r.Calls, func(a, b aggregate.CallRow) int {
		return cmp.Or(compareIDs(a.OrganizationID, b.OrganizationID), cmp.Compare(a.CallDate, b.CallDate),
			compareIDs(a.CallID, b.CallID), cmp.Compare(a.BegunAt, b.BegunAt), compareIDs(a.QueueID, b.QueueID),
			cmp.Compare(a.Direction, b.Direction), cmp.Compare(a.Visit, b.Visit))
	})
	slices.SortFunc(r.Daily, func(a, b aggregate.DailyRow) int {
		return cmp.Or(compareIDs(a.OrganizationID, b.OrganizationID), cmp.Compare(a.QueueDate, b.QueueDate),
			compareIDs(a.QueueID, b.QueueID))
	})
	slices.SortFunc(r.Intervals, func(a, b aggregate.IntervalRow) int {
		return cmp.Or(compareIDs(a.OrganizationID, b.OrganizationID), cmp.Compare(a.IntervalStart, b.IntervalStart),
			compareIDs(a.QueueID, b.QueueID))
	})
	slices.SortFunc(r.AgentIntervals, func(a, b aggregate.AgentIntervalRow) int {
		return cmp.Or(compareIDs(a.OrganizationID, b.OrganizationID), cmp.Compare(a.IntervalStart, b.IntervalStart),
			compareIDs(a.AgentID, b.AgentID), compareIDs(a.QueueID, b.QueueID))
	})
	slices.SortFunc(r.QueueStatus, func(a, b aggregate.QueueStatusRow) int {
		return cmp.Or(compareIDs(a.OrganizationID, b.OrganizationID), compareIDs(a.QueueID, b.QueueID))
	})
	slices.SortFunc(r.Callbacks, func(a, b aggregate.CallbackRow) int {
		return cmp.Or(compareIDs(a.OrganizationID, b.OrganizationID), cmp.Compare(a.CallbackDate, b.CallbackDate),
			compareIDs(a.CallbackID, b.CallbackID))
	})
	slices.SortFunc(r.CallLists, func(a, b aggregate.CallbackListRow) int {
		return cmp.Or(compareIDs(a.OrganizationID, b.OrganizationID), compareIDs(a.CallListID, b.CallListID))
	})
	slices.SortFunc(r.Orphans, func(a, b aggregate.OrphanRow) int {
		return cmp.Or(compareIDs(a.OrganizationID, b.OrganizationID), compareIDs(a.EventID, b.EventID))
	})
	sortStructure(r)
	slices.SortFunc(r.Accounting, func(a, b aggregate.AccountingRow) int {
		return compareIDs(a.OrganizationID, b.OrganizationID)
	})
}

func compareIDs(a, b uuid.UUID) int { return bytes.Compare(a[:], b[:]) }
