package top

import (
	"fmt"
	"strings"
	"time"

	"github.com/charmbracelet/lipgloss"
)

var (
	titleStyle  = lipgloss.NewStyle().Bold(true).Foreground(lipgloss.Color("15")).Background(lipgloss.Color("24")).Padding(0, 1)
	headStyle   = lipgloss.NewStyle().Bold(true).Foreground(lipgloss.Color("245"))
	faintStyle  = lipgloss.NewStyle().Foreground(lipgloss.Color("245"))
	goodStyle   = lipgloss.NewStyle().Foreground(lipgloss.Color("42"))
	closeStyle  = lipgloss.NewStyle().Foreground(lipgloss.Color("220"))
	badStyle    = lipgloss.NewStyle().Bold(true).Foreground(lipgloss.Color("203"))
	trailStyle  = lipgloss.NewStyle().Foreground(lipgloss.Color("75"))
	plainStyle  = lipgloss.NewStyle()
	gradeStyles = map[Grade]lipgloss.Style{GradeNone: faintStyle, GradeMet: goodStyle, GradeClose: closeStyle, GradeMissed: badStyle}
)

// column is one column of the wallboard.
type column struct {
	title string
	width int // at least; the name takes what is left
	cell  func(q *Queue, m *model) (string, lipgloss.Style)
}

func number(n int64) string {
	switch n {
	case 0:
		return "·"
	case Unknown:
		return "?"
	}
	return fmt.Sprint(n)
}

func count(get func(q *Queue) int64) func(*Queue, *model) (string, lipgloss.Style) {
	return func(q *Queue, _ *model) (string, lipgloss.Style) { return number(get(q)), plainStyle }
}

// columns are in order of importance: a narrow terminal drops the last ones.
var columns = []column{
	{"waiting", 7, func(q *Queue, m *model) (string, lipgloss.Style) {
		return number(int64(q.Waiting)), waitStyle(q, m.now)
	}},
	{"longest", 7, func(q *Queue, m *model) (string, lipgloss.Style) {
		return clock(q.LongestWait(m.now)), waitStyle(q, m.now)
	}},
	{"level", 6, func(q *Queue, _ *model) (string, lipgloss.Style) {
		return percent(q.Level, q.HasLevel), gradeStyles[q.Grade()]
	}},
	{"talking", 7, count(func(q *Queue) int64 { return int64(q.Connected) })},
	{"free/on", 7, func(q *Queue, _ *model) (string, lipgloss.Style) {
		style := plainStyle
		if q.Closed() {
			return "closed", faintStyle
		}
		if q.Serving == Unknown {
			return "?", faintStyle
		}
		if q.Free == 0 && q.Waiting > 0 {
			style = closeStyle
		}
		return fmt.Sprintf("%d/%d", q.Free, q.Serving), style
	}},
	{"answered", 8, count(func(q *Queue) int64 { return q.Answered })},
	{"abandoned", 9, count(func(q *Queue) int64 { return q.Abandoned })},
	{"waiting, last 2 minutes", trailLength, func(q *Queue, m *model) (string, lipgloss.Style) {
		if t := m.trails[q.ID]; t != nil {
			return t.String(), trailStyle
		}
		return "", trailStyle
	}},
	{"target", 6, func(q *Queue, _ *model) (string, lipgloss.Style) {
		return percent(q.Target, q.Target > 0), faintStyle
	}},
}

func waitStyle(q *Queue, now time.Time) lipgloss.Style {
	switch wait := q.LongestWait(now); {
	case q.Waiting <= 0:
		return faintStyle
	case q.Threshold > 0 && wait > q.Threshold:
		return badStyle
	case q.Threshold > 0 && wait > q.Threshold/2:
		return closeStyle
	}
	return plainStyle
}

const (
	gap       = 2
	nameLeast = 16
	nameRoom  = 24 // what names that need it get before the columns that matter least
	nameMost  = 40
)

// View implements tea.Model.
func (m *model) View() string {
	var b strings.Builder
	b.WriteString(m.header() + "\n\n")
	if m.help {
		b.WriteString(helpText)
		return b.String()
	}
	if m.snapshot.Agents != nil {
		b.WriteString(m.agents())
		return b.String()
	}
	shown := m.shown()
	fit, nameWidth := m.fit()
	b.WriteString(headStyle.Render(line(cut("queue", nameWidth), nameWidth, fit, func(c *column) string { return c.title })) + "\n")
	lists := m.listLines()
	rows := max(m.height-4-len(lists), 1)
	m.scroll = min(m.scroll, max(len(shown)-rows, 0))
	for i := m.scroll; i < min(len(shown), m.scroll+rows); i++ {
		q := &shown[i]
		b.WriteString(line(gradeName(q).Render(cut(clean(q.Name), nameWidth)), nameWidth, fit, func(c *column) string {
			text, style := c.cell(q, m)
			return style.Render(text)
		}) + "\n")
	}
	if len(shown) == 0 {
		b.WriteString(faintStyle.Render(m.nothing()) + "\n")
	}
	b.WriteString(strings.Repeat("\n", max(rows-max(len(shown), 1), 0))) // the last line is the footer's
	for _, l := range lists {
		b.WriteString(l + "\n")
	}
	b.WriteString(m.footer(len(shown), rows))
	return b.String()
}

// agents is the page below the header where agents are shown.
func (m *model) agents() string {
	lines := agentLines(m.snapshot.Agents, m.filter, m.now, m.width)
	head, lines := lines[0], lines[1:]
	rows := max(m.height-4, 1)
	m.scroll = min(m.scroll, max(len(lines)-rows, 0))
	page := append([]string{head}, lines[m.scroll:min(len(lines), m.scroll+rows)]...)
	for len(page) < rows+1 {
		page = append(page, "")
	}
	return strings.Join(append(page, m.footer(len(lines), rows)), "\n")
}

func gradeName(q *Queue) lipgloss.Style {
	switch {
	case q.Waiting > 0:
		return plainStyle.Bold(true)
	case q.Closed():
		return faintStyle
	}
	return plainStyle
}

func (m *model) nothing() string {
	switch {
	case m.err != nil:
		return "no figures yet"
	case m.loaded && m.filter != "":
		return "no queue's name contains " + m.filter
	case m.loaded:
		return "no queues yet: they appear with their first event"
	}
	return "reading …"
}

// fit returns the columns that the terminal has room for, and the width of the name.
func (m *model) fit() ([]column, int) {
	least := nameLeast
	for i := range m.snapshot.Queues {
		least = max(least, lipgloss.Width(clean(m.snapshot.Queues[i].Name)))
	}
	least = min(least, nameRoom, max(m.width*3/10, nameLeast))
	left := m.width - least
	n := 0
	for n < len(columns) && left >= gap+columns[n].width {
		left -= gap + columns[n].width
		n++
	}
	return columns[:n], min(least+max(left, 0), nameMost)
}

// line puts cells right-aligned after a name that is as wide as its column already.
func line(name string, nameWidth int, fit []column, cell func(*column) string) string {
	var b strings.Builder
	b.WriteString(name + strings.Repeat(" ", max(nameWidth-lipgloss.Width(name), 0)))
	for i := range fit {
		text := cell(&fit[i])
		b.WriteString(strings.Repeat(" ", gap+max(fit[i].width-lipgloss.Width(text), 0)) + text)
	}
	return b.String()
}

func cut(text string, width int) string {
	if lipgloss.Width(text) <= width {
		return text
	}
	for lipgloss.Width(text) >= width {
		r := []rune(text)
		text = string(r[:len(r)-1])
	}
	return text + "…"
}

// header is one line: what does not fit is left out, the least important first.
func (m *model) header() string {
	t := Sum(m.snapshot.Queues, m.now)
	waiting, style := fmt.Sprintf("waiting %d", t.Waiting), plainStyle
	if t.Waiting > 0 {
		waiting += ", longest " + clock(t.Longest)
	}
	if t.Overdue > 0 {
		style = badStyle
	}
	text := titleStyle.Render("Ringside") + " " + m.badge() + "  " + style.Render(waiting)
	for _, part := range []string{fmt.Sprintf("talking %d", t.Connected), fmt.Sprintf("offered %s %d", m.snapshot.period(), t.Offered),
		fmt.Sprintf("answered %d", t.Answered), fmt.Sprintf("abandoned %d", t.Abandoned), fmt.Sprintf("below target %d of %d", t.Missed, t.Graded),
		fmt.Sprintf("ringing %d", t.Ringing)} {
		if lipgloss.Width(text)+2+len(part) > m.width {
			break
		}
		text += "  " + part
	}
	return lipgloss.NewStyle().MaxWidth(m.width).Render(text)
}

// badge tells the age of the newest event in the figures, so that silence and an outage look different from calm.
func (m *model) badge() string {
	if m.err != nil {
		return badStyle.Render("store away: " + cut(clean(m.err.Error()), 60))
	}
	if m.snapshot.Horizon.IsZero() {
		return faintStyle.Render("no events")
	}
	age := max(m.now.Sub(m.snapshot.Horizon), 0)
	text := "newest event " + m.snapshot.Horizon.Local().Format("2006-01-02 15:04:05")
	if age < 24*time.Hour {
		text = "newest event " + clock(age+time.Second) + " ago"
	}
	switch {
	case age < 15*time.Second:
		return goodStyle.Render("live")
	case age < time.Minute:
		return closeStyle.Render(text)
	}
	return badStyle.Render(text)
}

func (m *model) footer(shown, rows int) string {
	text := fmt.Sprintf("by %s · s sort · / filter · ? help · q quit", m.order)
	if m.snapshot.Agents != nil {
		text = "/ filter · ? help · q quit"
	}
	switch {
	case m.filtering:
		text = "filter: " + m.filter + "▏ (Enter keeps it, Esc clears it)"
	case m.filter != "":
		text = "filter: " + m.filter + " · " + text
	}
	if shown > rows {
		text += fmt.Sprintf(" · %d–%d of %d", m.scroll+1, min(m.scroll+rows, shown), shown)
	}
	return faintStyle.Render(text)
}

const helpText = `
  s, S        next, previous order: trouble, name, waiting, service level, offered
  /           filter by name; Esc clears it
  ↑ ↓ PgUp PgDn Home End   scroll
  ?           this help
  q, Ctrl-C   quit

  Trouble puts first the queues where somebody waits beyond the threshold, by the longest wait; then those with
  callers waiting; then those below their target. Calls and service level are today's, by the queue's own zone, or
  with --last 30m those of the last 30 minutes; callers who already wait beyond the threshold count against the level.
  level is green at the target, yellow up to ten points below it, red beyond; a wait is yellow from half the
  threshold on and red beyond it.  free/on: agents immediately free / connected or able to take a call.
  With --agents: what each agent does, and the calls, mean handling time and occupancy of the last 8 hours, or of --last.
  Callback lists stand below, the most overdue first, by the beginning of their id.
  The bars are the callers waiting in the last two minutes.  · is 0, - is "not known".
`
