package cli

import (
	"fmt"

	"github.com/spf13/cobra"

	"ringside/internal/engine"
)

func newMigrate(s Streams) *cobra.Command {
	var t target
	c := &cobra.Command{
		Use:   "migrate",
		Short: "Create the store's tables, or bring them up to this version",
		Long: "Applies the migrations that the database lacks. `ringside run`, `demo` and `replay` do so themselves; this is for\n" +
			"installations whose engine may not change tables. Running it again changes nothing.",
		Example: "  ringside migrate --config ringside.yaml",
		Args:    args(cobra.NoArgs, "no arguments"),
		RunE: func(c *cobra.Command, _ []string) error {
			cfg, err := t.load()
			if err != nil {
				return err
			}
			db, err := engine.OpenStore(c.Context(), cfg, engine.StoreMigrate, quietLog(s.Err))
			if err != nil {
				return err
			}
			if err := db.Close(); err != nil {
				return err
			}
			fmt.Fprintln(s.Out, "store: the tables are those of this version")
			return nil
		},
	}
	t.flags(c, "folder of the embedded store (default ./ringside-data)")
	return c
}
