package datasource

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"runtime/debug"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/backend"
	"github.com/grafana/grafana-plugin-sdk-go/data"

	"ringside/grafana-plugin/pkg/cache"
	"ringside/grafana-plugin/pkg/catalogue"
	"ringside/grafana-plugin/pkg/clickhouse"
	"ringside/grafana-plugin/pkg/frames"
	"ringside/grafana-plugin/pkg/model"
	"ringside/grafana-plugin/pkg/plan"
	"ringside/grafana-plugin/pkg/sqlmacro"
	"ringside/store/query"
)

// QueryData answers the queries of a panel or an alert rule, each for itself.
func (i *Instance) QueryData(ctx context.Context, req *backend.QueryDataRequest) (*backend.QueryDataResponse, error) {
	asker := askerOf(req)
	response := backend.NewQueryDataResponse()
	var mu sync.Mutex
	var all sync.WaitGroup
	turn := make(chan struct{}, mostParallel)
	for at := range req.Queries {
		q := &req.Queries[at]
		turn <- struct{}{}
		all.Go(func() {
			defer func() { <-turn }()
			answer := i.answer(ctx, q, asker)
			mu.Lock()
			response.Responses[q.RefID] = answer
			mu.Unlock()
		})
	}
	all.Wait()
	return response, nil
}

// asker is who asks, as far as it matters.
type asker struct {
	numbers bool // alert rules and expressions: they want labels and numbers
	follows bool // may follow a stream
	comment string
}

func askerOf(req *backend.QueryDataRequest) asker {
	alert := req.Headers["FromAlert"] == "true" || req.GetHTTPHeader("FromAlert") == "true"
	expression := req.GetHTTPHeader("X-Grafana-From-Expr") == "true"
	comment := map[string]string{}
	for name, header := range map[string]string{"dashboard": "X-Dashboard-Uid", "panel": "X-Panel-Id"} {
		if v := req.GetHTTPHeader(header); v != "" && len(v) <= 64 {
			comment[name] = v
		}
	}
	if alert {
		comment["from"] = "alert"
	}
	text, err := json.Marshal(comment)
	if err != nil {
		text = nil
	}
	return asker{numbers: alert || expression, follows: !alert && !expression, comment: string(text)}
}

// answer never panics: one query must not take the others along.
func (i *Instance) answer(ctx context.Context, q *backend.DataQuery, who asker) (response backend.DataResponse) {
	defer func() {
		if p := recover(); p != nil {
			backend.Logger.FromContext(ctx).Error("a query has failed for a reason of the plugin's own", "error", fmt.Sprint(p), "stack", string(debug.Stack()))
			response = backend.ErrDataResponseWithSource(backend.StatusInternal, backend.ErrorSourcePlugin, "the plugin has an error, see its log")
		}
	}()
	answer, err := i.frames(ctx, q, who)
	if err != nil {
		return failed(err)
	}
	return backend.DataResponse{Frames: answer, Status: backend.StatusOK}
}

func (i *Instance) frames(ctx context.Context, req *backend.DataQuery, who asker) (data.Frames, error) {
	q, err := model.ParseQuery(req.JSON)
	if err != nil {
		return nil, &refusal{http.StatusBadRequest, err}
	}
	filter, err := i.filter(q)
	if err != nil {
		return nil, &refusal{http.StatusForbidden, err}
	}
	channel := ""
	if q.Stream && who.follows && i.settings.Live {
		path := i.path(q)
		channel = "ds/" + i.uid + "/" + path
		if frame, running := i.streams.Last(path); running {
			return data.Frames{onChannel(frame, channel)}, nil
		}
	}
	now := time.Now().UTC()
	r := plan.Range{From: req.TimeRange.From.UTC().Truncate(time.Second), To: ceil(req.TimeRange.To.UTC()), Interval: req.Interval, Now: now.Truncate(time.Second)}
	built, err := i.ask(ctx, q, filter, r, who)
	if err != nil {
		return nil, err
	}
	if channel != "" && len(built) == 1 {
		built[0] = onChannel(built[0], channel)
	}
	return built, nil
}

// ask plans, asks once for all who ask the same within a second, and makes frames. Range and present are in whole seconds,
// so that those who ask in the same second do ask the same.
func (i *Instance) ask(ctx context.Context, q *model.Query, filter query.Filter, r plan.Range, who asker) (data.Frames, error) {
	p, err := i.plan(q, filter, r)
	if err != nil {
		return nil, &refusal{http.StatusBadRequest, err}
	}
	options := clickhouse.Options{Comment: who.comment, DatesAsText: q.Kind != catalogue.SQL}
	rows, err := i.answers.Do(ctx, cacheKey(p.Statement, options.DatesAsText), func(ctx context.Context) (*clickhouse.Rows, int64, error) {
		rows, err := i.client.Query(ctx, p.Statement, options)
		if err != nil {
			return nil, 0, err
		}
		return rows, rows.Bytes, nil
	})
	if err != nil {
		return nil, err
	}
	built, err := frames.Build(q, rows, frames.Options{Alert: who.numbers, From: r.From, To: r.To, Step: p.Step, Limit: p.Limit})
	if err != nil {
		return nil, &refusal{http.StatusBadRequest, err}
	}
	if len(built) > 0 && who.follows {
		if built[0].Meta == nil {
			built[0].Meta = &data.FrameMeta{}
		}
		built[0].Meta.ExecutedQueryString = shown(p.Statement)
	}
	return built, nil
}

func (i *Instance) plan(q *model.Query, filter query.Filter, r plan.Range) (*plan.Plan, error) {
	if q.Kind != catalogue.SQL {
		return plan.New(q, filter, r)
	}
	interval := q.Step
	if interval == 0 {
		interval = r.Interval
	}
	s, err := sqlmacro.Expand(q.SQL, sqlmacro.Values{Filter: filter, From: r.From, To: r.To, Interval: interval, Zone: q.Zone})
	if err != nil {
		return nil, err
	}
	return &plan.Plan{Statement: s}, nil
}

// cacheKey tells statements with their values apart.
func cacheKey(s query.Statement, datesAsText bool) string {
	var b strings.Builder
	b.WriteString(strconv.FormatBool(datesAsText))
	b.WriteString(s.SQL)
	for _, p := range s.Parameters {
		fmt.Fprintf(&b, "\x00%s=%q", p.Name, p.Value)
	}
	return b.String()
}

// shown is a statement for Grafana's query inspector.
func shown(s query.Statement) string {
	const most = 20_000
	var b strings.Builder
	b.WriteString(s.SQL)
	for _, p := range s.Parameters {
		if b.Len() < most {
			fmt.Fprintf(&b, "\n-- %s = %.500v", p.Name, p.Value)
		}
	}
	return b.String()
}

// onChannel is the frame with the channel to follow; a frame may be given to several.
func onChannel(frame *data.Frame, channel string) *data.Frame {
	copied := *frame
	meta := data.FrameMeta{}
	if frame.Meta != nil {
		meta = *frame.Meta
	}
	meta.Channel = channel
	copied.Meta = &meta
	return &copied
}

func ceil(t time.Time) time.Time {
	if whole := t.Truncate(time.Second); !whole.Equal(t) {
		return whole.Add(time.Second)
	}
	return t
}

// refusal is an error of whoever asks.
type refusal struct {
	status int
	err    error
}

func (r *refusal) Error() string { return r.err.Error() }
func (r *refusal) Unwrap() error { return r.err }

// statusCancelled is what HTTP servers log where the client has gone.
const statusCancelled = 499

// status is an error's HTTP status.
func status(err error) int {
	var r *refusal
	var e *clickhouse.Error
	switch {
	case errors.As(err, &r):
		return r.status
	case errors.As(err, &e):
		return e.Status
	case errors.Is(err, cache.ErrBusy):
		return http.StatusTooManyRequests
	case errors.Is(err, context.Canceled):
		return statusCancelled
	case errors.Is(err, context.DeadlineExceeded):
		return http.StatusGatewayTimeout
	}
	return http.StatusInternalServerError
}

// failed: what is wrong with ClickHouse, the network or the query is not the plugin's fault.
func failed(err error) backend.DataResponse {
	code, source := status(err), backend.ErrorSourceDownstream
	if code == http.StatusInternalServerError {
		source = backend.ErrorSourcePlugin
	}
	return backend.DataResponse{Error: err, Status: backend.Status(code), ErrorSource: source}
}
