package clickhouse

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"

	driver "github.com/ClickHouse/clickhouse-go/v2"
)

// Error is what went wrong in ClickHouse or on the way, in words for whoever looks at the panel, and as an HTTP status.
type Error struct {
	Status int
	Text   string
	Code   int32 // ClickHouse's, 0: none
	Cause  error
}

func (e *Error) Error() string { return e.Text }
func (e *Error) Unwrap() error { return e.Cause }

// advice is what to do about ClickHouse's errors that users of a data source see.
var advice = map[int32]struct {
	status int
	text   string
}{
	46:  {http.StatusBadRequest, "the SQL names a function that there is not"},
	47:  {http.StatusBadRequest, "the SQL names a column that there is not; the editor lists them"},
	60:  {http.StatusNotFound, "a table is missing: is this Ringside's database, and is its schema up to date? Starting the engine brings it up to date"},
	62:  {http.StatusBadRequest, "the SQL has an error"},
	81:  {http.StatusNotFound, "the database does not exist: look at the data source's settings"},
	158: {http.StatusRequestEntityTooLarge, "the query reads more rows than this user may; choose a shorter time range or fewer queues"},
	159: {http.StatusGatewayTimeout, "the query took too long; choose a shorter time range or a longer step, or raise the query timeout in the data source's settings"},
	160: {http.StatusGatewayTimeout, "the query would take too long; choose a shorter time range or a longer step"},
	164: {http.StatusForbidden, "this would change something, and the data source only reads"},
	192: {http.StatusForbidden, "the user is not known: look at the data source's settings"},
	202: {http.StatusServiceUnavailable, "ClickHouse runs as many queries as it may; it is asked again with the next refresh"},
	241: {http.StatusServiceUnavailable, "the query needs more memory than it may have; choose a shorter time range, a longer step or fewer queues"},
	396: {http.StatusRequestEntityTooLarge, "the result has more rows than are allowed"},
	497: {http.StatusForbidden, "the user may not read this: grant it the reader's role (deploy/clickhouse/roles.sql)"},
	516: {http.StatusForbidden, "user or password are wrong: look at the data source's settings"},
}

// explain turns what the driver says into an Error. The end of the asker's own context stays what it is.
func (c *Client) explain(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		if cause := context.Cause(ctx); !errors.Is(cause, errTimeout) {
			return cause
		}
		return &Error{Status: http.StatusGatewayTimeout, Text: fmt.Sprintf("no answer from ClickHouse within %v; choose a shorter time range or a longer step, or raise the query timeout in the data source's settings", c.settings.QueryTimeout), Cause: err}
	}
	text := c.redact(err.Error())
	var exception *driver.Exception
	if errors.As(err, &exception) {
		known, has := advice[exception.Code]
		if !has {
			known.status, known.text = http.StatusBadRequest, "ClickHouse refuses the query"
		}
		return &Error{Status: known.status, Text: fmt.Sprintf("%s (ClickHouse, code %d: %s)", known.text, exception.Code, shorten(c.redact(exception.Message))), Code: exception.Code, Cause: err}
	}
	var network net.Error
	if errors.As(err, &network) && network.Timeout() {
		return &Error{Status: http.StatusGatewayTimeout, Text: fmt.Sprintf("ClickHouse at %s does not answer: %s", c.settings.Address, shorten(text)), Cause: err}
	}
	return &Error{Status: http.StatusBadGateway, Text: fmt.Sprintf("ClickHouse at %s cannot be asked: %s", c.settings.Address, shorten(text)), Cause: err}
}

func (c *Client) redact(text string) string {
	if c.settings.Password == "" {
		return text
	}
	return strings.ReplaceAll(text, c.settings.Password, "***")
}

const maxText = 1000

func shorten(text string) string {
	text = strings.TrimSpace(text)
	if len(text) > maxText {
		return strings.ToValidUTF8(text[:maxText], "") + "…"
	}
	return text
}
