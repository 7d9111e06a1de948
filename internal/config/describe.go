package config

import (
	"encoding"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"
)

// Describe lists every setting in effect, one a line: key, value, where it was set. Secrets are redacted.
func (c *Config) Describe() string {
	var text strings.Builder
	w := tabwriter.NewWriter(&text, 0, 0, 2, ' ', 0)
	c.describe(w.Write, reflect.ValueOf(c).Elem(), "")
	if err := w.Flush(); err != nil {
		panic("BUG: a strings.Builder refused text: " + err.Error())
	}
	return text.String()
}

func (c *Config) describe(write func([]byte) (int, error), v reflect.Value, path string) {
	kind, typ := shapeOf(v.Type())
	unset := v.Kind() == reflect.Pointer && v.IsNil()
	if kind == mapping && !unset {
		v = reflect.Indirect(v)
		for _, f := range fieldsOf(typ) {
			c.describe(write, v.FieldByIndex(f.index), join(path, f.key))
		}
		return
	}
	if kind == list && v.Len() > 0 {
		if elem, _ := shapeOf(typ.Elem()); elem == mapping {
			for i := range v.Len() {
				c.describe(write, v.Index(i), fmt.Sprintf("%s[%d]", path, i))
			}
			return
		}
	}
	element := strings.Contains(path, "[")
	if element && unset {
		return // an exception that is not made
	}
	value := "(not set)"
	if !unset {
		value = valueText(reflect.Indirect(v))
	}
	where := c.origins.of(path)
	if where == "" {
		where = "default"
	}
	_, _ = write([]byte(path + "\t" + value + "\t" + where + "\n"))
}

// valueText writes a value as it would be written in the file.
func valueText(v reflect.Value) string {
	if m, ok := v.Interface().(encoding.TextMarshaler); ok {
		text, err := m.MarshalText()
		if err != nil {
			panic("BUG: " + v.Type().String() + " has no text: " + err.Error())
		}
		if s := string(text); s != "" {
			return s
		}
		return `""`
	}
	switch v.Kind() {
	case reflect.Slice:
		items := make([]string, v.Len())
		for i := range items {
			items[i] = valueText(v.Index(i))
		}
		return "[" + strings.Join(items, ", ") + "]"
	case reflect.Map:
		var items []string
		for it := v.MapRange(); it.Next(); {
			items = append(items, valueText(it.Key())+": "+valueText(it.Value()))
		}
		slices.Sort(items)
		return "{" + strings.Join(items, ", ") + "}"
	case reflect.String:
		if s := v.String(); s == "" || strings.ContainsAny(s, "\t\n\"") {
			return strconv.Quote(s)
		}
		return v.String()
	}
	return fmt.Sprint(v.Interface())
}
