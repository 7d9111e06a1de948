package store

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"ringside/aggregate"
	"ringside/store/query"
	"ringside/store/query/querytest"
)

type pickRow struct {
	Value        string    `ch:"value"`
	Text         string    `ch:"text"`
	Organization uuid.UUID `ch:"organization"`
}

func byPick(a, b pickRow) int {
	return cmp.Or(strings.Compare(strings.ToLower(a.Text), strings.ToLower(b.Text)), strings.Compare(a.Text, b.Text), strings.Compare(a.Value, b.Value))
}

func lookupsOfTheDay(t *testing.T, d *simulatedDay) {
	org := d.organizations[0]
	pick := func(of uuid.UUID, text string) pickRow { return pickRow{of.String(), cmp.Or(text, of.String()), org} }
	var queues, agents, groups, lists []pickRow
	for k, q := range d.queues {
		if k[0] != org || q.Deleted {
			continue
		}
		queues = append(queues, pick(k[1], q.QueueName))
		for i, g := range q.Groups {
			if p := pick(g, q.GroupNames[i]); !slices.Contains(groups, p) {
				groups = append(groups, p)
			}
		}
	}
	queue, group := d.aQueue()
	var attached []pickRow
	for k, a := range d.agents {
		if k[0] == org {
			agents = append(agents, pick(k[1], a.AgentName))
			if d.attached(k[1], queue) {
				attached = append(attached, pick(k[1], a.AgentName))
			}
		}
	}
	for _, l := range d.listsOf() {
		lists = append(lists, pick(l, l.String()[:8]))
	}
	inQueue, inGroup := d.of(), d.of()
	inQueue.Queues, inGroup.Groups = []uuid.UUID{queue}, []uuid.UUID{group}
	for what, c := range map[string]struct {
		lookup func(query.Filter, string, int) query.Statement
		f      query.Filter
		want   []pickRow
		search string
	}{
		"organizations":      {query.LookupOrganizations, d.of(), []pickRow{pick(org, "")}, org.String()[3:9]},
		"queues":             {query.LookupQueues, d.of(), queues, "SÄLJ"},
		"queue":              {query.LookupQueues, inQueue, slices.Collect(only(queues, queue)), ""},
		"agents":             {query.LookupAgents, d.of(), agents, "An"},
		"agents of a queue":  {query.LookupAgents, inQueue, attached, "e"},
		"groups":             {query.LookupGroups, d.of(), groups, "s"},
		"group":              {query.LookupGroups, inGroup, slices.Collect(only(groups, group)), ""},
		"lists":              {query.LookupCallLists, d.of(), lists, lists[0].Text[2:5]},
		"percent is no mark": {query.LookupQueues, d.of(), queues, "%"},
	} {
		slices.SortFunc(c.want, byPick)
		all := read[pickRow](t, d.db, c.lookup(c.f, "", 0))
		same(t, what, all, c.want)
		if len(all) == 0 {
			t.Errorf("%s: nothing", what)
		}
		var some []pickRow
		for _, p := range c.want {
			if strings.Contains(strings.ToLower(p.Text), strings.ToLower(c.search)) {
				some = append(some, p)
			}
		}
		same(t, what+" with "+c.search, read[pickRow](t, d.db, c.lookup(c.f, c.search, 0)), some)
		same(t, "the first of "+what, read[pickRow](t, d.db, c.lookup(c.f, "", 1)), c.want[:1])
	}
}

func only(of []pickRow, id uuid.UUID) func(func(pickRow) bool) {
	return func(yield func(pickRow) bool) {
		for _, p := range of {
			if p.Value == id.String() && !yield(p) {
				return
			}
		}
	}
}

// Texts that look like SQL are texts: a pick-list finds exactly what has them in its name, and no statement fails for them,
// but for those that are no zone.
func TestHostileTextsAreTexts(t *testing.T) {
	db := openMigrated(t)
	w := newTestWriter(db)
	fillForDocs(t, db)
	texts := []string{"'", `\`, `\'`, "') OR 1=1 --", "' UNION ALL SELECT value, text, organization FROM queues --", "{search:String}", "{organizations:Array(UUID)}",
		"%", "_", "\x00", "\n", "\t", "\\N", "--", "/*", `"`, "`", "🦄", "ÄÖ", "[']", "'; DROP TABLE queues_versions; --", strings.Repeat("'", 500)}
	rows := &aggregate.Rows{}
	for i, text := range texts {
		rows.QueueDim = append(rows.QueueDim, aggregate.QueueRow{OrganizationID: id(1), QueueID: id(200 + i), QueueName: "q" + text + "q", ChangedAt: monday.UnixMicro()})
	}
	w.Add(0, 1, rows)
	flush(t, w)
	f := query.Filter{Organizations: []uuid.UUID{id(1)}}
	for i, text := range texts {
		var want []pickRow
		for _, q := range rows.QueueDim {
			if strings.Contains(strings.ToLower(q.QueueName), strings.ToLower(text)) {
				want = append(want, pickRow{q.QueueID.String(), q.QueueName, id(1)})
			}
		}
		got := read[pickRow](t, db, query.LookupQueues(f, text, 0))
		byValue := func(a, b pickRow) int { return strings.Compare(a.Value, b.Value) }
		slices.SortFunc(got, byValue)
		same(t, "queues with "+strconv.Quote(text), got, want)
		if i%4 != 3 { // all statements take a while
			continue
		}
		for function, s := range querytest.Every(f, querytest.Values{From: monday, To: monday.AddDate(0, 0, 1), Step: time.Hour, ID: id(3), Text: text}) {
			var n uint64
			err := db.Conn().QueryRow(t.Context(), "SELECT count() FROM ("+s.SQL+"\n)", namedArgs(s)...).Scan(&n)
			noZone := slices.ContainsFunc(s.Parameters, func(p query.Parameter) bool { return p.Name == "zone" })
			if (err != nil) != noZone {
				t.Errorf("%s with %q: %v", function, text, err)
			}
		}
	}
	equal(t, "queues that are left", countOf(t, db, "queues"), uint64(len(texts)+1))
}

// The schema is what people query: the views and their columns.
func TestSchema(t *testing.T) {
	db := openMigrated(t)
	type columnRow struct {
		Table  string `ch:"table"`
		Column string `ch:"column"`
		Type   string `ch:"type"`
	}
	found := map[string]string{}
	for _, r := range read[columnRow](t, db, query.Schema()) {
		found[r.Table+"."+r.Column] = r.Type
		if strings.HasSuffix(r.Table, "_versions") || strings.HasPrefix(r.Table, "checkpoint") || r.Table == "flush_marks" {
			t.Errorf("%s is not for people", r.Table)
		}
	}
	for column, want := range map[string]string{"calls.begun_at": "DateTime64(6, 'UTC')", "calls.wait_sec": "Nullable(Float64)", "queue_status_now.queue_id": "UUID",
		"queues.group_names": "Array(String)", "accounting.received": "Int64", "recovered_calls.call_id": "UUID"} {
		if found[column] != want {
			t.Errorf("%s is %q, want %s", column, found[column], want)
		}
	}
}
