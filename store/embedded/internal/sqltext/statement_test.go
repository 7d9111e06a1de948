package sqltext

import (
	"errors"
	"testing"
)

var parseCases = []struct {
	sql  string
	want Statement // Text left out where it is the whole input
	data string
	err  error
}{
	{sql: "SELECT 1", want: Statement{Kind: Select, Keyword: "SELECT"}},
	{sql: "select 1;", want: Statement{Kind: Select, Keyword: "SELECT", Text: "select 1"}},
	{sql: "SELECT 1 ; -- done\n", want: Statement{Kind: Select, Keyword: "SELECT", Text: "SELECT 1 "}},
	{sql: "SELECT 1; SELECT 2", err: ErrMultiple},
	{sql: "SELECT ';' AS `;`", want: Statement{Kind: Select, Keyword: "SELECT"}},
	{sql: "", err: ErrEmpty},
	{sql: " /* nothing */ -- at all", err: ErrEmpty},
	{sql: ";", err: ErrEmpty},
	{sql: "/* INSERT INTO t FORMAT CSV */ SELECT 1 FORMAT JSON", want: Statement{Kind: Select, Keyword: "SELECT", Format: "JSON"}},
	{sql: "-- it's\nSELECT 1", want: Statement{Kind: Select, Keyword: "SELECT"}},
	{sql: "((SELECT 1)) UNION ALL (SELECT 2)", want: Statement{Kind: Select, Keyword: "SELECT"}},
	{sql: "WITH 1 AS x SELECT x", want: Statement{Kind: Select, Keyword: "WITH"}},
	{sql: "WITH (SELECT 1) AS x INSERT INTO t SELECT x", want: Statement{Kind: InsertSelect, Keyword: "WITH"}},
	{sql: "FROM t SELECT x FORMAT CSV SETTINGS max_threads = 1", want: Statement{Kind: Select, Keyword: "FROM", Format: "CSV"}},
	{sql: "SELECT format FROM t", want: Statement{Kind: Select, Keyword: "SELECT"}},
	{sql: "SELECT format FROM t FORMAT TSV", want: Statement{Kind: Select, Keyword: "SELECT", Format: "TSV"}},
	{sql: "SELECT 'a FORMAT JSON'", want: Statement{Kind: Select, Keyword: "SELECT"}},
	{sql: "SELECT $h$ ; FORMAT JSON $h$ FORMAT CSV", want: Statement{Kind: Select, Keyword: "SELECT", Format: "CSV"}},
	{sql: `SELECT 'it''s; \' FORMAT JSON'`, want: Statement{Kind: Select, Keyword: "SELECT"}},
	{sql: "SELECT ‘;’, “;”", want: Statement{Kind: Select, Keyword: "SELECT"}},
	{sql: "SELECT 'open", want: Statement{Kind: Select, Keyword: "SELECT"}},
	{sql: "SELECT x, count() FROM t GROUP BY x WITH TOTALS", want: Statement{Kind: Select, Keyword: "SELECT", Totals: true}},
	{sql: "SELECT 1 INTO/**/OUTFILE 'f' FORMAT CSV", want: Statement{Kind: Select, Keyword: "SELECT", Format: "CSV", ClientFile: "INTO OUTFILE"}},
	{sql: "SELECT outfile FROM t", want: Statement{Kind: Select, Keyword: "SELECT"}},
	{sql: "DESCRIBE TABLE t", want: Statement{Kind: Other, Keyword: "DESCRIBE"}},
	{sql: "CREATE TABLE t (format String) ENGINE = Memory", want: Statement{Kind: Other, Keyword: "CREATE"}},
	{sql: "INSERT INTO t (a, b) FORMAT Native", want: Statement{Kind: InsertData, Keyword: "INSERT", Text: "INSERT INTO t (a, b)", Format: "Native"}},
	{sql: "INSERT INTO t FORMAT Native\n\n\x00", want: Statement{Kind: InsertData, Keyword: "INSERT", Text: "INSERT INTO t", Format: "Native"}, data: "\n\x00"},
	{sql: "INSERT INTO t FORMAT CSV 1,2\n3,4;", want: Statement{Kind: InsertData, Keyword: "INSERT", Text: "INSERT INTO t", Format: "CSV"}, data: "1,2\n3,4;"},
	{sql: "INSERT INTO t FORMAT CSV;\r\n1;", want: Statement{Kind: InsertData, Keyword: "INSERT", Text: "INSERT INTO t", Format: "CSV"}, data: "1;"},
	{sql: "insert into `format` (`values`) settings async_insert=0 format JSONEachRow {\"a\":1}", want: Statement{Kind: InsertData, Keyword: "INSERT", Text: "insert into `format` (`values`) settings async_insert=0", Format: "JSONEachRow"}, data: "{\"a\":1}"},
	{sql: "INSERT INTO format FORMAT TSV\n1", want: Statement{Kind: InsertData, Keyword: "INSERT", Text: "INSERT INTO format", Format: "TSV"}, data: "1"},
	{sql: "INSERT INTO db.values (select, format) FORMAT TSV\n1", want: Statement{Kind: InsertData, Keyword: "INSERT", Text: "INSERT INTO db.values (select, format)", Format: "TSV"}, data: "1"},
	{sql: "INSERT INTO {t:Identifier} (a) FORMAT TSV\n1", want: Statement{Kind: InsertData, Keyword: "INSERT", Text: "INSERT INTO {t:Identifier} (a)", Format: "TSV"}, data: "1"},
	{sql: "INSERT INTO t", want: Statement{Kind: InsertData, Keyword: "INSERT", Text: "INSERT INTO t", Format: "Values"}},
	{sql: "INSERT INTO t (a) VALUES (1), ('it''s')", want: Statement{Kind: InsertValues, Keyword: "INSERT"}},
	{sql: "INSERT INTO t FORMAT Values (1)", want: Statement{Kind: InsertValues, Keyword: "INSERT"}},
	{sql: "INSERT INTO t -- FORMAT CSV\nVALUES ('FORMAT CSV')", want: Statement{Kind: InsertValues, Keyword: "INSERT"}},
	{sql: "INSERT INTO t SELECT * FROM u", want: Statement{Kind: InsertSelect, Keyword: "INSERT"}},
	{sql: "INSERT INTO t (a) (SELECT 1);", want: Statement{Kind: InsertSelect, Keyword: "INSERT", Text: "INSERT INTO t (a) (SELECT 1)"}},
	{sql: "INSERT INTO t WITH 1 AS x SELECT x", want: Statement{Kind: InsertSelect, Keyword: "INSERT"}},
	{sql: "INSERT INTO TABLE FUNCTION null('x UInt8') SELECT 1", want: Statement{Kind: InsertSelect, Keyword: "INSERT"}},
	{sql: "INSERT INTO t FROM INFILE 'f' FORMAT CSV", want: Statement{Kind: Other, Keyword: "INSERT", Format: "CSV", ClientFile: "FROM INFILE"}},
	{sql: "INSERT INTO t FORMAT", err: ErrIncomplete},
	{sql: "INSERT INTO `t", err: ErrIncomplete},
}

func TestParse(t *testing.T) {
	for _, c := range parseCases {
		t.Run(c.sql, func(t *testing.T) {
			got, err := Parse([]byte(c.sql), true)
			if !errors.Is(err, c.err) {
				t.Fatalf("error %v, want %v", err, c.err)
			}
			if err != nil {
				return
			}
			data := ""
			if got.Kind == InsertData {
				data = c.sql[got.Data:]
			}
			if data != c.data {
				t.Errorf("data %q, want %q", data, c.data)
			}
			if c.want.Text == "" {
				c.want.Text = c.sql
			}
			got.Data = 0
			if got != c.want {
				t.Errorf("got  %+v\nwant %+v", got, c.want)
			}
		})
	}
}

// A part of a statement is recognized exactly when nothing that follows can
// change what it means.
func TestParsePart(t *testing.T) {
	full := "INSERT /* x */ INTO t (a, `b`) SETTINGS async_insert = 0 FORMAT JSONEachRow\n{\"a\":1}"
	head := len("INSERT /* x */ INTO t (a, `b`) SETTINGS async_insert = 0 FORMAT JSONEachRow\n")
	for n := 1; n <= len(full); n++ {
		got, err := Parse([]byte(full[:n]), false)
		if n <= head {
			if err == nil {
				t.Fatalf("%q was taken for %+v", full[:n], got)
			}
			continue
		}
		if err != nil || got.Format != "JSONEachRow" || got.Data != head {
			t.Fatalf("%q: %+v, %v", full[:n], got, err)
		}
	}
	for _, sql := range []string{"SELECT 1", "INSERT INTO t VALUES (1)", "INSERT INTO t SELECT 1", "CREATE TABLE t (a Int8)"} {
		if got, err := Parse([]byte(sql), false); !errors.Is(err, ErrIncomplete) {
			t.Errorf("%q was taken for %+v, %v", sql, got, err)
		}
	}
}

func TestReadOnly(t *testing.T) {
	for sql, want := range map[string]bool{
		"SELECT 1": true, "(SELECT 1)": true, "SHOW TABLES": true, "EXPLAIN SELECT 1": true, "WITH 1 AS x SELECT x": true,
		"INSERT INTO t SELECT 1": false, "DROP TABLE t": false, "KILL QUERY WHERE 1": false, "INSERT INTO t VALUES (1)": false,
	} {
		stmt, err := Parse([]byte(sql), true)
		if err != nil {
			t.Fatal(err)
		}
		if stmt.ReadOnly() != want {
			t.Errorf("%q: ReadOnly %v", sql, !want)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{"INSERT INTO t FORMAT CSV\n1", "SELECT $a$x$a$ FORMAT JSON;", "/* */ WITH x AS (SELECT 1) INSERT", "‘“`\"'"} {
		f.Add([]byte(s), true)
	}
	f.Fuzz(func(t *testing.T, text []byte, whole bool) {
		stmt, err := Parse(text, whole)
		if err == nil && stmt.Kind == InsertData && (stmt.Data < 0 || stmt.Data > len(text)) {
			t.Fatalf("data at %d of %d", stmt.Data, len(text))
		}
	})
}
