package query

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
)

// Statement is a query with the values of its parameters.
type Statement struct {
	SQL        string
	Parameters []Parameter

	unordered, order string // what SQL is made of, where it is ordered
}

// Parameter is one named value: a string, an int64, a time.Time or a []string. Identifiers are in their text form.
type Parameter struct {
	Name  string
	Value any
}

// Filter chooses whose rows are seen.
type Filter struct {
	// Organizations are the tenants whose rows may be seen. An empty list sees nothing: a caller that forgets to fill it
	// must not show one tenant's figures to another.
	Organizations    []uuid.UUID
	AllOrganizations bool        // for an operator of the whole system
	Queues           []uuid.UUID // empty: every queue
	// Groups are queue groups; empty: all queues, also those in none. They choose the queues that are in one of them now;
	// [GroupDaily] and [GroupIntervals] choose the groups.
	Groups []uuid.UUID
	// Agents and CallLists narrow what is of agents and of callback lists, and [Calls] to those that one of the agents
	// answered; empty: all.
	Agents    []uuid.UUID
	CallLists []uuid.UUID
}

// builder gathers a statement. Its methods take constant text; values go to params only.
type builder struct {
	text   strings.Builder
	params []Parameter
}

func (b *builder) write(text string) *builder {
	b.text.WriteString(text)
	return b
}

// param adds a value; a name that is there already keeps its value, since one filter serves several subqueries.
func (b *builder) param(name string, value any) *builder {
	for _, p := range b.params {
		if p.Name == name {
			return b
		}
	}
	b.params = append(b.params, Parameter{name, value})
	return b
}

// statement has the values that the text names.
func (b *builder) statement() Statement {
	text := b.text.String()
	named := slices.DeleteFunc(b.params, func(p Parameter) bool { return !strings.Contains(text, "{"+p.Name+":") })
	return Statement{SQL: text, Parameters: named}
}

// orderBy ends the statement.
func (b *builder) orderBy(columns string) Statement {
	s := b.statement()
	s.unordered, s.order = s.SQL, columns
	s.SQL += "\nORDER BY " + columns
	return s
}

var column = regexp.MustCompile(`^[a-z][a-z0-9_]{0,63}$`)

// Only is a statement with some of the columns, in the order given. ClickHouse does not read what no column needs, so that a
// statement costs what it is asked for: percentiles and histograms cost most.
func (s Statement) Only(columns ...string) (Statement, error) {
	if s.order == "" {
		return s, errors.New("query: the columns of this statement are fixed")
	}
	if len(columns) == 0 {
		return s, errors.New("query: name at least one column")
	}
	for _, c := range columns {
		if !column.MatchString(c) {
			return s, fmt.Errorf("query: %q is no name of a column", c)
		}
	}
	s.unordered = "SELECT " + strings.Join(columns, ", ") + "\nFROM (\n" + s.unordered + "\n)"
	s.SQL = s.unordered + "\nORDER BY " + s.order
	return s, nil
}

// organizations writes the condition of f on organizations: never empty.
func (b *builder) organizations(f Filter) *builder {
	if f.AllOrganizations {
		return b.write("true")
	}
	return b.write("organization_id IN {organizations:Array(UUID)}").param("organizations", texts(f.Organizations))
}

// where writes the condition of f: never empty.
func (b *builder) where(f Filter) *builder {
	b.organizations(f)
	if len(f.Queues) > 0 {
		b.write(" AND queue_id IN {queues:Array(UUID)}").param("queues", texts(f.Queues))
	}
	if len(f.Groups) > 0 {
		b.write(" AND (organization_id, queue_id) IN (SELECT organization_id, queue_id FROM queues_versions FINAL WHERE ").organizations(f)
		b.write(" AND NOT deleted AND hasAny(group_ids, {groups:Array(UUID)}))").param("groups", texts(f.Groups))
	}
	return b
}

// groups writes the condition of f on rows of groups: never empty.
func (b *builder) groups(f Filter) *builder {
	b.organizations(f)
	if len(f.Groups) > 0 {
		b.write(" AND group_id IN {groups:Array(UUID)}").param("groups", texts(f.Groups))
	}
	return b
}

// agents writes the condition of f on rows of agents: never empty. With queues or groups it is met by the agents that are
// attached to one of these queues now.
func (b *builder) agents(f Filter) *builder {
	b.organizations(f)
	if len(f.Agents) > 0 {
		b.write(" AND agent_id IN {agents:Array(UUID)}").param("agents", texts(f.Agents))
	}
	if len(f.Queues) > 0 || len(f.Groups) > 0 {
		b.write(` AND (organization_id, agent_id) IN (
    SELECT organization_id, agent_id FROM agents_versions FINAL ARRAY JOIN queue_ids AS queue_id WHERE `).where(f).write(")")
	}
	return b
}

// lists writes the condition of f on rows of callback lists: never empty.
func (b *builder) lists(f Filter) *builder {
	b.organizations(f)
	if len(f.CallLists) > 0 {
		b.write(" AND call_list_id IN {call_lists:Array(UUID)}").param("call_lists", texts(f.CallLists))
	}
	return b
}

// MaxRows is the greatest number of rows of a statement that has a limit, where nothing else is said.
const MaxRows = 10_000

// limit ends a statement with the number of rows that are wanted; 0 or more than most: most.
func (b *builder) limit(wanted, most int) *builder {
	if wanted <= 0 || wanted > most {
		wanted = most
	}
	return b.write("\nLIMIT {limit:UInt32}").param("limit", int64(wanted))
}

func (b *builder) days(from, to time.Time) *builder {
	return b.param("from", from.Format(time.DateOnly)).param("to", to.Format(time.DateOnly))
}

func (b *builder) instants(from, to time.Time) *builder {
	return b.param("from", instant(from)).param("to", instant(to))
}

// instant is t as ClickHouse reads it for a DateTime64(6, 'UTC').
func instant(t time.Time) string { return t.UTC().Format("2006-01-02 15:04:05.000000") }

func texts(ids []uuid.UUID) []string {
	out := make([]string, len(ids))
	for i, id := range ids {
		out[i] = id.String()
	}
	return out
}
