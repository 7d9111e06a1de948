package grafana

import (
	"bufio"
	"os"
	"slices"
	"strings"
	"testing"
)

// view is what a kind of query shows in one of its views: figures that can be asked for by name, and the fields that say
// whose they are.
type view struct {
	of      []string // views of the store whose columns are figures here; docs/SQL.md
	more    []string // figures beyond them
	groupBy bool
}

// level are the columns of a service level, computed from sums.
var level = []string{"service_level", "service_level_shortfall", "service_level_target", "service_level_threshold_sec",
	"service_level_ignore_short_abandons", "service_level_all_offered", "service_level_answered_only", "service_level_short_abandons_met",
	"level_met", "level_answered", "level_abandoned", "level_short_abandons", "level_failed", "waiting_beyond_threshold"}

// board are the figures of today that stand beside the present.
var board = append([]string{"inbound_total_calls", "inbound_answered_calls", "inbound_abandoned_calls", "inbound_avg_wait_time_sec",
	"inbound_asa_sec", "inbound_aht_sec", "inbound_max_wait_sec", "inbound_wait_p95_sec"}, level...)

// computed are means and percentiles that the store has by day only.
var computed = append([]string{"inbound_rejected_calls", "inbound_avg_wait_time_sec", "inbound_avg_talk_time_sec", "inbound_avg_hold_time_sec",
	"inbound_asa_sec", "inbound_aht_sec", "inbound_avg_abandon_wait_sec", "inbound_wait_p50_sec", "inbound_wait_p90_sec", "inbound_wait_p95_sec",
	"inbound_wait_p99_sec", "outbound_avg_talk_time_sec", "outbound_avg_wait_time"}, level...)

// kinds are the queries of the data source: kind, then view; "" where a kind has one view only.
var kinds = map[string]map[string]view{
	"queueStatus":        {"now": {of: []string{"queue_status_now"}, more: board, groupBy: true}},
	"queueStatusHistory": {"": {of: []string{"queue_status"}, groupBy: true}},
	"dailyMetrics":       {"": {of: []string{"queue_daily_call_metrics"}, more: level, groupBy: true}},
	"intervalMetrics":    {"": {of: []string{"queue_interval_metrics"}, more: computed, groupBy: true}},
	"serviceLevel": {
		"live": {more: level, groupBy: true}, "intervals": {more: level, groupBy: true},
		"days": {more: level, groupBy: true}, "rolling": {more: level, groupBy: true}},
	"waits": {"percentiles": {more: []string{"waits"}, groupBy: true}, "histogram": {more: []string{"xMin", "xMax", "count"}, groupBy: true}, "heatmap": {}},
	"calls": {"list": {of: []string{"calls"}}, "events": {more: []string{"happened_at", "event_id", "received_at", "source", "type", "user_id", "reason", "body"}}},
	"callbacks": {
		"lists":     {of: []string{"callback_list_status_now"}, more: []string{"last_event_at", "published_age_sec"}},
		"history":   {of: []string{"callback_list_status"}},
		"requests":  {of: []string{"callbacks"}},
		"recovered": {of: []string{"recovered_calls"}},
		"overview": {more: []string{"requests", "answered", "closed", "open", "expired", "overdue", "closed_in_due", "closed_in_due_percentage",
			"answered_percentage", "avg_attempts", "avg_time_to_first_attempt_sec", "avg_time_to_close_sec", "recovered"}}},
	"agents": {
		"now":       {of: []string{"agent_status_now"}, more: agentStates, groupBy: true},
		"timeline":  {of: []string{"agent_status"}},
		"intervals": {of: []string{"agent_interval_metrics"}, more: []string{"offers_answered_percentage"}},
		"queues":    {of: []string{"agent_queue_interval_metrics"}, more: []string{"offers_answered_percentage"}}},
	"reconciliation": {
		"fields":      {more: append([]string{"kind", "field", "explained_by"}, agreement...)},
		"drift":       {more: append([]string{"kind"}, agreement...)},
		"differences": {of: []string{"reconciliation"}, more: []string{"entity_name"}}},
	"engine": {
		"lag":        {more: []string{"horizon", "lag_sec", "kafka_partition"}},
		"accounting": {of: []string{"accounting"}, more: []string{"difference"}},
		"rejects":    {more: []string{"reason", "source", "events", "undated", "last_received_at", "example"}},
		"late":       {more: []string{"reason", "events"}}},
	"annotations": {"opening": {}, "serviceLevelMissed": {}},
	"sql":         {"": {}},
}

// agentStates are the counts of agents/now in total, and how long an agent's state has lasted.
var agentStates = []string{"agents", "talking", "hold", "ringing", "wrap_up", "off_work", "away", "available", "unknown", "stale", "stuck", "serving",
	"immediately_free", "longest_talking_sec", "longest_hold_sec", "longest_wrap_up_sec", "longest_away_sec", "longest_available_sec", "state_sec"}

// agreement is what a group of reconciled figures comes to.
var agreement = []string{"figures", "agreed", "agree_percent", "greatest_difference", "avg_difference", "explained", "shown_agree_percent"}

// identities are the fields that say whose a row is; they are there unasked.
var identities = []string{"time", "organization_id", "queue_id", "queue_name", "group_id", "group_name", "agent_id", "agent_name", "call_list_id", "call_list_name"}

// members are the members of a query, beside those that Grafana adds.
var members = []string{"kind", "view", "metrics", "groupBy", "organizations", "groups", "queues", "agents", "callLists", "attribution", "rolling",
	"variant", "threshold", "percentiles", "interval", "timeZone", "outcomes", "directions", "callId", "limit", "sql", "format", "stream",
	"refId", "datasource", "intervalMs", "maxDataPoints"}

var allowed = map[string][]string{
	"groupBy":     {"queue", "group", "total"},
	"attribution": {"begin", "end"},
	"variant":     {"ignore_short_abandons", "all_offered", "answered_only", "short_abandons_met", "all"},
	"format":      {"table", "timeseries"},
	"timeZone":    {"queue", "dashboard"},
}

// columns returns the columns of each view of the store.
func columns(t *testing.T) map[string][]string {
	t.Helper()
	f, err := os.Open("../../store/testdata/columns.golden")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	all := map[string][]string{}
	for lines := bufio.NewScanner(f); lines.Scan(); {
		name, _, _ := strings.Cut(lines.Text(), " ")
		if table, column, ok := strings.Cut(name, "."); ok {
			all[table] = append(all[table], column)
		}
	}
	return all
}

// fieldsOf returns the figures of a kind and view; nil: there is no such view.
func fieldsOf(t *testing.T, kind, name string) []string {
	t.Helper()
	if name == "" && len(kinds[kind]) == 1 {
		for only := range kinds[kind] {
			name = only
		}
	}
	v, ok := kinds[kind][name]
	if !ok {
		return nil
	}
	all := append([]string{}, v.more...)
	stored := columns(t)
	for _, table := range v.of {
		if len(stored[table]) == 0 {
			t.Fatalf("the store has no view %s: the table of kinds is out of date", table)
		}
		all = append(all, stored[table]...)
	}
	return append(all, identities...)
}

// checkQuery holds a query to the data source's kinds. Values that are a variable are the dashboard's to choose.
func checkQuery(t *testing.T, where string, query map[string]any) {
	t.Helper()
	for name := range query {
		if !slices.Contains(members, name) {
			t.Errorf("%s: a query has no member %q", where, name)
		}
	}
	kind, _ := query["kind"].(string)
	name, _ := query["view"].(string)
	known := fieldsOf(t, kind, name)
	if known == nil {
		t.Errorf("%s: there is no kind %q with a view %q", where, kind, name)
		return
	}
	for _, m := range list(query["metrics"]) {
		if !slices.Contains(known, m) {
			t.Errorf("%s: %s/%s has no figure %s", where, kind, name, m)
		}
	}
	for member, values := range allowed {
		if v, ok := query[member].(string); ok && !slices.Contains(values, v) && !strings.HasPrefix(v, "$") {
			t.Errorf("%s: %s is %q, wanted one of %q", where, member, v, values)
		}
	}
	if v := query["groupBy"]; v != nil && name != "" && !kinds[kind][name].groupBy {
		t.Errorf("%s: %s/%s has no groupBy", where, kind, name)
	}
}

// list returns a JSON list of texts; nil for anything else.
func list(v any) []string {
	items, _ := v.([]any)
	var out []string
	for _, i := range items {
		if s, ok := i.(string); ok {
			out = append(out, s)
		}
	}
	return out
}
