package frames

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/data"

	"ringside/grafana-plugin/pkg/catalogue"
	"ringside/grafana-plugin/pkg/clickhouse"
	"ringside/grafana-plugin/pkg/model"
)

// Options of a frame.
type Options struct {
	Alert    bool // numeric-long: text columns are labels, no time
	From, To time.Time
	Step     time.Duration // of a series, 0: whatever there is
	Limit    int           // rows asked for, 0: no limit of the query's own
}

// Build makes the frames of a query's rows.
func Build(q *model.Query, rows *clickhouse.Rows, o Options) (data.Frames, error) {
	view, err := catalogue.Find(q.Kind, q.View)
	if err != nil {
		return nil, err
	}
	b := &builder{query: q, view: view, rows: rows, Options: o}
	if len(rows.Fields) == 0 {
		b.rows = nothing(view.Of(b.total()))
	}
	frames, err := b.build()
	if err != nil {
		return nil, err
	}
	if len(frames) == 0 {
		frames = data.Frames{data.NewFrame("")}
	}
	if rows.Truncated {
		frames[0].AppendNotices(data.Notice{Severity: data.NoticeSeverityWarning, Text: fmt.Sprintf("Only the first %d rows are shown: choose a shorter time range, a longer step or fewer queues, or raise the row limit in the data source's settings.", rows.Count)})
	} else if o.Limit > 0 && rows.Count >= o.Limit {
		frames[0].AppendNotices(data.Notice{Severity: data.NoticeSeverityInfo, Text: fmt.Sprintf("There may be more than these %d rows: the query has a limit.", rows.Count)})
	}
	frames[0].AppendNotices(b.notices...)
	return frames, nil
}

// nothing is a result without rows: ClickHouse then tells no columns over HTTP.
func nothing(columns []catalogue.Column) *clickhouse.Rows {
	types := map[catalogue.Type]data.FieldType{catalogue.Number: data.FieldTypeNullableFloat64, catalogue.Text: data.FieldTypeString,
		catalogue.Instant: data.FieldTypeTime, catalogue.Flag: data.FieldTypeNullableBool}
	rows := &clickhouse.Rows{}
	for _, c := range columns {
		f := data.NewFieldFromFieldType(types[c.Type], 0)
		f.Name = c.Name
		rows.Fields = append(rows.Fields, f)
	}
	return rows
}

type builder struct {
	Options
	query   *model.Query
	view    *catalogue.View
	rows    *clickhouse.Rows
	notices []data.Notice
}

func (b *builder) build() (data.Frames, error) {
	switch b.shape() {
	case catalogue.TimeSeries:
		return b.series()
	case catalogue.States:
		return b.states()
	case catalogue.Histogram:
		return b.histogram()
	case catalogue.Heatmap:
		return b.heatmap()
	case catalogue.Annotation:
		return b.annotations()
	}
	if b.query.Kind == catalogue.SQL {
		return b.sql()
	}
	if b.Alert {
		return b.numbers()
	}
	return b.table()
}

// shape is the view's own one, or what the query asks for where there is a time.
func (b *builder) shape() catalogue.Shape {
	timed := b.rows.Field("time") != nil
	switch shape := b.view.Shape; {
	case b.query.Kind == catalogue.SQL:
		return catalogue.Table
	case shape != catalogue.Table && shape != catalogue.TimeSeries:
		return shape
	case timed && (b.query.Format == model.FormatTimeSeries || b.query.Format == "" && shape == catalogue.TimeSeries || b.Alert && b.query.Format == ""):
		return catalogue.TimeSeries
	}
	return catalogue.Table
}

func (b *builder) total() bool { return b.query.GroupBy == model.InTotal }

// keys are the columns that say what a row is of.
func (b *builder) keys() (keys []catalogue.Column) {
	for _, c := range b.view.Of(b.total()) {
		if c.Key && b.rows.Field(c.Name) != nil && (!b.view.Groups || b.view.Kind == catalogue.Agents || b.ofGrouping(c.Name)) {
			keys = append(keys, c)
		}
	}
	return keys
}

// ofGrouping tells whether a key says anything where rows are of queues, of groups, or of all.
func (b *builder) ofGrouping(name string) bool {
	if name == "time" {
		return true
	}
	switch b.query.GroupBy {
	case model.ByQueue:
		return !strings.HasPrefix(name, "group_")
	case model.ByGroup:
		return !strings.HasPrefix(name, "queue_")
	}
	return false
}

// metrics are the columns asked for, or those shown if none are.
func (b *builder) metrics() (metrics []catalogue.Column) {
	names := b.query.Metrics
	chosen := len(names) > 0
	if !chosen {
		names = b.view.Defaults
		if b.total() && b.view.Total != nil {
			names = nil
		}
		if b.query.Variant == model.AllVariants && slices.Contains(names, serviceLevel) {
			names = slices.Clone(names)
			at := slices.Index(names, serviceLevel)
			names = slices.Replace(names, at, at+1, variantColumns()...)
		}
	}
	if len(names) == 0 {
		for _, c := range b.view.Of(b.total()) {
			if !c.Key && field(b.query, b.rows, c.Name) != nil {
				metrics = append(metrics, c)
			}
		}
		return metrics
	}
	var lacking []string
	for _, name := range names {
		c, known := b.view.Column(name, b.total())
		switch {
		case c.Key:
		case !known || field(b.query, b.rows, name) == nil:
			lacking = append(lacking, name)
		default:
			metrics = append(metrics, c)
		}
	}
	if chosen && len(lacking) > 0 {
		b.notices = append(b.notices, data.Notice{Severity: data.NoticeSeverityWarning, Text: "Not to be had with these options: " + strings.Join(lacking, ", ") + "."})
	}
	return metrics
}

func variantColumns() (names []string) {
	for _, v := range catalogue.Variants() {
		names = append(names, "service_level_"+v)
	}
	return names
}

// table is the rows as they are.
func (b *builder) table() (data.Frames, error) {
	frame := data.NewFrame(b.view.Title)
	frame.Meta = &data.FrameMeta{Type: data.FrameTypeTable, PreferredVisualization: data.VisTypeTable}
	var unique []int
	for _, c := range b.keys() {
		if strings.HasSuffix(c.Name, "_id") {
			unique = append(unique, len(frame.Fields))
		}
		frame.Fields = append(frame.Fields, shared(b.rows.Field(c.Name), c.Name, config(c)))
	}
	for _, c := range b.metrics() {
		frame.Fields = append(frame.Fields, shared(field(b.query, b.rows, c.Name), c.Name, config(c)))
	}
	frame.Fields = append(frame.Fields, b.percentiles()...)
	if b.view.Streams && len(unique) > 0 {
		frame.Meta.UniqueRowIDFields = unique
	}
	return data.Frames{frame}, nil
}

// numbers is what alerts want: labels and numbers.
func (b *builder) numbers() (data.Frames, error) {
	frame := data.NewFrame("")
	frame.Meta = &data.FrameMeta{Type: data.FrameTypeNumericLong, TypeVersion: data.FrameTypeVersion{0, 1}}
	for _, c := range b.keys() {
		if c.Type == catalogue.Text {
			frame.Fields = append(frame.Fields, textField(b.rows.Field(c.Name), c.Name))
		}
	}
	metrics := b.metrics()
	for _, c := range metrics {
		if f := field(b.query, b.rows, c.Name); c.Type == catalogue.Number && f.Type().Numeric() {
			frame.Fields = append(frame.Fields, shared(f, c.Name, nil))
		}
	}
	frame.Fields = append(frame.Fields, b.percentiles()...)
	if b.query.Kind == catalogue.QueueStatus {
		frame = told(frame)
	}
	return data.Frames{frame}, nil
}

// told leaves out the queues whose sources tell none of the numbers: there is nothing to alert on, and a number that is never
// there would be one No Data more.
func told(frame *data.Frame) *data.Frame {
	kept := frame.EmptyCopy()
	kept.Meta = frame.Meta
	for row := range frame.Rows() {
		for _, f := range frame.Fields {
			if !f.Type().Numeric() {
				continue
			}
			if _, ok := f.ConcreteAt(row); ok {
				kept.AppendRow(frame.RowCopy(row)...)
				break
			}
		}
	}
	return kept
}

// textField is a label's: without NULLs.
func textField(f *data.Field, name string) *data.Field {
	if !f.Nullable() {
		return shared(f, name, nil)
	}
	texts := make([]string, f.Len())
	for i := range texts {
		if v, ok := f.ConcreteAt(i); ok {
			texts[i] = fmt.Sprint(v)
		}
	}
	return data.NewField(name, nil, texts)
}
