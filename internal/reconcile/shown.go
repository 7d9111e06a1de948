package reconcile

import (
	"context"
	"fmt"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/google/uuid"

	"ringside/aggregate"
	"ringside/internal/history"
)

// shown follows the history of what queues were shown with: queue_status. It reads an hour at a time.
type shown struct {
	r      *Reconcile
	latest map[uuid.UUID]*state
	rows   []aggregate.QueueStatusRow
	next   int
	until  int64 // what was observed before is in latest or rows
}

// shownBefore is how long before the first figure the history is looked at.
const shownBefore = 7 * 24 * 3600 * second

func newShown(r *Reconcile) *shown {
	return &shown{r: r, latest: map[uuid.UUID]*state{}}
}

// at returns what was shown of a queue at an instant, nil if that is not known. Instants must not go back.
func (s *shown) at(ctx context.Context, queue uuid.UUID, at int64) (*state, error) {
	if s.until == 0 {
		s.until = s.r.begin - shownBefore
		if err := s.load(ctx, s.r.begin, "LIMIT 1 BY queue_id"); err != nil {
			return nil, err
		}
	}
	for {
		for ; s.next < len(s.rows) && s.rows[s.next].ObservedAt <= at; s.next++ {
			row := s.rows[s.next]
			s.latest[row.QueueID] = &state{from: row.ObservedAt, status: &row}
		}
		if s.next < len(s.rows) || s.until > at {
			return s.latest[queue], nil
		}
		if err := s.load(ctx, s.until+3600*second, ""); err != nil {
			return nil, err
		}
	}
}

// load reads what was observed from until on, and before to.
func (s *shown) load(ctx context.Context, to int64, limit string) error {
	s.rows, s.next = s.rows[:0], 0
	rows, err := s.r.db.Conn().Query(ctx, `SELECT * FROM (SELECT queue_id, toUnixTimestamp64Micro(observed_at) AS at, toUnixTimestamp64Micro(longest_wait_since), nbr_of_providers, nbr_of_requesters,
nbr_of_serving_agents_estimate, nbr_of_allocated, nbr_of_connected, nbr_of_queuing_requesters, nbr_of_not_served_requesters,
nbr_of_agents_long_term_away, nbr_of_agents_short_term_away, nbr_of_agents_immediately_free, nbr_of_agents_checked_in_queue,
nbr_of_agents_on_wrap_up, nbr_of_agents_on_fetch_mode, toInt32(open_status)
FROM `+s.r.reader.Table("queue_status_versions")+" FINAL WHERE organization_id = {organization:UUID} AND observed_at >= "+history.MicrosText("from")+
		" AND observed_at < "+history.MicrosText("to")+" ORDER BY at DESC, queue_id "+limit+") ORDER BY at, queue_id",
		s.r.reader.Parameters(clickhouse.Named("from", s.until), clickhouse.Named("to", to))...)
	if err != nil {
		return fmt.Errorf("read queue_status: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var r aggregate.QueueStatusRow
		if err := rows.Scan(&r.QueueID, &r.ObservedAt, &r.LongestWaitSince, &r.NbrOfProviders, &r.NbrOfRequesters,
			&r.NbrOfServingAgentsEstimate, &r.NbrOfAllocated, &r.NbrOfConnected, &r.NbrOfQueuingRequesters, &r.NbrOfNotServedRequesters,
			&r.NbrOfAgentsLongTermAway, &r.NbrOfAgentsShortTermAway, &r.NbrOfAgentsImmediatelyFree, &r.NbrOfAgentsCheckedInQueue,
			&r.NbrOfAgentsOnWrapUp, &r.NbrOfAgentsOnFetchMode, &r.OpenStatus); err != nil {
			return fmt.Errorf("read queue_status: %w", err)
		}
		s.rows = append(s.rows, r)
	}
	s.until = to
	return rows.Err()
}
