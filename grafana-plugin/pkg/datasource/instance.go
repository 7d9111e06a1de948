package datasource

import (
	"context"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/backend"
	"github.com/grafana/grafana-plugin-sdk-go/backend/instancemgmt"
	"github.com/grafana/grafana-plugin-sdk-go/backend/resource/httpadapter"

	"ringside/grafana-plugin/pkg/cache"
	"ringside/grafana-plugin/pkg/clickhouse"
	"ringside/grafana-plugin/pkg/live"
	"ringside/grafana-plugin/pkg/model"
)

// Limits of one data source.
const (
	keepAnswers  = time.Second
	mostAnswers  = 512
	mostBytes    = 256 << 20
	mostPending  = 256
	mostStreams  = 500
	remind       = 10 * time.Second
	mostParallel = 16 // queries of one request
)

// Instance is one configured data source. Grafana makes a new one when its settings change.
type Instance struct {
	settings *model.Settings
	uid      string
	client   *clickhouse.Client
	answers  *cache.Group[*clickhouse.Rows]
	streams  *live.Hub
	resource backend.CallResourceHandler
}

var (
	_ backend.QueryDataHandler    = (*Instance)(nil)
	_ backend.CheckHealthHandler  = (*Instance)(nil)
	_ backend.CallResourceHandler = (*Instance)(nil)
	_ backend.StreamHandler       = (*Instance)(nil)
)

// New makes an instance. It does not connect: what is wrong on the way to ClickHouse is told by whoever asks.
func New(_ context.Context, s backend.DataSourceInstanceSettings) (instancemgmt.Instance, error) {
	settings, err := model.ParseSettings(s.JSONData, s.URL, s.DecryptedSecureJSONData)
	if err != nil {
		return nil, backend.DownstreamError(err)
	}
	client, err := clickhouse.Open(settings)
	if err != nil {
		return nil, backend.DownstreamError(err)
	}
	i := &Instance{settings: settings, uid: s.UID, client: client,
		answers: cache.New[*clickhouse.Rows](cache.Limits{Keep: keepAnswers, Entries: mostAnswers, Bytes: mostBytes, Pending: mostPending}),
		streams: live.New(live.Options{Every: settings.PollInterval, Remind: remind, Backoff: max(remind, settings.PollInterval), Most: mostStreams})}
	i.resource = httpadapter.New(i.routes())
	return i, nil
}

// Dispose ends what runs: Grafana has a newer instance, or none.
func (i *Instance) Dispose() {
	i.streams.Close()
	if err := i.client.Close(); err != nil {
		backend.Logger.Warn("the connections to ClickHouse were not closed in order", "error", err.Error())
	}
}

// CallResource answers the editors' requests.
func (i *Instance) CallResource(ctx context.Context, req *backend.CallResourceRequest, sender backend.CallResourceResponseSender) error {
	return i.resource.CallResource(ctx, req, sender)
}
