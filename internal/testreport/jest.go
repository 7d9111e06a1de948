package main

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// jestResults is what jest --json writes.
type jestResults struct {
	TestResults []struct {
		Name               string // of the file
		Status             string
		Message            string // of all that failed, or why the file could not be run
		StartTime, EndTime int64  // ms
		AssertionResults   []struct{ FullName, Status string }
	}
}

// jest runs the tests of the package.json in dir and counts them.
func (r *report) jest(dir string) error {
	folder, err := os.MkdirTemp("", "testreport-")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(folder) }()
	file := filepath.Join(folder, "jest.json")
	c := exec.Command("npm", "test", "--silent", "--", "--ci", "--json", "--outputFile="+file)
	c.Dir = dir
	said, errRun := c.CombinedOutput() // what failed is in the file; all of it is shown where there is none
	text, err := os.ReadFile(file)
	if err != nil {
		return fmt.Errorf("jest in %s: %v\n%s", dir, errRun, said)
	}
	var results jestResults
	if err := json.Unmarshal(text, &results); err != nil {
		return fmt.Errorf("jest in %s: %w", dir, err)
	}
	if r.takeJest(dir, results) == 0 && errRun != nil {
		return fmt.Errorf("jest in %s: %w\n%s", dir, errRun, said)
	}
	return nil
}

// takeJest counts results and returns how many failed. A file that could not be run is one failure.
func (r *report) takeJest(dir string, results jestResults) (failures int) {
	for _, f := range results.TestResults {
		name := f.Name
		if i := strings.LastIndex(name, "/"+filepath.Base(dir)+"/"); i >= 0 {
			name = name[i+1:]
		}
		failed := 0
		for _, a := range f.AssertionResults {
			switch a.Status {
			case "passed":
				r.passed++
			case "failed":
				failed++
				fmt.Fprintf(r.out, "FAIL  %s: %s\n", name, a.FullName)
			default:
				r.skipped++
				r.skips = append(r.skips, name+": "+a.FullName+": "+a.Status)
			}
		}
		if f.Status == "failed" && failed == 0 {
			failed = 1
		}
		status := "ok    "
		if failed > 0 {
			status = "FAIL  "
			fmt.Fprintln(r.out, f.Message)
		}
		took := time.Duration(f.EndTime-f.StartTime) * time.Millisecond
		fmt.Fprintf(r.out, "%s%-40s %5d tests %9s  jest\n", status, name, len(f.AssertionResults), took)
		failures += failed
	}
	r.failed += failures
	return failures
}
