package cli

import (
	"context"
	"fmt"
	"io"
	"net/url"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"ringside/internal/engine"
	"ringside/internal/top"
	"ringside/store/query"
)

func newTop(s Streams) *cobra.Command {
	var t target
	var once bool
	var choice top.Choice
	c := &cobra.Command{
		Use:   "top",
		Short: "Live wallboard in the terminal",
		Long: "Shows the queues of the store, the troubled ones first: waiting callers, longest wait, agents, today's service\n" +
			"level with callers who wait too long counted already. Reads the store of a running `demo` or `run`. Press ? for\n" +
			"the keys. Where the output is no terminal, or with --once, it prints one table and ends.",
		Example: "  ringside top\n  ringside top --last 30m\n  ringside top --agents\n  ringside top --data-dir ./bank --once\n  ringside top --group \"First line\"",
		Args:    args(cobra.NoArgs, "no arguments"),
		RunE: func(c *cobra.Command, _ []string) error {
			if choice.Last < 0 || choice.Last > 7*24*time.Hour {
				return usagef("--last %s: give a time up to 168h, as 30m", choice.Last)
			}
			if choice.Agents && choice.Group != "" {
				return usagef("--agents shows all agents: leave --group out")
			}
			return runTop(c.Context(), s, &t, choice, once || !isTerminal(s.Out))
		},
	}
	t.flags(c, "folder of the embedded store (default ./ringside-data)")
	c.Flags().DurationVar(&choice.Last, "last", 0, "count calls and service level over the last so long, as 30m, instead of today")
	c.Flags().StringVar(&choice.Group, "group", "", "show the queues of this queue group only: its name or id")
	c.Flags().BoolVar(&choice.Agents, "agents", false, "show agents in the place of queues: state, calls, handling time, occupancy")
	c.Flags().BoolVar(&once, "once", false, "print one table and end")
	return c
}

func runTop(ctx context.Context, s Streams, t *target, choice top.Choice, once bool) error {
	cfg, err := t.load()
	if err != nil {
		return err
	}
	db, err := engine.OpenStore(ctx, cfg, engine.StoreRead, quietLog(s.Err))
	if err != nil {
		return err
	}
	defer func() { _ = db.Close() }() // it was only read
	source := top.NewSource(func(ctx context.Context, q query.Statement) ([]byte, error) {
		return runStatement(ctx, db, cfg.Store.Database, q)
	}, choice)
	if !once {
		return top.Run(ctx, source, s.In, s.Out)
	}
	snapshot, err := source(ctx)
	if err != nil {
		return fmt.Errorf("top: %w", err)
	}
	return top.WritePlain(s.Out, snapshot, time.Now())
}

// runStatement runs a statement with parameters and returns the answer, of at most 64 MiB.
func runStatement(ctx context.Context, db *engine.Store, database string, q query.Statement) ([]byte, error) {
	values := url.Values{"database": {database}}
	for _, p := range q.Parameters {
		// Of the package query's own making: instants and ids, without anything to escape.
		switch v := p.Value.(type) {
		case string:
			values.Set("param_"+p.Name, v)
		case []string:
			values.Set("param_"+p.Name, "['"+strings.Join(v, "','")+"']")
		default:
			return nil, fmt.Errorf("BUG: parameter %s is a %T", p.Name, p.Value)
		}
	}
	answer, err := ask(ctx, db, q.SQL, values)
	if err != nil {
		return nil, err
	}
	defer func() { _ = answer.Close() }()
	return io.ReadAll(io.LimitReader(answer, 64<<20))
}
