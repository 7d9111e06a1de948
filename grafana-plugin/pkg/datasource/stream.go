package datasource

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/backend"
	"github.com/grafana/grafana-plugin-sdk-go/data"

	"ringside/grafana-plugin/pkg/model"
	"ringside/grafana-plugin/pkg/plan"
	"ringside/store/query"
)

// streamed is the query of a stream, if the path is its own: Grafana gives everybody who may use the data source any path.
func (i *Instance) streamed(path string, text []byte) (*model.Query, query.Filter, backend.SubscribeStreamStatus) {
	if !strings.HasPrefix(path, pathPrefix) || !i.settings.Live {
		return nil, query.Filter{}, backend.SubscribeStreamStatusNotFound
	}
	q, err := model.ParseQuery(text)
	if err != nil || !q.Stream {
		return nil, query.Filter{}, backend.SubscribeStreamStatusNotFound
	}
	filter, err := i.filter(q)
	if err != nil || i.path(q) != path {
		return nil, query.Filter{}, backend.SubscribeStreamStatusPermissionDenied
	}
	return q, filter, backend.SubscribeStreamStatusOK
}

// SubscribeStream lets in who can tell the query. Who joins a stream that runs is given its last frame at once.
func (i *Instance) SubscribeStream(_ context.Context, req *backend.SubscribeStreamRequest) (*backend.SubscribeStreamResponse, error) {
	_, _, status := i.streamed(req.Path, req.Data)
	response := &backend.SubscribeStreamResponse{Status: status}
	if status != backend.SubscribeStreamStatusOK {
		return response, nil
	}
	if frame, running := i.streams.Last(req.Path); running {
		initial, err := backend.NewInitialFrame(frame, data.IncludeAll)
		if err != nil {
			return nil, err
		}
		response.InitialData = initial
	}
	return response, nil
}

// PublishStream: nobody tells a wallboard what to show.
func (i *Instance) PublishStream(context.Context, *backend.PublishStreamRequest) (*backend.PublishStreamResponse, error) {
	return &backend.PublishStreamResponse{Status: backend.PublishStreamStatusPermissionDenied}, nil
}

// RunStream is called once for a path, however many follow it.
func (i *Instance) RunStream(ctx context.Context, req *backend.RunStreamRequest, sender *backend.StreamSender) error {
	q, filter, status := i.streamed(req.Path, req.Data)
	if status != backend.SubscribeStreamStatusOK {
		return errors.New("the stream's path does not belong to its query")
	}
	poll := func(ctx context.Context) (*data.Frame, error) {
		// Streams of the same figures fall into the same slot of time, and ask once.
		now := time.Now().UTC().Truncate(i.settings.PollInterval)
		built, err := i.ask(ctx, q, filter, plan.Range{From: now, To: now, Now: now}, asker{comment: `{"from":"stream"}`})
		if err != nil {
			return nil, err
		}
		return built[0], nil
	}
	return i.streams.Run(ctx, req.Path, poll, sender.SendBytes)
}
