package store

import (
	"testing"

	"ringside/aggregate"
)

// The service levels of a day with callers whom the queue failed: each variant has its own denominator.
func TestServiceLevelsCountFailures(t *testing.T) {
	db := openMigrated(t)
	w := newTestWriter(db)
	d := dailyRow()
	d.Sums.LevelFailed = 20 // met 70, n 90, a 10, b 10, f 20
	w.Add(0, 1, &aggregate.Rows{Daily: []aggregate.DailyRow{d}})
	flush(t, w)
	got := one[string](t, db, `SELECT toString(tuple(round(inbound_service_level_percentage, 1), round(service_level_ignore_short_abandons, 1),
round(service_level_all_offered, 1), round(service_level_answered_only, 1), round(service_level_short_abandons_met, 1))) FROM queue_daily_call_metrics`)
	equal(t, "levels", got, "(63.6,63.6,58.3,77.8,66.7)")
}
