package recompute

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"

	"ringside/aggregate"
	"ringside/ingest"
	"ringside/internal/engine"
	"ringside/internal/history"
	"ringside/store"
)

const (
	settleEvery = 4096
	drainEvery  = 16 * settleEvery
)

// open returns everything that is to be read, in the order in which it happened: what was last known of queues and
// agents before the span, then the events of the span, late ones in their places.
func (r *Recompute) open(ctx context.Context) (history.Merged, error) {
	known, err := r.reader.Dimensions(ctx, r.span.From)
	if err != nil {
		return nil, err
	}
	before := r.reader.LastBefore(ctx, r.span.From)
	return append(history.Merged{known, before}, r.reader.Events(ctx, r.span)...), nil
}

// computing puts records through a core into the scratch database. They come in order of time, so nothing is late.
type computing struct {
	r       *Recompute
	core    *aggregate.Core
	decoder *history.Decoder
	event   ingest.Event
	writer  *store.Writer
	rows    aggregate.Rows
	kept    aggregate.Rows // what is in the dates
	version uint64
	copies  []uuid.UUID // late events that are copies of other late events
}

func (r *Recompute) compute(ctx context.Context) error {
	from, err := r.open(ctx)
	if err != nil {
		return err
	}
	c := &computing{r: r, core: aggregate.New(r.settings), decoder: r.reader.NewDecoder()}
	if c.writer, err = engine.NewWriter(r.scratch.db, r.Config, engine.NewMetrics()); err != nil {
		return err
	}
	c.writer.SetLag(time.Hour) // larger and rarer inserts
	for n := 1; ; n++ {
		rec, err := from.Next()
		if err != nil {
			return err
		}
		if rec == nil {
			break
		}
		if err := c.take(rec); err != nil {
			return err
		}
		if n%settleEvery == 0 {
			c.core.Settle()
		}
		if n%drainEvery == 0 {
			if err := c.drain(ctx); err != nil {
				return err
			}
		}
	}
	if err := c.drain(ctx); err != nil {
		return err
	}
	return r.addCopies(ctx, c.copies)
}

// take applies one record.
func (c *computing) take(rec *history.Record) error {
	e := &c.event
	if err := c.decoder.Decode(rec, e); err != nil {
		return err
	}
	before := rec.At < c.r.span.From
	if rec.Event == nil && !before {
		c.r.read.Add(1)
	}
	if before {
		// It tells names, zones and groups. Its call has nothing to do with the dates, and its other events are not read.
		e.CallID, e.CallBackID = uuid.Nil, uuid.Nil
	}
	switch result := c.core.Apply(e); result {
	case aggregate.Accepted, aggregate.OutOfRange:
	case aggregate.Duplicate, aggregate.Conflict:
		if rec.Late {
			c.copies = append(c.copies, rec.ID)
		}
	case aggregate.Full:
		return fmt.Errorf("the state of one organization reaches the memory limit: raise memory.limit")
	default:
		panic(fmt.Sprintf("BUG: event %s at %d is %s although events come in order", rec.ID, rec.At, result))
	}
	return nil
}

// drain writes what has changed and is in the dates.
func (c *computing) drain(ctx context.Context) error {
	c.rows.Reset()
	c.core.Drain(aggregate.DrainFigures|aggregate.DrainHistory, &c.rows)
	c.kept.Reset()
	first, last := int32(c.r.From), int32(c.r.To)
	// A late event may have moved a call, an interval to or from the neighbouring date.
	near := func(date int32) bool { return first-1 <= date && date <= last+1 }
	for i := range c.rows.Calls {
		if near(c.rows.Calls[i].CallDate) {
			c.kept.Calls = append(c.kept.Calls, c.rows.Calls[i])
		}
	}
	for i := range c.rows.Daily {
		if d := c.rows.Daily[i].QueueDate; first <= d && d <= last {
			c.kept.Daily = append(c.kept.Daily, c.rows.Daily[i])
		}
	}
	for i := range c.rows.Intervals {
		if near(c.rows.Intervals[i].QueueDate) {
			c.kept.Intervals = append(c.kept.Intervals, c.rows.Intervals[i])
		}
	}
	for i := range c.rows.AgentIntervals {
		if a := &c.rows.AgentIntervals[i]; near(int32(a.IntervalStart / (24 * 3600 * 1_000_000))) {
			c.kept.AgentIntervals = append(c.kept.AgentIntervals, *a)
		}
	}
	for i := range c.rows.Orphans {
		if at := c.rows.Orphans[i].HappenedAt; c.r.From.Micros() <= at && at < (c.r.To+1).Micros() {
			c.kept.Orphans = append(c.kept.Orphans, c.rows.Orphans[i])
		}
	}
	c.kept.QueueDim, c.kept.AgentDim = c.rows.QueueDim, c.rows.AgentDim
	c.version++
	c.writer.Add(engine.NoPartition, store.Version(1, c.version), &c.kept)
	c.kept.QueueDim, c.kept.AgentDim = nil, nil
	return c.writer.Flush(ctx)
}
