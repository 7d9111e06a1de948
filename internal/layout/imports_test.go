package layout

import (
	"go/parser"
	"go/token"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const module = "ringside"

// direction says what the packages under a folder may import of this module. The longest matching folder rules.
type direction struct {
	folder string
	may    []string // folders; "=" in front: that package alone, not what is below it
}

var directions = []direction{
	{"", []string{"internal", "=store/embedded"}}, // main.go; the embedded store's child is the program itself
	{"ingest", []string{"ingest", "internal/invariants"}},
	{"aggregate", []string{"=ingest", "internal/invariants"}},
	{"aggregate/oracle", []string{"=aggregate", "=ingest"}},
	{"aggregate/scenario", []string{"=aggregate", "aggregate/oracle", "=ingest", "ingest/vendors", "internal/sim"}},
	{"store", []string{"store", "=aggregate", "=ingest", "internal/invariants"}},
	{"store/query", []string{"store/query"}}, // shared with the plugin, which has no engine
	{"store/schema", nil},
	{"store/embedded", []string{"store/embedded"}},
	{"benchmarks", []string{"benchmarks", "ingest", "aggregate", "store", "internal"}},
	{"internal", []string{"internal", "ingest", "aggregate", "store"}},
	{"internal/config", []string{"=aggregate", "=ingest"}},
	{"internal/invariants", nil},
	{"internal/sim", []string{"internal/sim", "=ingest", "=aggregate"}}, // rows as the truth to expect, not the core's answers
	{"internal/layout", nil},
	{"grafana-plugin", []string{"grafana-plugin", "=store/query"}}, // a module of its own, without the engine
	{"grafana-plugin/pkg/catalogue", nil},
	{"grafana-plugin/pkg/cache", nil},
	{"grafana-plugin/pkg/live", nil},
	{"grafana-plugin/pkg/model", []string{"=grafana-plugin/pkg/catalogue"}},
	{"grafana-plugin/pkg/sqlmacro", []string{"=store/query"}},
	{"scripts", nil},
}

// forbidden are packages outside this module that a folder must not import.
var forbidden = []struct {
	folder, prefix, reason string
}{
	{"store/query", "github.com/ClickHouse/", "the plugin brings its own driver"},
	{"aggregate", "github.com/ClickHouse/", "the core does no I/O"},
	{"aggregate", "github.com/segmentio/kafka-go", "the core does no I/O"},
	{"ingest/vendors", "net", "a decoder maps bytes to an event"},
	{"ingest/vendors", "os", "a decoder maps bytes to an event"},
	{"ingest/scan", "os", "a scanner maps bytes to values"},
}

func under(pkg, folder string) bool {
	return folder == "" || pkg == folder || strings.HasPrefix(pkg, folder+"/")
}

func directionOf(pkg string) direction {
	var best direction
	for _, d := range directions {
		if d.folder == "" && pkg != "" {
			continue
		}
		if under(pkg, d.folder) && len(d.folder) >= len(best.folder) {
			best = d
		}
	}
	return best
}

// allowed tells whether package from may import package to; both are relative to the module.
func allowed(from, to string) bool {
	return slices.ContainsFunc(directionOf(from).may, func(folder string) bool {
		if exact, ok := strings.CutPrefix(folder, "="); ok {
			return to == exact
		}
		return under(to, folder)
	})
}

// Imports go one way: main → internal → ingest, aggregate, store; store → aggregate → ingest.
func TestImportDirections(t *testing.T) {
	imports := 0
	files(t, func(file string) {
		if filepath.Ext(file) != ".go" || strings.HasSuffix(file, "_test.go") || strings.Contains(file, "testdata/") {
			return
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), filepath.Join(root, file), nil, parser.ImportsOnly)
		if err != nil {
			t.Error(err)
			return
		}
		from := path.Dir(file)
		if from == "." {
			from = ""
		}
		for _, i := range parsed.Imports {
			name, err := strconv.Unquote(i.Path.Value)
			if err != nil {
				t.Fatal(err)
			}
			to, ours := strings.CutPrefix(name, module+"/")
			if ours {
				imports++
			}
			if ours && !allowed(from, to) {
				t.Errorf("%s imports %s; packages under %q may import %q only", file, name, directionOf(from).folder, directionOf(from).may)
			}
			for _, f := range forbidden {
				if under(from, f.folder) && (name == f.prefix || strings.HasPrefix(name, strings.TrimSuffix(f.prefix, "/")+"/")) {
					t.Errorf("%s imports %s: %s", file, name, f.reason)
				}
			}
		}
	})
	if imports < 10 {
		t.Errorf("only %d imports within the module were seen: is %q the repository?", imports, root)
	}
}

func TestAllowed(t *testing.T) {
	tests := []struct {
		from, to string
		want     bool
	}{
		{"", "internal/cli", true}, {"", "store", false},
		{"internal/engine", "store/query", true}, {"internal/engine", "ingest/kafka", true},
		{"ingest/kafka", "ingest/scan", true}, {"ingest/kafka", "aggregate", false}, {"ingest", "store", false},
		{"aggregate", "ingest", true}, {"aggregate", "ingest/scan", false}, {"aggregate", "store", false},
		{"store", "aggregate", true}, {"store", "ingest/kafka", false}, {"store", "internal/engine", false},
		{"store/query", "store", false}, {"store/query", "aggregate", false},
		{"internal/sim", "store", false}, {"internal/config", "store", false},
		{"grafana-plugin/pkg", "store/query", true}, {"grafana-plugin/pkg", "store", false},
		{"somewhere", "ingest", false},
	}
	for _, k := range tests {
		if got := allowed(k.from, k.to); got != k.want {
			t.Errorf("%q imports %q: allowed is %v, want %v", k.from, k.to, got, k.want)
		}
	}
}
