package engine

import (
	"context"

	"ringside/internal/config"
	"ringside/store"
)

// RecomputeGroup is the owner of rows that were repaired beside the engine that wrote them first.
const RecomputeGroup = "ringside.recompute"

// NoPartition is the partition number of rows that do not come from Kafka. No engine takes them for its own.
const NoPartition = noPartition

// NewWriter returns a writer with the configured habits.
func NewWriter(db *store.DB, c *config.Config, m *Metrics) (*store.Writer, error) {
	return newWriter(db, c, m, nil)
}

// OpenDatabase opens another database of the same ClickHouse; it need not exist. The caller closes it before s.
func (s *Store) OpenDatabase(ctx context.Context, name string) (*store.DB, error) {
	return store.Open(ctx, store.Options{URL: s.url.String(), Database: name, TLS: s.tls})
}

// AnnounceEpoch begins an epoch that is greater than all before it, and returns it once every later owner will see it.
func AnnounceEpoch(ctx context.Context, db *store.DB, w *store.Writer, group string) (uint32, error) {
	epoch, err := greatestEpoch(ctx, db)
	if err != nil {
		return 0, err
	}
	epoch++
	return epoch, w.SaveMark(ctx, group, noPartition, store.Version(epoch, 1), nil)
}

// LockStore keeps replays, and whatever else has no partition, off an embedded store; a server has no such lock.
func LockStore(c *config.Config) (unlock func(), err error) {
	if !c.Store.Embedded {
		return func() {}, nil
	}
	return lockReplay(c.DataDir)
}
