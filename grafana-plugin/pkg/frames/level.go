package frames

import (
	"github.com/grafana/grafana-plugin-sdk-go/data"

	"ringside/grafana-plugin/pkg/clickhouse"
	"ringside/grafana-plugin/pkg/model"
)

// The columns that follow from the variant.
const (
	serviceLevel = "service_level"
	shortfall    = "service_level_shortfall"
)

// field returns a column of the rows, or one that follows from them; nil if there is none.
func field(q *model.Query, rows *clickhouse.Rows, name string) *data.Field {
	if f := rows.Field(name); f != nil {
		return f
	}
	variant := q.Variant
	if variant == model.AllVariants {
		variant = model.IgnoreShortAbandons
	}
	level := rows.Field("service_level_" + variant)
	switch {
	case level == nil:
		return nil
	case name == serviceLevel:
		return level
	case name == shortfall:
		return missing(level, rows.Field("service_level_target"))
	}
	return nil
}

// missing is by how many points levels are below their targets: 0 where there is nothing to miss, so that an alert on it
// neither fires nor lacks data.
func missing(level, target *data.Field) *data.Field {
	points := make([]float64, level.Len())
	for i := range points {
		if target == nil {
			break
		}
		l, errLevel := level.NullableFloatAt(i)
		t, errTarget := target.NullableFloatAt(i)
		if errLevel == nil && errTarget == nil && l != nil && t != nil && *l < *t {
			points[i] = *t - *l
		}
	}
	return data.NewField(shortfall, nil, points)
}
