package store

import (
	"fmt"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"ringside/aggregate"
	"ringside/store/embedded/embeddedtest"
)

// A part that ClickHouse cannot read at its start is told of; one that an operator detached is not.
func TestDamaged(t *testing.T) {
	engine := embeddedtest.Start(t)
	db := openEmpty(t, engine.URL())
	if err := db.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	damaged := func() string {
		t.Helper()
		found, err := db.Damaged(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		return fmt.Sprint(found)
	}
	exec(t, db, "SYSTEM STOP MERGES")
	w := newTestWriter(db)
	for i := range 3 {
		w.Add(0, uint64(i+1), &aggregate.Rows{Calls: []aggregate.CallRow{call(i, aggregate.Answered)}})
		flush(t, w)
	}
	paths := scan[string](t, db, "SELECT path FROM system.parts WHERE database = currentDatabase() AND table = 'calls_versions' AND active ORDER BY name")
	if len(paths) != 3 {
		t.Fatalf("%d parts", len(paths))
	}
	exec(t, db, "ALTER TABLE calls_versions DETACH PART '"+filepath.Base(filepath.Clean(paths[2]))+"'")
	equal(t, "damaged before", damaged(), "[]")

	// What a disk without room leaves (see store/embedded.TestDiskFullNowAndThen).
	marks, err := filepath.Glob(filepath.Join(paths[0], "*.*mrk*"))
	if err != nil || len(marks) == 0 {
		t.Fatalf("no marks in %s: %v", paths[0], err)
	}
	for _, m := range marks {
		if err := os.Truncate(m, 0); err != nil {
			t.Fatal(err)
		}
	}
	if err := syscall.Kill(engine.PID(), syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	eventually(t, "ClickHouse is back and has looked at its parts", func() bool {
		found, err := db.Damaged(t.Context())
		return engine.Restarts() > 0 && err == nil && len(found) > 0
	})
	equal(t, "damaged", damaged(), "[{calls 1}]")
	equal(t, "calls that are left", countOf(t, db, "calls"), 1)
	exec(t, db, "ALTER TABLE calls_versions DROP DETACHED PARTITION ALL SETTINGS allow_drop_detached = 1")
	equal(t, "damaged after", damaged(), "[]")
}
