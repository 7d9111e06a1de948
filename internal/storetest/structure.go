package storetest

import (
	"testing"

	"github.com/google/uuid"

	"ringside/internal/sim"
)

// Period is one row of queue_history. Instants are µs, To 0: to the present.
type Period struct {
	Queue   uuid.UUID
	From    int64
	To      int64
	Name    string
	Region  string
	Groups  []string
	Deleted bool
}

// Attachment is one row of queue_agent_history.
type Attachment struct {
	Queue  uuid.UUID
	Agent  uuid.UUID
	From   int64
	To     int64
	Active bool
}

const periodSelect = "toUnixTimestamp64Micro(valid_from) AS From, ifNull(toUnixTimestamp64Micro(valid_to), 0) AS To"

// Periods reads what queues were, over time.
func Periods(tb testing.TB, q Query) []Period {
	tb.Helper()
	return JSON[Period](tb, q, "SELECT queue_id AS Queue, "+periodSelect+", queue_name AS Name, region AS Region, group_names AS Groups, deleted AS Deleted FROM queue_history")
}

// Attachments reads who was attached to which queue, over time.
func Attachments(tb testing.TB, q Query) []Attachment {
	tb.Helper()
	return JSON[Attachment](tb, q, "SELECT queue_id AS Queue, agent_id AS Agent, "+periodSelect+", active AS Active FROM queue_agent_history")
}

// Structure reads the history of queues and attachments as lines of the simulation, see sim.Truth.
func Structure(tb testing.TB, q Query) (lines []string) {
	tb.Helper()
	for _, p := range Periods(tb, q) {
		lines = append(lines, sim.PeriodLine(p.Queue, p.From, p.To, p.Name, p.Region, p.Groups, p.Deleted))
	}
	for _, a := range Attachments(tb, q) {
		lines = append(lines, sim.AttachmentLine(a.Queue, a.Agent, a.From, a.To, a.Active))
	}
	return lines
}
