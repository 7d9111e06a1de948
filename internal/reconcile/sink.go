package reconcile

import (
	"cmp"
	"context"
	"slices"

	"ringside/internal/engine"
	"ringside/store"
)

// row is a row of the table, and what finds out how its difference is explained.
type row struct {
	store.ReconciledFigure
	id       figureID
	kind     int
	vanishes uint64 // bit i: the difference vanishes under the field's alternative i
}

// sink writes the rows of the table. Those that differ wait until it is known what explains them.
type sink struct {
	r         *Reconcile
	agreeing  []store.ReconciledFigure
	differing []row
}

const (
	// sinkRows is how many rows make an insert.
	sinkRows = 50_000
	// maxDiffering bounds the differing figures that are held; more are written without what explains them.
	maxDiffering = 1_000_000
)

func newSink(r *Reconcile) *sink { return &sink{r: r} }

func (s *sink) add(ctx context.Context, w row) error {
	if w.Difference != 0 && len(s.differing) < maxDiffering {
		s.differing = append(s.differing, w)
		return nil
	}
	s.agreeing = append(s.agreeing, w.ReconciledFigure)
	if len(s.agreeing) < sinkRows {
		return nil
	}
	return s.flush(ctx)
}

func (s *sink) flush(ctx context.Context) error {
	err := s.r.db.WriteReconciliation(ctx, engine.NoPartition, s.r.run, s.agreeing)
	s.agreeing = s.agreeing[:0]
	return err
}

// finish writes what is left; explain says which choice explains a row.
func (s *sink) finish(ctx context.Context, explain func(*row) string) error {
	for i := range s.differing {
		w := &s.differing[i]
		w.ExplainedBy = explain(w)
		s.agreeing = append(s.agreeing, w.ReconciledFigure)
		if len(s.agreeing) == sinkRows {
			if err := s.flush(ctx); err != nil {
				return err
			}
		}
	}
	s.differing = nil
	return s.flush(ctx)
}

func byBegin(calls []*call) {
	slices.SortFunc(calls, func(a, b *call) int {
		return cmp.Or(cmp.Compare(a.BegunAt, b.BegunAt), slices.Compare(a.CallID[:], b.CallID[:]), cmp.Compare(a.Visit, b.Visit))
	})
}
