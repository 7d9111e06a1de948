package main

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
)

// event is one line of `go test -json`.
type event struct {
	Action      string
	Package     string
	ImportPath  string // of build events
	Test        string
	Elapsed     float64
	Output      string
	FailedBuild string
}

// report counts the tests of one or more runs of go test and shows what failed, as soon as it is known.
type report struct {
	out                     io.Writer
	passed, failed, skipped int
	packages                map[string]*packageReport
	builds                  map[string][]string // output of failed builds
	skips                   []string
}

type packageReport struct {
	tests  int
	failed int
	output map[string][]string // by test, "" for the package; dropped when a test passes
}

func newReport(out io.Writer) *report {
	return &report{out: out, packages: map[string]*packageReport{}, builds: map[string][]string{}}
}

// read takes in the output of one `go test -json`; text that is no JSON is an error.
func (r *report) read(in io.Reader, label string) error {
	lines := json.NewDecoder(in)
	for {
		var e event
		switch err := lines.Decode(&e); err {
		case nil:
			r.take(e, label)
		case io.EOF:
			return nil
		default:
			return fmt.Errorf("output of go test: %w", err)
		}
	}
}

func (r *report) take(e event, label string) {
	switch e.Action {
	case "build-output":
		r.builds[e.ImportPath] = append(r.builds[e.ImportPath], e.Output)
		return
	case "build-fail":
		return // the packages that need it fail in turn
	}
	p := r.packages[e.Package]
	if p == nil || p.output == nil { // a package may be tested a second time
		p = &packageReport{output: map[string][]string{}}
		r.packages[e.Package] = p
	}
	switch e.Action {
	case "output":
		p.output[e.Test] = append(p.output[e.Test], e.Output)
	case "pass", "fail", "skip":
		if e.Test == "" {
			r.finish(e, p, label)
			return
		}
		r.count(e, p)
	}
}

func (r *report) count(e event, p *packageReport) {
	p.tests++
	switch e.Action {
	case "pass":
		r.passed++
	case "skip":
		r.skipped++
		r.skips = append(r.skips, e.Package+"."+e.Test+": "+reason(p.output[e.Test]))
	case "fail":
		r.failed++
		p.failed++
		fmt.Fprintf(r.out, "FAIL  %s.%s\n%s", e.Package, e.Test, strings.Join(p.output[e.Test], ""))
	}
	delete(p.output, e.Test)
}

// finish handles the end of a package. One that fails without a failing test (it did not build, TestMain failed,
// it was killed) counts as one failure, with all of its output.
func (r *report) finish(e event, p *packageReport, label string) {
	took := time.Duration(e.Elapsed * float64(time.Second)).Round(time.Millisecond)
	switch {
	case e.Action == "fail":
		if p.failed == 0 {
			r.failed++
			fmt.Fprint(r.out, strings.Join(r.builds[e.FailedBuild], ""))
			for _, test := range sortedKeys(p.output) {
				fmt.Fprint(r.out, strings.Join(p.output[test], ""))
			}
		}
		fmt.Fprintf(r.out, "FAIL  %-40s %5d tests %9s%s\n", e.Package, p.tests, took, label)
	case p.tests > 0:
		fmt.Fprintf(r.out, "ok    %-40s %5d tests %9s%s\n", e.Package, p.tests, took, label)
	}
	p.output = nil
}

// reason returns what a test said when it skipped: its last line that is not go test's own.
func reason(output []string) string {
	said := "no reason given"
	for _, line := range output {
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "=== ") || strings.HasPrefix(line, "--- ") {
			continue
		}
		if _, after, ok := strings.Cut(line, ".go:"); ok {
			if _, text, ok := strings.Cut(after, ": "); ok {
				line = text
			}
		}
		said = line
	}
	return said
}

// unfinished returns the packages whose end was never reported.
func (r *report) unfinished() []string {
	var names []string
	for _, name := range sortedKeys(r.packages) {
		if r.packages[name].output != nil {
			names = append(names, name)
		}
	}
	return names
}

// summary prints the skipped tests and, last, the line of counts. It tells whether all is well.
func (r *report) summary() bool {
	for _, name := range r.unfinished() {
		r.failed++
		fmt.Fprintf(r.out, "FAIL  %s: go test ended before the package did\n", name)
	}
	if len(r.skips) > 0 {
		fmt.Fprintf(r.out, "\n%d skipped:\n", r.skipped)
		for _, s := range r.skips {
			fmt.Fprintf(r.out, "  %s\n", s)
		}
	}
	fmt.Fprintf(r.out, "\n%d passed, %d failed\n", r.passed, r.failed)
	return r.failed == 0 && r.passed > 0
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}
