package store

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"ringside/store/query"
	"ringside/store/query/querytest"
)

// fraction is a number whose last digits depend on the order in which it was added up.
var fraction = regexp.MustCompile(`[0-9]+\.[0-9]{7,}`)

// rowsAsText are the rows of a statement, each as one text.
func rowsAsText(t *testing.T, db *DB, function string, s query.Statement) (rows []string) {
	t.Helper()
	found, err := db.Conn().Query(t.Context(), "SELECT toString(tuple(*)) FROM ("+s.SQL+"\n)", namedArgs(s)...)
	if err != nil {
		t.Fatalf("%s: %v", function, err)
	}
	defer found.Close()
	for found.Next() {
		var text string
		if err := found.Scan(&text); err != nil {
			t.Fatalf("%s: %v", function, err)
		}
		rows = append(rows, fraction.ReplaceAllStringFunc(text, func(digits string) string {
			n, err := strconv.ParseFloat(digits, 64)
			if err != nil {
				t.Fatal(err)
			}
			return strconv.FormatFloat(n, 'g', 9, 64)
		}))
	}
	if err := found.Err(); err != nil {
		t.Fatalf("%s: %v", function, err)
	}
	slices.Sort(rows)
	return rows
}

// aloneStore is a store with the rows of the first organization alone.
func (d *simulatedDay) aloneStore(t *testing.T) *DB {
	t.Helper()
	alone := openMigrated(t)
	tables := scan[string](t, d.db, "SELECT DISTINCT table FROM system.columns WHERE database = currentDatabase() AND name = 'organization_id' AND endsWith(table, '_versions')")
	if len(tables) < 15 {
		t.Fatalf("tables: %v", tables)
	}
	for _, table := range tables {
		exec(t, alone, "INSERT INTO "+table+" SELECT * FROM "+d.db.Database()+"."+table+" WHERE organization_id = '"+d.organizations[0].String()+"'")
	}
	return alone
}

// Whatever a statement is asked for, it returns for one organization what it would if there were no other; and nothing of
// another's queues, groups, agents, lists and calls, whose ids the one has learnt.
func tenantsAreIsolated(t *testing.T, d *simulatedDay) {
	alone := d.aloneStore(t)
	ids := func(organization uuid.UUID) (f query.Filter) {
		for k, q := range d.queues {
			if k[0] == organization {
				f.Queues, f.Groups = append(f.Queues, k[1]), append(f.Groups, q.Groups...)
			}
		}
		for k := range d.agents {
			if k[0] == organization {
				f.Agents = append(f.Agents, k[1])
			}
		}
		for k := range d.listDims {
			if k[0] == organization {
				f.CallLists = append(f.CallLists, k[1])
			}
		}
		return f
	}
	callOf := func(organization uuid.UUID) uuid.UUID {
		for k := range d.calls {
			if k.organization == organization {
				return k.call
			}
		}
		return uuid.Nil
	}
	ours, theirs := d.organizations[0], d.organizations[1]
	own, foreign := ids(ours), ids(theirs)
	values := querytest.Values{From: d.begin, To: d.end, Step: time.Hour, ID: callOf(ours)}
	foreignValues := values
	foreignValues.ID = callOf(theirs)
	// What is not of an organization, or is one row of zeros where there is nothing.
	always := []string{"Schema", "AgentStates", "WaitPercentiles"}

	plain := querytest.Every(query.Filter{Organizations: []uuid.UUID{ours}}, values)
	nothing := querytest.Every(query.Filter{}, values)
	own.Organizations, foreign.Organizations = []uuid.UUID{ours}, []uuid.UUID{ours}
	narrow, wrong := querytest.Every(own, values), querytest.Every(foreign, foreignValues)
	mixed := own
	mixed.Queues, mixed.Groups = append(own.Queues, foreign.Queues...), append(own.Groups, foreign.Groups...)
	mixed.Agents, mixed.CallLists = append(own.Agents, foreign.Agents...), append(own.CallLists, foreign.CallLists...)
	both := querytest.Every(mixed, values)
	var lonely []string
	for function := range plain {
		got := rowsAsText(t, d.db, function, plain[function])
		if len(got) == 0 {
			t.Errorf("%s returns nothing, which proves nothing", function)
		}
		same(t, function+", as if alone", got, rowsAsText(t, alone, function, plain[function]))
		same(t, function+", with foreign ids among its own", rowsAsText(t, d.db, function, both[function]), rowsAsText(t, alone, function, narrow[function]))
		same(t, function+", with foreign ids", rowsAsText(t, d.db, function, wrong[function]), rowsAsText(t, alone, function, wrong[function]))
		for _, row := range append(got, rowsAsText(t, d.db, function, wrong[function])...) {
			if strings.Contains(row, theirs.String()) {
				t.Errorf("%s shows to %s: %s", function, ours, row)
			}
		}
		if n := len(rowsAsText(t, d.db, function, nothing[function])); n != 0 && !slices.Contains(always, function) {
			t.Errorf("%s: %d rows of no organization", function, n)
		}
		everybody := querytest.Every(query.Filter{AllOrganizations: true}, values)[function]
		if slices.Equal(got, rowsAsText(t, d.db, function, everybody)) {
			lonely = append(lonely, function)
		}
	}
	// The same for everybody as for one: the parts and events of one call, and the schema. All else would show a leak.
	slices.Sort(lonely)
	same(t, "statements that could not leak here", lonely, []string{"CallEvents", "CallParts", "Schema"})
}
