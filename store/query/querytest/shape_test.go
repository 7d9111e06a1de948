package querytest

import (
	"flag"
	"fmt"
	"math"
	"math/rand/v2"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"ringside/store/query"
)

var variables = flag.Int("variables", 100_000, "how many hostile variables TestHostileVariables tries")

var placeholder = regexp.MustCompile(`\{(\w+):[^}]+\}`)

// Every placeholder has a value and every value a placeholder: ClickHouse refuses the former and ignores the latter.
func TestParametersMatchPlaceholders(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 200 {
		for name, s := range Every(anyFilter(r), anyValues(r, anyText(r))) {
			wanted := map[string]bool{}
			for _, m := range placeholder.FindAllStringSubmatch(s.SQL, -1) {
				wanted[m[1]] = true
			}
			for _, p := range s.Parameters {
				if !wanted[p.Name] {
					t.Fatalf("%s: %s is no placeholder, or is there twice", name, p.Name)
				}
				delete(wanted, p.Name)
			}
			for p := range wanted {
				t.Fatalf("%s: {%s} has no value", name, p)
			}
		}
	}
}

// A caller that forgets to choose organizations must not see anybody's rows.
func TestEmptyFilterSeesNothing(t *testing.T) {
	for name, s := range Every(query.Filter{}, anyValues(rand.New(rand.NewPCG(3, 4)), "")) {
		if name == "Schema" { // has nobody's rows
			continue
		}
		found := false
		for _, p := range s.Parameters {
			if p.Name == "organizations" {
				found = len(p.Value.([]string)) == 0
			}
		}
		// Every table that is read is limited, not just one of them: wait_buckets alone has nobody's rows.
		reads := len(readsTable.FindAllString(s.SQL, -1))
		limits := strings.Count(s.SQL, "organization_id IN {organizations:Array(UUID)}")
		if !found || limits < reads {
			t.Errorf("%s: reads %d tables and limits %d to organizations:\n%s", name, reads, limits, s.SQL)
		}
	}
}

var readsTable = regexp.MustCompile(`(FROM|JOIN) (calls|events|late_events|accounting|queue|agent|callback|reconciliation|rejects|organizations|recovered)\w*`)

// What a value says changes parameters, never the text; with -variables as many as are asked for.
func TestHostileVariables(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	tried := 0
	for tried < *variables {
		n, err := sameShape(r, anyText(r))
		if err != nil {
			t.Fatal(err)
		}
		tried += n
	}
	t.Logf("%d hostile variables in %d functions", tried, len(Every(query.Filter{}, Values{})))
}

func FuzzStatements(f *testing.F) {
	for i, text := range hostile {
		f.Add(uint64(i), text)
	}
	f.Fuzz(func(t *testing.T, seed uint64, text string) {
		if _, err := sameShape(rand.New(rand.NewPCG(seed, 7)), text); err != nil {
			t.Fatal(err)
		}
	})
}

// sameShape makes every statement with hostile values and again with tame ones that are as many, and compares the texts. It
// returns how many hostile values there were.
func sameShape(r *rand.Rand, text string) (tried int, err error) {
	f, v := anyFilter(r), anyValues(r, text)
	bad := Every(f, v)
	tame := Values{From: time.Unix(1e9, 0), To: time.Unix(1e9+3600, 0), Step: 15 * time.Minute, Text: "x", Limit: 1}
	// What a text may depend on: whether a step is asked for at all, and whether it is of days; whether there is a zone.
	switch {
	case v.Step <= 0:
		tame.Step = 0
	case v.Step > 24*time.Hour-15*time.Minute:
		tame.Step = 24 * time.Hour
	}
	if text == "" {
		tame.Text = ""
	}
	one := func(ids []uuid.UUID) []uuid.UUID { return make([]uuid.UUID, min(len(ids), 1)) }
	plain := Every(query.Filter{AllOrganizations: f.AllOrganizations, Organizations: one(f.Organizations), Queues: one(f.Queues), Groups: one(f.Groups),
		Agents: one(f.Agents), CallLists: one(f.CallLists)}, tame)
	for name, s := range bad {
		if s.SQL != plain[name].SQL {
			return tried, fmt.Errorf("%s: the text depends on values:\n%s\nand with tame ones\n%s\nvalues %#v, %#v", name, s.SQL, plain[name].SQL, f, v)
		}
		for _, p := range s.Parameters {
			tried++
			if err := checkValue(p); err != nil {
				return tried, fmt.Errorf("%s: %w", name, err)
			}
		}
	}
	return tried, nil
}

// checkValue: texts are what was given, wherever a text is taken; everything else has the form of its type.
func checkValue(p query.Parameter) error {
	switch v := p.Value.(type) {
	case string:
		switch p.Name {
		case "search", "variant", "zone":
			return nil
		case "call":
			_, err := uuid.Parse(v)
			return err
		case "percentiles", "bounds_sec":
			if !numbersForm.MatchString(v) {
				return fmt.Errorf("{%s} is %q", p.Name, v)
			}
			return nil
		}
		if !timeForm.MatchString(v) {
			return fmt.Errorf("{%s} is %q", p.Name, v)
		}
		return nil
	case []string:
		for _, s := range v {
			if _, err := uuid.Parse(s); err != nil && p.Name != "outcomes" && p.Name != "directions" {
				return fmt.Errorf("{%s} has %q: %w", p.Name, s, err)
			}
		}
		return nil
	case int64:
		if (p.Name == "limit" || p.Name == "step") && v <= 0 {
			return fmt.Errorf("{%s} is %d", p.Name, v)
		}
		return nil
	}
	return fmt.Errorf("{%s} is a %T, which no caller expects", p.Name, p.Value)
}

var timeForm = regexp.MustCompile(`^-?\d{4,}-\d\d-\d\d( \d\d:\d\d:\d\d\.\d{6})?$`)

var numbersForm = regexp.MustCompile(`^\[[0-9.e,+-]*\]$`)

// hostile are beginnings of what people have tried elsewhere.
var hostile = []string{"", "'", "''", `\`, `\'`, `\\'`, "`", `"`, "--", "/*", "*/", "#", ";", "') OR 1=1 --", "' UNION ALL SELECT * FROM calls --", "{x:String}",
	"{organizations:Array(UUID)}", "}", "{", "$__all", "*", "%", "_", "?", ":1", "@p", "$1", "\x00", "\n", "\r\n", "\t", "\x1a", "\xff", "\xbf'", "\u2019", "\uFF07",
	"\u0000'", "Europe/Helsinki", "UTC'); DROP TABLE calls_versions; --", "ignore_short_abandons", "NULL", "0", "-1", "1e999", "0x27", "char(39)", "FORMAT JSON",
	"SETTINGS max_rows = 0", "INTO OUTFILE '/tmp/x'", "url('http://a')", "[']", "\\x27", "&#39;", "%27", "🦄", strings.Repeat("'", 1000)}

// anyText puts a few of them together.
func anyText(r *rand.Rand) string {
	var text strings.Builder
	for range 1 + r.IntN(4) {
		if r.IntN(8) == 0 {
			text.WriteByte(byte(r.Uint32()))
		}
		text.WriteString(hostile[r.IntN(len(hostile))])
	}
	return text.String()
}

func anyIDs(r *rand.Rand) []uuid.UUID {
	ids := make([]uuid.UUID, max(r.IntN(6)-2, 0))
	for i := range ids {
		for j := range ids[i] {
			ids[i][j] = byte(r.Uint32())
		}
	}
	return ids
}

func anyFilter(r *rand.Rand) query.Filter {
	return query.Filter{AllOrganizations: r.IntN(4) == 0, Organizations: anyIDs(r), Queues: anyIDs(r), Groups: anyIDs(r), Agents: anyIDs(r), CallLists: anyIDs(r)}
}

func anyValues(r *rand.Rand, text string) Values {
	instants := []time.Time{{}, time.Unix(0, 0), time.Unix(1.7e9, 123_456_789), time.Unix(math.MaxInt32, 0), time.Date(9999, 12, 31, 23, 59, 59, 999_999_999, time.FixedZone("", -14*3600)),
		time.Unix(r.Int64N(4e9), r.Int64N(1e9)).In(time.FixedZone("'", r.IntN(86_400)-43_200))}
	steps := []time.Duration{0, -1, 1, time.Second, 15 * time.Minute, time.Hour, 24 * time.Hour, 7 * 24 * time.Hour, 1 << 62, math.MinInt64, time.Duration(r.Int64() >> 1)}
	v := Values{From: instants[r.IntN(len(instants))], To: instants[r.IntN(len(instants))], Step: steps[r.IntN(len(steps))], Text: text, Limit: int(r.Uint64())}
	if ids := anyIDs(r); len(ids) > 0 {
		v.ID = ids[0]
	}
	return v
}
