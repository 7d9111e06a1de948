package soak

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestReportIsGoneOnWith(t *testing.T) {
	path := filepath.Join(t.TempDir(), "results", "soak.md")
	next := func(proof string) uint64 {
		t.Helper()
		seed, err := Next(path, proof, 1)
		if err != nil {
			t.Fatal(err)
		}
		return seed
	}
	if got := next("kills"); got != 1 {
		t.Errorf("without a report it begins at %d", got)
	}
	for _, r := range []Row{{Proof: "kills", First: 1, Last: 7, Tried: "70 kills", Took: 90 * time.Second}, {Proof: "crash points", First: 1, Last: 40},
		{Proof: "kills", Differences: 1, Tried: "failed, to be tried again"},
		{Proof: "kills", First: 8, Last: 9, Differences: 3, Ended: time.Date(2026, 3, 2, 10, 0, 0, 0, time.UTC)}} {
		if err := Append(path, r); err != nil {
			t.Fatal(err)
		}
	}
	if kills, points := next("kills"), next("crash points"); kills != 10 || points != 41 {
		t.Errorf("goes on at %d and %d, want 10 and 41", kills, points)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"| kills | 1–7 | 70 kills | 0 | 1m30s |", "| kills | 8–9 |  | 3 | 0s | 2026-03-02 10:00 |"} {
		if !strings.Contains(string(text), want) {
			t.Errorf("the report lacks %q:\n%s", want, text)
		}
	}
	if n := strings.Count(string(text), "# Long proofs"); n != 1 {
		t.Errorf("%d headings", n)
	}
	if err := os.WriteFile(path, []byte("| kills | many | 1 |\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Next(path, "kills", 1); err == nil {
		t.Error("seeds that cannot be read are taken for none")
	}
}
