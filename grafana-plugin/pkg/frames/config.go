package frames

import (
	"math"

	"github.com/grafana/grafana-plugin-sdk-go/data"

	"ringside/grafana-plugin/pkg/catalogue"
)

// config shows a column as the catalogue says.
func config(c catalogue.Column) *data.FieldConfig {
	f := &data.FieldConfig{DisplayNameFromDS: c.Title, Description: c.Description, Unit: c.Unit}
	if c.Decimals >= 0 {
		f.SetDecimals(uint16(c.Decimals))
	}
	if c.Min != nil {
		f.SetMin(*c.Min)
	}
	if c.Max != nil {
		f.SetMax(*c.Max)
	}
	if len(c.Thresholds) > 0 {
		f.Thresholds = &data.ThresholdsConfig{Mode: data.ThresholdsModeAbsolute}
		for i, t := range c.Thresholds {
			if i == 0 {
				t.Value = math.Inf(-1)
			}
			f.Thresholds.Steps = append(f.Thresholds.Steps, data.NewThreshold(t.Value, t.Color, ""))
		}
	}
	if len(c.Texts) > 0 {
		texts := data.ValueMapper{}
		for i, t := range c.Texts {
			texts[t.Value] = data.ValueMappingResult{Text: t.Text, Color: t.Color, Index: i}
		}
		f.Mappings = data.ValueMappings{texts}
	}
	return f
}

// shared is a field with the values of another and a config of its own: rows are kept and given to several.
func shared(f *data.Field, name string, c *data.FieldConfig) *data.Field {
	copied := *f
	copied.Name, copied.Config, copied.Labels = name, c, nil
	return &copied
}
