// Command mutants plants bugs into Ringside, one at a time, and requires that the test named for each fails. A bug that
// no test notices is a hole in the tests.
//
//	go run ./internal/mutants [-run NAMES] [-sample N [-seed S]] [-jobs N] [-timeout 2m] [-list] [-v]
//
// The list is in the files of this folder, one for each area. Nothing is written into the module: go test -overlay shows
// the compiler a mutated file in the place of the original. Before that, each named test has to pass without mutation.
//
// Exit code 1: a mutation survived, does not apply to the source any more, does not compile, or its test does not pass
// without it, is skipped, or runs into the timeout.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"os/signal"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	ok, err := command(ctx, os.Stdout, os.Args[1:])
	if err != nil {
		fmt.Fprintln(os.Stderr, "mutants: "+err.Error())
	}
	if err != nil || !ok {
		os.Exit(1)
	}
}

func command(ctx context.Context, out io.Writer, args []string) (bool, error) {
	flags := flag.NewFlagSet("mutants", flag.ExitOnError)
	run := flags.String("run", "", "only mutations whose name matches this regular expression")
	sample := flags.Int("sample", 0, "only this many of them, by chance; 0: all")
	seed := flags.Uint64("seed", 1, "what decides about the sample")
	jobs := flags.Int("jobs", min(runtime.NumCPU(), 4), "how many mutations are tried at the same time")
	timeout := flags.Duration("timeout", 2*time.Minute, "the longest that one test may take")
	list := flags.Bool("list", false, "show the list, and try nothing")
	verbose := flags.Bool("v", false, "show what the failing tests say")
	if err := flags.Parse(args); err != nil {
		return false, err
	}
	root, err := moduleRoot(ctx)
	if err != nil {
		return false, err
	}
	wanted, err := chosen(all(), *run, *sample, *seed)
	if err != nil {
		return false, err
	}
	problems := check(root, all())
	for _, p := range problems {
		fmt.Fprintln(out, p)
	}
	if *list {
		show(out, wanted)
		return len(problems) == 0, nil
	}
	dir, err := os.MkdirTemp("", "ringside-mutants-")
	if err != nil {
		return false, err
	}
	defer os.RemoveAll(dir)
	ok := tryAll(ctx, out, newLab(root, dir, *timeout), wanted, *jobs, *verbose)
	return ok && len(problems) == 0, ctx.Err()
}

func moduleRoot(ctx context.Context) (string, error) {
	output, err := exec.CommandContext(ctx, "go", "list", "-m", "-f", "{{.Dir}}").Output()
	if err != nil {
		return "", fmt.Errorf("go list -m: %w", err)
	}
	return strings.TrimSpace(string(output)), nil
}

// chosen returns the mutations whose name matches, or a sample of them, in the order of the list.
func chosen(list []mutation, run string, sample int, seed uint64) ([]mutation, error) {
	pattern, err := regexp.Compile(run)
	if err != nil {
		return nil, err
	}
	list = slices.DeleteFunc(slices.Clone(list), func(m mutation) bool { return !pattern.MatchString(m.name) })
	if len(list) == 0 {
		return nil, fmt.Errorf("no mutation is called like %q", run)
	}
	for r := rand.New(rand.NewPCG(seed, 0)); sample > 0 && len(list) > sample; {
		i := r.IntN(len(list))
		list = slices.Delete(list, i, i+1)
	}
	return list, nil
}

func show(out io.Writer, list []mutation) {
	for _, m := range list {
		fmt.Fprintf(out, "%-34s %-34s %s\n%34s %s\n", m.name, m.file, m.by, "", m.bug)
	}
	fmt.Fprintf(out, "%d mutations of %d\n", len(list), len(all()))
}

// tryAll tries mutations and prints a line for each as it is done. It returns whether each was caught.
func tryAll(ctx context.Context, out io.Writer, l *lab, list []mutation, jobs int, verbose bool) bool {
	begin := time.Now()
	fmt.Fprintf(out, "%9s %-34s %-34s %-56s %-9s %s\n", "", "mutation", "file", "test", "", "seconds")
	var mu sync.Mutex // guards what follows, and out
	done, caught := 0, 0
	work := make(chan *mutation)
	var workers sync.WaitGroup
	for range max(jobs, 1) {
		workers.Go(func() {
			for m := range work {
				started := time.Now()
				v, output, err := l.try(ctx, m)
				if ctx.Err() != nil {
					continue
				}
				mu.Lock()
				done++
				if err == nil && v == failed {
					caught++
				}
				fmt.Fprintf(out, "%4d/%-4d %-34s %-34s %-56s %-9s %.1f\n", done, len(list), m.name, m.file, m.by, word(v, err), time.Since(started).Seconds())
				explain(out, m, v, output, err, verbose)
				mu.Unlock()
			}
		})
	}
	for i := range list {
		work <- &list[i]
	}
	close(work)
	workers.Wait()
	fmt.Fprintf(out, "%d of %d mutations caught in %s\n", caught, len(list), time.Since(begin).Round(time.Second))
	return caught == len(list)
}

func word(v verdict, err error) string {
	switch {
	case err != nil:
		return "ERROR"
	case v == failed:
		return "caught"
	case v == passed:
		return "SURVIVED"
	}
	return "UNKNOWN"
}

// explain says what is wrong with a mutation that was not caught.
func explain(out io.Writer, m *mutation, v verdict, output string, err error, verbose bool) {
	switch {
	case err != nil:
		fmt.Fprintln(out, err)
	case v == passed:
		fmt.Fprintf(out, "%s: the test passes though %s\n", m.name, m.bug)
	case v != failed:
		fmt.Fprintf(out, "%s: the test %s, which proves nothing\n%s\n", m.name, v, tail(output))
	case verbose:
		fmt.Fprintln(out, tail(output))
	}
}
