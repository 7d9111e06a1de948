package store

import (
	"fmt"
	"testing"

	"ringside/ingest"
)

func TestMarks(t *testing.T) {
	db := openMigrated(t)
	w := newTestWriter(db)
	if _, found, err := db.LoadMark(t.Context(), "g", 3); found || err != nil {
		t.Fatalf("found %v, %v", found, err)
	}
	for _, v := range []uint64{Version(2, 1), Version(1, 9)} { // the older one comes later
		if err := w.SaveMark(t.Context(), "g", 3, v, []ingest.Position{{Topic: "a", Partition: 3, Offset: int64(v)}}); err != nil {
			t.Fatal(err)
		}
	}
	m, found, err := db.LoadMark(t.Context(), "g", 3)
	if err != nil || !found || m.Version != Version(2, 1) || fmt.Sprint(m.Positions) != fmt.Sprintf("[{a 3 %d}]", Version(2, 1)) {
		t.Errorf("%+v, %v, %v", m, found, err)
	}
}
