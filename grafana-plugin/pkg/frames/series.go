package frames

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/data"

	"ringside/grafana-plugin/pkg/catalogue"
	"ringside/grafana-plugin/pkg/model"
)

// maxCells bounds a frame of series: times × series.
const maxCells = 4_000_000

// series is one wide frame: a field of times and one for each row's name and metric, with labels.
func (b *builder) series() (data.Frames, error) {
	metrics := slices.DeleteFunc(b.metrics(), func(c catalogue.Column) bool { return c.Type != catalogue.Number })
	labels := b.labelColumns()
	times, at := b.times()
	frame := data.NewFrame("")
	frame.Meta = &data.FrameMeta{Type: data.FrameTypeTimeSeriesWide, TypeVersion: data.FrameTypeVersion{0, 1}, PreferredVisualization: data.VisTypeGraph}
	timeField := data.NewField("time", nil, times)
	if b.Step > 0 {
		timeField.Config = &data.FieldConfig{Interval: float64(b.Step.Milliseconds())}
	}
	frame.Fields = append(frame.Fields, timeField)
	index := map[string][]*data.Field{}
	sources := make([]*data.Field, len(metrics))
	for i, c := range metrics {
		sources[i] = field(b.query, b.rows, c.Name)
	}
	percentiles := b.percentiles()
	for row := range b.rows.Count {
		key, values := b.labelsAt(labels, row)
		fields, known := index[key]
		if !known {
			if (len(frame.Fields)+len(metrics)+len(percentiles))*len(times) > maxCells {
				return nil, fmt.Errorf("the query has too many series of too many points: choose fewer queues, groups or the total, a longer step or a shorter time range")
			}
			fields = b.newSeries(metrics, percentiles, values, len(times))
			index[key] = fields
			frame.Fields = append(frame.Fields, fields...)
		}
		for i, source := range append(slices.Clone(sources), percentiles...) {
			if v, err := source.NullableFloatAt(row); err == nil {
				fields[i].Set(at[row], v)
			}
		}
	}
	return data.Frames{frame}, nil
}

// labelColumns are those whose values tell the series apart.
func (b *builder) labelColumns() []string {
	if b.view.Labels != nil {
		return b.view.Labels
	}
	switch b.query.GroupBy {
	case model.ByQueue:
		return []string{"organization_id", "queue_id", "queue_name"}
	case model.ByGroup:
		return []string{"organization_id", "group_id", "group_name"}
	}
	return nil
}

func (b *builder) labelsAt(columns []string, row int) (string, data.Labels) {
	labels := data.Labels{}
	var key strings.Builder
	for _, name := range columns {
		f := b.rows.Field(name)
		if f == nil {
			continue
		}
		value := ""
		if v, ok := f.ConcreteAt(row); ok {
			value = fmt.Sprint(v)
		}
		label := strings.TrimSuffix(name, "_name")
		labels[label] = value
		if label == name { // a name may have changed in the meantime
			key.WriteString(value)
			key.WriteByte(0)
		}
	}
	return key.String(), labels
}

// newSeries are the fields of one row's name: a count is 0 where nothing is told, anything else is not known then.
func (b *builder) newSeries(metrics []catalogue.Column, percentiles []*data.Field, labels data.Labels, n int) (fields []*data.Field) {
	name := seriesName(labels)
	several := len(metrics)+len(percentiles) > 1
	add := func(column, title string, c *data.FieldConfig, zeros bool) {
		values := make([]*float64, n)
		if zeros {
			for i := range values {
				values[i] = new(float64)
			}
		}
		f := data.NewField(column, labels, values)
		f.Config = c
		switch {
		case name == "":
			c.DisplayNameFromDS = title
		case several:
			c.DisplayNameFromDS = name + " · " + title
		default:
			c.DisplayNameFromDS = name
		}
		fields = append(fields, f)
	}
	for _, c := range metrics {
		add(c.Name, c.Title, config(c), b.counted(c))
	}
	for _, p := range percentiles {
		c := *p.Config
		add(p.Name, c.DisplayNameFromDS, &c, false)
	}
	return fields
}

// counted tells whether no row means none: of calls and events by step, not of a state over time.
func (b *builder) counted(c catalogue.Column) bool {
	byStep := b.view.Kind == catalogue.IntervalMetrics || b.view.Kind == catalogue.DailyMetrics || b.view.Kind == catalogue.ServiceLevel ||
		b.view.Kind == catalogue.Engine || b.view.Kind == catalogue.Waits
	return byStep && c.Unit == catalogue.Plain && c.Decimals == 0
}

// seriesName is the label that people read.
func seriesName(labels data.Labels) string {
	for _, label := range []string{"queue", "group", "agent", "call_list", "reason", "kind"} {
		if labels[label] != "" {
			return labels[label]
		}
	}
	for _, label := range []string{"queue_id", "group_id", "agent_id", "call_list_id", "organization_id"} {
		if labels[label] != "" {
			return labels[label]
		}
	}
	return ""
}

// times are the points of all series together, and at which of them each row is. Steps of counts in which nobody called are
// filled in, up to now.
func (b *builder) times() (times []time.Time, at []int) {
	source := b.rows.Field("time")
	stamps := make([]int64, b.rows.Count)
	for i := range stamps {
		if v, ok := source.ConcreteAt(i); ok {
			stamps[i] = v.(time.Time).UnixMicro()
		}
	}
	all := slices.Compact(slices.Sorted(slices.Values(append(slices.Clone(stamps), b.emptySteps(stamps)...))))
	place := make(map[int64]int, len(all))
	for i, us := range all {
		place[us] = i
		times = append(times, time.UnixMicro(us).UTC())
	}
	at = make([]int, len(stamps))
	for i, us := range stamps {
		at[i] = place[us]
	}
	if times == nil {
		times = []time.Time{}
	}
	return times, at
}

// emptySteps continues the steps of the rows over the range, where all rows lie on one grid: not where queues' zones differ
// by less than a step, or days do in length.
func (b *builder) emptySteps(stamps []int64) (empty []int64) {
	step := b.Step.Microseconds()
	if b.view.Kind != catalogue.IntervalMetrics && b.view.Kind != catalogue.ServiceLevel || step <= 0 || b.Step >= 24*time.Hour || len(stamps) == 0 {
		return nil
	}
	for _, us := range stamps {
		if us%step != stamps[0]%step {
			return nil
		}
	}
	const most = 11_000
	first := b.From.UnixMicro() - (b.From.UnixMicro()-stamps[0])%step
	for us := first; us < min(b.To.UnixMicro(), time.Now().UnixMicro()) && len(empty) < most; us += step {
		if us >= b.From.UnixMicro() {
			empty = append(empty, us)
		}
	}
	return empty
}
