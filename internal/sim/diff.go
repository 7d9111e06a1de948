package sim

import (
	"fmt"
	"slices"

	"github.com/google/uuid"

	"ringside/aggregate"
)

// Diff compares rows, the last per key, with the truth and returns one line per difference. Not compared are names and
// texts, what no definition fixes (see Call), calls that are not settled, and the buckets of histograms.
func (t *Truth) Diff(rows *aggregate.Rows) (differences []string) {
	d := &differ{}
	d.calls(t, rows.Calls)
	daily, intervals := map[windowKey]*aggregate.Sums{}, map[windowKey]*aggregate.Sums{}
	waits := map[windowKey]int64{}
	for i := range rows.Daily {
		r := &rows.Daily[i]
		k := windowKey{r.OrganizationID, r.QueueID, r.QueueDate, 0}
		if delete(daily, k); !r.Deleted {
			daily[k], waits[k] = &r.Sums, r.WaitMax
		}
	}
	for i := range rows.Intervals {
		r := &rows.Intervals[i]
		k := windowKey{r.OrganizationID, r.QueueID, 0, r.IntervalStart}
		if delete(intervals, k); !r.Deleted {
			intervals[k], waits[k] = &r.Sums, r.WaitMax
		}
	}
	d.windows("day", t.Daily, daily, waits, func(w *Window) windowKey { return windowKey{w.Organization, w.Queue, w.Date, 0} })
	d.windows("interval", t.Intervals, intervals, waits, func(w *Window) windowKey {
		return windowKey{w.Organization, w.Queue, 0, w.Start}
	})
	d.callbacks(t, rows.Callbacks)
	d.lists(t, rows.CallLists, rows.Accounting)
	d.agents(t, rows.AgentIntervals)
	d.orphans(t, rows.Orphans)
	d.accounts(t, rows.Accounting)
	return d.lines
}

type differ struct{ lines []string }

func (d *differ) say(format string, args ...any) {
	d.lines = append(d.lines, fmt.Sprintf(format, args...))
}

type callKey struct {
	org, call, queue uuid.UUID
	direction        aggregate.Direction
	visit            uint16
}

func keyOf(r *aggregate.CallRow) callKey {
	return callKey{r.OrganizationID, r.CallID, r.QueueID, r.Direction, r.Visit}
}

func (d *differ) calls(t *Truth, rows []aggregate.CallRow) {
	got := map[callKey]*aggregate.CallRow{}
	for i := range rows {
		if k := keyOf(&rows[i]); rows[i].Deleted {
			delete(got, k)
		} else {
			got[k] = &rows[i]
		}
	}
	for i := range t.Calls {
		c := &t.Calls[i]
		k := keyOf(&c.Row)
		r := got[k]
		delete(got, k)
		if r == nil {
			d.say("call %s: missing: %s", name(&c.Row), c.Row.Outcome)
			continue
		}
		if c.Settled {
			d.call(c, r)
		}
	}
	for _, r := range got {
		d.say("call %s: not expected: %s", name(r), r.Outcome)
	}
	slices.Sort(d.lines)
}

func name(r *aggregate.CallRow) string {
	return fmt.Sprintf("%v queue %v visit %d %v", r.CallID, r.QueueID, r.Visit, r.Direction)
}

func (d *differ) call(c *Call, got *aggregate.CallRow) {
	want := &c.Row
	field := func(what string, w, g any) {
		if w != g {
			d.say("call %s (%s): %s %v, want %v", name(want), want.Outcome, what, g, w)
		}
	}
	field("date", want.CallDate, got.CallDate)
	field("begun", want.BegunAt, got.BegunAt)
	if !c.AnySkew {
		field("answered", want.AnsweredAt, got.AnsweredAt)
	}
	if c.Informal && want.AnsweredAt == 0 {
		return
	}
	field("agent", want.AgentID, got.AgentID)
	if !c.AnyEnd {
		field("ended", want.EndedAt, got.EndedAt)
	}
	if c.Informal {
		return
	}
	if want.Direction == aggregate.Inbound && !c.AnySkew {
		field("arrived", want.ArrivedAt, got.ArrivedAt)
		field("prompt", want.Prompt, max(0, got.Prompt))
	}
	field("outcome", want.Outcome, got.Outcome)
	field("transfer", want.Transfer, got.Transfer)
	field("agents", fmt.Sprint(want.AgentIDs), fmt.Sprint(got.AgentIDs))
	field("offers", want.Offers, got.Offers)
	field("callback", want.CallbackID, got.CallbackID)
	field("ivr path", want.IvrPath, got.IvrPath)
	field("supervisor", want.SupervisedBy, got.SupervisedBy)
	field("priority", want.Priority, got.Priority)
	field("flags", want.Flags, got.Flags)
	field("ring", want.Ring, max(0, got.Ring))
	if want.Direction == aggregate.Inbound {
		field("wait", want.Wait, got.Wait)
	}
	if !c.AnyEnd {
		field("talk", want.Talk, max(0, got.Talk))
		field("hold", want.Hold, max(0, got.Hold))
		field("wrap-up", want.WrapUp, max(0, got.WrapUp))
	}
}

func (d *differ) windows(what string, want []Window, got map[windowKey]*aggregate.Sums, longest map[windowKey]int64,
	key func(*Window) windowKey) {
	for i := range want {
		w := &want[i]
		k := key(w)
		g := got[k]
		delete(got, k)
		switch {
		case g == nil:
			d.say("%s %v: missing", what, k)
			continue
		case *g != w.Sums:
			d.say("%s %v:\n got %+v\nwant %+v", what, k, *g, w.Sums)
		}
		most := int64(aggregate.Null)
		if n := len(w.Waits); n > 0 {
			most = w.Waits[n-1]
		}
		if longest[k] != most {
			d.say("%s %v: longest wait %d, want %d", what, k, longest[k], most)
		}
	}
	for k, s := range got {
		if *s != (aggregate.Sums{}) {
			d.say("%s %v: not expected: %+v", what, k, *s)
		}
	}
}

func (d *differ) orphans(t *Truth, rows []aggregate.OrphanRow) {
	got := map[uuid.UUID]bool{}
	for i := range rows {
		got[rows[i].EventID] = true
	}
	for _, o := range t.Orphans {
		if !got[o.Event.ID] {
			d.say("orphan %v (%v): missing", o.Event.ID, o.Event.Type)
		}
		delete(got, o.Event.ID)
	}
	for i := range rows {
		if got[rows[i].EventID] {
			d.say("orphan %v of call %v: not expected", rows[i].EventID, rows[i].CallID)
		}
	}
}

// accounts checks that every event is in the accounts; duplicates are the deliverer's doing and his to check.
func (d *differ) accounts(t *Truth, rows []aggregate.AccountingRow) {
	orphans := map[uuid.UUID]int64{}
	for _, o := range t.Orphans {
		orphans[o.Event.Org]++
	}
	last := map[uuid.UUID]aggregate.AccountingRow{}
	for _, r := range rows {
		last[r.OrganizationID] = r
	}
	for org, emitted := range t.Emitted {
		r := last[org]
		if r.Received-r.Duplicate != emitted || r.Orphan != orphans[org] || r.Accepted != emitted-orphans[org] {
			d.say("accounts of %v: %+v, want %d events, %d orphans", org, r, emitted, orphans[org])
		}
	}
}
