package store

import (
	"context"
	"fmt"
	"strings"

	"github.com/ClickHouse/clickhouse-go/v2"
)

// Retention is how many days rows are kept, counted from the date in their sorting key; 0 keeps them for ever. Whole
// parts are dropped, so rows outlive their days by up to one ClickHouse partition (a week of events and histories, a
// month of the others). Beware of replaying history that is older than its retention: it goes as it comes.
type Retention struct {
	Events    int // events
	Calls     int // calls, callbacks
	Histories int // queue_status, agent_status, callback_list_status
	Daily     int // queue_daily_call_metrics
	Intervals int // queue_interval_metrics, agent_interval_metrics
	Late      int // late_events
	Rejects   int // rejects; those without a time of receipt (of files) are kept for ever
}

type tableRetention struct {
	table string
	date  string // a function of the partition's columns
	days  int
}

func (r Retention) tables() []tableRetention {
	return []tableRetention{
		{"events_versions", "toDate(happened_at)", r.Events},
		{"calls_versions", "call_date", r.Calls},
		{"queue_status_versions", "toDate(observed_at)", r.Histories},
		{"agent_status_versions", "toDate(observed_at)", r.Histories},
		{"callbacks_versions", "callback_date", r.Calls},
		{"callback_list_status_versions", "toDate(observed_at)", r.Histories},
		{"queue_daily_call_metrics_versions", "queue_date", r.Daily},
		{"reconciliation_versions", "figure_date", r.Daily},
		{"queue_interval_metrics_versions", "toDate(interval_start)", r.Intervals},
		{"agent_interval_metrics_versions", "toDate(interval_start)", r.Intervals},
		{"late_events_versions", "toDate(happened_at)", r.Late},
		// The last day that a Date holds, when the days have been added: beyond it dates begin anew in 1970.
		{"rejects_versions", fmt.Sprintf("if(received_date = toDate(0), toDate('2149-06-06') - %d, received_date)", r.Rejects), r.Rejects},
	}
}

// SetRetention makes the tables keep rows as r says. It changes only what differs, so it may be called on every start.
func (db *DB) SetRetention(ctx context.Context, r Retention) error {
	for _, t := range r.tables() {
		if t.days < 0 {
			return fmt.Errorf("store: retention of %s: %d days", t.table, t.days)
		}
		if err := db.setTableRetention(ctx, t); err != nil {
			return err
		}
	}
	return nil
}

func (db *DB) setTableRetention(ctx context.Context, t tableRetention) error {
	var definition string
	err := db.conn.QueryRow(ctx, "SELECT engine_full FROM system.tables WHERE database = {db:String} AND name = {table:String}",
		clickhouse.Named("db", db.database), clickhouse.Named("table", t.table)).Scan(&definition)
	if err != nil {
		return db.fail("read the retention of "+t.table, err)
	}
	_, current, has := strings.Cut(definition, " TTL ")
	suffix := fmt.Sprintf(" + toIntervalDay(%d)", t.days)
	var statement string
	switch {
	case t.days == 0 && !has:
		return nil
	case t.days == 0:
		statement = "ALTER TABLE " + t.table + " REMOVE TTL"
	case has && strings.Contains(current, suffix):
		return nil
	default:
		statement = "ALTER TABLE " + t.table + " MODIFY TTL " + t.date + suffix
	}
	if err := db.conn.Exec(ctx, statement); err != nil {
		return db.fail("set the retention of "+t.table, err)
	}
	return nil
}
