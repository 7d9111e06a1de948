package scenario

import (
	"cmp"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"

	"ringside/aggregate"
	"ringside/ingest"
)

// printer turns what is in rows into the words of a file.
type printer struct {
	names *names
	base  time.Time
}

// tableKind knows a table: its columns, and how many rows it has.
type tableKind struct {
	columns string // those that Rewrite gives a table without any
	count   func(*aggregate.Rows) int
	cells   map[string]func(p printer, r *aggregate.Rows, i int) string
}

var kinds map[string]*tableKind

func init() {
	addOutcomeCells()
	kinds = map[string]*tableKind{"calls": callsKind(), "status": statusKind(), "daily": dailyKind(),
		"intervals": intervalsKind(), "agents": agentsKind(), "orphans": orphansKind(), "accounting": accountingKind(),
		"callbacks": callbacksKind(), "lists": listsKind()}
}

// instant prints µs since the epoch as an offset from the scenario's time.
func (p printer) instant(us int64) string {
	if us == 0 {
		return "-"
	}
	return "+" + secondsText(us-p.base.UnixMicro())
}

// duration prints µs as seconds, Null as '-'.
func duration(us int64) string {
	if us == aggregate.Null {
		return "-"
	}
	return secondsText(us)
}

// part prints a duration of which METRICS.md does not say whether it is zero or NULL where nothing of the kind happened.
func part(us int64) string {
	if us <= 0 {
		return "-"
	}
	return secondsText(us)
}

func secondsText(us int64) string { return strconv.FormatFloat(float64(us)/1e6, 'f', -1, 64) }

func number64(n int64) string { return strconv.FormatInt(n, 10) }

func text(s string) string {
	if s == "" {
		return "-"
	}
	return s
}

func date(days int32) string { return time.Unix(int64(days)*86400, 0).UTC().Format(time.DateOnly) }

func (p printer) list(ids []uuid.UUID) string {
	var out []string
	for _, id := range ids {
		out = append(out, p.names.name(id))
	}
	return text(strings.Join(out, ","))
}

func flags(f aggregate.Flags) string {
	var out []string
	for bit, name := range aggregate.FlagNames {
		if f&(1<<bit) != 0 {
			out = append(out, name)
		}
	}
	return text(strings.Join(out, ","))
}

func callsKind() *tableKind {
	type cell = func(p printer, c *aggregate.CallRow) string
	k := &tableKind{columns: "call queue visit outcome transfer wait prompt ring talk hold wrap_up",
		count: func(r *aggregate.Rows) int { return len(r.Calls) }, cells: map[string]func(printer, *aggregate.Rows, int) string{}}
	for name, f := range map[string]cell{
		"org":      func(p printer, c *aggregate.CallRow) string { return p.names.name(c.OrganizationID) },
		"date":     func(p printer, c *aggregate.CallRow) string { return date(c.CallDate) },
		"call":     func(p printer, c *aggregate.CallRow) string { return p.names.name(c.CallID) },
		"queue":    func(p printer, c *aggregate.CallRow) string { return p.names.name(c.QueueID) },
		"visit":    func(p printer, c *aggregate.CallRow) string { return strconv.Itoa(int(c.Visit)) },
		"dir":      func(p printer, c *aggregate.CallRow) string { return c.Direction.String() },
		"begun":    func(p printer, c *aggregate.CallRow) string { return p.instant(c.BegunAt) },
		"arrived":  func(p printer, c *aggregate.CallRow) string { return p.instant(c.ArrivedAt) },
		"answered": func(p printer, c *aggregate.CallRow) string { return p.instant(c.AnsweredAt) },
		"ended":    func(p printer, c *aggregate.CallRow) string { return p.instant(c.EndedAt) },
		"outcome":  func(p printer, c *aggregate.CallRow) string { return c.Outcome.String() },
		"transfer": func(p printer, c *aggregate.CallRow) string { return c.Transfer.String() },
		"agent":    func(p printer, c *aggregate.CallRow) string { return p.names.name(c.AgentID) },
		"agents":   func(p printer, c *aggregate.CallRow) string { return p.list(c.AgentIDs) },
		"offers":   func(p printer, c *aggregate.CallRow) string { return strconv.Itoa(int(c.Offers)) },
		"wait":     func(p printer, c *aggregate.CallRow) string { return duration(c.Wait) },
		"prompt":   func(p printer, c *aggregate.CallRow) string { return part(c.Prompt) },
		"ring":     func(p printer, c *aggregate.CallRow) string { return part(c.Ring) },
		"talk":     func(p printer, c *aggregate.CallRow) string { return part(c.Talk) },
		"hold":     func(p printer, c *aggregate.CallRow) string { return part(c.Hold) },
		"wrap_up":  func(p printer, c *aggregate.CallRow) string { return part(c.WrapUp) },
		"caller":   func(p printer, c *aggregate.CallRow) string { return text(c.Caller) },
		"callback": func(p printer, c *aggregate.CallRow) string { return p.names.name(c.CallbackID) },
		"reason":   func(p printer, c *aggregate.CallRow) string { return text(c.EndReason) },
		"tech":     func(p printer, c *aggregate.CallRow) string { return text(c.TechReason) },
		"overflow": func(p printer, c *aggregate.CallRow) string { return text(c.OverflowReason) },
		"type":     func(p printer, c *aggregate.CallRow) string { return text(c.OverflowType) },
		"ivr":      func(p printer, c *aggregate.CallRow) string { return text(c.IvrPath) },
		"target":   func(p printer, c *aggregate.CallRow) string { return text(c.TransferTarget) },
		"by":       func(p printer, c *aggregate.CallRow) string { return p.names.name(c.SupervisedBy) },
		"priority": func(p printer, c *aggregate.CallRow) string {
			if c.Priority == aggregate.Null {
				return "-"
			}
			return strconv.Itoa(int(c.Priority))
		},
		"flags": func(p printer, c *aggregate.CallRow) string { return flags(c.Flags) },
	} {
		k.cells[name] = func(p printer, r *aggregate.Rows, i int) string { return f(p, &r.Calls[i]) }
	}
	return k
}

func statusKind() *tableKind {
	k := &tableKind{columns: "queue queuing allocated connected longest_since",
		count: func(r *aggregate.Rows) int { return len(r.QueueStatus) }, cells: map[string]func(printer, *aggregate.Rows, int) string{
			"queue": func(p printer, r *aggregate.Rows, i int) string { return p.names.name(r.QueueStatus[i].QueueID) },
			"longest_since": func(p printer, r *aggregate.Rows, i int) string {
				return p.instant(r.QueueStatus[i].LongestWaitSince)
			},
			"waiting_since": func(p printer, r *aggregate.Rows, i int) string {
				var all []string
				for _, us := range r.QueueStatus[i].WaitingSince {
					all = append(all, p.instant(us))
				}
				return cmp.Or(strings.Join(all, ","), "-")
			},
		}}
	for name, f := range map[string]func(*aggregate.QueueStatusRow) int32{
		"providers":  func(q *aggregate.QueueStatusRow) int32 { return q.NbrOfProviders },
		"requesters": func(q *aggregate.QueueStatusRow) int32 { return q.NbrOfRequesters },
		"serving":    func(q *aggregate.QueueStatusRow) int32 { return q.NbrOfServingAgentsEstimate },
		"allocated":  func(q *aggregate.QueueStatusRow) int32 { return q.NbrOfAllocated },
		"connected":  func(q *aggregate.QueueStatusRow) int32 { return q.NbrOfConnected },
		"queuing":    func(q *aggregate.QueueStatusRow) int32 { return q.NbrOfQueuingRequesters },
		"not_served": func(q *aggregate.QueueStatusRow) int32 { return q.NbrOfNotServedRequesters },
		"long_away":  func(q *aggregate.QueueStatusRow) int32 { return q.NbrOfAgentsLongTermAway },
		"short_away": func(q *aggregate.QueueStatusRow) int32 { return q.NbrOfAgentsShortTermAway },
		"free":       func(q *aggregate.QueueStatusRow) int32 { return q.NbrOfAgentsImmediatelyFree },
		"checked_in": func(q *aggregate.QueueStatusRow) int32 { return q.NbrOfAgentsCheckedInQueue },
		"wrap_up":    func(q *aggregate.QueueStatusRow) int32 { return q.NbrOfAgentsOnWrapUp },
		"fetch":      func(q *aggregate.QueueStatusRow) int32 { return q.NbrOfAgentsOnFetchMode },
		"open":       func(q *aggregate.QueueStatusRow) int32 { return q.OpenStatus },
		"stale":      func(q *aggregate.QueueStatusRow) int32 { return q.StaleAgents },
	} {
		k.cells[name] = func(_ printer, r *aggregate.Rows, i int) string {
			return strconv.Itoa(int(f(&r.QueueStatus[i])))
		}
	}
	return k
}

func orphansKind() *tableKind {
	return &tableKind{columns: "at call type queue", count: func(r *aggregate.Rows) int { return len(r.Orphans) },
		cells: map[string]func(printer, *aggregate.Rows, int) string{
			"at":    func(p printer, r *aggregate.Rows, i int) string { return p.instant(r.Orphans[i].HappenedAt) },
			"call":  func(p printer, r *aggregate.Rows, i int) string { return p.names.name(r.Orphans[i].CallID) },
			"queue": func(p printer, r *aggregate.Rows, i int) string { return p.names.name(r.Orphans[i].QueueID) },
			"type":  func(p printer, r *aggregate.Rows, i int) string { return typeName(r.Orphans[i].Type) },
		}}
}

func typeName(t uint8) string {
	return strings.TrimPrefix(fmt.Sprint(ingest.Type(t)), "QueueCallIn")
}

func accountingKind() *tableKind {
	k := &tableKind{columns: "received accepted duplicate late rejected orphan",
		count: func(r *aggregate.Rows) int { return len(r.Accounting) }, cells: map[string]func(printer, *aggregate.Rows, int) string{
			"org":     func(p printer, r *aggregate.Rows, i int) string { return p.names.name(r.Accounting[i].OrganizationID) },
			"horizon": func(p printer, r *aggregate.Rows, i int) string { return p.instant(r.Accounting[i].Horizon) },
		}}
	for name, f := range map[string]func(*aggregate.AccountingRow) int64{
		"received":  func(a *aggregate.AccountingRow) int64 { return a.Received },
		"accepted":  func(a *aggregate.AccountingRow) int64 { return a.Accepted },
		"duplicate": func(a *aggregate.AccountingRow) int64 { return a.Duplicate },
		"late":      func(a *aggregate.AccountingRow) int64 { return a.Late },
		"rejected":  func(a *aggregate.AccountingRow) int64 { return a.Rejected },
		"orphan":    func(a *aggregate.AccountingRow) int64 { return a.Orphan },
	} {
		k.cells[name] = func(_ printer, r *aggregate.Rows, i int) string { return number64(f(&r.Accounting[i])) }
	}
	return k
}
