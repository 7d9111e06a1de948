package cli

import (
	"context"
	"fmt"
	"io"
	"regexp"
	"strconv"
	"strings"
	"text/tabwriter"

	"github.com/google/uuid"
	"github.com/spf13/cobra"

	"ringside/internal/config"
	"ringside/internal/history"
	"ringside/internal/recompute"
)

type recomputeFlags struct {
	target
	organization, from, to string
	whatIf, into           string
	applyRules             bool
}

func newRecompute(s Streams) *cobra.Command {
	var f recomputeFlags
	c := &cobra.Command{
		Use:   "recompute --organization ID --from DATE --to DATE",
		Short: "Repair days from the events that are kept, or try other rules on them",
		Long: "Computes days of an organization anew from the events that are kept, late ones included, and repairs the rows of\n" +
			"calls, days and intervals that differ. What a running engine still holds is left alone: the last day or two. Running\n" +
			"it again changes nothing. The last line on standard output says what was changed.\n\n" +
			"With --what-if nothing is repaired: the days are computed under the rules of a file, which has the sections rules,\n" +
			"definitions and region_map of the configuration (what it does not name stays as configured), into another database,\n" +
			"and each queue's figures are compared.",
		Example: "  ringside recompute --organization 00000000-0000-0000-0000-000000000001 --from 2026-03-02 --to 2026-03-08 --config ringside.yaml\n" +
			"  ringside recompute --organization 00000000-0000-0000-0000-000000000001 --from 2026-03-01 --to 2026-03-31 --what-if thirty-seconds.yaml --into what_if",
		Args: args(cobra.NoArgs, "no arguments"),
		RunE: func(c *cobra.Command, _ []string) error { return runRecompute(c.Context(), s, &f) },
	}
	f.flags(c, "folder of the embedded store (default ./ringside-data)")
	c.Flags().StringVar(&f.organization, "organization", "", "id of the organization")
	c.Flags().StringVar(&f.from, "from", "", "first date, as 2026-03-02: of calls in UTC, of figures where the queue is")
	c.Flags().StringVar(&f.to, "to", "", "last date")
	c.Flags().BoolVar(&f.applyRules, "apply-rules", false, "also where thresholds, targets or time zones of the days change by it")
	c.Flags().StringVar(&f.whatIf, "what-if", "", "file with other rules: compute under them, into --into")
	c.Flags().StringVar(&f.into, "into", "", "database of a what-if; it is made where it does not exist")
	return c
}

var databaseName = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]{0,63}$`)

// options reads the flags.
func (f *recomputeFlags) options(s Streams) (o recompute.Options, err error) {
	for _, flag := range []struct{ name, value string }{{"organization", f.organization}, {"from", f.from}, {"to", f.to}} {
		if flag.value == "" {
			return o, usagef("--%s is missing; see ringside recompute --help", flag.name)
		}
	}
	if o.Organization, err = uuid.Parse(f.organization); err != nil {
		return o, usagef("--organization %q is no id; `ringside sql 'SELECT organization_id FROM organizations'` lists those of the store", f.organization)
	}
	if o.From, err = history.ParseDate(f.from); err != nil {
		return o, usagef("--from %w", err)
	}
	if o.To, err = history.ParseDate(f.to); err != nil {
		return o, usagef("--to %w", err)
	}
	if o.From > o.To {
		return o, usagef("--from %s is after --to %s", f.from, f.to)
	}
	if (f.whatIf == "") != (f.into == "") {
		return o, usagef("--what-if and --into go together: a file with other rules, and the database for what they give")
	}
	if o.Config, err = f.load(); err != nil {
		return o, err
	}
	if f.whatIf != "" {
		if o.WhatIf, err = whatIf(o.Config, f.whatIf); err != nil {
			return o, err
		}
		if !databaseName.MatchString(f.into) {
			return o, usagef("--into %q is no name for a database: letters, digits and _ only", f.into)
		}
		if f.into == o.Config.Store.Database {
			return o, usagef("--into %s is the engine's own database: choose another one", f.into)
		}
		if f.applyRules {
			return o, usagef("--apply-rules is for repairs: a what-if always applies its rules")
		}
	}
	o.Into, o.ApplyRules, o.Log = f.into, f.applyRules, quietLog(s.Err)
	return o, nil
}

func whatIf(c *config.Config, path string) (*config.Config, error) {
	changed, err := c.WhatIf(path)
	if err != nil {
		return nil, usageError{fmt.Errorf("--what-if: %w", err)}
	}
	return changed, nil
}

func runRecompute(ctx context.Context, s Streams, f *recomputeFlags) (err error) {
	o, err := f.options(s)
	if err != nil {
		return err
	}
	r, err := recompute.Open(ctx, o)
	if err != nil {
		return fmt.Errorf("recompute: %w", err)
	}
	defer func() {
		if errClose := r.Close(); err == nil && errClose != nil {
			err = fmt.Errorf("recompute: %w", errClose)
		}
	}()
	if alone := r.LeftAlone(); alone != "" {
		fmt.Fprintln(s.Err, "left alone, since the engine still holds it: "+alone)
	}
	finish := progress(s.Err, "recompute", r.Events(), false, r.EventsRead)
	result, err := r.Run(ctx)
	finish()
	if err != nil {
		return fmt.Errorf("recompute: %w", err)
	}
	if o.WhatIf != nil {
		comparison, err := r.Compare(ctx)
		if err != nil {
			return fmt.Errorf("recompute: %w", err)
		}
		if err := writeComparison(s.Out, comparison); err != nil {
			return err
		}
	}
	_, err = fmt.Fprintln(s.Out, result)
	return err
}

// comparedFigures are the lines of each queue.
var comparedFigures = []struct {
	name string
	of   func(*recompute.Figures) *float64
}{
	{"total", func(f *recompute.Figures) *float64 { return count(f.Total) }},
	{"answered", func(f *recompute.Figures) *float64 { return count(f.Answered) }},
	{"abandoned", func(f *recompute.Figures) *float64 { return count(f.Abandoned) }},
	{"ignore_short_abandons %", func(f *recompute.Figures) *float64 { return f.IgnoreShortAbandons }},
	{"all_offered %", func(f *recompute.Figures) *float64 { return f.AllOffered }},
	{"answered_only %", func(f *recompute.Figures) *float64 { return f.AnsweredOnly }},
	{"short_abandons_met %", func(f *recompute.Figures) *float64 { return f.ShortAbandonsMet }},
	{"mean wait s", func(f *recompute.Figures) *float64 { return f.MeanWait }},
}

func count(n int64) *float64 { v := float64(n); return &v }

// writeComparison prints what was and what would be, queue by queue.
func writeComparison(w io.Writer, queues []recompute.Comparison) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "queue\tfigure\twas\twould be\tdifference")
	for i := range queues {
		q := &queues[i]
		name := printable(q.Name)
		if name == "" {
			name = q.Queue.String()
		}
		for _, f := range comparedFigures {
			was, were := f.of(&q.Was), f.of(&q.Were)
			difference := "-"
			if was != nil && were != nil {
				difference = strconv.FormatFloat(*were-*was, 'f', decimals(f.name), 64)
				if *were > *was {
					difference = "+" + difference
				}
			}
			fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s\n", name, f.name, figure(f.name, was), figure(f.name, were), difference)
		}
	}
	return t.Flush()
}

func figure(name string, v *float64) string {
	if v == nil {
		return "-"
	}
	return strconv.FormatFloat(*v, 'f', decimals(name), 64)
}

// decimals: counts are whole, others have a unit after their name.
func decimals(name string) int {
	if strings.Contains(name, " ") {
		return 1
	}
	return 0
}

// printable keeps control characters in a queue's name from reaching the terminal, and tabs from the table.
func printable(name string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f || r >= 0x80 && r < 0xa0 {
			return ' '
		}
		return r
	}, name)
}
