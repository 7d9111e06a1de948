package engine

import (
	"fmt"
	"os"
	"strconv"
	"testing"
	"time"

	"ringside/internal/soak"
)

// TestCrashSoak crashes simulated days at as many points as RINGSIDE_SOAK_POINTS says, and reports each block of seeds to
// RINGSIDE_SOAK_REPORT.
func TestCrashSoak(t *testing.T) {
	points, err := strconv.Atoi(os.Getenv("RINGSIDE_SOAK_POINTS"))
	if err != nil {
		t.Skip("for `make soak`: RINGSIDE_SOAK_POINTS says how many crash points")
	}
	const proof, block = "crashes at random operations on the store, simulated", 10
	report := os.Getenv("RINGSIDE_SOAK_REPORT")
	seed, err := soak.Next(report, proof, *crashSeed)
	if err != nil {
		t.Fatal(err)
	}
	s := openCrashStore(t)
	for points > 0 && !t.Failed() {
		var sum tally
		begin, first := time.Now(), seed
		for ; seed < first+block; seed++ {
			one := s.play(t, seed)
			sum.add(&one)
		}
		err := soak.Append(report, soak.Row{Proof: proof, First: first, Last: seed - 1, Differences: sum.differences,
			Tried: fmt.Sprintf("%d crash points, %d takeovers: %s", sum.points, sum.takeovers, sum.happened()),
			Took:  time.Since(begin), Ended: time.Now()})
		if err != nil {
			t.Fatal(err)
		}
		points -= sum.points
		t.Logf("%d crash points to go", max(points, 0))
	}
}
