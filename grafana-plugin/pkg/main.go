// Command gpx_ringside is the backend of Ringside's Grafana data source. Grafana starts it and speaks gRPC with it.
package main

import (
	"os"

	sdk "github.com/grafana/grafana-plugin-sdk-go/backend/datasource"
	"github.com/grafana/grafana-plugin-sdk-go/backend/log"

	"ringside/grafana-plugin/pkg/datasource"
)

func main() {
	if err := sdk.Manage("ringside-queues-datasource", datasource.New, sdk.ManageOpts{}); err != nil {
		log.DefaultLogger.Error(err.Error())
		os.Exit(1)
	}
}
