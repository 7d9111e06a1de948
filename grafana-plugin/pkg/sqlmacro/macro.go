package sqlmacro

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"ringside/store/query"
)

// Values are what macros stand for.
type Values struct {
	Filter   query.Filter
	From, To time.Time
	Interval time.Duration // between two points of a series
	Zone     string        // an IANA name; "": UTC
}

// Macro is one of them, for the editor.
type Macro struct {
	Name        string `json:"name"`
	Arguments   string `json:"arguments"`
	Description string `json:"description"`
	text        string // %s: the argument
	parameters  []string
}

// The types of the parameters that macros become.
const (
	fromParameter     = "{macro_from:DateTime64(6, 'UTC')}"
	toParameter       = "{macro_to:DateTime64(6, 'UTC')}"
	intervalParameter = "{macro_interval:Int64}"
	zoneParameter     = "{macro_zone:String}"
)

// Macros are all there are.
var Macros = []Macro{
	{"$__timeFilter", "(column)", "The column, a DateTime, lies in the time range", "(%s >= " + fromParameter + " AND %s < " + toParameter + ")", []string{"from", "to"}},
	{"$__dateFilter", "(column)", "The column, a Date, is a date of the time range in the time zone", "(%s BETWEEN toDate(" + fromParameter + ", " + zoneParameter + ") AND toDate(" + toParameter + ", " + zoneParameter + "))", []string{"from", "to", "zone"}},
	{"$__timeFrom", "", "The begin of the time range, a DateTime64", fromParameter, []string{"from"}},
	{"$__timeTo", "", "The end of the time range, a DateTime64", toParameter, []string{"to"}},
	{"$__timeInterval", "(column)", "The begin of the panel's interval in which the column, a DateTime, lies", "toStartOfInterval(toDateTime(%s), toIntervalSecond(" + intervalParameter + "), " + zoneParameter + ")", []string{"interval", "zone"}},
	{"$__interval_s", "", "The panel's interval in seconds", intervalParameter, []string{"interval"}},
	{"$__timeZone", "", "The time zone of the query, an IANA name", zoneParameter, []string{"zone"}},
	{"$__organizationFilter", "(column)", "The column is one of the chosen organizations; true where all are chosen", "({macro_all_organizations:Bool} OR %s IN {macro_organizations:Array(UUID)})", []string{"organizations"}},
	{"$__queueFilter", "(column)", "The column is one of the chosen queues; true where none is chosen", "({macro_all_queues:Bool} OR %s IN {macro_queues:Array(UUID)})", []string{"queues"}},
	{"$__groupFilter", "(column)", "The column, a group or an array of groups, has one of the chosen groups; true where none is chosen", "({macro_all_groups:Bool} OR hasAny(arrayFlatten([%s]), {macro_groups:Array(UUID)}))", []string{"groups"}},
	{"$__agentFilter", "(column)", "The column is one of the chosen agents; true where none is chosen", "({macro_all_agents:Bool} OR %s IN {macro_agents:Array(UUID)})", []string{"agents"}},
}

// Expand checks the SQL and puts the values in the place of macros, as parameters. Macros within texts and comments stay.
func Expand(sql string, v Values) (query.Statement, error) {
	tokens, err := scan(sql)
	if err != nil {
		return query.Statement{}, err
	}
	if err := check(tokens); err != nil {
		return query.Statement{}, err
	}
	for _, t := range tokens {
		if strings.HasPrefix(t.name, "macro_") {
			return query.Statement{}, fmt.Errorf("%.64q: names that begin with macro_ are kept for macros", t.name)
		}
	}
	e := &expander{values: v, named: map[string]any{}}
	text, err := e.expand(tokens)
	if err != nil {
		return query.Statement{}, err
	}
	s := query.Statement{SQL: strings.TrimRight(strings.TrimSpace(text), "; \n\t\r")}
	for name, value := range e.named {
		s.Parameters = append(s.Parameters, query.Parameter{Name: name, Value: value})
	}
	slices.SortFunc(s.Parameters, func(a, b query.Parameter) int { return strings.Compare(a.Name, b.Name) })
	return s, nil
}

type expander struct {
	values Values
	named  map[string]any
}

func (e *expander) expand(tokens []token) (string, error) {
	var b strings.Builder
	for i := 0; i < len(tokens); i++ {
		t := tokens[i]
		if t.kind != word || !strings.HasPrefix(t.text, "$__") {
			b.WriteString(t.text)
			continue
		}
		at := slices.IndexFunc(Macros, func(m Macro) bool { return m.Name == t.text })
		if at < 0 {
			return "", fmt.Errorf("%.64s is no macro; there are: %s", t.text, strings.Join(names(), ", "))
		}
		m := &Macros[at]
		argument, n, err := e.argument(m, tokens[i+1:])
		if err != nil {
			return "", err
		}
		i += n
		e.bind(m.parameters)
		b.WriteString(strings.ReplaceAll(m.text, "%s", argument))
	}
	return b.String(), nil
}

// argument is what stands in parentheses behind a macro, and how many tokens it takes.
func (e *expander) argument(m *Macro, behind []token) (string, int, error) {
	depth, end := 0, -1
	for i, t := range behind {
		if i == 0 && t.text != "(" {
			break
		}
		switch t.text {
		case "(":
			depth++
		case ")":
			depth--
		}
		if depth == 0 {
			end = i
			break
		}
	}
	if m.Arguments == "" {
		if end >= 0 && strings.TrimSpace(join(behind[1:end])) == "" {
			return "", end + 1, nil // $__timeFrom() is the same as $__timeFrom
		}
		return "", 0, nil
	}
	if end < 0 {
		return "", 0, fmt.Errorf("%s needs a column: %s%s", m.Name, m.Name, m.Arguments)
	}
	argument, err := e.expand(behind[1:end])
	if err != nil {
		return "", 0, err
	}
	if strings.TrimSpace(argument) == "" || slices.ContainsFunc(behind[1:end], comment) {
		return "", 0, fmt.Errorf("%s needs a column, without comments: %s%s", m.Name, m.Name, m.Arguments)
	}
	return argument, end + 1, nil
}

// comment tells comments from spaces, texts and numbers. One that runs to the line's end would swallow what a macro puts behind.
func comment(t token) bool {
	return t.kind == opaque && (strings.HasPrefix(t.text, "--") || t.text[0] == '#' || strings.HasPrefix(t.text, "/*"))
}

func join(tokens []token) string {
	var b strings.Builder
	for _, t := range tokens {
		b.WriteString(t.text)
	}
	return b.String()
}

func (e *expander) bind(parameters []string) {
	v := &e.values
	list := func(name string, ids []uuid.UUID, all bool) {
		texts := make([]string, len(ids))
		for i, id := range ids {
			texts[i] = id.String()
		}
		e.named["macro_"+name] = texts
		e.named["macro_all_"+name] = fmt.Sprint(all)
	}
	const layout = "2006-01-02 15:04:05.000000"
	for _, p := range parameters {
		switch p {
		case "from":
			e.named["macro_from"] = v.From.UTC().Format(layout)
		case "to":
			e.named["macro_to"] = v.To.UTC().Format(layout)
		case "interval":
			e.named["macro_interval"] = max(int64(v.Interval/time.Second), 1)
		case "zone":
			if e.named["macro_zone"] = v.Zone; v.Zone == "" {
				e.named["macro_zone"] = "UTC"
			}
		case "organizations":
			list(p, v.Filter.Organizations, v.Filter.AllOrganizations)
		case "queues":
			list(p, v.Filter.Queues, len(v.Filter.Queues) == 0)
		case "groups":
			list(p, v.Filter.Groups, len(v.Filter.Groups) == 0)
		case "agents":
			list(p, v.Filter.Agents, len(v.Filter.Agents) == 0)
		}
	}
}

func names() (list []string) {
	for i := range Macros {
		list = append(list, Macros[i].Name)
	}
	return list
}
