package store

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"ringside/aggregate"
	"ringside/store/query"
)

const boardQueues = 1000

// fillBoard stores a wallboard of 1,000 queues: five versions of each row in as many parts, 20,000 calls of the day, and
// five callers waiting in each queue.
func fillBoard(b *testing.B, db *DB, now time.Time) {
	b.Helper()
	w := newTestWriter(db)
	for version := range 5 {
		rows := aggregate.Rows{Accounting: []aggregate.AccountingRow{{OrganizationID: id(1), Horizon: now.UnixMicro()}}}
		for q := range boardQueues {
			status := aggregate.QueueStatusRow{OrganizationID: id(1), QueueID: id(q), QueueName: fmt.Sprintf("Queue %d", q),
				ObservedAt: now.UnixMicro(), NbrOfQueuingRequesters: 5, LongestWaitSince: now.Add(-50 * time.Second).UnixMicro()}
			for wait := 50; wait > 0; wait -= 10 {
				status.WaitingSince = append(status.WaitingSince, now.Add(-time.Duration(wait)*time.Second).UnixMicro())
			}
			d := dailyRow()
			d.QueueID, d.QueueName, d.QueueDate = id(q), status.QueueName, day(now)
			for k := range 100 {
				d.Waits = append(d.Waits, aggregate.HistogramBucket{Bucket: uint16(1000 + k), Count: 3})
			}
			rows.QueueStatus, rows.Daily = append(rows.QueueStatus, status), append(rows.Daily, d)
		}
		for i := range 4000 {
			c := call(version*4000+i, aggregate.Answered)
			c.QueueID, c.CallDate = id(i%boardQueues), day(now)
			if i >= 3000 {
				c.Outcome, c.ArrivedAt = aggregate.OutcomeOpen, now.Add(-time.Duration(10*(version+1))*time.Second).UnixMicro()
			}
			rows.Calls = append(rows.Calls, c)
		}
		w.Add(0, uint64(version+1), &rows)
		flush(b, w)
	}
}

// BenchmarkBoard reads the wallboard of 1,000 queues: ms/p50 and ms/p99 are wall time, cpu-ms/op is what the store's
// process takes.
func BenchmarkBoard(b *testing.B) {
	for _, merged := range []bool{false, true} {
		b.Run(fmt.Sprintf("merged=%v", merged), func(b *testing.B) {
			db := openMigrated(b)
			now := monday
			if !merged {
				stopMerges(b, db)
			}
			fillBoard(b, db, now)
			if merged {
				for _, table := range []string{"queue_status_now_versions", "queue_daily_call_metrics_versions", "calls_versions", "accounting_versions"} {
					exec(b, db, "OPTIMIZE TABLE "+table+" FINAL")
				}
			}
			f := query.Filter{Organizations: []uuid.UUID{id(1)}}
			var took []time.Duration
			cpu := childrenCPU()
			b.ResetTimer()
			for range b.N {
				begin := time.Now()
				rows, err := db.ReadQueueBoard(b.Context(), f, now)
				if err != nil || len(rows) != boardQueues || rows[0].WaitingBeyondThreshold != 3 {
					b.Fatalf("%d rows, %v", len(rows), err)
				}
				took = append(took, time.Since(begin))
			}
			b.StopTimer()
			slices.Sort(took)
			b.ReportMetric(float64(childrenCPU()-cpu)/1e6/float64(b.N), "cpu-ms/op")
			b.ReportMetric(float64(took[len(took)/2])/1e6, "ms/p50")
			b.ReportMetric(float64(took[len(took)*99/100])/1e6, "ms/p99")
		})
	}
}

// childrenCPU returns the processor time of the processes that this one has started; 0 where there is no /proc.
func childrenCPU() time.Duration {
	const tick = 10 * time.Millisecond
	var sum time.Duration
	lists, _ := filepath.Glob("/proc/self/task/*/children")
	for _, list := range lists {
		text, _ := os.ReadFile(list)
		for _, pid := range strings.Fields(string(text)) {
			stat, _ := os.ReadFile("/proc/" + pid + "/stat")
			_, after, _ := strings.Cut(string(stat), ") ")
			if f := strings.Fields(after); len(f) > 12 {
				user, _ := strconv.Atoi(f[11])
				system, _ := strconv.Atoi(f[12])
				sum += time.Duration(user+system) * tick
			}
		}
	}
	return sum
}
