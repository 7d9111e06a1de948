// Package host runs the data source's backend as Grafana does: as a process of its own, spoken to over gRPC. Tests and the
// preview of the dashboards use it.
package host

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os/exec"

	"github.com/grafana/grafana-plugin-sdk-go/backend"
	"github.com/grafana/grafana-plugin-sdk-go/backend/grpcplugin"
	"github.com/grafana/grafana-plugin-sdk-go/genproto/pluginv2"
	"github.com/hashicorp/go-hclog"
	"github.com/hashicorp/go-plugin"
)

// Plugin is a running backend.
type Plugin struct {
	client      *plugin.Client
	data        pluginv2.DataClient
	resource    pluginv2.ResourceClient
	diagnostics pluginv2.DiagnosticsClient
	stream      pluginv2.StreamClient
}

// Start runs the program; what it logs goes to log.
func Start(program string, log io.Writer) (*Plugin, error) {
	p := &Plugin{client: plugin.NewClient(&plugin.ClientConfig{
		Cmd: exec.Command(program),
		HandshakeConfig: plugin.HandshakeConfig{ProtocolVersion: grpcplugin.ProtocolVersion, MagicCookieKey: grpcplugin.MagicCookieKey,
			MagicCookieValue: grpcplugin.MagicCookieValue},
		VersionedPlugins: map[int]plugin.PluginSet{grpcplugin.ProtocolVersion: {
			"data": &grpcplugin.DataGRPCPlugin{}, "resource": &grpcplugin.ResourceGRPCPlugin{},
			"diagnostics": &grpcplugin.DiagnosticsGRPCPlugin{}, "stream": &grpcplugin.StreamGRPCPlugin{},
		}},
		AllowedProtocols: []plugin.Protocol{plugin.ProtocolGRPC},
		Logger:           hclog.New(&hclog.LoggerOptions{Name: "plugin", Output: log, Level: hclog.Info}),
	})}
	if err := p.connect(); err != nil {
		p.Close()
		return nil, fmt.Errorf("start %s: %w", program, err)
	}
	return p, nil
}

func (p *Plugin) connect() error {
	protocol, err := p.client.Client()
	if err != nil {
		return err
	}
	return errors.Join(take(protocol, "data", &p.data), take(protocol, "resource", &p.resource),
		take(protocol, "diagnostics", &p.diagnostics), take(protocol, "stream", &p.stream))
}

func take[T any](protocol plugin.ClientProtocol, name string, into *T) error {
	raw, err := protocol.Dispense(name)
	if err != nil {
		return fmt.Errorf("the backend offers no %s: %w", name, err)
	}
	client, ok := raw.(T)
	if !ok {
		return fmt.Errorf("BUG: %s is a %T", name, raw)
	}
	*into = client
	return nil
}

// Close ends the process.
func (p *Plugin) Close() { p.client.Kill() }

// QueryData asks what panels and alert rules ask.
func (p *Plugin) QueryData(ctx context.Context, r *backend.QueryDataRequest) (*backend.QueryDataResponse, error) {
	answer, err := p.data.QueryData(ctx, backend.ToProto().QueryDataRequest(r))
	if err != nil {
		return nil, err
	}
	return backend.FromProto().QueryDataResponse(answer)
}

// CheckHealth is what "Save & test" does.
func (p *Plugin) CheckHealth(ctx context.Context, r *backend.CheckHealthRequest) (*backend.CheckHealthResult, error) {
	answer, err := p.diagnostics.CheckHealth(ctx, &pluginv2.CheckHealthRequest{PluginContext: backend.ToProto().PluginContext(r.PluginContext),
		Headers: r.Headers})
	if err != nil {
		return nil, err
	}
	return backend.FromProto().CheckHealthResponse(answer), nil
}

// CallResource asks for a pick-list or the like; answers come in one piece.
func (p *Plugin) CallResource(ctx context.Context, r *backend.CallResourceRequest) (*backend.CallResourceResponse, error) {
	stream, err := p.resource.CallResource(ctx, backend.ToProto().CallResourceRequest(r))
	if err != nil {
		return nil, err
	}
	answer, err := stream.Recv()
	if err != nil {
		return nil, err
	}
	return backend.FromProto().CallResourceResponse(answer), nil
}

// SubscribeStream asks whether a viewer may see a stream, as each new viewer does.
func (p *Plugin) SubscribeStream(ctx context.Context, r *backend.SubscribeStreamRequest) (*backend.SubscribeStreamResponse, error) {
	answer, err := p.stream.SubscribeStream(ctx, backend.ToProto().SubscribeStreamRequest(r))
	if err != nil {
		return nil, err
	}
	return backend.FromProto().SubscribeStreamResponse(answer), nil
}

// RunStream runs the one stream of all viewers until ctx ends, the stream does, or each returns false.
func (p *Plugin) RunStream(ctx context.Context, r *backend.RunStreamRequest, each func(*backend.StreamPacket) bool) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	stream, err := p.stream.RunStream(ctx, backend.ToProto().RunStreamRequest(r))
	if err != nil {
		return err
	}
	for {
		packet, err := stream.Recv()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if !each(backend.FromProto().StreamPacket(packet)) {
			return nil
		}
	}
}
