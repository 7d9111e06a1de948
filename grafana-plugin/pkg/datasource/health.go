package datasource

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/backend"

	"ringside/grafana-plugin/pkg/clickhouse"
	"ringside/store/query"
)

const (
	// schemaNeeded is the version of Ringside's schema whose tables the statements read.
	schemaNeeded = 9
	// oldAfter is when events are so old that somebody should look.
	oldAfter = 5 * time.Minute
)

// CheckHealth tells whether ClickHouse answers, whether Ringside's tables are there, and how old the newest event is.
func (i *Instance) CheckHealth(ctx context.Context, _ *backend.CheckHealthRequest) (*backend.CheckHealthResult, error) {
	began := time.Now()
	version, err := i.one(ctx, query.Statement{SQL: "SELECT version() AS value"})
	if err != nil {
		return unhealthy(err.Error()), nil
	}
	latency := time.Since(began)
	schema, err := i.one(ctx, query.Statement{SQL: "SELECT toString(max(version)) AS value FROM schema_migrations"})
	if err != nil {
		return unhealthy(fmt.Sprintf("ClickHouse %s answers, but the database %s has no schema of Ringside's: %v", version, i.settings.Database, err)), nil
	}
	if n, err := strconv.Atoi(schema); err != nil || n < schemaNeeded {
		return unhealthy(fmt.Sprintf("ClickHouse %s answers, but Ringside's schema in the database %s is of version %s, and this plugin needs %d: start a newer ringside once, it brings the schema up to date", version, i.settings.Database, schema, schemaNeeded)), nil
	}
	age, err := i.age(ctx)
	if err != nil {
		return unhealthy(err.Error()), nil
	}
	details := map[string]any{"clickhouse": version, "schema": schema, "latencyMs": latency.Milliseconds(), "organizations": age.organizations}
	message := fmt.Sprintf("ClickHouse %s answers in %d ms; Ringside's schema is of version %s. ", version, latency.Milliseconds(), schema)
	switch {
	case age.organizations == 0:
		message += "Warning: no event is known of any organization that this data source may see."
	case age.newest > oldAfter:
		message += fmt.Sprintf("Warning: the newest event is %v old. Is the engine running, and do events come in?", age.newest.Round(time.Second))
	default:
		message += fmt.Sprintf("The newest event is %v old.", age.newest.Round(time.Second))
	}
	text, err := json.Marshal(details)
	if err != nil {
		return nil, fmt.Errorf("write the details of the health check: %w", err)
	}
	return &backend.CheckHealthResult{Status: backend.HealthStatusOk, Message: message, JSONDetails: text}, nil
}

func unhealthy(message string) *backend.CheckHealthResult {
	return &backend.CheckHealthResult{Status: backend.HealthStatusError, Message: message}
}

// one is the single text that a statement returns; asked afresh.
func (i *Instance) one(ctx context.Context, s query.Statement) (string, error) {
	rows, err := i.client.Query(ctx, s, clickhouse.Options{Comment: `{"from":"health"}`})
	if err != nil {
		return "", err
	}
	if rows.Count != 1 {
		return "", fmt.Errorf("ClickHouse has answered with %d rows in the place of one", rows.Count)
	}
	return text(rows, "value", 0), nil
}

type eventAge struct {
	organizations int
	newest        time.Duration
}

// age is that of the newest event of all organizations in sight.
func (i *Instance) age(ctx context.Context) (eventAge, error) {
	organizations, all, err := i.organizations(nil)
	if err != nil {
		return eventAge{}, err
	}
	rows, err := i.client.Query(ctx, query.Lag(query.Filter{Organizations: organizations, AllOrganizations: all}, time.Now()), clickhouse.Options{Comment: `{"from":"health"}`})
	if err != nil {
		return eventAge{}, err
	}
	a := eventAge{}
	for at := range rows.Count {
		sec, err := rows.Field("lag_sec").NullableFloatAt(at)
		if err != nil || sec == nil {
			continue
		}
		lag := time.Duration(*sec * float64(time.Second))
		if a.organizations++; a.organizations == 1 || lag < a.newest {
			a.newest = lag
		}
	}
	return a, nil
}
