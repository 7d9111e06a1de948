package soak

import (
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"
)

var fuzzTest = regexp.MustCompile(`(?m)^func (Fuzz\w+)\(f \*testing\.F\)`)

// fuzzTests finds every fuzz test of the module, as package and name.
func fuzzTests(t *testing.T, root string) (found [][2]string) {
	t.Helper()
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() && (d.Name() == "node_modules" || strings.HasPrefix(d.Name(), ".") && path != root) {
			return fs.SkipDir
		}
		if !strings.HasSuffix(path, "_test.go") {
			return nil
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		for _, m := range fuzzTest.FindAllSubmatch(text, -1) {
			folder, err := filepath.Rel(root, filepath.Dir(path))
			if err != nil {
				return err
			}
			found = append(found, [2]string{filepath.ToSlash(folder), string(m[1])})
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

func TestEveryFuzzTestIsFound(t *testing.T) {
	found := fmt.Sprint(fuzzTests(t, "../.."))
	for _, want := range []string{"[aggregate FuzzRestore]", "[ingest/scan FuzzScan]", "[ingest/vendors/enreach FuzzDecode]",
		"[ingest/vendors/avaya FuzzDecode]", "[ingest/vendors/brightpattern FuzzDecode]", "[ingest/vendors/openmethods FuzzDecode]",
		"[ingest/vendors/envelope FuzzRead]", "[ingest/kafka FuzzDecode]",
		"[grafana-plugin/pkg/model FuzzParseQuery]"} {
		if !strings.Contains(found, want) {
			t.Errorf("%s is not among %s", want, found)
		}
	}
}

// TestFuzzSoak fuzzes in blocks until the report at RINGSIDE_SOAK_REPORT has RINGSIDE_SOAK_FUZZ inputs for each fuzz test.
// What one block finds interesting, go keeps for the next. A block that failed counts for nothing: it has no inputs there.
func TestFuzzSoak(t *testing.T) {
	inputs, err := strconv.ParseUint(os.Getenv("RINGSIDE_SOAK_FUZZ"), 10, 64)
	if err != nil {
		t.Skip("for `make soak`: RINGSIDE_SOAK_FUZZ says how many inputs each fuzz test gets")
	}
	only, err := regexp.Compile(os.Getenv("RINGSIDE_SOAK_ONLY"))
	if err != nil {
		t.Fatal(err)
	}
	report := os.Getenv("RINGSIDE_SOAK_REPORT")
	for _, f := range fuzzTests(t, "../..") {
		name := f[0] + "." + f[1]
		if !only.MatchString(name) {
			continue
		}
		t.Run(name, func(t *testing.T) {
			for !t.Failed() {
				first, err := Next(report, "fuzz "+name, 1)
				if err != nil {
					t.Fatal(err)
				}
				if first > inputs {
					return
				}
				fuzzBlock(t, f, report, first, min(first+fuzzedAtOnce-1, inputs))
			}
		})
	}
}

const fuzzedAtOnce = 2_500_000

func fuzzBlock(t *testing.T, f [2]string, report string, first, last uint64) {
	t.Helper()
	begin, count := time.Now(), last-first+1
	// Interesting inputs are kept as they are: to make them smaller takes a minute each.
	c := exec.Command("go", "test", "-run", "^$", "-fuzz", "^"+f[1]+"$", "-fuzztime", fmt.Sprintf("%dx", count), "-fuzzminimizetime", "1x", ".")
	c.Dir = filepath.Join("../..", f[0]) // the plugin is a module of its own
	row := Row{Proof: "fuzz " + f[0] + "." + f[1], First: first, Last: last, Tried: fmt.Sprintf("%d inputs", count)}
	c.Stdout, c.Stderr = os.Stdout, os.Stderr // its progress, every 3 s, and the input that failed
	if err := c.Run(); err != nil {
		row.First, row.Last, row.Differences = 0, 0, 1
		t.Error(err)
	}
	row.Took, row.Ended = time.Since(begin), time.Now()
	if err := Append(report, row); err != nil {
		t.Fatal(err)
	}
}
