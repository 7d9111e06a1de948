package store

import (
	"fmt"
	"strings"
	"testing"
)

func TestVersionOrdersEpochsBeforeSequences(t *testing.T) {
	ordered := []uint64{Version(0, 0), Version(0, 1), Version(0, MaxSequence), Version(1, 0), Version(1, 7), Version(2, 0),
		Version(MaxEpoch, MaxSequence)}
	for i := 1; i < len(ordered); i++ {
		if ordered[i-1] >= ordered[i] {
			t.Errorf("version %d: %x is not below %x", i, ordered[i-1], ordered[i])
		}
	}
	epoch, sequence := SplitVersion(Version(77, 12345))
	if epoch != 77 || sequence != 12345 {
		t.Errorf("split: %d, %d", epoch, sequence)
	}
}

func TestVersionPanicsOnOverflow(t *testing.T) {
	for _, c := range []struct {
		epoch    uint32
		sequence uint64
	}{{MaxEpoch + 1, 0}, {0, MaxSequence + 1}} {
		func() {
			defer func() {
				if r := fmt.Sprint(recover()); !strings.HasPrefix(r, "BUG: ") {
					t.Errorf("Version(%d, %d): %s", c.epoch, c.sequence, r)
				}
			}()
			Version(c.epoch, c.sequence)
		}()
	}
}
