package e2e

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/backend"
	"github.com/grafana/grafana-plugin-sdk-go/data"

	"ringside/store/embedded/embeddedtest"
)

// channelOf asks a query and returns the path of its stream.
func (p *plugin) channelOf(s source, a asked) string {
	p.tb.Helper()
	frames := p.frames(s, a)
	if len(frames) != 1 || frames[0].Meta == nil {
		p.tb.Fatalf("%v: no single frame", a.query)
	}
	path, found := strings.CutPrefix(frames[0].Meta.Channel, "ds/"+s.uid+"/")
	if !found || len(frames[0].Meta.Channel) > 160 {
		p.tb.Fatalf("%v: channel %q", a.query, frames[0].Meta.Channel)
	}
	return path
}

func (p *plugin) subscribe(s source, path string, query map[string]any) backend.SubscribeStreamStatus {
	p.tb.Helper()
	text, err := json.Marshal(query)
	if err != nil {
		p.tb.Fatal(err)
	}
	r, err := p.stream.SubscribeStream(p.tb.Context(), backend.ToProto().SubscribeStreamRequest(&backend.SubscribeStreamRequest{PluginContext: s.context(p.tb), Path: path, Data: text}))
	if err != nil {
		p.tb.Fatal(err)
	}
	return backend.SubscribeStreamStatus(r.Status)
}

// run runs a stream until the test ends, and hands its frames out.
func (p *plugin) run(s source, path string, query map[string]any) <-chan *data.Frame {
	p.tb.Helper()
	text, err := json.Marshal(query)
	if err != nil {
		p.tb.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	p.tb.Cleanup(cancel)
	client, err := p.stream.RunStream(ctx, backend.ToProto().RunStreamRequest(&backend.RunStreamRequest{PluginContext: s.context(p.tb), Path: path, Data: text}))
	if err != nil {
		p.tb.Fatal(err)
	}
	frames := make(chan *data.Frame, 1000)
	go func() {
		defer close(frames)
		for {
			packet, err := client.Recv()
			if err != nil {
				return
			}
			frame := &data.Frame{}
			if err := json.Unmarshal(packet.Data, frame); err != nil {
				return
			}
			frames <- frame
		}
	}()
	return frames
}

func next(tb testing.TB, frames <-chan *data.Frame, what string, wanted func(*data.Frame) bool) *data.Frame {
	tb.Helper()
	end := time.After(30 * time.Second)
	for {
		select {
		case f, open := <-frames:
			if !open {
				tb.Fatalf("%s: the stream has ended", what)
			}
			if wanted(f) {
				return f
			}
		case <-end:
			tb.Fatalf("%s: no such frame", what)
		}
	}
}

func anyFrame(*data.Frame) bool { return true }

var wallboard = []map[string]any{
	{"kind": "queueStatus", "groupBy": "queue"},
	{"kind": "queueStatus", "groupBy": "total", "metrics": []string{"nbr_of_not_served_requesters", "max_wait_time"}},
	{"kind": "agents", "view": "now", "groupBy": "total"},
	{"kind": "engine", "view": "lag"},
	{"kind": "callbacks", "view": "lists"},
	{"kind": "serviceLevel", "view": "live", "groupBy": "total"},
}

// Two hundred viewers of the wallboard cost ClickHouse no more statements than one.
func TestTwoHundredViewers(t *testing.T) {
	w, p := open(t), start(t)
	cost := func(viewers int) int {
		door := newProxy(t, w.url)
		s := w.source()
		s.uid, s.json = fmt.Sprintf("viewers-%d", viewers), map[string]any{"url": door.url, "database": w.database, "pollIntervalMs": 1000}
		for _, q := range wallboard {
			a := asked{query: q, from: w.end.Add(-time.Hour), to: w.end}
			path := p.channelOf(s, a)
			frames := p.run(s, path, q) // Grafana runs one for all
			next(t, frames, "the first frame", anyFrame)
		}
		before := door.count("")
		began := time.Now()
		var all sync.WaitGroup
		for range viewers {
			for _, q := range wallboard {
				all.Go(func() {
					a := asked{query: q, from: w.end.Add(-time.Hour), to: w.end}
					if p.subscribe(s, p.channelOf(s, a), q) != backend.SubscribeStreamStatusOK {
						t.Error("a viewer is not let in")
					}
				})
			}
		}
		all.Wait()
		// The streams go on polling meanwhile: what counts is how many statements there are for each second.
		const watch = 6 * time.Second
		time.Sleep(max(0, watch-time.Since(began)))
		spent := time.Since(began)
		n := door.count("") - before
		t.Logf("%d viewers: %d statements in %v", viewers, n, spent.Round(time.Millisecond))
		return int(float64(n) / spent.Seconds() * 10)
	}
	one, many := cost(1), cost(200)
	if one == 0 || many > one*11/10+5 {
		t.Errorf("statements in ten seconds: %d for one viewer, %d for 200", one, many)
	}
}

// A path belongs to one query of one scope.
func TestSubscriptions(t *testing.T) {
	w, p := open(t), start(t)
	q := map[string]any{"kind": "queueStatus"}
	a := asked{query: q, from: w.begin, to: w.end}
	pinned := w.source().with("organizations", []string{w.ours.String()})
	other := w.source().with("organizations", []string{w.theirs.String()})
	path := p.channelOf(w.source(), a)
	pinnedPath := p.channelOf(pinned, a)
	if path == pinnedPath || pinnedPath == p.channelOf(other, a) {
		t.Fatal("scopes share a path")
	}
	for name, c := range map[string]struct {
		source source
		path   string
		query  map[string]any
		want   backend.SubscribeStreamStatus
	}{
		"its own":               {w.source(), path, q, backend.SubscribeStreamStatusOK},
		"pinned, its own":       {pinned, pinnedPath, q, backend.SubscribeStreamStatusOK},
		"pinned, everybody's":   {pinned, path, q, backend.SubscribeStreamStatusPermissionDenied},
		"pinned, the other's":   {other, pinnedPath, q, backend.SubscribeStreamStatusPermissionDenied},
		"another query":         {w.source(), path, map[string]any{"kind": "engine"}, backend.SubscribeStreamStatusPermissionDenied},
		"foreign organization":  {pinned, pinnedPath, map[string]any{"kind": "queueStatus", "organizations": w.theirs.String()}, backend.SubscribeStreamStatusPermissionDenied},
		"what does not stream":  {w.source(), path, map[string]any{"kind": "calls"}, backend.SubscribeStreamStatusNotFound},
		"no query":              {w.source(), path, nil, backend.SubscribeStreamStatusNotFound},
		"another path":          {w.source(), "x", q, backend.SubscribeStreamStatusNotFound},
		"live switched off":     {w.source().with("live", false), path, q, backend.SubscribeStreamStatusNotFound},
		"the same, said longer": {w.source(), path, map[string]any{"kind": "queueStatus", "view": "now", "groupBy": "queue", "queues": "$__all", "timeZone": "queue"}, backend.SubscribeStreamStatusOK},
	} {
		if got := p.subscribe(c.source, c.path, c.query); got != c.want {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
	}
	for name, c := range map[string]struct {
		source source
		query  map[string]any
	}{"stream off": {w.source(), map[string]any{"kind": "queueStatus", "stream": false}}, "live off": {w.source().with("live", false), q}} {
		if f := p.frames(c.source, asked{query: c.query, from: w.begin, to: w.end}); f[0].Meta.Channel != "" {
			t.Errorf("%s: channel %s", name, f[0].Meta.Channel)
		}
	}
	// A pinned stream carries nothing of the other organization.
	foreign := w.identifiers(t, w.theirs.String())
	texts := seen(data.Frames{next(t, p.run(pinned, pinnedPath, q), "a frame", anyFrame)})
	for _, id := range foreign {
		if texts[id] {
			t.Fatalf("the stream shows %s", id)
		}
	}
	if frames := p.run(pinned, path, q); true {
		if _, open := <-frames; open {
			t.Error("a stream runs on a foreign path")
		}
	}
}

// A stream brings what changes, keeps the figures while ClickHouse is away, says so, and goes on afterwards; a plugin that is
// started anew takes the same path up again.
func TestStreamSurvives(t *testing.T) {
	w, p := open(t), start(t)
	url, database := embeddedtest.Database(t)
	w.copyStatus(t, database)
	door := newProxy(t, url)
	s := source{uid: "survives", json: map[string]any{"url": door.url, "database": database, "pollIntervalMs": 200}, updated: w.end}
	q := map[string]any{"kind": "queueStatus", "groupBy": "total", "metrics": []string{"nbr_of_connected"}}
	path := p.channelOf(s, asked{query: q, from: w.begin, to: w.end})
	frames := p.run(s, path, q)
	connected := func(n float64) func(*data.Frame) bool {
		return func(f *data.Frame) bool {
			v, err := f.Fields[0].FloatAt(0)
			return err == nil && v == n && len(notices(f)) == 0
		}
	}
	first := next(t, frames, "the first frame", func(f *data.Frame) bool { return len(f.Fields) == 1 })
	n, err := first.Fields[0].FloatAt(0)
	if err != nil {
		t.Fatal(err)
	}
	w.addCaller(t, database, 1)
	next(t, frames, "the change", connected(n+1))

	door.close(true)
	broken := next(t, frames, "the trouble", func(f *data.Frame) bool { return len(notices(f)) > 0 })
	if v, err := broken.Fields[0].FloatAt(0); err != nil || v != n+1 || !strings.Contains(notices(broken)[0].Text, "figures are of") {
		t.Errorf("while ClickHouse is away: %v, %v, %v", v, err, notices(broken))
	}
	w.addCaller(t, database, 2)
	door.close(false)
	next(t, frames, "the recovery", connected(n+2))

	p.client.Kill()
	again := start(t)
	next(t, again.run(s, path, q), "after the plugin's restart", connected(n+2))
}

// copyStatus makes a small database of the tables that the wallboard reads.
func (w world) copyStatus(tb testing.TB, database string) {
	tb.Helper()
	for _, table := range []string{"queue_status_now_versions", "accounting_versions", "queues_versions", "queue_daily_call_metrics_versions"} {
		w.sql(tb)("CREATE TABLE " + database + "." + table + " AS " + w.database + "." + table)
		w.sql(tb)("INSERT INTO " + database + "." + table + " SELECT * FROM " + w.database + "." + table)
	}
}

// addCaller connects so many callers more to one queue.
func (w world) addCaller(tb testing.TB, database string, n int) {
	tb.Helper()
	w.sql(tb)(fmt.Sprintf(`INSERT INTO %s.queue_status_now_versions SELECT * REPLACE (version + %d AS version, nbr_of_connected + %d AS nbr_of_connected)
FROM %s.queue_status_now_versions FINAL ORDER BY organization_id, queue_id LIMIT 1`, database, n, 1, database))
}
