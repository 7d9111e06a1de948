package top

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"

	"ringside/store/query"
)

// Query runs a statement on the store and returns the answer as it comes.
type Query func(ctx context.Context, statement query.Statement) ([]byte, error)

// Choice is what of the store is shown.
type Choice struct {
	Last  time.Duration // offered, answered, abandoned and the service level are those of the last so long; 0: of today
	Group string        // the queues of the queue group with this name or id; "": all

	Agents bool // the agents, in the place of the queues
}

// NewSource returns a Source that reads the store's views with run. Its first snapshot has the recent past too. It is for
// one goroutine at a time.
func NewSource(run Query, choice Choice) Source {
	first := true
	return func(ctx context.Context) (Snapshot, error) {
		filter, err := inGroup(ctx, run, choice.Group)
		if err != nil {
			return Snapshot{}, err
		}
		s, err := load(ctx, run, filter, time.Now())
		if err == nil && choice.Last > 0 {
			err = s.roll(ctx, run, filter, choice.Last)
		}
		if err == nil && choice.Agents {
			err = s.loadAgents(ctx, run, choice.Last)
		}
		if err == nil && first {
			s.Past, err = loadPast(ctx, run, s.Present(s.Taken))
			first = err != nil
		}
		return s, err
	}
}

const (
	instant    = "2006-01-02 15:04:05.000000" // as ClickHouse reads it
	asJSON     = " FORMAT JSONEachRow SETTINGS output_format_json_quote_64bit_integers = 0"
	horizonSQL = "SELECT ifNull(toUnixTimestamp64Micro(max(horizon)), 0) AS horizon FROM accounting"
)

// pastSQL asks for the callers waiting at the end of each step since {from}, where they changed in it; -1 is before.
const pastSQL = `SELECT queue_id, toInt32(if(observed_at < {from:DateTime64(6, 'UTC')}, -1,
    intDiv(toUnixTimestamp64Micro(observed_at) - toUnixTimestamp64Micro({from:DateTime64(6, 'UTC')}), {step:Int64}))) AS step,
    argMax(nbr_of_queuing_requesters, observed_at) AS waiting
FROM queue_status
WHERE observed_at >= {from:DateTime64(6, 'UTC')} - INTERVAL 30 MINUTE AND observed_at <= {now:DateTime64(6, 'UTC')}
GROUP BY queue_id, step ORDER BY queue_id, step`

type pastRow struct {
	Queue   string `json:"queue_id"`
	Step    int    `json:"step"`
	Waiting int    `json:"waiting"`
}

// loadPast reads how many callers waited in each queue, one figure per sample up to now.
func loadPast(ctx context.Context, run Query, now time.Time) (map[string][]int, error) {
	from := now.Add(-trailLength * sampleEvery)
	changes, err := rows[pastRow](ctx, run, query.Statement{SQL: pastSQL, Parameters: []query.Parameter{
		{Name: "from", Value: from.UTC().Format(instant)}, {Name: "now", Value: now.UTC().Format(instant)},
		{Name: "step", Value: strconv.FormatInt(sampleEvery.Microseconds(), 10)}}})
	if err != nil {
		return nil, err
	}
	past := map[string][]int{}
	for _, c := range changes {
		samples := past[c.Queue]
		if samples == nil {
			samples = make([]int, trailLength)
		}
		for i := max(c.Step, 0); i < trailLength; i++ { // until the next change
			samples[i] = c.Waiting
		}
		past[c.Queue] = samples
	}
	return past, nil
}

type horizonRow struct{ Horizon int64 }

// boardRow is what the wallboard shows of query.Board.
type boardRow struct {
	Organization string   `json:"organization_id"`
	Queue        string   `json:"queue_id"`
	Name         string   `json:"queue_name"`
	Waiting      *int     `json:"nbr_of_queuing_requesters"`
	Ringing      *int     `json:"nbr_of_allocated"`
	Connected    *int     `json:"nbr_of_connected"`
	Free         *int     `json:"nbr_of_agents_immediately_free"`
	Serving      *int     `json:"nbr_of_serving_agents_estimate"`
	Open         int      `json:"open_status"`
	MaxWait      int64    `json:"max_wait_time"`
	Offered      *int64   `json:"inbound_total_calls"`
	Answered     *int64   `json:"inbound_answered_calls"`
	Abandoned    *int64   `json:"inbound_abandoned_calls"`
	Threshold    *float64 `json:"service_level_threshold_sec"`
	Target       *float64 `json:"service_level_target"`
	Level        *float64 `json:"service_level_ignore_short_abandons"`
}

// listsSQL asks for the callback lists as they are now.
const listsSQL = `SELECT call_list_id, total_open_requests, total_free_for_allocation, total_assigned, total_over_due_date
FROM callback_list_status_now`

type listRow struct {
	List     string `json:"call_list_id"`
	Open     int    `json:"total_open_requests"`
	Free     int    `json:"total_free_for_allocation"`
	Assigned int    `json:"total_assigned"`
	Overdue  int    `json:"total_over_due_date"`
}

type groupRow struct {
	ID   uuid.UUID `json:"group_id"`
	Name string    `json:"group_name"`
}

// groupsNamed bounds how many groups an error names.
const groupsNamed = 20

// inGroup returns the filter of a queue group, which may have been renamed or made since it was last asked for. Of several
// organizations' groups of one name it takes all.
func inGroup(ctx context.Context, run Query, group string) (query.Filter, error) {
	f := query.Filter{AllOrganizations: true}
	if group == "" {
		return f, nil
	}
	groups, err := rows[groupRow](ctx, run, query.Groups(f))
	if err != nil {
		return f, err
	}
	var names []string
	for _, g := range groups {
		if g.Name == group || strings.EqualFold(g.ID.String(), group) {
			f.Groups = append(f.Groups, g.ID)
		}
		names = append(names, strconv.Quote(g.Name))
	}
	switch {
	case len(f.Groups) > 0:
		return f, nil
	case len(names) == 0:
		return f, fmt.Errorf("no queue is in a queue group, and %q is none", group)
	case len(names) > groupsNamed:
		names = append(names[:groupsNamed:groupsNamed], "…")
	}
	return f, fmt.Errorf("no queue group has the name or id %q; there are %s", group, strings.Join(names, ", "))
}

// load reads one snapshot. Where the events are ahead of the wall clock (a simulation that runs faster), their time is
// the present.
func load(ctx context.Context, run Query, filter query.Filter, now time.Time) (Snapshot, error) {
	s := Snapshot{Taken: now}
	horizons, err := rows[horizonRow](ctx, run, query.Statement{SQL: horizonSQL})
	if err != nil {
		return s, err
	}
	if len(horizons) > 0 && horizons[0].Horizon > 0 {
		s.Horizon = time.UnixMicro(horizons[0].Horizon)
	}
	now = s.Present(now)
	board, err := rows[boardRow](ctx, run, query.Board(filter, now))
	if err != nil {
		return s, err
	}
	for i := range board {
		s.Queues = append(s.Queues, board[i].queue(now))
	}
	if len(filter.Groups) > 0 {
		return s, nil // a callback list is of no queue group
	}
	lists, err := rows[listRow](ctx, run, query.Statement{SQL: listsSQL})
	if err != nil {
		return s, err
	}
	for _, l := range lists {
		s.Lists = append(s.Lists, List{ID: l.List, Open: l.Open, Free: l.Free, Assigned: l.Assigned, Overdue: l.Overdue})
	}
	sortLists(s.Lists)
	return s, nil
}

// rollingRow is what the wallboard shows of query.Rolling.
type rollingRow struct {
	Organization string   `json:"organization_id"`
	Queue        string   `json:"queue_id"`
	Offered      int64    `json:"inbound_total_calls"`
	Answered     int64    `json:"inbound_answered_calls"`
	Abandoned    int64    `json:"inbound_abandoned_calls"`
	Level        *float64 `json:"service_level_ignore_short_abandons"`
}

// roll puts the figures of the last so long in the place of today's.
func (s *Snapshot) roll(ctx context.Context, run Query, filter query.Filter, last time.Duration) error {
	s.Last = last
	found, err := rows[rollingRow](ctx, run, query.Rolling(filter, last, s.Present(s.Taken)))
	if err != nil {
		return err
	}
	byID := make(map[[2]string]*rollingRow, len(found))
	for i := range found {
		byID[[2]string{found[i].Organization, found[i].Queue}] = &found[i]
	}
	for i := range s.Queues {
		q := &s.Queues[i]
		q.Offered, q.Answered, q.Abandoned, q.Level, q.HasLevel = 0, 0, 0, 0, false
		if r := byID[[2]string{q.Organization, q.ID}]; r != nil {
			q.Offered, q.Answered, q.Abandoned, q.Level, q.HasLevel = r.Offered, r.Answered, r.Abandoned, value(r.Level), r.Level != nil
		}
	}
	return nil
}

func (r *boardRow) queue(now time.Time) Queue {
	q := Queue{Organization: r.Organization, ID: r.Queue, Name: r.Name, Waiting: known(r.Waiting), Ringing: known(r.Ringing),
		Connected: known(r.Connected), Free: known(r.Free), Serving: known(r.Serving), OpenStatus: r.Open, Offered: value(r.Offered),
		Answered: value(r.Answered), Abandoned: value(r.Abandoned), Level: value(r.Level), HasLevel: r.Level != nil,
		Target: value(r.Target), Threshold: time.Duration(value(r.Threshold) * float64(time.Second))}
	if r.MaxWait > 0 {
		q.LongestSince = now.Add(-time.Duration(r.MaxWait) * time.Second)
	}
	return q
}

func value[T any](p *T) (v T) {
	if p != nil {
		v = *p
	}
	return v
}

func known(n *int) int {
	if n == nil {
		return Unknown
	}
	return *n
}

func rows[T any](ctx context.Context, run Query, statement query.Statement) ([]T, error) {
	statement.SQL += asJSON
	answer, err := run(ctx, statement)
	if err != nil {
		return nil, err
	}
	var out []T
	d := json.NewDecoder(bytes.NewReader(answer))
	for {
		var row T
		err := d.Decode(&row)
		if errors.Is(err, io.EOF) {
			return out, nil
		}
		if err != nil {
			return nil, fmt.Errorf("read the store's answer: %w", err)
		}
		out = append(out, row)
	}
}
