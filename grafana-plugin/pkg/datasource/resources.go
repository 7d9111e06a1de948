package datasource

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"github.com/google/uuid"
	"github.com/grafana/grafana-plugin-sdk-go/backend"

	"ringside/grafana-plugin/pkg/catalogue"
	"ringside/grafana-plugin/pkg/clickhouse"
	"ringside/grafana-plugin/pkg/model"
	"ringside/grafana-plugin/pkg/sqlmacro"
	"ringside/store/query"
)

const (
	defaultChoices = 200
	maxSearch      = 200
)

func (i *Instance) routes() http.Handler {
	mux := http.NewServeMux()
	for path, statement := range map[string]func(query.Filter, string, int) query.Statement{
		"/organizations": query.LookupOrganizations, "/groups": query.LookupGroups, "/queues": query.LookupQueues,
		"/agents": query.LookupAgents, "/callLists": query.LookupCallLists,
	} {
		mux.HandleFunc("GET "+path, reply(func(r *http.Request) (any, error) { return i.lookup(r, statement) }))
	}
	mux.HandleFunc("GET /kinds", reply(func(*http.Request) (any, error) { return kinds(), nil }))
	mux.HandleFunc("GET /macros", reply(func(*http.Request) (any, error) { return macros(), nil }))
	mux.HandleFunc("GET /schema", reply(func(r *http.Request) (any, error) { return i.schema(r.Context()) }))
	return mux
}

// reply writes what a resource is, or what is wrong.
func reply(what func(*http.Request) (any, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		answer, err := what(r)
		code := http.StatusOK
		if err != nil {
			answer, code = map[string]string{"message": err.Error()}, status(err)
		}
		text, err := json.Marshal(answer)
		if err != nil {
			backend.Logger.FromContext(r.Context()).Error("a resource cannot be written", "path", r.URL.Path, "error", err.Error())
			code, text = http.StatusInternalServerError, []byte(`{"message":"the plugin has an error, see its log"}`)
		}
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(code)
		_, _ = w.Write(text) // Grafana has gone
	}
}

// choice is one entry of a pick-list.
type choice struct {
	Value        string `json:"value"`
	Text         string `json:"text"`
	Organization string `json:"organization"`
}

func (i *Instance) lookup(r *http.Request, statement func(query.Filter, string, int) query.Statement) (any, error) {
	values := r.URL.Query()
	q := &model.Query{}
	var err error
	for name, to := range map[string]*[]uuid.UUID{"organizations": &q.Organizations, "groups": &q.Groups, "queues": &q.Queues, "agents": &q.Agents, "callLists": &q.CallLists} {
		if *to, err = model.ParseIDs(name, values[name]); err != nil {
			return nil, &refusal{http.StatusBadRequest, err}
		}
	}
	limit := defaultChoices
	if text := values.Get("limit"); text != "" {
		if limit, err = strconv.Atoi(text); err != nil || limit <= 0 {
			return nil, &refusal{http.StatusBadRequest, fmt.Errorf("limit %.20q is no number above 0", text)}
		}
	}
	search := values.Get("search")
	if len(search) > maxSearch {
		return nil, &refusal{http.StatusBadRequest, fmt.Errorf("search is longer than %d bytes", maxSearch)}
	}
	filter, err := i.filter(q)
	if err != nil {
		return nil, &refusal{http.StatusForbidden, err}
	}
	rows, err := i.read(r.Context(), statement(filter, search, min(limit, query.MaxRows)))
	if err != nil {
		return nil, err
	}
	choices := make([]choice, rows.Count)
	for at := range choices {
		choices[at] = choice{text(rows, "value", at), text(rows, "text", at), text(rows, "organization", at)}
	}
	return choices, nil
}

// read asks with the same cache as queries: two hundred dashboards open at once ask for the same lists.
func (i *Instance) read(ctx context.Context, s query.Statement) (*clickhouse.Rows, error) {
	return i.answers.Do(ctx, cacheKey(s, true), func(ctx context.Context) (*clickhouse.Rows, int64, error) {
		rows, err := i.client.Query(ctx, s, clickhouse.Options{DatesAsText: true, Comment: `{"from":"editor"}`})
		if err != nil {
			return nil, 0, err
		}
		return rows, rows.Bytes, nil
	})
}

func text(rows *clickhouse.Rows, column string, at int) string {
	if f := rows.Field(column); f != nil {
		if v, has := f.ConcreteAt(at); has {
			return fmt.Sprint(v)
		}
	}
	return ""
}

type (
	kindInfo struct {
		Kind  string     `json:"kind"`
		Views []viewInfo `json:"views"`
	}
	viewInfo struct {
		View        string       `json:"view"`
		Title       string       `json:"title"`
		Description string       `json:"description"`
		Shape       string       `json:"shape"`
		Streams     bool         `json:"streams"`
		Ranged      bool         `json:"ranged"`
		Groups      bool         `json:"groups"`
		Metrics     []metricInfo `json:"metrics"`
	}
	metricInfo struct {
		Name        string `json:"name"`
		Title       string `json:"title"`
		Unit        string `json:"unit,omitempty"`
		Type        string `json:"type"`
		Description string `json:"description"`
		Default     bool   `json:"default"`
	}
)

// kinds is the catalogue for the editor.
func kinds() (list []*kindInfo) {
	byKind := map[string]*kindInfo{}
	for at := range catalogue.Views {
		v := &catalogue.Views[at]
		k := byKind[v.Kind]
		if k == nil {
			k = &kindInfo{Kind: v.Kind}
			byKind[v.Kind], list = k, append(list, k)
		}
		info := viewInfo{View: v.Name, Title: v.Title, Description: v.Description, Shape: string(v.Shape), Streams: v.Streams, Ranged: v.Ranged, Groups: v.Groups, Metrics: []metricInfo{}}
		defaults := strings.Join(v.Defaults, ",") + ","
		for _, c := range v.Metrics() {
			info.Metrics = append(info.Metrics, metricInfo{c.Name, c.Title, c.Unit, string(c.Type), c.Description, len(v.Defaults) == 0 || strings.Contains(","+defaults, ","+c.Name+",")})
		}
		k.Views = append(k.Views, info)
	}
	return list
}

type macroInfo struct {
	Name        string `json:"name"`
	Usage       string `json:"usage"`
	Description string `json:"description"`
}

func macros() (list []macroInfo) {
	for _, m := range sqlmacro.Macros {
		list = append(list, macroInfo{m.Name, m.Name + m.Arguments, m.Description})
	}
	return list
}

type (
	tableInfo struct {
		Name    string       `json:"name"`
		Columns []columnInfo `json:"columns"`
	}
	columnInfo struct {
		Name        string `json:"name"`
		Type        string `json:"type"`
		Description string `json:"description,omitempty"`
	}
)

// schema is what SQL may ask for. The names of tables are no secret of an organization.
func (i *Instance) schema(ctx context.Context) (any, error) {
	rows, err := i.read(ctx, query.Schema())
	if err != nil {
		return nil, err
	}
	list := []*tableInfo{}
	for at := range rows.Count {
		name := text(rows, "table", at)
		if len(list) == 0 || list[len(list)-1].Name != name {
			list = append(list, &tableInfo{Name: name})
		}
		t := list[len(list)-1]
		t.Columns = append(t.Columns, columnInfo{text(rows, "column", at), text(rows, "type", at), text(rows, "comment", at)})
	}
	return list, nil
}
