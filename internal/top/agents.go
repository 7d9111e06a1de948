package top

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/charmbracelet/lipgloss"

	"ringside/store/query"
)

// shift is over how long agents' figures count where nothing else is chosen.
const shift = 8 * time.Hour

// Agent is what the wallboard shows of one agent.
type Agent struct {
	Name, State  string
	Since        time.Time // zero: not known
	Queue        string    // of the call at hand
	Channels     string    // what the agent is on each, of vendors who tell
	Stale, Stuck bool
	Calls        int64    // handled in the time that is shown
	AHT          *float64 // s
	Occupancy    *float64 // percent
}

// agentsSQL asks for the agents as they are now, with their figures since {since}.
const agentsSQL = `SELECT agent_name, agent_id, now_state AS state, since, queue_name, stale, stuck, channels, calls, aht_sec, occupancy
FROM (
    SELECT organization_id, agent_id, agent_name, toString(state) AS now_state, ifNull(toUnixTimestamp64Micro(state_since), 0) AS since,
        ifNull(queue_id, toUUID('00000000-0000-0000-0000-000000000000')) AS queue_id, stale, stuck,
        ` + query.ChannelsText + `
    FROM agent_status_now
) AS status
LEFT JOIN (SELECT organization_id, queue_id, queue_name FROM queues) AS queue USING (organization_id, queue_id)
LEFT JOIN (
    SELECT organization_id, agent_id, sum(handled_calls) AS calls, sum(handle_sum_sec) / nullIf(sum(handled_calls), 0) AS aht_sec,
        100 * sum(talking_sec + hold_sec + wrap_up_sec) / nullIf(sum(talking_sec + hold_sec + wrap_up_sec + available_sec), 0) AS occupancy
    FROM agent_interval_metrics WHERE interval_start >= {since:DateTime64(6, 'UTC')} - INTERVAL 15 MINUTE GROUP BY organization_id, agent_id
) AS figures USING (organization_id, agent_id)`

type agentRow struct {
	Name      string   `json:"agent_name"`
	ID        string   `json:"agent_id"`
	State     string   `json:"state"`
	Since     int64    `json:"since"`
	Queue     string   `json:"queue_name"`
	Stale     bool     `json:"stale"`
	Stuck     bool     `json:"stuck"`
	Channels  string   `json:"channels"`
	Calls     int64    `json:"calls"`
	AHT       *float64 `json:"aht_sec"`
	Occupancy *float64 `json:"occupancy"`
}

// loadAgents reads the agents, those at work first.
func (s *Snapshot) loadAgents(ctx context.Context, run Query, last time.Duration) error {
	from := s.Present(s.Taken).Add(-cmp.Or(last, shift))
	found, err := rows[agentRow](ctx, run, query.Statement{SQL: agentsSQL, Parameters: []query.Parameter{
		{Name: "since", Value: from.UTC().Format(instant)}}})
	if err != nil {
		return err
	}
	s.Agents = []Agent{}
	for _, r := range found {
		a := Agent{Name: cmp.Or(r.Name, r.ID), State: r.State, Queue: r.Queue, Stale: r.Stale, Stuck: r.Stuck, Channels: r.Channels, Calls: r.Calls, AHT: r.AHT, Occupancy: r.Occupancy}
		if r.Since > 0 {
			a.Since = time.UnixMicro(r.Since)
		}
		s.Agents = append(s.Agents, a)
	}
	slices.SortStableFunc(s.Agents, func(a, b Agent) int {
		return cmp.Or(cmp.Compare(stateOrder(a.State), stateOrder(b.State)), strings.Compare(strings.ToLower(a.Name), strings.ToLower(b.Name)))
	})
	return nil
}

// states are in the order in which agents are shown.
var states = []string{"talking", "hold", "ringing", "wrap_up", "available", "away", "off_work"}

func stateOrder(state string) int {
	if i := slices.Index(states, state); i >= 0 {
		return i
	}
	return len(states)
}

// cells are an agent's line.
func (a *Agent) cells(now time.Time) []string {
	since, mark := "-", ""
	if !a.Since.IsZero() {
		since = clock(max(now.Sub(a.Since), time.Second))
	}
	switch {
	case a.Stuck:
		mark = "stuck"
	case a.Stale:
		mark = "stale"
	}
	seconds := "-"
	if a.AHT != nil {
		seconds = clock(time.Duration(*a.AHT * float64(time.Second)))
	}
	return []string{clean(a.Name), strings.ReplaceAll(a.State, "_", " "), since, clean(a.Queue), fmt.Sprint(a.Calls), seconds,
		percent(value(a.Occupancy), a.Occupancy != nil), mark, clean(a.Channels)}
}

var agentTitles = []string{"agent", "state", "since", "queue", "calls", "handling", "occupancy", "", ""}

// titlesOf are the titles over agents; that of the channels only where a vendor tells of them.
func titlesOf(agents []Agent) []string {
	titles := slices.Clone(agentTitles)
	if slices.ContainsFunc(agents, func(a Agent) bool { return a.Channels != "" }) {
		titles[len(titles)-1] = "channels"
	}
	return titles
}

// writeAgents prints the agents as a table.
func writeAgents(w io.Writer, agents []Agent, now time.Time) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, strings.TrimSpace(strings.ToUpper(strings.Join(titlesOf(agents), "\t"))))
	for i := range agents {
		fmt.Fprintln(t, strings.TrimRight(strings.Join(agents[i].cells(now), "\t"), "\t"))
	}
	if err := t.Flush(); err != nil {
		return fmt.Errorf("print the agents: %w", err)
	}
	return nil
}

var stateStyles = map[string]lipgloss.Style{"talking": goodStyle, "hold": closeStyle, "ringing": closeStyle, "wrap_up": trailStyle, "available": plainStyle}

// agentLines are the agents whose name contains text, as lines of at most width, the titles first.
func agentLines(agents []Agent, text string, now time.Time, width int) []string {
	const form = "%-34s  %-9s  %8s  %-22s  %5s  %8s  %9s  %-5s  %s"
	fit := lipgloss.NewStyle().MaxWidth(width)
	render := func(cells []string) string {
		of := make([]any, len(cells))
		for i, n := range []int{34, 9, 8, 22, 5, 8, 9, 5, 80} {
			of[i] = cut(cells[i], n)
		}
		return fmt.Sprintf(form, of...)
	}
	lines := []string{fit.Render(headStyle.Render(render(titlesOf(agents))))}
	for i := range agents {
		a := &agents[i]
		if !strings.Contains(strings.ToLower(a.Name), strings.ToLower(text)) {
			continue
		}
		style, known := stateStyles[a.State]
		if !known {
			style = faintStyle
		}
		if a.Stuck || a.Stale {
			style = badStyle
		}
		lines = append(lines, fit.Render(style.Render(render(a.cells(now)))))
	}
	return lines
}
