package enreach

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"ringside/ingest"
)

// What is subscribed to is what the core and the reconciliation make something of: every type that their source names.
func TestSubscriptionsAreWhatIsUsed(t *testing.T) {
	used := map[ingest.Type]bool{}
	for _, folder := range []string{"aggregate", "internal/reconcile"} {
		names, err := filepath.Glob(filepath.Join("../../..", folder, "*.go"))
		if err != nil || len(names) < 5 {
			t.Fatalf("%s: %d files, %v", folder, len(names), err)
		}
		for _, name := range names {
			if strings.HasSuffix(name, "_test.go") {
				continue
			}
			parsed, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.SkipObjectResolution)
			if err != nil {
				t.Fatal(err)
			}
			ast.Inspect(parsed, func(n ast.Node) bool {
				if s, ok := n.(*ast.SelectorExpr); ok {
					if from, ok := s.X.(*ast.Ident); ok && from.Name == "ingest" {
						used[ingest.TypeByName([]byte(s.Sel.Name))] = true
					}
				}
				return true
			})
		}
	}
	delete(used, ingest.TypeUnknown) // other names of the package
	listed := map[ingest.Type]bool{}
	for _, s := range Subscriptions {
		if listed[s.Type] || s.Buys == "" {
			t.Errorf("%s is listed twice, or buys nothing", s.Type)
		}
		listed[s.Type] = true
		if !used[s.Type] {
			t.Errorf("%s is listed, and used nowhere", s.Type)
		}
	}
	for u := range used {
		if !listed[u] {
			t.Errorf("%s is used, and not listed", u)
		}
	}
	if !slices.IsSortedFunc(Subscriptions, func(a, b Subscription) int { return int(a.Type) - int(b.Type) }) {
		t.Error("the order is not that of the document")
	}
}
