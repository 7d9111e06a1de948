package clickhouse

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strconv"
	"strings"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
	"github.com/grafana/grafana-plugin-sdk-go/data"
)

// Rows is a result by columns. Numbers, texts, instants and flags are what they are; anything else is a text.
type Rows struct {
	Fields    []*data.Field
	Lists     map[string][]any // the values of array columns, as the driver gives them
	Count     int
	Bytes     int64 // about what the columns take in memory
	Truncated bool  // there were more rows than allowed
}

// Field returns the column of a name, nil if there is none.
func (r *Rows) Field(name string) *data.Field {
	for _, f := range r.Fields {
		if f.Name == name {
			return f
		}
	}
	return nil
}

// read reads at most so many rows.
func read(rows driver.Rows, most int, datesAsText bool) (*Rows, error) {
	r := &Rows{Lists: map[string][]any{}}
	types := rows.ColumnTypes()
	columns := make([]column, len(types))
	dest := make([]any, len(types))
	for i, t := range types {
		columns[i] = newColumn(t, datesAsText)
		dest[i] = columns[i].dest.Interface()
		r.Fields = append(r.Fields, columns[i].field)
	}
	for rows.Next() {
		if r.Count == most {
			r.Truncated = true
			break
		}
		if err := rows.Scan(dest...); err != nil {
			return r, err
		}
		for i := range columns {
			r.Bytes += columns[i].take()
		}
		if r.Count++; r.Bytes > maxBytes {
			r.Truncated = true
			break
		}
	}
	for i := range columns {
		if columns[i].lists != nil {
			r.Lists[columns[i].field.Name] = columns[i].lists
		}
	}
	if r.Truncated {
		return r, nil
	}
	return r, rows.Err()
}

// column gathers the values of one column.
type column struct {
	dest    reflect.Value // what a row is scanned into
	field   *data.Field
	convert func(reflect.Value) any // to what the field holds
	lists   []any
	array   bool
}

func newColumn(t driver.ColumnType, datesAsText bool) column {
	name, nullable := baseType(t.DatabaseTypeName())
	c := column{dest: reflect.New(t.ScanType()), array: strings.HasPrefix(name, "Array(")}
	if c.array {
		c.lists = []any{}
	}
	var kind data.FieldType
	kind, c.convert = conversion(name, datesAsText)
	if nullable || t.Nullable() || c.dest.Elem().Kind() == reflect.Pointer {
		kind = kind.NullableType()
	}
	c.field = data.NewFieldFromFieldType(kind, 0)
	c.field.Name = t.Name()
	return c
}

// take appends the value of the row that was scanned, and returns its size.
func (c *column) take() int64 {
	v := c.dest.Elem()
	for v.Kind() == reflect.Pointer || v.Kind() == reflect.Interface {
		if v.IsNil() {
			c.field.Extend(1)
			return 8
		}
		v = v.Elem()
	}
	if c.array {
		c.lists = append(c.lists, v.Interface())
	}
	value := c.convert(v)
	size := int64(16)
	if s, isText := value.(string); isText {
		size += int64(len(s))
	}
	if !c.field.Nullable() {
		c.field.Append(value)
		return size
	}
	pointer := reflect.New(reflect.TypeOf(value))
	pointer.Elem().Set(reflect.ValueOf(value))
	c.field.Append(pointer.Interface())
	return size
}

// baseType takes Nullable and LowCardinality away.
func baseType(name string) (base string, nullable bool) {
	for {
		switch {
		case strings.HasPrefix(name, "Nullable("):
			name, nullable = name[len("Nullable("):len(name)-1], true
		case strings.HasPrefix(name, "LowCardinality("):
			name = name[len("LowCardinality(") : len(name)-1]
		default:
			return name, nullable
		}
	}
}

// conversion is how values of a type of ClickHouse are shown.
func conversion(name string, datesAsText bool) (data.FieldType, func(reflect.Value) any) {
	switch base, _, _ := strings.Cut(name, "("); base {
	case "Int8", "Int16", "Int32", "Int64":
		return data.FieldTypeInt64, func(v reflect.Value) any { return v.Int() }
	case "UInt8", "UInt16", "UInt32":
		return data.FieldTypeInt64, func(v reflect.Value) any { return int64(v.Uint()) }
	case "UInt64":
		return data.FieldTypeUint64, func(v reflect.Value) any { return v.Uint() }
	case "Float32", "Float64":
		return data.FieldTypeFloat64, func(v reflect.Value) any { return v.Float() }
	case "Decimal":
		return data.FieldTypeFloat64, func(v reflect.Value) any {
			f, _ := strconv.ParseFloat(fmt.Sprint(v.Interface()), 64) // what a Decimal prints is a number
			return f
		}
	case "Bool":
		return data.FieldTypeBool, func(v reflect.Value) any { return v.Bool() }
	case "Date", "Date32":
		if datesAsText {
			return data.FieldTypeString, func(v reflect.Value) any { return v.Interface().(time.Time).Format(time.DateOnly) }
		}
		return data.FieldTypeTime, func(v reflect.Value) any { return v.Interface().(time.Time).UTC() }
	case "DateTime", "DateTime64":
		return data.FieldTypeTime, func(v reflect.Value) any { return v.Interface().(time.Time).UTC() }
	case "String", "FixedString", "Enum8", "Enum16":
		return data.FieldTypeString, func(v reflect.Value) any { return strings.ToValidUTF8(v.String(), "�") }
	}
	return data.FieldTypeString, textOf
}

// textOf writes a list, a map or a tuple as JSON, anything else as it prints.
func textOf(v reflect.Value) any {
	if v.CanAddr() {
		if s, prints := v.Addr().Interface().(fmt.Stringer); prints {
			return s.String()
		}
	}
	switch x := v.Interface().(type) {
	case fmt.Stringer:
		return x.String()
	case []string:
		return strings.Join(x, ", ")
	case []byte:
		numbers := make([]int, len(x)) // JSON would have them as base64
		for i, b := range x {
			numbers[i] = int(b)
		}
		return asJSON(numbers)
	default:
		if v.Kind() == reflect.Slice || v.Kind() == reflect.Map || v.Kind() == reflect.Struct {
			return asJSON(x)
		}
		return fmt.Sprint(x)
	}
}

func asJSON(v any) string {
	if text, err := json.Marshal(v); err == nil {
		return string(text)
	}
	return fmt.Sprint(v)
}
