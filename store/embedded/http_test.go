package embedded_test

import (
	"bytes"
	"compress/gzip"
	"encoding/csv"
	"encoding/json"
	"errors"
	"io"
	"mime/multipart"
	"net"
	"net/http"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"

	"ringside/store/embedded"
	"ringside/store/embedded/embeddedtest"
)

func withConnections(n int) func(*clickhouse.Options) {
	return func(o *clickhouse.Options) { o.MaxOpenConns, o.MaxIdleConns = n, n }
}

func status(t *testing.T, e *embedded.Engine) embedded.Status {
	t.Helper()
	s, err := e.Status(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// send makes a plain request. A body that breaks off is returned as far as it came.
func send(t *testing.T, method, address, body string, header http.Header) (*http.Response, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, address, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	for k, v := range header {
		req.Header[k] = v
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	b, err := io.ReadAll(res.Body)
	if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Fatal(err)
	}
	return res, string(b)
}

func query(values ...string) string {
	v := url.Values{}
	for i := 0; i < len(values); i += 2 {
		v.Set(values[i], values[i+1])
	}
	return "/?" + v.Encode()
}

// Results come as ClickHouse formats them, whole even when they are many blocks.
func TestFormats(t *testing.T) {
	base := embeddedtest.URL(t)
	const many = "SELECT number AS n, concat('\"', toString(number)) AS s FROM numbers(200000) ORDER BY n"
	t.Run("TabSeparated", func(t *testing.T) {
		res, body := send(t, "POST", base+"/", "SELECT 1, 'a\tb', NULL", nil)
		if body != "1\ta\\tb\t\\N\n" || res.Header.Get("X-ClickHouse-Format") != "TabSeparated" ||
			res.Header.Get("Content-Type") != "text/tab-separated-values; charset=UTF-8" {
			t.Errorf("%q %v", body, res.Header)
		}
	})
	t.Run("JSON", func(t *testing.T) {
		res, body := send(t, "POST", base+"/", many+" FORMAT JSON", nil)
		var got struct {
			Data []struct {
				N uint64
				S string
			}
			Rows int
		}
		if err := json.Unmarshal([]byte(body), &got); err != nil {
			t.Fatal(err)
		}
		if got.Rows != 200000 || len(got.Data) != 200000 || got.Data[199999].S != "\"199999" || res.Header.Get("Content-Type") != "application/json; charset=UTF-8" {
			t.Errorf("%d rows, %v", got.Rows, res.Header)
		}
	})
	t.Run("CSVWithNames", func(t *testing.T) {
		_, body := send(t, "POST", base+"/", many+" FORMAT CSVWithNames", nil)
		records, err := csv.NewReader(strings.NewReader(body)).ReadAll()
		if err != nil || len(records) != 200001 || records[0][0] != "n" || records[200000][1] != "\"199999" {
			t.Errorf("%d records: %v", len(records), err)
		}
	})
	t.Run("CSV", func(t *testing.T) {
		_, body := send(t, "POST", base+query("default_format", "CSV"), many, nil)
		if records, err := csv.NewReader(strings.NewReader(body)).ReadAll(); err != nil || len(records) != 200000 {
			t.Errorf("%d records: %v", len(records), err)
		}
	})
	t.Run("Pretty", func(t *testing.T) {
		_, body := send(t, "POST", base+"/", "SELECT number FROM numbers(3) FORMAT PrettyCompact", nil)
		if strings.Count(body, "number") != 1 || !strings.Contains(body, "│") {
			t.Errorf("%s", body)
		}
	})
	t.Run("totals", func(t *testing.T) {
		_, body := send(t, "POST", base+"/", "SELECT number % 2 AS m, count() FROM numbers(10) GROUP BY m WITH TOTALS ORDER BY m", nil)
		if body != "0\t5\n1\t5\n\n0\t10\n" {
			t.Errorf("%q", body)
		}
	})
	t.Run("extremes", func(t *testing.T) {
		_, body := send(t, "POST", base+query("extremes", "1"), "SELECT number FROM numbers(3)", nil)
		if body != "0\n1\n2\n\n0\n2\n" {
			t.Errorf("%q", body)
		}
	})
	t.Run("unknown", func(t *testing.T) {
		if res, body := send(t, "POST", base+"/", "SELECT 1 FORMAT NoSuch", nil); res.Header.Get("X-ClickHouse-Exception-Code") != "73" {
			t.Errorf("%s %s", res.Status, body)
		}
	})
}

// Every way of giving a statement and its rows that curl users know.
func TestRequests(t *testing.T) {
	base, db := embeddedtest.Database(t)
	embeddedtest.Exec(t, base, "CREATE TABLE "+db+".t (a UInt64, b String) ENGINE = MergeTree ORDER BY a")
	var zipped bytes.Buffer
	z := gzip.NewWriter(&zipped)
	_, _ = z.Write([]byte("50,zipped\n"))
	_ = z.Close()
	for _, c := range []struct {
		what, method, path, body string
		header                   http.Header
	}{
		{what: "in the URL, rows in the body", path: query("database", db, "query", "INSERT INTO t FORMAT CSV"), body: "1,a\n2,\"b\n\""},
		{what: "with a line end", path: query("database", db, "query", "INSERT INTO t FORMAT CSV\n"), body: "3,x"},
		{what: "rows in both", path: query("database", db, "query", "INSERT INTO t FORMAT CSV 4,x\n"), body: "5,y"},
		{what: "all in the body", path: query("database", db), body: "INSERT INTO t (b, a) FORMAT TSV\nx\t6\n"},
		{what: "database in a header", path: "/", body: "INSERT INTO t VALUES (7, 'x')", header: http.Header{"X-Clickhouse-Database": {db}}},
		{what: "values after the URL's statement", path: query("database", db, "query", "INSERT INTO t VALUES"), body: "(8, 'x')"},
		{what: "no format", path: query("database", db, "query", "INSERT INTO t"), body: "(9, 'x')"},
		{what: "in two halves", path: query("database", db, "query", "INSERT INTO t SELECT"), body: "10, 'x'"},
		{what: "gzip", path: query("database", db, "query", "INSERT INTO t FORMAT CSV"), body: zipped.String(), header: http.Header{"Content-Encoding": {"gzip"}}},
		{what: "a parameter", path: query("database", db, "param_x", "it's", "query", "INSERT INTO t SELECT 11, {x:String}")},
	} {
		if res, body := send(t, "POST", base+c.path, c.body, c.header); res.StatusCode != http.StatusOK {
			t.Errorf("%s: %s %s", c.what, res.Status, body)
		}
	}
	if _, body := send(t, "POST", base+query("database", db), "SELECT groupArray(a) FROM (SELECT a FROM t ORDER BY a)", nil); body != "[1,2,3,4,5,6,7,8,9,10,11,50]\n" {
		t.Errorf("rows %s", body)
	}
	res, _ := send(t, "POST", base+query("database", db, "query", "INSERT INTO t FORMAT CSV"), "60,x\n61,x\n", nil)
	if s := res.Header.Get("X-ClickHouse-Summary"); !strings.Contains(s, `"written_rows":"2"`) {
		t.Errorf("summary %s", s)
	}
}

func TestRefusals(t *testing.T) {
	base, db := embeddedtest.Database(t)
	embeddedtest.Exec(t, base, "CREATE TABLE "+db+".t (a UInt64) ENGINE = MergeTree ORDER BY a")
	var form bytes.Buffer
	m := multipart.NewWriter(&form)
	_ = m.WriteField("query", "SELECT * FROM ext")
	_ = m.Close()
	for _, c := range []struct {
		what, method, path, body, code string
		status                         int
		header                         http.Header
	}{
		{what: "a link that writes", method: "GET", path: query("database", db, "query", "INSERT INTO t SELECT 1"), code: "164", status: 500},
		{what: "a link that lifts it", method: "GET", path: query("database", db, "readonly", "0", "query", "DROP TABLE t"), code: "164", status: 500},
		{what: "external tables", method: "POST", path: "/", body: form.String(), code: "48", status: 501, header: http.Header{"Content-Type": {m.FormDataContentType()}}},
		{what: "session", method: "POST", path: query("session_id", "x"), body: "SELECT 1", code: "48", status: 501},
		{what: "role", method: "POST", path: query("role", "x"), body: "SELECT 1", code: "48", status: 501},
		{what: "too large", method: "POST", path: "/", body: "SELECT '" + strings.Repeat("x", 17<<20) + "'", code: "229", status: 413},
		{what: "encoding", method: "POST", path: "/", body: "SELECT 1", code: "89", status: 500, header: http.Header{"Content-Encoding": {"br"}}},
		{what: "compression", method: "POST", path: query("compress", "1", "network_compression_method", "rot13"), body: "SELECT 1", code: "89", status: 500},
		{what: "argument of the library", method: "POST", path: query("path", "/tmp/other"), body: "SELECT 1", code: "115", status: 404},
		{what: "broken rows", method: "POST", path: query("database", db, "query", "INSERT INTO t FORMAT CSV"), body: "1\nx\n", code: "117", status: 400},
	} {
		res, body := send(t, c.method, base+c.path, c.body, c.header)
		if res.Header.Get("X-ClickHouse-Exception-Code") != c.code || res.StatusCode != c.status || !strings.HasPrefix(body, "Code: "+c.code+". DB::Exception: ") {
			t.Errorf("%s: %s, code %s: %.200s", c.what, res.Status, res.Header.Get("X-ClickHouse-Exception-Code"), body)
		}
	}
	if _, body := send(t, "GET", base+query("database", db, "query", "SELECT count() FROM t"), "", nil); body != "0\n" {
		t.Errorf("%s rows", body)
	}
}

// A client that breaks off while it sends rows has stored none of them.
func TestBrokenOffInsert(t *testing.T) {
	base, db := embeddedtest.Database(t)
	embeddedtest.Exec(t, base, "CREATE TABLE "+db+".t (a UInt64) ENGINE = MergeTree ORDER BY a")
	u, err := url.Parse(base)
	if err != nil {
		t.Fatal(err)
	}
	req, err := http.NewRequest("POST", base+query("database", db, "query", "INSERT INTO t FORMAT CSV"), nil)
	if err != nil {
		t.Fatal(err)
	}
	password, _ := u.User.Password()
	head := "POST " + req.URL.RequestURI() + " HTTP/1.1\r\nHost: x\r\nX-ClickHouse-User: " + u.User.Username() + "\r\nX-ClickHouse-Key: " + password + "\r\n"
	for what, body := range map[string]string{
		"in chunks":   "Transfer-Encoding: chunked\r\n\r\n4\r\n1\n2\n\r\n",
		"with length": "Content-Length: 100\r\n\r\n1\n2\n",
	} {
		conn, err := net.Dial("tcp", u.Host)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(conn, head+body); err != nil {
			t.Fatal(err)
		}
		count := func(where string) string {
			return strings.TrimSpace(embeddedtest.Exec(t, base, "SELECT count() FROM "+where))
		}
		running := "system.processes WHERE query LIKE 'INSERT INTO t%' AND current_database = '" + db + "'"
		eventually(t, 10*time.Second, what+": the insert runs", func() bool { return count(running) == "1" })
		_ = conn.Close()
		eventually(t, 10*time.Second, what+": the insert has ended", func() bool { return count(running) == "0" })
		if n := count(db + ".t"); n != "0" {
			t.Errorf("%s: %s rows are stored", what, n)
		}
	}
}

// An answer that fails midway cannot be taken for a whole one.
func TestBrokenAnswer(t *testing.T) {
	res, body := send(t, "POST", embeddedtest.URL(t)+"/", "SELECT number, throwIf(number = 900000, 'broke') FROM numbers(1000000) SETTINGS max_threads = 1, max_block_size = 1000", nil)
	tag := res.Header.Get("X-ClickHouse-Exception-Tag")
	if res.StatusCode != http.StatusOK || len(tag) != 16 {
		t.Fatalf("%s, tag %q", res.Status, tag)
	}
	_, end, found := strings.Cut(body, "\r\n__exception__\r\n"+tag+"\r\n")
	if !found || !strings.Contains(end, "Code: 395.") || !strings.HasSuffix(end, tag+"\r\n__exception__\r\n") {
		t.Errorf("the answer ends in %q", end)
	}
	res, body = send(t, "POST", embeddedtest.URL(t)+query("wait_end_of_query", "1"), "SELECT number, throwIf(number = 900000, 'broke') FROM numbers(1000000) SETTINGS max_threads = 1", nil)
	if res.Header.Get("X-ClickHouse-Exception-Code") != "395" || !strings.HasPrefix(body, "Code: 395.") {
		t.Errorf("held back: %s %.200s", res.Status, body)
	}
}

// The reader reads, in every way, and changes nothing, in none.
func TestReaderChangesNothing(t *testing.T) {
	base, db := embeddedtest.Database(t)
	embeddedtest.Exec(t, base, "CREATE TABLE "+db+".t (a UInt64) ENGINE = MergeTree ORDER BY a")
	embeddedtest.Exec(t, base, "INSERT INTO "+db+".t SELECT number FROM numbers(7)")
	reader := readerURL(t, embeddedtest.Shared(t))
	for _, c := range []struct{ what, path, body, want string }{
		{"a query", query("database", db), "SELECT count() FROM t", "7\n"},
		{"a parameter", query("database", db, "param_a", "3"), "SELECT count() FROM t WHERE a < {a:UInt64}", "3\n"},
		{"a setting", query("database", db, "max_execution_time", "10", "readonly", "1"), "SELECT getSetting('max_execution_time'), count() FROM t", "10\t7\n"},
		{"a limit", query("database", db, "max_result_rows", "2", "result_overflow_mode", "break"), "SELECT count() FROM t SETTINGS max_threads = 1", "7\n"},
	} {
		if _, body := send(t, "POST", reader+c.path, c.body, nil); body != c.want {
			t.Errorf("%s: %s", c.what, body)
		}
	}
	for _, c := range []struct{ path, body string }{
		{"/", "INSERT INTO t VALUES (8)"},
		{"/", "INSERT INTO t SELECT 8"},
		{query("query", "INSERT INTO t FORMAT CSV"), "8\n"},
		{"/", "DROP TABLE t"},
		{"/", "TRUNCATE TABLE t"},
		{"/", "ALTER TABLE t DELETE WHERE 1"},
		{"/", "OPTIMIZE TABLE t FINAL"},
		{"/", "CREATE TABLE u (a UInt64) ENGINE = MergeTree ORDER BY a"},
		{"/", "CREATE VIEW v AS SELECT 1"},
		{"/", "RENAME TABLE t TO u"},
		{"/", "SET readonly = 0"},
		{"/", "SELECT count() FROM t SETTINGS readonly = 0"},
		{"/", "SYSTEM FLUSH LOGS"},
		{"/", "KILL QUERY WHERE 1"},
		{"/", "/* SELECT */ KILL MUTATION WHERE 1"},
		{"/", "EXPLAIN SELECT * FROM file('/etc/hostname', 'LineAsString')"},
		{"/", "USE system"},
		{"/", "GRANT ALL ON *.* TO default"},
		{"/?readonly=0", "DROP TABLE t"},
		{"/?readonly=0&profile=default", "DROP TABLE t"},
		{"/", "SELECT * FROM file('/etc/hostname', 'LineAsString')"},
	} {
		at := strings.Replace(c.path, "/?", "/?database="+db+"&", 1)
		if at == "/" {
			at = "/?database=" + db
		}
		res, body := send(t, "POST", reader+at, c.body, nil)
		if code := res.Header.Get("X-ClickHouse-Exception-Code"); code != "164" && code != "497" {
			t.Errorf("%s %s: %s, code %s: %.200s", c.path, c.body, res.Status, code, body)
		}
	}
	conn := dial(t, reader, db)
	if n := scalar[uint64](t, conn, "SELECT count() FROM t WHERE a < {n:UInt64}", clickhouse.Named("n", "5")); n != 5 {
		t.Errorf("the driver reads %d rows, want 5", n)
	}
	var refused *clickhouse.Exception
	if err := conn.Exec(t.Context(), "INSERT INTO t SELECT 8"); !errors.As(err, &refused) || refused.Code != 164 {
		t.Errorf("the driver's insert: %v", err)
	}
	if got := embeddedtest.Exec(t, base, "SELECT count(), (SELECT count() FROM system.tables WHERE database = '"+db+"') FROM "+db+".t"); got != "7\t1\n" {
		t.Errorf("rows and tables: %s", got)
	}
}

// readerURL is the engine's address with the reader's credentials.
func readerURL(t *testing.T, e *embedded.Engine) string {
	t.Helper()
	u, err := url.Parse(e.URL())
	if err != nil {
		t.Fatal(err)
	}
	password, err := os.ReadFile(e.ReaderPasswordFile())
	if err != nil {
		t.Fatal(err)
	}
	u.User = url.UserPassword(embedded.Reader, strings.TrimSpace(string(password)))
	return u.String()
}

func TestAuthentication(t *testing.T) {
	u, err := url.Parse(embeddedtest.URL(t))
	if err != nil {
		t.Fatal(err)
	}
	password, _ := u.User.Password()
	name := u.User.Username()
	u.User = nil
	for _, c := range []struct {
		what, path string
		header     http.Header
		status     int
		code       string
	}{
		{what: "nothing", path: "/", status: 401, code: "194"},
		{what: "headers", path: "/", header: http.Header{"X-Clickhouse-User": {name}, "X-Clickhouse-Key": {password}}, status: 200},
		{what: "parameters", path: query("user", name, "password", password), status: 200},
		{what: "wrong password", path: query("user", name, "password", "x"+password), status: 403, code: "516"},
		{what: "part of the password", path: query("user", name, "password", password[1:]), status: 403, code: "516"},
		{what: "no password", path: query("user", name), status: 403, code: "516"},
		{what: "the reader with the owner's password", path: query("user", embedded.Reader, "password", password), status: 403, code: "516"},
		{what: "the reader without one", path: query("user", embedded.Reader, "password", ""), status: 403, code: "516"},
		{what: "wrong user", path: "/", header: http.Header{"X-Clickhouse-User": {"default"}, "X-Clickhouse-Key": {password}}, status: 403, code: "516"},
		{what: "status", path: "/status", status: 401, code: "194"},
		{what: "ping", path: "/ping", status: 200},
		{what: "elsewhere", path: "/x" + query("user", name, "password", password)[1:], status: 404},
	} {
		res, body := send(t, "POST", u.String()+c.path, "SELECT 1", c.header)
		if res.StatusCode != c.status || res.Header.Get("X-ClickHouse-Exception-Code") != c.code {
			t.Errorf("%s: %s %s", c.what, res.Status, body)
		}
		if strings.Contains(body, password) {
			t.Errorf("%s: the answer tells the password", c.what)
		}
	}
}
