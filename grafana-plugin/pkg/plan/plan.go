// Package plan chooses the statement of store/query that answers a query.
package plan

import (
	"fmt"
	"time"

	"ringside/grafana-plugin/pkg/catalogue"
	"ringside/grafana-plugin/pkg/model"
	"ringside/store/query"
)

// Range is the time that a panel shows, and how finely.
type Range struct {
	From, To time.Time
	Interval time.Duration // Grafana's, between two points
	Now      time.Time
}

// Plan is a statement, and what its frames must know.
type Plan struct {
	query.Statement
	Step  time.Duration // of a series
	Limit int           // rows asked for, 0: all
}

const (
	day = 24 * time.Hour
	// maxRange bounds what is read at once.
	maxRange = 10 * 366 * day
	// maxPoints is how many steps a series of a state has at most.
	maxPoints = 2_000
)

// New chooses the statement of a query of any kind but sql.
func New(q *model.Query, f query.Filter, r Range) (*Plan, error) {
	if r.To.Before(r.From) {
		return nil, fmt.Errorf("the time range ends before it begins")
	}
	if r.To.Sub(r.From) > maxRange {
		return nil, fmt.Errorf("the time range is longer than ten years")
	}
	p := &planner{query: q, filter: f, Range: r, by: grouping[q.GroupBy]}
	for _, of := range []func() *Plan{p.ofQueues, p.ofCalls, p.ofAgents, p.ofRecords} {
		if plan := of(); plan != nil {
			return plan, nil
		}
	}
	panic("BUG: the catalogue has " + q.Kind + "/" + q.View + ", and no statement answers it")
}

var grouping = map[string]query.GroupBy{model.ByQueue: query.ByQueue, model.ByGroup: query.ByGroup, model.InTotal: query.InTotal}

type planner struct {
	Range
	query  *model.Query
	filter query.Filter
	by     query.GroupBy
}

// present is what "now" is for the last so long: the end of the range, at most now.
func (p *planner) present() time.Time {
	if p.To.Before(p.Now) {
		return p.To
	}
	return p.Now
}

// step of figures that are kept by quarters of an hour.
func (p *planner) step() time.Duration {
	if p.query.Step > 0 {
		return p.query.Step
	}
	return model.AutoStep(p.Interval)
}

// fineStep of a state, which is known at any instant.
func (p *planner) fineStep() time.Duration {
	step := p.query.Step
	if step == 0 {
		step = p.Interval
	}
	return max(step, time.Second, p.To.Sub(p.From)/maxPoints).Truncate(time.Second)
}

func (p *planner) series(step time.Duration) query.SeriesOptions {
	return query.SeriesOptions{From: p.From, To: p.To, Step: step, Zone: p.query.Zone, ByEnd: p.query.ByEnd, Threshold: p.query.Threshold}
}

// untilNow is how long before now a range may end that is meant to reach it: Grafana takes its now before it asks.
const untilNow = time.Minute

// dates are the local dates that the range covers, both included. In a range up to now, a queue's own zone may have come to
// a later date than the zone in which the range is read: that day belongs to it, too.
func (p *planner) dates() (first, last time.Time) {
	zone, err := time.LoadLocation(p.query.DateZone)
	if err != nil {
		zone = time.UTC
	}
	date := func(t time.Time) time.Time {
		t = t.In(zone)
		return time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, time.UTC)
	}
	first, last = date(p.From), date(p.To.Add(-time.Microsecond))
	if p.query.Zone == "" && p.To.After(p.Now.Add(-untilNow)) {
		zone = time.FixedZone("the first to have a new date", 14*60*60)
		last = date(p.Now)
	}
	if last.Before(first) {
		last = first
	}
	return first, last
}

func (p *planner) ofQueues() *Plan {
	f, by := p.filter, p.by
	switch p.query.Kind + "/" + p.query.View {
	case catalogue.QueueStatus + "/now", catalogue.ServiceLevel + "/live":
		return &Plan{Statement: query.BoardBy(f, by, p.Now)}
	case catalogue.QueueStatusHistory + "/":
		step := p.fineStep()
		return &Plan{Statement: query.StatusHistory(f, by, p.From, p.To, step), Step: step}
	case catalogue.DailyMetrics + "/":
		first, last := p.dates()
		return &Plan{Statement: query.Days(f, by, first, last, p.query.Zone), Step: day}
	case catalogue.ServiceLevel + "/days":
		return &Plan{Statement: query.Series(f, by, p.series(day)), Step: day}
	case catalogue.IntervalMetrics + "/", catalogue.ServiceLevel + "/intervals", catalogue.ServiceLevel + "/rolling":
		if p.query.Rolling > 0 {
			return &Plan{Statement: query.RollingBy(f, by, p.query.Rolling, p.present(), p.query.Threshold)}
		}
		return &Plan{Statement: query.Series(f, by, p.series(p.step())), Step: p.step()}
	case catalogue.Waits + "/percentiles":
		step := time.Duration(0)
		if p.query.Format == model.FormatTimeSeries {
			step = p.step()
		}
		return &Plan{Statement: query.Percentiles(f, by, p.series(step), p.query.Percentiles), Step: step}
	case catalogue.Waits + "/histogram":
		return &Plan{Statement: query.WaitHistogram(f, by, p.From, p.To)}
	case catalogue.Waits + "/heatmap":
		return &Plan{Statement: query.WaitHeatmap(f, p.From, p.To, p.step(), p.query.Zone, nil), Step: p.step()}
	}
	return nil
}

func (p *planner) ofCalls() *Plan {
	q := p.query
	switch q.Kind + "/" + q.View {
	case catalogue.Calls + "/list":
		if q.CallID != [16]byte{} {
			return &Plan{Statement: query.CallParts(p.filter, q.CallID)}
		}
		c := query.CallsFilter{Filter: p.filter, Outcomes: q.Outcomes, Directions: q.Directions, Limit: q.Limit}
		return &Plan{Statement: query.Calls(c, p.From, p.To), Limit: q.Limit}
	case catalogue.Calls + "/events":
		return &Plan{Statement: query.CallEvents(p.filter, q.CallID, q.Limit), Limit: q.Limit}
	case catalogue.Callbacks + "/lists":
		return &Plan{Statement: query.CallbackLists(p.filter)}
	case catalogue.Callbacks + "/history":
		step := p.fineStep()
		return &Plan{Statement: query.CallbackListHistory(p.filter, p.From, p.To, step), Step: step}
	case catalogue.Callbacks + "/requests":
		return &Plan{Statement: query.Callbacks(p.filter, p.From, p.To, q.Limit), Limit: q.Limit}
	case catalogue.Callbacks + "/recovered":
		return &Plan{Statement: query.Recovered(p.filter, p.From, p.To, q.Limit), Limit: q.Limit}
	case catalogue.Callbacks + "/overview":
		return &Plan{Statement: query.CallbackOverview(p.filter, p.From, p.To)}
	}
	return nil
}

func (p *planner) ofAgents() *Plan {
	q := p.query
	switch q.Kind + "/" + q.View {
	case catalogue.Agents + "/now":
		if p.by == query.InTotal {
			return &Plan{Statement: query.AgentStates(p.filter, p.Now)}
		}
		return &Plan{Statement: query.Agents(p.filter, p.Now)}
	case catalogue.Agents + "/timeline":
		return &Plan{Statement: query.AgentTimeline(p.filter, p.From, p.To, query.MaxTimeline), Limit: query.MaxTimeline}
	case catalogue.Agents + "/intervals":
		return &Plan{Statement: query.AgentIntervals(p.filter, p.From, p.To, p.step(), q.Zone), Step: p.step()}
	case catalogue.Agents + "/queues":
		return &Plan{Statement: query.AgentQueues(p.filter, p.From, p.To)}
	}
	return nil
}

func (p *planner) ofRecords() *Plan {
	q := p.query
	switch q.Kind + "/" + q.View {
	case catalogue.Reconciliation + "/fields":
		return &Plan{Statement: query.ReconciliationFields(p.filter, p.From, p.To)}
	case catalogue.Reconciliation + "/drift":
		step := p.fineStep()
		return &Plan{Statement: query.ReconciliationDrift(p.filter, p.From, p.To, step), Step: step}
	case catalogue.Reconciliation + "/differences":
		return &Plan{Statement: query.ReconciliationDifferences(p.filter, p.From, p.To, q.Limit), Limit: q.Limit}
	case catalogue.Engine + "/lag":
		return &Plan{Statement: query.Lag(p.filter, p.Now)}
	case catalogue.Engine + "/accounting":
		return &Plan{Statement: query.Accounting(p.filter)}
	case catalogue.Engine + "/rejects":
		return &Plan{Statement: query.RejectReasons(p.filter, p.From, p.To)}
	case catalogue.Engine + "/late":
		step := p.fineStep()
		return &Plan{Statement: query.LateReasons(p.filter, p.From, p.To, step), Step: step}
	case catalogue.Annotations + "/opening":
		return &Plan{Statement: query.Openings(p.filter, p.From, p.To)}
	case catalogue.Annotations + "/serviceLevelMissed":
		return &Plan{Statement: query.MissedLevels(p.filter, p.From, p.To, q.Variant)}
	}
	return nil
}
