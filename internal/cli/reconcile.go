package cli

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/google/uuid"
	"github.com/spf13/cobra"

	"ringside/internal/history"
	"ringside/internal/reconcile"
)

type reconcileFlags struct {
	target
	organization, date, format string
	all                        bool
	kinds, queues              []string
}

func newReconcile(s Streams) *cobra.Command {
	var f reconcileFlags
	c := &cobra.Command{
		Use:   "reconcile (--organization ID | --all) --date DATE",
		Short: "Compare the vendor's own figures with what its events give",
		Long: "Puts the kept events of an organization and date through the core once more, and compares each figure that the vendor\n" +
			"has published with what the events up to then give. For each field it prints how many figures agree, how far the others\n" +
			"are off, the one reading of docs/METRICS.md under which they would agree, and the calls behind what is left. The\n" +
			"figures go into the table reconciliation. Differences are a result, not a failure: the command ends with 0.",
		Example: "  ringside reconcile --organization 00000000-0000-0000-0000-000000000001 --date 2026-03-02 --config ringside.yaml\n" +
			"  ringside reconcile --all --date 2026-03-02 --kind QueueDailyCallMetrics --format json",
		Args: args(cobra.NoArgs, "no arguments"),
		RunE: func(c *cobra.Command, _ []string) error { return runReconcile(c.Context(), s, &f) },
	}
	f.flags(c, "folder of the embedded store (default ./ringside-data)")
	c.Flags().StringVar(&f.organization, "organization", "", "id of the organization")
	c.Flags().BoolVar(&f.all, "all", false, "every organization of which figures were published on the date")
	c.Flags().StringVar(&f.date, "date", "", "date, as 2026-03-02, where the queue is")
	c.Flags().StringSliceVar(&f.kinds, "kind", nil, "only these: "+strings.Join(reconcile.KindNames(), ", "))
	c.Flags().StringSliceVar(&f.queues, "queue", nil, "only the queues with these ids")
	c.Flags().StringVar(&f.format, "format", "table", "table or json")
	return c
}

// options reads the flags.
func (f *reconcileFlags) options(s Streams) (o reconcile.Options, err error) {
	switch {
	case f.organization == "" && !f.all:
		return o, usagef("--organization is missing (or --all); see ringside reconcile --help")
	case f.organization != "" && f.all:
		return o, usagef("--organization and --all exclude each other")
	case f.date == "":
		return o, usagef("--date is missing; see ringside reconcile --help")
	case f.format != "table" && f.format != "json":
		return o, usagef("--format %q is neither table nor json", f.format)
	}
	if !f.all {
		if o.Organization, err = uuid.Parse(f.organization); err != nil {
			return o, usagef("--organization %q is no id; `ringside sql 'SELECT organization_id FROM organizations'` lists those of the store", f.organization)
		}
	}
	if o.Date, err = history.ParseDate(f.date); err != nil {
		return o, usagef("--date %w", err)
	}
	if err = reconcile.CheckKinds(f.kinds); err != nil {
		return o, usagef("--kind %w", err)
	}
	for _, text := range f.queues {
		id, err := uuid.Parse(text)
		if err != nil {
			return o, usagef("--queue %q is no id; `ringside sql 'SELECT queue_id, queue_name FROM queues'` lists those of the store", text)
		}
		o.Queues = append(o.Queues, id)
	}
	if o.Config, err = f.load(); err != nil {
		return o, err
	}
	o.Kinds, o.Log = f.kinds, quietLog(s.Err)
	o.Progress = func(what string, total int64, read func() int64) func() {
		return progress(s.Err, what, total, false, read)
	}
	return o, nil
}

func runReconcile(ctx context.Context, s Streams, f *reconcileFlags) (err error) {
	o, err := f.options(s)
	if err != nil {
		return err
	}
	r, err := reconcile.Open(ctx, o)
	if err != nil {
		return fmt.Errorf("reconcile: %w", err)
	}
	defer func() {
		if errClose := r.Close(); err == nil && errClose != nil {
			err = fmt.Errorf("reconcile: %w", errClose)
		}
	}()
	organizations := []uuid.UUID{o.Organization}
	if f.all {
		if organizations, err = r.Organizations(ctx); err != nil {
			return fmt.Errorf("reconcile: %w", err)
		}
	}
	for _, id := range organizations {
		result, err := r.Run(ctx, id)
		if err != nil {
			return fmt.Errorf("reconcile: %w", err)
		}
		if err := writeReconciliation(s.Out, f.format, result); err != nil {
			return err
		}
	}
	return nil
}

func writeReconciliation(w io.Writer, format string, r *reconcile.Result) error {
	if format == "json" {
		e := json.NewEncoder(w)
		return e.Encode(r)
	}
	return writeReconciled(w, r)
}

// shownCalls is how many calls of a field are printed.
const shownCalls = 20

// writeReconciled prints a table of the fields, then of each that differs what may be behind it, and a line of counts.
func writeReconciled(w io.Writer, r *reconcile.Result) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "kind\tfield\tcompared\tagree %\tgreatest difference\tmean difference\texplained by\tleft")
	for i := range r.Fields {
		f := &r.Fields[i]
		greatest, mean, names, left := "-", "-", "-", "-"
		if f.Agreed < f.Compared {
			greatest, mean, left = amount(f.Greatest), amount(f.Mean), strconv.FormatInt(f.Left, 10)
		}
		if len(f.Choices) > 0 {
			names = choices(f, func(c reconcile.Choice) string { return c.Name })
		}
		fmt.Fprintf(t, "%s\t%s\t%d\t%s\t%s\t%s\t%s\t%s\n", f.Kind, f.Field, f.Compared, share(f), greatest, mean, names, left)
	}
	if err := t.Flush(); err != nil {
		return err
	}
	for i := range r.Fields {
		if f := &r.Fields[i]; f.Agreed < f.Compared {
			if err := writeBehind(w, f); err != nil {
				return err
			}
		}
	}
	_, err := fmt.Fprintf(w, "organization=%s date=%s compared=%d agree=%d differ=%d not_final=%d\n", r.Organization, r.Date, r.Compared, r.Agreed,
		r.Compared-r.Agreed, r.NotFinal)
	return err
}

func writeBehind(w io.Writer, f *reconcile.Field) error {
	fmt.Fprintf(w, "\n%s.%s: %d of %d differ", f.Kind, f.Field, f.Compared-f.Agreed, f.Compared)
	switch {
	case len(f.Choices) > 0 && f.Left == 0:
		fmt.Fprintf(w, ", none if %s\n", choices(f, func(c reconcile.Choice) string { return c.Text }))
	case len(f.Choices) > 0:
		fmt.Fprintf(w, ", %d if %s\n", f.Left, choices(f, func(c reconcile.Choice) string { return c.Text }))
	default:
		fmt.Fprintln(w, "; no other reading explains it")
	}
	if len(f.Calls) == 0 {
		return nil
	}
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "  call\tqueue\tbegun (UTC)\toutcome\twhy\tdifference")
	for i := range f.Calls[:min(len(f.Calls), shownCalls)] {
		c := &f.Calls[i]
		fmt.Fprintf(t, "  %s\t%s\t%s\t%s\t%s\t%s from %s\n", c.CallID, printable(c.QueueName), c.BegunAt.Format(time.DateTime), c.Outcome, c.Why,
			amount(c.Difference), c.PublishedAt.Format(time.TimeOnly))
	}
	if err := t.Flush(); err != nil {
		return err
	}
	if more := f.MoreCalls + int64(max(0, len(f.Calls)-shownCalls)); more > 0 {
		fmt.Fprintf(w, "  … %d more\n", more)
	}
	return nil
}

func choices(f *reconcile.Field, of func(reconcile.Choice) string) string {
	var all []string
	for _, c := range f.Choices {
		all = append(all, of(c))
	}
	return strings.Join(all, " or ")
}

// share never rounds up to 100.
func share(f *reconcile.Field) string {
	if f.Agreed == f.Compared {
		return "100"
	}
	return strconv.FormatFloat(min(f.Share, 99.99), 'f', 2, 64)
}

// amount has two decimals where it has any.
func amount(v float64) string {
	return strings.TrimSuffix(strconv.FormatFloat(v, 'f', 2, 64), ".00")
}
