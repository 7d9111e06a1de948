package store

import (
	"cmp"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"

	"ringside/store/query"
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
