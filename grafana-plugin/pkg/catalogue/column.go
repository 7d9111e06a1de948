package catalogue

// Type is what the values of a column are.
type Type string

// The types of columns.
const (
	Number  Type = "number"
	Text    Type = "string"
	Instant Type = "time"
	Flag    Type = "boolean"
)

// Units, by Grafana's names.
const (
	Seconds = "s"
	Clock   = "dthms" // 00:01:35: for what somebody watches running
	Percent = "percent"
	Plain   = "none"
)

// Column is one column of a view.
type Column struct {
	Name        string
	Title       string
	Type        Type
	Unit        string
	Decimals    int // -1: as Grafana likes
	Description string
	Min, Max    *float64
	Thresholds  []Threshold
	Texts       []CodeText
	Key         bool // says what a row is of: always there, and a label of an alert
}

// Threshold colours a value from Value on; the first one of a list is the colour below all others.
type Threshold struct {
	Value float64
	Color string
}

// CodeText shows a value as a text of a colour.
type CodeText struct {
	Value, Text, Color string
}

func number(name, title, unit string, decimals int, description string) Column {
	return Column{Name: name, Title: title, Type: Number, Unit: unit, Decimals: decimals, Description: description}
}

func count(name, title, description string) Column { return number(name, title, Plain, 0, description) }

func sec(name, title, description string) Column { return number(name, title, Seconds, 1, description) }

func clock(name, title, description string) Column { return number(name, title, Clock, 0, description) }

var zero, hundred = 0.0, 100.0

func percent(name, title, description string) Column {
	c := number(name, title, Percent, 1, description)
	c.Min, c.Max = &zero, &hundred
	return c
}

func text(name, title, description string) Column {
	return Column{Name: name, Title: title, Type: Text, Decimals: -1, Description: description}
}

func instant(name, title, description string) Column {
	return Column{Name: name, Title: title, Type: Instant, Decimals: -1, Description: description}
}

func flag(name, title, description string) Column {
	return Column{Name: name, Title: title, Type: Flag, Decimals: -1, Description: description,
		Texts: []CodeText{{"true", "yes", ""}, {"false", "no", ""}}}
}

func (c Column) key() Column { c.Key = true; return c }

// from colours a number: green below the first of the pairs' values.
func (c Column) from(steps ...Threshold) Column {
	c.Thresholds = append([]Threshold{{0, green}}, steps...)
	return c
}

// upTo colours a number of which more is better: red below the first value.
func (c Column) upTo(steps ...Threshold) Column {
	c.Thresholds = append([]Threshold{{0, red}}, steps...)
	return c
}

func (c Column) texts(list ...CodeText) Column { c.Texts = list; return c }

const (
	green  = "green"
	yellow = "yellow"
	orange = "orange"
	red    = "red"
	blue   = "blue"
	grey   = "text"
)

func join(lists ...[]Column) (all []Column) {
	for _, list := range lists {
		all = append(all, list...)
	}
	return all
}
