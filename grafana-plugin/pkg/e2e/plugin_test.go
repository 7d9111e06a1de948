package e2e

import (
	"context"
	"encoding/json"
	"fmt"
	"hash/crc32"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/backend"
	"github.com/grafana/grafana-plugin-sdk-go/backend/grpcplugin"
	"github.com/grafana/grafana-plugin-sdk-go/data"
	"github.com/grafana/grafana-plugin-sdk-go/genproto/pluginv2"
	"github.com/hashicorp/go-hclog"
	goplugin "github.com/hashicorp/go-plugin"
)

// plugin is a running plugin, asked as Grafana asks it.
type plugin struct {
	tb          testing.TB
	client      *goplugin.Client
	data        grpcplugin.DataClient
	stream      grpcplugin.StreamClient
	resource    grpcplugin.ResourceClient
	diagnostics grpcplugin.DiagnosticsClient
}

// start starts the plugin's binary; it ends with the test.
func start(tb testing.TB) *plugin {
	tb.Helper()
	p := &plugin{tb: tb}
	p.client = goplugin.NewClient(&goplugin.ClientConfig{
		Cmd:             exec.Command(pluginBinary(tb)),
		HandshakeConfig: goplugin.HandshakeConfig{ProtocolVersion: grpcplugin.ProtocolVersion, MagicCookieKey: grpcplugin.MagicCookieKey, MagicCookieValue: grpcplugin.MagicCookieValue},
		VersionedPlugins: map[int]goplugin.PluginSet{grpcplugin.ProtocolVersion: {
			"data": &grpcplugin.DataGRPCPlugin{}, "stream": &grpcplugin.StreamGRPCPlugin{},
			"resource": &grpcplugin.ResourceGRPCPlugin{}, "diagnostics": &grpcplugin.DiagnosticsGRPCPlugin{},
		}},
		AllowedProtocols: []goplugin.Protocol{goplugin.ProtocolGRPC},
		Logger:           hclog.New(&hclog.LoggerOptions{Level: hclog.Error, Output: testOutput{tb}, Exclude: failedQuery}),
	})
	tb.Cleanup(p.client.Kill)
	rpc, err := p.client.Client()
	if err != nil {
		tb.Fatal(err)
	}
	p.data = dispense[grpcplugin.DataClient](tb, rpc, "data")
	p.stream = dispense[grpcplugin.StreamClient](tb, rpc, "stream")
	p.resource = dispense[grpcplugin.ResourceClient](tb, rpc, "resource")
	p.diagnostics = dispense[grpcplugin.DiagnosticsClient](tb, rpc, "diagnostics")
	return p
}

func dispense[C any](tb testing.TB, rpc goplugin.ClientProtocol, name string) C {
	tb.Helper()
	raw, err := rpc.Dispense(name)
	if err != nil {
		tb.Fatal(err)
	}
	client, ok := raw.(C)
	if !ok {
		tb.Fatalf("%s is a %T", name, raw)
	}
	return client
}

// failedQuery are what the SDK logs of queries that are meant to fail.
func failedQuery(_ hclog.Level, message string, _ ...any) bool {
	return strings.Contains(message, "Partial data response error") || strings.Contains(message, "Plugin Request Completed")
}

type testOutput struct{ tb testing.TB }

func (o testOutput) Write(text []byte) (int, error) {
	o.tb.Logf("plugin: %s", text)
	return len(text), nil
}

// source is a data source as Grafana would have it.
type source struct {
	uid     string
	url     string
	json    map[string]any
	secrets map[string]string
	updated time.Time
}

func (s source) with(member string, value any) source {
	members := map[string]any{}
	for k, v := range s.json {
		members[k] = v
	}
	members[member] = value
	s.json, s.uid = members, fmt.Sprintf("%s-%x", s.uid, crc32.ChecksumIEEE([]byte(fmt.Sprint(member, value)))) // Grafana has another uid for each
	return s
}

func (s source) context(tb testing.TB) backend.PluginContext {
	tb.Helper()
	text, err := json.Marshal(s.json)
	if err != nil {
		tb.Fatal(err)
	}
	return backend.PluginContext{PluginID: "ringside-queues-datasource", PluginVersion: "1.0.0",
		DataSourceInstanceSettings: &backend.DataSourceInstanceSettings{ID: 1, UID: s.uid, Type: "ringside-queues-datasource", Name: "Ringside", URL: s.url, JSONData: text, DecryptedSecureJSONData: s.secrets, Updated: s.updated}}
}

// asked is one query of a request.
type asked struct {
	query    map[string]any
	from, to time.Time
	interval time.Duration
	headers  map[string]string
}

func (p *plugin) request(s source, a asked) *pluginv2.QueryDataRequest {
	p.tb.Helper()
	text, err := json.Marshal(a.query)
	if err != nil {
		p.tb.Fatal(err)
	}
	if a.interval == 0 {
		a.interval = time.Minute
	}
	return backend.ToProto().QueryDataRequest(&backend.QueryDataRequest{PluginContext: s.context(p.tb), Headers: a.headers, Queries: []backend.DataQuery{
		{RefID: "A", JSON: text, TimeRange: backend.TimeRange{From: a.from, To: a.to}, Interval: a.interval, MaxDataPoints: 1000}}})
}

// query asks one query and returns its answer, an error included.
func (p *plugin) query(ctx context.Context, s source, a asked) backend.DataResponse {
	p.tb.Helper()
	raw, err := p.data.QueryData(ctx, p.request(s, a))
	if err != nil {
		return backend.DataResponse{Error: err}
	}
	response, err := backend.FromProto().QueryDataResponse(raw)
	if err != nil {
		p.tb.Fatal(err)
	}
	return response.Responses["A"]
}

// frames asks one query, which must be answered.
func (p *plugin) frames(s source, a asked) data.Frames {
	p.tb.Helper()
	response := p.query(p.tb.Context(), s, a)
	if response.Error != nil {
		p.tb.Fatalf("%v: %v", a.query, response.Error)
	}
	return response.Frames
}

// get calls a resource.
func (p *plugin) get(s source, path, query string) (int, []byte) {
	p.tb.Helper()
	call, err := p.resource.CallResource(p.tb.Context(), backend.ToProto().CallResourceRequest(&backend.CallResourceRequest{
		PluginContext: s.context(p.tb), Path: path, Method: "GET", URL: path + "?" + query}))
	if err != nil {
		p.tb.Fatal(err)
	}
	answer, err := call.Recv()
	if err != nil {
		p.tb.Fatal(err)
	}
	return int(answer.Code), answer.Body
}
