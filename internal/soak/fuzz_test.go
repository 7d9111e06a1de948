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
		"[ingest/vendors/envelope FuzzRead]", "[ingest/kafka FuzzDecode]"} {
		if !strings.Contains(found, want) {
			t.Errorf("%s is not among %s", want, found)
		}
	}
}

// TestFuzzSoak gives each fuzz test RINGSIDE_SOAK_FUZZ inputs and reports it to RINGSIDE_SOAK_REPORT.
func TestFuzzSoak(t *testing.T) {
	runs, err := strconv.ParseInt(os.Getenv("RINGSIDE_SOAK_FUZZ"), 10, 64)
	if err != nil {
		t.Skip("for `make soak`: RINGSIDE_SOAK_FUZZ says how many inputs each fuzz test gets")
	}
	only, err := regexp.Compile(os.Getenv("RINGSIDE_SOAK_ONLY"))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range fuzzTests(t, "../..") {
		name := f[0] + "." + f[1]
		if !only.MatchString(name) {
			continue
		}
		t.Run(name, func(t *testing.T) {
			begin := time.Now()
			// Interesting inputs are kept as they are: to make them smaller takes a minute each.
			c := exec.Command("go", "test", "-run", "^$", "-fuzz", "^"+f[1]+"$", "-fuzztime", fmt.Sprintf("%dx", runs), "-fuzzminimizetime", "1x", "./"+f[0])
			c.Dir = "../.."
			out, err := c.CombinedOutput()
			failed := 0
			if err != nil {
				failed = 1
				t.Errorf("%v\n%s", err, out)
			}
			row := Row{Proof: "fuzz " + name, Tried: fmt.Sprintf("%d inputs", runs), Differences: failed, Took: time.Since(begin), Ended: time.Now()}
			if err := Append(os.Getenv("RINGSIDE_SOAK_REPORT"), row); err != nil {
				t.Fatal(err)
			}
		})
	}
}
