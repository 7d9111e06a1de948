// Command gpx_ringside is the backend of Ringside's Grafana data source. Grafana starts it and speaks gRPC with it.
package main

import (
	"context"
	"errors"
	"os"

	"github.com/grafana/grafana-plugin-sdk-go/backend"
	"github.com/grafana/grafana-plugin-sdk-go/backend/datasource"
	"github.com/grafana/grafana-plugin-sdk-go/backend/instancemgmt"
	"github.com/grafana/grafana-plugin-sdk-go/backend/log"

	"ringside/store/query"

	_ "github.com/ClickHouse/clickhouse-go/v2"
	_ "github.com/google/uuid"
)

var _ query.Filter

func main() {
	err := datasource.Manage("ringside-queues-datasource", func(context.Context, backend.DataSourceInstanceSettings) (instancemgmt.Instance, error) {
		return nil, errors.New("not built in yet")
	}, datasource.ManageOpts{})
	if err != nil {
		log.DefaultLogger.Error(err.Error())
		os.Exit(1)
	}
}
