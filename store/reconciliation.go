package store

import (
	"context"
	"time"

	"github.com/google/uuid"
)

// ReconciledFigure is one row of `reconciliation`: a figure that the vendor has published, and what its events give.
// A number that is nil is NULL.
type ReconciledFigure struct {
	OrganizationID uuid.UUID
	Date           int32 // the local date that the figure is of, days since 1970-01-01
	Kind           string
	EntityID       uuid.UUID
	Field          string
	PublishedAt    int64 // µs since the Unix epoch
	Published      *float64
	Recomputed     *float64
	ShownThen      *float64
	Difference     float64 // published less recomputed, NULL taken for 0; 0 where they agree
	ExplainedBy    string  // the choice of docs/METRICS.md under which the difference vanishes; "": none does, or there is none
}

// WriteReconciliation writes rows of one run, in one insert. A row replaces the one that an earlier run has written of the
// same figure, so that runs may be repeated.
func (db *DB) WriteReconciliation(ctx context.Context, partition int32, run time.Time, rows []ReconciledFigure) error {
	if len(rows) == 0 {
		return nil
	}
	batch, err := db.conn.PrepareBatch(ctx, `INSERT INTO reconciliation_versions (organization_id, figure_date, kind, entity_id, field, published_at,
published, recomputed, shown_then, difference, explained_by, run_at, kafka_partition, version, is_deleted)`)
	if err != nil {
		return db.fail("write reconciliation", err)
	}
	// Runs follow each other by the wall clock: a version is one in µs.
	version := uint64(run.UnixMicro())
	for i := range rows {
		r := &rows[i]
		err := batch.Append(r.OrganizationID, time.Unix(int64(r.Date)*secondsPerDay, 0).UTC(), r.Kind, r.EntityID, r.Field,
			time.UnixMicro(clampMicros(r.PublishedAt)).UTC(), r.Published, r.Recomputed, r.ShownThen, r.Difference, r.ExplainedBy, run.UTC(),
			partition, version, uint8(0))
		if err != nil {
			_ = batch.Abort() // the error at hand says more
			return db.fail("write reconciliation", err)
		}
	}
	if err := batch.Send(); err != nil {
		return db.fail("write reconciliation", err)
	}
	return nil
}
