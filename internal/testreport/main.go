// Command testreport runs Go's tests, with the race detector where it is possible and asked for, and prints one line
// per package, the whole output of what failed, the reasons of what was skipped, and last "N passed, M failed".
//
//	testreport [-plain PACKAGE,…] [-raced PACKAGE:TESTS] [-unraced PACKAGE:TESTS] [-timeout 20m] [-module DIR] [-jest DIR] [PACKAGE…]
//
// -module names the folder of a further Go module whose tests follow, -jest one whose package.json brings jest. Packages named by -plain, and those below them, run without the race detector; of one of them, -raced names tests (a
// regular expression) that run once more with it, and -unraced the other way round. Exit code 1: a test failed, none ran,
// or go test itself failed.
package main

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"slices"
	"strings"
)

func main() {
	plain := flag.String("plain", "", "packages, separated by commas, to be tested without the race detector")
	raced := flag.String("raced", "", "PACKAGE:TESTS, the tests of a plain package that run with the race detector too")
	unraced := flag.String("unraced", "", "PACKAGE:TESTS, the tests of another package that run without the race detector too")
	timeout := flag.String("timeout", "20m", "the longest that one package may take")
	module := flag.String("module", "", "folder of a further Go module")
	jest := flag.String("jest", "", "folder whose tests are jest's")
	flag.Parse()
	r := newReport(os.Stdout)
	err := run(r, *plain, *raced, *unraced, *timeout, flag.Args())
	if *module != "" {
		err = errors.Join(err, r.module(*module, *timeout))
	}
	if *jest != "" {
		err = errors.Join(err, r.jest(*jest))
	}
	ok := r.summary()
	if err != nil {
		fmt.Fprintln(os.Stderr, "testreport: "+err.Error())
		os.Exit(1)
	}
	if !ok {
		os.Exit(1)
	}
}

func run(r *report, plain, raced, unraced, timeout string, patterns []string) error {
	if len(patterns) == 0 {
		patterns = []string{"./..."}
	}
	listed, err := output("go", append([]string{"list"}, patterns...)...)
	if err != nil {
		return err
	}
	module, err := output("go", "list", "-m")
	if err != nil {
		return err
	}
	with, without := split(strings.Fields(listed), strings.TrimSpace(module), strings.Split(plain, ","))
	if why := noRaceDetector(); why != "" {
		fmt.Fprintf(r.out, "without the race detector: %s\n", why)
		with, without, raced = nil, append(with, without...), ""
	}
	var failures []error
	if len(without) > 0 {
		failures = append(failures, r.test(".", "", append([]string{"-timeout", timeout}, without...)))
	}
	if len(with) > 0 {
		failures = append(failures, r.test(".", "  race", append([]string{"-race", "-timeout", timeout}, with...)))
	}
	return errors.Join(append(failures,
		r.again(strings.TrimSpace(module), raced, without, "  race", "-race", "-timeout", timeout),
		r.again(strings.TrimSpace(module), unraced, with, "", "-timeout", timeout))...)
}

// module tests all packages of the Go module in dir.
func (r *report) module(dir, timeout string) error {
	label, flags := "  race", []string{"-race", "-timeout", timeout, "./..."}
	if noRaceDetector() != "" {
		label, flags = "", flags[1:]
	}
	return r.test(dir, label, flags)
}

// again tests PACKAGE:TESTS with other flags, if the package is among those that were tested.
func (r *report) again(module, chosen string, tested []string, label string, flags ...string) error {
	folder, tests, _ := strings.Cut(chosen, ":")
	name := module + "/" + folder
	if !slices.Contains(tested, name) {
		return nil
	}
	return r.test(".", label, append(flags, "-run", tests, name))
}

// split parts the packages into those for the race detector and the others.
func split(packages []string, module string, plain []string) (with, without []string) {
next:
	for _, p := range packages {
		for _, name := range plain {
			full := module + "/" + strings.Trim(name, "./")
			if name != "" && (p == full || strings.HasPrefix(p, full+"/")) {
				without = append(without, p)
				continue next
			}
		}
		with = append(with, p)
	}
	return with, without
}

// noRaceDetector says why the race detector cannot be used, or "".
func noRaceDetector() string {
	env, err := output("go", "env", "CGO_ENABLED", "CC")
	if err != nil {
		return err.Error()
	}
	cgo, cc, _ := strings.Cut(strings.TrimSpace(env), "\n")
	if cgo != "1" {
		return "CGO_ENABLED is " + cgo
	}
	compiler, _, _ := strings.Cut(cc, " ")
	if _, err := exec.LookPath(compiler); err != nil {
		return "it needs a C compiler, and there is no " + compiler
	}
	return ""
}

// test runs go test in dir. Its exit code is not looked at where the report has a failure to show for it.
func (r *report) test(dir, label string, args []string) error {
	failed := r.failed
	c := exec.Command("go", append([]string{"test", "-json"}, args...)...)
	c.Dir = dir
	c.Stderr = os.Stderr
	pipe, err := c.StdoutPipe()
	if err != nil {
		return err
	}
	if err := c.Start(); err != nil {
		return err
	}
	errRead := r.read(pipe, label)
	if errRead != nil {
		_, _ = io.Copy(io.Discard, pipe) // so that go test can end
	}
	errWait := c.Wait()
	if errRead != nil {
		return errRead
	}
	if errWait != nil && r.failed == failed {
		return fmt.Errorf("go test: %w", errWait)
	}
	return nil
}

func output(name string, args ...string) (string, error) {
	var stdout, stderr bytes.Buffer
	c := exec.Command(name, args...)
	c.Stdout, c.Stderr = &stdout, &stderr
	if err := c.Run(); err != nil {
		return "", fmt.Errorf("%s %s: %w\n%s", name, strings.Join(args, " "), err, stderr.String())
	}
	return stdout.String(), nil
}
