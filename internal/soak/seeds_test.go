package soak

import (
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"testing"
	"time"
)

// TestSeedsSoak compares the core with the oracle on RINGSIDE_SOAK_SEEDS random runs, each permuted, doubled, batched and
// restarted, and reports them to RINGSIDE_SOAK_REPORT.
func TestSeedsSoak(t *testing.T) {
	seeds, err := strconv.ParseUint(os.Getenv("RINGSIDE_SOAK_SEEDS"), 10, 64)
	if err != nil {
		t.Skip("for `make soak`: RINGSIDE_SOAK_SEEDS says how many seeds")
	}
	const proof, block = "order, copies, batches, restarts: core against oracle", 2500
	report := os.Getenv("RINGSIDE_SOAK_REPORT")
	for done := uint64(0); done < seeds; done += block {
		first, err := Next(report, proof, 1)
		if err != nil {
			t.Fatal(err)
		}
		begin := time.Now()
		c := exec.Command("go", "test", "-count=1", "-timeout", "60m", "-run", "TestCoreAgainstOracle", "./aggregate/oracle", "-args",
			"-seeds", strconv.Itoa(block), "-first-seed", strconv.FormatUint(first, 10))
		c.Dir = "../.."
		out, err := c.CombinedOutput()
		row := Row{Proof: proof, First: first, Last: first + block - 1, Tried: fmt.Sprintf("%d runs", block), Took: time.Since(begin), Ended: time.Now()}
		if err != nil {
			row.Differences = 1
			t.Errorf("seeds from %d: %v\n%s", first, err, out)
		}
		if err := Append(report, row); err != nil {
			t.Fatal(err)
		}
	}
}
