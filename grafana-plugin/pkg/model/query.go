package model

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"ringside/grafana-plugin/pkg/catalogue"
)

// The ways to put queues together.
const (
	ByQueue = "queue"
	ByGroup = "group"
	InTotal = "total"
)

// The readings of the service level.
const (
	IgnoreShortAbandons = "ignore_short_abandons"
	AllVariants         = "all"
)

// Formats of frames; "" is the natural one of the kind.
const (
	FormatTable      = "table"
	FormatTimeSeries = "timeseries"
)

// Limits on what a query may hold. Grafana's variables easily stand for every queue there is.
const (
	MaxIDs         = 20_000
	MaxTexts       = 100
	MaxPercentiles = 20
	MaxSQL         = 100_000
	MaxRows        = 10_000
	defaultRows    = 1_000
)

// Query is one question, checked. Lists are sorted and without copies; an empty list of identifiers stands for all.
type Query struct {
	Kind          string        `json:"kind"`
	View          string        `json:"view"`
	Metrics       []string      `json:"metrics,omitempty"`
	GroupBy       string        `json:"groupBy"`
	Organizations []uuid.UUID   `json:"organizations,omitempty"`
	Groups        []uuid.UUID   `json:"groups,omitempty"`
	Queues        []uuid.UUID   `json:"queues,omitempty"`
	Agents        []uuid.UUID   `json:"agents,omitempty"`
	CallLists     []uuid.UUID   `json:"callLists,omitempty"`
	ByEnd         bool          `json:"byEnd,omitempty"`
	Rolling       time.Duration `json:"rolling,omitempty"`
	Variant       string        `json:"variant"`
	Threshold     time.Duration `json:"threshold,omitempty"`
	Percentiles   []float64     `json:"percentiles,omitempty"`
	Step          time.Duration `json:"step,omitempty"`     // 0: from Grafana's interval
	Zone          string        `json:"zone,omitempty"`     // "": each queue's own
	DateZone      string        `json:"dateZone,omitempty"` // whose dates a range of days covers
	Outcomes      []string      `json:"outcomes,omitempty"`
	Directions    []string      `json:"directions,omitempty"`
	CallID        uuid.UUID     `json:"callId,omitzero"`
	Limit         int           `json:"limit"`
	SQL           string        `json:"sql,omitempty"`
	Format        string        `json:"format,omitempty"`
	Stream        bool          `json:"stream"`
}

// wire is a query as panels keep it.
type wire struct {
	Kind              string    `json:"kind"`
	View              string    `json:"view"`
	Metrics           texts     `json:"metrics"`
	GroupBy           string    `json:"groupBy"`
	Organizations     texts     `json:"organizations"`
	Groups            texts     `json:"groups"`
	Queues            texts     `json:"queues"`
	Agents            texts     `json:"agents"`
	CallLists         texts     `json:"callLists"`
	Attribution       string    `json:"attribution"`
	Rolling           string    `json:"rolling"`
	Variant           string    `json:"variant"`
	Threshold         *float64  `json:"threshold"`
	Percentiles       []float64 `json:"percentiles"`
	Interval          string    `json:"interval"`
	TimeZone          string    `json:"timeZone"`
	DashboardTimeZone string    `json:"dashboardTimeZone"`
	Outcomes          texts     `json:"outcomes"`
	Directions        texts     `json:"directions"`
	CallID            string    `json:"callId"`
	Limit             int       `json:"limit"`
	SQL               string    `json:"sql"`
	Format            string    `json:"format"`
	Stream            *bool     `json:"stream"`
}

// ParseQuery reads a query. Errors name the member and what it may be.
func ParseQuery(text []byte) (*Query, error) {
	var w wire
	if err := json.Unmarshal(text, &w); err != nil {
		return nil, fmt.Errorf("the query cannot be read: %w", err)
	}
	view, err := catalogue.Find(w.Kind, w.View)
	if err != nil {
		return nil, err
	}
	q := &Query{Kind: view.Kind, View: view.Name, Limit: w.Limit, SQL: w.SQL, Stream: view.Streams && (w.Stream == nil || *w.Stream)}
	steps := []func(*wire) error{q.readIDs, q.readChoices, q.readTimes, q.readZone, q.readCalls}
	for _, read := range steps {
		if err := read(&w); err != nil {
			return nil, err
		}
	}
	if q.Metrics, err = view.Choose(w.Metrics); err != nil {
		return nil, err
	}
	return q, q.settle(view)
}

// settle takes away what the view does not look at, so that queries that ask the same are the same.
func (q *Query) settle(view *catalogue.View) error {
	if !view.Groups {
		q.GroupBy = ByQueue
	}
	if view.Kind != catalogue.ServiceLevel && view.Kind != catalogue.IntervalMetrics {
		q.Rolling, q.ByEnd, q.Threshold = 0, false, 0
	}
	switch {
	case view.Name == "rolling" && q.Rolling == 0:
		q.Rolling = 30 * time.Minute
	case view.Name == "live":
		if q.Rolling = 0; q.Threshold > 0 {
			return errors.New("threshold: the live service level has each queue's own; choose the view rolling, intervals or days for another one")
		}
	case view.Kind == catalogue.ServiceLevel && view.Name != "rolling":
		q.Rolling = 0
	}
	if view.Name != "percentiles" {
		q.Percentiles = nil
	}
	if view.Kind != catalogue.Calls {
		q.Outcomes, q.Directions, q.CallID = nil, nil, uuid.Nil
	}
	if view.Kind != catalogue.DailyMetrics {
		q.DateZone = ""
	}
	if !view.Ranged {
		q.Step, q.Zone = 0, ""
	}
	if view.Streams {
		q.Limit = 0
	}
	if view.Kind == catalogue.SQL {
		q.Metrics = nil
		if strings.TrimSpace(q.SQL) == "" {
			return errors.New("the query has no SQL")
		}
	} else {
		q.SQL = ""
	}
	return nil
}

func (q *Query) readIDs(w *wire) (err error) {
	for _, list := range []struct {
		member string
		texts  texts
		to     *[]uuid.UUID
	}{{"organizations", w.Organizations, &q.Organizations}, {"groups", w.Groups, &q.Groups}, {"queues", w.Queues, &q.Queues},
		{"agents", w.Agents, &q.Agents}, {"callLists", w.CallLists, &q.CallLists}} {
		if *list.to, err = ParseIDs(list.member, list.texts); err != nil {
			return err
		}
	}
	return nil
}

func (q *Query) readChoices(w *wire) (err error) {
	if q.GroupBy, err = oneOf("groupBy", w.GroupBy, ByQueue, ByGroup, InTotal); err != nil {
		return err
	}
	if q.Variant, err = oneOf("variant", w.Variant, append(catalogue.Variants(), AllVariants)...); err != nil {
		return err
	}
	attribution, err := oneOf("attribution", w.Attribution, "begin", "end")
	if err != nil {
		return err
	}
	q.ByEnd = attribution == "end"
	q.Format, err = oneOf("format", w.Format, "", FormatTable, FormatTimeSeries)
	return err
}

// readZone leaves "" for the queues' own zones. A range of days then covers the dates that the dashboard shows.
func (q *Query) readZone(w *wire) error {
	switch w.TimeZone {
	case "", "queue":
	case "dashboard":
		q.Zone = w.DashboardTimeZone
	default:
		q.Zone = w.TimeZone
	}
	if q.DateZone = q.Zone; q.DateZone == "" {
		q.DateZone = w.DashboardTimeZone
	}
	for _, zone := range []*string{&q.Zone, &q.DateZone} {
		switch *zone {
		case "":
			continue
		case "utc":
			*zone = "UTC"
		}
		// "Local" is whatever zone this process happens to run in.
		if _, err := time.LoadLocation(*zone); err != nil || *zone == "Local" || len(*zone) > 64 {
			return fmt.Errorf(`timeZone %.64q is not known; it may be "queue", "dashboard" or an IANA name such as Europe/Helsinki`, *zone)
		}
	}
	return nil
}

func (q *Query) readCalls(w *wire) (err error) {
	if q.Outcomes, err = parseTexts("outcomes", w.Outcomes); err != nil {
		return err
	}
	if q.Directions, err = parseTexts("directions", w.Directions); err != nil {
		return err
	}
	if id := strings.TrimSpace(w.CallID); id != "" {
		if q.CallID, err = uuid.Parse(id); err != nil {
			return fmt.Errorf("callId %.64q is no UUID", id)
		}
	}
	if q.Kind == catalogue.Calls && q.View == "events" && q.CallID == uuid.Nil {
		return fmt.Errorf("the events of a call need its callId")
	}
	if q.Limit < 0 || q.Limit > MaxRows {
		return fmt.Errorf("limit %d: it may be 1 to %d; 0 or nothing stands for %d", q.Limit, MaxRows, defaultRows)
	}
	if q.Limit == 0 {
		q.Limit = defaultRows
	}
	if len(q.SQL) > MaxSQL {
		return fmt.Errorf("the SQL has %d bytes; the most are %d", len(q.SQL), MaxSQL)
	}
	return nil
}

// Canonical is the same text for queries that ask the same.
func (q *Query) Canonical() []byte {
	text, err := json.Marshal(q)
	if err != nil {
		panic("BUG: a query cannot be written: " + err.Error()) // NaN and infinities are refused on reading
	}
	return text
}

func oneOf(member, value string, values ...string) (string, error) {
	if value == "" {
		return values[0], nil
	}
	if slices.Contains(values, value) {
		return value, nil
	}
	return "", fmt.Errorf("%s %.64q is not known; it may be %s", member, value, strings.Join(slices.DeleteFunc(values, func(v string) bool { return v == "" }), ", "))
}
