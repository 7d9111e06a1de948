package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"time"
)

// node runs the browser tests of the package.json in dir, `npm run test:browser` on Node's own test runner, and counts them.
func (r *report) node(dir string) error {
	c := exec.Command("npm", "run", "--silent", "test:browser")
	c.Dir, c.Env = dir, append(os.Environ(), "NODE_OPTIONS=--test-reporter=tap")
	var out bytes.Buffer
	c.Stdout, c.Stderr = &out, &out
	began := time.Now()
	errRun := c.Run()
	tests, failures := r.takeTAP(out.String(), dir)
	if tests == 0 || errRun != nil && failures == 0 {
		return fmt.Errorf("npm run test:browser in %s: %v\n%s", dir, errRun, out.String())
	}
	status := "ok    "
	if failures > 0 {
		status = "FAIL  "
		fmt.Fprintln(r.out, out.String())
	}
	fmt.Fprintf(r.out, "%s%-40s %5d tests %9s  browser\n", status, dir, tests, time.Since(began).Round(time.Millisecond))
	return nil
}

// tapLine is the result of one test at the top level.
var tapLine = regexp.MustCompile(`(?m)^(not )?ok \d+ - (.*?)( # (?:SKIP|TODO)(.*))?$`)

func (r *report) takeTAP(text, dir string) (tests, failures int) {
	for _, m := range tapLine.FindAllStringSubmatch(text, -1) {
		tests++
		switch {
		case m[3] != "":
			r.skipped++
			r.skips = append(r.skips, dir+": "+m[2]+":"+strings.TrimRight(m[4], "\r"))
		case m[1] != "":
			failures++
			fmt.Fprintf(r.out, "FAIL  %s: %s\n", dir, m[2])
		default:
			r.passed++
		}
	}
	r.failed += failures
	return tests, failures
}
