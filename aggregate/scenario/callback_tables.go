package scenario

import (
	"cmp"
	"fmt"
	"strconv"
	"strings"

	"ringside/aggregate"
)

func callbacksKind() *tableKind {
	type cell = func(p printer, c *aggregate.CallbackRow) string
	k := &tableKind{columns: "callback list type queue call created first answered closed attempts",
		count: func(r *aggregate.Rows) int { return len(r.Callbacks) }, cells: map[string]func(printer, *aggregate.Rows, int) string{}}
	for name, f := range map[string]cell{
		"callback":   func(p printer, c *aggregate.CallbackRow) string { return p.names.name(c.CallbackID) },
		"date":       func(p printer, c *aggregate.CallbackRow) string { return date(c.CallbackDate) },
		"known":      func(p printer, c *aggregate.CallbackRow) string { return strconv.FormatBool(c.Known) },
		"list":       func(p printer, c *aggregate.CallbackRow) string { return p.names.name(c.CallListID) },
		"type":       func(p printer, c *aggregate.CallbackRow) string { return optionalText(c.TypeID) },
		"queue":      func(p printer, c *aggregate.CallbackRow) string { return p.names.name(c.QueueID) },
		"call":       func(p printer, c *aggregate.CallbackRow) string { return p.names.name(c.CallID) },
		"contact":    func(p printer, c *aggregate.CallbackRow) string { return text(c.ContactNumber) },
		"assigned":   func(p printer, c *aggregate.CallbackRow) string { return p.names.name(c.AssignedUserID) },
		"created":    func(p printer, c *aggregate.CallbackRow) string { return p.instant(c.CreatedAt) },
		"modified":   func(p printer, c *aggregate.CallbackRow) string { return p.instant(c.ModifiedAt) },
		"due":        func(p printer, c *aggregate.CallbackRow) string { return p.instant(c.DueDate) },
		"expiry":     func(p printer, c *aggregate.CallbackRow) string { return p.instant(c.ExpiryDate) },
		"not_before": func(p printer, c *aggregate.CallbackRow) string { return p.instant(c.NotBefore) },
		"first":      func(p printer, c *aggregate.CallbackRow) string { return p.instant(c.FirstAttemptAt) },
		"last":       func(p printer, c *aggregate.CallbackRow) string { return p.instant(c.LastAttemptAt) },
		"answered":   func(p printer, c *aggregate.CallbackRow) string { return p.instant(c.AnsweredAt) },
		"closed":     func(p printer, c *aggregate.CallbackRow) string { return p.instant(c.ClosedAt) },
		"heard":      func(p printer, c *aggregate.CallbackRow) string { return p.instant(c.LastEventAt) },
		"calls_out":  func(p printer, c *aggregate.CallbackRow) string { return strconv.Itoa(int(c.CallsOut)) },
		"attempts": func(p printer, c *aggregate.CallbackRow) string { // TYPE:COUNT
			var out []string
			for _, a := range c.Attempts {
				out = append(out, fmt.Sprintf("%s:%d", optionalText(a.TypeID), a.Count))
			}
			return cmp.Or(strings.Join(out, ","), "-")
		},
	} {
		k.cells[name] = func(p printer, r *aggregate.Rows, i int) string { return f(p, &r.Callbacks[i]) }
	}
	return k
}

func optionalText(n int32) string {
	if n == aggregate.Null {
		return "-"
	}
	return strconv.Itoa(int(n))
}

func listsKind() *tableKind {
	k := &tableKind{columns: "list open assigned hiding free revealed overdue due_soon expiring serving",
		count: func(r *aggregate.Rows) int { return len(r.CallLists) }, cells: map[string]func(printer, *aggregate.Rows, int) string{
			"list":      func(p printer, r *aggregate.Rows, i int) string { return p.names.name(r.CallLists[i].CallListID) },
			"published": func(p printer, r *aggregate.Rows, i int) string { return p.instant(r.CallLists[i].PublishedAt) },
		}}
	for name, f := range map[string]func(*aggregate.CallbackListRow) int32{
		"open":         func(l *aggregate.CallbackListRow) int32 { return l.TotalOpenRequests },
		"assigned":     func(l *aggregate.CallbackListRow) int32 { return l.TotalAssigned },
		"hiding":       func(l *aggregate.CallbackListRow) int32 { return l.TotalHidingNotBefore },
		"free":         func(l *aggregate.CallbackListRow) int32 { return l.TotalFreeForAllocation },
		"revealed":     func(l *aggregate.CallbackListRow) int32 { return l.NextHourRevealedNotBefore },
		"overdue":      func(l *aggregate.CallbackListRow) int32 { return l.TotalOverDueDate },
		"due_soon":     func(l *aggregate.CallbackListRow) int32 { return l.NextHourOverDueDate },
		"expiring":     func(l *aggregate.CallbackListRow) int32 { return l.ExpiresIn24h },
		"serving":      func(l *aggregate.CallbackListRow) int32 { return l.TotalServingAgents },
		"auto":         func(l *aggregate.CallbackListRow) int32 { return l.IsAutoAllocate },
		"active":       func(l *aggregate.CallbackListRow) int32 { return l.TotalActiveAgents },
		"auto_agents":  func(l *aggregate.CallbackListRow) int32 { return l.TotalAutoAllocateAgents },
		"auto_serving": func(l *aggregate.CallbackListRow) int32 { return l.TotalServingAutoAllocateAgents },
	} {
		k.cells[name] = func(_ printer, r *aggregate.Rows, i int) string { return optionalText(f(&r.CallLists[i])) }
	}
	return k
}
