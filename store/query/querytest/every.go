// Package querytest has a statement of each function of package query, so that what must hold of all of them is tested of all.
package querytest

import (
	"time"

	"github.com/google/uuid"

	"ringside/store/query"
)

// Values are what the statements are made with, besides the filter.
type Values struct {
	From, To time.Time
	Step     time.Duration
	ID       uuid.UUID // of a call
	Text     string    // wherever a function takes a string
	Limit    int
}

// Every returns a statement of each function of package query, by the function's name.
func Every(f query.Filter, v Values) map[string]query.Statement {
	from, to, step, text, limit := v.From, v.To, v.Step, v.Text, v.Limit
	return map[string]query.Statement{
		"Board":           query.Board(f, to),
		"Rolling":         query.Rolling(f, to.Sub(from), to),
		"Daily":           query.Daily(f, from, to),
		"Intervals":       query.Intervals(f, from, to),
		"WaitPercentiles": query.WaitPercentiles(f, from, to),
		"Groups":          query.Groups(f),
		"GroupDaily":      query.GroupDaily(f, from, to),
		"GroupIntervals":  query.GroupIntervals(f, from, to),

		"Calls":      query.Calls(query.CallsFilter{Filter: f, Outcomes: []string{text, "answered"}, Directions: []string{"inbound", text}, Limit: limit}, from, to),
		"CallParts":  query.CallParts(f, v.ID),
		"CallEvents": query.CallEvents(f, v.ID, limit),

		"CallbackLists":       query.CallbackLists(f),
		"CallbackListHistory": query.CallbackListHistory(f, from, to, step),
		"Callbacks":           query.Callbacks(f, from, to, limit),
		"Recovered":           query.Recovered(f, from, to, limit),
		"CallbackOverview":    query.CallbackOverview(f, from, to),

		"Agents":         query.Agents(f, to),
		"AgentStates":    query.AgentStates(f, to),
		"AgentTimeline":  query.AgentTimeline(f, from, to, limit),
		"AgentIntervals": query.AgentIntervals(f, from, to, step, text),
		"AgentQueues":    query.AgentQueues(f, from, to),

		"ReconciliationFields":      query.ReconciliationFields(f, from, to),
		"ReconciliationDrift":       query.ReconciliationDrift(f, from, to, step),
		"ReconciliationDifferences": query.ReconciliationDifferences(f, from, to, limit),

		"Lag":           query.Lag(f, to),
		"Accounting":    query.Accounting(f),
		"RejectReasons": query.RejectReasons(f, from, to),
		"LateReasons":   query.LateReasons(f, from, to, step),

		"Openings":     query.Openings(f, from, to),
		"MissedLevels": query.MissedLevels(f, from, to, text),

		"LookupOrganizations": query.LookupOrganizations(f, text, limit),
		"LookupGroups":        query.LookupGroups(f, text, limit),
		"LookupQueues":        query.LookupQueues(f, text, limit),
		"LookupAgents":        query.LookupAgents(f, text, limit),
		"LookupCallLists":     query.LookupCallLists(f, text, limit),

		"BoardBy":       query.BoardBy(f, query.ByQueue, to),
		"RollingBy":     query.RollingBy(f, query.ByQueue, to.Sub(from), to, 0),
		"StatusHistory": query.StatusHistory(f, query.ByQueue, from, to, step),
		"Series":        query.Series(f, query.ByQueue, query.SeriesOptions{From: from, To: to, Step: step, Zone: text}),
		"Days":          query.Days(f, query.ByQueue, from, to, text),
		"Percentiles":   query.Percentiles(f, query.ByQueue, query.SeriesOptions{From: from, To: to, Step: step, Zone: text}, []float64{50, 95}),
		"WaitHistogram": query.WaitHistogram(f, query.ByQueue, from, to),
		"WaitHeatmap":   query.WaitHeatmap(f, from, to, step, text, nil),

		"Schema": query.Schema(),
	}
}
