package top

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	tea "github.com/charmbracelet/bubbletea"
	"github.com/charmbracelet/lipgloss"
)

var noon = time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)

func queue(name string, change func(*Queue)) Queue {
	q := Queue{ID: "id-" + name, Name: name, Target: 80, Threshold: 20 * time.Second}
	if change != nil {
		change(&q)
	}
	return q
}

// centre has one queue for each reason to be on top, named in the order of trouble.
func centre() []Queue {
	return []Queue{
		queue("5 calm", func(q *Queue) { q.HasLevel, q.Level = true, 95 }),
		queue("3 missed", func(q *Queue) { q.HasLevel, q.Level = true, 50 }),
		queue("1 waits 90 s", func(q *Queue) { q.Waiting, q.LongestSince = 1, noon.Add(-90*time.Second) }),
		queue("4 close", func(q *Queue) { q.HasLevel, q.Level = true, 75 }),
		queue("2 waits 5 s", func(q *Queue) {
			q.Waiting, q.LongestSince, q.HasLevel, q.Level = 3, noon.Add(-5*time.Second), true, 90
		}),
	}
}

func names(queues []Queue) string {
	var n []string
	for _, q := range queues {
		n = append(n, q.Name[:1])
	}
	return strings.Join(n, "")
}

func TestOrders(t *testing.T) {
	for order, want := range map[Order]string{ByTrouble: "12345", ByName: "12345", ByWaiting: "21345", ByLevel: "34251"} {
		queues := centre()
		Sort(queues, order, noon)
		if got := names(queues); got != want {
			t.Errorf("by %v: %s, want %s", order, got, want)
		}
	}
}

func TestWaitTicksBetweenPolls(t *testing.T) {
	m := newModel(context.Background(), nil)
	m.wall = noon
	m.Update(loadMsg{snapshot: Snapshot{Queues: centre(), Taken: noon, Horizon: noon.Add(-time.Second)}})
	if v := m.View(); !strings.Contains(v, "1:30") || !strings.Contains(v, "live") {
		t.Errorf("at noon the longest wait is 1:30 and the figures are live:\n%s", v)
	}
	m.Update(tickMsg(noon.Add(31 * time.Second)))
	if v := m.View(); !strings.Contains(v, "2:01") || strings.Contains(v, "1:30") || !strings.Contains(v, "0:33 ago") {
		t.Errorf("31 s later without a poll it is 2:01, and the badge tells the age:\n%s", v)
	}
}

func TestStoreAwayKeepsFigures(t *testing.T) {
	m := newModel(context.Background(), nil)
	m.wall = noon
	m.Update(loadMsg{snapshot: Snapshot{Queues: centre(), Taken: noon}})
	m.Update(loadMsg{err: errors.New("connection refused")})
	if v := m.View(); !strings.Contains(v, "store away: connection refused") || !strings.Contains(v, "3 missed") {
		t.Errorf("the figures stay, with a badge:\n%s", v)
	}
}

func press(m *model, keys ...string) {
	for _, k := range keys {
		msg := tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune(k)}
		switch k {
		case "enter":
			msg = tea.KeyMsg{Type: tea.KeyEnter}
		case "esc":
			msg = tea.KeyMsg{Type: tea.KeyEsc}
		}
		m.Update(msg)
	}
}

func TestKeys(t *testing.T) {
	m := newModel(context.Background(), nil)
	m.wall = noon
	m.Update(loadMsg{snapshot: Snapshot{Queues: centre(), Taken: noon}})
	press(m, "/", "W", "a", "i", "t", "s", "enter")
	if got := names(m.shown()); got != "12" {
		t.Errorf("filtered by Waits: %s, want 12", got)
	}
	press(m, "s", "s")
	if m.order != ByWaiting || names(m.shown()) != "21" {
		t.Errorf("order %v, %s; want by waiting, 21", m.order, names(m.shown()))
	}
	press(m, "esc", "?")
	if v := m.View(); m.filter != "" || !strings.Contains(v, "next, previous order") {
		t.Errorf("help is not shown or the filter %q stays", m.filter)
	}
	if _, cmd := m.Update(tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune("q")}); cmd == nil || cmd() != tea.Quit() {
		t.Error("q does not quit")
	}
}

func TestViewFitsTheTerminal(t *testing.T) {
	for _, size := range []tea.WindowSizeMsg{{Width: 40, Height: 8}, {Width: 80, Height: 24}, {Width: 200, Height: 50}} {
		m := newModel(context.Background(), nil)
		m.wall = noon
		var queues []Queue
		for i := range 100 {
			queues = append(queues, queue(fmt.Sprintf("%d a queue with a name that is rather long, ärger\x1b[2J", i), nil))
		}
		m.Update(size)
		m.Update(loadMsg{snapshot: Snapshot{Queues: queues, Taken: noon, Lists: []List{{ID: "0123456789", Open: 12, Overdue: 34}}}})
		press(m, "G")
		v := m.View()
		lines := strings.Split(v, "\n")
		if len(lines) > size.Height {
			t.Errorf("%dx%d: %d lines", size.Width, size.Height, len(lines))
		}
		for _, l := range lines[:len(lines)-1] {
			if w := lipgloss.Width(l); w > size.Width {
				t.Errorf("%dx%d: a line of width %d: %q", size.Width, size.Height, w, l)
			}
		}
		if strings.Contains(v, "\x1b[2J") {
			t.Error("a queue's name reaches the terminal with its control characters")
		}
		if shown := strings.Contains(v, "01234567 ") && strings.Contains(v, "34"); shown != (size.Height > 8) {
			t.Errorf("%dx%d: the callback list is shown: %v\n%s", size.Width, size.Height, shown, v)
		}
		if !strings.Contains(v, "of 100") {
			t.Errorf("%dx%d: the footer does not tell what part is shown:\n%s", size.Width, size.Height, v)
		}
	}
}

func TestTrail(t *testing.T) {
	var tr trail
	for i := range trailLength + 3 {
		tr.add(i % 8)
	}
	got := []rune(tr.String())
	if len(got) != trailLength || got[trailLength-1] != '▃' || tr.samples[0] != 3 {
		t.Errorf("trail %q, oldest %d; want %d wide, ending in 2 of 7, beginning with 3", string(got), tr.samples[0], trailLength)
	}
	var quiet trail
	quiet.add(0)
	quiet.add(1)
	if s := strings.TrimSpace(quiet.String()); s != "▁▂" {
		t.Errorf("one waiting caller is drawn as %q", s)
	}
}

func TestPlainHasLists(t *testing.T) {
	var b strings.Builder
	if err := WritePlain(&b, Snapshot{Queues: centre(), Lists: []List{{ID: "0123456789", Open: 4, Free: 3, Assigned: 1, Overdue: 2}}}, noon); err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(b.String()), "\n")
	if got := strings.Join(strings.Fields(lines[len(lines)-1]), " "); got != "0123456789 4 3 1 2" {
		t.Errorf("the list's line is %q:\n%s", got, b.String())
	}
}

func TestPlain(t *testing.T) {
	var b strings.Builder
	if err := WritePlain(&b, Snapshot{Queues: centre()}, noon); err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(b.String()), "\n")
	if len(lines) != 7 || !strings.HasPrefix(lines[1], "1 waits 90 s") || !strings.Contains(lines[1], "1:30") ||
		strings.Fields(lines[6])[0] != "TOTAL" || strings.Fields(lines[6])[1] != "4" {
		t.Errorf("unexpected table:\n%s", b.String())
	}
}
