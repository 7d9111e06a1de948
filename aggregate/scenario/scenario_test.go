package scenario

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"ringside/aggregate/oracle"
)

var rewrite = flag.String("rewrite", "", "rewrite the tables of the scenarios from this engine: core or oracle")

func files(t *testing.T) []string {
	paths, err := filepath.Glob("../testdata/scenarios/*.txt")
	if err != nil || len(paths) == 0 {
		t.Fatalf("no scenarios: %v", err)
	}
	return paths
}

// each runs every scenario in its own order and in others.
func each(t *testing.T, newEngine func(s *Scenario) Engine) {
	for _, path := range files(t) {
		name := strings.TrimSuffix(filepath.Base(path), ".txt")
		t.Run(name, func(t *testing.T) {
			s, err := Load(path)
			if err != nil {
				t.Fatal(err)
			}
			for _, d := range s.Run(newEngine(s)) {
				t.Error(d)
			}
			if !s.Shufflable() {
				return
			}
			for seed := range uint64(5) {
				for _, d := range s.RunShuffled(func() Engine { return newEngine(s) }, seed) {
					t.Error(d)
				}
			}
		})
	}
}

func TestOracle(t *testing.T) {
	each(t, func(s *Scenario) Engine { return oracle.NewEngine(s.Settings) })
}

func TestCore(t *testing.T) {
	each(t, func(s *Scenario) Engine { return NewCore(s.Settings) })
}

func TestRewrite(t *testing.T) {
	if *rewrite == "" {
		t.Skip("only with -rewrite=core or -rewrite=oracle; review the diff")
	}
	for _, path := range files(t) {
		s, err := Load(path)
		if err != nil {
			t.Fatal(err)
		}
		var e Engine = oracle.NewEngine(s.Settings)
		if *rewrite == "core" {
			e = NewCore(s.Settings)
		}
		if err := os.WriteFile(path, []byte(s.Rewrite(e)), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}
