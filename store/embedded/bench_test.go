package embedded_test

import (
	"testing"
	"time"

	"github.com/google/uuid"

	"ringside/store/embedded"
	"ringside/store/embedded/embeddedtest"
)

// BenchmarkSelectOne is the cost of a request: connection, session, statement.
func BenchmarkSelectOne(b *testing.B) {
	url, database := embeddedtest.Database(b)
	conn := dial(b, url, database)
	for b.Loop() {
		if v := scalar[uint8](b, conn, "SELECT 1"); v != 1 {
			b.Fatal(v)
		}
	}
}

// BenchmarkInsert is a batch of a thousand rows, acknowledged.
func BenchmarkInsert(b *testing.B) {
	for name, durable := range map[string]bool{"durable": true, "default": false} {
		b.Run(name, func(b *testing.B) {
			e := embeddedtest.Start(b, func(o *embedded.Options) { o.Durable = durable })
			conn := dial(b, e.URL(), "default", compressions["lz4"])
			exec(b, conn, "CREATE TABLE t (id UUID, at DateTime64(6, 'UTC'), queue LowCardinality(String), wait Float64) ENGINE = MergeTree ORDER BY (queue, at)")
			const rows = 1000
			ids, times, queues, waits := make([]uuid.UUID, rows), make([]time.Time, rows), make([]string, rows), make([]float64, rows)
			for i := range ids {
				ids[i], times[i], queues[i], waits[i] = uuid.New(), time.Now(), "queue", float64(i)
			}
			b.SetBytes(rows * 40)
			for b.Loop() {
				batch, err := conn.PrepareBatch(b.Context(), "INSERT INTO t")
				if err != nil {
					b.Fatal(err)
				}
				for i, column := range []any{ids, times, queues, waits} {
					if err := batch.Column(i).Append(column); err != nil {
						b.Fatal(err)
					}
				}
				if err := batch.Send(); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
