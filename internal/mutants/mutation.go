package main

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// mutation is one planted bug: a piece of one file replaced by another, and the test that must fail because of it.
type mutation struct {
	name string
	bug  string // what is wrong with it, for who reads the list
	file string // relative to the module, slashes forward
	old  string // stands exactly once in file
	new  string
	by   test
	slow bool // too slow for the sample of an ordinary test run
}

// test names tests of one package.
type test struct {
	folder string // relative to the module
	run    string // as for go test -run; each part matches a whole name
}

func (t test) String() string { return t.folder + " " + t.run }

// pattern is run with each part anchored.
func (t test) pattern() string {
	parts := strings.Split(t.run, "/")
	for i, p := range parts {
		parts[i] = "^(" + p + ")$"
	}
	return strings.Join(parts, "/")
}

// scenario names a text file of aggregate/testdata/scenarios, run against the core.
func scenario(name string) test { return test{"aggregate/scenario", "TestCore/" + name} }

// The comparison of the core with the second implementation on random events, restarts included.
var differential = test{"aggregate/oracle", "TestCoreAgainstOracle"}

// The comparison of a core that is restored now and then with one that never stops, over days.
var restarts = test{"aggregate/oracle", "TestRestartsDoNotShowInLongRuns"}

// area is a part of the list, in a file of its own.
type area struct {
	name      string
	mutations []mutation
}

// areas is the list.
var areas = []area{
	{"intake", intakeMutations},
	{"order", orderMutations},
	{"visits", visitMutations},
	{"ends", endMutations},
	{"calls that are not visits", otherCallMutations},
	{"wrap-up", wrapUpMutations},
	{"windows", windowMutations},
	{"service level and percentiles", levelMutations},
	{"a queue now", statusMutations},
	{"agents", agentMutations},
	{"callbacks", callbackMutations},
	{"checkpoints", checkpointMutations},
	{"store", storeMutations},
	{"decoder", decoderMutations},
	{"desktops", desktopMutations},
	{"forwarders", avayaMutations},
	{"Kafka", kafkaMutations},
	{"gateway", gatewayMutations},
	{"engine", engineMutations},
	{"reconciliation", reconcileMutations},
	{"recovery", recoveryMutations},
	{"structure", structureMutations},
}

// all returns the mutations of all areas, in order.
func all() (list []mutation) {
	for _, a := range areas {
		list = append(list, a.mutations...)
	}
	return list
}

// apply returns the text of the mutated file. A piece that is not there exactly once is an error: the source has changed,
// and the mutation has to follow it.
func (m *mutation) apply(root string) (string, error) {
	text, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(m.file)))
	if err != nil {
		return "", fmt.Errorf("mutation %s: %w", m.name, err)
	}
	if n := strings.Count(string(text), m.old); n != 1 || m.old == m.new {
		return "", fmt.Errorf("mutation %s: %s has the piece to be replaced %d times, want once (and another in its place):\n%s", m.name, m.file, n, m.old)
	}
	return strings.Replace(string(text), m.old, m.new, 1), nil
}

var testFunction = regexp.MustCompile(`(?m)^func (Test\w+)\(`)

// exists tells whether the test function, and the scenario where one is named, are there.
func (t test) exists(root string) error {
	parts := strings.Split(t.run, "/")
	folder := filepath.Join(root, filepath.FromSlash(t.folder))
	paths, err := filepath.Glob(filepath.Join(folder, "*_test.go"))
	if err != nil {
		return err
	}
	found := false
	for _, path := range paths {
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		found = found || slices.ContainsFunc(testFunction.FindAllStringSubmatch(string(text), -1), func(m []string) bool { return m[1] == parts[0] })
	}
	if !found {
		return fmt.Errorf("%s has no test %s", t.folder, parts[0])
	}
	if t.folder == "aggregate/scenario" && len(parts) == 2 {
		if _, err := os.Stat(filepath.Join(root, "aggregate", "testdata", "scenarios", parts[1]+".txt")); err != nil {
			return err
		}
	}
	return nil
}

// check returns everything that is wrong with a list without running anything.
func check(root string, list []mutation) (problems []error) {
	seen := map[string]bool{}
	for i := range list {
		m := &list[i]
		if m.name == "" || m.bug == "" || seen[m.name] {
			problems = append(problems, fmt.Errorf("mutation %q has no name, no bug, or the name of another one", m.name))
		}
		seen[m.name] = true
		if _, err := m.apply(root); err != nil {
			problems = append(problems, err)
		}
		if err := m.by.exists(root); err != nil {
			problems = append(problems, fmt.Errorf("mutation %s: %w", m.name, err))
		}
	}
	return problems
}
