package main

import (
	"encoding/json"
	"fmt"
	"html/template"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/backend"

	"ringside/grafana-plugin/internal/host"
)

// site answers what a dashboard asks of Grafana.
type site struct {
	plugin     *host.Plugin
	source     host.DataSource
	dashboards map[string]json.RawMessage // by uid
	titles     map[string]string
}

func newSite(p *host.Plugin, dashboards, bundle string, source host.DataSource) (http.Handler, error) {
	s := &site{plugin: p, source: source, dashboards: map[string]json.RawMessage{}, titles: map[string]string{}}
	files, err := filepath.Glob(filepath.Join(dashboards, "*.json"))
	if err != nil {
		return nil, err
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			return nil, err
		}
		var head struct{ UID, Title string }
		if err := json.Unmarshal(text, &head); err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
		s.dashboards[head.UID], s.titles[head.UID] = text, head.Title
	}
	if len(s.dashboards) == 0 {
		return nil, fmt.Errorf("there are no dashboards in %s", dashboards)
	}
	m := http.NewServeMux()
	m.Handle("GET /preview/", http.StripPrefix("/preview/", http.FileServer(http.Dir(bundle))))
	m.HandleFunc("GET /dashboards/{uid}", s.dashboard)
	m.HandleFunc("GET /d/{uid}", func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "/?dashboard="+r.PathValue("uid")+"&"+r.URL.RawQuery, http.StatusFound)
	})
	m.HandleFunc("GET /{$}", s.page)
	m.HandleFunc("POST /api/ds/query", s.query)
	m.HandleFunc("GET /api/datasources/uid/{uid}/resources/{path...}", s.resource)
	return m, nil
}

var shell = template.Must(template.New("").Parse(`<!DOCTYPE html><html><head><meta charset="utf-8"><title>Ringside</title>
<link rel="stylesheet" href="/preview/styles.css"><link rel="stylesheet" href="/preview/uPlot.min.css">
<style>body{margin:0;font-family:Inter,"DejaVu Sans",sans-serif;color:#ccccdc;background:#111217}a{color:#6e9fff}</style></head><body>
{{if .}}<ul>{{range $uid, $title := .}}<li><a href="/?dashboard={{$uid}}">{{$title}}</a></li>{{end}}</ul>{{else}}<div id="root"></div><script src="/preview/preview.js"></script>{{end}}
</body></html>`))

func (s *site) page(w http.ResponseWriter, r *http.Request) {
	var list map[string]string // the table of contents
	if r.URL.Query().Get("dashboard") == "" {
		list = s.titles
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	if err := shell.Execute(w, list); err != nil {
		fmt.Fprintln(os.Stderr, "preview: "+err.Error())
	}
}

func (s *site) dashboard(w http.ResponseWriter, r *http.Request) {
	text, ok := s.dashboards[r.PathValue("uid")]
	if !ok {
		http.NotFound(w, r)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_, _ = w.Write(text)
}

// query is POST /api/ds/query of Grafana: queries with their members, and a range.
func (s *site) query(w http.ResponseWriter, r *http.Request) {
	var asked struct {
		From, To string
		Queries  []json.RawMessage
	}
	if err := json.NewDecoder(r.Body).Decode(&asked); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	span, err := timeRange(asked.From, asked.To)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	request := &backend.QueryDataRequest{PluginContext: s.source.Context(), Headers: map[string]string{}}
	for _, text := range asked.Queries {
		q := backend.DataQuery{JSON: text, TimeRange: span}
		head := struct {
			RefID         *string
			IntervalMS    *float64
			MaxDataPoints *int64
		}{&q.RefID, new(float64), &q.MaxDataPoints}
		if err := json.Unmarshal(text, &head); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		q.Interval = time.Duration(*head.IntervalMS) * time.Millisecond
		request.Queries = append(request.Queries, q)
	}
	answer, err := s.plugin.QueryData(r.Context(), request)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadGateway)
		return
	}
	writeJSON(w, answer)
}

// timeRange reads milliseconds since 1970, as Grafana's pages send them.
func timeRange(from, to string) (backend.TimeRange, error) {
	var ms [2]int64
	for i, text := range []string{from, to} {
		var err error
		if ms[i], err = strconv.ParseInt(text, 10, 64); err != nil {
			return backend.TimeRange{}, fmt.Errorf("%q is no time in milliseconds", text)
		}
	}
	return backend.TimeRange{From: time.UnixMilli(ms[0]), To: time.UnixMilli(ms[1])}, nil
}

func (s *site) resource(w http.ResponseWriter, r *http.Request) {
	answer, err := s.plugin.CallResource(r.Context(), &backend.CallResourceRequest{PluginContext: s.source.Context(), Path: r.PathValue("path"), Method: r.Method,
		URL: strings.TrimSuffix(r.PathValue("path")+"?"+r.URL.RawQuery, "?"), Headers: map[string][]string{}})
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadGateway)
		return
	}
	for name, values := range answer.Headers {
		w.Header()[name] = values
	}
	w.WriteHeader(answer.Status)
	_, _ = w.Write(answer.Body)
}

func writeJSON(w http.ResponseWriter, value any) {
	text, err := json.Marshal(value)
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_, _ = w.Write(text)
}
