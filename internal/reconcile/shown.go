package reconcile

import (
	"context"
	"fmt"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
	"github.com/google/uuid"

	"ringside/aggregate"
	"ringside/internal/history"
)

// shownTable is a history of what was shown.
type shownTable struct {
	name, entity, columns string
	scan                  func(driver.Rows, *uuid.UUID, *state) error
}

// shownTables has the histories by kind of figures. Of days there is none: their rows are replaced.
var shownTables = map[int]*shownTable{
	statusKind: {"queue_status", "queue_id", `toUnixTimestamp64Micro(longest_wait_since), nbr_of_providers, nbr_of_requesters,
nbr_of_serving_agents_estimate, nbr_of_allocated, nbr_of_connected, nbr_of_queuing_requesters, nbr_of_not_served_requesters,
nbr_of_agents_long_term_away, nbr_of_agents_short_term_away, nbr_of_agents_immediately_free, nbr_of_agents_checked_in_queue,
nbr_of_agents_on_wrap_up, nbr_of_agents_on_fetch_mode, toInt32(open_status)`, scanStatus},
	listKind: {"callback_list_status", "call_list_id", `total_open_requests, total_free_for_allocation, total_assigned, total_hiding_not_before,
next_hour_revealed_not_before, total_over_due_date, next_hour_over_due_date, expires_in_24h, total_serving_agents`, scanList},
}

func scanStatus(rows driver.Rows, queue *uuid.UUID, s *state) error {
	r := &aggregate.QueueStatusRow{}
	s.status = r
	return rows.Scan(queue, &s.from, &r.LongestWaitSince, &r.NbrOfProviders, &r.NbrOfRequesters,
		&r.NbrOfServingAgentsEstimate, &r.NbrOfAllocated, &r.NbrOfConnected, &r.NbrOfQueuingRequesters, &r.NbrOfNotServedRequesters,
		&r.NbrOfAgentsLongTermAway, &r.NbrOfAgentsShortTermAway, &r.NbrOfAgentsImmediatelyFree, &r.NbrOfAgentsCheckedInQueue,
		&r.NbrOfAgentsOnWrapUp, &r.NbrOfAgentsOnFetchMode, &r.OpenStatus)
}

func scanList(rows driver.Rows, list *uuid.UUID, s *state) error {
	r := &aggregate.CallbackListRow{}
	s.list = r
	return rows.Scan(list, &s.from, &r.TotalOpenRequests, &r.TotalFreeForAllocation, &r.TotalAssigned, &r.TotalHidingNotBefore,
		&r.NextHourRevealedNotBefore, &r.TotalOverDueDate, &r.NextHourOverDueDate, &r.ExpiresIn24h, &r.TotalServingAgents)
}

// shown follows a history of what queues or lists were shown with. It reads an hour at a time.
type shown struct {
	r      *Reconcile
	table  *shownTable
	latest map[uuid.UUID]*state
	rows   []shownRow
	next   int
	until  int64 // what was observed before is in latest or rows
}

type shownRow struct {
	entity uuid.UUID
	state
}

// shownBefore is how long before the first figure the history is looked at.
const shownBefore = 7 * 24 * 3600 * second

func newShown(r *Reconcile) map[int]*shown {
	all := map[int]*shown{}
	for kind, table := range shownTables {
		all[kind] = &shown{r: r, table: table, latest: map[uuid.UUID]*state{}}
	}
	return all
}

// at returns what was shown of a queue or list at an instant, nil if that is not known. Instants must not go back.
func (s *shown) at(ctx context.Context, entity uuid.UUID, at int64) (*state, error) {
	if s.until == 0 {
		s.until = s.r.begin - shownBefore
		if err := s.load(ctx, s.r.begin, "LIMIT 1 BY "+s.table.entity); err != nil {
			return nil, err
		}
	}
	for {
		for ; s.next < len(s.rows) && s.rows[s.next].from <= at; s.next++ {
			row := s.rows[s.next]
			s.latest[row.entity] = &row.state
		}
		if s.next < len(s.rows) || s.until > at {
			return s.latest[entity], nil
		}
		if err := s.load(ctx, s.until+3600*second, ""); err != nil {
			return nil, err
		}
	}
}

// load reads what was observed from until on, and before to.
func (s *shown) load(ctx context.Context, to int64, limit string) error {
	s.rows, s.next = s.rows[:0], 0
	t := s.table
	rows, err := s.r.db.Conn().Query(ctx, "SELECT * FROM (SELECT "+t.entity+", toUnixTimestamp64Micro(observed_at) AS at, "+t.columns+
		" FROM "+s.r.reader.Table(t.name+"_versions")+" FINAL WHERE organization_id = {organization:UUID} AND observed_at >= "+history.MicrosText("from")+
		" AND observed_at < "+history.MicrosText("to")+" ORDER BY at DESC, "+t.entity+" "+limit+") ORDER BY at, "+t.entity,
		s.r.reader.Parameters(clickhouse.Named("from", s.until), clickhouse.Named("to", to))...)
	if err != nil {
		return fmt.Errorf("read %s: %w", t.name, err)
	}
	defer rows.Close()
	for rows.Next() {
		var r shownRow
		if err := t.scan(rows, &r.entity, &r.state); err != nil {
			return fmt.Errorf("read %s: %w", t.name, err)
		}
		s.rows = append(s.rows, r)
	}
	s.until = to
	return rows.Err()
}
