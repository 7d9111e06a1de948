package sqlmacro

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"ringside/store/query"
)

var (
	one    = uuid.MustParse("00000000-0000-0000-0000-000000000001")
	values = Values{Filter: query.Filter{Organizations: []uuid.UUID{one}}, From: time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC),
		To: time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC), Interval: time.Minute, Zone: "Europe/Helsinki"}
)

func TestExpand(t *testing.T) {
	for _, c := range []struct{ sql, want string }{
		{"SELECT 1 ; ", "SELECT 1"},
		{"SELECT * FROM calls WHERE $__timeFilter(begun_at)", "SELECT * FROM calls WHERE (begun_at >= {macro_from:DateTime64(6, 'UTC')} AND begun_at < {macro_to:DateTime64(6, 'UTC')})"},
		{"SELECT $__timeFrom, $__timeTo(), $__interval_s", "SELECT {macro_from:DateTime64(6, 'UTC')}, {macro_to:DateTime64(6, 'UTC')}, {macro_interval:Int64}"},
		{"SELECT $__timeInterval(coalesce(a, (b))) FROM t", "SELECT toStartOfInterval(toDateTime(coalesce(a, (b))), toIntervalSecond({macro_interval:Int64}), {macro_zone:String}) FROM t"},
		{"SELECT '$__timeFrom', `$__timeFrom`, /* $__timeFrom */ 1 -- $__timeFrom", "SELECT '$__timeFrom', `$__timeFrom`, /* $__timeFrom */ 1 -- $__timeFrom"},
		{"SELECT 'it''s \\' $__x'", "SELECT 'it''s \\' $__x'"},
		{"WITH 1 AS x SELECT $__queueFilter(queue_id) AND $__organizationFilter(o)", "WITH 1 AS x SELECT ({macro_all_queues:Bool} OR queue_id IN {macro_queues:Array(UUID)}) AND ({macro_all_organizations:Bool} OR o IN {macro_organizations:Array(UUID)})"},
		{"SELECT $__timeFilter($__timeFrom)", "SELECT ({macro_from:DateTime64(6, 'UTC')} >= {macro_from:DateTime64(6, 'UTC')} AND {macro_from:DateTime64(6, 'UTC')} < {macro_to:DateTime64(6, 'UTC')})"},
		{"(SELECT 1) UNION ALL (SELECT 2)", "(SELECT 1) UNION ALL (SELECT 2)"},
		{"SELECT url, file FROM t WHERE remote > 1 AND format = 'x'", "SELECT url, file FROM t WHERE remote > 1 AND format = 'x'"},
		{"SELECT 'url(''x'')', URLHash(url) FROM t", "SELECT 'url(''x'')', URLHash(url) FROM t"},
	} {
		s, err := Expand(c.sql, values)
		if err != nil || s.SQL != c.want {
			t.Errorf("%s\n got %s, %v\nwant %s", c.sql, s.SQL, err, c.want)
		}
	}
}

func TestRefused(t *testing.T) {
	for sql, why := range map[string]string{
		"":                                    "empty",
		" -- nothing":                         "empty",
		"INSERT INTO t VALUES (1)":            "only reading",
		"DROP TABLE t":                        "only reading",
		"SET x = 1":                           "only reading",
		"ALTER TABLE t DELETE WHERE 1":        "only reading",
		"SELECT 1; SELECT 2":                  "several statements",
		"SELECT 1; DROP TABLE t":              "several statements",
		"SELECT * FROM url('http://x')":       "beyond",
		"SELECT * FROM URL /* x */ ('h')":     "beyond",
		"SELECT * FROM `url`('http://x')":     "beyond",
		"SELECT * FROM \"u\\x72l\"('h')":      "beyond",
		"SELECT * FROM `u\\x72l`('h')":        "beyond",
		"SELECT * FROM s3Cluster('c','u')":    "beyond",
		"SELECT * FROM remoteSecure('h',t)":   "beyond",
		"SELECT file('/etc/passwd')":          "beyond",
		"SELECT * FROM executable('x','y')":   "beyond",
		"SELECT sleepEachRow(3) FROM t":       "beyond",
		"SELECT * FROM Python('x')":           "beyond",
		"SELECT dictGet('d','a',1)":           "beyond",
		"DESCRIBE TABLE mysql('h','d','t')":   "beyond",
		"SELECT * FROM 'x.csv'":               "file",
		"SELECT * FROM default.`x.csv`":       "file",
		"SELECT * FROM default.\"/etc/x\"":    "file",
		"SELECT 1 INTO OUTFILE 'x'":           "OUTFILE",
		"SELECT 1 FORMAT JSON":                "FORMAT",
		"SELECT 1 FORMAT JSON;":               "FORMAT",
		"SELECT $$ url( $$":                   "$ begins macros only",
		"SELECT a$x$, url('h') AS b$x$":       "$ begins macros only",
		"SELECT $__x$ url('h') $__x$":         "$ begins macros only",
		"SELECT ‘'’, url('h'), ‘'’":           "typographic",
		"SELECT * FROM loop\u00a0(t)":         "beyond",
		"SELECT 'x":                           "no closing",
		"SELECT /* x":                         "no end",
		"SELECT $__nothing":                   "no macro",
		"SELECT $__timeFilter":                "needs a column",
		"SELECT $__timeFilter()":              "needs a column",
		"SELECT $__timeFilter(a -- )\n)":      "without comments",
		"SELECT $__timeFilter(a # )\n)":       "without comments",
		"SELECT {macro_from:String}":          "kept for macros",
		"EXPLAIN SELECT * FROM file('x')":     "beyond",
		"WITH url('x') AS a SELECT a":         "beyond",
		"SELECT * FROM t WHERE x IN url('x')": "beyond",
	} {
		if _, err := Expand(sql, values); err == nil || !strings.Contains(err.Error(), why) {
			t.Errorf("%s: %v, want … %s …", sql, err, why)
		}
	}
}

// What is chosen changes parameters, never the text.
func TestValuesDoNotChangeTheText(t *testing.T) {
	const sql = "SELECT * FROM calls WHERE $__timeFilter(a) AND $__dateFilter(b) AND $__organizationFilter(c) AND $__queueFilter(d) AND $__groupFilter(e) AND $__agentFilter(f) AND $__timeZone = $__interval_s GROUP BY $__timeInterval(g)"
	first, err := Expand(sql, values)
	if err != nil {
		t.Fatal(err)
	}
	random := rand.New(rand.NewPCG(1, 2))
	ids := func() (list []uuid.UUID) {
		for range random.IntN(4) {
			list = append(list, uuid.New())
		}
		return list
	}
	zones := []string{"", "UTC", "'; DROP TABLE calls --", "{x:String}", "\\", "\x00"}
	for range 1000 {
		v := Values{Filter: query.Filter{Organizations: ids(), AllOrganizations: random.IntN(2) == 0, Queues: ids(), Groups: ids(), Agents: ids()},
			From: time.Unix(random.Int64N(1e9), 0), To: time.Unix(random.Int64N(1e9), 0), Interval: time.Duration(random.Int64N(1e15)), Zone: zones[random.IntN(len(zones))]}
		s, err := Expand(sql, v)
		if err != nil || s.SQL != first.SQL || len(s.Parameters) != len(first.Parameters) {
			t.Fatalf("%+v: %v\n%s", v, err, s.SQL)
		}
		for _, p := range s.Parameters {
			if !strings.Contains(s.SQL, "{"+p.Name+":") {
				t.Fatalf("%s has no place", p.Name)
			}
		}
	}
}

// Whatever is written, the scanner gives it back whole, and never panics.
func FuzzScan(f *testing.F) {
	for _, sql := range []string{"SELECT 'a' -- b\n, `c`", "$x$ y $x$", "/**/", "\\", "'\\", "$__timeFilter((a)", "\xff"} {
		f.Add(sql)
	}
	f.Fuzz(func(t *testing.T, sql string) {
		tokens, err := scan(sql)
		if err != nil {
			return
		}
		if got := join(tokens); got != sql {
			t.Errorf("%q became %q", sql, got)
		}
		_, _ = Expand(sql, values)
	})
}

func ExampleExpand() {
	s, _ := Expand("SELECT count() FROM calls WHERE $__timeFilter(begun_at)", values)
	fmt.Println(s.SQL)
	fmt.Println(s.Parameters[0].Name, s.Parameters[0].Value)
	// Output:
	// SELECT count() FROM calls WHERE (begun_at >= {macro_from:DateTime64(6, 'UTC')} AND begun_at < {macro_to:DateTime64(6, 'UTC')})
	// macro_from 2026-03-01 00:00:00.000000
}
