package catalogue

import (
	"fmt"
	"slices"
	"strings"
)

// The kinds of questions.
const (
	QueueStatus        = "queueStatus"
	QueueStatusHistory = "queueStatusHistory"
	DailyMetrics       = "dailyMetrics"
	IntervalMetrics    = "intervalMetrics"
	ServiceLevel       = "serviceLevel"
	Waits              = "waits"
	Calls              = "calls"
	Callbacks          = "callbacks"
	Agents             = "agents"
	Reconciliation     = "reconciliation"
	Engine             = "engine"
	Annotations        = "annotations"
	SQL                = "sql"
)

// Shape is how a view's rows become frames.
type Shape string

// The shapes.
const (
	Table      Shape = "table"
	TimeSeries Shape = "timeseries"
	States     Shape = "states"     // one frame with one text field for each agent
	Histogram  Shape = "histogram"  // xMin, xMax and a count for each queue
	Heatmap    Shape = "heatmap"    // a field for each bucket
	Annotation Shape = "annotation" // time, timeEnd, title, text, tags
)

// View is one way of asking a kind.
type View struct {
	Kind, Name  string
	Title       string
	Description string
	Shape       Shape
	Streams     bool     // can be had by Grafana Live
	Ranged      bool     // looks at the panel's time range
	Groups      bool     // can be put together by queue group or in total
	Columns     []Column // keys first
	Total       []Column // where the columns in total are others
	Defaults    []string // columns shown where none are chosen, besides the keys; none: all
	Labels      []string // the columns whose values tell one series from another; none: those of the grouping
}

// Metrics are the columns that can be chosen.
func (v *View) Metrics() (metrics []Column) {
	for _, c := range join(v.Columns, v.Total) {
		if !c.Key && !slices.ContainsFunc(metrics, func(m Column) bool { return m.Name == c.Name }) {
			metrics = append(metrics, c)
		}
	}
	return metrics
}

// Of are the columns where rows are of queues or groups, or in total.
func (v *View) Of(total bool) []Column {
	if total && v.Total != nil {
		return v.Total
	}
	return v.Columns
}

// Column returns the column of a name.
func (v *View) Column(name string, total bool) (Column, bool) {
	for _, c := range v.Of(total) {
		if c.Name == name {
			return c, true
		}
	}
	return Column{}, false
}

// Choose checks the names of columns; each is wanted once, in the order asked for. None: nil.
func (v *View) Choose(names []string) ([]string, error) {
	var chosen []string
	for _, name := range names {
		name = strings.TrimSpace(name)
		if name == "" || slices.Contains(chosen, name) {
			continue
		}
		if !slices.Contains(v.names(), name) {
			return nil, fmt.Errorf("metrics: %.64q is no column of %s; there are: %s", name, v.path(), strings.Join(v.names(), ", "))
		}
		chosen = append(chosen, name)
	}
	return chosen, nil
}

func (v *View) names() (names []string) {
	for _, c := range join(v.Columns, v.Total) {
		if !slices.Contains(names, c.Name) {
			names = append(names, c.Name)
		}
	}
	return names
}

func (v *View) path() string {
	if v.Name == "" {
		return v.Kind
	}
	return v.Kind + "/" + v.Name
}

// Find returns the view of a kind, the kind's first where it is not named.
func Find(kind, name string) (*View, error) {
	var kinds, views []string
	for i := range Views {
		v := &Views[i]
		if !slices.Contains(kinds, v.Kind) {
			kinds = append(kinds, v.Kind)
		}
		if v.Kind == kind {
			if name == "" || name == v.Name {
				return v, nil
			}
			views = append(views, v.Name)
		}
	}
	if len(views) > 0 {
		return nil, fmt.Errorf("view %.64q of kind %s is not known; there are: %s", name, kind, strings.Join(views, ", "))
	}
	if kind == "" {
		return nil, fmt.Errorf("the query has no kind; there are: %s", strings.Join(kinds, ", "))
	}
	return nil, fmt.Errorf("kind %.64q is not known; there are: %s", kind, strings.Join(kinds, ", "))
}

// Variants are the readings of the service level; the first is the default.
func Variants() []string {
	return []string{"ignore_short_abandons", "all_offered", "answered_only", "short_abandons_met"}
}
