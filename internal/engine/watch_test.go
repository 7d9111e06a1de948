package engine

import (
	"testing"

	"ringside/aggregate"
	"ringside/ingest"
	"ringside/internal/sim"
)

// history keeps the states of queues that reach the sink.
type history struct {
	discard
	rows []aggregate.QueueStatusRow
}

func (h *history) Add(_ int32, _ uint64, r *aggregate.Rows) {
	h.rows = append(h.rows, r.QueueStatus...)
}

// A day that is read in one go leaves the history of its queues all the same: what waited at noon is known, not only what
// holds at the end.
func TestHistoryOfWhatIsReadAtOnce(t *testing.T) {
	c := sim.DefaultConfig(3)
	c.Scale = .2
	events := sim.New(c).All()
	b := &ingest.Batch{Topic: "events", NextOffset: int64(len(events))}
	for i := range events {
		b.Records = append(b.Records, ingest.Record{Offset: int64(i), Value: events[i].JSON, Source: ingest.SourceEnreach})
	}
	read := func(watching bool, size int) []aggregate.QueueStatusRow {
		h := &history{}
		p := newPipeline(0, c.Settings(), h, NewMetrics(), &versions{epoch: 1}, 1<<20, newPlaces(nil))
		p.watching = watching
		for from := 0; from < len(b.Records); from += size {
			part := *b
			part.Records = b.Records[from:min(from+size, len(b.Records))]
			part.NextOffset = part.Records[len(part.Records)-1].Offset + 1
			if _, err := p.Process(&part, 0); err != nil {
				t.Fatal(err)
			}
			if size == 1 {
				p.Drain(aggregate.DrainNow) // as often as can be
			}
		}
		p.Drain(aggregate.DrainNow)
		return h.rows
	}
	if rows := read(false, len(b.Records)); len(rows) > 100 {
		t.Errorf("who must be silent hands out %d rows", len(rows))
	}
	each, atOnce := map[[2]any]aggregate.QueueStatusRow{}, read(true, len(b.Records))
	for _, r := range read(false, 1) {
		each[[2]any{r.QueueID, r.ObservedAt}] = r
	}
	if len(atOnce) < len(each)/20 {
		t.Errorf("%d states are left of %d", len(atOnce), len(each))
	}
	waited := 0
	for i := range atOnce {
		r := &atOnce[i]
		if r.NbrOfQueuingRequesters > 0 {
			waited++
		}
		if seen, ok := each[[2]any{r.QueueID, r.ObservedAt}]; ok && seen.NbrOfNotServedRequesters != r.NbrOfNotServedRequesters {
			t.Errorf("queue %s at %d: %d wait, looked at after each event %d", r.QueueID, r.ObservedAt, r.NbrOfNotServedRequesters, seen.NbrOfNotServedRequesters)
		}
	}
	if waited < 50 {
		t.Errorf("somebody waits in %d of %d states", waited, len(atOnce))
	}
}
