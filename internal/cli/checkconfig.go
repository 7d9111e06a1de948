package cli

import (
	"fmt"

	"github.com/spf13/cobra"
)

func newCheckConfig(s Streams) *cobra.Command {
	var t target
	c := &cobra.Command{
		Use:   "check-config",
		Short: "Check a configuration file and say what is wrong with it",
		Long: "Reads the file and the RINGSIDE_… environment variables as `ringside run` does, and reports everything that is\n" +
			"wrong at once, or every setting in effect with its origin, secrets left out. Nothing is connected to. Exit code 0: in order; 2: not.",
		Example: "  ringside check-config --config ringside.yaml",
		Args:    args(cobra.NoArgs, "no arguments, but --config FILE"),
		RunE: func(*cobra.Command, []string) error {
			config, err := t.load()
			if err != nil {
				return err
			}
			for _, w := range config.Warnings() {
				fmt.Fprintln(s.Err, "ringside: warning: "+w)
			}
			fmt.Fprint(s.Out, config.Describe())
			fmt.Fprintln(s.Out, "configuration: ok")
			return nil
		},
	}
	c.Flags().StringVar(&t.configFile, "config", "", "configuration file; without it, the defaults and the environment are checked")
	return c
}
