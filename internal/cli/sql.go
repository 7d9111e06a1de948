package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strings"

	"github.com/spf13/cobra"

	"ringside/internal/engine"
)

func newSQL(s Streams) *cobra.Command {
	var t target
	var format string
	c := &cobra.Command{
		Use:   "sql QUERY|-",
		Short: "Run a query on the store",
		Long: "Runs one statement of ClickHouse's SQL in the database ringside and prints the answer as ClickHouse formats it.\n" +
			"With - the statement is read from standard input.",
		Example: "  ringside sql 'SELECT queue_name, inbound_total_calls FROM queue_daily_call_metrics WHERE queue_date = today()'\n" +
			"  ringside sql --format PrettyCompact 'SHOW TABLES'\n" +
			"  ringside sql --data-dir ./bank - < query.sql",
		Args: args(cobra.ExactArgs(1), "one query, or - for standard input"),
		RunE: func(c *cobra.Command, given []string) error {
			return runSQL(c.Context(), s, &t, format, given[0])
		},
	}
	t.flags(c, "folder of the embedded store (default ./ringside-data)")
	c.Flags().StringVar(&format, "format", "TabSeparated", "ClickHouse's output format, such as TabSeparatedWithNames, CSV, JSONEachRow, PrettyCompact")
	return c
}

var formatName = regexp.MustCompile(`^[A-Za-z0-9_]{1,64}$`)

func runSQL(ctx context.Context, s Streams, t *target, format, query string) error {
	if !formatName.MatchString(format) {
		return usagef("--format %q is no name of a format; use one such as TabSeparated, CSV or JSONEachRow", format)
	}
	if query == "-" {
		text, err := io.ReadAll(s.In)
		if err != nil {
			return fmt.Errorf("read the query: %w", err)
		}
		query = string(text)
	}
	query = strings.TrimRight(query, "; \t\r\n")
	if strings.TrimSpace(query) == "" {
		return usagef("the query is empty")
	}
	cfg, err := t.load()
	if err != nil {
		return err
	}
	db, err := engine.OpenStore(ctx, cfg, engine.StoreRead, quietLog(s.Err))
	if err != nil {
		return err
	}
	err = pass(ctx, db, cfg.Store.Database, format, query, s.Out)
	if errClose := db.Close(); err == nil {
		err = errClose
	}
	return err
}

// pass sends the query over HTTP and copies the answer byte by byte: no driver comes between ClickHouse's formats and
// the user.
func pass(ctx context.Context, db *engine.Store, database, format, query string, out io.Writer) error {
	answer, err := ask(ctx, db, query, url.Values{"database": {database}, "default_format": {format}})
	if err != nil {
		return fmt.Errorf("sql: %w", err)
	}
	defer func() { _ = answer.Close() }()
	if _, err := io.Copy(out, answer); err != nil {
		return fmt.Errorf("sql: the answer broke off: %w", err)
	}
	return nil
}

// ask sends a statement to the store's HTTP interface; the caller closes the answer.
func ask(ctx context.Context, db *engine.Store, statement string, values url.Values) (io.ReadCloser, error) {
	u := db.Endpoint()
	u.Path = strings.TrimRight(u.Path, "/") + "/"
	u.RawQuery = values.Encode()
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, u.String(), strings.NewReader(statement))
	if err != nil {
		return nil, err
	}
	db.Authorize(request)
	response, err := db.HTTP().Do(request)
	if err != nil {
		return nil, fmt.Errorf("the store does not answer: %w", err)
	}
	if response.StatusCode == http.StatusOK {
		return response.Body, nil
	}
	text, _ := io.ReadAll(io.LimitReader(response.Body, 64<<10)) // what can be read of it has to do
	_ = response.Body.Close()
	return nil, errors.New(oneLine(string(text), response.Status))
}

// oneLine puts an answer of ClickHouse into one line; fallback where there is no text.
func oneLine(text, fallback string) string {
	text = strings.Join(strings.Fields(text), " ")
	text, _, _ = strings.Cut(text, " Expected one of: ") // ClickHouse's whole grammar
	if text == "" {
		return fallback
	}
	return text
}
