package aggregate

import (
	"encoding/binary"
	"testing"

	"github.com/google/uuid"

	"ringside/ingest"
)

// A table of ids that fills up keeps every id that may come again, and lets go of those that would be late.
func TestIDsAreRememberedAsLongAsTheyCanCome(t *testing.T) {
	const (
		second   = ingest.Time(ingest.TicksPerSecond)
		lateness = 3600 * second
		seconds  = 4 * 3600
	)
	var slots int64
	s := seenIDs{total: &slots}
	add := func(id uuid.UUID, at ingest.Time, body uint64) (known, same bool) {
		e := idOfEvent(id, at, body)
		old := s.put(e)
		return old != nil, old != nil && old.body == e.body
	}
	idAt := func(n int) (id uuid.UUID) {
		binary.BigEndian.PutUint64(id[8:], uint64(n))
		return id
	}
	begin := ingest.Time(1_772_442_000) * second
	for n := range seconds {
		at := begin + ingest.Time(n)*second
		s.forget(at - lateness)
		if known, _ := add(idAt(n), at, uint64(n)); known {
			t.Fatalf("id %d was never seen", n)
		}
		// The oldest copy that is not late, and one of half an hour ago.
		for _, ago := range []int{3600, 1800} {
			if old := n - ago; old >= 0 {
				if known, same := add(idAt(old), begin+ingest.Time(old)*second, uint64(old)); !known || !same {
					t.Fatalf("id %d is forgotten %d s later: known %v, the same body %v", old, ago, known, same)
				}
			}
		}
	}
	if known, same := add(idAt(seconds-1), begin, 1); !known || same {
		t.Errorf("another body: known %v, the same %v", known, same)
	}
	// An hour and a bucket of five minutes have to be held; the table has room for twice as many, as a power of two.
	if held := 3600 + 300; int64(len(s.slots)) != slots || len(s.slots) > 4*held {
		t.Errorf("%d slots, counted as %d, to hold %d ids", len(s.slots), slots, held)
	}
}
