package frames

import (
	"fmt"
	"math"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/data"

	"ringside/grafana-plugin/pkg/catalogue"
	"ringside/grafana-plugin/pkg/model"
	"ringside/store/query"
)

// states is a frame for each agent with the time and the state from then on. Grafana joins them; in a frame of all agents a
// change of one would look like a gap of the others.
func (b *builder) states() (frames data.Frames, err error) {
	columns := b.labelColumnsOf("organization_id", "agent_id", "agent_name")
	type agent struct {
		labels data.Labels
		times  []time.Time
		states []string
	}
	var order []*agent
	index := map[string]*agent{}
	times, states := b.rows.Field("time"), b.rows.Field("state")
	for row := range b.rows.Count {
		key, labels := b.labelsAt(columns, row)
		a := index[key]
		if a == nil {
			a = &agent{labels: labels}
			index[key], order = a, append(order, a)
		}
		at, _ := times.ConcreteAt(row)
		state, _ := states.ConcreteAt(row)
		a.times, a.states = append(a.times, at.(time.Time)), append(a.states, fmt.Sprint(state))
	}
	column, _ := b.view.Column("state", b.total())
	slices.SortStableFunc(order, func(x, y *agent) int { return strings.Compare(seriesName(x.labels), seriesName(y.labels)) })
	for _, a := range order {
		f := data.NewField("state", a.labels, a.states)
		f.Config = config(column)
		f.Config.DisplayNameFromDS = seriesName(a.labels)
		frames = append(frames, data.NewFrame(seriesName(a.labels), data.NewField("time", nil, a.times), f))
	}
	return frames, nil
}

func (b *builder) labelColumnsOf(names ...string) (columns []string) {
	for _, name := range names {
		if b.rows.Field(name) != nil {
			columns = append(columns, name)
		}
	}
	return columns
}

// percentiles are the fields of percentiles_sec, one for each asked for.
func (b *builder) percentiles() (fields []*data.Field) {
	lists := b.rows.Lists["percentiles_sec"]
	if lists == nil {
		return nil
	}
	for i, p := range b.query.Percentiles {
		values := make([]*float64, b.rows.Count)
		for row := range values {
			values[row] = floatAt(lists[row], i)
		}
		text := strconv.FormatFloat(p, 'f', -1, 64)
		f := data.NewField("p"+strings.ReplaceAll(text, ".", "_")+"_sec", nil, values)
		f.Config = config(catalogue.Column{Title: "P" + text, Unit: catalogue.Seconds, Decimals: 1, Description: text + " of 100 waits were no longer (within 1 %)"})
		fields = append(fields, f)
	}
	return fields
}

// floatAt is a number of a list of any numbers or pointers to them; nil: NULL, or not there.
func floatAt(list any, i int) *float64 {
	v := reflect.ValueOf(list)
	if v.Kind() != reflect.Slice || i >= v.Len() {
		return nil
	}
	v = v.Index(i)
	for v.Kind() == reflect.Pointer || v.Kind() == reflect.Interface {
		if v.IsNil() {
			return nil
		}
		v = v.Elem()
	}
	f := 0.0
	switch {
	case v.CanFloat():
		f = v.Float()
	case v.CanInt():
		f = float64(v.Int())
	case v.CanUint():
		f = float64(v.Uint())
	}
	if math.IsNaN(f) {
		return nil
	}
	return &f
}

// bucket is a range of seconds; to may be infinite.
type bucket struct{ from, to float64 }

func (b *builder) buckets() (all []bucket, of []bucket) {
	from, to := b.rows.Field("from_sec"), b.rows.Field("to_sec")
	for row := range b.rows.Count {
		k := bucket{0, math.Inf(1)}
		if f, err := from.NullableFloatAt(row); err == nil && f != nil {
			k.from = *f
		}
		if t, err := to.NullableFloatAt(row); err == nil && t != nil {
			k.to = *t
		}
		of = append(of, k)
	}
	all = slices.Clone(of)
	slices.SortFunc(all, func(x, y bucket) int { return int(x.from) - int(y.from) })
	return slices.Compact(all), of
}

// histogram is what Grafana's histogram and bar charts draw: bounds, and a count for each row's name.
func (b *builder) histogram() (data.Frames, error) {
	all, of := b.buckets()
	place := map[bucket]int{}
	lower, upper := make([]float64, len(all)), make([]*float64, len(all))
	for i, k := range all {
		place[k] = i
		if lower[i] = k.from; !math.IsInf(k.to, 1) {
			upper[i] = &k.to
		}
	}
	seconds := func(title string) *data.FieldConfig {
		return config(catalogue.Column{Title: title, Unit: catalogue.Seconds, Decimals: 0})
	}
	frame := data.NewFrame("", data.NewField("xMin", nil, lower).SetConfig(seconds("From")), data.NewField("xMax", nil, upper).SetConfig(seconds("To")))
	index := map[string]*data.Field{}
	column, _ := b.view.Column("waits", b.total())
	waits := b.rows.Field("waits")
	for row := range b.rows.Count {
		key, labels := b.labelsAt(b.labelColumns(), row)
		f := index[key]
		if f == nil {
			f = data.NewField("count", labels, make([]float64, len(all)))
			f.Config = config(column)
			if name := seriesName(labels); name != "" {
				f.Config.DisplayNameFromDS = name
			}
			index[key] = f
			frame.Fields = append(frame.Fields, f)
		}
		if n, err := waits.FloatAt(row); err == nil {
			f.Set(place[of[row]], n)
		}
	}
	return data.Frames{frame}, nil
}

// heatmap is Grafana's heatmap-rows: a field for each bucket of query.DefaultWaitBounds, the shortest waits first.
func (b *builder) heatmap() (data.Frames, error) {
	times, at := b.times()
	frame := data.NewFrame("", data.NewField("time", nil, times))
	frame.Meta = &data.FrameMeta{Type: "heatmap-rows"}
	if b.Step > 0 {
		frame.Fields[0].Config = &data.FieldConfig{Interval: float64(b.Step.Milliseconds())}
	}
	counts := b.rows.Lists["counts"]
	for i, from := range query.DefaultWaitBounds {
		k := bucket{from, math.Inf(1)}
		if i+1 < len(query.DefaultWaitBounds) {
			k.to = query.DefaultWaitBounds[i+1]
		}
		values := make([]float64, len(times))
		for row := range counts {
			if n := floatAt(counts[row], i); n != nil {
				values[at[row]] += *n
			}
		}
		f := data.NewField(bucketName(k), nil, values)
		f.Config = config(catalogue.Column{Unit: catalogue.Plain, Decimals: 0})
		frame.Fields = append(frame.Fields, f)
	}
	return data.Frames{frame}, nil
}

func bucketName(k bucket) string {
	text := func(s float64) string { return strconv.FormatFloat(s, 'f', -1, 64) }
	if math.IsInf(k.to, 1) {
		return "≥ " + text(k.from) + " s"
	}
	return text(k.from) + "–" + text(k.to) + " s"
}

// annotations has the fields that Grafana looks for.
func (b *builder) annotations() (data.Frames, error) {
	frame := data.NewFrame("")
	frame.Meta = &data.FrameMeta{DataTopic: data.DataTopicAnnotations}
	frame.Fields = append(frame.Fields, shared(b.rows.Field("time"), "time", nil))
	if end := b.rows.Field("time_end"); end != nil {
		frame.Fields = append(frame.Fields, shared(end, "timeEnd", nil))
	}
	titles := make([]string, b.rows.Count)
	for i := range titles {
		titles[i] = b.view.Title
	}
	frame.Fields = append(frame.Fields, data.NewField("title", nil, titles))
	for _, name := range []string{"text", "tags", "queue_name", "queue_id", "organization_id"} {
		if f := b.rows.Field(name); f != nil {
			frame.Fields = append(frame.Fields, shared(f, name, nil))
		}
	}
	return data.Frames{frame}, nil
}

// sql shows the columns as they come.
func (b *builder) sql() (data.Frames, error) {
	frame := data.NewFrame("")
	timed := false
	for _, f := range b.rows.Fields {
		timed = timed || f.Type().Time()
		frame.Fields = append(frame.Fields, shared(f, f.Name, nil))
	}
	switch {
	case b.query.Format == model.FormatTimeSeries || b.Alert && timed && b.query.Format == "":
		return wide(frame)
	case b.Alert:
		frame.Meta = &data.FrameMeta{Type: data.FrameTypeNumericLong, TypeVersion: data.FrameTypeVersion{0, 1}}
	default:
		frame.Meta = &data.FrameMeta{Type: data.FrameTypeTable, PreferredVisualization: data.VisTypeTable}
	}
	return data.Frames{frame}, nil
}

// wide turns rows of time, texts and numbers into series.
func wide(frame *data.Frame) (data.Frames, error) {
	if len(frame.Fields) == 0 {
		return data.Frames{frame}, nil // no rows
	}
	switch schema := frame.TimeSeriesSchema(); schema.Type {
	case data.TimeSeriesTypeWide:
	case data.TimeSeriesTypeLong:
		long := frame
		var err error
		if frame, err = data.LongToWide(long, nil); err != nil {
			return nil, fmt.Errorf("the rows make no time series (sort them by time, and give each time and text once): %w", err)
		}
	default:
		return nil, fmt.Errorf("the rows make no time series: they need a column of time and one of numbers")
	}
	frame.Meta = &data.FrameMeta{Type: data.FrameTypeTimeSeriesWide, TypeVersion: data.FrameTypeVersion{0, 1}, PreferredVisualization: data.VisTypeGraph}
	return data.Frames{frame}, nil
}
