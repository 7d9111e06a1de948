package store

import (
	"context"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/google/uuid"

	"ringside/store/query"
)

// BoardRow is a queue on a wallboard: its state now and its figures of today. Nil means NULL: nothing to divide by, no
// service level configured, or not told by the queue's sources. Durations are seconds.
type BoardRow struct {
	OrganizationID             uuid.UUID `ch:"organization_id"`
	QueueID                    uuid.UUID `ch:"queue_id"`
	QueueName                  string    `ch:"queue_name"`
	ObservedAt                 time.Time `ch:"observed_at"`
	NbrOfProviders             *int32    `ch:"nbr_of_providers"`
	NbrOfRequesters            *int32    `ch:"nbr_of_requesters"`
	NbrOfServingAgentsEstimate *int32    `ch:"nbr_of_serving_agents_estimate"`
	NbrOfAllocated             *int32    `ch:"nbr_of_allocated"`
	NbrOfConnected             *int32    `ch:"nbr_of_connected"`
	NbrOfQueuingRequesters     *int32    `ch:"nbr_of_queuing_requesters"`
	NbrOfNotServedRequesters   *int32    `ch:"nbr_of_not_served_requesters"`
	NbrOfAgentsLongTermAway    *int32    `ch:"nbr_of_agents_long_term_away"`
	NbrOfAgentsShortTermAway   *int32    `ch:"nbr_of_agents_short_term_away"`
	NbrOfAgentsImmediatelyFree *int32    `ch:"nbr_of_agents_immediately_free"`
	NbrOfAgentsCheckedInQueue  *int32    `ch:"nbr_of_agents_checked_in_queue"`
	NbrOfAgentsOnWrapUp        *int32    `ch:"nbr_of_agents_on_wrap_up"`
	NbrOfAgentsOnFetchMode     *int32    `ch:"nbr_of_agents_on_fetch_mode"`
	MaxWaitTime                *int64    `ch:"max_wait_time"`
	OpenStatus                 uint8     `ch:"open_status"`
	StaleAgents                int32     `ch:"stale_agents"`

	InboundTotalCalls     int64    `ch:"inbound_total_calls"`
	InboundAnsweredCalls  int64    `ch:"inbound_answered_calls"`
	InboundAbandonedCalls int64    `ch:"inbound_abandoned_calls"`
	InboundAvgWaitTimeSec *float64 `ch:"inbound_avg_wait_time_sec"`
	InboundASASec         *float64 `ch:"inbound_asa_sec"`
	InboundAHTSec         *float64 `ch:"inbound_aht_sec"`
	InboundMaxWaitSec     *float64 `ch:"inbound_max_wait_sec"`
	InboundWaitP95Sec     *float64 `ch:"inbound_wait_p95_sec"`

	// The live service level, in percent, and what it is measured by.
	ThresholdSec             *float64 `ch:"service_level_threshold_sec"`
	Target                   *float64 `ch:"service_level_target"`
	WaitingBeyondThreshold   int64    `ch:"waiting_beyond_threshold"`
	LevelIgnoreShortAbandons *float64 `ch:"service_level_ignore_short_abandons"`
	LevelAllOffered          *float64 `ch:"service_level_all_offered"`
	LevelAnsweredOnly        *float64 `ch:"service_level_answered_only"`
	LevelShortAbandonsMet    *float64 `ch:"service_level_short_abandons_met"`
}

// ReadQueueBoard returns the queues of the filter as they are at now, by name.
func (db *DB) ReadQueueBoard(ctx context.Context, f query.Filter, now time.Time) ([]BoardRow, error) {
	var rows []BoardRow
	if err := db.Select(ctx, &rows, query.Board(f, now)); err != nil {
		return nil, err
	}
	return rows, nil
}

// Select runs a statement into a slice of structs whose fields have `ch` tags.
func (db *DB) Select(ctx context.Context, dest any, s query.Statement) error {
	if err := db.conn.Select(ctx, dest, s.SQL, namedArgs(s)...); err != nil {
		return db.fail("query", err)
	}
	return nil
}

func namedArgs(s query.Statement) []any {
	args := make([]any, len(s.Parameters))
	for i, p := range s.Parameters {
		args[i] = clickhouse.Named(p.Name, p.Value)
	}
	return args
}

// Organizations returns the Kafka partition of each organization that was ever seen.
func (db *DB) Organizations(ctx context.Context) (map[uuid.UUID]int32, error) {
	rows, err := db.conn.Query(ctx, "SELECT organization_id, kafka_partition FROM organizations")
	if err != nil {
		return nil, db.fail("read organizations", err)
	}
	defer rows.Close()
	out := map[uuid.UUID]int32{}
	for rows.Next() {
		var id uuid.UUID
		var partition int32
		if err := rows.Scan(&id, &partition); err != nil {
			return nil, db.fail("read organizations", err)
		}
		out[id] = partition
	}
	if err := rows.Err(); err != nil {
		return nil, db.fail("read organizations", err)
	}
	return out, nil
}
