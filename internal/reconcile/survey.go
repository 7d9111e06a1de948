package reconcile

import (
	"context"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"

	"ringside/ingest"
	"ringside/internal/history"
)

// survey is what a first look at the published figures tells.
type survey struct {
	// decimals has, by kind and field, with how many decimals the vendor publishes; -1: it never does.
	decimals    [][]int
	first, last int64 // when figures of the date were published, µs; first 0: none were
}

// surveyed is when figures of the date can be published: a day's are still corrected on the next. In µs.
func (r *Reconcile) surveyed() (from, to int64) {
	return r.Date.Micros() - history.Easternmost, (r.Date + 2).Micros() + history.Westernmost
}

// types are the event types of the chosen kinds.
func (r *Reconcile) types() (types []string) {
	for _, i := range r.chosen {
		types = append(types, kinds[i].name)
	}
	return types
}

// find looks at what was published, and decides what is read.
func (r *Reconcile) find(ctx context.Context) error {
	if err := r.look(ctx); err != nil {
		return err
	}
	if r.survey.first == 0 {
		return fmt.Errorf("organization %s has published none of %s on %s, or they are not kept (store.events, store.retention.events_days)",
			r.Organization, strings.Join(r.types(), ", "), r.Date)
	}
	_, newest, err := r.reader.Kept(ctx)
	if err != nil {
		return err
	}
	r.horizon = newest - r.settings.Lateness.Microseconds()
	r.begin = r.survey.first - tolerance - 1
	if r.span.From, err = r.reader.Before(ctx, r.begin); err != nil {
		return err
	}
	r.span.To = r.survey.last + 1
	return r.checkBodies(ctx)
}

// look decodes the published figures around the date.
func (r *Reconcile) look(ctx context.Context) error {
	r.survey = survey{decimals: make([][]int, len(kinds))}
	for i := range kinds {
		r.survey.decimals[i] = make([]int, len(kinds[i].fields))
		for j := range r.survey.decimals[i] {
			r.survey.decimals[i][j] = -1
		}
	}
	from, to := r.surveyed()
	events := r.reader.Of(ctx, history.Span{From: from, To: to}, r.types())
	decoder := r.reader.NewDecoder()
	var e ingest.Event
	for {
		rec, err := events.Next()
		if err != nil || rec == nil {
			return err
		}
		if rec.Body == "" {
			return fmt.Errorf("the figures that organization %s has published are kept without their bodies at %s UTC: "+
				"a date can be compared if store.events was full on it and before it", r.Organization, ingest.FromMicros(rec.At).Go().Format(time.DateTime))
		}
		if err := decoder.Decode(rec, &e); err != nil {
			return err
		}
		r.survey.note(r, &e, rec.At)
	}
}

func (s *survey) note(r *Reconcile, e *ingest.Event, at int64) {
	i := kindOf(e.Type)
	if i < 0 {
		return
	}
	k := &kinds[i]
	if k.dated {
		if date, ok := k.date(r, nil, e, at); !ok || date != r.Date {
			return
		}
	} else if at >= (r.Date+1).Micros()+history.Westernmost {
		return
	}
	for j := range k.fields {
		if f := &k.fields[j]; !e.Published.Null[f.index] {
			s.decimals[i][j] = max(s.decimals[i][j], decimalsOf(e.Published.Figures[f.index]))
		}
	}
	if s.first == 0 {
		s.first = at
	}
	s.last = max(s.last, at)
}

func kindOf(t ingest.Type) int {
	for i := range kinds {
		if kinds[i].event == t {
			return i
		}
	}
	return -1
}

// decimalsOf counts the digits after the point, nine at most.
func decimalsOf(v float64) int {
	_, fraction, _ := strings.Cut(strconv.FormatFloat(v, 'f', -1, 64), ".")
	return min(len(fraction), 9)
}

// within is how far a figure that is published with so many decimals may be from what it is rounded from.
func within(decimals int, v float64) float64 {
	if decimals >= 9 {
		return 1e-9 * max(1, math.Abs(v))
	}
	return .5*math.Pow10(-decimals) + 1e-9*max(1, math.Abs(v))
}

// checkBodies makes sure that what is to be read is whole.
func (r *Reconcile) checkBodies(ctx context.Context) error {
	var empty uint64
	var first, last time.Time
	err := r.db.Conn().QueryRow(ctx, `SELECT countIf(body = ''), minIf(happened_at, body = ''), maxIf(happened_at, body = '')
FROM `+r.reader.Table("events_versions")+" WHERE organization_id = {organization:UUID} AND happened_at >= "+history.MicrosText("from")+
		" AND happened_at < "+history.MicrosText("to"),
		r.reader.Parameters(clickhouse.Named("from", r.span.From), clickhouse.Named("to", r.span.To))...).Scan(&empty, &first, &last)
	if err != nil {
		return fmt.Errorf("read events: %w", err)
	}
	if empty > 0 {
		return fmt.Errorf("%d events of organization %s from %s to %s UTC are kept without their bodies: a date can be compared if "+
			"store.events was full on it and for %s before it", empty, r.Organization, first.Format(time.DateTime), last.Format(time.DateTime),
			time.Duration(r.reader.Silence())*time.Microsecond)
	}
	return nil
}
