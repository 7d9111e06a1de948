package store

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"ringside/aggregate"
)

// timed is what one event says, in its place among the others.
type timed[S any] struct {
	at    int64
	tick  uint8
	event uuid.UUID
	state S
}

// periods says from when to when which state held, where keep wants it: "from–to state", in order.
func periods[S comparable](all []timed[S], keep func(S) bool) (out []string) {
	all = slices.Clone(all)
	slices.SortFunc(all, func(a, b timed[S]) int {
		return cmp.Or(cmp.Compare(a.at, b.at), cmp.Compare(a.tick, b.tick), strings.Compare(a.event.String(), b.event.String()))
	})
	for i := 0; i < len(all); {
		to := i + 1
		for to < len(all) && all[to].state == all[i].state {
			to++
		}
		until := "now"
		if to < len(all) {
			until = fmt.Sprint(all[to].at)
		}
		if from := all[i].at; keep(all[i].state) && until != fmt.Sprint(from) {
			out = append(out, fmt.Sprintf("%d–%s %v", from, until, all[i].state))
		}
		i = to
	}
	return out
}

const periodColumns = "concat(toString(toUnixTimestamp64Micro(valid_from)), '–', ifNull(toString(toUnixTimestamp64Micro(valid_to)), 'now'), ' ', "

// shuffledTwice writes rows in any order, some of them twice, as owners one after the other would.
func shuffledTwice[R any](r *rand.Rand, w *Writer, rows []R, in func([]R) *aggregate.Rows) {
	for i, j := range append(r.Perm(len(rows)), r.Perm(len(rows))[:len(rows)/3]...) {
		w.Add(int32(i%2), Version(uint32(1+i/len(rows)), uint64(i+1)), in(rows[j:j+1]))
	}
}

type queueState struct {
	name, groups string
	deleted      bool
}

func TestQueueHistory(t *testing.T) {
	db := openMigrated(t)
	r := rand.New(rand.NewPCG(1, 2))
	w := newTestWriter(db)
	told := map[uuid.UUID][]timed[queueState]{}
	var rows []aggregate.QueueChangeRow
	for i := range 300 {
		q := id(1 + r.IntN(4))
		c := aggregate.QueueChangeRow{OrganizationID: id(9), QueueID: q, ChangedAt: monday.UnixMicro() + int64(r.IntN(80)), Tick: uint8(r.IntN(3)),
			EventID: uuid.NewSHA1(uuid.Nil, []byte{byte(i), byte(i >> 8)}), QueueName: []string{"Sales", "Support"}[r.IntN(2)], Deleted: r.IntN(5) == 0}
		for g := range r.IntN(3) {
			c.Groups, c.GroupNames = append(c.Groups, id(100+g)), append(c.GroupNames, fmt.Sprint("group ", g))
		}
		rows = append(rows, c)
		told[q] = append(told[q], timed[queueState]{c.ChangedAt, c.Tick, c.EventID, queueState{c.QueueName, fmt.Sprint(len(c.Groups)), c.Deleted}})
	}
	shuffledTwice(r, w, rows, func(one []aggregate.QueueChangeRow) *aggregate.Rows { return &aggregate.Rows{QueueChanges: one} })
	flush(t, w)
	for q, all := range told {
		want := periods(all, func(queueState) bool { return true })
		got := scan[string](t, db, "SELECT "+periodColumns+"'{', queue_name, ' ', toString(length(group_ids)), ' ', toString(deleted), '}') FROM queue_history WHERE organization_id = '"+
			id(9).String()+"' AND queue_id = '"+q.String()+"' ORDER BY valid_from")
		if !slices.Equal(got, want) || len(want) < 10 {
			t.Errorf("queue %s: got\n%s\nwant\n%s", q, strings.Join(got, "\n"), strings.Join(want, "\n"))
		}
	}
}

type agentState struct{ attached, active bool }

func TestQueueAgentHistory(t *testing.T) {
	db := openMigrated(t)
	r := rand.New(rand.NewPCG(3, 4))
	w := newTestWriter(db)
	type pair struct{ queue, agent uuid.UUID }
	var rows []aggregate.AttachmentRow
	named := map[pair]bool{}
	for i := range 200 {
		a := aggregate.AttachmentRow{OrganizationID: id(9), QueueID: id(1 + r.IntN(3)), ChangedAt: monday.UnixMicro() + int64(r.IntN(60)), Tick: uint8(r.IntN(3)),
			EventID: uuid.NewSHA1(uuid.Nil, []byte{byte(i), byte(i >> 8)}), Whole: r.IntN(3) == 0}
		for agent := range 4 {
			if a.Whole && r.IntN(2) == 0 || !a.Whole && len(a.Agents) == 0 && r.IntN(4-agent) == 0 {
				a.Agents = append(a.Agents, id(50+agent))
				a.Attached, a.Active = append(a.Attached, a.Whole || r.IntN(2) == 0), append(a.Active, r.IntN(3) > 0)
				named[pair{a.QueueID, id(50 + agent)}] = true
			}
		}
		rows = append(rows, a)
	}
	shuffledTwice(r, w, rows, func(one []aggregate.AttachmentRow) *aggregate.Rows { return &aggregate.Rows{Attachments: one} })
	flush(t, w)
	for p := range named {
		var all []timed[agentState]
		for i := range rows {
			a := &rows[i]
			if a.QueueID != p.queue {
				continue
			}
			if j := slices.Index(a.Agents, p.agent); j >= 0 {
				all = append(all, timed[agentState]{a.ChangedAt, a.Tick, a.EventID, agentState{a.Attached[j], a.Attached[j] && a.Active[j]}})
			} else if a.Whole {
				all = append(all, timed[agentState]{a.ChangedAt, a.Tick, a.EventID, agentState{}})
			}
		}
		want := periods(all, func(s agentState) bool { return s.attached })
		got := scan[string](t, db, "SELECT "+periodColumns+"'{true ', toString(active), '}') FROM queue_agent_history WHERE organization_id = '"+id(9).String()+
			"' AND queue_id = '"+p.queue.String()+"' AND agent_id = '"+p.agent.String()+"' ORDER BY valid_from")
		if !slices.Equal(got, want) || len(want) < 5 {
			t.Errorf("queue %s, agent %s: got\n%s\nwant\n%s", p.queue, p.agent, strings.Join(got, "\n"), strings.Join(want, "\n"))
		}
	}
}

// A name that is seen again on another day goes on; more sightings than the earliest of a date change nothing.
func TestNameHistory(t *testing.T) {
	db := openMigrated(t)
	w := newTestWriter(db)
	seen := func(name string, days, us int) aggregate.NameRow {
		at := monday.AddDate(0, 0, days)
		return aggregate.NameRow{OrganizationID: id(9), Kind: aggregate.NameOfAgent, ID: id(7), Name: name, Date: day(at), SeenAt: at.UnixMicro() + int64(us)}
	}
	rows := []aggregate.NameRow{seen("ann", 0, 5), seen("ann", 0, 3), seen("ann", 1, 0), seen("ann b", 1, 7), seen("ann b", 1, 9), seen("ann b", 2, 1), seen("ann", 4, 2)}
	shuffledTwice(rand.New(rand.NewPCG(5, 6)), w, rows, func(one []aggregate.NameRow) *aggregate.Rows { return &aggregate.Rows{Names: one} })
	w.Add(0, 1, &aggregate.Rows{Names: []aggregate.NameRow{{OrganizationID: id(9), Kind: aggregate.NameOfQueue, ID: id(7), Name: "Sales", Date: day(monday), SeenAt: monday.UnixMicro()}}})
	flush(t, w)
	at := func(days, us int) int64 { return monday.AddDate(0, 0, days).UnixMicro() + int64(us) }
	want := []string{fmt.Sprintf("%d–%d ann", at(0, 3), at(1, 7)), fmt.Sprintf("%d–%d ann b", at(1, 7), at(4, 2)), fmt.Sprintf("%d–now ann", at(4, 2))}
	got := scan[string](t, db, "SELECT "+periodColumns+"name) FROM name_history WHERE kind = 'agent' ORDER BY valid_from")
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	equal(t, "queues", one[string](t, db, "SELECT name FROM name_history WHERE kind = 'queue'"), "Sales")
}

func TestCallbackLists(t *testing.T) {
	db := openMigrated(t)
	w := newTestWriter(db)
	row := func(list int, last time.Duration, auto int32) aggregate.CallListRow {
		return aggregate.CallListRow{OrganizationID: id(9), ListID: id(list), FirstSeen: monday.UnixMicro(), LastSeen: monday.Add(last).UnixMicro(), AutoAllocate: auto}
	}
	w.Add(0, 1, &aggregate.Rows{ListDim: []aggregate.CallListRow{row(1, 0, aggregate.Null), row(2, 0, 0), row(3, 0, aggregate.Null)}})
	flush(t, w)
	w.Add(0, 2, &aggregate.Rows{ListDim: []aggregate.CallListRow{row(1, time.Hour, 1)}})
	flush(t, w)
	equal(t, "lists", one[string](t, db, "SELECT toString(arraySort(groupArray((toString(list_id), dateDiff('second', first_seen_at, last_seen_at), toString(is_auto_allocate))))) FROM callback_lists"),
		"[('"+id(1).String()+"',3600,'true'),('"+id(2).String()+"',0,'false'),('"+id(3).String()+"',0,NULL)]")
}
