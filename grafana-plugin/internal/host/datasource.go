package host

import (
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/backend"
)

// PluginID is the plugin's name in Grafana.
const PluginID = "ringside-queues-datasource"

// DataSource is a configured data source.
type DataSource struct {
	UID      string
	JSONData []byte
	Secrets  map[string]string // secureJsonData
	Updated  time.Time         // a change makes the backend begin anew
}

// Context is what Grafana sends with each request.
func (d DataSource) Context() backend.PluginContext {
	return backend.PluginContext{Namespace: "default", PluginID: PluginID, User: &backend.User{Login: "viewer", Role: "Viewer"},
		DataSourceInstanceSettings: &backend.DataSourceInstanceSettings{ID: 1, UID: d.UID, Type: PluginID, Name: "Ringside", JSONData: d.JSONData,
			DecryptedSecureJSONData: d.Secrets, Updated: d.Updated}}
}
