package store

import (
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"

	"ringside/store/query"
	"ringside/store/query/querytest"
)

// fillWeek writes a busy organization: 200 queues and 200 agents, a week of their histories, a day of calls and events,
// a quarter of callbacks, reconciled figures of a week. Besides it, a second one of the same size.
func fillWeek(b *testing.B, db *DB) (organization uuid.UUID, end time.Time) {
	b.Helper()
	end = monday.AddDate(0, 0, 7)
	const begin = "toDateTime64('2026-03-02 08:00:00', 6, 'UTC')"
	of := func(n string) string {
		return "toUUID(concat('00000000-0000-0000-0000-', leftPad(toString(" + n + "), 12, '0')))"
	}
	for o := range 2 {
		org := "toUUID('" + id(1+o).String() + "')"
		for _, sql := range []string{
			"INSERT INTO organizations_versions (organization_id, seen_at, version) SELECT " + org + ", " + begin + ", 1",
			"INSERT INTO accounting_versions (organization_id, received, horizon, version) SELECT " + org + ", 1, " + begin + " + INTERVAL 7 DAY, 1",
			"INSERT INTO queues_versions (organization_id, queue_id, queue_name, group_ids, group_names, version) SELECT " + org + ", " + of("number") +
				", concat('queue ', toString(number)), [" + of("90000 + number % 50") + "], [concat('group ', toString(number % 50))], 1 FROM numbers(200)",
			"INSERT INTO agents_versions (organization_id, agent_id, agent_name, queue_ids, version) SELECT " + org + ", " + of("number") +
				", concat('agent ', toString(number)), arrayMap(i -> " + of("(number * 7 + i) % 200") + ", range(5)), 1 FROM numbers(200)",
			// An agent changes state every 3 minutes, a queue every 80 s, a list every 20 s.
			"INSERT INTO agent_status_versions (organization_id, agent_id, observed_at, state, state_since, version) SELECT " + org + ", " + of("number % 200") + ", " + begin +
				" + toIntervalSecond(intDiv(number, 200) * 180) AS observed_at, ['talking', 'hold', 'ringing', 'wrap_up', 'off_work', 'away', 'available'][1 + cityHash64(number) % 7], observed_at, 1 FROM numbers(672000)",
			"INSERT INTO agent_status_now_versions (organization_id, agent_id, observed_at, state, state_since, version) SELECT " + org + ", " + of("number") + ", " + begin +
				" + INTERVAL 7 DAY AS observed_at, ['talking', 'hold', 'ringing', 'wrap_up', 'off_work', 'away', 'available'][1 + cityHash64(number) % 7], observed_at, 1 FROM numbers(200)",
			"INSERT INTO queue_status_versions (organization_id, queue_id, observed_at, open_status, nbr_of_requesters, version) SELECT " + org + ", " + of("number % 200") + ", " + begin +
				" + toIntervalSecond(intDiv(number, 200) * 80) AS observed_at, if(toHour(observed_at) BETWEEN 8 AND 17, 5, 3), number % 7, 1 FROM numbers(1512000)",
			"INSERT INTO callback_lists_versions (organization_id, list_id, version) SELECT " + org + ", " + of("number") + ", 1 FROM numbers(20)",
			"INSERT INTO callback_list_status_versions (organization_id, call_list_id, observed_at, total_open_requests, version) SELECT " + org + ", " + of("number % 20") + ", " + begin +
				" + toIntervalSecond(intDiv(number, 20) * 20), number % 50, 1 FROM numbers(604800)",
			"INSERT INTO callback_list_status_now_versions (organization_id, call_list_id, observed_at, version) SELECT " + org + ", " + of("number") + ", " + begin +
				" + INTERVAL 7 DAY, 1 FROM numbers(20)",
			"INSERT INTO callbacks_versions (organization_id, callback_date, callback_id, known, call_list_id, queue_id, call_id, is_closed, created_at, last_event_at, answered_at, version) SELECT " + org +
				", toDate(created_at), " + of("number") + ", true, " + of("number % 20") + ", " + of("number % 200") + ", " + of("500000 + number") + ", number % 100 > 0, " + begin +
				" + INTERVAL 7 DAY - toIntervalSecond(intDiv(number * 7776, 100)) AS created_at, created_at + INTERVAL 1 HOUR, created_at + INTERVAL 30 MINUTE, 1 FROM numbers(100000)",
			"INSERT INTO calls_versions (organization_id, call_date, call_id, queue_id, visit, queue_name, begun_at, arrived_at, ended_at, outcome, agent_ids, version) SELECT " + org +
				", toDate(begun_at), " + of("500000 + number") + ", " + of("number % 200") + ", 1, 'q', " + begin + " + INTERVAL 6 DAY + toIntervalMillisecond(number * 860) AS begun_at, begun_at, begun_at + INTERVAL 1 MINUTE, ['answered', 'abandoned'][1 + number % 2], [" +
				of("number % 200") + "], 1 FROM numbers(100000)",
			"INSERT INTO events_versions (organization_id, happened_at, event_id, type, call_id, body, version) SELECT " + org + ", " + begin +
				" + INTERVAL 6 DAY + toIntervalMicrosecond(number * 86000), generateUUIDv4(), 'QueueCallInArrived', " + of("500000 + intDiv(number, 10)") + ", repeat(toString(number), 80), 1 FROM numbers(1000000)",
			"INSERT INTO queue_interval_metrics_versions (organization_id, interval_start, queue_id, queue_name, queue_date, level_met, level_answered, version) SELECT " + org + ", " + begin +
				" + toIntervalMinute(15 * intDiv(number, 200)) AS interval_start, " + of("number % 200") + ", 'q', toDate(interval_start), cityHash64(number) % 20, 20, 1 FROM numbers(134400)",
			"INSERT INTO queue_daily_call_metrics_versions (organization_id, queue_date, queue_id, threshold_us, target, version) SELECT " + org +
				", toDate('2026-03-02') + intDiv(number, 200), " + of("number % 200") + ", 20000000, 80, 1 FROM numbers(1600)",
			"INSERT INTO agent_interval_metrics_versions (organization_id, interval_start, agent_id, queue_id, agent_name, talking_us, available_us, offers, version) SELECT " + org + ", " + begin +
				" + toIntervalMinute(15 * intDiv(number, 600)), " + of("intDiv(number, 3) % 200") + ", " + of("number % 3 * (1 + number % 200)") + ", 'a', 1, 1, 1, 1 FROM numbers(403200)",
			"INSERT INTO reconciliation_versions (organization_id, figure_date, kind, entity_id, field, published_at, published, recomputed, difference, version) SELECT " + org +
				", toDate(published_at), 'QueueStatus', " + of("number % 200") + ", concat('field', toString(number % 15)), " + begin + " + toIntervalSecond(intDiv(number, 200) * 600) AS published_at, 1, 1, number % 200 < 3, 1 FROM numbers(201600)",
		} {
			exec(b, db, sql)
		}
	}
	return id(1), end
}

// BenchmarkStatements asks for a day, at its end, of one of two organizations.
func BenchmarkStatements(b *testing.B) {
	db := openMigrated(b)
	organization, end := fillWeek(b, db)
	f := query.Filter{Organizations: []uuid.UUID{organization}}
	statements := querytest.Every(f, querytest.Values{From: end.AddDate(0, 0, -1), To: end, Step: 15 * time.Minute, ID: id(500_777), Text: "Europe/Helsinki"})
	for _, function := range []string{"Calls", "CallParts", "CallEvents", "CallbackLists", "CallbackListHistory", "Callbacks", "Recovered", "CallbackOverview",
		"Agents", "AgentStates", "AgentTimeline", "AgentIntervals", "AgentQueues", "ReconciliationFields", "ReconciliationDrift", "ReconciliationDifferences",
		"Lag", "Accounting", "RejectReasons", "LateReasons", "Openings", "MissedLevels", "LookupQueues", "LookupAgents", "LookupGroups", "Schema"} {
		b.Run(function, func(b *testing.B) {
			var took []time.Duration
			rows := 0
			for b.Loop() {
				begin := time.Now()
				found, err := db.Conn().Query(b.Context(), statements[function].SQL, namedArgs(statements[function])...)
				if err != nil {
					b.Fatal(err)
				}
				for rows = 0; found.Next(); rows++ {
				}
				if err := found.Err(); err != nil {
					b.Fatal(err)
				}
				found.Close()
				took = append(took, time.Since(begin))
			}
			slices.Sort(took)
			b.ReportMetric(float64(took[len(took)/2].Milliseconds()), "ms-median")
			b.ReportMetric(float64(rows), "rows")
		})
	}
}
