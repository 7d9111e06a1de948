package oracle

import (
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/google/uuid"

	"ringside/aggregate"
)

// Diff compares two sets of rows and describes in what they differ, "" if in nothing. Rows are matched by key. What
// METRICS.md leaves open is not compared, see Normalize.
func Diff(a, b aggregate.Rows) string {
	a, b = Normalize(a), Normalize(b)
	var d differ
	diffRows(&d, "calls", a.Calls, b.Calls, func(r aggregate.CallRow) string {
		return fmt.Sprintf("%s date %d %s queue %s visit %d", Name(r.CallID), r.CallDate, r.Direction, Name(r.QueueID), r.Visit)
	})
	diffRows(&d, "daily", a.Daily, b.Daily, func(r aggregate.DailyRow) string {
		return fmt.Sprintf("%d queue %s", r.QueueDate, Name(r.QueueID))
	})
	diffRows(&d, "intervals", a.Intervals, b.Intervals, func(r aggregate.IntervalRow) string {
		return fmt.Sprintf("%d queue %s", r.IntervalStart, Name(r.QueueID))
	})
	diffRows(&d, "agents", a.AgentIntervals, b.AgentIntervals, func(r aggregate.AgentIntervalRow) string {
		return fmt.Sprintf("%d agent %s queue %s", r.IntervalStart, Name(r.AgentID), Name(r.QueueID))
	})
	diffRows(&d, "status", a.QueueStatus, b.QueueStatus, func(r aggregate.QueueStatusRow) string {
		return Name(r.QueueID)
	})
	diffRows(&d, "callbacks", a.Callbacks, b.Callbacks, func(r aggregate.CallbackRow) string {
		return fmt.Sprintf("%s date %d", Name(r.CallbackID), r.CallbackDate)
	})
	diffRows(&d, "lists", a.CallLists, b.CallLists, func(r aggregate.CallbackListRow) string { return Name(r.CallListID) })
	diffRows(&d, "orphans", a.Orphans, b.Orphans, func(r aggregate.OrphanRow) string { return r.EventID.String() })
	diffRows(&d, "accounting", a.Accounting, b.Accounting, func(r aggregate.AccountingRow) string {
		return Name(r.OrganizationID)
	})
	diffRows(&d, "queue changes", a.QueueChanges, b.QueueChanges, func(r aggregate.QueueChangeRow) string {
		return fmt.Sprintf("%d queue %s event %s", r.ChangedAt, Name(r.QueueID), r.EventID)
	})
	diffRows(&d, "attachments", a.Attachments, b.Attachments, func(r aggregate.AttachmentRow) string {
		return fmt.Sprintf("%d queue %s event %s", r.ChangedAt, Name(r.QueueID), r.EventID)
	})
	diffRows(&d, "names", a.Names, b.Names, func(r aggregate.NameRow) string {
		return fmt.Sprintf("kind %d %s on %d: %s", r.Kind, Name(r.ID), r.Date, r.Name)
	})
	diffRows(&d, "list dimension", a.ListDim, b.ListDim, func(r aggregate.CallListRow) string { return Name(r.ListID) })
	return d.String()
}

// Normalize drops what METRICS.md does not define, so that Diff shows real differences only:
// a part of a call (prompt, ring, talk, hold, wrap-up) that did not happen is zero or NULL, one that still runs is
// anything; prompt is "begin to Arrived" and undefined without an Arrived; windows without a figure may be missing; a
// queue that is known only from its settings has a status row or none; texts and names are not figures.
func Normalize(r aggregate.Rows) aggregate.Rows {
	r.Calls = slices.Clone(r.Calls)
	for i := range r.Calls {
		c := &r.Calls[i]
		for _, part := range []*int64{&c.Prompt, &c.Ring, &c.Talk, &c.Hold, &c.WrapUp} {
			if *part == aggregate.Null || c.EndedAt == 0 {
				*part = 0
			}
		}
		if c.Direction != aggregate.Inbound {
			c.ArrivedAt = 0 // an outbound call has none
			if c.Direction == aggregate.Direct {
				c.Transfer = aggregate.TransferNone // who transferred a direct call is nowhere counted
			}
			if c.AnsweredAt == 0 {
				c.AgentID = uuid.Nil // who calls, or is called, but was not connected
			}
		}
		if c.Flags&aggregate.FlagIncomplete != 0 {
			c.ArrivedAt = 0 // an Arrived behind the acceptance changes nothing
		}
		if c.ArrivedAt == 0 || c.Flags&aggregate.FlagIncomplete != 0 {
			c.Prompt = 0
		}
		if c.Flags&aggregate.FlagEndUnknown != 0 {
			c.Talk, c.Hold = 0, 0
		}
		c.Flags &^= aggregate.FlagConsulted
		c.QueueName, c.AgentName, c.TechReason, c.TransferTarget = "", "", "", ""
		c.OverflowReason, c.OverflowType = "", ""
		if len(c.AgentIDs) == 0 {
			c.AgentIDs = nil
		}
	}
	r.Daily = slices.Clone(r.Daily)
	for i := range r.Daily {
		d := &r.Daily[i]
		// One zone is named where the visits of a day or quarter may have been dated by several.
		d.TimeZone = ""
		d.QueueName, d.Waits, d.AnsweredWaits = "", some(d.Waits), some(d.AnsweredWaits)
	}
	r.Daily = slices.DeleteFunc(r.Daily, func(d aggregate.DailyRow) bool { return d.Sums == aggregate.Sums{} })
	r.Intervals = slices.Clone(r.Intervals)
	for i := range r.Intervals {
		w := &r.Intervals[i]
		w.TimeZone = ""
		w.QueueName, w.Waits, w.AnsweredWaits = "", some(w.Waits), some(w.AnsweredWaits)
	}
	r.Intervals = slices.DeleteFunc(r.Intervals, func(w aggregate.IntervalRow) bool { return w.Sums == aggregate.Sums{} })
	r.AgentIntervals = slices.Clone(r.AgentIntervals)
	for i := range r.AgentIntervals {
		r.AgentIntervals[i].AgentName, r.AgentIntervals[i].QueueName = "", ""
	}
	r.Names = EarliestNames(r.Names)
	r.QueueChanges, r.Attachments = slices.Clone(r.QueueChanges), slices.Clone(r.Attachments)
	for i := range r.QueueChanges {
		if c := &r.QueueChanges[i]; len(c.Groups) == 0 {
			c.Groups, c.GroupNames = nil, nil
		}
	}
	for i := range r.Attachments {
		if c := &r.Attachments[i]; len(c.Agents) == 0 {
			c.Agents, c.Attached, c.Active = nil, nil, nil
		}
	}
	r.QueueStatus = slices.Clone(r.QueueStatus)
	for i := range r.QueueStatus {
		r.QueueStatus[i].ObservedAt, r.QueueStatus[i].QueueName = 0, ""
	}
	r.QueueStatus = slices.DeleteFunc(r.QueueStatus, func(q aggregate.QueueStatusRow) bool {
		return reflect.DeepEqual(q, aggregate.QueueStatusRow{OrganizationID: q.OrganizationID, QueueID: q.QueueID})
	})
	r.CallLists = slices.Clone(r.CallLists)
	for i := range r.CallLists {
		r.CallLists[i].ObservedAt = 0
	}
	r.Callbacks = slices.Clone(r.Callbacks)
	for i := range r.Callbacks {
		if c := &r.Callbacks[i]; len(c.Attempts) == 0 {
			c.Attempts = nil
		}
	}
	return r
}

func some(h []aggregate.HistogramBucket) []aggregate.HistogramBucket {
	if len(h) == 0 {
		return nil
	}
	return h
}

// WithoutOrphans counts orphans as accepted and drops their rows: before a call is let go nobody knows them.
func WithoutOrphans(r aggregate.Rows) aggregate.Rows {
	r.Orphans = nil
	r.Accounting = slices.Clone(r.Accounting)
	for i := range r.Accounting {
		r.Accounting[i].Accepted += r.Accounting[i].Orphan
		r.Accounting[i].Orphan = 0
	}
	return r
}

// differ collects differences.
type differ struct{ strings.Builder }

func diffRows[R any](d *differ, table string, a, b []R, key func(R) string) {
	other := map[string]R{}
	for _, r := range b {
		other[key(r)] = r
	}
	for _, r := range a {
		k := key(r)
		s, found := other[k]
		delete(other, k)
		if !found {
			fmt.Fprintf(d, "%s: %s: only the first: %s\n", table, k, fields(r))
			continue
		}
		diffFields(d, table+": "+k, reflect.ValueOf(r), reflect.ValueOf(s))
	}
	for _, r := range b {
		if _, left := other[key(r)]; left {
			fmt.Fprintf(d, "%s: %s: only the second: %s\n", table, key(r), fields(r))
		}
	}
}

func diffFields(d *differ, where string, a, b reflect.Value) {
	for i := range a.NumField() {
		x, y := a.Field(i), b.Field(i)
		if x.Kind() == reflect.Struct {
			diffFields(d, where, x, y)
		} else if !reflect.DeepEqual(x.Interface(), y.Interface()) {
			fmt.Fprintf(d, "%s: %s: %s / %s\n", where, a.Type().Field(i).Name, show(x), show(y))
		}
	}
}

func show(v reflect.Value) string {
	switch x := v.Interface().(type) {
	case uuid.UUID:
		return Name(x)
	case aggregate.Outcome, aggregate.Transfer, aggregate.Direction:
		return fmt.Sprint(x)
	}
	return fmt.Sprintf("%v", v.Interface())
}

// fields prints what is not zero in a row.
func fields(row any) string {
	v := reflect.ValueOf(row)
	var out []string
	for i := range v.NumField() {
		if !v.Field(i).IsZero() {
			out = append(out, v.Type().Field(i).Name+"="+show(v.Field(i)))
		}
	}
	return strings.Join(out, " ")
}
