package endpoint

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"compress/zlib"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"regexp"
	"sort"
	"strconv"
	"strings"

	chproto "github.com/ClickHouse/ch-go/proto"
	"github.com/klauspost/compress/zstd"

	"ringside/store/embedded/internal/chdb"
	"ringside/store/embedded/internal/sqltext"
)

// request is a client's request, understood.
type request struct {
	stmt     sqltext.Statement
	data     io.Reader // what follows the text of an INSERT
	params   []chdb.Param
	settings []chdb.Param
	database string
	format   string // what the result is in if the statement does not say
	revision int    // of the client's native protocol, 0 if it names none
	compress string // "", "LZ4" or "ZSTD": ClickHouse's own framing
	wait     bool   // hold the result back until it is complete
	comment  string // the client's log_comment
	queryID  string
}

var settingName = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)

// read takes a request apart. Its error is an exception to answer with.
func (s *Server) read(r *http.Request, query url.Values) (*request, error) {
	if kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err == nil && kind == "multipart/form-data" {
		return nil, notImplemented("External tables are not supported by the embedded engine: put the rows into a table, or pass an Array parameter")
	}
	q := &request{wait: isTrue(query.Get("wait_end_of_query"))}
	for _, name := range sortedKeys(query) {
		if err := q.parameter(name, query.Get(name)); err != nil {
			return nil, err
		}
	}
	if db := r.Header.Get("X-ClickHouse-Database"); db != "" {
		q.database = db
	}
	if f := r.Header.Get("X-ClickHouse-Format"); f != "" {
		q.format = f
	}
	if q.format == "" {
		q.format = "TabSeparated"
	}
	if r.Method == http.MethodGet || r.Method == http.MethodHead {
		// A link must not be able to change data.
		q.restrict()
	}
	if isTrue(query.Get("compress")) {
		q.compress = strings.ToUpper(query.Get("network_compression_method"))
		switch q.compress {
		case "":
			q.compress = "LZ4"
		case "LZ4", "ZSTD":
		default:
			return nil, chdb.Errorf(89, "UNKNOWN_COMPRESSION_METHOD",
				fmt.Sprintf("network_compression_method is %q; the embedded engine knows LZ4 and ZSTD", q.compress))
		}
	}
	body, err := decoded(r, isTrue(query.Get("decompress")))
	if err != nil {
		return nil, err
	}
	return q, q.statement(query.Get("query"), body, s.cfg.MaxStatement)
}

// restrict lets the statement read and change settings, no more: of a setting
// given twice ClickHouse takes the last, and readonly cannot be lifted once it holds.
func (q *request) restrict() {
	q.settings = append(q.settings, chdb.Param{Name: "readonly", Value: "2"})
}

// onlyRead refuses a statement that does not read. ClickHouse would let a read-only
// user end statements of the same user, which here are the owner's.
func (q *request) onlyRead() error {
	if !q.stmt.ReadOnly() {
		return chdb.Errorf(codeReadOnly, "READONLY", "This user can only read: SELECT, SHOW, DESCRIBE, EXPLAIN, EXISTS, CHECK")
	}
	q.restrict()
	return nil
}

// parameter files one URL parameter: control, named parameter or setting.
func (q *request) parameter(name, value string) error {
	if p, ok := strings.CutPrefix(name, "param_"); ok {
		q.params = append(q.params, chdb.Param{Name: p, Value: value})
		return nil
	}
	switch name {
	case "query", "compress", "decompress", "network_compression_method", "network_zstd_compression_level",
		"user", "password", "quota_key", "wait_end_of_query", "buffer_size", "stacktrace",
		"enable_http_compression", "send_progress_in_http_headers", "http_headers_progress_interval_ms":
	case "database":
		q.database = value
	case "default_format":
		q.format = value
	case "query_id":
		q.queryID = value
	case "log_comment":
		q.comment = value
	case "client_protocol_version":
		n, err := strconv.Atoi(value)
		if err != nil || n < 0 {
			return chdb.Errorf(codeBadArguments, "BAD_ARGUMENTS", fmt.Sprintf("client_protocol_version is %q, not a number", value))
		}
		q.revision = n
	case "session_id", "session_timeout", "session_check":
		return notImplemented("HTTP sessions (" + name + ") are not supported by the embedded engine: every request is a session of its own")
	case "role":
		return notImplemented("Roles are not supported by the embedded engine, which has two users of its own")
	default:
		if !settingName.MatchString(name) {
			return chdb.Errorf(codeUnknownSetting, "UNKNOWN_SETTING", fmt.Sprintf("Unknown setting %q", name))
		}
		q.settings = append(q.settings, chdb.Param{Name: name, Value: value})
	}
	return nil
}

// statement reads the text: the URL's, the body's, or both in this order.
func (q *request) statement(inURL string, body io.Reader, limit int) error {
	if strings.TrimSpace(inURL) == "" {
		return q.statementFromBody(body, limit)
	}
	if len(inURL) > limit {
		return tooLarge(limit)
	}
	stmt, err := sqltext.Parse([]byte(inURL), true)
	if err == nil && stmt.Kind == sqltext.InsertData {
		q.stmt = stmt
		q.data = body
		if rest := inURL[stmt.Data:]; rest != "" {
			q.data = io.MultiReader(strings.NewReader(rest), body)
		}
		return nil
	}
	rest, err := readLimited(body, limit-len(inURL), limit)
	if err != nil {
		return err
	}
	text := []byte(inURL)
	if len(rest) > 0 {
		text = append(append(text, '\n'), rest...)
	}
	return q.whole(text)
}

// headSize is how much of a body is looked at for an INSERT's head; it is
// ClickHouse's default for max_query_size.
const headSize = 256 << 10

func (q *request) statementFromBody(body io.Reader, limit int) error {
	br := bufio.NewReaderSize(body, headSize)
	head, err := br.Peek(headSize)
	if err != nil && !errors.Is(err, io.EOF) {
		return fmt.Errorf("read the statement: %w", err)
	}
	stmt, err := sqltext.Parse(head, errors.Is(err, io.EOF))
	if err == nil && stmt.Kind == sqltext.InsertData {
		q.stmt, q.data = stmt, br
		_, err := br.Discard(stmt.Data)
		return err
	}
	text, err := readLimited(br, limit, limit)
	if err != nil {
		return err
	}
	return q.whole(text)
}

func (q *request) whole(text []byte) error {
	stmt, err := sqltext.Parse(text, true)
	switch {
	case errors.Is(err, sqltext.ErrMultiple):
		return chdb.Errorf(codeSyntax, "SYNTAX_ERROR", "Syntax error (Multi-statements are not allowed)")
	case errors.Is(err, sqltext.ErrEmpty):
		return chdb.Errorf(codeSyntax, "SYNTAX_ERROR", "Syntax error: Empty query")
	case errors.Is(err, sqltext.ErrIncomplete):
		return chdb.Errorf(codeSyntax, "SYNTAX_ERROR", "Syntax error: the statement is incomplete")
	case err != nil:
		return err
	case stmt.ClientFile != "":
		return chdb.Errorf(codeNoOutfile, "INTO_OUTFILE_NOT_ALLOWED", stmt.ClientFile+" is a matter of the command-line client and not allowed here")
	case stmt.Kind == sqltext.InsertData:
		q.data = bytes.NewReader(text[stmt.Data:])
	}
	q.stmt = stmt
	return nil
}

// decoded undoes the body's encodings: HTTP's outside, ClickHouse's inside.
func decoded(r *http.Request, framed bool) (io.Reader, error) {
	var body io.Reader = r.Body
	switch encoding := r.Header.Get("Content-Encoding"); encoding {
	case "", "identity":
	case "gzip":
		z, err := gzip.NewReader(body)
		if err != nil {
			return nil, chdb.Errorf(codeCannotParse, "CANNOT_PARSE_TEXT", "The body is not gzip: "+err.Error())
		}
		body = z
	case "deflate":
		z, err := zlib.NewReader(body)
		if err != nil {
			return nil, chdb.Errorf(codeCannotParse, "CANNOT_PARSE_TEXT", "The body is not deflate: "+err.Error())
		}
		body = z
	case "zstd":
		z, err := zstd.NewReader(body, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxMemory(128<<20))
		if err != nil {
			return nil, chdb.Errorf(codeCannotParse, "CANNOT_PARSE_TEXT", "The body is not zstd: "+err.Error())
		}
		body = z
	default:
		return nil, chdb.Errorf(89, "UNKNOWN_COMPRESSION_METHOD", fmt.Sprintf("Content-Encoding %q is not supported by the embedded engine; gzip, deflate and zstd are", encoding))
	}
	if !framed {
		return body, nil
	}
	frames := chproto.NewReader(bufio.NewReaderSize(body, 1<<16))
	frames.EnableCompression()
	return frameReader{frames}, nil
}

// frameReader gives the end of the frames the error io.Reader promises for it;
// an end within a frame is io.ErrUnexpectedEOF already.
type frameReader struct{ frames *chproto.Reader }

func (f frameReader) Read(p []byte) (int, error) {
	n, err := f.frames.Read(p)
	if err != nil && errors.Is(err, io.EOF) {
		err = io.EOF
	}
	return n, err
}

func readLimited(r io.Reader, room, limit int) ([]byte, error) {
	b, err := io.ReadAll(io.LimitReader(r, int64(room)+1))
	if err != nil {
		return nil, fmt.Errorf("read the statement: %w", err)
	}
	if len(b) > room {
		return nil, tooLarge(limit)
	}
	return b, nil
}

func tooLarge(limit int) error {
	return chdb.Errorf(codeTooLargeQuery, "QUERY_IS_TOO_LARGE",
		fmt.Sprintf("The statement is larger than %d bytes; send rows as INSERT … FORMAT, which has no limit", limit))
}

func notImplemented(text string) error {
	return chdb.Errorf(codeNotImplemented, "NOT_IMPLEMENTED", text)
}

func isTrue(s string) bool { return s == "1" || s == "true" }

func sortedKeys(v url.Values) []string {
	keys := make([]string, 0, len(v))
	for k := range v {
		keys = append(keys, k)
	}
	sort.Strings(keys)
	return keys
}
