// Package cli holds Ringside's commands: their flags, messages and exit codes. What they do is in internal/engine.
package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"ringside/internal/config"
	"ringside/internal/engine"
)

// Exit codes.
const (
	exitDone   = 0
	exitFailed = 1 // the command could not do its work
	exitUsage  = 2 // wrong usage or configuration
)

// sameSignal is how close together two signals are one.
const sameSignal = 300 * time.Millisecond

// usageError is an error that the user mends by calling differently.
type usageError struct{ err error }

func (e usageError) Error() string { return e.err.Error() }
func (e usageError) Unwrap() error { return e.err }

func usagef(format string, args ...any) error { return usageError{fmt.Errorf(format, args...)} }

// Streams are where a command reads and writes.
type Streams struct {
	In       io.Reader
	Out, Err io.Writer
}

// Main runs the command named by args (without the program's name) and returns the exit code. The first SIGINT or
// SIGTERM ends the command in order; the second ends the process at once.
func Main(args []string, s Streams) int {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	defer signal.Stop(signals)
	go func() {
		<-signals
		cancel()
		// A supervisor may signal the process and its group: what comes at the same moment is the same signal.
		for first := time.Now(); ; {
			<-signals
			if time.Since(first) > sameSignal {
				break
			}
		}
		fmt.Fprintln(s.Err, "ringside: stopped at once by a second signal")
		os.Exit(exitFailed)
	}()
	return Run(ctx, args, s)
}

// Run is Main without signals.
func Run(ctx context.Context, args []string, s Streams) int {
	root := newRoot(s)
	root.SetArgs(args)
	err := root.ExecuteContext(ctx)
	if err == nil {
		return exitDone
	}
	var usage usageError
	var problems config.Problems
	switch {
	case strings.HasPrefix(err.Error(), "unknown command"):
		fmt.Fprintln(s.Err, "ringside: "+oneLine(err.Error(), "")+"; see ringside --help")
		return exitUsage
	case errors.As(err, &usage) || errors.As(err, &problems):
		fmt.Fprintln(s.Err, "ringside: "+err.Error())
		return exitUsage
	default:
		fmt.Fprintln(s.Err, "ringside: "+joined(err.Error()))
		return exitFailed
	}
}

// joined puts errors that were joined into one line; a text with a list in it stays as it is.
func joined(text string) string {
	if strings.Contains(text, "\n ") {
		return text
	}
	return strings.ReplaceAll(text, "\n", "; ")
}

func newRoot(s Streams) *cobra.Command {
	root := &cobra.Command{
		Use:   "ringside",
		Short: "Real-time queue analytics for contact centres",
		Long: "Ringside computes a contact centre's queue figures from its event stream, keeps them in ClickHouse, and shows\n" +
			"them live. `ringside demo` runs the whole system on this machine with nothing installed.",
		Example:           "  ringside demo\n  ringside top\n  ringside replay recorded.ndjson.zst --data-dir ./bank",
		SilenceErrors:     true,
		SilenceUsage:      true,
		CompletionOptions: cobra.CompletionOptions{HiddenDefaultCmd: true},
	}
	root.SetIn(s.In)
	root.SetOut(s.Out)
	root.SetErr(s.Err)
	root.SetFlagErrorFunc(func(c *cobra.Command, err error) error {
		return usagef("%w; see %s --help", err, c.CommandPath())
	})
	root.AddCommand(newDemo(s), newRun(s), newGateway(s), newWebhook(s), newReplay(s), newRecompute(s), newReconcile(s), newSQL(s), newTop(s), newMigrate(s), newCheckConfig(s),
		newBench(s), newVersion(s))
	return root
}

// args makes a wrong number of arguments a usage error that says what is expected.
func args(check cobra.PositionalArgs, expected string) cobra.PositionalArgs {
	return func(c *cobra.Command, given []string) error {
		if check(c, given) != nil {
			return usagef("%s expects %s; see %s --help", c.CommandPath(), expected, c.CommandPath())
		}
		return nil
	}
}

// target is what --data-dir and --config choose: which store a command works on.
type target struct {
	dataDir, configFile string
}

func (t *target) flags(c *cobra.Command, dataDirHelp string) {
	c.Flags().StringVar(&t.dataDir, "data-dir", "", dataDirHelp)
	c.Flags().StringVar(&t.configFile, "config", "", "configuration file")
}

// load returns the configuration: the file, or the defaults with an embedded store under the data folder.
func (t *target) load() (*config.Config, error) {
	if t.dataDir != "" && t.configFile != "" {
		return nil, usagef("--data-dir and --config exclude each other: the configuration names the store")
	}
	c, err := config.Load(t.configFile, os.Environ())
	if err != nil {
		return nil, usageError{err}
	}
	if err := engine.CheckGateway(c); err != nil {
		return nil, usageError{err}
	}
	if t.dataDir != "" {
		c.DataDir, c.Store.Embedded, c.Store.URL = t.dataDir, true, ""
	}
	return c, nil
}
