package sim

import (
	"fmt"
	"slices"
	"strings"

	"github.com/google/uuid"
)

// description is what a queue is from an instant on. Its groups never change.
type description struct {
	at           int64 // µs
	name, region string
	deleted      bool
}

// PeriodLine says what a queue was from an instant to another, both in µs, to 0: to the end.
func PeriodLine(queue uuid.UUID, from, to int64, name, region string, groups []string, deleted bool) string {
	return fmt.Sprintf("queue %s %d–%d %q in %q, groups %s, deleted %v", queue, from, to, name, region, strings.Join(groups, " + "), deleted)
}

// AttachmentLine says that an agent was attached to a queue from an instant to another, both in µs, to 0: to the end.
func AttachmentLine(queue, agent uuid.UUID, from, to int64, active bool) string {
	return fmt.Sprintf("queue %s agent %s %d–%d active %v", queue, agent, from, to, active)
}

func (s *Sim) structure() (lines []string) {
	for _, o := range s.centres {
		for _, q := range o.queues {
			lines = append(lines, q.periods()...)
			for _, m := range q.members {
				lines = append(lines, q.attachments(m.agent)...)
			}
		}
	}
	slices.Sort(lines)
	return lines
}

func (q *queue) periods() (lines []string) {
	var groups []string
	for _, g := range q.groups {
		groups = append(groups, g.name)
	}
	same := func(a, b description) bool { a.at = b.at; return a == b }
	for i := 0; i < len(q.told); {
		next := i + 1
		for next < len(q.told) && same(q.told[next], q.told[i]) {
			next++
		}
		d, to := q.told[i], int64(0)
		if next < len(q.told) {
			to = q.told[next].at
		}
		lines = append(lines, PeriodLine(q.id, d.at, to, d.name, d.region, groups, d.deleted))
		i = next
	}
	return lines
}

func (q *queue) attachments(a *agent) (lines []string) {
	var all []rosterChange
	for _, c := range q.roster {
		if c.agent == a && (len(all) == 0 || all[len(all)-1].attached != c.attached || all[len(all)-1].active != c.active) {
			all = append(all, c)
		}
	}
	for i, c := range all {
		if to := int64(0); c.attached {
			if i+1 < len(all) {
				to = all[i+1].at.Micros()
			}
			lines = append(lines, AttachmentLine(q.id, a.id, c.at.Micros(), to, c.active))
		}
	}
	return lines
}

// DiffStructure compares lines of PeriodLine and AttachmentLine, in any order, with the truth.
func (t *Truth) DiffStructure(lines []string) (differences []string) {
	got := slices.Sorted(slices.Values(lines))
	want := t.Structure
	for len(got) > 0 || len(want) > 0 {
		switch {
		case len(got) == 0 || len(want) > 0 && want[0] < got[0]:
			differences, want = append(differences, "missing: "+want[0]), want[1:]
		case len(want) == 0 || got[0] < want[0]:
			differences, got = append(differences, "not expected: "+got[0]), got[1:]
		default:
			got, want = got[1:], want[1:]
		}
	}
	return differences
}
