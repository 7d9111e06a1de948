package store

import (
	"strings"
	"testing"
	"time"

	"ringside/aggregate"
)

func TestRetention(t *testing.T) {
	db := openMigrated(t)
	w := newTestWriter(db)
	old, fresh := call(1, aggregate.Answered), call(2, aggregate.Answered)
	now := time.Now()
	old.CallDate, fresh.CallDate = day(now)-400, day(now)
	w.Add(0, 1, &aggregate.Rows{Calls: []aggregate.CallRow{old, fresh}})
	flush(t, w)
	definition := func() string {
		return one[string](t, db, "SELECT engine_full FROM system.tables WHERE database = currentDatabase() AND name = 'calls_versions'")
	}
	set := func(days int) {
		t.Helper()
		r := Retention{Events: days, Calls: days, Histories: days, Daily: days, Intervals: days, Late: days, Rejects: days}
		for range 2 { // the second changes nothing
			if err := db.SetRetention(t.Context(), r); err != nil {
				t.Fatal(err)
			}
		}
	}
	set(0)
	if strings.Contains(definition(), "TTL") {
		t.Errorf("kept for ever, yet %s", definition())
	}
	set(500)
	exec(t, db, "OPTIMIZE TABLE calls_versions FINAL")
	equal(t, "calls of 500 days", countOf(t, db, "calls"), 2)
	set(100)
	contains(t, "definition", definition(), "TTL call_date + toIntervalDay(100)")
	contains(t, "definition", definition(), "ttl_only_drop_parts = 1")
	eventually(t, "the old part is dropped", func() bool {
		exec(t, db, "OPTIMIZE TABLE calls_versions FINAL")
		return countOf(t, db, "calls_versions") == 1
	})
	equal(t, "what is left", one[string](t, db, "SELECT toString(call_id) FROM calls"), fresh.CallID.String())
	set(0)
	if strings.Contains(definition(), "TTL") {
		t.Errorf("kept for ever again, yet %s", definition())
	}
	if err := db.SetRetention(t.Context(), Retention{Calls: -1}); err == nil {
		t.Error("no error for -1 days")
	}
}
