package cli

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"ringside/ingest"
	"ringside/ingest/vendors"
	"ringside/internal/engine"
)

func newReplay(s Streams) *cobra.Command {
	var t target
	var source string
	c := &cobra.Command{
		Use:   "replay FILE…",
		Short: "Put recorded events through the engine into the store",
		Long: "Reads recorded events (NDJSON: one event a line; plain, .gz or .zst; - is standard input) and puts them through\n" +
			"the same core as live events, at full speed. Several files are merged by event time. The last line on standard\n" +
			"output is the account of all events; rejected ones are in the table rejects, with reason and line.\n" +
			"Replaying the same file again changes nothing: its events are late or duplicates by then.",
		Example: "  ringside replay february.ndjson.zst --data-dir ./bank\n" +
			"  ringside replay queue.ndjson user.ndjson callback.ndjson\n" +
			"  zcat events.gz | ringside replay - --config ringside.yaml",
		Args: args(cobra.MinimumNArgs(1), "at least one file, or - for standard input"),
		RunE: func(c *cobra.Command, files []string) error {
			return runReplay(c.Context(), s, &t, source, files)
		},
	}
	t.flags(c, "folder of the embedded store (default ./ringside-data)")
	c.Flags().StringVar(&source, "source", ingest.SourceEnreach, "vendor whose events these are: "+vendors.Names())
	return c
}

func runReplay(ctx context.Context, s Streams, t *target, source string, files []string) error {
	cfg, err := t.load()
	if err != nil {
		return err
	}
	if !vendors.Known(source) {
		return usagef("--source %s is not known; use one of: %s", source, vendors.Names())
	}
	stdin := 0
	for _, f := range files {
		if f == "-" {
			stdin++
		}
	}
	if stdin > 1 {
		return usagef("standard input (-) can be named once only")
	}
	r, err := engine.OpenReplay(engine.ReplayOptions{Config: cfg, Files: files, Stdin: s.In, Source: source,
		Log: quietLog(s.Err)})
	if err != nil {
		return err
	}
	finish := progress(s.Err, "replay", r.Size(), true, r.BytesRead)
	counts, err := r.Run(ctx)
	finish()
	fmt.Fprintln(s.Out, counts)
	if err != nil {
		return err
	}
	return counts.Check()
}
