package top

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/charmbracelet/lipgloss"
)

// List is what the wallboard shows of one callback list.
type List struct {
	ID                            string
	Open, Free, Assigned, Overdue int
}

// maxLists is how many lists are shown, the most overdue first.
const maxLists = 5

// sortLists puts first the lists with the most overdue callbacks, then those with the most open ones.
func sortLists(lists []List) {
	slices.SortFunc(lists, func(a, b List) int {
		return cmp.Or(cmp.Compare(b.Overdue, a.Overdue), cmp.Compare(b.Open, a.Open), strings.Compare(a.ID, b.ID))
	})
}

// name is the beginning of the list's id: no event tells what a list is called.
func (l *List) name() string { return clean(l.ID[:min(len(l.ID), 8)]) }

// listLines are the lines below the queues; none where there are no lists, or where they would take a third of the room.
func (m *model) listLines() []string {
	room := min(maxLists, m.height/3-2, len(m.snapshot.Lists))
	if room <= 0 {
		return nil
	}
	lines := []string{"", headStyle.Render(fmt.Sprintf("%-16s %7s %7s %9s %8s", "callback list", "open", "free", "assigned", "overdue"))}
	for i := range room {
		l := &m.snapshot.Lists[i]
		style := plainStyle
		if l.Overdue > 0 {
			style = badStyle
		}
		lines = append(lines, fmt.Sprintf("%-16s %7s %7s %9s %s", l.name(), number(int64(l.Open)), number(int64(l.Free)),
			number(int64(l.Assigned)), style.Render(fmt.Sprintf("%8s", number(int64(l.Overdue))))))
	}
	for i := range lines {
		lines[i] = lipgloss.NewStyle().MaxWidth(m.width).Render(lines[i])
	}
	return lines
}
